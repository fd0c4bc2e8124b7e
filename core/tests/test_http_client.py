# SPDX-License-Identifier: Apache-2.0
import datetime as dt
import itertools
import json
import logging

import httpx
import pytest

from swath._http.client import HttpClient, Settings, call, watch_once
from swath._http.origins import Origins
from swath.auth import HeaderAuth, Token, TokenAuth
from swath.errors import (
    ConfigurationError,
    Gone,
    InvalidCredentials,
    NotEntitled,
    NotFound,
    QuotaExceeded,
    RateLimited,
    Rejected,
    SwathError,
    Unavailable,
    UnexpectedResponse,
)
from swath.hookspecs import Operation
from swath.models import Secret
from swath.testing.clock import FakeClock

API = "https://api.example.test"
CANARY = "canary-secret-7f3a"


def client(handler, *, clock=None, auth=None, **more):
    settings = Settings(
        provider="example",
        account=more.pop("account", "acc"),
        origins=Origins([API]),
        clock=clock or FakeClock(),
        secrets=(Secret(CANARY),),
        transport=httpx.MockTransport(handler),
        **more,
    )
    return HttpClient(settings, auth if auth is not None else HeaderAuth("Authorization", Secret(f"Bearer {CANARY}")))


def counting(*answers):
    """Answer with each in turn, the last for ever; exceptions are raised."""
    seen = []

    def handler(request):
        seen.append(request)
        answer = answers[min(len(seen), len(answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return handler, seen


@pytest.mark.parametrize("operation", [Operation.READ, Operation.WRITE])
@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_p19_passing_status_is_tried_again_when_replayable(operation, status):
    handler, seen = counting(httpx.Response(status), httpx.Response(status), httpx.Response(200))

    client(handler).request("POST", f"{API}/x", operation=operation)

    assert len(seen) == 3


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 410, 422, 501, 505])
def test_p19_final_status_is_never_tried_again(status):
    handler, seen = counting(httpx.Response(status))

    with pytest.raises(SwathError):
        client(handler).request("GET", f"{API}/x")

    assert len(seen) == 1


@pytest.mark.parametrize(
    "failure",
    [
        httpx.Response(500),
        httpx.Response(503),
        httpx.Response(429),
        httpx.ReadTimeout("silent"),
        httpx.ReadError("reset"),
        httpx.RemoteProtocolError("closed"),
        httpx.WriteError("pipe"),
    ],
)
def test_p01_operation_once_leaves_once_whatever_happens(failure):
    handler, seen = counting(failure)

    with watch_once() as sent, pytest.raises(SwathError):
        client(handler).request("POST", f"{API}/orders", operation=Operation.ONCE)

    assert len(seen) == 1
    assert sent.any


@pytest.mark.parametrize("failure", [httpx.ConnectError("refused"), httpx.ConnectTimeout("slow")])
def test_p01_operation_once_is_tried_again_only_before_it_left(failure):
    handler, seen = counting(failure, failure, httpx.Response(200))

    with watch_once() as sent:
        client(handler).request("POST", f"{API}/orders", operation=Operation.ONCE)

    assert len(seen) == 3
    assert sent.any


def test_p01_outcome_is_unknown_only_where_the_request_may_have_arrived():
    outcomes = {}
    for name, failure in {
        "500": httpx.Response(500),
        "reset": httpx.ReadError("reset"),
        "refused": httpx.ConnectError("refused"),
        "400": httpx.Response(400),
    }.items():
        handler, _ = counting(failure)
        with pytest.raises(SwathError) as caught:
            client(handler).request("POST", f"{API}/orders", operation=Operation.ONCE)
        outcomes[name] = caught.value.outcome_unknown

    assert outcomes == {"500": True, "reset": True, "refused": False, "400": False}


def test_p19_attempts_end_and_the_error_counts_them():
    handler, seen = counting(httpx.ConnectError("refused"))

    with pytest.raises(Unavailable, match=r"after 6 tries"):
        client(handler).request("GET", f"{API}/x")

    assert len(seen) == 6


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_p18_retry_after_is_honoured_in_both_forms(form):
    clock = FakeClock()
    value = "7" if form == "seconds" else "Thu, 01 Jan 2026 00:00:07 GMT"
    handler, _ = counting(httpx.Response(429, headers={"Retry-After": value}), httpx.Response(200))

    client(handler, clock=clock).request("GET", f"{API}/x")

    assert 7 <= clock.sleeps[0] < 7.2


def test_p18_clients_of_one_account_share_one_pace():
    clock = FakeClock()
    handler, seen = counting(httpx.Response(200))
    one = client(handler, clock=clock, limits={"default": 5.0})
    other = client(handler, clock=clock, limits={"default": 5.0})

    for _ in range(50):
        one.request("GET", f"{API}/x")
        other.request("GET", f"{API}/x")

    assert len(seen) == 100
    assert clock.monotonic() == pytest.approx(99 / 5, rel=0.05)


def test_p18_accounts_have_paces_of_their_own():
    clock = FakeClock()
    handler, _ = counting(httpx.Response(200))
    clients = [client(handler, clock=clock, limits={"default": 1.0}, account=name) for name in "ab"]

    for each in clients:
        each.request("GET", f"{API}/x")

    assert clock.monotonic() == 0


@pytest.mark.parametrize(("store", "waited_s"), [("https://store.example.test/x", 1.0), (f"{API}/elsewhere", 3.0)])
def test_p18_pace_counts_what_the_service_serves_and_not_its_store(store, waited_s):
    clock = FakeClock()
    start = f"{API}/download"

    def handler(request):
        return httpx.Response(302, headers={"Location": store}) if str(request.url) == start else httpx.Response(200)

    one = client(handler, clock=clock, limits={"default": 1.0})
    for _ in range(2):
        one.request("GET", start)

    assert clock.monotonic() == pytest.approx(waited_s, rel=0.05)
    assert clock.monotonic() > waited_s, "a little room, so that jitter is not refused"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Rejected),
        (401, InvalidCredentials),
        (402, QuotaExceeded),
        (403, NotEntitled),
        (404, NotFound),
        (409, Rejected),
        (410, Gone),
        (429, RateLimited),
        (501, Unavailable),
    ],
)
def test_p30_status_becomes_the_error_to_act_on(status, kind):
    handler, _ = counting(httpx.Response(status, json={"message": "because"}, headers={"x-request-id": "r-1"}))

    with pytest.raises(kind) as caught:
        client(handler).request("GET", f"{API}/x")

    assert type(caught.value) is kind
    assert caught.value.status_code == status
    assert caught.value.request_id == "r-1"
    assert "because" in str(caught.value)


def test_error_body_is_read_whatever_its_form():
    bodies = [
        {"field": {"Details": [{"message": "no such item"}]}, "general": [{"message": "Unable to accept order"}]},
        {"error": {"reason": "schema", "details": ["a", "b"]}},
        {"errorCode": 3, "errorMessage": "bad WKT"},
    ]
    said = []
    for body in bodies:
        handler, _ = counting(httpx.Response(400, json=body))
        with pytest.raises(Rejected) as caught:
            client(handler).request("GET", f"{API}/x")
        said.append(caught.value.details["said"])

    assert said == ["Unable to accept order; Details: no such item", "schema; a; b", "bad WKT"]


CHAINS = {
    "same origin": (f"{API}/a", [f"{API}/b"], True),
    "look-alike host": (f"{API}/a", ["https://api.example.test.evil.test/b"], False),
    "other port": (f"{API}/a", ["https://api.example.test:8443/b"], False),
    "sub-domain": (f"{API}/a", ["https://x.api.example.test/b"], False),
    "there and back": (f"{API}/a", ["https://cdn.test/b", f"{API}/c"], True),
    "user information": (f"{API}/a", ["https://api.example.test@evil.test/b"], False),
}


@pytest.mark.parametrize("name", CHAINS)
def test_p28_each_redirect_is_judged_again(name):
    start, hops, signed_at_end = CHAINS[name]
    seen = []

    def handler(request):
        seen.append(request)
        if len(seen) <= len(hops):
            return httpx.Response(302, headers={"Location": hops[len(seen) - 1]})
        return httpx.Response(200)

    client(handler, auth=HeaderAuth("X-Api-Key", Secret(CANARY))).request("GET", start)

    assert ("x-api-key" in seen[-1].headers) is signed_at_end
    for request in seen:
        if request.url.host != "api.example.test" or request.url.port is not None:
            assert CANARY not in str(request.headers.raw)


def test_p28_redirect_from_https_to_http_is_refused():
    handler, seen = counting(httpx.Response(302, headers={"Location": "http://api.example.test/b"}))

    with pytest.raises(UnexpectedResponse, match="refused"):
        client(handler).request("GET", f"{API}/a")

    assert len(seen) == 1


def test_p28_other_origins_are_never_signed():
    handler, seen = counting(httpx.Response(200))

    client(handler).request("GET", "https://elsewhere.test/file")

    assert "authorization" not in seen[0].headers


@pytest.mark.parametrize(
    "failure",
    [
        httpx.Response(401, text=f"bad key {CANARY}"),
        httpx.Response(500, json={"message": f"token {CANARY} exploded"}),
        httpx.ReadError(f"https://x.test/?sig={CANARY} broke"),
    ],
)
def test_p27_no_error_or_log_repeats_a_secret(failure, caplog):
    handler, _ = counting(failure)
    caplog.set_level(logging.DEBUG)

    with pytest.raises(SwathError) as caught:
        client(handler).request("GET", f"{API}/x?api_key={CANARY}")

    assert CANARY not in str(caught.value) + repr(caught.value.__dict__) + caplog.text
    assert caplog.records


def test_p27_signed_urls_lose_their_query_in_httpx_own_log(caplog):
    handler, _ = counting(httpx.Response(200))
    caplog.set_level(logging.DEBUG)

    with client(handler).stream("GET", "https://store.test/file.tif?X-Signature=abc&token=def"):
        pass

    assert "file.tif" in caplog.text
    assert "abc" not in caplog.text
    assert "def" not in caplog.text


def token_client(handler, fetches, lifetime_s=3600):
    class Cache:
        kept = None

        def get(self, fetch, *, margin_s, not_this=None):
            if self.kept is None or self.kept == not_this:
                self.kept = fetch(self.kept)
            return self.kept

        def held(self):
            return self.kept

    class FakeContext:
        tokens = Cache()

    def fetch(old):
        fetches.append(old)
        return Token(value=Secret(f"token-{len(fetches)}"), expires=dt.datetime(2027, 1, 1, tzinfo=dt.UTC))

    auth = TokenAuth(FakeContext(), fetch, lambda token: ("Authorization", f"Token {token.value.reveal()}"))
    return client(handler, auth=auth)


def test_p16_dead_token_is_renewed_once_and_the_request_sent_again():
    fetches = []

    def handler(request):
        return httpx.Response(200 if request.headers["authorization"] == "Token token-2" else 401)

    response = token_client(handler, fetches).request("GET", f"{API}/x")

    assert response.status_code == 200
    assert len(fetches) == 2


def test_p16_second_401_is_an_error():
    fetches = []
    handler, seen = counting(httpx.Response(401))

    with pytest.raises(InvalidCredentials):
        token_client(handler, fetches).request("GET", f"{API}/x")

    assert len(seen) == 2


def test_json_body_is_compact_and_params_merge():
    handler, seen = counting(httpx.Response(200))

    client(handler).request("POST", f"{API}/x?a=1", params={"b": "2"}, json={"é": [1, 2]})

    assert seen[0].content == '{"é":[1,2]}'.encode()
    assert dict(seen[0].url.params) == {"a": "1", "b": "2"}
    assert json.loads(seen[0].content) == {"é": [1, 2]}


def test_accepted_status_is_an_answer():
    handler, _ = counting(httpx.Response(409))

    assert client(handler).request("PUT", f"{API}/x", accept=(409,)).status_code == 409


def test_url_that_is_none_is_a_clear_error():
    handler, _ = counting(httpx.Response(200))

    with pytest.raises(ConfigurationError, match="no URL"):
        client(handler).request("GET", "https://host:port/")


def test_stream_gives_the_body_unread_and_errors_by_status():
    handler, _ = counting(httpx.Response(200, content=b"abc"), httpx.Response(410, text="gone"))
    made = client(handler)

    with made.stream("GET", f"{API}/x") as response:
        body = response.read()

    assert body == b"abc"
    with pytest.raises(Gone), made.stream("GET", f"{API}/x"):
        pass


def test_p60_all_lines_of_one_call_carry_one_id(caplog):
    handler, _ = counting(httpx.Response(200))
    made = client(handler)
    caplog.set_level(logging.DEBUG, logger="swath")

    with call("search") as outer:
        made.request("GET", f"{API}/a")
        with call("inner") as inner:
            made.request("GET", f"{API}/b")

    assert inner == outer
    assert all(outer in record.getMessage() for record in caplog.records if record.name == "swath.http")


def test_p18_a_thread_that_wakes_late_brings_no_request_nearer():
    """A clock that oversleeps: whatever leaves late, the next one keeps its distance."""

    class Sleepy(FakeClock):
        late = 0

        def sleep(self, seconds, *, wake=None):
            self.late += 1
            return super().sleep(seconds + (0.07 if self.late % 3 == 0 else 0.0), wake=wake)

    clock = Sleepy()
    left = []

    def handler(_request):
        left.append(clock.monotonic())
        return httpx.Response(200)

    one = client(handler, clock=clock, limits={"default": 10.0})
    for _ in range(60):
        one.request("GET", f"{API}/x")

    assert all(after - before > 0.1 for before, after in itertools.pairwise(left))

# SPDX-License-Identifier: Apache-2.0
"""Tokens, rates and patience over real sockets, with time in the test's hand."""

import contextlib
import datetime as dt
import hashlib
import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count, pairwise

import httpx
import pytest

from swath._http.client import HttpClient, Settings
from swath._http.crowd import Crowd
from swath._http.origins import Origins
from swath._http.retry import RetryPolicy
from swath._open import make_provider
from swath.auth import HeaderAuth, Token, TokenAuth
from swath.errors import InvalidCredentials, Unavailable
from swath.hookspecs import Operation, hookimpl
from swath.models import Asset, CredentialField, Order, OrderState, Page, ProviderInfo, Secret, SettingField
from swath.testing.clock import FakeClock

FILES = 20
LIFE_S = 2.0
STEP_S = 0.15
"""What each request takes, on the clock that server and client go by."""


class Service:
    """A provider whose tokens live two seconds; its clock may differ from the client's."""

    def __init__(self, clock, skew_s=0.0):
        self.clock, self.skew = clock, dt.timedelta(seconds=skew_s)
        self.tokens, self.refused, self.looks, self.orders = {}, 0, 0, 0
        self.lock = threading.Lock()
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                self.answer()

            def do_POST(self):
                self.rfile.read(int(self.headers.get("content-length", 0)))
                self.answer()

            def answer(self):
                with service.lock:
                    status, body = service.answer(self.path, self.headers.get("authorization"))
                self.send_response(status)
                if self.path.startswith("/files/") and status == 200:
                    self.send_header("ETag", f'"{hashlib.md5(body).hexdigest()}"')
                    self.send_header("Content-Type", "application/octet-stream")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    def now(self):
        return self.clock.now() + self.skew

    def answer(self, path, authorization):
        self.clock.advance(STEP_S)
        if path == "/token":
            name = f"token-{len(self.tokens)}"
            self.tokens[name] = self.now() + dt.timedelta(seconds=LIFE_S)
            return 200, json.dumps({"token": name, "until": self.tokens[name].isoformat()}).encode()
        end = self.tokens.get((authorization or "").removeprefix("Bearer "))
        if end is None or self.now() >= end:
            self.refused += 1
            return 401, b'{"message": "token expired"}'
        if path == "/orders":
            self.orders += 1
            return 200, b'{"id": "1", "state": "queued"}'
        if path == "/orders/1":
            self.looks += 1
            return 200, json.dumps({"state": "done" if self.looks > 5 else "running"}).encode()
        if path.startswith("/files/"):
            return 200, content(path.rpartition("/")[2])
        return 200, b"{}"

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def content(name):
    return f"content of {name} ".encode() * 500


class Plugin:
    @hookimpl
    def describe(self):
        return ProviderInfo(
            name="brief",
            title="Brief",
            credentials=[CredentialField(name="password")],
            settings=[SettingField(name="base_url", origin=True)],
            poll_s=1.0,
        )

    @hookimpl
    def authenticate(self, context):
        def fetch(_old):
            url = f"{context.settings['base_url']}/token"
            answer = context.http.request("POST", url, auth=False, operation=Operation.WRITE).json()
            return Token(value=Secret(answer["token"]), expires=dt.datetime.fromisoformat(answer["until"]))

        return TokenAuth(context, fetch, lambda token: ("Authorization", f"Bearer {token.value.reveal()}"))

    @hookimpl
    def search(self, context, query):
        for page in range(5):
            context.http.request("GET", f"{context.settings['base_url']}/search?page={page}")
            yield Page(items=[item(f"item-{page}")], next=str(page))

    @hookimpl
    def order(self, context, request):
        url = f"{context.settings['base_url']}/orders"
        answer = context.http.request("POST", url, operation=Operation.ONCE).json()
        return Order(provider="brief", id=answer["id"], state=OrderState.ORDERED, native_state=answer["state"])

    @hookimpl
    def wait(self, context, order):
        state = context.http.request("GET", f"{context.settings['base_url']}/orders/{order.id}").json()["state"]
        return order.seen(OrderState.SUCCEEDED if state == "done" else OrderState.PENDING, native_state=state)

    @hookimpl
    def download(self, context, order):
        for number in range(FILES):
            name = f"{number}.bin"
            digest = hashlib.sha256(content(name)).hexdigest()
            yield Asset(href=f"{context.settings['base_url']}/files/{name}", name=name, key=name, item=None,
                        checksum=f"1220{digest}", media_type="application/octet-stream")  # fmt: skip


def item(name):
    ring = [[4, 52], [4.2, 52], [4.2, 52.1], [4, 52.1], [4, 52]]
    return {
        "type": "Feature", "stac_version": "1.1.0", "id": name, "collection": "c", "bbox": [4, 52, 4.2, 52.1],
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {"datetime": "2026-03-01T00:00:00Z", "swath:provider": "brief"}, "assets": {}, "links": [],
    }  # fmt: skip


@pytest.fixture
def service():
    made = []

    def start(skew_s=0.0):
        made.append(Service(FakeClock(), skew_s))
        return made[-1]

    yield start
    for one in made:
        one.close()


@pytest.mark.parametrize("skew_s", [0, 300, -300], ids=["same clock", "provider ahead", "provider behind"])
def test_p16_tokens_of_two_seconds_last_through_the_whole_life_cycle(service, tmp_path, monkeypatch, skew_s):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = service(skew_s)
    given = {"base_url": server.url, "password": "any"}
    with make_provider("brief", profile="p", given=given, plugin=Plugin(), clock=server.clock, home=tmp_path) as brief:
        items = list(brief.search().items_as_dicts())
        order = brief.wait(brief.order(items[:1]), timeout=10_000)
        brief.download(order, tmp_path / "data", workers=4)

    assert len(items) == 5
    assert server.orders == 1
    files = {path.name: path.read_bytes() for path in (tmp_path / "data").rglob("*.bin")}
    assert files == {f"{n}.bin": content(f"{n}.bin") for n in range(FILES)}
    elapsed_s = server.clock.monotonic()
    assert elapsed_s > 3 * LIFE_S
    assert len(server.tokens) > 3
    # One renewal each time one dies, not one a request; with clocks apart each death costs one refusal a worker.
    assert len(server.tokens) <= elapsed_s / LIFE_S * 2 + 1
    assert server.refused <= len(server.tokens) * 4


def test_p16_an_order_that_met_a_dead_token_is_sent_once_more_and_only_once(service, tmp_path, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = service(300)
    given = {"base_url": server.url, "password": "any"}
    with make_provider("brief", profile="p", given=given, plugin=Plugin(), clock=server.clock, home=tmp_path) as brief:
        brief.authenticate()
        server.clock.advance(LIFE_S)

        order = brief.order([item("a")])

    assert order.id == "1"
    assert (server.refused, server.orders) == (1, 1)


def test_p16_a_provider_that_refuses_every_token_is_an_error(service, tmp_path, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = service()
    monkeypatch.setattr(server, "answer", lambda path, _: (200, b'{"token": "t", "until": "2027-01-01T00:00:00+00:00"}')
                        if path == "/token" else (401, b"{}"))  # fmt: skip
    given = {"base_url": server.url, "password": "any"}
    with make_provider("brief", profile="p", given=given, plugin=Plugin(), clock=server.clock, home=tmp_path) as brief:
        with pytest.raises(InvalidCredentials):
            brief.order([item("a")])

        assert [order.state for order in brief.orders()] == [OrderState.FAILED]


# --- rates -----------------------------------------------------------------------------------------------------------


def client(handler, clock, **more):
    settings = Settings(
        provider="example",
        account=more.pop("account", "acc"),
        origins=Origins(["https://api.test"]),
        clock=clock,
        transport=httpx.MockTransport(handler),
        **more,
    )
    return HttpClient(settings, HeaderAuth("Authorization", Secret("x")))


def test_p18_a_thousand_calls_against_five_a_second_meet_no_refusal():
    clock, arrivals = FakeClock(), []

    def handler(_request):
        now_s = clock.monotonic()
        arrivals.append(now_s)
        recent = sum(1 for at in arrivals[-10:] if at > now_s - 1 + 1e-9)
        return httpx.Response(200 if recent <= 6 else 429)

    sessions = [client(handler, clock, limits={"default": 5.0}) for _ in range(4)]

    statuses = [sessions[n % 4].request("GET", "https://api.test/x").status_code for n in range(1000)]

    assert set(statuses) == {200}
    assert len(arrivals) == 1000, "something was tried again"
    assert all(later - first >= 1 - 1e-9 for first, later in zip(arrivals, arrivals[6:], strict=False))


def test_p18_after_a_refusal_all_sessions_pause_together():
    clock, arrivals = FakeClock(), []

    def handler(_request):
        arrivals.append(clock.monotonic())
        return httpx.Response(429, headers={"Retry-After": "9"}) if len(arrivals) == 1 else httpx.Response(200)

    one, other = (client(handler, clock, limits={"default": 5.0}, account="pausing") for _ in range(2))
    with contextlib.suppress(Exception):
        one.request("GET", "https://api.test/x", operation=Operation.ONCE)

    other.request("GET", "https://api.test/x")

    assert [later - first >= 9 for first, later in pairwise(arrivals)] == [True]


def test_p18_what_is_under_way_at_once_is_halved_by_a_refusal_and_grows_again():
    crowd = Crowd()
    holders = count()

    def enter():
        return crowd.enter(wait=False, holder=next(holders))

    eight = [enter() for _ in range(8)]
    for turn in eight:
        crowd.refused(turn)
    assert crowd.bound == 4, "eight refusals of one moment are one"
    for turn in eight:
        crowd.leave(turn)
        crowd.leave(turn)

    four = [enter() for _ in range(4)]
    assert enter() is None
    crowd.leave(four[0])
    fifth = enter()
    assert fifth is not None
    crowd.refused(fifth)
    assert crowd.bound == 2
    for turn in [*four, fifth]:
        crowd.leave(turn)
    for _ in range(16):
        crowd.served()
    assert crowd.bound == 3
    assert crowd.under_way == 0


def test_p18_a_request_within_a_request_never_waits_for_itself():
    crowd = Crowd()
    outer = crowd.enter()
    crowd.refused(outer)
    assert crowd.bound == 1

    inner = crowd.enter(wait=False)

    assert inner is not None
    crowd.leave(inner)
    crowd.leave(outer)
    assert crowd.under_way == 0


def test_p18_fewer_requests_are_let_through_after_429():
    """Six calls meet 429 together; from then on no more than three are at the server at once."""
    clock, lock = FakeClock(), threading.Lock()
    together = threading.Barrier(6)
    state = {"calls": 0, "now": 0, "most": 0}

    def handler(_request):
        with lock:
            state["calls"] += 1
            first = state["calls"] <= 6
        if first:
            together.wait()
            return httpx.Response(429)
        with lock:
            state["now"] += 1
            state["most"] = max(state["most"], state["now"])
        entered.release()
        release.wait()
        with lock:
            state["now"] -= 1
        return httpx.Response(200)

    entered, release = threading.Semaphore(0), threading.Event()
    shared = client(handler, clock, account="crowded")
    crowd = shared._crowds.of("default")
    threads = [threading.Thread(target=shared.request, args=("GET", "https://api.test/x")) for _ in range(6)]
    for thread in threads:
        thread.start()
    for _ in range(3):
        entered.acquire()
    assert crowd.bound == 3
    assert crowd.enter(wait=False) is None
    release.set()
    for thread in threads:
        thread.join()

    assert state["calls"] == 12
    assert state["most"] == 3


# --- patience ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def listener(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server, f"http://127.0.0.1:{server.getsockname()[1]}"


def patient(**more):
    from swath._clock import SystemClock

    return HttpClient(
        Settings(
            provider="slow",
            account="a",
            origins=Origins([]),
            clock=SystemClock(),
            retry=RetryPolicy(attempts=1),
            **more,
        )
    )


def test_p48_a_silent_socket_ends_the_request(listener):
    server, url = listener
    http = patient(connect_s=5.0, read_s=0.2)

    with pytest.raises(Unavailable, match=r"(?i)timed? ?out|timeout"):
        http.request("GET", url)

    server.accept()[0].close()
    http.close()


def test_p48_silence_in_the_middle_of_a_body_ends_it(listener):
    server, url = listener
    done = threading.Event()

    def serve():
        connection, _ = server.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            done.wait()

    thread = threading.Thread(target=serve)
    thread.start()
    http = patient(connect_s=5.0, read_s=0.2)

    with pytest.raises(httpx.ReadTimeout), http.stream("GET", url) as answer:
        list(answer.iter_bytes())

    done.set()
    thread.join()
    http.close()


def test_p48_a_body_that_drips_is_waited_for_however_long_it_takes(listener):
    """Twelve bytes, each well within the patience, take longer than the patience as a whole."""
    server, url = listener
    pause = threading.Event()

    def serve():
        connection, _ = server.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n")
            for _ in range(12):
                pause.wait(0.1)
                connection.sendall(b"x")

    thread = threading.Thread(target=serve)
    thread.start()
    http = patient(connect_s=5.0, read_s=1.0)

    with http.stream("GET", url) as answer:
        body = b"".join(answer.iter_bytes())

    assert body == b"x" * 12
    thread.join()
    http.close()


def test_p48_a_connection_that_is_never_taken_ends_in_time(monkeypatch):
    """A listening socket whose queue is full does not answer at all, as a host behind a firewall."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with socket.socket() as server, contextlib.ExitStack() as held:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(4):
            filler = held.enter_context(socket.socket())
            filler.settimeout(0)
            filler.connect_ex(server.getsockname())
        http = patient(connect_s=0.3, read_s=30.0)

        with pytest.raises(Unavailable) as caught:
            http.request("POST", f"http://127.0.0.1:{server.getsockname()[1]}", operation=Operation.ONCE)

        assert caught.value.outcome_unknown is False
        http.close()

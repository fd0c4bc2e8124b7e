# SPDX-License-Identifier: Apache-2.0
"""The ways to a token, against an authorisation server over real sockets; time is in the test's hand."""

import base64
import datetime as dt
import hashlib
import json
import logging
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from swath._http.client import HttpClient, Settings
from swath._http.origins import Origins
from swath._http.retry import RetryPolicy
from swath._oauth.loopback import Loopback
from swath._tokens import TokenCache
from swath.auth import Token
from swath.errors import (
    ConfigurationError,
    ExpiredCredentials,
    InvalidCredentials,
    MissingCredentials,
    NotEntitled,
    NotSupported,
    SwathError,
    UnexpectedResponse,
)
from swath.hookspecs import Context
from swath.models import Secret
from swath.oauth import BearerAuth, MemoryPlace, OAuth, OAuthClient, session_tokens
from swath.testing.clock import FakeClock

CANARY = "canary-oauth-secret-0001"


class Server:
    """An authorisation server, and a service that takes its tokens."""

    def __init__(self, clock):
        self.clock, self.forms, self.paths = clock, [], []
        self.answers, self.document, self.tokens, self.refreshes = [], {}, {}, {}
        self.redirect, self.life_s, self.count, self.lock = None, 3600, 0, threading.Lock()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                self.answer("")

            def do_POST(self):
                self.answer(self.rfile.read(int(self.headers.get("content-length", 0))).decode())

            def answer(self, text):
                with server.lock:
                    status, body = server.answer(self.path, text, self.headers.get("authorization"))
                self.send_response(status)
                if status == 307:
                    self.send_header("Location", body)
                    body = ""
                data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    def answer(self, target, text, authorization):
        path = urlsplit(target).path
        self.paths.append(path)
        if path == "/.well-known/openid-configuration":
            names = {"token_endpoint": "/token", "authorization_endpoint": "/authorize",
                     "device_authorization_endpoint": "/device", "revocation_endpoint": "/revoke"}  # fmt: skip
            return 200, {"issuer": f"{self.url}/", **{k: self.url + v for k, v in names.items()}, **self.document}
        if path == "/data":
            end = self.tokens.get((authorization or "").removeprefix("Bearer "))
            alive = end is not None and self.clock.now() < end
            return (200, {"ok": True}) if alive else (401, {"message": f"bad token {authorization}"})
        form = {name: values[-1] for name, values in parse_qs(text).items()}
        self.forms.append(form)
        if self.redirect is not None:
            return 307, self.redirect
        if self.answers:
            return self.answers.pop(0)
        if path == "/device":
            return 200, {"device_code": f"{CANARY}-device", "user_code": "AB-CD", "verification_uri": f"{self.url}/go",
                         "expires_in": 60, "interval": 5}  # fmt: skip
        if form.get("grant_type") == "refresh_token" and self.refreshes.pop(form["refresh_token"], None) is None:
            return 403, {"error": "invalid_grant", "error_description": f"no good: {form['refresh_token']}"}
        return 200, self.grant()

    def grant(self):
        self.count += 1
        access, refresh = f"{CANARY}-access-{self.count}", f"{CANARY}-refresh-{self.count}"
        self.tokens[access] = self.clock.now() + dt.timedelta(seconds=self.life_s)
        self.refreshes[refresh] = True
        return {"access_token": access, "refresh_token": refresh, "token_type": "Bearer", "expires_in": self.life_s}

    def close(self):
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def server(clock, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    made = Server(clock)
    yield made
    made.close()


@pytest.fixture
def open_context(server, clock):
    made = []

    def opened(place=None):
        settings = Settings(provider="example", account="a", origins=Origins([server.url]), clock=clock,
                            retry=RetryPolicy(attempts=1))  # fmt: skip
        http = HttpClient(settings)
        made.append(http)
        tokens = TokenCache("k", directory=None, clock=clock, place=place)
        return Context(provider="example", profile="default", account="a", http=http, settings={}, credentials={},
                       now=clock.now, tokens=tokens)  # fmt: skip

    yield opened
    for one in made:
        one.close()


@pytest.fixture
def context(open_context):
    return open_context()


def client(server, **changes):
    given = {"server": server.url, "client_id": "app", "scopes": ["data", "offline_access"], "audiences": ["https://a"]}
    return OAuthClient(**{**given, **changes})


def assert_silent(*texts):
    assert not [text for text in texts if CANARY in str(text)]


def test_client_credentials_name_the_client_in_the_body_alone(context, server):
    flows = OAuth(context, client(server, client_secret=Secret(f"{CANARY}-s"), scopes=[]))

    token = flows.client_credentials()

    assert server.forms == [
        {
            "grant_type": "client_credentials",
            "client_id": "app",
            "client_secret": f"{CANARY}-s",
            "audience": "https://a",
        }
    ]
    assert token.expires == context.time() + dt.timedelta(seconds=3600)
    assert_silent(repr(token), repr(flows.client), repr(flows))


def test_discovery_is_asked_once_and_not_for_what_is_known(context, server):
    flows = OAuth(context, client(server))
    flows.client_credentials()
    flows.client_credentials()
    OAuth(context, client(server, endpoints={"token_endpoint": f"{server.url}/token"})).client_credentials()

    assert server.paths.count("/.well-known/openid-configuration") == 1


@pytest.mark.parametrize(
    ("document", "kind", "word"),
    [
        ({"issuer": "https://login.example.org/"}, UnexpectedResponse, "not trusted"),
        ({"issuer": None}, UnexpectedResponse, "not trusted"),
        ({"token_endpoint": "http://login.example.org/token"}, ConfigurationError, "https"),
        ({"token_endpoint": "file:///etc/passwd"}, ConfigurationError, "https"),
        ({"token_endpoint": None}, NotSupported, "token"),
    ],
)
def test_p28_a_server_that_names_another_or_no_safe_endpoint_gets_no_secret(context, server, document, kind, word):
    server.document = document

    with pytest.raises(kind, match=word):
        OAuth(context, client(server, client_secret=Secret(CANARY))).client_credentials()

    assert server.forms == []


@pytest.mark.parametrize("address", ["http://login.example.org/", "ftp://127.0.0.1/", "nonsense", "http://[::1"])
def test_p28_secrets_go_by_https_only_or_stay_on_this_machine(context, address):
    with pytest.raises(ConfigurationError, match="https"):
        OAuth(context, OAuthClient(server=address, client_id="app")).client_credentials()


def test_p28_a_redirect_does_not_take_the_secret_to_another_host(context, server, clock):
    other = Server(clock)
    try:
        server.redirect = f"{other.url}/token"

        with pytest.raises(UnexpectedResponse, match="secret"):
            OAuth(context, client(server, client_secret=Secret(CANARY))).client_credentials()

        assert other.forms == []
    finally:
        other.close()


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "invalid_grant", ExpiredCredentials),
        (401, "invalid_client", InvalidCredentials),
        (403, "access_denied", NotEntitled),
        (403, "something_new", InvalidCredentials),
    ],
)
def test_p30_refusals_are_told_apart_and_say_what_to_do(context, server, status, code, kind):
    server.answers = [(status, {"error": code, "error_description": f"no: {CANARY}-r"})]
    old = Token(value=Secret("old"), refresh=Secret(f"{CANARY}-r"))

    with pytest.raises(kind) as caught:
        OAuth(context, client(server)).refresh(old)

    assert code in str(caught.value)
    assert "swath auth login example" in caught.value.hint
    assert_silent(str(caught.value), repr(caught.value.__dict__))


@pytest.mark.parametrize("status", [500, 418, 400])
def test_p27_no_error_of_the_server_repeats_a_secret(context, server, status, caplog):
    caplog.set_level(logging.DEBUG)
    server.answers = [(status, {"message": f"echo {CANARY}-r", "error": f"{CANARY}-r"})]

    with pytest.raises(SwathError) as caught:
        OAuth(context, client(server)).refresh(Token(value=Secret("old"), refresh=Secret(f"{CANARY}-r")))

    assert_silent(str(caught.value), repr(caught.value.__dict__), repr(caught.value.__cause__), caplog.text)


def test_p27_a_service_that_echoes_the_token_is_not_quoted(context, server, caplog):
    caplog.set_level(logging.DEBUG)
    context.http.auth = BearerAuth(context, lambda _: Token(value=Secret(f"{CANARY}-unknown")))

    with pytest.raises(InvalidCredentials) as caught:
        context.http.request("GET", f"{server.url}/data")

    assert_silent(str(caught.value), repr(caught.value.__dict__), caplog.text)


@pytest.mark.parametrize("answer", [{}, {"access_token": ""}, {"access_token": "x", "token_type": "mac"}, [], "text"])
def test_an_answer_without_a_usable_token_is_unexpected(context, server, answer):
    server.answers = [(200, answer)]

    with pytest.raises(UnexpectedResponse):
        OAuth(context, client(server)).client_credentials()


# --- renewal ---------------------------------------------------------------------------------------------------------


def session(context, server, place=None):
    flows = OAuth(context, client(server))
    tokens = session_tokens(context, place or MemoryPlace())
    context.http.auth = BearerAuth(context, flows.refresh, tokens=tokens, revoke=flows.revoke)
    return tokens


def begun(server):
    """A token as the server gave it."""
    answer = server.grant()
    return Token(value=Secret(answer["access_token"]), refresh=Secret(answer["refresh_token"]),
                 expires=server.tokens[answer["access_token"]])  # fmt: skip


def test_p16_a_session_renews_before_it_ends_and_takes_each_new_refresh_token(context, server, clock):
    tokens = session(context, server)
    tokens.keep(begun(server))

    for _ in range(3):
        clock.advance(3550)
        assert context.http.request("GET", f"{server.url}/data").json() == {"ok": True}

    sent = [form["refresh_token"][-1] for form in server.forms]
    assert sent == ["1", "2", "3"]
    assert server.paths.count("/data") == 3


@pytest.mark.parametrize("skew_s", [300, -300])
def test_p16_clocks_that_differ_cost_one_refusal_at_most(context, server, clock, skew_s):
    tokens = session(context, server)
    token = begun(server)
    tokens.keep(token)
    clock.advance(3600 + skew_s)  # the server ends it by its own clock
    server.tokens[token.value.reveal()] = clock.now() - dt.timedelta(seconds=1)

    assert context.http.request("GET", f"{server.url}/data").json() == {"ok": True}

    assert len(server.forms) == 1
    assert server.paths.count("/data") == (1 if skew_s > 0 else 2)


def test_a_revoked_token_is_replaced_once_and_the_request_sent_again(context, server):
    tokens = session(context, server)
    token = begun(server)
    tokens.keep(token)
    del server.tokens[token.value.reveal()]

    assert context.http.request("GET", f"{server.url}/data").json() == {"ok": True}

    assert [path for path in server.paths if path != "/.well-known/openid-configuration"] == [
        "/data",
        "/token",
        "/data",
    ]


def test_nothing_is_sent_unsigned_where_a_session_is_missing_or_over(context, server, clock):
    tokens = session(context, server)

    with pytest.raises(MissingCredentials, match="swath auth login example"):
        context.http.request("GET", f"{server.url}/data")
    tokens.keep(Token(value=Secret("x"), expires=clock.now() + dt.timedelta(seconds=10)))
    clock.advance(11)
    with pytest.raises(ExpiredCredentials, match="swath auth login example"):
        context.http.request("GET", f"{server.url}/data")

    assert "/data" not in server.paths


def test_p17_fifty_threads_renew_once(context, server, clock):
    tokens = session(context, server)
    tokens.keep(begun(server))
    clock.advance(3590)

    with ThreadPoolExecutor(50) as pool:
        got = list(pool.map(lambda _: context.http.request("GET", f"{server.url}/data").status_code, range(50)))

    assert got == [200] * 50
    assert len(server.forms) == 1


PROCESS = """
import sys, datetime as dt
from pathlib import Path
from swath._clock import SystemClock
from swath._http.client import HttpClient, Settings
from swath._http.origins import Origins
from swath.hookspecs import Context
from swath.oauth import BearerAuth, OAuth, OAuthClient, session_tokens
url, path = sys.argv[1:]
clock = SystemClock()
http = HttpClient(Settings(provider="example", account="a", origins=Origins([url]), clock=clock))
context = Context(provider="example", profile="default", account="a", http=http, settings={}, credentials={},
                  now=clock.now, tokens=None)
flows = OAuth(context, OAuthClient(server=url, client_id="app"))
http.auth = BearerAuth(context, flows.refresh, tokens=session_tokens(context, Path(path)))
sys.stdin.readline()
print(http.request("GET", url + "/data").status_code)
"""


def test_p17_four_processes_renew_once(open_context, server, clock, tmp_path):
    path = tmp_path / "session" / "token.json"
    context = open_context()
    session_tokens(context, path).keep(begun(server))
    clock.advance(dt.timedelta(days=300).total_seconds())  # so that the server's tokens live by both clocks
    server.life_s = 3650 * 86400
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, server.url, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]

    got = [process.communicate("\n", timeout=60)[0].strip() for process in processes]

    assert got == ["200"] * 4
    assert [form["grant_type"] for form in server.forms] == ["refresh_token"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_signing_out_forgets_the_session_here_and_there(context, server):
    place = MemoryPlace()
    session(context, server, place).keep(begun(server))

    context.http.auth.sign_out()

    assert place.read() is None
    assert server.forms[-1] == {"token": f"{CANARY}-refresh-1", "token_type_hint": "refresh_token", "client_id": "app"}


# --- a code on another device ----------------------------------------------------------------------------------------


def test_device_code_waits_as_asked_and_slower_when_told(context, server, clock):
    flows = OAuth(context, client(server))
    code = flows.start_device()
    server.answers = [(403, {"error": "authorization_pending"}), (400, {"error": "slow_down"}), (502, {}),
                      (200, server.grant())]  # fmt: skip
    began_s = clock.monotonic()

    token = flows.complete_device(code)

    assert token.value.reveal() == f"{CANARY}-access-1"
    assert clock.monotonic() - began_s == 5 + 5 + 10 + 15
    assert server.forms[0] == {"client_id": "app", "scope": "data offline_access", "audience": "https://a"}
    assert {form["grant_type"] for form in server.forms[1:]} == {"urn:ietf:params:oauth:grant-type:device_code"}
    assert_silent(repr(code))


def test_device_code_that_nobody_approves_ends_in_time(context, server):
    flows = OAuth(context, client(server))
    code = flows.start_device()
    server.answers = [(403, {"error": "authorization_pending"})] * 30

    with pytest.raises(ExpiredCredentials, match="60 s"):
        flows.complete_device(code)

    assert len(server.answers) == 30 - 12


@pytest.mark.parametrize(("error", "kind"), [("access_denied", NotEntitled), ("expired_token", ExpiredCredentials)])
def test_device_code_that_is_refused_says_so(context, server, error, kind):
    flows = OAuth(context, client(server))
    code = flows.start_device()
    server.answers = [(400, {"error": error})]

    with pytest.raises(kind, match=error):
        flows.complete_device(code)


@pytest.mark.parametrize(
    "changes",
    [
        {"verification_uri": "file:///etc/passwd"},
        {"verification_uri_complete": "javascript:alert(1)"},
        {"user_code": "AB\x1b]0;title\x07"},
    ],
)
def test_device_code_shows_and_opens_nothing_but_a_page(context, server, changes):
    told = {
        "device_code": "d",
        "user_code": "AB-CD",
        "verification_uri": "https://login.example.com/",
        "expires_in": 60,
    }
    server.answers = [(200, {**told, **changes})]

    with pytest.raises(UnexpectedResponse, match="no page"):
        OAuth(context, client(server)).start_device()


# --- a browser on this machine ---------------------------------------------------------------------------------------


def visit(url, **headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as err:
        with err:
            return err.code, err.read().decode()


def query_of(url):
    return {name: values[-1] for name, values in parse_qs(urlsplit(url).query).items()}


def test_browser_comes_back_with_the_state_and_the_code_is_bound_to_this_program(context, server):
    pages = []

    def browser(url):
        asked = query_of(url)
        back = asked["redirect_uri"]
        pages.append(visit(f"{back}?{urlencode({'code': 'evil', 'state': 'another'})}"))
        pages.append(visit(f"{back}favicon.ico"))
        pages.append(visit(f"{back}?{urlencode({'code': 'x', 'state': asked['state']})}", Host="evil.example"))
        pages.append(visit(f"{back}?{urlencode({'code': f'{CANARY}-code', 'state': asked['state']})}"))
        pages.append(asked)

    token = OAuth(context, client(server)).authorize(browser)

    assert [page[0] for page in pages[:-1]] == [400, 404, 404, 200]
    asked, sent = pages[-1], server.forms[-1]
    assert token.value.reveal() == f"{CANARY}-access-1"
    assert asked["code_challenge_method"] == "S256"
    challenge = base64.urlsafe_b64encode(hashlib.sha256(sent["code_verifier"].encode()).digest()).decode().rstrip("=")
    assert asked["code_challenge"] == challenge
    assert (sent["code"], sent["redirect_uri"]) == (f"{CANARY}-code", asked["redirect_uri"])
    assert asked["redirect_uri"].startswith("http://127.0.0.1:")
    assert len(sent["code_verifier"]) >= 43
    assert_silent(*[page[1] for page in pages[:-1]])


def test_browser_that_brings_a_refusal(context, server):
    def browser(url):
        asked = query_of(url)
        visit(f"{asked['redirect_uri']}?{urlencode({'error': 'access_denied', 'state': asked['state']})}")

    with pytest.raises(NotEntitled, match="access_denied"):
        OAuth(context, client(server)).authorize(browser)


def test_browser_that_does_not_come_back(context, server):
    with pytest.raises(ExpiredCredentials, match="did not come back"):
        OAuth(context, client(server)).authorize(lambda _: None, timeout_s=0.01)


def test_loopback_is_on_this_machine_only():
    for address in ("http://example.org:8080", "https://127.0.0.1:8080", "http://0.0.0.0:8080"):
        with pytest.raises(ConfigurationError, match="come back"):
            Loopback(address, state="s")
    with Loopback(None, state="s") as first, pytest.raises(ConfigurationError, match="listen"):
        Loopback(first.redirect_uri, state="s")

# SPDX-License-Identifier: Apache-2.0
import datetime as dt
import email.utils
import hashlib
import http.server
import json
import re
import threading

import httpx
import pytest

from swath.testing import FaultProxy
from swath.testing.spoiling import changed_bytes

DATA = bytes(range(256)) * 40
ETAG = '"one"'
NOW = dt.datetime(2026, 6, 1, 12, 0, tzinfo=dt.UTC)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.server.seen.append((self.command, self.path, dict(self.headers)))
        if self.path.startswith("/file"):
            self.send_file()
        else:
            number = int(self.path.rpartition("/")[2] or 0)
            answer = {"host": self.headers["Host"], "at": [1, 2], "items": [{"n": number * 10 + i} for i in range(5)]}
            self.send_all(200, json.dumps(answer).encode(), {"Content-Type": "application/json"})

    do_HEAD = do_GET  # noqa: N815 (as http.server asks for it)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((self.command, self.path, body))
        self.send_all(201, body, {})

    def send_file(self):
        found = re.match(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if found and self.headers.get("If-Range", ETAG) == ETAG:
            start = int(found[1])
            self.send_all(206, DATA[start:], {"ETag": ETAG, "Content-Range": f"bytes {start}-10239/10240"})
        else:
            self.send_all(200, DATA, {"ETag": ETAG})

    def send_all(self, status, body, headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


@pytest.fixture
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        running.seen = []
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def proxy(server):
    with FaultProxy(f"http://127.0.0.1:{server.server_port}", seed=1, now=lambda: NOW) as running:
        yield running


@pytest.fixture
def client(proxy):
    with httpx.Client(base_url=proxy.base_url, timeout=10) as made:
        yield made


def test_proxy_without_rules_changes_nothing(client, proxy, server):
    posted = client.post("/orders?a=1", json={"x": 1})
    fetched = client.get("/file")
    head = client.head("/file")

    assert (posted.status_code, posted.json()) == (201, {"x": 1})
    assert fetched.content == DATA
    assert head.headers["content-length"] == "10240"
    assert client.get("/list/1").json()["host"] == proxy.base_url.removeprefix("http://")
    assert [one[:2] for one in server.seen][:3] == [("POST", "/orders?a=1"), ("GET", "/file"), ("HEAD", "/file")]
    assert all(one.reached and not one.done for one in proxy.log())


def test_proxy_takes_chunked_requests(client, server):
    assert client.post("/orders", content=iter([b"ab", b"cde"])).content == b"abcde"


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"call": 2, "times": 2, "status": 503}, [200, 503, 503, 200]),
        ({"times": None, "status": 500}, [500, 500, 500, 500]),
        ({"method": "POST", "status": 500}, [200, 200, 200, 200]),
        ({"path": "/2$", "status": 500}, [200, 500, 200, 200]),
        ({"ranged": True, "status": 500}, [200, 200, 200, 200]),
    ],
)
def test_rule_meets_what_it_says(client, proxy, rule, expected):
    proxy.add(**rule)

    assert [client.get(f"/list/{page}").status_code for page in (1, 2, 3, 4)] == expected


def test_first_rule_whose_turn_it_is_meets(client, proxy):
    proxy.add(status=500)
    proxy.add(status=404, times=None)

    assert [client.get("/file").status_code for _ in range(3)] == [500, 404, 404]


def test_probability_is_drawn_from_the_seed(server):
    def run(seed):
        with FaultProxy(f"http://127.0.0.1:{server.server_port}", seed=seed) as proxy:
            proxy.add(probability=0.5, times=None, status=500)
            with httpx.Client(base_url=proxy.base_url) as client:
                return [client.get("/list/1").status_code for _ in range(24)]

    first = run(3)

    assert run(3) == first
    assert set(first) == {200, 500}
    assert run(4) != first


def test_down_refuses_connections_and_comes_back_at_the_same_place(client, proxy):
    client.get("/file")

    with proxy.down(), pytest.raises(httpx.ConnectError):
        client.get("/file")

    assert client.get("/file").content == DATA


@pytest.mark.parametrize(
    ("rule", "error", "reached"),
    [
        ({"cut": "connect", "how": "reset"}, httpx.TransportError, False),
        ({"cut": "connect"}, httpx.TransportError, False),
        ({"cut": "request", "after": 5}, httpx.TransportError, False),
        ({"cut": "reply"}, httpx.RemoteProtocolError, True),
        ({"cut": "reply", "how": "reset"}, httpx.ReadError, True),
        ({"cut": "body", "after": 10}, httpx.RemoteProtocolError, True),
        ({"cut": "body", "after": 10, "how": "reset"}, httpx.ReadError, True),
    ],
)
def test_cut_is_seen_as_what_it_is(client, proxy, server, rule, error, reached):  # noqa: PLR0917 (fixtures and cases)
    proxy.add(**rule)

    with pytest.raises(error):
        client.post("/orders", content=b"x" * 1000)

    assert len(server.seen) == reached
    assert [one.reached for one in proxy.log(done=True)] == [reached]


@pytest.mark.parametrize("cut", ["connect", "request", "reply", "body"])
def test_stall_is_silence_for_as_long_as_the_client_bears_it(client, proxy, cut):
    proxy.add(cut=cut, how="stall")

    with pytest.raises(httpx.ReadTimeout):
        client.get("/file", timeout=0.2)

    assert client.get("/file").content == DATA


def test_stop_ends_what_stalls(server):
    proxy = FaultProxy(f"http://127.0.0.1:{server.server_port}").start()
    proxy.add(cut="reply", how="stall")
    failures = []

    def ask():
        try:
            httpx.get(f"{proxy.base_url}/file", timeout=30)
        except httpx.TransportError as err:
            failures.append(err)

    thread = threading.Thread(target=ask)
    thread.start()
    while not proxy.log(done=True):
        thread.join(0.01)
    proxy.stop()
    thread.join(10)

    assert len(failures) == 1
    assert not isinstance(failures[0], httpx.TimeoutException)


def test_cut_after_the_end_leaves_the_answer_whole(client, proxy):
    proxy.add(cut="end")

    # Asked to close, the client does not try the next request on a connection whose end it has not seen yet.
    assert client.get("/file", headers={"Connection": "close"}).content == DATA
    assert client.get("/file").content == DATA


def test_truncated_answer_looks_whole(client, proxy):
    proxy.add(truncate_at=100)

    answer = client.get("/file")

    assert answer.content == DATA[:100]
    assert answer.headers["content-length"] == "100"


def test_flipped_bit_is_the_only_change(client, proxy):
    proxy.add(flip_bit_at=300)

    content = client.get("/file").content

    assert [at for at in range(len(DATA)) if content[at] != DATA[at]] == [300]


def test_delay_pieces_and_chunks_bring_the_same_bytes(client, proxy):
    proxy.add(delay_s=0.01, pieces=4, pause_s=0.01)
    proxy.add(call=2, chunked=True, pieces=3)

    plain, chunked = client.get("/file"), client.get("/file")

    assert plain.content == chunked.content == DATA
    assert "content-length" not in chunked.headers


def test_answers_of_its_own_reach_no_server(client, proxy, server):
    proxy.add(html=True)
    proxy.add(call=2, status=429, retry_after_s=2, body={"message": "slow down"})
    proxy.add(call=3, status=429, retry_after_s=2, retry_after_date=True)
    proxy.add(call=4, status=401, headers={"WWW-Authenticate": "Bearer"})
    proxy.add(call=5, redirect="http://elsewhere.test")

    page, seconds, date, token, moved = [client.get("/file?a=b", follow_redirects=False) for _ in range(5)]

    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert (seconds.headers["retry-after"], seconds.json()) == ("2", {"message": "slow down"})
    assert email.utils.parsedate_to_datetime(date.headers["retry-after"]) == NOW + dt.timedelta(seconds=3)
    assert token.headers["www-authenticate"] == "Bearer"
    assert (moved.status_code, moved.headers["location"]) == (307, "http://elsewhere.test/file?a=b")
    assert server.seen == []


def test_gateway_may_lose_the_answer_of_a_request_that_it_passed_on(client, proxy, server):
    proxy.add(status=504, pass_on=True)

    answer = client.post("/orders", content=b"one")

    assert answer.status_code == 504
    assert server.seen == [("POST", "/orders", b"one")]
    assert [one.reached for one in proxy.log()] == [True]


def test_stale_page_is_the_last_answer_again(client, proxy):
    proxy.add(path="/list/", call=2, repeat=True)

    pages = [client.get(f"/list/{page}").json()["items"][0]["n"] for page in (1, 2, 3)]

    assert pages == [10, 10, 30]


def test_swapped_pages_are_each_others(client, proxy):
    before = [client.get(f"/list/{page}").json() for page in (1, 2, 3)]
    proxy.add(path="/list/", swap=True, times=None)

    after = [client.get(f"/list/{page}").json() for page in (1, 2, 3)]

    assert after == [before[1], before[0], before[2]]


def test_list_in_an_answer_is_doubled_or_mixed(client, proxy):
    proxy.add(double=True)
    proxy.add(call=2, shuffle=True)

    doubled, mixed = [client.get("/list/1").json() for _ in range(2)]

    assert [entry["n"] for entry in doubled["items"]] == [n for n in range(10, 15) for _ in range(2)]
    assert mixed["items"] != sorted(mixed["items"], key=lambda entry: entry["n"])
    assert sorted(entry["n"] for entry in mixed["items"]) == list(range(10, 15))
    assert mixed["at"] == [1, 2]


def test_changed_object_is_another_one_throughout(client, proxy):
    proxy.add(changed=True, times=None)
    whole = client.get("/file")
    old = client.get("/file", headers={"Range": "bytes=50-", "If-Range": ETAG})
    new = client.get("/file", headers={"Range": "bytes=50-", "If-Range": whole.headers["etag"]})

    assert whole.content == changed_bytes(DATA) != DATA
    assert whole.headers["etag"] not in {ETAG, ""}
    assert (old.status_code, old.content) == (200, whole.content)
    assert (new.status_code, new.content) == (206, whole.content[50:])


def test_ranges_are_ignored_or_lied_about(client, proxy):
    proxy.add(ranged=True, ignore_range=True)
    proxy.add(call=2, ranged=True, content_range="bytes 7-9/10")

    ignored, lied = [client.get("/file", headers={"Range": "bytes=100-"}) for _ in range(2)]

    assert (ignored.status_code, hashlib.sha256(ignored.content).digest()) == (200, hashlib.sha256(DATA).digest())
    assert (lied.status_code, lied.headers["content-range"]) == (206, "bytes 7-9/10")


def test_headers_are_put_in_place_of_the_servers(client, proxy):
    proxy.add(headers={"etag": 'W/"weak"'})

    assert client.get("/file").headers.get_list("etag") == ['W/"weak"']


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": 500, "html": True},
        {"cut": "reply", "status": 500},
        {"after": 10, "cut": "reply"},
        {"after": 10},
        {"pass_on": True},
        {"retry_after_date": True, "status": 429},
        {"cut": "sideways"},
        {"times": 0},
        {"probability": 0},
        {"status": 99},
        {"path": "("},
    ],
)
def test_rule_that_makes_no_sense_is_refused(proxy, wrong):
    with pytest.raises((ValueError, re.error)):
        proxy.add(**wrong)


def test_many_clients_at_once_are_counted_right(proxy):
    proxy.add(call=3, times=5, status=503)
    seen = []

    def ask():
        with httpx.Client(base_url=proxy.base_url) as client:
            seen.extend(client.get("/list/1").status_code for _ in range(5))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(seen) == [200] * 25 + [503] * 5
    assert len(proxy.log()) == 30


def test_server_that_is_no_http_address_is_refused():
    with pytest.raises(ValueError, match="no http:// address"):
        FaultProxy("https://example.test")

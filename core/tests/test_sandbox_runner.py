# SPDX-License-Identifier: Apache-2.0
"""Stand-ins over real HTTP: files, faults, log, control routes, start and stop."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from swath.errors import MissingExtra, NotSupported, PluginBroken, ProviderNotFound
from swath.sandbox import LinkState, Sandbox, StandIn, World, serve
from swath.sandbox.serving import file_response

DATA = bytes(range(256)) * 40
CHANGED = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)


def make_stand_in(world, carried_out=None, path=None):
    """Make a small stand-in: it counts orders, serves a file and echoes."""

    async def order(request: Request):
        (carried_out if carried_out is not None else []).append(await request.json())
        return JSONResponse({"id": 1}, status_code=202)

    def file(request: Request):
        return file_response(
            request, path or DATA, media_type="image/tiff", filename="ä.tif", etag="e1", last_modified=CHANGED
        )

    def signed(request: Request):
        state = world.links.check("/signed", request.query_params.get("token"))
        return PlainTextResponse(state.value, status_code=200 if state is LinkState.VALID else 403)

    def broken(request: Request):
        raise RuntimeError("oops")

    routes = [
        Route("/orders", order, methods=["POST"]),
        Route("/file", file),
        Route("/signed", signed),
        Route("/broken", broken),
    ]
    return StandIn(app=Starlette(routes=routes), env=lambda base_url: {"TEST_URL": base_url, "TEST_KEY": "k"})


@pytest.fixture
def world():
    return World(seed=3)


@pytest.fixture
def carried_out():
    return []


@pytest.fixture
def running(world, carried_out):
    with serve("test", make_stand_in(world, carried_out), world) as running:
        yield running


@pytest.fixture
def client(running):
    with httpx.Client(base_url=running.base_url) as client:
        yield client


# --- files ---


def test_file_comes_whole_with_its_validators(client):
    answer = client.get("/file")

    assert answer.content == DATA
    assert answer.headers["content-length"] == str(len(DATA))
    assert answer.headers["etag"] == '"e1"'
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["last-modified"] == "Fri, 02 Jan 2026 03:04:05 GMT"
    assert answer.headers["content-disposition"] == "attachment; filename=\"?.tif\"; filename*=UTF-8''%C3%A4.tif"


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-9", 0, 10),
        ("bytes=100-", 100, len(DATA)),
        ("bytes=-7", len(DATA) - 7, len(DATA)),
        ("bytes=10000-99999", 10000, len(DATA)),
        (f"bytes=-{len(DATA) * 2}", 0, len(DATA)),
    ],
)
def test_file_range_gives_exactly_these_bytes(client, asked, start, stop):
    answer = client.get("/file", headers={"Range": asked})

    assert answer.status_code == 206
    assert answer.content == DATA[start:stop]
    assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/{len(DATA)}"


@pytest.mark.parametrize("asked", ["bytes=99999-", "bytes=-0"])
def test_file_range_past_the_end_is_416(client, asked):
    answer = client.get("/file", headers={"Range": asked})

    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(DATA)}"


@pytest.mark.parametrize("asked", ["bytes=9-3", "lines=1-2", "bytes=0-1,5-6", "bytes=-", "bytes=a-b"])
def test_file_range_that_is_none_gives_the_whole(client, asked):
    answer = client.get("/file", headers={"Range": asked})

    assert (answer.status_code, answer.content) == (200, DATA)


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ('"e1"', 206),
        ('"e2"', 200),
        ('W/"e1"', 200),
        ("Fri, 02 Jan 2026 03:04:05 GMT", 206),
        ("Fri, 02 Jan 2026 03:04:06 GMT", 200),
        ("yesterday", 200),
    ],
)
def test_file_range_holds_only_while_the_file_is_the_same(client, condition, status):
    answer = client.get("/file", headers={"Range": "bytes=5-9", "If-Range": condition})

    assert answer.status_code == status
    assert answer.content == (DATA[5:10] if status == 206 else DATA)


def test_file_head_tells_the_size_without_the_bytes(client):
    answer = client.head("/file", headers={"Range": "bytes=0-1"})

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(DATA))


def test_file_that_the_client_has_is_304(client):
    assert client.get("/file", headers={"If-None-Match": '"x", W/"e1"'}).status_code == 304
    assert client.get("/file", headers={"If-None-Match": '"x"'}).status_code == 200


def test_file_on_disk_is_served_as_bytes_are(world, tmp_path):
    path = tmp_path / "file.bin"
    path.write_bytes(DATA)
    with serve("test", make_stand_in(world, path=path), world) as running:
        assert httpx.get(f"{running.base_url}/file").content == DATA
        part = httpx.get(f"{running.base_url}/file", headers={"Range": "bytes=300-999"})
        assert (part.status_code, part.content) == (206, DATA[300:1000])


# --- faults ---


def test_fault_drop_before_keeps_the_request_from_the_stand_in(client, world, carried_out):
    world.faults.add(path="/orders", drop="before")

    with pytest.raises(httpx.RemoteProtocolError):
        client.post("/orders", json={"n": 1})

    assert carried_out == []
    assert client.post("/orders", json={"n": 2}).status_code == 202
    assert [(entry.status, entry.fault) for entry in world.log] == [(None, True), (202, False)]


def test_fault_drop_after_carries_the_request_out_and_cuts(client, world, carried_out):
    world.faults.add(path="/orders", drop="after")

    with pytest.raises(httpx.RemoteProtocolError):
        client.post("/orders", json={"n": 1})

    assert carried_out == [{"n": 1}]


def test_fault_reset_is_a_tcp_reset(client, world):
    world.faults.add(drop="after", reset=True)

    with pytest.raises(httpx.ReadError):
        client.post("/orders", json={})


def test_fault_truncate_sends_so_many_bytes_and_cuts(client, world):
    world.faults.add(path="/file", truncate_at=1000)
    received = b""

    with client.stream("GET", "/file") as answer:
        assert answer.headers["content-length"] == str(len(DATA))
        with pytest.raises(httpx.RemoteProtocolError):  # noqa: PT012 - the bytes before the cut count
            for block in answer.iter_raw():
                received += block

    assert received == DATA[:1000]


def test_fault_flips_one_bit(client, world):
    world.faults.add(path="/file", flip_bit_at=700)

    content = client.get("/file").content

    assert content[700] == DATA[700] ^ 1
    assert content[:700] + content[701:] == DATA[:700] + DATA[701:]


def test_fault_status_answers_without_asking_the_stand_in(client, world, carried_out):
    world.faults.add(method="POST", status=503, body={"message": "busy"}, headers={"Retry-After": "7"}, times=2)

    answers = [client.post("/orders", json={}) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [503, 503, 202]
    assert answers[0].json() == {"message": "busy"}
    assert answers[0].headers["retry-after"] == "7"
    assert len(carried_out) == 1


def test_fault_html_is_a_page_with_status_200(client, world):
    world.faults.add(html=True)

    answer = client.get("/file")

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.text.startswith("<!DOCTYPE html>")


def test_fault_expires_links(client, world):
    link = world.links.sign("/signed", 60)
    world.faults.add(path="/signed", expire_links=True)

    assert client.get(link).text == "expired"
    assert client.get(link).text == "valid"


def test_fault_ignores_ranges_or_lies_about_them(client, world):
    world.faults.add(path="/file", ignore_range=True)
    world.faults.add(path="/file", call=2, content_range="bytes 0-0/1")
    asked = {"Range": "bytes=5-9"}

    ignored, lied, honest = (client.get("/file", headers=asked) for _ in range(3))

    assert (ignored.status_code, ignored.content) == (200, DATA)
    assert lied.headers["content-range"] == "bytes 0-0/1"
    assert lied.content == honest.content == DATA[5:10]


def test_fault_chunked_body_has_no_length(client, world):
    world.faults.add(path="/file", chunked=True, headers={"ETag": '"other"'})

    answer = client.get("/file")

    assert answer.content == DATA
    assert "content-length" not in answer.headers
    assert answer.headers["etag"] == '"other"'


def test_fault_slow_and_late_body_is_whole(client, world):
    world.faults.add(path="/file", bytes_per_s=1e6, delay_s=0.001)

    assert client.get("/file").content == DATA


# --- log and control ---


def test_stand_in_that_breaks_answers_500_and_shows_in_the_log(client, running, capfd):
    assert client.get("/broken").status_code == 500

    (entry,) = running.log
    assert "RuntimeError: oops" in entry.error
    assert capfd.readouterr() == ("", "")


def test_control_log_is_of_this_provider_and_can_be_cleared(client, world):
    client.get("/file?a=1", headers={"Authorization": "Bearer CANARY"})
    client.post("/orders", json={"n": 1})

    listed = client.get("/_sandbox/log").json()["requests"]

    assert [(one["method"], one["path"], one["status"]) for one in listed] == [
        ("GET", "/file", 200),
        ("POST", "/orders", 202),
    ]
    assert listed[0]["query"] == {"a": ["1"]}
    assert listed[1]["body"] == {"n": 1}
    assert "CANARY" not in str(listed)
    assert len(client.get("/_sandbox/log", params={"method": "POST"}).json()["requests"]) == 1
    assert client.delete("/_sandbox/log").status_code == 204
    assert len(world.log) == 0


def test_control_switches_faults(client):
    made = client.post("/_sandbox/faults", json={"path": "/file", "status": 500, "times": None})
    client.post("/_sandbox/faults", json=[{"provider": "other", "status": 501}])

    assert made.status_code == 201
    assert made.json()["faults"][0]["provider"] == "test"
    assert len(client.get("/_sandbox/faults").json()["faults"]) == 2
    assert client.get("/file").status_code == 500
    assert client.delete("/_sandbox/faults").status_code == 204
    assert client.get("/file").status_code == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("faults", {"nonsense": 1}),
        ("faults", {"status": 1}),
        ("faults", {"path": "("}),
        ("faults", 3),
        ("clock", {}),
        ("clock", {"advance_s": -1}),
    ],
)
def test_control_refuses_what_it_does_not_understand(client, path, body):
    assert client.post(f"/_sandbox/{path}", json=body).status_code == 400
    assert client.get("/_sandbox/nothing").status_code == 404


def test_control_puts_the_clock_forward(client, world):
    before = world.clock.now()

    client.post("/_sandbox/clock", json={"advance_s": 3600})

    assert world.clock.now() - before >= dt.timedelta(hours=1)
    assert client.get("/_sandbox/clock").json()["speed"] == 1.0


# --- the sandbox as a whole ---


class _Entry:
    """What `importlib.metadata` would find."""

    def __init__(self, name, provider):
        self.name = name
        self._provider = provider

    def load(self):
        if isinstance(self._provider, Exception):
            raise self._provider
        return self._provider


def _provider(make):
    return type("Provider", (), {"sandbox": lambda _, world: make(world)})


@pytest.fixture
def installed(monkeypatch):
    """Replace what is installed: the metadata of distributions is not ours."""
    entries = [
        _Entry("one", _provider(make_stand_in)),
        _Entry("two", _provider(make_stand_in)),
        _Entry("none", _provider(lambda _: None)),
        _Entry("bare", type("Bare", (), {})),
        _Entry("broken", ImportError("no such module")),
        _Entry("odd", _provider(lambda _: "http://x")),
    ]
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: entries)
    return entries


def test_sandbox_runs_each_provider_on_a_port_of_its_own(installed):
    with Sandbox(seed=2, speed=8) as sandbox:
        assert set(sandbox.providers) == {"one", "two"}
        assert set(sandbox.left_out) == {"none", "bare", "broken", "odd"}
        assert "no such module" in sandbox.left_out["broken"]
        ports = {running.port for running in sandbox.providers.values()}
        assert len(ports) == 2
        assert sandbox.world.seed == 2
        assert sandbox.clock.speed == 8
        assert sandbox.env["TEST_KEY"] == "k"
        for running in sandbox.providers.values():
            assert httpx.get(f"{running.base_url}/file").content == DATA
            assert len(running.log) == 1
        assert len(sandbox.log) == 2
        sandbox.faults.add(provider="two", status=500)
        assert httpx.get(f"{sandbox.providers['one'].base_url}/file").status_code == 200
        assert httpx.get(f"{sandbox.providers['two'].base_url}/file").status_code == 500


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ("nobody", ProviderNotFound),
        ("none", NotSupported),
        ("bare", NotSupported),
        ("broken", PluginBroken),
        ("odd", PluginBroken),
    ],
)
def test_sandbox_says_why_a_named_provider_cannot_run(installed, asked, error):
    sandbox = Sandbox(["one", asked])

    with pytest.raises(error, match=asked):
        sandbox.start()

    assert sandbox.providers == {}


def test_sandbox_names_the_extra_where_its_packages_are_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)

    with pytest.raises(MissingExtra, match=r'uvicorn.*pip install "swath\[sandbox\]"'):
        Sandbox(["one"])


def test_stopped_stand_in_leaves_no_thread_and_no_listener(world):
    running = serve("gone", make_stand_in(world), world)
    client = httpx.Client(base_url=running.base_url)
    client.get("/file")

    running.stop()
    running.stop()

    assert not any(thread.name == "swath-sandbox-gone" for thread in threading.enumerate())
    with pytest.raises(httpx.TransportError):
        client.get("/file")
    client.close()


def test_stand_in_serves_many_at_once(running):
    with httpx.Client(base_url=running.base_url) as client, ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda n: client.get("/file", headers={"Range": f"bytes={n}-{n}"}), range(200)))

    assert [answer.content for answer in answers] == [DATA[n : n + 1] for n in range(200)]
    assert len({entry.number for entry in running.log}) == 200

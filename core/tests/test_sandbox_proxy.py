# SPDX-License-Identifier: Apache-2.0
"""The proxy that leads the providers' own addresses to the stand-ins."""

from __future__ import annotations

import importlib.metadata
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from swath.errors import MissingExtra, NotSupported, PluginBroken
from swath.sandbox import Interception, Sandbox, StandIn, World
from swath.sandbox.certificates import make_authority
from swath.sandbox.serving import file_response

DATA = bytes(range(256)) * 4096


def stand_in(*hosts):
    """Make one that tells the URL it was asked for and serves a file."""

    def told(request: Request):
        return JSONResponse({"url": str(request.url), "host": request.headers["host"]})

    def file(request: Request):
        return file_response(request, DATA, media_type="image/tiff", filename="a.tif", etag="e")

    app = Starlette(routes=[Route("/told", told, methods=["GET", "POST"]), Route("/file", file)])
    return StandIn(app=app, env=lambda base_url: {"TEST_URL": base_url}, hosts=hosts)


@pytest.fixture
def sandbox(monkeypatch):
    """Stand-ins of three providers; the third stands for no host."""
    hosts = {"one": ("api.one.example", "Tiles.one.example"), "two": ("api.two.example",), "three": ()}

    class Entry:
        def __init__(self, name):
            self.name = name

        def load(self):
            return type("Plugin", (), {"sandbox": lambda _, world: stand_in(*hosts[self.name])})

    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: [Entry(name) for name in hosts])
    with Sandbox(world=World(seed=1)) as sandbox:
        yield sandbox


@pytest.fixture
def proxy(sandbox):
    with Interception(sandbox) as proxy:
        yield proxy


@pytest.fixture
def client(proxy):
    """A client that has only what the environment tells."""
    with httpx.Client(
        proxy=proxy.env["HTTPS_PROXY"], verify=ssl.create_default_context(cafile=proxy.env["SSL_CERT_FILE"])
    ) as client:
        yield client


def ask(proxy, head):
    """Send a request's head to the proxy itself and give the whole answer."""
    with socket.create_connection(("127.0.0.1", int(proxy.base_url.rpartition(":")[2])), timeout=10) as connection:
        connection.sendall(head)
        return b"".join(iter(lambda: connection.recv(65536), b"")).decode()


def test_stand_in_is_reached_under_the_production_address(client, sandbox):
    answer = client.get("https://api.one.example/told?a=1")

    assert answer.json() == {"url": "https://api.one.example/told?a=1", "host": "api.one.example"}
    assert [entry.path for entry in sandbox.providers["one"].log] == ["/told"]
    assert sandbox.providers["one"].log.entries()[0].headers["host"] == "api.one.example"


def test_hosts_lead_to_the_stand_in_that_declares_them(client, proxy, sandbox):
    for host in ("api.one.example", "tiles.one.example", "api.two.example"):
        assert client.get(f"https://{host}/told").json()["host"] == host

    assert proxy.hosts == {"api.one.example": "one", "api.two.example": "two", "tiles.one.example": "one"}
    assert [len(sandbox.providers[name].log) for name in ("one", "two", "three")] == [2, 1, 0]


def test_certificate_is_good_for_declared_names_only(proxy, sandbox):
    context = ssl.create_default_context(cafile=proxy.env["SSL_CERT_FILE"])
    # The newest Pythons judge as strictly by themselves.
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    port = proxy._ends["api.one.example"]
    with (
        socket.create_connection(("127.0.0.1", port)) as connection,
        context.wrap_socket(connection, server_hostname="api.two.example") as tls,
    ):
        names = {name for kind, name in tls.getpeercert()["subjectAltName"]}
    assert names == {"api.one.example", "api.two.example", "tiles.one.example"}

    with (
        socket.create_connection(("127.0.0.1", port)) as connection,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        context.wrap_socket(connection, server_hostname="api.three.example")


def test_client_that_does_not_trust_the_authority_is_not_served(proxy, sandbox):
    with httpx.Client(proxy=proxy.base_url) as client, pytest.raises(httpx.ConnectError, match="CERTIFICATE"):
        client.get("https://api.one.example/told")

    assert len(sandbox.log) == 0


@pytest.mark.parametrize(
    ("head", "status", "text"),
    [
        (b"CONNECT example.org:443 HTTP/1.1\r\n\r\n", 403, "example.org:443 is not in the sandbox"),
        (b"CONNECT api.one.example:80 HTTP/1.1\r\n\r\n", 403, "it has api.one.example:443"),
        (b"CONNECT api.one.example HTTP/1.1\r\n\r\n", 403, "api.one.example is not"),
        (b"CONNECT  HTTP/1.1\r\n\r\n", 403, "is not in the sandbox"),
        (b"GET http://api.one.example/told HTTP/1.1\r\n\r\n", 405, "only makes tunnels"),
        (b"\xff\x00\r\n\r\n", 405, "only makes tunnels"),
        (b"CONNECT api.one.example:443 HTTP/1.1\r\nX: " + b"x" * 20_000 + b"\r\n\r\n", 431, "too large"),
    ],
)
def test_proxy_refuses(proxy, sandbox, head, status, text):
    answer = ask(proxy, head)

    assert answer.startswith(f"HTTP/1.1 {status} ")
    assert text in answer
    assert len(sandbox.log) == 0


def test_host_may_be_written_in_any_case_and_with_a_dot(proxy):
    port = int(proxy.base_url.rpartition(":")[2])
    for host in ("API.One.Example", "api.one.example."):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(f"CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n".encode())
            assert connection.recv(100).startswith(b"HTTP/1.1 200 ")


def test_client_that_leaves_in_the_middle_harms_nobody(proxy, client):
    port = int(proxy.base_url.rpartition(":")[2])
    for head in (b"", b"CONN", b"CONNECT api.one.example:443 HTTP/1.1\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(head)

    assert client.get("https://api.one.example/told").status_code == 200


def test_files_come_through_whole_and_in_ranges(client):
    url = "https://api.one.example/file"

    assert client.get(url).content == DATA
    assert client.get(url, headers={"Range": "bytes=1000-70000"}).content == DATA[1000:70001]
    with ThreadPoolExecutor(8) as pool:
        assert all(answer.content == DATA for answer in pool.map(client.get, [url] * 24))


def test_faults_look_as_without_a_tunnel(client, sandbox):
    sandbox.faults.add(provider="one", path="/file", truncate_at=1000)
    with pytest.raises(httpx.RemoteProtocolError, match=r"incomplete message|without sending complete"):
        client.get("https://api.one.example/file")
    sandbox.faults.add(provider="one", path="/told", drop="before")
    with pytest.raises(httpx.RemoteProtocolError, match="disconnected without"):
        client.get("https://api.one.example/told")
    sandbox.faults.add(provider="one", path="/told", status=503)
    assert client.get("https://api.one.example/told").status_code == 503
    assert client.get("https://api.one.example/told").status_code == 200


def test_reset_comes_through_as_a_reset(proxy, sandbox):
    sandbox.faults.add(provider="one", drop="before", reset=True)
    context = ssl.create_default_context(cafile=proxy.env["SSL_CERT_FILE"])
    connection = socket.create_connection(("127.0.0.1", int(proxy.base_url.rpartition(":")[2])), timeout=10)
    connection.sendall(b"CONNECT api.one.example:443 HTTP/1.1\r\n\r\n")
    assert b"200" in connection.recv(100)
    with context.wrap_socket(connection, server_hostname="api.one.example") as tls:
        tls.sendall(b"GET /told HTTP/1.1\r\nHost: api.one.example\r\n\r\n")

        # Python's ssl makes an end of some resets: look below it.
        with socket.socket(fileno=os.dup(tls.fileno())) as raw:
            raw.settimeout(10)
            with pytest.raises(ConnectionResetError):
                list(iter(lambda: raw.recv(65536), b""))


def test_environment_overrides_one_that_is_there(proxy):
    program = """
import json, urllib.request
print(urllib.request.urlopen("https://api.two.example/told", data=b"{}").read().decode())
try:
    urllib.request.urlopen("https://example.org/")
except OSError as err:
    print(err)
"""
    elsewhere = {"https_proxy": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9", "SSL_CERT_FILE": "/nowhere"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **elsewhere, **proxy.env},
        capture_output=True,
        text=True,
        check=True,
    )

    told, refused = done.stdout.splitlines()
    assert json.loads(told) == {"url": "https://api.two.example/told", "host": "api.two.example"}
    assert "403" in refused
    assert proxy.env.keys() == {
        "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"
    }  # fmt: skip


def test_stopped_proxy_leaves_nothing_behind(sandbox):
    proxy = Interception(sandbox).start()
    trusted, before = Path(proxy.env["SSL_CERT_FILE"]), proxy.base_url
    port = int(before.rpartition(":")[2])
    tls_port = proxy._ends["api.one.example"]
    tunnel = socket.create_connection(("127.0.0.1", port), timeout=10)
    tunnel.sendall(b"CONNECT api.one.example:443 HTTP/1.1\r\n\r\n")
    assert b"200" in tunnel.recv(100)

    proxy.stop()
    proxy.stop()

    assert tunnel.recv(100) == b""
    tunnel.close()
    assert not trusted.parent.exists()
    assert not any(thread.name == "swath-sandbox-proxy" for thread in threading.enumerate())
    for gone in (port, tls_port):
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", gone), timeout=10)
    base_url = sandbox.providers["one"].base_url
    assert httpx.get(f"{base_url}/told").json()["url"] == f"{base_url}/told"


def test_proxy_can_be_stopped_after_its_sandbox(sandbox):
    with Interception(sandbox) as proxy:
        sandbox.stop()
        assert "403" in ask(proxy, b"CONNECT example.org:443 HTTP/1.1\r\n\r\n")
        assert ask(proxy, b"CONNECT api.one.example:443 HTTP/1.1\r\n\r\n") == ""


def test_two_proxies_of_one_sandbox_do_not_meet(sandbox, proxy, client):
    with Interception(sandbox) as other:
        assert Path(other.env["SSL_CERT_FILE"]).read_bytes() != Path(proxy.env["SSL_CERT_FILE"]).read_bytes()

    assert client.get("https://api.one.example/told").status_code == 200


def test_proxy_says_why_it_cannot_run(sandbox, monkeypatch):
    only = Sandbox(["three"])
    with only, pytest.raises(NotSupported, match="three"):
        Interception(only).start()
    with pytest.raises(NotSupported, match="none does"):
        Interception(only).start()

    sandbox.providers["two"].hosts = ("API.one.example",)
    with pytest.raises(PluginBroken, match=r"'one' and 'two' both stand for API\.one\.example"):
        Interception(sandbox).start()


def test_authority_names_the_extra_where_cryptography_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "cryptography", None)

    with pytest.raises(MissingExtra, match=r'cryptography.*pip install "swath\[sandbox\]"'):
        make_authority(["api.one.example"])


def test_command_line_runs_the_proxy_and_ends_cleanly(tmp_path):
    command = [sys.executable, "-m", "swath", "sandbox", "planet", "--proxy", "--json"]
    environ = {**os.environ, "SWATH_HOME": str(tmp_path), "TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        try:
            ready = json.loads(program.stdout.readline())
            context = ssl.create_default_context(cafile=ready["proxy"]["env"]["SSL_CERT_FILE"])
            way = urllib.request.ProxyHandler({"https": ready["proxy"]["base_url"]})
            opener = urllib.request.build_opener(way, urllib.request.HTTPSHandler(context=context))
            with opener.open("https://api.planet.com/compute/ops/bundles/spec", timeout=30) as answer:
                assert "analytic_udm2" in json.load(answer)["bundles"]
        finally:
            program.send_signal(signal.SIGTERM)
            stdout, stderr = program.communicate(timeout=30)

    assert ready.keys() == {"planet", "proxy"}
    assert ready["proxy"]["env"]["HTTPS_PROXY"] == ready["proxy"]["base_url"]
    assert (program.returncode, stdout, stderr) == (0, "", "Ended.\n")
    assert list(tmp_path.iterdir()) == []

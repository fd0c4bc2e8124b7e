# SPDX-License-Identifier: Apache-2.0
"""A small SeDAS in memory, and an opened account over it whose HTTP is a double."""

import datetime as dt
import hashlib
import http.server
import json
import re
import threading
from pathlib import Path
from urllib.parse import unquote

import httpx
import pytest
from attrs import define, field

from swath import errors
from swath.hookspecs import Context, Operation
from swath.models import Credential, Secret
from swath_sedas.signing import SeDASAuth

BASE = "https://sedas.test/api/"
NOW = dt.datetime(2023, 7, 1, 12, tzinfo=dt.UTC)
KINDS = {
    401: errors.InvalidCredentials,
    402: errors.QuotaExceeded,
    403: errors.NotEntitled,
    404: errors.NotFound,
    410: errors.Gone,
    429: errors.RateLimited,
}


class Tokens:
    """Keeps one token, as core's cache does, without threads, files or refreshing by time."""

    def __init__(self):
        self.kept = None

    def get(self, fetch, *, margin_s, not_this=None):
        if self.kept is None or self.kept is not_this or (self.kept.expires and self.kept.expires <= NOW):
            self.kept = fetch(self.kept)
        return self.kept


class Http:
    """Implements `swath.hookspecs.Http` over a handler, with no retry."""

    def __init__(self, handler):
        self.client = httpx.Client(transport=httpx.MockTransport(handler))
        self.auth = None
        self.sent = []

    def request(
        self,
        method,
        url,
        *,
        operation=Operation.READ,
        params=None,
        json=None,
        content=None,
        headers=None,
        auth=True,
        bucket="default",
        accept=(),
    ):
        request = self.client.build_request(method, url, params=params, json=json, content=content, headers=headers)
        self.sent.append((operation, request))
        response = self.client.send(request, auth=self.auth if auth else None)
        status = response.status_code
        if status < 400 or status in accept:
            return response
        kind = KINDS.get(status, errors.Unavailable if status >= 500 else errors.Rejected)
        raise kind(f"{method} answered {status}: {response.text}", provider="sedas", status_code=status)

    def stream(self, method, url, *, headers=None, auth=True, bucket="download", wait=True):
        return self.client.stream(method, url, headers=headers, auth=self.auth if auth else None)


@define
class Service:
    """What the service knows, and how it answers."""

    products: list = field(factory=list)
    cap: int = 256
    requests: dict = field(factory=dict)
    """Answer on each request, by id."""
    log: list = field(factory=list)
    """Method, path and body of each request, logins left out."""
    logins: int = 0
    valid: set = field(factory=set)
    until: str = "2030-01-01T00:00:00Z"
    batch: bool = True
    files: dict = field(factory=dict)
    answers: dict = field(factory=dict)
    """Status and body to give instead, by path."""

    def bodies(self, path="/search"):
        return [body for _, found, body in self.log if found == path]

    def __call__(self, request):
        path = re.sub("/+", "/", request.url.path).removeprefix("/api")
        if path == "/authentication":
            return self.log_in(request)
        if request.headers.get("authorization", "").removeprefix("Token ") not in self.valid:
            return httpx.Response(401, json={"message": "no"})
        body = json.loads(request.content) if request.content else None
        self.log.append((request.method, path, body))
        if path in self.answers:
            status, said = self.answers[path]
            return httpx.Response(status, **({"json": said} if not isinstance(said, str) else {"text": said}))
        if path == "/search":
            return httpx.Response(200, json={"id": "x", "products": self.search(body)[: self.cap]})
        if path == "/search/products":
            ids = request.url.params["ids"].split(",") if self.batch else [request.url.params["ids"]]
            return httpx.Response(200, json=[one for one in self.products if one["supplierId"] in ids])
        if path.startswith("/sensors/"):
            return httpx.Response(200, json=[{"name": "Sentinel-2A"}])
        if path == "/request":
            known = self.requests.get(request.url.params["ids"])
            return httpx.Response(200, json=[known] if known else [])
        if path.startswith("/request/"):
            return self.place(unquote(path.removeprefix("/request/")))
        if path in self.files:
            return httpx.Response(200, content=self.files[path], headers={"content-type": "application/zip"})
        return httpx.Response(404, text="<html>gone</html>", headers={"content-type": "text/html"})

    def log_in(self, request):
        if json.loads(request.content) != {"username": "alice", "password": "correct horse"}:
            return httpx.Response(401, json={"message": "bad credentials"})
        self.logins += 1
        token = f"t{self.logins}"
        self.valid.add(token)
        return httpx.Response(200, json={"token": token, "validUntil": self.until})

    def search(self, body):
        numbers = [float(word) for word in re.findall(r"-?[\d.]+", body["aoiWKT"])]
        west, east, south, north = min(numbers[::2]), max(numbers[::2]), min(numbers[1::2]), max(numbers[1::2])
        found = []
        for one in self.products:
            corners = [float(word) for word in re.findall(r"-?[\d.]+", one["coordinatesWKT"])]
            lons, lats = corners[::2], corners[1::2]
            inside = max(lons) >= west and min(lons) <= east and max(lats) >= south and min(lats) <= north
            if inside and body["start"] <= one["start"] <= body["stop"]:
                found.append(one)
        return found

    def place(self, supplier_id):
        if supplier_id not in {one["supplierId"] for one in self.products}:
            return httpx.Response(404, json={"message": "unknown product"})
        request_id = f"r-{len(self.requests) + 1:06d}"
        self.requests[request_id] = {"requestId": request_id, "supplierId": supplier_id, "status": "PENDING"}
        return httpx.Response(200, json={"requestId": request_id})

    def offer(self, supplier_id, content=b"PK\x03\x04 some bytes"):
        """Put a file online and give its address and MD5."""
        path = f"/files/{supplier_id}.zip"
        self.files[path] = content
        return f"https://sedas.test{path}", hashlib.md5(content).hexdigest()


@pytest.fixture
def service():
    return Service()


@pytest.fixture
def account(service):
    """Give a function that opens the account: over the service, or over another handler."""

    def open_account(handler=None, *, username="alice", password="correct horse", **settings):
        http = Http(handler or service)
        context = Context(
            provider="sedas",
            profile="default",
            account="a1",
            http=http,
            settings={"base_url": BASE, "split_at": "200", **settings},
            credentials={
                "username": Credential(name="username", value=Secret(username), source="argument"),
                "password": Credential(name="password", value=Secret(password), source="argument"),
            },
            now=lambda: NOW,
            tokens=Tokens(),
        )
        http.auth = SeDASAuth(context)
        return context

    return open_account


@pytest.fixture
def wire():
    """Read a recorded payload."""
    return lambda name: json.loads((Path(__file__).parent / "wire" / name).read_text(encoding="utf-8"))


@pytest.fixture
def make_product():
    """Make a small product at a time and place."""

    def make(supplier_id, start="2020-06-01T10:00:00Z", lon=0.0, lat=50.0, **more):
        corners = ((lon, lat), (lon + 0.1, lat), (lon + 0.1, lat + 0.1), (lon, lat))
        return {
            "supplierId": supplier_id,
            "coordinatesWKT": f"POLYGON(({','.join(f'{x:.4f} {y:.4f}' for x, y in corners)}))",
            "start": start,
            "stop": start,
            "satelliteName": "Sentinel-2A",
            "sensorType": "Optical",
            **more,
        }

    return make


@pytest.fixture
def served(service, monkeypatch, tmp_path):
    """Serve it over HTTP on loopback and give its address; credentials and tokens are kept in a folder of the test's own."""
    monkeypatch.setenv("SWATH_HOME", str(tmp_path / "home"))
    for name in ("SWATH_SEDAS_URL", "SEDAS_USERNAME", "SEDAS_PASSWORD", "SWATH_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    lock = threading.Lock()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self):
            content = self.rfile.read(int(self.headers.get("content-length") or 0))
            url = f"http://{self.headers['host']}{self.path}"
            with lock:
                made = service(httpx.Request(self.command, url, headers=dict(self.headers), content=content))
            self.send_response(made.status_code)
            self.send_header("content-type", made.headers.get("content-type", "application/json"))
            self.send_header("content-length", str(len(made.content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(made.content)

        do_GET = do_POST = do_HEAD = answer  # noqa: N815 (the standard library's names)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/api/"
    server.shutdown()
    thread.join()
    server.server_close()

# SPDX-License-Identifier: Apache-2.0
"""The service that the depot's plugin talks to: as a transport of httpx, or on loopback."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

KEY = "canary-depot-key-0001"


def item(name, *, price=None, cloud=5.0, day=1):
    properties = {"datetime": f"2026-05-{day:02}T10:00:00Z", "eo:cloud_cover": cloud, "swath:provider": "depot"}
    if price is not None:
        properties["depot:price"] = price
    return {"type": "Feature", "stac_version": "1.1.0", "stac_extensions": [], "id": name, "collection": "crates",
            "geometry": {"type": "Point", "coordinates": [5.0, 52.0]}, "bbox": [5.0, 52.0, 5.0, 52.0],
            "properties": properties, "links": [], "assets": {}}  # fmt: skip


class Service:
    """Keeps orders and moves them on by one state a look.

    Args:
        now: Tells the time of new orders.
        base: Where it is.
    """

    def __init__(self, now=lambda: dt.datetime.now(dt.UTC), base="https://depot.example"):
        self.base = base
        self.now = now
        self.keys = {KEY}
        self.items = [
            item(name, price=number, cloud=number * 10.0, day=number) for number, name in enumerate("abcdef", 1)
        ]
        self.script = ["packing", "on its way", "delivered"]
        self.why = {}
        self.missing = {}
        self.orders = {}
        self.log = []
        self.faults = []
        self._lock = threading.Lock()

    @property
    def posts(self):
        """How many orders it was sent."""
        return sum(method == "POST" for method, _, _ in self.log)

    def fail(self, method, path, how, *, times=1):
        """Let matching requests go wrong: `how` is a status, an error to raise, or a function of the request."""
        self.faults.append([method, path, how, times])

    def __call__(self, request):
        with self._lock:
            path = request.url.path
            self.log.append((request.method, path, request.headers.get("X-Key", "")))
            for fault in self.faults:
                method, pattern, how, times = fault
                if times and method == request.method and re.search(pattern, path):
                    fault[3] -= 1
                    if isinstance(how, int):
                        return httpx.Response(how, json={"message": f"no: {how}"})
                    if isinstance(how, BaseException):
                        raise how
                    done = how(request)
                    if done is not None:
                        return done
            if path.startswith("/files/"):
                return httpx.Response(200, content=self.content(path), headers={"Content-Type": "text/plain"})
            if request.headers.get("X-Key") not in self.keys:
                return httpx.Response(401, json={"message": "the gate stays shut"})
            return self.answer(request.method, path, request)

    def content(self, path):
        return f"what is in {path}\n".encode() * 500

    def answer(self, method, path, request):
        parts = path.strip("/").split("/")
        if path == "/items":
            return httpx.Response(200, json=self.items)
        if path == "/orders" and method == "POST":
            return httpx.Response(200, json=self.take(json.loads(request.content)))
        if path == "/orders":
            return httpx.Response(200, json=list(self.orders.values()))
        found = self.orders.get(parts[1])
        if found is None:
            return httpx.Response(404, json={"message": "no such order"})
        if method == "DELETE":
            if found["state"] != "placed":
                return httpx.Response(409, json={"message": "too late"})
            found["state"] = "dropped"
            return httpx.Response(200, json=found)
        if parts[-1] == "files":
            return httpx.Response(
                200, json=[self.file(name) for name in found["items"] if name not in found["missing"]]
            )
        if found["left"]:
            found["state"] = found["left"].pop(0)
        found["why"] = self.why.get(found["state"], "")
        found["missing"] = {name: why for name, why in self.missing.items() if name in found["items"]}
        return httpx.Response(200, json=found)

    def take(self, payload):
        made = {"id": f"d-{len(self.orders) + 1:06}", "items": payload["items"], "name": payload["name"],
                "state": "placed", "why": "", "missing": {}, "progress": None, "left": list(self.script),
                "at": self.now().isoformat()}  # fmt: skip
        self.orders[made["id"]] = made
        return made

    def file(self, name):
        content = self.content(f"/files/{name}.txt")
        return {"item": name, "href": f"{self.base}/files/{name}.txt", "size": len(content),
                "checksum": f"1220{hashlib.sha256(content).hexdigest()}"}  # fmt: skip

    @contextlib.contextmanager
    def listening(self):
        """Serve on loopback until the block ends."""
        service = self

        class Handler(BaseHTTPRequestHandler):
            def _serve(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                request = httpx.Request(
                    self.command, f"{service.base}{self.path}", headers=dict(self.headers), content=body
                )
                try:
                    made = service(request)
                except httpx.TransportError:
                    self.connection.close()
                    return
                self.send_response(made.status_code)
                self.send_header("Content-Type", made.headers.get("Content-Type", "application/json"))
                self.send_header("Content-Length", str(len(made.content)))
                self.end_headers()
                self.wfile.write(made.content)

            do_GET = do_POST = do_DELETE = _serve  # noqa: N815 (http.server's names)

            def log_message(self, *_):
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            self.base = f"http://127.0.0.1:{server.server_port}"
            thread = threading.Thread(target=server.serve_forever, args=(0.05,))
            thread.start()
            try:
                yield self
            finally:
                server.shutdown()
                thread.join()

# SPDX-License-Identifier: Apache-2.0
"""As little of an HTTP/1.1 server as rows need whose answers are made beforehand: it must not be what is measured."""

from __future__ import annotations

import asyncio
import http
from collections.abc import Callable
from typing import Any

Answer = tuple[int, bytes]
App = Callable[[str, str, bytes], Answer]
"""Given method, target and body, gives a status and a JSON body."""


class _Connection(asyncio.Protocol):
    """One connection; the next request is looked at once the one before is answered."""

    def __init__(self, app: App, latency_s: float) -> None:
        self._app = app
        self._latency_s = latency_s
        self._held = bytearray()
        self._busy = False
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._held += data
        self._next()

    def _next(self) -> None:
        end = self._held.find(b"\r\n\r\n")
        if self._busy or end < 0:
            return
        lines = bytes(self._held[:end]).split(b"\r\n")
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines[1:])}
        size = int(fields.get(b"content-length", 0))
        if len(self._held) < end + 4 + size:
            return
        body = bytes(self._held[end + 4 : end + 4 + size])
        del self._held[: end + 4 + size]
        method, target, _ = lines[0].decode().split(" ")
        status, answer = self._app(method, target, body)
        self._busy = True
        if self._latency_s:
            asyncio.get_running_loop().call_later(self._latency_s, self._answer, status, answer)
        else:
            self._answer(status, answer)

    def _answer(self, status: int, answer: bytes) -> None:
        self._busy = False
        if self._transport.is_closing():
            return
        head = f"HTTP/1.1 {status} {http.HTTPStatus(status).phrase}\r\nContent-Type: application/json\r\n"
        head += f"Content-Length: {len(answer)}\r\n" + ("Retry-After: 1\r\n" if status == 429 else "")
        self._transport.write(head.encode() + b"\r\n")
        self._transport.write(answer)
        self._next()


def serve(make: Callable[[str], App], latency_s: float = 0.0) -> None:
    """Serve on loopback until killed; the port is printed first.

    Args:
        make: Given the address, makes the application.
        latency_s: Seconds before each answer.
    """

    async def main() -> None:
        loop = asyncio.get_running_loop()
        held: dict[str, App] = {}
        server = await loop.create_server(lambda: _Connection(held["app"], latency_s), "127.0.0.1", 0, backlog=2048)
        port = server.sockets[0].getsockname()[1]
        held["app"] = make(f"http://127.0.0.1:{port}")
        print(port, flush=True)
        await server.serve_forever()

    asyncio.run(main())

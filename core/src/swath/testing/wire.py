# SPDX-License-Identifier: Apache-2.0
"""HTTP/1.1 on a bare socket: read a request, write an answer, break off in every way."""

from __future__ import annotations

import contextlib
import http.client
import socket
import struct
from typing import Literal

from attrs import evolve, field, frozen

__all__ = ["Answer", "Broken", "Request", "Wire", "ask"]

_BLOCK = 1 << 16
_LONGEST_HEAD = 1 << 16
_LINGER_NOT = struct.pack("ii", 1, 0)
_HOP = frozenset({"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"})
_BODILESS = frozenset({204, 304})


class Broken(Exception):
    """The connection ended, or is to be left: nothing more can be said on it."""


@frozen(kw_only=True)
class Request:
    """What a client asked."""

    method: str
    target: str
    """Path with query."""
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(default=b"", repr=False)

    def header(self, name: str) -> str | None:
        """Give a header's value by its name in small letters."""
        return next((value for known, value in self.headers if known.lower() == name), None)


@frozen(kw_only=True)
class Answer:
    """What is answered."""

    status: int
    reason: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)
    head_only: bool = False
    """Whether it answers HEAD: its Content-Length tells of a body that does not come."""

    def header(self, name: str) -> str | None:
        """Give a header's value by its name in small letters."""
        return next((value for known, value in self.headers if known.lower() == name), None)

    def but(self, **headers: str | None) -> tuple[tuple[str, str], ...]:
        """Give the headers with some replaced, by name with ``_`` for ``-``; None leaves one out."""
        changed = {name.lower().replace("_", "-"): value for name, value in headers.items()}
        kept = [(name, value) for name, value in self.headers if name.lower() not in changed]
        return (*kept, *((name, value) for name, value in changed.items() if value is not None))


class Wire:
    """One connection with a client."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._held = b""
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def read_head(self) -> Request | None:
        """Read the head of the next request; None where the client has none."""
        while b"\r\n\r\n" not in self._held:
            if not self._more():
                return None
            if len(self._held) > _LONGEST_HEAD:
                raise Broken
        head, _, self._held = self._held.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, _, rest = first.partition(" ")
        pairs = [line.partition(":") for line in lines]
        headers = tuple((name.strip(), value.strip()) for name, _, value in pairs)
        return Request(method=method, target=rest.rpartition(" ")[0], headers=headers)

    def read_body(self, request: Request) -> Request:
        """Give the request with its body, which is read now."""
        if "chunked" in (request.header("transfer-encoding") or ""):
            return evolve(request, body=self._chunks())
        return evolve(request, body=self._exactly(int(request.header("content-length") or 0)))

    def skip(self, size: int) -> None:
        """Read this many bytes and no more, or less if there are less."""
        while len(self._held) < size and self._more():
            pass

    def write(self, data: bytes) -> None:
        """Send bytes.

        Raises:
            Broken: The client has gone.
        """
        try:
            self._socket.sendall(data)
        except OSError as err:
            raise Broken from err

    def write_head(self, answer: Answer, *, length: int | None) -> None:
        """Send an answer's status line and headers.

        Args:
            answer: What is answered.
            length: Content-Length; None for a chunked body.
        """
        kept = [pair for pair in answer.headers if pair[0].lower() not in _HOP | {"content-length"}]
        if answer.head_only:
            kept += [pair for pair in answer.headers if pair[0].lower() == "content-length"]
        elif answer.status not in _BODILESS:
            kept.append(("Transfer-Encoding", "chunked") if length is None else ("Content-Length", str(length)))
        reason = answer.reason or http.client.responses.get(answer.status, "")
        lines = [f"HTTP/1.1 {answer.status} {reason}", *(f"{name}: {value}" for name, value in kept), "", ""]
        self.write("\r\n".join(lines).encode("latin-1"))

    def write_chunk(self, data: bytes) -> None:
        """Send one piece of a chunked body; an empty one ends it."""
        self.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def end(self, how: Literal["close", "reset", "stall"]) -> None:
        """Break off; a stall lasts until the client leaves or the proxy ends."""
        if how == "stall":
            with contextlib.suppress(OSError):
                while self._socket.recv(_BLOCK):
                    pass
        elif how == "reset":
            with contextlib.suppress(OSError):
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        else:
            # What the client may still be sending would turn the orderly end into a reset.
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_WR)
                self._socket.settimeout(1.0)
                while self._socket.recv(_BLOCK):
                    pass
        self._socket.close()

    def _more(self) -> bool:
        try:
            block = self._socket.recv(_BLOCK)
        except OSError as err:
            raise Broken from err
        self._held += block
        return bool(block)

    def _exactly(self, size: int) -> bytes:
        while len(self._held) < size:
            if not self._more():
                raise Broken
        taken, self._held = self._held[:size], self._held[size:]
        return taken

    def _line(self) -> bytes:
        while b"\r\n" not in self._held:
            if not self._more():
                raise Broken
        line, _, self._held = self._held.partition(b"\r\n")
        return line

    def _chunks(self) -> bytes:
        body = b""
        while size := int(self._line().partition(b";")[0], 16):
            body += self._exactly(size)
            self._line()
        while self._line():
            pass
        return body


def ask(host: str, port: int, request: Request) -> Answer:
    """Pass a request on to the server, Host header and all, on a connection of its own.

    Raises:
        OSError: The server cannot be reached or breaks off; `http.client.HTTPException` where it talks nonsense.
    """
    connection = http.client.HTTPConnection(host, port, timeout=60)
    try:
        connection.putrequest(request.method, request.target, skip_host=True, skip_accept_encoding=True)
        for name, value in request.headers:
            if name.lower() not in _HOP | {"content-length"}:
                connection.putheader(name, value)
        if request.body or request.method in {"POST", "PUT", "PATCH"}:
            connection.putheader("Content-Length", str(len(request.body)))
        connection.putheader("Connection", "close")
        connection.endheaders(request.body or None)
        response = connection.getresponse()
        body = response.read()
        return Answer(
            status=response.status,
            reason=response.reason,
            headers=tuple(response.getheaders()),
            body=body,
            head_only=request.method == "HEAD",
        )
    finally:
        connection.close()

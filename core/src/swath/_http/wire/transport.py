# SPDX-License-Identifier: Apache-2.0
"""The engine as httpx sees it: a transport."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable
from typing import Any, Final

import httpx

from swath._http.wire.answer import Body, Head
from swath._http.wire.connection import Connection, Origin, connect
from swath._http.wire.pool import Pool

__all__ = ["Wire"]

_PORTS: Final = {"http": 80, "https": 443}
_UNSAFE: Final = re.compile(rb"[\r\n\0]")
_TOKEN: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_MOST_TRIES: Final = 3


class Wire(httpx.BaseTransport):
    """Sends requests over HTTP/1.1.

    httpx reads a body through four layers of Python, in pieces of 64 KiB at most, which costs two to three times what
    the socket can give, and its pool goes through all connections at each request. This one parses heads by llhttp and
    lets bodies be read straight from the socket.

    Args:
        trusted: Gives what servers' certificates are checked against; asked at the first connection with TLS.
        keep: How many unused connections are kept; 0 for a new one at each request.
    """

    def __init__(self, trusted: Callable[[], ssl.SSLContext], *, keep: int = 32) -> None:
        self._trusted = trusted
        self._pool = Pool(keep)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and read the head of the answer."""
        limits: dict[str, Any] = request.extensions.get("timeout", {})
        url = request.url
        origin = Origin(url.scheme, url.raw_host.decode("ascii"), url.port or _PORTS.get(url.scheme, 0))
        if url.scheme not in _PORTS:
            raise httpx.UnsupportedProtocol(f"the address has the scheme {url.scheme!r}")
        data = _written(request)
        connection = self._pool.take(origin) or connect(origin, trusted=self._trusted, limit_s=limits.get("connect"))
        head = Head(connection, is_head=request.method == "HEAD", limit_s=limits.get("read"))
        try:
            try:
                connection.send(data, limits.get("write"))
            except httpx.WriteError as err:  # it may have answered before it had read everything
                _read_early(head, err)
            else:
                head.read()
            body = Body(head, self._release)
        except BaseException:
            connection.close()
            raise
        return httpx.Response(
            head.status,
            headers=head.headers,
            stream=body,
            extensions={
                "http_version": b"HTTP/1.1",
                "reason_phrase": head.reason,
                "network_stream": _Under(connection),
                "swath_body": body,
            },
        )

    def _release(self, connection: Connection, can_stay: bool) -> None:
        if can_stay:
            self._pool.give(connection)
        else:
            connection.close()

    def close(self) -> None:
        """Close all connections that are not in use, and the others once they are not."""
        self._pool.close()


class _Under:
    """What httpx calls the network stream: tells the socket under an answer."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get_extra_info(self, info: str) -> Any:
        """Give ``"socket"``; None for anything else."""
        return self._connection.socket if info == "socket" else None


def _read_early(head: Head, refused: httpx.WriteError) -> None:
    """Read the answer to a request that was not taken whole.

    Raises:
        httpx.WriteError: There is none.
    """
    try:
        head.read()
    except httpx.TransportError:
        raise refused from None
    head.keeps = False


def _written(request: httpx.Request) -> bytes:
    """Write a request as it is sent.

    Raises:
        httpx.LocalProtocolError: A part of it would end the line that it is in.
    """
    content = request.read()
    lines = []
    for name, value in request.headers.raw:
        if name.lower() == b"transfer-encoding":  # httpx adds it to bodies whose length it does not know; we do
            name, value = b"Content-Length", str(len(content)).encode()  # noqa: PLW2901
        if _UNSAFE.search(value) or not _TOKEN.fullmatch(name):
            raise httpx.LocalProtocolError(f"the header {name.decode('ascii', 'replace')!r} cannot be sent")
        lines.append(b"%s: %s\r\n" % (name, value))
    method = request.method.encode("ascii", "replace")
    if not _TOKEN.fullmatch(method):
        raise httpx.LocalProtocolError(f"{request.method!r} is no method")
    return b"%s %s HTTP/1.1\r\n%s\r\n%s" % (method, request.url.raw_path, b"".join(lines), content)

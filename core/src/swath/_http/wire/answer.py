# SPDX-License-Identifier: Apache-2.0
"""One answer: its head, parsed by llhttp, and its body, which can be read past the parser."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Final

import httptools
import httpx

from swath._http.wire.connection import Connection

__all__ = ["Body", "Head", "body_of"]

BLOCK_BYTES: Final = 128 * 1024
"""Of one read."""
_MOST_HEAD_BYTES: Final = 128 * 1024
"""Of status line and headers; what is longer is no answer of a sane server."""
_DIRECT: Final = frozenset({200, 206})
_BODILESS: Final = frozenset({204, 304})
"""Whatever length they tell; older versions of llhttp wait for it (RFC 9112, 6.3)."""


class Head:
    """Reads an answer from a connection; llhttp calls it back.

    Args:
        connection: Where the answer comes.
        is_head: Whether ``HEAD`` was asked, whose answer has no body whatever it says.
        limit_s: Seconds of silence.
    """

    def __init__(self, connection: Connection, *, is_head: bool, limit_s: float | None) -> None:
        self.connection = connection
        self.limit_s = limit_s
        self.headers: list[tuple[bytes, bytes]] = []
        self.status = 0
        self.reason = b""
        self.chunks: deque[bytes] = deque()
        """Of the body, parsed and not yet taken."""
        self.is_done = False
        self.keeps = False
        """Whether the connection can be used again after the body."""
        self.left: int | None = None
        """Bytes of the body that the parser has not seen, where it need not see them."""
        self._is_head = is_head
        self._is_whole_head = False
        self._parser = httptools.HttpResponseParser(self)

    # --- called by llhttp ---------------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        if self.is_done:
            self.keeps = False  # more than the answer came

    def on_status(self, reason: bytes) -> None:
        self.reason = reason

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._is_whole_head:  # afterwards it is a trailer
            self.headers.append((name, value.rstrip(b" \t")))

    def on_headers_complete(self) -> None:
        if self.is_done:
            return
        self.status = self._parser.get_status_code()
        if self.status < 200:
            return
        self._is_whole_head = True
        self.keeps = self._parser.should_keep_alive()
        self.is_done = self._is_head or self.status in _BODILESS

    def on_body(self, data: bytes) -> None:
        if not self.is_done:
            self.chunks.append(data)

    def on_message_complete(self) -> None:
        if self._is_whole_head:
            self.is_done = True
        else:  # 100 Continue, 103 Early Hints
            self.headers.clear()

    # --- reading ------------------------------------------------------------------------------------------------------

    def read(self) -> None:
        """Read until the head is whole.

        Raises:
            httpx.TransportError: It does not come, or is none.
        """
        seen = 0
        while not self._is_whole_head:
            seen += self.more(waits=True)
            if seen > _MOST_HEAD_BYTES and not self._is_whole_head:
                raise httpx.RemoteProtocolError(f"the head of the answer is longer than {_MOST_HEAD_BYTES:,} bytes")
        if self.is_done or self.status not in _DIRECT:
            return
        names = {name.lower(): value for name, value in self.headers}
        length = names.get(b"content-length")
        if length is not None and b"transfer-encoding" not in names:
            self.left = int(length) - sum(map(len, self.chunks))

    def more(self, *, waits: bool = False) -> int:
        """Let the parser see what comes next; give how many bytes.

        Args:
            waits: Whether nothing is expected to have come yet.

        Raises:
            httpx.TransportError: It does not come, or is no HTTP.
        """
        buffer = self.connection.buffer
        count = self.connection.receive(buffer, self.limit_s, waits=waits)
        if not count:
            self._ended()
            return 0
        try:
            self._parser.feed_data(memoryview(buffer)[:count])
        except httptools.HttpParserUpgrade as err:
            raise httpx.RemoteProtocolError("the server switches to another protocol unasked") from err
        except httptools.HttpParserError as err:
            if not self.is_done:
                raise httpx.RemoteProtocolError(f"the answer is no HTTP: {err}") from err
            self.keeps = False  # something came after the answer
        return count

    def _ended(self) -> None:
        """See what it means that the server closed."""
        self.keeps = False
        if not self._is_whole_head:
            raise httpx.RemoteProtocolError("Server disconnected without sending a response.")
        names = {name.lower() for name, _ in self.headers}
        if names & {b"content-length", b"transfer-encoding"}:
            raise httpx.RemoteProtocolError("the server closed before the answer was whole")
        self.is_done = True


class Body(httpx.SyncByteStream):
    """The body of an answer, as chunks or read into a buffer of the caller's.

    Args:
        head: Its head, read.
        release: Takes the connection back; told whether it can be used again.
    """

    def __init__(self, head: Head, release: Callable[[Connection, bool], None]) -> None:
        self._head = head
        self._release: Callable[[Connection, bool], None] | None = release
        if head.is_done and not head.chunks:
            self.close()

    def __iter__(self) -> Iterator[bytes]:
        head = self._head
        while True:
            while head.chunks:
                yield head.chunks.popleft()
            if head.left:
                size = min(head.left, BLOCK_BYTES)
                buffer = bytearray(size)
                count = self._direct(memoryview(buffer))
                yield bytes(memoryview(buffer)[:count])
            elif head.is_done or head.left == 0:
                self._finish()
                return
            else:
                head.more()

    @property
    def left(self) -> int | None:
        """Bytes to come, where the answer said how many."""
        head = self._head
        return None if head.left is None else head.left + sum(map(len, head.chunks))

    def read_into(self, buffer: memoryview) -> int:
        """Read what is there into a buffer.

        Args:
            buffer: Of more than no bytes.

        Returns:
            How many bytes, at least 1; 0 at the end.

        Raises:
            httpx.TransportError: It does not come.
        """
        head = self._head
        while True:
            if head.chunks:
                chunk = head.chunks.popleft()
                count = min(len(chunk), len(buffer))
                buffer[:count] = chunk[:count]
                if count < len(chunk):
                    head.chunks.appendleft(chunk[count:])
                return count
            if head.left:
                return self._direct(buffer)
            if head.is_done or head.left == 0:
                self._finish()
                return 0
            head.more()

    def _direct(self, buffer: memoryview) -> int:
        """Read past the parser: what is left has a known length."""
        head = self._head
        left = head.left or 0
        count = head.connection.receive(buffer[:left], head.limit_s)
        if not count:
            head.keeps = False
            raise httpx.RemoteProtocolError(f"the server closed {left:,} bytes before the end of the answer")
        head.left = left - count
        return count

    def _finish(self) -> None:
        self._head.is_done = True
        self.close()

    def close(self) -> None:
        """Give the connection back; one whose answer was not read to its end is closed."""
        release, self._release = self._release, None
        if release is not None:
            head = self._head
            is_read = not head.chunks and (head.is_done or head.left == 0)
            release(head.connection, is_read and head.keeps)


def body_of(response: httpx.Response) -> Body | None:
    """Give the body of an answer that this engine read; None for another's."""
    found = response.extensions.get("swath_body")
    return found if isinstance(found, Body) else None

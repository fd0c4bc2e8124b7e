# SPDX-License-Identifier: Apache-2.0
"""One connection to a server: opened, written to and read from within time limits."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import time
from collections.abc import Callable
from typing import NamedTuple

import httpx

from swath._worker import check, current

__all__ = ["Connection", "Origin", "connect"]

_LOOK_S = 0.2
"""Between looks at whether the work was dropped, seconds."""
_BUFFER_BYTES = 128 * 1024
_RECORD_BYTES = 16 * 1024
"""Most that a TLS record carries (RFC 8446, 5.1)."""


class Origin(NamedTuple):
    """Where a connection leads."""

    scheme: str
    host: str
    port: int


class Connection:
    """A TCP connection, or one with TLS on it.

    Its socket never blocks: what has come is taken at once, and only where nothing has, the system is asked to wait.
    Python's own time-outs would ask before each read, which matters where TLS gives a record of 16 KiB at a time.

    Args:
        origin: Where it leads.
        opened: The socket, connected.
    """

    def __init__(self, origin: Origin, opened: socket.socket) -> None:
        self.origin = origin
        self.socket = opened
        self.buffer = bytearray(_BUFFER_BYTES)
        """For heads and what comes with them, one answer after the other."""
        self.idle_since_s = 0.0
        """By `time.monotonic`."""
        self._is_tls = origin.scheme == "https"
        self._poll = None
        opened.settimeout(0)
        if hasattr(select, "poll"):  # `select.select` fails where a process has more than 1,024 files open
            self._poll = select.poll()
            self._poll.register(opened, select.POLLIN)

    def send(self, data: bytes, limit_s: float | None) -> None:
        """Write all of it.

        Raises:
            httpx.WriteTimeout, httpx.WriteError: It could not be written.
        """
        check()
        left = memoryview(data)
        try:
            while left:
                try:
                    left = left[self.socket.send(left) :]
                except ssl.SSLWantReadError:
                    self._wait(limit_s)
                except (BlockingIOError, ssl.SSLWantWriteError):
                    if not self._is_writable(limit_s):
                        raise httpx.WriteTimeout("timed out: the server took nothing for too long") from None
        except (OSError, ValueError) as err:  # a closed socket has no number to wait for
            raise httpx.WriteError(str(err)) from err

    def receive(self, buffer: bytearray | memoryview, limit_s: float | None, *, waits: bool = False) -> int:
        """Read what is there into a buffer, at least one byte.

        Args:
            buffer: Of at least one byte.
            limit_s: Seconds of silence.
            waits: Whether nothing is expected to have come yet.

        Returns:
            How many bytes; 0 once the server has closed.

        Raises:
            httpx.ReadTimeout: Nothing came for `limit_s` seconds.
            httpx.ReadError: The connection broke.
            swath._worker.Stopped: The work was dropped; it is looked at a few times a second.
        """
        check()
        try:
            if waits and not self._is_tls:
                self._wait(limit_s)
            while True:
                try:
                    count = self.socket.recv_into(buffer)
                except (BlockingIOError, ssl.SSLWantReadError):
                    self._wait(limit_s)
                else:
                    return self._read_on(buffer, count) if self._is_tls and count else count
        except (OSError, ValueError) as err:
            raise httpx.ReadError(str(err)) from err

    def _wait(self, limit_s: float | None) -> None:
        """Wait until something has come.

        Raises:
            httpx.ReadTimeout: Nothing did.
            swath._worker.Stopped: The work was dropped.
        """
        if current() is None:
            if not self._is_readable(limit_s):
                raise httpx.ReadTimeout("timed out: nothing came for too long")
            return
        end_s = None if limit_s is None else time.monotonic() + limit_s
        while True:
            check()
            left_s = _LOOK_S if end_s is None else end_s - time.monotonic()
            if self._is_readable(max(0.001, min(_LOOK_S, left_s))):
                return
            if end_s is not None and time.monotonic() >= end_s:
                raise httpx.ReadTimeout("timed out: nothing came for too long")

    def _read_on(self, buffer: bytearray | memoryview, count: int) -> int:
        """Take what else has come: TLS gives one record of 16 KiB at a time."""
        view = memoryview(buffer)
        with contextlib.suppress(OSError):  # what is here is given first; the next read meets the same trouble
            while len(view) - count >= _RECORD_BYTES:
                more = self.socket.recv_into(view[count:])
                if not more:
                    break
                count += more
        return count

    @property
    def is_stale(self) -> bool:
        """Whether the server has closed it, or said something unasked, while it was idle."""
        return self._is_readable(0)

    def _is_readable(self, limit_s: float | None) -> bool:
        if self._poll is not None:
            return bool(self._poll.poll(None if limit_s is None else limit_s * 1000))
        return bool(select.select([self.socket], [], [], limit_s)[0])

    def _is_writable(self, limit_s: float | None) -> bool:
        if self._poll is None:
            return bool(select.select([], [self.socket], [], limit_s)[1])
        poll = select.poll()
        poll.register(self.socket, select.POLLOUT)
        return bool(poll.poll(None if limit_s is None else limit_s * 1000))

    def close(self) -> None:
        """Close it."""
        self.buffer = bytearray()  # answers that are kept lead here
        with contextlib.suppress(OSError):
            self.socket.close()


def connect(origin: Origin, *, trusted: Callable[[], ssl.SSLContext], limit_s: float | None) -> Connection:
    """Open a connection.

    Args:
        origin: Where to.
        trusted: Gives what the server's certificate is checked against.
        limit_s: Seconds for each address of the host, and for the handshake.

    Raises:
        httpx.ConnectTimeout: It took too long.
        httpx.ConnectError: The name is unknown, nobody listens, or the certificate is not to be trusted.
    """
    check()
    opened = None
    try:
        opened = socket.create_connection((origin.host, origin.port), limit_s)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if origin.scheme == "https":
            opened = trusted().wrap_socket(opened, server_hostname=origin.host)
    except TimeoutError as err:
        _drop(opened)
        raise httpx.ConnectTimeout(f"timed out: {origin.host} did not answer") from err
    except (OSError, UnicodeError, ValueError) as err:  # ssl.SSLError is one of them; a host name may be none
        _drop(opened)
        raise httpx.ConnectError(str(err)) from err
    except BaseException:
        _drop(opened)
        raise
    return Connection(origin, opened)


def _drop(opened: socket.socket | None) -> None:
    if opened is not None:
        with contextlib.suppress(OSError):
            opened.close()

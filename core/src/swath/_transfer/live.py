# SPDX-License-Identifier: Apache-2.0
"""What the threads of one batch share: the word to stop, the open answers, the listener."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from swath.progress import Event

if TYPE_CHECKING:
    import httpx

__all__ = ["Answers", "Live"]


class Answers:
    """The answers that are being read, so that all of them can be ended at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: set[httpx.Response] = set()
        self._is_cut = False

    @contextlib.contextmanager
    def reading(self, response: httpx.Response) -> Iterator[None]:
        """Let `cut` end the wait for the next bytes of an answer."""
        with self._lock:
            self._open.add(response)
            if self._is_cut:
                _cut(response)
        try:
            yield
        finally:
            with self._lock:
                self._open.discard(response)

    def cut(self) -> None:
        """End reads, also those that wait for a silent server, and all that begin later."""
        with self._lock:
            self._is_cut = True
            for response in self._open:
                _cut(response)


class Live:
    """One for each batch.

    Args:
        listener: Told of progress, one call at a time, on the thread where it happens.
    """

    def __init__(self, listener: Callable[[Event], None] | None) -> None:
        self.stop = threading.Event()
        """Set when the batch is to end."""
        self._listener = listener
        self._told = threading.Lock()
        self._answers = Answers()
        self._lock = threading.Lock()
        self._streams: Counter[str] = Counter()

    @property
    def is_heard(self) -> bool:
        """Whether anybody is told of progress."""
        return self._listener is not None

    def tell(self, event: Event) -> None:
        """Pass on what happened."""
        if self._listener is not None:
            with self._told:
                self._listener(event)

    def reading(self, response: httpx.Response) -> AbstractContextManager[None]:
        """Let `halt` end the wait for the next bytes of an answer."""
        return self._answers.reading(response)

    def join(self, host: str, most: int | None = None) -> bool:
        """Count one more answer that is read from a host.

        Args:
            host: Whose.
            most: Where so many are read already, it is not to be; None for no bound.

        Returns:
            Whether it may be.
        """
        with self._lock:
            if most is not None and self._streams[host] >= most:
                return False
            self._streams[host] += 1
            return True

    def leave(self, host: str) -> None:
        """Count one less."""
        with self._lock:
            self._streams[host] -= 1

    def halt(self) -> None:
        """End everything now, also reads that wait for a silent server."""
        self.stop.set()
        self._answers.cut()


def _cut(response: httpx.Response) -> None:
    """Shut the socket under an answer. Closing it would not wake a thread that waits for it."""
    stream = response.extensions.get("network_stream")
    found = stream.get_extra_info("socket") if stream is not None else None
    if isinstance(found, socket.socket):
        with contextlib.suppress(OSError):
            socket.socket.shutdown(found, socket.SHUT_RDWR)  # TLS has a shutdown of its own, which is not for threads

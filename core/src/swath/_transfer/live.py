# SPDX-License-Identifier: Apache-2.0
"""What the threads of one batch share: the word to stop, the open answers, the listener."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from swath.progress import Event

if TYPE_CHECKING:
    import httpx

__all__ = ["Live"]


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
        self._lock = threading.Lock()
        self._open: set[httpx.Response] = set()

    def tell(self, event: Event) -> None:
        """Pass on what happened."""
        if self._listener is not None:
            with self._told:
                self._listener(event)

    @contextlib.contextmanager
    def reading(self, response: httpx.Response) -> Iterator[None]:
        """Let `halt` end the wait for the next bytes of an answer."""
        with self._lock:
            self._open.add(response)
        try:
            if self.stop.is_set():
                _cut(response)
            yield
        finally:
            with self._lock:
                self._open.discard(response)

    def halt(self) -> None:
        """End everything now, also reads that wait for a silent server."""
        self.stop.set()
        with self._lock:
            for response in self._open:
                _cut(response)


def _cut(response: httpx.Response) -> None:
    """Shut the socket under an answer. Closing it would not wake a thread that waits for it."""
    stream = response.extensions.get("network_stream")
    found = stream.get_extra_info("socket") if stream is not None else None
    if isinstance(found, socket.socket):
        with contextlib.suppress(OSError):
            socket.socket.shutdown(found, socket.SHUT_RDWR)  # TLS has a shutdown of its own, which is not for threads

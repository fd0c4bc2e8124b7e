# SPDX-License-Identifier: Apache-2.0
"""Keeps connections that can be used again."""

from __future__ import annotations

import threading
import time
import weakref
from collections import deque
from collections.abc import Mapping

from swath._http.wire.connection import Connection, Origin

__all__ = ["Pool"]

_IDLE_S = 30.0
"""Seconds that a connection is kept unused. Servers and the networks between forget longer ones without a word."""


class Pool:
    """Connections by origin, the last used first.

    Args:
        keep: How many unused ones are kept in all; 0 for none.
    """

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._lock = threading.Lock()
        self._idle: dict[Origin, deque[Connection]] = {}
        self._count = 0
        self._closed = False
        # Whoever forgets a client leaves no socket open: it is closed when the pool is given up.
        weakref.finalize(self, _close_all, self._idle)

    def take(self, origin: Origin) -> Connection | None:
        """Give an open connection, or None where a new one has to be made."""
        while True:
            with self._lock:
                idle = self._idle.get(origin)
                if not idle:
                    return None
                connection = idle.pop()
                self._count -= 1
            if time.monotonic() - connection.idle_since_s < _IDLE_S and not connection.is_stale:
                return connection
            connection.close()

    def give(self, connection: Connection) -> None:
        """Take a connection back whose answer was read to its end."""
        connection.idle_since_s = time.monotonic()
        dropped = []
        with self._lock:
            if self._closed or not self._keep:
                dropped.append(connection)
            else:
                self._idle.setdefault(connection.origin, deque()).append(connection)
                self._count += 1
                if self._count > self._keep:
                    dropped.append(self._oldest())
        for one in dropped:
            one.close()

    def _oldest(self) -> Connection:
        origin = min((origin for origin, idle in self._idle.items() if idle), key=self._since)
        self._count -= 1
        return self._idle[origin].popleft()

    def _since(self, origin: Origin) -> float:
        return self._idle[origin][0].idle_since_s

    def close(self) -> None:
        """Close what is unused now, and what is given back later."""
        with self._lock:
            self._closed = True
            idle = dict(self._idle)
            self._idle.clear()
            self._count = 0
        _close_all(idle)


def _close_all(idle: Mapping[Origin, deque[Connection]]) -> None:
    for connection in [one for many in idle.values() for one in many]:
        connection.close()

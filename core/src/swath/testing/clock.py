# SPDX-License-Identifier: Apache-2.0
"""A clock that tests hold in their hand."""

from __future__ import annotations

import datetime as dt
import threading

__all__ = ["FakeClock"]


class FakeClock:
    """Time passes only when somebody sleeps, and then at once.

    Args:
        start: First instant, aware UTC.
    """

    def __init__(self, start: dt.datetime = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)) -> None:
        self._start = start
        self._elapsed_s = 0.0
        self._lock = threading.Lock()
        self.sleeps: list[float] = []
        """Every pause asked for, in seconds."""

    def now(self) -> dt.datetime:
        """Give the time of day, aware UTC."""
        return self._start + dt.timedelta(seconds=self._elapsed_s)

    def monotonic(self) -> float:
        """Give the seconds since the start."""
        return self._elapsed_s

    def sleep(self, seconds: float, *, wake: threading.Event | None = None) -> bool:
        """Let `seconds` have passed, unless `wake` is set."""
        if wake is not None and wake.is_set():
            return True
        self.advance(seconds)
        with self._lock:
            self.sleeps.append(seconds)
        return False

    def advance(self, seconds: float) -> None:
        """Let time pass without anybody sleeping."""
        with self._lock:
            self._elapsed_s += seconds

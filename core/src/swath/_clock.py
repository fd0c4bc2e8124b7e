# SPDX-License-Identifier: Apache-2.0
"""Time, as an argument: nothing in swath asks the system itself."""

from __future__ import annotations

import datetime as dt
import threading
import time
from typing import Protocol

from swath._worker import check, current

__all__ = ["Clock", "SystemClock"]


_LOOK_S = 0.1
"""Between looks where two things can end a wait, seconds."""


class Clock(Protocol):
    """What waits and time stamps go through, so that tests can hold the time in their hand."""

    def now(self) -> dt.datetime:
        """Give the time of day, aware UTC."""

    def monotonic(self) -> float:
        """Give seconds that never run backwards."""

    def sleep(self, seconds: float, *, wake: threading.Event | None = None) -> bool:
        """Let `seconds` pass, or less if `wake` is set meanwhile.

        Returns:
            Whether `wake` was set.
        """


class SystemClock:
    """The machine's own clock."""

    def now(self) -> dt.datetime:
        """Give the time of day, aware UTC."""
        return dt.datetime.now(dt.UTC)

    def monotonic(self) -> float:
        """Give seconds that never run backwards."""
        return time.monotonic()

    def sleep(self, seconds: float, *, wake: threading.Event | None = None) -> bool:
        """Let `seconds` pass, or less if `wake` is set or the work dropped meanwhile."""
        stop = current()
        if stop is None:
            return _wait(seconds, wake)
        if wake is None:
            stop.wait(seconds)
            check()
            return False
        end_s = time.monotonic() + seconds
        while not wake.is_set() and (left_s := end_s - time.monotonic()) > 0:
            stop.wait(min(_LOOK_S, left_s))
            check()
        return wake.is_set()


def _wait(seconds: float, wake: threading.Event | None) -> bool:
    if wake is not None:
        return wake.wait(seconds)
    time.sleep(seconds)
    return False

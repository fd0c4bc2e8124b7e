# SPDX-License-Identifier: Apache-2.0
"""Time, as an argument: nothing in swath asks the system itself."""

from __future__ import annotations

import datetime as dt
import threading
import time
from typing import Protocol

__all__ = ["Clock", "SystemClock"]


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
        """Let `seconds` pass, or less if `wake` is set meanwhile."""
        if wake is not None:
            return wake.wait(seconds)
        time.sleep(seconds)
        return False

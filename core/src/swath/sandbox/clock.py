# SPDX-License-Identifier: Apache-2.0
"""The sandbox's time: the machine's, shifted forward on request."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable

from swath._clock import Clock, SystemClock

__all__ = ["SandboxClock"]


class SandboxClock:
    """A clock that runs as the machine's does and can be put forward.

    It is a `swath._clock.Clock` itself, and any thread may use it.

    Args:
        speed: How many times faster than its real model a provider goes through its states, > 0. Only life-cycle delays
            are shortened; the clock itself keeps the pace of real time, so that links live as long as they say.
        base: The clock underneath.
    """

    def __init__(self, speed: float = 1.0, *, base: Clock | None = None) -> None:
        if not speed > 0:
            raise ValueError(f"speed is {speed}, it must be above 0")
        self.speed = speed
        self._base = base or SystemClock()
        self._ahead_s = 0.0
        self._told: list[Callable[[], None]] = []
        self._lock = threading.Lock()

    def now(self) -> dt.datetime:
        """Give the time of day, aware UTC."""
        return self._base.now() + dt.timedelta(seconds=self._ahead_s)

    def monotonic(self) -> float:
        """Give seconds that never run backwards; `advance` moves them too."""
        return self._base.monotonic() + self._ahead_s

    def sleep(self, seconds: float, *, wake: threading.Event | None = None) -> bool:
        """Let real `seconds` pass, or less if `wake` is set meanwhile."""
        return self._base.sleep(seconds, wake=wake)

    def advance(self, seconds: float) -> dt.datetime:
        """Put the clock forward.

        Args:
            seconds: How far, >= 0.

        Returns:
            The time it shows now.
        """
        if seconds < 0:
            raise ValueError(f"cannot advance by {seconds} s: time does not run backwards")
        with self._lock:
            self._ahead_s += seconds
        for told in self._told:
            told()
        return self.now()

    def on_advance(self, told: Callable[[], None]) -> None:
        """Have `told` called whenever the clock has been put forward, on the thread that did it."""
        self._told.append(told)

    def delay(self, seconds: float) -> dt.timedelta:
        """Give how long a life-cycle step takes here that takes `seconds` at the real provider."""
        return dt.timedelta(seconds=seconds / self.speed)

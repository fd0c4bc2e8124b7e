# SPDX-License-Identifier: Apache-2.0
"""Rate limits as a provider's server enforces them."""

from __future__ import annotations

import math
import threading
from collections import deque

from attrs import frozen

from swath._clock import Clock

__all__ = ["Limiter", "Verdict"]


@frozen(kw_only=True)
class Verdict:
    """What a limiter says to one request."""

    allowed: bool
    wait_s: float = 0.0
    """Seconds until the next request would be let through."""
    announce: bool = False
    """Whether the refusal should carry ``Retry-After``: every other one does, as providers are not reliable in it."""

    @property
    def retry_after(self) -> str:
        """The header's value: whole seconds, at least 1."""
        return str(max(1, math.ceil(self.wait_s)))


class Limiter:
    """At most `per_s` requests in any one second (sliding window); refused requests do not count.

    Args:
        per_s: Requests a second, > 0.
        clock: Whose `monotonic` counts.
        enabled: Whether it refuses at all.
    """

    def __init__(self, per_s: float, clock: Clock, *, enabled: bool = True) -> None:
        if not per_s > 0:
            raise ValueError(f"per_s is {per_s}, it must be above 0")
        self.enabled = enabled
        self._clock = clock
        self._most = max(1, math.floor(per_s))
        self._window_s = self._most / per_s
        self._seen: deque[float] = deque()
        self._refusals = 0
        self._lock = threading.Lock()

    def take(self) -> Verdict:
        """Judge one request that has just come in."""
        if not self.enabled:
            return Verdict(allowed=True)
        with self._lock:
            now = self._clock.monotonic()
            while self._seen and now - self._seen[0] >= self._window_s:
                self._seen.popleft()
            if len(self._seen) < self._most:
                self._seen.append(now)
                return Verdict(allowed=True)
            self._refusals += 1
            return Verdict(
                allowed=False, wait_s=self._window_s - (now - self._seen[0]), announce=self._refusals % 2 == 1
            )

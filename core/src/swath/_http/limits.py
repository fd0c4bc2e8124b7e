# SPDX-License-Identifier: Apache-2.0
"""Request rates, one pace for all sessions of an account in this process."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Mapping
from typing import Final

from swath._clock import Clock, SystemClock

__all__ = ["Pace", "Paces"]


_ROOM: Final = 1.03
"""Times the interval that the rate allows: what is sent exactly on time arrives early now and then, and is refused."""


class Pace:
    """Spaces requests so that no second has more than `per_second` of them.

    The generic cell rate algorithm with a burst of one: each request books the next free instant and waits for it,
    so that waiting threads are served in order and none polls. A request that leaves late does not bring the next
    nearer.

    Args:
        per_second: Requests a second, > 0.
        clock: What waits.
    """

    def __init__(self, per_second: float, clock: Clock) -> None:
        self._interval_s = _ROOM / per_second
        self._clock = clock
        self._lock = threading.Lock()
        self._next_s = float("-inf")

    def take(self) -> None:
        """Wait for this request's turn."""
        with self._lock:
            now_s = self._clock.monotonic()
            start_s = max(self._next_s, now_s)
            self._next_s = start_s + self._interval_s
        if start_s > now_s:
            self._clock.sleep(start_s - now_s)
            with self._lock:
                self._next_s = max(self._next_s, self._clock.monotonic() + self._interval_s)

    def pause(self, seconds: float) -> None:
        """Let nothing leave for `seconds`: the server asked for it."""
        with self._lock:
            self._next_s = max(self._next_s, self._clock.monotonic() + seconds)


_SHARED: weakref.WeakValueDictionary[tuple[str, str, float, int], Pace] = weakref.WeakValueDictionary()
"""One pace an account and bucket while any client uses it. It holds no account data, only the pace."""
_SHARED_LOCK = threading.Lock()


class Paces:
    """The paces of one client, by bucket.

    Args:
        account: Opaque account id; clients of one account share their paces.
        limits: Requests a second by bucket, as the plugin states them.
        clock: What waits.
    """

    def __init__(self, account: str, limits: Mapping[str, float], clock: Clock) -> None:
        self._paces: dict[str, Pace] = {}
        for bucket, per_second in limits.items():
            key = (account, bucket, per_second, 0 if isinstance(clock, SystemClock) else id(clock))
            with _SHARED_LOCK:
                pace = _SHARED.get(key)
                if pace is None:
                    pace = _SHARED[key] = Pace(per_second, clock)
            self._paces[bucket] = pace

    def of(self, bucket: str) -> Pace | None:
        """Give a bucket's pace; downloads that no limit is stated for have none."""
        if bucket in self._paces:
            return self._paces[bucket]
        return None if bucket == "download" else self._paces.get("default")

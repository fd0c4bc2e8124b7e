# SPDX-License-Identifier: Apache-2.0
"""Which bytes of a file are there, when they do not come in order."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator

__all__ = ["Spans"]


class Spans:
    """Stretches ``[start, end)`` of a file, in bytes: sorted, apart from each other.

    Args:
        stretches: What is there; may overlap, in any order.
    """

    def __init__(self, stretches: Iterable[tuple[int, int]] = ()) -> None:
        self._all: list[tuple[int, int]] = []
        self.total = 0
        """Bytes that are there."""
        for start, end in stretches:
            self.add(start, end)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(self._all)

    @property
    def prefix(self) -> int:
        """Bytes from the first on without a gap."""
        return self._all[0][1] if self._all and self._all[0][0] == 0 else 0

    @property
    def beyond(self) -> tuple[tuple[int, int], ...]:
        """What is there behind the first gap."""
        return tuple(self._all[1:] if self.prefix else self._all)

    def add(self, start: int, end: int) -> None:
        """Take note that ``[start, end)`` is there."""
        if start >= end:
            return
        at = bisect_left(self._all, (start, start))
        if at and self._all[at - 1][1] >= start:
            at -= 1
            start = self._all[at][0]
        stop = at
        while stop < len(self._all) and self._all[stop][0] <= end:
            end = max(end, self._all[stop][1])
            self.total -= self._all[stop][1] - self._all[stop][0]
            stop += 1
        self._all[at:stop] = [(start, end)]
        self.total += end - start

    def gaps(self, size: int) -> list[tuple[int, int]]:
        """Give what is missing of a file of `size` bytes."""
        missing, at = [], 0
        for start, end in self._all:
            if at < min(start, size):
                missing.append((at, min(start, size)))
            at = end
        if at < size:
            missing.append((at, size))
        return missing

    def within(self, size: int) -> Spans:
        """Give what of it is in the first `size` bytes."""
        return Spans((start, min(end, size)) for start, end in self._all if start < size)

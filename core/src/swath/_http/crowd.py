# SPDX-License-Identifier: Apache-2.0
"""How many requests are under way at once: as many as wanted, until the server says that it is too much."""

from __future__ import annotations

import contextlib
import os
import threading
import weakref
from collections import Counter
from collections.abc import Iterator

from attrs import define

from swath._worker import check, current
from swath.errors import RateLimited

__all__ = ["Crowd", "Crowds"]

_LOOK_S = 0.2
"""Between looks at whether the work was dropped, where it can be; seconds."""
_STEP = 16
"""Good answers in a row after which one more request may be under way."""


@define
class Turn:
    """One request under way."""

    number: int
    """How many had begun before it."""
    thread: int
    held: bool
    """Whether it counts; a request made from within another of the same thread does not."""


class Crowd:
    """Halves what is under way when the server refuses with 429, and lets it grow again slowly.

    There is no bound before the first refusal. Refusals of requests that began before the bound was last lowered do
    not lower it again: they are news of the same moment.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._holders: Counter[int] = Counter()
        self._begun = 0
        self._lowered_at = 0
        self._good = 0
        self.bound: int | None = None
        """Most requests at once, > 0; None for no bound."""

    @property
    def under_way(self) -> int:
        """How many there are now."""
        return len(self._holders)

    def enter(self, *, wait: bool = True, holder: int | None = None) -> Turn | None:
        """Begin a request, when there is room.

        Args:
            wait: Whether to wait for room.
            holder: Who asks; the calling thread if None.

        Returns:
            The turn, to be given back by `leave`; None if there is no room and `wait` is false.
        """
        thread = threading.get_ident() if holder is None else holder
        with self._changed:
            # A thread that holds a turn never waits for another: it would wait for itself.
            while not self._holders[thread] and self.bound is not None and self._count() >= self.bound:
                if not wait:
                    return None
                self._changed.wait(None if current() is None else _LOOK_S)
                check()
            self._holders[thread] += 1
            self._begun += 1
            return Turn(number=self._begun, thread=thread, held=True)

    def leave(self, turn: Turn) -> None:
        """End a request; a second call for the same turn does nothing."""
        with self._changed:
            if turn.held:
                turn.held = False
                self._holders[turn.thread] -= 1
                if not self._holders[turn.thread]:
                    del self._holders[turn.thread]
                self._changed.notify_all()

    def refused(self, turn: Turn) -> None:
        """Take note that the server found it too much."""
        with self._changed:
            self._good = 0
            if turn.number <= self._lowered_at:
                return
            self._lowered_at = self._begun
            self.bound = max(1, max(self._count(), 1) // 2)

    def served(self) -> None:
        """Take note of a good answer."""
        with self._changed:
            if self.bound is None:
                return
            self._good += 1
            if self._good >= _STEP:
                self._good = 0
                self.bound += 1
                self._changed.notify_all()

    def _count(self) -> int:
        return sum(1 for held in self._holders.values() if held)


_SHARED: weakref.WeakValueDictionary[tuple[int, str, str], Crowd] = weakref.WeakValueDictionary()
"""One crowd an account and bucket while any client uses it. It holds no account data."""
_SHARED_LOCK = threading.Lock()


class Crowds:
    """The crowds of one client, by bucket; clients of one account share them.

    Args:
        account: Opaque account id.
    """

    def __init__(self, account: str) -> None:
        self._account = account
        self._crowds: dict[tuple[int, str, str], Crowd] = {}

    def of(self, bucket: str) -> Crowd:
        """Give a bucket's crowd; a forked child begins with a new one, as its parent's threads are not there."""
        key = (os.getpid(), self._account, bucket)
        with _SHARED_LOCK:
            found = self._crowds.get(key) or _SHARED.get(key)
            if found is None:
                found = _SHARED[key] = Crowd()
            self._crowds[key] = found
            return found

    @contextlib.contextmanager
    def turn(self, bucket: str, *, wait: bool = True) -> Iterator[tuple[Crowd, Turn]]:
        """Be under way for as long as the block takes.

        Raises:
            RateLimited: There is no room, and `wait` is false.
        """
        crowd = self.of(bucket)
        turn = crowd.enter(wait=wait)
        if turn is None:
            raise RateLimited("as many requests are under way as the server allows")
        try:
            yield crowd, turn
        finally:
            crowd.leave(turn)

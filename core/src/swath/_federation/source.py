# SPDX-License-Identifier: Apache-2.0
"""One provider's results, read on a thread of their own a little ahead of their use."""

from __future__ import annotations

import contextvars
import queue
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import TypeAlias

from swath._clock import Clock
from swath._federation.starting import NothingMatches
from swath._query.sorting import Ranks, ranks_of
from swath._results import ItemSearch
from swath._worker import Stopped, check
from swath.errors import SwathError
from swath.models import Contribution, ItemDict, Part, SortKey

__all__ = ["Source"]

_Handed: TypeAlias = tuple[ItemDict, ...] | SwathError | NothingMatches | None
"""A page, or how it ended."""
_AHEAD = 2
"""Pages that are kept ready."""
_LOOK_S = 0.1
"""Between looks at whether the search was dropped, seconds."""


class Source:
    """Gives one provider's items, one after the other.

    Args:
        name: The provider.
        begin: Starts its search.
        clock: Tells how long it takes.
    """

    def __init__(self, name: str, begin: Callable[[], ItemSearch], clock: Clock) -> None:
        self.name = name
        self.part = Part.RUNNING
        self.found = 0
        self.error: SwathError | None = None
        self.note = ""
        self.seconds = 0.0
        self.head: ItemDict | None = None
        """The next item; None before `advance` and at the end."""
        self.ranks: Ranks = ()
        """What the next item's place in the order depends on."""
        self.search: ItemSearch | None = None
        """Its own search, once that has begun."""
        self._begin = begin
        self._clock = clock
        self._started_s = clock.monotonic()
        self._ready: deque[ItemDict] = deque()
        self._pages: queue.Queue[_Handed] = queue.Queue(_AHEAD)
        self._stop = threading.Event()
        context = contextvars.copy_context()
        self._thread = threading.Thread(target=lambda: context.run(self._read), name=f"swath {name}", daemon=True)
        self._thread.start()

    @property
    def is_ready(self) -> bool:
        """Whether there is a next item that need not be waited for."""
        return bool(self._ready)

    @property
    def contribution(self) -> Contribution:
        """How it has taken part until now."""
        return Contribution(
            provider=self.name,
            part=self.part,
            found=self.found,
            seconds=round(self.seconds, 3),
            error=self.error,
            note=self.note,
        )

    def advance(self, keys: Sequence[SortKey], patience_s: float | None) -> None:
        """Make the next item the head; None where there is no further one.

        Args:
            keys: What the results are sorted by.
            patience_s: Seconds to wait for its next page; None for as long as it takes.
        """
        while not self._ready and self.part is Part.RUNNING:
            try:
                page = self._next(patience_s)
            except queue.Empty:
                self.part = Part.LATE
                self.note = f"nothing came for {patience_s:g} s"
                self.close()
                break
            self.seconds = self._clock.monotonic() - self._started_s
            if page is None:
                self.part = Part.DONE
            elif isinstance(page, SwathError):
                self.part, self.error = Part.FAILED, page
            elif isinstance(page, NothingMatches):
                self.part, self.note = Part.SKIPPED, str(page)
            else:
                self._ready.extend(page)
        self.head = self._ready.popleft() if self._ready else None
        self.ranks = () if self.head is None else ranks_of(self.head, keys)

    def _next(self, patience_s: float | None) -> _Handed:
        """Wait for the next page, and look now and then whether anybody still wants it."""
        left = patience_s
        while True:
            check()
            try:
                return self._pages.get(timeout=_LOOK_S if left is None else min(_LOOK_S, left))
            except queue.Empty:
                if left is not None:
                    left -= _LOOK_S
                    if left <= 0:
                        raise

    def close(self) -> None:
        """Stop reading; what is under way is dropped."""
        self._stop.set()
        while True:  # a thread that waits for room goes on, and sees that it is over
            try:
                self._pages.get_nowait()
            except queue.Empty:
                return

    def _read(self) -> None:
        try:
            self.search = self._begin()
            for page in self.search.pages_as_dicts():
                if not self._put(tuple(page["features"])):
                    return
            self._put(None)
        except Stopped:
            return  # whoever searched has gone, and knows
        except (SwathError, NothingMatches) as err:
            self._put(err)
        except Exception as err:  # noqa: BLE001 - one provider's trouble must not be everybody's
            failure = SwathError(f"the search failed: {type(err).__name__}: {err}", provider=self.name, step="search")
            failure.__cause__ = err
            self._put(failure)

    def _put(self, page: _Handed) -> bool:
        """Hand a page over; false once nobody wants it."""
        while not self._stop.is_set():
            try:
                self._pages.put(page, timeout=0.2)
            except queue.Full:
                continue
            return not self._stop.is_set()
        return False

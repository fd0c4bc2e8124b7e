# SPDX-License-Identifier: Apache-2.0
"""Asynchronous iterators over synchronous ones."""

from __future__ import annotations

import contextvars
from collections import deque
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Iterator
from typing import Any, Generic, Self, TypeVar

from swath._aio.bridge import Bridge
from swath._worker import Work
from swath.errors import SwathError

__all__ = ["Stream", "Told", "renamed"]

_T = TypeVar("_T")

Told = Callable[[SwathError], Exception]
"""How a face tells an error."""
_BATCH = 1000
"""Most entries that an iterator hands over at once."""


def same(err: SwathError) -> Exception:
    """Tell an error as it is."""
    return err


def renamed(tell: Told, err: SwathError) -> Exception:
    """Give an error the face's own name, the first one as its cause."""
    told = tell(err)
    if told is not err:
        told.__cause__ = err
    return told


class Stream(AsyncIterator[_T], Generic[_T]):
    """An asynchronous iterator over a synchronous one.

    The next entries are taken on a thread: one, and with it all that came with the same answer. Leaving early asks for
    nothing more; `aclose` also ends what the iterator holds.
    """

    def __init__(self, bridge: Bridge, make: Callable[[], Iterable[_T]], told: Told | None = None) -> None:
        self._bridge = bridge
        self._make = make
        self._told = told or same
        self._work = Work()
        self._context = contextvars.copy_context()  # one for all steps: what an iterator sets, it finds again
        self._iterator: Iterator[_T] | None = None
        self._ready: deque[_T] = deque()
        self._error: BaseException | None = None
        self._ended = False
        self._busy = False
        self._taking = False

    def __aiter__(self) -> Self:
        return self

    def __await__(self) -> Generator[Any, None, Self]:
        """Give itself: scripts await lists as often as not."""
        yield from ()
        return self

    async def __anext__(self) -> _T:
        if self._busy:
            msg = "the iterator is being asked by another task"
            raise RuntimeError(msg)
        if not self._ready and not self._ended:
            self._busy = True
            try:
                await self._fill()
            finally:
                self._busy = False
        if self._ready:
            return self._ready.popleft()
        error, self._error = self._error, None
        if error is not None:
            raise error
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """End it; nothing more comes."""
        self._ended = True
        self._work.stop.set()  # also what it fetches ahead
        self._ready.clear()
        close = getattr(self._iterator, "close", None)
        self._iterator = None
        # What is still being asked ends by itself, with the work that was dropped.
        if close is not None and not self._taking and not self._bridge.closed:
            await self._bridge.run_as(Work(), self._context, close)

    async def _fill(self) -> None:
        try:
            entries = await self._bridge.run_as(self._work, self._context, self._take)
        except BaseException:
            self._ended = True
            raise
        self._ready.extend(entries)

    def _take(self) -> list[_T]:
        """Take one entry and those at hand, on a thread."""
        taken: list[_T] = []
        work = self._work
        self._taking = True
        try:
            if self._iterator is None:
                self._iterator = iter(self._make())
            while len(taken) < _BATCH:
                work.ready = 0
                taken.append(next(self._iterator))
                if work.ready <= 0:
                    break
        except StopIteration:
            self._ended = True
        except SwathError as err:
            self._ended = True
            self._error = renamed(self._told, err)
        except Exception as err:  # noqa: BLE001  it is raised where the entries before it have been taken
            self._ended = True
            self._error = err
        finally:
            self._taking = False
        return taken

# SPDX-License-Identifier: Apache-2.0
"""Fetches one large file over as many connections as make it faster."""

from __future__ import annotations

import contextvars
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol

import httpx
from attrs import define, field, frozen, validators

from swath._clock import Clock
from swath._transfer.live import Answers, Live
from swath._transfer.part import Part
from swath._worker import Stopped, Work, working
from swath.errors import DiskFull, SwathError, TargetNotWritable

__all__ = ["Broken", "Crew", "Overrun", "Parts"]

_LOG = logging.getLogger("swath.transfer")
_LOOK_S = 0.1
_SLOW_START = 4
"""Times the wait for a first byte that a new connection is given to come up to speed."""
_WORTH_ASKING = 8
"""Times the wait for its first byte that a piece takes at least."""


class Broken(Exception):
    """An answer that brought nothing whole; another one may."""


class Overrun(Broken):
    """More came than was announced."""


@frozen(kw_only=True)
class Parts:
    """When and how a file is fetched over several connections."""

    most: int = field(default=16, validator=validators.ge(1))
    """Connections to one host at once, in the whole batch."""
    least_bytes: int = field(default=4 * 1024 * 1024, validator=validators.ge(1))
    """A piece is not smaller, save for the last."""
    piece_bytes: int = field(default=32 * 1024 * 1024, validator=validators.ge(1))
    """A piece is not larger."""
    piece_s: float = field(default=0.2, validator=validators.ge(0))
    """Seconds that a piece is to take, so that hashing, which needs what has no gap before it, keeps up."""
    window_s: float = field(default=0.05, validator=validators.ge(0))
    """Seconds over which throughput is measured."""
    worth_s: float = field(default=1.0, validator=validators.ge(0))
    """A file that one connection would bring in less is left to it."""
    growth: int = field(default=4, validator=validators.ge(2))
    """Times the connections at each step."""
    gain: float = field(default=1.2, validator=validators.gt(1))
    """Times the throughput that a step must bring for another one; where it brings nothing, it is taken back."""


@define
class _Lane:
    """A stretch that one connection brings."""

    at: int
    end: int


class Ask(Protocol):
    """Opens an answer with the bytes ``[start, end)``."""

    def __call__(
        self, start: int, end: int, answers: Answers, *, is_own: bool
    ) -> AbstractContextManager[Iterable[bytes | memoryview]]:
        """Register it with `answers`, so that it can be cut; only for the first thread wait for a turn."""


class Crew:
    """One for each answer that is read into a part of known size.

    It begins with the answer at hand. Where that would take long, others are asked for pieces of what is missing, from
    the front on, so that hashing keeps up; and more of them as long as throughput grows.

    Args:
        part: Where the bytes go.
        ask: Asks for a piece.
        parts: When and how.
        can_split: Whether pieces can be asked for.
        host: Whose connections are counted.
        live: Of the batch; None where this is alone in its process.
        clock: Tells the time.
        heed: Called with each piece; what it raises ends all.
    """

    def __init__(
        self,
        part: Part,
        *,
        ask: Ask,
        parts: Parts,
        can_split: bool,
        host: str,
        live: Live | None,
        clock: Clock,
        heed: Callable[[], None],
    ) -> None:
        self._part = part
        self._ask = ask
        self._parts = parts
        self._host = host
        self._live = live
        self._clock = clock
        self._heed = heed
        self._answers = Answers()
        self._work = Work()
        """What the others do, so that it can be dropped while they connect or wait for a first byte."""
        self._changed = threading.Condition()
        self._missing: deque[tuple[int, int]] = deque()
        self._own = _Lane(0, 0)
        self._active = 1
        self._wanted = parts.most
        self._starting = 0
        self._grows = can_split and live is not None and parts.most > 1
        self._is_over = False
        self._fatal: BaseException | None = None
        self._bytes = 0
        self._marked_bytes = 0
        self._marked_s = clock.monotonic()
        self._window_s = parts.window_s
        self._first_byte_s = 0.0
        self._piece_bytes = parts.piece_bytes
        self._asked_s = self._marked_s
        self._rate_before: float | None = None

    def run(self, body: Iterator[bytes | memoryview]) -> None:
        """Bring what is missing.

        Args:
            body: The answer at hand, from the first byte that is missing to the end of the file.

        Raises:
            httpx.RequestError, SwathError, Broken: Not all of it came; what came is kept.
        """
        whole = self._part.record.size or 0
        self._missing.extend(self._part.gaps() or [(whole, whole)])
        self._own = _Lane(*self._missing.popleft())
        try:
            self._bring(self._own, body, is_open=True)
            while (lane := self._next()) is not None or self._others():
                if lane is not None:
                    self._fetch(lane)
        finally:
            self._dismiss()
        if self._fatal is not None:
            raise self._fatal

    def _others(self) -> bool:
        """Wait for those that still bring something; give whether there is anything left to do."""
        with self._changed:
            while self._active > 1 and not self._missing and self._fatal is None:
                self._changed.wait(_LOOK_S)
                self._heed()
            return bool(self._missing) and self._fatal is None

    def _dismiss(self) -> None:
        """End the others and wait until they have."""
        with self._changed:
            self._is_over = True
            self._work.stop.set()
            if self._active > 1:
                self._answers.cut()
            while self._active > 1:
                self._changed.wait(_LOOK_S)

    # --- one connection -----------------------------------------------------------------------------------------------

    def _fetch(self, lane: _Lane, *, is_help: bool = False, is_new: bool = False) -> None:
        try:
            with self._ask(lane.at, lane.end, self._answers, is_own=not is_help) as body:
                self._bring(lane, body, is_new=is_new)
        finally:
            if lane.at < lane.end:
                with self._changed:
                    self._missing.appendleft((lane.at, lane.end))
                    self._changed.notify_all()

    def _bring(
        self, lane: _Lane, body: Iterable[bytes | memoryview], *, is_open: bool = False, is_new: bool = False
    ) -> None:
        """Write an answer to where it belongs, up to the end of its lane.

        Args:
            lane: Where.
            body: What.
            is_open: Whether it goes on to the end of the file.
            is_new: Whether it is the first of its connection.

        Raises:
            Broken: It ended early, or gives more than it should.
        """
        for data in body:
            if is_new:
                is_new = False
                self._started()
            left = memoryview(data)
            while left:
                self._heed()
                if self._fatal is not None:
                    raise self._fatal
                if self._is_over:
                    return
                if lane.at >= lane.end and not (is_open and self._extend(lane)):
                    if lane.end == self._part.record.size and is_open:
                        raise Overrun(f"more came than the {lane.end} bytes that were announced")
                    return
                with self._changed:  # others may shorten the lane
                    count = min(len(left), lane.end - lane.at)
                    at, lane.at = lane.at, lane.at + count
                self._part.write(left[:count], at)
                left = left[count:]
                self._measure(count)
            if lane.at >= lane.end and lane.end != self._part.record.size and not (is_open and self._extend(lane)):
                return
        if lane.at < lane.end:
            raise Broken(f"the answer ended at byte {lane.at} of {self._part.record.size}")

    def _extend(self, lane: _Lane) -> bool:
        """Go on with the same answer where nobody has taken what follows."""
        with self._changed:
            if not self._missing or self._missing[0][0] != lane.end:
                return False
            piece = self._take()
            lane.end = piece.end if piece is not None else lane.end
            return piece is not None

    def _next(self) -> _Lane | None:
        with self._changed:
            return self._take() if self._fatal is None else None

    def _take(self) -> _Lane | None:
        """Take a piece off the front of what is missing: the smaller, the less there is."""
        if not self._missing:
            return None
        start, end = self._missing.popleft()
        if self._active > 1:
            parts = self._parts
            left = end - start + sum(stop - begin for begin, stop in self._missing)
            size = max(parts.least_bytes, min(self._piece_bytes, left // (2 * self._active)))
            if end - start > size:
                self._missing.appendleft((start + size, end))
                end = start + size
        return _Lane(start, end)

    # --- the others ---------------------------------------------------------------------------------------------------

    def _help(self) -> None:
        try:
            with working(self._work):
                is_new = True
                while not self._is_over and (lane := self._next()) is not None:
                    self._fetch(lane, is_help=True, is_new=is_new)
                    is_new = False
                    if self._active > self._wanted:
                        break
        except (DiskFull, TargetNotWritable) as err:
            self._fatal = err
        except (httpx.RequestError, SwathError, Broken) as err:
            # Whoever has the first answer goes on with it, and with what this one leaves.
            _LOG.debug("a piece was not given: %s", type(err).__name__)
            self._grows = False
        except Stopped:
            pass  # by the thread that waits for this one
        except BaseException as err:  # noqa: BLE001  for the thread that waits for this one
            self._fatal = err
        finally:
            if self._live is not None:
                self._live.leave(self._host)
            with self._changed:
                self._active -= 1
                self._changed.notify_all()

    def _started(self) -> None:
        """Take note of a first byte; once all have theirs, measuring begins."""
        with self._changed:
            if self._starting:
                self._starting -= 1
                if not self._starting:
                    now_s = self._clock.monotonic()
                    self._first_byte_s = now_s - self._asked_s
                    self._window_s = max(self._parts.window_s, _SLOW_START * self._first_byte_s)
                    self._mark(now_s)

    def _mark(self, now_s: float) -> None:
        self._marked_s, self._marked_bytes = now_s, self._bytes

    def _measure(self, count: int) -> None:
        """Count bytes, and see from time to time whether more connections would help."""
        with self._changed:
            self._bytes += count
            if not self._grows or self._starting:
                return
            now_s = self._clock.monotonic()
            if now_s - self._marked_s < self._window_s or now_s <= self._marked_s:
                return
            rate = (self._bytes - self._marked_bytes) / (now_s - self._marked_s)
            left = (self._part.record.size or 0) - self._part.total
            self._mark(now_s)
            piece_s = max(self._parts.piece_s, _WORTH_ASKING * self._first_byte_s)
            self._piece_bytes = int(min(self._parts.piece_bytes, rate / self._active * piece_s))
            if left < 2 * self._parts.least_bytes or left < rate * self._parts.worth_s:
                return
            if self._rate_before is not None and rate < self._rate_before * self._parts.gain:
                self._grows = False
                self._wanted = max(1, self._active // self._parts.growth)
                return
            self._rate_before = rate
            self._grow()

    def _grow(self) -> None:
        """Get others to help. Called with the lock."""
        parts, live = self._parts, self._live
        lane = self._own
        wanted = min(parts.most, self._active * parts.growth) - self._active
        hired = 0
        while hired < wanted and live is not None and live.join(self._host, parts.most):
            hired += 1
        if not hired:
            self._grows = False
            return
        if self._active == 1:  # the first answer was to bring all that follows
            end = min(lane.end, lane.at + max(parts.least_bytes, self._piece_bytes))
            if end < lane.end:
                self._missing.appendleft((end, lane.end))
                lane.end = end
        self._active += hired
        self._starting += hired
        self._asked_s = self._clock.monotonic()
        for number in range(hired):
            context = contextvars.copy_context()
            name = f"swath-piece-{self._active - hired + number}"
            threading.Thread(target=context.run, args=(self._help,), name=name, daemon=True).start()

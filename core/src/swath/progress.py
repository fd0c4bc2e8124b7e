# SPDX-License-Identifier: Apache-2.0
"""What a long call tells while it runs, and how it is shown: bars on a terminal or notebook, a line a minute elsewhere.

Example::

    def heard(event: Event) -> None: ...


    provider.download(order, "data/", progress=heard)  # or True, False; None shows it where someone looks
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Final, Protocol, Self, TextIO

from attrs import field, frozen

from swath._clock import Clock, SystemClock
from swath.errors import InputError

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

__all__ = ["Event", "Renderer", "renderer", "shown"]

_LINE_EVERY_S: Final = 60.0
_MOST_BARS: Final = 12
"""Rows on a terminal; what comes while all are taken is only counted in its total."""
_DRAWS_PER_S: Final = 8


@frozen(kw_only=True)
class Event:
    """One thing that happened. Events of one `kind` and `label` speak of the same thing."""

    kind: str
    """The step: ``"search"``, ``"order"``, ``"wait"``, ``"download"``, ``"load"``."""
    label: str
    """What moves on: a file, an order, ``"files"`` for all files of a batch."""
    done: float | None = None
    """How much, from the beginning, in `unit`; None where that is not known."""
    total: float | None = None
    """How much it will be; None where that is not known."""
    unit: str = ""
    """``"B"`` for bytes, ``"items"``, ``"files"``; empty for a fraction."""
    detail: str = ""
    """A word on how it stands: ``"pending"``, ``"skipped"``, the reason of a failure."""
    finished: bool = field()
    """Whether this is the last event of its label. Left out, it is so when `done` has come to `total`."""

    @finished.default
    def _finished_when_all_is_done(self) -> bool:
        return self.total is not None and self.done is not None and self.done >= self.total


class Renderer(Protocol):
    """Shows events. It may be called from any thread."""

    def __call__(self, event: Event) -> None:
        """Show one event."""

    def close(self) -> None:
        """Leave the screen as it stands; a later event begins anew."""


def renderer(
    progress: bool | Callable[[Event], None] | None, stream: TextIO | None = None, *, clock: Clock | None = None
) -> Callable[[Event], None] | None:
    """Choose how events are shown.

    Args:
        progress: True shows them, False does not, None does where someone looks: a terminal or a notebook. A callback
            is given back as it is.
        stream: Where to; None is standard error, as it is now.
        clock: Tells when a minute has passed.

    Returns:
        What to call with each event, or None where nothing is to be shown. What this module made for a screen closes
        itself once all it was told of is finished, and has a ``close`` for when that does not happen; see `shown`.

    Raises:
        InputError: `progress` is none of these.
    """
    if progress is not None and not isinstance(progress, bool):
        if not callable(progress):
            raise InputError(f"progress cannot be {progress!r}", hint="pass True, False, None or a callback for events")
        return progress
    target = stream if stream is not None else sys.stderr
    if progress is False or target is None:  # pythonw has no standard error
        return None
    if _is_watched(target):
        return _Bars(target)
    return _Lines(target, clock or SystemClock()) if progress else None


@contextlib.contextmanager
def shown(
    progress: bool | Callable[[Event], None] | None, stream: TextIO | None = None
) -> Iterator[Callable[[Event], None] | None]:
    """Choose how events are shown, and leave the screen in order whatever happens within the block.

    Yields:
        What `renderer` gives.
    """
    chosen = renderer(progress, stream)
    try:
        yield chosen
    finally:
        if isinstance(chosen, _Bars | _Lines):
            chosen.close()


def _is_watched(stream: TextIO) -> bool:
    """Whether someone looks: a terminal that can draw, or a notebook."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if getattr(shell, "kernel", None) is not None and stream is sys.stderr:
        return True
    try:
        return stream.isatty() and os.environ.get("TERM") != "dumb"
    except ValueError:  # closed
        return False


class _Lines:
    """One line at the first event, one a minute, one when something is finished that took longer than that."""

    def __init__(self, stream: TextIO, clock: Clock) -> None:
        self._stream = stream
        self._clock = clock
        self._lock = threading.Lock()
        self._told_s: float | None = None
        self._news: dict[tuple[str, str], Event] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __call__(self, event: Event) -> None:
        with self._lock:
            self._news.pop((event.kind, event.label), None)
            self._news[event.kind, event.label] = event
            now_s = self._clock.monotonic()
            is_due = self._told_s is None or now_s - self._told_s >= _LINE_EVERY_S
            is_end = event.finished and all(one.finished for one in self._news.values())
            if is_due or is_end:
                self._told_s = now_s
                self._print(event if is_end else self._widest())

    def close(self) -> None:
        """Say how it stands, if that was not the last line."""
        with self._lock:
            left = [event for event in self._news.values() if not event.finished]
            if left:
                self._print(self._widest())
            self._news.clear()
            self._told_s = None

    def _widest(self) -> Event:
        """Pick the event that says most of the whole: one that counts things rather than bytes, else the latest."""
        events = [event for event in self._news.values() if not event.finished] or list(self._news.values())
        return next((event for event in events if event.unit not in {"", "B"}), events[-1])

    def _print(self, event: Event) -> None:
        with contextlib.suppress(ValueError):  # the stream was closed meanwhile
            self._stream.write(f"{describe(event)}\n")
            self._stream.flush()


def describe(event: Event) -> str:
    """Write an event as one line."""
    parts = [f"{event.kind} {event.label}"]
    if event.done is not None and event.unit == "B":
        of = f" of {_bytes(event.total)}" if event.total is not None else ""
        parts.append(f"{_bytes(event.done)}{of}")
    elif event.done is not None and event.unit:
        of = f" of {event.total:g}" if event.total is not None else ""
        parts.append(f"{event.done:g}{of} {event.unit}" if event.label != event.unit else f"{event.done:g}{of}")
    elif event.done is not None and event.total:
        parts.append(f"{event.done / event.total:.0%}")
    if event.detail:
        parts.append(event.detail)
    return ": ".join((parts[0], ", ".join(parts[1:]))) if len(parts) > 1 else parts[0]


def _bytes(size: float) -> str:
    """Write a number of bytes for people."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


class _Bars:
    """Bars by rich: one for each thing that is under way, wholes first."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self._progress: Progress | None = None
        self._rows: dict[tuple[str, str], TaskID] = {}
        self._open: set[tuple[str, str]] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __call__(self, event: Event) -> None:
        with self._lock:
            if self._progress is None:
                self._progress = _make_bars(self._stream)
                self._progress.start()
            self._draw(self._progress, event)
            if not self._open:
                self._stop()

    def close(self) -> None:
        """Stop drawing, and give the terminal its cursor back."""
        with self._lock:
            self._stop()

    def _draw(self, progress: Progress, event: Event) -> None:
        key = (event.kind, event.label)
        self._open.add(key)
        if key not in self._rows and len(self._rows) < _MOST_BARS:
            self._rows[key] = progress.add_task(event.kind, total=event.total, label=event.label, amount="")
        row = self._rows.get(key)
        if row is not None:
            amount = describe(event).partition(": ")[2]
            progress.update(row, completed=event.done or 0, total=event.total, amount=amount)
        if event.finished:
            self._open.discard(key)
            # Single files make room for the next ones; what counts files stays.
            if row is not None and event.unit == "B" and self._open:
                progress.remove_task(row)
                del self._rows[key]

    def _stop(self) -> None:
        progress, self._progress = self._progress, None
        self._rows.clear()
        self._open.clear()
        if progress is not None:
            progress.stop()


def _make_bars(stream: TextIO) -> Progress:
    """Make rich's display. It is imported here: most calls show nothing."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    is_terminal = stream.isatty()
    return Progress(
        TextColumn("{task.description} {task.fields[label]}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[amount]}", markup=False),
        TimeRemainingColumn(),
        console=Console(file=stream, force_terminal=True if is_terminal else None),
        refresh_per_second=_DRAWS_PER_S,
        redirect_stdout=False,
        redirect_stderr=False,
    )

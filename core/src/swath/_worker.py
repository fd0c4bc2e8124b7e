# SPDX-License-Identifier: Apache-2.0
"""What the work in a thread is told by whom it works for, and tells them: stop, and what is at hand."""

from __future__ import annotations

import contextlib
import contextvars
import functools
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from attrs import define, field

__all__ = [
    "Stopped",
    "Threads",
    "Work",
    "announced",
    "at_hand",
    "check",
    "current",
    "in_thread",
    "undisturbed",
    "working",
]


_T = TypeVar("_T")


class Stopped(BaseException):
    """Whoever asked for the work has dropped it. It is no failure: nobody is to swallow it."""


class Threads(ThreadPoolExecutor):
    """Threads that work for whom their caller works for: one correlation id, one stop, one observer."""

    def submit(self, fn: Callable[..., _T], /, *args: Any, **kwargs: Any) -> Future[_T]:
        """Run a function in a copy of the caller's context."""
        return super().submit(contextvars.copy_context().run, fn, *args, **kwargs)


def in_thread(fn: Callable[..., _T], /, *args: Any) -> Future[_T]:
    """Run a function in a copy of the caller's context, on a daemon thread of its own.

    The threads of an executor are joined when the interpreter ends: after Ctrl-C, one that waits for a silent server
    would hold the process for as long as its time-outs last (P47).
    """
    future: Future[_T] = Future()
    run = functools.partial(contextvars.copy_context().run, fn, *args)
    threading.Thread(target=_settle, args=(future, run), name="swath-ahead", daemon=True).start()
    return future


def _settle(future: Future[_T], run: Callable[[], _T]) -> None:
    try:
        future.set_result(run())
    except BaseException as err:  # noqa: BLE001  a future keeps whatever was raised for who asks
        future.set_exception(err)
    finally:
        del future  # an error holds its frames, and these would hold the error


@define(eq=False)
class Work:
    """One piece of work, as it sees whom it works for."""

    stop: threading.Event = field(factory=threading.Event)
    """Set to end it: waits wake at once, transfers end between chunks."""
    ready: int = 0
    """How many entries of the list being read can be had without another request."""


_work: contextvars.ContextVar[Work | None] = contextvars.ContextVar("swath_work", default=None)


@contextlib.contextmanager
def working(work: Work) -> Iterator[Work]:
    """Do what is within the block as this piece of work."""
    reset = _work.set(work)
    try:
        yield work
    finally:
        _work.reset(reset)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Do what is within the block to its end, also when the work is dropped meanwhile."""
    reset = _work.set(None)
    try:
        yield
    finally:
        _work.reset(reset)


def current() -> threading.Event | None:
    """Give the event that ends what runs here; None where nothing can."""
    work = _work.get()
    return None if work is None else work.stop


def check() -> None:
    """Go on, unless the work was dropped.

    Raises:
        Stopped: It was.
    """
    work = _work.get()
    if work is not None and work.stop.is_set():
        raise Stopped


def at_hand(count: int) -> None:
    """Tell that `count` more entries can be taken without another request."""
    work = _work.get()
    if work is not None:
        work.ready = max(0, count)


def announced(entries: Sequence[_T]) -> Iterator[_T]:
    """Give entries that came together, and tell with each how many are left."""
    if _work.get() is None:
        yield from entries  # nobody to tell
        return
    for left, entry in enumerate(entries):
        at_hand(len(entries) - left - 1)
        yield entry

# SPDX-License-Identifier: Apache-2.0
"""Threads that work for coroutines: they heed when a task is cancelled."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import functools
import os
import threading
import weakref
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from swath._aio.workers import Workers
from swath._worker import Stopped, Work, check, working

if TYPE_CHECKING:
    from swath._aio.stream import Stream

__all__ = ["Bridge", "in_loop"]

_P = ParamSpec("_P")
_T = TypeVar("_T")

_THREADS = 128
"""Most threads of one bridge. A call that waits for an order holds one, so few would let waiters block the rest."""
_GRACE_S = 2.0
"""Longest that a cancelled task waits for its work to end, seconds."""
_LOOK_S = 0.1
"""Between looks at whether the work was dropped while it waits for a callback, seconds."""


class Bridge:
    """Runs synchronous work for coroutines. One serves all faces that are to end together.

    Args:
        threads: At most, > 0; they are started when needed, and keep no process from ending.
    """

    def __init__(self, threads: int = _THREADS) -> None:
        self._threads = threads
        self._lock = threading.Lock()
        self._workers: Workers | None = None
        self._end: weakref.finalize[..., Any] | None = None
        self._pid = 0
        self._running: dict[Future[Any], Work] = {}
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether `aclose` was called."""
        return self._closed

    async def run(self, function: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Call a function on a thread, with this task's context variables.

        Raises:
            asyncio.CancelledError: The task was cancelled, or the bridge closed. The work has then ended, unless it
                did not heed that within 2 s.
        """
        return await self.run_as(Work(), contextvars.copy_context(), functools.partial(function, *args, **kwargs))

    async def run_as(self, work: Work, context: contextvars.Context, function: Callable[[], _T]) -> _T:
        """Do the same for a piece of work that has several steps, in a context of its own."""
        future = self._submit(context, work, function)
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            work.stop.set()
            await _ended([future])
            raise
        except Stopped:
            raise asyncio.CancelledError("the work was dropped: its session was closed") from None

    def _submit(self, context: contextvars.Context, work: Work, function: Callable[[], _T]) -> Future[_T]:
        def task() -> _T:
            with working(work):
                check()
                return function()

        with self._lock:
            if self._closed:
                msg = "the session is closed; open a new one"
                raise RuntimeError(msg)
            if self._workers is None or self._pid != os.getpid():  # a forked child has none of its parent's threads
                self._workers, self._pid = Workers(self._threads), os.getpid()
                self._running = {}
                self._end = weakref.finalize(self, self._workers.shutdown, wait=False)
            future = self._workers.submit(context.run, task)
            self._running[future] = work
        future.add_done_callback(self._forget)
        return future

    def _forget(self, future: Future[Any]) -> None:
        with self._lock:
            self._running.pop(future, None)

    def iterate(self, make: Callable[[], Iterable[_T]]) -> Stream[_T]:
        """Iterate on threads over what `make` gives; it is called there, when the first entry is asked for."""
        from swath._aio.stream import Stream

        return Stream(self, make)

    async def aclose(self) -> None:
        """Drop all work and end the threads, and wait until they have. A second call does nothing."""
        await _ended(self.close())

    def close(self) -> list[Future[Any]]:
        """Drop all work and end the threads.

        Returns:
            What is about to end.
        """
        with self._lock:
            self._closed = True
            workers, self._workers = self._workers, None
            running = dict(self._running)
        for work in running.values():
            work.stop.set()
        if workers is not None:
            workers.shutdown(wait=False)
        return list(running)


async def _ended(futures: Iterable[Future[Any]]) -> None:
    """Wait until all are done, for 2 s at most."""
    waiting = [asyncio.wrap_future(_silent(future)) for future in futures if not future.done()]
    if waiting:
        await asyncio.wait(waiting, timeout=_GRACE_S)


def _silent(future: Future[Any]) -> Future[None]:
    """Give a future that is done when this one is, and holds nothing that could go unseen."""
    done: Future[None] = Future()
    future.add_done_callback(lambda _: done.set_result(None) if not done.done() else None)
    return done


def in_loop(loop: asyncio.AbstractEventLoop, function: Callable[..., _T]) -> Callable[..., _T]:
    """Have a function called in the loop's thread; what it returns or raises comes back."""

    def call(*args: Any, **kwargs: Any) -> _T:
        done: Future[_T] = Future()

        def run() -> None:
            try:
                done.set_result(function(*args, **kwargs))
            except BaseException as err:  # noqa: BLE001  it is raised where the callback was called
                done.set_exception(err)

        loop.call_soon_threadsafe(run)
        while not done.done():
            with contextlib.suppress(TimeoutError):
                done.exception(_LOOK_S)
            check()
        return done.result()

    return call

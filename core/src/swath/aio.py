# SPDX-License-Identifier: Apache-2.0
"""Awaitable faces over synchronous classes: the work runs on threads, the names and arguments stay.

A face is a class statement and a list of names::

    class OrdersClient(Face, over=Orders, calls=["get_order", "wait"], streams=["list_orders"]): ...

Cancelling a task ends its work: waits wake at once, transfers end between chunks, and the task goes on only when the
work has ended. Nothing belongs to an event loop, so one object serves several, one after another.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import functools
import inspect
import os
import threading
import weakref
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, ClassVar, Generic, ParamSpec, Self, TypeVar

from swath._transfer.workers import Workers
from swath._worker import Stopped, Work, check, now, working
from swath.errors import SwathError

__all__ = ["Bridge", "Face", "Stream"]

_P = ParamSpec("_P")
_T = TypeVar("_T")

_Told = Callable[[SwathError], Exception]
"""How a face tells an error."""
_THREADS = 128
"""Most threads of one bridge. A call that waits for an order holds one, so few would let waiters block the rest."""
_GRACE_S = 2.0
"""Longest that a cancelled task waits for its work to end, seconds."""
_LOOK_S = 0.1
"""Between looks at whether the work was dropped while it waits for a callback, seconds."""
_BATCH = 1000
"""Most entries that an iterator hands over at once."""


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
        return await self._run(contextvars.copy_context(), functools.partial(function, *args, **kwargs))

    async def _run(self, context: contextvars.Context, function: Callable[[], _T]) -> _T:
        work = Work()
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


class Stream(AsyncIterator[_T], Generic[_T]):
    """An asynchronous iterator over a synchronous one.

    The next entries are taken on a thread: one, and with it all that came with the same answer. Leaving early asks for
    nothing more; `aclose` also ends what the iterator holds.
    """

    def __init__(self, bridge: Bridge, make: Callable[[], Iterable[_T]], told: _Told | None = None) -> None:
        self._bridge = bridge
        self._make = make
        self._told = told or _same
        self._context = contextvars.copy_context()  # one for all steps: what an iterator sets, it finds again
        self._iterator: Iterator[_T] | None = None
        self._ready: deque[_T] = deque()
        self._error: BaseException | None = None
        self._ended = False
        self._busy = False

    def __aiter__(self) -> Self:
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
        self._ready.clear()
        close = getattr(self._iterator, "close", None)
        self._iterator = None
        if close is not None and not self._bridge.closed:
            await self._bridge._run(self._context, close)  # noqa: SLF001  its own bridge

    async def _fill(self) -> None:
        try:
            entries = await self._bridge._run(self._context, self._take)  # noqa: SLF001  its own bridge
        except BaseException:
            self._ended = True
            raise
        self._ready.extend(entries)

    def _take(self) -> list[_T]:
        """Take one entry and those at hand, on a thread."""
        taken: list[_T] = []
        work = now()
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
            self._error = _renamed(self._told, err)
        except Exception as err:  # noqa: BLE001  it is raised where the entries before it have been taken
            self._ended = True
            self._error = err
        return taken


def _same(err: SwathError) -> Exception:
    return err


def _renamed(tell: _Told, err: SwathError) -> Exception:
    """Give an error the face's own name, the first one as its cause."""
    told = tell(err)
    if told is not err:
        told.__cause__ = err
    return told


class Face:
    """Base of awaitable faces.

    Each name of `calls` becomes a coroutine function, of `streams` a function that gives a `Stream`; both keep name,
    signature and docstring. Those of `plain` are quick, and stay as they are. Arguments named ``callback`` are called
    in the event loop's thread.

    Args:
        over: The synchronous class.
        calls: Names of methods that return.
        streams: Names of methods that iterate.
        plain: Names of methods that need no thread.
    """

    _over: ClassVar[type]
    """The synchronous class."""
    _names: ClassVar[tuple[str, ...]] = ()
    """All names that the face offers of it."""

    def __init_subclass__(
        cls,
        *,
        over: type | None = None,
        calls: Sequence[str] = (),
        streams: Sequence[str] = (),
        plain: Sequence[str] = (),
        **given: Any,
    ) -> None:
        super().__init_subclass__(**given)
        if over is None:
            return
        cls._over = over
        cls._names = (*calls, *streams, *plain)
        for name in calls:
            setattr(cls, name, _awaited(cls, inspect.getattr_static(over, name)))
        for name in streams:
            setattr(cls, name, _iterated(cls, inspect.getattr_static(over, name)))
        for name in plain:
            setattr(cls, name, _as_it_is(cls, inspect.getattr_static(over, name)))

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Say to type checkers that there are methods made from names."""

    def _bridge(self) -> Bridge:
        """Give what runs the work."""
        raise NotImplementedError

    def _below(self) -> Any:
        """Give the synchronous object. Called on a thread, before each call."""
        raise NotImplementedError

    @staticmethod
    def _told(err: SwathError) -> Exception:
        """Give an error as this face tells it."""
        return err


def _bound(self: Face, signature: inspect.Signature, args: Any, kwargs: Any) -> inspect.BoundArguments:
    """Check the arguments before any thread is asked, and let callbacks be called where the caller is."""
    given = signature.bind(self, *args, **kwargs)
    callback = given.arguments.get("callback")
    if callable(callback):
        given.arguments["callback"] = _in_loop(asyncio.get_running_loop(), callback)
    return given


def _awaited(face: type[Face], function: Callable[..., Any]) -> Callable[..., Any]:
    """Make the coroutine function of a method."""
    signature = inspect.signature(function)

    @functools.wraps(function)
    async def call(self: Face, *args: Any, **kwargs: Any) -> Any:
        given = _bound(self, signature, args, kwargs)
        try:
            return await self._bridge().run(
                lambda: getattr(self._below(), function.__name__)(*given.args[1:], **given.kwargs)
            )
        except SwathError as err:
            told = _renamed(self._told, err)
            if told is err:
                raise
            raise told  # noqa: B904  its cause is set

    _name(call, face)
    return call


def _iterated(face: type[Face], function: Callable[..., Any]) -> Callable[..., Any]:
    """Make the function of a method that iterates."""
    signature = inspect.signature(function)

    @functools.wraps(function)
    def stream(self: Face, *args: Any, **kwargs: Any) -> Stream[Any]:
        given = _bound(self, signature, args, kwargs)
        return Stream(
            self._bridge(),
            lambda: getattr(self._below(), function.__name__)(*given.args[1:], **given.kwargs),
            self._told,
        )

    _name(stream, face)
    return stream


def _name(made: Callable[..., Any], face: type[Face]) -> None:
    """Say where a method is."""
    made.__qualname__, made.__module__ = f"{face.__qualname__}.{made.__name__}", face.__module__


def _as_it_is(face: type[Face], method: Any) -> Any:
    """Give a method that needs no thread, with its errors told as the face tells them."""
    function = method.__func__ if isinstance(method, staticmethod) else method

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except SwathError as err:
            told = _renamed(face._told, err)  # noqa: SLF001  its own face
            if told is err:
                raise
            raise told  # noqa: B904  its cause is set

    _name(call, face)
    return staticmethod(call) if isinstance(method, staticmethod) else call


def _in_loop(loop: asyncio.AbstractEventLoop, function: Callable[..., _T]) -> Callable[..., _T]:
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

# SPDX-License-Identifier: Apache-2.0
"""Classes whose methods are awaited, made from a synchronous class and a list of names."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from swath._aio.bridge import Bridge, in_loop
from swath._aio.stream import Stream, renamed
from swath.errors import SwathError

__all__ = ["Face", "Held"]

_CALLBACKS = frozenset({"callback", "progress"})
"""Arguments that are functions which the work calls."""


class Face:
    """Base of awaitable faces.

    Each name of `calls` becomes a coroutine function, of `streams` a function that gives a `Stream`; both keep name,
    signature and docstring. Those of `plain` are quick, and stay as they are. Functions given as ``callback`` or
    ``progress`` are called in the event loop's thread.

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
        cls._names = tuple(dict.fromkeys((*cls._names, *calls, *streams, *plain)))
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


class Held(Face):
    """A face over an object that is there already.

    Args:
        held: The object.
        bridge: Runs its work.
    """

    def __init__(self, held: Any, bridge: Bridge) -> None:
        self._held = held
        self._threads = bridge

    def __repr__(self) -> str:
        return repr(self._held)

    def _bridge(self) -> Bridge:
        return self._threads

    def _below(self) -> Any:
        return self._held


def _bound(self: Face, signature: inspect.Signature, args: Any, kwargs: Any) -> inspect.BoundArguments:
    """Check the arguments before any thread is asked, and let callbacks be called where the caller is."""
    given = signature.bind(self, *args, **kwargs)
    for name, value in given.arguments.items():
        if value is self:
            continue
        if isinstance(value, Face):
            given.arguments[name] = value._below()  # noqa: SLF001  what takes a search takes its face
        elif name in _CALLBACKS and callable(value):
            given.arguments[name] = in_loop(asyncio.get_running_loop(), value)
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
            told = renamed(self._told, err)
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
            told = renamed(face._told, err)  # noqa: SLF001  its own face
            if told is err:
                raise
            raise told  # noqa: B904  its cause is set

    _name(call, face)
    return staticmethod(call) if isinstance(method, staticmethod) else call

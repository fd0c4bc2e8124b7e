# SPDX-License-Identifier: Apache-2.0
"""What the synchronous clients have in common."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from swath.errors import SwathError
from swath_planet.exceptions import ClientError, translate

if TYPE_CHECKING:
    from swath_planet.session import Session

__all__ = ["Api"]


class Api:
    """A service in a session. Its methods have the names and arguments of Planet's own SDK.

    Args:
        session: The opened account, which all its clients share.
        base_url: Where the service is; None for its usual place. The credentials go there.
    """

    _over: ClassVar[type]
    """What does the work."""
    _names: ClassVar[tuple[str, ...]] = ()
    """All names that it offers of it."""

    def __init_subclass__(
        cls,
        *,
        over: type,
        calls: Sequence[str] = (),
        streams: Sequence[str] = (),
        plain: Sequence[str] = (),
    ) -> None:
        super().__init_subclass__()
        cls._over = over
        cls._names = (*calls, *streams, *plain)
        for name in cls._names:
            method = inspect.getattr_static(over, name)
            if isinstance(method, staticmethod):
                made = _called(method.__func__, name, bound=False)
            else:
                made = (_listed if name in streams else _called)(method, name)
            made.__qualname__, made.__module__ = f"{cls.__qualname__}.{name}", cls.__module__
            setattr(cls, name, staticmethod(made) if isinstance(method, staticmethod) else made)

    def __init__(self, session: Session, base_url: str | None = None) -> None:
        if not hasattr(session, "context"):
            raise ClientError(f"a client needs a Session, not {type(session).__name__}")
        if base_url is not None:
            session.trust(base_url)
        self._session = session
        self._base_url = base_url
        self._service: Any = None

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Say to type checkers that there are methods made from names."""

    def _below(self) -> Any:
        context = self._session.context()
        if self._service is None:
            self._service = self._over(context, self._base_url)
        return self._service


def _called(function: Callable[..., Any], name: str, *, bound: bool = True) -> Callable[..., Any]:
    """Give a method that returns, its errors under Planet's names."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            if bound:
                self, *rest = args
                return getattr(self._below(), name)(*rest, **kwargs)
            return function(*args, **kwargs)
        except SwathError as err:
            told = translate(err)
            if told is err:
                raise
            raise told from err

    return call


def _listed(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """Give a method that iterates, its errors under Planet's names."""
    signature = inspect.signature(function)

    @functools.wraps(function)
    def entries(self: Api, *args: Any, **kwargs: Any) -> Iterator[Any]:
        signature.bind(self, *args, **kwargs)  # wrong arguments show at once, not when the first entry is asked for

        def go() -> Iterator[Any]:
            try:
                yield from getattr(self._below(), name)(*args, **kwargs)
            except SwathError as err:
                told = translate(err)
                if told is err:
                    raise
                raise told from err

        return go()

    return entries

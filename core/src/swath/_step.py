# SPDX-License-Identifier: Apache-2.0
"""Marks a public call of the life cycle: one correlation id, errors that name provider and step."""

from __future__ import annotations

import functools
import inspect
import uuid
from collections.abc import Callable, Iterator
from typing import Any, ParamSpec, TypeVar

from swath._suggest import suggest
from swath.errors import InputError, SwathError

__all__ = ["step", "stepwise"]

_P = ParamSpec("_P")
_R = TypeVar("_R")


def step(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Give a public call one correlation id, its errors provider and step, and unknown keywords a suggestion."""
    signature = inspect.signature(function)
    known = [name for name, about in signature.parameters.items() if about.kind is not about.VAR_KEYWORD][1:]
    name = function.__name__.removeprefix("_")

    @functools.wraps(function)
    def wrapped(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        from swath._http.client import call

        provider: Any = args[0]
        with call(name):
            try:
                try:
                    signature.bind(*args, **kwargs)
                except TypeError as err:
                    raise _misused(name, known, kwargs, err) from None
                return function(*args, **kwargs)
            except SwathError as err:
                err.provider = err.provider or provider.name
                err.step = err.step or name
                raise

    return wrapped


def stepwise(name: str, values: Iterator[_R]) -> Iterator[_R]:
    """Give every value that is asked for later the same correlation id, in whichever thread it is asked for."""
    from swath._http.client import call

    made = f"{name}-{uuid.uuid4().hex[:8]}"
    while True:
        with call(name, made):
            try:
                value = next(values)
            except StopIteration:
                return
        yield value


def _misused(name: str, known: list[str], given: dict[str, Any], err: TypeError) -> InputError:
    wrong = next((key for key in given if key not in known), None)
    if wrong is None:
        return InputError(f"{name}(): {err}", hint=f"it takes: {', '.join(known)}")
    return InputError(f"{name}() has no argument {wrong!r}", hint=suggest(wrong, known, otherwise="it takes"))

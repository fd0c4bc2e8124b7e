# SPDX-License-Identifier: Apache-2.0
"""Writes secrets into a request, at the last moment, and keeps them out of whatever comes back."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from swath.errors import SwathError
from swath.models import Secret
from swath_planet.tracking import is_secret_name

__all__ = ["guarded", "revealed"]

_SHORTEST: Final = 4
"""Characters that a secret has at least, so that looking for it makes no nonsense of an error."""


def revealed(value: Any) -> Any:
    """Copy a request with each `swath.Secret` in it revealed. What was given is not changed."""
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, Mapping):
        return {key: revealed(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [revealed(inner) for inner in value]
    return value


@contextlib.contextmanager
def guarded(body: Any) -> Iterator[Any]:
    """Give a body with its secrets revealed, and take them out of any error within the block.

    Yields:
        A copy of the body.
    """
    try:
        yield revealed(body)
    except SwathError as err:
        for secret in sorted(_secrets(body), key=len, reverse=True):
            if len(secret) >= _SHORTEST:
                err.message = err.message.replace(secret, "****")
                err.details = _scrubbed(err.details, secret)
        err.args = (err.message,)
        raise


def _secrets(value: Any, *, named: bool = False) -> set[str]:
    """Find what is secret in a body: by its type, or by its name."""
    if isinstance(value, Secret):
        return {value.reveal()}
    if isinstance(value, Mapping):
        return set().union(*(_secrets(inner, named=named or is_secret_name(key)) for key, inner in value.items()))
    if isinstance(value, list | tuple):
        return set().union(*(_secrets(inner, named=named) for inner in value))
    return {value} if named and isinstance(value, str) else set()


def _scrubbed(value: Any, secret: str) -> Any:
    if isinstance(value, Mapping):
        return {key: _scrubbed(inner, secret) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_scrubbed(inner, secret) for inner in value]
    return value.replace(secret, "****") if isinstance(value, str) else value

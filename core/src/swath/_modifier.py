# SPDX-License-Identifier: Apache-2.0
"""Calls the function that a user gave to change results in place, as pystac-client's `modifier` does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from swath.errors import InputError

__all__ = ["Modifier", "check_modifier", "modify"]

Modifier: TypeAlias = Callable[[Any], Any]
"""Takes a `pystac.Collection`, or a FeatureCollection or Collection as dict, and changes it in place."""


def check_modifier(modifier: object) -> None:
    """Refuse what cannot be called.

    Raises:
        InputError: It cannot.
    """
    if modifier is not None and not callable(modifier):
        raise InputError(
            f"modifier cannot be {modifier!r:.80}", hint="pass a function that changes its argument in place"
        )


def modify(modifier: Modifier | None, what: Any) -> None:
    """Call a modifier, if there is one.

    Raises:
        InputError: It gave something else back instead of changing its argument.
    """
    if modifier is None:
        return
    given = modifier(what)
    if given is not None and given is not what:
        raise InputError(
            f"the modifier gave a {type(given).__name__} back, which nobody would see",
            hint="let it change its argument in place, and return None",
        )

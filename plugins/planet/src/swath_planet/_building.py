# SPDX-License-Identifier: Apache-2.0
"""What the builders of orders and of subscriptions have in common."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ParamSpec

from swath.models import Secret
from swath_planet.exceptions import ClientError
from swath_planet.tools import PIXEL_TYPES

__all__ = ["band_math", "copied", "given", "one_of", "typed"]

_Given = ParamSpec("_Given")


def given(**values: Any) -> dict[str, Any]:
    """Keep what is not None."""
    return {name: value for name, value in values.items() if value is not None}


def copied(value: Any) -> Any:
    """Copy a request: one block may be used for several, and changing one of these must not change the others."""
    if isinstance(value, Mapping):
        return {key: copied(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [copied(inner) for inner in value]
    return value if isinstance(value, Secret) else copy.copy(value)


def one_of(what: str, value: str, allowed: Iterable[str]) -> str:
    """Give a word as Planet spells it, whatever its case.

    Raises:
        ClientError: It is none of those allowed.
    """
    known = list(allowed)
    found = next((one for one in known if one.lower() == str(value).lower()), None)
    if found is None:
        raise ClientError(f"{what} - {value!r} is not one of {', '.join(map(repr, known))}.")
    return found


def band_math(*texts: str | None, pixel_type: str) -> dict[str, Any]:
    """Write the parameters of band math, ``b1`` and on.

    Raises:
        ClientError: A band is left out between two others, or there is no such pixel type.
    """
    bands = {f"b{number}": text for number, text in enumerate(texts, start=1) if text is not None}
    if list(bands) != [f"b{number}" for number in range(1, len(bands) + 1)]:
        raise ClientError(f"bands must be given without a gap, not only {', '.join(bands)}")
    return {**bands, "pixel_type": one_of("pixel_type", pixel_type, PIXEL_TYPES)}


def typed(build: Callable[_Given, dict[str, Any]], module: str) -> Callable[_Given, dict[str, Any]]:
    """Make of what builds a block of an order what builds a subscription's of the same arguments.

    An order writes ``{kind: parameters}``, a subscription ``{"type": kind, "parameters": parameters}``.

    Args:
        build: Builds the order's.
        module: Where the other one is to be found by its name.
    """

    @functools.wraps(build)
    def made(*args: _Given.args, **options: _Given.kwargs) -> dict[str, Any]:
        ((kind, parameters),) = build(*args, **options).items()
        return {"type": kind, "parameters": dict(parameters)}

    made.__module__ = module
    return made

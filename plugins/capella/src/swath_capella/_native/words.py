# SPDX-License-Identifier: Apache-2.0
"""Judges what callers pass: words of closed lists, ids, and values on their way into JSON."""

from __future__ import annotations

import datetime as dt
import difflib
import uuid
from collections.abc import Iterable
from enum import Enum
from typing import Any

from swath_capella._native.times import zulu
from swath_capella.exceptions import ClientError

__all__ = ["as_list", "checked_ids", "checked_words", "geometry_of", "nearest", "plain", "required_ids"]


def as_list(value: Any) -> list[Any]:
    """Give one value or several as a list."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        return [value]
    return list(value)


def nearest(word: object, known: Iterable[str]) -> str:
    """Say which words were probably meant, or all there are."""
    words = list(known)
    lowered = {one.lower(): one for one in words}
    near = difflib.get_close_matches(str(word).lower(), lowered, 3, 0.6)
    if near:
        return f"did you mean {' or '.join(repr(lowered[one]) for one in near)}?"
    return f"there are: {', '.join(words)}"


def checked_words(value: Any, known: Iterable[str], what: str) -> list[str]:
    """Give words as the service has them; how letters are cased does not count.

    Args:
        value: One or several.
        known: What there is.
        what: Name of the argument.

    Raises:
        ClientError: For one that there is not, with the nearest.
    """
    by_lower = {one.lower(): str(one) for one in known}
    found = []
    for one in as_list(value):
        word = str(one.value if isinstance(one, Enum) else one)
        if word.lower() not in by_lower:
            raise ClientError(f"{what} cannot be {word!r}", hint=nearest(word, by_lower.values()))
        found.append(by_lower[word.lower()])
    return list(dict.fromkeys(found))


def checked_ids(values: Iterable[Any]) -> list[str]:
    """Give UUIDs once each, in the order given; None is passed over.

    Raises:
        ClientError: For one that is none.
    """
    found = []
    for one in values:
        if one is None:
            continue
        try:
            uuid.UUID(str(one))
        except ValueError as err:
            raise ClientError(f"{one} is not a valid uuid: {err}") from err
        found.append(str(one))
    return list(dict.fromkeys(found))


def required_ids(values: Iterable[Any]) -> list[str]:
    """Give UUIDs as `checked_ids`, at least one.

    Raises:
        ClientError: There is none, or one that is no UUID.
    """
    found = checked_ids(values)
    if not found:
        raise ClientError("No UUIDs provided", hint="pass at least one id")
    return found


def plain(value: Any) -> Any:
    """Give a value as JSON has it: members of enumerations by value, times in UTC, arrays as lists."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dt.date):
        return zulu(value)
    if hasattr(value, "__geo_interface__"):
        return plain(value.__geo_interface__)
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]
    if hasattr(value, "tolist"):  # numpy's numbers and arrays
        return value.tolist()
    return value


def geometry_of(value: Any) -> dict[str, Any]:
    """Give a geometry as GeoJSON: a mapping, or what has ``__geo_interface__``; of a feature its geometry.

    Raises:
        ClientError: It is none.
    """
    found = plain(value)
    if isinstance(found, dict) and found.get("type") == "Feature":
        found = found.get("geometry")
    if not isinstance(found, dict) or "type" not in found or "coordinates" not in found:
        raise ClientError("geometry is no GeoJSON geometry", hint="pass a Point or a Polygon")
    return found

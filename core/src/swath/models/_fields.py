# SPDX-License-Identifier: Apache-2.0
"""Converters and validators that the records share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

ItemDict: TypeAlias = dict[str, Any]
"""A STAC Item, Collection or other GeoJSON object as a plain dict."""


def strings(value: Iterable[str] | str | None) -> tuple[str, ...]:
    """Make one string, several or None a tuple of strings."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def item_dicts(value: Iterable[ItemDict] | None) -> tuple[ItemDict, ...]:
    """Make several items, or None, a tuple."""
    return () if value is None else tuple(value)


def mappings(value: Iterable[Mapping[str, Any]] | None) -> tuple[Mapping[str, Any], ...]:
    """Make several mappings, or None, a tuple."""
    return () if value is None else tuple(value)


def aware(_: object, attribute: Any, value: dt.datetime | None) -> None:
    """Refuse a naive datetime."""
    if value is not None and value.tzinfo is None:
        msg = f"{attribute.name} must be an aware datetime, not {value!r}"
        raise ValueError(msg)

# SPDX-License-Identifier: Apache-2.0
"""Find what a property name means in an item, and when and where the item is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from swath._query.times import parse_span
from swath.errors import UnexpectedResponse
from swath.models import ItemDict

__all__ = ["bare_name", "is_temporal", "item_shape", "item_span", "lookup", "reader"]

FIRST = dt.datetime.min.replace(tzinfo=dt.UTC)
"""What an open start means."""
LAST = dt.datetime.max.replace(tzinfo=dt.UTC)
"""What an open end means."""

_TOP_LEVEL = frozenset({"id", "collection", "geometry", "bbox"})
_TEMPORAL = frozenset(
    {"created", "updated", "published", "unpublished", "expires", "order:date", "order:expiration_date"}
)


def bare_name(name: str) -> str:
    """Give a property name without ``properties.``."""
    return name.removeprefix("properties.")


def is_temporal(name: str) -> bool:
    """Tell whether STAC says that the property is a time."""
    return name in _TEMPORAL or name.rpartition(":")[2].endswith("datetime")


def lookup(item: ItemDict, name: str) -> Any:
    """Give the value of a property; None where it is missing or null.

    ``id``, ``collection``, ``geometry`` and ``bbox`` are the item's own. A dotted name that is no key itself goes into
    nested objects.
    """
    if name in _TOP_LEVEL:
        return item.get(name)
    found: Any = item.get("properties") or {}
    if name in found:
        return found[name]
    if "." not in name:
        return None
    for key in name.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(key)
    return found


def reader(name: str) -> Callable[[ItemDict], Any]:
    """Make a function that gives the value of a property, as `lookup` does."""
    if "." in name:
        return lambda item: lookup(item, name)
    if name in _TOP_LEVEL:
        return lambda item: item.get(name)
    return lambda item: (item.get("properties") or _NOTHING).get(name)


_NOTHING: Mapping[str, Any] = {}


def item_span(item: ItemDict) -> tuple[dt.datetime, dt.datetime] | None:
    """Give the first and last instant of an item: its start and end where it has them, else its datetime."""
    properties = item.get("properties") or {}
    start, end = (_instant(properties.get(name)) for name in ("start_datetime", "end_datetime"))
    if start is None and end is None:
        moment = _instant(properties.get("datetime"))
        return None if moment is None else moment
    return (start[0] if start else FIRST, end[1] if end else LAST)


def item_shape(item: ItemDict) -> Any:
    """Give the shapely geometry of an item, split at the antimeridian; None where it has none.

    Raises:
        UnexpectedResponse: If its geometry is no GeoJSON.
    """
    geometry = item.get("geometry")
    if geometry is None:
        return None
    import shapely
    from shapely.geometry import shape

    from swath._geometry.dateline import is_placed, split

    try:
        found = shape(geometry if is_placed(geometry) else split(geometry, narrow=True))
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, shapely.errors.ShapelyError) as err:
        raise UnexpectedResponse(f"item {item.get('id')!r} has a geometry that is no GeoJSON: {err}") from err
    return found if found.is_valid else shapely.make_valid(found)


def _instant(value: Any) -> tuple[dt.datetime, dt.datetime] | None:
    return parse_span(value) if isinstance(value, str) else None

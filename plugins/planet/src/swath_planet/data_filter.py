# SPDX-License-Identifier: Apache-2.0
"""Builders of Data API filters, under the names of Planet's SDK.

A filter is a plain dictionary; filters nest in `and_filter`, `or_filter` and `not_filter`.

Source: Planet's documentation of Data API filters, read 2026-11.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Final

from swath_planet.exceptions import ClientError
from swath_planet.geojson import as_geom

__all__ = [
    "and_filter",
    "asset_filter",
    "date_range_filter",
    "empty_filter",
    "geometry_filter",
    "not_filter",
    "number_in_filter",
    "or_filter",
    "permission_filter",
    "range_filter",
    "std_quality_filter",
    "string_in_filter",
    "update_filter",
]

_RELATIONS: Final = ("intersects", "contains", "within", "disjoint")


def _listed(values: Iterable[Any], what: str) -> list[Any]:
    """Take a list.

    Raises:
        ClientError: It is one text or filter, where a list of them belongs.
    """
    if isinstance(values, (str, bytes, Mapping)) or not isinstance(values, Iterable):
        raise ClientError(f"{what} are {values!r}, which is no list", hint="pass a list, also of one")
    return list(values)


def _bounds(given: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the bounds that are given.

    Raises:
        ClientError: None is.
    """
    kept = {name: value for name, value in given.items() if value is not None}
    if not kept:
        raise ClientError("the filter has no bound", hint=f"pass at least one of {', '.join(given)}")
    return kept


def _times(given: Mapping[str, dt.datetime | None]) -> dict[str, str]:
    """Write times as RFC 3339; those without zone are UTC.

    Raises:
        ClientError: None is given, or one is no datetime.
    """
    made = {}
    for name, value in _bounds(given).items():
        if not isinstance(value, dt.datetime):
            raise ClientError(
                f"{name} is {value!r}, which is no datetime", hint="pass datetime.datetime(2026, 3, 1), UTC if naive"
            )
        made[name] = value.isoformat() + ("Z" if value.utcoffset() is None else "")
    return made


def empty_filter() -> dict[str, Any]:
    """Find everything."""
    return and_filter([])


def and_filter(nested_filters: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Find what all of the filters find."""
    return {"type": "AndFilter", "config": _listed(nested_filters, "nested_filters")}


def or_filter(nested_filters: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Find what any of the filters finds."""
    return {"type": "OrFilter", "config": _listed(nested_filters, "nested_filters")}


def not_filter(nested_filter: dict[str, Any]) -> dict[str, Any]:
    """Find what the filter does not find."""
    return {"type": "NotFilter", "config": nested_filter}


def date_range_filter(
    field_name: str,
    gt: dt.datetime | None = None,
    lt: dt.datetime | None = None,
    gte: dt.datetime | None = None,
    lte: dt.datetime | None = None,
) -> dict[str, Any]:
    """Find items by a time: ``acquired``, ``published`` or ``updated``. All bounds that are given hold.

    Args:
        field_name: Planet's name of the property.
        gt: Later than; UTC where naive, as the others.
        lt: Earlier than.
        gte: At or later than.
        lte: At or earlier than.

    Raises:
        ClientError: No bound is given, or one is no datetime.
    """
    config = _times({"gt": gt, "lt": lt, "gte": gte, "lte": lte})
    return {"type": "DateRangeFilter", "field_name": field_name, "config": config}


def range_filter(
    field_name: str,
    gt: float | None = None,
    lt: float | None = None,
    gte: float | None = None,
    lte: float | None = None,
) -> dict[str, Any]:
    """Find items by a number, in Planet's units: ``cloud_cover`` is a fraction. All bounds that are given hold.

    Args:
        field_name: Planet's name of the property.
        gt: Greater than.
        lt: Less than.
        gte: Greater than or equal to.
        lte: Less than or equal to.

    Raises:
        ClientError: No bound is given.
    """
    config = _bounds({"gt": gt, "lt": lt, "gte": gte, "lte": lte})
    return {"type": "RangeFilter", "field_name": field_name, "config": config}


def update_filter(
    field_name: str,
    gt: dt.datetime | None = None,
    lt: dt.datetime | None = None,
    gte: dt.datetime | None = None,
    lte: dt.datetime | None = None,
) -> dict[str, Any]:
    """Find items by when a property was last changed by publishing them anew; for items published since 2020-04-10.

    Args:
        field_name: Planet's name of the property.
        gt: Changed later than; UTC where naive, as the other.
        lt: Not known to Planet; leave it out.
        gte: Changed at or later than.
        lte: Not known to Planet; leave it out.

    Raises:
        ClientError: No bound is given, one is no datetime, or one is not known to Planet.
    """
    if lt is not None or lte is not None:
        raise ClientError("an update filter has no lt and lte", hint="pass gt or gte")
    return {"type": "UpdateFilter", "field_name": field_name, "config": _times({"gt": gt, "gte": gte})}


def geometry_filter(geom: Any, relation: str | None = None) -> dict[str, Any]:
    """Find items by how their footprint lies to an area.

    Args:
        geom: GeoJSON geometry, Feature, FeatureCollection of one, or an object with ``__geo_interface__``.
        relation: ``intersects``, ``contains``, ``within`` or ``disjoint``: how the footprint lies to `geom`. None for
            Planet's own, ``intersects``.

    Raises:
        GeoJSONError: It is no geometry.
        ClientError: The relation is none of these.
    """
    made: dict[str, Any] = {"type": "GeometryFilter", "field_name": "geometry", "config": as_geom(geom)}
    if relation is not None:
        if relation not in _RELATIONS:
            raise ClientError(f"relation is {relation!r}", hint=f"choose from {', '.join(_RELATIONS)}")
        made["relation"] = relation
    return made


def number_in_filter(field_name: str, values: Iterable[float]) -> dict[str, Any]:
    """Find items of which a number is one of several."""
    return {"type": "NumberInFilter", "field_name": field_name, "config": _listed(values, "values")}


def string_in_filter(field_name: str, values: Iterable[str]) -> dict[str, Any]:
    """Find items of which a text is one of several; ``"true"`` and ``"false"`` for truth values."""
    return {"type": "StringInFilter", "field_name": field_name, "config": _listed(values, "values")}


def asset_filter(asset_types: Iterable[str]) -> dict[str, Any]:
    """Find items that have any of the asset types; put several in an `and_filter` for all of them."""
    return {"type": "AssetFilter", "config": _listed(asset_types, "asset_types")}


def permission_filter() -> dict[str, Any]:
    """Find what the account may download."""
    return {"type": "PermissionFilter", "config": ["assets:download"]}


def std_quality_filter() -> dict[str, Any]:
    """Find what is of standard quality."""
    return string_in_filter("quality_category", ["standard"])

# SPDX-License-Identifier: Apache-2.0
"""Says one condition on a STAC property in Planet's filter grammar, with Planet's names and units.

Source: Planet's documentation of Data API filters, read 2026-11.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from attrs import frozen

from swath.pushdown import Loose, Predicate
from swath.stac import ORDER_STATUS, timestamp
from swath_planet.itemtypes import CLOUD_COVER_TYPES, NATIVE_PROPERTIES, Kind

__all__ = [
    "CLOUD_DECIMALS",
    "FIELDS",
    "Field",
    "Filter",
    "assets_any",
    "condition",
    "date_range",
    "negated",
    "permission",
    "some",
    "strings_in",
    "updated_since",
]

CLOUD_DECIMALS: Final = 6
"""Decimals to which `stac` rounds ``eo:cloud_cover``, in percent; the bounds pushed here allow for it exactly."""

Filter: TypeAlias = dict[str, Any]
"""A filter of Planet's, as JSON."""


@frozen(kw_only=True)
class Field:
    """A STAC property that Planet can be asked for."""

    native: str
    """Planet's name."""
    kind: Kind
    always: bool = False
    """Whether every item has it, so that "not equal" needs no thought of missing values."""
    percent: bool = False
    """Whether ours is in percent, rounded, and Planet's a fraction."""
    absolute: bool = False
    """Whether ours is the absolute value of Planet's."""
    array: bool = False
    """Whether ours is a list that holds Planet's one value."""


FIELDS: Final[Mapping[str, Field]] = {
    "id": Field(native="id", kind=Kind.STRING, always=True),
    "datetime": Field(native="acquired", kind=Kind.TIME, always=True),
    "published": Field(native="published", kind=Kind.TIME),
    "created": Field(native="published", kind=Kind.TIME),
    "updated": Field(native="updated", kind=Kind.TIME),
    "gsd": Field(native="gsd", kind=Kind.NUMBER),
    "platform": Field(native="satellite_id", kind=Kind.STRING),
    "constellation": Field(native="provider", kind=Kind.STRING),
    "instruments": Field(native="instrument", kind=Kind.STRING, array=True),
    "eo:cloud_cover": Field(native="cloud_cover", kind=Kind.NUMBER, percent=True),
    "eo:snow_cover": Field(native="snow_ice_percent", kind=Kind.NUMBER),
    "view:off_nadir": Field(native="view_angle", kind=Kind.NUMBER, absolute=True),
    "view:azimuth": Field(native="satellite_azimuth", kind=Kind.NUMBER),
    "view:sun_azimuth": Field(native="sun_azimuth", kind=Kind.NUMBER),
    "view:sun_elevation": Field(native="sun_elevation", kind=Kind.NUMBER),
    **{f"planet:{name}": Field(native=name, kind=known.kind) for name, known in NATIVE_PROPERTIES.items()},
}
"""By STAC name."""


# --- Planet's filters ------------------------------------------------------------------------------------------------


def strings_in(name: str, values: Sequence[str]) -> Filter:
    """Ask for one of several words."""
    return {"type": "StringInFilter", "field_name": name, "config": list(values)}


def date_range(name: str, **bounds: dt.datetime | None) -> Filter:
    """Ask for a span of time.

    Args:
        name: Planet's name of the field.
        **bounds: ``gt``, ``gte``, ``lt``, ``lte``; those that are None are left out.
    """
    config = {op: timestamp(value) for op, value in bounds.items() if value is not None}
    return {"type": "DateRangeFilter", "field_name": name, "config": config}


def updated_since(name: str, **bounds: dt.datetime) -> Filter:
    """Ask for items whose field was changed by a new publication.

    Args:
        name: Planet's name of the field.
        **bounds: ``gt`` or ``gte``.
    """
    return {"type": "UpdateFilter", "field_name": name, "config": {op: timestamp(one) for op, one in bounds.items()}}


def assets_any(asset_types: Sequence[str]) -> Filter:
    """Ask for items that have any of the asset types."""
    return {"type": "AssetFilter", "config": list(asset_types)}


def permission(right: str = "assets:download") -> Filter:
    """Ask for items with a right, ``assets:download`` or ``assets.ortho_visual:download``."""
    return {"type": "PermissionFilter", "config": [right]}


def negated(inner: Filter) -> Filter:
    """Ask for the opposite. Planet also finds what lacks the field, which never matches here."""
    return {"type": "NotFilter", "config": inner}


def some(parts: Sequence[Filter]) -> Filter:
    """Ask that one of several filters holds."""
    return parts[0] if len(parts) == 1 else {"type": "OrFilter", "config": list(parts)}


def _range(name: str, bounds: Mapping[str, float]) -> Filter:
    return {"type": "RangeFilter", "field_name": name, "config": dict(bounds)}


# --- conditions ------------------------------------------------------------------------------------------------------

_BOUND: Final = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}


def condition(predicate: Predicate, item_types: Sequence[str]) -> Filter | Loose[Filter] | None:
    """Say one condition.

    Args:
        predicate: On one property.
        item_types: Of the search.

    Returns:
        The filter where it finds exactly what matches, `Loose` where it finds more, None where it cannot be said.
    """
    values = predicate.value if predicate.op in {"in", "between"} else (predicate.value,)
    if predicate.property == ORDER_STATUS:
        return Loose(permission()) if predicate.op in {"=", "in"} and set(values) == {"orderable"} else None
    field = FIELDS.get(predicate.property)
    if field is None or field.array:
        return None
    if field.kind is Kind.STRING:
        return _words(predicate.op, field, values)
    if field.kind is Kind.BOOLEAN:
        said = ["true" if one else "false" for one in values if isinstance(one, bool)]
        return _words(predicate.op, field, said) if len(said) == len(values) else None
    if field.kind is Kind.TIME:
        return _times(predicate.op, field, values)
    return _numbers(predicate.op, field, values, item_types)


def _words(op: str, field: Field, values: Sequence[Any]) -> Filter | Loose[Filter] | None:
    if not values or any(not isinstance(one, str) for one in values):
        return None
    if op in {"=", "in"}:
        return strings_in(field.native, values)
    if op == "<>":
        other = negated(strings_in(field.native, values))
        return other if field.always else Loose(other)
    return None


def _times(op: str, field: Field, values: Sequence[Any]) -> Filter | Loose[Filter] | None:
    if not values or any(not isinstance(one, dt.datetime) for one in values):
        return None
    if op in _BOUND:
        return date_range(field.native, **{_BOUND[op]: values[0]})
    if op == "between":
        return date_range(field.native, gte=values[0], lte=values[1])
    if op in {"=", "in"}:
        return some([date_range(field.native, gte=one, lte=one) for one in values])
    if op == "<>":
        return some([date_range(field.native, lt=values[0]), date_range(field.native, gt=values[0])])
    return None


# --- numbers ---------------------------------------------------------------------------------------------------------


def _numbers(op: str, field: Field, values: Sequence[Any], item_types: Sequence[str]) -> Filter | Loose[Filter] | None:
    if not values or any(isinstance(one, bool) or not isinstance(one, int | float) for one in values):
        return None
    spans = _spans(op, values) if all(math.isfinite(one) for one in values) else None
    if spans is None:
        return None
    if field.absolute:
        parts = [part for part in (_magnitude(field.native, span) for span in spans) if part is not None]
        return some(parts) if len(parts) == len(spans) else None
    if not field.percent:
        if op == "in":
            return {"type": "NumberInFilter", "field_name": field.native, "config": list(values)}
        return some([_range(field.native, span) for span in spans])
    fractions = [_fractions(span) for span in spans]
    own = [_range(field.native, span) for span in fractions]
    if set(item_types) <= CLOUD_COVER_TYPES:
        return some(own)
    # Where an item has no cloud_cover, `stac` takes UDM2's percentage for it.
    percents = [{bound: value * 100 for bound, value in span.items()} for span in fractions]
    return Loose(some([*own, *(_range("cloud_percent", span) for span in percents)]))


def _spans(op: str, values: Sequence[float]) -> list[dict[str, float]] | None:
    """Take a comparison apart into spans, any of which may hold."""
    if op in _BOUND:
        return [{_BOUND[op]: values[0]}]
    if op == "between":
        return [{"gte": values[0], "lte": values[1]}]
    if op in {"=", "in"}:
        return [{"gte": one, "lte": one} for one in values]
    if op == "<>":
        return [{"lt": values[0]}, {"gt": values[0]}]
    return None


def _fractions(bounds: Mapping[str, float]) -> dict[str, float]:
    """Say a span of a rounded percentage as one of the fraction.

    Our values lie on a lattice of `CLOUD_DECIMALS`. The span is closed to the lattice points in it, and then reaches
    half a step further, which is just what rounds to them.
    """
    steps = 10.0**CLOUD_DECIMALS
    said: dict[str, float] = {}
    for bound, value in bounds.items():
        if bound in {"lt", "lte"}:
            step = math.ceil(value * steps) + 1
            while step / steps > value or (bound == "lt" and step / steps == value):
                step -= 1
            said["lte"] = (step + 0.5) / steps / 100
        else:
            step = math.floor(value * steps) - 1
            while step / steps < value or (bound == "gt" and step / steps == value):
                step += 1
            said["gte"] = (step - 0.5) / steps / 100
    return said


def _magnitude(name: str, bounds: Mapping[str, float]) -> Filter | None:
    """Say a span of an absolute value as one or two of the signed value."""
    low = next(((bound, bounds[bound]) for bound in ("gt", "gte") if bound in bounds), None)
    high = next(((bound, bounds[bound]) for bound in ("lt", "lte") if bound in bounds), None)
    if low is not None and (low[1] < 0 or low == ("gte", 0)):
        low = None
    mirror = {"gt": "lt", "gte": "lte", "lt": "gt", "lte": "gte"}
    if low is not None:
        right = dict([low] + ([high] if high else []))
        left = {mirror[bound]: -value for bound, value in right.items()}
        return some([_range(name, right), _range(name, left)])
    if high is None:
        return None
    return _range(name, {high[0]: high[1], mirror[high[0]]: -high[1]})

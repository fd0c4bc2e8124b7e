# SPDX-License-Identifier: Apache-2.0
"""Makes items of rows: of our own tables, and of those that other tools wrote as STAC GeoParquet."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any, Final

from swath._export.columns import FIXED, WHOLE, time_text
from swath.errors import InputError
from swath.models import ItemDict

__all__ = ["NEEDED", "item_of_row"]

NEEDED: Final = frozenset({"id", "geometry"})
"""Columns without which a table holds no items."""
_HEIGHTS: Final = ("xmin", "ymin", "zmin", "xmax", "ymax", "zmax")
_NEWEST: Final = "1.1.0"


def item_of_row(row: Mapping[str, Any]) -> ItemDict:
    """Make the item of a row.

    Args:
        row: Values by column; the geometry is GeoJSON already, or None. What is missing is None or NaN.

    Raises:
        InputError: The row's copy of the item is no item.
    """
    whole = row.get(WHOLE)
    if isinstance(whole, str) and whole:
        return _read(whole)
    item: ItemDict = {"type": "Feature", "stac_version": row.get("stac_version") or _NEWEST}
    for key in FIXED[1:]:
        value = _plain(row.get(key))
        if key == "geometry":
            item[key] = row.get(key)
        elif key == "bbox":
            value = _box(value)
            if value is not None:
                item[key] = value
        elif value is not None:
            item[key] = value
    properties = {"datetime": _plain(row.get("datetime"))}
    for key, value in row.items():
        if key not in FIXED and key not in {"type", WHOLE, "datetime"}:
            plain = _plain(value)
            if plain is not None:
                properties[key] = plain
    item["properties"] = properties
    item["links"] = _listed(item.get("links"))
    item["assets"] = _object(item.get("assets"))
    return item


def _read(text: str) -> ItemDict:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict) or found.get("type") != "Feature":
        raise InputError(
            f"the column {WHOLE!r} holds something that is no STAC Item: {text[:80]!r}",
            hint="leave that column as it was written",
        )
    return found


def _plain(value: Any) -> Any:
    """Give what JSON is made of; None for what is missing. Missing fields of objects are left out."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return None if value != value else value  # noqa: PLR0124 (NaN is how tables say nothing)
    if isinstance(value, Mapping):
        return {key: plain for key, one in value.items() if (plain := _plain(one)) is not None}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, dt.datetime):
        return None if value != value else time_text(value if value.tzinfo else value.replace(tzinfo=dt.UTC))  # noqa: PLR0124
    if isinstance(value, dt.date):
        return value.isoformat()
    if hasattr(value, "tolist"):  # numpy's
        return _plain(value.tolist())
    if isinstance(value, bytes):
        return _geometry(value)
    return None if str(value) in {"<NA>", "NaT"} else str(value)


def _geometry(value: bytes) -> Any:
    """Read a second geometry, such as ``proj:geometry``."""
    import shapely

    found = shapely.from_wkb(value, on_invalid="ignore")
    return None if found is None else json.loads(shapely.to_geojson(found))


def _box(value: Any) -> Any:
    """Give a bbox as STAC has it; in columns it is an object."""
    if isinstance(value, Mapping):
        value = [value[key] for key in _HEIGHTS if key in value]
    return value if isinstance(value, list) and len(value) in {4, 6} else None


def _listed(value: Any) -> list[Any]:
    value = _parsed(value)
    return value if isinstance(value, list) else []


def _object(value: Any) -> dict[str, Any]:
    value = _parsed(value)
    return value if isinstance(value, dict) else {}


def _parsed(value: Any) -> Any:
    """Read what is in a column of text since it has no fields anywhere."""
    if isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return None
    return value

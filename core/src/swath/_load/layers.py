# SPDX-License-Identifier: Apache-2.0
"""Sorts items in time, and puts those of one layer together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from swath._suggest import suggest
from swath.errors import InputError, LoadError
from swath.models import ItemDict
from swath.stac import PROVIDER, bbox_of, parse_timestamp

if TYPE_CHECKING:
    import xarray

_GROUPINGS: Final = ("time", "solar_day", "id")


def group(items: Sequence[ItemDict], groupby: str | None) -> list[list[ItemDict]]:
    """Sort items in time and put those of one layer together; the earliest is on top.

    Args:
        items: At least one.
        groupby: See `LoadOptions.groupby`.

    Raises:
        InputError: It is neither a known way of grouping nor a property that all items have.
    """
    ordered = sorted(items, key=lambda item: (item_time(item), str(item["id"])))
    if groupby is None or groupby == "id":
        return [[item] for item in ordered]
    grouped: dict[Any, list[ItemDict]] = {}
    for item in ordered:
        if groupby == "time":
            key: Any = item_time(item)
        elif groupby == "solar_day":
            key = _solar_day(item)
        else:
            key = _property(item, groupby)
        grouped.setdefault(key, []).append(item)
    return list(grouped.values())


def item_time(item: ItemDict) -> dt.datetime:
    """Give an item's instant, aware UTC: its datetime, else its start.

    Raises:
        LoadError: It has neither.
    """
    properties = item.get("properties") or {}
    value = properties.get("datetime") or properties.get("start_datetime")
    if not value:
        raise LoadError(f"item {item.get('id')!r} has neither datetime nor start_datetime", hint="give it one")
    return parse_timestamp(value)


def coordinates(layers: Sequence[Sequence[ItemDict]]) -> dict[str, xarray.Variable]:
    """Make the coordinates along time: the instant; the item of each layer where that is one; provider and collection.

    Args:
        layers: As `group` gives them.
    """
    import numpy as np
    import xarray as xr

    times = np.array([item_time(layer[0]).replace(tzinfo=None) for layer in layers], dtype="datetime64[ns]")
    made = {"time": xr.Variable("time", times, {"standard_name": "time"})}
    if all(len(layer) == 1 for layer in layers):
        made["item"] = xr.Variable("time", np.array([str(layer[0]["id"]) for layer in layers]))
    said = {
        "provider": [[(item.get("properties") or {}).get(PROVIDER) for item in layer] for layer in layers],
        "collection": [[item.get("collection") for item in layer] for layer in layers],
    }
    for name, values in said.items():
        if all(value for layer in values for value in layer):
            texts = [", ".join(dict.fromkeys(map(str, layer))) for layer in values]
            made[name] = xr.Variable("time", np.array(texts))
    return made


def _property(item: ItemDict, name: str) -> Any:
    """Give the property that items are grouped by, hashable."""
    properties = item.get("properties") or {}
    if name not in properties:
        raise InputError(
            f"groupby {name!r} is not known, nor a property of item {item.get('id')!r}",
            hint=suggest(name, [*_GROUPINGS, *properties]),
        )
    value = properties[name]
    return str(value) if isinstance(value, dict | list) else value


def _solar_day(item: ItemDict) -> dt.date:
    """Give the local day of an item, by the sun: an hour every 15 degrees."""
    geometry = item.get("geometry")
    box = item.get("bbox") or (bbox_of(geometry) if geometry else None)
    longitude = 0.0
    if box:
        east = box[len(box) // 2]
        longitude = (box[0] + (east if box[0] <= east else east + 360.0)) / 2
    return (item_time(item) + dt.timedelta(hours=longitude / 15)).date()

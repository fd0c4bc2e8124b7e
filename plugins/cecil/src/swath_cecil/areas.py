# SPDX-License-Identifier: Apache-2.0
"""Areas, and datasets over them as items that can be ordered.

An item's id says which dataset over which area it is, so that the same is found under the same name, whether the area
is kept at Cecil already or not.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import frozen

from swath import stac
from swath.errors import InputError
from swath.models import ItemDict
from swath.native import area_m2
from swath_cecil.datasets import gsd_of, span_of
from swath_cecil.models import Dataset, Subscription

__all__ = ["Area", "area_of_id", "code_of", "hectares_of", "item_of", "publications", "refusal"]

_DIGITS: Final = 9
"""Decimals of a degree to which two areas are compared: 0.1 mm."""
_KINDS: Final = frozenset({"Polygon", "MultiPolygon"})
_BOX: Final = re.compile(r"box((?:_-?\d+(?:\.\d+)?){4})")
_UUID_DIGITS: Final = 36


@frozen(kw_only=True)
class Area:
    """An area, kept at Cecil or not."""

    geometry: ItemDict
    id: str | None = None
    """Of the area at Cecil; None if it is not known there."""
    external_ref: str | None = None
    hectares: float

    @property
    def code(self) -> str:
        """What names it in items' ids."""
        return code_of(self.geometry)


def hectares_of(geometry: Mapping[str, Any]) -> float:
    """Give the area of a geometry, hectares."""
    return area_m2(geometry) / 10_000.0


def code_of(geometry: Mapping[str, Any]) -> str:
    """Name an area: ``box_WEST_SOUTH_EAST_NORTH`` for an upright rectangle, ``area_`` and a hash for all others."""
    box = _box_of(geometry)
    if box is not None:
        return "box_" + "_".join(_number(one) for one in box)
    text = json.dumps(_rings(geometry), separators=(",", ":"))
    return f"area_{hashlib.sha256(text.encode()).hexdigest()[:20]}"


def area_of_id(item_id: str) -> tuple[str, str, ItemDict | None]:
    """Take an item's id apart.

    Returns:
        The dataset's id, the area's name, and its geometry where the name tells it.
    """
    dataset, _, code = item_id.partition("_") if len(item_id) > _UUID_DIGITS else (item_id, "", "")
    found = _BOX.fullmatch(code)
    if found is None:
        return dataset, code, None
    west, south, east, north = (float(one) for one in found[1].lstrip("_").split("_"))
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return dataset, code, {"type": "Polygon", "coordinates": [ring]}


def item_of(dataset: Dataset, area: Area, now: dt.datetime, subscription: Subscription | None = None) -> ItemDict:
    """Make the item of a dataset over an area.

    Args:
        dataset: What.
        area: Where.
        now: Time of day.
        subscription: Of the dataset over this area, if there is one.
    """
    start, end = span_of(dataset, now)
    properties: dict[str, Any] = {
        "title": f"{dataset.name} over {area.external_ref or area.code}",
        stac.GSD: gsd_of(dataset),
        stac.PROJ_CODE: dataset.crs,
        stac.ORDER_STATUS: "orderable",
        "cecil:kind": "area",
        "cecil:dataset": dataset.name,
        "cecil:data_type": dataset.type.lower(),
        "cecil:version": dataset.version.number,
        "cecil:aoi_id": area.id,
        "cecil:external_ref": area.external_ref or None,
        "cecil:hectares": area.hectares,
    }
    if subscription is not None:
        properties |= {
            "cecil:subscription_id": subscription.id,
            "cecil:status": subscription.status,
            **publications(subscription),
        }
    return stac.item(
        id=f"{dataset.id}_{area.code}",
        geometry=area.geometry,
        start=start,
        end=end,
        collection=dataset.id,
        properties=properties,
        provider="cecil",
    )


def publications(subscription: Subscription) -> dict[str, Any]:
    """Say which publication a subscription is of, and whether there is a newer one."""
    mine, newest = subscription.dataset_publication, subscription.dataset_current_publication
    return {"cecil:publication": mine, "cecil:update_available": None if None in {mine, newest} else mine != newest}


def refusal(dataset: Dataset, geometry: Mapping[str, Any], hectares: float) -> InputError | None:
    """Say why a dataset cannot be had for an area, as far as its constraints tell; None if it can."""
    told = dataset.constraints
    latitudes = [position[1] for position in _positions(geometry)]
    vertices = len(latitudes)
    why = ""
    kinds = told.aoi_geometry_types
    if geometry.get("type") not in _KINDS:
        why = f"areas are polygons, and this is a {geometry.get('type')}"
    elif kinds and str(geometry["type"]).lower() not in {one.lower() for one in kinds}:
        why = f"its areas are {' or '.join(kinds)}, and this is a {geometry['type']}"
    elif told.aoi_min_hectares is not None and hectares < told.aoi_min_hectares:
        why = f"the area has {hectares:,.2f} ha, less than {told.aoi_min_hectares:,g}"
    elif told.aoi_max_hectares is not None and hectares > told.aoi_max_hectares:
        why = f"the area has {hectares:,.2f} ha, more than {told.aoi_max_hectares:,g}"
    elif told.aoi_max_vertices is not None and vertices > told.aoi_max_vertices:
        why = f"the area has {vertices} vertices, more than {told.aoi_max_vertices}"
    elif told.aoi_min_latitude is not None and min(latitudes) < told.aoi_min_latitude:
        why = f"the area reaches {min(latitudes):g}° of latitude, south of {told.aoi_min_latitude:g}°"
    elif told.aoi_max_latitude is not None and max(latitudes) > told.aoi_max_latitude:
        why = f"the area reaches {max(latitudes):g}° of latitude, north of {told.aoi_max_latitude:g}°"
    if not why:
        return None
    return InputError(
        f"{dataset.name} cannot be had for this area: {why}", hint="choose another area or dataset", provider="cecil"
    )


def _positions(geometry: Mapping[str, Any]) -> Iterator[list[float]]:
    """Yield all positions."""
    pending: list[Any] = [geometry.get("coordinates") or []]
    while pending:
        one = pending.pop()
        if one and isinstance(one[0], int | float):
            yield one
        else:
            pending.extend(one)


def _rings(geometry: Mapping[str, Any]) -> list[Any]:
    """Give the rings of all polygons in one form, wherever each begins and whichever way it runs."""
    told = geometry["coordinates"]
    polygons = told if geometry.get("type") == "MultiPolygon" else [told]
    return sorted([_ring(shell), *sorted(_ring(hole) for hole in holes)] for shell, *holes in polygons)


def _ring(ring: Any) -> list[list[float]]:
    points = [[round(float(value), _DIGITS) + 0.0 for value in one[:2]] for one in ring]
    if points[0] == points[-1]:
        points.pop()
    both = (points, points[::-1])
    return min(one[at:] + one[:at] for one in both for at in [one.index(min(one))])


def _box_of(geometry: Mapping[str, Any]) -> tuple[float, float, float, float] | None:
    """Give west, south, east, north of an upright rectangle; None for anything else."""
    if geometry.get("type") != "Polygon" or len(geometry["coordinates"]) != 1:
        return None
    points = _ring(geometry["coordinates"][0])
    xs, ys = sorted({one[0] for one in points}), sorted({one[1] for one in points})
    if len(points) != 4 or len(xs) != 2 or len(ys) != 2 or len({tuple(one) for one in points}) != 4:
        return None
    if points[0][0] != points[1][0] and points[0][1] != points[1][1]:  # a bow tie
        return None
    return xs[0], ys[0], xs[1], ys[1]


def _number(value: float) -> str:
    return f"{value:.{_DIGITS}f}".rstrip("0").rstrip(".")

# SPDX-License-Identifier: Apache-2.0
"""Read a bbox, which may cross the antimeridian."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from swath._geometry.dateline import place_point, to_geojson
from swath.errors import InvalidGeometry
from swath.models import ItemDict

__all__ = ["bbox_geometry", "is_number"]


def bbox_geometry(bbox: Iterable[float]) -> ItemDict:
    """Give the geometry of a bbox.

    Args:
        bbox: West, south, east, north in degrees, or with heights west, south, low, east, north, high. West may exceed
            east: the box then crosses the antimeridian.

    Returns:
        A Polygon; a MultiPolygon if it crosses; a Point or LineString if it has no extent.

    Raises:
        InvalidGeometry: If it is not 4 or 6 finite numbers in range, or south is above north.
    """
    import shapely

    numbers = _bbox_numbers(bbox)
    west, south, east, north = numbers if len(numbers) == 4 else (numbers[i] for i in (0, 1, 3, 4))
    shown = f"bbox {', '.join(f'{n:.10g}' for n in numbers)}"
    for name, latitude in (("south", south), ("north", north)):
        if abs(latitude) > 90.0:
            swapped = max(abs(west), abs(east)) <= 90.0
            raise InvalidGeometry(
                f"{shown}: {name} is {latitude:.10g}, outside -90 to 90",
                hint="the axes look swapped: pass west, south, east, north" if swapped else None,
            )
    for name, longitude in (("west", west), ("east", east)):
        if abs(longitude) > 360.0:
            raise InvalidGeometry(f"{shown}: {name} is {longitude:.10g}, outside -360 to 360")
    if south > north:
        raise InvalidGeometry(
            f"{shown}: south {south:.10g} is above north {north:.10g}", hint="pass west, south, east, north"
        )
    boxes = [shapely.Polygon([(w, south), (e, south), (e, north), (w, north)]) for w, e in _spans(west, east)]
    if all(box.area for box in boxes):
        return to_geojson(boxes[0] if len(boxes) == 1 else shapely.MultiPolygon(boxes))
    corners = [[(w, south), (e, north)] for w, e in _spans(west, east)]
    if all(a == b for a, b in corners):
        return to_geojson(shapely.Point(corners[0][0]))
    lines = [shapely.LineString(corner) for corner in corners if corner[0] != corner[1]]
    return to_geojson(lines[0] if len(lines) == 1 else shapely.MultiLineString(lines))


def is_number(value: object) -> bool:
    """Tell whether a value is one number: of Python, numpy or decimal, no bool and no text."""
    return hasattr(value, "__float__") and not isinstance(value, bool | str) and not hasattr(value, "__len__")


def _bbox_numbers(bbox: Iterable[Any]) -> list[float]:
    values = list(bbox)
    if len(values) not in {4, 6}:
        raise InvalidGeometry(
            f"a bbox has 4 or 6 numbers, not {len(values)}: {values[:8]!r}", hint="pass west, south, east, north"
        )
    numbers: list[float] = []
    for i, value in enumerate(values):
        if not is_number(value) or not math.isfinite(value):
            raise InvalidGeometry(f"number {i} of the bbox is {value!r}", hint="pass finite numbers in degrees")
        numbers.append(float(value))
    return numbers


def _spans(west: float, east: float) -> list[tuple[float, float]]:
    """Give the one or two spans of longitude, within ±180, from west eastward to east. Bounds in range stay exact."""
    if -180.0 <= west <= east <= 180.0:
        return [(west, east)]
    if east - west >= 360.0:
        return [(-180.0, 180.0)]
    start, end = place_point((west, 0.0))[0], place_point((east, 0.0))[0]
    if start <= end:
        return [(start, end)]
    spans = [(start, 180.0), (-180.0, end)]
    return [span for span in spans if span[0] != span[1]] or spans[:1]

# SPDX-License-Identifier: Apache-2.0
"""Gives footprints the place where a flat map shows them whole, also those that cross the antimeridian."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import shapely
from shapely.affinity import translate

__all__ = ["coordinates", "footprint", "place"]

_EDGE = 180 - 1e-6
_MOST_POINTS = 200


def footprint(geometry: Any, bbox: Any) -> Any:
    """Make a shape of an item's geometry, or of its bbox; None where there is neither.

    Returns:
        A shapely geometry in degrees. One that crosses the antimeridian is whole, and goes beyond 180.
    """
    try:
        shape = shapely.geometry.shape(geometry) if isinstance(geometry, Mapping) else _box(bbox)
        if shape is None or shape.is_empty:
            return None
        shape = _joined(shape)
        if shapely.get_num_coordinates(shape) > _MOST_POINTS:
            west, south, east, north = shape.bounds
            shape = shape.simplify(max(east - west, north - south) / 1000)
        return shapely.force_2d(shape)
    except (shapely.errors.ShapelyError, ValueError, TypeError, KeyError, IndexError, AttributeError):
        return None


def _box(bbox: Any) -> Any:
    if not isinstance(bbox, list | tuple) or len(bbox) not in {4, 6}:
        return None
    west, south, east, north = bbox[0], bbox[1], bbox[len(bbox) // 2], bbox[len(bbox) // 2 + 1]
    return shapely.box(west, south, east if east >= west else east + 360, north)


def _joined(shape: Any) -> Any:
    """Put together the parts of a geometry that was split at the antimeridian."""
    west, _, east, _ = shape.bounds
    parts = shapely.get_parts(shape)
    if len(parts) < 2 or west > -_EDGE or east < _EDGE:
        return shape
    moved = [translate(part, 360) if part.bounds[0] <= -_EDGE or part.bounds[2] < 0 else part for part in parts]
    return shapely.union_all([part if part.is_valid else shapely.make_valid(part) for part in moved])


def place(shapes: Sequence[Any]) -> list[Any]:
    """Move shapes by whole turns so that all are side by side: the map is cut where there is the widest gap.

    Args:
        shapes: As `footprint` gives them, or None.
    """
    spans = sorted((shape.bounds[0], shape.bounds[2]) for shape in shapes if shape is not None)
    if not spans:
        return list(shapes)
    start, reach, widest = spans[0][0], spans[0][1], spans[0][0] + 360 - max(end for _, end in spans)
    for west, east in spans[1:]:
        if west - reach > widest:
            start, widest = west, west - reach
        reach = max(reach, east)
    return [
        shape if shape is None or shape.bounds[0] >= start else translate(shape, 360)
        for shape in shapes
    ]  # fmt: skip


def coordinates(shape: Any) -> list[list[Any]]:
    """Write a shape for the page: ``[kind, positions]`` for each part; a kind is polygon, line or point.

    Positions are latitude and longitude in degrees, as map libraries want them.
    """
    if shape is None:
        return []
    kind = shape.geom_type
    if kind.startswith("Multi") or kind == "GeometryCollection":
        return [part for one in shape.geoms for part in coordinates(one)]
    if kind == "Polygon":
        return [["polygon", [_line(ring) for ring in (shape.exterior, *shape.interiors)]]]
    if kind == "Point":
        return [["point", _line(shape)[0]]]
    return [["line", _line(shape)]]


def _line(shape: Any) -> list[list[float]]:
    return [[round(float(y), 5), round(float(x), 5)] for x, y in shapely.get_coordinates(shape)]

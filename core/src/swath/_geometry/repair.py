# SPDX-License-Identifier: Apache-2.0
"""Make the coordinates of one GeoJSON geometry valid, saying what was changed."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from swath._geometry.dateline import Position, place_line, place_point, place_polygon
from swath.errors import InvalidGeometry

__all__ = ["settle"]

_TOLERANCE = 1e-6
"""Degrees (0.1 m) by which a coordinate may leave its range through rounding."""
_MAX_LONGITUDE = 360.0
"""Degrees: the widest convention in use is 0 to 360."""
_KINDS = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon")


def settle(geometry: Mapping[str, Any], *, place: str, notes: list[str]) -> list[Any]:
    """Give the valid parts of a geometry: shapely points, lines and polygons within ±180.

    Args:
        geometry: A GeoJSON geometry, not a collection.
        place: What to call it in messages, for example ``"feature 2"``; may be empty.
        notes: What was changed is appended here, once each.

    Raises:
        InvalidGeometry: If it cannot be read, naming the vertex and the value.
    """
    kind = geometry.get("type")
    if kind == "LinearRing":  # shapely's word, not GeoJSON's
        kind = "LineString"
    if kind not in _KINDS:
        raise InvalidGeometry(
            f"{kind!r} is no GeoJSON geometry type{_at(place)}",
            hint=f"use one of {', '.join(_KINDS)}, GeometryCollection, Feature or FeatureCollection",
        )
    coordinates = _plain(geometry.get("coordinates"))
    if not _is_list(coordinates) or not len(coordinates):
        raise InvalidGeometry(f"the {kind}{_of(place)} has no coordinates")
    if kind == "Point":
        return [_point(coordinates, place or "the point", notes)]
    if kind == "MultiPoint":
        return [_point(position, _name("point", i, place), notes) for i, position in enumerate(coordinates)]
    if kind == "LineString":
        return [_line(coordinates, place or "the line", notes)]
    if kind == "MultiLineString":
        return [_line(line, _name("line", i, place), notes) for i, line in enumerate(coordinates)]
    if kind == "Polygon":
        return [_polygon(coordinates, place, notes)]
    return [_polygon(polygon, _name("polygon", i, place), notes) for i, polygon in enumerate(coordinates)]


def _point(coordinates: Any, place: str, notes: list[str]) -> Any:
    import shapely

    position = _position(coordinates, place, notes)
    placed = place_point(position)
    if placed != position:
        _say(notes, "longitudes beyond ±180 were wrapped")
    return shapely.Point(placed)


def _line(coordinates: Any, place: str, notes: list[str]) -> Any:
    path = _distinct(_path(coordinates, place, notes), notes)
    if len(path) < 2:
        raise InvalidGeometry(f"{place} has only {len(path)} distinct vertex; a line needs 2")
    placed = place_line(path)
    if any(abs(b[0] - a[0]) > 180.0 or not -180.0 <= b[0] <= 180.0 for a, b in itertools.pairwise(path)):
        _say(notes, "a line was wrapped into ±180 degrees, going the short way round")
    return placed


def _polygon(coordinates: Any, place: str, notes: list[str]) -> Any:
    import shapely

    if not _is_list(coordinates) or not len(coordinates):
        raise InvalidGeometry(f"the polygon{_of(place)} has no rings")
    rings = [_ring(ring, _name("ring", i, place), notes) for i, ring in enumerate(coordinates)]
    placed, read_as = place_polygon(rings)
    if placed.is_empty or not placed.area:
        raise InvalidGeometry(
            f"the polygon{_of(place)} encloses no area: {_sample(rings[0])}", hint="check that its vertices differ"
        )
    if read_as:
        _say(notes, read_as)
    for i, ring in enumerate(rings):
        if not shapely.LinearRing(ring).is_simple and not (read_as and "longitude" not in read_as):
            _say(notes, f"{_name('ring', i, place)} crosses itself; it was taken apart into simple rings")
    if not read_as:
        drawn = shapely.Polygon(rings[0], rings[1:])
        if not drawn.is_valid and all(shapely.LinearRing(ring).is_simple for ring in rings):
            _say(notes, f"the rings of the polygon{_of(place)} overlap; what the holes cover was taken away")
        wrong = [shapely.LinearRing(ring).is_ccw == (i > 0) for i, ring in enumerate(rings)]
        if any(wrong) and drawn.is_valid:
            _say(notes, "rings were wound as RFC 7946 says: exteriors counter-clockwise, holes clockwise")
    return placed


def _ring(coordinates: Any, place: str, notes: list[str]) -> list[Position]:
    path = _path(coordinates, place, notes)
    if path[0] != path[-1]:
        _say(notes, f"{place} was closed")
        path.append(path[0])
    ring = _distinct(path, notes)
    count = len(set(ring))
    if count < 3:
        raise InvalidGeometry(
            f"{place} has only {count} distinct {'vertex' if count == 1 else 'vertices'}: {_sample(ring)}",
            hint="a ring needs at least 3; for a point or line pass that geometry type",
        )
    return ring


def _distinct(path: list[Position], notes: list[str]) -> list[Position]:
    kept = [position for i, position in enumerate(path) if i == 0 or position != path[i - 1]]
    if len(kept) != len(path):
        _say(notes, "repeated vertices were dropped")
    return kept


def _path(coordinates: Any, place: str, notes: list[str]) -> list[Position]:
    coordinates = _plain(coordinates)
    if not _is_list(coordinates) or not len(coordinates):
        raise InvalidGeometry(f"{place} has no vertices")
    return [_position(position, f"vertex {i} of {place}", notes) for i, position in enumerate(coordinates)]


def _position(position: Any, place: str, notes: list[str]) -> Position:
    """Read one position.

    Raises:
        InvalidGeometry: If it is not two numbers in range.
    """
    position = _plain(position)
    if not _is_list(position):
        raise InvalidGeometry(f"{place} is {position!r}, not [longitude, latitude]")
    if len(position) < 2 or any(isinstance(n, bool) or not hasattr(n, "__float__") for n in position[:2]):
        raise InvalidGeometry(f"{place} is {list(position)!r}, not [longitude, latitude]")
    if len(position) > 2:
        _say(notes, "heights were dropped")
    x, y = float(position[0]), float(position[1])
    if not (math.isfinite(x) and math.isfinite(y)):
        raise InvalidGeometry(f"{place} is [{x}, {y}], which is not finite", hint="remove or correct that vertex")
    if abs(y) > 90.0:
        if abs(y) > 90.0 + _TOLERANCE:
            _refuse_latitude(x, y, place)
        y = math.copysign(90.0, y)
        _say(notes, "latitudes a rounding error beyond 90 were set to 90")
    if 180.0 < abs(x) <= 180.0 + _TOLERANCE:
        x = math.copysign(180.0, x)
        _say(notes, "longitudes a rounding error beyond 180 were set to 180")
    if abs(x) > _MAX_LONGITUDE:
        raise InvalidGeometry(
            f"{place} has longitude {x:.10g}, outside -360 to 360",
            hint="coordinates are longitude, latitude in degrees (WGS 84); reproject from a projected CRS first",
        )
    return (x, y)


def _refuse_latitude(x: float, y: float, place: str) -> NoReturn:
    message = f"{place} has latitude {y:.10g}, outside -90 to 90 (longitude {x:.10g})"
    if abs(x) <= 90.0 and abs(y) <= 360.0:
        hint = "the axes look swapped: GeoJSON, WKT and bbox are longitude first, then latitude"
    else:
        hint = "coordinates are longitude, latitude in degrees (WGS 84); reproject from a projected CRS first"
    raise InvalidGeometry(message, hint=hint)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _plain(value: Any) -> Any:
    """Give a numpy array as lists."""
    return value.tolist() if hasattr(value, "tolist") else value


def _say(notes: list[str], note: str) -> None:
    if note not in notes:
        notes.append(note)


def _name(what: str, index: int, place: str) -> str:
    return f"{what} {index}{_of(place)}"


def _of(place: str) -> str:
    return f" of {place}" if place else ""


def _at(place: str) -> str:
    return f" ({place})" if place else ""


def _sample(ring: Sequence[Position]) -> str:
    """Show the first vertices of a ring."""
    return "[" + ", ".join(f"[{x:.10g}, {y:.10g}]" for x, y in ring[:3]) + (", …]" if len(ring) > 3 else "]")

# SPDX-License-Identifier: Apache-2.0
"""Bring geometry into -180 to 180 degrees, cut at the antimeridian and closed over the poles.

A ring is drawn on a flat map, yet means something on a globe. Where two neighbouring vertices are more than 180°
apart, there are two ways to read it, and this module decides as follows:

* Longitudes beyond ±180 (``170 … 190``) say by themselves where they are: they are cut and wrapped.
* A ring that goes once round the Earth, all in one hemisphere and poleward of 45° (or without any area on the flat
  map), encloses the pole of its hemisphere.
* Otherwise the winding that RFC 7946 demands decides: a simple ring that is counter-clockwise as drawn is that wide
  area, never its complement; any other ring crosses the antimeridian.
* An edge of exactly 360° is the edge of a world map: a simple ring with one is as drawn.

The ``antimeridian`` package is not used for this: it reads every long edge as a crossing, turns a clockwise ring
round a pole into the rest of the world and rounds to 1e-7 degrees (0.4.9). Its results are compared in the tests
where both agree on the meaning.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from swath.models import ItemDict

__all__ = ["is_placed", "orient", "place_line", "place_point", "place_polygon", "split", "to_geojson"]

Position: TypeAlias = tuple[float, float]
"""Longitude and latitude in degrees."""

_EPSILON = 1e-9
"""Degrees under which two longitudes are one (0.1 mm)."""
_POLAR_LATITUDE = 45.0
"""Degrees: a ring round the Earth poleward of it encloses the pole."""
_LONGEST_EDGE = 90.0
"""Degrees: edges of more than 180 are given vertices at most this far apart, so that nobody reads them otherwise."""


def split(geometry: Mapping[str, Any], *, narrow: bool = False) -> ItemDict:
    """Give the geometry cut at the antimeridian, with longitudes within ±180.

    Args:
        geometry: A GeoJSON geometry with finite coordinates; rings closed.
        narrow: Read every edge of more than 180° as a crossing, whatever the winding: right for the footprint of a
            scene, which is never that wide. A ring ten times as high as it would then be wide is still left alone,
            because it is the outline of a mosaic of the world.

    Returns:
        A geometry of the same dimension; the very input where nothing needs doing.
    """
    import shapely

    if is_placed(geometry):
        return dict(geometry)
    kind, coordinates = geometry["type"], geometry.get("coordinates", ())
    if kind == "GeometryCollection":
        return {"type": kind, "geometries": [split(part, narrow=narrow) for part in geometry["geometries"]]}
    members = coordinates if kind.startswith("Multi") else [coordinates]
    if kind.endswith("Point"):
        parts = [shapely.Point(place_point((position[0], position[1]))) for position in members]
    elif kind.endswith("LineString"):
        parts = [place_line(_positions(line)) for line in members]
    else:
        parts = [place_polygon([_positions(ring) for ring in rings], narrow=narrow)[0] for rings in members]
    joined = shapely.unary_union(parts) if len(parts) > 1 else parts[0]
    return to_geojson(joined)


def is_placed(geometry: Mapping[str, Any]) -> bool:
    """Tell whether the geometry lies within ±180 degrees without an edge that could be read as a crossing."""
    if geometry["type"] == "GeometryCollection":
        return all(is_placed(part) for part in geometry["geometries"])
    for path in _paths(geometry):
        previous: float | None = None
        for position in path:
            x = position[0]
            if not -180.0 <= x <= 180.0 or (previous is not None and abs(x - previous) > 180.0):
                return False
            previous = x
    return True


def place_point(position: Position) -> Position:
    """Give the position with its longitude within ±180."""
    x, y = position
    return (x if -180.0 <= x <= 180.0 else _wrapped(x), y)


def place_line(line: Sequence[Position]) -> Any:
    """Give the line as shapely LineString or MultiLineString within ±180, cut where it crosses.

    Edges of more than 180° (but 360) go the short way round.
    """
    import shapely

    return _cut(shapely.LineString(_unroll(line)), lineal=True)


def place_polygon(rings: Sequence[Sequence[Position]], *, narrow: bool = False) -> tuple[Any, str | None]:
    """Give the polygon as valid shapely Polygon or MultiPolygon within ±180.

    Args:
        rings: Closed rings, the exterior first. They may cross themselves.
        narrow: As in `split`.

    Returns:
        The geometry, empty if the rings enclose nothing; and what was read into it, None if that is as drawn.
    """
    import shapely

    shell, *holes = rings
    reading = _reading(shell, narrow=narrow)
    placed = _place_ring(shell, reading)
    if holes:
        cut_out = [_place_ring(hole, _reading(hole, narrow=reading != "drawn")) for hole in holes]
        placed = polygonal(placed.difference(shapely.unary_union(cut_out)))
    return placed, _note(shell, reading)


def polygonal(geometry: Any) -> Any:
    """Give only the polygons of a shapely geometry, as Polygon or MultiPolygon."""
    import shapely

    if geometry.geom_type in {"Polygon", "MultiPolygon"}:
        return geometry
    parts = [part for part in _leaves(geometry) if part.geom_type == "Polygon" and not part.is_empty]
    return shapely.unary_union(parts) if parts else shapely.Polygon()


def to_geojson(geometry: Any) -> ItemDict:
    """Give a shapely geometry as GeoJSON: lists, rings wound as RFC 7946 says, no edge of more than 180°."""
    kind = geometry.geom_type
    if kind == "Point":
        return {"type": kind, "coordinates": [geometry.x + 0.0, geometry.y + 0.0]}
    if kind == "LineString":
        return {"type": kind, "coordinates": [[x + 0.0, y + 0.0] for x, y, *_ in geometry.coords]}
    if kind == "Polygon":
        oriented = orient(geometry)
        rings = [oriented.exterior, *oriented.interiors]
        return {"type": kind, "coordinates": [[[x + 0.0, y + 0.0] for x, y in _bridged(r.coords)] for r in rings]}
    parts = [to_geojson(part) for part in geometry.geoms]
    if kind == "GeometryCollection":
        return {"type": kind, "geometries": parts}
    return {"type": kind, "coordinates": [part["coordinates"] for part in parts]}


def orient(polygon: Any) -> Any:
    """Give a shapely Polygon with its exterior counter-clockwise and its holes clockwise."""
    from shapely.geometry.polygon import orient as oriented

    return oriented(polygon, 1.0)


# --- how a ring is read ----------------------------------------------------------------------------------------------


def _reading(ring: Sequence[Position], *, narrow: bool) -> str:
    """Decide whether a ring means what is drawn, crosses the antimeridian or encloses a pole."""
    import shapely

    steps = [b[0] - a[0] for a, b in itertools.pairwise(ring)]
    turns = round(sum(_short(step) for step in steps) / 360.0)
    if turns:
        latitudes = [y for _, y in ring]
        flat = abs(shapely.Polygon(ring).area) < _EPSILON
        if any(map(_is_full_turn, steps)) and not flat and shapely.LinearRing(ring).is_simple:
            return "drawn"
        one_side = min(latitudes) >= 0.0 or max(latitudes) <= 0.0
        polar = one_side and (flat or min(abs(y) for y in latitudes) >= _POLAR_LATITUDE)
        return "pole" if polar else "drawn"
    if not any(abs(step) > 180.0 and not _is_full_turn(step) for step in steps):
        return "drawn"
    if narrow:
        unrolled = _unroll(ring)
        width = max(x for x, _ in unrolled) - min(x for x, _ in unrolled)
        height = max(y for _, y in ring) - min(y for _, y in ring)
        return "drawn" if 10.0 * width < height else "crossing"
    drawn = shapely.LinearRing(ring)
    return "drawn" if drawn.is_simple and drawn.is_ccw else "crossing"


def _note(ring: Sequence[Position], reading: str) -> str | None:
    """Say what was read into a ring."""
    wide = any(180.0 < abs(b[0] - a[0]) < 360.0 - _EPSILON for a, b in itertools.pairwise(ring))
    beyond = any(not -180.0 <= x <= 180.0 for x, _ in ring)
    if reading == "pole":
        return f"a ring round the Earth was taken to enclose the {'North' if _is_northern(ring) else 'South'} Pole"
    if reading == "crossing":
        return "an edge of more than 180° was taken to cross the antimeridian; the area was split there"
    if beyond:
        return "longitudes beyond ±180 were wrapped, the area split at the antimeridian where it crosses"
    if wide:
        return (
            "a counter-clockwise ring with an edge of more than 180° was taken as that wide area (RFC 7946); if it "
            "was to cross the antimeridian, pass it clockwise or cut, or pass a bbox whose west exceeds its east"
        )
    return None


def _place_ring(ring: Sequence[Position], reading: str) -> Any:
    """Make a ring a valid shapely (Multi)Polygon within ±180."""
    import shapely

    if reading == "drawn":
        path = list(ring)
    else:
        path = _unroll(ring)
        if reading == "pole":
            pole = 90.0 if _is_northern(ring) else -90.0
            path += [(path[-1][0], pole), (path[0][0], pole), path[0]]
    return _cut(_valid(shapely.Polygon(path)))


def _is_northern(ring: Sequence[Position]) -> bool:
    return sum(y for _, y in ring) >= 0.0


def _valid(polygon: Any) -> Any:
    import shapely

    if polygon.is_valid:
        return polygon
    mended = polygonal(shapely.make_valid(polygon, method="structure", keep_collapsed=False))
    # GEOS leaves parts that share an edge where a ring runs over one edge twice.
    return mended if mended.is_valid else polygonal(shapely.unary_union(mended))


# --- longitudes ------------------------------------------------------------------------------------------------------


def _is_full_turn(step: float) -> bool:
    return abs(abs(step) - 360.0) <= _EPSILON


def _short(step: float) -> float:
    """Give a step in longitude the short way round; exactly half a turn stays as drawn."""
    if abs(step) <= 180.0:
        return step
    return step - 360.0 * math.copysign(math.ceil((abs(step) - 180.0) / 360.0), step)


def _wrapped(x: float) -> float:
    wrapped = (x + 180.0) % 360.0 - 180.0
    return 180.0 if wrapped == -180.0 and x > 0.0 else wrapped


def _unroll(path: Sequence[Position]) -> list[Position]:
    """Give the path with each step the short way, so that longitudes may leave ±180."""
    x, y = path[0]
    unrolled = [(x, y)]
    turns = 0
    for (before, _), (after, latitude) in itertools.pairwise(path):
        turns += round((_short(after - before) - (after - before)) / 360.0)
        unrolled.append((after + 360.0 * turns, latitude))
    return unrolled


def _cut(geometry: Any, *, lineal: bool = False) -> Any:
    """Cut a shapely geometry at each odd multiple of 180° and move the pieces into ±180."""
    import shapely
    from shapely.affinity import translate

    if geometry.is_empty:
        return geometry
    west, south, east, north = geometry.bounds
    if west >= -180.0 and east <= 180.0:
        return geometry
    pieces: list[Any] = []
    for turn in range(math.floor((west + 180.0) / 360.0), math.floor((east + 180.0) / 360.0) + 1):
        window = shapely.box(-180.0 + 360.0 * turn, south - 1.0, 180.0 + 360.0 * turn, north + 1.0)
        pieces += [
            translate(piece, xoff=-360.0 * turn)
            for piece in _leaves(geometry.intersection(window))
            if piece.geom_type == ("LineString" if lineal else "Polygon") and not piece.is_empty
        ]
    if len(pieces) == 1:
        return pieces[0]
    if lineal:
        return shapely.MultiLineString(pieces)
    whole = shapely.MultiPolygon(pieces)
    return whole if whole.is_valid else polygonal(shapely.unary_union(pieces))


# --- coordinates -----------------------------------------------------------------------------------------------------


def _positions(path: Iterable[Sequence[float]]) -> list[Position]:
    return [(float(position[0]), float(position[1])) for position in path]


def _paths(geometry: Mapping[str, Any]) -> Iterator[Any]:
    """Go through the position lists of a GeoJSON geometry; each point is one of its own."""
    depth = _DEPTH[geometry["type"]]
    level = [geometry.get("coordinates", ())]
    for _ in range(depth):
        level = [part for parts in level for part in parts]
    yield from ([part] for part in level) if geometry["type"].endswith("Point") else level


_DEPTH = {"Point": 0, "MultiPoint": 1, "LineString": 0, "MultiLineString": 1, "Polygon": 1, "MultiPolygon": 2}
"""How deep the position lists of each geometry type lie."""


def _leaves(geometry: Any) -> Iterator[Any]:
    """Go through the simple parts of a shapely geometry."""
    if hasattr(geometry, "geoms"):
        for part in geometry.geoms:
            yield from _leaves(part)
    else:
        yield geometry


def _bridged(ring: Iterable[Sequence[float]]) -> Iterator[Position]:
    """Give the ring with vertices added on edges of more than 180 degrees."""
    previous: Position | None = None
    for x, y, *_ in ring:
        if previous is not None and abs(x - previous[0]) > 180.0:
            count = math.ceil(abs(x - previous[0]) / _LONGEST_EDGE)
            for i in range(1, count):
                part = i / count
                yield (previous[0] + (x - previous[0]) * part, previous[1] + (y - previous[1]) * part)
        yield (x, y)
        previous = (x, y)

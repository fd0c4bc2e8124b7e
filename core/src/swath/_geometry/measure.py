# SPDX-License-Identifier: Apache-2.0
"""Measure GeoJSON geometry: area, bounds, vertices; and simplify it outward.

All of it takes geometry as `swath._geometry.read` gives it: within ±180 degrees, split at the antimeridian.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from swath._geometry.boxes import bbox_geometry
from swath._geometry.dateline import polygonal, to_geojson
from swath.errors import InvalidGeometry
from swath.models import ItemDict

__all__ = ["area_m2", "bounds", "simplify_outward", "vertex_count"]

_SEMI_MAJOR_M = 6378137.0
_FLATTENING = 1 / 298.257223563
_E2 = _FLATTENING * (2 - _FLATTENING)
_E = math.sqrt(_E2)
# Gauss-Legendre, 5 nodes on 0 to 1.
_NODES = (
    (0.5, 64 / 225),
    (0.5 - 0.2692346550528416, 0.23931433524968324),
    (0.5 + 0.2692346550528416, 0.23931433524968324),
    (0.5 - 0.4530899229693320, 0.11846344252809454),
    (0.5 + 0.4530899229693320, 0.11846344252809454),
)
_PANEL = 5.0
"""Degrees of latitude that one quadrature panel spans at most."""


def area_m2(geometry: Mapping[str, Any]) -> float:
    """Give the area on the WGS 84 ellipsoid, in square metres; 0 for points and lines.

    Edges are straight in longitude and latitude, as RFC 7946 has them, and not geodesics, so that an area is the sum of
    the areas of its pieces. For such edges the result is right to 1e-9 of it; a geodesic edge of 100 km deviates
    from a straight one by some 100 m at 45° latitude.
    """
    return sum(abs(_ring_area(shell)) - sum(abs(_ring_area(h)) for h in holes) for shell, *holes in _polygons(geometry))


def bounds(geometry: Mapping[str, Any]) -> tuple[float, float, float, float]:
    """Give west, south, east, north in degrees: the narrowest box, so west exceeds east over the antimeridian.

    Raises:
        InvalidGeometry: If the geometry has no coordinates.
    """
    spans: list[tuple[float, float]] = []
    latitudes: list[float] = []
    for path in _paths(geometry):
        xs = [position[0] for position in path]
        spans.append((min(xs), max(xs)))
        latitudes += [position[1] for position in path]
    if not spans:
        raise InvalidGeometry("a geometry without coordinates has no bounds")
    merged: list[tuple[float, float]] = []
    for west, east in sorted(spans):
        if merged and west <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(east, merged[-1][1]))
        else:
            merged.append((west, east))
    west, east = merged[0][0], merged[-1][1]
    widest = west + 360.0 - east
    """Degrees left out so far: what lies behind the antimeridian."""
    for (_, before), (after, _) in itertools.pairwise(merged):
        if after - before > widest:
            widest, west, east = after - before, after, before
    return (west, min(latitudes), east, max(latitudes))


def vertex_count(geometry: Mapping[str, Any]) -> int:
    """Count the positions, closing ones included, as providers' limits do."""
    return sum(len(path) for path in _paths(geometry))


def simplify_outward(geometry: Mapping[str, Any], max_vertices: int) -> ItemDict:
    """Give a geometry of at most `max_vertices` positions that covers the original.

    A search with it finds all that the original would, and more; core filters exactly afterwards. Holes go first, then
    the outline is widened a little and simplified, step by step; at the end only boxes are left. It never leaves ±180,
    so that both sides of a split area stay split.

    Raises:
        InvalidGeometry: If not even the bounds have that few vertices.
    """
    import shapely
    from shapely.geometry import shape

    if vertex_count(geometry) <= max_vertices:
        return dict(geometry)
    original = shape(geometry)
    world = shapely.box(-180.0, -90.0, 180.0, 90.0)
    solid = _without_holes(original)
    west, south, east, north = bounds(geometry)
    boxes = bbox_geometry((west, south, east, north))
    tolerance = max((east - west) % 360.0, north - south) * 1e-4 or 1e-4
    while True:
        # A mitred buffer of twice the tolerance stays outside the original after a simplification by that tolerance.
        widened = solid.buffer(2.0 * tolerance, join_style="mitre", mitre_limit=2.0)
        candidate = _without_holes(polygonal(widened.simplify(tolerance).intersection(world)))
        if candidate.area >= shape(boxes).area:
            break
        if candidate.is_valid and candidate.covers(original):
            found = to_geojson(candidate)
            if vertex_count(found) <= max_vertices:
                return found
            if vertex_count(found) * 2 < shapely.get_num_coordinates(solid):
                # Widening thousands of vertices by much is slow: go on from what covers them already.
                solid = candidate
        tolerance *= 1.5
    if vertex_count(boxes) > max_vertices:
        raise InvalidGeometry(
            f"the area cannot be covered with {max_vertices} vertices; its bounds have {vertex_count(boxes)}"
        )
    return boxes


def _without_holes(geometry: Any) -> Any:
    """Fill the holes of the polygons; points and lines stay."""
    import shapely

    parts = [
        shapely.Polygon(part.exterior) if part.geom_type == "Polygon" else part
        for part in getattr(geometry, "geoms", [geometry])
    ]
    return parts[0] if len(parts) == 1 else shapely.unary_union(parts)


# --- area ------------------------------------------------------------------------------------------------------------


def _ring_area(ring: Sequence[Sequence[float]]) -> float:
    """Give the signed area under a closed ring: the integral of q over longitude."""
    total = 0.0
    for a, b in itertools.pairwise(ring):
        width = b[0] - a[0]
        if not width:
            continue
        panels = max(1, math.ceil(abs(b[1] - a[1]) / _PANEL))
        rise = (b[1] - a[1]) / panels
        mean = sum(weight * _q(a[1] + rise * (panel + node)) for panel in range(panels) for node, weight in _NODES)
        total += math.radians(width) * mean / panels
    return _SEMI_MAJOR_M**2 / 2.0 * total


def _q(latitude: float) -> float:
    """Give the authalic function q of Snyder's (3-12): twice the area of a zone per radian and squared semi-axis.

    Source: J. P. Snyder, Map Projections: A Working Manual, USGS Professional Paper 1395, page 16.
    """
    sine = math.sin(math.radians(latitude))
    return (1.0 - _E2) * (sine / (1.0 - _E2 * sine * sine) + math.atanh(_E * sine) / _E)


# --- coordinates -----------------------------------------------------------------------------------------------------


def _polygons(geometry: Mapping[str, Any]) -> Iterator[Any]:
    if geometry["type"] == "GeometryCollection":
        for part in geometry["geometries"]:
            yield from _polygons(part)
    elif geometry["type"] == "Polygon":
        yield geometry["coordinates"]
    elif geometry["type"] == "MultiPolygon":
        yield from geometry["coordinates"]


def _paths(geometry: Mapping[str, Any]) -> Iterator[Sequence[Sequence[float]]]:
    """Go through all position lists."""
    kind = geometry["type"]
    if kind == "GeometryCollection":
        for part in geometry["geometries"]:
            yield from _paths(part)
    elif kind == "Point":
        yield [geometry["coordinates"]]
    elif kind == "MultiPoint":
        yield from ([position] for position in geometry["coordinates"])
    elif kind == "LineString":
        yield geometry["coordinates"]
    elif kind == "MultiPolygon":
        for polygon in geometry["coordinates"]:
            yield from polygon
    else:
        yield from geometry["coordinates"]

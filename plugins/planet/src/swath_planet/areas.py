# SPDX-License-Identifier: Apache-2.0
"""Says areas as Planet wants them: known geometry types, at most 1500 vertices.

Source: Planet's documentation of the Data and Orders APIs (AOI limits), read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from swath.errors import InvalidGeometry

__all__ = ["MAX_VERTICES", "area_filter", "clip_area", "relation_filter", "vertex_count"]

MAX_VERTICES: Final = 1500
"""Most vertices of an area."""
_TYPES: Final = frozenset({"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"})


def _positions(coordinates: Any) -> Iterator[Sequence[float]]:
    """Yield every position of nested coordinates."""
    if not isinstance(coordinates, Sequence) or not coordinates:
        return
    if isinstance(coordinates[0], int | float):
        yield coordinates
        return
    for inner in coordinates:
        yield from _positions(inner)


def vertex_count(geometry: Mapping[str, Any]) -> int:
    """Count vertices; the last position of a ring repeats the first and does not count."""
    kind, coordinates = geometry.get("type"), geometry.get("coordinates") or ()
    rings: list[Any] = []
    if kind == "Polygon":
        rings = list(coordinates)
    elif kind == "MultiPolygon":
        rings = [ring for polygon in coordinates for ring in polygon]
    return sum(1 for _ in _positions(coordinates)) - len(rings)


def _geometry_filter(geometry: Mapping[str, Any], relation: str = "intersects") -> dict[str, Any]:
    plain = {"type": geometry["type"], "coordinates": geometry["coordinates"]}
    return {"type": "GeometryFilter", "field_name": "geometry", "relation": relation, "config": plain}


def _box(positions: Sequence[Sequence[float]]) -> dict[str, Any]:
    xs, ys = [one[0] for one in positions], [one[1] for one in positions]
    west, south, east, north = min(xs), min(ys), max(xs), max(ys)
    if west == east and south == north:
        return {"type": "Point", "coordinates": [west, south]}
    if west == east or south == north:
        return {"type": "LineString", "coordinates": [[west, south], [east, north]]}
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def _boxes(geometry: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Cover a geometry with its box, or with two where it is split at the antimeridian."""
    coordinates = geometry["coordinates"]
    everything = list(_positions(coordinates))
    touches_both = any(one[0] >= 180 for one in everything) and any(one[0] <= -180 for one in everything)
    if not touches_both or not str(geometry["type"]).startswith("Multi"):
        return [_box(everything)]
    halves: dict[bool, list[Sequence[float]]] = {True: [], False: []}
    for part in coordinates:
        inside = list(_positions(part))
        halves[sum(one[0] for one in inside) >= 0].extend(inside)
    return [_box(half) for half in halves.values() if half]


def area_filter(geometry: Mapping[str, Any]) -> tuple[dict[str, Any] | None, bool]:
    """Ask for items that meet an area.

    Args:
        geometry: GeoJSON, degrees, WGS 84, split at the antimeridian.

    Returns:
        The filter, or None where Planet cannot be asked; and whether it finds exactly what meets the area. An area of
        more than 1500 vertices is asked by its box, which finds more.
    """
    if geometry.get("type") == "GeometryCollection":
        parts = [area_filter(inner) for inner in geometry.get("geometries") or ()]
        asked = [part for part, _ in parts if part is not None]
        if not asked or len(asked) < len(parts):
            return None, False
        return {"type": "OrFilter", "config": asked}, all(exact for _, exact in parts)
    positions = list(_positions(geometry.get("coordinates")))
    if geometry.get("type") not in _TYPES or not positions or any(abs(one[0]) > 180 for one in positions):
        return None, False
    exact = len(positions) <= MAX_VERTICES
    seams = _seams(positions)
    asked = [_geometry_filter(one) for one in [*([geometry] if exact else _boxes(geometry)), *seams]]
    return asked[0] if len(asked) == 1 else {"type": "OrFilter", "config": asked}, exact and not seams


def relation_filter(geometry: Mapping[str, Any], relation: str) -> dict[str, Any] | None:
    """Ask for items whose footprint stands to an area in one of Planet's other relations.

    Args:
        geometry: GeoJSON, degrees, WGS 84, split at the antimeridian.
        relation: ``within``, ``contains`` or ``disjoint``.

    Returns:
        The filter; None where Planet cannot be asked, also for an area of more than 1500 vertices, whose box would find
        less, and for one that ends at the antimeridian, which Planet does not know to go on beyond it.
    """
    positions = list(_positions(geometry.get("coordinates")))
    is_sayable = geometry.get("type") in _TYPES and 0 < len(positions) <= MAX_VERTICES
    if not is_sayable or any(abs(one[0]) > 180 for one in positions):
        return None
    if relation != "disjoint" and _seams(positions):
        return None
    return _geometry_filter(geometry, relation)


def _seams(positions: Sequence[Sequence[float]]) -> list[dict[str, Any]]:
    """Repeat an edge on the antimeridian on its other side, unless the geometry lies there too.

    What touches the antimeridian from the one side meets what touches it from the other.
    """
    edges = {side: [one[1] for one in positions if one[0] == side] for side in (-180, 180)}
    spans = {side: (min(found), max(found)) for side, found in edges.items() if found}
    seams = []
    for side, (south, north) in spans.items():
        if spans.get(-side) != (south, north):
            seams.append(_box([(-side, south), (-side, north)]))
    return seams


def clip_area(geometry: Mapping[str, Any]) -> dict[str, Any]:
    """Check an area to clip to; an order is never simplified unasked.

    Args:
        geometry: GeoJSON geometry.

    Returns:
        The bare geometry as Planet takes it.

    Raises:
        InvalidGeometry: It is no polygon, or has more than 1500 vertices.
    """
    kind = geometry.get("type")
    if kind not in {"Polygon", "MultiPolygon"}:
        raise InvalidGeometry(
            f"Planet clips to a Polygon or MultiPolygon, not to a {kind}",
            hint="pass a polygon as clip=, for example the point's buffer",
            provider="planet",
        )
    count = vertex_count(geometry)
    if count > MAX_VERTICES:
        raise InvalidGeometry(
            f"the clip area has {count} vertices, and Planet takes at most {MAX_VERTICES}",
            hint="simplify it (shapely: geometry.simplify(tolerance)), or order without clip=",
            provider="planet",
        )
    return {"type": kind, "coordinates": geometry["coordinates"]}

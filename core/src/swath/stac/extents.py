# SPDX-License-Identifier: Apache-2.0
"""The bbox of a GeoJSON geometry, by RFC 7946: west exceeds east where it crosses the antimeridian."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from swath.errors import InvalidGeometry

__all__ = ["bbox_of"]

_EDGE = 180.0 - 1e-9
_NUMBERS = frozenset({int, float})


def bbox_of(geometry: Mapping[str, Any]) -> list[float]:
    """Compute the bbox of a GeoJSON geometry.

    Args:
        geometry: GeoJSON geometry, degrees, WGS 84. One that crosses the antimeridian is split there, as RFC 7946 asks.

    Returns:
        West, south, east, north in degrees. West exceeds east where parts meet at the antimeridian.

    Raises:
        InvalidGeometry: It has no coordinates.
    """
    plain = _of_polygon(geometry)
    if plain is not None:
        return plain
    parts = [_extent(part) for part in _parts(geometry)]
    if not parts:
        raise InvalidGeometry(f"a {geometry.get('type')!r} without coordinates has no bbox")
    south = min(part[1] for part in parts)
    north = max(part[3] for part in parts)
    west = min(part[0] for part in parts)
    east = max(part[2] for part in parts)
    if len(parts) > 1 and west <= -_EDGE and east >= _EDGE:
        west, east = _across(sorted((part[0], part[2]) for part in parts))
    return [west, south, east, north]


def _of_polygon(geometry: Mapping[str, Any]) -> list[float] | None:
    """Give the bbox of a plain polygon, which nearly all footprints are; None of anything else."""
    if geometry.get("type") != "Polygon":
        return None
    try:
        positions = [position for ring in geometry["coordinates"] for position in ring]
        xs = [position[0] for position in positions]
        ys = [position[1] for position in positions]
        if not {*map(type, xs), *map(type, ys)} <= _NUMBERS:
            return None
        return [float(min(xs)), float(min(ys)), float(max(xs)), float(max(ys))]
    except (IndexError, KeyError, TypeError, ValueError):
        return None


def _across(spans: list[tuple[float, float]]) -> tuple[float, float]:
    """West and east of spans that touch both sides of the antimeridian: the widest gap between them is outside."""
    gap, west, east = 0.0, -180.0, 180.0
    reach = spans[0][1]
    for start, end in spans[1:]:
        if start - reach > gap:
            gap, west, east = start - reach, start, reach
        reach = max(reach, end)
    return west, east


def _parts(geometry: Mapping[str, Any]) -> Iterator[list[tuple[float, float]]]:
    """Yield the positions of each simple part: one polygon, one line, one point."""
    kind = str(geometry.get("type", ""))
    if kind == "GeometryCollection":
        for inner in geometry.get("geometries") or ():
            yield from _parts(inner)
        return
    coordinates = geometry.get("coordinates") or ()
    members = coordinates if kind.startswith("Multi") else (coordinates,)
    for member in members:
        positions = list(_positions(member))
        if positions:
            yield positions


def _positions(value: Any) -> Iterator[tuple[float, float]]:
    """Yield longitude and latitude of every position in nested coordinates."""
    if not isinstance(value, (list, tuple)) or not value:
        return
    if isinstance(value[0], (int, float)):
        yield float(value[0]), float(value[1])
        return
    for inner in value:
        yield from _positions(inner)


def _extent(positions: list[tuple[float, float]]) -> tuple[float, float, float, float]:
    """West, south, east, north of some positions."""
    xs = [x for x, _ in positions]
    ys = [y for _, y in positions]
    return min(xs), min(ys), max(xs), max(ys)

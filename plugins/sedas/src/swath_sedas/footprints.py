# SPDX-License-Identifier: Apache-2.0
"""Polygons between GeoJSON and the WKT that SeDAS speaks: longitude, latitude, degrees, WGS 84."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from swath.errors import InvalidGeometry
from swath.models import ItemDict

__all__ = ["WORLD", "Box", "Ring", "box_of", "geometry_of", "parse_wkt", "ring_of_box", "rings_of", "wkt_of"]

Ring: TypeAlias = tuple[tuple[float, float], ...]
"""A closed outline: longitude and latitude of each corner, the first again as the last."""
Box: TypeAlias = tuple[float, float, float, float]
"""West, south, east, north, west below east."""

WORLD: Box = (-180.0, -90.0, 180.0, 90.0)

_POINT_MARGIN = 1e-4
"""Degrees, about 10 m: half the width of the square that stands for a point."""
_MOST_CORNERS = 500
"""Corners of an outline that is sent as it is; what the service takes is not documented."""
_HEAD = re.compile(r"\s*(?:SRID=4326;)?\s*(MULTIPOLYGON|POLYGON)\s*Z?\s*(\(.*\))\s*", re.IGNORECASE | re.DOTALL)
_RING = re.compile(r"\(([^()]*)\)")


# --- reading -------------------------------------------------------------------------------------------------------


def parse_wkt(text: str) -> tuple[tuple[Ring, ...], ...]:
    """Read a polygon or several.

    Args:
        text: WKT ``POLYGON`` or ``MULTIPOLYGON``; blanks are optional, a third ordinate is dropped.

    Returns:
        For each polygon its rings, the outline first.

    Raises:
        InvalidGeometry: It is no such WKT, or a ring has fewer than three different corners.
    """
    found = _HEAD.fullmatch(text)
    if found is None:
        raise InvalidGeometry(
            f"{_short(text)} is no WKT polygon", hint="pass 'POLYGON((lon lat, lon lat, lon lat, lon lat))', in degrees"
        )
    body = found[2].strip()
    # The outer brackets of a multipolygon hold polygons, those of a polygon hold rings.
    groups = _groups(body[1:-1]) if found[1].upper() == "MULTIPOLYGON" else [body]
    polygons = tuple(tuple(_ring(inner, text) for inner in _RING.findall(group)) for group in groups)
    if not polygons or not all(polygons):
        raise InvalidGeometry(f"{_short(text)} has a polygon without corners")
    return polygons


def _groups(body: str) -> list[str]:
    """Split ``((..)),((..))`` into its bracketed parts."""
    groups, depth, start = [], 0, 0
    for index, char in enumerate(body):
        if char == "(":
            if depth == 0:
                start = index
            depth += 1
        elif char == ")":
            depth -= 1
            if depth == 0:
                groups.append(body[start : index + 1])
    return groups


def _ring(text: str, whole: str) -> Ring:
    """Read one ring; repeated corners are dropped, an open ring is closed."""
    corners: list[tuple[float, float]] = []
    for pair in text.split(","):
        words = pair.split()
        try:
            corner = float(words[0]), float(words[1])
        except (IndexError, ValueError) as err:
            raise InvalidGeometry(f"{pair.strip()!r} in {_short(whole)} is no 'longitude latitude'") from err
        if not (-540 <= corner[0] <= 540 and -90 <= corner[1] <= 90):
            raise InvalidGeometry(
                f"{pair.strip()!r} in {_short(whole)} is out of range",
                hint="write longitude first, -180 to 180, then latitude, -90 to 90",
            )
        if not corners or corner != corners[-1]:
            corners.append(corner)
    if corners[0] != corners[-1]:
        corners.append(corners[0])
    if len(set(corners)) < 3:
        raise InvalidGeometry(f"{_short(whole)} has a ring of fewer than three corners")
    return tuple(corners)


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:57]}...")


def geometry_of(wkt: str) -> ItemDict:
    """Make a footprint RFC 7946: outlines counter-clockwise, holes clockwise, split at the antimeridian.

    Args:
        wkt: As SeDAS writes ``coordinatesWKT``. A footprint over the antimeridian jumps there from 180 to -180 or runs
            on beyond 180.

    Returns:
        GeoJSON Polygon, or MultiPolygon where there are several or it was split.

    Raises:
        InvalidGeometry: It is no polygon.
    """
    made: list[list[Ring]] = []
    for rings in parse_wkt(wkt):
        made.extend(_split([_unwrapped(ring) for ring in rings]))
    coordinates = [
        [[list(corner) for corner in _wound(ring, ccw=index == 0)] for index, ring in enumerate(rings)]
        for rings in made
    ]
    if len(coordinates) == 1:
        return {"type": "Polygon", "coordinates": coordinates[0]}
    return {"type": "MultiPolygon", "coordinates": coordinates}


def _unwrapped(ring: Ring) -> Ring:
    """Let longitudes run on instead of jumping by a whole turn."""
    made = [ring[0]]
    for lon, lat in ring[1:]:
        turns = round((made[-1][0] - lon) / 360) if abs(lon - made[-1][0]) > 180 else 0
        made.append((lon + 360 * turns, lat))
    # A ring around a pole does not close; its own closing corner then keeps it a ring.
    return tuple(made) if made[-1] == made[0] else ring


def _split(rings: list[Ring]) -> Iterator[list[Ring]]:
    """Cut a polygon at 180 and -180 degrees and bring each part within them."""
    for turn in (-1, 0, 1):
        middle = 360.0 * turn
        parts = [_clipped(ring, middle - 180, middle + 180) for ring in rings]
        if len(parts[0]) >= 4:
            yield [tuple((lon - middle, lat) for lon, lat in part) for part in parts if len(part) >= 4]


def _clipped(ring: Ring, west: float, east: float) -> Ring:
    """Cut a ring to a strip of longitudes; empty where nothing with an area is left."""
    if all(west <= lon <= east for lon, _ in ring):
        return ring
    corners = list(ring[:-1])
    for edge, sign in ((west, 1), (east, -1)):
        kept: list[tuple[float, float]] = []
        for (lon, lat), (next_lon, next_lat) in zip(corners, corners[1:] + corners[:1], strict=True):
            inside, next_inside = sign * (lon - edge) >= 0, sign * (next_lon - edge) >= 0
            if inside:
                kept.append((lon, lat))
            if inside != next_inside:
                part = (edge - lon) / (next_lon - lon)
                kept.append((edge, lat + part * (next_lat - lat)))
        corners = list(dict.fromkeys(kept))
    if len({lon for lon, _ in corners}) < 2 or len(corners) < 3:
        return ()
    return (*corners, corners[0])


def _wound(ring: Ring, *, ccw: bool) -> Ring:
    """Turn a ring the way that RFC 7946 asks."""
    area = sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in itertools.pairwise(ring))
    return ring if (area >= 0) == ccw else ring[::-1]


# --- writing -------------------------------------------------------------------------------------------------------


def rings_of(geometry: Mapping[str, Any] | None) -> list[Ring]:
    """List the outlines to search, which together cover an area; SeDAS takes one simple polygon a request.

    Holes are left out, an outline of very many corners becomes its convex hull or box, and what is no polygon its box:
    a search may find more, never less.

    Args:
        geometry: GeoJSON, split at the antimeridian; None for the whole world.
    """
    if geometry is None:
        return [ring_of_box(WORLD)]
    kind = geometry["type"]
    if kind == "GeometryCollection":
        return list(dict.fromkeys(ring for inner in geometry["geometries"] for ring in rings_of(inner)))
    coordinates: Sequence[Any] = geometry["coordinates"]
    if kind == "Polygon":
        return [_outline(coordinates)]
    if kind == "MultiPolygon":
        return list(dict.fromkeys(_outline(polygon) for polygon in coordinates))
    parts = coordinates if kind.startswith("Multi") else [coordinates]
    return list(dict.fromkeys(_around(list(_positions(part))) for part in parts))


def _outline(polygon: Sequence[Any]) -> Ring:
    ring = tuple((float(corner[0]), float(corner[1])) for corner in polygon[0])
    if len(ring) <= _MOST_CORNERS:
        return ring
    hull = _hull(ring)
    return hull if len(hull) <= _MOST_CORNERS else ring_of_box(box_of(ring))


def _hull(ring: Ring) -> Ring:
    """Give the convex hull, counter-clockwise (Andrew's monotone chain); it holds every corner."""
    corners = sorted(set(ring))
    chains: list[list[tuple[float, float]]] = []
    for walk in (corners, corners[::-1]):
        chain: list[tuple[float, float]] = []
        for point in walk:
            while len(chain) > 1 and _turn(chain[-2], chain[-1], point) <= 0:
                chain.pop()
            chain.append(point)
        chains.append(chain[:-1])
    made = chains[0] + chains[1]
    return (*made, made[0])


def _turn(one: tuple[float, float], two: tuple[float, float], three: tuple[float, float]) -> float:
    """Say which way three corners turn: above 0 to the left."""
    return (two[0] - one[0]) * (three[1] - one[1]) - (two[1] - one[1]) * (three[0] - one[0])


def _positions(value: Any) -> Iterator[tuple[float, float]]:
    if isinstance(value[0], (int, float)):
        yield float(value[0]), float(value[1])
        return
    for inner in value:
        yield from _positions(inner)


def _around(positions: list[tuple[float, float]]) -> Ring:
    """Give the box around a point or line, a little larger so that it has an area."""
    lons, lats = [lon for lon, _ in positions], [lat for _, lat in positions]
    return ring_of_box(
        (
            max(-180.0, min(lons) - _POINT_MARGIN),
            max(-90.0, min(lats) - _POINT_MARGIN),
            min(180.0, max(lons) + _POINT_MARGIN),
            min(90.0, max(lats) + _POINT_MARGIN),
        )
    )


def box_of(ring: Ring) -> Box:
    """Give the box around an outline."""
    lons, lats = [lon for lon, _ in ring], [lat for _, lat in ring]
    return min(lons), min(lats), max(lons), max(lats)


def ring_of_box(box: Box) -> Ring:
    """Give the outline of a box, counter-clockwise."""
    west, south, east, north = box
    return (west, south), (east, south), (east, north), (west, north), (west, south)


def wkt_of(ring: Ring) -> str:
    """Write an outline as SeDAS reads it, without exponents."""
    return f"POLYGON(({','.join(f'{_number(lon)} {_number(lat)}' for lon, lat in ring)}))"


def _number(value: float) -> str:
    text = f"{value:.12f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text

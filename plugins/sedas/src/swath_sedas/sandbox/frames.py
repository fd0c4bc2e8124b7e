# SPDX-License-Identifier: Apache-2.0
"""Which pieces of the Earth a mission sees on which of its orbits: slices of a radar swath, tiles of an optical one."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import shapely
from attrs import field, frozen
from numpy.typing import NDArray
from shapely.affinity import translate

from swath.sandbox.scenes import utm
from swath_sedas.sandbox.mgrs import SQUARE_M, band_letter, square_name
from swath_sedas.sandbox.orbits import SATELLITES, Orbit, aside, wrap

__all__ = ["TILE_M", "Frame", "Frames", "frames_of"]

Floats = NDArray[np.floating[Any]]
Integers = NDArray[np.integer[Any]]
Point = tuple[float, float]

TILE_M = 109_800
"""Edge of a Sentinel-2 tile, metres; it begins 20 m west of its square and at the square's upper edge."""
_TILE_WEST_M = 20
_SWATH_HALF_M = 145_000.0
_TILE_REACH_M = 60_000.0
_DATATAKE_LATS = (80.0, 73.0, 0.0, -62.0)
"""Where a Sentinel-2 acquisition begins anew on its way south; all tiles of one share its start."""
_SMALLEST_SHARE = 0.03

_SLICES = {
    # Seconds of a slice, near and far edge of the swath to the right of the track in metres, both directions or one.
    "S1": (25.0, 380_000.0, 630_000.0),
    "NovaSAR": (15.0, 160_000.0, 260_000.0),
}
_MOST_NORTH, _MOST_SOUTH = 78.0, -62.0


@frozen(kw_only=True)
class Frame:
    """One piece, seen on one relative orbit once a cycle."""

    group: str
    """``"S1"``, ``"S2"`` or ``"NovaSAR"``."""
    relative: int
    """Relative orbit, from 1."""
    index: int
    """Number of the slice from the node on; of a tile its number in the table."""
    start_s: float
    """Begin of the acquisition, seconds after the node."""
    stop_s: float
    """Its end."""
    seen_s: float
    """When this piece itself was seen."""
    corners: tuple[Point, Point, Point, Point] = field(repr=False)
    """Degrees, longitudes unwrapped. Of a slice: first line's near and far end, last line's far and near end. Of a
    tile: its corners from the upper left, clockwise."""
    outline: shapely.Polygon = field(repr=False, eq=False)
    """What was seen, degrees, longitudes unwrapped: a tile is cut by the edge of the swath."""
    ascending: bool = False
    tile: str | None = None
    """MGRS name."""
    epsg: int | None = None
    """Of the tile's UTM zone."""
    origin: Point | None = None
    """Easting and northing of the tile's upper left corner, metres."""

    @property
    def centre(self) -> Point:
        """Middle of the corners: longitude (wrapped) and latitude."""
        lon = sum(corner[0] for corner in self.corners) / 4
        return (lon + 180) % 360 - 180, sum(corner[1] for corner in self.corners) / 4


class Frames:
    """The table of a mission's pieces."""

    def __init__(self, group: str) -> None:
        self.group = group
        self._orbit = next(one.orbit for one in SATELLITES if one.group == group)
        self._made: dict[int, Frame | None] = {}
        if group == "S2":
            self._tiles = _Tiles()
            self._relative, self._pass_s, rows = _passes(self._orbit, self._tiles)
            self._tile = rows
            self._corners = self._tiles.corners[rows]
        else:
            self._relative, self._slice, self._corners = _slices(self._orbit, *_SLICES[group])
        lon, lat = self._corners[:, :, 0], self._corners[:, :, 1]
        self._boxes = np.stack([lon.min(axis=1), lat.min(axis=1), lon.max(axis=1), lat.max(axis=1)])

    def __len__(self) -> int:
        return len(self._relative)

    def near(self, area: shapely.Geometry | None) -> dict[int, list[int]]:
        """Give the rows whose box meets that of an area, by relative orbit.

        Args:
            area: Degrees, longitudes unwrapped and not wider than the circle; None means everywhere.
        """
        rows = np.arange(len(self))
        if area is not None:
            west, south, east, north = area.bounds
            w, s, e, n = self._boxes
            level = (s <= north) & (n >= south)
            rows = np.nonzero(level & np.any([(w + t <= east) & (e + t >= west) for t in (-360, 0, 360)], axis=0))[0]
        found: dict[int, list[int]] = {}
        for row, relative in zip(rows.tolist(), self._relative[rows].tolist(), strict=True):
            found.setdefault(relative, []).append(row)
        return found

    def meeting(self, area: shapely.Geometry | None, rows: Iterable[int]) -> Iterator[Frame]:
        """Give those of some rows that meet an area."""
        for row in rows:
            frame = self.frame(row)
            if frame is not None and (area is None or any(one.intersects(area) for one in _turned(frame, area))):
                yield frame

    def seen_on(self, relative: int, tile: str | None = None) -> Iterator[Frame]:
        """Give the frames of one relative orbit, or that of one tile."""
        for row in np.nonzero(self._relative == relative)[0].tolist():
            if tile is not None and self._tiles.names[self._tile[row]] != tile:
                continue
            frame = self.frame(row)
            if frame is not None:
                yield frame

    def frame(self, row: int) -> Frame | None:
        """Give a row of the table as a frame; None where too little of a tile was seen."""
        if row not in self._made:
            self._made[row] = self._make_tile(row) if self.group == "S2" else self._make_slice(row)
        return self._made[row]

    def _make_slice(self, row: int) -> Frame:
        seconds, _, _ = _SLICES[self.group]
        index = int(self._slice[row])
        start = index * seconds
        corners = _points(self._corners[row])
        quarter = self._orbit.period_s / 4
        return Frame(
            group=self.group,
            relative=int(self._relative[row]),
            index=index,
            start_s=start,
            stop_s=start + seconds,
            seen_s=start,
            corners=corners,
            outline=shapely.Polygon(corners).normalize(),
            ascending=start < quarter or start >= 3 * quarter,
        )

    def _make_tile(self, row: int) -> Frame | None:
        tile, relative, seen = int(self._tile[row]), int(self._relative[row]), float(self._pass_s[row])
        corners = _points(self._corners[row])
        whole = shapely.Polygon(corners)
        outline = whole.intersection(self._swath(relative, corners))
        if outline.geom_type != "Polygon" or outline.area < _SMALLEST_SHARE * whole.area:
            return None
        start, stop = _datatake(self._orbit, corners)
        return Frame(
            group="S2",
            relative=relative,
            index=tile,
            start_s=start,
            stop_s=stop,
            seen_s=seen,
            corners=corners,
            outline=outline.normalize(),
            tile=self._tiles.names[tile],
            epsg=int(self._tiles.epsg[tile]),
            origin=(float(self._tiles.east[tile]) - _TILE_WEST_M, float(self._tiles.north[tile]) + SQUARE_M),
        )

    def _swath(self, relative: int, corners: tuple[Point, ...]) -> shapely.Polygon:
        """Give the strip seen on an orbit, from above to below a tile, near its longitudes."""
        lats = [corner[1] for corner in corners]
        top = min(max(lats) + 0.5, 80.9)
        seconds = self._orbit.descending_at(np.linspace(top, min(lats) - 0.5, 7))
        east, lat = self._orbit.below(seconds)
        heading = self._orbit.heading(seconds)
        middle = sum(corner[0] for corner in corners) / 4
        lon = middle + wrap(self._orbit.node(relative) + east - middle)
        right, left = aside(lon, lat, heading + 90, _SWATH_HALF_M), aside(lon, lat, heading - 90, _SWATH_HALF_M)
        there = list(zip(right[0].tolist(), right[1].tolist(), strict=True))
        back = list(zip(left[0].tolist(), left[1].tolist(), strict=True))
        return shapely.Polygon([*there, *reversed(back)])


class _Tiles:
    """All tiles between the latitudes that Sentinel-2 looks at."""

    def __init__(self) -> None:
        zones, columns, rows = (
            part.ravel() for part in np.meshgrid(np.arange(1, 61), np.arange(1, 9), np.arange(-69, 87), indexing="ij")
        )
        north = rows >= 0
        epsg = np.where(north, 32600, 32700) + zones
        self.east = columns * SQUARE_M
        self.north = np.where(north, rows, rows + 100) * SQUARE_M
        reach = np.zeros(len(zones), bool)
        middle = zones * 6.0 - 183
        lats: Floats = np.zeros(len(zones))
        for dx, dy in ((0.5, 0.5), (0.02, 0.02), (0.98, 0.02), (0.02, 0.98), (0.98, 0.98)):
            lon, lat = self._inverse(epsg, self.east + dx * SQUARE_M, self.north + dy * SQUARE_M)
            reach |= np.abs(wrap(lon - middle)) <= 3
            lats = lat if dx == 0.5 else lats
        keep = reach & (lats < _MOST_NORTH) & (lats > _MOST_SOUTH)
        self.epsg, self.east, self.north, self.lat = epsg[keep], self.east[keep], self.north[keep], lats[keep]
        west, top = self.east - _TILE_WEST_M, self.north + SQUARE_M
        corners = []
        for dx, dy in ((0, 0), (TILE_M, 0), (TILE_M, -TILE_M), (0, -TILE_M)):
            lon, lat = self._inverse(self.epsg, west + dx, top + dy)
            corners.append(np.stack([lon, lat], axis=-1))
        self.corners = np.stack(corners, axis=1)
        first = self.corners[:, :1, 0]
        self.corners[:, :, 0] = first + wrap(self.corners[:, :, 0] - first)
        self.lon = wrap(self.corners[:, :, 0].mean(axis=1))

    @functools.cached_property
    def names(self) -> list[str]:
        """MGRS names."""
        rows = zip(self.epsg.tolist(), self.east.tolist(), self.north.tolist(), self.lat.tolist(), strict=True)
        return [
            square_name(epsg % 100, band_letter(lat), east // SQUARE_M, north // SQUARE_M)
            for epsg, east, north, lat in rows
        ]

    @staticmethod
    def _inverse(epsg: Integers, east: NDArray[Any], north: NDArray[Any]) -> tuple[Floats, Floats]:
        """Unproject points of many zones: all zones are alike but for their middle."""
        southern = epsg >= 32700
        lon = np.empty(len(epsg))
        lat = np.empty(len(epsg))
        for south, code in ((False, 32631), (True, 32731)):
            chosen = southern == south
            lon[chosen], lat[chosen] = utm.inverse(east[chosen], north[chosen], code)
        return wrap(lon - 3 + (epsg % 100) * 6 - 183), lat


def _passes(orbit: Orbit, tiles: _Tiles) -> tuple[Integers, Floats, Integers]:
    """Pair each tile with the orbits that come near it: relative orbit, seconds after the node, number of the tile."""
    seen = orbit.descending_at(tiles.lat)
    east, _ = orbit.below(seen)
    slant = np.cos(np.radians(orbit.heading(seen) - 180))
    # Nodes lie on an even lattice; lattice point p belongs to relative orbit 1 - p / days, taken round the cycle.
    spacing = 360.0 / orbit.orbits
    nearest = np.round((tiles.lon - east - orbit.first_node) / spacing).astype(np.int64)
    inverse = pow(orbit.days, -1, orbit.orbits)
    relatives, times, rows = [], [], []
    for step in range(-8, 9):
        lattice = nearest + step
        away = wrap(tiles.lon - east - orbit.first_node - lattice * spacing)
        metres = np.abs(away) * np.cos(np.radians(tiles.lat)) * 111_195 * slant
        chosen = np.nonzero(metres < _SWATH_HALF_M + _TILE_REACH_M)[0]
        relatives.append((-lattice[chosen] * inverse) % orbit.orbits + 1)
        times.append(seen[chosen])
        rows.append(chosen)
    return np.concatenate(relatives), np.concatenate(times), np.concatenate(rows)


def _slices(orbit: Orbit, seconds: float, near: float, far: float) -> tuple[Integers, Integers, Floats]:
    """Cut all orbits into slices: relative orbit, number of the slice, corners ``(slice, corner, lon lat)``."""
    edges = np.arange(0, math.floor(orbit.period_s / seconds) + 1) * seconds
    east, lat = orbit.below(edges)
    heading = orbit.heading(edges)
    inner = np.stack(aside(east, lat, heading + 90, near), axis=-1)
    outer = np.stack(aside(east, lat, heading + 90, far), axis=-1)
    corners = np.stack([inner[:-1], outer[:-1], outer[1:], inner[1:]], axis=1)
    first = corners[:, :1, 0]
    corners[:, :, 0] = first + wrap(corners[:, :, 0] - first)
    lats = corners[:, :, 1]
    usable = np.nonzero((lats.max(axis=1) < _MOST_NORTH) & (lats.min(axis=1) > _MOST_SOUTH))[0]
    relative = np.arange(1, orbit.orbits + 1)
    every = np.tile(corners[usable], (orbit.orbits, 1, 1))
    node = np.repeat(orbit.node(relative), len(usable))
    first = every[:, 0, 0] + node
    every[:, :, 0] += (node + wrap(first) - first)[:, np.newaxis]
    return np.repeat(relative, len(usable)), np.tile(usable, orbit.orbits), every


def _datatake(orbit: Orbit, corners: tuple[Point, ...]) -> tuple[float, float]:
    """Give begin and end, seconds after the node, of the acquisition that a tile was seen in."""
    lat = sum(corner[1] for corner in corners) / 4
    upper = next(edge for edge in reversed(_DATATAKE_LATS) if lat <= edge)
    lower = _DATATAKE_LATS[_DATATAKE_LATS.index(upper) + 1] if upper != _DATATAKE_LATS[-1] else -75.0
    start, stop = orbit.descending_at(np.array([upper, lower])).tolist()
    return start, stop


def _points(corners: Floats) -> tuple[Point, Point, Point, Point]:
    a, b, c, d = ((float(lon), float(lat)) for lon, lat in corners)
    return a, b, c, d


def _turned(frame: Frame, area: shapely.Geometry) -> Iterator[shapely.Polygon]:
    """Give a frame's outline on those turns of the circle on which it may meet an area."""
    west, _, east, _ = area.bounds
    left, _, right, _ = frame.outline.bounds
    for turn in (-360.0, 0.0, 360.0):
        if left + turn <= east and right + turn >= west:
            yield frame.outline if not turn else translate(frame.outline, turn)


@functools.lru_cache(maxsize=3)
def frames_of(group: str) -> Frames:
    """Give the table of a source group, made when it is first asked for."""
    return Frames(group)

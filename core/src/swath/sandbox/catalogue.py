# SPDX-License-Identifier: Apache-2.0
"""What a satellite has seen where and when: decided by seed, place and day, so that any area has data at any time."""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from attrs import frozen

__all__ = ["BBox", "Catalogue", "Scene", "sun_position"]

BBox = tuple[float, float, float, float]
"""West, south, east, north in degrees, WGS 84; west exceeds east over the antimeridian."""

HOMES: tuple[BBox, ...] = (
    (4.3, 51.8, 5.8, 52.7),  # the Netherlands
    (-1.6, 51.3, 0.4, 52.4),  # south-east England
    (-120.6, 36.2, -119.2, 37.2),  # Central Valley
    (177.2, -18.3, -179.6, -16.4),  # Fiji
)
"""Where a search that names no area finds something."""

_MINUTES_A_DAY = 24 * 60


@frozen(kw_only=True)
class Scene:
    """One acquisition."""

    catalogue: str
    """Name of the catalogue it is of."""
    column: int
    """Tile column, counted eastwards from longitude -180."""
    row: int
    """Tile row, counted northwards from latitude -90."""
    time: dt.datetime
    """Aware UTC."""
    seed: int
    """64 bits of its own, the same in every sandbox of the world's seed."""
    footprint: dict[str, Any]
    """GeoJSON Polygon, or MultiPolygon where it crosses the antimeridian."""
    bbox: BBox
    """Of the footprint."""
    outline: tuple[tuple[float, float], ...]
    """The footprint's four corners counter-clockwise from the south-west, longitudes going on beyond +-180."""
    cloud_cover: float
    """Percent, 0 to 100."""
    sun_azimuth: float
    """Degrees clockwise from north."""
    sun_elevation: float
    """Degrees over the horizon; may be negative."""

    @property
    def centre(self) -> tuple[float, float]:
        """Longitude (-180 to 180) and latitude of the middle, degrees."""
        lon = sum(point[0] for point in self.outline) / 4
        return _wrap(lon), sum(point[1] for point in self.outline) / 4

    def chance(self, *about: object) -> float:
        """Give a number in [0, 1) that depends on the scene and on what it is about."""
        text = "\x1f".join(str(part) for part in (self.seed, *about))
        return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest(), "big") / (1 << 48)


@frozen(kw_only=True)
class Catalogue:
    """All scenes of one satellite fleet.

    The earth is cut into tiles of `width` x `height` degrees; each is seen once every `revisit_days` days on average,
    at about `local_hour` solar time, by a footprint somewhat larger than the tile and slanted like a real one.
    """

    name: str
    seed: int = 0
    width: float = 0.25
    """Degrees; a divisor of 360, and a multiple of 1/240, so that a column is passed in whole seconds."""
    height: float = 0.25
    """Degrees; a divisor of 180."""
    revisit_days: float = 1.0
    """At least 1."""
    local_hour: float = 10.4
    """Solar time of the pass, hours."""
    south: float = -80.0
    """Nothing is seen south of it, degrees."""
    north: float = 84.0
    """Nothing is seen north of it, degrees."""
    overlap: float = 0.03
    """How far a footprint reaches over its tile, as a fraction of the tile."""
    slant: float = 0.06
    """How far its upper edge is shifted east, as a fraction of the tile's width."""
    first: dt.datetime
    """Begin of operation, aware UTC."""
    last: dt.datetime | None = None
    """End of operation; None while it goes on."""
    now: Callable[[], dt.datetime]
    """Tells the time: nothing is seen in the future."""
    lag_s: float = 0.0
    """Seconds from acquisition until a scene can be found."""
    homes: Sequence[BBox] = HOMES
    """What is searched where no area is named."""

    @property
    def columns(self) -> int:
        """Number of tiles round the earth."""
        return round(360 / self.width)

    @property
    def rows(self) -> int:
        """Number of tiles from pole to pole."""
        return round(180 / self.height)

    def search(
        self,
        boxes: Sequence[BBox] | None = None,
        start: dt.datetime | None = None,
        end: dt.datetime | None = None,
        *,
        oldest_first: bool = False,
    ) -> Iterator[Scene]:
        """Give the scenes whose footprint meets one of `boxes`, in order of time, made only as far as asked for.

        Args:
            boxes: Areas; None for the `homes`.
            start: Not before, aware; None for the begin of operation.
            end: Not after, aware; None for now.
            oldest_first: The order; newest first otherwise.
        """
        start, end = self._span(start, end)
        if start > end:
            return
        areas = self.homes if boxes is None else boxes
        tiles = self._tiles(areas)
        step = dt.timedelta(days=1 if oldest_first else -1)
        day, last = (start.date(), end.date()) if oldest_first else (end.date(), start.date())
        while (day <= last) if oldest_first else (day >= last):
            for column in sorted(tiles, key=lambda column: self._order(column, day), reverse=not oldest_first):
                if self._pass(column, 0, day) < start or self._pass(column, self.rows - 1, day) > end:
                    continue
                for row in sorted(tiles[column], reverse=oldest_first):  # satellites come from the north
                    scene = self.scene(column, row, day)
                    if scene and start <= scene.time <= end and any(_meet(scene.bbox, box) for box in areas):
                        yield scene
            day += step

    def scene(self, column: int, row: int, day: dt.date) -> Scene | None:
        """Give what was seen of a tile on a UTC day, or None: not every day has a pass."""
        if not (0 <= column < self.columns and 0 <= row < self.rows):
            return None
        south = -90 + row * self.height
        if south < self.south or south + self.height > self.north:
            return None
        text = f"{self.seed}\x1f{self.name}\x1f{column}\x1f{row}\x1f{day.toordinal()}"
        digest = hashlib.blake2b(text.encode(), digest_size=16).digest()
        if int.from_bytes(digest[:4], "big") * self.revisit_days >= 1 << 32:
            return None
        time = self._pass(column, row, day)
        low, high = self._span(None, None)
        if not low <= time <= high:
            return None
        outline = self._outline(column, south)
        footprint, bbox = _footprint(outline)
        azimuth, elevation = sun_position(-180 + (column + 0.5) * self.width, south + self.height / 2, time)
        return Scene(
            catalogue=self.name,
            column=column,
            row=row,
            time=time,
            seed=int.from_bytes(digest[8:], "big"),
            footprint=footprint,
            bbox=bbox,
            outline=outline,
            cloud_cover=_cloud(int.from_bytes(digest[4:6], "big") / (1 << 16)),
            sun_azimuth=azimuth,
            sun_elevation=elevation,
        )

    def _span(self, start: dt.datetime | None, end: dt.datetime | None) -> tuple[dt.datetime, dt.datetime]:
        newest = self.now() - dt.timedelta(seconds=self.lag_s)
        if self.last is not None:
            newest = min(newest, self.last)
        return max(start or self.first, self.first), min(end or newest, newest)

    def column_at(self, time: dt.datetime) -> int:
        """Give the column that was being passed at a time (aware, cut to seconds)."""
        utc = time.astimezone(dt.UTC)
        order = math.floor((utc.hour * 3600 + utc.minute * 60 + utc.second) / (self.width * 240) + 1e-9)
        return (self._noon(utc.date()) - order - 1) % self.columns

    def _pass(self, column: int, row: int, day: dt.date) -> dt.datetime:
        """Give the time of a pass: one column after the other, in each from north to south."""
        order = self._order(column, day) + 1 - (row + 1) / self.rows
        return dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC) + dt.timedelta(seconds=order * self.width * 240)

    def _order(self, column: int, day: dt.date) -> int:
        """Say when in the UTC day a column is passed, counted in columns: the earth turns eastwards."""
        return (self._noon(day) - column - 1) % self.columns

    def _noon(self, day: dt.date) -> int:
        """Give the column that is passed last on a day; passes come up to 20 minutes early or late."""
        digest = hashlib.blake2b(f"{self.seed}\x1f{self.name}\x1f{day.toordinal()}".encode(), digest_size=4).digest()
        early = int.from_bytes(digest, "big") / (1 << 32) * 10 - 5
        return round((self.local_hour * 15 + 180 + early) / self.width)

    def _tiles(self, boxes: Sequence[BBox]) -> dict[int, set[int]]:
        """Give the rows to look at, by column: those under the area and their neighbours, as footprints overlap."""
        tiles: dict[int, set[int]] = {}
        for west, south, east, north in boxes:
            reach_x, reach_y = self.width * (self.overlap + self.slant), self.height * self.overlap
            wide = (east - west) if east >= west else east + 360 - west
            first = math.floor((west - reach_x + 180) / self.width)
            count = min(math.floor((west + wide + reach_x + 180) / self.width) - first + 1, self.columns)
            low = max(math.floor((south - reach_y + 90) / self.height), 0)
            high = min(math.floor((north + reach_y + 90) / self.height), self.rows - 1)
            for column in range(first, first + count):
                tiles.setdefault(column % self.columns, set()).update(range(low, high + 1))
        return tiles

    def _outline(self, column: int, south: float) -> tuple[tuple[float, float], ...]:
        west = -180 + column * self.width
        more_x, more_y = self.width * self.overlap, self.height * self.overlap
        shift = self.width * self.slant
        low, high = south - more_y, south + self.height + more_y
        left, right = west - more_x, west + self.width + more_x
        corners = ((left - shift, low), (right - shift, low), (right + shift, high), (left + shift, high))
        return tuple((round(lon, 6), round(lat, 6)) for lon, lat in corners)


def sun_position(lon: float, lat: float, time: dt.datetime) -> tuple[float, float]:
    """Give the sun's azimuth and elevation in degrees, good to about a degree.

    Args:
        lon: Degrees east.
        lat: Degrees north.
        time: Aware.
    """
    utc = time.astimezone(dt.UTC)
    minutes = utc.hour * 60 + utc.minute + utc.second / 60
    year_angle = 2 * math.pi * (utc.timetuple().tm_yday - 1 + minutes / _MINUTES_A_DAY) / 365.25
    declination = math.radians(23.44) * math.sin(year_angle - 1.389)
    hour_angle = math.radians((minutes / 4 + lon) - 180)
    phi = math.radians(lat)
    sine = math.sin(phi) * math.sin(declination) + math.cos(phi) * math.cos(declination) * math.cos(hour_angle)
    elevation = math.asin(max(-1.0, min(1.0, sine)))
    azimuth = math.atan2(
        math.sin(hour_angle), math.cos(hour_angle) * math.sin(phi) - math.tan(declination) * math.cos(phi)
    )
    return round(math.degrees(azimuth) + 180, 1) % 360, round(math.degrees(elevation), 1)


def _cloud(share: float) -> float:
    """Spread a number in [0, 1) over cloud cover as skies do: four of ten nearly clear, one of ten overcast."""
    if share < 0.4:
        return round(share / 0.4 * 8, 1)
    if share < 0.9:
        return round(8 + (share - 0.4) / 0.5 * 84, 1)
    return round(92 + (share - 0.9) / 0.1 * 8, 1)


def _wrap(lon: float) -> float:
    return (lon + 180) % 360 - 180


def _meet(one: BBox, other: BBox) -> bool:
    """Say whether two boxes meet, either of which may cross the antimeridian."""
    if one[1] > other[3] or other[1] > one[3]:
        return False
    return any(a[0] <= b[1] and b[0] <= a[1] for a in _spans(one) for b in _spans(other))


def _spans(box: BBox) -> list[tuple[float, float]]:
    return [(box[0], box[2])] if box[0] <= box[2] else [(box[0], 180.0), (-180.0, box[2])]


def _footprint(outline: tuple[tuple[float, float], ...]) -> tuple[dict[str, Any], BBox]:
    """Give the GeoJSON geometry of an outline and its bbox, both within +-180."""
    lons, lats = [point[0] for point in outline], [point[1] for point in outline]
    west, south, east, north = min(lons), min(lats), max(lons), max(lats)
    if west >= -180 and east <= 180:
        return {"type": "Polygon", "coordinates": [_ring(outline, 0)]}, (west, south, east, north)
    limit = 180.0 if east > 180 else -180.0
    inner, outer = _cut(outline, limit, below=True), _cut(outline, limit, below=False)
    parts = [_ring(inner, 360 if limit < 0 else 0), _ring(outer, 0 if limit < 0 else -360)]
    return (
        {"type": "MultiPolygon", "coordinates": [[ring] for ring in parts if len(ring) > 3]},
        (west + 360 if limit < 0 else west, south, east if limit < 0 else east - 360, north),
    )


def _ring(points: Sequence[tuple[float, float]], shift: float) -> list[list[float]]:
    ring = [[round(lon + shift, 6), lat] for lon, lat in points]
    return [*ring, ring[0]] if ring else ring


def _cut(points: Sequence[tuple[float, float]], limit: float, *, below: bool) -> list[tuple[float, float]]:
    """Give the part of a convex ring west (`below`) or east of a meridian."""
    kept: list[tuple[float, float]] = []
    for index, here in enumerate(points):
        there = points[(index + 1) % len(points)]
        inside, follows = (here[0] <= limit) is below, (there[0] <= limit) is below
        if inside:
            kept.append(here)
        if inside is not follows:
            share = (limit - here[0]) / (there[0] - here[0])
            kept.append((limit, round(here[1] + share * (there[1] - here[1]), 6)))
    return kept

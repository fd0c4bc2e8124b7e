# SPDX-License-Identifier: Apache-2.0
"""Radar acquisitions over a few places on Earth: the same for the same seed."""

from __future__ import annotations

import datetime as dt
import math
import random
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

__all__ = ["SITES", "Collect", "acquire", "archive", "outline"]

SITES: Mapping[str, tuple[float, float]] = {
    "flevoland": (5.5, 52.485),
    "valparaiso": (-71.63, -33.04),
    "rotterdam": (4.05, 51.95),
    "singapore": (103.84, 1.25),
    "suez": (32.56, 29.93),
    "los-angeles": (-118.25, 33.74),
    "mount-etna": (14.99, 37.75),
    "palm-jebel-ali": (55.0, 25.0),
    "nome": (-165.4, 64.5),
    "fiji": (179.995, -16.8),
    "mcmurdo": (166.67, -77.85),
    "kiruna": (20.3, 67.85),
}
"""Longitude and latitude by name, degrees."""
FIRST = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
EVERY_DAYS = 4
_SATELLITES = (2, 3, 6, 8, 9, 10, 11, 13, 14, 15)
_MODES = {"SP": "spotlight", "SM": "stripmap", "SS": "sliding_spotlight"}
_ZONES = {
    "valparaiso": ("America/Santiago", -3),
    "flevoland": ("Europe/Amsterdam", 2),
    "singapore": ("Asia/Singapore", 8),
}


@frozen(kw_only=True)
class Collect:
    """One acquisition, of which several products are made."""

    id: str
    site: str
    number: int
    satellite: int
    mode: str
    """``SP``, ``SM`` or ``SS``."""
    polarisation: str
    middle: dt.datetime
    """Aware UTC."""
    seconds: float
    longitude: float
    latitude: float
    size_m: float
    """Edge of the square on the ground."""
    turn: float
    """Degrees that the square is turned."""
    look_angle: float
    incidence_angle: float
    azimuth: float
    ascending: bool
    right: bool
    plane: int
    """Inclination of the orbit: 45, 53 or 97 degrees."""
    open: bool
    """Whether it is open data, which costs nothing."""
    kinds: tuple[str, ...]
    """Product types that there are of it."""
    collection_type: str
    timezone: tuple[str, float]
    task: str | None = None
    """Tasking request that it was made for."""
    price: float = 450.0
    """US dollars a product."""

    @property
    def mode_name(self) -> str:
        """The mode as items name it."""
        return _MODES[self.mode]


def outline(longitude: float, latitude: float, size_m: float, turn: float) -> list[list[float]]:
    """Give the closed ring of a square, degrees, counter-clockwise; longitudes may pass 180."""
    half = size_m / 2
    angle = math.radians(turn)
    per_degree = 111_320.0
    ring = []
    for x, y in ((-half, -half), (half, -half), (half, half), (-half, half)):
        east, north = x * math.cos(angle) - y * math.sin(angle), x * math.sin(angle) + y * math.cos(angle)
        lon = longitude + east / (per_degree * math.cos(math.radians(latitude)))
        ring.append([round(lon, 6), round(latitude + north / per_degree, 6)])
    return [*ring, ring[0]]


def archive(seed: int) -> Iterator[Collect]:
    """Give all acquisitions of the archive, oldest first at each place, until three years after the first."""
    for site, (longitude, latitude) in SITES.items():
        for number in range(365 * 3 // EVERY_DAYS):
            rng = random.Random(f"{seed} {site} {number}")
            day = FIRST + dt.timedelta(days=number * EVERY_DAYS, hours=rng.uniform(0, 24))
            kinds = ["GEO", "GEC", "SLC", "SICD"]
            kinds += [kind for kind, share in (("SIDD", 0.2), ("CPHD", 0.1), ("CSI", 0.1)) if rng.random() < share]
            kinds += ["VS"] if number % 40 == 7 else ["ACD"] if number % 40 == 23 else []
            yield acquire(
                rng,
                site=site,
                number=number,
                middle=day,
                place=(longitude + rng.uniform(-0.01, 0.01), latitude + rng.uniform(-0.005, 0.005)),
                kinds=kinds,
                is_open=number % 10 == 4,
            )


def acquire(
    rng: random.Random,
    *,
    site: str,
    number: int,
    middle: dt.datetime,
    place: tuple[float, float],
    kinds: list[str],
    is_open: bool = False,
    mode: str | None = None,
    polarisation: str | None = None,
    look_angle: float | None = None,
    ascending: bool | None = None,
    right: bool | None = None,
    task: str | None = None,
) -> Collect:
    """Make one acquisition; what is not given is left to chance."""
    mode = mode or rng.choice(["SP", "SP", "SM", "SS"])
    look = rng.uniform(22, 44) if look_angle is None else look_angle
    return Collect(
        id=str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        site=site,
        number=number,
        satellite=rng.choice(_SATELLITES),
        mode=mode,
        polarisation=polarisation or ("VV" if rng.random() < 0.25 else "HH"),
        middle=middle.replace(microsecond=middle.microsecond // 1000 * 1000),
        seconds=rng.uniform(12, 26),
        longitude=place[0],
        latitude=place[1],
        size_m={"SP": 5000.0, "SM": 10_000.0, "SS": 7000.0}[mode],
        turn=rng.uniform(-15, 15),
        look_angle=round(look, 3),
        incidence_angle=round(look * 1.11, 3),
        azimuth=round(rng.uniform(0, 360), 2),
        ascending=rng.random() < 0.5 if ascending is None else ascending,
        right=rng.random() < 0.5 if right is None else right,
        plane=rng.choice([45, 53, 97]),
        open=is_open,
        kinds=tuple(kinds),
        collection_type={"SP": "spotlight", "SM": "stripmap_100", "SS": "spotlight_wide"}[mode],
        timezone=_ZONES.get(site, ("UTC", 0)),
        task=task,
    )


def as_geometry(collect: Collect) -> dict[str, Any]:
    """Give the footprint as GeoJSON, split where it crosses the antimeridian."""
    ring = outline(collect.longitude, collect.latitude, collect.size_m, collect.turn)
    if max(lon for lon, _ in ring) <= 180:
        return {"type": "Polygon", "coordinates": [ring]}
    west, south = min(lon for lon, _ in ring), min(lat for _, lat in ring)
    east, north = max(lon for lon, _ in ring), max(lat for _, lat in ring)
    boxes = ((west, 180.0), (-180.0, round(east - 360.0, 6)))
    return {
        "type": "MultiPolygon",
        "coordinates": [[[[a, south], [b, south], [b, north], [a, north], [a, south]]] for a, b in boxes],
    }

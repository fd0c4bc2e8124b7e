# SPDX-License-Identifier: Apache-2.0
"""Where satellites fly: circular, sun-synchronous orbits whose ground tracks repeat exactly.

Source: the missions' public orbit figures (cycle, inclination, local time of the node), read 2026-11. The phase of
Sentinel-2 is set by a product name seen in public (S2B, 2019-09-25, relative orbit 6 over tile 38PNV), that of
Sentinel-1 by absolute orbit 16443 of S1B.
"""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike, NDArray

__all__ = ["EARTH_RADIUS_M", "SATELLITES", "Orbit", "Satellite", "aside", "wrap"]

Floats = NDArray[np.floating[Any]]

EARTH_RADIUS_M = 6_371_000.0
_DAY_S = 86_400.0


@frozen(kw_only=True)
class Orbit:
    """A repeating orbit, the same for all satellites of a mission."""

    orbits: int
    """Orbits in a cycle."""
    days: int
    """Days in a cycle."""
    inclination: float
    """Degrees."""
    first_node: float
    """Longitude of the ascending node of relative orbit 1, degrees."""

    @property
    def period_s(self) -> float:
        """Time of one orbit, seconds."""
        return self.days * _DAY_S / self.orbits

    def node(self, relative: ArrayLike) -> Floats:
        """Give the longitude of the ascending node, degrees, of relative orbits counted from 1."""
        return wrap(self.first_node - (np.asarray(relative, float) - 1) * 360.0 * self.days / self.orbits)

    def below(self, seconds: Floats) -> tuple[Floats, Floats]:
        """Give where the track is `seconds` after the node: longitude east of the node and latitude, degrees."""
        u = 2 * np.pi * np.asarray(seconds, float) / self.period_s
        i = math.radians(self.inclination)
        lat = np.degrees(np.arcsin(np.sin(u) * math.sin(i)))
        east = np.degrees(np.arctan2(math.cos(i) * np.sin(u), np.cos(u))) - 360.0 / _DAY_S * np.asarray(seconds, float)
        return east, lat

    def heading(self, seconds: Floats) -> Floats:
        """Give the direction of the track over ground, degrees clockwise from north."""
        east0, lat0 = self.below(np.asarray(seconds, float) - 1)
        east1, lat1 = self.below(np.asarray(seconds, float) + 1)
        across = wrap(east1 - east0) * np.cos(np.radians((lat0 + lat1) / 2))
        return np.asarray(np.degrees(np.arctan2(across, lat1 - lat0)) % 360)

    def descending_at(self, lat: Floats) -> Floats:
        """Give how long after the node the track comes down through a latitude, seconds; it must reach that far."""
        u = np.pi - np.arcsin(np.sin(np.radians(lat)) / math.sin(math.radians(self.inclination)))
        return np.asarray(u / (2 * np.pi) * self.period_s)


@frozen(kw_only=True)
class Satellite:
    """One satellite on its orbit."""

    name: str
    """As SeDAS spells it: ``"Sentinel-1A"``."""
    unit: str
    """As product names spell it: ``"S1A"``."""
    group: str
    """Source group: ``"S1"``."""
    orbit: Orbit
    first_relative: int
    """Absolute orbit number that is relative orbit 1."""
    known: int
    """An absolute orbit, and
    when it began."""
    known_at: dt.datetime
    first: dt.datetime
    """Begin of operation, aware UTC."""
    last: dt.datetime | None = None
    """End of operation; None while it goes on."""

    def relative(self, absolute: int) -> int:
        """Give the relative orbit, counted from 1, of an absolute one."""
        return (absolute - self.first_relative) % self.orbit.orbits + 1

    def began(self, absolute: int) -> dt.datetime:
        """Give when an orbit passed its ascending node."""
        return self.known_at + dt.timedelta(seconds=(absolute - self.known) * self.orbit.period_s)

    def flying(self, when: dt.datetime) -> int:
        """Give the absolute orbit flown at a time."""
        return self.known + math.floor((when - self.known_at).total_seconds() / self.orbit.period_s)


def wrap(lon: Floats) -> Floats:
    """Bring degrees into -180 to 180."""
    return np.asarray((np.asarray(lon) + 180.0) % 360.0 - 180.0)


def aside(lon: Floats, lat: Floats, bearing: Floats, metres: float) -> tuple[Floats, Floats]:
    """Give the point so many metres away in a direction: degrees; longitude is not wrapped."""
    phi, beta, delta = np.radians(lat), np.radians(bearing), metres / EARTH_RADIUS_M
    sine = np.sin(phi) * math.cos(delta) + np.cos(phi) * math.sin(delta) * np.cos(beta)
    there = np.arcsin(sine)
    east = np.arctan2(np.sin(beta) * math.sin(delta) * np.cos(phi), math.cos(delta) - np.sin(phi) * sine)
    return np.asarray(lon + np.degrees(east)), np.asarray(np.degrees(there))


def _orbit(*, orbits: int, days: int, inclination: float, relative: int, at: dt.datetime, local_hour: float) -> Orbit:
    """Make an orbit that comes down over the equator at a local time, by a moment at which `relative` does so."""
    hours = at.hour + at.minute / 60 + at.second / 3600
    lon = (local_hour - hours) * 15
    half_turn = 180.0 - 360.0 / _DAY_S * days * _DAY_S / orbits / 2
    first = lon - half_turn + (relative - 1) * 360.0 * days / orbits
    return Orbit(orbits=orbits, days=days, inclination=inclination, first_node=float(wrap(np.asarray(first))))


def _utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)  # type: ignore[arg-type, misc] # tzinfo is none of the parts


def _before(descends: dt.datetime, orbit: Orbit) -> dt.datetime:
    """Give when the orbit began that comes down over the equator at that time."""
    return descends - dt.timedelta(seconds=orbit.period_s / 2)


_S1_DOWN = _utc(2019, 5, 28, 10, 53, 0)
_S2_DOWN = _utc(2019, 9, 25, 7, 37, 33)
_NOVASAR_DOWN = _utc(2020, 7, 20, 10, 20, 0)
_S1 = _orbit(orbits=175, days=12, inclination=98.18, relative=142, at=_S1_DOWN, local_hour=6.0)
_S2 = _orbit(orbits=143, days=10, inclination=98.62, relative=6, at=_S2_DOWN, local_hour=10.5)
_NOVASAR = _orbit(orbits=233, days=16, inclination=97.55, relative=1, at=_NOVASAR_DOWN, local_hour=10.5)

SATELLITES = (
    Satellite(
        name="Sentinel-1A", unit="S1A", group="S1", orbit=_S1, first_relative=73, known=27339,
        known_at=_before(_S1_DOWN - dt.timedelta(days=6), _S1), first=_utc(2014, 10, 3),
    ),
    Satellite(
        name="Sentinel-1B", unit="S1B", group="S1", orbit=_S1, first_relative=27, known=16443,
        known_at=_before(_S1_DOWN, _S1), first=_utc(2016, 9, 26), last=_utc(2021, 12, 23),
    ),
    Satellite(
        name="Sentinel-2A", unit="S2A", group="S2", orbit=_S2, first_relative=140, known=22167,
        known_at=_before(_S2_DOWN - dt.timedelta(days=5), _S2), first=_utc(2016, 12, 7),
    ),
    Satellite(
        name="Sentinel-2B", unit="S2B", group="S2", orbit=_S2, first_relative=26, known=13330,
        known_at=_before(_S2_DOWN, _S2), first=_utc(2017, 7, 1),
    ),
    Satellite(
        name="NovaSAR-1", unit="NovaSAR_01", group="NovaSAR", orbit=_NOVASAR, first_relative=1, known=13049,
        known_at=_before(_NOVASAR_DOWN, _NOVASAR), first=_utc(2019, 6, 1),
    ),
)  # fmt: skip
"""The satellites of the archive. Sentinel-2 begins with the compact product names of December 2016."""

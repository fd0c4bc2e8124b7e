# SPDX-License-Identifier: Apache-2.0
"""What lies on the ground: fields, forest, towns and water, by place alone, with a season's growth on top."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from swath.sandbox.scenes.grids import Grid
from swath.sandbox.scenes.noise import EARTH_M, fractal, hashed, smooth
from swath.sandbox.scenes.strips import Strip

__all__ = ["Land", "survey"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# Parcels are laid out at these lattice sizes, coarse to fine: from 39 km (whole landscapes) to 38 m (gardens).
_LEVELS = (1 << 10, 1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20)
_FINEST_PARCEL_PX = 3.0
_COARSEST_PARCEL_PX = 48.0
_WARP = 0.35
# Day of the year of the greenest state, its width in days, and the height of growth: cereals, maize, grass, orchard.
_PEAK_DAY = np.array([135.0, 205.0, 165.0, 185.0, 120.0])
_WIDTH_DAYS = np.array([38.0, 36.0, 110.0, 85.0, 24.0])
_HEIGHT = np.array([0.85, 0.95, 0.6, 0.7, 0.75])
_BASE = np.array([0.08, 0.05, 0.28, 0.2, 0.1])


@frozen(kw_only=True)
class Land:
    """The ground of a grid; every array is `(y, x)` float64 from 0 to 1."""

    water: Floats = field(eq=False)
    """Share of open water."""
    forest: Floats = field(eq=False)
    """Share of forest."""
    town: Floats = field(eq=False)
    """Share of roofs and roads."""
    growth: Floats = field(eq=False)
    """Green cover of what is neither water, forest nor town, on the day."""
    soil: Floats = field(eq=False)
    """Brightness of the soil."""
    grain: Floats = field(eq=False)
    """Fine texture."""


def survey(grid: Grid | Strip, when: dt.date | None = None) -> Land:
    """Give the ground of a grid.

    Args:
        grid: Where. The same place has the same land on every grid with pixels of about one size (within a power of
            four); on finer pixels smaller parcels and streams appear.
        when: The day, for the state of the crops; None: midsummer.
    """
    lon, lat = grid.lonlat()
    x = lon * (EARTH_M / 360)
    y = np.arcsinh(np.tan(np.radians(np.clip(lat, -89.5, 89.5)))) * (EARTH_M / (2 * math.pi))
    pixel = grid.pixel_m / max(math.cos(math.radians(float(lat.mean()))), 0.01)

    shape = x.shape
    kind, tone = np.zeros(shape), np.zeros(shape)
    levels = _levels(pixel)
    for cells in levels:
        parcel = EARTH_M / cells
        weight = min(1.0, parcel / pixel / 8)
        warp = smooth(x, y, cells // 4, 7)
        warp -= 0.5
        bent_x, bent_y = x + warp * (_WARP * 4 * parcel), y - warp * (_WARP * 4 * parcel)
        i, j = _parcels(bent_x, bent_y, parcel)
        kind += weight * (hashed(i, j, 11) - kind)
        tone += 0.7 * weight * (hashed(i, j, 13) - 0.5)
    finest = levels[-1]
    region = smooth(x, y, finest // 32, 17)
    woods = fractal(x, y, finest // 4, 19, octaves=2)
    return Land(
        water=_waters(x, y, finest),
        forest=_ramp(woods + 0.5 * region, 0.86, 0.9),
        town=_ramp(smooth(x, y, finest // 8, 23) - 0.3 * region, 0.68, 0.78),
        growth=_growth(kind, tone, lat, when),
        soil=np.clip(0.5 + 0.5 * tone + 0.4 * (region - 0.5), 0.05, 1),
        grain=hashed(*_lattice(x, y, pixel), 29),
    )


def _levels(pixel: float) -> list[int]:
    """Choose the lattices whose parcels are neither below the pixel nor beyond the scene; one at least."""
    fit = [cells for cells in _LEVELS if _FINEST_PARCEL_PX <= EARTH_M / cells / pixel <= _COARSEST_PARCEL_PX]
    return fit or [_LEVELS[0] if EARTH_M / _LEVELS[0] < pixel * _FINEST_PARCEL_PX else _LEVELS[-1]]


def _parcels(x: Floats, y: Floats, parcel: float) -> tuple[Integers, Integers]:
    """Number the parcels: rows of bricks of unequal length, some cut into strips."""
    row = np.floor(y / parcel)
    j = row.astype(np.int64)
    shift = hashed(j, j, 3)
    u = x / parcel * (0.55 + 0.3 * shift) + 17 * shift
    i = np.floor(u).astype(np.int64)
    strips = np.floor((u - i) * (1 + np.floor(hashed(i, j, 5) * 2.6))).astype(np.int64)
    return i * 4 + strips, j


def _waters(x: Floats, y: Floats, cells: int) -> Floats:
    """Lay rivers along the middle contour of a noise, and lakes into its deepest hollows."""
    course = fractal(x, y, cells // 32, 31, octaves=2)
    river = _ramp(-np.abs(course - 0.5), -0.016, -0.012)
    lake = _ramp(smooth(x, y, cells // 16, 37) + 0.3 * course, 1.1, 1.105)
    return np.asarray(np.maximum(river, lake))


def _growth(kind: Floats, tone: Floats, lat: Floats, when: dt.date | None) -> Floats:
    crop = np.minimum((kind * len(_PEAK_DAY)).astype(np.intp), len(_PEAK_DAY) - 1)
    day = 172.0 if when is None else float(when.timetuple().tm_yday)
    if float(lat.mean()) < 0:
        day = (day + 182.6) % 365.25
    away = np.abs(day - _PEAK_DAY)
    away = np.minimum(away, 365.25 - away)
    state = _BASE + _HEIGHT * np.exp(-0.5 * (away / _WIDTH_DAYS) ** 2)
    return np.asarray(np.clip(state[crop] * (1 + 0.5 * tone), 0, 1))


def _lattice(x: Floats, y: Floats, pixel: float) -> tuple[Integers, Integers]:
    return np.floor(x / pixel).astype(np.int64), np.floor(y / pixel).astype(np.int64)


def _ramp(value: Floats, low: float, high: float) -> Floats:
    return np.asarray(np.clip((value - low) / (high - low), 0, 1))

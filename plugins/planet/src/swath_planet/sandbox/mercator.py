# SPDX-License-Identifier: Apache-2.0
"""Pixel grids in web Mercator (EPSG:3857), for the scene maker."""

from __future__ import annotations

import math

import numpy as np
from attrs import frozen
from numpy.typing import NDArray
from rasterio.transform import Affine

from swath.sandbox import scenes

__all__ = ["MercatorGrid", "grid_of"]

_RADIUS_M = 6_378_137.0


@frozen(kw_only=True)
class MercatorGrid(scenes.Grid):
    """A north-up grid in metres of EPSG:3857."""

    @property
    def pixel_m(self) -> float:
        """Edge of a pixel on the ground, metres."""
        _, south, _, north = self.bounds
        return float(self.transform.a / math.cosh((south + north) / 2 / _RADIUS_M))

    def lonlat(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give longitude and latitude of the pixel centres, `(y, x)` float64 degrees."""
        x, y = self.centres()
        lat = np.degrees(2 * np.arctan(np.exp(y / _RADIUS_M)) - math.pi / 2)
        lon, lats = np.meshgrid(np.degrees(x / _RADIUS_M), lat)
        return lon, lats


def grid_of(bounds: tuple[float, float, float, float], pixels: int) -> MercatorGrid:
    """Make the grid of a square.

    Args:
        bounds: West, south, east, north in metres of EPSG:3857.
        pixels: Its edge.
    """
    west, _, east, north = bounds
    edge = (east - west) / pixels
    transform = Affine(edge, 0, west, 0, -edge, north)
    return MercatorGrid(epsg=3857, transform=transform, width=pixels, height=pixels, frame=bounds)

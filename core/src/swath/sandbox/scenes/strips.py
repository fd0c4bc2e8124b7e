# SPDX-License-Identifier: Apache-2.0
"""The pixels of a radar image in the geometry it was taken in: lines along the track, columns away from it."""

from __future__ import annotations

import math

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray
from rasterio.control import GroundControlPoint

from swath.sandbox.scenes import utm
from swath.sandbox.scenes.grids import Geometry, Grid

__all__ = ["Strip", "control_points"]

Floats = NDArray[np.float64]
Point = tuple[float, float]

_GCP_COLUMNS, _GCP_ROWS = 11, 8
_METRES_A_DEGREE = 111_195.0


@frozen(kw_only=True)
class Strip:
    """A raster between four corners, in no map projection; only ground control points place it."""

    corners: tuple[Point, Point, Point, Point] = field()
    """Longitude and latitude, degrees, of the first line's first and last pixel, then the last line's last and first.
    Longitudes may pass 180, but do not jump."""
    width: int
    """Columns, > 0."""
    height: int
    """Lines, > 0."""

    @property
    def pixel_m(self) -> float:
        """Edge of a pixel, metres, the geometric mean over the strip."""
        first, last, far, _ = self.corners
        return math.sqrt(_metres(first, last) / self.width * _metres(last, far) / self.height)

    def place(self, column: Floats, line: Floats) -> tuple[Floats, Floats]:
        """Give longitude and latitude, degrees, at image coordinates; 0, 0 is the outer corner of the first pixel."""
        u, v = column / self.width, line / self.height
        weights = ((1 - u) * (1 - v), u * (1 - v), u * v, (1 - u) * v)
        lon = sum(weight * corner[0] for weight, corner in zip(weights, self.corners, strict=True))
        lat = sum(weight * corner[1] for weight, corner in zip(weights, self.corners, strict=True))
        return np.asarray(lon), np.asarray(lat)

    def lonlat(self) -> tuple[Floats, Floats]:
        """Give longitude and latitude of the pixel centres, `(line, column)` float64 degrees."""
        column, line = np.meshgrid(np.arange(self.width) + 0.5, np.arange(self.height) + 0.5)
        return self.place(column, line)

    def inside(self, geometry: Geometry | None) -> NDArray[np.bool_]:
        """Tell that every pixel is inside: a strip has no margin.

        Raises:
            ValueError: If there is a geometry; strips are not cut.
        """
        if geometry is not None:
            msg = "a strip fills its corners, it takes no footprint"
            raise ValueError(msg)
        return np.ones((self.height, self.width), bool)

    def part(self, start: float, stop: float) -> Strip:
        """Give the sub-swath between two shares of the width, each 0 to 1, with as many pixels as its share."""
        a, b, c, d = self.corners
        corners = (_between(a, b, start), _between(a, b, stop), _between(d, c, stop), _between(d, c, start))
        return Strip(corners=corners, width=max(1, round(self.width * (stop - start))), height=self.height)


def control_points(place: Grid | Strip) -> list[GroundControlPoint]:
    """Give a lattice of ground control points: degrees, WGS 84, heights 0."""
    columns = np.linspace(0, place.width, _GCP_COLUMNS)
    lines = np.linspace(0, place.height, _GCP_ROWS)
    column, line = (part.ravel() for part in np.meshgrid(columns, lines))
    if isinstance(place, Strip):
        lon, lat = place.place(column, line)
    else:
        to = place.transform
        lon, lat = utm.inverse(to.c + column * to.a, to.f + line * to.e, place.epsg)
    points = zip(line.tolist(), column.tolist(), lon.tolist(), lat.tolist(), strict=True)
    return [
        GroundControlPoint(row=r, col=c, x=x, y=y, z=0.0, id=str(number))
        for number, (r, c, x, y) in enumerate(points, start=1)
    ]


def _between(a: Point, b: Point, share: float) -> Point:
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share


def _metres(a: Point, b: Point) -> float:
    east = (b[0] - a[0]) * math.cos(math.radians((a[1] + b[1]) / 2))
    return max(math.hypot(east, b[1] - a[1]) * _METRES_A_DEGREE, 1.0)

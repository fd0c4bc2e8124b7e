# SPDX-License-Identifier: Apache-2.0
"""The squares that mosaics are cut into: which there are in an area, and their pictures."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import shapely
from attrs import frozen
from shapely.geometry.base import BaseGeometry

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ACROSS", "QUAD_M", "Quad", "Range", "TooMany", "in_bbox", "in_geometry", "picture", "thumbnail"]

ACROSS = 2048
"""Quads round the earth."""
_HALF_M = 20_037_508.342789244
QUAD_M = 2 * _HALF_M / ACROSS
"""Edge of a quad, metres of EPSG:3857."""
_MOST_NORTH = 85.0511
_MOST_LOOKED_AT = 250_000
_ID = re.compile(r"(\d{1,4})-(\d{1,4})")


class TooMany(ValueError):
    """An area that is too large to look at quad by quad."""


@frozen(order=True)
class Quad:
    """One square."""

    y: int
    """Row, counted northwards from 0."""
    x: int
    """Column, counted eastwards from longitude -180."""

    @property
    def id(self) -> str:
        """As Planet names it: ``"455-1272"``."""
        return f"{self.x}-{self.y}"

    @property
    def bounds_m(self) -> tuple[float, float, float, float]:
        """West, south, east, north in metres of EPSG:3857."""
        west, south = self.x * QUAD_M - _HALF_M, self.y * QUAD_M - _HALF_M
        return west, south, west + QUAD_M, south + QUAD_M

    @property
    def bbox(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees."""
        west, south, east, north = self.bounds_m
        return _lon(west), _lat(south), _lon(east), _lat(north)

    @classmethod
    def named(cls, name: str) -> Quad | None:
        """Give the quad of an id; None where there is none."""
        match = _ID.fullmatch(name)
        if match is None or int(match[1]) >= ACROSS or int(match[2]) >= ACROSS:
            return None
        return cls(x=int(match[1]), y=int(match[2]))


@frozen(kw_only=True)
class Range:
    """A rectangle of quads, counted row by row from the south-west."""

    x: range
    y: range

    def __len__(self) -> int:
        return len(self.x) * len(self.y)

    def part(self, start: int, stop: int) -> list[Quad]:
        """Give some of them."""
        wide = len(self.x)
        return [Quad(x=self.x[i % wide], y=self.y[i // wide]) for i in range(start, min(stop, len(self)))]

    def __contains__(self, quad: Quad) -> bool:
        return quad.x in self.x and quad.y in self.y

    def both(self, other: Range) -> Range:
        """Give what is in both."""
        return Range(
            x=range(max(self.x.start, other.x.start), max(self.x.start, other.x.start, min(self.x.stop, other.x.stop))),
            y=range(max(self.y.start, other.y.start), max(self.y.start, other.y.start, min(self.y.stop, other.y.stop))),
        )


def in_bbox(bbox: Sequence[float]) -> list[Range]:
    """Give the quads that a bbox meets: one rectangle, or two where it crosses the antimeridian.

    Args:
        bbox: West, south, east, north, degrees.
    """
    west, south, east, north = bbox
    if west > east:
        return [*in_bbox((west, south, 180, north)), *in_bbox((-180, south, east, north))]
    rows = _span(_y(south), _y(north))
    return [Range(x=_span(_x(west), _x(east)), y=rows)]


def in_geometry(geometry: BaseGeometry) -> list[Quad]:
    """Give the quads that a geometry (degrees) meets, row by row from the south.

    Raises:
        TooMany: For an area so large that nobody waits for its quads.
    """
    (around,) = in_bbox(geometry.bounds)
    if len(around) > _MOST_LOOKED_AT:
        raise TooMany(f"the geometry spans {len(around)} quads, at most {_MOST_LOOKED_AT} are looked at")
    quads = around.part(0, len(around))
    boxes = shapely.box(*zip(*(quad.bbox for quad in quads), strict=True))
    return [quad for quad, meets in zip(quads, shapely.intersects(boxes, geometry), strict=True) if meets]


def picture(quad: Quad, *, pixels: int, seed: int, when: dt.date) -> bytes:
    """Make a quad's picture, a cloud-optimised GeoTIFF in EPSG:3857: red, green, blue, alpha, uint8.

    Args:
        quad: Which.
        pixels: Its edge.
        seed: Of the sensor's noise.
        when: The day whose crops it shows.
    """
    from swath.sandbox import scenes
    from swath_planet.sandbox.mercator import grid_of

    values = _drawn(quad, pixels=pixels, seed=seed, when=when)
    return scenes.cog(
        values, grid_of(quad.bounds_m, pixels), nodata=None, descriptions=("red", "green", "blue", "alpha")
    )


def thumbnail(quad: Quad, *, pixels: int, seed: int, when: dt.date) -> bytes:
    """Make a quad's picture as PNG; see `picture`."""
    from swath.sandbox import scenes

    return scenes.png(_drawn(quad, pixels=pixels, seed=seed, when=when))


def _drawn(quad: Quad, *, pixels: int, seed: int, when: dt.date) -> NDArray[Any]:
    from swath.sandbox import scenes
    from swath_planet.sandbox.mercator import grid_of

    return scenes.visual_array(grid_of(quad.bounds_m, pixels), seed=seed, cloud_cover=0, when=when)


def _lon(x: float) -> float:
    return round(x / _HALF_M * 180, 9)


def _lat(y: float) -> float:
    return round(math.degrees(2 * math.atan(math.exp(y / _HALF_M * math.pi)) - math.pi / 2), 9)


def _x(lon: float) -> float:
    return (lon + 180) / 360 * ACROSS


def _y(lat: float) -> float:
    held = max(-_MOST_NORTH, min(_MOST_NORTH, lat))
    return (math.asinh(math.tan(math.radians(held))) / math.pi + 1) / 2 * ACROSS


def _span(low: float, high: float) -> range:
    """Give the whole numbers of the cells between two places; a place on an edge is of the cell behind it."""
    first = min(max(math.floor(low), 0), ACROSS - 1)
    return range(first, min(max(math.ceil(high - 1e-9), first + 1), ACROSS))

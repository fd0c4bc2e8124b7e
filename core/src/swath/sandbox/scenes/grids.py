# SPDX-License-Identifier: Apache-2.0
"""The pixel grid of a scene: where it lies, and which of its pixels a footprint covers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray
from rasterio.features import geometry_mask
from rasterio.transform import Affine

from swath.sandbox.scenes import utm

__all__ = ["Grid", "scene_grid"]

Geometry = Mapping[str, Any]
Floats = NDArray[np.float64]
_COARSE = 17
_CURVED, _STEPS = 100, 8
_FAR, _POLAR = 8.0, 80.0


@frozen(kw_only=True)
class Grid:
    """A north-up raster grid in UTM (UPS towards the poles)."""

    epsg: int
    """EPSG code of the zone."""
    transform: Affine = field(eq=False)
    """From column and row to easting and northing, metres."""
    width: int
    """Columns, > 0."""
    height: int
    """Rows, > 0."""
    frame: tuple[float, float, float, float]
    """West, south, east, north of the whole scene, metres in the same zone. Clouds are laid over it, so that a window
    of a scene shows the clouds of the scene."""

    @property
    def crs(self) -> str:
        """The coordinate reference system, as ``"EPSG:32633"``."""
        return f"EPSG:{self.epsg}"

    @property
    def pixel_m(self) -> float:
        """Edge of a pixel, metres."""
        return float(self.transform.a)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the grid, metres."""
        west, north = self.transform.c, self.transform.f
        return (west, north + self.transform.e * self.height, west + self.transform.a * self.width, north)

    def corners(self) -> list[list[float]]:
        """Give the closed outline, counter-clockwise from the lower left, degrees, longitude first."""
        west, south, east, north = self.bounds
        lon, lat = utm.inverse([west, east, east, west, west], [south, south, north, north, south], self.epsg)
        return [[round(float(x), 7), round(float(y), 7)] for x, y in zip(lon, lat, strict=True)]

    def centres(self) -> tuple[Floats, Floats]:
        """Give easting `(x,)` and northing `(y,)` of the pixel centres, metres float64."""
        x = self.transform.c + self.transform.a * (np.arange(self.width) + 0.5)
        y = self.transform.f + self.transform.e * (np.arange(self.height) + 0.5)
        return x, y

    def lonlat(self) -> tuple[Floats, Floats]:
        """Give longitude and latitude of the pixel centres, `(y, x)` float64 degrees; longitude may pass 180.

        It is interpolated between a few exact points: within a hundredth of a pixel for scenes up to 200 km.
        """
        west, south, east, north = self.bounds
        gx, gy = np.linspace(west, east, _COARSE), np.linspace(north, south, _COARSE)
        lon, lat = utm.inverse(*np.meshgrid(gx, gy), self.epsg)
        lon = lon[0, 0] + (lon - lon[0, 0] + 180) % 360 - 180
        x, y = self.centres()
        across, down = _weights(gx, x), _weights(-gy, -y)
        return down @ lon @ across.T, down @ lat @ across.T

    def coarser(self, factor: int) -> Grid:
        """Give the same ground with pixels `factor` times as wide; width and height must be multiples of it."""
        if self.width % factor or self.height % factor:
            msg = f"a grid of {self.width} x {self.height} pixels cannot be made {factor} times coarser"
            raise ValueError(msg)
        transform = _transform(self.pixel_m * factor, self.transform.c, self.transform.f)
        return evolve(self, transform=transform, width=self.width // factor, height=self.height // factor)

    def window(self, geometry: Geometry) -> Grid:
        """Give the pixels of this grid that `geometry` (GeoJSON, degrees) touches; at least one.

        Raises:
            ValueError: If it is nowhere near.
        """
        nearby = self._nearby(geometry)
        if nearby is None:
            msg = "the geometry is far from the scene"
            raise ValueError(msg)
        west, south, east, north = _projected_bounds(nearby, self.epsg)
        left, top = self.transform.c, self.transform.f
        first = min(max(math.floor((west - left) / self.pixel_m), 0), self.width - 1)
        upper = min(max(math.floor((top - north) / self.pixel_m), 0), self.height - 1)
        last = min(max(math.ceil((east - left) / self.pixel_m), first + 1), self.width)
        lower = min(max(math.ceil((top - south) / self.pixel_m), upper + 1), self.height)
        transform = _transform(self.pixel_m, left + first * self.pixel_m, top - upper * self.pixel_m)
        return evolve(self, transform=transform, width=last - first, height=lower - upper)

    def inside(self, geometry: Geometry | None) -> NDArray[np.bool_]:
        """Tell which pixels have their centre in `geometry` (GeoJSON, degrees), `(y, x)` bool; None means all."""
        if geometry is None:
            return np.ones((self.height, self.width), bool)
        nearby = self._nearby(geometry)
        if nearby is None:
            return np.zeros((self.height, self.width), bool)
        shape = [{"type": "Polygon", "coordinates": rings} for rings in _projected_polygons(nearby, self.epsg)]
        mask = geometry_mask(shape, out_shape=(self.height, self.width), transform=self.transform, invert=True)
        return np.asarray(mask, bool)

    def _nearby(self, geometry: Geometry) -> Geometry | None:
        """Cut away what is far from the grid, where its projection has no meaning; None if nothing is left."""
        points = np.array([point[:2] for rings in _polygons(geometry) for ring in rings for point in ring], float)
        west, south, east, north = self.bounds
        lon, lat = (float(part) for part in utm.inverse((west + east) / 2, (south + north) / 2, self.epsg))
        away = np.abs(points - (lon, lat))
        away[:, 0] = np.minimum(away[:, 0], np.abs(360 - away[:, 0]))
        if away.max() <= _FAR or abs(lat) > _POLAR:
            return geometry
        import shapely

        # On a lattice of turns, so that a scene at the antimeridian meets what is on its other side.
        parts = [shapely.Polygon(rings[0], rings[1:]) for rings in _polygons(_flat(geometry))]
        boxes = [shapely.box(lon + turn - _FAR, lat - _FAR, lon + turn + _FAR, lat + _FAR) for turn in (-360, 0, 360)]
        cut = shapely.union_all([shapely.make_valid(part).intersection(box) for part in parts for box in boxes])
        kept = [part for part in shapely.get_parts(cut) if part.geom_type == "Polygon"]
        return shapely.geometry.mapping(shapely.MultiPolygon(kept)) if kept else None


def scene_grid(
    place: Geometry | Sequence[float],
    *,
    max_pixels: int = 256,
    gsd: float | None = None,
    frame: Geometry | Sequence[float] | None = None,
) -> Grid:
    """Lay a grid over a place, in the UTM zone of its middle.

    Args:
        place: GeoJSON geometry (Polygon, MultiPolygon), or bbox west, south, east, north in degrees; west may exceed
            east over the antimeridian, and a MultiPolygon may be split there.
        max_pixels: The longer side has at most so many pixels, >= 2.
        gsd: Edge of a pixel in metres. Where the place would then have more than `max_pixels` on a side, pixels are
            made larger. None: as small as `max_pixels` allows.
        frame: The whole scene, if `place` is only a part of it (a clip): clouds then are those of the scene.

    Raises:
        ValueError: If the place has no extent, or is no polygon or bbox.
    """
    geometry = _as_geometry(place)
    lon, lat = _middle(geometry)
    epsg = utm.epsg_of(lon, lat)
    west, south, east, north = _projected_bounds(geometry, epsg)
    longest = max(east - west, north - south)
    if not longest > 0:
        msg = f"a scene needs an extent, got the bounds {(west, south, east, north)} in EPSG:{epsg}"
        raise ValueError(msg)
    pixel = max(gsd or 0.0, longest / max(max_pixels - 1, 1))
    # At least a centimetre, on whole steps of itself: neighbouring scenes of one size share a lattice.
    pixel = max(_rounded_up(pixel), 0.01)
    left, top = math.floor(west / pixel) * pixel, math.ceil(north / pixel) * pixel
    width = max(math.ceil((east - left) / pixel - 1e-9), 1)
    height = max(math.ceil((top - south) / pixel - 1e-9), 1)
    whole = (west, south, east, north) if frame is None else _projected_bounds(_as_geometry(frame), epsg)
    return Grid(epsg=epsg, transform=_transform(pixel, left, top), width=width, height=height, frame=whole)


def _transform(pixel: float, left: float, top: float) -> Affine:
    return Affine(pixel, 0.0, left, 0.0, -pixel, top)


def _rounded_up(pixel: float) -> float:
    """Round up to three significant digits: tidy transforms, and room for the lattice."""
    step = float(10.0 ** (math.floor(math.log10(pixel)) - 2))
    return round(math.ceil(pixel / step - 1e-9) * step, 6)


def _as_geometry(place: Geometry | Sequence[float]) -> Geometry:
    if isinstance(place, Mapping):
        return place
    box = [float(value) for value in place]
    west, south, east, north = box if len(box) == 4 else (box[0], box[1], box[3], box[4])
    if east < west:
        east += 360
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def _polygons(geometry: Geometry) -> Iterator[Sequence[Sequence[Sequence[float]]]]:
    kind = geometry.get("type")
    if kind == "Polygon":
        yield geometry["coordinates"]
    elif kind == "MultiPolygon":
        yield from geometry["coordinates"]
    elif kind == "GeometryCollection":
        for part in geometry["geometries"]:
            yield from _polygons(part)
    elif kind == "Feature":
        yield from _polygons(geometry["geometry"])
    else:
        msg = f"a scene lies on a Polygon or MultiPolygon, got {kind!r}"
        raise ValueError(msg)


def _flat(geometry: Geometry) -> Geometry:
    """Drop heights."""
    rings = [[[point[:2] for point in ring] for ring in rings] for rings in _polygons(geometry)]
    return {"type": "MultiPolygon", "coordinates": rings}


def _middle(geometry: Geometry) -> tuple[float, float]:
    """Give a longitude and latitude amid the geometry, by the mean direction of its vertices."""
    points = np.array([point[:2] for rings in _polygons(geometry) for point in rings[0][:-1]], float)
    lam = np.radians(points[:, 0])
    lon = math.degrees(math.atan2(float(np.sin(lam).mean()), float(np.cos(lam).mean())))
    return lon, float((points[:, 1].min() + points[:, 1].max()) / 2)


def _projected_polygons(geometry: Geometry, epsg: int) -> Iterator[list[list[tuple[float, float]]]]:
    for rings in _polygons(geometry):
        yield [_projected_ring(ring, epsg) for ring in rings]


def _projected_ring(ring: Sequence[Sequence[float]], epsg: int) -> list[tuple[float, float]]:
    lonlat = np.array([point[:2] for point in ring], float)
    if len(lonlat) < _CURVED:
        # A straight edge in degrees is a curve in metres.
        steps = np.linspace(0, 1, _STEPS, endpoint=False)[:, np.newaxis]
        turns = np.diff(lonlat, axis=0)
        turns[:, 0] = (turns[:, 0] + 180) % 360 - 180
        between = lonlat[:-1, np.newaxis] + turns[:, np.newaxis] * steps
        lonlat = np.concatenate([between.reshape(-1, 2), lonlat[-1:]])
    east, north = utm.forward(lonlat[:, 0], lonlat[:, 1], epsg)
    return list(zip(east.tolist(), north.tolist(), strict=True))


def _projected_bounds(geometry: Geometry, epsg: int) -> tuple[float, float, float, float]:
    rings = [ring for rings in _projected_polygons(geometry, epsg) for ring in rings]
    points = np.array([point for ring in rings for point in ring])
    west, south = points.min(axis=0)
    east, north = points.max(axis=0)
    return float(west), float(south), float(east), float(north)


def _weights(knots: Floats, at: Floats) -> Floats:
    """Give the matrix `(at, knots)` of linear interpolation between increasing, even `knots`."""
    step = knots[1] - knots[0]
    place = np.clip((at - knots[0]) / step, 0, len(knots) - 1 - 1e-9)
    index = place.astype(int)
    weights = np.zeros((len(at), len(knots)))
    rows = np.arange(len(at))
    weights[rows, index] = 1 - (place - index)
    weights[rows, index + 1] = place - index
    return weights

# SPDX-License-Identifier: Apache-2.0
"""Pixels of raster datasets: grids in degrees or web Mercator, and values of the made-up Earth on them."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray
from rasterio.features import geometry_mask
from rasterio.transform import Affine

from swath.sandbox.scenes import Grid
from swath.sandbox.scenes.land import Land, survey
from swath_cecil.sandbox.areas import polygons
from swath_cecil.sandbox.catalogue import Dataset, Variable

__all__ = ["PlaneGrid", "area_grid", "edge_of", "plane_grid", "values_of"]

_RADIUS_M = 6_378_137.0
_DEGREE_M = 111_319.49079327358
_MERCATOR = 3857
Floats = NDArray[np.float64]


@frozen(kw_only=True)
class PlaneGrid(Grid):
    """A north-up grid in degrees (EPSG:4326) or metres of web Mercator (EPSG:3857)."""

    @property
    def pixel_m(self) -> float:
        """Edge of a pixel, metres on the equator."""
        return float(self.transform.a) * (1.0 if self.epsg == _MERCATOR else _DEGREE_M)

    def lonlat(self) -> tuple[Floats, Floats]:
        """Give longitude and latitude of the pixel centres, `(y, x)` float64 degrees."""
        x, y = self.centres()
        if self.epsg == _MERCATOR:
            x = np.degrees(x / _RADIUS_M)
            y = np.degrees(2 * np.arctan(np.exp(y / _RADIUS_M)) - math.pi / 2)
        lon, lat = np.meshgrid(x, y)
        return lon, lat

    def inside(self, geometry: Mapping[str, Any] | None) -> NDArray[np.bool_]:
        """Tell which pixels have their centre in `geometry` (GeoJSON, degrees), `(y, x)` bool; None means all."""
        if geometry is None:
            return np.ones((self.height, self.width), bool)
        shape = {"type": "MultiPolygon", "coordinates": [_projected(rings, self.epsg) for rings in polygons(geometry)]}
        mask = geometry_mask([shape], out_shape=(self.height, self.width), transform=self.transform, invert=True)
        return np.asarray(mask, bool)


def plane_grid(epsg: int, edge: float, corner: tuple[float, float], shape: tuple[int, int]) -> PlaneGrid:
    """Make a grid.

    Args:
        epsg: 4326 or 3857.
        edge: Of a pixel, in the units of the reference system, as all lengths here.
        corner: Its left and its top.
        shape: Rows and columns.
    """
    (left, top), (height, width) = corner, shape
    transform = Affine(edge, 0.0, left, 0.0, -edge, top)
    frame = (left, top - edge * height, left + edge * width, top)
    return PlaneGrid(epsg=epsg, transform=transform, width=width, height=height, frame=frame)


def area_grid(dataset: Dataset, geometry: Mapping[str, Any], max_pixels: int) -> PlaneGrid:
    """Lay a grid over an area, at a dataset's resolution, on multiples of it.

    Where it would have more than `max_pixels` on a side, pixels are made twice as large until it has not.
    """
    epsg = int(dataset.crs.rpartition(":")[2])
    points = np.array(
        [point for rings in polygons(geometry) for ring in _projected(rings, epsg) for point in ring], float
    )
    west, south = points.min(axis=0)
    east, north = points.max(axis=0)
    edge = edge_of(dataset)
    while max(east - west, north - south) / edge > max_pixels - 2:
        edge *= 2
    left, right = math.floor(west / edge), math.ceil(east / edge)
    bottom, top = math.floor(south / edge), math.ceil(north / edge)
    return plane_grid(epsg, edge, (left * edge, top * edge), (top - bottom, right - left))


def edge_of(dataset: Dataset) -> float:
    """Give the edge of a dataset's pixels in the units of its reference system."""
    if dataset.edge is not None:
        return dataset.edge
    metres = dataset.resolution_m or 30.0
    if dataset.crs.endswith(str(_MERCATOR)):
        return metres
    return float(f"{metres / _DEGREE_M:.3g}")


def values_of(variable: Variable, grid: PlaneGrid, when: dt.datetime | None) -> NDArray[Any]:
    """Give a variable's numbers as they are stored, `(y, x)`, none of them no data."""
    land = survey(grid, None if when is None else when.date())
    grown = 1.0 if when is None else 0.8 + 0.02 * ((when.year - 2010) + when.month / 12)
    values = _quantity(variable.name, land, grown)
    if variable.scale is not None:
        values = (values - (variable.offset or 0.0)) / variable.scale
    kind = np.dtype(variable.dtype)
    if kind.kind == "f":
        return values.astype(kind)
    low, high = (0, 254) if kind == np.uint8 else (0, 30_000)
    return np.asarray(np.clip(np.rint(values), low, high).astype(kind))


def _quantity(name: str, land: Land, grown: float) -> Floats:  # noqa: C901 - a table of formulas
    """Give a variable in its own units."""
    bound = 0.85 if name.endswith("_lower_bound") else 1.15 if name.endswith("_upper_bound") else 1.0
    dry = 1 - land.water
    match name.removesuffix("_lower_bound").removesuffix("_upper_bound"):
        case "aboveground_live_carbon_density":
            return np.asarray((140 * land.forest + 12 * land.growth + 20 * land.grain) * dry * bound * grown)
        case "canopy_cover" | "tree_cover":
            return np.asarray(np.clip(90 * land.forest + 8 * land.grain, 0, 100) * dry)
        case "canopy_height":
            return np.asarray(1 + (30 * land.forest + 3 * land.growth + 4 * land.grain) * dry * bound * grown)
        case "forest_gain":
            return np.asarray((land.forest > 0.5) & (land.grain > 0.9), float)
        case "loss_year":
            return np.asarray(np.where((land.forest > 0.5) & (land.grain < 0.2), np.floor(120 * land.grain) + 1, 0))
        case "data_mask":
            return np.where(land.water > 0.5, 2.0, 1.0)
        case "land_cover_class":
            return np.select(
                [land.water > 0.5, land.town > 0.5, land.forest > 0.5, land.growth > 0.35], [1.0, 7.0, 2.0, 5.0], 11.0
            )
        case "soil_moisture":
            return np.asarray(0.05 + 0.3 * land.soil + 0.1 * land.water + 0.02 * land.grain)
        case "slope_class":
            return np.asarray(np.floor(6 * land.grain))
        case "abundance" | "intactness" | "integrity":
            most = {"abundance": 100.0, "intactness": 1.0, "integrity": 10.0}[name]
            return np.asarray(most * np.clip(0.3 + 0.6 * land.forest - 0.25 * land.town + 0.1 * land.grain, 0, 1))
        case _:
            raise LookupError(f"there are no numbers for {name}")


def _projected(rings: Any, epsg: int) -> list[list[tuple[float, float]]]:
    if epsg != _MERCATOR:
        return [[(float(point[0]), float(point[1])) for point in ring] for ring in rings]
    return [[_mercator(float(point[0]), float(point[1])) for point in ring] for ring in rings]


def _mercator(lon: float, lat: float) -> tuple[float, float]:
    return math.radians(lon) * _RADIUS_M, math.asinh(math.tan(math.radians(lat))) * _RADIUS_M

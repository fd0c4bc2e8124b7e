# SPDX-License-Identifier: Apache-2.0
"""Makes the pictures of items, and what order tools make of them."""

from __future__ import annotations

import io
import math
import threading
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import rasterio
from attrs import evolve, field, frozen
from numpy.typing import NDArray
from rasterio.crs import CRS
from rasterio.errors import NotGeoreferencedWarning
from rasterio.features import geometry_mask
from rasterio.io import MemoryFile
from rasterio.transform import Affine, array_bounds
from rasterio.warp import Resampling, calculate_default_transform, reproject, transform_geom

from swath.sandbox import scenes
from swath_planet.sandbox.arithmetic import evaluate
from swath_planet.sandbox.holdings import Item
from swath_planet.sandbox.products import COEFFICIENTS, KERNELS, Content, Product

__all__ = ["Picture", "thumbnail"]

_DN_SCALE = 4000.0
_MOST_PIXELS = 4
_TYPES = {"8U": "uint8", "16U": "uint16", "16S": "int16", "32R": "float32", "Auto": "float32"}
_FILTERS = threading.Lock()
"""Warning filters belong to the process: one thread changes them at a time."""


@frozen(kw_only=True)
class Picture:
    """A raster on its way through an order's tools."""

    values: NDArray[Any] = field(eq=False)
    """`(band, y, x)`."""
    crs: str
    """As rasterio takes it."""
    transform: Affine = field(eq=False)
    names: tuple[str, ...]
    """Of the bands."""
    content: Content
    nodata: float | None
    """What stands where nothing was seen; None where that is told otherwise."""
    ortho: bool = True
    scale: float | None = None
    """The number that stands for a reflectance of 1, where all bands share one."""

    @classmethod
    def of(cls, item: Item, product: Product, *, pixels: int, window: Mapping[str, Any] | None = None) -> Picture:
        """Make the picture of an asset.

        Args:
            item: Whose.
            product: Which.
            pixels: Longest side.
            window: GeoJSON geometry: only the part round it, in finer pixels.
        """
        scene = item.scene
        is_tile = item.item_type in {"REOrthoTile", "PSOrthoTile"}
        nominal = 5.0 if is_tile else max(float(item.properties["pixel_resolution"]), 0.5)
        place = scene.footprint if window is None else window
        grid = scenes.scene_grid(place, max_pixels=pixels, gsd=nominal, frame=scene.footprint)
        seed, cloud, day = scene.seed, item.cloud, scene.time.date()
        scale: float | None = None
        names: tuple[str, ...]
        if product.content is Content.VISUAL:
            values = scenes.visual_array(grid, seed=seed, cloud_cover=cloud, when=day, footprint=scene.footprint)
            names = ("red", "green", "blue", "alpha")
        elif product.content in {Content.UDM2, Content.UDM}:
            values = _decoded(scenes.udm2_cog(grid, seed=seed, cloud_cover=cloud, footprint=scene.footprint))
            names = ("clear", "snow", "shadow", "light_haze", "heavy_haze", "cloud", "confidence", "unusable")
            if product.content is Content.UDM:
                values, names = values[7:8], ("unusable",)
        else:
            values = scenes.optical_array(
                grid, bands=product.bands, seed=seed, cloud_cover=cloud, when=day, footprint=scene.footprint
            )
            values, scale = _calibrated(values, product)
            names = product.bands
        return cls(
            values=values,
            crs=grid.crs,
            transform=grid.transform,
            names=names,
            content=product.content,
            nodata=0 if product.content is Content.BANDS else None,
            ortho=product.ortho,
            scale=scale,
        )

    def clipped(self, geometry: Mapping[str, Any]) -> Picture:
        """Keep what lies in a GeoJSON geometry (degrees): the window round it, nothing outside it."""
        outline = transform_geom("EPSG:4326", self.crs, dict(geometry))
        _, height, width = self.values.shape
        outside = geometry_mask([outline], (height, width), self.transform, all_touched=True)
        rows, columns = np.flatnonzero(~outside.all(axis=1)), np.flatnonzero(~outside.all(axis=0))
        if not rows.size:
            raise ValueError("the clip area and the item do not meet")
        top, left = int(rows[0]), int(columns[0])
        bottom, right = int(rows[-1]) + 1, int(columns[-1]) + 1
        values = self.values[:, top:bottom, left:right].copy()
        values[:, outside[top:bottom, left:right]] = 0
        self._mark_unseen(values)
        return evolve(self, values=values, transform=_moved(self.transform, left, top))

    def reprojected(self, projection: str, resolution: float | None, kernel: str, *, pixels: int) -> Picture:
        """Warp it into another projection.

        Args:
            projection: EPSG code, WKT or PROJ string.
            resolution: Edge of a pixel in the projection's unit, or None to keep about what it is.
            kernel: One of `KERNELS`.
            pixels: Longest side of what comes out is at most four times this: finer resolutions are made coarser.
        """
        _, height, width = self.values.shape
        bounds = array_bounds(height, width, self.transform)
        transform, columns, rows = calculate_default_transform(self.crs, projection, width, height, *bounds)
        if resolution is not None:
            extent_x, extent_y = abs(transform.a) * columns, abs(transform.e) * rows
            edge = max(resolution, max(extent_x, extent_y) / (pixels * _MOST_PIXELS))
            columns, rows = max(1, math.ceil(extent_x / edge)), max(1, math.ceil(extent_y / edge))
            transform = Affine(edge, 0, transform.c, 0, -edge, transform.f)
        out = np.zeros((self.values.shape[0], rows, columns), self.values.dtype)
        exact = self.content in {Content.UDM2, Content.UDM}
        reproject(
            self.values,
            out,
            src_transform=self.transform,
            src_crs=self.crs,
            dst_transform=transform,
            dst_crs=projection,
            src_nodata=self.nodata,
            dst_nodata=self.nodata,
            resampling=Resampling.nearest if exact else Resampling[KERNELS[kernel]],
        )
        self._mark_unseen(out)
        return evolve(self, values=out, transform=transform, crs=projection)

    def to_reflectance(self, scale: int) -> Picture:
        """Turn counts of radiance into top-of-atmosphere reflectance times `scale`."""
        if self.content is not Content.BANDS or self.scale is not None:
            return self
        factors = np.array([COEFFICIENTS[name] for name in self.names])[:, None, None] * scale
        values = np.clip(np.rint(self.values * factors), 0, 65_535).astype("uint16")
        return evolve(self, values=np.maximum(values, (self.values > 0).astype("uint16")), scale=float(scale))

    def computed(self, tool: Mapping[str, Any]) -> Picture:
        """Replace the bands by what a bandmath tool computes of them."""
        if self.content is not Content.BANDS:
            return self
        given = {f"b{index}": band.astype("float64") for index, band in enumerate(self.values, start=1)}
        names = [f"b{index}" for index in range(1, 16) if f"b{index}" in tool]
        empty = (self.values == 0).all(axis=0)
        dtype = _TYPES[tool.get("pixel_type", "Auto")]
        bands = []
        for name in names:
            band = np.nan_to_num(np.broadcast_to(evaluate(str(tool[name]), given), empty.shape), posinf=0, neginf=0)
            if dtype != "float32":
                band = np.clip(np.rint(band), np.iinfo(dtype).min, np.iinfo(dtype).max)
            bands.append(np.where(empty, 0, band).astype(dtype))
        return evolve(self, values=np.stack(bands), names=tuple(names), scale=None)

    def harmonized(self) -> Picture:
        """Bring the bands nearer to Sentinel-2's, as a small gain on each."""
        if self.content is not Content.BANDS:
            return self
        gains = np.array([1.0 + 0.01 * (index % 3) for index in range(len(self.names))])[:, None, None]
        values = np.clip(np.rint(self.values * gains), 0, 65_535).astype(self.values.dtype)
        return evolve(self, values=values)

    def tiles(self, size: int) -> list[tuple[int, int, Picture]]:
        """Cut it into squares of `size` pixels; gives column and row of each that is not empty."""
        _, height, width = self.values.shape
        found = []
        for top in range(0, height, size):
            for left in range(0, width, size):
                values = self.values[:, top : top + size, left : left + size]
                if values.any():
                    moved = _moved(self.transform, left, top)
                    found.append((left // size, top // size, evolve(self, values=values.copy(), transform=moved)))
        return found

    def merged(self, others: Sequence[Picture], *, pixels: int) -> Picture:
        """Lay it over others of its kind, the last lowest."""
        pictures = [self, *others]
        edge = max(abs(picture.transform.a) for picture in pictures)
        warped = [
            picture if picture.crs == self.crs else picture.reprojected(self.crs, edge, "near", pixels=pixels)
            for picture in pictures
        ]
        bounds = np.array([array_bounds(*p.values.shape[1:], p.transform) for p in warped])
        west, south, east, north = bounds[:, 0].min(), bounds[:, 1].min(), bounds[:, 2].max(), bounds[:, 3].max()
        edge = max(edge, max(east - west, north - south) / (pixels * _MOST_PIXELS))
        shape = (len(self.names), math.ceil((north - south) / edge), math.ceil((east - west) / edge))
        out = np.zeros(shape, self.values.dtype)
        transform = Affine(edge, 0, west, 0, -edge, north)
        for picture in reversed(warped):
            layer = np.zeros_like(out)
            reproject(
                picture.values, layer, src_transform=picture.transform, src_crs=picture.crs, dst_transform=transform,
                dst_crs=self.crs, src_nodata=picture.nodata, dst_nodata=picture.nodata, resampling=Resampling.nearest,
            )  # fmt: skip
            seen = layer.any(axis=0)
            out[:, seen] = layer[:, seen]
        self._mark_unseen(out)
        return evolve(self, values=out, transform=transform)

    def _mark_unseen(self, values: NDArray[Any]) -> None:
        """Set the blackfill bit of a mask where nothing was seen."""
        if self.content in {Content.UDM2, Content.UDM}:
            unseen = ~values[:-1].any(axis=0) if self.content is Content.UDM2 else np.zeros(values.shape[1:], bool)
            values[-1, unseen] = 1

    def encoded(self, driver: str = "COG") -> bytes:
        """Give it as a file: ``"COG"``, or ``"NITF"``; what is not on a map grid as plain TIFF."""
        count, height, width = self.values.shape
        profile: dict[str, Any] = {"count": count, "height": height, "width": width, "dtype": self.values.dtype.name}
        if driver == "NITF":
            if _nitf_grid(self.crs) is None:
                return self.reprojected("EPSG:4326", None, "near", pixels=max(width, height)).encoded("NITF")
            place = {"crs": self.crs, "transform": self.transform, "ICORDS": _nitf_grid(self.crs)}
            return _written(self.values, driver="NITF", **place, **profile)
        if not self.ortho:
            return _written(self.values, driver="GTiff", nodata=self.nodata, compress="deflate", **profile)
        grid = _Laid(
            epsg=0,
            transform=self.transform,
            width=width,
            height=height,
            frame=(0, 0, 0, 0),
            projection=self.crs,
        )
        return scenes.cog(self.values, grid, nodata=self.nodata, descriptions=self.names)


@frozen(kw_only=True)
class _Laid(scenes.Grid):
    """A grid in any projection."""

    projection: str

    @property
    def crs(self) -> str:
        return self.projection


def thumbnail(item: Item, size: int) -> bytes:
    """Give a picture of an item as PNG.

    Args:
        item: Whose.
        size: Longest side, pixels.
    """
    scene = item.scene
    grid = scenes.scene_grid(scene.footprint, max_pixels=size)
    return scenes.quicklook_png(
        grid, seed=scene.seed, cloud_cover=item.cloud, when=scene.time.date(), footprint=scene.footprint
    )


def _moved(transform: Affine, columns: int, rows: int) -> Affine:
    """Give the transform of a window that begins some columns and rows further in."""
    a, b, c, d, e, f = transform[:6]
    return Affine(a, b, c + a * columns + b * rows, d, e, f + d * columns + e * rows)


def _nitf_grid(crs: str) -> str | None:
    """Give NITF's word for a projection that it has: UTM north or south, or geographic."""
    code = CRS.from_user_input(crs).to_epsg() or 0
    if code == 4326:
        return "G"
    return {326: "N", 327: "S"}.get(code // 100)


def _calibrated(values: NDArray[Any], product: Product) -> tuple[NDArray[Any], float | None]:
    """Give reflectance times 10 000 in the counts of a product, and their common scale if there is one."""
    if product.radiometry == "reflectance":
        return values, 10_000.0
    if product.radiometry == "dn":
        factors = np.full(len(product.bands), _DN_SCALE / 10_000)
    else:
        factors = np.array([1e-4 / COEFFICIENTS[name] for name in product.bands])
    counts = np.clip(np.rint(values * factors[:, None, None]), 0, 65_535).astype("uint16")
    return np.maximum(counts, (values > 0).astype("uint16")), None


def _decoded(data: bytes) -> NDArray[Any]:
    with rasterio.open(io.BytesIO(data)) as file:
        return np.asarray(file.read())


def _written(values: NDArray[Any], **profile: Any) -> bytes:
    with _FILTERS, warnings.catch_warnings(), rasterio.Env(GDAL_PAM_ENABLED="NO"), MemoryFile() as memory:
        warnings.simplefilter("ignore", NotGeoreferencedWarning)  # unrectified products have no map grid by nature
        with memory.open(**profile) as file:
            file.write(values)
        return bytes(memory.read())

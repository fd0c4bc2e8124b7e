# SPDX-License-Identifier: Apache-2.0
"""Scenes as files: COG, GeoTIFF with ground control points, JPEG 2000, PNG; equal arguments give equal bytes."""

from __future__ import annotations

import datetime as dt
import io
import threading
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from PIL import Image
from rasterio.enums import ColorInterp
from rasterio.io import MemoryFile

from swath.sandbox.scenes.grids import Geometry, Grid
from swath.sandbox.scenes.land import survey
from swath.sandbox.scenes.light import backscatter, reflectance
from swath.sandbox.scenes.sky import look_up
from swath.sandbox.scenes.strips import Strip, control_points

__all__ = [
    "UDM2_BANDS",
    "cog",
    "jp2",
    "memory_file",
    "optical_array",
    "optical_cog",
    "png",
    "quicklook_png",
    "sar_array",
    "sar_tiff",
    "udm2_array",
    "udm2_cog",
    "visual_array",
    "visual_cog",
]

Raster = NDArray[Any]

UDM2_BANDS = ("clear", "snow", "shadow", "haze_light", "haze_heavy", "cloud", "confidence", "udm1")
"""The bands of a usable data mask, in order."""

_BLOCK = 128
_SAR_SCALE = 800.0
_BRIGHTNESS = 255 / 0.28
_RGBA = (ColorInterp.red, ColorInterp.green, ColorInterp.blue, ColorInterp.alpha)
# GDAL's drivers share state that is set up on first use; two threads that open the very first file race for it.
_SETUP = threading.Lock()


def memory_file() -> MemoryFile:
    """Make a file in memory for rasterio to write; from any thread."""
    with _SETUP:
        return MemoryFile()


def optical_array(
    grid: Grid,
    *,
    bands: Sequence[str],
    seed: int,
    cloud_cover: float = 0.1,
    when: dt.date | None = None,
    footprint: Geometry | None = None,
    dtype: str = "uint16",
    scale: float = 10_000,
    offset: float = 0,
) -> Raster:
    """Give an optical scene as numbers, `(band, y, x)`; 0 is nodata, outside `footprint`.

    Args:
        grid: Where.
        bands: Names out of `BANDS_NM`.
        seed: Which scene: clouds and noise.
        cloud_cover: Share of the scene under cloud, 0 to 1.
        when: The day, for the crops; None: midsummer.
        footprint: GeoJSON geometry, degrees; None: the grid is full.
        dtype: Integer type of numpy, by name.
        scale: The number that stands for a reflectance of 1.
        offset: Added to each number.
    """
    values = reflectance(survey(grid, when), look_up(grid, seed, cloud_cover), bands, seed)
    values *= scale
    values += offset + 0.5
    whole = np.clip(values, 1, np.iinfo(dtype).max).astype(dtype)
    if footprint is not None:
        whole *= grid.inside(footprint)
    return np.asarray(whole)


def optical_cog(
    grid: Grid,
    *,
    bands: Sequence[str],
    seed: int,
    dtype: str = "uint16",
    nodata: int = 0,
    cloud_cover: float = 0.1,
    when: dt.date | None = None,
    footprint: Geometry | None = None,
    clip: Geometry | None = None,
    scale: float = 10_000,
    offset: float = 0,
) -> bytes:
    """Give an optical scene as cloud-optimised GeoTIFF.

    Args:
        grid: Where.
        bands: Names out of `BANDS_NM`; they become the band descriptions.
        seed: Which scene.
        dtype: Integer type of numpy, by name.
        nodata: What stands outside the footprint and the clip.
        cloud_cover: Share of the scene under cloud, 0 to 1.
        when: The day, for the crops.
        footprint: GeoJSON geometry, degrees: where the sensor looked; None: everywhere.
        clip: GeoJSON geometry, degrees: only the window around it, nodata outside it.
        scale: The number that stands for a reflectance of 1.
        offset: Added to each number.
    """
    grid = grid if clip is None else grid.window(clip)
    values = optical_array(
        grid, bands=bands, seed=seed, cloud_cover=cloud_cover, when=when, dtype=dtype, scale=scale, offset=offset
    )
    values[:, ~(grid.inside(footprint) & grid.inside(clip))] = nodata
    return cog(values, grid, nodata=nodata, descriptions=bands)


def visual_array(
    grid: Grid,
    *,
    seed: int,
    cloud_cover: float = 0.1,
    when: dt.date | None = None,
    footprint: Geometry | None = None,
) -> Raster:
    """Give a scene as a person sees it, `(red green blue alpha, y, x)` uint8; alpha 0 outside `footprint`."""
    colours = optical_array(
        grid, bands=("red", "green", "blue"), seed=seed, cloud_cover=cloud_cover, when=when, scale=10_000
    )
    out = np.zeros((4, grid.height, grid.width), np.uint8)
    out[:3] = np.clip(colours * (_BRIGHTNESS / 10_000), 1, 255)
    inside = grid.inside(footprint)
    out[3] = np.where(inside, 255, 0)
    out[:3] *= inside
    return out


def visual_cog(
    grid: Grid,
    *,
    seed: int,
    cloud_cover: float = 0.1,
    when: dt.date | None = None,
    footprint: Geometry | None = None,
    clip: Geometry | None = None,
) -> bytes:
    """Give a scene as RGBA cloud-optimised GeoTIFF, uint8; see `optical_cog` for the arguments."""
    grid = grid if clip is None else grid.window(clip)
    values = visual_array(grid, seed=seed, cloud_cover=cloud_cover, when=when, footprint=footprint)
    values *= grid.inside(clip)
    return cog(values, grid, nodata=None, descriptions=("red", "green", "blue", "alpha"))


def udm2_array(
    grid: Grid, *, seed: int, cloud_cover: float = 0.1, footprint: Geometry | None = None, clip: Geometry | None = None
) -> Raster:
    """Give the usable data mask of the scene with the same seed and cover, `(band, y, x)` uint8, see `UDM2_BANDS`.

    The first six bands are 0 or 1, of which exactly one holds for each pixel inside; ``confidence`` is percent;
    ``udm1`` is a bit field: 1 outside the footprint, 2 cloud.
    """
    sky = look_up(grid, seed, cloud_cover)
    inside = grid.inside(footprint) & grid.inside(clip)
    cloud = sky.is_cloud & inside
    shadow = (sky.shadow >= 0.5) & inside & ~cloud
    heavy = (sky.haze >= 0.18) & inside & ~cloud & ~shadow
    light = (sky.haze >= 0.08) & inside & ~cloud & ~shadow & ~heavy
    out = np.zeros((8, grid.height, grid.width), np.uint8)
    out[0] = inside & ~cloud & ~shadow & ~heavy & ~light
    out[2:6] = shadow, light, heavy, cloud
    out[6] = np.where(inside, 60 + 40 * np.abs(2 * sky.cloud - 1), 0)
    out[7] = ~inside + 2 * cloud
    return out


def udm2_cog(
    grid: Grid, *, seed: int, cloud_cover: float = 0.1, footprint: Geometry | None = None, clip: Geometry | None = None
) -> bytes:
    """Give `udm2_array` as cloud-optimised GeoTIFF, with `clip` only the window around it."""
    grid = grid if clip is None else grid.window(clip)
    values = udm2_array(grid, seed=seed, cloud_cover=cloud_cover, footprint=footprint, clip=clip)
    return cog(values, grid, nodata=None, descriptions=UDM2_BANDS)


def sar_array(
    grid: Grid | Strip,
    *,
    seed: int,
    polarisation: str = "VV",
    dtype: str = "uint16",
    when: dt.date | None = None,
    footprint: Geometry | None = None,
) -> Raster:
    """Give a radar scene as amplitudes, `(y, x)`; 0 is nodata.

    Args:
        grid: Where; a `Strip` for an image in radar geometry.
        seed: Which scene: the speckle.
        polarisation: ``"VV"``, ``"VH"``, ``"HH"`` or ``"HV"``.
        dtype: An integer type of numpy by name for multi-looked amplitude, ``"complex_int16"`` or ``"complex64"`` for
            single-look values, which are complex64 `(y, x)` here.
        when: The day, for the crops.
        footprint: GeoJSON geometry, degrees; None: the grid is full.
    """
    land = survey(grid, when)
    inside = grid.inside(footprint)
    if dtype.startswith("complex"):
        sigma = backscatter(land, polarisation, seed, looks=1.0)
        phase = np.random.default_rng([seed, 1, *polarisation.encode()]).uniform(0, 2 * np.pi, sigma.shape)
        signal = np.rint(_SAR_SCALE * np.sqrt(sigma) * np.exp(1j * phase))
        return np.asarray((signal * inside).astype(np.complex64))
    amplitude = _SAR_SCALE * np.sqrt(backscatter(land, polarisation, seed))
    return np.asarray(np.clip(amplitude, 1, np.iinfo(dtype).max).astype(dtype) * inside)


def sar_tiff(
    grid: Grid | Strip,
    *,
    seed: int,
    gcps: bool,
    polarisation: str = "VV",
    dtype: str = "uint16",
    when: dt.date | None = None,
    footprint: Geometry | None = None,
) -> bytes:
    """Give a radar scene as GeoTIFF.

    Args:
        grid: Where.
        seed: Which scene.
        gcps: Whether it is placed by ground control points in WGS 84 without a projection, as Sentinel-1 products
            are, instead of by a transform; a `Strip` always is.
        polarisation: ``"VV"``, ``"VH"``, ``"HH"`` or ``"HV"``.
        dtype: ``"uint16"``, or ``"complex_int16"`` for single-look complex.
        when: The day, for the crops.
        footprint: GeoJSON geometry, degrees; 0 outside.
    """
    values = sar_array(grid, seed=seed, polarisation=polarisation, dtype=dtype, when=when, footprint=footprint)
    place: dict[str, Any]
    if gcps or isinstance(grid, Strip):
        place = {"crs": "EPSG:4326", "gcps": control_points(grid)}
    else:
        place = {"crs": grid.crs, "transform": grid.transform}
    options = {"compress": "deflate", "predictor": 1 if dtype.startswith("complex") else 2}
    memory = memory_file()
    with memory:
        with memory.open(
            driver="GTiff", dtype=dtype, count=1, width=grid.width, height=grid.height, **place, **options
        ) as file:
            file.write(values, 1)
            file.set_band_description(1, polarisation.upper())
        return bytes(memory.read())


def cog(values: Raster, grid: Grid, *, nodata: float | None, descriptions: Sequence[str] = ()) -> bytes:
    """Give an array `(band, y, x)` as cloud-optimised GeoTIFF: tiles, overviews, deflate."""
    levels = max(1, (max(grid.width, grid.height) - 1).bit_length() - _BLOCK.bit_length() + 1)
    options = {
        "compress": "deflate",
        "level": 1,
        "predictor": "standard",
        "blocksize": _BLOCK,
        "overview_count": levels,
        "overview_resampling": "nearest",
        "overview_compress": "deflate",
    }
    return _encoded(values, grid, driver="COG", nodata=nodata, descriptions=descriptions, **options)


def jp2(values: Raster, grid: Grid) -> bytes:
    """Give an array `(band, y, x)` or `(y, x)`, uint8 or uint16, as lossless, georeferenced JPEG 2000."""
    stack = values if values.ndim == 3 else values[np.newaxis]
    return _encoded(
        stack, grid, driver="JP2OpenJPEG", nodata=None, codec="jp2", quality="100", reversible="yes", resolutions=3
    )


def quicklook_png(
    grid: Grid | Strip,
    *,
    seed: int,
    cloud_cover: float = 0.1,
    when: dt.date | None = None,
    footprint: Geometry | None = None,
    polarisation: str | None = None,
) -> bytes:
    """Give a picture of a scene, transparent outside `footprint`; with a `polarisation`, of a radar scene in grey."""
    if polarisation is None:
        if isinstance(grid, Strip):
            msg = "a strip is a radar image: name the polarisation"
            raise ValueError(msg)
        return png(visual_array(grid, seed=seed, cloud_cover=cloud_cover, when=when, footprint=footprint))
    amplitude = sar_array(grid, seed=seed, polarisation=polarisation, when=when)
    top = float(np.percentile(amplitude, 98))
    grey = np.clip(amplitude * (255 / top), 0, 255).astype(np.uint8)
    return png(np.stack([grey, grey, grey, np.where(grid.inside(footprint), 255, 0).astype(np.uint8)]))


def png(values: Raster) -> bytes:
    """Give an array `(3 or 4, y, x)` uint8 as PNG."""
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(np.moveaxis(values, 0, -1))).save(buffer, format="PNG")
    return buffer.getvalue()


def _encoded(
    values: Raster, grid: Grid, *, driver: str, nodata: float | None, descriptions: Sequence[str] = (), **options: Any
) -> bytes:
    count, height, width = values.shape
    profile: Mapping[str, Any] = {"dtype": values.dtype.name, "count": count, "height": height, "width": width}
    memory = memory_file()
    with memory, rasterio.Env(GDAL_PAM_ENABLED="NO"):
        with memory.open(
            driver=driver, crs=grid.crs, transform=grid.transform, nodata=nodata, **profile, **options
        ) as file:
            file.write(values)
            for index, name in enumerate(descriptions, start=1):
                file.set_band_description(index, name)
            if count == 4 and values.dtype == np.uint8:
                file.colorinterp = _RGBA
        return bytes(memory.read())

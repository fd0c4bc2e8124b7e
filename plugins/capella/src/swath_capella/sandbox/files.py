# SPDX-License-Identifier: Apache-2.0
"""Delivered files: real GeoTIFFs with speckle, NITF, PNG and the extended metadata."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from typing import Any

import numpy as np
import rasterio
import rasterio.shutil
from attrs import frozen
from rasterio.control import GroundControlPoint

from swath.sandbox import World
from swath.sandbox.scenes import Grid, Strip, control_points, memory_file, png, sar_array, scene_grid
from swath_capella.sandbox.collects import Collect, outline
from swath_capella.sandbox.items import MEDIA_TYPES, Product

__all__ = ["SCALE", "File", "Files"]

SCALE = 0.0025
"""What a pixel's value is multiplied by to give the amplitude."""
_KEPT = 64
_DRAWING = threading.Lock()
"""GDAL's drivers are not drawn with by several threads at once."""
_THUMB_PX = 64
_NANOSECONDS = "%Y-%m-%dT%H:%M:%S.%f000Z"


@frozen(kw_only=True)
class File:
    """One file as it is served."""

    content: bytes
    etag: str
    media_type: str


class Files:
    """Makes files when they are asked for, and keeps the last ones."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._kept: OrderedDict[str, File] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, product: Product, name: str) -> File | None:
        """Give a product's file by its name; None where there is none of that name."""
        with self._lock:
            found = self._kept.get(name)
            if found is not None:
                self._kept.move_to_end(name)
                return found
        with _DRAWING:
            made = self._make(product, name)
        if made is None:
            return None
        content, media_type = made
        etag = hashlib.md5(content, usedforsecurity=False).hexdigest()
        file = File(content=content, etag=etag, media_type=media_type)
        with self._lock:
            self._kept[name] = file
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return file

    def _make(self, product: Product, name: str) -> tuple[bytes, str] | None:
        pixels = self._world.scene_pixels
        if name == f"{product.id}.{product.suffix}":
            return self._data(product, pixels), MEDIA_TYPES[product.suffix]
        if name == f"{product.id}_extended.json":
            return json.dumps(extended(product, pixels), indent=1).encode(), "application/json"
        if name == f"{product.id}_preview.tif":
            return self._detected(product, max(pixels // 4, 16), "preview"), MEDIA_TYPES["tif"]
        if name.endswith("_thumb.png"):
            values = self._amplitudes(product, _place(product, _THUMB_PX), "uint16")
            return png(
                (np.clip(values / max(float(values.max()), 1.0), 0, 1) * 255).astype(np.uint8)[None].repeat(3, axis=0)
            ), "image/png"
        return None

    def _data(self, product: Product, pixels: int) -> bytes:
        if product.kind == "SLC":
            return self._complex(product, pixels, "GTiff", "complex_int16")
        if product.kind == "SICD":
            return self._complex(product, pixels, "NITF", "complex64")
        if product.kind == "SIDD":
            return self._nitf(product, pixels)
        if product.kind == "CPHD":
            return b"CPHD/1.1.0\nXML_BLOCK_SIZE := 0\n\x0c\n" + self._world.rng(product.id).randbytes(4096)
        if product.kind == "VS":
            point = {"type": "Point", "coordinates": [product.collect.longitude, product.collect.latitude]}
            ship = {"type": "Feature", "geometry": point, "properties": {"length_m": 120.0, "confidence": 0.93}}
            return json.dumps({"type": "FeatureCollection", "features": [ship]}).encode()
        return self._detected(product, pixels, product.kind)

    def _amplitudes(self, product: Product, place: Grid | Strip, dtype: str) -> Any:
        return sar_array(
            place,
            seed=self._world.key(product.collect.id) % (1 << 31),
            polarisation=product.collect.polarisation,
            dtype=dtype,
            when=product.collect.middle.date(),
            footprint=product.geometry if isinstance(place, Grid) and product.geometry["type"] == "Polygon" else None,
        )

    def _detected(self, product: Product, pixels: int, kind: str) -> bytes:
        grid = _grid(product, pixels)
        values = self._amplitudes(product, grid, "uint16")
        layers = np.stack([values, values // 2, values // 3]) if kind == "CSI" else values[None]
        with memory_file() as memory:
            with memory.open(
                driver="GTiff", dtype="uint16", count=len(layers), width=grid.width, height=grid.height,
                crs=grid.crs, transform=grid.transform, nodata=0,
            ) as file:  # fmt: skip
                file.write(layers)
                file.update_tags(TIFFTAG_IMAGEDESCRIPTION=json.dumps(extended(product, pixels)))
            with memory_file() as final:
                rasterio.shutil.copy(memory.name, final.name, driver="COG", compress="deflate", predictor="yes")
                return bytes(final.read())

    def _complex(self, product: Product, pixels: int, driver: str, dtype: str) -> bytes:
        strip = _strip(product.collect, pixels)
        values = self._amplitudes(product, strip, "complex_int16")
        with memory_file() as memory:
            options: dict[str, Any] = {"compress": "deflate"} if driver == "GTiff" else {"ICORDS": "G"}
            with memory.open(
                driver=driver, dtype=dtype, count=1, width=strip.width, height=strip.height,
                crs="EPSG:4326", gcps=_corners(strip) if driver == "NITF" else control_points(strip), **options,
            ) as file:  # fmt: skip
                file.write(values, 1)
                if driver == "GTiff":
                    file.update_tags(TIFFTAG_IMAGEDESCRIPTION=json.dumps(extended(product, pixels)))
            return bytes(memory.read())

    def _nitf(self, product: Product, pixels: int) -> bytes:
        strip = _strip(product.collect, pixels)
        values = self._amplitudes(product, strip, "uint16")
        with memory_file() as memory:
            with memory.open(
                driver="NITF",
                dtype="uint16",
                count=1,
                width=strip.width,
                height=strip.height,
                crs="EPSG:4326",
                gcps=_corners(strip),
                ICORDS="G",
            ) as file:
                file.write(values, 1)
            return bytes(memory.read())


def _corners(strip: Strip) -> list[GroundControlPoint]:
    """Place an image by its four corner pixels, as NITF does."""
    right, low = strip.width - 0.5, strip.height - 0.5
    pixels = ((0.5, 0.5), (0.5, right), (low, right), (low, 0.5))
    return [
        GroundControlPoint(row=row, col=col, x=lon, y=lat)
        for (row, col), (lon, lat) in zip(pixels, strip.corners, strict=True)
    ]


def _place(product: Product, pixels: int) -> Grid | Strip:
    return _grid(product, pixels) if product.geometry["type"] == "Polygon" else _strip(product.collect, pixels)


def _grid(product: Product, pixels: int) -> Grid:
    return scene_grid(product.geometry, max_pixels=pixels)


def _strip(collect: Collect, pixels: int) -> Strip:
    ring = outline(collect.longitude, collect.latitude, collect.size_m, collect.turn)
    a, b, c, d = ((lon, lat) for lon, lat in ring[:4])
    side = max(16, pixels * 3 // 4)
    return Strip(corners=(d, c, b, a), width=side, height=side)


def extended(product: Product, pixels: int) -> dict[str, Any]:
    """Write the extended metadata, version 1.10, as far as it can be said of a made-up scene."""
    collect = product.collect
    is_complex = product.kind in {"SLC", "SICD", "CPHD"}
    if is_complex or product.kind in {"SIDD", "VS"}:
        strip = _strip(collect, pixels)
        rows, columns = strip.height, strip.width
        place: dict[str, Any] = {
            "type": "slant_plane",
            "first_line_time": collect.middle.strftime(_NANOSECONDS),
            "delta_line_time": 0.0001,
            "range_to_first_sample": 650_000.0,
            "delta_range_sample": 0.4,
            "doppler_centroid_polynomial": {"type": "standard", "dimension": 1, "degree": 0, "coefficients": [0.0]},
        }
    else:
        grid = _grid(product, pixels)
        rows, columns = grid.height, grid.width
        place = {
            "type": "geotransform",
            "geotransform": list(grid.transform.to_gdal()),
            "coordinate_system": {"type": "wkt", "wkt": rasterio.crs.CRS.from_string(grid.crs).to_wkt()},
        }
    hours = collect.timezone[1]
    return {
        "software_version": "2.50.0",
        "software_revision": "sandbox",
        "processing_time": product.created.strftime(_NANOSECONDS),
        "processing_deployment": "sandbox",
        "copyright": "made-up data of the swath sandbox",
        "license": "https://www.capellaspace.com/data-licensing/",
        "product_version": "1.10",
        "product_type": product.kind,
        "collect": {
            "start_timestamp": collect.middle.strftime(_NANOSECONDS),
            "stop_timestamp": collect.middle.strftime(_NANOSECONDS),
            "local_datetime": f"{collect.middle:%Y-%m-%dT%H:%M:%S}{'-' if hours < 0 else '+'}{abs(int(hours)):02d}00",
            "local_timezone": collect.timezone[0],
            "platform": f"capella-{collect.satellite}",
            "mode": collect.mode_name,
            "collect_id": collect.id,
            "image": {
                "data_type": "CInt16" if is_complex else "UInt16",
                "length": collect.size_m,
                "width": collect.size_m,
                "rows": rows,
                "columns": columns,
                "pixel_spacing_row": collect.size_m / rows,
                "pixel_spacing_column": collect.size_m / columns,
                "algorithm": "backprojection",
                "scale_factor": SCALE,
                "image_geometry": place,
                "center_pixel": {
                    "incidence_angle": collect.incidence_angle,
                    "look_angle": collect.look_angle,
                    "squint_angle": round(collect.turn / 100, 3),
                    "layover_angle": -0.1,
                    "center_time": collect.middle.strftime(_NANOSECONDS),
                },
                "range_looks": 1,
                "azimuth_looks": 1 if is_complex else 9,
                "enl": 1 if is_complex else 9,
                "radiometry": "beta_nought" if is_complex else "sigma_nought",
                "calibration": "full",
                "nesz_peak": -17.4,
            },
            "radar": {
                "center_frequency": 9.65e9,
                "pointing": "right" if collect.right else "left",
                "transmit_polarization": collect.polarisation[0],
                "receive_polarization": collect.polarisation[1],
            },
            "state": {
                "direction": "ascending" if collect.ascending else "descending",
                "coordinate_system": {"type": "ecef"},
                "source": "precise",
            },
        },
    }

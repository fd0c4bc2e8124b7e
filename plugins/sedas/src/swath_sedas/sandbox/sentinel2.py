# SPDX-License-Identifier: Apache-2.0
"""What is inside a Sentinel-2 product: one JPEG 2000 image a band, and the metadata beside them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasterio.transform import Affine

from swath.sandbox.scenes import Grid, jp2, optical_array, png, udm2_array, visual_array
from swath_sedas.sandbox.frames import TILE_M
from swath_sedas.sandbox.products import Product, stamp
from swath_sedas.sandbox.safe import xml

__all__ = ["files_of", "grid_of", "picture"]

Raster = NDArray[Any]

_BANDS = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B10", "B11", "B12")
_METRES = dict.fromkeys(("B02", "B03", "B04", "B08", "TCI"), 10) | dict.fromkeys(("B01", "B09", "B10"), 60)
"""Sampling as the camera does it; 20 m where none is said."""
_LEVEL_2A = {
    10: ("AOT", "B02", "B03", "B04", "B08", "TCI", "WVP"),
    20: ("AOT", "B01", "B02", "B03", "B04", "B05", "B06", "B07", "B8A", "B11", "B12", "SCL", "TCI", "WVP"),
    60: ("AOT", "B01", "B02", "B03", "B04", "B05", "B06", "B07", "B8A", "B09", "B11", "B12", "SCL", "TCI", "WVP"),
}
_QUANTIFICATION = 10_000
_MOST_PIXELS = 144
_SCHEMA = "https://psd-14.sentinel2.eo.esa.int/PSD/"


def grid_of(product: Product, most_pixels: int) -> Grid:
    """Give the grid of the 10 m images: the whole tile with few and large pixels, in a multiple of six of them."""
    origin, epsg = product.frame.origin, product.frame.epsg
    if origin is None or epsg is None:
        msg = f"{product.supplier_id} lies on no tile"
        raise ValueError(msg)
    across = max(6, min(most_pixels, _MOST_PIXELS) // 6 * 6)
    west, north = origin
    pixel = TILE_M / across
    return Grid(
        epsg=epsg,
        transform=Affine(pixel, 0.0, west, 0.0, -pixel, north),
        width=across,
        height=across,
        frame=(west, north - TILE_M, west + TILE_M, north),
    )


def picture(product: Product, most_pixels: int) -> bytes:
    """Give a true colour PNG of a product, transparent where nothing was seen."""
    return png(_colours(product, grid_of(product, most_pixels)))


def files_of(product: Product, most_pixels: int) -> dict[str, bytes]:
    """Give a product's files by path inside its SAFE folder, without the manifest."""
    grid = grid_of(product, most_pixels)
    images = _images(product, grid)
    seen = f"{product.start:%Y%m%dT%H%M%S}"
    tile = f"T{product.frame.tile}"
    granule = f"GRANULE/{product.kind}_{tile}_A{product.orbit:06d}_{product.seen:%Y%m%dT%H%M%S}"
    data_strip = f"DATASTRIP/DS_SGS__{product.published:%Y%m%dT%H%M%S}_S{product.seen:%Y%m%dT%H%M%S}"
    files: dict[str, bytes] = {}
    for (name, metres), values in images.items():
        place = grid.coarser(metres // 10) if metres > 10 else grid
        folder, ending = (f"R{metres}m/", f"_{metres}m") if product.kind == "L2A" else ("", "")
        files[f"{granule}/IMG_DATA/{folder}{tile}_{seen}_{name}{ending}.jp2"] = jp2(values, place)
    report = xml("Earth_Explorer_File", {"Report": {"File_Name": product.supplier_id, "Result": "PASSED"}})
    cloudy = {"Cloud_Coverage_Assessment": f"{product.cloud:.6f}"}
    files |= {
        f"MTD_MSI{product.kind}.xml": _product_metadata(product, sorted(files)),
        f"{granule}/MTD_TL.xml": _tile_metadata(product, grid),
        f"{granule}/QI_DATA/GENERAL_QUALITY.xml": report,
        f"{granule}/QI_DATA/{tile}_{seen}_PVI.jp2": jp2(_colours(product, grid.coarser(6))[:3], grid.coarser(6)),
        f"{granule}/AUX_DATA/AUX_ECMWFT": b"",
        f"{data_strip}/MTD_DS.xml": xml(
            f"n1:Level-{product.kind[1:]}_DataStrip_ID",
            {"n1:General_Info": {"Datatake_Info": _data_take(product)}, "n1:Quality_Indicators_Info": cloudy},
            f"{_SCHEMA}S2_PDI_Level-{product.kind[1:]}_Datastrip_Metadata.xsd",
        ),
        f"{data_strip}/QI_DATA/GENERAL_QUALITY.xml": report,
        "INSPIRE.xml": xml("gmd:MD_Metadata", {"gmd:fileIdentifier": product.supplier_id}, "http://www.isotc211.org/2005/gmd"),
        "AUX_DATA/README.txt": b"Auxiliary data are not part of this fixture.\n",
        "HTML/UserProduct_index.html": f"<!DOCTYPE html><title>{product.supplier_id}</title>\n".encode(),
        "rep_info/S2_User_Product_Level-1C_Metadata.xsd": b'<?xml version="1.0"?>\n<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"/>\n',
    }  # fmt: skip
    return files


def _images(product: Product, grid: Grid) -> dict[tuple[str, int], Raster]:
    """Give the images by band and metres."""
    offset = 1000 if (product.baseline or "") >= "0400" else 0
    fine = optical_array(
        grid, bands=_BANDS, footprint=_shape(product), scale=_QUANTIFICATION, offset=offset, **_scene(product)
    )
    layers: dict[str, Raster] = {band: fine[index] for index, band in enumerate(_BANDS)}
    layers["TCI"] = _colours(product, grid)[:3]
    if product.kind == "L1C":
        return {
            (name, _METRES.get(name, 20)): _coarser(layers[name], _METRES.get(name, 20)) for name in (*_BANDS, "TCI")
        }
    layers |= _maps(product, grid, layers)
    return {
        (name, metres): _coarser(layers[name], metres, classes=name == "SCL")
        for metres, names in _LEVEL_2A.items()
        for name in names
    }


def _maps(product: Product, grid: Grid, layers: dict[str, Raster]) -> dict[str, Raster]:
    """Give the scene classification, aerosol thickness and water vapour of level 2A."""
    mask = udm2_array(grid, seed=product.seed % (1 << 31), cloud_cover=(product.cloud or 0) / 100)
    red, nir, short = (layers[name].astype(np.float32) for name in ("B04", "B08", "B11"))
    inside = layers["B04"] > 0
    greenness = (nir - red) / np.maximum(nir + red, 1)
    classes = np.where(greenness > 0.3, 4, 5)
    classes = np.where((nir < red) & (short < red), 6, classes)
    classes = np.where(mask[2] > 0, 3, classes)
    classes = np.where(mask[3] > 0, 10, classes)
    classes = np.where(mask[4] > 0, 8, classes)
    classes = np.where(mask[5] > 0, 9, classes)
    vapour = 1200 + 40 * (np.arange(grid.width) // 8)[np.newaxis] + np.zeros((grid.height, 1), int)
    return {
        "SCL": np.where(inside, classes, 0).astype(np.uint8),
        "AOT": np.where(inside, 120, 0).astype(np.uint16),
        "WVP": np.where(inside, vapour, 0).astype(np.uint16),
    }


def _coarser(values: Raster, metres: int, *, classes: bool = False) -> Raster:
    """Average blocks of pixels of an image of 10 m; pixels of which a part was not seen become 0."""
    factor = metres // 10
    if factor == 1:
        return values
    height, width = values.shape[-2] // factor, values.shape[-1] // factor
    blocks = values.reshape(*values.shape[:-2], height, factor, width, factor)
    if classes:
        return np.ascontiguousarray(blocks[..., factor // 2, :, factor // 2])
    whole = (blocks > 0).all(axis=(-3, -1))
    return np.asarray(np.where(whole, blocks.mean(axis=(-3, -1)), 0).astype(values.dtype))


def _scene(product: Product) -> dict[str, Any]:
    return {"seed": product.seed % (1 << 31), "cloud_cover": (product.cloud or 0) / 100, "when": product.start.date()}


def _shape(product: Product) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [list(product.frame.outline.exterior.coords)]}


def _colours(product: Product, grid: Grid) -> Raster:
    return visual_array(grid, footprint=_shape(product), **_scene(product))


def _data_take(product: Product) -> dict[str, object]:
    return {
        "SPACECRAFT_NAME": product.satellite.name,
        "DATATAKE_TYPE": "INS-NOBS",
        "DATATAKE_SENSING_START": stamp(product.start),
        "SENSING_ORBIT_NUMBER": product.relative,
        "SENSING_ORBIT_DIRECTION": "DESCENDING",
    }


def _product_metadata(product: Product, images: list[str]) -> bytes:
    level = product.kind[1:]
    offset = -1000 if (product.baseline or "") >= "0400" else 0
    name = "BOA" if level == "2A" else "RADIO"
    offsets = {f"{name}_ADD_OFFSET": [offset] * len(_BANDS)} if offset else {}
    baseline = product.baseline or "0000"
    return xml(
        f"n1:Level-{level}_User_Product",
        {
            "n1:General_Info": {
                "Product_Info": {
                    "PRODUCT_START_TIME": stamp(product.start),
                    "PRODUCT_STOP_TIME": stamp(product.start),
                    "PRODUCT_URI": f"{product.supplier_id}.SAFE",
                    "PROCESSING_LEVEL": f"Level-{level}",
                    "PRODUCT_TYPE": f"S2MSI{level}",
                    "PROCESSING_BASELINE": f"{baseline[:2]}.{baseline[2:]}",
                    "GENERATION_TIME": stamp(product.published),
                    "Datatake": _data_take(product),
                    "Product_Organisation": {"Granule_List": {"Granule": {"IMAGE_FILE": [one[:-4] for one in images]}}},
                },
                "Product_Image_Characteristics": {
                    ("BOA_QUANTIFICATION_VALUE" if level == "2A" else "QUANTIFICATION_VALUE"): _QUANTIFICATION,
                    **offsets,
                },
            },
            "n1:Geometric_Info": {
                "Product_Footprint": {
                    "EXT_POS_LIST": " ".join(
                        f"{lat:.6f} {lon:.6f}" for lon, lat in product.frame.outline.exterior.coords
                    )
                }
            },
            "n1:Quality_Indicators_Info": {"Cloud_Coverage_Assessment": f"{product.cloud:.6f}"},
        },
        f"{_SCHEMA}User_Product_Level-{level}.xsd",
    )


def _tile_metadata(product: Product, grid: Grid) -> bytes:
    west, _, _, north = grid.bounds
    corner = {"ULX": math.floor(west), "ULY": math.floor(north)}
    steps = [grid.pixel_m * factor for factor in (1, 2, 6)]
    return xml(
        f"n1:Level-{product.kind[1:]}_Tile_ID",
        {
            "n1:General_Info": {"SENSING_TIME": stamp(product.seen), "TILE_ID": f"T{product.frame.tile}"},
            "n1:Geometric_Info": {
                "Tile_Geocoding": {
                    "HORIZONTAL_CS_NAME": f"WGS84 / UTM zone {grid.epsg % 100}{'N' if grid.epsg < 32700 else 'S'}",
                    "HORIZONTAL_CS_CODE": grid.crs,
                    "Size": [{"NROWS": grid.height // f, "NCOLS": grid.width // f} for f in (1, 2, 6)],
                    "Geoposition": [corner | {"XDIM": step, "YDIM": -step} for step in steps],
                }
            },
        },
        f"{_SCHEMA}S2_PDI_Level-{product.kind[1:]}_Tile_Metadata.xsd",
    )

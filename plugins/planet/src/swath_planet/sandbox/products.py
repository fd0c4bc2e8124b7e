# SPDX-License-Identifier: Apache-2.0
"""Asset types: which an item has, what their files are called and what is in them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from attrs import frozen

if TYPE_CHECKING:
    from swath.sandbox import Scene

__all__ = [
    "ASSET_TYPES",
    "COEFFICIENTS",
    "KERNELS",
    "Content",
    "Product",
    "all_assets",
    "file_name",
    "product_of",
    "psscene_assets",
    "rapideye_assets",
    "skysat_collect_assets",
    "skysat_scene_assets",
]

COEFFICIENTS = {
    "coastal_blue": 2.0e-5, "blue": 2.04e-5, "green_i": 2.15e-5, "green": 2.24e-5, "yellow": 2.35e-5, "red": 2.51e-5,
    "rededge": 2.9e-5, "red_edge": 2.9e-5, "nir": 3.65e-5, "pan": 2.3e-5,
}  # fmt: skip
"""Top-of-atmosphere reflectance of one count of a radiance product, by band."""

KERNELS = {
    "near": "nearest", "bilinear": "bilinear", "cubic": "cubic", "cubicspline": "cubic_spline", "lanczos": "lanczos",
    "average": "average", "mode": "mode", "min": "min", "max": "max", "med": "med", "q1": "q1", "q3": "q3",
}  # fmt: skip
"""Rasterio's word by Planet's."""


class Content(StrEnum):
    """What a file holds."""

    BANDS = "bands"
    """Numbers by band, uint16."""
    VISUAL = "visual"
    """Red, green, blue, alpha, uint8."""
    UDM2 = "udm2"
    """Usable data mask, 8 bands, uint8."""
    UDM = "udm"
    """The older mask, one band of bits, uint8."""
    XML = "xml"
    RPC = "rpc"
    FRAMES = "frames"
    """A zip of raw frames."""
    RAW = "raw"
    """A file of a kind that is not made here: only its first bytes are right."""


_RAW_TYPES = {"h5": "application/x-hdf5", "mp4": "video/mp4", "json": "application/json"}


@frozen(kw_only=True)
class Product:
    """What an asset type is."""

    content: Content
    bands: tuple[str, ...] = ()
    """Names that `swath.sandbox.scenes` knows, in order; of an XML those of the image it describes."""
    radiometry: str = ""
    """``"radiance"``, ``"reflectance"`` or ``"dn"``."""
    ending: str
    """What follows the item id in the file name."""
    ortho: bool = True
    """Whether it lies on a map grid."""

    @property
    def media_type(self) -> str:
        """As in download answers and manifests."""
        match self.content:
            case Content.XML:
                return "text/xml"
            case Content.RPC:
                return "text/plain"
            case Content.FRAMES:
                return "application/zip"
            case Content.RAW:
                return _RAW_TYPES[self.ending.rpartition(".")[2]]
            case _:
                return "image/tiff"


_3B = ("red", "green", "blue")
_4B = ("blue", "green", "red", "nir")
_5B = ("blue", "green", "red", "red_edge", "nir")
_8B = ("coastal_blue", "blue", "green_i", "green", "yellow", "red", "rededge", "nir")


def _bands(ending: str, bands: tuple[str, ...], radiometry: str, *, ortho: bool = True) -> Product:
    return Product(content=Content.BANDS, bands=bands, radiometry=radiometry, ending=ending, ortho=ortho)


def _other(content: Content, ending: str, bands: tuple[str, ...] = (), *, ortho: bool = True) -> Product:
    return Product(content=content, ending=ending, bands=bands, ortho=ortho)


_PSSCENE = {
    "ortho_visual": _other(Content.VISUAL, "_3B_Visual.tif"),
    "ortho_analytic_3b": _bands("_3B_AnalyticMS_3b.tif", _3B, "radiance"),
    "ortho_analytic_3b_xml": _other(Content.XML, "_3B_AnalyticMS_3b_metadata.xml", _3B),
    "ortho_analytic_4b": _bands("_3B_AnalyticMS.tif", _4B, "radiance"),
    "ortho_analytic_4b_xml": _other(Content.XML, "_3B_AnalyticMS_metadata.xml", _4B),
    "ortho_analytic_4b_sr": _bands("_3B_AnalyticMS_SR.tif", _4B, "reflectance"),
    "ortho_analytic_8b": _bands("_3B_AnalyticMS_8b.tif", _8B, "radiance"),
    "ortho_analytic_8b_xml": _other(Content.XML, "_3B_AnalyticMS_8b_metadata.xml", _8B),
    "ortho_analytic_8b_sr": _bands("_3B_AnalyticMS_SR_8b.tif", _8B, "reflectance"),
    "ortho_udm2": _other(Content.UDM2, "_3B_udm2.tif"),
    "basic_analytic_4b": _bands("_1B_AnalyticMS.tif", _4B, "radiance", ortho=False),
    "basic_analytic_4b_xml": _other(Content.XML, "_1B_AnalyticMS_metadata.xml", _4B),
    "basic_analytic_4b_rpc": _other(Content.RPC, "_1B_AnalyticMS_RPC.TXT"),
    "basic_analytic_8b": _bands("_1B_AnalyticMS_8b.tif", _8B, "radiance", ortho=False),
    "basic_analytic_8b_xml": _other(Content.XML, "_1B_AnalyticMS_8b_metadata.xml", _8B),
    "basic_udm2": _other(Content.UDM2, "_1B_udm2.tif", ortho=False),
}
_PAN = ("pan",)
_SKYSAT_ORTHO = {
    "ortho_visual": _other(Content.VISUAL, "_visual.tif"),
    "ortho_analytic": _bands("_analytic.tif", _4B, "radiance"),
    "ortho_analytic_sr": _bands("_analytic_SR.tif", _4B, "reflectance"),
    "ortho_analytic_dn": _bands("_analytic_dn.tif", _4B, "dn"),
    "ortho_analytic_udm": _other(Content.UDM, "_analytic_udm.tif"),
    "ortho_analytic_udm2": _other(Content.UDM2, "_analytic_udm2.tif"),
    "ortho_panchromatic": _bands("_panchromatic.tif", _PAN, "radiance"),
    "ortho_panchromatic_dn": _bands("_panchromatic_dn.tif", _PAN, "dn"),
    "ortho_panchromatic_udm": _other(Content.UDM, "_panchromatic_udm.tif"),
    "ortho_panchromatic_udm2": _other(Content.UDM2, "_panchromatic_udm2.tif"),
    "ortho_pansharpened": _bands("_pansharpened.tif", _4B, "dn"),
    "ortho_pansharpened_udm": _other(Content.UDM, "_pansharpened_udm.tif"),
    "ortho_pansharpened_udm2": _other(Content.UDM2, "_pansharpened_udm2.tif"),
}
_SKYSAT_BASIC = {
    "basic_analytic": _bands("_basic_analytic.tif", _4B, "radiance", ortho=False),
    "basic_analytic_rpc": _other(Content.RPC, "_basic_analytic_RPC.txt"),
    "basic_analytic_udm": _other(Content.UDM, "_basic_analytic_udm.tif", ortho=False),
    "basic_analytic_udm2": _other(Content.UDM2, "_basic_analytic_udm2.tif", ortho=False),
    "basic_analytic_dn": _bands("_basic_analytic_dn.tif", _4B, "dn", ortho=False),
    "basic_analytic_dn_rpc": _other(Content.RPC, "_basic_analytic_dn_RPC.txt"),
    "basic_panchromatic": _bands("_basic_panchromatic.tif", _PAN, "radiance", ortho=False),
    "basic_panchromatic_rpc": _other(Content.RPC, "_basic_panchromatic_RPC.txt"),
    "basic_panchromatic_udm2": _other(Content.UDM2, "_basic_panchromatic_udm2.tif", ortho=False),
    "basic_panchromatic_dn": _bands("_basic_panchromatic_dn.tif", _PAN, "dn", ortho=False),
    "basic_panchromatic_dn_rpc": _other(Content.RPC, "_basic_panchromatic_dn_RPC.txt"),
    "basic_l1a_panchromatic_dn": _bands("_basic_l1a_panchromatic_dn.tif", _PAN, "dn", ortho=False),
    "basic_l1a_panchromatic_dn_rpc": _other(Content.RPC, "_basic_l1a_panchromatic_dn_RPC.txt"),
}
_RAPIDEYE = {
    "analytic": _bands("_Analytic.tif", _5B, "radiance"),
    "analytic_sr": _bands("_Analytic_SR.tif", _5B, "reflectance"),
    "analytic_xml": _other(Content.XML, "_metadata.xml", _5B),
    "udm": _other(Content.UDM, "_udm.tif"),
    "visual": _other(Content.VISUAL, "_Visual.tif"),
    "visual_xml": _other(Content.XML, "_Visual_metadata.xml", _3B),
}
_PS_TILE = {
    "analytic": _bands("_BGRN_Analytic.tif", _4B, "radiance"),
    "analytic_sr": _bands("_BGRN_SR.tif", _4B, "reflectance"),
    "analytic_xml": _other(Content.XML, "_BGRN_Analytic_metadata.xml", _4B),
    "udm": _other(Content.UDM, "_BGRN_DN_udm.tif"),
    "udm2": _other(Content.UDM2, "_udm2.tif"),
    "visual": _other(Content.VISUAL, "_RGB_Visual.tif"),
    "visual_xml": _other(Content.XML, "_RGB_Visual_metadata.xml", _3B),
}
_PELICAN = {name: product for name, product in _SKYSAT_ORTHO.items() if not name.endswith(("_udm", "_dn"))}
_TANAGER = {
    name: _other(Content.RAW, f"_{name}.h5")
    for name in ("basic_radiance_hdf5", "basic_sr_hdf5", "ortho_radiance_hdf5", "ortho_sr_hdf5")
}
_VIDEO = {
    "video_file": _other(Content.RAW, "_video.mp4"),
    "video_metadata": _other(Content.RAW, "_video_metadata.json"),
}


def _single(numbers: Mapping[str, str]) -> dict[str, Product]:
    """Make products of one band each, and a picture."""
    made = {f"analytic_b{number}": _bands(f"_b{number}.tif", (band,), "dn") for number, band in numbers.items()}
    return {**made, "visual": _other(Content.VISUAL, "_visual.tif")}


_BY_TYPE: Mapping[str, Mapping[str, Product]] = {
    "PSOrthoTile": _PS_TILE,
    "PelicanScene": _PELICAN,
    "TanagerScene": _TANAGER,
    "SkySatVideo": _VIDEO,
    "Landsat8L1G": _single({"2": "blue", "3": "green", "4": "red", "5": "nir"}),
    "Sentinel2L1C": _single({"2": "blue", "3": "green", "4": "red", "8": "nir"}),
    "PSScene": _PSSCENE,
    "SkySatScene": {**_SKYSAT_ORTHO, **_SKYSAT_BASIC},
    "SkySatCollect": {**_SKYSAT_ORTHO, "basic_l1a_all_frames": _other(Content.FRAMES, "_basic_l1a_all_frames.zip")},
    "REOrthoTile": _RAPIDEYE,
}

ASSET_TYPES: tuple[str, ...] = tuple(sorted({name for products in _BY_TYPE.values() for name in products}))
"""All asset types that are served."""

_UDM2_SINCE = dt.datetime(2018, 8, 1, tzinfo=dt.UTC)


def product_of(item_type: str, asset_type: str) -> Product:
    """Say what an asset is.

    Raises:
        KeyError: For one that is not served.
    """
    return _BY_TYPE[item_type][asset_type]


def file_name(item_type: str, item_id: str, asset_type: str) -> str:
    """Give the name of an asset's file."""
    return f"{item_id}{product_of(item_type, asset_type).ending}"


def psscene_assets(scene: Scene, properties: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the asset types of a PSScene: eight bands only of the newest instrument, no reflectance of a few."""
    kept = set(_PSSCENE)
    if properties["instrument"] != "PSB.SD":
        kept = {name for name in kept if "_8b" not in name}
    if scene.time < _UDM2_SINCE:
        kept = {name for name in kept if not name.endswith("udm2")}
    if scene.chance("reflectance") >= 0.95:
        kept = {name for name in kept if not name.endswith("_sr")}
    return tuple(sorted(kept))


def skysat_scene_assets(scene: Scene, properties: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the asset types of a SkySatScene."""
    return _without_udm2("SkySatScene", scene, properties)


def skysat_collect_assets(scene: Scene, properties: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the asset types of a SkySatCollect."""
    return _without_udm2("SkySatCollect", scene, properties)


def rapideye_assets(scene: Scene, properties: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the asset types of an REOrthoTile."""
    del scene, properties
    return tuple(sorted(_RAPIDEYE))


def all_assets(item_type: str) -> tuple[str, ...]:
    """Give the asset types of a type whose items are all alike; some types have items and no files here."""
    return tuple(sorted(_BY_TYPE.get(item_type, ())))


def _without_udm2(item_type: str, scene: Scene, properties: Mapping[str, Any]) -> tuple[str, ...]:
    del properties
    return tuple(sorted(n for n in _BY_TYPE[item_type] if scene.time >= _UDM2_SINCE or not n.endswith("udm2")))

# SPDX-License-Identifier: Apache-2.0
"""Knows Planet's item types: what each is, which properties its items have and which assets may be in them.

Source: Planet's Data API documentation (item types, item properties), read 2026-11. Types and properties that are not
here still come through a search of `provider`; they are only not offered by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from attrs import field, frozen

__all__ = [
    "CLOUD_COVER_TYPES",
    "COMMON_NATIVE",
    "ITEM_TYPES",
    "NATIVE_PROPERTIES",
    "THIRD_PARTY_TYPES",
    "ItemType",
    "Kind",
    "NativeProperty",
]


class Kind(StrEnum):
    """What a property of Planet's holds, which decides the filters it can be asked by."""

    NUMBER = "number"
    INTEGER = "integer"
    STRING = "string"
    BOOLEAN = "boolean"
    TIME = "time"


@frozen(kw_only=True)
class NativeProperty:
    """One property of Planet's that has no STAC name and is therefore kept as ``planet:NAME``."""

    kind: Kind
    description: str
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None


def _percent(what: str) -> NativeProperty:
    return NativeProperty(kind=Kind.INTEGER, description=f"{what}, percent", minimum=0, maximum=100)


NATIVE_PROPERTIES: Final[Mapping[str, NativeProperty]] = {
    "item_type": NativeProperty(kind=Kind.STRING, description="Planet's item type, equal to the collection id"),
    "quality_category": NativeProperty(
        kind=Kind.STRING, description="Image quality by Planet's own standard", choices=("standard", "test")
    ),
    "publishing_stage": NativeProperty(
        kind=Kind.STRING,
        description="How final the item's processing is",
        choices=("preview", "standard", "finalized"),
    ),
    "strip_id": NativeProperty(kind=Kind.STRING, description="The strip of scenes taken in one go"),
    "pixel_resolution": NativeProperty(kind=Kind.NUMBER, description="Pixel size of the orthorectified assets, metres"),
    "cloud_cover": NativeProperty(
        kind=Kind.NUMBER, description="Cloud cover as Planet states it, a fraction", minimum=0, maximum=1
    ),
    "view_angle": NativeProperty(
        kind=Kind.NUMBER, description="Off-nadir angle as Planet states it, degrees; negative to one side for RapidEye"
    ),
    "clear_percent": _percent("Clear part of the footprint by UDM2"),
    "cloud_percent": _percent("Cloudy part of the footprint by UDM2"),
    "heavy_haze_percent": _percent("Part of the footprint under heavy haze by UDM2"),
    "light_haze_percent": _percent("Part of the footprint under light haze by UDM2"),
    "shadow_percent": _percent("Part of the footprint in cloud shadow by UDM2"),
    "visible_percent": _percent("Visible part of the footprint by UDM2"),
    "clear_confidence_percent": _percent("Mean confidence of the clear pixels by UDM2"),
    "visible_confidence_percent": _percent("Mean confidence of the visible pixels by UDM2"),
    "ground_control": NativeProperty(kind=Kind.BOOLEAN, description="Whether ground control points placed the scene"),
    "ground_control_ratio": NativeProperty(
        kind=Kind.NUMBER, description="Part of the scenes placed by ground control points", minimum=0, maximum=1
    ),
    "anomalous_pixels": NativeProperty(kind=Kind.NUMBER, description="Anomalous pixels as Planet counts them"),
    "camera_id": NativeProperty(kind=Kind.STRING, description="The camera of the satellite"),
    "availability": NativeProperty(kind=Kind.STRING, description="Whether the item can be delivered"),
    "black_fill": NativeProperty(kind=Kind.NUMBER, description="Part of the tile without data"),
    "grid_cell": NativeProperty(kind=Kind.STRING, description="Cell of Planet's tile grid"),
    "columns": NativeProperty(kind=Kind.INTEGER, description="Columns of the tile"),
    "rows": NativeProperty(kind=Kind.INTEGER, description="Rows of the tile"),
    "epsg_code": NativeProperty(kind=Kind.INTEGER, description="EPSG code of the tile"),
    "origin_x": NativeProperty(kind=Kind.NUMBER, description="Easting of the tile's upper left corner"),
    "origin_y": NativeProperty(kind=Kind.NUMBER, description="Northing of the tile's upper left corner"),
    "usable_data": NativeProperty(kind=Kind.NUMBER, description="Usable part of the item", minimum=0, maximum=1),
    "catalog_id": NativeProperty(kind=Kind.STRING, description="The maker's own catalogue number"),
}
"""By Planet's own name."""

COMMON_NATIVE: Final = ("item_type", "quality_category", "cloud_cover", "view_angle", "pixel_resolution")
"""Those that every item type is offered to be filtered by."""

_UDM2_NATIVE = (
    "strip_id",
    "publishing_stage",
    "clear_percent",
    "cloud_percent",
    "heavy_haze_percent",
    "light_haze_percent",
    "shadow_percent",
    "visible_percent",
    "clear_confidence_percent",
    "visible_confidence_percent",
)
_TILE_NATIVE = (
    "cloud_percent",
    "anomalous_pixels",
    "ground_control",
    "black_fill",
    "grid_cell",
    "columns",
    "rows",
    "epsg_code",
    "origin_x",
    "origin_y",
    "usable_data",
    "strip_id",
)
_THIRD_PARTY_NATIVE = ("cloud_percent", "usable_data", "catalog_id", "black_fill", "columns", "rows", "epsg_code")

_PS_ASSETS = (
    "ortho_visual",
    "ortho_analytic_3b",
    "ortho_analytic_3b_xml",
    "ortho_analytic_4b",
    "ortho_analytic_4b_xml",
    "ortho_analytic_4b_sr",
    "ortho_analytic_8b",
    "ortho_analytic_8b_xml",
    "ortho_analytic_8b_sr",
    "ortho_udm2",
    "basic_analytic_4b",
    "basic_analytic_4b_xml",
    "basic_analytic_4b_rpc",
    "basic_analytic_8b",
    "basic_analytic_8b_xml",
    "basic_udm2",
)
_SKYSAT_ORTHO = (
    "ortho_visual",
    "ortho_analytic",
    "ortho_analytic_sr",
    "ortho_analytic_dn",
    "ortho_analytic_udm",
    "ortho_analytic_udm2",
    "ortho_panchromatic",
    "ortho_panchromatic_dn",
    "ortho_panchromatic_udm",
    "ortho_panchromatic_udm2",
    "ortho_pansharpened",
    "ortho_pansharpened_udm",
    "ortho_pansharpened_udm2",
)
_SKYSAT_BASIC = (
    "basic_analytic",
    "basic_analytic_rpc",
    "basic_analytic_udm",
    "basic_analytic_udm2",
    "basic_analytic_dn",
    "basic_analytic_dn_rpc",
    "basic_panchromatic",
    "basic_panchromatic_rpc",
    "basic_panchromatic_udm2",
    "basic_panchromatic_dn",
    "basic_panchromatic_dn_rpc",
    "basic_l1a_panchromatic_dn",
    "basic_l1a_panchromatic_dn_rpc",
)


@frozen(kw_only=True)
class ItemType:
    """One item type of Planet's, which is one collection of ours."""

    title: str
    description: str
    first_year: int
    """No item is older than the first of January of this year."""
    constellation: str | None = None
    """Value of Planet's ``provider``."""
    instruments: tuple[str, ...] = ()
    gsd: float | None = None
    """Nominal ground sample distance, metres."""
    native: tuple[str, ...] = field(default=())
    """Names in `NATIVE_PROPERTIES` that its items may have, beside `COMMON_NATIVE`."""
    assets: tuple[str, ...] = ()
    """Asset types that its items may have."""


ITEM_TYPES: Final[Mapping[str, ItemType]] = {
    "PSScene": ItemType(
        title="PlanetScope scene",
        description="PlanetScope scenes: the daily 3 m constellation, in 3, 4 or 8 bands, radiance or reflectance",
        first_year=2014,
        constellation="planetscope",
        instruments=("PS2", "PS2.SD", "PSB.SD"),
        gsd=3.7,
        native=(*_UDM2_NATIVE, "ground_control", "anomalous_pixels"),
        assets=_PS_ASSETS,
    ),
    "SkySatScene": ItemType(
        title="SkySat scene",
        description="SkySat scenes: sub-metre framelets of the tasked constellation",
        first_year=2013,
        constellation="skysat",
        gsd=0.65,
        native=(*_UDM2_NATIVE, "ground_control", "camera_id"),
        assets=(*_SKYSAT_ORTHO, *_SKYSAT_BASIC),
    ),
    "SkySatCollect": ItemType(
        title="SkySat collect",
        description="SkySat collects: the scenes of one pass composed into one orthorectified image",
        first_year=2013,
        constellation="skysat",
        gsd=0.65,
        native=(*_UDM2_NATIVE, "ground_control_ratio", "availability"),
        assets=(*_SKYSAT_ORTHO, "basic_l1a_all_frames"),
    ),
    "SkySatVideo": ItemType(
        title="SkySat video",
        description="SkySat videos: full-motion captures of up to two minutes",
        first_year=2013,
        constellation="skysat",
        native=("camera_id",),
        assets=("video_file", "video_frames", "video_metadata"),
    ),
    "REScene": ItemType(
        title="RapidEye scene",
        description="RapidEye basic scenes, unrectified, archive of 2009 to 2020",
        first_year=2009,
        constellation="rapideye",
        gsd=6.5,
        native=("black_fill", "catalog_id", "strip_id", "usable_data"),
        assets=("basic_analytic_nitf",),
    ),
    "REOrthoTile": ItemType(
        title="RapidEye ortho tile",
        description="RapidEye orthorectified tiles of 25 km, archive of 2009 to 2020",
        first_year=2009,
        constellation="rapideye",
        gsd=6.5,
        native=(*_TILE_NATIVE, "catalog_id"),
        assets=("analytic", "analytic_sr", "analytic_xml", "udm", "visual", "visual_xml"),
    ),
    "PSOrthoTile": ItemType(
        title="PlanetScope ortho tile",
        description="PlanetScope scenes of one strip merged into tiles of 25 km",
        first_year=2014,
        constellation="planetscope",
        gsd=3.7,
        native=(*_UDM2_NATIVE, *(name for name in _TILE_NATIVE if name not in _UDM2_NATIVE)),
        assets=(
            "analytic",
            "analytic_5b",
            "analytic_5b_xml",
            "analytic_sr",
            "analytic_xml",
            "udm",
            "udm2",
            "visual",
            "visual_xml",
        ),
    ),
    "PelicanScene": ItemType(
        title="Pelican scene",
        description="Pelican scenes: very high resolution from the tasked constellation",
        first_year=2024,
        native=(*_UDM2_NATIVE, "ground_control"),
        assets=(
            "ortho_visual",
            "ortho_analytic",
            "ortho_analytic_sr",
            "ortho_analytic_udm2",
            "ortho_panchromatic",
            "ortho_panchromatic_udm2",
            "ortho_pansharpened",
            "ortho_pansharpened_udm2",
            "basic_analytic",
            "basic_analytic_udm2",
        ),
    ),
    "TanagerScene": ItemType(
        title="Tanager scene",
        description="Tanager hyperspectral scenes as HDF5, radiance or surface reflectance",
        first_year=2024,
        native=("strip_id", "publishing_stage"),
        assets=("ortho_radiance_hdf5", "basic_radiance_hdf5", "ortho_sr_hdf5", "basic_sr_hdf5"),
    ),
    "TanagerMethane": ItemType(
        title="Tanager methane",
        description="Methane products made from Tanager scenes",
        first_year=2024,
        native=("strip_id", "publishing_stage"),
    ),
    "Landsat8L1G": ItemType(
        title="Landsat 8 L1G",
        description="Landsat 8 scenes as Planet carries them",
        first_year=2013,
        constellation="usgs",
        native=_THIRD_PARTY_NATIVE,
    ),
    "Sentinel2L1C": ItemType(
        title="Sentinel-2 L1C",
        description="Sentinel-2 tiles as Planet carries them",
        first_year=2015,
        constellation="esa",
        native=_THIRD_PARTY_NATIVE,
    ),
    "Sentinel1": ItemType(
        title="Sentinel-1",
        description="Sentinel-1 radar scenes as Planet carries them",
        first_year=2014,
        constellation="esa",
        native=_THIRD_PARTY_NATIVE,
    ),
    "MOD09GA": ItemType(
        title="MODIS Terra MOD09GA",
        description="Daily surface reflectance of MODIS on Terra, 500 m, as Planet carries it",
        first_year=2000,
        native=_THIRD_PARTY_NATIVE,
    ),
    "MOD09GQ": ItemType(
        title="MODIS Terra MOD09GQ",
        description="Daily surface reflectance of MODIS on Terra, 250 m, as Planet carries it",
        first_year=2000,
        native=_THIRD_PARTY_NATIVE,
    ),
    "MYD09GA": ItemType(
        title="MODIS Aqua MYD09GA",
        description="Daily surface reflectance of MODIS on Aqua, 500 m, as Planet carries it",
        first_year=2002,
        native=_THIRD_PARTY_NATIVE,
    ),
    "MYD09GQ": ItemType(
        title="MODIS Aqua MYD09GQ",
        description="Daily surface reflectance of MODIS on Aqua, 250 m, as Planet carries it",
        first_year=2002,
        native=_THIRD_PARTY_NATIVE,
    ),
}
"""By id, in the order they are offered."""

THIRD_PARTY_TYPES: Final = frozenset(
    {"Landsat8L1G", "Sentinel2L1C", "Sentinel1", "MOD09GA", "MOD09GQ", "MYD09GA", "MYD09GQ"}
)
"""Item types of public missions."""

CLOUD_COVER_TYPES: Final = frozenset({"PSScene", "SkySatScene", "SkySatCollect"})
"""Item types documented to have ``cloud_cover`` in each item; the others may only have ``cloud_percent``."""

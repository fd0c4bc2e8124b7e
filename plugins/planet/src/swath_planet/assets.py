# SPDX-License-Identifier: Apache-2.0
"""Knows what each asset type of Planet's is: media type, roles, bands in order, scale.

Source: Planet's documentation of PSScene, SkySat and UDM2 products and its published STAC examples, read 2026-11.
Wavelengths there are nanometres; here they are micrometres, as STAC has them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from attrs import evolve, frozen

from swath import stac
from swath.models import ItemDict
from swath_planet.itemtypes import THIRD_PARTY_TYPES

__all__ = ["AssetFacts", "after_tools", "facts_of", "file_name_of", "guess_asset_type", "media_type_of_name"]


@frozen(kw_only=True)
class AssetFacts:
    """What is known of an asset type without opening a file."""

    media_type: str | None = None
    roles: tuple[str, ...] = ()
    bands: tuple[ItemDict, ...] = ()
    """STAC bands in the file's order; empty where not known."""
    data_type: str | None = None
    nodata: float | None = None

    @property
    def fields(self) -> dict[str, Any]:
        """The STAC asset fields."""
        made: dict[str, Any] = {}
        if self.bands:
            made[stac.BANDS] = [dict(band) for band in self.bands]
        if self.data_type:
            made[stac.DATA_TYPE] = self.data_type
        if self.nodata is not None:
            made[stac.NODATA] = self.nodata
        return made


def _band(name: str, common: str | None, centre_nm: float | None = None, width_nm: float | None = None) -> ItemDict:
    return stac.band(
        name,
        common_name=common,
        center_wavelength=None if centre_nm is None else round(centre_nm / 1000, 4),
        full_width_half_max=None if width_nm is None else round(width_nm / 1000, 4),
    )


_PS_4B = (
    _band("blue", "blue", 490, 50),
    _band("green", "green", 565, 46),
    _band("red", "red", 665, 31),
    _band("nir", "nir", 865, 40),
)
_PS_8B = (
    _band("coastal", "coastal", 443, 20),
    _band("blue", "blue", 490, 50),
    _band("green_i", None, 531, 36),
    _band("green", "green", 565, 36),
    _band("yellow", "yellow", 610, 20),
    _band("red", "red", 665, 31),
    _band("rededge", "rededge", 705, 15),
    _band("nir", "nir", 865, 40),
)
_PS_BANDS: Final[Mapping[str, tuple[ItemDict, ...]]] = {"_8b": _PS_8B, "_4b": _PS_4B, "_3b": _PS_4B[2::-1]}
"""By what the asset type's name holds; three bands are red, green, blue."""
_SKYSAT_4B = (
    _band("blue", "blue", 470, 70),
    _band("green", "green", 560, 80),
    _band("red", "red", 645, 90),
    _band("nir", "nir", 800, 152),
)
_RAPIDEYE_5B = (
    _band("blue", "blue", 475, 70),
    _band("green", "green", 555, 70),
    _band("red", "red", 657.5, 55),
    _band("rededge", "rededge", 710, 40),
    _band("nir", "nir", 805, 90),
)
_PAN = (_band("pan", "pan", 655, 440),)
_VISUAL = (_band("red", "red"), _band("green", "green"), _band("blue", "blue"), _band("alpha", None))
_UDM2_CLASSES = (
    ("clear", "1 where clear"),
    ("snow", "1 where snow or ice"),
    ("shadow", "1 where in cloud shadow"),
    ("light_haze", "1 where under light haze"),
    ("heavy_haze", "1 where under heavy haze"),
    ("cloud", "1 where cloudy"),
)
_UDM2 = (
    *(
        stac.band(
            name,
            description=description,
            fields={stac.CLASSES: [{"value": 0, "name": f"not_{name}"}, {"value": 1, "name": name}]},
        )
        for name, description in _UDM2_CLASSES
    ),
    stac.band("confidence", description="Confidence of the classification, percent"),
    stac.band("unusable", description="Bit mask of unusable pixels"),
)

_MISSION_BANDS: Final[Mapping[str, Mapping[str, str]]] = {
    "Landsat8L1G": {
        "b1": "coastal",
        "b2": "blue",
        "b3": "green",
        "b4": "red",
        "b5": "nir08",
        "b6": "swir16",
        "b7": "swir22",
        "b8": "pan",
        "b9": "cirrus",
        "b10": "lwir11",
        "b11": "lwir12",
    },
    "Sentinel2L1C": {
        "b1": "coastal",
        "b2": "blue",
        "b3": "green",
        "b4": "red",
        "b5": "rededge071",
        "b6": "rededge075",
        "b7": "rededge078",
        "b8": "nir",
        "b8a": "nir08",
        "b9": "nir09",
        "b10": "cirrus",
        "b11": "swir16",
        "b12": "swir22",
    },
}
"""Common names of the bands of public missions, by the missions' own numbers."""

_VIDEO: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "video_file": ("video/mp4", (stac.ROLE_DATA,)),
    "video_frames": (stac.ZIP, (stac.ROLE_DATA, stac.ROLE_ARCHIVE)),
    "video_metadata": (stac.JSON, (stac.ROLE_METADATA,)),
}
_RADIANCE: Final[tuple[float, str | None]] = (0.01, "W/(m2 sr um)")
_REFLECTANCE: Final[tuple[float, str | None]] = (0.0001, None)


def _scaled(bands: Sequence[ItemDict], scale: tuple[float, str | None]) -> tuple[ItemDict, ...]:
    factor, unit = scale
    extra = {stac.SCALE: factor} | ({stac.UNIT: unit} if unit else {})
    return tuple({**band, **extra} for band in bands)


@lru_cache(maxsize=256)
def facts_of(asset_type: str, item_type: str = "") -> AssetFacts:
    """Say what an asset type is. An unknown one has no media type and the role ``data``.

    Args:
        asset_type: Planet's asset type.
        item_type: Planet's item type, which decides the bands where both sensors use the name.
    """
    plain = _plain_facts(asset_type)
    if plain is not None:
        return plain
    if item_type in THIRD_PARTY_TYPES:
        # Planet passes these on in the form that their makers give them, which differs.
        band = _third_party_band(asset_type, item_type)
        return AssetFacts(roles=(stac.ROLE_DATA,), bands=(band,) if band else ())
    media_type = stac.TIFF if asset_type.startswith("basic_") else stac.GEOTIFF
    if not re.search(r"analytic|panchromatic|pansharpened", asset_type):
        return AssetFacts(roles=(stac.ROLE_DATA,))
    roles = (stac.ROLE_DATA, "reflectance") if asset_type.endswith("_sr") else (stac.ROLE_DATA,)
    bands = _bands_of(asset_type, item_type)
    return AssetFacts(
        media_type=media_type,
        roles=roles,
        bands=bands,
        data_type="uint16" if bands or item_type == "PSScene" else None,
        nodata=0,
    )


def _third_party_band(asset_type: str, item_type: str) -> ItemDict | None:
    """Name the band of an asset that holds one of a public mission."""
    found = re.fullmatch(r"(?:ortho_)?analytic_(b\d+a?|v[vh]|h[vh])", asset_type)
    return stac.band(found[1], common_name=_MISSION_BANDS.get(item_type, {}).get(found[1])) if found else None


def _plain_facts(asset_type: str) -> AssetFacts | None:
    """Say what an asset type is where its bands do not depend on the sensor."""
    if asset_type.endswith("_xml"):
        return AssetFacts(media_type=stac.XML, roles=(stac.ROLE_METADATA,))
    if asset_type.endswith("_rpc"):
        return AssetFacts(media_type=stac.TEXT, roles=(stac.ROLE_METADATA,))
    if asset_type in _VIDEO:
        return AssetFacts(media_type=_VIDEO[asset_type][0], roles=_VIDEO[asset_type][1])
    if asset_type.endswith("_hdf5"):
        return AssetFacts(media_type=stac.HDF5, roles=(stac.ROLE_DATA,))
    if asset_type.endswith("_nitf"):
        return AssetFacts(media_type=stac.NITF, roles=(stac.ROLE_DATA,))
    if asset_type.endswith("udm2"):
        return AssetFacts(
            media_type=stac.COG,
            roles=(stac.ROLE_DATA, "snow-ice", stac.ROLE_CLOUD, "cloud-shadow"),
            bands=_UDM2,
            data_type="uint8",
        )
    if asset_type.endswith("udm"):
        return AssetFacts(
            media_type=stac.TIFF,
            roles=(stac.ROLE_DATA, stac.ROLE_CLOUD),
            bands=(stac.band("udm", description="Bit mask of unusable pixels"),),
            data_type="uint8",
        )
    if asset_type in {"visual", "ortho_visual"}:
        return AssetFacts(
            media_type=stac.COG, roles=(stac.ROLE_DATA, stac.ROLE_VISUAL), bands=_VISUAL, data_type="uint8", nodata=0
        )
    return None


def _bands_of(asset_type: str, item_type: str) -> tuple[ItemDict, ...]:
    """Give the bands of an imagery asset, empty where they are not published."""
    skysat = item_type.startswith("SkySat")
    if "panchromatic" in asset_type:
        return _PAN if skysat else (stac.band("pan", common_name="pan"),)
    scale = _REFLECTANCE if asset_type.endswith("_sr") else None
    bands: tuple[ItemDict, ...] = ()
    if item_type == "PSScene":
        bands = next((found for mark, found in _PS_BANDS.items() if mark in asset_type), ())
        scale = scale or _RADIANCE
    elif skysat:
        bands = _SKYSAT_4B
    elif item_type in {"REOrthoTile", "REScene"} or "_5b" in asset_type:
        bands = _RAPIDEYE_5B
    elif item_type == "PSOrthoTile":
        bands = _PS_4B
    return _scaled(bands, scale) if scale else bands


_PIXEL_TYPES: Final = {"8U": "uint8", "16U": "uint16", "16S": "int16", "32R": "float32"}
"""Our names of the pixel types of the bandmath tool."""


def after_tools(facts: AssetFacts, tools: Sequence[Mapping[str, Any]]) -> AssetFacts:
    """Say what an asset is once an order's tools have worked on it.

    Args:
        facts: The asset as catalogued.
        tools: The order's tools, as Planet writes them.
    """
    for tool in tools:
        for name, parameters in tool.items():
            facts = _after_tool(facts, name, parameters if isinstance(parameters, Mapping) else {})
    return facts


def _after_tool(facts: AssetFacts, name: str, parameters: Mapping[str, Any]) -> AssetFacts:
    imagery = bool(facts.bands or facts.data_type) and facts.data_type != "uint8"
    if name == "bandmath" and imagery:
        expressions = [(key, str(parameters[key])) for key in parameters if re.fullmatch(r"b\d+", key)]
        expressions.sort(key=lambda pair: int(pair[0][1:]))
        return evolve(
            facts,
            bands=tuple(stac.band(key, description=text) for key, text in expressions),
            data_type=_PIXEL_TYPES.get(str(parameters.get("pixel_type", "Auto"))),
            nodata=None,
        )
    if name == "toar" and imagery:
        factor = 1 / float(parameters.get("scale_factor") or 10000)
        bare = tuple({key: value for key, value in band.items() if key != stac.UNIT} for band in facts.bands)
        return evolve(facts, bands=_scaled(bare, (factor, None)))
    if name == "file_format" and facts.media_type in {stac.GEOTIFF, stac.TIFF, stac.COG}:
        return evolve(facts, media_type=stac.COG if parameters.get("format") == "COG" else stac.NITF)
    return facts


_TOOL_SUFFIX = re.compile(r"(_(?:clip|reproject|bandmath|file_format|harmoni[sz]ed?|toar|coreg(?:ister)?))+$")
_PS_NAME = re.compile(
    r"(?P<level>1B|3B)_(?:Analytic(?P<ms>MS)?(?P<sr>_SR)?(?P<bands>_[348]b)?|(?P<visual>Visual)|(?P<udm2>udm2))"
    r"(?P<aux>_metadata|_RPC)?"
)


def guess_asset_type(item_type: str, item_id: str, name: str) -> str | None:
    """Tell a delivered file's asset type from its name, where no manifest says it.

    Args:
        item_type: Planet's item type.
        item_id: Id of the item that the file belongs to.
        name: File name, with or without folders.

    Returns:
        The asset type, or None where the name follows no known pattern.
    """
    base = name.rsplit("/", 1)[-1]
    stem, dot, ending = base.rpartition(".")
    if not dot or not stem.startswith(f"{item_id}_"):
        return None
    rest = _TOOL_SUFFIX.sub("", stem[len(item_id) + 1 :])
    if item_type.startswith("SkySat"):
        if ending.lower() not in {"tif", "tiff", "ntf"}:
            return None
        rest = rest.lower()
        return rest if rest.startswith("basic_") else f"ortho_{rest}"
    found = _PS_NAME.fullmatch(rest) if item_type == "PSScene" else None
    if found is None:
        return None
    level = "ortho" if found["level"] == "3B" else "basic"
    if found["visual"]:
        return f"{level}_visual"
    if found["udm2"]:
        return f"{level}_udm2"
    bands = (found["bands"] or ("_4b" if found["ms"] else "_3b"))[1:]
    aux = {"_metadata": "_xml", "_RPC": "_rpc"}.get(found["aux"] or "", "")
    return f"{level}_analytic_{bands}{aux or ('_sr' if found['sr'] else '')}"


_PS_NAMES: Final = {
    "ortho_visual": "3B_Visual.tif",
    "ortho_udm2": "3B_udm2.tif",
    "basic_udm2": "1B_udm2.tif",
    **{
        f"{level}_analytic_{bands}{kind}": f"{mark}_AnalyticMS{end.format(suffix)}"
        for level, mark in (("ortho", "3B"), ("basic", "1B"))
        for bands, suffix in (("4b", ""), ("8b", "_8b"))
        for kind, end in (("", "{}.tif"), ("_sr", "_SR{}.tif"), ("_xml", "{}_metadata.xml"), ("_rpc", "{}_RPC.TXT"))
    },
}
"""How the names of PSScene files end, after the item's id."""


def file_name_of(item_type: str, item_id: str, asset_type: str) -> str:
    """Name an asset's file as Planet names it in its deliveries, or plainly where no pattern is published."""
    if item_type == "PSScene" and asset_type in _PS_NAMES:
        return f"{item_id}_{_PS_NAMES[asset_type]}"
    ending = _SUFFIXES.get(facts_of(asset_type, item_type).media_type or "", "")
    if item_type.startswith("SkySat") and ending == ".tif":
        return f"{item_id}_{asset_type.removeprefix('ortho_')}{ending}"
    return f"{item_id}_{asset_type}{ending}"


_SUFFIXES: Final = {
    stac.COG: ".tif",
    stac.GEOTIFF: ".tif",
    stac.TIFF: ".tif",
    stac.XML: ".xml",
    stac.TEXT: ".txt",
    stac.HDF5: ".h5",
    stac.NITF: ".ntf",
    stac.ZIP: ".zip",
    stac.JSON: ".json",
    "video/mp4": ".mp4",
}
_ENDINGS: Final = {
    "json": stac.JSON,
    "geojson": stac.GEOJSON,
    "xml": stac.XML,
    "txt": stac.TEXT,
    "zip": stac.ZIP,
    "png": stac.PNG,
    "h5": stac.HDF5,
    "hdf5": stac.HDF5,
    "ntf": stac.NITF,
    "nitf": stac.NITF,
    "csv": stac.CSV,
}


def media_type_of_name(name: str, told: str | None = None) -> str | None:
    """Tell a file's media type by its ending, which is surer than what the manifest tells of JSON files.

    Args:
        name: File name.
        told: What the manifest says.
    """
    ending = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if ending in {"tif", "tiff"}:
        return told if told and told.startswith("image/tiff") else stac.TIFF
    return _ENDINGS.get(ending, told)

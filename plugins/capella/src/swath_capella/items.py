# SPDX-License-Identifier: Apache-2.0
"""Makes normalised STAC Items of Capella's.

Source: the Capella wire contract, 2.6 and 10, read 2026-11.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Mapping
from typing import Any, Final

from swath import stac
from swath.errors import UnexpectedResponse
from swath.models import ItemDict

__all__ = ["DATA_KEYS", "asset_fields", "item_of", "time_of"]

DATA_KEYS: Final = ("HH", "VV", "HV", "VH", "analytic_product", "changemap")
"""Keys of a product's main file."""
_LEVELS: Final[Mapping[str, str]] = {
    "CPHD": "L0", "SLC": "L1", "SICD": "L1", "GEC": "L1", "SIDD": "L1", "CSIDD": "L1", "GEO": "L2", "CSI": "L2",
    "VC": "L3", "VS": "L3", "ACD": "L3",
}  # fmt: skip
_COMPLEX: Final = frozenset({"SLC", "SICD"})
_RASTERS: Final = frozenset({"GEO", "GEC", "SLC", "CSI", "ACD"})
_TYPES: Final[Mapping[str, str]] = {
    "tif": stac.COG, "ntf": stac.NITF, "cphd": "application/octet-stream", "json": stac.JSON, "png": stac.PNG,
    "geojson": stac.GEOJSON,
}  # fmt: skip
_ROLES: Final[Mapping[str, str]] = {
    "metadata": stac.ROLE_METADATA, "thumbnail": stac.ROLE_THUMBNAIL, "preview": stac.ROLE_OVERVIEW,
}  # fmt: skip
_MOVED: Final = frozenset({
    "datetime", "start_datetime", "end_datetime", "proj:epsg", "view:look_angle", "locale:datetime", "locale:time",
    "locale:timezone",
})  # fmt: skip
_OFFSET: Final = re.compile(r"([+-]\d\d)(\d\d)$")


def time_of(text: Any) -> dt.datetime | None:
    """Read a time; some older items lack the zone, which is UTC."""
    if not isinstance(text, str) or not text:
        return None
    try:
        time = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=dt.UTC)


def item_of(feature: Mapping[str, Any]) -> ItemDict:
    """Make an Item.

    Args:
        feature: As Capella lists it.

    Raises:
        UnexpectedResponse: It has no id, geometry or time.
    """
    native = feature.get("properties")
    if not isinstance(native, Mapping) or not isinstance(feature.get("geometry"), Mapping) or not feature.get("id"):
        raise UnexpectedResponse(f"item {feature.get('id')!r} has no id, properties or geometry", provider="capella")
    kind = str(native.get("sar:product_type") or native.get("product:type") or "")
    properties: dict[str, Any] = {key: value for key, value in native.items() if key not in _MOVED}
    properties |= _angles(native) | _local(native) | _resolution(native)
    properties |= {
        stac.PRODUCT_TYPE: kind or None,
        stac.PROCESSING_LEVEL: _LEVELS.get(kind),
        stac.PROJ_CODE: f"EPSG:{native['proj:epsg']}" if native.get("proj:epsg") else None,
        "capella:epsg": native.get("proj:epsg"),
        stac.ORDER_STATUS: "orderable",
    }
    assets = feature.get("assets") or {}
    links = [stac.link("via", str(one["href"])) for one in feature.get("links") or () if one.get("rel") == "self"]
    if isinstance(assets.get("license"), Mapping):
        links.append(stac.link("license", str(assets["license"].get("href")), media_type=stac.HTML))
    return stac.item(
        id=str(feature["id"]),
        geometry=feature["geometry"],
        datetime=time_of(native.get("datetime")),
        start=time_of(native.get("start_datetime")),
        end=time_of(native.get("end_datetime")),
        collection=feature.get("collection"),
        properties=properties,
        assets={key: _asset(key, one, native, kind) for key, one in assets.items() if key != "license"},
        provider="capella",
        links=links,
    )


def _angles(native: Mapping[str, Any]) -> dict[str, Any]:
    """The look angle stands under one of two names; for radar it is the angle off nadir."""
    look = native.get("view:look_angle", native.get("capella:look_angle"))
    return {stac.OFF_NADIR: look, "capella:look_angle": look}


def _local(native: Mapping[str, Any]) -> dict[str, Any]:
    """Keep local times under Capella's prefix, in RFC 3339: their offset has no colon."""
    text = native.get("locale:datetime")
    return {
        "capella:local_datetime": _OFFSET.sub(r"\1:\2", text) if isinstance(text, str) else None,
        "capella:local_time": native.get("locale:time"),
        "capella:local_timezone": native.get("locale:timezone"),
    }


def _resolution(native: Mapping[str, Any]) -> dict[str, Any]:
    found = [native.get("capella:resolution_ground_range"), native.get("sar:resolution_azimuth")]
    known = [one for one in found if isinstance(one, int | float) and one > 0]
    return {stac.GSD: max(known)} if known else {}


def _asset(
    key: str, native: Mapping[str, Any], properties: Mapping[str, Any], kind: str
) -> tuple[stac.AssetTemplate, str]:
    href = str(native.get("href") or "")
    ending = href.split("?", 1)[0].rpartition(".")[2].lower()
    media_type = _TYPES.get(ending) or native.get("type")
    return _template(key, kind, str(properties.get("proj:epsg") or ""), media_type, native.get("title")), href


@functools.lru_cache(maxsize=1024)
def _template(key: str, kind: str, epsg: str, media_type: str | None, title: str | None) -> stac.AssetTemplate:
    """Prepare what the products of a kind have under a key."""
    fields = asset_fields(key, kind, {"proj:epsg": epsg})
    return stac.AssetTemplate(
        media_type=media_type,
        roles=[_ROLES.get(key, stac.ROLE_DATA)],
        title=title,
        bands=fields.pop("bands", ()),
        fields=fields,
    )


def asset_fields(key: str, kind: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Say what a product's file holds, as STAC asset fields.

    Args:
        key: Of the asset.
        kind: Product type.
        properties: Of Capella's item.
    """
    if key not in DATA_KEYS or kind not in _RASTERS | _COMPLEX:
        return {}
    is_complex = kind in _COMPLEX
    names = ["red", "green", "blue"] if kind == "CSI" else [key]
    data_type = "cint16" if kind == "SLC" else "cfloat32" if is_complex else "uint16"
    made: dict[str, Any] = {
        "bands": [stac.band(name, data_type=data_type, nodata=None if is_complex else 0) for name in names]
    }
    if key in {"HH", "VV", "HV", "VH"}:
        made[stac.SAR_POLARIZATIONS] = [key]
    if properties.get("proj:epsg"):
        made[stac.PROJ_CODE] = f"EPSG:{properties['proj:epsg']}"
    return made

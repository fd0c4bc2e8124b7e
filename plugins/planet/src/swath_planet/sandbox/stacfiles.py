# SPDX-License-Identifier: Apache-2.0
"""The STAC files that go with an order, as Planet writes them: STAC 1.0.0, keys made of file names, nanometres."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from shapely.geometry import shape

from swath_planet.sandbox.holdings import ITEM_TYPES, Item
from swath_planet.sandbox.products import Content, product_of

if TYPE_CHECKING:
    from swath_planet.sandbox.delivery import OrderFile

__all__ = ["catalog", "collection", "item"]

_VERSION = "1.0.0"
_EXTENSIONS = [
    "https://stac-extensions.github.io/eo/v1.1.0/schema.json",
    "https://stac-extensions.github.io/view/v1.0.0/schema.json",
    "https://planetlabs.github.io/stac-extension/v1.0.0-beta.3/schema.json",
]
_BANDS = {
    "coastal_blue": ("coastal", 443, 20), "blue": ("blue", 490, 50), "green_i": (None, 531, 36),
    "green": ("green", 565, 36), "yellow": ("yellow", 610, 20), "red": ("red", 665, 31),
    "rededge": ("rededge", 705, 15), "red_edge": ("rededge", 710, 40), "nir": ("nir", 865, 40),
    "pan": ("pan", 655, 440),
}  # fmt: skip
_COG = "image/tiff; application=geotiff; profile=cloud-optimized"


def item(told: Item, bundle: str, geometry: Mapping[str, Any], files: Iterable[OrderFile]) -> dict[str, Any]:
    """Describe one delivered item."""
    properties = told.properties
    made: dict[str, Any] = {
        "datetime": properties["acquired"],
        "created": properties["published"],
        "published": properties["published"],
        "updated": properties["updated"],
        "constellation": properties["provider"],
        "platform": properties["satellite_id"],
        "gsd": properties["gsd"],
        "eo:cloud_cover": round(properties["cloud_cover"] * 100, 2),
        "view:off_nadir": abs(properties["view_angle"]),
        "view:azimuth": properties["satellite_azimuth"],
        "view:sun_azimuth": properties["sun_azimuth"],
        "view:sun_elevation": properties["sun_elevation"],
        "pl:item_type": told.item_type,
        "pl:pixel_resolution": properties["pixel_resolution"],
    }
    if "instrument" in properties:
        made["instruments"] = [properties["instrument"]]
    if "snow_ice_percent" in properties:
        made["eo:snow_cover"] = properties["snow_ice_percent"]
    kept = (
        "clear_percent",
        "ground_control",
        "ground_control_ratio",
        "publishing_stage",
        "quality_category",
        "strip_id",
    )
    made.update({f"pl:{name}": properties[name] for name in kept if name in properties})
    return {
        "type": "Feature",
        "stac_version": _VERSION,
        "stac_extensions": _EXTENSIONS,
        "id": told.id,
        "geometry": geometry,
        "bbox": [float(value) for value in shape(geometry).bounds],
        "properties": made,
        "collection": told.item_type,
        "links": [
            {"rel": "root", "href": "../catalog.json", "type": "application/json"},
            {"rel": "parent", "href": f"./{told.item_type}_collection.json", "type": "application/json"},
            {"rel": "collection", "href": f"./{told.item_type}_collection.json", "type": "application/json"},
        ],
        "assets": {_name(file).replace(".", "_"): _asset(told.item_type, bundle, file) for file in files},
    }


def collection(item_type: str, items: Sequence[Item]) -> dict[str, Any]:
    """Describe the items of one type."""
    boxes = [shape(one.scene.footprint).bounds for one in items]
    times = [one.properties["acquired"] for one in items]
    west, south = min(b[0] for b in boxes), min(b[1] for b in boxes)
    east, north = max(b[2] for b in boxes), max(b[3] for b in boxes)
    return {
        "type": "Collection",
        "stac_version": _VERSION,
        "id": item_type,
        "title": ITEM_TYPES[item_type],
        "description": f"{ITEM_TYPES[item_type]} of this order",
        "license": "proprietary",
        "extent": {
            "spatial": {"bbox": [[west, south, east, north]]},
            "temporal": {"interval": [[min(times), max(times)]]},
        },
        "links": [
            {"rel": "root", "href": "../catalog.json", "type": "application/json"},
            {"rel": "parent", "href": "../catalog.json", "type": "application/json"},
            *({"rel": "item", "href": f"./{one.id}.json", "type": "application/geo+json"} for one in items),
        ],
    }


def catalog(order_id: str, name: str, items: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Describe the order."""
    children = [
        {"rel": "child", "href": f"./{item_type}/{item_type}_collection.json", "type": "application/json"}
        for item_type in items
    ]
    return {
        "type": "Catalog",
        "stac_version": _VERSION,
        "id": order_id,
        "description": f"Order {name}",
        "links": [{"rel": "root", "href": "./catalog.json", "type": "application/json"}, *children],
    }


def _name(file: OrderFile) -> str:
    return file.path.rpartition("/")[2]


def _asset(item_type: str, bundle: str, file: OrderFile) -> dict[str, Any]:
    href = f"./{_name(file)}"
    if file.asset_type is None:
        return {"href": href, "type": file.media_type, "roles": ["metadata"]}
    product = product_of(item_type, file.asset_type)
    told: dict[str, Any] = {"href": href, "type": file.media_type, "roles": ["data"]}
    match product.content:
        case Content.XML | Content.RPC:
            told["roles"] = ["metadata"]
        case Content.UDM2:
            told.update(type=_COG, roles=["data", "snow-ice", "cloud", "cloud-shadow"])
        case Content.UDM:
            told["roles"] = ["data", "cloud", "snow-ice", "cloud-shadow"]
        case Content.VISUAL:
            told.update(type=_COG, roles=["data", "visual"])
        case _:
            roles = ["data", "reflectance"] if product.radiometry == "reflectance" else ["data"]
            told.update({"type": _COG, "roles": roles, "eo:bands": [_band(name) for name in product.bands]})
    return {**told, "pl:asset_type": file.asset_type, "pl:bundle_type": bundle}


def _band(name: str) -> dict[str, Any]:
    common, centre, width = _BANDS[name]
    made: dict[str, Any] = {"name": name, "center_wavelength": centre, "full_width_half_max": width}
    return made if common is None else {**made, "common_name": common}

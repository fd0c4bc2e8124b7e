# SPDX-License-Identifier: Apache-2.0
"""Describes Planet's item types as STAC Collections, and what their items can be filtered by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from swath import stac
from swath.errors import UnknownCollection
from swath.models import ItemDict
from swath_planet.assets import facts_of
from swath_planet.filters import CHANGED
from swath_planet.itemtypes import COMMON_NATIVE, ITEM_TYPES, NATIVE_PROPERTIES, ItemType, Kind
from swath_planet.stac import PROVIDERS

__all__ = ["collections", "queryables"]

_TIME: Final = {"type": "string", "format": "date-time"}
_COMMON: Final[dict[str, dict[str, Any]]] = {
    "id": {"type": "string", "description": "Planet's item id"},
    "collection": {"type": "string", "description": "Planet's item type"},
    "geometry": {"$ref": "https://geojson.org/schema/Geometry.json", "description": "Footprint"},
    stac.DATETIME: {**_TIME, "description": "When it was acquired"},
    stac.PUBLISHED: {**_TIME, "description": "When Planet first published it"},
    stac.CREATED: {**_TIME, "description": "When Planet first published it"},
    stac.UPDATED: {**_TIME, "description": "When Planet last changed it"},
    stac.PLATFORM: {"type": "string", "description": "Planet's satellite id"},
    stac.CONSTELLATION: {"type": "string", "description": "planetscope, skysat, rapideye, ..."},
    stac.INSTRUMENTS: {"type": "array", "items": {"type": "string"}, "description": "PS2, PS2.SD or PSB.SD"},
    stac.GSD: {"type": "number", "exclusiveMinimum": 0, "description": "Ground sample distance, metres"},
    stac.CLOUD_COVER: {"type": "number", "minimum": 0, "maximum": 100, "description": "Cloud cover, percent"},
    stac.SNOW_COVER: {"type": "number", "minimum": 0, "maximum": 100, "description": "Snow and ice, percent"},
    stac.OFF_NADIR: {"type": "number", "minimum": 0, "maximum": 90, "description": "Off-nadir angle, degrees"},
    stac.VIEW_AZIMUTH: {"type": "number", "minimum": 0, "maximum": 360, "description": "Satellite azimuth, degrees"},
    stac.SUN_AZIMUTH: {"type": "number", "minimum": 0, "maximum": 360, "description": "Sun azimuth, degrees"},
    stac.SUN_ELEVATION: {"type": "number", "minimum": -90, "maximum": 90, "description": "Sun elevation, degrees"},
    stac.ORDER_STATUS: {"type": "string", "description": "orderable where the account may order it"},
    stac.PROJ_CODE: {"type": "string", "description": "CRS of a tile; a scene has it once it is delivered"},
    stac.PROJ_SHAPE: {"type": "array", "items": {"type": "integer"}, "description": "Rows and columns of a tile"},
    stac.PROJ_TRANSFORM: {"type": "array", "items": {"type": "number"}, "description": "Grid of a tile"},
    stac.PROVIDER: {"type": "string", "description": "planet"},
    "planet:permissions": {
        "type": "array",
        "items": {"type": "string"},
        "description": "What the account may download, as assets.ortho_visual:download",
    },
    "planet:asset_types": {"type": "array", "items": {"type": "string"}, "description": "Asset types that it has"},
    CHANGED: {
        "type": "object",
        "description": "When a field was changed by a new publication, by Planet's name of the field; to be asked with "
        "> or >=, joined to the rest by AND",
        "additionalProperties": _TIME,
    },
}
"""What items of every type may have."""

_JSON_TYPES: Final = {
    Kind.NUMBER: {"type": "number"},
    Kind.INTEGER: {"type": "integer"},
    Kind.STRING: {"type": "string"},
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.TIME: _TIME,
}


def collections() -> Iterator[ItemDict]:
    """Build the STAC Collection of each item type."""
    for name, known in ITEM_TYPES.items():
        yield _collection(name, known)


def _collection(name: str, known: ItemType) -> ItemDict:
    summaries: dict[str, Any] = {}
    if known.constellation:
        summaries[stac.CONSTELLATION] = [known.constellation]
    if known.instruments:
        summaries[stac.INSTRUMENTS] = list(known.instruments)
    if known.gsd:
        summaries[stac.GSD] = [known.gsd]
    item_assets: dict[str, dict[str, Any]] = {}
    for asset_type in known.assets:
        facts = facts_of(asset_type, name)
        item_assets[asset_type] = {
            "type": facts.media_type,
            "roles": list(facts.roles),
            **facts.fields,
            "planet:asset_type": asset_type,
        }
    return stac.collection(
        id=name,
        title=known.title,
        description=known.description,
        start=f"{known.first_year}-01-01T00:00:00Z",
        keywords=["planet", *([known.constellation] if known.constellation else []), *_kinds(name)],
        providers=PROVIDERS,
        summaries=summaries,
        item_assets=item_assets,
        links=[stac.link("license", "https://www.planet.com/terms-of-use/", media_type=stac.HTML)],
        provider="planet",
    )


def _kinds(name: str) -> tuple[str, ...]:
    """Say of which kind an item type is, in the words that all providers share."""
    if name == "Sentinel1":
        return ("sar",)
    return ("optical", "hyperspectral") if name.startswith("Tanager") else ("optical",)


def queryables(collection: str | None) -> dict[str, Any]:
    """Say what items can be filtered by, as JSON Schema.

    Args:
        collection: An item type; None for what all types have.

    Raises:
        UnknownCollection: Planet has no such item type.
    """
    known = ITEM_TYPES.get(collection) if collection else None
    if collection and known is None:
        raise UnknownCollection(f"Planet has no item type {collection!r}", provider="planet")
    native = (*COMMON_NATIVE, *(known.native if known else ()))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:swath:planet:queryables:{collection or 'all'}",
        "type": "object",
        "title": f"Queryables of {collection}" if collection else "Queryables of all item types",
        "properties": {
            **{name: {"title": name, **schema} for name, schema in _COMMON.items()},
            **{f"planet:{name}": _native_schema(name) for name in dict.fromkeys(native)},
        },
        "additionalProperties": True,
    }


def _native_schema(name: str) -> dict[str, Any]:
    known = NATIVE_PROPERTIES[name]
    made: dict[str, Any] = {"title": f"planet:{name}", "description": known.description, **_JSON_TYPES[known.kind]}
    if known.choices:
        made["examples"] = list(known.choices)
    if known.minimum is not None:
        made["minimum"] = known.minimum
    if known.maximum is not None:
        made["maximum"] = known.maximum
    return made

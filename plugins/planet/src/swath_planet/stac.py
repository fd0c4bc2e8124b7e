# SPDX-License-Identifier: Apache-2.0
"""Turns Planet's items into STAC Items; units change here.

Source: Planet's published STAC mapping (item properties, order STAC, the ``pl`` extension), read 2026-11. What has no
common STAC name keeps Planet's as ``planet:NAME``, and so does what changes its unit or sign on the way.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any, Final

from swath import stac
from swath.errors import InvalidDatetime, UnexpectedResponse
from swath.models import ItemDict
from swath_planet.assets import facts_of
from swath_planet.filters import CHANGED
from swath_planet.itemtypes import CLOUD_COVER_TYPES
from swath_planet.predicates import CLOUD_DECIMALS
from swath_planet.wire import Feature

__all__ = ["PROVIDERS", "item_of"]

PROVIDERS: Final = (
    {
        "name": "Planet Labs PBC",
        "roles": ["producer", "processor", "licensor", "host"],
        "url": "https://www.planet.com",
    },
)
"""STAC's list of who made and offers the data."""

_RENAMED: Final = {
    "published": stac.PUBLISHED,
    "updated": stac.UPDATED,
    "satellite_id": stac.PLATFORM,
    "provider": stac.CONSTELLATION,
}
"""Properties that only change their name."""

_RANGED: Final = {
    "gsd": (stac.GSD, 1e-6, 1e6),
    "snow_ice_percent": (stac.SNOW_COVER, 0.0, 100.0),
    "satellite_azimuth": (stac.VIEW_AZIMUTH, 0.0, 360.0),
    "sun_azimuth": (stac.SUN_AZIMUTH, 0.0, 360.0),
    "sun_elevation": (stac.SUN_ELEVATION, -90.0, 90.0),
}
"""Numbers that only change their name, and the range in which STAC's name may hold them."""


def item_of(feature: Feature, changed: Sequence[str] = ()) -> ItemDict:
    """Build the STAC Item of one of Planet's items.

    Args:
        feature: As the Data API lists it; of any item type, known here or not.
        changed: Fields that Planet was asked for by when they were changed (`swath_planet.filters.Pushed.changed`).
            The item then says when it was last published anew, which is not before that change.

    Raises:
        UnexpectedResponse: It does not say when it was acquired.
    """
    properties = feature.properties
    item_type = str(properties.get("item_type") or "")
    try:
        return stac.item(
            id=feature.id,
            geometry=feature.geometry,
            datetime=properties.get("acquired"),
            collection=item_type or None,
            properties=_properties(feature, item_type) | _changes(feature, changed),
            assets=_assets(feature, item_type),
            links=_links(feature),
            provider="planet",
        )
    except InvalidDatetime as err:
        raise UnexpectedResponse(
            f"item {feature.id!r} of Planet's has no usable time: {err.message}", provider="planet"
        ) from err


def _number(value: Any) -> float | None:
    return value if type(value) in {int, float} else None


def _properties(feature: Feature, item_type: str) -> dict[str, Any]:
    """Name and convert the properties."""
    native = dict(feature.properties)
    made: dict[str, Any] = {}
    native.pop("acquired", None)
    for name, ours in _RENAMED.items():
        made[ours] = native.pop(name, None)
    made[stac.CREATED] = made[stac.PUBLISHED]
    instrument = native.pop("instrument", None)
    made[stac.INSTRUMENTS] = [instrument] if instrument else None
    for name, (ours, least, most) in _RANGED.items():
        value = _number(native.get(name))
        if value is not None and least <= value <= most:
            made[ours] = native.pop(name)
    made[stac.CLOUD_COVER] = _cloud_cover(native, item_type)
    view_angle = _number(native.get("view_angle"))
    if view_angle is not None and abs(view_angle) <= 90:
        made[stac.OFF_NADIR] = abs(view_angle)
    made |= _grid(native)
    if feature.permissions is None or feature.permissions:
        made[stac.ORDER_STATUS] = "orderable"
    made |= {f"planet:{name}": value for name, value in native.items()}
    if feature.permissions is not None:
        made["planet:permissions"] = list(feature.permissions)
    if feature.assets is not None:
        made["planet:asset_types"] = list(feature.assets)
    return made


def _changes(feature: Feature, changed: Sequence[str]) -> dict[str, Any]:
    when = feature.properties.get("updated") or feature.properties.get("published")
    return {CHANGED: dict.fromkeys(changed, when)} if changed and when else {}


def _grid(native: Mapping[str, Any]) -> dict[str, Any]:
    """Say which grid a tile's rasters lie on; scenes have one only once they are delivered."""
    made: dict[str, Any] = {}
    code, rows, columns = (native.get(name) for name in ("epsg_code", "rows", "columns"))
    if isinstance(code, int) and not isinstance(code, bool):
        made[stac.PROJ_CODE] = f"EPSG:{code}"
    if isinstance(rows, int) and isinstance(columns, int) and rows > 0 and columns > 0:
        made[stac.PROJ_SHAPE] = [rows, columns]
    x, y, size = (_number(native.get(name)) for name in ("origin_x", "origin_y", "pixel_resolution"))
    if x is not None and y is not None and size and stac.PROJ_CODE in made:
        made[stac.PROJ_TRANSFORM] = [size, 0, x, 0, -size, y, 0, 0, 1]
    return made


def _cloud_cover(native: Mapping[str, Any], item_type: str) -> float | None:
    """Give the cloud cover in percent.

    UDM2's percentage stands in where an item has no ``cloud_cover``; never for types that are documented to have it,
    so that a filter means the same at Planet and here (`swath_planet.predicates`).
    """
    fraction = _number(native.get("cloud_cover"))
    if fraction is not None:
        percent = round(fraction * 100, CLOUD_DECIMALS)
        return percent if 0 <= percent <= 100 else None
    if item_type in CLOUD_COVER_TYPES:
        return None
    percent_told = _number(native.get("cloud_percent"))
    return round(percent_told, CLOUD_DECIMALS) if percent_told is not None and 0 <= percent_told <= 100 else None


@functools.lru_cache(maxsize=1024)
def _template(asset_type: str, item_type: str) -> stac.AssetTemplate:
    """Prepare what an asset type is in every item."""
    facts = facts_of(asset_type, item_type)
    fields = facts.fields | {"planet:asset_type": asset_type}
    return stac.AssetTemplate(media_type=facts.media_type, roles=facts.roles, fields=fields)


@functools.lru_cache(maxsize=1024)
def _templates(asset_types: tuple[str, ...], item_type: str) -> tuple[tuple[str, stac.AssetTemplate], ...]:
    """Prepare all assets of an item: most items of a type have the same."""
    return tuple((one, _template(one, item_type)) for one in asset_types)


_THUMBNAIL: Final = stac.AssetTemplate(
    media_type=stac.PNG, roles=[stac.ROLE_THUMBNAIL], title="Thumbnail, for signed requests"
)


def _assets(feature: Feature, item_type: str) -> dict[str, tuple[stac.AssetTemplate, str]]:
    """List the assets. What can only be ordered is named by the page that tells its state, one fragment an asset."""
    links = feature.links or {}
    page = links.get("assets") or f"{links.get('_self') or f'urn:planet:{item_type}:{feature.id}'}/assets/"
    made = {one: (template, f"{page}#{one}") for one, template in _templates(tuple(feature.assets or ()), item_type)}
    if links.get("thumbnail"):
        made["thumbnail"] = _THUMBNAIL, str(links["thumbnail"])
    return made


def _links(feature: Feature) -> list[dict[str, Any]]:
    """Point to the item at Planet's."""
    own = (feature.links or {}).get("_self")
    return [stac.link("via", str(own), media_type=stac.GEOJSON)] if own else []

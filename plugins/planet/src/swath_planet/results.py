# SPDX-License-Identifier: Apache-2.0
"""Turns an order's results and manifest into the files to fetch.

Source: Planet's documentation of the Orders API (delivery layout, manifest, annotations), read 2026-11.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import evolve, frozen

from swath import stac
from swath.errors import InputError, InvalidDatetime, UnexpectedResponse
from swath.models import Asset
from swath_planet.assets import AssetFacts, after_tools, facts_of, guess_asset_type, media_type_of_name
from swath_planet.tools import shown
from swath_planet.wire import Manifest, ManifestFile, OrderPayload, ResultLink

__all__ = ["MANIFEST", "assets_of", "checksum_of", "manifest_link", "raster_facts", "raster_fields"]

MANIFEST: Final = "manifest.json"
_RASTERS: Final = frozenset({stac.COG, stac.GEOTIFF, stac.TIFF, stac.NITF})
_LISTINGS: Final = ("_collection.json", "catalog.json")
"""How the names of Planet's own STAC catalogue and collections end."""


@frozen(kw_only=True)
class _Place:
    """One delivered file, and what is known of it."""

    link: ResultLink
    name: str
    """Relative to the order's folder."""
    file: ManifestFile | None
    item_type: str
    item_id: str | None


def manifest_link(order: OrderPayload) -> str | None:
    """Find where the order's manifest is, None where there is none to download."""
    return next(
        (one.location for one in order.results if one.location and one.name.rsplit("/", 1)[-1] == MANIFEST), None
    )


def assets_of(order: OrderPayload, manifest: Manifest | None) -> Iterator[Asset]:
    """List the files to fetch, in Planet's sequence.

    Args:
        order: With fresh links.
        manifest: Sizes, digests and what each file is; None where the order has none.

    Yields:
        All files that were delivered for download. Those without a link, which Planet put elsewhere, are not among
        them.
    """
    files = {one.path: one for one in (manifest.files if manifest else ())}
    places = [_place(one, files, order) for one in order.results if one.location and one.delivery == "success"]
    tools = tuple(order.tools or ())
    taken: dict[str | None, dict[str, int]] = {}
    for place in places:
        asset = _asset(place, tools, taken.setdefault(place.item_id, {}))
        # What belongs to no item needs a key that no other order has: several are downloaded as one batch.
        yield asset if asset.item else evolve(asset, key=f"{asset.key}-{order.id[:8]}")


def _place(link: ResultLink, files: Mapping[str, ManifestFile], order: OrderPayload) -> _Place:
    """Find out which file a link is of, and which item the file is of."""
    name = link.name.removeprefix(f"{order.id}/").lstrip("/")
    file = files.get(name) or files.get(link.name)
    item_id = file.note("item_id") if file else None
    item_type = file.note("item_type") if file else None
    if item_id is None and not name.endswith((MANIFEST, *_LISTINGS)):
        item_id = _item_of_name(name, order)
    if item_type is None:
        item_type = next(
            (one.item_type for one in order.products or () if item_id in (one.item_ids or ()) and one.item_type), ""
        )
    return _Place(link=link, name=name, file=file, item_type=item_type, item_id=item_id)


def _item_of_name(name: str, order: OrderPayload) -> str | None:
    """Tell the item from a file's name, where the manifest does not say it."""
    base = name.rsplit("/", 1)[-1]
    fitting = [one for one in order.item_ids if base.startswith((f"{one}_", f"{one}."))]
    if fitting:
        return max(fitting, key=len)
    ids = order.item_ids
    return ids[0] if name.endswith(".zip") and len(ids) == 1 else None


def _asset(place: _Place, tools: Sequence[Mapping[str, Any]], taken: dict[str, int]) -> Asset:
    asset_type = place.file.note("asset_type") if place.file else None
    if asset_type is None and place.item_id:
        asset_type = guess_asset_type(place.item_type, place.item_id, place.name)
    media_type = media_type_of_name(place.name, place.file.media_type if place.file else None)
    fields = _provenance(place, asset_type)
    roles: tuple[str, ...] = (stac.ROLE_METADATA,)
    if media_type == stac.ZIP:
        roles = (stac.ROLE_DATA, stac.ROLE_ARCHIVE)
        fields |= _tools_field(tools)
    elif media_type in _RASTERS:
        facts = raster_facts(asset_type, place.item_type, tools)
        media_type = stac.NITF if media_type == stac.NITF else facts.media_type or media_type
        roles = facts.roles
        fields = raster_fields(facts, tools) | fields
    elif asset_type:
        roles = facts_of(asset_type, place.item_type).roles
    own_stac = place.name.endswith((*_LISTINGS, f"/{place.item_id}.json"))
    return Asset(
        href=place.link.location or "",
        name=place.name,
        key=_key(place, asset_type, taken),
        item=place.item_id,
        size=place.file.size if place.file else None,
        checksum=checksum_of(place.file),
        media_type=media_type,
        roles=roles,
        expires=_expires(place.link.expires_at),
        fields=fields,
        part_of_item=place.item_id is not None and not own_stac,
    )


def raster_facts(asset_type: str | None, item_type: str, tools: Sequence[Mapping[str, Any]]) -> AssetFacts:
    """Say what a delivered raster is, once the order's tools have worked on it."""
    facts = facts_of(asset_type, item_type) if asset_type else AssetFacts(roles=(stac.ROLE_DATA,))
    return after_tools(facts, tools)


def raster_fields(facts: AssetFacts, tools: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Give the STAC fields of a delivered raster: bands, values, CRS where a tool set it, the tools themselves."""
    fields = facts.fields
    for tool in tools:
        projection = str((tool.get("reproject") or {}).get("projection", ""))
        if re.fullmatch(r"EPSG:\d+", projection, re.IGNORECASE):
            fields[stac.PROJ_CODE] = projection.upper()
    return fields | _tools_field(tools)


def _tools_field(tools: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"planet:tools": shown(tools)} if tools else {}


def _provenance(place: _Place, asset_type: str | None) -> dict[str, Any]:
    """Say which of Planet's asset types and bundles a file is."""
    bundle = place.file.note("bundle_type") if place.file else None
    named = {"planet:item_type": place.item_type, "planet:asset_type": asset_type, "planet:bundle_type": bundle}
    return {name: value for name, value in named.items() if value}


def _key(place: _Place, asset_type: str | None, taken: dict[str, int]) -> str:
    """Name the asset: by its type, or by its file name as Planet's own STAC does; the second of a name gets ``_2``."""
    base = place.name.rsplit("/", 1)[-1]
    if asset_type:
        key = asset_type
    elif place.item_id and base == f"{place.item_id}_metadata.json":
        key = "metadata"
    elif base == MANIFEST:
        key = "manifest"
    elif base.endswith(".zip"):
        key = "archive"
    else:
        key = base.replace(".", "_")
    taken[key] = taken.get(key, 0) + 1
    return key if taken[key] == 1 else f"{key}_{taken[key]}"


def checksum_of(file: ManifestFile | None) -> str | None:
    """Give the stronger of the published digests as multihash."""
    for algorithm in ("sha256", "md5"):
        digest = (file.digests or {}).get(algorithm) if file else None
        if isinstance(digest, str) and digest:
            try:
                return stac.multihash(algorithm, digest)
            except InputError as err:
                raise UnexpectedResponse(
                    f"Planet's manifest gives {digest!r} as {algorithm} of {file.path if file else ''}",
                    provider="planet",
                ) from err
    return None


def _expires(text: str | None) -> dt.datetime | None:
    """Read when a link dies; Planet writes the year 1 for "not at all"."""
    if not text:
        return None
    try:
        when = stac.parse_timestamp(text)
    except (InvalidDatetime, OverflowError):
        return None
    return when if when.year > 1 else None

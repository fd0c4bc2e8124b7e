# SPDX-License-Identifier: Apache-2.0
"""Builds STAC 1.1 Items and Collections as plain dicts."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from swath.errors import InputError, InvalidDatetime
from swath.models import ItemDict
from swath.stac import names
from swath.stac.assets import AssetTemplate
from swath.stac.extensions import extension_urls, extensions_of, names_in, prefixes_of
from swath.stac.extents import bbox_of
from swath.stac.fields import clean
from swath.stac.times import parse_timestamp, timestamp

__all__ = ["collection", "item", "link"]

_ItemTime = dt.datetime | str


def item(
    *,
    id: str,  # noqa: A002  STAC's own word
    geometry: Mapping[str, Any] | None,
    datetime: _ItemTime | None = None,
    start: _ItemTime | None = None,
    end: _ItemTime | None = None,
    collection: str | None = None,
    properties: Mapping[str, Any] | None = None,
    assets: Mapping[str, Mapping[str, Any] | tuple[AssetTemplate, str]] | None = None,
    provider: str | None = None,
    links: Iterable[Mapping[str, Any]] = (),
    bbox: Sequence[float] | None = None,
) -> ItemDict:
    """Build a STAC Item.

    Properties, asset fields and band fields whose value is None are left out. The extensions are declared from the
    prefixes in use; a provider's own values go in under its own prefix (``"planet:quality_category"``) and need none.

    Args:
        id: Unique in its collection.
        geometry: GeoJSON, degrees, WGS 84, split at the antimeridian; None where the provider gives none.
        datetime: Nominal instant. May be None only where `start` and `end` are given.
        start: First instant of the acquisition.
        end: Last instant of the acquisition.
        collection: Id of its collection. STAC asks for a link to it: one naming it by URN is added if `links` has none.
        properties: Further properties. datetimes are written as RFC 3339 in UTC.
        assets: Assets by key; see `asset`; or pairs of an `AssetTemplate` and an address.
        provider: Name of the provider, kept as ``swath:provider``.
        links: STAC links.
        bbox: West, south, east, north; None computes it.

    Returns:
        The Item, STAC 1.1.0.

    Raises:
        InvalidDatetime: A time is naive, or there is neither `datetime` nor both `start` and `end`.
        InputError: The id is empty.
    """
    if not id:
        raise InputError("a STAC Item needs an id, not ''", hint="pass the provider's own id of it")
    values: ItemDict = _times(id, datetime, start, end)
    values |= clean(properties or {})
    if provider:
        values[names.PROVIDER] = provider
    made_links = [clean(one) for one in links]
    if collection and not any(one.get("rel") == "collection" for one in made_links):
        made_links.append({"rel": "collection", "href": _urn(provider, collection)})
    made_assets: dict[str, ItemDict] = {}
    used: set[str] = set()
    """Prefixes of the fields of templates."""
    other_names: set[str] = set().union(*made_links)
    for key, one in (assets or {}).items():
        if isinstance(one, tuple):
            template, href = one
            made_assets[key] = template.made(href)
            used |= template.prefixes
        else:
            made_assets[key] = asset = clean(one)
            other_names.update(names_in(asset))
    made: ItemDict = {
        "type": "Feature",
        "stac_version": names.STAC_VERSION,
        "stac_extensions": extension_urls(values, prefixes_of(frozenset(other_names)).union(used)),
        "id": id,
        "geometry": dict(geometry) if geometry else None,
    }
    if geometry:
        made["bbox"] = list(bbox) if bbox is not None else bbox_of(geometry)
    made["properties"] = values
    made["links"] = made_links
    made["assets"] = made_assets
    if collection:
        made["collection"] = collection
    return made


def link(
    rel: str, href: str, *, media_type: str | None = None, title: str | None = None, **fields: Any
) -> dict[str, Any]:
    """Build a STAC link; what is None is left out."""
    return clean({"rel": rel, "href": href, "type": media_type, "title": title, **fields})


def collection(
    *,
    id: str,  # noqa: A002  STAC's own word
    description: str,
    title: str | None = None,
    license: str = "other",  # noqa: A002  STAC's own word
    bbox: Sequence[float] | Sequence[Sequence[float]] = (-180.0, -90.0, 180.0, 90.0),
    start: _ItemTime | None = None,
    end: _ItemTime | None = None,
    keywords: Iterable[str] = (),
    providers: Iterable[Mapping[str, Any]] = (),
    summaries: Mapping[str, Any] | None = None,
    item_assets: Mapping[str, Mapping[str, Any]] | None = None,
    assets: Mapping[str, Mapping[str, Any]] | None = None,
    links: Iterable[Mapping[str, Any]] = (),
    provider: str | None = None,
    fields: Mapping[str, Any] | None = None,
) -> ItemDict:
    """Build a STAC Collection.

    Args:
        id: As the search arguments name it.
        description: For people; must not be empty.
        title: For people.
        license: SPDX identifier, or ``"other"``.
        bbox: West, south, east, north; or several, the first one for all.
        start: First instant of the collection, None for unknown or open.
        end: Last instant, None where it goes on.
        keywords: For people.
        providers: STAC provider objects with name and roles.
        summaries: By property, as STAC has them.
        item_assets: What items hold, by asset key.
        assets: Of the collection itself.
        links: STAC links.
        provider: Name of the swath provider, kept as ``swath:provider``.
        fields: Further top-level fields.

    Returns:
        The Collection, STAC 1.1.0.

    Raises:
        InvalidDatetime: A time is naive.
    """
    boxes: list[list[Any]] = [list(one) for one in bbox if isinstance(one, Sequence)] or [[*bbox]]
    made: ItemDict = {
        "type": "Collection",
        "stac_version": names.STAC_VERSION,
        "stac_extensions": [],
        "id": id,
        "title": title,
        "description": description,
        "keywords": list(keywords) or None,
        "license": license,
        "providers": [clean(one) for one in providers] or None,
        "extent": {
            "spatial": {"bbox": boxes},
            "temporal": {"interval": [[timestamp(start) if start else None, timestamp(end) if end else None]]},
        },
        "summaries": clean(summaries or {}) or None,
        "item_assets": {key: clean(one) for key, one in (item_assets or {}).items()} or None,
        "assets": {key: clean(one) for key, one in (assets or {}).items()} or None,
        "links": [clean(one) for one in links],
        names.PROVIDER: provider,
    }
    made = {key: value for key, value in made.items() if value is not None} | clean(fields or {})
    made["stac_extensions"] = extensions_of(made)
    return made


def _times(item_id: str, datetime: _ItemTime | None, start: _ItemTime | None, end: _ItemTime | None) -> dict[str, Any]:
    """Write the three times of an item."""
    if datetime is None and (start is None or end is None):
        raise InvalidDatetime(
            f"item {item_id!r} has no datetime",
            hint="pass datetime, or both start and end where there is no one instant",
        )
    made: dict[str, Any] = {names.DATETIME: timestamp(datetime) if datetime is not None else None}
    if start is not None and end is not None and parse_timestamp(end) < parse_timestamp(start):
        raise InvalidDatetime(f"item {item_id!r} ends ({end}) before it starts ({start})", hint="pass start before end")
    if start is not None and end is not None:
        made[names.START_DATETIME] = timestamp(start)
        made[names.END_DATETIME] = timestamp(end)
    return made


@functools.lru_cache(maxsize=256)
def _urn(provider: str | None, collection_id: str) -> str:
    """Name a collection that has no document of its own to link to."""
    return f"urn:swath:{quote(provider or 'local', safe='')}:{quote(collection_id, safe='')}"

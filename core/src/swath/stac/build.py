# SPDX-License-Identifier: Apache-2.0
"""Builds STAC 1.1 Items, Collections, assets and bands as plain dicts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from swath.errors import InputError, InvalidDatetime
from swath.models import ItemDict
from swath.stac import names
from swath.stac.extents import bbox_of
from swath.stac.times import parse_timestamp, timestamp

__all__ = ["asset", "band", "collection", "extensions_of", "item", "link"]

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
    assets: Mapping[str, Mapping[str, Any]] | None = None,
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
        assets: Assets by key; see `asset`.
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
    values |= _clean(properties or {})
    if provider:
        values[names.PROVIDER] = provider
    made_links = [_clean(one) for one in links]
    if collection and not any(one.get("rel") == "collection" for one in made_links):
        made_links.append(link("collection", _urn(provider, collection)))
    made: ItemDict = {
        "type": "Feature",
        "stac_version": names.STAC_VERSION,
        "stac_extensions": [],
        "id": id,
        "geometry": dict(geometry) if geometry else None,
    }
    if geometry:
        made["bbox"] = list(bbox) if bbox is not None else bbox_of(geometry)
    made["properties"] = values
    made["links"] = made_links
    made["assets"] = {key: _clean(one) for key, one in (assets or {}).items()}
    if collection:
        made["collection"] = collection
    made["stac_extensions"] = extensions_of(made)
    return made


def asset(
    href: str,
    *,
    media_type: str | None = None,
    roles: Iterable[str] = (),
    title: str | None = None,
    description: str | None = None,
    bands: Iterable[Mapping[str, Any]] = (),
    size: int | None = None,
    checksum: str | None = None,
    fields: Mapping[str, Any] | None = None,
) -> ItemDict:
    """Build a STAC asset.

    Args:
        href: URL, or path.
        media_type: One of this module's media types.
        roles: STAC roles: ``data``, ``metadata``, ``thumbnail``, ``overview``, ...
        title: For people.
        description: For people.
        bands: In the file's order; see `band`.
        size: Bytes.
        checksum: Multihash; see `multihash`.
        fields: Further fields: ``proj:code``, ``data_type``, ``nodata``, ``gsd``, ``planet:...``.

    Returns:
        The asset; what is None or empty is left out.
    """
    made = _clean(
        {
            "href": href,
            "type": media_type,
            "title": title,
            "description": description,
            "roles": list(roles) or None,
            "bands": [_clean(one) for one in bands] or None,
            names.FILE_SIZE: size,
            names.FILE_CHECKSUM: checksum,
        }
    )
    return made | _clean(fields or {})


def band(
    name: str,
    *,
    common_name: str | None = None,
    center_wavelength: float | None = None,
    full_width_half_max: float | None = None,
    description: str | None = None,
    data_type: str | None = None,
    nodata: float | str | None = None,
    unit: str | None = None,
    scale: float | None = None,
    offset: float | None = None,
    fields: Mapping[str, Any] | None = None,
) -> ItemDict:
    """Build one entry of STAC 1.1 ``bands``.

    Args:
        name: Unique in the item.
        common_name: One of `COMMON_NAMES`.
        center_wavelength: Micrometres.
        full_width_half_max: Micrometres.
        description: For people.
        data_type: ``uint16``, ``float32``, ...
        nodata: Value of pixels without data; ``"nan"`` for not a number.
        unit: Of the value once scale and offset are applied.
        scale: Factor from stored to physical value.
        offset: Added after the factor.
        fields: Further fields.

    Returns:
        The band; what is None is left out.
    """
    made = _clean(
        {
            "name": name,
            "description": description,
            names.COMMON_NAME: common_name,
            names.CENTER_WAVELENGTH: center_wavelength,
            names.FULL_WIDTH_HALF_MAX: full_width_half_max,
            names.DATA_TYPE: data_type,
            names.NODATA: nodata,
            names.UNIT: unit,
            names.SCALE: scale,
            names.OFFSET: offset,
        }
    )
    return made | _clean(fields or {})


def link(
    rel: str, href: str, *, media_type: str | None = None, title: str | None = None, **fields: Any
) -> dict[str, Any]:
    """Build a STAC link; what is None is left out."""
    return _clean({"rel": rel, "href": href, "type": media_type, "title": title, **fields})


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
        "providers": [_clean(one) for one in providers] or None,
        "extent": {
            "spatial": {"bbox": boxes},
            "temporal": {"interval": [[timestamp(start) if start else None, timestamp(end) if end else None]]},
        },
        "summaries": _clean(summaries or {}) or None,
        "item_assets": {key: _clean(one) for key, one in (item_assets or {}).items()} or None,
        "assets": {key: _clean(one) for key, one in (assets or {}).items()} or None,
        "links": [_clean(one) for one in links],
        names.PROVIDER: provider,
    }
    made = {key: value for key, value in made.items() if value is not None} | _clean(fields or {})
    made["stac_extensions"] = extensions_of(made)
    return made


def extensions_of(made: Mapping[str, Any]) -> list[str]:
    """List the extensions that an Item or Collection must declare, from the fields in use.

    Those of other makers that it declares already are kept, as are other versions of those we know.

    Args:
        made: Item or Collection.

    Returns:
        URLs, sorted.
    """
    declared = [str(url) for url in made.get("stac_extensions") or ()]
    own = made.get("properties") if made.get("type") == "Feature" else made
    used = {name.partition(":")[0] for name in _field_names(made) if ":" in name}
    if any(name in names.TIMESTAMP_FIELDS for name in _field_names(made)):
        used.add("timestamps")
    urls = set(declared)
    for prefix in used & names.EXTENSIONS.keys():
        url = names.EXTENSIONS[prefix]
        family = url.rsplit("/", 2)[0]
        if any(other.startswith(f"{family}/") for other in declared):
            continue
        required = names.REQUIRED.get(prefix, frozenset())
        if made.get("type") == "Feature" and not required <= set(own or ()):
            continue
        urls.add(url)
    return sorted(urls)


def _field_names(made: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of all fields that an extension could define, in properties, assets, bands and links."""
    if made.get("type") == "Feature":
        yield from made.get("properties") or {}
    else:
        yield from made
        yield from made.get("summaries") or {}
    holders: list[Mapping[str, Any]] = list(made.get("links") or ())
    for group in ("assets", "item_assets"):
        holders += list((made.get(group) or {}).values())
    for holder in holders:
        yield from holder
        for one in holder.get("bands") or ():
            yield from one


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


def _clean(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Copy fields without those that are None, times written as STAC does."""
    return {
        name: timestamp(value) if name in names.TIME_FIELDS else _plain(value)
        for name, value in fields.items()
        if value is not None
    }


def _plain(value: Any) -> Any:
    """Make one value JSON: datetimes become text, tuples lists."""
    if isinstance(value, dt.datetime):
        return timestamp(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(inner) for inner in value]
    return value


def _urn(provider: str | None, collection_id: str) -> str:
    """Name a collection that has no document of its own to link to."""
    return f"urn:swath:{quote(provider or 'local', safe='')}:{quote(collection_id, safe='')}"

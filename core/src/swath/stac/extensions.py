# SPDX-License-Identifier: Apache-2.0
"""Which extensions an Item or Collection declares, told from the names of its fields."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from swath.stac import names

__all__ = ["extension_urls", "extensions_of", "names_in", "prefixes_of"]

_TIMESTAMPS = "timestamps"
"""The extension whose fields have no prefix."""


def extensions_of(made: Mapping[str, Any]) -> list[str]:
    """List the extensions that an Item or Collection must declare, from the fields in use.

    Those of other makers that it declares already are kept, as are other versions of those we know.

    Args:
        made: Item or Collection.

    Returns:
        URLs, sorted.
    """
    declared = frozenset(str(url) for url in made.get("stac_extensions") or ())
    is_item = made.get("type") == "Feature"
    own = frozenset(made.get("properties") or ()) if is_item else None
    return list(_urls(prefixes_of(frozenset(_field_names(made))), own, declared))


def extension_urls(properties: Iterable[str], others: frozenset[str]) -> list[str]:
    """List what a new Item must declare.

    Args:
        properties: Names of its properties.
        others: Prefixes in use in its assets and links; see `prefixes_of`.

    Returns:
        URLs, sorted.
    """
    return list(_new_urls(tuple(properties), others))


@functools.lru_cache(maxsize=1024)
def _new_urls(properties: tuple[str, ...], others: frozenset[str]) -> tuple[str, ...]:
    own = frozenset(properties)
    return _urls(prefixes_of(own) | others, own, frozenset())


@functools.lru_cache(maxsize=1024)
def prefixes_of(fields: frozenset[str]) -> frozenset[str]:
    """Give the prefixes of field names. The items of a search have the same names over and over."""
    found = {name.partition(":")[0] for name in fields if ":" in name}
    if not names.TIMESTAMP_FIELDS.isdisjoint(fields):
        found.add(_TIMESTAMPS)
    return frozenset(found & names.EXTENSIONS.keys())


@functools.lru_cache(maxsize=1024)
def _urls(used: frozenset[str], own: frozenset[str] | None, declared: frozenset[str]) -> tuple[str, ...]:
    urls = set(declared)
    for prefix in used:
        url = names.EXTENSIONS[prefix]
        family = url.rsplit("/", 2)[0]
        if any(other.startswith(f"{family}/") for other in declared):
            continue
        required = names.REQUIRED.get(prefix, frozenset())
        if own is not None and not required <= own:
            continue
        urls.add(url)
    return tuple(sorted(urls))


def names_in(asset: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of an asset's or link's fields, those of its bands among them."""
    yield from asset
    for band in asset.get("bands") or ():
        yield from band


def _field_names(made: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of all fields that an extension could define, in properties, assets, bands and links."""
    if made.get("type") == "Feature":
        yield from made.get("properties") or {}
    else:
        yield from made
        yield from made.get("summaries") or {}
    for one in made.get("links") or ():
        yield from names_in(one)
    for group in ("assets", "item_assets"):
        for one in (made.get(group) or {}).values():
            yield from names_in(one)

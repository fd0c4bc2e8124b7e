# SPDX-License-Identifier: Apache-2.0
"""Finds the bands that a load reads, by the items' metadata and, where that is silent, the files' headers."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve, frozen

from swath._load.masks import MaskBand, find_masks
from swath._load.select import Chosen, choose_all
from swath._load.sources import BandSource, headers_of, item_key, list_bands, locate
from swath.errors import LoadError, UnknownAsset
from swath.models import ItemDict, LoadOptions


@frozen(kw_only=True)
class Located:
    """What is read of one item."""

    bands: Chosen
    """By variable name, complete with headers."""
    masks: tuple[MaskBand, ...] = ()
    """The same for its masks, where those are asked for."""


def locate_bands(items: Sequence[ItemDict], options: LoadOptions) -> tuple[list[str], dict[str, Located]]:
    """Choose the bands of each item and read their files' headers.

    Args:
        items: STAC Items with local hrefs.
        options: `bands`, `missing` and `mask` count.

    Returns:
        The names of the variables, in order; and by the items' keys, what is read of each. Items that have none of the
        bands are left out.

    Raises:
        UnknownAsset: There is no such band, or an item has no raster at all.
        InputError: No item has a mask of what is to be masked.
        LoadError: A file is missing or cannot be opened; an item comes twice.
    """
    bands = options.bands
    listed: dict[str, list[BandSource]] = {}
    for item in items:
        key = item_key(item)
        if key in listed:
            raise LoadError(
                f"two items have the id {item.get('id')!r}", hint="load them one by one, or give each an id of its own"
            )
        listed[key] = list_bands(item, options.links)
        if not listed[key]:
            there = ", ".join(item.get("assets") or {}) or "none"
            raise UnknownAsset(f"item {item.get('id')!r} has no raster asset", hint=f"its assets are: {there}")
    # An asset that describes no bands is opened before choosing: what it holds is known by its header alone.
    undescribed = [one for sources in listed.values() for one in sources if not one.index]
    first = _needed(undescribed, bands)
    headers = headers_of(first)
    looked_at = {(one.owner, one.key) for one in first}
    known = {
        item: [
            found for one in sources for found in (locate(one, headers) if (one.owner, one.key) in looked_at else [one])
        ]
        for item, sources in listed.items()
    }
    masks = find_masks(known, options.mask) if options.mask else {}
    names, of_all = choose_all(known, bands, options.missing)
    chosen = {item: found for item, found in of_all.items() if found}
    sources = [one for found in chosen.values() for one in found.values()]
    sources += [one.source for item in chosen for one in masks.get(item, ())]
    headers |= headers_of([one for one in sources if one.header is None])

    def whole(one: BandSource) -> BandSource:
        return one if one.header else locate(one, headers)[0]

    return names, {
        item: Located(
            bands={name: whole(one) for name, one in found.items()},
            masks=tuple(evolve(one, source=whole(one.source)) for one in masks.get(item, ())),
        )
        for item, found in chosen.items()
    }


def _needed(unknown: Sequence[BandSource], bands: Sequence[str]) -> list[BandSource]:
    """Of assets that describe no bands, give those that must be opened before choosing."""
    if not bands:
        return [one for one in unknown if one.is_data]
    named = [one for one in unknown if one.key in {band.partition(":")[0] for band in bands}]
    found = {one.key for one in named}
    # A name that is no asset key may be a band described only inside a file: then all must be opened.
    return named if all(band.partition(":")[0] in found for band in bands) else list(unknown)

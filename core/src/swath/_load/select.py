# SPDX-License-Identifier: Apache-2.0
"""Decides which bands of which assets a load reads, and under which names."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

from swath._load.sources import BandSource
from swath.errors import UnknownAsset

Chosen = dict[str, BandSource]
"""Bands of one item by the name of the variable they become."""


def choose(sources: Sequence[BandSource], bands: Sequence[str]) -> Chosen:
    """Choose the bands of one item.

    A name is a band name, a common name, an asset key (all bands of that asset), or ``asset:band`` where several assets
    have a band of that name. Of bands that fit equally, those of data assets win, then the finest.

    Args:
        sources: All raster bands of the item.
        bands: What is asked for; empty for all data bands.

    Returns:
        The bands by variable name, in the order asked for.

    Raises:
        UnknownAsset: The item has no such band, or several assets have it and nothing tells them apart.
    """
    if not bands:
        return _named([one for one in sources if one.is_data])
    chosen: Chosen = {}
    for name in bands:
        found = _find(sources, name)
        if len(found) == 1:
            chosen[name] = found[0]
        else:
            chosen |= _named(found)
    return chosen


def choose_all(items: Mapping[str, Sequence[BandSource]], bands: Sequence[str]) -> dict[str, Chosen]:
    """Choose the bands of several items, the same of each.

    Args:
        items: All raster bands by item id.
        bands: What is asked for; empty for all data bands.

    Returns:
        For each item, its bands by variable name.

    Raises:
        UnknownAsset: An item lacks a band that others have: a layer of nothing would be silently wrong.
    """
    chosen = {item: choose(sources, bands) for item, sources in items.items()}
    names = list(dict.fromkeys(name for one in chosen.values() for name in one))
    for item, one in chosen.items():
        lacking = [name for name in names if name not in one]
        if lacking:
            common = [name for name in names if all(name in other for other in chosen.values())]
            raise UnknownAsset(
                f"item {item!r} has no band {', '.join(map(repr, lacking))}, which other items have; "
                f"all items have: {', '.join(common) or 'none in common'}",
                hint="pass bands=[...] with those that all have, or load the items one by one",
            )
    return {item: {name: one[name] for name in names} for item, one in chosen.items()}


def suggest(name: str, known: Sequence[str]) -> str:
    """Say which known name was probably meant, and list all of them.

    Args:
        name: What was asked for.
        known: What there is.

    Returns:
        A hint; empty of a suggestion where nothing is near.
    """
    folded = {one.lower(): one for one in known}
    near = difflib.get_close_matches(name.lower(), list(folded), n=1)
    there = ", ".join(dict.fromkeys(known)) or "none"
    return f"did you mean {folded[near[0]]!r}? There are: {there}" if near else f"there are: {there}"


def names_of(sources: Sequence[BandSource]) -> list[str]:
    """List every name that bands can be asked for by: asset keys, band names, common names."""
    names: list[str] = []
    for one in sources:
        names += [name for name in (one.key, one.name, one.common_name) if name]
    return list(dict.fromkeys(names))


def _find(sources: Sequence[BandSource], name: str) -> list[BandSource]:
    """Find the bands of one name."""
    whole_asset = [one for one in sources if one.key == name]
    if whole_asset:
        return whole_asset
    key, _, band = name.rpartition(":")
    if key:
        qualified = [one for one in sources if one.key == key and band in {one.name, one.common_name}]
        if qualified:
            return qualified[:1]
    for attribute in ("name", "common_name"):
        found = [one for one in sources if getattr(one, attribute) == name]
        if found:
            return [_best(found, name)]
    item = sources[0].item if sources else "?"
    raise UnknownAsset(f"item {item!r} has no band or raster asset {name!r}", hint=suggest(name, names_of(sources)))


def _best(found: Sequence[BandSource], name: str) -> BandSource:
    """Choose among bands of one name."""
    of_data = [one for one in found if one.is_data] or list(found)
    finest = min(one.resolution_m for one in of_data)
    best = [one for one in of_data if one.resolution_m == finest]
    if len({one.key for one in best}) > 1:
        qualified = ", ".join(f"{one.key}:{name}" for one in best)
        raise UnknownAsset(
            f"item {best[0].item!r} has {name!r} in several assets: {qualified}",
            hint="pass one of these in bands=[...]",
        )
    return best[0]


def _named(sources: Sequence[BandSource]) -> Chosen:
    """Name bands by their band names, and by asset and band where that alone is not unique."""
    counts: dict[str, int] = {}
    for one in sources:
        counts[one.name] = counts.get(one.name, 0) + 1
    return {(one.name if counts[one.name] == 1 else f"{one.key}_{one.name}"): one for one in sources}

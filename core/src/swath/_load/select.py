# SPDX-License-Identifier: Apache-2.0
"""Decides which bands of which assets a load reads, and under which names."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

from swath._load.sources import BandSource
from swath.errors import UnknownAsset

Chosen = dict[str, BandSource]
"""Bands of one item by the name of the variable they become."""


def choose(sources: Sequence[BandSource], bands: Sequence[str], *, partly: bool = False) -> Chosen:
    """Choose the bands of one item.

    A name is a band name, a common name, an asset key (all bands of that asset), or ``asset:band`` where several assets
    have a band of that name. Of bands that fit equally, those of data assets win, then the finest.

    Args:
        sources: All raster bands of the item.
        bands: What is asked for; empty for all data bands.
        partly: Whether bands that the item lacks are left out.

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
        if not found and not partly:
            raise _unknown(sources, name)
        if len(found) == 1:
            chosen[name] = found[0]
        else:
            chosen |= _named(found)
    return chosen


def choose_all(
    items: Mapping[str, Sequence[BandSource]], bands: Sequence[str], missing: str | None = None
) -> tuple[list[str], dict[str, Chosen]]:
    """Choose the bands of several items.

    Args:
        items: All raster bands by the items' keys.
        bands: What is asked for; empty for all data bands.
        missing: What becomes of bands that only some items have; see `LoadOptions.missing`.

    Returns:
        The names of the variables in the order asked for; and for each item its bands by these names: with ``"fill"``
        some of them only, or none.

    Raises:
        UnknownAsset: No item has a band; or an item lacks one that others have and nothing was said of it, since a
            layer of nothing would be silently wrong.
    """
    way = missing or ("fill" if bands else "raise")
    chosen = {item: choose(sources, bands, partly=way != "raise") for item, sources in items.items()}
    every = [one for sources in items.values() for one in sources]
    for name in bands:
        if not any(_find(sources, name) for sources in items.values()):
            raise _unknown(every, name)
    asked = {id(one): at for at, name in enumerate(bands) for sources in items.values() for one in _find(sources, name)}
    found = {name: one for bands_of in chosen.values() for name, one in bands_of.items()}
    names = sorted(found, key=lambda name: asked.get(id(found[name]), 0))
    common = [name for name in names if all(name in other for other in chosen.values())]
    if way == "drop":
        names = common
    for item, bands_of in chosen.items():
        lacking = [name for name in names if name not in bands_of]
        if lacking and way == "raise":
            raise UnknownAsset(
                f"item {items[item][0].item!r} has no band {', '.join(map(repr, lacking))}, which other items have; "
                f"all items have: {', '.join(common) or 'none in common'}",
                hint="name what you want by bands=[...], pass missing='fill' for nodata where an item lacks a band, or "
                "missing='drop' for the bands that all have",
            )
    if not names:
        raise UnknownAsset(
            "there is no band that all items have", hint="pass missing='fill' for nodata where an item lacks a band"
        )
    return names, {item: {name: one[name] for name in names if name in one} for item, one in chosen.items()}


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
    """Find the bands of one name; none where the item lacks it."""
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
    return []


def _unknown(sources: Sequence[BandSource], name: str) -> UnknownAsset:
    items = list(dict.fromkeys(one.item for one in sources))
    who = f"item {items[0]!r} has" if len(items) == 1 else "no item has"
    what = "no band or raster asset" if len(items) == 1 else "a band or raster asset"
    return UnknownAsset(f"{who} {what} {name!r}", hint=suggest(name, names_of(sources)))


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

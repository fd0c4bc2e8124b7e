# SPDX-License-Identifier: Apache-2.0
"""Reads what users hand over as "these items" or "these orders"."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from attrs import evolve, fields

from swath._suggest import suggest
from swath.errors import InputError
from swath.models import ItemDict, LoadOptions, Order

__all__ = [
    "is_remote",
    "is_saved",
    "items_of",
    "load_options",
    "local_items_of",
    "orders_of",
    "require_provider",
    "walk_items",
]


def items_of(what: Any) -> list[ItemDict]:
    """Read items from a search, `pystac` objects, dicts, tables, what was saved, or any mixture in a list.

    Args:
        what: What the user passed.

    Returns:
        STAC Item dicts, in order, each once.

    Raises:
        InputError: If there is something else in it, or nothing.
    """
    items: dict[tuple[Any, Any], ItemDict] = {}
    for item in walk_items(what):
        if not isinstance(item["id"], str) or not isinstance(item.get("properties"), dict):
            raise InputError(
                f"item {item['id']!r:.80} is no STAC Item: its id is no text, or it has no properties",
                hint="pass items as a search found them",
            )
        items.setdefault((item.get("collection"), item["id"]), item)
    if not items:
        raise InputError("there are no items", hint="widen the search: its result is empty")
    return list(items.values())


def walk_items(what: Any) -> Iterable[ItemDict]:
    """Take the items out of whatever holds some, as they come.

    Raises:
        InputError: If there is something else in it.
    """
    if isinstance(what, str | Path):
        from swath._export import read_items

        return read_items(Path(what))
    if hasattr(what, "items_as_dicts"):
        whole = getattr(what, "__swath_items__", what.items_as_dicts)
        return [copy.deepcopy(item) for item in whole()]
    if isinstance(what, Mapping):
        if what.get("type") == "FeatureCollection":
            return [item for feature in what.get("features", []) for item in walk_items(feature)]
        if what.get("type") == "Feature" and "id" in what:
            return [copy.deepcopy(dict(what))]
    elif hasattr(what, "to_dict") and hasattr(what, "properties"):
        return [what.to_dict(include_self_link=True, transform_hrefs=False)]
    elif hasattr(what, "get_items"):  # a catalogue of pystac's
        return [item for entry in what.get_items(recursive=True) for item in walk_items(entry)]
    elif _is_table(what):
        from swath._export import items_of_table

        return list(items_of_table(what))
    elif isinstance(what, Iterable):
        return [item for entry in what for item in walk_items(entry)]
    raise InputError(
        f"{type(what).__name__} holds no STAC Items",
        hint="pass a search, pystac items, a FeatureCollection, a GeoDataFrame, or the path of a saved one",
    )


def _is_table(what: Any) -> bool:
    from swath._export import is_table

    return is_table(what)


def orders_of(what: Any) -> list[Order | str] | None:
    """Read orders, or ids of orders, from what the user passed; None if it is something else (items, a search).

    A string is an id unless a file of that name exists, or a folder with a STAC catalogue.
    """
    if isinstance(what, Order):
        return [what]
    if isinstance(what, str):
        return None if is_saved(what) else [what]
    if isinstance(what, list | tuple) and what and all(isinstance(entry, Order | str) for entry in what):
        return list(what)
    return None


def is_saved(text: str) -> bool:
    """Whether a word of the user's is the path of saved items, and not the id of an order."""
    path = Path(text)
    try:
        return (bool(path.suffix) and path.is_file()) or (path / "catalog.json").is_file()
    except (OSError, ValueError):
        return False


def require_provider(items: Iterable[ItemDict], provider: str) -> None:
    """Refuse items that another provider found.

    Raises:
        InputError: Naming the item and the provider it belongs to.
    """
    for item in items:
        owner = item.get("properties", {}).get("swath:provider", provider)
        if owner != provider:
            raise InputError(
                f"item {item['id']!r} was found at {owner!r}",
                provider=provider,
                hint=f"use swath.open({owner!r}) for it",
            )


def local_items_of(what: Any) -> list[ItemDict]:
    """Read downloaded items: a folder that was downloaded to, or what `items_of` takes."""
    if isinstance(what, str | Path) and Path(what).is_dir():
        from swath._transfer.receipt import read_items as read_local

        found = read_local(Path(what))
        if not found:
            raise InputError(f"{what} holds no downloaded items", hint="pass the folder that download() wrote to")
        return found
    return items_of(what)


def is_remote(item: ItemDict, schemes: tuple[str, ...] = ("http://", "https://")) -> bool:
    """Whether an item's data are on the web, and none of them here.

    Args:
        item: STAC Item.
        schemes: How hrefs begin that lead there.
    """
    data = [one for one in (item.get("assets") or {}).values() if not _LESSER & set(one.get("roles") or ())]
    return bool(data) and all(str(one.get("href")).startswith(schemes) for one in data)


_LESSER = frozenset({"thumbnail", "overview", "metadata"})


def load_options(options: Mapping[str, Any]) -> LoadOptions:
    """Make the record of load options from keywords.

    Raises:
        InputError: For a keyword that does not exist, with the nearest one, or a value out of range.
    """
    known = [field.name for field in fields(LoadOptions) if field.name != "links"]
    for key in options:
        if key not in known:
            raise InputError(f"load() has no option {key!r}", hint=suggest(key, known))
    try:
        made = LoadOptions(**options)
    except (TypeError, ValueError) as err:
        raise InputError(f"load() cannot use that: {err}") from err
    if made.intersects is not None:
        from swath._geometry.read import read_geometry

        made = evolve(made, intersects=read_geometry(made.intersects).geometry)
    if made.like is not None:
        from swath._load.like import pixel_grid

        made = evolve(made, like=pixel_grid(made.like))
    return made

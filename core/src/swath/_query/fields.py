# SPDX-License-Identifier: Apache-2.0
"""Trim items and collections to the fields that were asked for. What is left is STAC still.

Source: the STAC API fields extension.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import field, frozen

from swath.errors import InputError
from swath.models import ItemDict

__all__ = ["Fields", "parse_fields", "trim_collection", "trim_item"]

_ITEM = (
    "type", "stac_version", "stac_extensions", "id", "collection", "geometry", "bbox", "links", "assets",
    "properties.datetime", "properties.start_datetime", "properties.end_datetime", "properties.swath:provider",
)  # fmt: skip
_ITEM_STAYS = frozenset(_ITEM) - {"geometry", "bbox"}
_COLLECTION = ("type", "stac_version", "stac_extensions", "id", "title", "description", "license", "extent", "links")
_COLLECTION_STAYS = frozenset(_COLLECTION) - {"title"}
_EMPTIED: dict[str, Any] = {"links": [], "assets": {}}
"""What must be there, and may be empty."""


@frozen
class Fields:
    """Which fields to give."""

    include: tuple[str, ...] = field()
    """Dotted paths; empty means all that are not excluded."""
    exclude: tuple[str, ...] = field()


def parse_fields(value: object) -> Fields | None:
    """Read which fields to give, in pystac-client's forms.

    Args:
        value: ``{"include": [...], "exclude": [...]}``; names in a list or comma-separated, ``-`` before one that is to
            be left out, ``+`` or nothing before the others; or None for all.

    Raises:
        InputError: If it is none of these.
    """
    if value is None:
        return None
    if isinstance(value, Mapping):
        unknown = set(value) - {"include", "exclude"}
        if unknown:
            raise InputError(f"fields has {min(map(str, unknown))!r}", hint="pass 'include' and 'exclude'")
        include, exclude = (_names(value.get(key)) for key in ("include", "exclude"))
    else:
        names = _names(value)
        include = tuple(name.removeprefix("+") for name in names if not name.startswith("-"))
        exclude = tuple(name[1:] for name in names if name.startswith("-"))
    return Fields(include, exclude) if include or exclude else None


def trim_item(item: ItemDict, fields: Fields) -> ItemDict:
    """Give a copy of an item with the fields asked for, and those without which it is none.

    Its id, collection, time and provider stay, so that it can be found again; links and assets that are left out are
    empty, a geometry that is left out is null, and its bbox goes with it.
    """
    found = _trimmed(item, fields, _ITEM, _ITEM_STAYS)
    if found.setdefault("geometry", None) is None:
        found.pop("bbox", None)  # STAC allows none where there is no geometry
    return found


def trim_collection(collection: ItemDict, fields: Fields) -> ItemDict:
    """Do the same for a collection."""
    return _trimmed(collection, fields, _COLLECTION, _COLLECTION_STAYS)


def _names(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    entries = value.split(",") if isinstance(value, str) else value
    if not isinstance(entries, Iterable) or isinstance(entries, Mapping):
        raise InputError(f"fields cannot be {value!r:.80}", hint="pass names, for example ['id', '-geometry']")
    names: list[str] = []
    for entry in entries:
        if not isinstance(entry, str):
            raise InputError(f"fields has {entry!r:.80}", hint="pass names, for example ['id', '-geometry']")
        names.extend(part.strip() for part in entry.split(",") if part.strip())
    return tuple(names)


def _trimmed(whole: ItemDict, fields: Fields, least: tuple[str, ...], stays: frozenset[str]) -> ItemDict:
    found: dict[str, Any] = {}
    if fields.include:
        for path in (*least, *fields.include):
            if path in _EMPTIED and path not in fields.include:
                continue
            _take(whole, found, _steps(path, whole))
    else:
        found = _copied(whole)
    for path in fields.exclude:
        if path not in fields.include and (path not in stays or path in _EMPTIED):
            _drop(found, _steps(path, whole), stays)
    for name, empty in _EMPTIED.items():
        if name in stays:
            found.setdefault(name, type(empty)())
    return found


def _steps(path: str, whole: ItemDict) -> list[str]:
    """Take a path apart; a name that has dots itself, below `properties` or `assets`, is one step."""
    head, dot, rest = path.partition(".")
    inner = whole.get(head)
    if dot and isinstance(inner, Mapping) and rest in inner:
        return [head, rest]
    return path.split(".")


def _take(whole: Any, found: dict[str, Any], steps: list[str]) -> None:
    name, *rest = steps
    if not isinstance(whole, Mapping) or name not in whole:
        return
    if not rest:
        found[name] = _copied(whole[name])
    elif isinstance(whole[name], Mapping):
        _take(whole[name], found.setdefault(name, {}), rest)


def _drop(found: Any, steps: list[str], stays: frozenset[str]) -> None:
    name, *rest = steps
    if not isinstance(found, dict) or name not in found:
        return
    if rest:
        _drop(found[name], rest, stays)
        return
    kept = {path.partition(".")[2] for path in stays if path.startswith(f"{name}.")}
    if kept:
        found[name] = {key: value for key, value in found[name].items() if key in kept}
    else:
        del found[name]


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copied(inner) for key, inner in value.items()}
    return list(map(_copied, value)) if isinstance(value, list) else value

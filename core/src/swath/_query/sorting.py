# SPDX-License-Identifier: Apache-2.0
"""Read what to sort by and sort items so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from swath._query.times import parse_span
from swath._query.values import bare_name, is_temporal, lookup
from swath.errors import InputError
from swath.models import ItemDict, SortKey

__all__ = ["Ranks", "order_of", "parse_sortby", "ranks_of", "sort_items"]

Ranks: TypeAlias = tuple[tuple[int, Any] | None, ...]
"""For each sort key what orders an item's value among all kinds; None where it has none."""

_HINT = "pass '-datetime', 'datetime,-eo:cloud_cover', a list of these, or [{'field': 'datetime', 'direction': 'desc'}]"
_DIRECTIONS = {"asc": False, "ascending": False, "desc": True, "descending": True}
_UNSORTABLE = {"geometry", "bbox"}


def parse_sortby(value: object) -> tuple[SortKey, ...]:
    """Read what to sort by, in pystac-client's forms.

    Args:
        value: Names, comma-separated or in a list, ``-`` for descending, ``+`` or nothing for ascending; dicts with
            ``field`` and ``direction``; `SortKey` records; or None. ``properties.`` before a name is dropped.

    Returns:
        The keys, the first one weighing most; a name that comes twice counts once.

    Raises:
        InputError: If it is none of these.
    """
    if value is None:
        return ()
    if isinstance(value, str):
        entries: list[Any] = value.split(",") if value.strip() else []
    elif isinstance(value, Mapping | SortKey):
        entries = [value]
    elif isinstance(value, Iterable):
        entries = list(value)
    else:
        raise InputError(f"sortby cannot be {value!r}", hint=_HINT)
    keys: dict[str, SortKey] = {}
    for entry in entries:
        key = _key(entry)
        keys.setdefault(key.property, key)
    return tuple(keys.values())


def sort_items(items: Iterable[ItemDict], keys: Sequence[SortKey]) -> list[ItemDict]:
    """Sort items, leaving equal ones in their order; where the property is missing comes last either way.

    Times are compared as instants; an item without a nominal one goes by its start. Values of different kinds go in the
    order: truth values, numbers, times, text.
    """
    given = list(items)
    return [given[at] for at in order_of([ranks_of(item, keys) for item in given], keys)]


def ranks_of(item: ItemDict, keys: Sequence[SortKey]) -> Ranks:
    """Give all of an item that its place in the order depends on."""
    return tuple(_rank(_value(item, key.property), key.property) for key in keys)


def order_of(ranks: Sequence[Ranks], keys: Sequence[SortKey]) -> list[int]:
    """Say in which order items come, by what `ranks_of` gave of each: their numbers from 0."""
    ordered = list(range(len(ranks)))
    for place, key in reversed(list(enumerate(keys))):
        values: list[Any] = [one[place] for one in ranks]
        present = [at for at in ordered if values[at] is not None]
        missing = [at for at in ordered if values[at] is None]
        present.sort(key=values.__getitem__, reverse=key.descending)
        ordered = present + missing
    return ordered


def _key(entry: object) -> SortKey:
    if isinstance(entry, SortKey):
        name, descending = entry.property, entry.descending
    elif isinstance(entry, str):
        text = entry.strip()
        descending = text.startswith("-")
        name = text[1:].strip() if text[:1] in {"-", "+"} else text
    elif isinstance(entry, Mapping):
        direction = str(entry.get("direction", "asc")).lower()
        if not isinstance(entry.get("field"), str) or direction not in _DIRECTIONS:
            raise InputError(f"sortby has {dict(entry)!r}, which lacks a field or a known direction", hint=_HINT)
        name, descending = entry["field"].strip(), _DIRECTIONS[direction]
    else:
        raise InputError(f"sortby has {entry!r}", hint=_HINT)
    name = bare_name(name)
    if not name or name in _UNSORTABLE:
        raise InputError(f"sortby cannot sort by {name!r}", hint=_HINT)
    return SortKey(property=name, descending=descending)


def _value(item: ItemDict, name: str) -> Any:
    value = lookup(item, name)
    return lookup(item, "start_datetime") if value is None and name == "datetime" else value


def _rank(value: Any, name: str) -> tuple[int, Any] | None:
    """Give what orders a value among all kinds; None if it cannot be ordered."""
    if isinstance(value, bool):
        return (0, value)
    if isinstance(value, int | float):
        return None if value != value else (1, value)  # noqa: PLR0124  NaN has no place in an order.
    if isinstance(value, str):
        span = parse_span(value) if is_temporal(name) else None
        return (2, span[0]) if span else (3, value)
    return None

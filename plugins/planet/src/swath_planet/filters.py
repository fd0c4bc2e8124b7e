# SPDX-License-Identifier: Apache-2.0
"""Says a query in Planet's filter grammar: whatever matches the query matches the filter, sometimes more does.

Core applies the query again to what comes back, so what cannot be said here is only left out.

Source: Planet's documentation of Data API filters, read 2026-11.
"""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from swath.errors import InvalidFilter, UnknownCollection
from swath.models import Query, SortKey
from swath.pushdown import Loose, Predicate, conjuncts, predicate_of, push_not_down, translate
from swath_planet.areas import area_filter, relation_filter
from swath_planet.itemtypes import ITEM_TYPES, Kind
from swath_planet.predicates import (
    FIELDS,
    Filter,
    assets_any,
    condition,
    date_range,
    negated,
    permission,
    some,
    strings_in,
    updated_since,
)

__all__ = ["CHANGED", "Pushed", "item_types_of", "push", "sort_of"]

CHANGED: Final = "planet:changed"
"""Property of the items of a search that asks when single fields were changed: by Planet's name of the field."""


@frozen(kw_only=True)
class Pushed:
    """A query as Planet is asked it."""

    item_types: tuple[str, ...]
    """Empty where nothing can match."""
    filter: Filter
    exact: bool
    """Whether it finds exactly what matches the query."""
    changed: tuple[str, ...] = ()
    """Fields that were asked for by when they were changed: true of all items that are found."""


def item_types_of(collections: Sequence[str]) -> tuple[str, ...]:
    """Name the item types to search: those asked for, or all.

    Raises:
        UnknownCollection: Planet has no such item type.
    """
    for name in collections:
        if name not in ITEM_TYPES:
            lower = {one.lower(): one for one in ITEM_TYPES}
            near = difflib.get_close_matches(name.lower(), lower, n=1, cutoff=0.6)
            raise UnknownCollection(
                f"Planet has no item type {name!r}" + (f"; did you mean {lower[near[0]]!r}?" if near else ""),
                hint=f"choose from {', '.join(ITEM_TYPES)}",
                provider="planet",
            )
    return tuple(dict.fromkeys(collections)) or tuple(ITEM_TYPES)


def sort_of(keys: Sequence[SortKey]) -> str | None:
    """Say an order in Planet's words, None where Planet does not have it."""
    if len(keys) != 1:
        return None
    native = {"datetime": "acquired", "published": "published", "created": "published"}.get(keys[0].property)
    return f"{native} {'desc' if keys[0].descending else 'asc'}" if native else None


def push(query: Query) -> Pushed:
    """Say a query in Planet's grammar.

    Raises:
        UnknownCollection: It names an item type that Planet does not have.
        InvalidFilter: It asks for changes of a field in a way that Planet cannot be asked.
    """
    item_types = item_types_of(query.collections)
    nodes = list(conjuncts(None if query.filter is None else push_not_down(query.filter)))
    for node in nodes:
        named = _collections_named(node)
        if named is not None:
            item_types = tuple(one for one in item_types if one in named)
    said: list[Filter] = []
    exact = True
    if query.ids:
        said.append(strings_in("id", query.ids))
    if query.datetime is not None and (query.datetime.start or query.datetime.end):
        said.append(date_range("acquired", gte=query.datetime.start, lte=query.datetime.end))
    asked = [] if query.intersects is None else [area_filter(query.intersects)]
    changed: dict[str, None] = {}
    for node in nodes:
        update = _say_update(node)
        if update is not None:
            asked.append((update, True))
            changed[update["field_name"]] = None
        elif _collections_named(node) is None:
            asked.append(_say(node, item_types))
    for one, is_exact in asked:
        exact = exact and is_exact
        if one is not None:
            said.append(one)
    filter_ = {"type": "AndFilter", "config": said}
    return Pushed(item_types=item_types, filter=filter_, exact=exact, changed=tuple(changed))


# --- the filter's tree -----------------------------------------------------------------------------------------------

_SPATIAL: Final = frozenset(
    {"s_intersects", "s_within", "s_contains", "s_equals", "s_overlaps", "s_crosses", "s_touches"}
)
"""Relations that only hold where the two meet."""
_RELATIONS: Final = {"s_within": "within", "s_contains": "contains", "s_disjoint": "disjoint"}
"""Relations that Planet has a word for, beside "intersects"."""
_TURNED: Final = {"s_within": "s_contains", "s_contains": "s_within"}
"""What a relation is, seen from the other side."""
_ABSENT: Final = {"s_intersects": "s_disjoint", "s_disjoint": "s_intersects"}
"""What a relation is where it does not hold."""
_TEMPORAL: Final = frozenset(
    {"t_after", "t_before", "t_during", "t_equals", "t_finishes", "t_intersects", "t_meets", "t_metBy", "t_starts"}
)
"""Relations that an instant can have with a span of time, but for being apart from it."""


def _say(node: Mapping[str, Any], item_types: Sequence[str]) -> tuple[Filter | None, bool]:
    """Say one condition that must hold, and whether the filter finds exactly what matches."""
    op, args = node.get("op"), list(node.get("args") or ())
    if op in {"and", "or"} and all(isinstance(one, Mapping) for one in args):
        return _say_several(str(op), args, item_types)
    if op == "not" and isinstance(args[0], Mapping) and args[0].get("op") in _ABSENT:
        op, args = _ABSENT[args[0]["op"]], list(args[0]["args"])
    if op in _SPATIAL or op in _RELATIONS:
        return _say_spatial(str(op), args)
    if op in _TEMPORAL:
        return _say_temporal(str(op), args), False
    if op in {"a_contains", "a_overlaps", "a_equals"}:
        return _say_array(str(op), args)
    exact = _is_simple(node)

    def leaf(predicate: Predicate) -> Filter | Loose[Filter] | None:
        nonlocal exact
        found = condition(predicate, item_types)
        exact = exact and found is not None and not isinstance(found, Loose)
        return found

    found = translate(node, leaf=leaf, every=_every, some=some, negate=negated)
    return found, exact and found is not None


def _say_several(op: str, args: Sequence[Mapping[str, Any]], item_types: Sequence[str]) -> tuple[Filter | None, bool]:
    """Say conditions joined by ``and``, leaving out what cannot be said, or by ``or``, where each must be sayable."""
    parts = [_say(one, item_types) for one in args]
    said = [one for one, _ in parts if one is not None]
    is_whole = len(said) == len(parts)
    if not said or (op == "or" and not is_whole):
        return None, False
    joined = some(said) if op == "or" or len(said) == 1 else _every(said)
    return joined, is_whole and all(exact for _, exact in parts)


def _every(parts: Sequence[Filter]) -> Filter:
    return {"type": "AndFilter", "config": list(parts)}


def _is_simple(node: Any) -> bool:
    """Whether a tree is made of nothing but simple conditions; a ``not`` that is left is none."""
    if isinstance(node, Mapping) and node.get("op") in {"and", "or"}:
        return all(_is_simple(part) for part in node["args"])
    return predicate_of(node) is not None


def _collections_named(node: Mapping[str, Any]) -> frozenset[str] | None:
    """Read a condition on the collection, None for any other."""
    found = predicate_of(node)
    if found is None or found.property != "collection" or found.op not in {"=", "in"}:
        return None
    values = found.value if found.op == "in" else (found.value,)
    return frozenset(one for one in values if isinstance(one, str))


def _say_spatial(op: str, args: Sequence[Any]) -> tuple[Filter | None, bool]:
    """Say a spatial relation of the footprint: in Planet's word, else by "intersects", which most of them imply."""
    left, right = args
    name, other = left, right
    if "property" not in left:
        name, other, op = right, left, _TURNED.get(op, op)
    if name != {"property": "geometry"} or "type" not in other:
        return None, False
    if op in _RELATIONS:
        said = relation_filter(other, _RELATIONS[op])
        if said is not None or op == "s_disjoint":
            return said, False
    asked, exact = area_filter(other)
    return asked, exact and op == "s_intersects"


def _say_update(node: Mapping[str, Any]) -> Filter | None:
    """Say since when a field was changed; None for any other condition.

    Raises:
        InvalidFilter: It is asked as Planet cannot be asked, and no item tells it.
    """
    asked = sorted(name for name in _names(node) if name.startswith(CHANGED))
    if not asked:
        return None
    found = predicate_of(node)
    op = {">": "gt", ">=": "gte"}.get(found.op) if found is not None else None
    field = asked[0].removeprefix(f"{CHANGED}.")
    if found is None or op is None or not isinstance(found.value, dt.datetime) or field == CHANGED:
        raise InvalidFilter(
            f"Planet can be asked since when a field was changed, and {asked[0]!r} is asked otherwise",
            hint=f"write \"{CHANGED}.ground_control\" > TIMESTAMP('2026-03-01T00:00:00Z'), joined to the rest by AND",
            provider="planet",
        )
    return updated_since(field, **{op: found.value})


def _names(node: Any) -> Iterator[str]:
    """Go through the properties that a condition names."""
    if isinstance(node, Mapping):
        if isinstance(node.get("property"), str):
            yield node["property"].removeprefix("properties.")
        node = list(node.values())
    if isinstance(node, list | tuple):
        for inner in node:
            yield from _names(inner)


def _say_temporal(op: str, args: Sequence[Any]) -> Filter | None:
    """Say a temporal relation of one of the item's times with a literal: the span outside which it never holds."""
    left, right = args
    field = FIELDS.get(left.get("property", ""))
    if field is None or field.kind is not Kind.TIME or "property" in right:
        return None
    start, end = right.get("interval") or (right, right)
    if op == "t_after":
        start, end = end, ".."
    elif op == "t_before":
        start, end = "..", start
    bounds: dict[str, Any] = {}
    for bound, key, edge in ((">=", "gte", start), ("<=", "lte", end)):
        if edge == "..":
            continue
        literal = edge if isinstance(edge, Mapping) else {"timestamp" if "T" in str(edge) else "date": edge}
        found = predicate_of({"op": bound, "args": [left, literal]})
        if found is None or not isinstance(found.value, dt.datetime):
            return None
        bounds[key] = found.value
    return date_range(field.native, **bounds) if bounds else None


def _say_array(op: str, args: Sequence[Any]) -> tuple[Filter | None, bool]:
    """Say a condition on a list, and whether the filter finds exactly what matches."""
    left, right = args
    name = left.get("property", "") if isinstance(left, Mapping) else ""
    words = [one for one in right if isinstance(one, str)] if isinstance(right, list) else []
    if not words or len(words) < len(right):
        return None, False
    if name == "planet:asset_types":
        if op == "a_overlaps":
            return assets_any(words), True
        return _every([assets_any([one]) for one in words]), op == "a_contains"
    if name == "planet:permissions":
        rights = [permission(one) for one in words]
        return some(rights) if op == "a_overlaps" else _every(rights), False
    field = FIELDS.get(name)
    if field is None or not field.array:
        return None, False
    return strings_in(field.native, words if op == "a_overlaps" else words[:1]), False

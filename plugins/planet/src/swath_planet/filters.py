# SPDX-License-Identifier: Apache-2.0
"""Says a query in Planet's filter grammar: whatever matches the query matches the filter, sometimes more does.

Core applies the query again to what comes back, so what cannot be said here is only left out.

Source: Planet's documentation of Data API filters, read 2026-11.
"""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from swath.errors import UnknownCollection
from swath.models import Query, SortKey
from swath.pushdown import Loose, Predicate, conjuncts, predicate_of, push_not_down, translate
from swath_planet.areas import area_filter
from swath_planet.itemtypes import ITEM_TYPES, Kind
from swath_planet.predicates import FIELDS, Filter, condition, date_range, negated, some, strings_in

__all__ = ["Pushed", "item_types_of", "push", "sort_of"]


@frozen(kw_only=True)
class Pushed:
    """A query as Planet is asked it."""

    item_types: tuple[str, ...]
    """Empty where nothing can match."""
    filter: Filter
    exact: bool
    """Whether it finds exactly what matches the query."""


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
    asked += [_say(node, item_types) for node in nodes if _collections_named(node) is None]
    for one, is_exact in asked:
        exact = exact and is_exact
        if one is not None:
            said.append(one)
    return Pushed(item_types=item_types, filter={"type": "AndFilter", "config": said}, exact=exact)


# --- the filter's tree -----------------------------------------------------------------------------------------------

_SPATIAL: Final = frozenset(
    {"s_intersects", "s_within", "s_contains", "s_equals", "s_overlaps", "s_crosses", "s_touches"}
)
"""Relations that only hold where the two meet."""
_TEMPORAL: Final = frozenset(
    {"t_after", "t_before", "t_during", "t_equals", "t_finishes", "t_intersects", "t_meets", "t_metBy", "t_starts"}
)
"""Relations that an instant can have with a span of time, but for being apart from it."""


def _say(node: Mapping[str, Any], item_types: Sequence[str]) -> tuple[Filter | None, bool]:
    """Say one condition that must hold, and whether the filter finds exactly what matches."""
    op, args = node.get("op"), list(node.get("args") or ())
    if op in _SPATIAL:
        return _say_spatial(str(op), args)
    if op in _TEMPORAL:
        return _say_temporal(str(op), args), False
    if op in {"a_contains", "a_overlaps"}:
        return _say_array(str(op), args), False
    exact = _is_simple(node)

    def leaf(predicate: Predicate) -> Filter | Loose[Filter] | None:
        nonlocal exact
        found = condition(predicate, item_types)
        exact = exact and found is not None and not isinstance(found, Loose)
        return found

    found = translate(node, leaf=leaf, every=_every, some=some, negate=negated)
    return found, exact and found is not None


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
    """Say a spatial relation of the footprint by "intersects", which all of them imply."""
    left, right = args
    name, other = (left, right) if "property" in left else (right, left)
    if name != {"property": "geometry"} or "type" not in other:
        return None, False
    asked, exact = area_filter(other)
    return asked, exact and op == "s_intersects"


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


def _say_array(op: str, args: Sequence[Any]) -> Filter | None:
    """Say a condition on a list that holds one value at most."""
    left, right = args
    field = FIELDS.get(left.get("property", "")) if isinstance(left, Mapping) else None
    if field is None or not field.array or not isinstance(right, list) or not right:
        return None
    words = [one for one in right if isinstance(one, str)]
    if len(words) < len(right):
        return None
    return strings_in(field.native, words if op == "a_overlaps" else words[:1])

# SPDX-License-Identifier: Apache-2.0
"""Says a query in the catalogue's words: whatever matches the query is found, sometimes more is.

Source: the Capella wire contract, 2.1 to 2.3, read 2026-11.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from swath.models import Query, SortKey
from swath.pushdown import Predicate, conjuncts, predicate_of, push_not_down
from swath_capella._api.catalogue import second
from swath_capella.fields import NATIVE, SORTABLE

__all__ = ["MARGIN", "Pushed", "push", "sort_of"]

MARGIN: Final = dt.timedelta(minutes=10)
"""More than half an acquisition takes: the catalogue compares its middle, and a query asks for any part of it."""

_OPERATORS: Final[Mapping[str, str]] = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte", "=": "eq", "in": "in"}
_WORDS: Final = frozenset({"sat:orbit_state", "sar:product_type", "sar:instrument_mode", "sar:observation_direction"})
_ARRAYS: Final = frozenset({"sar:polarizations", "instruments"})
_REWRITTEN: Final = frozenset({"locale:datetime"})
"""What our items have in another form."""
_IDS: Final = 500
"""Ids that one search names; more are asked for in several."""


def sort_of(keys: Sequence[SortKey]) -> list[dict[str, str]] | None:
    """Say an order in Capella's words; None where it does not surely have it."""
    if not keys or any(key.property not in SORTABLE for key in keys):
        return None
    return [
        {
            "field": "id" if key.property == "id" else f"properties.{key.property}",
            "direction": "desc" if key.descending else "asc",
        }
        for key in keys
    ]


@frozen(kw_only=True)
class Pushed:
    """A query in the catalogue's words."""

    bodies: list[dict[str, Any]]
    """Searches, of which several are needed for many ids; none where nothing can match."""
    exact: bool
    """Whether, but for the time, they find exactly what matches."""


def push(query: Query) -> Pushed:
    """Say a query."""
    conditions, collections, exact = _conditions(query)
    if collections == []:
        return Pushed(bodies=[], exact=True)
    if query.datetime is not None:
        start, end = query.datetime.start, query.datetime.end
        _bound(conditions, start and start - MARGIN, end and end + MARGIN)
    body: dict[str, Any] = {}
    if collections:
        body["collections"] = collections
    if query.intersects is not None:
        body["intersects"] = query.intersects
    if conditions:
        body["query"] = conditions
    sort = sort_of(query.sortby)
    if sort is not None:
        body["sortby"] = sort
    if not query.ids:
        return Pushed(bodies=[body], exact=exact)
    ids = list(dict.fromkeys(query.ids))
    return Pushed(bodies=[{**body, "ids": ids[at : at + _IDS]} for at in range(0, len(ids), _IDS)], exact=exact)


def _conditions(query: Query) -> tuple[dict[str, dict[str, Any]], list[str] | None, bool]:
    """Say a filter; with the collections, None for all, and whether it is said exactly."""
    conditions: dict[str, dict[str, Any]] = {}
    collections: list[str] | None = list(query.collections) or None
    exact = True
    for node in conjuncts(None if query.filter is None else push_not_down(query.filter)):
        found = predicate_of(node) or _in_array(node)
        if found is not None and found.property == "collection" and found.op in {"=", "in"}:
            named = sorted(set(found.value if found.op == "in" else (found.value,)))
            collections = named if collections is None else [one for one in collections if one in named]
        else:
            exact = (found is not None and _say(conditions, found)) and exact
    return conditions, collections, exact


def _bound(conditions: dict[str, dict[str, Any]], start: dt.datetime | None, end: dt.datetime | None) -> None:
    """Bound the time, to the whole second below and above: the service may compare texts."""
    if start is not None:
        _tighten(conditions, "datetime", "gte", second(start))
    if end is not None:
        _tighten(conditions, "datetime", "lte", second(end + dt.timedelta(seconds=1)))


def _in_array(node: Mapping[str, Any]) -> Predicate | None:
    """Read a condition on an array's members as one on the array."""
    op, args = node.get("op"), list(node.get("args") or ())
    if op not in {"a_contains", "a_overlaps"} or not isinstance(args[0], Mapping) or not isinstance(args[1], list):
        return None
    values = tuple(one for one in args[1] if isinstance(one, str))
    if not values or len(values) != len(args[1]) or (op == "a_contains" and len(values) > 1):
        return None
    return Predicate(property=str(args[0].get("property")), op="in", value=values)


def _say(conditions: dict[str, dict[str, Any]], found: Predicate) -> bool:
    """Add a condition, as far as it can be said; true where that is exact."""
    native = NATIVE.get(found.property)
    if native is None or native in _REWRITTEN:
        return False
    if found.op == "between":
        low, high = found.value
        above = _say(conditions, Predicate(property=found.property, op=">=", value=low))
        return _say(conditions, Predicate(property=found.property, op="<=", value=high)) and above
    operator = _OPERATORS.get(found.op)
    if operator is None:
        return False
    if native == "datetime":
        start = found.value if operator in {"gt", "gte", "eq"} else None
        end = found.value if operator in {"lt", "lte", "eq"} else None
        if all(one is None or isinstance(one, dt.datetime) for one in (start, end)):
            _bound(conditions, start, end)
        return False
    values = found.value if found.op == "in" else (found.value,)
    if any(isinstance(one, dt.datetime | bool) for one in values):
        return False
    if native in _ARRAYS and found.op != "in":
        return False
    if native in _WORDS and not all(isinstance(one, str) for one in values):
        return False
    return _tighten(conditions, native, operator, list(values) if found.op == "in" else found.value)


def _tighten(conditions: dict[str, dict[str, Any]], name: str, operator: str, value: Any) -> bool:
    """Add a condition; of two that say the same kind of thing the first is kept, and core applies the other."""
    return bool(conditions.setdefault(name, {}).setdefault(operator, value) == value)

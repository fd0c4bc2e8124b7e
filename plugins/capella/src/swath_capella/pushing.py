# SPDX-License-Identifier: Apache-2.0
"""Says a query in the catalogue's words: whatever matches the query is found, sometimes more is.

Source: the Capella wire contract, 2.1 to 2.3, read 2026-11.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

from swath.models import Query, SortKey
from swath.pushdown import Predicate, conjuncts, predicate_of, push_not_down
from swath_capella._api.catalogue import second
from swath_capella.fields import NATIVE, SORTABLE

__all__ = ["body_of", "sort_of"]

_OPERATORS: Final[Mapping[str, str]] = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte", "=": "eq", "in": "in"}
_WORDS: Final = frozenset({"sat:orbit_state", "sar:product_type", "sar:instrument_mode", "sar:observation_direction"})
_ARRAYS: Final = frozenset({"sar:polarizations", "instruments"})
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


def body_of(query: Query) -> list[dict[str, Any]]:
    """Say a query; several searches where it names more ids than one search takes.

    Returns:
        Bodies; none where nothing can match.
    """
    conditions, collections = _conditions(query)
    if collections == []:
        return []
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
        return [body]
    ids = list(dict.fromkeys(query.ids))
    return [{**body, "ids": ids[at : at + _IDS]} for at in range(0, len(ids), _IDS)]


def _conditions(query: Query) -> tuple[dict[str, dict[str, Any]], list[str] | None]:
    """Say what of a query is about properties; and the collections, None for all."""
    conditions: dict[str, dict[str, Any]] = {}
    if query.datetime is not None:
        _bound(conditions, query.datetime.start, query.datetime.end)
    collections: list[str] | None = list(query.collections) or None
    for node in conjuncts(None if query.filter is None else push_not_down(query.filter)):
        found = predicate_of(node) or _in_array(node)
        if found is not None and found.property == "collection" and found.op in {"=", "in"}:
            named = sorted(set(found.value if found.op == "in" else (found.value,)))
            collections = named if collections is None else [one for one in collections if one in named]
        elif found is not None:
            _say(conditions, found)
    return conditions, collections


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


def _say(conditions: dict[str, dict[str, Any]], found: Predicate) -> None:
    native = NATIVE.get(found.property)
    if native is None:
        return
    if found.op == "between":
        low, high = found.value
        _say(conditions, Predicate(property=found.property, op=">=", value=low))
        _say(conditions, Predicate(property=found.property, op="<=", value=high))
        return
    operator = _OPERATORS.get(found.op)
    if operator is None:
        return
    if native == "datetime":
        start = found.value if operator in {"gt", "gte", "eq"} else None
        end = found.value if operator in {"lt", "lte", "eq"} else None
        if all(one is None or isinstance(one, dt.datetime) for one in (start, end)):
            _bound(conditions, start, end)
        return
    values = found.value if found.op == "in" else (found.value,)
    if any(isinstance(one, dt.datetime | bool) for one in values):
        return
    if native in _ARRAYS and found.op != "in":
        return
    if native in _WORDS and not all(isinstance(one, str) for one in values):
        return
    _tighten(conditions, native, operator, list(values) if found.op == "in" else found.value)


def _tighten(conditions: dict[str, dict[str, Any]], name: str, operator: str, value: Any) -> None:
    """Add a condition; of two that say the same kind of thing the first is kept, and core applies the other."""
    conditions.setdefault(name, {}).setdefault(operator, value)

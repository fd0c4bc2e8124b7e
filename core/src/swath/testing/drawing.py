# SPDX-License-Identifier: Apache-2.0
"""Draws filters at random over what items and queryables have. Needs hypothesis."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

from hypothesis import strategies as st

from swath._query.values import is_temporal
from swath.models import ItemDict
from swath.testing.judging import parsed_time, value_of

__all__ = ["filters"]

_Strategy = st.SearchStrategy[Any]

_ORDERED: Final = ("<", "<=", ">", ">=")
_COMPARED: Final = ("=", "<>", *_ORDERED)
_SPATIAL: Final = ("s_intersects", "s_disjoint", "s_within", "s_contains")
_TEMPORAL: Final = ("t_after", "t_before", "t_during", "t_intersects", "t_disjoint", "t_equals")
_ARRAYS: Final = ("a_contains", "a_containedBy", "a_overlaps", "a_equals")
_STEPS: Final = tuple(
    dt.timedelta(**step)
    for step in (
        {},
        {"microseconds": 1},
        {"microseconds": -1},
        {"seconds": 1},
        {"seconds": -1},
        {"hours": 7},
        {"days": -1},
        {"days": 30},
    )
)
_WORDS = st.text("abcXYZ019-_: %'é", max_size=6)
_NUMBERS = st.one_of(
    st.integers(-5, 400), st.floats(-200, 400, allow_nan=False).map(lambda number: round(number, 3)), st.just(0)
)


def filters(items: Sequence[ItemDict], schemas: Sequence[Mapping[str, Any]]) -> _Strategy:
    """Make a strategy of CQL2 JSON.

    Args:
        items: What there is: values near theirs are drawn most.
        schemas: Queryables of the collections.
    """
    named = _named(schemas)
    leaves = [_leaf(name, about, items) for name, about in named.items()]
    # Twice, because what providers can be asked for is mostly what their items have.
    leaves += [leaf for leaf, name in zip(leaves, named, strict=True) if _values(name, items)]
    numeric = [name for name in named if _kind(name, items) == "number"]
    if len(numeric) > 1:
        leaves.append(_two_properties(numeric))
    leaves += [_spatial(items), _temporal(items)]

    @st.composite
    def condition(draw: st.DrawFn) -> Any:
        """Hide the leaves: hypothesis writes strategies out, and these repeat the whole catalogue."""
        return draw(st.sampled_from(leaves).flatmap(lambda leaf: leaf))

    return st.recursive(condition(), _joined, max_leaves=6)


def _joined(parts: _Strategy) -> _Strategy:
    several = st.lists(parts, min_size=2, max_size=3)
    return st.one_of(
        several.map(lambda args: {"op": "and", "args": args}),
        several.map(lambda args: {"op": "or", "args": args}),
        parts.map(lambda part: {"op": "not", "args": [part]}),
    )


def _named(schemas: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Give what can be compared, by name; ``id`` and ``collection`` always."""
    found: dict[str, Mapping[str, Any]] = {"id": {"type": "string"}, "collection": {"type": "string"}}
    for schema in schemas:
        found.update(schema["properties"])
    return {name: about for name, about in found.items() if name != "geometry" and about.get("type") != "object"}


def _values(name: str, items: Sequence[ItemDict]) -> list[Any]:
    distinct = {repr(value): value for item in items if (value := value_of(item, name)) is not None}
    return list(distinct.values())


def _kind(name: str, items: Sequence[ItemDict], about: Mapping[str, Any] | None = None) -> str:
    """Tell what the values of a property are; of one that no item has, what its schema says."""
    values = _values(name, items)
    for kind, types in (("flag", bool), ("number", (int, float)), ("list", list)):
        if values and all(isinstance(value, types) for value in values):
            return kind
    if is_temporal(name) or (values and all(parsed_time(value) is not None for value in values)):
        return "time"
    if values:
        return "text"
    told = (about or {}).get("type")
    told = told[0] if isinstance(told, list) and told else told
    return {"number": "number", "integer": "number", "boolean": "flag", "array": "list"}.get(str(told), "text")


def _leaf(name: str, about: Mapping[str, Any], items: Sequence[ItemDict]) -> _Strategy:
    values, kind = _values(name, items), _kind(name, items, about)
    here = {"property": name}
    null = st.just({"op": "isNull", "args": [here]})
    if kind == "list":
        return st.one_of(null, _array(here, values))
    if kind == "flag":
        return st.one_of(null, _compared(here, ("=", "<>"), st.booleans()))
    if kind == "time":
        return st.one_of(null, _compared(here, _COMPARED, _times(values, items)))
    if kind == "number":
        near = _near_numbers(values)
        return st.one_of(
            _compared(here, _COMPARED, near),
            _compared(here, _COMPARED, near),
            null,
            _compared(here, ("=", "<>"), _WORDS),
            _member(here, near),
            st.tuples(near, near).map(lambda ends: {"op": "between", "args": [here, *sorted(ends)]}),
            _calculated(here, near),
        )
    near = _near_words([*values, *about.get("enum", ())])
    return st.one_of(
        null, _compared(here, _COMPARED, near), _member(here, near), _like(here, values), _folded(here, values)
    )


def _compared(here: Any, ops: Sequence[str], literals: _Strategy) -> _Strategy:
    flipped = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
    drawn = st.tuples(st.sampled_from(ops), literals, st.booleans())
    return drawn.map(
        lambda it: (
            {"op": flipped.get(it[0], it[0]), "args": [it[1], here]} if it[2] else {"op": it[0], "args": [here, it[1]]}
        )
    )


def _member(here: Any, literals: _Strategy) -> _Strategy:
    return st.lists(literals, min_size=1, max_size=4).map(lambda args: {"op": "in", "args": [here, args]})


def _near_numbers(values: Sequence[Any]) -> _Strategy:
    if not values:
        return _NUMBERS
    steps = st.sampled_from([0, 0, 1e-9, -1e-9, 0.5, -0.5, 1, -1])
    near = st.tuples(st.sampled_from(values), steps).map(lambda pair: pair[0] + pair[1])
    whole = st.sampled_from(values).map(int)
    return st.one_of(near, whole, _NUMBERS)


def _near_words(values: Sequence[Any]) -> _Strategy:
    texts = sorted({value for value in values if isinstance(value, str)})
    if not texts:
        return _WORDS
    bent = st.tuples(st.sampled_from(texts), st.sampled_from([str.upper, str.lower, str.title]))
    cut = st.tuples(st.sampled_from(texts), st.integers(0, 12)).map(lambda it: it[0][: it[1]])
    return st.one_of(st.sampled_from(texts), bent.map(lambda it: it[1](it[0])), cut, _WORDS)


def _like(here: Any, values: Sequence[Any]) -> _Strategy:
    """Make patterns: parts of values with ``%`` before or behind, one character as ``_``."""
    texts = sorted({value for value in values if isinstance(value, str) and value}) or ["abc"]

    def pattern(drawn: tuple[str, int, int, int, bool]) -> Any:
        text, start, end, wild, open_end = drawn
        escaped = ["\\" + mark if mark in "%_\\" else mark for mark in text]
        if wild < len(escaped):
            escaped[wild] = "_"
        part = "".join(escaped[start : len(escaped) - end or None])
        made = ("%" if start else "") + part + ("%" if open_end or end else "")
        return {"op": "like", "args": [here, made]}

    ends = st.integers(0, 4)
    return st.tuples(st.sampled_from(texts), ends, ends, st.integers(0, 40), st.booleans()).map(pattern)


def _folded(here: Any, values: Sequence[Any]) -> _Strategy:
    return _near_words(values).map(
        lambda text: {"op": "=", "args": [{"op": "casei", "args": [here]}, {"op": "casei", "args": [text]}]}
    )


def _calculated(here: Any, near: _Strategy) -> _Strategy:
    drawn = st.tuples(st.sampled_from("+-*/"), near, st.sampled_from(_ORDERED), near)
    return drawn.map(lambda it: {"op": it[2], "args": [{"op": it[0], "args": [here, it[1]]}, it[3]]})


def _two_properties(names: Sequence[str]) -> _Strategy:
    name = st.sampled_from(list(names)).map(lambda one: {"property": one})
    return st.tuples(st.sampled_from(_COMPARED), name, name).map(lambda it: {"op": it[0], "args": [it[1], it[2]]})


def _array(here: Any, values: Sequence[Any]) -> _Strategy:
    members = sorted({word for value in values for word in value if isinstance(word, str)})[:40] or ["a"]
    lists = [st.lists(st.one_of(st.sampled_from(members), st.just("none")), min_size=1, max_size=3)]
    if values:
        lists.append(st.sampled_from(list(values)))
    return st.tuples(st.sampled_from(_ARRAYS), st.one_of(lists)).map(
        lambda it: {"op": it[0], "args": [here, list(it[1])]}
    )


# --- times and places ------------------------------------------------------------------------------------------------


def _moments(values: Sequence[Any], items: Sequence[ItemDict]) -> _Strategy:
    names = ("datetime", "start_datetime", "end_datetime")
    texts = list(values) or [value for item in items for name in names if (value := item["properties"].get(name))]
    known = sorted({span[0] for text in texts if (span := parsed_time(text)) is not None})
    return st.tuples(st.sampled_from(known), st.sampled_from(_STEPS)).map(lambda pair: pair[0] + pair[1])


def _times(values: Sequence[Any], items: Sequence[ItemDict]) -> _Strategy:
    moments = _moments(values, items)
    return st.one_of(
        moments.map(lambda when: {"timestamp": _written(when)}),
        moments.map(lambda when: {"date": when.date().isoformat()}),
        moments.map(_written),
    )


def _temporal(items: Sequence[ItemDict]) -> _Strategy:
    moments = _moments([], items)
    ends = st.one_of(moments.map(_written), moments.map(lambda when: when.date().isoformat()))

    def interval(pair: tuple[str, str]) -> Any:
        return {"interval": sorted(pair)}

    literal = st.one_of(
        moments.map(lambda when: {"timestamp": _written(when)}),
        st.tuples(ends, ends).map(interval),
        ends.map(lambda end: {"interval": [end, ".."]}),
        ends.map(lambda end: {"interval": ["..", end]}),
    )
    here = {"property": "datetime"}
    return st.tuples(st.sampled_from(_TEMPORAL), literal).map(lambda it: {"op": it[0], "args": [here, it[1]]})


def _written(when: dt.datetime) -> str:
    return when.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _spatial(items: Sequence[ItemDict]) -> _Strategy:
    """Make boxes round, across and inside the items."""
    boxes = [item["bbox"] for item in items if item.get("bbox")]
    west, south = min(box[0] for box in boxes), min(box[1] for box in boxes)
    east, north = max(box[2] for box in boxes), max(box[3] for box in boxes)
    shares = st.floats(-0.3, 1.3, allow_nan=False).map(lambda share: round(share, 3))

    def box(drawn: tuple[str, list[float], list[float]]) -> Any:
        op, xs, ys = drawn
        left, right = (west + share * (east - west) for share in sorted(xs))
        lower, upper = (south + share * (north - south) for share in sorted(ys))
        ring = [[left, lower], [right, lower], [right, upper], [left, upper], [left, lower]]
        return {"op": op, "args": [{"property": "geometry"}, {"type": "Polygon", "coordinates": [ring]}]}

    pair = st.lists(shares, min_size=2, max_size=2).filter(lambda two: abs(two[0] - two[1]) > 0.01)
    return st.tuples(st.sampled_from(_SPATIAL), pair, pair).map(box)

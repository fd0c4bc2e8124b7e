# SPDX-License-Identifier: Apache-2.0
"""Bring the tree of a filter to one form.

So plugins and the evaluation (`swath._query.evaluate`) have one thing to understand:

* property names come without ``properties.``;
* ``{"timestamp": …}`` is in UTC, and what is compared with a time (``datetime``, ``created``, …) is one, text included;
* areas are valid GeoJSON split at the antimeridian, also where a bbox was given;
* ``between`` is only used for numbers, otherwise it becomes ``>=`` and ``<=``;
* operators are spelled as in the standard, and ``and`` and ``or`` have two arguments or more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from swath._query.operators import ARGUMENTS, ARITHMETIC, ARRAYS, CONDITIONS, EXPRESSIONS, SPATIAL, TEMPORAL, canonical
from swath._query.times import parse_span, rfc3339
from swath._query.values import bare_name, is_temporal
from swath.errors import InvalidFilter

__all__ = ["Normal", "cut"]


class Normal:
    """Brings a tree to the normal form, noting repairs of areas."""

    def __init__(self, repairs: list[str]) -> None:
        self.repairs = repairs

    def condition(self, node: Any) -> Any:
        """Give a node that is true or false.

        Raises:
            InvalidFilter: If it is something else, or its arguments do not fit.
        """
        if isinstance(node, bool):
            return node
        if not isinstance(node, Mapping) or "op" not in node:
            raise InvalidFilter(
                f"{cut(_said(node))} is no condition", hint="compare it with something, for example: x = TRUE"
            )
        op, args = self._call(node)
        if op not in CONDITIONS:
            raise InvalidFilter(f"{op!r} gives a value, not true or false: {cut(_said(node))}")
        if op in {"and", "or", "not"}:
            parts = [self.condition(arg) for arg in args]
            return parts[0] if op != "not" and len(parts) == 1 else {"op": op, "args": parts}
        for group, read in ((SPATIAL, self._area), (TEMPORAL, self._time), (ARRAYS, self._array)):
            if op in group:
                return {"op": op, "args": [read(arg, op) for arg in args]}
        if op == "isNull":
            return {"op": op, "args": [self._value(args[0])]}
        return self._compared(op, args, cut(_said(node)))

    def _compared(self, op: str, args: list[Any], said: str) -> dict[str, Any]:
        """Give a comparison of scalars."""
        if op == "in":
            if not isinstance(args[1], list):
                raise InvalidFilter(f"'in' needs a list: {said}")
            first, *rest = self._alike([args[0], *args[1]])
            return {"op": op, "args": [first, rest]}
        if op == "like":
            values = [self._value(arg) for arg in args]
            if not _is_pattern(values[1]):
                raise InvalidFilter(f"'like' needs a text as pattern: {said}")
            return {"op": op, "args": values}
        values = self._alike(args)
        if op == "between" and not all(_is_numeric(value) for value in values[1:]):
            low = {"op": ">=", "args": [values[0], values[1]]}
            return {"op": "and", "args": [low, {"op": "<=", "args": [values[0], values[2]]}]}
        return {"op": op, "args": values}

    def _call(self, node: Mapping[str, Any]) -> tuple[str, list[Any]]:
        """Give the operator as the standard spells it, and its arguments, counted."""
        op = canonical(node["op"])
        args = node.get("args")
        if op is None:
            raise InvalidFilter(
                f"operator {node['op']!r} is not one of CQL2 that swath evaluates",
                hint=f"these are: {', '.join(sorted(ARGUMENTS))}",
            )
        low, high = ARGUMENTS[op]
        if not isinstance(args, list) or not low <= len(args) <= high:
            count = len(args) if isinstance(args, list) else 0
            raise InvalidFilter(
                f"operator {op!r} takes {low if low == high else f'{low} or more'} arguments, not {count}"
            )
        return op, args

    def _value(self, node: Any) -> Any:
        """Give a scalar: a literal, a property, arithmetic or a function of text."""
        if isinstance(node, bool | str | int | float):
            return node
        if isinstance(node, Mapping):
            if "property" in node:
                if not isinstance(node["property"], str) or not bare_name(node["property"]):
                    raise InvalidFilter(f"{node['property']!r} is no property name")
                return {"property": bare_name(node["property"])}
            if "timestamp" in node or "date" in node:
                return _instant(node)
            if "op" in node:
                op, args = self._call(node)
                if op not in EXPRESSIONS:
                    raise InvalidFilter(f"{op!r} cannot be compared or calculated with: {cut(_said(node))}")
                return {"op": op, "args": [self._value(arg) for arg in args]}
        if node is None:
            raise InvalidFilter("nothing can be compared with NULL", hint="write: x IS NULL, or x IS NOT NULL")
        raise InvalidFilter(f"{cut(_said(node))} cannot be compared", hint="for lists see a_equals, a_contains, in")

    def _alike(self, args: list[Any]) -> list[Any]:
        """Give scalars that are compared with each other; text beside a time becomes a time."""
        values = [self._value(arg) for arg in args]
        named = next(
            (v["property"] for v in values if isinstance(v, Mapping) and is_temporal(v.get("property", ""))), None
        )
        if named is None:
            return values
        return [_beside_time(value, named) for value in values]

    def _time(self, node: Any, op: str) -> Any:
        """Give an argument of a temporal operator."""
        if isinstance(node, str):
            return _from_text(node)
        if isinstance(node, Mapping):
            if "interval" in node:
                return _interval(node)
            if "property" in node or "timestamp" in node or "date" in node:
                return self._value(node)
        raise InvalidFilter(f"{op!r} needs properties, dates, timestamps or intervals, not {cut(_said(node))}")

    def _area(self, node: Any, op: str) -> Any:
        """Give an argument of a spatial operator."""
        from swath._geometry.read import read_geometry

        if isinstance(node, Mapping) and "property" in node:
            return self._value(node)
        if not isinstance(node, Mapping) or not ("bbox" in node or "type" in node):
            raise InvalidFilter(f"{op!r} needs geometry, not {cut(_said(node))}")
        reading = read_geometry(node.get("bbox", node))
        self.repairs += [f"in the filter: {repair}" for repair in reading.repairs]
        return reading.geometry

    def _array(self, node: Any, op: str) -> Any:
        """Give an argument of an array operator."""
        if isinstance(node, list):
            return [self._value(part) for part in node]
        if isinstance(node, Mapping) and "property" in node:
            return self._value(node)
        raise InvalidFilter(f"{op!r} needs lists or properties, not {cut(_said(node))}")


def _instant(node: Mapping[str, Any]) -> dict[str, str]:
    """Give a timestamp in UTC, or a date.

    Raises:
        InvalidFilter: If it is none.
    """
    kind = "timestamp" if "timestamp" in node else "date"
    found = _from_text(node[kind])
    if kind not in found:
        raise InvalidFilter(
            f"{node[kind]!r} is no {kind}", hint="write TIMESTAMP('2026-03-01T00:00:00Z') or DATE('2026-03-01')"
        )
    return found


def _from_text(text: object) -> dict[str, str]:
    span = parse_span(text.strip()) if isinstance(text, str) and len(text.strip()) >= 10 else None
    if span is None:
        raise InvalidFilter(
            f"{text!r} is no date or time", hint="write TIMESTAMP('2026-03-01T00:00:00Z') or DATE('2026-03-01')"
        )
    return {"timestamp": rfc3339(span[0])} if span[0] == span[1] else {"date": span[0].date().isoformat()}


def _interval(node: Mapping[str, Any]) -> dict[str, Any]:
    ends = node["interval"]
    if not isinstance(ends, list) or len(ends) != 2:
        raise InvalidFilter(f"an interval has two ends: {cut(_said(node))}")
    normal: list[Any] = []
    for end in ends:
        if isinstance(end, Mapping) and "property" in end:
            normal.append({"property": bare_name(str(end["property"]))})
        elif end in ("..", ""):
            normal.append("..")
        else:
            literal = _instant(end) if isinstance(end, Mapping) and ("timestamp" in end or "date" in end) else end
            normal.append(next(iter((literal if isinstance(literal, dict) else _from_text(literal)).values())))
    spans = [parse_span(end) if isinstance(end, str) else None for end in normal]
    if spans[0] and spans[1] and spans[0][0] > spans[1][1]:
        raise InvalidFilter(f"the interval {normal[0]} to {normal[1]} ends before it starts", hint="swap the two")
    return {"interval": normal}


def _beside_time(value: Any, name: str) -> Any:
    if isinstance(value, str):
        return _from_text(value)
    if isinstance(value, Mapping) and ("property" in value or _is_time(value)):
        return value
    raise InvalidFilter(
        f"{name} is a time and cannot be compared with {cut(_said(value))}",
        hint="write TIMESTAMP('2026-03-01T00:00:00Z') or DATE('2026-03-01')",
    )


def _is_time(value: Any) -> bool:
    return isinstance(value, Mapping) and ("timestamp" in value or "date" in value)


def _is_numeric(value: Any) -> bool:
    """Tell whether the standard's schema takes it as a bound of ``between``."""
    if isinstance(value, Mapping):
        return "property" in value or value.get("op") in ARITHMETIC
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_pattern(value: Any) -> bool:
    if isinstance(value, Mapping) and value.get("op") in {"casei", "accenti"}:
        return _is_pattern(value["args"][0])
    return isinstance(value, str)


def _said(node: Any) -> str:
    return str(node["property"]) if isinstance(node, Mapping) and "property" in node else json.dumps(node)


def cut(text: str, length: int = 120) -> str:
    """Give a text in at most so many characters."""
    return text if len(text) <= length else f"{text[: length - 1]}…"

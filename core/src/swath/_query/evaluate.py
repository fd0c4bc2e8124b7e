# SPDX-License-Identifier: Apache-2.0
"""Evaluate a filter on items, with three truth values.

A missing or null property is unknown, as in SQL and the STAC API filter extension: a comparison with it is unknown,
``not`` of unknown is unknown, ``or`` is true and ``and`` is false where the other side decides; at the end only what is
true matches. So an item never matches by a property it does not have, except through ``isNull``.

Values of different kinds (a number and a text) are not equal, and neither is less than the other: that is unknown.
Times are compared as instants, whatever their offset and precision; a date is the whole day, so that
``datetime <= DATE('2026-03-31')`` includes that day's evening. The temporal operators take ``datetime`` as the item's
whole time, from start to end, where it has these.
"""

from __future__ import annotations

import datetime as dt
import math
import operator
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from swath._query import relations
from swath._query.operators import ARITHMETIC, ARRAYS, COMPARISONS, SPATIAL, TEMPORAL
from swath._query.times import parse_span
from swath._query.values import FIRST, LAST, item_span, reader
from swath.models import ItemDict

__all__ = ["compile_filter"]

Truth: TypeAlias = bool | None
"""True, false, or None for unknown."""
Condition: TypeAlias = Callable[[ItemDict], Truth]
Value: TypeAlias = Callable[[ItemDict], Any]


class _Span(NamedTuple):
    """A time: an instant, or a day from its first to its last microsecond."""

    start: dt.datetime
    end: dt.datetime


def compile_filter(filter: Mapping[str, Any]) -> Condition:  # noqa: A002  the argument's name in pystac-client
    """Make a function of an item out of CQL2 JSON in the normal form of `swath._query.filters`.

    The function gives True, False or None; only True is a match.
    """
    return _condition(filter)


def _condition(node: Any) -> Condition:
    if isinstance(node, bool):
        return lambda _: node
    op, args = node["op"], node["args"]
    if op in COMPARISONS:
        return _comparison(op, _value(args[0]), _value(args[1]), args[1])
    if op in SPATIAL:
        return relations.spatial(op, args)
    if op in TEMPORAL:
        return _temporal(op, args)
    if op in ARRAYS:
        return _array(op, args)
    return _BUILDERS[op](args)


# --- truth -----------------------------------------------------------------------------------------------------------


def _connective(parts: Sequence[Condition], *, decisive: bool) -> Condition:
    """Make ``or`` (True decides) or ``and`` (False decides)."""

    def holds(item: ItemDict) -> Truth:
        unknown = False
        for part in parts:
            truth = part(item)
            if truth is decisive:
                return decisive
            unknown = unknown or truth is None
        return None if unknown else not decisive

    return holds


def _negation(part: Condition) -> Condition:
    def holds(item: ItemDict) -> Truth:
        truth = part(item)
        return None if truth is None else not truth

    return holds


# --- comparisons -----------------------------------------------------------------------------------------------------

_ORDER: dict[str, Callable[[int], bool]] = {
    "<": lambda order: order < 0,
    "<=": lambda order: order <= 0,
    ">": lambda order: order > 0,
    ">=": lambda order: order >= 0,
}


def _comparison(op: str, left: Value, right: Value, literal: Any = None) -> Condition:
    """Make a comparison.

    Args:
        op: Which.
        left: One side.
        right: The other.
        literal: What the other is where it is a number, which most are.
    """
    plain = _general_comparison(op, left, right)
    if type(literal) not in _NUMBERS or literal != literal:  # noqa: PLR0124  NaN
        return plain
    compare = _COMPARE[op]

    def compared(item: ItemDict) -> Truth:
        found = left(item)
        if type(found) in _NUMBERS and found == found:  # noqa: PLR0124  NaN
            return compare(found, literal)
        return plain(item)

    return compared


_NUMBERS = frozenset({int, float})
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _general_comparison(op: str, left: Value, right: Value) -> Condition:
    if op in {"=", "<>"}:
        wanted = op == "="

        def equal(item: ItemDict) -> Truth:
            truth = _equal(left(item), right(item))
            return None if truth is None else truth is wanted

        return equal
    judge = _ORDER[op]

    def ordered(item: ItemDict) -> Truth:
        order = _order(left(item), right(item))
        return None if order is None else judge(order)

    return ordered


def _membership(value: Value, members: Sequence[Value]) -> Condition:
    def holds(item: ItemDict) -> Truth:
        found = value(item)
        if found is None:
            return None
        truths = [_equal(found, member(item)) for member in members]
        return True if True in truths else None if None in truths else False

    return holds


def _equal(left: Any, right: Any) -> Truth:
    if left is None or right is None:
        return None
    order = _order(left, right)
    if order is not None:
        return order == 0
    same_kind = isinstance(left, list) == isinstance(right, list) and isinstance(left, bool) == isinstance(right, bool)
    return bool(same_kind and left == right)


def _order(left: Any, right: Any) -> int | None:
    """Give -1, 0 or 1; None for values that have no order."""
    if isinstance(left, str) and isinstance(right, str):
        if not (_looks_timely(left) and _looks_timely(right)):
            return (left > right) - (left < right)
        first, second = _as_span(left), _as_span(right)
        if first is None or second is None:
            return (left > right) - (left < right)
    elif isinstance(left, _Span) or isinstance(right, _Span):
        first, second = _as_span(left), _as_span(right)
        if first is None or second is None:
            return None
    elif isinstance(left, bool) or isinstance(right, bool):
        return (left > right) - (left < right) if isinstance(left, bool) and isinstance(right, bool) else None
    elif isinstance(left, int | float) and isinstance(right, int | float):
        return None if left != left or right != right else (left > right) - (left < right)  # noqa: PLR0124  NaN
    else:
        return None
    return (first.start > second.end) - (first.end < second.start)


def _looks_timely(text: str) -> bool:
    return len(text) >= 10 and text[4] == "-" and text[7] == "-"


def _as_span(value: Any) -> _Span | None:
    if isinstance(value, _Span):
        return value
    found = parse_span(value) if isinstance(value, str) else None
    return None if found is None else _Span(*found)


def _pattern(value: Value, pattern: str) -> Condition:
    """Make ``like``: ``%`` for any text, ``_`` for one character, a backslash before either for itself."""
    parts: list[str] = []
    characters = iter(pattern)
    for character in characters:
        if character == "\\":
            parts.append(re.escape(next(characters, "\\")))
        else:
            parts.append({"%": ".*", "_": "."}.get(character) or re.escape(character))
    matches = re.compile("".join(parts), re.DOTALL).fullmatch

    def holds(item: ItemDict) -> Truth:
        found = value(item)
        return matches(found) is not None if isinstance(found, str) else None

    return holds


# --- values ----------------------------------------------------------------------------------------------------------


def _value(node: Any) -> Value:
    if isinstance(node, Mapping):
        if "property" in node:
            return reader(node["property"])
        if "timestamp" in node or "date" in node:
            span = _as_span(node.get("timestamp") or node["date"])
            return lambda _: span
        args = [_value(arg) for arg in node["args"]]
        if node["op"] in ARITHMETIC:
            return _arithmetic(node["op"], *args)
        return _folded(str.casefold if node["op"] == "casei" else _without_accents, args[0])
    return lambda _: node


def _folded(fold: Callable[[str], str], value: Value) -> Value:
    def folded(item: ItemDict) -> Any:
        found = value(item)
        return fold(found) if isinstance(found, str) else None

    return folded


def _without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if not unicodedata.combining(c)))


def _arithmetic(op: str, left: Value, right: Value) -> Value:
    """Make arithmetic; unknown where a side is no number or there is no result."""
    calculate = _CALCULATE[op]

    def result(item: ItemDict) -> Any:
        a, b = left(item), right(item)
        if not (_is_number(a) and _is_number(b)):
            return None
        try:
            found = calculate(a, b)
        except (ArithmeticError, ValueError):
            return None
        return found if _is_number(found) and math.isfinite(found) else None

    return result


def _power(a: float, b: float) -> Any:
    # Floats on purpose: whole numbers would grow without bound.
    return float(a) ** float(b)


_CALCULATE: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "^": _power,
    "%": math.fmod,
    "div": lambda a, b: math.trunc(a / b),
}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


# --- times and arrays ------------------------------------------------------------------------------------------------


def _temporal(op: str, args: Sequence[Any]) -> Condition:
    judge = relations.TEMPORAL_RELATIONS[op]
    left, right = map(_time, args)

    def holds(item: ItemDict) -> Truth:
        a, b = left(item), right(item)
        return None if a is None or b is None else judge(a, b)

    return holds


def _time(node: Mapping[str, Any]) -> Value:
    """Make the argument of a temporal operator: first and last instant, None for unknown."""
    if "interval" in node:
        ends = [_end(end, last=i == 1) for i, end in enumerate(node["interval"])]

        def interval(item: ItemDict) -> Any:
            start, end = ends[0](item), ends[1](item)
            return None if start is None or end is None else (start, end)

        return interval
    if node.get("property") == "datetime":
        return item_span
    value = _value(node)
    return lambda item: _as_span(value(item))


def _end(node: Any, *, last: bool) -> Value:
    """Make one end of an interval."""
    if node == "..":
        return lambda _: LAST if last else FIRST
    value = _value(node)

    def end(item: ItemDict) -> Any:
        span = _as_span(value(item))
        return None if span is None else span[1 if last else 0]

    return end


def _array(op: str, args: Sequence[Any]) -> Condition:
    left, right = map(_list, args)

    def has(values: list[Any], wanted: Any) -> bool:
        return any(_equal(value, wanted) is True for value in values)

    def holds(item: ItemDict) -> Truth:
        a, b = left(item), right(item)
        if a is None or b is None:
            return None
        if op == "a_contains":
            return all(has(a, value) for value in b)
        if op == "a_containedBy":
            return all(has(b, value) for value in a)
        if op == "a_overlaps":
            return any(has(a, value) for value in b)
        return all(has(a, value) for value in b) and all(has(b, value) for value in a)

    return holds


def _list(node: Any) -> Value:
    if isinstance(node, list):
        values = [_value(part) for part in node]
        return lambda item: [value(item) for value in values]
    value = _value(node)

    def found(item: ItemDict) -> Any:
        values = value(item)
        return values if isinstance(values, list) else None

    return found


# --- the other operators ---------------------------------------------------------------------------------------------


def _between(args: Sequence[Any]) -> Condition:
    value, low, high = map(_value, args)
    return _connective(
        [_comparison(">=", value, low, args[1]), _comparison("<=", value, high, args[2])], decisive=False
    )


def _is_null(args: Sequence[Any]) -> Condition:
    value = _value(args[0])
    return lambda item: value(item) is None


_BUILDERS: dict[str, Callable[[Sequence[Any]], Condition]] = {
    "and": lambda args: _connective([_condition(arg) for arg in args], decisive=False),
    "or": lambda args: _connective([_condition(arg) for arg in args], decisive=True),
    "not": lambda args: _negation(_condition(args[0])),
    "between": _between,
    "in": lambda args: _membership(_value(args[0]), [_value(arg) for arg in args[1]]),
    "like": lambda args: _pattern(_value(args[0]), _value(args[1])({})),
    "isNull": _is_null,
}

# SPDX-License-Identifier: Apache-2.0
"""Says of one item whether a filter holds: written anew, so that it does not repeat a mistake of the code it judges."""

from __future__ import annotations

import datetime as dt
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from swath.models import ItemDict

__all__ = ["holds", "parsed_time", "value_of"]

Truth = bool | None
Span = tuple[dt.datetime, dt.datetime]

_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d.*)?")
_DAY: Final = dt.timedelta(days=1) - dt.timedelta(microseconds=1)
_COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_CALCULATE: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
_FIRST, _LAST = dt.datetime.min.replace(tzinfo=dt.UTC), dt.datetime.max.replace(tzinfo=dt.UTC)


def holds(node: Any, item: ItemDict) -> Truth:
    """Judge an item by CQL2 JSON.

    Returns:
        True or False; None where a missing property leaves it open, which is no match.
    """
    op, args = node["op"], node["args"]
    if op == "and":
        truths = [holds(part, item) for part in args]
        return False if False in truths else None if None in truths else True
    if op == "or":
        truths = [holds(part, item) for part in args]
        return True if True in truths else None if None in truths else False
    if op == "not":
        truth = holds(args[0], item)
        return None if truth is None else not truth
    if op.startswith("s_"):
        return _placed(op, args, item)
    if op.startswith("t_"):
        return _timed(op, args, item)
    values = [_literal(part, item) for part in args]
    if op == "isNull":
        return values[0] is None
    if any(value is None for value in values):
        return None
    return _judged(op, values)


def _judged(op: str, values: list[Any]) -> Truth:
    if op in _COMPARE:
        return _compared(op, *values)
    if op == "in":
        truths = [_compared("=", values[0], each) for each in values[1]]
        return True if True in truths else None if None in truths else False
    if op == "between":
        low, high = _compared(">=", values[0], values[1]), _compared("<=", values[0], values[2])
        return False if False in {low, high} else None if None in {low, high} else True
    if op == "like":
        return _like(values[1]).fullmatch(values[0]) is not None if isinstance(values[0], str) else None
    return _listed(op, *values)


def value_of(item: ItemDict, name: str) -> Any:
    """Give a property's value; None where it is missing."""
    return item.get(name) if name in {"id", "collection"} else item["properties"].get(name)


def parsed_time(text: Any) -> Span | None:
    """Read a time: an instant twice, or a date's first and last microsecond."""
    if not isinstance(text, str) or not _TIME.fullmatch(text):
        return None
    try:
        when = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    when = when.replace(tzinfo=dt.UTC) if when.tzinfo is None else when
    return (when, when) if len(text) > 10 else (when, when + _DAY)


def _literal(node: Any, item: ItemDict) -> Any:
    if isinstance(node, list):
        return [_literal(part, item) for part in node]
    if not isinstance(node, Mapping):
        return node
    if "property" in node:
        return value_of(item, node["property"])
    if "op" not in node:
        return node.get("timestamp") or node["date"]
    values = [_literal(part, item) for part in node["args"]]
    if node["op"] == "casei":
        return values[0].casefold() if isinstance(values[0], str) else None
    if not all(_is_number(value) for value in values) or (node["op"] == "/" and values[1] == 0):
        return None
    return _CALCULATE[node["op"]](*values)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _compared(op: str, left: Any, right: Any) -> Truth:
    """Compare two values: of different kinds they are not equal, and have no order."""
    first, second = parsed_time(left), parsed_time(right)
    if first is not None and second is not None:
        before, after = first[1] < second[0], first[0] > second[1]
        return {
            "=": not (before or after),
            "<>": before or after,
            "<": before,
            "<=": not after,
            ">": after,
            ">=": not before,
        }[op]
    same = (_is_number(left) and _is_number(right)) or type(left) is type(right)
    if same and not (isinstance(left, list) and op not in {"=", "<>"}):
        return _COMPARE[op](left, right)
    return {"=": False, "<>": True}.get(op)


def _like(pattern: str) -> re.Pattern[str]:
    made = re.sub(
        r"\\(.)|(%)|(_)|([^%_\\])",
        lambda found: re.escape(found[1] or "") or (found[2] and ".*") or (found[3] and ".") or re.escape(found[4]),
        pattern,
        flags=re.DOTALL,
    )
    return re.compile(made, re.DOTALL)


def _listed(op: str, left: Any, right: Any) -> Truth:
    if not isinstance(left, list):
        return None
    mine, theirs = set(left), set(right)
    return {
        "a_contains": mine >= theirs,
        "a_containedBy": mine <= theirs,
        "a_overlaps": bool(mine & theirs),
        "a_equals": mine == theirs,
    }[op]


def _placed(op: str, args: Any, item: ItemDict) -> Truth:
    from shapely.geometry import shape

    if item.get("geometry") is None:
        return None
    return bool(getattr(shape(item["geometry"]), op.removeprefix("s_"))(shape(args[1])))


def _timed(op: str, args: Any, item: ItemDict) -> Truth:
    names = ("start_datetime", "end_datetime", "datetime")
    start, end, moment = (parsed_time(item["properties"].get(name)) for name in names)
    if start is None and end is None:
        start = end = moment
    if start is None and end is None:
        return None
    mine = (start[0] if start else _FIRST, end[1] if end else _LAST)
    ends = args[1].get("interval") or [args[1]["timestamp"]] * 2
    low, high = (parsed_time(each) for each in ends)
    theirs = (low[0] if low else _FIRST, high[1] if high else _LAST)
    return {
        "t_after": mine[0] > theirs[1],
        "t_before": mine[1] < theirs[0],
        "t_during": theirs[0] < mine[0] and mine[1] < theirs[1],
        "t_intersects": mine[0] <= theirs[1] and mine[1] >= theirs[0],
        "t_disjoint": mine[1] < theirs[0] or mine[0] > theirs[1],
        "t_equals": mine == theirs,
    }[op]

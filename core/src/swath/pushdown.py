# SPDX-License-Identifier: Apache-2.0
"""Take a filter apart, so that a plugin can hand its provider what that understands.

Core applies the whole filter again to what comes back, so pushing down only makes a search faster. There is one rule,
the **superset rule**: the provider may give more than match, never less.

Most providers take a list of conditions that all must hold. For these::

    split = predicates(query.filter)
    for predicate in split.pushed:
        if predicate.property == "eo:cloud_cover" and predicate.op in {"<", "<="}:
            params["cloud_max"] = predicate.value

Conditions that were not understood are simply left out; so is `Split.rest`. Round outward what the provider has in
coarser steps (``<`` may be asked as ``<=``), and remember that a missing value never matches here: a provider that
also returns items without the property is fine.

For a provider with a grammar of its own, nested ``and``, ``or`` and ``not`` are translated by `translate`, which keeps
the superset rule: what cannot be said is left out of an ``and``; an ``or`` with a branch that cannot be said is
left to core as a whole; and a ``not`` is only handed over around what was translated exactly::

    def leaf(predicate):
        name = NAMES.get(predicate.property)
        if name is None:
            return None  # left to core
        if predicate.op in {"<", "<="}:
            # The provider has no "less than": one that gives more is marked so.
            return Loose({"field": name, "lte": predicate.value})
        return None


    body = translate(query.filter, leaf=leaf, every=lambda parts: {"and": parts}, some=lambda parts: {"or": parts})
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from attrs import frozen

__all__ = ["Loose", "Op", "Predicate", "Split", "conjuncts", "predicate_of", "predicates", "push_not_down", "translate"]

Op: TypeAlias = Literal["=", "<>", "<", "<=", ">", ">=", "in", "between", "isNull", "like"]
"""What a `Predicate` can say."""

T = TypeVar("T")

_FLIPPED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_OPPOSITE = {"=": "<>", "<>": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


@frozen(kw_only=True)
class Predicate:
    """One condition on one property."""

    property: str
    """STAC name without ``properties.``, for example ``"eo:cloud_cover"``."""
    op: Op
    value: Any = None
    """A text, number, truth value or aware UTC datetime. A tuple of these for ``in``, low and high for ``between``, the
    pattern for ``like`` (``%`` any text, ``_`` one character, backslash escapes), None for ``isNull``."""


@frozen(kw_only=True)
class Split:
    """A filter in two parts that both must hold."""

    pushed: tuple[Predicate, ...] = ()
    """Conditions of one property each."""
    rest: Mapping[str, Any] | None = None
    """CQL2 JSON of what is not that simple; core applies it."""


@frozen
class Loose(Generic[T]):
    """A translation that lets more through than the condition it stands for."""

    value: T


def predicates(filter: Mapping[str, Any] | None) -> Split:  # noqa: A002  the field's name in Query
    """Give the conditions of a filter that all must hold, as far as they are simple.

    Args:
        filter: `Query.filter`.

    Returns:
        The simple ones, with ``not`` resolved where that leaves one, and the rest.
    """
    pushed: list[Predicate] = []
    rest: list[Any] = []
    for node in conjuncts(None if filter is None else push_not_down(filter)):
        found = predicate_of(node)
        if found is None:
            rest.append(node)
        else:
            pushed.append(found)
    if not rest:
        return Split(pushed=tuple(pushed))
    return Split(pushed=tuple(pushed), rest=rest[0] if len(rest) == 1 else {"op": "and", "args": rest})


def conjuncts(filter: Mapping[str, Any] | None) -> Iterator[Mapping[str, Any]]:  # noqa: A002  the field's name in Query
    """Go through the conditions that all must hold, nested ``and`` opened. A constant ``true`` is left out."""
    if filter is None:
        return
    if filter.get("op") != "and":
        yield filter
        return
    for part in filter["args"]:
        if isinstance(part, Mapping):
            yield from conjuncts(part)
        elif part is not True:
            yield {"op": "=", "args": [part, True]}


def predicate_of(node: Any) -> Predicate | None:
    """Give a condition of CQL2 JSON as `Predicate`; None if it is not one simple condition on one property.

    A date stands for its whole day: ``<= DATE('2026-03-31')`` becomes ``<=`` that day's last microsecond, ``=`` becomes
    ``between``, and ``<>`` is not simple.
    """
    if not isinstance(node, Mapping):
        return None
    op, args = node.get("op"), node.get("args", [])
    if op in _FLIPPED:
        left, right = args
        if _name(left) is None:
            left, right, op = right, left, _FLIPPED[op]
        name, span = _name(left), _literal(right)
        if name is None or span is None:
            return None
        return _compared(name, op, *span)
    name = _name(args[0]) if args else None
    if name is None:
        return None
    if op == "isNull":
        return Predicate(property=name, op="isNull")
    if op == "like":
        return Predicate(property=name, op="like", value=args[1]) if isinstance(args[1], str) else None
    if op in {"in", "between"}:
        spans = [_literal(arg) for arg in (args[1] if op == "in" else args[1:])]
        values = tuple(span[0] for span in spans if span is not None and span[0] == span[1])
        return Predicate(property=name, op=op, value=values) if len(values) == len(spans) else None
    return None


def push_not_down(filter: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: A002  the field's name in Query
    """Give the same filter with each ``not`` resolved, or directly on a condition that has no opposite.

    ``not (a < 1 and b = 2)`` becomes ``a >= 1 or b <> 2``. It matches exactly the same items.
    """
    found = _positive(filter)
    return found if isinstance(found, Mapping) else {"op": "=", "args": [found, True]}


def translate(
    filter: Mapping[str, Any] | None,  # noqa: A002  the field's name in Query
    *,
    leaf: Callable[[Predicate], T | Loose[T] | None],
    every: Callable[[Sequence[T]], T],
    some: Callable[[Sequence[T]], T] | None = None,
    negate: Callable[[T], T] | None = None,
) -> T | None:
    """Translate a filter into a provider's grammar under the superset rule.

    Args:
        filter: `Query.filter`.
        leaf: Gives one condition in the provider's grammar: as it is where the provider means exactly the same, as
            `Loose` where it lets more through, None where it cannot be said.
        every: Joins two or more so that all must hold.
        some: Joins two or more so that one must hold; None if the provider cannot say that.
        negate: Gives the opposite; None if the provider cannot say that. It is only called on exact translations, and
            only for conditions without an opposite of their own (``in``, ``like``, ``between``, ``isNull``).

    Returns:
        What to send: it lets through everything that matches, maybe more. None if nothing can be said.
    """
    if filter is None:
        return None
    found = _translated(push_not_down(filter), leaf, every, some, negate)
    return found.value if isinstance(found, Loose) else found


def _translated(
    node: Any,
    leaf: Callable[[Predicate], T | Loose[T] | None],
    every: Callable[[Sequence[T]], T],
    some: Callable[[Sequence[T]], T] | None,
    negate: Callable[[T], T] | None,
) -> T | Loose[T] | None:
    op = node.get("op") if isinstance(node, Mapping) else None
    if op in {"and", "or"}:
        parts = [_translated(part, leaf, every, some, negate) for part in node["args"] if part is not (op == "and")]
        said = [part for part in parts if part is not None]
        if not said or (op == "or" and (len(said) < len(parts) or (len(said) > 1 and some is None))):
            return None
        join = every if op == "and" or some is None else some
        values: list[T] = [part.value if isinstance(part, Loose) else part for part in said]
        joined = values[0] if len(values) == 1 else join(values)
        is_loose = len(said) < len(parts) or any(isinstance(part, Loose) for part in said)
        return Loose(joined) if is_loose else joined
    if op == "not":
        inner = predicate_of(node["args"][0])
        exact = None if inner is None or negate is None else leaf(inner)
        if exact is None or negate is None or isinstance(exact, Loose):
            return None
        return negate(exact)
    found = predicate_of(node)
    return None if found is None else leaf(found)


def _positive(node: Any) -> Any:
    """Resolve the negations inside a node."""
    op = node.get("op") if isinstance(node, Mapping) else None
    if op in {"and", "or"}:
        return {"op": op, "args": [_positive(part) for part in node["args"]]}
    return _negative(node["args"][0]) if op == "not" else node


def _negative(node: Any) -> Any:
    """Give the opposite of a node. Unknown stays unknown in each of these, so that the items are the same."""
    if isinstance(node, bool):
        return not node
    op = node["op"]
    if op in {"and", "or"}:
        return {"op": "or" if op == "and" else "and", "args": [_negative(part) for part in node["args"]]}
    if op == "not":
        return _positive(node["args"][0])
    if op in _OPPOSITE:
        return {"op": _OPPOSITE[op], "args": node["args"]}
    return {"op": "not", "args": [node]}


def _name(node: Any) -> str | None:
    name = node.get("property") if isinstance(node, Mapping) else None
    return name.removeprefix("properties.") if isinstance(name, str) else None


def _literal(node: Any) -> tuple[Any, Any] | None:
    """Give the first and last value that a literal stands for: two only for a date."""
    if isinstance(node, str | int | float):
        return node, node
    if isinstance(node, Mapping) and isinstance(node.get("timestamp"), str):
        instant = dt.datetime.fromisoformat(node["timestamp"]).astimezone(dt.UTC)
        return instant, instant
    if isinstance(node, Mapping) and isinstance(node.get("date"), str):
        day = dt.datetime.fromisoformat(node["date"]).replace(tzinfo=dt.UTC)
        return day, day.replace(hour=23, minute=59, second=59, microsecond=999_999)
    return None


def _compared(name: str, op: Any, first: Any, last: Any) -> Predicate | None:
    if first == last:
        return Predicate(property=name, op=op, value=first)
    if op in {"<", ">="}:
        return Predicate(property=name, op=op, value=first)
    if op in {">", "<="}:
        return Predicate(property=name, op=op, value=last)
    return Predicate(property=name, op="between", value=(first, last)) if op == "=" else None

# SPDX-License-Identifier: Apache-2.0
"""Read `query`, the older way to filter that pystac-client still has, as a filter.

Source: the operators of the STAC API query extension; pystac-client's documentation of `query`, which also takes text
such as ``"eo:cloud_cover<10"``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from swath.errors import InvalidFilter

__all__ = ["parse_conditions"]

_COMPARED = {"eq": "=", "neq": "<>", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
_WORDS = {">=": "gte", "<=": "lte", "<>": "neq", "!=": "neq", "=": "eq", ">": "gt", "<": "lt"}
_TEXT = re.compile(r"(?P<name>[^<>=!]+?)\s*(?P<op>>=|<=|<>|!=|=|>|<)\s*(?P<value>.*)", re.DOTALL)
_PATTERNS = {"startsWith": "{}%", "endsWith": "%{}", "contains": "%{}%"}
_KNOWN = (*_COMPARED, *_PATTERNS, "in")
_HINT = "pass {'eo:cloud_cover': {'lt': 10}} or ['eo:cloud_cover<10'], or use filter='eo:cloud_cover < 10'"


def parse_conditions(value: object) -> Mapping[str, Any] | None:
    """Read conditions, all of which are to hold.

    Args:
        value: ``{"eo:cloud_cover": {"lt": 10}}``; a list of ``"eo:cloud_cover<10"`` or of JSON text; one such text; or
            None for none.

    Returns:
        CQL2 JSON, not yet in the normal form; None for no condition.

    Raises:
        InvalidFilter: If it cannot be read, or has an operator that the extension does not.
    """
    if value is None:
        return None
    parts = list(_mapped(value) if isinstance(value, Mapping) else _listed(value))
    if len(parts) > 1:
        return {"op": "and", "args": parts}
    return parts[0] if parts else None


def _mapped(value: Mapping[Any, Any]) -> Iterator[dict[str, Any]]:
    for name, wanted in value.items():
        if not isinstance(name, str) or not isinstance(wanted, Mapping):
            raise InvalidFilter(f"query has {name!r}: {wanted!r:.80}, which is no condition", hint=_HINT)
        for op, operand in wanted.items():
            yield _condition(name, op, operand)


def _listed(value: object) -> Iterator[dict[str, Any]]:
    entries = [value] if isinstance(value, str) else value
    if not isinstance(entries, Iterable):
        raise InvalidFilter(f"query cannot be {value!r:.80}", hint=_HINT)
    for entry in entries:
        if isinstance(entry, Mapping):
            yield from _mapped(entry)
        elif isinstance(entry, str):
            yield from _written(entry)
        else:
            raise InvalidFilter(f"query has {entry!r:.80}, which is no condition", hint=_HINT)


def _written(text: str) -> Iterator[dict[str, Any]]:
    """Read one condition that is written out, or JSON."""
    if text.lstrip().startswith("{"):
        try:
            yield from _mapped(json.loads(text))
        except ValueError as err:
            raise InvalidFilter(f"query has {text!r:.80}, which is no JSON: {err}", hint=_HINT) from err
        return
    found = _TEXT.fullmatch(text.strip())
    if found is None or not found["value"]:
        raise InvalidFilter(f"query has {text!r:.80}, which is no condition", hint=_HINT)
    written = found["value"]
    op = _WORDS[found["op"]]
    operand = _read(written)
    if op in {"eq", "neq"} and not isinstance(operand, str):
        # Nobody can tell whether 1049 is a number or the name of a satellite: either is meant.
        equal = {"op": "or", "args": [_condition(found["name"], "eq", one) for one in (operand, written)]}
        yield equal if op == "eq" else {"op": "not", "args": [equal]}
    else:
        yield _condition(found["name"], op, operand)


def _read(written: str) -> Any:
    """Give a number, a truth value, or the text as it is."""
    try:
        read = json.loads(written, parse_constant=str)
    except ValueError:
        return written
    return read if isinstance(read, bool | int | float | str) else written


def _condition(name: str, op: object, operand: Any) -> dict[str, Any]:
    held = {"property": name.strip()}
    if op in _COMPARED:
        return {"op": _COMPARED[str(op)], "args": [held, operand]}
    if op in _PATTERNS and isinstance(operand, str):
        escaped = re.sub(r"([\\%_])", r"\\\1", operand)
        return {"op": "like", "args": [held, _PATTERNS[str(op)].format(escaped)]}
    if op == "in" and isinstance(operand, list | tuple) and operand:
        return {"op": "in", "args": [held, list(operand)]}
    if op in _KNOWN:
        raise InvalidFilter(f"query cannot compare {name!r} by {op!r} with {operand!r:.80}", hint=_HINT)
    raise InvalidFilter(f"query has the operator {op!r}, which there is not", hint=f"there are: {', '.join(_KNOWN)}")

# SPDX-License-Identifier: Apache-2.0
"""Read filters: CQL2 text or JSON to one normal form, in CQL2 JSON.

The ``cql2`` library reads the text and judges the result by the standard's schema; `swath._query.normal` brings it to
one form in between.
"""

from __future__ import annotations

import difflib
import functools
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from swath._query.normal import Normal, cut
from swath._query.operators import COMPARISONS
from swath._query.values import bare_name
from swath.errors import InputError, InvalidFilter

__all__ = ["check_names", "check_properties", "is_plain", "parse_filter", "properties_of", "read_filter"]

_ALWAYS = frozenset({"id", "collection", "geometry", "datetime", "start_datetime", "end_datetime"})
"""Properties that each item has by STAC itself."""
_EXACT = 2**53
"""Up to here each whole number is a float, so that a float can be made an int again."""


def parse_filter(value: object, lang: str | None = None) -> Mapping[str, Any] | None:
    """Give a filter as CQL2 JSON in the normal form; see `read_filter`."""
    return read_filter(value, lang)[0]


def read_filter(value: object, lang: str | None = None) -> tuple[Mapping[str, Any] | None, tuple[str, ...]]:
    """Read a filter.

    Args:
        value: CQL2 text, CQL2 JSON as dict or text, a ``cql2.Expr``, or None for none.
        lang: ``"cql2-text"``, ``"cql2-json"``, or None to see by itself.

    Returns:
        CQL2 JSON in the normal form, None for no filter; and what had to be repaired in its areas.

    Raises:
        InvalidFilter: If it cannot be read, or uses an operator that is not one of CQL2's.
        InvalidGeometry: If an area in it is none.
    """
    if value is None or value == {}:
        if lang is not None:
            _check_lang(lang)
        return None, ()
    if lang is not None:
        _check_lang(lang)
    repairs: list[str] = []
    parsed = _parsed(value, lang)
    normal = Normal(repairs).condition(parsed)
    if isinstance(normal, bool):
        # A bare TRUE or FALSE: kept a mapping, as the contract of `Query.filter` says.
        normal = {"op": "=", "args": [normal, True]}
    _judge(normal)
    return normal, tuple(repairs)


def properties_of(filter: Mapping[str, Any] | None) -> set[str]:  # noqa: A002  the argument's name in pystac-client
    """Give the names of all properties in a filter, without ``properties.``."""
    return set(_properties(filter))


def check_properties(
    filter: Mapping[str, Any] | None,  # noqa: A002  the argument's name in pystac-client
    queryables_by_collection: Mapping[str, Mapping[str, Any]],
) -> None:
    """Refuse a filter on a property that none of the collections has.

    Where only some of several collections have it, the items of the others simply do not match.

    Args:
        filter: CQL2 JSON.
        queryables_by_collection: For each collection searched its queryables, a JSON Schema with ``properties`` (or
            these alone). Empty means that nothing is known, and nothing is refused.

    Raises:
        InvalidFilter: Naming the property and the nearest ones that exist.
    """
    check_names(properties_of(filter), queryables_by_collection, InvalidFilter)


def check_names(
    names: Iterable[str], queryables_by_collection: Mapping[str, Mapping[str, Any]], kind: type[InputError]
) -> None:
    """Refuse names of properties that none of the collections has; see `check_properties`.

    Args:
        names: As items have them, without ``properties.``.
        queryables_by_collection: What there is.
        kind: Error to raise.
    """
    if not queryables_by_collection:
        return
    known: set[str] = set(_ALWAYS)
    for schema in queryables_by_collection.values():
        properties = schema.get("properties", schema)
        known.update(name for name, described in properties.items() if isinstance(described, Mapping | bool))
    for name in sorted(names):
        if name not in known and name.partition(".")[0] not in known:
            where = ", ".join(sorted(queryables_by_collection))
            near = _near(name, known)
            raise kind(
                f"no property {name!r} in {cut(where)}",
                hint=f"did you mean {' or '.join(map(repr, near))}?"
                if near
                else f"there are: {cut(', '.join(sorted(known)), 300)}",
                details={"property": name, "near": near},
            )


def _near(name: str, known: set[str]) -> list[str]:
    """Give up to three names that may have been meant."""
    bare = name.rpartition(":")[2].lower()
    same = sorted(other for other in known if other.rpartition(":")[2].lower() == bare)
    close = difflib.get_close_matches(name, sorted(known), n=3, cutoff=0.6)
    return list(dict.fromkeys([*same, *close]))[:3]


def _properties(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        if isinstance(node.get("property"), str):
            yield bare_name(node["property"])
        for key in ("args", "interval"):
            yield from _properties(node.get(key))
    elif isinstance(node, list | tuple):
        for part in node:
            yield from _properties(part)


# --- the library -----------------------------------------------------------------------------------------------------


def _check_lang(lang: object) -> None:
    if not isinstance(lang, str) or lang not in {"cql2-text", "cql2-json"}:
        raise InvalidFilter(
            f"filter_lang {lang!r} is not known", hint="pass 'cql2-text' or 'cql2-json', or leave it out"
        )


def _parsed(value: object, lang: str | None) -> Any:
    """Read text through the library, JSON as it is, after the library has read it too."""
    if hasattr(value, "to_json") and hasattr(value, "to_text"):
        return _whole_numbers(value.to_json())
    if isinstance(value, str):
        if not value.strip():
            raise InvalidFilter("the filter is an empty text", hint="leave filter out, or pass CQL2")
        if lang == "cql2-text" or (lang is None and value.lstrip()[0] != "{"):
            return _whole_numbers(_read("parse_text", value, value).to_json())
        text = value
    elif isinstance(value, Mapping):
        if lang == "cql2-text":
            raise InvalidFilter(
                "filter_lang is 'cql2-text' and the filter is a dict", hint="pass filter_lang='cql2-json'"
            )
        try:
            text = json.dumps(value, allow_nan=False)
        except (TypeError, ValueError, RecursionError) as err:
            raise InvalidFilter(f"the filter is no JSON: {err}") from err
    else:
        raise InvalidFilter(f"a filter is text or a dict, not {type(value).__name__}: {cut(repr(value))}")
    _read("parse_json", text, value)
    return json.loads(text)


def _read(function: str, text: str, value: object) -> Any:
    import cql2

    try:
        return getattr(cql2, function)(text)
    except _refusals() as err:
        kind = "CQL2 text" if function == "parse_text" else "CQL2 JSON"
        raise InvalidFilter(f"the filter {cut(repr(value))} is no {kind}: {_reason(err)}") from err


def _judge(normal: Mapping[str, Any]) -> None:
    """Have the library judge the normal form by the standard's schema, unless it is plain."""
    if is_plain(normal):
        return
    text = json.dumps(normal)
    (_judge_once if len(text) <= _SHORT else _judge_text)(text)


def is_plain(normal: Mapping[str, Any]) -> bool:
    """Tell whether a normal form has only comparisons of properties and literals, which the standard's schema allows.

    Most filters are such, and the library, which compiles the schema each time, takes 30 ms and more to say so.
    """
    op, args = normal["op"], normal["args"]
    if op in {"and", "or", "not"}:
        return all(isinstance(arg, Mapping) and is_plain(arg) for arg in args)
    if op in COMPARISONS or op == "isNull":
        return all(map(_is_scalar, args))
    if op == "in":
        return all(map(_is_scalar, (args[0], *args[1])))
    if op == "like":
        return isinstance(args[1], str) and (isinstance(args[0], str) or _is_property(args[0]))
    return op == "between" and all(_is_property(arg) or _is_number(arg) for arg in args)


def _is_scalar(node: Any) -> bool:
    """Tell whether it is a property or a literal; a normal form has no lists or null here, only operators beside."""
    return not isinstance(node, Mapping) or "op" not in node


def _is_property(node: Any) -> bool:
    return isinstance(node, Mapping) and "property" in node


def _is_number(node: Any) -> bool:
    return isinstance(node, int | float) and not isinstance(node, bool)


def _judge_text(normal: str) -> None:
    import cql2

    try:
        cql2.parse_json(normal).validate()
    except _refusals() as err:
        raise InvalidFilter(f"the filter is not valid CQL2: {cut(_reason(err), 300)}") from err


_judge_once = functools.lru_cache(maxsize=256)(_judge_text)
"""For filters that come again: judging takes 30 ms and more."""
_SHORT = 4000
"""Characters; longer filters, which hold large areas, are not kept."""


def _refusals() -> tuple[type[Exception], ...]:
    import cql2

    return (cql2.ParseError, cql2.ValidationError)


def _reason(err: Exception) -> str:
    """Give the library's message in one line; its pictures of the place are many lines."""
    lines = [line.strip(" |=") for line in str(err).splitlines()]
    place = lines[0].removeprefix("-->").strip() if lines and "-->" in lines[0] else ""
    said = next((line for line in reversed(lines) if line and not line.startswith("^")), "")
    return f"at line:column {place}, {said}" if place else said


def _whole_numbers(node: Any) -> Any:
    """Make whole floats ints again: the library has only floats."""
    if isinstance(node, float) and node.is_integer() and abs(node) < _EXACT:
        return int(node)
    if isinstance(node, list):
        return [_whole_numbers(part) for part in node]
    if isinstance(node, dict):
        return {key: _whole_numbers(part) for key, part in node.items()}
    return node

# SPDX-License-Identifier: Apache-2.0
"""Makes converters, and structures with them."""

from __future__ import annotations

import datetime as dt
from enum import Enum
from typing import Any, TypeVar

import attrs
import cattrs
from cattrs import override
from cattrs.errors import StructureHandlerNotFoundError
from cattrs.gen import make_dict_unstructure_fn

from swath.convert._containers import is_mapping, is_record, is_sequence, mapping_hook, record_hook, sequence_hook
from swath.convert._scalars import (
    day,
    instant,
    integer,
    is_enum,
    is_open_enum,
    is_scalar_union,
    member,
    number,
    one_of,
    text,
    truth,
    word,
    write_instant,
)
from swath.convert._words import problems
from swath.errors import UnexpectedResponse

_T = TypeVar("_T")
_SHOWN = 6


def make_converter(*, forbid_extra_keys: bool = False, omit_if_default: bool = False) -> cattrs.Converter:
    """Make a converter of its own for one provider.

    Args:
        forbid_extra_keys: Whether keys that a record does not have are errors.
        omit_if_default: Whether `unstructure` leaves out what has its default value, as for request bodies.

    Returns:
        A converter with the rules above. Times are written as RFC 3339 in UTC.
    """
    converter = cattrs.Converter(forbid_extra_keys=forbid_extra_keys, omit_if_default=omit_if_default)
    converter.register_structure_hook(str, text)
    converter.register_structure_hook(int, integer)
    converter.register_structure_hook(float, number)
    converter.register_structure_hook(bool, truth)
    converter.register_structure_hook(dt.date, day)
    converter.register_structure_hook(dt.datetime, instant)
    converter.register_structure_hook(Enum, member)
    converter.register_structure_hook_factory(is_mapping, lambda kind: mapping_hook(kind, converter))
    converter.register_structure_hook_factory(is_sequence, lambda kind: sequence_hook(kind, converter))
    converter.register_structure_hook_factory(is_record, lambda kind: record_hook(kind, converter, {}))
    converter.register_structure_hook_func(is_scalar_union, one_of)
    seen: set[tuple[type[Enum], str]] = set()
    converter.register_structure_hook_func(is_open_enum, lambda value, kind: word(value, kind, seen))
    converter.register_unstructure_hook_func(is_enum, lambda value: value.value)
    converter.register_unstructure_hook(dt.datetime, write_instant)
    converter.register_unstructure_hook(dt.date, lambda value: value.isoformat())
    return converter


def rename(converter: cattrs.Converter, record: type, /, **keys: str) -> None:
    """Tell a converter how a provider spells some keys of a record, for reading and writing.

    Args:
        converter: From `make_converter`.
        record: attrs class.
        **keys: The provider's key, by attribute name.
    """
    unknown = sorted(keys.keys() - {field.name for field in attrs.fields(record)})
    if unknown:
        msg = f"{record.__name__} has no attribute {', '.join(unknown)}"
        raise TypeError(msg)
    # Any: cattrs' generators take overrides and their own switches through one set of keywords.
    overrides: dict[str, Any] = {name: override(rename=key) for name, key in keys.items()}
    converter.register_structure_hook(record, record_hook(record, converter, overrides))
    converter.register_unstructure_hook(
        record,
        make_dict_unstructure_fn(record, converter, _cattrs_omit_if_default=converter.omit_if_default, **overrides),
    )


def camel_case(converter: cattrs.Converter, *records: type) -> None:
    """Tell a converter that a provider spells all keys of some records in camel case.

    Args:
        converter: From `make_converter`.
        *records: attrs classes.
    """
    for record in records:
        names = [field.name for field in attrs.fields(record)]
        rename(converter, record, **{name: _camel(name) for name in names if _camel(name) != name})


def structure(converter: cattrs.Converter, payload: Any, type: type[_T], *, what: str = "the answer") -> _T:  # noqa: A002  cattrs' own word
    """Read a payload as a record.

    Args:
        converter: From `make_converter`.
        payload: As `json` parsed it.
        type: What to make of it: an attrs class, ``list[Scene]``, ...
        what: What the payload is, for the error: ``"the order"``.

    Returns:
        The record.

    Raises:
        UnexpectedResponse: The payload does not have the documented form. Each place is named by its path in the
            payload, ``$.assets[2].href``; all are in ``details["problems"]``.
    """
    try:
        return converter.structure(payload, type)
    except StructureHandlerNotFoundError:
        raise  # the plugin's types are wrong, not the payload
    except Exception as err:
        found = problems(err, "$", converter)
        shown = found[:_SHOWN] + ([f"and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else [])
        raise UnexpectedResponse(
            f"{what} does not have the documented form: {'; '.join(shown)}", details={"problems": found}
        ) from err


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)

# SPDX-License-Identifier: Apache-2.0
"""Hooks of plain values: taken as they are, or refused."""

from __future__ import annotations

import datetime as dt
import math
import re
import types
import warnings
from enum import Enum
from typing import Any, Union, get_args, get_origin

from swath.convert._words import shown, type_name

_RFC3339 = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?([Zz]|[+-]\d{2}(:?\d{2})?)")


class UnknownWordWarning(UserWarning):
    """A provider used a word that its enum in the plugin does not have; it was passed on as text."""


def text(value: Any, kind: Any) -> Any:
    """Take text. The hook is asked for `StrEnum` fields too, and builds those."""
    if not isinstance(value, str):
        raise TypeError(f"expected text, got {shown(value)}")
    return member(value, kind) if issubclass(kind, Enum) else kind(value)


def integer(value: Any, kind: Any) -> Any:
    """Take an integer, or build an `IntEnum` member."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"expected an integer, got {shown(value)}")
    return member(value, kind) if issubclass(kind, Enum) else kind(value)


def number(value: Any, kind: Any) -> Any:
    """Take a finite number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise TypeError(f"expected a number, got {shown(value)}")
    return kind(value)


def truth(value: Any, _: type) -> bool:
    """Take true or false."""
    if not isinstance(value, bool):
        raise TypeError(f"expected true or false, got {shown(value)}")
    return value


def instant(value: Any, _: type) -> dt.datetime:
    """Take an instant that names its zone."""
    if isinstance(value, str):
        if not _RFC3339.fullmatch(value):
            raise ValueError(f"expected an RFC 3339 time with a zone, got {shown(value)}")
        value = dt.datetime.fromisoformat(value)
    if not isinstance(value, dt.datetime):
        raise TypeError(f"expected an RFC 3339 time, got {shown(value)}")
    if value.tzinfo is None:
        raise ValueError(f"expected a time with a zone, got {shown(value.isoformat())}")
    return value.astimezone(dt.UTC)


def day(value: Any, kind: type) -> dt.date:
    """Take a calendar day. The hook must not be asked for datetimes: those have their own."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return dt.date.fromisoformat(value)
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime) and kind is dt.date:
        return value
    raise ValueError(f"expected a date as 2026-03-01, got {shown(value)}")


def write_instant(value: dt.datetime) -> str:
    """Write an instant in UTC; a naive one is a mistake of the caller's."""
    if value.tzinfo is None:
        raise ValueError(f"expected a time with a zone, got {value!r}")
    return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def member(value: Any, kind: Any) -> Any:
    """Build an enum's member."""
    # A bool equals an int, so that Enum(True) would find the member 1.
    if not isinstance(value, bool):
        try:
            return kind(value)
        except ValueError:
            pass
    known = ", ".join(repr(member.value) for member in kind)
    raise ValueError(f"expected one of {known}, got {shown(value)}")


def word(value: Any, kind: Any, seen: set[tuple[type[Enum], str]]) -> Any:
    """Build an enum's member, or pass a word that it does not have, warning once."""
    parts = get_args(kind)
    if value is None and types.NoneType in parts:
        return None
    if not isinstance(value, str):
        raise TypeError(f"expected text, got {shown(value)}")
    enum = next(part for part in parts if isinstance(part, type) and issubclass(part, Enum))
    try:
        return enum(value)
    except ValueError:
        if (enum, value) not in seen:
            seen.add((enum, value))
            warnings.warn(
                f"{value!r} is no {enum.__name__} that this plugin knows; it is passed on as it is",
                UnknownWordWarning,
                stacklevel=2,
            )
        return value


def one_of(value: Any, kind: Any) -> Any:
    """Take whichever of several plain types the value has."""
    allowed = get_args(kind)
    if type(value) in allowed and not (isinstance(value, float) and not math.isfinite(value)):
        return value
    if float in allowed and type(value) is int:
        return float(value)
    names = " or ".join(type_name(part) for part in allowed)
    raise TypeError(f"expected {names}, got {shown(value)}")


def _is_union(kind: Any) -> bool:
    return get_origin(kind) in {Union, types.UnionType}


def is_scalar_union(kind: Any) -> bool:
    plain = (str, int, float, bool, types.NoneType)
    return _is_union(kind) and all(part in plain for part in get_args(kind)) and len(get_args(kind)) > 1


def is_open_enum(kind: Any) -> bool:
    """Whether it is ``Status | str``, with or without None."""
    if not _is_union(kind):
        return False
    rest = [part for part in get_args(kind) if part not in {str, types.NoneType}]
    return str in get_args(kind) and len(rest) == 1 and is_enum(rest[0])


def is_enum(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Enum)

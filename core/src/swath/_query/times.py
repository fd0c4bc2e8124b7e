# SPDX-License-Identifier: Apache-2.0
"""Read datetimes in any form that pystac-client takes, as aware UTC.

A naive time is UTC, wherever the program runs. A year, month or day stands for all of it, to its last microsecond. What
is finer than a microsecond is cut off.
"""

from __future__ import annotations

import calendar
import datetime as dt
import functools
import re
from collections.abc import Iterable
from typing import Any, NoReturn

from swath.errors import InvalidDatetime
from swath.models import Interval

__all__ = ["parse_datetime", "parse_span", "rfc3339"]

_TEXT = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2})"
    r"(?:[Tt ](?P<hour>\d{2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,30}))?)?"
    r"\s?(?P<zone>[Zz]|[-+]\d{2}(?::?\d{2})?)?)?)?)?",
    re.ASCII,
)
_OPEN = {"", ".."}
_USUAL = frozenset({20, 27})
"""Lengths of a time in UTC as swath writes it, to the second and to the microsecond."""


def parse_datetime(value: object) -> Interval | None:
    """Read an instant or interval.

    Args:
        value: RFC 3339 text; a date, month or year as text; an interval ``"start/end"`` where ``..`` or nothing is an
            open end; a datetime, date, numpy datetime64 or pandas Timestamp; a pair of these, None an open end; an
            `Interval`; or None.

    Returns:
        The closed interval in aware UTC, or None for None.

    Raises:
        InvalidDatetime: If it cannot be read, its end is before its start, or both ends are open.
    """
    if value is None:
        return None
    if isinstance(value, Interval):
        return _interval(value.start, value.end, value)
    parts = _parts(value)
    if len(parts) == 1:
        if _is_open(parts[0]):
            raise InvalidDatetime(f"datetime {_shown(value)} names no time", hint="leave datetime out for any time")
        start, end = _span(parts[0], value)
        return Interval(start=start, end=end)
    if len(parts) != 2:
        raise InvalidDatetime(f"datetime {_shown(value)} has {len(parts)} parts; an interval has 2")
    first = None if _is_open(parts[0]) else _span(parts[0], value)[0]
    last = None if _is_open(parts[1]) else _span(parts[1], value)[1]
    return _interval(first, last, value)


@functools.lru_cache(maxsize=4096)
def parse_span(text: str) -> tuple[dt.datetime, dt.datetime] | None:
    """Give the first and last instant that a time, day, month or year as text stands for; None if it is none."""
    if len(text) in _USUAL and text[-1] == "Z" and text[10] == "T" and text[4] == text[7] == "-":
        try:
            instant = dt.datetime.fromisoformat(text)
        except ValueError:
            pass
        else:
            return instant, instant
    found = _TEXT.fullmatch(text)
    if found is None:
        return None
    try:
        return _from_match(found)
    except (ValueError, OverflowError):
        return None


def rfc3339(instant: dt.datetime) -> str:
    """Give an aware datetime as RFC 3339 text in UTC, for example ``2026-03-01T00:00:00Z``."""
    return instant.astimezone(dt.UTC).replace(tzinfo=None).isoformat() + "Z"


# --- parts -----------------------------------------------------------------------------------------------------------


def _parts(value: object) -> list[Any]:
    """Take an interval apart."""
    if isinstance(value, str):
        return [part.strip() for part in value.split("/")]
    if _is_time(value):
        return [value]
    if not isinstance(value, Iterable) or isinstance(value, bytes | dict):
        _refuse(value, value)
    parts = list(value)
    if not parts:
        raise InvalidDatetime("datetime is an empty sequence", hint="leave datetime out for any time")
    return parts


def _is_time(value: object) -> bool:
    return isinstance(value, dt.date) or _is_datetime64(value)


def _is_datetime64(value: object) -> bool:
    return type(value).__name__ == "datetime64" and type(value).__module__.startswith("numpy")


def _is_open(part: Any) -> bool:
    return part is None or (isinstance(part, str) and part in _OPEN)


def _interval(start: dt.datetime | None, end: dt.datetime | None, value: object) -> Interval:
    if start is None and end is None:
        raise InvalidDatetime(f"datetime {_shown(value)} is open at both ends", hint="leave datetime out for any time")
    if start is not None and end is not None and start > end:
        raise InvalidDatetime(
            f"datetime {_shown(value)} ends ({rfc3339(end)}) before it starts ({rfc3339(start)})",
            hint="swap the two",
        )
    return Interval(start=start, end=end)


# --- one time --------------------------------------------------------------------------------------------------------


def _span(part: Any, value: object) -> tuple[dt.datetime, dt.datetime]:
    """Give the first and last instant of one part of `value`."""
    if _is_datetime64(part):
        part = str(part)
    if isinstance(part, str):
        found = _TEXT.fullmatch(part.strip())
        if found is None:
            _refuse(part, value)
        try:
            return _from_match(found)
        except (ValueError, OverflowError) as err:
            raise InvalidDatetime(f"datetime {part!r}{_within(part, value)} does not exist: {err}") from err
    if isinstance(part, dt.datetime):
        return _from_datetime(part, value)
    if not isinstance(part, dt.date):
        _refuse(part, value)
    return _days(part.year, part.month, part.day)


def _from_match(found: re.Match[str]) -> tuple[dt.datetime, dt.datetime]:
    year = int(found["year"])
    month, day = (None if found[name] is None else int(found[name]) for name in ("month", "day"))
    if found["hour"] is None or month is None or day is None:
        return _days(year, month, day)
    second = int(found["second"] or 0)
    microsecond = int((found["fraction"] or "0")[:6].ljust(6, "0"))
    if second == 60:  # A leap second, which RFC 3339 allows and datetime does not know.
        second, microsecond = 59, 999_999
    hour, minute, zone = int(found["hour"]), int(found["minute"]), _zone(found["zone"])
    instant = dt.datetime(year, month, day, hour, minute, second, microsecond, tzinfo=zone).astimezone(dt.UTC)
    return instant, instant


def _from_datetime(moment: dt.datetime, value: object) -> tuple[dt.datetime, dt.datetime]:
    # NaT of pandas is a datetime that does not equal itself.
    if moment != moment:  # noqa: PLR0124
        raise InvalidDatetime(f"datetime {_shown(value)} is not a time")
    # A pandas Timestamp is a datetime with nanoseconds: a plain one is built from its fields.
    plain = dt.datetime(
        moment.year,
        moment.month,
        moment.day,
        moment.hour,
        moment.minute,
        moment.second,
        moment.microsecond,
        tzinfo=moment.tzinfo if moment.utcoffset() is not None else dt.UTC,
        fold=moment.fold,
    )
    try:
        instant = plain.astimezone(dt.UTC)
    except OverflowError as err:
        raise InvalidDatetime(f"datetime {_shown(value)} is outside the years 1 to 9999 in UTC") from err
    return instant, instant


def _days(year: int, month: int | None, day: int | None) -> tuple[dt.datetime, dt.datetime]:
    """Give the first and last instant of a year, month or day."""
    start = dt.datetime(year, 1 if month is None else month, 1 if day is None else day, tzinfo=dt.UTC)
    last_month = 12 if month is None else month
    last_day = calendar.monthrange(year, last_month)[1] if day is None else day
    return start, dt.datetime(year, last_month, last_day, 23, 59, 59, 999_999, tzinfo=dt.UTC)


def _zone(text: str | None) -> dt.timezone:
    if text is None or text in {"Z", "z"}:
        return dt.UTC
    sign = -1 if text[0] == "-" else 1
    hours, minutes = int(text[1:3]), int(text[-2:]) if len(text) > 3 else 0
    if minutes > 59:
        msg = f"offset {text} has {minutes} minutes"
        raise ValueError(msg)
    return dt.timezone(sign * dt.timedelta(hours=hours, minutes=minutes))


# --- messages --------------------------------------------------------------------------------------------------------


def _refuse(part: object, value: object) -> NoReturn:
    raise InvalidDatetime(f"datetime {_shown(part)}{_within(part, value)} cannot be read")


def _within(part: object, value: object) -> str:
    return "" if part is value or part == value else f" of {_shown(value)}"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"

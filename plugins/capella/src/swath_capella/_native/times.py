# SPDX-License-Identifier: Apache-2.0
"""Times as callers write them and as the service reads them: always UTC, whatever the offset they came with."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

from swath_capella.exceptions import ClientError

__all__ = ["as_moment", "milliseconds", "span_of", "utc_text", "zulu"]

_FORMATS: Final = (
    "%Y-%m-%d %I:%M %p", "%Y-%m-%d %I:%M:%S %p", "%Y-%m-%d %I %p", "%Y/%m/%d", "%Y/%m/%d %H:%M", "%Y/%m/%d %H:%M:%S",
    "%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d %Y", "%b %d, %Y", "%B %d, %Y", "%d %b %Y %H:%M", "%d %B %Y %H:%M",
)  # fmt: skip
_OFFSET: Final = re.compile(r"[+-]\d\d:?\d\d$")


def as_moment(value: dt.date | str, what: str) -> dt.datetime:
    """Read a time; without offset it is UTC.

    Args:
        value: A datetime or date, or a text: ISO 8601, or a few other ways to write a date.
        what: Name of the argument.

    Raises:
        ClientError: It is no time.
    """
    if isinstance(value, dt.datetime):
        found: dt.datetime | None = value
    elif isinstance(value, dt.date):
        found = dt.datetime.combine(value, dt.time())
    else:
        found = _read(str(value).strip())
    if found is None:
        raise ClientError(
            f"{what} is no time: {value!r}", hint="pass a datetime, or a text as 2026-04-01T00:00:00Z or 2026-04-01"
        )
    return (found if found.tzinfo else found.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)


def _read(text: str) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        pass
    for form in _FORMATS:
        try:
            return dt.datetime.strptime(text, form).replace(tzinfo=dt.UTC)
        except ValueError:
            continue
    return None


def milliseconds(time: dt.datetime) -> str:
    """Write a time as requests have it: ``2026-04-01T00:00:00.000Z``."""
    time = time.astimezone(dt.UTC)
    return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03d}Z"


def zulu(value: dt.date) -> str:
    """Write a time as searches have it: fractions only where there are some."""
    time = as_moment(value, "time")
    fraction = f".{time.microsecond:06d}" if time.microsecond else ""
    return f"{time:%Y-%m-%dT%H:%M:%S}{fraction}Z"


def utc_text(text: str) -> str:
    """Give a time that is written with an offset in UTC; every other text as it is."""
    if "T" not in text.upper() or not _OFFSET.search(text):
        return text
    try:
        return zulu(dt.datetime.fromisoformat(text))
    except ValueError:
        return text


def span_of(text: str) -> dict[str, str] | None:
    """Read an interval ``start/end``, either end open by ``..`` or nothing; None where it is no interval."""
    start, slash, end = text.partition("/")
    if not slash:
        return None
    bounds = {"gte": start.strip(), "lte": end.strip()}
    return {name: utc_text(bound) for name, bound in bounds.items() if bound not in {"", ".."}}

# SPDX-License-Identifier: Apache-2.0
"""Times as STAC writes them: RFC 3339 in UTC with ``Z``."""

from __future__ import annotations

import datetime as dt
import functools
import re

from swath.errors import InvalidDatetime

__all__ = ["parse_timestamp", "timestamp"]

_RFC3339 = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:?\d{2})")
_HINT = "pass an aware datetime, or RFC 3339 text with a zone, as '2026-03-01T10:20:30Z'"


def parse_timestamp(value: dt.datetime | str) -> dt.datetime:
    """Read one instant.

    Args:
        value: Aware datetime, or RFC 3339 text with a zone. Digits beyond microseconds are cut.

    Returns:
        Aware datetime in UTC.

    Raises:
        InvalidDatetime: It is naive, or no such text.
    """
    if isinstance(value, str):
        text = value.strip()
        if not _RFC3339.fullmatch(text):
            raise InvalidDatetime(f"{value!r} is no RFC 3339 time with a zone", hint=_HINT)
        try:
            value = dt.datetime.fromisoformat(text)
        except ValueError as err:
            raise InvalidDatetime(f"{value!r} is no time: {err}", hint=_HINT) from err
    if value.tzinfo is None:
        raise InvalidDatetime(f"{value!r} has no time zone", hint=_HINT)
    return value.astimezone(dt.UTC)


def timestamp(value: dt.datetime | str) -> str:
    """Write one instant as STAC does: ``2026-03-01T10:20:30Z``, with microseconds only where it has some.

    Raises:
        InvalidDatetime: It is naive, or no RFC 3339 text with a zone.
    """
    return _written(value) if isinstance(value, str) else _text(value)


@functools.lru_cache(maxsize=4096)
def _written(value: str) -> str:
    """Write an instant that is text; the items of a search have many a time more than once."""
    return _text(value)


def _text(value: dt.datetime | str) -> str:
    return parse_timestamp(value).isoformat().replace("+00:00", "Z")

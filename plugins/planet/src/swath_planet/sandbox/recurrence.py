# SPDX-License-Identifier: Apache-2.0
"""The part of recurrence rules (RFC 5545) that says on which days a subscription delivers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

__all__ = ["read_rule"]

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_FREQUENCIES = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})


def read_rule(text: Any) -> Callable[[dt.datetime], bool]:
    """Make a test of a rule: whether a time is of a month (BYMONTH), day (BYMONTHDAY) and weekday (BYDAY) of it.

    Args:
        text: As ``FREQ=MONTHLY;BYMONTH=3,4,5``; None lets every day through.

    Raises:
        ValueError: For what is no such rule.
    """
    if text is None:
        return lambda _: True
    try:
        parts = dict(part.split("=", 1) for part in str(text).removeprefix("RRULE:").split(";"))
    except ValueError as err:
        raise ValueError(f"{text!r} is not a recurrence rule") from err
    unknown = set(parts) - {"FREQ", "BYMONTH", "BYMONTHDAY", "BYDAY"}
    if parts.get("FREQ") not in _FREQUENCIES or unknown:
        raise ValueError(f"{text!r} is not a recurrence rule that is understood here")
    months, days = _numbers(parts.get("BYMONTH"), 12), _numbers(parts.get("BYMONTHDAY"), 31)
    weekdays = set(parts["BYDAY"].split(",")) if "BYDAY" in parts else set(_DAYS)
    if not weekdays <= set(_DAYS):
        raise ValueError(f"{parts['BYDAY']!r} are not weekdays")
    return lambda time: time.month in months and time.day in days and _DAYS[time.weekday()] in weekdays


def _numbers(text: str | None, most: int) -> set[int]:
    if text is None:
        return set(range(1, most + 1))
    found = {int(one) for one in text.split(",")}
    if not all(1 <= one <= most for one in found):
        raise ValueError(f"{text!r} is out of range 1 to {most}")
    return found

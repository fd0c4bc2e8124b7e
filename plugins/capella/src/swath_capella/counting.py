# SPDX-License-Identifier: Apache-2.0
"""Counts what a query finds, where the catalogue can be asked exactly."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from swath.models import Interval, Query
from swath_capella._api.catalogue import PAGE, Catalogue, second
from swath_capella.items import time_of
from swath_capella.pushing import MARGIN, push

__all__ = ["count_exactly"]


def count_exactly(catalogue: Catalogue, query: Query) -> int | None:
    """Count what matches.

    The catalogue compares the middle of an acquisition, and a query asks for any part of it: what is near the ends of
    the asked time is looked at one by one.

    Returns:
        The number; None where the filter cannot be said exactly, or too much is near the ends.
    """
    pushed = push(query)
    if not pushed.exact:
        return None
    total = 0
    for body in pushed.bodies:
        found = catalogue.count(body) if query.datetime is None else _within(catalogue, body, query.datetime)
        if found is None:
            return None
        total += found
    return total


def _within(catalogue: Catalogue, body: Mapping[str, Any], asked: Interval) -> int | None:
    """Count what shares an instant with a time."""
    start, end = asked.start, asked.end
    if start is not None and end is not None and end - start <= 3 * MARGIN:
        return _near(catalogue, body, asked)
    total = catalogue.count(_between(body, start and start + MARGIN, end and end - MARGIN))
    for edge in (start, end):
        if edge is not None:
            near = _near(catalogue, _between(body, edge - MARGIN, edge + MARGIN), asked)
            if near is None:
                return None
            total += near
    return total


def _near(catalogue: Catalogue, body: Mapping[str, Any], asked: Interval) -> int | None:
    """Judge few acquisitions one by one; None where they are not few."""
    page = catalogue.page(body, number=1, limit=PAGE)
    if page.matched > len(page.features):
        return None
    return sum(_shares(feature.get("properties") or {}, asked) for feature in page.features)


def _shares(properties: Mapping[str, Any], asked: Interval) -> bool:
    middle = time_of(properties.get("datetime"))
    start = time_of(properties.get("start_datetime")) or middle
    end = time_of(properties.get("end_datetime")) or middle
    if start is None or end is None:
        return False
    return (asked.end is None or start <= asked.end) and (asked.start is None or end >= asked.start)


def _between(body: Mapping[str, Any], start: dt.datetime | None, end: dt.datetime | None) -> dict[str, Any]:
    """Narrow a search to a span of whole seconds, open at its end."""
    span = {name: second(time) for name, time in (("gte", start), ("lt", end)) if time is not None}
    return {**body, "query": {**(body.get("query") or {}), "datetime": span}}

# SPDX-License-Identifier: Apache-2.0
"""Write a query down as the parameters of a STAC API item search."""

from __future__ import annotations

from typing import Any

from swath._query.times import rfc3339
from swath.models import Interval, Query

__all__ = ["parameters_of"]


def parameters_of(query: Query) -> dict[str, Any]:
    """Give the body of ``POST /search`` that asks a STAC API the same; what is not asked for is left out.

    `Query.max_items` is no parameter: a client counts.
    """
    found = {
        "collections": list(query.collections) or None,
        "ids": list(query.ids) or None,
        "intersects": query.intersects,
        "datetime": None if query.datetime is None else _interval(query.datetime),
        "filter": query.filter,
        "filter-lang": None if query.filter is None else "cql2-json",
        "sortby": [{"field": key.property, "direction": "desc" if key.descending else "asc"} for key in query.sortby]
        or None,
        "limit": query.limit,
    }
    return {name: value for name, value in found.items() if value is not None}


def _interval(interval: Interval) -> str:
    return "/".join(".." if end is None else rfc3339(end) for end in (interval.start, interval.end))

# SPDX-License-Identifier: Apache-2.0
"""Make a query of the arguments that a user passed."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import Any

from swath._geometry.read import read_geometry
from swath._query.conditions import parse_conditions
from swath._query.filters import read_filter
from swath._query.sorting import parse_sortby
from swath._query.times import parse_datetime
from swath.errors import InputError
from swath.models import Query

__all__ = ["build_query", "check_method"]


def build_query(
    *,
    collections: object = None,
    ids: object = None,
    bbox: object = None,
    intersects: object = None,
    datetime: object = None,
    query: object = None,
    filter: object = None,  # noqa: A002  the argument's name in pystac-client
    filter_lang: str | None = None,
    sortby: object = None,
    limit: int | None = None,
    max_items: int | None = None,
) -> tuple[Query, tuple[str, ...]]:
    """Make a query of the arguments of ``pystac_client.Client.search``.

    Args:
        collections: Ids, comma-separated text, Collection objects, or a list of these; None or empty for all.
        ids: Item ids, or comma-separated text; None or empty for all.
        bbox: West, south, east, north in degrees; west may exceed east over the antimeridian. Not with `intersects`.
        intersects: An area in any form that `swath._geometry.read.read_geometry` takes.
        datetime: In any form that `swath._query.times.parse_datetime` takes.
        query: Conditions in any form that `swath._query.conditions.parse_conditions` takes; they hold beside `filter`.
        filter: CQL2 text or JSON.
        filter_lang: ``"cql2-text"`` or ``"cql2-json"``; None sees by itself.
        sortby: In any form that `swath._query.sorting.parse_sortby` takes.
        limit: Page size, 1 or more.
        max_items: Total, 0 or more.

    Returns:
        The query, and what was repaired in its areas.

    Raises:
        InputError: If an argument cannot be used; InvalidGeometry, InvalidDatetime and InvalidFilter are such errors.
    """
    if bbox is not None and intersects is not None:
        raise InputError("bbox and intersects are both given", hint="pass one of them; intersects takes a bbox too")
    area = intersects
    if bbox is not None:
        area = bbox if isinstance(bbox, str) else _numbers(bbox)
    reading = None if area is None else read_geometry(area)
    normal, repairs = read_filter(filter, filter_lang)
    conditions, more = read_filter(parse_conditions(query))
    if normal is not None and conditions is not None:
        normal, _ = read_filter({"op": "and", "args": [normal, conditions]})
    built = Query(
        collections=_names(collections, "collections"),
        ids=_names(ids, "ids"),
        intersects=None if reading is None else reading.geometry,
        datetime=parse_datetime(datetime),
        filter=conditions if normal is None else normal,
        sortby=parse_sortby(sortby),
        limit=_count(limit, "limit", 1),
        max_items=_count(max_items, "max_items", 0),
    )
    return built, (*(reading.repairs if reading else ()), *repairs, *more)


def check_method(method: object) -> None:
    """Refuse what is no method of a search. Which one it is has no effect.

    Raises:
        InputError: It is neither GET nor POST.
    """
    if method is not None and method not in {"GET", "POST"}:
        raise InputError(f"method cannot be {method!r:.80}", hint="leave it out: each provider is asked in its own way")


def _numbers(bbox: object) -> list[Any]:
    if not isinstance(bbox, Iterable) or isinstance(bbox, dict):
        raise InputError(f"bbox cannot be {bbox!r}", hint="pass west, south, east, north in degrees")
    return list(bbox)


def _names(value: object, argument: str) -> tuple[str, ...]:
    """Give ids, each once, in their order."""
    if value is None:
        return ()
    if isinstance(value, str):
        entries: list[Any] = value.split(",") if value else []
    elif hasattr(value, "id"):
        entries = [value]
    elif isinstance(value, Iterable):
        entries = list(value)
    else:
        raise InputError(f"{argument} cannot be {value!r}", hint="pass an id or a list of ids")
    names: list[str] = []
    for entry in entries:
        name = entry if isinstance(entry, str) else getattr(entry, "id", None)
        if not isinstance(name, str) or not name.strip():
            raise InputError(f"{argument} has {entry!r}, which is no id", hint="pass an id or a list of ids")
        names.append(name.strip())
    return tuple(dict.fromkeys(names))


def _count(value: object, argument: str, least: int) -> int | None:
    if value is None:
        return None
    try:
        number = None if isinstance(value, bool) else operator.index(value)  # type: ignore[arg-type]  # judged here
    except TypeError:
        number = None
    if number is None or number < least:
        raise InputError(f"{argument} must be a whole number of {least} or more, not {value!r}")
    return number

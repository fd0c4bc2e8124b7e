# SPDX-License-Identifier: Apache-2.0
"""Which orders a list shows, and in which order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from swath_planet.sandbox.access import Refusal
from swath_planet.sandbox.filters import parse_time
from swath_planet.sandbox.order_book import OrderRecord, State

__all__ = ["chosen"]

_SORTABLE = {
    "name": lambda order: order.name,
    "created_on": lambda order: order.created,
    "state": lambda order: order.state.value,
    "last_modified": lambda order: order.modified,
}
_SOURCES = ("all", "scenes", "basemaps")


def chosen(orders: Iterable[OrderRecord], query: Mapping[str, str]) -> list[OrderRecord]:
    """Apply the parameters of a list request; newest first unless they say otherwise.

    Raises:
        Refusal: 400 for a value that is not allowed.
    """
    source, state = query.get("source_type", "all"), query.get("state")
    if source not in _SOURCES:
        raise _bad("source_type", source)
    if state is not None and state not in set(State):
        raise _bad("state", state)
    created, modified = _interval(query, "created_on"), _interval(query, "last_modified")
    hosting = query.get("hosting")
    if hosting not in {None, "true", "false"}:
        raise _bad("hosting", hosting)
    found = [
        order
        for order in orders
        if source in {"all", order.request.get("source_type", "scenes")}
        and state in {None, order.state.value}
        and query.get("name") in {None, order.name}
        and query.get("name__contains", "") in order.name
        and created[0] <= order.created <= created[1]
        and modified[0] <= order.modified <= modified[1]
        and hosting in {None, str("hosting" in order.request).lower()}
        and query.get("destination_ref") in {None, _destination(order)}
        and query.get("user_id") in {None, "all", order.account.user}
    ]
    return _sorted(found, query.get("sort_by") or "created_on DESC")


def _sorted(orders: list[OrderRecord], asked: str) -> list[OrderRecord]:
    for part in reversed(asked.split(",")):
        name, _, direction = part.strip().partition(" ")
        key = _SORTABLE.get(name)
        if key is None or direction.strip().upper() not in {"", "ASC", "DESC"}:
            raise _bad("sort_by", asked)
        orders = sorted(orders, key=key, reverse=direction.strip().upper() == "DESC")
    return orders


def _interval(query: Mapping[str, str], name: str) -> tuple[dt.datetime, dt.datetime]:
    """Read an instant, ``a/b``, ``a/..`` or ``../b``; an instant means its whole second, or day."""
    low, high = dt.datetime.min.replace(tzinfo=dt.UTC), dt.datetime.max.replace(tzinfo=dt.UTC)
    value = query.get(name)
    if value is None:
        return low, high
    first, slash, last = value.partition("/")
    try:
        if not slash:
            start = parse_time(_aware(first))
            return start, start + (dt.timedelta(days=1) if len(first) == 10 else dt.timedelta(seconds=1))
        start = low if first in {"", ".."} else parse_time(_aware(first))
        end = high if last in {"", ".."} else parse_time(_aware(last))
    except Refusal as err:
        raise _bad(name, value) from err
    return start, end


def _aware(value: str) -> str:
    return f"{value}T00:00:00Z" if len(value) == 10 else value


def _destination(order: OrderRecord) -> str | None:
    block: Mapping[str, str] = (order.request.get("delivery") or {}).get("destination") or {}
    return block.get("ref")


def _bad(name: str, value: Any) -> Refusal:
    return Refusal(400, {"message": f"invalid value {value!r} for {name}"})

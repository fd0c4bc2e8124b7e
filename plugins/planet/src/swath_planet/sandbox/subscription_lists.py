# SPDX-License-Identifier: Apache-2.0
"""Which subscriptions and results a list shows, and in which order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from starlette.datastructures import QueryParams

from swath_planet.sandbox.service import interval
from swath_planet.sandbox.subscription_book import Result, Status, Subscription, SubscriptionBook
from swath_planet.sandbox.subscription_checks import refusal

__all__ = ["RESULT_STATUSES", "chosen", "chosen_results"]

RESULT_STATUSES = ("created", "queued", "processing", "failed", "cancelled", "success")
"""What a result may be."""
_SORTABLE = {
    "name": lambda one: one.name,
    "created": lambda one: one.created,
    "updated": lambda one: one.updated,
    "start_time": lambda one: one.source.start,
    "end_time": lambda one: (one.source.end is None, one.source.end or one.source.start),
}


def chosen(subscriptions: Iterable[Subscription], query: QueryParams) -> list[Subscription]:
    """Apply the parameters of a list request; newest first unless they say otherwise.

    Raises:
        Refusal: 400 for a value that is not allowed.
    """
    statuses = _statuses(query, {*(one.value for one in Status), "invalid"})
    spans = {name: interval(query, name, refusal) for name in ("created", "updated", "start_time", "end_time")}
    hosting, kind = query.get("hosting"), query.get("source_type", "all")
    found = [
        one
        for one in subscriptions
        if (not statuses or one.status.value in statuses)
        and all(_within(one, name, span, asked=name in query) for name, span in spans.items())
        and query.get("name") in {None, one.name}
        and query.get("name__contains", "") in one.name
        and (hosting is None or _hosted(one, hosting))
        and kind in {"all", one.source.type}
        and query.get("destination_ref") in {None, _destination(one.body)}
        and query.get("user_id") in {None, "all", one.account.user}
        and query.get("geom_ref") in {None, _geometry(one.body).get("content")}
    ]
    return _sorted(found, query.get("sort_by") or "created DESC")


def chosen_results(book: SubscriptionBook, subscription: Subscription, query: QueryParams) -> list[Result]:
    """Apply the parameters of a request for results; oldest first.

    Raises:
        Refusal: 400 for a value that is not allowed.
    """
    statuses = _statuses(query, set(RESULT_STATUSES))
    created, updated = interval(query, "created", refusal), interval(query, "updated", refusal)
    completed, acquired = interval(query, "completed", refusal), interval(query, "item_datetime", refusal)
    found = []
    for one in book.results(subscription):
        status, since = book.result_status(one)
        if (
            (not statuses or status in statuses)
            and created[0] <= one.created <= created[1]
            and updated[0] <= since <= updated[1]
            and ("completed" not in query or (one.ended and completed[0] <= one.ended <= completed[1]))
            and acquired[0] <= one.match.acquired <= acquired[1]
        ):
            found.append(one)
    return found


def _statuses(query: QueryParams, allowed: set[str]) -> set[str]:
    asked = set(query.getlist("status"))
    if not asked <= allowed:
        raise refusal(f"status: unknown {min(asked - allowed)!r}")
    return asked


def _within(one: Subscription, name: str, span: tuple[Any, Any], *, asked: bool) -> bool:
    time = {
        "created": one.created,
        "updated": one.updated,
        "start_time": one.source.start,
        "end_time": one.source.end,
    }[name]
    return not asked or (time is not None and span[0] <= time <= span[1])


def _hosted(one: Subscription, asked: str) -> bool:
    block = one.body.get("hosting") or {}
    if asked in {"true", "false"}:
        return bool(block) is (asked == "true")
    return bool(block) and block.get("type") == asked


def _geometry(body: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = body["source"]["parameters"]["geometry"]
    return found


def _destination(body: Mapping[str, Any]) -> Any:
    delivery = body.get("delivery") or {}
    return (delivery.get("parameters") or {}).get("ref") if delivery.get("type") == "destination" else None


def _sorted(found: list[Subscription], asked: str) -> list[Subscription]:
    for part in reversed(asked.split(",")):
        name, _, direction = part.strip().partition(" ")
        key = _SORTABLE.get(name)
        if key is None or direction.strip().upper() not in {"", "ASC", "DESC"}:
            raise refusal(f"sort_by: cannot sort by {part.strip()!r}")
        found = sorted(found, key=key, reverse=direction.strip().upper() == "DESC")
    return found

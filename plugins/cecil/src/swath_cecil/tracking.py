# SPDX-License-Identifier: Apache-2.0
"""Subscriptions as swath's orders.

Source: the Cecil wire contract, 4.3, 5.7 and 10.2, read 2026-11.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import evolve

from swath.models import ItemDict, Order, OrderState, find_tag
from swath.stac import timestamp
from swath_cecil.delivered import GRACE
from swath_cecil.models import Subscription

__all__ = ["STATES", "inferred", "seen"]

STATES: Final[Mapping[str, OrderState]] = {
    "pending": OrderState.PENDING,
    "processing": OrderState.SHIPPING,
    "completed": OrderState.SUCCEEDED,
    "partial": OrderState.PARTIAL,
    "failed": OrderState.FAILED,
}
"""Our state for each of Cecil's words; a word that is not here is pending."""
_SETTLED: Final = dt.timedelta(minutes=2)
"""For how long nothing more came, where the server does not tell that all is there."""


def seen(subscription: Subscription, known: Order | None = None) -> Order:
    """Read a subscription as an order, but for what it has delivered."""
    made = known or Order(provider="cecil")
    status = subscription.status or ""
    state = STATES.get(status, OrderState.PENDING if status else OrderState.ORDERED)
    if made.kind == "subscription" and state is not OrderState.FAILED and state is not OrderState.PARTIAL:
        state = OrderState.SHIPPING  # later time steps may still come
    archived = subscription.archived_at
    if archived is not None:
        state = OrderState.CANCELED
    return evolve(
        made,
        id=subscription.id,
        tag=made.tag or find_tag(subscription.external_ref) or "",
        state=state,
        native_state="archived" if archived is not None else status,
        created=subscription.created_at,
        expires=None if archived is None else archived + GRACE,
        message=subscription.status_message or "",
        raw={**_kept(made.raw), **_plain(subscription)},
    )


def inferred(order: Order, delivered: Sequence[ItemDict], now: dt.datetime) -> Order:
    """Say where an order stands whose server does not tell: it is done once nothing more comes for a while."""
    count = sum(len(item["assets"]) for item in delivered)
    before, since = order.raw.get("swath:files"), order.raw.get("swath:since")
    if count != before or not isinstance(since, str):
        since = timestamp(now)
    settled = count > 0 and now - dt.datetime.fromisoformat(since) >= _SETTLED
    state = OrderState.SUCCEEDED if settled else OrderState.SHIPPING if count else OrderState.ORDERED
    return evolve(order, state=state, raw={**order.raw, "swath:files": count, "swath:since": since})


def _kept(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in raw.items() if name.startswith("swath:")}


def _plain(subscription: Subscription) -> dict[str, Any]:
    return {
        name: timestamp(value) if isinstance(value, dt.datetime) else value
        for name, value in subscription.model_dump().items()
        if value is not None
    }

# SPDX-License-Identifier: Apache-2.0
"""Webhooks of subscriptions."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

from swath.sandbox import World
from swath_planet.sandbox.service import millis
from swath_planet.sandbox.subscription_book import Event, Result, Subscription, SubscriptionBook

__all__ = ["AGAIN_S", "SubscriptionHooks"]

AGAIN_S = (10.0, 60.0, 600.0)
"""How long after each failure a webhook is posted again, seconds at the real provider's pace."""


class SubscriptionHooks:
    """Posts what subscriptions ask to be told of, also while nobody looks at them.

    Args:
        world: Holds clock and outbox.
        told: Gives a result as JSON types.
    """

    def __init__(self, world: World, told: Callable[[Result], dict[str, Any]]) -> None:
        self._world, self._told = world, told
        self.book: SubscriptionBook | None = None
        """Whose subscriptions they are."""

    def watch(self, subscription: Subscription) -> None:
        """Look after a subscription that asks for webhooks, as long as anything may happen to it."""
        if self.book is None or not _webhook(subscription):
            return
        due = self.book.next_change(subscription)
        if due is not None:
            self._world.hooks.at(max(due, self._world.clock.now()), "planet", lambda: self._look(subscription))

    def tell(self, subscription: Subscription, event: Event) -> None:
        """Post an event, if the subscription asks for its topic."""
        webhook = _webhook(subscription)
        if webhook is None:
            return
        wanted = webhook["topics"]
        if event.topic not in wanted and not ("status.all" in wanted and event.topic.startswith("status.")):
            return
        data = dict(event.data)
        if isinstance(data.get("result"), Result):
            data["result"] = self._told(data["result"])
        body = {
            "id": str(uuid.uuid4()),
            "topic": event.topic,
            "subscription_id": subscription.id,
            "created": millis(event.time),
            "data": data,
        }
        again: list[dt.timedelta] = [self._world.clock.delay(seconds) for seconds in AGAIN_S]
        self._world.hooks.post("planet", event.topic, webhook["url"], body, again=again)

    def _look(self, subscription: Subscription) -> None:
        if self.book is not None:
            self.book.advance(subscription)
            self.watch(subscription)


def _webhook(subscription: Subscription) -> dict[str, Any] | None:
    found: dict[str, Any] | None = (subscription.body.get("notifications") or {}).get("webhook")
    return found

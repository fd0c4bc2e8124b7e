# SPDX-License-Identifier: Apache-2.0
"""Webhooks of orders."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from swath.sandbox import World
from swath_planet.sandbox.access import Call
from swath_planet.sandbox.order_book import LINK_S, OrderBook, OrderRecord
from swath_planet.sandbox.service import millis

__all__ = ["AGAIN_S", "OrderHooks", "webhook_problem"]

AGAIN_S = (10.0, 60.0, 600.0)
"""How long after each failure a webhook is posted again, seconds at the real provider's pace."""
_NEVER = "0001-01-01T00:00:00.000Z"


def webhook_problem(body: Any) -> str | None:
    """Say what is wrong with the notifications of a request; None where nothing is."""
    notifications = body.get("notifications") if isinstance(body, Mapping) else None
    if notifications is None:
        return None
    if not isinstance(notifications, Mapping):
        return "notifications must be an object"
    webhook = notifications.get("webhook")
    if webhook is None:
        return None
    url = webhook.get("url") if isinstance(webhook, Mapping) else None
    if not isinstance(url, str) or not url.startswith(("https://", "http://")):
        return "webhook: url is required"
    return None


class OrderHooks:
    """Posts what orders deliver to whom they name, item by item or once an order, also while nobody looks at them.

    The topic is ``"order"`` or ``"order.item"``.

    Args:
        world: Holds clock, links and outbox.
        book: Whose orders they are; it must call `finished`.
        download: Path under which results are served.
    """

    def __init__(self, world: World, book: OrderBook, download: str) -> None:
        self._world, self._book, self._download = world, book, download
        self._roots: dict[str, str] = {}
        book.on_finish = self.finished

    def watch(self, call: Call, order: OrderRecord) -> None:
        """Look after an order that asks for webhooks until it has come to its end."""
        if not _webhook(order):
            return
        self._roots[order.id] = call.root
        for due in self._book.changes(order):
            self._world.hooks.at(due, "planet", lambda: self._book.touch(order))

    def finished(self, order: OrderRecord) -> None:
        """Post what an order that has just come to its end delivers."""
        webhook = _webhook(order)
        root = self._roots.pop(order.id, None)
        if not webhook or root is None:
            return
        items = [self._item(order, file.path, root) for file in order.files]
        if webhook.get("per_order"):
            self._post(order, "order", items)
            return
        for item in items:
            self._post(order, "order.item", [item])

    def _post(self, order: OrderRecord, topic: str, items: list[dict[str, Any]]) -> None:
        again = [self._world.clock.delay(seconds) for seconds in AGAIN_S]
        body = {"order_id": order.id, "items": items}
        self._world.hooks.post("planet", topic, str(_webhook(order)["url"]), body, again=again)

    def _item(self, order: OrderRecord, path: str, root: str) -> dict[str, Any]:
        told = {"name": f"{order.id}/{path}", "delivery": "success"}
        if order.is_delivered_elsewhere:
            return {**told, "expires_at": _NEVER}
        links = self._world.links
        token = links.token(json.dumps(["result", order.id, path]), LINK_S)
        return {
            **told,
            "location": f"{root}{self._download}?token={token}",
            "expires_at": millis(links.expiry(LINK_S)),
        }


def _webhook(order: OrderRecord) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (order.request.get("notifications") or {}).get("webhook") or {}
    return found

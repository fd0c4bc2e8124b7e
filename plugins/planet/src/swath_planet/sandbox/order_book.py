# SPDX-License-Identifier: Apache-2.0
"""Orders and the states they go through."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from attrs import define, field

from swath.sandbox import World
from swath_planet.sandbox.access import Account
from swath_planet.sandbox.basemap_orders import BasemapDelivery, pieces_of
from swath_planet.sandbox.delivery import Delivery, OrderFile, Share, choose_bundle, overlap
from swath_planet.sandbox.files import Cache
from swath_planet.sandbox.holdings import Holdings, Item
from swath_planet.sandbox.mosaic_shelf import Shelf

__all__ = ["LINK_S", "OrderBook", "OrderRecord", "State"]

LINK_S = 24 * 3600.0
"""Seconds that the links of results are good for."""

_QUEUED_S, _RUNNING_S = 20.0, 100.0
_QUEUED_LOOKS, _RUNNING_LOOKS = 1, 2
_KEPT = dt.timedelta(days=90)


class State(StrEnum):
    """Where an order stands, in Planet's words."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCESS = "success"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"


_MESSAGES = {
    State.QUEUED: "Preparing order",
    State.RUNNING: "Running - order is being processed",
    State.SUCCESS: "Manifest delivery completed",
    State.PARTIAL: "Manifest delivery completed",
    State.FAILED: "Order failed: not all items could be delivered",
    State.CANCELLED: "Order cancelled",
}


@define(kw_only=True)
class OrderRecord:
    """One order."""

    id: str
    account: Account
    request: Mapping[str, Any]
    created: dt.datetime
    modified: dt.datetime
    state: State = State.QUEUED
    looks: int = 0
    """How often it was asked for."""
    hints: list[str] = field(factory=list)
    files: list[OrderFile] = field(factory=list, repr=False)
    delivery: Delivery | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """As the user named it; not unique."""
        return str(self.request["name"])

    @property
    def message(self) -> str:
        """What is said of the state."""
        return _MESSAGES[self.state]

    @property
    def is_delivered_elsewhere(self) -> bool:
        """Whether the files go to a cloud of the user's."""
        clouds = set(self.request.get("delivery") or {}) - {"archive_type", "archive_filename", "single_archive"}
        return bool(clouds)

    def has_directive(self, word: str) -> bool:
        """Say whether its name asks the stand-in for a special end."""
        return f"sandbox:{word}" in self.name


class OrderBook:
    """The orders of all accounts. Any thread may use it."""

    def __init__(self, world: World, holdings: Holdings, cache: Cache) -> None:
        self._world, self._holdings, self._cache = world, holdings, cache
        self._orders: dict[str, OrderRecord] = {}
        self.on_finish: Callable[[OrderRecord], None] | None = None
        """Called with every order that has come to its end by itself."""
        self.shelf = Shelf(world)
        """The mosaics that can be ordered from."""
        self._lock = threading.RLock()

    def add(self, account: Account, request: Mapping[str, Any]) -> OrderRecord:
        """Take an order that has been checked."""
        now = self._world.clock.now()
        order = OrderRecord(id=str(uuid.uuid4()), account=account, request=request, created=now, modified=now)
        with self._lock:
            self._orders[order.id] = order
        return order

    def look(self, account: Account, order_id: str) -> OrderRecord | None:
        """Give an order, and bring it one look nearer to its end."""
        with self._lock:
            order = self._orders.get(order_id.lower())
            if order is None or order.account.key != account.key or self._is_old(order):
                return None
            self._advance(order)
            order.looks += 1
            return order

    def all(self, account: Account) -> list[OrderRecord]:
        """Give an account's orders, oldest first."""
        with self._lock:
            found = [o for o in self._orders.values() if o.account.key == account.key and not self._is_old(o)]
            for order in found:
                self._advance(order)
            return found

    def find(self, order_id: str) -> OrderRecord | None:
        """Give an order of whomever, as it stands."""
        with self._lock:
            return self._orders.get(order_id)

    def cancel(self, order: OrderRecord) -> bool:
        """Cancel an order that is still queued; says whether it was."""
        with self._lock:
            self._advance(order)
            if order.state is not State.QUEUED:
                return False
            order.state, order.modified = State.CANCELLED, self._world.clock.now()
            return True

    def touch(self, order: OrderRecord) -> None:
        """Move an order on, if its time has come."""
        with self._lock:
            self._advance(order)

    def changes(self, order: OrderRecord) -> tuple[dt.datetime, dt.datetime]:
        """Say when an order begins to run and when it comes to its end, if nobody looks at it."""
        delay = self._world.clock.delay
        return order.created + delay(_QUEUED_S), order.created + delay(_QUEUED_S) + delay(_RUNNING_S)

    def _is_old(self, order: OrderRecord) -> bool:
        return self._world.clock.now() - order.created > _KEPT

    def _advance(self, order: OrderRecord) -> None:
        """Move an order on by time passed or by looks, whichever is further."""
        if order.state not in {State.QUEUED, State.RUNNING}:
            return
        clock = self._world.clock
        gone, running_from = clock.now() - order.created, clock.delay(_QUEUED_S)
        over_from = running_from + clock.delay(_RUNNING_S)
        over = gone >= over_from or order.looks >= _QUEUED_LOOKS + _RUNNING_LOOKS
        if over and not order.has_directive("stuck"):
            self._finish(order)
            order.modified = clock.now()
            if self.on_finish is not None:
                self.on_finish(order)
        elif order.state is State.QUEUED and (over or gone >= running_from or order.looks >= _QUEUED_LOOKS):
            order.state, order.modified = State.RUNNING, clock.now()

    def _finish(self, order: OrderRecord) -> None:
        is_basemap = order.request.get("source_type") == "basemaps"
        if not (self._finish_basemaps(order) if is_basemap else self._finish_scenes(order)):
            order.state = State.FAILED
            return
        order.files = order.delivery.files() if order.delivery is not None else []
        order.state = State.PARTIAL if order.hints else State.SUCCESS

    def _finish_scenes(self, order: OrderRecord) -> bool:
        """Make the delivery, if there is one."""
        request = order.request
        shares, order.hints = self._shares(request)
        if order.has_directive("partial") and shares:
            dropped = shares.pop()
            order.hints.append(f"Item {dropped.item.id}: the sandbox was asked to leave it out")
        if order.has_directive("failed"):
            shares = []
            order.hints.append("the sandbox was asked to let the order fail")
        if not shares or (order.hints and request.get("order_type", "full") == "full"):
            return False
        order.delivery = Delivery(**self._common(order), shares=shares)
        return True

    def _finish_basemaps(self, order: OrderRecord) -> bool:
        if order.has_directive("failed"):
            order.hints = ["the sandbox was asked to let the order fail"]
            return False
        pieces = pieces_of(order.request["products"], self.shelf, self._world.key)
        order.delivery = BasemapDelivery(**self._common(order), shares=(), pieces=pieces)
        return True

    def _common(self, order: OrderRecord) -> dict[str, Any]:
        """Give what deliveries of all kinds are made of."""
        request = order.request
        return {
            "order_id": order.id,
            "name": order.name,
            "tools": tuple(request.get("tools") or ()),
            "archive": request.get("delivery") or {},
            "stac": "stac" in (request.get("metadata") or {}),
            "pixels": self._world.scene_pixels,
            "cache": self._cache,
        }

    def _shares(self, request: Mapping[str, Any]) -> tuple[list[Share], list[str]]:
        """Say which items can be delivered, and why the others cannot."""
        shares: list[Share] = []
        hints: list[str] = []
        aoi = next((tool["clip"]["aoi"] for tool in request.get("tools") or () if "clip" in tool), None)
        for product in request["products"]:
            bundles: Sequence[str] = product["product_bundle"].split(",")
            for item in self._items(product):
                bundle = choose_bundle(item, bundles)
                if bundle is None:
                    hints.append(f"Item {item.id}: no assets for bundle {product['product_bundle']}")
                elif aoi is not None and overlap(item, aoi) is None:
                    hints.append(f"Item {item.id}: the clip area does not intersect the item")
                else:
                    shares.append(Share(item=item, bundle=bundle))
        return shares, hints

    def _items(self, product: Mapping[str, Any]) -> list[Item]:
        found = (self._holdings.get(product["item_type"], one) for one in product["item_ids"])
        return [item for item in found if item is not None]

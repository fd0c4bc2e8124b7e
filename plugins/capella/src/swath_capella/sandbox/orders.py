# SPDX-License-Identifier: Apache-2.0
"""Orders: review, money, states, expiry, and items with signed links."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from typing import Any
from urllib.parse import quote

from attrs import define, field

from swath.sandbox import World
from swath_capella.sandbox.access import Account, Call, Refusal, not_found
from swath_capella.sandbox.items import Holdings, Product, stamp, written
from swath_capella.sandbox.settings import Settings

__all__ = ["Orders", "dollars"]

_MOST_ITEMS = 5000


def dollars(amount: float) -> str:
    """Write money as the service does."""
    return f"${amount:,.2f}"


@define(kw_only=True)
class Order:
    """One order."""

    id: str
    user: str
    organisation: str
    contract: str | None
    made: dt.datetime
    products: list[Product]
    again: set[str] = field(factory=set)
    """Ids of what the organisation had bought before."""
    rejected: bool = False


class Orders:
    """What was ordered, and what it cost."""

    def __init__(self, world: World, holdings: Holdings, settings: Settings) -> None:
        self._world = world
        self._holdings = holdings
        self._settings = settings
        self._orders: dict[str, Order] = {}
        self._bought: dict[str, set[str]] = {}
        self._spent: dict[str, float] = {}
        self._lock = threading.Lock()

    # --- money ------------------------------------------------------------------------------------------------------

    def left(self, account: Account) -> float:
        """Say what an organisation may still spend, US dollars."""
        return (self._settings.commitment if account.funded else 0.0) - self._spent.get(account.organisation, 0.0)

    def spend(self, account: Account, amount: float) -> None:
        """Take money."""
        self._spent[account.organisation] = self._spent.get(account.organisation, 0.0) + amount

    def grant(self, organisation: str, products: list[Product]) -> None:
        """Note that products belong to an organisation: ordering them is free."""
        self._bought.setdefault(organisation, set()).update(one.id for one in products)

    def _price(self, account: Account, product: Product) -> float:
        free = product.collect.open or product.id in self._bought.get(account.organisation, set())
        return 0.0 if free else product.collect.price

    def review(self, call: Call) -> dict[str, Any]:
        """Answer a review."""
        account = call.user
        products = self._read(call)
        prices = [self._price(account, one) for one in products]
        total = sum(prices)
        if total > self.left(account):
            left = dollars(max(0.0, self.left(account)))
            return {
                "authorized": False,
                "authorizationDenialReason": {
                    "code": "AUTHORIZATION_INSUFFICIENT_FUNDS",
                    "message": f"Commitment exceeded: cost {dollars(total)}, left {left}",
                },
            }
        lines = [
            {"granuleId": one.id, "collectionId": one.collection, "order": {"finalListPrice": dollars(price)}}
            for one, price in zip(products, prices, strict=True)
        ]
        return {
            "authorized": True,
            "orderDetails": {"summary": {"subtotal": dollars(total), "total": dollars(total)}, "lineItems": lines},
        }

    def _read(self, call: Call) -> list[Product]:
        body = call.object()
        asked = body.get("items")
        if not isinstance(asked, list) or not asked:
            raise Refusal(400, "items must not be empty", "ORDER_VALIDATION_ERROR")
        if len(asked) > _MOST_ITEMS:
            raise Refusal(400, f"an order takes at most {_MOST_ITEMS} items", "ORDER_VALIDATION_ERROR")
        contract = body.get("contractId")
        if contract is not None and not str(contract).startswith("ct-"):
            raise Refusal(400, "No such contract", "CONTRACT_NOT_FOUND")
        found = []
        for one in asked:
            name = one.get("granuleId") if isinstance(one, dict) else None
            product = self._holdings.find(str(name))
            if product is None or one.get("collectionId") != product.collection:
                raise Refusal(400, f"No such granule: {name}", "ORDER_VALIDATION_ERROR")
            found.append(product)
        return list({one.id: one for one in found}.values())

    # --- orders -----------------------------------------------------------------------------------------------------

    def submit(self, call: Call) -> dict[str, Any]:
        """Take an order."""
        account, products = call.user, self._read(call)
        with self._lock:
            total = sum(self._price(account, one) for one in products)
            order = Order(
                id=str(
                    uuid.UUID(int=self._world.rng("order", len(self._orders), account.user).getrandbits(128), version=4)
                ),
                user=account.user,
                organisation=account.organisation,
                contract=call.object().get("contractId"),
                made=self._world.clock.now(),
                products=products,
                again=self._bought.get(account.organisation, set()) & {one.id for one in products},
                rejected=self._settings.reject_orders or total > self.left(account),
            )
            self._orders[order.id] = order
            if not order.rejected:
                self.spend(account, total)
                self.grant(account.organisation, products)
        return self._written(order)

    def of_products(self, account: Account, products: list[Product]) -> dict[str, Any]:
        """Make an order of what a task has given: it is paid for."""
        self.grant(account.organisation, products)
        with self._lock:
            number = len(self._orders)
            order = Order(
                id=str(uuid.UUID(int=self._world.rng("order", number, account.user).getrandbits(128), version=4)),
                user=account.user, organisation=account.organisation, contract=None, made=self._world.clock.now(),
                products=products, again={one.id for one in products},
            )  # fmt: skip
            self._orders[order.id] = order
        return self._written(order)

    def listed(self, call: Call) -> list[dict[str, Any]]:
        """List orders, newest first."""
        account = call.user
        user = call.query.get("customerId") or account.user
        organisation = call.query.get("organizationId")
        manager = "organization-manager" in account.roles
        if user != account.user and not manager:
            raise Refusal(403, "User is not authorized to perform: orders:list", "NOT_AUTHORIZED")
        with self._lock:
            mine = [
                one
                for one in self._orders.values()
                if one.organisation == account.organisation and (organisation or one.user == user)
            ]
        most = int(call.query.get("limit") or 300)
        return [self._written(one) for one in sorted(mine, key=lambda one: one.made, reverse=True)[:most]]

    def get(self, call: Call) -> dict[str, Any]:
        """Show one order."""
        return self._written(self._find(call))

    def _find(self, call: Call) -> Order:
        name = call.path["order"]
        with self._lock:
            found = self._orders.get(name)
        if found is None or found.organisation != call.user.organisation:
            raise not_found("Order", name)
        return found

    def _expires(self, order: Order) -> dt.datetime:
        return order.made + dt.timedelta(seconds=self._settings.order_life_s)

    def _status(self, order: Order) -> str:
        if order.rejected:
            return "rejected"
        ready = order.made + self._world.clock.delay(self._settings.order_delay_s)
        return "completed" if self._world.clock.now() >= ready else "processing"

    def _written(self, order: Order) -> dict[str, Any]:
        status = self._status(order)
        return {
            "orderId": order.id,
            "userId": order.user,
            "organizationId": order.organisation,
            "contractId": order.contract or "ct-default",
            "orderDate": stamp(order.made),
            "expirationDate": stamp(self._expires(order)),
            "orderStatus": status,
            "items": [
                {
                    "granuleId": one.id,
                    "collectionId": one.collection,
                    "collectId": one.collect.id,
                    "type": one.collect.collection_type,
                    "size": 100_000_000,
                    "previouslyOrdered": one.id in order.again,
                    "itemStatus": status,
                    "collectionDate": stamp(one.collect.middle),
                }
                for one in order.products
            ],
        }

    def presign(self, call: Call) -> list[dict[str, Any]]:
        """Give an order's items with links that work now."""
        order = self._find(call)
        status = self._status(order)
        now = self._world.clock.now()
        if status == "rejected":
            raise Refusal(409, "Order was rejected", "ORDER_REJECTED")
        if now >= self._expires(order):
            raise Refusal(400, "order expired", "ORDER_EXPIRED")
        if status != "completed":
            raise Refusal(409, "Order is not ready", "ORDER_NOT_READY")
        life = min(self._settings.link_life_s, (self._expires(order) - now).total_seconds())
        return [self._signed(one, call.root, life) for one in order.products]

    def _signed(self, product: Product, root: str, life: float) -> dict[str, Any]:
        day = product.collect.middle
        links = self._world.links

        def href(name: str) -> str:
            path = f"/capella-data/{day.year}/{day.month}/{day.day}/{product.id}/{name}"
            expires = int(links.expiry(life).timestamp())
            signature = quote(links.token(path, life), safe="")
            query = f"AWSAccessKeyId=AKIASANDBOX&Expires={expires}&Signature={signature}&x-amz-security-token=sandbox"
            return f"{root}{path}?{query}"

        return written(product, root, href)

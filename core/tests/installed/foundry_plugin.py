# SPDX-License-Identifier: Apache-2.0
"""A depot that also makes what it does not have: it names its price after two looks, and waits for approval."""

from __future__ import annotations

import hashlib
import hmac
import json

from attrs import evolve
from depot_plugin import Depot

from swath.errors import InvalidCredentials
from swath.hookspecs import Operation, hookimpl
from swath.models import Asset, Order, OrderState, Quote


class Foundry(Depot):
    """The provider.

    Args:
        service: What it talks to; has ``approved``, a list, and ``come``, how many items a standing order has given.
        looks_before_price: How often it must be asked.
    """

    def __init__(self, service, looks_before_price=2):
        super().__init__()
        self._service = service
        self._looks = 0
        self._looks_before_price = looks_before_price

    @hookimpl
    def describe(self):
        return evolve(
            super().describe(),
            task_options={"tier": "how soon"},
            subscribe_options={"every_days": "how often"},
            reviews=["task"],
        )

    @hookimpl
    def task(self, context, request):
        return self._send(context, request, "task")

    @hookimpl
    def subscribe(self, context, request):
        return self._send(context, request, "subscription")

    @hookimpl
    def quote(self):
        return Quote(amount=120.0, unit="EUR")

    @hookimpl
    def wait(self, context, order):
        if order.kind == "order":
            return super().wait(context, order)
        told = context.http.request("GET", f"{context.settings['base_url']}/orders/{order.id}").json()
        seen = evolve(order, state=self._order(told).state, native_state=told["state"])
        if order.kind == "subscription":
            return evolve(seen, state=OrderState.SHIPPING, delivered=self._service.items[: self._service.come])
        self._looks += 1
        if self._service.approved:
            return evolve(seen, awaits_approval=False, delivered=self._service.items[:1])
        priced = self._looks >= self._looks_before_price
        quote = Quote(amount=900.0, unit="EUR") if priced else None
        return evolve(seen, state=OrderState.ORDERED, awaits_approval=True, quote=quote)

    @hookimpl
    def approve(self, order):
        self._service.approved.append(order.id)
        return evolve(order, awaits_approval=False, state=OrderState.PENDING)

    @hookimpl
    def opportunities(self, request):
        yield {"type": "Feature", "geometry": request.geometry, "properties": {"datetime": "a/b"}}

    @hookimpl
    def download(self, context, order):
        if order.kind == "order":
            yield from super().download(context, order)
        for item in order.delivered:
            told = self._service.file(item["id"])
            yield Asset(
                href=told["href"], name=f"{item['id']}.txt", item=item["id"], size=told["size"],
                checksum=told["checksum"], media_type="text/plain", roles=["data"],
            )  # fmt: skip

    @hookimpl
    def event(self, context, headers, body):
        right = hmac.new(context.secret("api_key").encode(), body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(headers.get("x-depot-signature", ""), right):
            raise InvalidCredentials("the signature is wrong")
        told = json.loads(body)
        return Order(provider="depot", id=told["order"]) if "order" in told else None

    def _send(self, context, request, kind):
        answer = context.http.request(
            "POST",
            f"{context.settings['base_url']}/orders",
            json={"items": [], "name": request.reference},
            operation=Operation.ONCE,
        )
        return evolve(self._order(answer.json()), kind=kind, awaits_approval=kind == "task")

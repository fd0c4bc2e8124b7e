# SPDX-License-Identifier: Apache-2.0
"""A small provider, installed for tests of core by putting this folder on the path."""

from __future__ import annotations

import datetime as dt
import logging

import click

from swath import stac
from swath.auth import HeaderAuth
from swath.errors import Rejected
from swath.hookspecs import Operation, hookimpl
from swath.models import (
    Asset,
    CredentialField,
    Order,
    OrderState,
    Page,
    ProviderInfo,
    Quote,
    Secret,
    SettingField,
    find_tag,
)

_LOG = logging.getLogger("depot_plugin")
STATES = {
    "placed": OrderState.ORDERED,
    "packing": OrderState.PENDING,
    "on its way": OrderState.SHIPPING,
    "delivered": OrderState.SUCCEEDED,
    "short": OrderState.PARTIAL,
    "broken": OrderState.FAILED,
    "dropped": OrderState.CANCELED,
}


class Depot:
    """The provider.

    Args:
        per_order: Most items an order takes.
        tagged: Whether its list shows swath's tags.
    """

    def __init__(self, per_order=3, *, tagged=True):
        self._per_order = per_order
        self._tagged = tagged

    @hookimpl
    def describe(self):
        return ProviderInfo(
            name="depot",
            title="The Depot",
            credentials=[CredentialField(name="api_key", env=["DEPOT_KEY"], title="Key", help="painted on the gate")],
            settings=[SettingField(name="base_url", env=["DEPOT_URL"], default="https://depot.example", origin=True)],
            max_items_per_order=self._per_order,
            tagged=self._tagged,
            order_options={"wrapping": "paper or none"},
            poll_s=1.0,
        )

    @hookimpl
    def authenticate(self, context):
        return HeaderAuth("X-Key", Secret(context.secret("api_key")))

    @hookimpl
    def collections(self, context):
        return [stac.collection(id="crates", description="Crates", title="Wooden crates"),
                stac.collection(id="barrels", description="Barrels")]  # fmt: skip

    @hookimpl
    def queryables(self, context, collection):
        return {"type": "object", "properties": {"eo:cloud_cover": {"type": "number"}, "gsd": {"type": "number"},
                                                 "datetime": {"type": "string"}, "kind": {"enum": ["a", "b"]}}}  # fmt: skip

    @hookimpl
    def search(self, context, query):
        _LOG.debug("the depot is asked")
        answer = context.http.request("GET", f"{context.settings['base_url']}/items")
        yield Page(items=answer.json())

    @hookimpl
    def quote(self, context, request):
        prices = [item["properties"].get("depot:price") for item in request.items]
        known = {item["id"]: price for item, price in zip(request.items, prices, strict=True)}
        return Quote(amount=None if None in prices else sum(prices), unit="EUR", items=known, note="by the list")

    @hookimpl
    def order(self, context, request):
        answer = context.http.request(
            "POST",
            f"{context.settings['base_url']}/orders",
            json={"items": [item["id"] for item in request.items], "name": request.reference},
            operation=Operation.ONCE,
        )
        return self._order(answer.json())

    @hookimpl
    def wait(self, context, order):
        told = context.http.request("GET", f"{context.settings['base_url']}/orders/{order.id}").json()
        found = self._order(told)
        return order.seen(
            found.state, native_state=told["state"], message=told["why"], progress=told["progress"],
            failed_items=found.failed_items,
        )  # fmt: skip

    @hookimpl
    def orders(self, context, since):
        for told in context.http.request("GET", f"{context.settings['base_url']}/orders").json():
            yield self._order(told)

    @hookimpl
    def cancel(self, context, order):
        answer = context.http.request(
            "DELETE", f"{context.settings['base_url']}/orders/{order.id}", operation=Operation.WRITE, accept=(409,)
        )
        if answer.status_code == 409:
            raise Rejected("the cart has left", provider="depot")
        return order.seen(OrderState.CANCELED, native_state="dropped")

    @hookimpl
    def download(self, context, order):
        for told in context.http.request("GET", f"{context.settings['base_url']}/orders/{order.id}/files").json():
            yield Asset(
                href=told["href"], name=f"{told['item']}.txt", item=told["item"], size=told["size"],
                checksum=told["checksum"], media_type="text/plain", roles=["data"],
            )  # fmt: skip

    @hookimpl
    def commands(self):
        @click.group()
        def depot():
            """What only the depot has."""

        @depot.command()
        def gate():
            """Open the gate."""
            click.echo("the gate is open")

        return depot

    def _order(self, told):
        return Order(
            provider="depot",
            id=told["id"],
            tag=find_tag(told["name"]) or "" if self._tagged else "",
            state=STATES.get(told["state"], OrderState.PENDING),
            native_state=told["state"],
            message=told["why"],
            failed_items=told["missing"],
            created=dt.datetime.fromisoformat(told["at"]),
        )

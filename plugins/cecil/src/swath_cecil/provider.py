# SPDX-License-Identifier: Apache-2.0
"""Cecil's hooks, in the sequence of the life cycle."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from attrs import evolve

from swath.errors import NotFound, SwathError
from swath.hookspecs import Context, hookimpl
from swath.models import (
    Asset,
    CredentialField,
    ItemDict,
    LoadOptions,
    Order,
    OrderRequest,
    OrderState,
    Page,
    ProviderInfo,
    Query,
    Quote,
    SettingField,
    SubscribeRequest,
    TaskRequest,
)
from swath_cecil._api.account import Subscriptions
from swath_cecil._api.base import KeyAuth
from swath_cecil.datasets import collection_of, queryables
from swath_cecil.delivered import Delivery, delivery_of
from swath_cecil.events import WEBHOOK_SECRET, event_of
from swath_cecil.ordering import OPTIONS, buy, price, require_plain, wanted_item, wanted_query
from swath_cecil.searching import Known, found
from swath_cecil.tracking import inferred, seen

if TYPE_CHECKING:
    import click
    import httpx

    from swath.sandbox import StandIn, World
    from swath_cecil.models import Subscription

__all__ = ["CecilProvider"]

_PAGE = 100
_LISTED = frozenset({OrderState.SHIPPING, OrderState.SUCCEEDED, OrderState.PARTIAL})


class CecilProvider:
    """Cecil: datasets about nature, by area."""

    def __init__(self) -> None:
        self._known = Known()

    # --- about -------------------------------------------------------------------------------------------------------

    @hookimpl
    def describe(self) -> ProviderInfo:
        """Say what Cecil is and needs."""
        return ProviderInfo(
            name="cecil",
            title="Cecil",
            description="Datasets about forests, land, soil and species by area of interest, as rasters and tables",
            url="https://cecil.earth",
            credentials=[
                CredentialField(
                    name="api_key",
                    env="CECIL_API_KEY",
                    title="API key",
                    help="comes by e-mail with the invitation; another one with: swath cecil key recover EMAIL",
                ),
                WEBHOOK_SECRET,
            ],
            settings=[
                SettingField(
                    name="base_url",
                    env="SWATH_CECIL_URL",
                    default="https://api.cecil.earth",
                    title="Where Cecil's API is",
                    origin=True,
                ),
                SettingField(
                    name="s3_url",
                    env=("SWATH_CECIL_S3_URL", "AWS_ENDPOINT_URL_S3"),
                    title="Where the buckets are, if not at Amazon",
                ),
            ],
            origins=["https://api.cecil.earth"],
            max_items_per_order=1,
            tagged=True,
            order_options=OPTIONS,
            subscribe_options=OPTIONS,
            poll_s=15.0,
        )

    @hookimpl
    def collections(self, context: Context) -> Iterable[ItemDict]:
        """List the datasets."""
        return [collection_of(one) for one in self._known.datasets(context, fresh=True).values()]

    @hookimpl
    def queryables(self) -> Mapping[str, Any]:
        """Say what items can be filtered by."""
        return queryables()

    # --- the life cycle ----------------------------------------------------------------------------------------------

    @hookimpl
    def authenticate(self, context: Context) -> httpx.Auth:
        """Sign with the API key, at the API only."""
        return KeyAuth(context.settings["base_url"], context.credentials["api_key"].value)

    @hookimpl
    def search(self, context: Context, query: Query) -> Iterator[Page]:
        """Find datasets over areas, and what was delivered of them."""
        if query.max_items == 0:
            return
        items = found(context, query, self._known)
        while page := tuple(islice(items, query.limit or _PAGE)):
            yield Page(items=page)

    @hookimpl
    def quote(self, context: Context, request: OrderRequest | TaskRequest | SubscribeRequest) -> Quote | None:
        """Count hectares against the monthly limit."""
        if isinstance(request, TaskRequest):
            return None
        if isinstance(request, OrderRequest):
            wanted = [(str(one["id"]), wanted_item(context, self._known, one)) for one in request.items]
        else:
            wanted = [("area", wanted_query(context, self._known, request))]
        return price(context, wanted, duplicates=bool(request.options.get("allow_duplicate")))

    @hookimpl
    def order(self, context: Context, request: OrderRequest) -> Order:
        """Subscribe to a dataset over an area, once. What was delivered already needs no order."""
        require_plain(request)
        [item] = request.items
        known = Order(provider="cecil", tag=request.tag, request=request)
        if (item.get("properties") or {}).get("cecil:kind") == "delivery":
            return evolve(known, id=str(item["id"]), kind="direct", state=OrderState.SUCCEEDED)
        wanted = wanted_item(context, self._known, item)
        return self._bought(context, buy(context, wanted, request.reference, request.options), known)

    @hookimpl
    def wait(self, context: Context, order: Order) -> Order:
        """Look at a subscription, and at what it has delivered until now."""
        subscription = Subscriptions(context).get(order.id)
        now = seen(subscription, order)
        if now.state not in _LISTED and subscription.status:
            return now
        items = self._delivery(context, subscription).items
        if not subscription.status and now.kind == "order" and not now.state.is_final:
            now = inferred(now, items, context.time())
        return evolve(now, delivered=items or order.delivered)

    @hookimpl
    def download(self, context: Context, order: Order) -> Iterator[Asset]:
        """List the files of a subscription with links signed now."""
        keys = set(order.request.assets) if isinstance(order.request, OrderRequest) else set()
        direct = {str(item["id"]) for item in order.items} if order.kind == "direct" else None
        subscription_id = order.id if direct is None else order.items[0]["properties"]["order:id"]
        subscription = Subscriptions(context).get(subscription_id)
        for asset in self._delivery(context, subscription).assets:
            if (direct is None or asset.item in direct) and (not keys or asset.key in keys):
                yield evolve(asset, fields={k: v for k, v in asset.fields.items() if k != "cecil:key"})

    @hookimpl
    def load(self, context: Context, items: Sequence[ItemDict], options: LoadOptions) -> Any:
        """Read what only this plugin can: tables by Cecil's rules, and what was not downloaded, where it is."""
        from swath_cecil.loading import load

        return load(context, items, options)

    # --- more about orders -------------------------------------------------------------------------------------------

    @hookimpl
    def subscribe(self, context: Context, request: SubscribeRequest) -> Order:
        """Subscribe to a dataset over an area, once, for all that will come."""
        require_plain(request)
        wanted = wanted_query(context, self._known, request)
        known = Order(provider="cecil", tag=request.tag, kind="subscription", request=request)
        return self._bought(context, buy(context, wanted, request.reference, request.options), known)

    @hookimpl
    def cancel(self, context: Context, order: Order) -> Order:
        """Archive a subscription. Its data are deleted 30 days later, until when it can be restored."""
        subscriptions = Subscriptions(context)
        subscriptions.archive(order.id)
        return seen(subscriptions.get(order.id), order)

    @hookimpl
    def orders(self, context: Context, since: dt.datetime | None) -> Iterable[Order]:
        """List subscriptions, newest first, those that are archived too."""
        subscriptions = Subscriptions(context)
        listed = [*subscriptions.listed(), *subscriptions.listed(archived=True)]
        found = [seen(one) for one in listed if since is None or one.created_at >= since]
        return sorted(found, key=lambda one: one.created or dt.datetime.min.replace(tzinfo=dt.UTC), reverse=True)

    @hookimpl
    def event(self, context: Context, headers: Mapping[str, str], body: bytes) -> Order | None:
        """Verify and read a webhook's delivery."""
        return event_of(context, headers, body)

    # --- Cecil's own -------------------------------------------------------------------------------------------------

    @hookimpl
    def commands(self) -> click.Group:
        """Give ``swath cecil``."""
        from swath_cecil._cli import cecil

        return cecil

    @hookimpl
    def sandbox(self, world: World) -> StandIn:
        """Make Cecil's stand-in server."""
        from swath_cecil.sandbox import make_stand_in

        return make_stand_in(world)

    # --- how ---------------------------------------------------------------------------------------------------------

    def _bought(self, context: Context, subscription: Subscription, known: Order) -> Order:
        """Read what buying gave. A subscription that was there already may have delivered long ago."""
        made = seen(subscription, known)
        if made.state not in _LISTED or not subscription.status:
            return made
        with contextlib.suppress(SwathError):  # it is bought: a listing that fails is looked at later
            return evolve(made, delivered=self._delivery(context, subscription).items)
        return made

    def _delivery(self, context: Context, subscription: Subscription) -> Delivery:
        dataset = self._known.dataset(context, subscription.dataset_id)
        try:
            geometry = self._known.area(context, subscription.aoi_id).geometry
        except NotFound:
            geometry = None
        return delivery_of(context, subscription, dataset, geometry)

# SPDX-License-Identifier: Apache-2.0
"""Planet's hooks, in the sequence of the life cycle."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from swath.errors import NotEntitled, ProviderError, QuotaExceeded, Rejected, SwathError
from swath.hookspecs import Context, hookimpl
from swath.models import (
    Asset,
    ItemDict,
    Order,
    OrderRequest,
    Page,
    ProviderInfo,
    Query,
    Quote,
    SettingField,
    SubscribeRequest,
)
from swath_planet import activation, subscribing
from swath_planet._api.data import BUCKET as DATA_BUCKET
from swath_planet._api.data import MAX_PAGE_SIZE, Data
from swath_planet._api.limits import SERVICE_LIMITS
from swath_planet._api.orders import LIMITS as ORDER_LIMITS
from swath_planet._api.orders import Orders
from swath_planet._api.refusals import is_about_quota
from swath_planet.archives import archive_members
from swath_planet.catalogue import collections, queryables
from swath_planet.filters import push, sort_of
from swath_planet.ordering import MAX_ITEMS, OPTIONS, order_body
from swath_planet.quoting import quote_of, reservations_of
from swath_planet.results import assets_of, manifest_link
from swath_planet.searching import Searching
from swath_planet.signing import CREDENTIALS, LOGINS, SETTINGS, HeldSession, auth_for
from swath_planet.stac import item_of
from swath_planet.subscription_body import SUBSCRIBE_OPTIONS
from swath_planet.tracking import order_seen
from swath_planet.webhooks import WEBHOOK_LOGIN, event_of
from swath_planet.wire import OrderPayload, read

if TYPE_CHECKING:
    import click
    import httpx

    from swath.sandbox import StandIn, World

__all__ = ["PlanetProvider"]


class PlanetProvider:
    """Planet: the Data API for searching, the Orders API for delivery.

    Args:
        held: A session that a program holds itself, in the place of what is found by the credentials.
    """

    def __init__(self, held: HeldSession | None = None) -> None:
        self._held = held

    # --- about -------------------------------------------------------------------------------------------------------

    @hookimpl
    def describe(self) -> ProviderInfo:
        """Say what Planet is and needs."""
        return ProviderInfo(
            name="planet",
            title="Planet",
            description="PlanetScope, SkySat, RapidEye and more, by Planet's Data and Orders APIs",
            url="https://www.planet.com",
            credentials=[*CREDENTIALS, WEBHOOK_LOGIN],
            logins=LOGINS,
            settings=[
                SettingField(
                    name="base_url",
                    env="SWATH_PLANET_URL",
                    default="https://api.planet.com",
                    title="Where Planet's services are",
                    origin=True,
                ),
                *SETTINGS,
            ],
            origins=["https://api.planet.com", "https://tiles.planet.com"],
            limits={
                "default": 10,
                DATA_BUCKET: 10,
                **ORDER_LIMITS,
                "download": 15,
                "activation": 5,
                **SERVICE_LIMITS,
            },
            max_items_per_order=MAX_ITEMS,
            tagged=True,
            lists_states=True,
            order_options=OPTIONS,
            subscribe_options=SUBSCRIBE_OPTIONS,
        )

    @hookimpl
    def collections(self, context: Context) -> Iterable[ItemDict]:  # noqa: ARG002  the hook's signature
        """List Planet's item types."""
        return collections()

    @hookimpl
    def queryables(self, context: Context, collection: str | None) -> Mapping[str, Any]:  # noqa: ARG002  the same
        """Say what items can be filtered by."""
        return queryables(collection)

    # --- the life cycle ----------------------------------------------------------------------------------------------

    @hookimpl
    def authenticate(self, context: Context) -> httpx.Auth | None:
        """Sign by session, machine or API key."""
        return auth_for(context, self._held)

    @hookimpl
    def search(self, context: Context, query: Query) -> Iterator[Page]:
        """Search the catalogue by quick search."""
        pushed = push(query)
        sort = sort_of(query.sortby)
        page_size = query.limit or MAX_PAGE_SIZE
        if query.limit is None and query.max_items and pushed.exact:
            page_size = query.max_items
        if not pushed.item_types or query.max_items == 0:
            return
        found = Searching(
            data=Data(context),
            item_types=pushed.item_types,
            filter=pushed.filter,
            sort=sort,
            page_size=page_size,
            wanted=query.max_items,
            now=context.time,
        )
        for page in found.pages():
            items = [item_of(feature, pushed.changed) for feature in page.features]
            yield Page(items=items, next=page.next, sorted=sort is not None or not query.sortby)

    @hookimpl
    def count(self, context: Context, query: Query) -> int | None:
        """Count by histogram what can be asked for exactly."""
        pushed = push(query)
        if not pushed.exact:
            return None
        if not pushed.item_types:
            return 0
        return Data(context).count(pushed.item_types, pushed.filter)

    @hookimpl
    def quote(self, context: Context, request: OrderRequest | SubscribeRequest) -> Quote:
        """Say that the cost is not known, and what is: the area, and what is left of a quota."""
        if isinstance(request, SubscribeRequest):
            return subscribing.quote_of_subscription(request)
        return quote_of(request, reservations_of(context, request))

    @hookimpl
    def order(self, context: Context, request: OrderRequest) -> Order:
        """Send one order."""
        if activation.is_for_activation(request):
            return activation.activate(context, request)
        orders = Orders(context)
        body = order_body(request, refresh=orders.get_bundles)
        known = Order(provider="planet", tag=request.tag, request=request)
        try:
            answer = orders.send(body)
        except (ProviderError, NotEntitled) as err:
            refusal = _refusal(err)
            if refusal is None:
                raise
            raise refusal from err
        return order_seen(answer, known=known)

    @hookimpl
    def wait(self, context: Context, order: Order) -> Order:
        """Look at an order."""
        if order.kind == subscribing.KIND:
            return subscribing.look(context, order)
        if activation.is_activation(order):
            return activation.look(context, order)
        return order_seen(Orders(context).look(order.id), known=order, now=context.time())

    @hookimpl
    def download(self, context: Context, order: Order) -> Iterable[Asset]:
        """List an order's files with fresh links, sized and hashed by its manifest."""
        if order.kind == subscribing.KIND:
            subscribing.refuse_download(order)
        if activation.is_activation(order):
            return tuple(activation.active_assets(context, order))
        orders = Orders(context)
        payload = read(orders.look(order.id), OrderPayload, "order")
        link = manifest_link(payload)
        manifest = orders.manifest(link) if link else None
        return tuple(assets_of(payload, manifest))

    @hookimpl
    def members(self, item: ItemDict, asset: Asset, path: str) -> Iterable[tuple[str, ItemDict]] | None:
        """Name the rasters in a zipped delivery."""
        return tuple(archive_members(item, asset, path)) if path.lower().endswith(".zip") else None

    @hookimpl
    def subscribe(self, context: Context, request: SubscribeRequest) -> Order:
        """Place a standing order."""
        return subscribing.subscribe(context, request)

    # --- more about orders -------------------------------------------------------------------------------------------

    @hookimpl
    def cancel(self, context: Context, order: Order) -> Order:
        """Drop an order that is still queued, or end a subscription."""
        if order.kind == subscribing.KIND:
            return subscribing.cancel(context, order)
        if activation.is_activation(order):
            return activation.refuse_cancel(order)
        return order_seen(Orders(context).drop(order.id), known=order)

    @hookimpl
    def orders(self, context: Context, since: dt.datetime | None) -> Iterator[Order]:
        """List the account's orders, newest first, then its subscriptions."""
        for payload in Orders(context).since(since):
            yield order_seen(payload)
        yield from subscribing.listed(context, since)

    @hookimpl
    def event(self, context: Context, headers: Mapping[str, str], body: bytes) -> Order | None:
        """Read what Planet posts to a webhook; where a login is set for it, only what carries it."""
        return event_of(context, headers, body)

    # --- Planet's own ------------------------------------------------------------------------------------------------

    @hookimpl
    def commands(self) -> click.Group:
        """Give the commands that have Planet's own names."""
        from swath_planet._cli import planet

        return planet

    @hookimpl
    def sandbox(self, world: World) -> StandIn:
        """Make Planet's stand-in server."""
        from swath_planet.sandbox import make_stand_in

        return make_stand_in(world)


def _refusal(err: ProviderError | NotEntitled) -> SwathError | None:
    """Say a refusal of an order more plainly, None where there is nothing to add."""
    if err.details.get("outcome_unknown") or err.status_code is None or err.status_code >= 500:
        return None
    kind: type[SwathError] = Rejected
    hint = None
    if is_about_quota(err):
        kind = QuotaExceeded
    elif err.status_code == 409:
        hint = "wait until some of the account's running orders are done, then send it again"
    elif err.status_code == 400:
        hint = (
            "nothing was ordered: take out the items named above, order with order_type='partial', "
            "or choose another bundle"
        )
    else:
        return None
    return kind(
        err.message,
        hint=hint,
        provider="planet",
        status_code=err.status_code,
        request_id=err.request_id,
        details=err.details,
    )

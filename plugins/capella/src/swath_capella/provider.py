# SPDX-License-Identifier: Apache-2.0
"""Capella's hooks, in the sequence of the life cycle."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve

from swath import native
from swath.auth import HeaderAuth
from swath.errors import Gone, InputError, Rejected, SwathError
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
    Secret,
    SettingField,
    SubscribeRequest,
    TaskRequest,
)
from swath.stac import timestamp
from swath_capella._api.base import code_of, dollars
from swath_capella._api.catalogue import PAGE, Catalogue, reach
from swath_capella._api.orders import Orders, order_body
from swath_capella._api.tasks import Requests
from swath_capella.collections import collections, queryables
from swath_capella.counting import count_exactly
from swath_capella.items import item_of
from swath_capella.ordering import STATES as ORDER_STATES
from swath_capella.ordering import assets_of, order_seen, quote_of
from swath_capella.pushing import push, sort_of
from swath_capella.tasking import REPEAT_OPTIONS, TASK_OPTIONS, repeat_body, repeat_seen, task_body, task_seen
from swath_capella.tasking import STATES as REQUEST_STATES

if TYPE_CHECKING:
    import click
    import httpx

    from swath.sandbox import StandIn, World

__all__ = ["CapellaProvider"]

_LONGEST_S: Final = 1800.0
"""Most seconds to wait for an order of what a task has given."""
_LOG = logging.getLogger("swath_capella")


class CapellaProvider:
    """Capella: the catalogue, orders, and acquisitions on demand."""

    # --- about -------------------------------------------------------------------------------------------------------

    @hookimpl
    def describe(self) -> ProviderInfo:
        """Say what Capella is and needs."""
        return ProviderInfo(
            name="capella",
            title="Capella",
            description="High-resolution X-band radar imagery from the archive and on demand, by Capella's API",
            url="https://www.capellaspace.com",
            credentials=[
                CredentialField(
                    name="api_key",
                    env="CAPELLA_API_KEY",
                    title="API key",
                    help="made at https://console.capellaspace.com, in the settings of your account",
                    required=False,
                ),
                CredentialField(
                    name="token",
                    env="SWATH_CAPELLA_TOKEN",
                    title="Access token",
                    help="a bearer token, instead of the key",
                    required=False,
                ),
            ],
            settings=[
                SettingField(
                    name="base_url",
                    env="SWATH_CAPELLA_URL",
                    default="https://api.capellaspace.com",
                    title="Where Capella's API is",
                    origin=True,
                )
            ],
            origins=["https://api.capellaspace.com"],
            tagged_kinds=["task", "subscription"],
            order_options={"contract_id": "contract to charge; the organisation's default one otherwise"},
            task_options=TASK_OPTIONS,
            subscribe_options=REPEAT_OPTIONS,
            reviews=["task"],
            poll_s=10.0,
        )

    @hookimpl
    def collections(self) -> Iterable[ItemDict]:
        """List what can be searched."""
        return collections()

    @hookimpl
    def queryables(self, collection: str | None) -> Mapping[str, Any]:
        """Say what items can be filtered by."""
        return queryables(collection)

    # --- the life cycle ----------------------------------------------------------------------------------------------

    @hookimpl
    def authenticate(self, context: Context) -> httpx.Auth | None:
        """Sign with the token, else with the API key; without either only open data can be searched."""
        for name, scheme in (("token", "Bearer"), ("api_key", "ApiKey")):
            found = context.credentials.get(name)
            if found is not None and found.value.reveal().strip():
                value = found.value.reveal().strip()
                said = value if value.lower().startswith(scheme.lower()) else f"{scheme} {value}"
                return HeaderAuth("Authorization", Secret(said))
        return None

    @hookimpl
    def search(self, context: Context, query: Query) -> Iterator[Page]:
        """Search the catalogue, also beyond the 10,000 items that one search can reach."""
        if query.max_items == 0:
            return
        catalogue = Catalogue(context)
        is_sorted = (sort_of(query.sortby) is not None or not query.sortby) and len(query.ids) <= 500
        is_by_time = query.sortby[:1] and query.sortby[0].property == "datetime"
        limit = min(query.limit or PAGE, PAGE)
        for body in push(query).bodies:
            for found in catalogue.all_pages(body, limit=limit, wanted=query.max_items):
                yield Page(
                    items=[item_of(feature) for feature in found.features],
                    sorted=is_sorted and bool(is_by_time or found.matched <= reach(limit)),  # parts are spans of time
                )

    @hookimpl
    def count(self, context: Context, query: Query) -> int | None:
        """Count where the catalogue can be asked exactly."""
        return count_exactly(Catalogue(context), query)

    @hookimpl
    def quote(self, context: Context, request: OrderRequest | TaskRequest | SubscribeRequest) -> Quote | None:
        """Ask for a review. What is tasked is priced only once it was asked for."""
        if not isinstance(request, OrderRequest):
            return None
        return quote_of(Orders(context).review(_body(request)))

    @hookimpl
    def order(self, context: Context, request: OrderRequest) -> Order:
        """Send one order."""
        answer = Orders(context).submit(_body(request))
        made = order_seen(answer, known=Order(provider="capella", tag=request.tag, request=request))
        if made.state is OrderState.FAILED:
            raise Rejected(
                f"Capella rejected the order {made.id}; nothing was bought",
                provider="capella",
                hint="ask for a quote: the review says why",
                details={"order": made.id},
            )
        return made

    @hookimpl
    def wait(self, context: Context, order: Order) -> Order:
        """Look at an order, a task or a repeat request."""
        if order.kind == "task":
            seen = _task(context, order)
        elif order.kind == "subscription":
            seen = repeat_seen(Requests(context).repeat(order.id), known=order)
            seen = evolve(seen, delivered=_delivered(context, _completed(context, order.id)) or order.delivered)
        else:
            seen = order_seen(Orders(context).get(order.id), known=order)
        known = ORDER_STATES if order.kind == "order" else REQUEST_STATES
        if seen.native_state not in known and seen.native_state != order.native_state:
            _LOG.warning(
                "Capella says %r of %s %s, which this plugin does not know: taken as still under way",
                seen.native_state,
                order.kind,
                order.id,
            )
        return seen

    @hookimpl
    def download(self, context: Context, order: Order) -> Iterator[Asset]:
        """List an order's files with links signed now."""
        wanted = order.request.assets if isinstance(order.request, OrderRequest) else ()
        yield from assets_of(_presigned(context, order), wanted)

    @hookimpl
    def load(self, items: Sequence[ItemDict], options: LoadOptions) -> Any:
        """Read products with their extended metadata; complex ones as they were recorded."""
        from swath_capella.loading import load

        return load(items, options)

    @hookimpl
    def complete(self, items: Sequence[ItemDict], options: LoadOptions) -> list[ItemDict]:
        """Add the scale that the extended metadata tells."""
        from swath_capella.loading import complete

        return complete(items, options)

    # --- what is yet to be acquired ----------------------------------------------------------------------------------

    @hookimpl
    def task(self, context: Context, request: TaskRequest) -> Order:
        """Send one tasking request; it goes ahead only once it is approved."""
        known = Order(provider="capella", tag=request.tag, kind="task", request=request)
        return task_seen(Requests(context).create_task(task_body(request)), known=known)

    @hookimpl
    def approve(self, context: Context, order: Order) -> Order:
        """Approve a task at its price."""
        requests = Requests(context)
        requests.set_task_status(order.id, "approved")
        return evolve(_task(context, order), awaits_approval=False)

    @hookimpl
    def subscribe(self, context: Context, request: SubscribeRequest) -> Order:
        """Send one repeat request."""
        known = Order(provider="capella", tag=request.tag, kind="subscription", request=request)
        return repeat_seen(Requests(context).create_repeat(repeat_body(request)), known=known)

    # --- more about orders -------------------------------------------------------------------------------------------

    @hookimpl
    def cancel(self, context: Context, order: Order) -> Order:
        """Cancel a task or a repeat request. Orders from the archive are filled at once."""
        requests = Requests(context)
        if order.kind == "task":
            requests.set_task_status(order.id, "canceled")
            return task_seen(requests.task(order.id), known=order)
        if order.kind == "subscription":
            requests.cancel_repeat(order.id)
            return repeat_seen(requests.repeat(order.id), known=order)
        raise Rejected(
            "orders from Capella's archive cannot be cancelled: they are filled at once",
            provider="capella",
            hint="only tasks and standing orders can be cancelled",
        )

    @hookimpl
    def orders(self, context: Context, since: dt.datetime | None) -> Iterator[Order]:
        """List orders, tasks and repeat requests."""
        made = [order_seen(payload) for payload in Orders(context).listed()]
        if since is not None:
            made = [one for one in made if one.created is None or one.created >= since]
        yield from sorted(made, key=_age, reverse=True)
        query: dict[str, Any] = {} if since is None else {"submissionTime": {"gte": timestamp(since)}}
        requests = Requests(context)
        for page in requests.search("tasks", {"query": {**query, "includeRepeatingTasks": {"eq": False}}}):
            yield from (task_seen(record) for record in page)
        for page in requests.search("repeat-requests", {"query": query, "filter": query}):
            yield from (repeat_seen(record) for record in page)

    # --- Capella's own -----------------------------------------------------------------------------------------------

    @hookimpl
    def commands(self) -> click.Group:
        """Give the commands for what is Capella's own."""
        from swath_capella._cli import capella

        return capella

    @hookimpl
    def sandbox(self, world: World) -> StandIn:
        """Make Capella's stand-in server."""
        from swath_capella.sandbox import make_stand_in

        return make_stand_in(world)


def _age(order: Order) -> dt.datetime:
    return order.created or dt.datetime.min.replace(tzinfo=dt.UTC)


def _body(request: OrderRequest) -> dict[str, Any]:
    if request.clip is not None or request.tools or request.bundle or request.delivery is not None:
        raise InputError(
            "Capella delivers whole products: there is no clip, bundle, tool or delivery",
            hint="leave them out; choose files by assets=['HH'], products by the collection",
            provider="capella",
        )
    for item in request.items:
        if not item.get("collection"):
            raise InputError(
                f"item {item.get('id')!r} names no collection, by which Capella orders",
                hint="pass items as a search found them",
                provider="capella",
            )
    return order_body(request.items, request.options.get("contract_id"))


def _task(context: Context, order: Order) -> Order:
    """Look at a task; one that is done is given with its products."""
    seen = task_seen(Requests(context).task(order.id), known=order)
    if seen.state is OrderState.SUCCEEDED and not seen.delivered:
        return evolve(seen, delivered=_delivered(context, [order.id]))
    return seen


def _completed(context: Context, repeat_id: str) -> list[str]:
    """Give the ids of a repeat request's tasks that are done."""
    asked = {"query": {"repeatrequestIds": [repeat_id], "includeRepeatingTasks": {"eq": True}}}
    records = [record for page in Requests(context).search("tasks", asked) for record in page]
    seen = [task_seen(record) for record in records]
    return [one.id for one in seen if one.state is OrderState.SUCCEEDED]


def _delivered(context: Context, task_ids: Iterable[str]) -> list[ItemDict]:
    """Find the products of tasks that are done, by their acquisitions."""
    requests = Requests(context)
    collects = [str(one["collectId"]) for task_id in task_ids for one in requests.collects(task_id)]
    if not collects:
        return []
    body = {"query": {"capella:collect_id": {"in": collects}}}
    found = [feature for page in Catalogue(context).all_pages(body) for feature in page.features]
    return [item_of(feature) for feature in found]


def _presigned(context: Context, order: Order) -> list[dict[str, Any]]:
    """Give an order's items with fresh links.

    What a task has given is paid for with it; links come with an order, which is free. An order is sent only where the
    review says so.

    Raises:
        Gone: The order has expired.
    """
    orders = Orders(context)
    order_id: str | None = order.id
    if order.kind != "order":
        if not order.delivered:
            return []
        wanted = [str(item["id"]) for item in order.delivered]
        order_id = orders.active_with(wanted, timestamp(context.time()))
        if order_id is None:
            body = order_body(order.delivered)
            if dollars(_total(orders.review(body))) != 0.0:
                raise Rejected(
                    f"the products of {order.kind} {order.id} are not free, and nothing is ordered by itself",
                    provider="capella",
                    hint="order them: provider.order(order.items)",
                )
            order_id = _ready(context, orders.submit(body))
    try:
        return orders.presigned(str(order_id))
    except SwathError as err:
        if code_of(err) != "ORDER_EXPIRED":
            raise
        raise Gone(
            f"order {order_id} has expired at Capella",
            provider="capella",
            status_code=getattr(err, "status_code", None),
            hint="order the same with again=True: what was bought before is free",
        ) from err


def _ready(context: Context, answer: Mapping[str, Any]) -> str:
    """Give the id of an order that was just sent, once it is filled; that takes a moment."""
    waited_s = 0.0
    seen = order_seen(answer)
    while not seen.state.is_final and waited_s < _LONGEST_S:
        native.pause(context, 5.0)
        waited_s += 5.0
        seen = order_seen(Orders(context).get(seen.id), known=seen)
    if seen.state is not OrderState.SUCCEEDED:
        raise Rejected(
            f"Capella has not filled order {seen.id}, which gives the links: it is {seen.native_state!r}",
            provider="capella",
            hint="download again later",
        )
    return seen.id


def _total(review: Mapping[str, Any]) -> Any:
    quote = quote_of(review)
    return quote.amount

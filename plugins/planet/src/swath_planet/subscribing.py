# SPDX-License-Identifier: Apache-2.0
"""Standing orders at Planet: placing one, seeing where it stands, ending it.

Source: Planet's documentation of the Subscriptions API (statuses), read 2026-11.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Final, NoReturn

from attrs import evolve, frozen

from swath.errors import NotEntitled, NotSupported, ProviderError
from swath.hookspecs import Context
from swath.models import Order, OrderState, Quote, SubscribeRequest, find_tag
from swath.stac import timestamp
from swath_planet._api.orders import Orders
from swath_planet._api.refusals import is_about_quota, over_quota
from swath_planet._api.subscriptions import Subscriptions
from swath_planet.quoting import area_ha
from swath_planet.subscription_body import subscription_body
from swath_planet.tracking import without_secrets
from swath_planet.wire import read

__all__ = [
    "KIND",
    "cancel",
    "listed",
    "look",
    "quote_of_subscription",
    "refuse_download",
    "subscribe",
    "subscription_seen",
]

KIND: Final = "subscription"
"""Kind of such an order."""


class Status(StrEnum):
    """Planet's words for where a subscription stands."""

    PREPARING = "preparing"
    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    SUSPENDED = "suspended"
    FAILED = "failed"
    INVALID = "invalid"


_STATES: Final[Mapping[str, OrderState]] = {
    Status.PREPARING: OrderState.ORDERED,
    Status.PENDING: OrderState.PENDING,
    Status.RUNNING: OrderState.SHIPPING,
    Status.COMPLETED: OrderState.SUCCEEDED,
    Status.CANCELLED: OrderState.CANCELED,
    Status.SUSPENDED: OrderState.PENDING,
    Status.FAILED: OrderState.FAILED,
    Status.INVALID: OrderState.FAILED,
}
"""Our state for each of Planet's words; a word that is not here is pending."""

_SAID: Final[Mapping[str, str]] = {
    Status.PENDING: "waits for its start time",
    Status.SUSPENDED: "suspended: nothing is delivered until it is reactivated",
    Status.FAILED: "Planet could not go on with it",
    Status.INVALID: "Planet found the subscription invalid",
}
"""What a word means where Planet adds nothing."""


@frozen(kw_only=True)
class SubscriptionPayload:
    """A subscription as the Subscriptions API shows it."""

    id: str
    status: Status | str
    name: str | None = None
    created: dt.datetime | None = None
    updated: dt.datetime | None = None
    details: str | None = None


def subscription_seen(payload: object, known: Order | None = None) -> Order:
    """Read a subscription as Planet shows it.

    Args:
        payload: The subscription's JSON.
        known: The order as last seen; its request and tag are kept.

    Raises:
        UnexpectedResponse: It does not have the documented form.
    """
    seen = read(payload, SubscriptionPayload, KIND)
    base = known or Order(provider="planet", kind=KIND)
    return evolve(
        base,
        id=seen.id,
        kind=KIND,
        tag=base.tag or find_tag(seen.name) or "",
        state=_STATES.get(seen.status, OrderState.PENDING),
        native_state=str(seen.status),
        created=seen.created or base.created,
        updated=seen.updated or base.updated,
        message=seen.details or _SAID.get(seen.status, ""),
        raw=without_secrets(payload),
    )


def subscribe(context: Context, request: SubscribeRequest) -> Order:
    """Place a standing order, once.

    Raises:
        InputError: It cannot be as it is; nothing was sent.
        QuotaExceeded: Planet says that the account's quota does not allow it.
        Rejected: Planet refused it.
    """
    body = subscription_body(request, now=context.time(), refresh=Orders(context).get_bundles)
    known = Order(provider="planet", kind=KIND, tag=request.tag, request=request)
    try:
        answer = Subscriptions(context).send(body)
    except (ProviderError, NotEntitled) as err:
        if err.details.get("outcome_unknown") or not is_about_quota(err):
            raise
        raise over_quota(err) from err
    return subscription_seen(answer, known)


def look(context: Context, order: Order) -> Order:
    """Look once at where a subscription stands."""
    return subscription_seen(Subscriptions(context).get_subscription(order.id), order)


def cancel(context: Context, order: Order) -> Order:
    """End a subscription for good."""
    subscriptions = Subscriptions(context)
    subscriptions.cancel_subscription(order.id)
    return subscription_seen(subscriptions.get_subscription(order.id), order)


def listed(context: Context, since: dt.datetime | None) -> Iterator[Order]:
    """List the account's subscriptions, newest first; none where the account may not have any.

    Args:
        context: The opened account.
        since: Only those created at or after this.
    """
    created = None if since is None else f"{timestamp(since)}/.."
    try:
        for payload in Subscriptions(context).list_subscriptions(limit=0, created=created, sort_by="created DESC"):
            yield subscription_seen(payload)
    except NotEntitled:
        return


def quote_of_subscription(request: SubscribeRequest) -> Quote:
    """Say what is known of a standing order's cost: nothing but the area."""
    area = area_ha(request.query.intersects)
    over = "" if area is None else f" over an area of {area:,.1f} ha"
    return Quote(note=f"Planet gives no estimate for a subscription: what it delivers{over} is charged as it comes")


def refuse_download(order: Order) -> NoReturn:
    """Say that there is nothing to download.

    Raises:
        NotSupported: Always.
    """
    raise NotSupported(
        f"Planet delivers subscription {order.id} to where it was asked to, and keeps nothing for download",
        hint=f"fetch the files from there; what has come is listed by: swath planet subscriptions results {order.id}",
        provider="planet",
    )

# SPDX-License-Identifier: Apache-2.0
"""Makes subscriptions of datasets over areas: checked before they are sent, and sent once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from swath.errors import InputError, NotFound, QuotaExceeded, RateLimited, Rejected, SwathError
from swath.hookspecs import Context
from swath.models import ItemDict, OrderRequest, Quote, SubscribeRequest
from swath_cecil._api.account import Areas, Organisation, Subscriptions
from swath_cecil._api.base import existing_of
from swath_cecil.areas import code_of, hectares_of, refusal
from swath_cecil.models import Dataset, Subscription
from swath_cecil.searching import Known

__all__ = ["OPTIONS", "Wanted", "buy", "price", "require_plain", "wanted_item", "wanted_query"]

OPTIONS: Mapping[str, str] = {
    "allow_duplicate": "subscribe even if the area has the dataset already, true or false; each one is billed"
}


class Wanted:
    """A dataset over an area.

    Args:
        dataset: What.
        geometry: Where.
        aoi_id: Id of the area at Cecil, where that is known.
        subscribed: Whether it was subscribed to when it was found.
    """

    def __init__(
        self, dataset: Dataset, geometry: ItemDict, aoi_id: str | None = None, *, subscribed: bool = False
    ) -> None:
        self.dataset = dataset
        self.geometry = geometry
        self.aoi_id = aoi_id
        self.subscribed = subscribed
        self.hectares = hectares_of(geometry)


def wanted_item(context: Context, known: Known, item: ItemDict) -> Wanted:
    """Read what an item stands for.

    Raises:
        InputError: It names no dataset or area.
    """
    properties = item.get("properties") or {}
    if not item.get("collection") or not item.get("geometry"):
        raise InputError(
            f"item {item.get('id')!r} names no dataset or no area", hint="pass items as a search found them",
            provider="cecil",
        )  # fmt: skip
    return Wanted(
        known.dataset(context, str(item["collection"])),
        item["geometry"],
        properties.get("cecil:aoi_id"),
        subscribed=bool(properties.get("cecil:subscription_id")),
    )


def wanted_query(context: Context, known: Known, request: SubscribeRequest) -> Wanted:
    """Read what a standing order is for.

    Raises:
        InputError: It is not one dataset over one area, or narrows what Cecil cannot narrow.
    """
    query = request.query
    if len(query.collections) != 1 or query.intersects is None:
        raise InputError(
            "a subscription is one dataset over one area",
            hint="pass collections=[ID] and intersects=AREA; list datasets with: swath collections cecil",
            provider="cecil",
        )
    if query.datetime is not None or query.filter is not None or query.ids or request.assets:
        raise InputError(
            "Cecil delivers a dataset whole, with all its time steps and variables",
            hint="leave datetime, filter, ids and assets out, and choose when loading",
            provider="cecil",
        )
    return Wanted(known.dataset(context, query.collections[0]), query.intersects)


def require_plain(request: OrderRequest | SubscribeRequest) -> None:
    """Refuse what Cecil does not do.

    Raises:
        InputError: For clip, bundle, tools or delivery.
    """
    clip = getattr(request, "clip", None)
    if clip is not None or request.bundle or request.tools or request.delivery is not None:
        raise InputError(
            "Cecil delivers a dataset over an area: there is no clip, bundle, tool or delivery",
            hint="leave them out; search with the area that you want",
            provider="cecil",
        )


def price(context: Context, wanted: Sequence[tuple[str, Wanted]], *, duplicates: bool) -> Quote:
    """Say how many hectares would be used, of how many that are left this month.

    Args:
        context: The opened account.
        wanted: Each with the id of its item.
        duplicates: Whether what is subscribed to already is bought again.
    """
    amounts = {name: 0.0 if one.subscribed and not duplicates else one.hectares for name, one in wanted}
    usage = Organisation(context).usage()
    prices = dict.fromkeys(_price(one.dataset) for _, one in wanted)
    return Quote(
        amount=sum(amounts.values()),
        unit="ha",
        remaining=max(0.0, usage.monthly_subscription_limit - usage.monthly_area_ha),
        items=dict(amounts),
        note="; ".join(one for one in prices if one) or "hectares of the monthly limit",
    )


def _price(dataset: Dataset) -> str:
    """Say what a dataset costs, in Cecil's words."""
    tiers = [f"{one.volume.nominal} {one.price.nominal}".strip() for one in dataset.pricing.tiers or ()]
    told = ", ".join(one for one in tiers if one) or " ".join(dataset.pricing.description)
    return f"{dataset.name}: {told}" if told else ""


def buy(context: Context, wanted: Wanted, reference: str, options: Mapping[str, Any]) -> Subscription:
    """Subscribe, once; where the area has the dataset already, give that subscription.

    Raises:
        InputError: The dataset cannot be had for the area; nothing was sent.
        Rejected: Cecil refused.
    """
    if wanted.aoi_id is None:
        refused = refusal(wanted.dataset, wanted.geometry, wanted.hectares)
        if refused is not None:
            raise refused
    area_id = wanted.aoi_id or _area(context, wanted.geometry)
    subscriptions = Subscriptions(context)
    try:
        return subscriptions.create(
            area_id, wanted.dataset.id, reference, allow_duplicate=bool(options.get("allow_duplicate"))
        )
    except RateLimited as err:
        raise _quota(context, wanted, err) from err
    except Rejected as err:
        present = existing_of(err)
        if present is None:
            raise
        try:
            existing = subscriptions.get(present)
        except NotFound:
            raise err from None
        if (existing.aoi_id, existing.dataset_id) != (area_id, wanted.dataset.id):
            raise
        return existing


def _quota(context: Context, wanted: Wanted, err: RateLimited) -> SwathError:
    """Tell a month's limit that is used up from too many requests: Cecil answers both the same."""
    usage = Organisation(context).usage()
    left = usage.monthly_subscription_limit - usage.monthly_area_ha
    if wanted.hectares <= left:
        return err
    return QuotaExceeded(
        f"the area has {wanted.hectares:,.2f} ha, and {max(left, 0.0):,.2f} are left of this month's "
        f"{usage.monthly_subscription_limit:,.0f}",
        hint="choose a smaller area, or have the limit raised: swath cecil settings --monthly-limit HECTARES",
        provider="cecil",
        status_code=err.status_code,
        details=err.details,
    )


def _area(context: Context, geometry: ItemDict) -> str:
    """Give the id of an area at Cecil, made if it is not there. Twice is the same as once."""
    areas = Areas(context)
    reference = f"swath area {hashlib.sha256(code_of(geometry).encode()).hexdigest()[:12]}"
    kept = [one for one in areas.listed() if one.external_ref == reference]
    if kept:
        return min(kept, key=lambda one: one.created_at).id
    return areas.create(geometry, reference).id

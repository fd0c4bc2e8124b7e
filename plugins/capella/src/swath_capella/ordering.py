# SPDX-License-Identifier: Apache-2.0
"""Orders as Capella shows them, and the files they deliver.

Source: the Capella wire contract, 3 and 4, read 2026-11.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from attrs import evolve

from swath.errors import QuotaExceeded, Rejected, SwathError, UnexpectedResponse
from swath.models import Asset, Order, OrderRequest, OrderState, Quote
from swath_capella._api.base import dollars
from swath_capella.items import asset_fields, time_of

__all__ = ["STATES", "assets_of", "denial", "order_seen", "quote_of"]

STATES: Final[Mapping[str, OrderState]] = {
    "processing": OrderState.PENDING,
    "completed": OrderState.SUCCEEDED,
    "rejected": OrderState.FAILED,
}
"""Our state for each of Capella's words; a word that is not here is pending."""
_ROLES: Final[Mapping[str, str]] = {"metadata": "metadata", "thumbnail": "thumbnail", "preview": "overview"}
_SAFE: Final = re.compile(r"[^A-Za-z0-9._-]")


def denial(review: Mapping[str, Any]) -> SwathError | None:
    """Give the error that a review's refusal is; None where it authorises."""
    if review.get("authorized"):
        return None
    reason = review.get("authorizationDenialReason") or {}
    message = str(reason.get("message") or "the review did not authorise the order")
    kind = QuotaExceeded if "INSUFFICIENT" in str(reason.get("code") or "") else Rejected
    return kind(f"Capella refuses the order: {message}", provider="capella", details={"code": reason.get("code")})


def quote_of(review: Mapping[str, Any]) -> Quote:
    """Read what a review says it costs.

    Raises:
        QuotaExceeded: There is not that much money left. Rejected: It is refused for another reason.
    """
    refused = denial(review)
    if refused is not None:
        raise refused
    details = review.get("orderDetails") or {}
    lines = details.get("lineItems") or ()
    return Quote(
        amount=dollars((details.get("summary") or {}).get("total")),
        unit="USD",
        items={
            str(line.get("granuleId")): dollars((line.get("order") or {}).get("finalListPrice"))
            for line in lines
            if isinstance(line, Mapping)
        },
        note="Capella's review",
    )


def order_seen(payload: Mapping[str, Any], known: Order | None = None) -> Order:
    """Read an order."""
    order_id = payload.get("orderId")
    if not order_id:
        raise UnexpectedResponse("an order has no orderId", provider="capella")
    status = str(payload.get("orderStatus") or "")
    made = known or Order(
        provider="capella",
        request=OrderRequest(
            items=[
                {"type": "Feature", "id": str(one.get("granuleId")), "collection": one.get("collectionId")}
                for one in payload.get("items") or ()
            ]
        ),
    )
    return evolve(
        made,
        id=str(order_id),
        state=STATES.get(status, OrderState.PENDING),
        native_state=status,
        created=made.created or time_of(payload.get("orderDate")),
        expires=time_of(payload.get("expirationDate")),
        message="refused by Capella" if status == "rejected" else "",
        raw={key: value for key, value in payload.items() if key != "items"},
    )


def assets_of(items: Sequence[Mapping[str, Any]], wanted: Sequence[str] = ()) -> Iterator[Asset]:
    """List the files of presigned items; the licence is a web page and no file.

    Args:
        items: As the service gives them.
        wanted: Asset keys; all if empty. ``raster`` means the polarisations.
    """
    keys = {key for one in wanted for key in (("HH", "VV", "HV", "VH") if one == "raster" else (one,))}
    for item in items:
        properties = item.get("properties") or {}
        kind = str(properties.get("sar:product_type") or properties.get("product:type") or "")
        for key, asset in (item.get("assets") or {}).items():
            if key == "license" or (keys and key not in keys) or not isinstance(asset, Mapping):
                continue
            href = str(asset.get("href") or "")
            yield Asset(
                href=href,
                name=_name(href, f"{item.get('id')}_{key}"),
                key=key,
                item=str(item.get("id")),
                media_type=asset.get("type"),
                roles=[_ROLES.get(key, "data")],
                expires=_expiry(href),
                fields=asset_fields(key, kind, properties),
            )


def _name(href: str, otherwise: str) -> str:
    """Name a file as its address does."""
    found = PurePosixPath(unquote(urlsplit(href).path)).name
    return found or _SAFE.sub("_", otherwise)


def _expiry(href: str) -> dt.datetime | None:
    found = parse_qs(urlsplit(href).query).get("Expires", [""])[0]
    return dt.datetime.fromtimestamp(int(found), dt.UTC) if found.isdigit() else None

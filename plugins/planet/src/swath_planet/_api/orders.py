# SPDX-License-Identifier: Apache-2.0
"""The Orders API: creating, reading, cancelling and listing orders, and what they deliver."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from swath.errors import Gone, InvalidCredentials, LinkExpired, NotEntitled, NotFound, UnexpectedResponse
from swath.hookspecs import Http, Operation
from swath.stac import timestamp
from swath_planet.wire import Manifest, OrderList, read

__all__ = [
    "BUCKET",
    "DOWNLOAD_BUCKET",
    "bundle_table",
    "cancel",
    "create",
    "get",
    "list_all",
    "list_params",
    "manifest",
]

BUCKET = "orders"
"""Rate-limit bucket of these calls."""
DOWNLOAD_BUCKET = "download"
"""Rate-limit bucket of files."""


def _payload(response: Any, what: str) -> dict[str, Any]:
    """Parse a body that must be a JSON object.

    Raises:
        UnexpectedResponse: It is not.
    """
    try:
        found = response.json()
    except ValueError as err:
        kind = response.headers.get("content-type", "no media type")
        raise UnexpectedResponse(f"Planet's {what} is no JSON but {kind}", status_code=response.status_code) from err
    if not isinstance(found, dict):
        raise UnexpectedResponse(
            f"Planet's {what} is no JSON object but {type(found).__name__}", status_code=response.status_code
        )
    return found


def _order_url(base_url: str, order_id: str) -> str:
    return f"{base_url}/compute/ops/orders/v2/{quote(order_id, safe='')}"


def create(http: Http, base_url: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Send an order, once."""
    response = http.request(
        "POST", f"{base_url}/compute/ops/orders/v2", json=dict(body), operation=Operation.ONCE, bucket=BUCKET
    )
    return _payload(response, "answer to the order")


def get(http: Http, base_url: str, order_id: str) -> dict[str, Any]:
    """Read an order; this renews the links to its files."""
    return _payload(http.request("GET", _order_url(base_url, order_id), bucket=BUCKET), "order")


def cancel(http: Http, base_url: str, order_id: str) -> dict[str, Any]:
    """Drop an order that is still queued."""
    response = http.request("PUT", _order_url(base_url, order_id), operation=Operation.WRITE, bucket=BUCKET)
    return _payload(response, "cancelled order")


def list_params(since: dt.datetime | None) -> dict[str, str]:
    """Build the query of a list, newest first."""
    params = {"source_type": "all", "sort_by": "created_on DESC"}
    if since is not None:
        params["created_on"] = f"{timestamp(since)}/.."
    return params


def list_all(http: Http, base_url: str, since: dt.datetime | None = None) -> Iterator[dict[str, Any]]:
    """List the account's orders, newest first, page by page to the end.

    Args:
        http: Signed client.
        base_url: Of all services, without trailing slash.
        since: Only those created at or after this.
    """
    response = http.request("GET", f"{base_url}/compute/ops/orders/v2", params=list_params(since), bucket=BUCKET)
    seen: set[str] = set()
    while True:
        page = read(_payload(response, "list of orders"), OrderList, "list of orders")
        for order in page.orders:
            yield dict(order)
        following = page.links.next if page.links else None
        if not following or following in seen:
            return
        seen.add(following)
        response = http.request("GET", following, bucket=BUCKET)


def manifest(http: Http, location: str) -> Manifest:
    """Read an order's manifest from the link that the order has for it.

    Raises:
        LinkExpired: The link was refused; that says nothing of the account's key.
        Gone: Planet has deleted the delivery.
    """
    try:
        response = http.request("GET", location, bucket=DOWNLOAD_BUCKET)
    except (InvalidCredentials, NotEntitled) as err:
        raise LinkExpired(
            f"the link to the order's manifest was refused: {err.message}",
            provider="planet",
            status_code=err.status_code,
            request_id=err.request_id,
        ) from err
    except NotFound as err:
        raise Gone(
            f"the order's manifest is not there any more: {err.message}",
            provider="planet",
            status_code=err.status_code,
            request_id=err.request_id,
        ) from err
    return read(_payload(response, "manifest"), Manifest, "manifest")


def bundle_table(http: Http, base_url: str) -> dict[str, dict[str, tuple[str, ...]]]:
    """Read which asset types each bundle holds by item type, as Planet has it today."""
    response = http.request("GET", f"{base_url}/compute/ops/bundles/spec", auth=False, bucket="default")
    bundles = _payload(response, "bundle specification").get("bundles")
    if not isinstance(bundles, dict):
        raise UnexpectedResponse("Planet's bundle specification has no 'bundles'")
    table: dict[str, dict[str, tuple[str, ...]]] = {}
    for name, bundle in bundles.items():
        assets = bundle.get("assets") if isinstance(bundle, dict) else None
        if isinstance(assets, dict):
            table[name] = {
                item_type: tuple(str(one) for one in inside) if isinstance(inside, list) else ()
                for item_type, inside in assets.items()
            }
    return table

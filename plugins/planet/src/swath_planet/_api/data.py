# SPDX-License-Identifier: Apache-2.0
"""The Data API: searching and counting items."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from swath.errors import UnexpectedResponse
from swath.hookspecs import Http
from swath_planet.wire import SearchPage, Stats, read

__all__ = ["BUCKET", "MAX_PAGE_SIZE", "count", "search", "search_body", "stats_body"]

BUCKET = "data"
"""Rate-limit bucket of these calls."""
MAX_PAGE_SIZE = 250
"""Most items that one page holds."""


def _json(response: Any, what: str) -> object:
    """Parse a body.

    Raises:
        UnexpectedResponse: It is no JSON.
    """
    try:
        return response.json()
    except ValueError as err:
        kind = response.headers.get("content-type", "no media type")
        raise UnexpectedResponse(f"Planet's {what} is no JSON but {kind}", status_code=response.status_code) from err


def search_body(item_types: Sequence[str], filter_: Mapping[str, Any]) -> dict[str, Any]:
    """Build the body of a quick search."""
    return {"item_types": list(item_types), "filter": filter_}


def stats_body(item_types: Sequence[str], filter_: Mapping[str, Any], interval: str = "year") -> dict[str, Any]:
    """Build the body of a histogram request."""
    return {"item_types": list(item_types), "filter": filter_, "interval": interval}


def search(
    http: Http,
    base_url: str,
    *,
    item_types: Sequence[str],
    filter_: Mapping[str, Any],
    sort: str | None = None,
    page_size: int = MAX_PAGE_SIZE,
) -> Iterator[SearchPage]:
    """Run a quick search, page by page to its end.

    Args:
        http: Signed client.
        base_url: Of all services, without trailing slash.
        item_types: At least one.
        filter_: In Planet's filter grammar.
        sort: ``acquired asc``, ``acquired desc``, ``published asc``; None for Planet's own, ``published desc``.
        page_size: 1 to 250.
    """
    params = {"_page_size": str(max(1, min(page_size, MAX_PAGE_SIZE)))}
    if sort:
        params["_sort"] = sort
    response = http.request(
        "POST",
        f"{base_url}/data/v1/quick-search",
        params=params,
        json=search_body(item_types, filter_),
        bucket=BUCKET,
    )
    page = read(_json(response, "page of items"), SearchPage, "page of items")
    yield page
    while page.next:
        response = http.request("GET", page.next, bucket=BUCKET)
        page = read(_json(response, "page of items"), SearchPage, "page of items")
        yield page


def count(http: Http, base_url: str, *, item_types: Sequence[str], filter_: Mapping[str, Any]) -> int:
    """Count what a filter finds, from the histogram over the years."""
    response = http.request("POST", f"{base_url}/data/v1/stats", json=stats_body(item_types, filter_), bucket=BUCKET)
    stats = read(_json(response, "histogram"), Stats, "histogram")
    return sum(bucket.count for bucket in stats.buckets)

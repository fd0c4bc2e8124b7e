# SPDX-License-Identifier: Apache-2.0
"""What every native service stands on: its address, its rate-limit bucket, one request, one list of pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from swath.decoding import read_json
from swath.errors import UnexpectedResponse
from swath.hookspecs import Context, Operation
from swath.native import at_hand, trust
from swath_planet.exceptions import PagingError

if TYPE_CHECKING:
    import httpx

__all__ = ["Params", "Service", "next_link"]

Params = Mapping[str, Any] | Sequence[tuple[str, Any]]
"""Query parameters; those that are None are left out, those that are lists are repeated."""


def next_link(page: Mapping[str, Any]) -> str | None:
    """Find the address of the next page, as most of Planet's services write it; None ends."""
    links = page.get("_links")
    if not isinstance(links, Mapping):
        return None
    found = links.get("_next") or links.get("next")
    return found if isinstance(found, str) else None


class Service:
    """One of Planet's services. Methods raise swath errors; the faces give them Planet's names.

    Args:
        context: The opened account.
        base_url: Where this service is, one trailing slash aside; None for its place below the account's root. Whoever
            names an address trusts it with the credentials.
    """

    PATH: ClassVar[str] = ""
    """Path of the service below the account's root, ``"/data/v1"``."""
    BUCKET: ClassVar[str] = "default"
    """Rate-limit bucket of its calls, of `ProviderInfo.limits`."""

    def __init__(self, context: Context, base_url: str | None = None) -> None:
        self.context = context
        if base_url is None:
            base_url = context.settings["base_url"].rstrip("/") + self.PATH
        else:
            trust(context, base_url)
        self.base_url = base_url.removesuffix("/")

    def url(self, path: str = "") -> str:
        """Give a path below the service as an absolute URL; a URL as it is."""
        if path.startswith(("http://", "https://")):
            return path
        return f"{self.base_url}/{path.lstrip('/')}" if path else self.base_url

    def call(
        self,
        method: str,
        url: str,
        *,
        params: Params | None = None,
        json: Any = None,
        operation: Operation | None = None,
        bucket: str | None = None,
        auth: bool = True,
    ) -> httpx.Response:
        """Send one request and read the whole answer.

        Args:
            method: HTTP method.
            url: Absolute, or a path below the service.
            params: Query parameters.
            json: Body.
            operation: Whether it may be sent again; reading for GET, writing for the rest.
            bucket: Rate-limit bucket; the service's own if None.
            auth: Whether to sign it.

        Raises:
            SwathError: By status; see `swath.hookspecs.Http.request`.
        """
        if operation is None:
            operation = Operation.READ if method.upper() == "GET" else Operation.WRITE
        return self.context.http.request(
            method,
            self.url(url),
            operation=operation,
            params=_pairs(params),
            json=json,
            bucket=bucket or self.BUCKET,
            auth=auth,
        )

    def json(self, method: str, url: str, **given: Any) -> Any:
        """Send one request, as `call`, and give the answer's JSON; None where its body is empty.

        Raises:
            UnexpectedResponse: It is no JSON.
        """
        response = self.call(method, url, **given)
        return read_json(response, provider="planet") if response.content.strip() else None

    def pages(
        self,
        method: str,
        url: str,
        *,
        key: str,
        limit: int | None = 0,
        params: Params | None = None,
        json: Any = None,
        following: Callable[[dict[str, Any]], str | None] = next_link,
        operation: Operation | None = None,
        bucket: str | None = None,
    ) -> Iterator[dict[str, Any]]:
        """List page by page; a page is asked for when its first entry is.

        Args:
            method: HTTP method of the first page; the others are fetched with GET.
            url: Absolute, or a path below the service.
            key: Where a page has its entries.
            limit: Most entries to give; 0 or None for all.
            params: Query parameters of the first page; next links have their own.
            json: Body of the first request.
            following: Finds the next page's address in a page.
            operation: Of the first request.
            bucket: Rate-limit bucket; the service's own if None.

        Raises:
            PagingError: A next link is the same twice in a row.
            UnexpectedResponse: A page is not an object with a list at `key`.
        """
        left = limit or None
        page = self.json(method, url, params=params, json=json, operation=operation, bucket=bucket)
        before: str | None = None
        while entries := _entries(page, key):
            for index, entry in enumerate(entries[:left], start=1):
                at_hand(min(len(entries), left or len(entries)) - index)
                yield entry
            if left is not None:
                left -= len(entries)
                if left <= 0:
                    return
            link = following(page)
            if not link:
                return
            if link == before:
                raise PagingError(
                    f"Planet names the same next page twice in a row: {link.split('?', 1)[0]}",
                    hint="search again; report it to Planet if it stays",
                )
            before = link
            page = self.json("GET", link, bucket=bucket)


def _pairs(params: Params | None) -> list[tuple[str, Any]] | None:
    """Flatten query parameters: lists repeated, None left out."""
    if not params:
        return None
    flat: list[tuple[str, Any]] = []
    for name, value in params.items() if isinstance(params, Mapping) else params:
        values = value if isinstance(value, (list, tuple, set, frozenset)) else [value]
        flat += [(name, one) for one in values if one is not None]
    return flat


def _entries(page: Any, key: str) -> list[dict[str, Any]]:
    """Take a page's entries; a null counts as none."""
    found = page.get(key, ...) if isinstance(page, Mapping) else ...
    if found is None:
        return []
    if not isinstance(found, list):
        raise UnexpectedResponse(f"Planet's list has no {key!r}", provider="planet")
    return found

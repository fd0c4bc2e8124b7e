# SPDX-License-Identifier: Apache-2.0
"""The catalogue: pages of a search, also beyond the 10,000 items that one search can reach."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, Final

from attrs import frozen

from swath.errors import UnexpectedResponse
from swath.paging import in_order
from swath_capella._api.base import Service

__all__ = ["CAP", "PAGE", "Catalogue", "Found", "reach", "second"]

PAGE: Final = 900
"""Most items that a page is asked for."""
CAP: Final = 10_000
"""Items that one search can reach; what is behind them cannot be asked for by page."""
_FIRST: Final = dt.datetime(2018, 1, 1, tzinfo=dt.UTC)
"""Before Capella's first satellite."""
_SHORTEST: Final = dt.timedelta(seconds=2)


@frozen(kw_only=True)
class Found:
    """One page."""

    features: list[dict[str, Any]]
    matched: int
    number: int


class Catalogue(Service):
    """Runs searches, whose bodies are Capella's own.

    Nothing is changed in a body but ``limit``, ``page`` and, where it must be cut up, the time.
    """

    def page(self, body: Mapping[str, Any], *, number: int, limit: int, url: str | None = None) -> Found:
        """Ask for one page."""
        asked = {**body, "limit": limit} if number == 1 else {**body, "limit": limit, "page": number}
        answer = self.object("POST", url or "/catalog/search", json=asked)
        features, matched = answer.get("features"), answer.get("numberMatched")
        if not isinstance(features, list) or not isinstance(matched, int):
            raise UnexpectedResponse("the catalogue's answer has no features or no numberMatched", provider="capella")
        return Found(features=features, matched=matched, number=number)

    def count(self, body: Mapping[str, Any]) -> int:
        """Count what a search finds."""
        return self.page(body, number=1, limit=1).matched

    def pages(
        self,
        body: Mapping[str, Any],
        *,
        limit: int = PAGE,
        url: str | None = None,
        first: Found | None = None,
        wanted: int | None = None,
    ) -> Iterator[Found]:
        """Go through a search that reaches its end within the cap; items that come twice are given once.

        Once the first page has told how many there are, several are fetched at once where that saves time. A page that
        brings nothing new is asked for once more: it was an old one.

        Args:
            body: Of the search.
            limit: Items a page, 1 to 900.
            url: Where searches go, if not below the API's address.
            first: The first page, where it is at hand.
            wanted: Items that are needed at least; None for all. Pages behind them are fetched one by one.

        Raises:
            UnexpectedResponse: Fewer items came than the service says that there are.
        """
        seen: set[str] = set()
        first = first or self.page(body, number=1, limit=limit, url=url)
        matched = min(reach(limit), first.matched)
        numbers = range(2, math.ceil(matched / limit) + 1)
        sure = None if wanted is None else max(0, math.ceil(wanted / limit) - 1)
        others = in_order(lambda number: self.page(body, number=number, limit=limit, url=url), numbers, sure=sure)
        for answered in chain([first], others):
            found = answered
            matched = min(matched, found.matched)
            fresh = [one for one in found.features if str(one.get("id")) not in seen]
            if not fresh and len(seen) < matched:
                found = self.page(body, number=found.number, limit=limit, url=url)
                matched = min(matched, found.matched)
                fresh = [one for one in found.features if str(one.get("id")) not in seen]
            seen.update(str(one.get("id")) for one in fresh)
            if fresh:
                yield Found(features=fresh, matched=found.matched, number=found.number)
            if found.number * limit >= matched:
                break
        if len(seen) < matched or found.matched > reach(limit):
            raise UnexpectedResponse(
                f"the catalogue gave {len(seen)} items of more that match",
                hint="search again: it may have changed meanwhile",
                provider="capella",
            )

    def all_pages(self, body: Mapping[str, Any], *, limit: int = PAGE, wanted: int | None = None) -> Iterator[Found]:
        """Go through everything that a search finds, newest first where it does not say how it is sorted.

        A search that finds more than it can reach is cut into spans of time, each small enough.

        Raises:
            UnexpectedResponse: As `pages`.
        """
        body = {**body, "sortby": body.get("sortby") or _NEWEST}
        first = self.page(body, number=1, limit=limit)
        if first.matched <= reach(limit):
            yield from self.pages(body, limit=limit, first=first, wanted=wanted)
            return
        seen: set[str] = set()
        for part in self._parts(body, first.matched, reach(limit)):
            for found in self.pages(part, limit=limit, wanted=wanted):
                fresh = [one for one in found.features if str(one.get("id")) not in seen]
                seen.update(str(one.get("id")) for one in fresh)
                yield Found(features=fresh, matched=first.matched, number=found.number)

    def _parts(self, body: Mapping[str, Any], matched: int, most: int) -> Iterator[dict[str, Any]]:
        """Cut a search into spans of time, in the order in which it is sorted by time: the newest first by default."""
        asked = dict((body.get("query") or {}).get("datetime") or {})
        start = _time(asked.get("gte") or asked.get("gt")) or _FIRST
        end = _time(asked.get("lte") or asked.get("lt")) or self.context.time() + dt.timedelta(days=2)
        upwards = body["sortby"][0] == {"field": "properties.datetime", "direction": "asc"}
        yield from self._halves(body, (start, end), matched, most, upwards=upwards, last=True)

    def _halves(
        self,
        body: Mapping[str, Any],
        span: tuple[dt.datetime, dt.datetime],
        matched: int,
        most: int,
        *,
        upwards: bool,
        last: bool,
    ) -> Iterator[dict[str, Any]]:
        start, end = span
        if matched <= most:
            if matched:
                yield _within(body, start, end, last=last)
            return
        if end - start <= _SHORTEST:
            raise UnexpectedResponse(
                f"{matched} items match within two seconds, and a search reaches {most}",
                hint="narrow the search by its area or a filter",
                provider="capella",
            )
        middle = start + (end - start) / 2
        middle = middle.replace(microsecond=0)
        halves = [(start, middle, False), (middle, end, last)]
        for begin, stop, is_last in halves if upwards else reversed(halves):
            count = self.count(_within(body, begin, stop, last=is_last))
            yield from self._halves(body, (begin, stop), count, most, upwards=upwards, last=is_last)


_NEWEST: Final = ({"field": "properties.datetime", "direction": "desc"}, {"field": "id", "direction": "asc"})


def reach(limit: int) -> int:
    """Say how many items a search can reach in whole pages of `limit` items."""
    return CAP // limit * limit


def second(time: dt.datetime) -> str:
    """Write the whole second of a time so that it compares rightly as a text, too, with fractions and without."""
    return f"{time.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%S}.000000Z"


def _time(text: Any) -> dt.datetime | None:
    try:
        found = dt.datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def _within(body: Mapping[str, Any], start: dt.datetime, end: dt.datetime, *, last: bool) -> dict[str, Any]:
    """Narrow a search to a span of time, closed at its end only where it is the last."""
    span = (
        {"gte": second(start), "lte": second(end + dt.timedelta(seconds=1))}
        if last
        else {
            "gte": second(start),
            "lt": second(end),
        }
    )
    return {**body, "query": {**(body.get("query") or {}), "datetime": span}}

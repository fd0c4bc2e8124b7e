# SPDX-License-Identifier: Apache-2.0
"""The catalogue: pages of a search, also beyond the 10,000 items that one search can reach."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import frozen

from swath.errors import UnexpectedResponse
from swath_capella._api.base import Service

__all__ = ["CAP", "PAGE", "Catalogue", "Found", "second"]

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

    def pages(self, body: Mapping[str, Any], *, limit: int = PAGE, url: str | None = None) -> Iterator[Found]:
        """Go through a search that reaches its end within the cap; items that come twice are given once.

        Args:
            body: Of the search.
            limit: Items a page, 1 to 900.
            url: Where searches go, if not below the API's address.
        """
        seen: set[str] = set()
        number = 0
        while True:
            number += 1
            found = self.page(body, number=number, limit=limit, url=url)
            fresh = [one for one in found.features if str(one.get("id")) not in seen]
            seen.update(str(one.get("id")) for one in fresh)
            if fresh:
                yield Found(features=fresh, matched=found.matched, number=number)
            if not fresh or number * limit >= min(found.matched, CAP):
                return

    def all_pages(self, body: Mapping[str, Any], *, limit: int = PAGE) -> Iterator[Found]:
        """Go through everything that a search finds, newest first where it does not say how it is sorted.

        A search that finds more than it can reach is cut into spans of time, each small enough.
        """
        first = self.page({**body, "sortby": body.get("sortby") or _NEWEST}, number=1, limit=limit)
        if first.matched <= CAP:
            yield from self._whole(body, first, limit)
            return
        seen: set[str] = set()
        for part in self._parts(body, first.matched):
            for found in self.pages(part, limit=limit):
                fresh = [one for one in found.features if str(one.get("id")) not in seen]
                seen.update(str(one.get("id")) for one in fresh)
                yield Found(features=fresh, matched=first.matched, number=found.number)

    def _whole(self, body: Mapping[str, Any], first: Found, limit: int) -> Iterator[Found]:
        """Go on from a first page that is at hand."""
        body = {**body, "sortby": body.get("sortby") or _NEWEST}
        seen = {str(one.get("id")) for one in first.features}
        yield first
        for number in range(2, -(-min(first.matched, CAP) // limit) + 1):
            found = self.page(body, number=number, limit=limit)
            fresh = [one for one in found.features if str(one.get("id")) not in seen]
            if not fresh:
                return
            seen.update(str(one.get("id")) for one in fresh)
            yield Found(features=fresh, matched=found.matched, number=number)

    def _parts(self, body: Mapping[str, Any], matched: int) -> Iterator[dict[str, Any]]:
        """Cut a search into spans of time, in the order in which it is sorted by time: the newest first by default."""
        asked = dict((body.get("query") or {}).get("datetime") or {})
        start = _time(asked.get("gte") or asked.get("gt")) or _FIRST
        end = _time(asked.get("lte") or asked.get("lt")) or self.context.time() + dt.timedelta(days=2)
        sortby = list(body.get("sortby") or _NEWEST)
        upwards = sortby[0] == {"field": "properties.datetime", "direction": "asc"}
        yield from self._halves({**body, "sortby": sortby}, start, end, matched, upwards=upwards, last=True)

    def _halves(
        self,
        body: Mapping[str, Any],
        start: dt.datetime,
        end: dt.datetime,
        matched: int,
        *,
        upwards: bool,
        last: bool,
    ) -> Iterator[dict[str, Any]]:
        if matched <= CAP or end - start <= _SHORTEST:
            if matched:
                yield _within(body, start, end, last=last)
            return
        middle = start + (end - start) / 2
        middle = middle.replace(microsecond=0)
        halves = [(start, middle, False), (middle, end, last)]
        for begin, stop, is_last in halves if upwards else reversed(halves):
            count = self.count(_within(body, begin, stop, last=is_last))
            yield from self._halves(body, begin, stop, count, upwards=upwards, last=is_last)


_NEWEST: Final = ({"field": "properties.datetime", "direction": "desc"}, {"field": "id", "direction": "asc"})


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

# SPDX-License-Identifier: Apache-2.0
"""Goes through a search to its end: page after page, or by spans of time side by side where Planet is slow to answer.

Each page of Planet's names the next, so that a long search takes as many answers one after the other as it has pages.
Planet lists by time, and permits ten requests a second: where an answer takes longer than that, the search is cut
into spans of time of about two pages each, which are fetched at once and given in order.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from attrs import frozen

from swath.paging import in_order
from swath_planet._api.data import MAX_PAGE_SIZE, SEARCH_SORT, Data
from swath_planet.predicates import date_range
from swath_planet.wire import SearchPage

__all__ = ["Searching"]

_PERMITTED_S: Final = 0.1
"""Seconds from one request to the next at the rate that Planet permits."""
_SLOW: Final = 2.0
"""From how many times of that an answer is slow."""
_AT_ONCE: Final = 8
_PAGES: Final = 2
"""Pages that a span is meant to have."""
_MOST_PAGES: Final = 4
"""Pages of a span that are fetched before they are asked for."""
_MARGIN: Final = dt.timedelta(seconds=1)
"""By how much a span reaches over what came already: Planet may keep times finer than it shows them."""


@frozen(kw_only=True)
class _Span:
    """A span of time of a search, or all that is left of it."""

    filter: Mapping[str, Any]
    most: int
    """Pages that are fetched at once."""


@frozen(kw_only=True)
class Searching:
    """One search; its pages may overlap."""

    data: Data
    item_types: tuple[str, ...]
    filter: Mapping[str, Any]
    sort: str | None
    """One of `SEARCH_SORT`; None for Planet's own."""
    page_size: int
    wanted: int | None
    """Items that are needed; None for all."""
    now: Callable[[], dt.datetime]

    def pages(self) -> Iterator[SearchPage]:
        """Go through all pages, in Planet's order."""
        size = max(1, min(self.page_size, MAX_PAGE_SIZE))
        begun = self.now()
        page = self._first(self.filter)
        took_s = (self.now() - begun).total_seconds()
        yield page
        if not page.next:
            return
        begun = self.now()
        before, page = page, self.data.page_at(page.next)
        took_s = min(took_s, (self.now() - begun).total_seconds())
        yield page
        given = 2 * size
        seen, begin = [before, page], 2
        while page.next:
            edge, width = self._edge(seen)
            count = self._spans(took_s, given, size)
            if count < 2 or edge is None or width is None:
                yield from self._rest(page)
                return
            for part in in_order(self._fetched, self._cut(edge, width, count), at_once=_AT_ONCE, begin=begin):
                yield from part
                page = part[-1]
                given += sum(len(one.features) for one in part)
                # The last part is what is left of the search: it goes on from there.
                if len(part) == _MOST_PAGES:
                    yield from self._rest(page)
            seen, begin = [page], _AT_ONCE

    def _first(self, filter_: Mapping[str, Any]) -> SearchPage:
        return self.data.first_page(self.item_types, filter_, sort=self.sort, page_size=self.page_size)

    def _rest(self, page: SearchPage) -> Iterator[SearchPage]:
        """Follow the links from a page on."""
        while page.next:
            page = self.data.page_at(page.next)
            yield page

    def _fetched(self, span: _Span) -> list[SearchPage]:
        """Give the pages of a span, all but of one that has far more than it was meant to."""
        page = self._first(span.filter)
        made = [page]
        while page.next and len(made) < span.most:
            page = self.data.page_at(page.next)
            made.append(page)
        return made

    def _spans(self, took_s: float, given: int, size: int) -> int:
        """Say how many spans are worth being fetched at once; fewer than 2 for none."""
        if took_s < _SLOW * _PERMITTED_S:
            return 0
        most = min(_AT_ONCE - 1, math.ceil(took_s / _PERMITTED_S))
        return most if self.wanted is None else min(most, (self.wanted - given) // (_PAGES * size))

    def _edge(self, seen: list[SearchPage]) -> tuple[dt.datetime | None, dt.timedelta | None]:
        """Say where some pages ended, and in what time there are about `_PAGES`; None where it cannot be told."""
        field = (self.sort or SEARCH_SORT[0]).partition(" ")[0]
        pages = [page for page in seen if page.features]
        times = [one.properties.get(field) for page in pages for one in page.features]
        try:
            known = [dt.datetime.fromisoformat(str(time)) for time in times]
            ordered = sorted(known, reverse=self._falls)
        except (TypeError, ValueError):
            return None, None
        if not known or known != ordered or known[0] == known[-1] or known[0].tzinfo is None:
            return None, None
        return known[-1], abs(known[0] - known[-1]) * _PAGES / len(pages)

    @property
    def _falls(self) -> bool:
        return (self.sort or SEARCH_SORT[0]).endswith("desc")

    def _cut(self, edge: dt.datetime, width: dt.timedelta, count: int) -> Iterator[_Span]:
        """Cut what is behind a time into spans, and what is left."""
        field = (self.sort or SEARCH_SORT[0]).partition(" ")[0]
        sign = -1 if self._falls else 1
        near = edge - sign * _MARGIN
        try:
            ends = [edge + sign * number * width for number in range(1, count + 1)]
        except OverflowError:
            ends = []
        for end in ends:
            bounds = {"gt": end, "lte": near} if self._falls else {"gte": near, "lt": end}
            yield _Span(filter=self._within(date_range(field, **bounds)), most=_MOST_PAGES)
            near = end
        bounds = {"lte": near} if self._falls else {"gte": near}
        yield _Span(filter=self._within(date_range(field, **bounds)), most=1)

    def _within(self, span: Mapping[str, Any]) -> dict[str, Any]:
        return {"type": "AndFilter", "config": [self.filter, span]}

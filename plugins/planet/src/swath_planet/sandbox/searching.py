# SPDX-License-Identifier: Apache-2.0
"""Carries out searches: in order, page by page, only as far as asked for."""

from __future__ import annotations

import base64
import datetime as dt
import heapq
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen

from swath_planet.sandbox.access import Account, bad_query
from swath_planet.sandbox.filters import Test, compile_filter, read_geometry, relation
from swath_planet.sandbox.holdings import ITEM_TYPES, Holding, Holdings, Item
from swath_planet.sandbox.planning import Reach, plan

__all__ = ["SORTS", "Page", "Search", "make_search"]

SORTS = ("published desc", "published asc", "acquired desc", "acquired asc")
"""The first is the default."""

_Key = tuple[str, str, str]


@frozen(kw_only=True)
class Page:
    """Some of a search's items."""

    items: Sequence[Item]
    cursor: str | None
    """Where the next page goes on; None where there is none."""


@frozen(kw_only=True)
class Search:
    """A search that has been checked."""

    item_types: tuple[str, ...]
    test: Test
    reach: Reach

    def items(self, holdings: Holdings, sort: str = SORTS[0], after: _Key | None = None) -> Iterator[Item]:
        """Give the matches in order, beginning behind `after`."""
        field, _, direction = sort.partition(" ")
        up = direction == "asc"
        streams = [self._of_type(holdings, name, field, up=up, after=after) for name in self.item_types]
        merged = heapq.merge(*streams, key=lambda item: _key(item, field), reverse=not up)
        for item in merged:
            key = _key(item, field)
            if after is None or (key > after if up else key < after):
                yield item

    def page(self, holdings: Holdings, sort: str, size: int, cursor: str | None) -> Page:
        """Give one page."""
        field = sort.partition(" ")[0]
        found = self.items(holdings, sort, _read_cursor(cursor) if cursor else None)
        items = list(itertools.islice(found, size + 1))
        last = items[size - 1] if len(items) > size else None
        return Page(items=items[:size], cursor=_cursor(_key(last, field)) if last else None)

    def _of_type(
        self, holdings: Holdings, item_type: str, field: str, *, up: bool, after: _Key | None
    ) -> Iterator[Item]:
        holding = holdings.by_type.get(item_type)
        if holding is None:
            return
        if self.reach.ids is not None:
            named = [item for one in self.reach.ids if (item := holdings.get(item_type, one)) is not None]
            found: Iterator[Item] = iter(sorted(named, key=lambda item: _key(item, field), reverse=not up))
        else:
            found = self._scan(holdings, holding, field, up=up, after=after)
        yield from (item for item in _in_order(found, field, up=up) if self.test(item))

    def _scan(
        self, holdings: Holdings, holding: Holding, field: str, *, up: bool, after: _Key | None
    ) -> Iterator[Item]:
        margin = dt.timedelta(seconds=1)
        start = max(self.reach.acquired[0], _earlier(self.reach.published[0], holding.lag))
        end = min(self.reach.acquired[1], _earlier(self.reach.published[1], holding.lag))
        if after is not None:
            at = dt.datetime.fromisoformat(after[0])
            at = at - holding.lag if field == "published" else at
            start, end = (max(start, at - margin), end) if up else (start, min(end, at + margin))
        for scene in holding.catalogue.search(self.reach.boxes, start, end, oldest_first=up):
            yield holdings.make(holding, scene)


def make_search(body: Any, account: Account) -> Search:
    """Check a search body.

    Raises:
        Refusal: 400, for what the Data API would not take.
    """
    if not isinstance(body, Mapping):
        raise bad_query("a search is a JSON object")
    item_types = body.get("item_types")
    if not isinstance(item_types, list) or not item_types:
        raise bad_query("item_types is required", "item_types")
    unknown = [name for name in item_types if name not in ITEM_TYPES]
    if unknown:
        raise bad_query(f"{unknown[0]!r} is not a valid item type", "item_types")
    test = compile_filter(body.get("filter"), account)
    geometry = body.get("geometry")
    if geometry is not None:
        place, inner = relation(read_geometry(geometry, "geometry")), test
        return Search(
            item_types=tuple(dict.fromkeys(item_types)),
            test=lambda item: place(item) and inner(item),
            reach=plan(body.get("filter"), geometry),
        )
    return Search(item_types=tuple(dict.fromkeys(item_types)), test=test, reach=plan(body.get("filter")))


def _key(item: Item, field: str) -> _Key:
    return str(item.properties[field]), item.item_type, item.id


def _in_order(items: Iterator[Item], field: str, *, up: bool) -> Iterator[Item]:
    """Put items of one and the same time, which come next to each other, in the order of their ids."""
    for _, same in itertools.groupby(items, key=lambda item: item.properties[field]):
        yield from sorted(same, key=lambda item: item.id, reverse=not up)


def _earlier(time: dt.datetime, by: dt.timedelta) -> dt.datetime:
    return time - by if time - dt.datetime.min.replace(tzinfo=dt.UTC) > by else time


def _cursor(key: _Key) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> _Key:
    try:
        time, item_type, item_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        dt.datetime.fromisoformat(time)
    except (TypeError, ValueError) as err:
        raise bad_query("invalid _page parameter", "_page") from err
    return str(time), str(item_type), str(item_id)

# SPDX-License-Identifier: Apache-2.0
"""Apply a whole query again to what a provider gave."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from swath._query.evaluate import compile_filter
from swath._query.relations import Area
from swath._query.values import FIRST, LAST, item_shape, item_span
from swath.models import Interval, ItemDict, Query

__all__ = ["Residual"]


class Residual:
    """What a query demands of each item, made ready once for many.

    Args:
        query: As `swath._query.build.build_query` gives it.
    """

    def __init__(self, query: Query) -> None:
        """Prepare the area and compile the filter."""
        # The cheap demands come first.
        self._demands: list[Callable[[ItemDict], bool]] = []
        if query.collections:
            self._demands.append(_one_of("collection", query.collections))
        if query.ids:
            self._demands.append(_one_of("id", query.ids))
        if query.datetime is not None:
            self._demands.append(_within(query.datetime))
        if query.filter is not None:
            self._demands.append(_is_true(compile_filter(query.filter)))
        if query.intersects is not None:
            self._demands.append(_meets(Area(query.intersects)))

    def matches(self, item: ItemDict) -> bool:
        """Tell whether an item matches.

        Its time is from ``start_datetime`` to ``end_datetime`` where it has these, else ``datetime``, and has to share
        an instant with the query's; an item without time or geometry matches no query that asks for one.

        Raises:
            UnexpectedResponse: If the item's geometry is no GeoJSON.
        """
        return all(demand(item) for demand in self._demands)

    def matching(self, items: Iterable[ItemDict]) -> tuple[ItemDict, ...]:
        """Give those of a page's items that match; each demand is made of what is left of them.

        Raises:
            UnexpectedResponse: As `matches`.
        """
        left = items
        for demand in self._demands:
            left = filter(demand, left)
        return tuple(left)


def _one_of(key: str, allowed: tuple[str, ...]) -> Callable[[ItemDict], bool]:
    values = frozenset(allowed)
    return lambda item: item.get(key) in values


def _within(interval: Interval) -> Callable[[ItemDict], bool]:
    first, last = interval.start or FIRST, interval.end or LAST

    def holds(item: ItemDict) -> bool:
        span = item_span(item)
        return span is not None and span[0] <= last and span[1] >= first

    return holds


def _is_true(condition: Callable[[ItemDict], bool | None]) -> Callable[[ItemDict], bool]:
    return lambda item: condition(item) is True


def _meets(area: Area) -> Callable[[ItemDict], bool]:
    def holds(item: ItemDict) -> bool:
        shape = item_shape(item)
        return shape is not None and area.intersects(shape)

    return holds

# SPDX-License-Identifier: Apache-2.0
"""Apply a whole query again to what a provider gave."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from swath._query.evaluate import compile_filter
from swath._query.relations import Area
from swath._query.values import FIRST, LAST, item_shape, item_span
from swath.models import Interval, ItemDict, Query
from swath.models.explaining import QueryPart

__all__ = ["Demand", "Residual", "conditions_of"]


class Demand(NamedTuple):
    """One part of a query that each item has to meet."""

    part: QueryPart
    """Field of `Query`."""
    value: Any
    """What the field holds; of a filter, one of the conditions that all must hold."""
    holds: Callable[[ItemDict], bool]


class Residual:
    """What a query demands of each item, made ready once for many.

    Args:
        query: As `swath._query.build.build_query` gives it.
    """

    def __init__(self, query: Query) -> None:
        """Prepare the area and compile the filter."""
        # The cheap demands come first.
        self.demands: list[Demand] = []
        if query.collections:
            self._demand("collections", query.collections, _one_of("collection", query.collections))
        if query.ids:
            self._demand("ids", query.ids, _one_of("id", query.ids))
        if query.datetime is not None:
            self._demand("datetime", query.datetime, _within(query.datetime))
        for condition in conditions_of(query.filter):
            self._demand("filter", condition, _is_true(compile_filter(condition)))
        if query.intersects is not None:
            self._demand("intersects", query.intersects, _meets(Area(query.intersects)))
        self.left_out = [0] * len(self.demands)
        """How many items each demand was the first to leave out."""

    def matches(self, item: ItemDict) -> bool:
        """Tell whether an item matches, and count what leaves it out.

        Its time is from ``start_datetime`` to ``end_datetime`` where it has these, else ``datetime``, and has to share
        an instant with the query's; an item without time or geometry matches no query that asks for one.

        Raises:
            UnexpectedResponse: If the item's geometry is no GeoJSON.
        """
        for at, demand in enumerate(self.demands):
            if not demand.holds(item):
                self.left_out[at] += 1
                return False
        return True

    def matching(self, items: Iterable[ItemDict]) -> tuple[ItemDict, ...]:
        """Give those of a page's items that match, and count what leaves out the others.

        Raises:
            UnexpectedResponse: As `matches`.
        """
        left = list(items)
        for at, demand in enumerate(self.demands):
            before = len(left)
            left = list(filter(demand.holds, left))
            self.left_out[at] += before - len(left)
        return tuple(left)

    def _demand(self, part: QueryPart, value: Any, holds: Callable[[ItemDict], bool]) -> None:
        self.demands.append(Demand(part, value, holds))


def conditions_of(filter: Any) -> Iterator[Any]:  # noqa: A002  the field's name in Query
    """Go through the conditions of a filter that all must hold: nested ``and`` opened."""
    if filter is None:
        return
    if isinstance(filter, Mapping) and filter.get("op") == "and":
        for part in filter["args"]:
            yield from conditions_of(part)
    else:
        yield filter


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

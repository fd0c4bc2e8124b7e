# SPDX-License-Identifier: Apache-2.0
"""Turns one query into as many of the service's searches as it takes to miss nothing.

The service takes one simple polygon, one span of time, one sensor type and one product type a request, cuts long
answers off without saying so, and has no pages. What is asked here covers the query and may cover more: core filters
again.
"""

from __future__ import annotations

import datetime as dt
import heapq
import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn

from attrs import evolve, field, frozen

from swath.errors import NotFound, Rejected, UnexpectedResponse
from swath.models import Query
from swath.pushdown import Predicate, predicates
from swath.stac import CLOUD_COVER, ORBIT_STATE, PLATFORM, PRODUCT_TYPE
from swath_sedas.api import SeDASAPI
from swath_sedas.catalogue import Searchable, searchables
from swath_sedas.footprints import Ring, box_of, ring_of_box, rings_of, wkt_of
from swath_sedas.names import SENTINEL_1, SENTINEL_2
from swath_sedas.wire import SUSPICIOUS

__all__ = ["Slice", "find", "look_up", "newest_first", "plan", "sweep"]

Found = list[dict[str, Any]]

FIRST_DAY = dt.datetime(2014, 4, 3, tzinfo=dt.UTC)
"""Launch of Sentinel-1A: nothing in the archive is older."""

_SECOND = dt.timedelta(seconds=1)
_LONGEST = dt.timedelta(hours=1)
"""Longest acquisition. The service bounds its start, a query may mean any instant of it."""
_SMALLEST_DEGREES = 0.05
"""Side of an area that is not split any further."""
_BATCH = 20
"""Ids in one look-up."""
_SATELLITES = {
    f"{mission}{unit}": f"{mission.title()}{unit.upper()}" for mission in (SENTINEL_1, SENTINEL_2) for unit in "abcd"
}
"""The service's exact names by ours, for those whose spelling was seen."""


@frozen(kw_only=True)
class Slice:
    """One request of a search."""

    ring: Ring
    start: dt.datetime
    """Whole second, aware UTC, belongs to the slice."""
    stop: dt.datetime
    """Whole second, aware UTC, belongs to the slice."""
    sensor: str = "All"
    satellite: str = ""
    group: str = ""
    filters: Mapping[str, Any] = field(factory=dict)

    def halves(self) -> tuple[Slice, Slice] | None:
        """Split it in two that together cover it, the later one first; None where it is too small to be split.

        Time is split first. A whole orbit of Sentinel-2 tiles shares one start, so that then the area is split.
        """
        seconds = int((self.stop - self.start).total_seconds())
        if seconds > 1:
            middle = self.start + dt.timedelta(seconds=seconds // 2)
            # Both hold the middle: what starts within that second belongs to one of them for certain.
            return evolve(self, start=middle), evolve(self, stop=middle)
        west, south, east, north = box_of(self.ring)
        if max(east - west, north - south) < _SMALLEST_DEGREES:
            return None
        if east - west >= north - south:
            lon = (west + east) / 2
            boxes = (west, south, lon, north), (lon, south, east, north)
        else:
            lat = (south + north) / 2
            boxes = (west, lat, east, north), (west, south, east, lat)
        return evolve(self, ring=ring_of_box(boxes[0])), evolve(self, ring=ring_of_box(boxes[1]))

    def send(self, client: SeDASAPI) -> Found:
        """Ask the service for it."""
        query: dict[str, Any] = {"sensorFilters": {"type": self.sensor}, "filters": dict(self.filters)}
        query |= {"start": _written(self.start), "stop": _written(self.stop), "aoiWKT": wkt_of(self.ring)}
        if self.satellite:
            query["satelliteName"] = self.satellite
        if self.group:
            query["sourceGroup"] = self.group
        found: Found = client.search_polygon(query)["products"]
        return found


def _written(when: dt.datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def find(client: SeDASAPI, query: Query, *, now: dt.datetime, split_at: int = SUSPICIOUS) -> Iterator[Found]:
    """Yield the products that a query may mean, each once, answer by answer.

    Args:
        client: Over the opened account.
        query: As core normalised it.
        now: Aware UTC; an open end of time means tomorrow.
        split_at: Products in one answer from which on it counts as cut off.

    Raises:
        UnknownCollection: The query names a collection that there is not.
        UnexpectedResponse: An answer is cut off, and its search cannot be made any smaller.
    """
    seen: set[Any] = set()
    answers = look_up(client, query.ids) if query.ids else _sweep_all(client, query, now, split_at)
    for answer in answers:
        fresh = [one for one in answer if one.get("supplierId") not in seen]
        seen.update(one.get("supplierId") for one in fresh)
        yield fresh


def _sweep_all(client: SeDASAPI, query: Query, now: dt.datetime, split_at: int) -> Iterator[Found]:
    for first in plan(query, now=now, satellites=lambda: [str(one.get("name")) for one in client.list_satellites()]):
        yield from sweep(client, first, split_at=split_at)


def sweep(client: SeDASAPI, first: Slice, *, split_at: int = SUSPICIOUS) -> Iterator[Found]:
    """Search a slice and, where the answer may be cut off, its halves, latest first.

    A cut answer is yielded too, so that a caller who wants only a few products waits for one request only; its products
    come again with the halves.

    Raises:
        UnexpectedResponse: A slice that cannot be split has an answer that may be cut off.
    """
    stack = [first]
    while stack:
        part = stack.pop()
        found = part.send(client)
        yield found
        if len(found) < split_at:
            continue
        stack.extend(reversed(part.halves() or _refuse(part, len(found), split_at)))


def _refuse(part: Slice, found: int, split_at: int) -> NoReturn:
    raise UnexpectedResponse(
        f"the results are not complete: {found} products at {_written(part.start)} within"
        f" {box_of(part.ring)}, and the service cuts its answers off at about {split_at}",
        provider="sedas",
        hint="narrow the search by collection, platform or cloud cover",
    )


def newest_first(
    client: SeDASAPI, query: Query, *, now: dt.datetime, split_at: int = SUSPICIOUS
) -> Iterator[tuple[Found, dt.datetime | None]]:
    """Yield the products that a query may mean, each once, from the latest to the earliest.

    All slices are searched together, the one that reaches latest first, and one whose answer is cut off is split. So
    whoever takes only the newest products waits for few requests, however long the archive is.

    Args:
        client: Over the opened account.
        query: As core normalised it, without ids.
        now: Aware UTC.
        split_at: As in `find`.

    Yields:
        Products in any order, and the latest middle of an acquisition that may still come; None once all have come.

    Raises:
        UnexpectedResponse: As `find`.
    """
    slices = plan(query, now=now, satellites=lambda: [str(one.get("name")) for one in client.list_satellites()])
    order = itertools.count()
    waiting = [(-one.stop.timestamp(), next(order), one) for one in slices]
    heapq.heapify(waiting)
    seen: set[Any] = set()
    while waiting:
        *_, part = heapq.heappop(waiting)
        found = part.send(client)
        if len(found) >= split_at:
            for half in part.halves() or _refuse(part, len(found), split_at):
                heapq.heappush(waiting, (-half.stop.timestamp(), next(order), half))
            continue
        fresh = [one for one in found if one.get("supplierId") not in seen]
        seen.update(one.get("supplierId") for one in fresh)
        yield fresh, waiting[0][2].stop + _SECOND + _LONGEST if waiting else None


def look_up(client: SeDASAPI, ids: tuple[str, ...]) -> Iterator[Found]:
    """Look products up by id, several at once where the service can.

    Whether it takes several ids is not documented: where a batch is refused, or answered with one product or none, the
    others are looked up one by one.
    """
    for start in range(0, len(ids), _BATCH):
        batch = list(dict.fromkeys(ids[start : start + _BATCH]))
        found: Found = []
        if len(batch) > 1:
            try:
                found = client.search_product(",".join(batch))
            except (NotFound, Rejected):
                found = []
            yield found
        if len(found) > 1:
            continue
        known = {one.get("supplierId") for one in found}
        for one in batch:
            if one not in known:
                yield _look_up_one(client, one)


def _look_up_one(client: SeDASAPI, one: str) -> Found:
    """Look one product up; one that is not known is no error but no result."""
    try:
        return client.search_product(one)
    except NotFound:
        return []


# --- plan ----------------------------------------------------------------------------------------------------------


def plan(query: Query, *, now: dt.datetime, satellites: Callable[[], list[str]] = list) -> list[Slice]:
    """List the slices that together cover a query.

    Args:
        query: As core normalised it.
        now: Aware UTC.
        satellites: Gives the service's satellites; asked only for collections that are not built in.

    Raises:
        UnknownCollection: There is no such collection.
    """
    asked = predicates(query.filter).pushed if query.filter else ()
    made: dict[tuple[Any, ...], Slice] = {}
    for searchable in searchables(query.collections, satellites):
        start, stop = _span(query, searchable, now)
        if start > stop:
            continue
        filters, satellite = _pushed(asked, searchable)
        for ring in rings_of(query.intersects):
            one = Slice(
                ring=ring,
                start=start,
                stop=stop,
                sensor=searchable.sensor,
                satellite=satellite,
                group=searchable.group,
                filters=filters,
            )
            made[ring, start, stop, one.sensor, one.satellite, one.group, tuple(sorted(filters.items()))] = one
    return list(made.values())


def _span(query: Query, searchable: Searchable, now: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """Give the first and last start of an acquisition that can match, in whole seconds."""
    earliest = max(FIRST_DAY, searchable.since or FIRST_DAY)
    start = query.datetime.start if query.datetime else None
    stop = query.datetime.end if query.datetime else None
    first = earliest if start is None else max(start.astimezone(dt.UTC) - _LONGEST, earliest - _LONGEST)
    last = max(now, first) + dt.timedelta(days=1) if stop is None else stop.astimezone(dt.UTC)
    return first.replace(microsecond=0), (last + _SECOND).replace(microsecond=0)


def _pushed(asked: tuple[Predicate, ...], searchable: Searchable) -> tuple[dict[str, Any], str]:
    """Hand over the conditions that the service certainly reads as we do.

    Polarisation, mode and orbit number stay with core: how the service spells or compares them is not documented.

    Returns:
        The service's filters, and the name of the one satellite asked for.
    """
    filters: dict[str, Any] = dict(searchable.filters)
    satellite = searchable.satellite
    for one in asked:
        values = _equal_to(one)
        if one.property == CLOUD_COVER:
            most = _at_most(one)
            if most is not None:
                filters["maxCloudPercent"] = min(most, filters.get("maxCloudPercent", 100))
        elif one.property == ORBIT_STATE and values in (("ascending",), ("descending",)):
            filters["orbitDirection"] = values[0].upper()
        elif one.property == PLATFORM and len(values) == 1 and values[0] in _SATELLITES and not satellite:
            satellite = _SATELLITES[values[0]]
        elif one.property == PRODUCT_TYPE and len(values) == 1 and searchable.type_filter:
            filters.setdefault(searchable.type_filter, values[0])
    return filters, satellite


def _equal_to(one: Predicate) -> tuple[str, ...]:
    """Give the words that a condition allows, empty where it is no list of words."""
    values = (one.value,) if one.op == "=" else tuple(one.value) if one.op == "in" else ()
    return values if all(isinstance(value, str) for value in values) else ()


def _at_most(one: Predicate) -> int | None:
    """Give the percentage that a condition cannot exceed, a whole number above it; None where it sets no such bound.

    The service may round, and may mean below or up to: one percent more than asked for loses nothing.
    """
    bounds: list[Any] = []
    if one.op in {"=", "<", "<="}:
        bounds = [one.value]
    elif one.op == "between":
        bounds = [one.value[1]]
    elif one.op == "in":
        bounds = list(one.value)
    if not bounds or not all(type(bound) in {int, float} and math.isfinite(bound) for bound in bounds):
        return None
    return int(max(0, min(100, math.floor(max(bounds)) + 1)))

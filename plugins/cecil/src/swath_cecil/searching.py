# SPDX-License-Identifier: Apache-2.0
"""Finds what can be had for an area, and what was delivered for it."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import Final

from attrs import define, field

from swath import stac
from swath.hookspecs import Context
from swath.models import ItemDict, Query
from swath.native import workers
from swath.pushdown import conjuncts, predicate_of
from swath_cecil._api.account import Areas, Datasets, Subscriptions
from swath_cecil.areas import Area, area_of_id, code_of, hectares_of, item_of, refusal
from swath_cecil.delivered import delivery_of
from swath_cecil.models import AOI, Dataset, Subscription

__all__ = ["Known", "found"]

_DELIVERING: Final = frozenset({"processing", "completed", "partial", None})
_AT_ONCE: Final = 8


@define
class Known:
    """What an opened account keeps: datasets, and areas, whose geometry never changes. Any thread may use it."""

    _datasets: dict[str, Dataset] = field(factory=dict)
    _areas: dict[str, AOI] = field(factory=dict)
    _lock: threading.Lock = field(factory=threading.Lock)

    def datasets(self, context: Context, *, fresh: bool = False) -> dict[str, Dataset]:
        """Give the datasets by id."""
        with self._lock:
            if fresh or not self._datasets:
                self._datasets = {one.id: one for one in Datasets(context).listed()}
            return self._datasets

    def dataset(self, context: Context, dataset_id: str) -> Dataset:
        """Give a dataset, also one that is not listed any more."""
        listed = self.datasets(context).get(dataset_id)
        return listed if listed is not None else Datasets(context).get(dataset_id)

    def area(self, context: Context, area_id: str) -> AOI:
        """Give an area with its geometry."""
        known = self._areas.get(area_id)
        if known is None:
            known = self._areas[area_id] = Areas(context).get(area_id)
        return known

    def areas(self, context: Context, ids: Iterable[str]) -> list[AOI]:
        """Give areas with their geometries, several asked for at once."""
        wanted = list(ids)
        if len(wanted) <= 1 or all(one in self._areas for one in wanted):
            return [self.area(context, one) for one in wanted]
        with workers(_AT_ONCE) as pool:
            return list(pool.map(lambda one: self.area(context, one), wanted))


def found(context: Context, query: Query, known: Known) -> Iterator[ItemDict]:
    """Yield everything that may match: datasets over areas, then what was delivered.

    Without an area, those that are kept at Cecil are meant.
    """
    kinds = _kinds(query)
    datasets = [one for one in known.datasets(context).values() if not query.collections or one.id in query.collections]
    subscriptions = [one for one in Subscriptions(context).listed() if any(one.dataset_id == d.id for d in datasets)]
    kept = {one.id: one for one in known.areas(context, [one.id for one in Areas(context).listed()])}
    if "area" in kinds:
        yield from _areas(context, query, datasets, subscriptions, list(kept.values()))
    if "delivery" in kinds:
        yield from _deliveries(context, query, known, subscriptions)


def _kinds(query: Query) -> set[str]:
    """Say which kinds of items can match."""
    kinds = {"area", "delivery"}
    for node in conjuncts(query.filter):
        told = predicate_of(node)
        if told is not None and told.property == "cecil:kind" and told.op == "=":
            kinds &= {str(told.value)}
    return kinds


def _areas(
    context: Context,
    query: Query,
    datasets: list[Dataset],
    subscriptions: list[Subscription],
    kept: list[AOI],
) -> Iterator[ItemDict]:
    """Yield datasets over areas."""
    newest = {(one.aoi_id, one.dataset_id): one for one in sorted(subscriptions, key=lambda one: one.created_at)}
    asked: list[ItemDict] = [] if query.intersects is None else [query.intersects]
    asked += [area for area in (area_of_id(one)[2] for one in query.ids) if area is not None]
    areas: dict[str, list[Area]] = {}
    for one in kept:
        if one.geometry is not None and (not query.intersects or _meet(one.geometry, query.intersects)):
            area = Area(geometry=one.geometry, id=one.id, external_ref=one.external_ref, hectares=one.hectares)
            areas.setdefault(area.code, []).append(area)
    for geometry in asked:
        if geometry.get("type") in {"Polygon", "MultiPolygon"} and code_of(geometry) not in areas:
            areas[code_of(geometry)] = [Area(geometry=geometry, hectares=hectares_of(geometry))]
    now, wanted = context.time(), set(query.ids)
    for same in areas.values():
        for dataset in datasets:
            if wanted and f"{dataset.id}_{same[0].code}" not in wanted:
                continue
            # Of several areas that are one place, the one that has the dataset already.
            area = next((one for one in same if (one.id or "", dataset.id) in newest), same[0])
            subscription = newest.get((area.id or "", dataset.id))
            if subscription is None and refusal(dataset, area.geometry, area.hectares) is not None:
                continue
            yield item_of(dataset, area, now, subscription)


def _deliveries(context: Context, query: Query, known: Known, subscriptions: list[Subscription]) -> Iterator[ItemDict]:
    """Yield what was delivered."""
    named = {area_of_id(one)[0] for one in query.ids}
    for one in subscriptions:
        if one.status not in _DELIVERING or (named and one.id not in named):
            continue
        geometry = known.area(context, one.aoi_id).geometry
        if query.intersects is not None and geometry is not None and not _meet(geometry, query.intersects):
            continue
        yield from delivery_of(context, one, known.dataset(context, one.dataset_id), geometry).items


def _meet(one: ItemDict, other: ItemDict) -> bool:
    """Whether the bounds of two geometries meet; one that crosses the antimeridian may meet anything."""
    a, b = stac.bbox_of(one), stac.bbox_of(other)
    if a[0] > a[2] or b[0] > b[2]:
        return True
    return a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]

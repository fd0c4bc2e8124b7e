# SPDX-License-Identifier: Apache-2.0
"""Where and when a filter's matches can be at most, so that not the whole archive is looked through."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from swath.sandbox.catalogue import BBox
from swath_planet.sandbox.filters import parse_time, read_geometry

__all__ = ["Reach", "plan"]

_FIRST = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_LAST = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)


@frozen(kw_only=True)
class Reach:
    """An outer bound of what can match."""

    boxes: tuple[BBox, ...] | None = None
    """Areas; None for anywhere."""
    acquired: tuple[dt.datetime, dt.datetime] = (_FIRST, _LAST)
    published: tuple[dt.datetime, dt.datetime] = (_FIRST, _LAST)
    ids: frozenset[str] | None = None
    """Item ids; None for any."""

    def both(self, other: Reach) -> Reach:
        """Give the bound of what both can match."""
        return Reach(
            boxes=_fewer(self.boxes, other.boxes),
            acquired=_inner(self.acquired, other.acquired),
            published=_inner(self.published, other.published),
            ids=other.ids if self.ids is None else self.ids if other.ids is None else self.ids & other.ids,
        )

    def either(self, other: Reach) -> Reach:
        """Give a bound of what either can match."""
        return Reach(
            boxes=None if self.boxes is None or other.boxes is None else self.boxes + other.boxes,
            acquired=_outer(self.acquired, other.acquired),
            published=_outer(self.published, other.published),
            ids=None if self.ids is None or other.ids is None else self.ids | other.ids,
        )


def plan(node: Any, geometry: Any = None) -> Reach:
    """Bound a filter that `compile_filter` has accepted, together with a search's own geometry."""
    reach = _plan(node)
    return reach if geometry is None else reach.both(Reach(boxes=_boxes(geometry)))


def _plan(node: Any) -> Reach:
    if not isinstance(node, Mapping):
        return Reach()
    config = node.get("config")
    match node["type"]:
        case "AndFilter":
            return _all([_plan(one) for one in config or ()])
        case "OrFilter":
            return _any([_plan(one) for one in config or ()])
        case "GeometryFilter" if node.get("relation") != "disjoint":
            return Reach(boxes=_boxes(config))
        case "DateRangeFilter" if isinstance(config, Mapping) and node.get("field_name") in {"acquired", "published"}:
            span = _span(config)
            return Reach(acquired=span) if node["field_name"] == "acquired" else Reach(published=span)
        case "StringInFilter" if node.get("field_name") == "id" and isinstance(config, list):
            return Reach(ids=frozenset(config))
        case _:
            return Reach()


def _all(reaches: Sequence[Reach]) -> Reach:
    found = Reach()
    for reach in reaches:
        found = found.both(reach)
    return found


def _any(reaches: Sequence[Reach]) -> Reach:
    if not reaches:
        return Reach()
    found = reaches[0]
    for reach in reaches[1:]:
        found = found.either(reach)
    return found


def _boxes(geometry: Any) -> tuple[BBox, ...]:
    shape = read_geometry(geometry)
    parts = getattr(shape, "geoms", (shape,))
    return tuple((float(w), float(s), float(e), float(n)) for w, s, e, n in (part.bounds for part in parts))


def _span(config: Mapping[str, Any]) -> tuple[dt.datetime, dt.datetime]:
    lows = [parse_time(config[name]) for name in ("gt", "gte") if name in config]
    highs = [parse_time(config[name]) for name in ("lt", "lte") if name in config]
    return max(lows, default=_FIRST), min(highs, default=_LAST)


def _fewer(one: tuple[BBox, ...] | None, other: tuple[BBox, ...] | None) -> tuple[BBox, ...] | None:
    """Give the list of boxes that covers less; both bound what can match."""
    if one is None or other is None:
        return other if one is None else one
    return min(one, other, key=lambda boxes: sum((e - w) * (n - s) for w, s, e, n in boxes))


def _inner(
    one: tuple[dt.datetime, dt.datetime], other: tuple[dt.datetime, dt.datetime]
) -> tuple[dt.datetime, dt.datetime]:
    return max(one[0], other[0]), min(one[1], other[1])


def _outer(
    one: tuple[dt.datetime, dt.datetime], other: tuple[dt.datetime, dt.datetime]
) -> tuple[dt.datetime, dt.datetime]:
    return min(one[0], other[0]), max(one[1], other[1])

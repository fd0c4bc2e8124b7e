# SPDX-License-Identifier: Apache-2.0
"""How two areas or two times stand to each other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from swath._query.values import item_shape, lookup
from swath.models import ItemDict

__all__ = ["TEMPORAL_RELATIONS", "Area", "spatial"]

Span: TypeAlias = tuple[dt.datetime, dt.datetime]


# Closed intervals; an instant has its start as end. Source: OGC 21-065r2, 7.4 and table 8.
TEMPORAL_RELATIONS: dict[str, Callable[[Span, Span], bool]] = {
    "t_after": lambda a, b: a[0] > b[1],
    "t_before": lambda a, b: a[1] < b[0],
    "t_contains": lambda a, b: a[0] < b[0] and a[1] > b[1],
    "t_disjoint": lambda a, b: a[1] < b[0] or a[0] > b[1],
    "t_during": lambda a, b: a[0] > b[0] and a[1] < b[1],
    "t_equals": lambda a, b: a == b,
    "t_finishedBy": lambda a, b: a[0] < b[0] and a[1] == b[1],
    "t_finishes": lambda a, b: a[0] > b[0] and a[1] == b[1],
    "t_intersects": lambda a, b: a[0] <= b[1] and a[1] >= b[0],
    "t_meets": lambda a, b: a[1] == b[0],
    "t_metBy": lambda a, b: a[0] == b[1],
    "t_overlappedBy": lambda a, b: b[0] < a[0] < b[1] < a[1],
    "t_overlaps": lambda a, b: a[0] < b[0] < a[1] < b[1],
    "t_startedBy": lambda a, b: a[0] == b[0] and a[1] > b[1],
    "t_starts": lambda a, b: a[0] == b[0] and a[1] < b[1],
}

_INVERSE = {"s_contains": "s_within", "s_within": "s_contains"}


class Area:
    """A fixed area that many items are compared with.

    What touches the antimeridian touches it from both sides: the area counts at +180 and at -180.
    """

    def __init__(self, geometry: Mapping[str, Any]) -> None:
        """Read GeoJSON that is split at the antimeridian."""
        import shapely
        from shapely.affinity import translate
        from shapely.geometry import shape

        self.shape = shape(geometry)
        self._copies = [self.shape]
        west, _, east, _ = self.shape.bounds
        if west <= -180.0:
            self._copies.append(translate(self.shape, xoff=360.0))
        if east >= 180.0:
            self._copies.append(translate(self.shape, xoff=-360.0))
        for copy in self._copies:
            shapely.prepare(copy)

    def intersects(self, other: Any) -> bool:
        """Tell whether a shapely geometry has a point in common with the area."""
        return any(copy.intersects(other) for copy in self._copies)

    def judge(self, op: str, other: Any) -> bool:
        """Tell whether the area stands to a shapely geometry as a spatial operator says."""
        if op == "s_intersects":
            return self.intersects(other)
        if op == "s_disjoint":
            return not self.intersects(other)
        if op == "s_touches":
            return self.intersects(other) and all(c.touches(other) or c.disjoint(other) for c in self._copies)
        return bool(getattr(self.shape, op.removeprefix("s_"))(other))


def spatial(op: str, args: Sequence[Mapping[str, Any]]) -> Callable[[ItemDict], bool | None]:
    """Make a spatial condition; unknown where an item has no geometry."""
    left, right = args
    if "property" not in left and "property" not in right:
        truth = Area(left).judge(op, Area(right).shape)
        return lambda _: truth
    if "property" not in left or "property" not in right:
        # The fixed side asks, because only the asking side gains from being prepared.
        fixed, moving = (left, right) if "property" not in left else (right, left)
        area, asked = Area(fixed), op if fixed is left else _INVERSE.get(op, op)

        def holds(item: ItemDict) -> bool | None:
            other = _shape(item, moving["property"])
            return None if other is None else area.judge(asked, other)

        return holds

    def both(item: ItemDict) -> bool | None:
        a, b = _shape(item, left["property"]), _shape(item, right["property"])
        return None if a is None or b is None else bool(getattr(a, op.removeprefix("s_"))(b))

    return both


def _shape(item: ItemDict, name: str) -> Any:
    if name == "geometry":
        return item_shape(item)
    value = lookup(item, name)
    return (
        item_shape({"id": item.get("id"), "geometry": value})
        if isinstance(value, Mapping) and "type" in value
        else None
    )

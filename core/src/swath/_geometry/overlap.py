# SPDX-License-Identifier: Apache-2.0
"""Whether boxes meet, over the antimeridian too."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["boxes_meet"]


def boxes_meet(one: Sequence[float] | None, other: Sequence[float] | None) -> bool:
    """Say whether two boxes (RFC 7946: west may exceed east) have a point in common; an unknown one has none."""
    if not one or not other:
        return False
    a, b = _flat(one), _flat(other)
    if a[1] > b[3] or b[1] > a[3]:
        return False
    return any(max(west, west2) <= min(east, east2) for west, east in _spans(a) for west2, east2 in _spans(b))


def _flat(box: Sequence[float]) -> tuple[float, float, float, float]:
    half = len(box) // 2
    return box[0], box[1], box[half], box[half + 1]


def _spans(box: tuple[float, float, float, float]) -> list[tuple[float, float]]:
    west, _, east, _ = box
    return [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]

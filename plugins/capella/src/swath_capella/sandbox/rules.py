# SPDX-License-Identifier: Apache-2.0
"""What the service demands of tasking and repeat requests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from swath_capella.sandbox.access import validation

__all__ = ["check_place", "check_window", "checked_constraints", "words"]

_SHORTEST = {"urgent": dt.timedelta(hours=24), "priority": dt.timedelta(hours=72), "standard": dt.timedelta(days=7)}
_TIERS = frozenset({"urgent", "priority", "standard", "flexible", "internal", "7_day"})
TYPES = frozenset({
    "spotlight", "spotlight_ultra", "spotlight_wide", "stripmap_20", "stripmap_50", "stripmap_100",
    "parallel_stripmap_20", "parallel_stripmap_50", "parallel_stripmap_100",
})  # fmt: skip
_LOCAL_TIMES = {"day": [[21600, 64800]], "night": [[0, 21600], [64800, 86400]], "anytime": [[0, 86400]]}


def words(asked: Mapping[str, Any], name: str, otherwise: str) -> str:
    """Read a collection type.

    Raises:
        Refusal: 400 for one that there is not.
    """
    found = str(asked.get(name) or otherwise)
    if found not in TYPES:
        raise validation(f"must be one of {', '.join(sorted(TYPES))}", f"properties.{name}")
    return found


def check_window(start: dt.datetime, end: dt.datetime, tier: str) -> None:
    """Judge a window.

    Raises:
        Refusal: 400 if it is none, or too short for the tier.
    """
    if tier not in _TIERS:
        raise validation(f"must be one of {', '.join(sorted(_TIERS))}", "properties.collectionTier")
    if end <= start:
        raise validation("windowClose must be after windowOpen", "properties.windowClose")
    shortest = _SHORTEST.get(tier, dt.timedelta())
    if end - start < shortest:
        hours = int(shortest.total_seconds() // 3600)
        raise validation(f"the window must be at least {hours} hours long for tier {tier}", "properties.windowClose")


def check_place(geometry: Any, *, point_only: bool = False) -> None:
    """Judge a place.

    Raises:
        Refusal: 400 if it is none, or too far north or south.
    """
    kinds = {"Point"} if point_only else {"Point", "Polygon"}
    if not isinstance(geometry, Mapping) or geometry.get("type") not in kinds:
        raise validation(f"must be a {' or '.join(sorted(kinds))}", "geometry")
    try:
        points = [geometry["coordinates"]] if geometry["type"] == "Point" else geometry["coordinates"][0]
        inside = all(-180 <= point[0] <= 180 and -87.4 <= point[1] <= 87.4 for point in points)
    except (KeyError, IndexError, TypeError):
        raise validation("has no usable coordinates", "geometry") from None
    if not inside or not points:
        raise validation("must lie within 87.4 degrees of latitude", "geometry")


def checked_constraints(asked: Mapping[str, Any], geometry: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Judge and complete the constraints on acquisitions of a collection type.

    Raises:
        Refusal: 400 for one that breaks a rule.
    """
    made = {"lookDirection": "either", "ascDsc": "either", "orbitalPlanes": [], "localTime": [[0, 86400]], **asked}
    local = made["localTime"]
    if isinstance(local, str):
        if local not in _LOCAL_TIMES:
            raise validation("must be day, night, anytime or a list", "properties.collectConstraints.localTime")
        made["localTime"] = _LOCAL_TIMES[local]
    low, high = made.get("offNadirMin", 5), made.get("offNadirMax", 50)
    if not 5 <= low < high <= 50:
        raise validation("must be 5 <= offNadirMin < offNadirMax <= 50", "properties.collectConstraints.offNadirMax")
    most = 35 if "stripmap" in kind else 30
    if not 0 <= made.get("maxSquintAngle", 0) <= most:
        raise validation(f"must be at most {most} degrees", "properties.collectConstraints.maxSquintAngle")
    for name, allowed in (
        ("lookDirection", {"left", "right", "either"}),
        ("ascDsc", {"ascending", "descending", "either"}),
        ("polarization", {"HH", "VV", None}),
        ("squint", {"enabled", "disabled", "forward", "backward", None}),
    ):
        if made.get(name) not in allowed:
            raise validation(f"cannot be {made.get(name)!r}", f"properties.collectConstraints.{name}")
    return {**made, "collectMode": "spotlight" if geometry["type"] == "Point" else "stripmap"}

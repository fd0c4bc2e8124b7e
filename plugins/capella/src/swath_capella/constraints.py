# SPDX-License-Identifier: Apache-2.0
"""Says the constraints on a future acquisition in Capella's words; what cannot be said is refused.

Source: the Capella wire contract, 5.1, read 2026-11.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from swath import stac
from swath.errors import InvalidFilter
from swath.pushdown import Predicate, conjuncts, predicate_of, push_not_down

__all__ = ["CONSTRAINTS", "constraints_of"]

_RANGES: Final[Mapping[str, tuple[str, str]]] = {
    stac.OFF_NADIR: ("offNadirMin", "offNadirMax"),
    "capella:look_angle": ("offNadirMin", "offNadirMax"),
    stac.VIEW_AZIMUTH: ("azimuthAngleMin", "azimuthAngleMax"),
}
_WORDS: Final[Mapping[str, tuple[str, frozenset[str] | None]]] = {
    stac.ORBIT_STATE: ("ascDsc", frozenset({"ascending", "descending"})),
    stac.SAR_OBSERVATION_DIRECTION: ("lookDirection", frozenset({"left", "right"})),
    stac.SAR_POLARIZATIONS: ("polarization", frozenset({"HH", "VV"})),
    "capella:local_time": ("localTime", frozenset({"day", "night", "anytime"})),
    "capella:squint": ("squint", frozenset({"enabled", "disabled", "forward", "backward"})),
}
CONSTRAINTS: Final = (*_RANGES, *_WORDS, "capella:orbital_plane", "capella:image_width", "capella:max_squint_angle")
"""Properties that a task's filter may name."""


def constraints_of(filter_: Mapping[str, Any] | None, geometry: Mapping[str, Any]) -> dict[str, Any]:
    """Say a filter as ``collectConstraints``.

    Args:
        filter_: CQL2 JSON.
        geometry: Of the request: points may be squinted at, areas may not.

    Raises:
        InvalidFilter: For a condition that Capella cannot be given.
    """
    made: dict[str, Any] = {
        "ascDsc": "either",
        "lookDirection": "either",
        "squint": "enabled" if geometry.get("type") == "Point" else "disabled",
    }
    for node in conjuncts(None if filter_ is None else push_not_down(filter_)):
        found = predicate_of(node) or _member(node)
        if found is None or not _say(made, found):
            raise InvalidFilter(
                f"Capella cannot be tasked with the constraint {_shown(node)}",
                hint=f"join by 'and' single conditions on {', '.join(CONSTRAINTS)}",
                provider="capella",
            )
    return made


def _say(made: dict[str, Any], found: Predicate) -> bool:
    """Add one condition; false where it cannot be said."""
    if found.property in _RANGES:
        low, high = _RANGES[found.property]
        if found.op in {">=", ">"}:
            made[low] = found.value
        elif found.op in {"<=", "<"}:
            made[high] = found.value
        elif found.op == "between":
            made[low], made[high] = found.value
        else:
            return False
        return True
    if found.property in _WORDS:
        name, allowed = _WORDS[found.property]
        value = found.value[0] if found.op == "in" and len(found.value) == 1 else found.value
        if found.op not in {"=", "in"} or (allowed is not None and value not in allowed):
            return False
        made[name] = value
        return True
    if found.property == "capella:orbital_plane" and found.op in {"=", "in"}:
        made["orbitalPlanes"] = list(found.value) if found.op == "in" else [found.value]
        return True
    single = {"capella:image_width": ("imageWidth", "="), "capella:max_squint_angle": ("maxSquintAngle", "<=")}
    name, op = single.get(found.property, ("", ""))
    if not name or found.op not in {op, "="}:
        return False
    made[name] = found.value
    return True


def _member(node: Mapping[str, Any]) -> Predicate | None:
    """Read "the polarisations contain HH" as a condition on one word."""
    args = list(node.get("args") or [None, None])
    if node.get("op") in {"a_contains", "a_overlaps", "a_equals"} and isinstance(args[1], list) and len(args[1]) == 1:
        return Predicate(property=str(args[0].get("property")), op="=", value=args[1][0])
    return None


def _shown(node: Mapping[str, Any]) -> str:
    text = str(dict(node))
    return text if len(text) <= 120 else f"{text[:120]}…"

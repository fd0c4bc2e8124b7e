# SPDX-License-Identifier: Apache-2.0
"""Neutral words for what collections hold, so that nobody needs to know each provider's ids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from swath._suggest import suggest
from swath.errors import InputError

__all__ = ["KINDS", "check_kind", "kinds_of"]

KINDS: Final[Mapping[str, frozenset[str]]] = {
    "optical": frozenset({"optical", "multispectral", "hyperspectral", "visual"}),
    "sar": frozenset({"sar", "radar", "insar"}),
    "hyperspectral": frozenset({"hyperspectral"}),
    "thermal": frozenset({"thermal", "temperature"}),
    "elevation": frozenset({"elevation", "dem", "dsm", "dtm", "lidar"}),
    "vegetation": frozenset({"vegetation", "biomass", "canopy", "forest"}),
    "land-cover": frozenset({"land-cover", "landcover", "land-use"}),
    "table": frozenset({"table", "vector"}),
}
"""Keywords of collections, by our word."""


def check_kind(kind: str) -> str:
    """Take a word for a kind.

    Raises:
        InputError: For a word that there is not.
    """
    if kind not in KINDS:
        raise InputError(f"there is no kind {kind!r}", hint=suggest(str(kind), [*KINDS]))
    return kind


def kinds_of(collection: Mapping[str, Any]) -> frozenset[str]:
    """Say of which kinds a collection is, by its keywords and the fields of its items."""
    words = {str(word).casefold() for word in collection.get("keywords") or ()}
    fields = {str(name).partition(":")[0] for name in collection.get("summaries") or {}}
    found = {kind for kind, known in KINDS.items() if words & known}
    if "sar" in fields:
        found.add("sar")
    if "eo" in fields:
        found.add("optical")
    if "table" in fields or any(str(name).startswith("table:") for name in collection):
        found.add("table")
    return frozenset(found)

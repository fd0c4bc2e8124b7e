# SPDX-License-Identifier: Apache-2.0
"""Puts what an iterator gives into one JSON value."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable
from typing import Any

from swath_planet.exceptions import GeoJSONError
from swath_planet.geojson import as_featurecollection

__all__ = ["collect"]


async def collect(values: AsyncIterable[Any] | Iterable[Any]) -> list[Any] | dict[str, Any]:
    """Take all entries of an iterator.

    Args:
        values: What a client's search or list gives.

    Returns:
        A GeoJSON FeatureCollection where all entries are Features, also where there are none; else a list of them.
    """
    taken = [one async for one in values] if isinstance(values, AsyncIterable) else list(values)
    try:
        return as_featurecollection(taken)
    except GeoJSONError:
        return taken

# SPDX-License-Identifier: Apache-2.0
"""How much of an area is clear in an item, by its usable data mask."""

from __future__ import annotations

import json
import threading
from typing import Any

from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

from swath.sandbox import World
from swath_planet.sandbox.access import Call, bad_query
from swath_planet.sandbox.feature_store import FeatureStore
from swath_planet.sandbox.filters import read_geometry
from swath_planet.sandbox.holdings import Item
from swath_planet.sandbox.products import Content, Product

__all__ = ["Coverage", "band_percent"]

_MASK = Product(content=Content.UDM2, ending="")
_BANDS = ("clear", "snow", "shadow", "light_haze", "heavy_haze", "cloud", "confidence")
_AREAL = frozenset({"Polygon", "MultiPolygon"})


class Coverage:
    """Answers coverage requests; the first for a mask only starts its making."""

    def __init__(self, world: World, features: FeatureStore) -> None:
        self._world, self._features = world, features
        self._ready: set[tuple[str, ...]] = set()
        self._lock = threading.Lock()

    def answer(self, call: Call, item: Item) -> dict[str, Any]:
        """Give the percentage, or that it is not known yet.

        Raises:
            Refusal: 400 for a bad geometry, mode or band.
        """
        body = call.body if isinstance(call.body, dict) else {}
        place = self._features.geometry(call.account, body.get("geometry"), lambda text: bad_query(text, "geometry"))
        area = read_geometry(place, "geometry")
        mode, band = call.query.get("mode") or "UDM2", call.query.get("band") or "clear"
        if mode not in {"UDM2", "estimate"}:
            raise bad_query(f"{mode!r} is not a valid mode", "mode")
        if band not in _BANDS:
            raise bad_query(f"{band!r} is not a valid band", "band")
        key = (item.item_type, item.id, mode, band, json.dumps(place, sort_keys=True))
        with self._lock:
            known = key in self._ready
            self._ready.add(key)
        if not known and mode == "UDM2":
            return {"status": "activating"}
        percent = band_percent(item, area, band, pixels=self._world.scene_pixels)
        return {f"{band}_percent": percent, "status": "complete"}


def band_percent(item: Item, area: BaseGeometry, band: str, *, pixels: int) -> int:
    """Give the share of the part of an area that an item shows where a mask's band is set, percent, 0 to 100."""
    from swath_planet.sandbox.pixels import Picture

    seen = area.intersection(shape(item.scene.footprint))
    parts = [part for part in getattr(seen, "geoms", (seen,)) if part.geom_type in _AREAL]
    if not parts:
        return 0
    place = mapping(max(parts, key=lambda part: part.area))
    mask = Picture.of(item, _MASK, pixels=pixels, window=place).clipped(place).values
    inside = mask[6] > 0
    percent = round(100 * float(mask[_BANDS.index(band)][inside].mean())) if inside.any() else 0
    return round(percent / 100) if band == "confidence" else percent

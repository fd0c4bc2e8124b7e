# SPDX-License-Identifier: Apache-2.0
"""How much of an area is clear in an item, by its usable data mask."""

from __future__ import annotations

import json
import threading
from typing import Any

from shapely.geometry import mapping, shape

from swath.sandbox import World
from swath_planet.sandbox.access import Call, bad_query
from swath_planet.sandbox.filters import read_geometry
from swath_planet.sandbox.holdings import Item
from swath_planet.sandbox.products import Content, Product

__all__ = ["Coverage"]

_MASK = Product(content=Content.UDM2, ending="")
_BANDS = ("clear", "snow", "shadow", "light_haze", "heavy_haze", "cloud", "confidence")
_AREAL = frozenset({"Polygon", "MultiPolygon"})


class Coverage:
    """Answers coverage requests; the first for a mask only starts its making."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._ready: set[tuple[str, ...]] = set()
        self._lock = threading.Lock()

    def answer(self, call: Call, item: Item) -> dict[str, Any]:
        """Give the percentage, or that it is not known yet.

        Raises:
            Refusal: 400 for a bad geometry, mode or band.
        """
        from swath_planet.sandbox.pixels import Picture

        body = call.body if isinstance(call.body, dict) else {}
        area = read_geometry(body.get("geometry"), "geometry")
        mode, band = call.query.get("mode") or "UDM2", call.query.get("band") or "clear"
        if mode not in {"UDM2", "estimate"}:
            raise bad_query(f"{mode!r} is not a valid mode", "mode")
        if band not in _BANDS:
            raise bad_query(f"{band!r} is not a valid band", "band")
        key = (item.item_type, item.id, mode, band, json.dumps(body["geometry"], sort_keys=True))
        with self._lock:
            known = key in self._ready
            self._ready.add(key)
        if not known and mode == "UDM2":
            return {"status": "activating"}
        seen = area.intersection(shape(item.scene.footprint))
        parts = [part for part in getattr(seen, "geoms", (seen,)) if part.geom_type in _AREAL]
        if not parts:
            return {f"{band}_percent": 0, "status": "complete"}
        place = mapping(max(parts, key=lambda part: part.area))
        mask = Picture.of(item, _MASK, pixels=self._world.scene_pixels, window=place).clipped(place).values
        inside = mask[6] > 0
        percent = round(100 * float(mask[_BANDS.index(band)][inside].mean())) if inside.any() else 0
        if band == "confidence":
            percent = round(percent / 100)
        return {f"{band}_percent": percent, "status": "complete"}

# SPDX-License-Identifier: Apache-2.0
"""Reads what all providers gave into one dataset on one grid, and draws each provider's layer of it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from attrs import define, field

from swath._federation import Federation
from swath._load import summarise, write_quicklook
from swath.errors import NoOverlap

if TYPE_CHECKING:
    import pystac
    import xarray

    from swath._provider import Provider

__all__ = ["Together", "read_together"]

PIXEL_M: Final = 30.0
_COLOURS: Final = ("red", "green", "blue")
_LESSER: Final = frozenset({"thumbnail", "overview", "metadata", "visual"})


@define(kw_only=True)
class Together:
    """One dataset of several providers."""

    providers: list[str]
    items: list[str]
    bands: dict[str, list[str]]
    """By provider, the bands that it has; the others are nodata in its layer."""
    summary: dict[str, Any]
    seconds: float
    pictures: dict[str, Path] = field(factory=dict)
    """By provider, of one extent and one pixel size."""


def read_together(
    providers: Sequence[Provider], items: Mapping[str, Sequence[pystac.Item]], aoi: Mapping[str, Any], folder: Path
) -> Together | None:
    """Read one item of each provider onto one grid.

    Args:
        providers: All that are open.
        items: Downloaded rasters on the ground, by provider, those that are wanted most first.
        aoi: The area that is read, a Polygon.
        folder: Where pictures go.

    Returns:
        What was read; None where fewer than two providers gave something there.
    """
    started_s = time.perf_counter()
    ring = aoi["coordinates"][0]
    bbox = [pick(point[axis] for point in ring) for pick in (min, max) for axis in (0, 1)]
    grid: dict[str, Any] = {"crs": _utm(bbox), "resolution": PIXEL_M, "bbox": tuple(bbox), "groupby": "id"}
    with Federation(providers) as everyone:
        chosen: dict[str, pystac.Item] = {}
        bands: dict[str, list[str]] = {}
        for name, offered in items.items():
            of_colours_first = sorted(offered, key=lambda item: _bands(item) != list(_COLOURS))
            for item in of_colours_first:
                with contextlib.suppress(NoOverlap):
                    everyone.load([item], bands=_bands(item), **grid)
                    chosen[name], bands[name] = item, _bands(item)
                    break
        if len(chosen) < 2:
            return None
        wanted = list(dict.fromkeys(band for some in bands.values() for band in some))
        data: xarray.Dataset = everyone.load(list(chosen.values()), bands=wanted, **grid)
        pictures = {}
        for at, owner in enumerate(str(one) for one in data["provider"].values):
            path = folder / f"together-{owner}.png"
            pictures[owner] = write_quicklook(data.isel(time=[at])[bands[owner]], path)
        return Together(
            providers=list(chosen),
            items=[item.id for item in chosen.values()],
            bands=bands,
            summary=summarise(data),
            seconds=time.perf_counter() - started_s,
            pictures=pictures,
        )


def _utm(bbox: Sequence[float]) -> str:
    """Name the UTM zone in the middle of a box, degrees."""
    longitude, latitude = (bbox[0] + bbox[2]) / 2, (bbox[1] + bbox[3]) / 2
    return f"EPSG:{(32600 if latitude >= 0 else 32700) + int((longitude + 180) // 6) + 1}"


def _bands(item: pystac.Item) -> list[str]:
    """Name what is read of an item: its colours, else its first band."""
    data = {key: one for key, one in item.assets.items() if not _LESSER & set(one.roles or ())}
    described = [(key, band) for key, one in data.items() for band in one.extra_fields.get("bands") or ()]
    common = {band.get("eo:common_name") for _, band in described}
    if common.issuperset(_COLOURS):
        return list(_COLOURS)
    return [str(described[0][1].get("name") or described[0][0])] if described else [next(iter(data))]

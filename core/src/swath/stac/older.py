# SPDX-License-Identifier: Apache-2.0
"""Writes items as STAC 1.0 had them, for readers that have not learnt 1.1."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Final

from swath.stac.names import BANDS, PROJ_CODE

__all__ = ["to_stac_1_0"]

_BASE: Final = "https://stac-extensions.github.io"
_OLDER: Final = {
    f"{_BASE}/eo/v2.0.0/schema.json": f"{_BASE}/eo/v1.1.0/schema.json",
    f"{_BASE}/projection/v2.0.0/schema.json": f"{_BASE}/projection/v1.1.0/schema.json",
    f"{_BASE}/raster/v2.0.0/schema.json": f"{_BASE}/raster/v1.1.0/schema.json",
}
_OF_RASTER: Final = ("data_type", "nodata", "unit", "statistics")
_EPSG: Final = "proj:epsg"


def to_stac_1_0(item: Mapping[str, Any]) -> dict[str, Any]:
    """Write an Item in the words of STAC 1.0: ``proj:epsg``, ``eo:bands``, ``raster:bands``.

    Stackstac up to 0.5, among others, knows no ``proj:code``.

    Args:
        item: STAC 1.1 Item; it is not changed. Of a `pystac.Item`, pass ``item.to_dict()``.

    Returns:
        The Item. A CRS that has no EPSG code has ``proj:epsg`` None.
    """
    made: dict[str, Any] = copy.deepcopy(dict(item))
    made["stac_version"] = "1.0.0"
    made["stac_extensions"] = [_OLDER.get(url, url) for url in made.get("stac_extensions") or ()]
    for holder in (made.get("properties") or {}, *(made.get("assets") or {}).values()):
        if PROJ_CODE in holder:
            authority, _, code = str(holder.pop(PROJ_CODE)).partition(":")
            holder[_EPSG] = int(code) if authority == "EPSG" and code.isdigit() else None
    for asset in (made.get("assets") or {}).values():
        shared = {name: asset.pop(name) for name in _OF_RASTER if name in asset}
        shared |= {name: asset.pop(name) for name in [*asset] if name.startswith("raster:") and name != "raster:bands"}
        bands = asset.pop(BANDS, None) or ([{}] if shared else [])
        eo, raster = [], []
        for band in bands:
            told = {**shared, **band}
            eo.append({name.removeprefix("eo:"): value for name, value in band.items() if _is_of_eo(name)})
            raster.append({name.removeprefix("raster:"): value for name, value in told.items() if _is_of_raster(name)})
        for name, values in (("eo:bands", eo), ("raster:bands", raster)):
            if any(values):
                asset[name] = values
    return made


def _is_of_eo(name: str) -> bool:
    return name.startswith("eo:") or name in {"name", "description"}


def _is_of_raster(name: str) -> bool:
    return name.startswith("raster:") or name in _OF_RASTER

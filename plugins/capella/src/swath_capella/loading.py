# SPDX-License-Identifier: Apache-2.0
"""Loads products with what their extended metadata says; complex ones as they were recorded.

Source: the Capella wire contract, appendix A, read 2026-11.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from swath import native
from swath.errors import LoadError
from swath.models import ItemDict, LoadOptions
from swath_capella.items import DATA_KEYS

__all__ = ["complete", "load"]

_COMPLEX: Final = frozenset({"SLC", "SICD"})
_SCALED: Final = frozenset({"GEO", "GEC", "SLC"})
"""Products whose values times ``scale_factor`` are amplitudes."""
_ATTRIBUTES: Final[Mapping[str, tuple[str, ...]]] = {
    "product_type": ("product_type",),
    "product_version": ("product_version",),
    "platform": ("collect", "platform"),
    "mode": ("collect", "mode"),
    "collect_id": ("collect", "collect_id"),
    "radiometry": ("collect", "image", "radiometry"),
    "calibration": ("collect", "image", "calibration"),
    "enl": ("collect", "image", "enl"),
    "nesz_peak": ("collect", "image", "nesz_peak"),
    "image_geometry": ("collect", "image", "image_geometry"),
    "incidence_angle": ("collect", "image", "center_pixel", "incidence_angle"),
    "look_angle": ("collect", "image", "center_pixel", "look_angle"),
    "squint_angle": ("collect", "image", "center_pixel", "squint_angle"),
    "center_time": ("collect", "image", "center_pixel", "center_time"),
    "center_frequency_hz": ("collect", "radar", "center_frequency"),
    "pointing": ("collect", "radar", "pointing"),
    "orbit_direction": ("collect", "state", "direction"),
}
"""Where each attribute stands in the extended metadata; angles are degrees."""


def load(items: Sequence[ItemDict], options: LoadOptions) -> Any:
    """Load downloaded products.

    SLC and SICD are left in the sensor's geometry, so that their phase is kept, unless the options ask for a map: by a
    CRS, a resolution or an area.

    Raises:
        LoadError: They hold no image, or cannot be in one dataset.
    """
    kinds = {_kind(item): str(item.get("id")) for item in items}
    if "CPHD" in kinds:
        raise LoadError(
            f"{kinds['CPHD']} holds phase history, not an image",
            hint="load the SLC or SICD of the same capella:collect_id; for CPHD files there are readers such as sarpy",
        )
    on_map = options.crs or options.resolution or options.bbox or options.intersects
    as_recorded = not on_map and bool(_COMPLEX & kinds.keys())
    if as_recorded and not kinds.keys() <= _COMPLEX:
        raise LoadError(
            f"{', '.join(sorted(kinds))} do not share a geometry: complex products are in the sensor's",
            hint="load SLC and SICD by themselves, or put all on a map by crs='EPSG:...'",
        )
    told = [native.read_json(item, "metadata", options) for item in items]
    scaled = [_with_scale(item, one) for item, one in zip(items, told, strict=True)]
    data = native.load(scaled, options, as_recorded=as_recorded)
    if hasattr(data, "data_vars"):
        data.attrs.update(_attributes([one for one in told if one is not None]))
    return data


def complete(items: Sequence[ItemDict], options: LoadOptions) -> list[ItemDict]:
    """Say in the items what their extended metadata says of the values, for a load with other providers' items."""
    return [_with_scale(item, native.read_json(item, "metadata", options)) for item in items]


def _kind(item: ItemDict) -> str:
    properties = item.get("properties") or {}
    return str(properties.get("sar:product_type") or properties.get("product:type") or "")


def _with_scale(item: ItemDict, told: Any) -> ItemDict:
    """Add the factor from stored values to amplitudes to the item's data."""
    scale = _at(told, ("collect", "image", "scale_factor"))
    if _kind(item) not in _SCALED or not isinstance(scale, int | float):
        return item
    assets = {
        key: {**asset, "raster:scale": scale} if key in DATA_KEYS else asset
        for key, asset in (item.get("assets") or {}).items()
    }
    return {**item, "assets": assets}


def _attributes(told: Sequence[Any]) -> dict[str, Any]:
    """Give what all products agree on, as NetCDF takes it."""
    made: dict[str, Any] = {}
    for name, path in _ATTRIBUTES.items():
        values = [_at(one, path) for one in told]
        if values and values[0] is not None and all(one == values[0] for one in values):
            made[name] = json.dumps(values[0]) if isinstance(values[0], dict | list) else values[0]
    return made


def _at(told: Any, path: Sequence[str]) -> Any:
    for name in path:
        told = told.get(name) if isinstance(told, Mapping) else None
    return told

# SPDX-License-Identifier: Apache-2.0
"""Processing steps of a subscription, and the sequence they must have.

Source: Planet's documentation of the Subscriptions API (tools), read 2026-11.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from swath_planet import order_request
from swath_planet._building import given, one_of, typed
from swath_planet.exceptions import ClientError
from swath_planet.tools import KERNELS

__all__ = [
    "FilterValue",
    "band_math_tool",
    "cloud_filter_tool",
    "file_format_tool",
    "harmonize_tool",
    "reproject_tool",
    "steps_of",
    "toar_tool",
]

_WEIGHTS: Final = {
    "harmonize": 1,
    "toar": 2,
    "clip": 3,
    "reproject": 3,
    "bandmath": 3,
    "cloud_filter": 4,
    "file_format": 4,
}
"""Planet's tools in the sequence of their processing; those of one weight may stand in any."""
_AFTER_CLIP: Final = frozenset(list(_WEIGHTS)[list(_WEIGHTS).index("clip") + 1 :])


def steps_of(tools: Sequence[Any], *, clip_to_source: bool) -> list[Mapping[str, Any]]:
    """Check the sequence of the tools, and put cutting where it belongs."""
    kinds: list[str] = []
    for position, tool in enumerate(tools):
        kind = tool.get("type") if isinstance(tool, Mapping) else None
        if kind is None:
            raise ClientError(f"Tool at position {position} is missing required 'type' field.")
        if kind not in _WEIGHTS:
            raise ClientError(
                f"Invalid tool type {kind!r} at position {position}. Valid types are: {', '.join(_WEIGHTS)}"
            )
        if kinds and _WEIGHTS[kinds[-1]] > _WEIGHTS[kind]:
            raise ClientError(
                "Tools must be ordered according to their processing order. "
                f"Tool {kinds[-1]!r} cannot come before tool {kind!r}."
            )
        kinds.append(kind)
    steps = list(tools)
    if clip_to_source:
        if "clip" in kinds:
            raise ClientError("clip_to_source option conflicts with a configured clip tool.")
        at = next((index for index, kind in enumerate(kinds) if kind in _AFTER_CLIP), len(kinds))
        steps.insert(at, _tool("clip", {}))
    return steps


def _tool(kind: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": kind, "parameters": dict(parameters)}


band_math_tool = typed(order_request.band_math_tool, __name__)
file_format_tool = typed(order_request.file_format_tool, __name__)


def harmonize_tool(target_sensor: str) -> dict[str, Any]:
    """Make reflectances comparable with another sensor's, ``"Sentinel-2"``."""
    return _tool("harmonize", {"target_sensor": one_of("target_sensor", target_sensor, ("Sentinel-2",))})


def reproject_tool(projection: str, resolution: float | None = None, kernel: str = "near") -> dict[str, Any]:
    """Reproject.

    Args:
        projection: ``"EPSG:32631"`` or WKT.
        resolution: Pixel size in units of the projection; None keeps that of the input.
        kernel: ``"near"``, ``"bilinear"``, ``"cubic"``, ...
    """
    spelled = one_of("kernel", kernel, KERNELS)
    return _tool("reproject", given(projection=projection, kernel=spelled, resolution=resolution))


def toar_tool(scale_factor: int = 10000) -> dict[str, Any]:
    """Turn radiance into top-of-atmosphere reflectance, times `scale_factor`."""
    return _tool("toar", {"scale_factor": scale_factor})


@frozen
class FilterValue:
    """Bounds of a percentage, both included."""

    gte: float | None = None
    """At least, percent, 0 to 100."""
    lte: float | None = None
    """At most, percent, 0 to 100."""


def cloud_filter_tool(  # noqa: PLR0917  the signature that scripts know
    clear_percent: FilterValue | None = None,
    cloud_percent: FilterValue | None = None,
    shadow_percent: FilterValue | None = None,
    heavy_haze_percent: FilterValue | None = None,
    light_haze_percent: FilterValue | None = None,
    snow_ice_percent: FilterValue | None = None,
) -> dict[str, Any]:
    """Deliver only what fits after cutting: percentages of the area, not of the scene."""
    bounds = {
        "clear_percent": clear_percent,
        "cloud_percent": cloud_percent,
        "shadow_percent": shadow_percent,
        "heavy_haze_percent": heavy_haze_percent,
        "light_haze_percent": light_haze_percent,
        "snow_ice_percent": snow_ice_percent,
    }
    return _tool(
        "cloud_filter", {name: given(gte=one.gte, lte=one.lte) for name, one in bounds.items() if one is not None}
    )

# SPDX-License-Identifier: Apache-2.0
"""Checks the processing steps of an order and puts them in order.

Source: Planet's documentation of the Orders API (tools and their parameters), read 2026-11.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from swath.errors import InputError, NotSupported
from swath_planet.areas import clip_area

__all__ = ["KERNELS", "PIXEL_TYPES", "SENSORS", "TOOLS", "chain", "check_together", "shown"]

KERNELS: Final = (
    "near",
    "bilinear",
    "cubic",
    "cubicspline",
    "lanczos",
    "average",
    "mode",
    "min",
    "max",
    "med",
    "q1",
    "q3",
)
PIXEL_TYPES: Final = ("Auto", "8U", "16U", "16S", "32R")
SENSORS: Final = ("Sentinel-2", "PS2")
TOOLS: Final = ("harmonize", "toar", "coregister", "composite", "clip", "reproject", "bandmath", "tile", "file_format")
"""Names of the tools for scenes, in the sequence that Planet advises."""
_AFTER_CLIP: Final = frozenset({"reproject", "bandmath", "tile", "file_format"})


def _refuse(message: str, hint: str) -> InputError:
    return InputError(message, hint=hint, provider="planet")


def _one_of(tool: str, key: str, value: Any, allowed: Sequence[str]) -> str:
    """Give a word as Planet spells it.

    Raises:
        InputError: It is none of them.
    """
    found = next((one for one in allowed if isinstance(value, str) and one.lower() == value.lower()), None)
    if found is None:
        raise _refuse(f"tool {tool}: {key} is {value!r}", f"pass one of {', '.join(allowed)}")
    return found


def _needs(tool: str, parameters: Mapping[str, Any], *keys: str) -> None:
    missing = [key for key in keys if parameters.get(key) is None or parameters[key] == ""]
    if missing:
        raise _refuse(f"tool {tool} lacks {', '.join(missing)}", f"pass {{'{tool}': {{'{missing[0]}': ...}}}}")


def _knows(tool: str, parameters: Mapping[str, Any], *keys: str) -> None:
    unknown = [key for key in parameters if key not in keys]
    if unknown:
        allowed = ", ".join(keys)
        raise _refuse(f"tool {tool} has no parameter {', '.join(map(repr, unknown))}", f"its parameters are {allowed}")


def _clip(parameters: dict[str, Any]) -> dict[str, Any]:
    _needs("clip", parameters, "aoi")
    _knows("clip", parameters, "aoi")
    aoi = parameters["aoi"]
    if isinstance(aoi, str):
        return {"aoi": {"type": "ref", "content": aoi}}
    if not isinstance(aoi, Mapping):
        raise _refuse(f"tool clip: aoi is {aoi!r}", "pass a GeoJSON polygon, or a reference 'pl:features/my/...'")
    return {"aoi": dict(aoi) if aoi.get("type") == "ref" else clip_area(aoi)}


def _reproject(parameters: dict[str, Any]) -> dict[str, Any]:
    _needs("reproject", parameters, "projection")
    _knows("reproject", parameters, "projection", "resolution", "kernel")
    if parameters.get("kernel") is not None:
        parameters["kernel"] = _one_of("reproject", "kernel", parameters["kernel"], KERNELS)
    _positive("reproject", parameters, "resolution")
    return parameters


def _positive(tool: str, parameters: Mapping[str, Any], *keys: str) -> None:
    for key in keys:
        value = parameters.get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or value <= 0):
            raise _refuse(f"tool {tool}: {key} is {value!r}", "pass a number above 0")


def _harmonize(parameters: dict[str, Any]) -> dict[str, Any]:
    _knows("harmonize", parameters, "target_sensor")
    target = parameters.get("target_sensor") or "Sentinel-2"
    return {"target_sensor": _one_of("harmonize", "target_sensor", target, SENSORS)}


def _coregister(parameters: dict[str, Any]) -> dict[str, Any]:
    _needs("coregister", parameters, "anchor_item")
    _knows("coregister", parameters, "anchor_item")
    return parameters


def _toar(parameters: dict[str, Any]) -> dict[str, Any]:
    _knows("toar", parameters, "scale_factor")
    _positive("toar", parameters, "scale_factor")
    if (parameters.get("scale_factor") or 0) > 65535:
        raise _refuse(
            f"tool toar: scale_factor is {parameters['scale_factor']}", "pass at most 65535; more overflows uint16"
        )
    return parameters


def _composite(parameters: dict[str, Any]) -> dict[str, Any]:
    _knows("composite", parameters, "group_by")
    if parameters.get("group_by") is not None:
        parameters["group_by"] = _one_of("composite", "group_by", parameters["group_by"], ("order", "strip_id"))
    return parameters


def _tile(parameters: dict[str, Any]) -> dict[str, Any]:
    _needs("tile", parameters, "tile_size")
    _knows(
        "tile", parameters, "tile_size", "origin_x", "origin_y", "pixel_size", "name_template", "conformal_x_scaling"
    )
    _positive("tile", parameters, "tile_size", "pixel_size")
    if not isinstance(parameters["tile_size"], int):
        raise _refuse(f"tool tile: tile_size is {parameters['tile_size']!r}", "pass whole pixels")
    try:
        str(parameters.get("name_template", "")).format(tilex=0, tiley=0)
    except (KeyError, IndexError, ValueError, AttributeError):
        raise _refuse(
            f"tool tile: name_template is {parameters['name_template']!r}", "use {tilex:04d} and {tiley:04d} in it only"
        ) from None
    return parameters


def _bandmath(parameters: dict[str, Any]) -> dict[str, Any]:
    bands = sorted(int(key[1:]) for key in parameters if re.fullmatch(r"b\d+", key))
    _knows("bandmath", parameters, *(f"b{number}" for number in range(1, 16)), "pixel_type")
    if not bands or bands != list(range(1, len(bands) + 1)):
        raise _refuse(
            f"tool bandmath: its bands are {', '.join(f'b{number}' for number in bands) or 'none'}",
            "name them b1, b2, ... without a gap, for example {'bandmath': {'b1': '(b4-b3)/(b4+b3)'}}",
        )
    if parameters.get("pixel_type") is not None:
        parameters["pixel_type"] = _one_of("bandmath", "pixel_type", parameters["pixel_type"], PIXEL_TYPES)
    return parameters


def _file_format(parameters: dict[str, Any]) -> dict[str, Any]:
    _needs("file_format", parameters, "format")
    _knows("file_format", parameters, "format")
    return {"format": _one_of("file_format", "format", parameters["format"], ("COG", "PL_NITF"))}


_CHECKS: Final[Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    "clip": _clip,
    "reproject": _reproject,
    "harmonize": _harmonize,
    "coregister": _coregister,
    "toar": _toar,
    "composite": _composite,
    "tile": _tile,
    "bandmath": _bandmath,
    "file_format": _file_format,
}


def chain(
    tools: Sequence[Mapping[str, Any]], *, clip: Mapping[str, Any] | None = None, item_ids: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Write an order's tools as Planet takes them, in the sequence given.

    Args:
        tools: Each ``{"name": {parameters}}``; parameters that are None are left out, others are kept, 0 too.
        clip: Area to cut to; it goes before the first step that must come after cutting.
        item_ids: Of the order, for tools that name one.

    Raises:
        NotSupported: A tool is not for scenes.
        InputError: A tool or parameter does not exist, or its value cannot be.
        InvalidGeometry: The clip area is no polygon or too detailed.
    """
    made: list[dict[str, Any]] = []
    for tool in tools:
        if len(tool) != 1:
            raise _refuse(f"a tool must be one name with its parameters, not {sorted(tool)}", "pass {'name': {...}}")
        name, parameters = next(iter(tool.items()))
        made.append({name: _checked(name, parameters)})
    names = [next(iter(tool)) for tool in made]
    if clip is not None and "clip" in names:
        raise _refuse("the area to clip to is given twice", "pass clip= or a clip tool, not both")
    if clip is not None:
        at = next((index for index, name in enumerate(names) if name in _AFTER_CLIP), len(names))
        made.insert(at, {"clip": {"aoi": clip_area(clip)}})
    for tool in made:
        anchor = tool.get("coregister", {}).get("anchor_item")
        if anchor is not None and anchor not in item_ids:
            raise _refuse(f"tool coregister: anchor_item {anchor!r} is not in the order", "name one of its items")
    return made


def _checked(name: str, parameters: Any) -> dict[str, Any]:
    if name == "merge":
        raise NotSupported(
            "tool merge is for basemap orders only",
            hint="merge scenes with {'composite': {}}; order basemaps with swath_planet.order_request",
            provider="planet",
        )
    if name not in _CHECKS:
        near = difflib.get_close_matches(name, TOOLS, n=1)
        guess = f"; did you mean {near[0]!r}?" if near else ""
        raise _refuse(f"Planet has no tool {name!r}{guess}", f"choose from {', '.join(TOOLS)}")
    if parameters is not None and not isinstance(parameters, Mapping):
        raise _refuse(f"tool {name}: its parameters are {parameters!r}", f"pass {{'{name}': {{...}}}}")
    return _CHECKS[name]({key: value for key, value in (parameters or {}).items() if value is not None})


def check_together(tools: Sequence[Mapping[str, Any]], bundles: Mapping[str, Sequence[str]]) -> None:
    """Refuse tools that do not fit what is ordered.

    Args:
        tools: As `chain` gives them.
        bundles: Product bundles by item type.

    Raises:
        InputError: A tool is not for these item types or bundles.
    """
    names = [next(iter(tool)) for tool in tools]
    others = [kind for kind in bundles if kind != "PSScene"]
    if "harmonize" in names and others:
        raise _refuse(f"tool harmonize is for PSScene, not for {', '.join(others)}", "order those items on their own")
    if "composite" in names and len(bundles) > 1:
        raise _refuse(
            f"tool composite takes items of one type, not of {', '.join(bundles)}", "order each item type on its own"
        )
    basic = sorted({one for wanted in bundles.values() for one in wanted if one.startswith("basic_")})
    if "bandmath" in names and basic:
        raise _refuse(f"tool bandmath does not work on {', '.join(basic)}", "choose a bundle that is orthorectified")


def shown(tools: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Write tools for an asset's ``planet:tools``: without the clip area, which is the item's geometry then."""
    made: list[dict[str, Any]] = []
    for tool in tools:
        for name, parameters in tool.items():
            plain = dict(parameters) if isinstance(parameters, Mapping) else {}
            plain.pop("aoi", None)
            made.append({name: plain})
    return made

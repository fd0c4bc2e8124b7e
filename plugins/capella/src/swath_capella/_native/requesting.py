# SPDX-License-Identifier: Apache-2.0
"""Bodies of tasking and repeat requests, from the arguments of Capella's client.

Source: the Capella wire contract, 5.1, 5.6 and 6.1, read 2026-11.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final, Required, TypedDict

from swath_capella._native.times import as_moment, milliseconds
from swath_capella._native.words import as_list, geometry_of, nearest, plain
from swath_capella.exceptions import RepeatRequestPayloadValidationError

__all__ = ["Changes", "RepeatArguments", "TaskArguments", "changes_body", "repeat_body", "task_body"]

_CONSTRAINTS: Final[Mapping[str, str]] = {
    "off_nadir_min": "offNadirMin",
    "off_nadir_max": "offNadirMax",
    "image_width": "imageWidth",
    "orbital_planes": "orbitalPlanes",
    "asc_dsc": "ascDsc",
    "look_direction": "lookDirection",
    "local_time": "localTime",
    "polarization": "polarization",
    "azimuth_angle_min": "azimuthAngleMin",
    "azimuth_angle_max": "azimuthAngleMax",
    "squint": "squint",
    "max_squint_angle": "maxSquintAngle",
}
_HOLDBACKS: Final[Mapping[str, str]] = {
    "thirty_day": "30_day", "30 day": "30_day", "30 days": "30_day", "one_year": "1_year", "1 year": "1_year",
}  # fmt: skip
"""What the guide and the docstrings of Capella's client write, by what the service takes."""
_ALIASES: Final[Mapping[str, str]] = {"orbitalPlanes": "orbital_planes", "preApproval": "pre_approval"}
_WEEK: Final = dt.timedelta(days=7)


class _Arguments(TypedDict, total=False):
    """What both kinds of request take; see Capella's documentation of tasking."""

    geometry: Required[Any]
    name: Required[str]
    description: str | None
    collection_type: str | None
    archive_holdback: str | None
    custom_attribute_1: str | None
    custom_attribute_2: str | None
    product_types: Sequence[str] | None
    contract_id: str | None
    off_nadir_min: float | None
    off_nadir_max: float | None
    image_width: int | None
    orbital_planes: Sequence[int] | None
    asc_dsc: str | None
    look_direction: str | None
    local_time: str | Sequence[Any] | None
    polarization: str | None
    azimuth_angle_min: float | None
    azimuth_angle_max: float | None
    squint: str | None
    max_squint_angle: float | None


class TaskArguments(_Arguments, total=False):
    """Arguments of `CapellaConsoleClient.create_tasking_request`."""

    collection_tier: str | None
    window_open: dt.datetime | str | None
    window_close: dt.datetime | str | None
    pre_approval: bool


class RepeatArguments(_Arguments, total=False):
    """Arguments of `CapellaConsoleClient.create_repeat_request`."""

    collection_tier: str | None
    repeat_start: dt.datetime | str | None
    repeat_end: dt.datetime | str | None
    repetition_interval: int | None
    repetition_count: int | None
    maintain_scene_framing: bool | None
    look_angle_tolerance: float | None
    azimuth_angle_tolerance: float | None
    window_duration: float | None
    insar_orbit: str | None


class Changes(TypedDict, total=False):
    """What of a request can be changed."""

    name: str | None
    description: str | None
    custom_attribute_1: str | None
    custom_attribute_2: str | None
    product_types: Sequence[str] | None


_COMMON: Final[Mapping[str, Any]] = {
    "description": "", "collection_type": "spotlight", "archive_holdback": "none", "custom_attribute_1": None,
    "custom_attribute_2": None, "product_types": None, "contract_id": None, **dict.fromkeys(_CONSTRAINTS),
    "asc_dsc": "either", "look_direction": "either",
}  # fmt: skip
_TASK: Final[Mapping[str, Any]] = {
    **_COMMON, "collection_tier": "standard", "window_open": None, "window_close": None, "pre_approval": False,
}  # fmt: skip
_REPEAT: Final[Mapping[str, Any]] = {
    **_COMMON, "collection_tier": "routine", "repeat_start": None, "repeat_end": None, "repetition_interval": 7,
    "repetition_count": None, "maintain_scene_framing": None, "look_angle_tolerance": None,
    "azimuth_angle_tolerance": None, "window_duration": None, "insar_orbit": None,
}  # fmt: skip


def task_body(given: Mapping[str, Any], now: dt.datetime) -> dict[str, Any]:
    """Build a tasking request.

    Args:
        given: `TaskArguments`.
        now: When the window opens if nothing is said.

    Raises:
        TypeError: For an argument that does not exist, or one that is missing.
        ClientError: A time or the geometry cannot be read.
    """
    said = _complete(given, _TASK, "create_tasking_request")
    start = now if said["window_open"] is None else as_moment(said["window_open"], "window_open")
    end = start + _WEEK if said["window_close"] is None else as_moment(said["window_close"], "window_close")
    body = _feature(said, "taskingrequest")
    approved = bool(said["pre_approval"])
    body["properties"] |= {
        "windowOpen": milliseconds(start),
        "windowClose": milliseconds(end),
        # Documented and returned in camel case; Capella's own client sends the other.
        "preApproval": approved,
        "pre_approval": approved,
    }
    return body


def repeat_body(given: Mapping[str, Any], now: dt.datetime) -> dict[str, Any]:
    """Build a repeat request.

    Args:
        given: `RepeatArguments`.
        now: When it begins if nothing is said.

    Raises:
        TypeError: For an argument that does not exist, or one that is missing.
        RepeatRequestPayloadValidationError: An end and a count are both given.
        ClientError: A time or the geometry cannot be read.
    """
    said = _complete(given, _REPEAT, "create_repeat_request")
    if said["repeat_end"] is not None and said["repetition_count"] is not None:
        raise RepeatRequestPayloadValidationError(
            "Only one of 'repeat_end' and 'repetition_count' can be defined", hint="leave one of them out"
        )
    start = now if said["repeat_start"] is None else as_moment(said["repeat_start"], "repeat_start")
    end = None if said["repeat_end"] is None else milliseconds(as_moment(said["repeat_end"], "repeat_end"))
    body = _feature(said, "repeatrequest")
    repetition = {
        "repeatStart": milliseconds(start),
        "repeatEnd": end,
        "repetitionInterval": plain(said["repetition_interval"]),
        "repetitionCount": said["repetition_count"],
        "maintainSceneFraming": said["maintain_scene_framing"],
        "lookAngleTolerance": said["look_angle_tolerance"],
        "azimuthAngleTolerance": said["azimuth_angle_tolerance"],
    }
    body["properties"]["repetitionProperties"] = _known(repetition)
    if said["window_duration"] is not None:
        body["properties"]["windowDuration"] = said["window_duration"]
    if said["insar_orbit"] is not None:
        body["properties"]["insar"] = {"orbit": plain(said["insar_orbit"])}
    return body


def changes_body(given: Mapping[str, Any], prefix: str, call: str) -> dict[str, Any]:
    """Build the body of an update.

    Args:
        given: `Changes`.
        prefix: Of the names on the wire: ``"taskingrequest"`` or ``"repeatrequest"``.
        call: Name of the method.

    Raises:
        TypeError: For something that cannot be changed.
    """
    said = _complete(given, dict.fromkeys(Changes.__optional_keys__), call, required=())
    names = {
        f"{prefix}Name": said["name"],
        f"{prefix}Description": said["description"],
        "customAttribute1": said["custom_attribute_1"],
        "customAttribute2": said["custom_attribute_2"],
        "processingConfig": _processing(said["product_types"]),
    }
    return {"properties": _known(names)}


def _complete(
    given: Mapping[str, Any], defaults: Mapping[str, Any], call: str, required: Sequence[str] = ("geometry", "name")
) -> dict[str, Any]:
    """Add what was not said.

    Raises:
        TypeError: As Python does for a call.
    """
    said = {_ALIASES.get(name, name): value for name, value in given.items()}
    known = [*required, *defaults]
    for name in said:
        if name not in known:
            raise TypeError(f"{call}() got an unexpected keyword argument {name!r}; {nearest(name, known)}")
    missing = [name for name in required if name not in said]
    if missing:
        raise TypeError(f"{call}() needs {' and '.join(missing)}")
    return {**defaults, **said}


def _feature(said: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    geometry = geometry_of(said["geometry"])
    constraints = {wire: plain(said[name]) for name, wire in _CONSTRAINTS.items()}
    if constraints["squint"] is None:
        constraints["squint"] = "enabled" if geometry["type"] == "Point" else "disabled"
    if constraints["orbitalPlanes"] is not None:
        constraints["orbitalPlanes"] = as_list(constraints["orbitalPlanes"])
    holdback = plain(said["archive_holdback"])
    properties = {
        f"{prefix}Name": said["name"],
        f"{prefix}Description": said["description"],
        "collectionTier": plain(said["collection_tier"]),
        "collectionType": plain(said["collection_type"]),
        "archiveHoldback": _HOLDBACKS.get(holdback, holdback),
        "customAttribute1": said["custom_attribute_1"],
        "customAttribute2": said["custom_attribute_2"],
        "collectConstraints": _known(constraints),
    }
    if said["product_types"] is not None:
        properties["processingConfig"] = _processing(said["product_types"])
    body: dict[str, Any] = {"type": "Feature", "geometry": geometry, "properties": properties}
    if said["contract_id"] is not None:
        body["contractId"] = said["contract_id"]
    return body


def _processing(product_types: Any) -> dict[str, Any] | None:
    return None if product_types is None else {"productTypes": [plain(one) for one in as_list(product_types)]}


def _known(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}

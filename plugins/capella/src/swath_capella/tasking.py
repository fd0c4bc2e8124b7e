# SPDX-License-Identifier: Apache-2.0
"""Tasking and repeat requests as swath's tasks and standing orders.

Source: the Capella wire contract, 5 and 6, read 2026-11.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from attrs import evolve

from swath.errors import InputError, UnexpectedResponse
from swath.models import Order, OrderState, Quote, SubscribeRequest, TaskRequest, find_tag
from swath_capella._api.base import dollars
from swath_capella.collections import TASKED
from swath_capella.constraints import constraints_of
from swath_capella.items import time_of

__all__ = ["REPEAT_OPTIONS", "STATES", "TASK_OPTIONS", "repeat_body", "repeat_seen", "task_body", "task_seen"]

STATES: Final[Mapping[str, OrderState]] = {
    "received": OrderState.ORDERED,
    "review": OrderState.ORDERED,
    "submitted": OrderState.PENDING,
    "active": OrderState.PENDING,
    "accepted": OrderState.PENDING,
    "anomaly": OrderState.PENDING,
    "retrying": OrderState.PENDING,
    "completed": OrderState.SUCCEEDED,
    "rejected": OrderState.FAILED,
    "expired": OrderState.FAILED,
    "error": OrderState.FAILED,
    "failed": OrderState.FAILED,
    "canceled": OrderState.CANCELED,
    "cancelled": OrderState.CANCELED,
}
"""Our state for each of Capella's words; a word that is not here is pending."""
_BEFORE_APPROVAL: Final = frozenset({"received", "review"})
_SHARED: Final[Mapping[str, str]] = {
    "tier": "how soon: urgent, priority, standard (default) or flexible",
    "product_types": "products beside SLC and GEO, as ['GEC', 'SICD']",
    "archive_holdback": "until when nobody else gets it: none (default), 30_day, 1_year or permanent",
    "description": "your own words",
    "contract_id": "contract to charge; the organisation's default one otherwise",
    "custom_attribute_1": "your own attribute",
    "custom_attribute_2": "your own attribute",
}
TASK_OPTIONS: Final = _SHARED
"""Order parameters of a task, each with a line of help."""
REPEAT_OPTIONS: Final[Mapping[str, str]] = {
    **_SHARED,
    "tier": "routine (default), flexible, insar",
    "every_days": "days from one acquisition to the next, 7 by default",
    "count": "how many acquisitions; not together with an end",
    "window_duration": "seconds in which each acquisition may be made",
    "maintain_scene_framing": "whether each shall show the same area, true or false",
    "look_angle_tolerance": "degrees",
    "azimuth_angle_tolerance": "degrees",
    "insar_orbit": "for interferometry: MIO_53_2P95 (every 2.95 days) or SSO_97_7P00 (every 7)",
}
"""Order parameters of a standing order, each with a line of help."""
_TIERS: Final = ("urgent", "priority", "standard", "flexible", "internal")
_REPEAT_TIERS: Final = ("routine", "flexible", "insar", "internal", "insar-internal")
_HOLDBACKS: Final = ("none", "30_day", "1_year", "permanent")
_PRODUCTS: Final = ("SLC", "GEO", "SICD", "GEC", "SIDD", "CPHD", "CSI", "CSIDD", "VC", "VS", "ACD")


def task_body(request: TaskRequest) -> dict[str, Any]:
    """Build the body of a tasking request. It never goes ahead without approval.

    Raises:
        InvalidFilter: For a constraint that Capella cannot be given.
        InputError: For an option's value that it does not have.
    """
    options = request.options
    start, end = request.datetime.start, request.datetime.end
    if start is None or end is None:
        raise InputError(
            "a task needs a time with start and end", hint="pass datetime='2026-06-01/2026-06-08'", provider="capella"
        )
    properties = {
        "taskingrequestName": request.reference,
        "taskingrequestDescription": str(options.get("description") or ""),
        "windowOpen": _stamp(start),
        "windowClose": _stamp(end),
        "collectionTier": _choice("tier", options.get("tier", "standard"), _TIERS),
        "preApproval": False,
        **_common(request.geometry, request.collection, request.filter, options),
    }
    return _feature(request.geometry, properties, options)


def repeat_body(request: SubscribeRequest) -> dict[str, Any]:
    """Build the body of a repeat request.

    Raises:
        InvalidFilter: For a constraint that Capella cannot be given.
        InputError: If the place is no point, or an option has a value that it does not have.
    """
    query, options = request.query, request.options
    if query.intersects is None or query.intersects.get("type") != "Point":
        raise InputError(
            "Capella repeats acquisitions of points only", hint="pass intersects='POINT (lon lat)'", provider="capella"
        )
    if len(query.collections) > 1:
        raise InputError("a repeat request has one mode", hint=f"choose one of {', '.join(TASKED)}", provider="capella")
    if request.assets or request.bundle or request.tools or request.delivery:
        raise InputError(
            "Capella's repeat requests take no assets, bundle, tools or delivery",
            hint="choose products by the option product_types",
            provider="capella",
        )
    orbit = options.get("insar_orbit")
    properties = {
        "repeatrequestName": request.reference,
        "repeatrequestDescription": str(options.get("description") or ""),
        "collectionTier": _choice("tier", options.get("tier", "insar" if orbit else "routine"), _REPEAT_TIERS),
        "repetitionProperties": _repetition(request),
        **_common(query.intersects, next(iter(query.collections), None), query.filter, options),
    }
    if orbit is not None:
        properties["insar"] = {"orbit": _choice("insar_orbit", orbit, ("MIO_53_2P95", "SSO_97_7P00"))}
        properties["collectConstraints"]["squint"] = "disabled"
    if options.get("window_duration") is not None:
        properties["windowDuration"] = _whole("window_duration", options["window_duration"])
    return _feature(query.intersects, properties, options)


def _repetition(request: SubscribeRequest) -> dict[str, Any]:
    """Say when it is repeated."""
    options = request.options
    time = request.query.datetime
    repetition: dict[str, Any] = {"repetitionInterval": _whole("every_days", options.get("every_days", 7))}
    if time is not None and time.start is not None:
        repetition["repeatStart"] = _stamp(time.start)
    if time is not None and time.end is not None:
        repetition["repeatEnd"] = _stamp(time.end)
    if options.get("count") is not None:
        if "repeatEnd" in repetition:
            raise InputError("an end and a count exclude each other", hint="pass one of them", provider="capella")
        repetition["repetitionCount"] = _whole("count", options["count"])
    for name, native in (
        ("maintain_scene_framing", "maintainSceneFraming"),
        ("look_angle_tolerance", "lookAngleTolerance"),
        ("azimuth_angle_tolerance", "azimuthAngleTolerance"),
    ):
        if options.get(name) is not None:
            repetition[native] = options[name]
    return repetition


def _feature(geometry: Mapping[str, Any], properties: dict[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {"type": "Feature", "geometry": dict(geometry), "properties": properties}
    if options.get("contract_id") is not None:
        body["contractId"] = options["contract_id"]
    return body


def _common(
    geometry: Mapping[str, Any], collection: str | None, filter_: Mapping[str, Any] | None, options: Mapping[str, Any]
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "collectionType": _choice("collection", collection or "spotlight", tuple(TASKED)),
        "archiveHoldback": _choice("archive_holdback", options.get("archive_holdback", "none"), _HOLDBACKS),
        "customAttribute1": options.get("custom_attribute_1"),
        "customAttribute2": options.get("custom_attribute_2"),
        "collectConstraints": constraints_of(filter_, geometry),
    }
    wanted = options.get("product_types")
    if wanted:
        listed = [wanted] if isinstance(wanted, str) else list(wanted)
        made["processingConfig"] = {
            "productTypes": [_choice("product_types", str(one).upper(), _PRODUCTS) for one in listed]
        }
    return made


def _choice(name: str, value: Any, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise InputError(f"{name} cannot be {value!r}", hint=f"choose one of {', '.join(allowed)}", provider="capella")
    return str(value)


def _whole(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InputError(f"{name} is a whole number above 0, not {value!r}", hint="pass an int", provider="capella")
    return value


def _stamp(time: dt.datetime) -> str:
    """Write a time in UTC, with milliseconds."""
    moment = time.astimezone(dt.UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


# --- what comes back --------------------------------------------------------------------------------------------------


def task_seen(record: Mapping[str, Any], known: Order | None = None) -> Order:
    """Read a tasking request as an order of kind ``"task"``."""
    properties, code, message = _state(record)
    made = known or Order(provider="capella", kind="task")
    summary = (properties.get("order") or {}).get("summary") or {}
    price = dollars(summary.get("total"))
    name = properties.get("taskingrequestName")
    return evolve(
        made,
        id=str(properties.get("taskingrequestId") or made.id),
        tag=made.tag or find_tag(name) or "",
        kind="task",
        state=STATES.get(code, OrderState.PENDING),
        native_state=code,
        message=message,
        created=time_of(properties.get("submissionTime")) or made.created,
        awaits_approval=code in _BEFORE_APPROVAL and not properties.get("preApproval"),
        quote=made.quote if price is None else Quote(amount=price, unit="USD", note="Capella's price for the task"),
        raw=dict(record),
    )


def repeat_seen(record: Mapping[str, Any], known: Order | None = None) -> Order:
    """Read a repeat request as an order of kind ``"subscription"``: on its way while it goes on."""
    properties, code, message = _state(record)
    made = known or Order(provider="capella", kind="subscription")
    state = STATES.get(code, OrderState.PENDING)
    price = dollars(properties.get("costPerImageEstimate"))
    each = None if price is None else Quote(unit="USD", note=f"about {price:,.2f} USD an image")
    return evolve(
        made,
        id=str(properties.get("repeatrequestId") or made.id),
        tag=made.tag or find_tag(properties.get("repeatrequestName")) or "",
        kind="subscription",
        state=state if state.is_final else OrderState.SHIPPING,
        native_state=code,
        message=message,
        created=time_of(properties.get("submissionTime")) or made.created,
        quote=made.quote or each,
        raw=dict(record),
    )


def _state(record: Mapping[str, Any]) -> tuple[Mapping[str, Any], str, str]:
    """Give the properties, and the newest of the states."""
    properties = record.get("properties")
    if not isinstance(properties, Mapping):
        raise UnexpectedResponse("a request's record has no properties", provider="capella")
    history = properties.get("statusHistory") or [{}]
    newest = history[0] if isinstance(history[0], Mapping) else {}
    return properties, str(newest.get("code") or ""), str(newest.get("message") or "")

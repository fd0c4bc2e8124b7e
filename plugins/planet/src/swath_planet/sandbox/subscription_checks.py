# SPDX-License-Identifier: Apache-2.0
"""What the Subscriptions API says of a request before it takes it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from swath_planet.sandbox.access import Account, Refusal
from swath_planet.sandbox.bundles import SPEC
from swath_planet.sandbox.destinations import KINDS, missing_parameter
from swath_planet.sandbox.feature_store import problem
from swath_planet.sandbox.filters import compile_filter, parse_time
from swath_planet.sandbox.holdings import ITEM_TYPES
from swath_planet.sandbox.recurrence import read_rule

__all__ = ["TOPICS", "check_subscription", "refusal"]

TOPICS = (
    "delivery.success", "delivery.match", "delivery.failed", "status.backfill.completed", "status.completed",
    "status.cancelled", "status.pending", "status.all", "status.suspended", "status.failed",
)  # fmt: skip
"""What webhooks can be asked for."""
_TOOLS = frozenset({"bandmath", "clip", "cloud_filter", "file_format", "harmonize", "reproject", "toar"})
_CLOUDS = frozenset({
    "clear_percent", "cloud_percent", "shadow_percent", "heavy_haze_percent", "light_haze_percent", "snow_ice_percent",
})  # fmt: skip
_STAGES = frozenset({"preview", "standard", "finalized"})
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def refusal(*details: str) -> Refusal:
    """Make the answer to a subscription that is not taken."""
    return Refusal(400, {"error": {"reason": "Request failed schema validation", "details": list(details)}})


def check_subscription(
    body: Any,
    account: Account,
    *,
    area: Callable[[Any], Any],
    destination_problem: Callable[[Any], str | None],
) -> None:
    """Check a request.

    Args:
        body: The request.
        account: Whose it is.
        area: Gives the geometry that a Features reference stands for.
        destination_problem: Says what is wrong with a reference to a destination.

    Raises:
        Refusal: 400, with all that is wrong.
    """
    if not isinstance(body, Mapping):
        raise refusal("the request body must be a JSON object")
    wrong: list[str] = []
    if not isinstance(body.get("name"), str) or not body["name"].strip():
        wrong.append("name: is required")
    source = body.get("source")
    parameters = source.get("parameters") if isinstance(source, Mapping) else None
    if not isinstance(parameters, Mapping):
        wrong.append("source.parameters: is required")
    else:
        wrong += _time_span(parameters)
        wrong += _area(parameters.get("geometry"), area, "source.parameters.geometry")
        wrong += _catalog(parameters, account) if "item_types" in parameters else _product(parameters)
    wrong += _tools(body.get("tools"), area)
    wrong += _delivery(body, destination_problem, is_catalog=isinstance(parameters, Mapping) and "id" not in parameters)
    wrong += _notifications(body.get("notifications"))
    if wrong:
        raise refusal(*wrong)


def _time(value: Any) -> dt.datetime | None:
    try:
        return parse_time(value)
    except Refusal:
        return None


def _time_span(parameters: Mapping[str, Any]) -> list[str]:
    start, end = _time(parameters.get("start_time")), parameters.get("end_time")
    if start is None:
        return ["source.parameters.start_time: must be an RFC 3339 time"]
    if end is None:
        return []
    last = _time(end)
    if last is None:
        return ["source.parameters.end_time: must be an RFC 3339 time"]
    return [] if last > start else ["source.parameters.end_time: must be after start_time"]


def _area(geometry: Any, area: Callable[[Any], Any], where: str) -> list[str]:
    try:
        found = problem(area(geometry))
    except Refusal as err:
        return list(err.body["error"]["details"])
    return [f"{where}: {found[1]}"] if found else []


def _product(parameters: Mapping[str, Any]) -> list[str]:
    known = isinstance(parameters.get("id"), str) and parameters["id"]
    return [] if known else ["source.parameters: item_types or id is required"]


def _catalog(parameters: Mapping[str, Any], account: Account) -> list[str]:
    types, assets = parameters.get("item_types"), parameters.get("asset_types")
    if not isinstance(types, list) or len(types) != 1 or types[0] not in ITEM_TYPES:
        return [f"source.parameters.item_types: must name one known item type, not {types!r}"]
    known = {name for bundle in SPEC["bundles"].values() for name in bundle["assets"].get(types[0], ())}
    wrong = []
    if not isinstance(assets, list) or not assets:
        wrong.append("source.parameters.asset_types: is required")
    else:
        wrong += [f"source.parameters.asset_types: unknown {one!r}" for one in assets if one not in known]
    try:
        compile_filter(parameters.get("filter"), account)
    except Refusal as err:
        wrong.append(f"source.parameters.filter: {err.body['general'][0]['message']}")
    try:
        read_rule(parameters.get("rrule"))
    except ValueError as err:
        wrong.append(f"source.parameters.rrule: {err}")
    if not set(parameters.get("publishing_stages") or ()) <= _STAGES:
        wrong.append("source.parameters.publishing_stages: must be preview, standard or finalized")
    if parameters.get("time_range_type") not in {None, "acquired", "published"}:
        wrong.append("source.parameters.time_range_type: must be acquired or published")
    if parameters.get("geometry_relation") not in {None, "intersects", "contains", "within"}:
        wrong.append("source.parameters.geometry_relation: must be intersects, contains or within")
    return wrong


def _tools(tools: Any, area: Callable[[Any], Any]) -> list[str]:
    if tools is None:
        return []
    if not isinstance(tools, list) or not all(isinstance(tool, Mapping) for tool in tools):
        return ["tools: must be a list of objects"]
    wrong = [f"tools: unknown type {tool.get('type')!r}" for tool in tools if tool.get("type") not in _TOOLS]
    for tool in tools:
        if tool.get("type") == "clip" and "aoi" in (tool.get("parameters") or {}):
            wrong += _area(tool["parameters"]["aoi"], area, "tools: clip")
        if tool.get("type") != "cloud_filter":
            continue
        for name, bounds in (tool.get("parameters") or {}).items():
            if name not in _CLOUDS or not isinstance(bounds, Mapping) or not set(bounds) <= {"gte", "lte"}:
                wrong.append(f"tools: cloud_filter cannot have {name!r}: {bounds!r}")
    return wrong


def _delivery(
    body: Mapping[str, Any], destination_problem: Callable[[Any], str | None], *, is_catalog: bool
) -> list[str]:
    delivery, hosting = body.get("delivery"), body.get("hosting")
    if delivery and hosting:
        return ["delivery and hosting exclude each other"]
    if hosting is not None:
        return _hosting(hosting)
    if not delivery:
        return ["delivery: is required"] if is_catalog else []
    kind, parameters = (delivery.get("type"), delivery.get("parameters")) if isinstance(delivery, Mapping) else (0, 0)
    if not isinstance(parameters, Mapping):
        return ["delivery.parameters: is required"]
    if kind == "destination":
        found = destination_problem(parameters.get("ref"))
        return [f"delivery.parameters.ref: {found}"] if found else []
    if kind not in KINDS:
        return [f"delivery.type: unknown {kind!r}"]
    missing = missing_parameter(str(kind), parameters)
    return [f"delivery.parameters.{missing}: is required"] if missing else []


def _hosting(hosting: Any) -> list[str]:
    if not isinstance(hosting, Mapping) or hosting.get("type") != "sentinel_hub":
        return ["hosting.type: must be sentinel_hub"]
    settings = hosting.get("parameters") or {}
    if not isinstance(settings, Mapping):
        return ["hosting.parameters: must be an object"]
    both = settings.get("collection_id") and settings.get("create_configuration")
    return ["hosting.parameters: collection_id and create_configuration exclude each other"] if both else []


def _notifications(notifications: Any) -> list[str]:
    if notifications is None:
        return []
    webhook = notifications.get("webhook") if isinstance(notifications, Mapping) else None
    if webhook is None:
        return []
    url, topics = (webhook.get("url"), webhook.get("topics")) if isinstance(webhook, Mapping) else (None, None)
    split = urlsplit(str(url))
    wrong = []
    if split.scheme != "https" and split.hostname not in _LOOPBACK:
        wrong.append("notifications.webhook.url: must be https")
    if not isinstance(topics, list) or not topics or not set(topics) <= set(TOPICS):
        wrong.append(f"notifications.webhook.topics: must be of {', '.join(TOPICS)}")
    return wrong

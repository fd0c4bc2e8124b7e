# SPDX-License-Identifier: Apache-2.0
"""Turns a standing order into the body of Planet's create call, refusing what Planet would refuse or not filter.

Nobody looks at what a subscription delivers before it is delivered, and paid: each condition must be one that Planet
itself can hold, exactly.

Source: Planet's documentation of the Subscriptions API (create request, catalogue source, tools), read 2026-11.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from attrs import evolve

from swath.errors import InputError, InvalidGeometry
from swath.models import Query, Secret, SubscribeRequest
from swath.pushdown import conjuncts, push_not_down
from swath.stac import timestamp
from swath_planet._subscription_tools import steps_of
from swath_planet.areas import MAX_VERTICES, vertex_count
from swath_planet.bundles import DEFAULT_BUNDLES, SNAPSHOT, BundleTable, bundles_of, unknown_pairs_error
from swath_planet.exceptions import ClientError
from swath_planet.filters import push
from swath_planet.geojson import as_ref
from swath_planet.order_options import check_options, delivery_block, refuse
from swath_planet.subscription_request import notifications
from swath_planet.tools import chain

__all__ = ["SUBSCRIBE_OPTIONS", "subscription_body"]

SUBSCRIBE_OPTIONS: Final[Mapping[str, str]] = {
    "clip": "True: cut what is delivered to the area",
    "feature_ref": "the area as a reference to one that Planet keeps, 'pl:features/my/...', instead of a geometry",
    "geometry_relation": "'intersects' (default), 'contains': the scene holds the area, 'within': the area holds it",
    "hosting": "where Planet hosts the result instead of delivering it: 'sentinel_hub', or {'sentinel_hub': {...}}",
    "publishing_stages": "which of 'preview', 'standard', 'finalized' are delivered",
    "rrule": "which months of each year count, 'FREQ=MONTHLY;BYMONTH=3,4,5'",
    "time_range_type": "what the times are about: 'acquired' (default) or 'published'",
    "webhook": "URL that Planet calls, or {'url': ..., 'topics': [...]}; may be a swath.Secret",
}
"""Planet's own keywords of a standing order, each with one line of help."""

_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "geometry_relation": ("intersects", "contains", "within"),
    "publishing_stages": ("preview", "standard", "finalized"),
    "time_range_type": ("acquired", "published"),
}
_TOPICS: Final = ("delivery.success", "delivery.failed", "status.all")
"""What a webhook is told if nothing else is asked for."""
_OWN_TOOLS: Final = frozenset({"clip", "cloud_filter"})
"""Tools that an order does not have, or has in another form."""


def subscription_body(
    request: SubscribeRequest, *, now: dt.datetime, refresh: Callable[[], BundleTable] | None = None
) -> dict[str, Any]:
    """Build the body of the create call.

    Args:
        request: What shall come.
        now: Where it begins if no begin is named.
        refresh: Gives the bundle table of today; asked before asset types or a bundle are refused that the snapshot
            does not have.

    Raises:
        InputError: The standing order cannot be as it is; nothing was sent.
        InvalidGeometry: The area is no polygon or too detailed.
        UnknownCollection: Planet has no such item type.
    """
    options = _options(request.options)
    item_type, conditions = _conditions(request.query)
    span = request.query.datetime
    parameters: dict[str, Any] = {
        "item_types": [item_type],
        "asset_types": _assets(request, item_type, refresh),
        "geometry": _area(request.query, options),
        "start_time": timestamp(span.start if span is not None and span.start is not None else now),
    }
    if span is not None and span.end is not None:
        parameters["end_time"] = timestamp(span.end)
    if conditions is not None:
        parameters["filter"] = conditions
    parameters["time_range_type"] = options.get("time_range_type", "acquired")
    for key in ("rrule", "publishing_stages", "geometry_relation"):
        if key in options:
            parameters[key] = options[key]
    body: dict[str, Any] = {
        "name": request.reference or "swath",
        "source": {"type": "catalog", "parameters": parameters},
    }
    steps = _steps(request.tools, clip=bool(options.get("clip")))
    if steps:
        body["tools"] = steps
    body.update(_target(request.delivery, options))
    if "webhook" in options:
        body["notifications"] = _notifications(options["webhook"])
    return body


def _options(given: Mapping[str, Any]) -> dict[str, Any]:
    """Check Planet's own keywords, leaving out those that are None."""
    options = {key: value for key, value in given.items() if value is not None}
    unknown = sorted(options.keys() - SUBSCRIBE_OPTIONS.keys())
    if unknown:
        raise refuse(
            f"Planet has no subscription option {', '.join(unknown)}", f"choose from {', '.join(SUBSCRIBE_OPTIONS)}"
        )
    if not isinstance(options.get("clip", False), bool):
        raise refuse(f"clip is {options['clip']!r}", "pass True or False")
    stages = options.get("publishing_stages")
    if stages is not None:
        options["publishing_stages"] = [stages] if isinstance(stages, str) else list(dict.fromkeys(stages))
    for key, allowed in _WORDS.items():
        value = options.get(key, [])
        for one in value if isinstance(value, list) else [value]:
            if one not in allowed:
                raise refuse(f"{key} is {one!r}", f"pass {' or '.join(map(repr, allowed))}")
    return options


# --- what matches ----------------------------------------------------------------------------------------------------


def _conditions(query: Query) -> tuple[str, dict[str, Any] | None]:
    """Give the one item type and the filter, None for no condition.

    Raises:
        InputError: It is not one item type, or Planet cannot hold one of the conditions.
    """
    if query.ids:
        raise refuse("a standing order is for what is yet to come, and this names items", "order them with order()")
    pushed = push(evolve(query, intersects=None, datetime=None))
    if len(pushed.item_types) != 1 or not (query.collections or query.filter):
        raise refuse(
            f"a subscription has one item type, and this has {len(pushed.item_types)}",
            "pass collections='PSScene', one subscription for each item type",
        )
    (item_type,) = pushed.item_types
    if not pushed.exact:
        nodes = conjuncts(push_not_down(query.filter)) if query.filter is not None else ()
        loose = [node for node in nodes if not push(Query(collections=(item_type,), filter=node)).exact]
        said = "; ".join(json.dumps(node, default=str) for node in loose) or "one of the conditions"
        raise refuse(
            f"Planet cannot filter a subscription exactly by {said}",
            "leave it out and choose among what is delivered, or say it with properties that Planet has",
        )
    return item_type, dict(pushed.filter) if pushed.filter["config"] else None


def _area(query: Query, options: Mapping[str, Any]) -> dict[str, Any]:
    ref = options.get("feature_ref")
    if ref is not None:
        if query.intersects is not None:
            raise refuse("the area is given twice", "pass intersects= or feature_ref=, not both")
        return as_ref(ref)
    if query.intersects is None:
        raise refuse("a subscription needs an area", "pass intersects= or bbox=, or feature_ref='pl:features/my/...'")
    kind, count = query.intersects.get("type"), vertex_count(query.intersects)
    if kind not in {"Polygon", "MultiPolygon"}:
        raise InvalidGeometry(
            f"Planet subscribes to a Polygon or MultiPolygon, not to a {kind}",
            hint="pass a polygon, for example the point's buffer",
            provider="planet",
        )
    if count > MAX_VERTICES:
        raise InvalidGeometry(
            f"the area has {count} vertices, and Planet takes at most {MAX_VERTICES}",
            hint="simplify it (shapely: geometry.simplify(tolerance))",
            provider="planet",
        )
    return {"type": kind, "coordinates": query.intersects["coordinates"]}


# --- what is delivered -----------------------------------------------------------------------------------------------


def _assets(request: SubscribeRequest, item_type: str, refresh: Callable[[], BundleTable] | None) -> list[str]:
    """Choose the asset types: those named, or what the bundle holds."""
    bundle = _bundle(request, item_type)
    table = SNAPSHOT
    held = _held(table, item_type, bundle)
    if refresh is not None and (not held or not set(request.assets) <= set(held)):
        table = refresh()
        held = _held(table, item_type, bundle)
    if bundle is not None and not held:
        raise unknown_pairs_error([(item_type, bundle)], table)
    missing = [one for one in request.assets if one not in held]
    if missing:
        where = item_type if bundle is None else f"bundle {bundle!r} of {item_type}"
        raise refuse(
            f"{where} has no asset type {', '.join(missing)}", f"choose from {', '.join(held) or 'another item type'}"
        )
    return list(dict.fromkeys(request.assets or held))


def _bundle(request: SubscribeRequest, item_type: str) -> str | None:
    """Name the bundle: the one wanted, none where assets say it all, or the usual one."""
    wanted = [name.strip() for text in request.bundle for name in text.split(",") if name.strip()]
    if len(wanted) > 1:
        raise refuse(
            f"a subscription has no fall-back bundles, and this names {', '.join(wanted)}",
            "name one bundle, or assets=",
        )
    if wanted or request.assets:
        return wanted[0] if wanted else None
    if item_type not in DEFAULT_BUNDLES:
        offered = ", ".join(bundles_of(item_type)) or "see the documentation"
        raise refuse(f"there is no usual bundle for {item_type}", f"choose one with bundle= from {offered}, or assets=")
    return DEFAULT_BUNDLES[item_type]


def _held(table: BundleTable, item_type: str, bundle: str | None) -> list[str]:
    """List the asset types of a bundle, or of all."""
    tables = table.values() if bundle is None else [table.get(bundle, {})]
    return list(dict.fromkeys(one for by_type in tables for one in by_type.get(item_type, ())))


def _steps(tools: Sequence[Mapping[str, Any]], *, clip: bool) -> list[dict[str, Any]]:
    """Write tools as subscriptions take them: ``{"type": ..., "parameters": ...}``."""
    made = []
    for tool in tools:
        if len(tool) != 1:
            raise refuse(f"a tool must be one name with its parameters, not {sorted(tool)}", "pass {'name': {...}}")
        ((kind, given),) = tool.items()
        if kind not in _OWN_TOOLS:
            ((kind, given),) = chain([tool])[0].items()
        elif kind == "clip" and given:
            raise refuse("a subscription cuts to its own area, not to another", "pass clip=True, or {'clip': {}}")
        made.append({"type": kind, "parameters": dict(given or {})})
    try:
        return [dict(one) for one in steps_of(made, clip_to_source=clip)]
    except ClientError as err:
        raise refuse(err.message, "put them in the sequence harmonize, toar, clip, cloud_filter, file_format") from err


def _target(delivery: Mapping[str, Any] | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Write where the result goes: a place of the user's own, or Planet's hosting."""
    hosting = check_options({"hosting": options["hosting"]})["hosting"] if "hosting" in options else None
    if delivery and hosting:
        raise refuse("a subscription is delivered or hosted, and this has both", "leave out delivery= or hosting=")
    if hosting:
        ((kind, parameters),) = hosting.items()
        return {"hosting": {"type": kind, "parameters": parameters}}
    if not delivery:
        raise refuse(
            "Planet keeps nothing of a subscription for download: it must know where to deliver",
            "pass delivery={'destination': 'pl:destinations/...'}, delivery={'amazon_s3': {...}}, or "
            "hosting='sentinel_hub'",
        )
    credentials: dict[str, Any] = {}
    plain = dict(delivery)
    engine = plain.get("google_earth_engine")
    if isinstance(engine, Mapping):  # unlike an order, a subscription brings its own credentials
        if not engine.get("credentials"):
            raise refuse("delivery google_earth_engine lacks credentials", "it needs project, collection, credentials")
        credentials = {"credentials": engine["credentials"]}
        plain["google_earth_engine"] = {key: value for key, value in engine.items() if key != "credentials"}
    ((kind, parameters),) = delivery_block(plain, {}).items()
    return {"delivery": {"type": kind, "parameters": {**parameters, **credentials}}}


def _notifications(webhook: Any) -> dict[str, Any]:
    block: Any = {"url": webhook} if isinstance(webhook, str | Secret) else webhook
    if not isinstance(block, Mapping) or not block.get("url") or not block.keys() <= {"url", "topics"}:
        raise refuse("webhook has no url, or more than url and topics", "pass a URL or {'url': ..., 'topics': [...]}")
    try:
        return notifications(block["url"], block.get("topics") or _TOPICS)
    except ClientError as err:
        raise InputError(err.message, hint="see Planet's list of topics", provider="planet") from err

# SPDX-License-Identifier: Apache-2.0
"""Turns an order request into the body of Planet's create call, refusing what Planet would refuse.

Source: Planet's documentation of the Orders API (create request, delivery, limits), read 2026-11.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from swath.errors import InputError
from swath.models import ItemDict, OrderRequest
from swath_planet.bundles import (
    DEFAULT_BUNDLES,
    SNAPSHOT,
    BundleTable,
    bundle_for_assets,
    bundles_of,
    check_assets,
    unknown_pairs,
    unknown_pairs_error,
)
from swath_planet.tools import chain

__all__ = ["MAX_ITEMS", "MAX_ITEMS_ZIPPED", "OPTIONS", "order_body"]

MAX_ITEMS: Final = 500
"""Most items of one order."""
MAX_ITEMS_ZIPPED: Final = 50
"""Most items of one zipped order with an item type of `_HEAVY`."""
_HEAVY: Final = frozenset({"SkySatCollect", "TanagerScene", "PelicanScene"})

OPTIONS: Final[Mapping[str, str]] = {
    "order_type": "'full' (default): one missing item fails the order; 'partial': deliver what there is",
    "fallback_bundles": "product bundles to try for items that lack the wanted one (also bundle=[wanted, next, ...])",
    "archive_type": "'zip' delivers archives instead of files",
    "single_archive": "True: one archive for the whole order; False: one for each item",
    "archive_filename": "name of the archive; may hold {{name}} and {{order_id}}",
    "email": "True: Planet sends an e-mail when the order is done",
    "webhook": "URL that Planet calls when the order is done, or {'url': ..., 'per_order': ...}",
    "stac": "True: Planet adds its own STAC files (swath writes STAC either way)",
    "subscription_id": "number of the quota plan to draw from",
    "hosting": "where Planet hosts the result, for example {'sentinel_hub': {'collection_id': ...}}",
}
"""Planet's own keywords of an order, each with one line of help."""

_DELIVERIES: Final[Mapping[str, tuple[str, ...]]] = {
    "amazon_s3": ("bucket", "aws_region", "aws_access_key_id", "aws_secret_access_key"),
    "azure_blob_storage": ("account", "container", "sas_token"),
    "google_cloud_storage": ("bucket", "credentials"),
    "google_earth_engine": ("project", "collection"),
    "oracle_cloud_storage": ("bucket", "namespace", "region", "customer_access_key_id", "customer_secret_key"),
    "s3_compatible": ("endpoint", "bucket", "region", "access_key_id", "secret_access_key"),
    "destination": ("ref",),
}
"""Keys that each kind of delivery needs."""


def _refuse(message: str, hint: str) -> InputError:
    return InputError(message, hint=hint, provider="planet")


def order_body(request: OrderRequest, *, refresh: Callable[[], BundleTable] | None = None) -> dict[str, Any]:
    """Build the body of the create call.

    Args:
        request: What is to be ordered.
        refresh: Gives the bundle table of today; asked before a bundle is refused that the snapshot does not have.

    Raises:
        InputError: The order cannot be as it is; nothing was sent.
        InvalidGeometry: The clip area is no polygon or too detailed.
        NotSupported: The assets are not in one bundle, or a tool is not for scenes.
    """
    options = _options(request.options)
    by_type = _items_by_type(request.items)
    ids = [one for group in by_type.values() for one in group]
    _check_count(by_type, zipped=options.get("archive_type") is not None)
    tools = chain(request.tools, clip=request.clip, item_ids=ids)
    delivery = _delivery(request.delivery, options)
    bundles = _bundles(request, options, tuple(by_type), refresh)
    body: dict[str, Any] = {
        "name": request.reference or "swath",
        "source_type": "scenes",
        "products": [
            {"item_type": item_type, "item_ids": group, "product_bundle": ",".join(bundles[item_type])}
            for item_type, group in by_type.items()
        ],
    }
    for key in ("order_type", "subscription_id", "hosting"):
        if options.get(key) is not None:
            body[key] = options[key]
    if tools:
        body["tools"] = tools
    if delivery:
        body["delivery"] = delivery
    notifications = _notifications(options)
    if notifications:
        body["notifications"] = notifications
    if options.get("stac"):
        _check_stac(tools, delivery)
        body["metadata"] = {"stac": {}}
    return body


# --- items and bundles -----------------------------------------------------------------------------------------------


def _items_by_type(items: tuple[ItemDict, ...]) -> dict[str, list[str]]:
    """Group the items' ids by item type, first come first."""
    if not items:
        raise _refuse("the order has no items", "pass items of a search, or a search itself")
    grouped: dict[str, list[str]] = {}
    for item in items:
        found = item.get("properties", {}).get("planet:item_type") or item.get("collection")
        if not found or not item.get("id"):
            raise _refuse(
                f"item {item.get('id')!r} does not say its item type", "pass items as swath found them, with collection"
            )
        ids = grouped.setdefault(str(found), [])
        if item["id"] not in ids:
            ids.append(item["id"])
    return grouped


def _check_count(by_type: Mapping[str, list[str]], *, zipped: bool) -> None:
    count = sum(len(ids) for ids in by_type.values())
    if count > MAX_ITEMS:
        raise _refuse(
            f"the order has {count} items, and Planet takes at most {MAX_ITEMS}", "order them in several parts"
        )
    heavy = sorted(_HEAVY & by_type.keys())
    if zipped and heavy and count > MAX_ITEMS_ZIPPED:
        raise _refuse(
            f"the zipped order has {count} items, and Planet takes at most {MAX_ITEMS_ZIPPED} with {', '.join(heavy)}",
            "leave out archive_type, or order them in several parts",
        )


def _bundles(
    request: OrderRequest,
    options: Mapping[str, Any],
    item_types: tuple[str, ...],
    refresh: Callable[[], BundleTable] | None,
) -> dict[str, list[str]]:
    """Choose the bundles of each item type, wanted first."""
    wanted = [name.strip() for text in request.bundle for name in text.split(",") if name.strip()]
    fallback = options.get("fallback_bundles")
    texts = [fallback] if isinstance(fallback, str) else list(fallback or ())
    wanted += [name.strip() for text in texts for name in str(text).split(",") if name.strip()]
    wanted = list(dict.fromkeys(wanted))
    if wanted:
        table = _table_with(item_types, wanted, refresh)
        for item_type in item_types:
            check_assets(item_type, wanted[0], request.assets, table)
        return dict.fromkeys(item_types, wanted)
    if request.assets:
        return {one: [bundle_for_assets(one, request.assets)] for one in item_types}
    missing = [one for one in item_types if one not in DEFAULT_BUNDLES]
    if missing:
        offered = "; ".join(f"{one}: {', '.join(bundles_of(one)) or 'see the documentation'}" for one in missing)
        raise _refuse(f"there is no usual bundle for {', '.join(missing)}", f"choose one with bundle= from {offered}")
    return {one: [DEFAULT_BUNDLES[one]] for one in item_types}


def _table_with(
    item_types: tuple[str, ...], bundles: list[str], refresh: Callable[[], BundleTable] | None
) -> BundleTable:
    """Give a bundle table that has all the pairs: the snapshot, or today's.

    Raises:
        InputError: Neither has one of them.
    """
    missing = unknown_pairs(item_types, bundles)
    if not missing:
        return SNAPSHOT
    table = refresh() if refresh is not None else SNAPSHOT
    missing = unknown_pairs(item_types, bundles, table)
    if missing:
        raise unknown_pairs_error(missing, table)
    return table


# --- options and delivery --------------------------------------------------------------------------------------------


def _options(given: Mapping[str, Any]) -> dict[str, Any]:
    """Check Planet's own keywords, leaving out those that are None."""
    options = {key: value for key, value in given.items() if value is not None}
    unknown = sorted(options.keys() - OPTIONS.keys())
    if unknown:
        raise _refuse(f"Planet has no order option {', '.join(unknown)}", f"choose from {', '.join(OPTIONS)}")
    _choice(options, "order_type", ("full", "partial"))
    _choice(options, "archive_type", ("zip",))
    for key in ("single_archive", "email", "stac"):
        if not isinstance(options.get(key, False), bool):
            raise _refuse(f"{key} is {options[key]!r}", "pass True or False")
    plan = options.get("subscription_id")
    if plan is not None:
        if isinstance(plan, bool) or not str(plan).isdecimal():
            raise _refuse(f"subscription_id is {plan!r}", "pass the number of a quota plan")
        options["subscription_id"] = int(plan)
    if options.get("archive_type") is None and (options.get("single_archive") or options.get("archive_filename")):
        options["archive_type"] = "zip"
    if not isinstance(options.get("hosting", {}), Mapping):
        raise _refuse(f"hosting is {options['hosting']!r}", "pass {'sentinel_hub': {'collection_id': ...}}")
    return options


def _choice(options: Mapping[str, Any], key: str, allowed: tuple[str, ...]) -> None:
    if key in options and options[key] not in allowed:
        raise _refuse(f"{key} is {options[key]!r}", f"pass {' or '.join(map(repr, allowed))}")


def _delivery(given: Mapping[str, Any] | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Write the delivery block: a place of the user's own, an archive, or neither."""
    made: dict[str, Any] = {}
    for kind, block in (given or {}).items():
        if kind not in _DELIVERIES:
            raise _refuse(f"Planet has no delivery {kind!r}", f"choose from {', '.join(_DELIVERIES)}")
        plain = {"ref": block} if kind == "destination" and isinstance(block, str) else block
        missing = [key for key in _DELIVERIES[kind] if not isinstance(plain, Mapping) or not plain.get(key)]
        if missing:
            raise _refuse(f"delivery {kind} lacks {', '.join(missing)}", f"it needs {', '.join(_DELIVERIES[kind])}")
        made[kind] = dict(plain)
    if len(made) > 1:
        raise _refuse(f"delivery names {', '.join(made)}", "name one place to deliver to")
    for key in ("archive_type", "archive_filename", "single_archive"):
        if options.get(key) is not None:
            made[key] = options[key]
    return made


def _notifications(options: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if options.get("email"):
        made["email"] = True
    webhook = options.get("webhook")
    if isinstance(webhook, str):
        webhook = {"url": webhook, "per_order": True}
    if webhook is not None and (not isinstance(webhook, Mapping) or not webhook.get("url")):
        raise _refuse(f"webhook is a {type(webhook).__name__} without url", "pass a URL or {'url': ...}")
    if webhook is not None:
        made["webhook"] = dict(webhook)
    return made


def _check_stac(tools: list[dict[str, Any]], delivery: Mapping[str, Any]) -> None:
    if any("composite" in tool for tool in tools) or "google_earth_engine" in delivery:
        raise _refuse(
            "Planet writes no STAC files for composites nor for Google Earth Engine",
            "leave out stac=True; swath writes STAC for what it downloads",
        )

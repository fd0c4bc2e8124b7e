# SPDX-License-Identifier: Apache-2.0
"""Turns an order request into the body of Planet's create call, refusing what Planet would refuse.

Source: Planet's documentation of the Orders API (create request, delivery, limits), read 2026-11.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

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
from swath_planet.order_options import OPTIONS, check_options, delivery_block, notifications_block, refuse
from swath_planet.tools import chain, check_together

__all__ = ["MAX_ITEMS", "MAX_ITEMS_ZIPPED", "OPTIONS", "order_body"]

MAX_ITEMS: Final = 500
"""Most items of one order."""
MAX_ITEMS_ZIPPED: Final = 50
"""Most items of one zipped order with an item type of `_HEAVY`."""
_HEAVY: Final = frozenset({"SkySatCollect", "TanagerScene", "PelicanScene"})


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
    options = check_options(request.options)
    by_type = _items_by_type(request.items)
    ids = [one for group in by_type.values() for one in group]
    _check_count(by_type, zipped=options.get("archive_type") is not None)
    tools = chain(request.tools, clip=request.clip, item_ids=ids)
    delivery = delivery_block(request.delivery, options)
    bundles = _bundles(request, options, tuple(by_type), refresh)
    check_together(tools, bundles)
    body: dict[str, Any] = {
        "name": request.reference or "swath",
        "source_type": "scenes",
        "products": [
            {"item_type": item_type, "item_ids": group, "product_bundle": ",".join(bundles[item_type])}
            for item_type, group in by_type.items()
        ],
    }
    for key in ("order_type", "subscription_id", "hosting", "prior_orders"):
        if options.get(key) is not None:
            body[key] = options[key]
    if tools:
        body["tools"] = tools
    if delivery:
        body["delivery"] = delivery
    notifications = notifications_block(options)
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
        raise refuse("the order has no items", "pass items of a search, or a search itself")
    grouped: dict[str, list[str]] = {}
    for item in items:
        found = item.get("properties", {}).get("planet:item_type") or item.get("collection")
        if not found or not item.get("id"):
            raise refuse(
                f"item {item.get('id')!r} does not say its item type", "pass items as swath found them, with collection"
            )
        ids = grouped.setdefault(str(found), [])
        if item["id"] not in ids:
            ids.append(item["id"])
    return grouped


def _check_count(by_type: Mapping[str, list[str]], *, zipped: bool) -> None:
    count = sum(len(ids) for ids in by_type.values())
    if count > MAX_ITEMS:
        raise refuse(
            f"the order has {count} items, and Planet takes at most {MAX_ITEMS}", "order them in several parts"
        )
    heavy = sorted(_HEAVY & by_type.keys())
    if zipped and heavy and count > MAX_ITEMS_ZIPPED:
        raise refuse(
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
        raise refuse(f"there is no usual bundle for {', '.join(missing)}", f"choose one with bundle= from {offered}")
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


def _check_stac(tools: list[dict[str, Any]], delivery: Mapping[str, Any]) -> None:
    if any("composite" in tool for tool in tools) or "google_earth_engine" in delivery:
        raise refuse(
            "Planet writes no STAC files for composites nor for Google Earth Engine",
            "leave out stac=True; swath writes STAC for what it downloads",
        )

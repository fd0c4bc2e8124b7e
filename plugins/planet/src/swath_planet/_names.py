# SPDX-License-Identifier: Apache-2.0
"""The list that both faces of the native clients are made from.

Source: names and arguments of Planet's Python SDK 3.7, as its help shows them. ``get_bundles`` is ours.
"""

from __future__ import annotations

from typing import Final, TypedDict

__all__ = ["NAMES", "Names"]


class Names(TypedDict):
    """Methods of one service."""

    calls: tuple[str, ...]
    """Those that return."""
    streams: tuple[str, ...]
    """Those that iterate."""
    plain: tuple[str, ...]
    """Those that ask nobody, and are not awaited."""


NAMES: Final[dict[str, Names]] = {
    "data": Names(
        calls=(
            "create_search",
            "update_search",
            "delete_search",
            "get_search",
            "get_stats",
            "get_item",
            "get_item_coverage",
            "list_item_assets",
            "get_asset",
            "activate_asset",
            "wait_asset",
            "download_asset",
        ),
        streams=("search", "list_searches", "run_search"),
        plain=("validate_checksum",),
    ),
    "orders": Names(
        calls=(
            "create_order",
            "get_order",
            "cancel_order",
            "cancel_orders",
            "aggregated_order_stats",
            "download_asset",
            "download_order",
            "get_bundles",
            "wait",
        ),
        streams=("list_orders",),
        plain=("validate_checksum",),
    ),
    "subscriptions": Names(
        calls=(
            "create_subscription",
            "bulk_create_subscriptions",
            "cancel_subscription",
            "suspend_subscription",
            "reactivate_subscription",
            "bulk_suspend_subscriptions",
            "bulk_reactivate_subscriptions",
            "update_subscription",
            "patch_subscription",
            "get_subscription",
            "get_summary",
            "get_subscription_summary",
        ),
        streams=("list_subscriptions", "get_results", "get_results_csv"),
        plain=(),
    ),
    "features": Names(
        calls=("get_collection", "get_item", "delete_item", "create_collection", "delete_collection", "add_items"),
        streams=("list_collections", "list_items"),
        plain=(),
    ),
    "mosaics": Names(
        calls=(
            "get_mosaic",
            "get_series",
            "summarize_quads",
            "get_quad",
            "get_quad_contributions",
            "download_quad",
            "download_quads",
        ),
        streams=("list_series", "list_mosaics", "list_series_mosaics", "list_quads"),
        plain=(),
    ),
    "destinations": Names(
        calls=(
            "list_destinations",
            "get_destination",
            "patch_destination",
            "create_destination",
            "set_default_destination",
            "unset_default_destination",
            "get_default_destination",
        ),
        streams=(),
        plain=(),
    ),
    "quota": Names(
        calls=(
            "get_reservation",
            "create_reservation",
            "bulk_create_reservations",
            "estimate_reservation",
            "get_job",
        ),
        streams=("list_reservations", "list_jobs", "list_products"),
        plain=(),
    ),
}

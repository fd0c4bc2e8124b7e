# SPDX-License-Identifier: Apache-2.0
"""Reviews, orders, what is listed of them, and what they refuse."""

from __future__ import annotations

from capella_console_client import CapellaConsoleClient, exceptions
from player import KEY, POOR_KEY, ROOT, UNKNOWN, advance, asked, play, settings

GONE = "CAPELLA_C02_SP_GEO_HH_20200101000000_20200101000010"


def reviews(seen, client, items):
    """What it would cost."""
    ids = [one["id"] for one in items]
    seen("review by ids", client.review_order, stac_ids=ids[:3])
    seen("review by items", client.review_order, items=items[:3])
    seen("review by both", client.review_order, stac_ids=ids[:1], items=items[:3])
    seen("review of what a search gave", client.review_order, items=client.search(ids=ids[:2]))
    seen("review for a contract", client.review_order, stac_ids=ids[:1], contract_id="ct-7")
    seen.fails("review for no contract", client.review_order, stac_ids=ids[:1], contract_id="none")
    seen.fails("review of nothing", client.review_order)
    seen.fails("review of an empty list", client.review_order, stac_ids=[])
    seen.fails("review of the unknown", client.review_order, stac_ids=[GONE])
    poor = CapellaConsoleClient(api_key=POOR_KEY, base_url=ROOT)
    seen.fails("review without money", poor.review_order, stac_ids=ids[:2])
    seen.fails("order without money", poor.submit_order, stac_ids=ids[:2])
    free = client.search(ownership="publiclyAvailable", product_type="GEO", limit=1)
    seen("review of open data", poor.review_order, items=free)
    seen("order of open data without money", poor.submit_order, items=free, omit_search=True)


def submits(seen, client, items):
    """Ordered in every way."""
    ids = [one["id"] for one in items]
    made = {
        "by ids": {"stac_ids": ids[:2]},
        "by items": {"items": items[2:4]},
        "by both": {"stac_ids": ids[4:5], "items": items[:3]},
        "again": {"stac_ids": ids[:2]},
        "of active orders": {"stac_ids": ids[:1], "check_active_orders": True},
        "of no active order": {"stac_ids": ids[5:7], "check_active_orders": True},
        "without a search": {"items": items[7:9], "omit_search": True},
        "without a search though by ids": {"stac_ids": ids[9:10], "omit_search": True},
        "without a review": {"stac_ids": ids[10:11], "omit_review": True},
        "without either": {"items": items[11:12], "omit_search": True, "omit_review": True},
        "for a contract": {"stac_ids": ids[12:13], "contract_id": "ct-7"},
        "of one twice": {"stac_ids": [ids[13], ids[13]]},
        "of which one is unknown": {"stac_ids": [ids[14], GONE]},
        "of two collections in turn": {
            "items": [*client.search(product_type=["GEO", "SLC"], limit=6, sortby="-datetime")]
        },
    }
    orders = {}
    for label, how in made.items():
        before = len(asked())
        orders[label] = seen(f"order {label}", client.submit_order, **how)
        seen.note(f"asked for an order {label}", [f"{one['method']} {one['path']}" for one in asked()[before:]])
        advance(1)
    seen.fails("order of nothing", client.submit_order)
    seen.fails("order of the unknown", client.submit_order, stac_ids=[GONE])
    seen.fails("order for no contract", client.submit_order, stac_ids=ids[:1], contract_id="none")
    seen.fails(
        "order for no contract, not reviewed",
        client.submit_order,
        stac_ids=ids[:1],
        contract_id="none",
        omit_review=True,
    )
    return orders


def lists(seen, client, orders):
    """Listed."""

    def names(label, *ids, **how):
        return seen.part(
            f"list {label}", lambda listed: [one["orderId"] for one in listed], client.list_orders, *ids, **how
        )

    some = [orders["by ids"], orders["by items"]]
    names("of all")
    names("of two", *some)
    names("of one twice", some[1], some[1])
    names("of one and none", some[0], None)
    names("of active ones", is_active=True)
    names("of two that are active", *some, is_active=True)
    seen("one order", client.list_orders, some[0])
    seen.fails("list of no UUID", client.list_orders, "no-uuid")
    seen.fails("list of the unknown", client.list_orders, UNKNOWN)
    seen("items of an order", client.get_stac_items_of_order, some[0])
    seen("ids of an order", client.get_stac_items_of_order, order_id=some[0], ids_only=True)
    seen.fails("items of the unknown", client.get_stac_items_of_order, UNKNOWN)
    seen.fails("items of no UUID", client.get_stac_items_of_order, "no-uuid")


def ends(seen, client, items):
    """Orders that are late, refused or over."""
    ids = [one["id"] for one in items]
    settings(order_delay_s=600)
    late = seen("late order", client.submit_order, stac_ids=ids[15:16])
    seen.part("late order stands at", lambda one: one[0]["orderStatus"], client.list_orders, late)
    seen.fails("too early", client.get_presigned_items, late)
    advance(601)
    seen.part("late order is ready", lambda found: [one["id"] for one in found], client.get_presigned_items, late)
    settings(order_delay_s=0, reject_orders=True)
    seen.fails("rejected order", client.submit_order, stac_ids=ids[16:17])
    settings(reject_orders=False, order_life_s=-60)
    over = seen("order that is over at once", client.submit_order, stac_ids=ids[17:18])
    seen.fails("links of an order that is over", client.get_presigned_items, over)
    settings(order_life_s=3600)
    settings(commitment=900.0)
    seen.fails("more than is left", client.submit_order, items=items[18:24], omit_search=True, omit_review=False)
    seen.fails(
        "more than is left, not reviewed", client.submit_order, items=items[18:24], omit_search=True, omit_review=True
    )
    settings(commitment=1_000_000.0)


def scenario(seen):
    """Run all of it."""
    client = CapellaConsoleClient(api_key=KEY, base_url=ROOT)
    items = [*client.search(product_type="GEO", ownership="availableForPurchase", limit=30, sortby="-datetime")]
    reviews(seen, client, items)
    orders = submits(seen, client, items)
    lists(seen, client, orders)
    ends(seen, client, items)


if __name__ == "__main__":
    play(scenario, exceptions)

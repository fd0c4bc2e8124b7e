# SPDX-License-Identifier: Apache-2.0
"""Orders of more than fit in one search by ids, and an order that was rejected."""

from __future__ import annotations

from capella_console_client import CapellaConsoleClient, exceptions
from player import KEY, ROOT, play, settings


def many(seen, client):
    """More than fit in one search by ids."""
    hundreds = client.search(limit=700, product_type="GEO", sortby="id")
    seen.part(
        "review of many",
        lambda told: len(told["orderDetails"]["lineItems"]),
        client.review_order,
        stac_ids=hundreds.stac_ids,
    )
    order = seen("order of many ids", client.submit_order, stac_ids=hundreds.stac_ids)
    seen.part("items of many", lambda listed: len(listed[0]["items"]), client.list_orders, order)
    seen.part("ids of many", len, client.get_stac_items_of_order, order, ids_only=True)
    seen.part("items of an order of many", len, client.get_stac_items_of_order, order)


def rejected(seen, client):
    """An order that was rejected is there until it expires, but is worth nothing."""
    one = client.search(product_type="SLC", limit=1)
    settings(reject_orders=True)
    seen.fails("rejected order", client.submit_order, stac_ids=one.stac_ids)
    seen.ends("rejected order used again", client.submit_order, stac_ids=one.stac_ids, check_active_orders=True)
    settings(reject_orders=False)


def scenario(seen):
    """Run all of it."""
    client = CapellaConsoleClient(api_key=KEY, base_url=ROOT)
    many(seen, client)
    rejected(seen, client)


if __name__ == "__main__":
    play(scenario, exceptions)

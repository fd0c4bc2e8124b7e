# SPDX-License-Identifier: Apache-2.0
"""Lists of orders, orders that end otherwise, and what the async Orders client refuses."""

from __future__ import annotations

import datetime as dt

import planet
from planet import data_filter, order_request, reporting
from player import FOLDER, KEY, ROOT, advance, play

AOI = {"type": "Polygon", "coordinates": [[[5.4, 52.3], [5.5, 52.3], [5.5, 52.38], [5.4, 52.38], [5.4, 52.3]]]}
SINCE, UNTIL = dt.datetime(2026, 3, 1, tzinfo=dt.UTC), dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
UNKNOWN = "785185aa-b39f-4b4c-a2d6-5c0a8f0e1d55"


async def found(data):
    """Give ids of scenes that have eight bands and four."""
    everything = [
        data_filter.geometry_filter(AOI),
        data_filter.date_range_filter("acquired", gte=SINCE, lt=UNTIL),
        data_filter.asset_filter(["ortho_analytic_8b_sr"]),
        data_filter.asset_filter(["ortho_analytic_4b_sr"]),
    ]
    return [item["id"] async for item in data.search(["PSScene"], data_filter.and_filter(everything), limit=3)]


async def stock(seen, orders, ids):
    """Order a few, a minute apart."""
    for name, kind in {"plain": "visual", "zipped": "visual", "zips": "analytic_udm2", "partly": "visual"}.items():
        product = order_request.product(ids[:1], kind, "PSScene")
        order = await orders.create_order(order_request.build_request(name, [product], order_type="partial"))
        await orders.wait(order["id"], delay=0)
        advance(60)


async def lists(seen, orders):
    """List by every condition."""

    async def names(label, **conditions):
        listed = await seen(f"list {label}", orders.list_orders, **conditions)
        seen.note(f"names {label}", [order["name"] for order in listed])

    await names("by default")
    await names("all", limit=0)
    await names("three", limit=3)
    await names("by state", state="success", limit=2)
    await names("by type", source_type="basemaps")
    await names("of scenes", source_type="scenes", limit=1)
    await names("by name", name="plain")
    await names("by part of the name", name__contains="zip")
    await names("by making", created_on="../2000-01-01")
    await names("by change", last_modified="2000-01-01T00:00:00Z/..", limit=1)
    await names("hosted", hosting=True)
    await names("not hosted", hosting=False, limit=1)
    await names("by destination", destination_ref="pl:destinations/none")
    await names("sorted", sort_by="name DESC", limit=4)
    await names("sorted twice", sort_by="state,name", limit=4)
    await names("of all users", user_id="all", limit=1)
    await seen.fails("list by no state", orders.list_orders, state="done")
    await seen.fails("list by bad sort", orders.list_orders, sort_by="size")


async def ends(seen, orders, ids):
    """Orders that end otherwise, or are ended."""
    request = order_request.build_request("late", [order_request.product(ids[:1], "visual", "PSScene")])
    late = await seen("late order", orders.create_order, request)
    await seen.fails("download too early", orders.download_order, late["id"], FOLDER)
    await seen.fails("cancelled while it runs", orders.cancel_order, late["id"])
    again = await orders.create_order({**request, "name": "again"})
    await seen("cancelled", orders.cancel_order, again["id"])
    await seen("waited for a cancelled one", orders.wait, again["id"])
    await seen("downloaded a cancelled one", orders.download_order, again["id"], FOLDER)
    await seen.fails("cancelled twice", orders.cancel_order, again["id"])
    others = [await orders.create_order({**request, "name": f"other {n}"}) for n in range(3)]
    await seen("cancelled two", orders.cancel_orders, [others[0]["id"], again["id"]])
    await seen("cancelled none", orders.cancel_orders, [again["id"]])
    await seen("stats", orders.aggregated_order_stats)
    await seen("cancelled all", orders.cancel_orders)
    for word in ("failed", "partial"):
        product = order_request.product(ids[:2], "visual", "PSScene")
        order = await orders.create_order(
            order_request.build_request(f"sandbox:{word}", [product], order_type="partial")
        )
        await seen(f"{word}: waited", orders.wait, order["id"], delay=0)
        await seen(f"{word}: order", orders.get_order, order["id"])
        await seen(f"{word}: downloaded", orders.download_order, order["id"], directory=FOLDER / word)
    slow = await orders.create_order({**request, "name": "slow"})
    await seen("waited until it runs", orders.wait, slow["id"], state="running", delay=0)
    slow = await orders.create_order({**request, "name": "slower"})
    await seen.fails("waited too short", orders.wait, slow["id"], delay=0, max_attempts=2)
    await seen("waited as long as it takes", orders.wait, slow["id"], delay=0, max_attempts=0)
    bar = reporting.StateBar(order_id=slow["id"], disable=True)
    with bar:
        await seen("waited with a bar", orders.wait, slow["id"], callback=bar.update_state)
    await seen.fails("waited for no state", orders.wait, slow["id"], state="done")


async def refusals(seen, orders, ids):
    """What is refused, here or there."""
    request = order_request.build_request("refused", [order_request.product(ids[:1], "visual", "PSScene")])
    wrong = {"item_ids": ["nope"], "item_type": "PSScene", "product_bundle": "visual"}
    await seen.fails("order of no item", orders.create_order, {**request, "products": [wrong]})
    wrong = {**request["products"][0], "product_bundle": "pansharpened"}
    await seen.fails("order of a wrong bundle", orders.create_order, {**request, "products": [wrong]})
    await seen.fails("order of nothing", orders.create_order, {"name": "empty"})
    for name in ("get_order", "cancel_order", "wait", "download_order"):
        await seen.fails(f"{name} without a UUID", getattr(orders, name), "no-uuid")
        await seen.fails(f"{name} of an unknown order", getattr(orders, name), UNKNOWN)
    await seen.fails("cancel_orders without a UUID", orders.cancel_orders, ["no-uuid"])
    await seen("cancel_orders of an unknown order", orders.cancel_orders, [UNKNOWN])


async def scenario(seen):
    """Run all of it."""
    async with planet.Session(auth=planet.Auth.from_key(KEY)) as session:
        ids = await found(planet.DataClient(session, base_url=f"{ROOT}/data/v1"))
        orders = session.client("orders", base_url=f"{ROOT}/compute/ops")
        await stock(seen, orders, ids)
        await lists(seen, orders)
        await ends(seen, orders, ids)
        await refusals(seen, orders, ids)


if __name__ == "__main__":
    play(scenario, planet.exceptions)

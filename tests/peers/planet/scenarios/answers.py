# SPDX-License-Identifier: Apache-2.0
"""Answers that are odd, cut short, changed on the way, or lost."""

from __future__ import annotations

import planet
from planet import data_filter, order_request
from player import FOLDER, KEY, ROOT, fault, play

FOUND = data_filter.and_filter(
    [data_filter.range_filter("cloud_cover", gte=0), data_filter.asset_filter(["ortho_visual"])]
)
ORDER = "785185aa-b39f-4b4c-a2d6-5c0a8f0e1d55"


async def files(seen, data, asset):
    """Files whose answers are not as they should be."""

    def odd(**settings):
        fault(method="GET", path="/data/v1/download$", **settings)

    async def fetched(label, folder):
        await seen(label, data.download_asset, asset, directory=FOLDER / folder, progress_bar=False)

    odd(headers={"content-disposition": "attachment"})
    await fetched("named by the address", "address")
    odd(headers={"content-disposition": 'attachment; filename="a name.tif"'})
    await fetched("named with a space", "space")
    odd(headers={"content-disposition": "attachment; filename=bare.tif"})
    await fetched("named without quotes", "bare")
    odd(headers={"content-disposition": 'attachment; filename="../../escaped.tif"'})
    await fetched("named out of the folder", "in/deep")
    odd(flip_bit_at=300)
    await fetched("changed on the way", "changed")
    odd(chunked=True)
    await seen.fails("without a length", data.download_asset, asset, directory=FOLDER / "chunked", progress_bar=False)
    odd(truncate_at=300)
    await seen.fails("cut short", data.download_asset, asset, directory=FOLDER / "cut", progress_bar=False)
    await fetched("fetched again after the cut", "cut")


async def orders(seen, client, item):
    """Orders whose answers are not as they should be."""
    order = {
        "id": ORDER,
        "name": "odd",
        "state": "success",
        "_links": {"_self": f"{ROOT}/compute/ops/orders/v2/{ORDER}"},
    }
    for label, results in {"null": {"results": None}, "empty": {"results": []}, "absent": {}}.items():
        body = {**order, "_links": {**order["_links"], **results}}
        fault(method="GET", path=f"{ORDER}$", status=200, body=body)
        await seen(f"results {label}", client.download_order, ORDER, FOLDER)
    request = order_request.build_request("lost", [order_request.product([item], "visual", "PSScene")])
    fault(method="POST", path="/orders/v2$", status=429, body={"message": "slower"})
    await seen.part("order after a 429", lambda made: made["state"], client.create_order, request)
    fault(method="POST", path="/orders/v2$", drop="after")
    try:
        await client.create_order({**request, "name": "lost on the way"})
        seen.note("order whose answer was lost", "made")
    except planet.exceptions.PlanetError:
        seen.note("order whose answer was lost", "raised")
    listed = [one["name"] async for one in client.list_orders(name="lost on the way")]
    seen.note("orders made by one call", len(listed))


async def scenario(seen):
    """Run all of it."""
    async with planet.Session(auth=planet.Auth.from_key(KEY)) as session:
        data = session.client("data", base_url=f"{ROOT}/data/v1")
        items = [one["id"] async for one in data.search(["PSScene"], FOUND, limit=1)]
        asset = await data.get_asset("PSScene", items[0], "ortho_visual")
        await data.activate_asset(asset)
        asset = await data.wait_asset(asset, delay=0)
        await files(seen, data, asset)
        await orders(seen, session.client("orders", base_url=f"{ROOT}/compute/ops"), items[0])


if __name__ == "__main__":
    play(scenario, planet.exceptions)

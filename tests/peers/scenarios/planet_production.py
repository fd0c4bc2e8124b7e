# SPDX-License-Identifier: Apache-2.0
"""A short round with Planet's official Python SDK at its own addresses, asynchronous and synchronous.

    python planet_production.py DIRECTORY

It runs in an environment of its own, which has the package `planet` and nothing of ours, and does nothing to lead the
SDK elsewhere: that is left to the environment. The key is that of PL_API_KEY. Prints one JSON object; an assertion that
fails ends it with status 1.
"""

from __future__ import annotations

import asyncio
import json
import pathlib
import sys

import planet


async def asynchronous(directory):
    """Search, activate, download, order, wait, download, each file checked."""
    async with planet.Session(auth=planet.Auth.from_env()) as session:
        data, orders = session.client("data"), session.client("orders")
        ids = [item["id"] async for item in data.search(["PSScene"], limit=2)]
        asset = await data.get_asset("PSScene", ids[0], "ortho_visual")
        await data.activate_asset(asset)
        asset = await data.wait_asset(asset, delay=0)
        data.validate_checksum(asset, await data.download_asset(asset, directory=directory, progress_bar=False))
        request = planet.order_request.build_request("demo", [planet.order_request.product(ids, "visual", "PSScene")])
        order_id = (await orders.create_order(request))["id"]
        state = await orders.wait(order_id, delay=0)
        await orders.download_order(order_id, directory=directory)
        orders.validate_checksum(pathlib.Path(directory, order_id), "sha256")
        result = (await orders.get_order(order_id))["_links"]
        return {"ids": ids, "order": order_id, "state": state, "location": asset["location"], "links": result}


def synchronous(directory, order_id):
    """The same order, seen by the synchronous client."""
    client = planet.Planet()
    client.orders.download_order(order_id, directory=str(pathlib.Path(directory, "again")))
    client.orders.validate_checksum(pathlib.Path(directory, "again", order_id), "md5")
    listed = [order["id"] for order in client.orders.list_orders(limit=1)]
    return {"ids": [item["id"] for item in client.data.search(["PSScene"], limit=2)], "listed": listed}


if __name__ == "__main__":
    folder = sys.argv[1]
    pathlib.Path(folder, "again").mkdir(parents=True)
    first = asyncio.run(asynchronous(folder))
    print(json.dumps({"async": first, "sync": synchronous(folder, first["order"])}))

# SPDX-License-Identifier: Apache-2.0
"""What another client asked Planet for, asked once more by the official Python SDK.

    python planet_pair.py DIRECTORY < ASKED

ASKED is a JSON object: ``geometry``, ``start``, ``end`` and ``most_cloud`` (0 to 1) to search by, the ``order`` to
download, and a ``request`` to order and download by itself. It runs in an environment of its own, which has the package `planet` and nothing of ours, and talks to the
SDK's own addresses. Prints one JSON object with what came of it.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import pathlib
import sys

import planet
from planet import data_filter


async def main(directory, asked):
    """Search, download, order, download."""
    async with planet.Session(auth=planet.Auth.from_env()) as session:
        data, orders = session.client("data"), session.client("orders")
        start, end = (dt.datetime.fromisoformat(asked[name]) for name in ("start", "end"))
        wanted = data_filter.and_filter(
            [
                data_filter.geometry_filter(asked["geometry"]),
                data_filter.date_range_filter("acquired", gte=start, lte=end),
                data_filter.range_filter("cloud_cover", lte=asked["most_cloud"]),
            ]
        )
        ids = [item["id"] async for item in data.search(["PSScene"], wanted, limit=0, sort="acquired desc")]
        own = (await orders.create_order(asked["request"]))["id"]
        await orders.wait(own, delay=0)
        for order_id in (asked["order"], own):
            await orders.download_order(order_id, directory=directory)
            orders.validate_checksum(pathlib.Path(directory, order_id), "sha256")
        return {"ids": ids, "order": own}


if __name__ == "__main__":
    pathlib.Path(sys.argv[1]).mkdir(parents=True)
    print(json.dumps(asyncio.run(main(sys.argv[1], json.load(sys.stdin)))))

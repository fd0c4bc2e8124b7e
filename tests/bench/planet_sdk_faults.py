# SPDX-License-Identifier: Apache-2.0
"""A plain order by Planet's official Python SDK, as its guide shows it: search, order, wait, download, validate.

    python planet_sdk_faults.py BASE_URL API_KEY DIRECTORY READ_TIMEOUT_S

It runs in an environment of its own, which has the package `planet` and nothing of ours. The order's id is kept in
DIRECTORY as soon as it is known, and a second run goes on with it. Prints one JSON object.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import pathlib
import sys
import urllib.request

import planet
import planet.specs

AOI = {"type": "Polygon", "coordinates": [[[5.4, 52.42], [5.6, 52.42], [5.6, 52.55], [5.4, 52.55], [5.4, 52.42]]]}
SINCE, UNTIL = dt.datetime(2026, 6, 1, tzinfo=dt.UTC), dt.datetime(2026, 6, 16, tzinfo=dt.UTC)
BUNDLE = "analytic_udm2"


def seed_bundles(root):
    """Put the server's bundle spec where the SDK would keep the one it fetches from a fixed address."""
    with urllib.request.urlopen(f"{root}/compute/ops/bundles/spec", timeout=10) as answer:
        spec = json.load(answer)["bundles"]
    planet.specs.PRODUCT_BUNDLES.cache = {
        "bundles": spec,
        "bundle_names": spec.keys(),
        "item_types": {item_type for bundle in spec.values() for item_type in bundle["assets"]},
    }


def known(folder):
    """Give the order's id, if an earlier run learnt it."""
    kept = pathlib.Path(folder, "order-id.txt")
    return kept.read_text() if kept.exists() else None


def keep(folder, order_id):
    """Keep the order's id for a later run."""
    pathlib.Path(folder, "order-id.txt").write_text(order_id)


async def main(root, key, folder, patience_s):
    """Run the steps and say how far they came."""
    told = {"step": "search", "error": None}
    order_id = known(folder)
    async with planet.Session(auth=planet.Auth.from_key(key), read_timeout_secs=patience_s) as session:
        data = session.client("data", base_url=f"{root}/data/v1")
        orders = session.client("orders", base_url=f"{root}/compute/ops")
        try:
            if order_id is None:
                wanted = planet.data_filter.and_filter(
                    [
                        planet.data_filter.geometry_filter(AOI),
                        planet.data_filter.date_range_filter("acquired", gte=SINCE, lt=UNTIL),
                        planet.data_filter.string_in_filter("quality_category", ["standard"]),
                    ]
                )
                ids = [item["id"] async for item in data.search(["PSScene"], wanted, limit=1)]
                told["step"] = "order"
                product = {"item_ids": ids, "item_type": "PSScene", "product_bundle": BUNDLE}
                order_id = (await orders.create_order({"name": "bench", "products": [product]}))["id"]
                keep(folder, order_id)
            told["step"] = "wait"
            told["state"] = await orders.wait(order_id, delay=1)
            told["step"] = "download"
            await orders.download_order(order_id, directory=pathlib.Path(folder))
            told["step"] = "done"
        except Exception as err:  # noqa: BLE001 (which error it is, is what is measured)
            told["error"] = type(err).__name__
        if told["step"] == "done":
            try:
                orders.validate_checksum(pathlib.Path(folder, order_id), "sha256")
            except Exception as err:  # noqa: BLE001
                told["validation"] = type(err).__name__
    return told


if __name__ == "__main__":
    seed_bundles(sys.argv[1])
    print(json.dumps(asyncio.run(main(*sys.argv[1:4], float(sys.argv[4])))))

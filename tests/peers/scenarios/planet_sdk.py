# SPDX-License-Identifier: Apache-2.0
"""What a user of Planet's official Python SDK does, run against any server that speaks its protocol.

    python planet_sdk.py BASE_URL API_KEY DIRECTORY

It runs in an environment of its own, which has the package `planet` and nothing of ours. Prints one JSON object; an
assertion that fails ends it with status 1.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import json
import pathlib
import sys
import urllib.request
import zipfile

import planet
import planet.specs
from planet import data_filter, order_request

AOI = {"type": "Polygon", "coordinates": [[[5.4, 52.3], [5.5, 52.3], [5.5, 52.38], [5.4, 52.38], [5.4, 52.3]]]}
NOW = dt.datetime.now(dt.UTC)
SINCE = NOW - dt.timedelta(days=60)


def seed_bundles(root):
    """Put the server's bundle spec where the SDK would keep the one it fetches from a fixed address."""
    with urllib.request.urlopen(f"{root}/compute/ops/bundles/spec", timeout=10) as answer:
        spec = json.load(answer)["bundles"]
    planet.specs.PRODUCT_BUNDLES.cache = {
        "bundles": spec,
        "bundle_names": spec.keys(),
        "item_types": {item_type for bundle in spec.values() for item_type in bundle["assets"]},
    }


async def ids_of(data, search_filter, item_types=("PSScene",), limit=20, **options):
    """Search and give ids."""
    return [item["id"] async for item in data.search(list(item_types), search_filter, limit=limit, **options)]


async def search(data):
    """Every filter type, each checked against the items themselves."""
    here = data_filter.and_filter(
        [
            data_filter.geometry_filter(AOI),
            data_filter.date_range_filter("acquired", gte=SINCE, lt=NOW),
        ]
    )
    everything = [item async for item in data.search(["PSScene"], here, limit=0)]
    assert len(everything) > 5
    assert len({item["id"] for item in everything}) == len(everything)
    published = [item["properties"]["published"] for item in everything]
    assert published == sorted(published, reverse=True)

    def matching(test):
        return [item["id"] for item in everything if test(item)]

    cases = {
        "range": (
            data_filter.range_filter("cloud_cover", lte=0.3),
            lambda i: i["properties"]["cloud_cover"] <= 0.3,
        ),
        "string_in": (
            data_filter.string_in_filter("instrument", ["PSB.SD"]),
            lambda i: i["properties"]["instrument"] == "PSB.SD",
        ),
        "boolean": (
            data_filter.string_in_filter("ground_control", ["true"]),
            lambda i: i["properties"]["ground_control"] is True,
        ),
        "number_in": (
            data_filter.number_in_filter("gsd", [3.7, 3.8, 3.9]),
            lambda i: i["properties"]["gsd"] in {3.7, 3.8, 3.9},
        ),
        "update": (
            data_filter.update_filter("ground_control", gt=SINCE),
            lambda i: (
                i["properties"]["updated"] != i["properties"]["published"]
                and i["properties"]["updated"] > SINCE.isoformat()
            ),
        ),
        "asset": (
            data_filter.asset_filter(["ortho_analytic_8b_sr", "no_such_asset"]),
            lambda i: "ortho_analytic_8b_sr" in i["assets"],
        ),
        "permission": (
            data_filter.permission_filter(),
            lambda i: "assets.ortho_visual:download" in i["_permissions"],
        ),
        "std_quality": (
            data_filter.std_quality_filter(),
            lambda i: i["properties"]["quality_category"] == "standard",
        ),
        "not": (
            data_filter.not_filter(data_filter.range_filter("cloud_cover", gt=0.5)),
            lambda i: i["properties"]["cloud_cover"] <= 0.5,
        ),
        "or": (
            data_filter.or_filter(
                [
                    data_filter.range_filter("cloud_cover", lt=0.05),
                    data_filter.range_filter("cloud_cover", gt=0.9),
                ]
            ),
            lambda i: i["properties"]["cloud_cover"] < 0.05 or i["properties"]["cloud_cover"] > 0.9,
        ),
        "ids": (
            data_filter.string_in_filter("id", [everything[0]["id"], everything[3]["id"]]),
            lambda i: i["id"] in {everything[0]["id"], everything[3]["id"]},
        ),
        "empty": (data_filter.empty_filter(), lambda i: True),
    }
    counts = {}
    for name, (search_filter, test) in cases.items():
        found = await ids_of(data, data_filter.and_filter([here, search_filter]), limit=0)
        assert found == matching(test), name
        counts[name] = len(found)
    for relation in ("intersects", "contains", "within", "disjoint"):
        both = data_filter.and_filter([here, data_filter.geometry_filter(AOI, relation)])
        counts[relation] = len(await ids_of(data, both, limit=0))
    assert counts["intersects"] == len(everything)
    assert counts["disjoint"] == 0
    oldest = await ids_of(data, here, limit=0, sort="acquired asc")
    assert oldest == [item["id"] for item in everything][::-1]
    by_geometry = await ids_of(
        data, data_filter.date_range_filter("acquired", gte=SINCE, lt=NOW), limit=0, geometry=AOI
    )
    assert by_geometry == [item["id"] for item in everything]
    many = await ids_of(data, None, limit=600)
    assert len(set(many)) == 600
    stats = await data.get_stats(["PSScene"], here, "week")
    assert sum(bucket["count"] for bucket in stats["buckets"]) == len(everything)
    item = await data.get_item("PSScene", everything[0]["id"])
    assert item["properties"] == everything[0]["properties"]
    coverage = {"status": "activating"}
    while coverage["status"] == "activating":
        coverage = await data.get_item_coverage("PSScene", everything[0]["id"], AOI, mode="UDM2", band="cloud")
    assert 0 <= coverage["cloud_percent"] <= 100
    return everything, counts


async def saved_searches(data):
    """Create, read, list, run, update, delete."""
    made = await data.create_search(["PSScene"], data_filter.range_filter("cloud_cover", lte=0.5), "weekly")
    assert (await data.get_search(made["id"]))["name"] == "weekly"
    assert made["id"] in [one["id"] async for one in data.list_searches(search_type="saved")]
    found = [item async for item in data.run_search(made["id"], limit=3)]
    assert len(found) == 3
    updated = await data.update_search(made["id"], ["PSScene"], data_filter.empty_filter(), "monthly")
    assert updated["name"] == "monthly"
    await data.delete_search(made["id"])
    try:
        await data.get_search(made["id"])
    except planet.exceptions.MissingResource as err:
        return str(err)
    raise AssertionError("the deleted search is still there")


async def assets(data, item_id, directory):
    """Activate, wait, download, validate."""
    asset = await data.get_asset("PSScene", item_id, "ortho_visual")
    assert asset["status"] == "inactive"
    await data.activate_asset(asset)
    seen = []
    asset = await data.wait_asset(asset, delay=0, callback=seen.append)
    assert seen[-1] == "active"
    path = await data.download_asset(asset, directory=str(directory), progress_bar=False)
    data.validate_checksum(asset, path)
    return path.name


async def order(orders, request, directory, algorithm):
    """Create, wait, download, validate; gives the names below the order's directory."""
    made = await orders.create_order(request)
    assert made["state"] == "queued"
    states = []
    final = await orders.wait(made["id"], delay=0, callback=states.append)
    assert final == "success", (states, await orders.get_order(made["id"]))
    paths = await orders.download_order(made["id"], directory=str(directory))
    orders.validate_checksum(pathlib.Path(directory, made["id"]), algorithm)
    return made["id"], sorted(str(path.relative_to(pathlib.Path(directory, made["id"]))) for path in paths)


async def order_all(orders, ids, directory):
    """Orders of every layout and with every tool."""
    product = order_request.product(ids[:2], "analytic_udm2", "PSScene")
    done = {}
    plain = order_request.build_request("plain", [product], stac={"stac": {}})
    done["plain"] = await order(orders, plain, directory, "sha256")
    clip = order_request.clip_tool(AOI)
    tools = [clip, order_request.reproject_tool("EPSG:4326", kernel="bilinear"), order_request.file_format_tool("COG")]
    clipped = order_request.build_request(
        "clipped",
        [order_request.product(ids[:1], "analytic_8b_sr_udm2", "PSScene", fallback_bundle="analytic_sr_udm2")],
        tools=[order_request.harmonize_tool("Sentinel-2"), *tools],
        order_type="partial",
    )
    done["clipped"] = await order(orders, clipped, directory, "md5")
    toar = order_request.toar_tool(scale_factor=10000)
    math = order_request.band_math_tool(b1="(b4-b3)/(b4+b3)", pixel_type="32R")
    tile = order_request.tile_tool(150, name_template="T_{tilex:02d}_{tiley:02d}")
    counted = order_request.build_request("counted", [order_request.product(ids[:1], "analytic_udm2", "PSScene")])
    done["math"] = await order(orders, {**counted, "tools": [toar, math]}, directory, "md5")
    done["tiles"] = await order(orders, {**counted, "tools": [tile]}, directory, "md5")
    done["composite"] = await order(
        orders, {**counted, "products": [product], "tools": [order_request.composite_tool()]}, directory, "md5"
    )
    zipped = order_request.delivery(archive_type="zip", single_archive=True, archive_filename="{{name}}.zip")
    done["zip"] = await order(orders, {**counted, "delivery": zipped}, directory, "sha256")
    with zipfile.ZipFile(pathlib.Path(directory, done["zip"][0], "counted.zip")) as archive:
        assert archive.testzip() is None
        done["zip members"] = sorted(archive.namelist())
    each = order_request.delivery(archive_type="zip", single_archive=False)
    done["zips"] = await order(orders, {**counted, "products": [product], "delivery": each}, directory, "md5")
    return done


async def order_rest(orders, ids):
    """Lists, cancelling, stats, refusals."""
    listed = [one async for one in orders.list_orders(limit=0)]
    assert len(listed) >= 7
    named = [one["name"] async for one in orders.list_orders(name="plain", state="success", sort_by="name DESC")]
    assert named == ["plain"]
    contains = [one["name"] async for one in orders.list_orders(name__contains="count", created_on="../2100-01-01")]
    assert len(contains) >= 4
    request = order_request.build_request("late", [order_request.product(ids[:1], "visual", "PSScene")])
    made = await orders.create_order(request)
    assert (await orders.cancel_order(made["id"]))["state"] == "cancelled"
    errors = {}
    for name, call in {
        "cancel twice": lambda: orders.cancel_order(made["id"]),
        "unknown order": lambda: orders.get_order("785185aa-b39f-4b4c-a2d6-5c0a8f0e1d55"),
        "unknown item": lambda: orders.create_order(
            {
                **request,
                "products": [{"item_ids": ["nope"], "item_type": "PSScene", "product_bundle": "visual"}],
            }
        ),
        "wrong bundle": lambda: orders.create_order(
            {
                **request,
                "products": [{"item_ids": ids[:1], "item_type": "PSScene", "product_bundle": "pansharpened"}],
            }
        ),
    }.items():
        try:
            await call()
        except planet.exceptions.APIError as err:
            errors[name] = [type(err).__name__, str(err)]
    assert [kind for kind, _ in errors.values()] == ["Conflict", "MissingResource", "BadQuery", "BadQuery"]
    second = await orders.create_order(request)
    bulk = await orders.cancel_orders([second["id"], made["id"]])
    assert bulk["result"]["succeeded"]["count"] == 1
    assert bulk["result"]["failed"]["failures"][0]["message"] == "Order not in a cancellable state"
    stats = await orders.aggregated_order_stats()
    assert stats["user"]["queued_orders"] == 0
    return errors


async def refused(root):
    """A wrong key."""
    async with planet.Session(auth=planet.Auth.from_key("wrong")) as session:
        data = session.client("data", base_url=f"{root}/data/v1")
        try:
            await data.get_item("PSScene", "x")
        except planet.exceptions.InvalidAPIKey as err:
            return str(err)
    raise AssertionError("a wrong key was let in")


async def main(root, key, directory):
    """Run everything and give what came of it."""
    async with planet.Session(auth=planet.Auth.from_key(key)) as session:
        data = session.client("data", base_url=f"{root}/data/v1")
        orders = session.client("orders", base_url=f"{root}/compute/ops")
        items, counts = await search(data)
        ids = [item["id"] for item in items if {"ortho_analytic_8b_sr", "ortho_analytic_4b_sr"} <= set(item["assets"])]
        other = await ids_of(data, None, item_types=["SkySatScene", "SkySatCollect", "REOrthoTile"], limit=5)
        return {
            "counts": counts,
            "other": other,
            "gone": await saved_searches(data),
            "asset": await assets(data, ids[0], directory),
            "orders": await order_all(orders, ids, directory),
            "errors": await order_rest(orders, ids),
            "wrong key": await refused(root),
        }


def digests(directory):
    """SHA-256 of every file, by its path."""
    files = sorted(path for path in pathlib.Path(directory).rglob("*") if path.is_file())
    return {str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


if __name__ == "__main__":
    base_url, api_key, folder = sys.argv[1:4]
    seed_bundles(base_url)
    outcome = asyncio.run(main(base_url, api_key, folder))
    print(json.dumps({**outcome, "digests": digests(folder)}))

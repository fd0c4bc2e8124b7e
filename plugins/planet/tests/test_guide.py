# SPDX-License-Identifier: Apache-2.0
"""What the guides of Planet's own SDK show, as scripts write it: only the import is another.

The scripts name no address and no key: the stand-in's environment does.

Source: Planet's documentation of its Python SDK (guides to the session, data, orders, subscriptions, features and the
synchronous client), read 2026-11; the scripts are our own.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from datetime import datetime
from pathlib import Path

import attrs
import pytest

import swath_planet as planet
from swath.hookspecs import hookimpl
from swath.sandbox import serve
from swath_planet import Auth, Planet, Session, collect, data_filter, exceptions, order_request, reporting
from swath_planet.provider import PlanetProvider
from swath_planet.sandbox import make_stand_in

SCENE_PIXELS = 48
AOI = {
    "type": "Polygon",
    "coordinates": [[[5.4, 52.3], [5.5, 52.3], [5.5, 52.38], [5.4, 52.38], [5.4, 52.3]]],
}


class Unpaced(PlanetProvider):
    """Planet without its rate limits, which the stand-in does not enforce here."""

    @hookimpl
    def describe(self):
        return attrs.evolve(super().describe(), limits={})


@pytest.fixture(scope="module")
def running(world):
    with serve("planet", make_stand_in(world), world) as running:
        yield running


@pytest.fixture(autouse=True)
def surroundings(running, world, monkeypatch, tmp_path):
    """What a script finds on the user's machine; a pause puts the stand-in's clock forward."""

    class Clock(type(world.clock)):
        def sleep(self, seconds, *, wake=None):
            world.clock.advance(seconds)
            return wake is not None and wake.is_set()

    monkeypatch.setattr("swath_planet.provider.PlanetProvider", Unpaced)
    monkeypatch.setattr("swath._session.SystemClock", Clock)
    for name, value in running.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    yield
    assert [entry.error for entry in world.log if entry.error] == []


def recent():
    return data_filter.date_range_filter("acquired", gt=dt.datetime.now(dt.UTC) - dt.timedelta(days=40))


def scenes_filter():
    return data_filter.and_filter(
        [
            recent(),
            data_filter.geometry_filter(AOI),
            data_filter.range_filter("cloud_cover", lte=0.9),
            data_filter.asset_filter(["ortho_visual"]),
            data_filter.permission_filter(),
            data_filter.std_quality_filter(),
        ]
    )


async def scene_ids(session, count):
    client = session.client("data")
    return [item["id"] async for item in client.search(["PSScene"], scenes_filter(), limit=count)]


def request_for(name, item_ids):
    return order_request.build_request(
        name=name,
        products=[order_request.product(item_ids=item_ids, product_bundle="visual", item_type="PSScene")],
    )


# --- the session -----------------------------------------------------------------------------------------------------


def test_session_as_context_manager():
    async def main():
        async with Session() as sess:
            client = sess.client("data")
            return [item async for item in client.search(["PSScene"], scenes_filter(), limit=1)]

    assert len(asyncio.run(main())) == 1


def test_session_closed_by_hand_with_auth_of_ones_own(running):
    key = running.env["PL_API_KEY"]

    async def main():
        auth = Auth.from_key(key)
        sess = Session(auth=auth)
        client = planet.OrdersClient(sess)
        orders = await collect(client.list_orders(limit=1))
        await sess.aclose()
        return orders

    assert asyncio.run(main()) is not None


# --- data ------------------------------------------------------------------------------------------------------------


def test_search_with_a_filter_and_collect():
    async def main():
        async with Session() as sess:
            client = sess.client("data")
            items = client.search(["PSScene"], search_filter=scenes_filter(), sort="acquired desc", limit=10)
            return await collect(items)

    found = asyncio.run(main())
    assert found["type"] == "FeatureCollection"
    times = [one["properties"]["acquired"] for one in found["features"]]
    assert len(times) == 10
    assert times == sorted(times, reverse=True)


def test_saved_search():
    async def main():
        async with Session() as sess:
            client = sess.client("data")
            search = await client.create_search(["PSScene"], search_filter=scenes_filter(), name="my search")
            items = [item async for item in client.run_search(search_id=search["id"], limit=3)]
            names = [one["name"] async for one in client.list_searches()]
            changed = await client.update_search(search["id"], ["PSScene"], recent(), name="another name")
            known = await client.get_search(search["id"])
            await client.delete_search(search["id"])
            return items, names, changed, known

    items, names, changed, known = asyncio.run(main())
    assert len(items) == 3
    assert "my search" in names
    assert changed["name"] == known["name"] == "another name"


def test_stats():
    async def main():
        async with Session() as sess:
            return await sess.client("data").get_stats(["PSScene"], scenes_filter(), "month")

    assert sum(bucket["count"] for bucket in asyncio.run(main())["buckets"]) > 0


def test_asset_is_activated_awaited_downloaded_and_checked():
    async def main():
        async with Session() as sess:
            client = sess.client("data")
            (item_id,) = await scene_ids(sess, 1)
            item = await client.get_item("PSScene", item_id)
            assets = await client.list_item_assets("PSScene", item_id)
            asset = await client.get_asset("PSScene", item_id, "ortho_visual")
            await client.activate_asset(asset)
            with reporting.AssetStatusBar("PSScene", item_id, "ortho_visual", disable=True) as bar:
                asset = await client.wait_asset(asset, callback=bar.update)
            path = await client.download_asset(asset, directory=Path("downloads"), progress_bar=False)
            client.validate_checksum(asset, path)
            return item, assets, path

    item, assets, path = asyncio.run(main())
    assert item["properties"]["item_type"] == "PSScene"
    assert "ortho_visual" in assets
    assert path.parent == Path("downloads")
    assert path.stat().st_size > 0


# --- orders ----------------------------------------------------------------------------------------------------------


def test_order_is_created_awaited_downloaded_and_checked(capsys):
    async def main():
        async with Session() as sess:
            client = sess.client("orders")
            request = request_for("test_order", await scene_ids(sess, 2))

            with reporting.StateBar(state="creating") as bar:
                order = await client.create_order(request)
                bar.update(state="created", order_id=order["id"])
                state = await client.wait(order["id"], callback=bar.update_state)

            paths = await client.download_order(order["id"], directory="orders", progress_bar=False)
            client.validate_checksum(Path("orders", order["id"]), "sha256")
            return order, state, paths

    order, state, paths = asyncio.run(main())
    assert state == "success"
    assert {path.name for path in paths} >= {"manifest.json"}
    assert all(path.exists() for path in paths)
    assert f"order {order['id']} - state: success" in capsys.readouterr().err


def test_several_orders_at_once():
    async def create_and_download(client, request, directory):
        order = await client.create_order(request)
        await client.wait(order["id"])
        return await client.download_order(order["id"], directory, progress_bar=False)

    async def main():
        async with Session() as sess:
            client = sess.client("orders")
            ids = await scene_ids(sess, 3)
            requests = [request_for(f"order {item_id}", [item_id]) for item_id in ids]
            return await asyncio.gather(*(create_and_download(client, one, "orders") for one in requests))

    folders = {paths[0].parts[1] for paths in asyncio.run(main())}
    assert len(folders) == 3


def test_order_with_tools_and_notification():
    async def main():
        async with Session() as sess:
            client = sess.client("orders")
            request = order_request.build_request(
                "with tools",
                products=[order_request.product(await scene_ids(sess, 1), "analytic_udm2", "PSScene")],
                tools=[order_request.clip_tool(AOI), order_request.reproject_tool(projection="EPSG:32631")],
                notifications=order_request.notifications(email=True),
                order_type="partial",
            )
            order = await client.create_order(request)
            return await client.get_order(order["id"])

    order = asyncio.run(main())
    assert [next(iter(tool)) for tool in order["tools"]] == ["clip", "reproject"]
    assert order["notifications"]["email"] is True


def test_orders_are_listed_and_cancelled():
    async def main():
        async with Session() as sess:
            client = sess.client("orders")
            order = await client.create_order(request_for("to cancel", await scene_ids(sess, 1)))
            await client.cancel_order(order["id"])
            listed = await collect(client.list_orders(state="cancelled"))
            stats = await client.aggregated_order_stats()
            return order, listed, stats

    order, listed, stats = asyncio.run(main())
    assert order["id"] in [one["id"] for one in listed]
    assert json.dumps(listed)
    assert "organization" in stats


def test_errors_are_caught_by_name():
    async def main():
        async with Session() as sess:
            client = sess.client("orders")
            try:
                await client.get_order("5b8d6a5e-0000-4000-8000-000000000000")
            except exceptions.APIError as err:
                first = str(err)
            try:
                await client.get_order("not an id")
            except exceptions.ClientError as err:
                return first, str(err)

    refused, wrong = asyncio.run(main())
    assert json.loads(refused)["message"].startswith("Could not load order ID")
    assert "not an id" in wrong


# --- subscriptions, features, mosaics, destinations, quota --------------------------------------------------------------


def subscription(name):
    from swath_planet import subscription_request

    source = subscription_request.catalog_source(
        item_types=["PSScene"],
        asset_types=["ortho_analytic_4b"],
        geometry=AOI,
        start_time=datetime(2026, 1, 1, tzinfo=dt.UTC),
    )
    delivery = subscription_request.amazon_s3("key id", "secret", "my-bucket", "us-east-1")
    return subscription_request.build_request(name=name, source=source, delivery=delivery)


def test_subscription_is_created_listed_read_and_cancelled():
    async def main():
        async with Session() as sess:
            client = sess.client("subscriptions")
            made = await client.create_subscription(subscription("my subscription"))
            names = [one["name"] async for one in client.list_subscriptions(status={"running", "preparing", "pending"})]
            known = await client.get_subscription(made["id"])
            results = [one async for one in client.get_results(made["id"], limit=5)]
            await client.cancel_subscription(made["id"])
            return names, known, results, await client.get_subscription(made["id"])

    names, known, results, ended = asyncio.run(main())
    assert "my subscription" in names
    assert known["name"] == "my subscription"
    assert all("status" in one for one in results)
    assert ended["status"] == "cancelled"


def test_stored_area_is_used_in_search_and_order():
    async def main():
        async with Session() as sess:
            client = sess.client("features")
            collection_id = await client.create_collection(title="my fields", description="the lot")
            refs = await client.add_items(collection_id, {"type": "Feature", "geometry": AOI, "properties": {}})
            items = [item async for item in client.list_items(collection_id)]
            found = [
                one async for one in sess.client("data").search(["PSScene"], recent(), geometry=items[0].ref, limit=2)
            ]
            collections = [one["title"] async for one in client.list_collections()]
            return refs, items, found, collections, order_request.clip_tool(refs[0])

    refs, items, found, collections, clip = asyncio.run(main())
    assert [items[0].ref] == refs
    assert len(found) == 2
    assert "my fields" in collections
    assert clip == {"clip": {"aoi": {"type": "ref", "content": refs[0]}}}


def test_basemap_quads_are_listed_and_downloaded():
    async def main():
        async with Session() as sess:
            client = sess.client("mosaics")
            mosaics = [mosaic async for mosaic in client.list_mosaics(name_contains="monthly")]
            mosaic = await client.get_mosaic(mosaics[0]["name"])
            quads = [quad async for quad in client.list_quads(mosaic, bbox=[5.4, 52.3, 5.41, 52.31])]
            series = [one async for one in client.list_series()]
            await client.download_quads(mosaic, bbox=[5.4, 52.3, 5.41, 52.31], directory="quads")
            return quads, series

    quads, series = asyncio.run(main())
    assert series
    assert len(list(Path("quads").iterdir())) == len(quads) > 0


def test_destination_is_made_and_used():
    async def main():
        async with Session() as sess:
            client = sess.client("destinations")
            made = await client.create_destination(
                {
                    "name": "my bucket",
                    "type": "amazon_s3",
                    "parameters": {
                        "bucket": "my-bucket",
                        "aws_region": "us-east-1",
                        "aws_access_key_id": "key id",
                        "aws_secret_access_key": "secret",
                    },
                }
            )
            known = await client.get_destination(made["id"])
            listed = await client.list_destinations()
            return known, listed

    known, listed = asyncio.run(main())
    assert known["name"] == "my bucket"
    assert known["id"] in [one["id"] for one in listed["destinations"]]


def test_quota_products():
    async def main():
        async with Session() as sess:
            return [product async for product in sess.client("quota").list_products(limit=3)]

    assert isinstance(asyncio.run(main()), list)


# --- without coroutines ----------------------------------------------------------------------------------------------


def test_planet_without_coroutines():
    pl = Planet()
    item_ids = [item["id"] for item in pl.data.search(["PSScene"], scenes_filter(), limit=2)]
    order = pl.orders.create_order(request_for("without coroutines", item_ids))
    pl.orders.wait(order["id"])
    paths = pl.orders.download_order(order["id"], directory="sync")
    listed = list(pl.orders.list_orders(limit=1))
    pl.close()

    assert all(path.exists() for path in paths)
    assert listed[0]["id"] == order["id"]

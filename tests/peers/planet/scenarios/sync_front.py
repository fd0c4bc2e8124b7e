# SPDX-License-Identifier: Apache-2.0
"""Every method of the synchronous front."""

from __future__ import annotations

import datetime as dt

import planet
from planet import data_filter, order_request, subscription_request
from player import FOLDER, KEY, ROOT, advance, play

AOI = {"type": "Polygon", "coordinates": [[[5.4, 52.3], [5.5, 52.3], [5.5, 52.38], [5.4, 52.38], [5.4, 52.3]]]}
SINCE, UNTIL = dt.datetime(2026, 3, 1, tzinfo=dt.UTC), dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
HERE = data_filter.and_filter(
    [
        data_filter.geometry_filter(AOI),
        data_filter.date_range_filter("acquired", gte=SINCE, lt=UNTIL),
        data_filter.asset_filter(["ortho_analytic_8b_sr"]),
    ]
)
UNKNOWN = "785185aa-b39f-4b4c-a2d6-5c0a8f0e1d55"


def data(seen, client):
    """The Data API; gives ids."""
    items = seen.now("search", client.search, ["PSScene"], HERE, name="a name", sort="acquired asc", limit=3)
    seen.now("search in an area", client.search, item_types=["PSScene"], search_filter=HERE, geometry=AOI, limit=2)
    seen.refused("search of an unknown type", client.search, ["NoScene"])
    made = seen.now("search made", client.create_search, ["PSScene"], HERE, "weekly", enable_email=True, geometry=AOI)
    number = made["id"]
    seen.now("search read", client.get_search, number)
    seen.now("searches", client.list_searches, sort="created asc", search_type="saved", limit=1)
    seen.now("search run", client.run_search, number, sort="acquired asc", limit=2)
    seen.now("search changed", client.update_search, number, ["PSScene"], HERE, "monthly", enable_email=False,
             geometry=AOI)  # fmt: skip
    seen.now("search deleted", client.delete_search, number)
    seen.refused("deleted search", client.get_search, number)
    seen.now("stats", client.get_stats, ["PSScene"], HERE, "month")
    item = items[0]["id"]
    seen.now("item", client.get_item, "PSScene", item)
    seen.now("coverage", client.get_item_coverage, "PSScene", item, AOI, mode="estimate", band="cloud")
    seen.now("assets", client.list_item_assets, "PSScene", item)
    asset = seen.now("asset", client.get_asset, "PSScene", item, "ortho_visual")
    seen.refused("download too early", client.download_asset, asset, directory=FOLDER)
    seen.now("activated", client.activate_asset, asset)
    states = []
    asset = seen.now("waited", client.wait_asset, asset, delay=0, max_attempts=9, callback=states.append)
    seen.note("states", states)
    path = seen.now("downloaded", client.download_asset, asset, filename="one.tif", directory=FOLDER, overwrite=True,
                    progress_bar=False)  # fmt: skip
    seen.now("checked", client.validate_checksum, asset, path)
    path.write_bytes(b"something else")
    seen.refused("checked after a change", client.validate_checksum, asset, filename=path)
    return [one["id"] for one in items]


def orders(seen, client, ids):
    """The Orders API."""
    request = order_request.build_request("one", [order_request.product(ids[:1], "visual", "PSScene")])
    order = seen.now("order", client.create_order, request)
    states = []
    seen.now("order waited", client.wait, order["id"], state="success", delay=0, max_attempts=9, callback=states.append)
    seen.note("states of the order", states)
    seen.now("order downloaded", client.download_order, order["id"], directory=FOLDER, overwrite=True,
             progress_bar=False)  # fmt: skip
    seen.now("order checked", client.validate_checksum, FOLDER / order["id"], "sha256")
    seen.refused("nothing checked", client.validate_checksum, directory=FOLDER, checksum="md5")
    order = seen.now("order read", client.get_order, order["id"])
    location = order["_links"]["results"][0]["location"]
    seen.now("file downloaded", client.download_asset, location, filename="file", directory=FOLDER, overwrite=False,
             progress_bar=False)  # fmt: skip
    advance(60)
    other = client.create_order({**request, "name": "other"})
    seen.now("order cancelled", client.cancel_order, other["id"])
    seen.now("orders cancelled", client.cancel_orders, [other["id"]])
    seen.now("orders cancelled all", client.cancel_orders)
    seen.now("stats of orders", client.aggregated_order_stats)
    seen.now("orders", client.list_orders)
    seen.now(
        "orders by everything", client.list_orders, state="success", limit=1, source_type="scenes", name="one",
        name__contains="n", created_on="2000-01-01T00:00:00Z/..", last_modified="2000-01-01T00:00:00Z/..",
        hosting=False, sort_by="name DESC", user_id="all",
    )  # fmt: skip
    seen.now("orders by destination", client.list_orders, destination_ref="pl:destinations/none")
    seen.refused("unknown order", client.get_order, UNKNOWN)
    seen.refused("no order", client.get_order, "no-uuid")


def subscriptions(seen, client):
    """The Subscriptions API."""
    source = subscription_request.catalog_source(
        ["PSScene"], ["ortho_visual"], AOI, SINCE, end_time=dt.datetime(2026, 3, 9, tzinfo=dt.UTC)
    )
    bucket = subscription_request.amazon_s3("AK", "SK", "bucket", "eu-west-1")
    request = subscription_request.build_request("fields", source, delivery=bucket)
    one = seen.now("subscription", client.create_subscription, request)["id"]
    seen.now("subscription read", client.get_subscription, one)
    seen.now("subscription changed", client.update_subscription, one, request)
    seen.now("subscription patched", client.patch_subscription, one, {"name": "patched"})
    seen.now("subscription suspended", client.suspend_subscription, one, details="too wet")
    seen.now("subscription reactivated", client.reactivate_subscription, one)
    seen.now("subscriptions in bulk", client.bulk_create_subscriptions, [request])
    seen.now("subscriptions suspended", client.bulk_suspend_subscriptions, [one], details="too wet")
    seen.now("subscriptions reactivated", client.bulk_reactivate_subscriptions, [one])
    seen.now("all suspended", client.bulk_suspend_subscriptions, all_subscriptions=True)
    seen.now("all reactivated", client.bulk_reactivate_subscriptions, all_subscriptions=True)
    seen.now("subscriptions", client.list_subscriptions, limit=1, page_size=1)
    ever = "2000-01-01T00:00:00Z/.."
    seen.now(
        "subscriptions by everything", client.list_subscriptions, status=["running"], created=ever, end_time=ever,
        hosting=True, name__contains="f", name="fields", source_type="catalog", start_time=ever, sort_by="name ASC",
        updated=ever, destination_ref="pl:destinations/none", user_id="all", geom_ref="pl:features/my/no/thing",
    )  # fmt: skip
    two = client.create_subscription(request)["id"]
    seen.now("subscription cancelled", client.cancel_subscription, two)
    advance(3600)
    seen.now("results", client.get_results, one, limit=2)
    seen.now("results by everything", client.get_results, one, status=["success"], created=ever, updated=ever,
             completed=ever, item_datetime=ever)  # fmt: skip
    seen.now("table", client.get_results_csv, one)
    seen.now("table by everything", client.get_results_csv, one, status=["success"], created=ever, updated=ever,
             completed=ever, item_datetime=ever)  # fmt: skip
    seen.now("summary", client.get_summary)
    seen.now("summary of one", client.get_subscription_summary, one)
    seen.refused("unknown subscription", client.get_subscription, UNKNOWN)


def features(seen, client):
    """The Features API; gives references."""
    farms = seen.now("collection", client.create_collection, "Farms", description="all of them")
    seen.now("collections", client.list_collections, limit=0)
    seen.now("collection read", client.get_collection, farms)
    refs = seen.now("features added", client.add_items, farms, {"type": "Feature", "properties": {"n": "f1"},
                    "geometry": AOI}, property_id="n")  # fmt: skip
    refs += [client.add_items(farms, AOI)[0] for _ in range(11)]
    seen.now("features", client.list_items, farms)
    seen.now("two features", client.list_items, farms, limit=2)
    seen.now("feature", client.get_item, farms, "f1")
    woods = client.create_collection("Woods")
    client.add_items(woods, {"type": "Feature", "properties": {"n": "w1"}, "geometry": AOI}, property_id="n")
    seen.now("feature deleted", client.delete_item, woods, "w1")
    seen.refused("deleted feature", client.get_item, woods, "w1")
    seen.now("collection deleted", client.delete_collection, woods)
    seen.refused("deleted collection", client.get_collection, woods)
    return farms, refs


def destinations(seen, client):
    """The Destinations API."""
    request = {"name": "mine", "type": "google_cloud_storage", "parameters": {"bucket": "b", "credentials": "e30="}}
    one = seen.now("destination", client.create_destination, request)["id"]
    seen.now("destination read", client.get_destination, one)
    seen.now("destination renamed", client.patch_destination, one, {"name": "ours"})
    seen.now("default set", client.set_default_destination, one)
    seen.now("default", client.get_default_destination)
    seen.now("destinations", client.list_destinations, archived=False, is_owner=True, can_write=True, is_default=True)
    seen.now("default unset", client.unset_default_destination)
    seen.refused("unknown destination", client.get_destination, "nothing-here")


def quota(seen, client, farms, refs):
    """The Quota API."""
    products = seen.now("products", client.list_products, supports_reservation=True, limit=1, page_size=1)
    number = products[0]["id"]
    seen.now("estimate", client.estimate_reservation, refs, number, collection_id=farms)
    seen.now("reserved", client.create_reservation, refs[:1], number, collection_id=farms)
    listed = seen.now("reservations", client.list_reservations, limit=1, fields="id,aoi_ref", sort="-created",
                      filters={"aoi_ref__eq": refs[0]}, page_size=1)  # fmt: skip
    seen.now("reservation", client.get_reservation, listed[0]["id"])
    job = seen.now("reserved in bulk", client.bulk_create_reservations, refs, number, collection_id=farms)
    seen.now("job", client.get_job, job["job_id"])
    seen.now("jobs", client.list_jobs, limit=1, fields="id,status", sort="-created", filters={"status__ne": "failed"},
             page_size=1)  # fmt: skip
    seen.refused("unknown reservation", client.get_reservation, 999999)


def scenario(seen):
    """Run all of it."""
    client = planet.Planet(session=planet.Session(auth=planet.Auth.from_key(KEY)), base_url=ROOT)
    ids = data(seen, client.data)
    orders(seen, client.orders, ids)
    farms, refs = features(seen, client.features)
    destinations(seen, client.destinations)
    quota(seen, client.quota, farms, refs)
    subscriptions(seen, client.subscriptions)


if __name__ == "__main__":
    play(scenario, planet.exceptions)

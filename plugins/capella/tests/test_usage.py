# SPDX-License-Identifier: Apache-2.0
"""What the usage page of Capella's own client shows, step by step, with nothing but the import changed.

Ids, places and times are those of the stand-in; the calls, their arguments and what is done with the results are the
page's. Source: docs/pages/{quickstart,example_usage}.rst of capellaspace/console-client, read 2026-11.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from swath_capella import CapellaConsoleClient
from swath_capella.enumerations import (
    ArchiveHoldback,
    CollectionTier,
    CollectionType,
    InsarOrbit,
    ProductType,
    RepeatCollectionTier,
    RepeatCycle,
    SquintMode,
    TaskingRequestStatus,
)
from swath_capella.exceptions import RepeatRequestPayloadValidationError

pytestmark = pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")
POLYGON = {
    "type": "Polygon",
    "coordinates": [[[11.148, 49.597], [11.148, 49.554], [11.22, 49.554], [11.22, 49.597], [11.148, 49.597]]],
}
READ = """
import rasterio, sys
with rasterio.open(sys.argv[1]) as ds:
    print(ds.read(1, window=rasterio.windows.Window(0, 0, 10, 10)).shape)
"""
POINT = {"type": "Point", "coordinates": [11.18, 49.57]}


@pytest.fixture(autouse=True)
def _at_the_stand_in(running, monkeypatch, _nobody):
    """Do what the page's reader has done: set the key. The place is the only thing that is not theirs."""
    for name, value in running.env.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def client():
    with CapellaConsoleClient() as made:
        yield made


@pytest.fixture
def stac_items(client):
    return client.search(
        instrument_mode="spotlight", product_type__in=["SLC", "GEO"], collections=["capella-open-data"], limit=2
    )


@pytest.fixture
def order_id(client, stac_items):
    return client.submit_order(items=stac_items, omit_search=True)


def test_quickstart(tmp_path):
    client = CapellaConsoleClient(verbose=True)

    stac_items = client.search(
        instrument_mode="spotlight",
        product_type__in=["SLC", "GEO"],
        collections=["capella-open-data"],
        limit=2,
    )
    order_id = client.submit_order(items=stac_items, omit_search=True)
    product_paths = client.download_products(order_id=order_id, local_dir=str(tmp_path), show_progress=True)

    assert set(product_paths) == set(stac_items.stac_ids)
    assert all(path.is_file() for paths in product_paths.values() for path in paths.values())
    client.close()


def test_authenticate(running):
    key = running.env["CAPELLA_API_KEY"]
    CapellaConsoleClient(api_key=key, verbose=True).close()
    CapellaConsoleClient(api_key=key, no_token_check=True).close()
    answer = httpx.post(f"{running.env['SWATH_CAPELLA_URL']}/token", auth=("ana@example.org", "sandbox"))
    token_client = CapellaConsoleClient(token=answer.json()["accessToken"], verbose=True)
    bold_token_client = CapellaConsoleClient(token="<token>", no_token_check=True)

    me = token_client.whoami()

    assert me is not None
    assert me["email"] == "ana@example.org"
    token_client.close()
    bold_token_client.close()


def test_search(client):
    random_product = client.search(constellation="capella", limit=1)[0]
    stack_by_bbox = client.search(bbox=random_product["bbox"])
    assert random_product["id"] in stack_by_bbox.stac_ids

    capella_spotlight = client.search(constellation="capella", instrument_mode="spotlight", limit=1)[0]
    assert capella_spotlight["properties"]["sar:instrument_mode"] == "spotlight"

    # corners the other way round, as on the page
    upside_down = client.search(
        constellation="capella", instrument_mode="spotlight", bbox=[6.0, 52.0, 5.0, 53.0], product_type="GEO"
    )
    assert len(upside_down)

    many_products = client.search(constellation="capella", limit=1000)
    assert len(many_products) == 1000
    assert len(client.search(constellation="capella", limit=1000, threaded=True)) == 1000


def test_advanced_search(client):
    vvs = client.search(polarizations="VV", platform="capella-2", sortby=["-datetime", "+id"], limit=50)
    times = [one["properties"]["datetime"] for one in vvs]
    assert times == sorted(times, reverse=True)
    assert set(vvs.groupby("polarizations")) == {"VV"}

    stripmaps = client.search(
        instrument_mode="stripmap",
        datetime__gt="2025-06-01T00:00:00Z",
        datetime__lt="2025-07-01T00:00:00Z",
        product_type="SLC",
        limit=10,
    )
    assert all(one["properties"]["datetime"].startswith("2025-06") for one in stripmaps)
    assert len(client.search(instrument_mode=["stripmap", "spotlight"], product_type="GEO", limit=10)) == 10
    fine = client.search(resolution_azimuth__lte=0.5, resolution_range__gte=0.3, resolution_range__lte=0.5, limit=10)
    assert all(one["properties"]["sar:resolution_azimuth"] <= 0.5 for one in fine)
    steep = client.search(look_angle__gt=35, product_type="GEO", instrument_mode="sliding_spotlight", limit=10)
    assert all(one["properties"]["view:look_angle"] > 35 for one in steep)

    collect_id = fine[0]["properties"]["capella:collect_id"]
    assert set(client.search(collect_id=collect_id).collect_ids) == {collect_id}
    night_items = client.search(product_type="GEO", local_time__gte="03:00:00", local_time__lte="04:00:00", limit=5)
    assert all(one["properties"]["locale:time"].startswith("03") for one in night_items)

    hefty = client.search(
        bbox=[5.4, 52.6, 5.6, 52.4],
        datetime__gt="2024-05-01T00:00:00Z",
        datetime__lt="2026-07-01T00:00:00Z",
        local_time__gte="00:00:00",
        local_time__lte="23:00:00",
        product_type="GEO",
        look_angle__gt=20,
        look_angle__lt=45,
        looks_equivalent_number=9,
        polarizations=["HH"],
        resolution_azimuth__lte=2,
        orbit_state=["ascending", "descending"],
        orbital_plane=[45, 53, 97],
        observation_direction=["left", "right"],
        squint_angle__gt=-2,
        squint_angle__lt=2,
        sortby="-datetime",
        collections=["capella-geo"],
    )
    assert len(hefty)


def test_group_and_write_results(client, tmp_path):
    results = client.search(instrument_mode="spotlight", product_type=["GEO", "SLC"], sortby="-datetime", limit=50)

    by_type = results.groupby("product_type")
    assert sum(by_type.value_counts().values()) == 50
    geos = by_type["GEO"]
    feature_collection_path = tmp_path / "CAPELLA_SP_GEOs.geojson"
    feature_collection_path.write_text(json.dumps(geos.to_feature_collection()))
    assert len(json.loads(feature_collection_path.read_text())["features"]) == len(geos)
    both = geos.merge(client.search(product_type="GEO", limit=5))
    both.drop(both.stac_ids[:1])
    results.log_summary()


def test_order(client, stac_items):
    order_details = client.review_order(items=stac_items)
    assert order_details["orderDetails"]["summary"]["total"] == "$0.00"

    order_id = client.submit_order(items=stac_items)
    first_two_ids = [item["id"] for item in stac_items[:2]]
    by_ids = client.submit_order(stac_ids=first_two_ids)
    assert by_ids != order_id
    again = client.submit_order(items=stac_items, check_active_orders=True)
    assert again in {order_id, by_ids}

    all_orders = client.list_orders()
    all_active_orders = client.list_orders(is_active=True)
    assert {order_id, by_ids} <= {one["orderId"] for one in all_active_orders}
    specific_order_id = all_orders[0]["orderId"]
    assert client.list_orders(specific_order_id) == client.list_orders(order_ids=[specific_order_id])
    assert sorted(client.get_stac_items_of_order(order_id).stac_ids) == sorted(first_two_ids)


def test_download_an_order(client, order_id, stac_items, tmp_path):
    product_paths = client.download_products(order_id=order_id, local_dir=tmp_path, include="thumbnail", threaded=False)
    assert set(product_paths) == set(stac_items.stac_ids)
    client.download_products(order_id=order_id, local_dir=tmp_path, include="thumbnail", override=True)
    client.download_products(order_id=order_id, local_dir=tmp_path, include=["metadata"], separate_dirs=False)
    assert len(list(tmp_path.glob("*_extended.json"))) == 2

    kinds = {one["properties"]["sar:product_type"] for one in stac_items}
    for kind in kinds:
        paths = client.download_products(
            order_id=order_id, local_dir=tmp_path, product_types=[kind], include="metadata"
        )
        assert all(f"_{kind}_" in name for name in paths)
    only_thumbs = client.download_products(
        order_id=order_id, local_dir=tmp_path, include=["raster", "thumbnail"], exclude="raster"
    )
    assert {key for paths in only_thumbs.values() for key in paths} == {"thumbnail"}


def test_presigned_items(client, order_id, stac_items, tmp_path):
    items_presigned = client.get_presigned_items(order_id)
    first = [item["id"] for item in stac_items[:1]]
    assert [one["id"] for one in client.get_presigned_items(order_id, stac_ids=first)] == first
    sorted_stac_ids = sorted(one["id"] for one in stac_items)
    items_presigned_sorted = client.get_presigned_items(order_id, sort_by=sorted_stac_ids)
    assert [one["id"] for one in items_presigned_sorted] == sorted_stac_ids

    assets_presigned = client.get_presigned_assets(order_id)
    product_paths = client.download_product(
        assets_presigned[0], local_dir=str(tmp_path), override=True, include=["metadata", "thumbnail"]
    )
    assert set(product_paths) == {"metadata", "thumbnail"}

    thumb_presigned_href = assets_presigned[0]["thumbnail"]["href"]
    dest_path = str(tmp_path / "thumb.png")
    local_thumb_path = client.download_asset(thumb_presigned_href, local_path=dest_path)
    assert local_thumb_path == Path(dest_path)
    client.download_asset(thumb_presigned_href, local_path=dest_path, override=True)
    assert client.get_asset_bytesize(thumb_presigned_href) == local_thumb_path.stat().st_size

    metadata = httpx.get(items_presigned[0]["assets"]["metadata"]["href"]).json()
    assert metadata["collect"]["radar"]["center_frequency"] == 9.65e9


def test_read_imagery(client, order_id):
    geo = next(
        one for one in client.get_presigned_items(order_id) if one["properties"]["sar:product_type"] in {"GEO", "SLC"}
    )
    raster_presigned_href = next(geo["assets"][key]["href"] for key in ("HH", "VV") if key in geo["assets"])

    # Links signed for GET take no HEAD; at Amazon's own hosts GDAL knows that by itself. A process of its own, because
    # GDAL would keep the stand-in, which runs in this one, from answering.
    env = {**os.environ, "NO_PROXY": "127.0.0.1", "CPL_VSIL_CURL_USE_HEAD": "NO"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", READ, raster_presigned_href],
        env=env, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert done.stdout.strip() == "(10, 10)", done.stderr


def test_tasking(client, running, tmp_path):
    basic = client.create_tasking_request(geometry=POLYGON, name="I<3SAR", description="My first tasking request")
    task = client.create_tasking_request(
        geometry=POINT,
        name="port",
        window_open=dt.datetime.now(dt.UTC),
        window_close=dt.datetime.now(dt.UTC) + dt.timedelta(days=10),
        collection_tier=CollectionTier.standard,
        collection_type=CollectionType.SPOTLIGHT,
        archive_holdback=ArchiveHoldback.thirty_day,
        product_types=[ProductType.SLC, ProductType.GEC],
        pre_approval=True,
    )
    tasking_request_id = task["properties"]["taskingrequestId"]
    running.clock.advance(24 * 3600)

    task = client.get_task(tasking_request_id)
    assert client.is_task_completed(task)
    (collect,) = client.get_collects_for_task(tasking_request_id)
    product_paths = client.download_products(
        tasking_request_id=tasking_request_id, local_dir=tmp_path, product_types=["GEO"], include="metadata"
    )
    assert len(product_paths) == 1
    by_collect = client.download_products(
        collect_id=collect["collectId"], local_dir=tmp_path, product_types=["GEC"], include="metadata"
    )
    assert len(by_collect) == 1

    basic_id = basic["properties"]["taskingrequestId"]
    updated = client.update_tasking_requests(basic_id, name="renamed", custom_attribute_1="mine")
    assert updated[basic_id]["properties"]["taskingrequestName"] == "renamed"
    assert client.cancel_tasking_requests(basic_id) == {basic_id: {"success": True}}


def test_search_tasking_requests(client):
    made = client.create_tasking_request(geometry=POINT, name="to be found")
    client.cancel_tasking_requests(made["properties"]["taskingrequestId"])

    mine = client.search_tasking_requests(status=TaskingRequestStatus.canceled)
    assert made["properties"]["taskingrequestId"] in mine.tasking_request_ids
    org_completed = client.search_tasking_requests(for_org=True, status="completed")
    assert all(client.is_task_completed(one) for one in org_completed)
    since = client.search_tasking_requests(
        for_org=True,
        status=["canceled", "completed"],
        submission_time__gt=dt.datetime(2022, 12, 1),  # noqa: DTZ001 - the page's own line
    )
    assert set(mine.tasking_request_ids) <= set(since.tasking_request_ids)
    assert since.groupby("collectionTier").value_counts()["standard"] >= 1


def test_repeat_requests(client):
    repeat = client.create_repeat_request(
        geometry=POINT,
        name="I<3SAR",
        description="again and again",
        repeat_start=dt.datetime.now(dt.UTC),
        repetition_interval=RepeatCycle.WEEKLY,
        repetition_count=5,
        maintain_scene_framing=False,
        look_angle_tolerance=2,
    )
    repeat_id = repeat["properties"]["repeatrequestId"]
    with pytest.raises(RepeatRequestPayloadValidationError):
        client.create_repeat_request(
            geometry=POINT,
            name="I<3SAR",
            repeat_start="2027-12-24 3:30 PM",
            repeat_end="2027-12-31 3:30 PM",
            repetition_count=23,
        )
    insar = client.create_repeat_request(
        geometry=POINT,
        name="subsidence",
        collection_tier=RepeatCollectionTier.insar,
        collection_type=CollectionType.STRIPMAP_100,
        repeat_start="2027-01-01 3:30 PM",
        repeat_end="2027-12-31 3:30 PM",
        repetition_interval=3,
        product_types=["SLC", "GEO"],
        squint=SquintMode.DISABLED,
        insar_orbit=InsarOrbit.MIO_53_2P95,
    )
    insar_id = insar["properties"]["repeatrequestId"]
    assert insar["properties"]["repetitionProperties"]["repeatStart"] == "2027-01-01T15:30:00.000Z"

    found = client.search_repeat_requests(repeat_request_id=[repeat_id, insar_id])
    assert found.groupby("collectionTier").value_counts() == {"routine": 1, "insar": 1}
    updated = client.update_repeat_requests(repeat_id, name="renamed")
    assert updated[repeat_id]["properties"]["repeatrequestName"] == "renamed"
    assert client.cancel_repeat_requests(repeat_id, insar_id) == {
        repeat_id: {"success": True},
        insar_id: {"success": True},
    }

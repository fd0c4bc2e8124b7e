# SPDX-License-Identifier: Apache-2.0
"""Cecil's hooks at the stand-in."""

from __future__ import annotations

import pytest

from swath import stac
from swath.errors import CostExceeded, InputError, NotOrdered, OrderFailed, OrderPartial, OrderTimeout, QuotaExceeded
from swath.models import OrderState

HANSEN = "9659ec1d-7091-4f8b-9db5-e9fe07d2f508"
COVER = "a4bb9aea-b6df-4d19-9083-38357f8fa76c"
RED_LIST = "f30f2125-c472-43c7-85c8-52f0d4b1d160"
SQUARE = {
    "type": "Polygon",
    "coordinates": [
        [[132.5294, -12.7301], [132.5344, -12.7301], [132.5344, -12.7251], [132.5294, -12.7251], [132.5294, -12.7301]]
    ],
}
LONG_S = 30 * 86400


def areas(provider, **query):
    """Find datasets over areas."""
    return list(provider.search(**query, filter="\"cecil:kind\" = 'area'").items_as_dicts())


# --- what there is ----------------------------------------------------------------------------------------------------


def test_collection_is_a_dataset_with_bands_crs_and_version(provider):
    made = provider.get_collection(COVER).to_dict(include_self_link=False)

    [(key, asset)] = made["item_assets"].items()
    assert key == "land_cover_class"
    assert asset["bands"][0]["data_type"] == "uint8"
    assert asset["bands"][0]["nodata"] == 255
    assert made["summaries"]["proj:code"] == [asset["proj:code"]]
    assert made["cecil:reference_tables"]["land_cover_class"]
    assert made["extent"]["temporal"]["interval"] == [["2017-01-01T00:00:00Z", "2024-12-31T23:59:59Z"]]


def test_collection_of_a_table_has_columns(provider):
    made = provider.get_collection(RED_LIST).to_dict(include_self_link=False)

    assert "scientific_name" in {column["name"] for column in made["table:columns"]}
    assert made["cecil:data_type"] == "vector"


def test_every_dataset_can_be_had_for_an_area_that_it_covers(provider):
    found = areas(provider, intersects=SQUARE)

    assert {one["collection"] for one in found} == {one.id for one in provider.get_collections()}
    assert all(one["properties"]["cecil:hectares"] == pytest.approx(30.01, abs=0.1) for one in found)


def test_dataset_is_not_found_for_an_area_that_it_cannot_be_had_for(provider):
    too_large = [100.0, -20.0, 110.0, -10.0]

    limited = {
        one.id
        for one in provider.get_collections()
        if "aoi_max_hectares" in (one.extra_fields.get("cecil:constraints") or {})
    }

    assert limited
    assert not limited & {one["collection"] for one in areas(provider, bbox=too_large)}


def test_same_place_has_the_same_id_wherever_its_ring_begins(provider):
    ring = SQUARE["coordinates"][0]
    turned = {"type": "Polygon", "coordinates": [[*ring[2:], *ring[1:3]]]}

    first = areas(provider, intersects=SQUARE, collections=[HANSEN])
    second = areas(provider, intersects=turned, collections=[HANSEN])

    assert [one["id"] for one in first] == [one["id"] for one in second]


def test_irregular_area_is_found_again_by_its_id_once_it_is_kept_at_cecil(provider, client):
    triangle = {"type": "Polygon", "coordinates": [[[10.0, 50.0], [10.01, 50.0], [10.0, 50.01], [10.0, 50.0]]]}
    [item] = areas(provider, intersects=triangle, collections=[HANSEN])
    assert list(provider.search(ids=[item["id"]]).items()) == []

    client.create_aoi(triangle, "mine")

    [again] = areas(provider, ids=[item["id"]])
    assert again["id"] == item["id"]
    assert again["properties"]["cecil:external_ref"] == "mine"


def test_without_an_area_those_kept_at_cecil_are_meant(provider, client):
    aoi = client.create_aoi(SQUARE, "kept")

    found = areas(provider, collections=[HANSEN])

    assert aoi.id in {one["properties"].get("cecil:aoi_id") for one in found}


# --- ordering ---------------------------------------------------------------------------------------------------------


def test_quote_counts_hectares_against_the_monthly_limit(provider, client):
    usage = client.get_usage()

    quote = provider.quote(areas(provider, intersects=SQUARE, collections=[HANSEN]))

    assert (quote.unit, quote.note) == ("ha", "Hansen Global Forest Change: No acquisition cost")
    assert quote.amount == pytest.approx(client.create_aoi(SQUARE).hectares)
    assert quote.remaining == pytest.approx(usage.monthly_subscription_limit - usage.monthly_area_ha)
    with pytest.raises(CostExceeded):
        provider.order(areas(provider, intersects=SQUARE, collections=[HANSEN]), max_cost=10)


def test_month_s_limit_is_told_from_too_many_requests(box, provider, client):
    item = areas(provider, bbox=[20.5, 50.0, 20.504, 50.004], collections=[HANSEN])
    try:
        client.update_settings(monthly_subscription_limit=1)
        with pytest.raises(QuotaExceeded, match="left of this month's 1"):
            provider.order(item)
    finally:
        client.update_settings(monthly_subscription_limit=200_000)


def test_order_becomes_an_area_and_a_subscription_with_swath_s_tag(box, provider, client):
    place = [20.0, 50.0, 20.004, 50.004]
    order = provider.order(areas(provider, bbox=place, collections=[HANSEN]), name="mine")

    subscription = client.get_subscription(order.id)

    assert subscription.external_ref == f"mine {order.tag}"
    assert client.get_aoi(subscription.aoi_id).external_ref.startswith("swath area ")
    [again] = areas(provider, bbox=place, collections=[HANSEN])
    assert again["properties"]["cecil:subscription_id"] == order.id
    assert provider.quote(again).amount == 0
    assert provider.order(areas(provider, bbox=place, collections=[COVER])).id != order.id
    aois = [one for one in client.list_aois() if (one.external_ref or "").startswith("swath area")]
    assert len({one.external_ref for one in aois}) == len(aois), "one area for both datasets"


def test_p01_what_the_area_has_already_is_found_by_the_guard(box, provider, client, opening, tmp_path):
    place = [21.0, 50.0, 21.004, 50.004]
    first = provider.order(areas(provider, bbox=place, collections=[HANSEN]))
    item = areas(provider, bbox=place, collections=[HANSEN])

    second = provider.order(item, again=True)

    assert second.id == first.id
    assert second.tag != first.tag
    third = provider.order(item, again=True, allow_duplicate=True)
    assert third.id != first.id


def test_conflict_about_something_else_is_an_error(box, provider, client):
    aoi = client.create_aoi({**SQUARE, "coordinates": [[[x + 3, y] for x, y in SQUARE["coordinates"][0]]]})
    [item] = [one for one in areas(provider, collections=[HANSEN]) if one["properties"]["cecil:aoi_id"] == aoi.id]
    client.archive_aoi(aoi.id)

    with pytest.raises(Exception, match="409"):
        provider.order(item)


def test_area_that_does_not_do_is_refused_before_anything_is_sent(box, provider):
    [item] = areas(provider, intersects=SQUARE, collections=[HANSEN])
    item["geometry"] = {"type": "Point", "coordinates": [10.0, 50.0]}
    item["properties"].pop("cecil:aoi_id", None)
    box.log.clear()

    with pytest.raises(InputError, match="polygon"):
        provider.order(item)

    assert not box.log.entries(method="POST")


# --- waiting ----------------------------------------------------------------------------------------------------------


def test_deliveries_come_one_after_the_other(box, provider):
    order = provider.order(areas(provider, bbox=[22.0, 50.0, 22.004, 50.004], collections=[COVER]))
    counts = []

    while not order.state.is_final:
        box.clock.advance(45)
        order = provider._buyer.look(order)
        counts.append((order.state, len(order.delivered)))

    assert (OrderState.SHIPPING, 1) in counts
    assert counts == sorted(counts, key=lambda one: one[1])
    assert order.state is OrderState.SUCCEEDED
    for item in order.delivered:
        stac.validate(item)
        assert item["properties"]["datetime"]
        assert item["properties"]["order:id"] == order.id
        assert all(one["href"].startswith("s3://") for one in item["assets"].values())


@pytest.mark.parametrize(("end", "error"), [("partial", OrderPartial), ("failed", OrderFailed)])
def test_end_that_is_not_good_is_an_error_with_cecil_s_words(box, provider, end, error):
    box.settings(end=end, message="No data found for the AOI.")
    item = areas(provider, bbox=[23.0, 50.0, 23.004, 50.004], collections=[COVER])

    with pytest.raises(error, match="No data found"):
        provider.wait(provider.order(item, allow_duplicate=True, again=True), timeout=LONG_S)


def test_server_that_does_not_tell_is_done_when_nothing_more_comes(box, provider):
    box.settings(tells_status=False)
    order = provider.order(areas(provider, bbox=[24.0, 50.0, 24.004, 50.004], collections=[COVER]))

    done = provider.wait(order, timeout=LONG_S)

    assert done.state is OrderState.SUCCEEDED
    assert len(done.delivered) == 4


def test_early_listing_that_is_not_there_yet_is_no_error(box, provider):
    box.settings(tells_status=False, refuses_early_listings=True)
    order = provider.order(areas(provider, bbox=[24.1, 50.0, 24.104, 50.004], collections=[COVER]))

    assert provider.wait(order, timeout=LONG_S).delivered


def test_cancelled_order_says_until_when_it_can_be_restored(box, provider, client):
    order = provider.cancel(provider.order(areas(provider, bbox=[25.0, 50.0, 25.004, 50.004], collections=[COVER])))

    assert order.state is OrderState.CANCELED
    archived = client.get_subscription(order.id).archived_at
    assert (order.expires - archived).days == 30
    listed = {one.id: one for one in provider._session.hooks.orders(provider._session.context, None)}
    assert listed[order.id].state is OrderState.CANCELED
    assert listed[order.id].tag == order.tag


def test_subscription_goes_on_and_is_fetched_as_it_comes(box, provider, tmp_path):
    order = provider.subscribe(collections=[COVER], bbox=[26.0, 50.0, 26.004, 50.004])
    with pytest.raises(OrderTimeout):
        provider.wait(order, timeout=1200)

    items = provider.download(order.id, tmp_path / "data", progress=False)

    assert len(items) == 4
    assert provider.orders()[0].state is OrderState.SHIPPING


@pytest.mark.parametrize("asked", [{"datetime": "2020/2021"}, {"filter": "gsd < 10"}, {"collections": [COVER, HANSEN]}])
def test_subscription_is_one_dataset_whole(box, provider, asked):
    with pytest.raises(InputError):
        provider.subscribe(**{"collections": [COVER], "bbox": [26.0, 50.0, 26.004, 50.004], **asked})

    assert not box.log.entries(method="POST")


def test_subscription_that_was_there_and_is_done_is_downloaded_at_once(box, provider, opening, tmp_path):
    query = {"bbox": [26.1, 50.0, 26.104, 50.004], "collections": [COVER]}
    first = provider.wait(provider.order(areas(provider, **query)), timeout=LONG_S)

    again = provider.wait(provider.order(areas(provider, **query), again=True))

    assert again.id == first.id
    assert again.items == first.items
    assert len(provider.download(again, tmp_path / "data", progress=False)) == 4


def test_time_steps_that_came_later_are_fetched_too(box, provider, tmp_path):
    import httpx

    order = provider.subscribe(collections=[COVER], bbox=[26.2, 50.0, 26.204, 50.004])
    with pytest.raises(OrderTimeout):
        provider.wait(order, timeout=1200)
    first = provider.download(order.id, tmp_path / "data", progress=False)
    newest = max(first, key=lambda item: item.datetime)
    url = f"{box.running.base_url}/_cecil/subscriptions/{order.id}/objects"
    content = (tmp_path / "data" / newest.id / "land_cover_class.tif").read_bytes()
    httpx.put(f"{url}/2031/01/01/00/00/00/land_cover_class.tif", content=content).raise_for_status()

    second = provider.download(order.id, tmp_path / "data", progress=False)

    assert {item.id for item in second} - {item.id for item in first} == {f"{order.id}_20310101T000000"}


# --- getting ----------------------------------------------------------------------------------------------------------


def test_delivered_items_are_found_and_fetched_without_an_order(box, provider, subscribed, opening, tmp_path):
    one = subscribed(COVER)
    query = {"intersects": SQUARE, "collections": [COVER], "filter": f"\"order:id\" = '{one.id}'"}

    found = list(provider.search(**query).items_as_dicts())

    assert len(found) == 4
    newest = max(found, key=lambda item: item["properties"]["datetime"])
    local = provider.download([newest], tmp_path / "data", progress=False)
    assert [item.id for item in local] == [newest["id"]]
    assert provider.order([newest]).kind == "direct"


def test_area_that_was_never_ordered_is_not_downloaded(provider, tmp_path):
    with pytest.raises(NotOrdered):
        provider.download(areas(provider, bbox=[27.0, 50.0, 27.004, 50.004], collections=[COVER]), tmp_path)


def test_p20_links_outlive_the_credentials_they_were_signed_with(box, provider, tmp_path):
    order = provider.wait(provider.order(areas(provider, bbox=[28.0, 50.0, 28.004, 50.004], collections=[HANSEN])))
    box.log.clear()
    box.faults.add(
        provider="cecil", path=r"tree_cover\.tif$", status=400, body="<Error><Code>ExpiredToken</Code></Error>", times=2
    )

    items = provider.download(order, tmp_path / "data", progress=False)

    assert {key for item in items for key in item.assets} >= {"tree_cover", "loss_year"}
    assert len(box.log.entries(path=r"/files/tiff$")) >= 2


def test_p28_key_goes_to_the_api_and_nowhere_else(box, provider, tmp_path):
    order = provider.wait(provider.order(areas(provider, bbox=[29.0, 50.0, 29.004, 50.004], collections=[COVER])))
    box.log.clear()

    provider.download(order, tmp_path / "data", progress=False)

    signed = {entry.path: "authorization" in dict(entry.headers) for entry in box.log}
    assert {path for path, is_signed in signed.items() if is_signed} == {path for path in signed if "/v0/" in path}
    assert not all(signed.values())


def test_p27_no_credentials_of_buckets_are_written(box, provider, tmp_path):
    order = provider.wait(provider.order(areas(provider, bbox=[30.0, 50.0, 30.004, 50.004], collections=[COVER])))
    provider.download(order, tmp_path / "data", progress=False)

    text = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file() and file.suffix != ".tif")

    for word in (b"X-Amz-", b"ASIA", b"session_token", b"secret_access"):
        assert word not in text

# SPDX-License-Identifier: Apache-2.0
import pytest

from swath import stac
from swath.errors import UnexpectedResponse
from swath_sedas.catalogue import queryables
from swath_sedas.stac import is_online, is_planned, item_of

BASE = "https://sedas.test/api/"


@pytest.fixture
def optical(wire):
    return wire("search_optical.json")["products"]


@pytest.fixture
def radar(wire):
    return wire("lookup_sar.json")[0]


def test_p52_items_validate_offline(optical, radar):
    for product in [*optical, radar]:
        stac.validate(item_of(product, base_url=BASE))


def test_item_of_an_online_sentinel_2_product(optical):
    item = item_of(optical[0], base_url=BASE)
    properties = item["properties"]

    assert item["id"] == optical[0]["supplierId"]
    assert item["collection"] == "sentinel-2-l1c"
    assert properties["datetime"] == properties["start_datetime"] == "2019-09-25T07:16:29Z"
    assert (properties["platform"], properties["constellation"], properties["instruments"]) == (
        "sentinel-2b",
        "sentinel-2",
        ["msi"],
    )
    assert (properties["eo:cloud_cover"], properties["gsd"]) == (42.0, 10.0)
    assert (properties["grid:code"], properties["processing:version"], properties["processing:level"]) == (
        "MGRS-38PNV",
        "02.08",
        "L1",
    )
    assert (properties["sat:relative_orbit"], properties["sat:orbit_state"]) == (6, "descending")
    assert (properties["order:status"], properties["swath:tier"]) == ("succeeded", "standard")
    assert properties["swath:provider"] == "sedas"
    assert properties["swath:provider_id"] == "0123456789abcdef0123456789abcdef"
    assert item["assets"]["product"]["href"] == optical[0]["downloadUrl"]
    assert item["assets"]["product"]["file:checksum"] == "d5011095d41d8cd98f00b204e9800998ecf842"
    assert item["assets"]["thumbnail"]["roles"] == ["thumbnail"]
    assert item["assets"]["overview"]["type"] == "image/jpeg"
    assert is_online(item)
    assert not is_planned(item)


def test_item_of_an_archived_product_points_at_where_it_is_ordered(optical):
    item = item_of(optical[1], base_url=BASE)

    assert item["collection"] == "sentinel-2-l2a"
    assert (item["properties"]["order:status"], item["properties"]["swath:tier"]) == ("orderable", "archive")
    assert item["assets"]["product"]["href"] == f"{BASE}request/{optical[1]['supplierId']}"
    assert not is_online(item)


def test_item_of_sentinel_1_has_sar_fields_and_the_middle_as_datetime(radar):
    item = item_of(radar, base_url=BASE)
    properties = item["properties"]

    assert item["collection"] == "sentinel-1-grd"
    assert properties["datetime"] == "2019-05-28T10:50:42.500000Z"
    assert (properties["sar:instrument_mode"], properties["sar:polarizations"]) == ("IW", ["VV", "VH"])
    assert (properties["sar:frequency_band"], properties["sar:center_frequency"]) == ("C", 5.405)
    assert (properties["sat:absolute_orbit"], properties["sat:relative_orbit"]) == (16443, 142)
    assert properties["product:type"] == properties["sar:product_type"] == "GRD"
    assert "eo:cloud_cover" not in properties
    assert stac.EXTENSIONS["sar"] in item["stac_extensions"]


def test_item_of_novasar_is_s_band(make_product):
    product = make_product(
        "NovaSAR_01_13145_slc_11_200720_233448_HH_8", satelliteName="NovaSAR-1", sensorType="SAR", productType="slc"
    )

    item = item_of(product, base_url=BASE)

    assert item["collection"] == "novasar-1-slc"
    assert (item["properties"]["sar:frequency_band"], item["properties"]["sar:center_frequency"]) == ("S", 3.2)
    assert item["properties"]["instruments"] == ["s-sar"]
    stac.validate(item)


def test_item_of_a_planned_acquisition_has_no_data_and_no_order_status(optical):
    item = item_of(optical[1] | {"type": "PLANNEDACQ", "supplierId": "plan-1", "productType": "L1C"}, base_url=BASE)

    assert item["properties"]["swath:planned"] is True
    assert "order:status" not in item["properties"]
    assert "product" not in item["assets"]
    assert is_planned(item)
    stac.validate(item)


def test_item_of_an_unknown_mission_keeps_everything_under_its_own_names(make_product):
    product = make_product("X1", satelliteName="SkySat C1", productType="Ortho", brandNew={"a": 1}, orbit=7)

    item = item_of(product, base_url=BASE)

    assert item["collection"] == "skysat-c1-ortho"
    assert item["properties"]["sedas:brand_new"] == {"a": 1}
    assert item["properties"]["sedas:orbit"] == 7
    assert "sat:absolute_orbit" not in item["properties"]
    stac.validate(item)


def test_item_of_optical_mission_never_takes_clouds_for_radar(radar):
    item = item_of(radar | {"cloudCoveragePercent": 0.0}, base_url=BASE)

    assert "eo:cloud_cover" not in item["properties"]


def test_p12_item_over_the_antimeridian_is_split_and_its_bbox_crosses(optical):
    product = optical[0] | {"coordinatesWKT": "POLYGON((179 10,-179 10,-179 12,179 12,179 10))"}

    item = item_of(product, base_url=BASE)

    assert item["geometry"]["type"] == "MultiPolygon"
    assert item["bbox"] == [179, 10, -179, 12]


@pytest.mark.parametrize("broken", [{"coordinatesWKT": "POINT(0 0)"}, {"start": "yesterday"}, {"supplierId": None}])
def test_item_of_a_product_of_another_form_names_it(optical, broken):
    with pytest.raises(UnexpectedResponse):
        item_of(optical[0] | broken, base_url=BASE)


def test_every_property_of_an_item_is_a_queryable(optical, radar):
    for product in [*optical, radar]:
        item = item_of(product, base_url=BASE)
        for collection in (None, item["collection"]):
            assert item["properties"].keys() <= queryables(collection)["properties"].keys()

# SPDX-License-Identifier: Apache-2.0
"""The files of an order."""

from __future__ import annotations

import datetime as dt

import pytest

from swath import stac
from swath.errors import UnexpectedResponse
from swath_planet.assets import guess_asset_type, media_type_of_name
from swath_planet.results import assets_of, manifest_link
from swath_planet.wire import Manifest, OrderPayload, read

ITEM = "20260312_101530_23_24a9"
ORDER = "785185aa-b39f-4b4c-a2d6-5c0a8f0e1d55"


@pytest.fixture
def order(wire):
    return read(wire("order_success"), OrderPayload, "order")


@pytest.fixture
def manifest(wire):
    return read(wire("manifest"), Manifest, "manifest")


def listed(order, manifest):
    return {asset.name: asset for asset in assets_of(order, manifest)}


def payload_of(*names, item_ids=(ITEM,), item_type="PSScene", **more):
    results = [{"name": f"{ORDER}/{name}", "delivery": "success", "location": f"https://x/{name}"} for name in names]
    body = {
        "id": ORDER,
        "state": "success",
        "products": [{"item_type": item_type, "item_ids": list(item_ids)}],
        "_links": {"results": results},
        **more,
    }
    return read(body, OrderPayload, "order")


def test_manifest_is_found_by_its_name(order):
    assert manifest_link(order) == "https://api.planet.com/compute/ops/download/?token=manifest"


def test_files_that_failed_are_not_listed(order, manifest):
    assert list(listed(order, manifest)) == [
        f"PSScene/{ITEM}_3B_AnalyticMS_SR_8b_clip_reproject.tif",
        f"PSScene/{ITEM}_3B_udm2_clip_reproject.tif",
        f"PSScene/{ITEM}_3B_AnalyticMS_8b_metadata.xml",
        f"PSScene/{ITEM}_metadata.json",
        "manifest.json",
    ]


def test_raster_has_size_checksum_bands_and_crs(order, manifest):
    asset = listed(order, manifest)[f"PSScene/{ITEM}_3B_AnalyticMS_SR_8b_clip_reproject.tif"]

    assert asset.key == "ortho_analytic_8b_sr"
    assert asset.item == ITEM
    assert asset.size == 57350256
    assert stac.parse_multihash(asset.checksum)[0] == "sha256"
    assert asset.media_type == stac.GEOTIFF
    assert asset.roles == ("data", "reflectance")
    assert asset.expires == dt.datetime(2026, 3, 15, 9, tzinfo=dt.UTC)
    assert [band["name"] for band in asset.fields["bands"]][-1] == "nir"
    assert asset.fields["data_type"] == "uint16"
    assert asset.fields["nodata"] == 0
    assert asset.fields["proj:code"] == "EPSG:32631"
    assert asset.fields["planet:asset_type"] == "ortho_analytic_8b_sr"
    assert asset.fields["planet:bundle_type"] == "analytic_8b_sr_udm2"
    assert asset.fields["planet:tools"] == [{"clip": {}}, {"reproject": {"projection": "EPSG:32631", "kernel": "near"}}]
    assert asset.part_of_item


def test_weaker_digest_is_used_where_it_is_the_only_one(order, manifest):
    asset = listed(order, manifest)[f"PSScene/{ITEM}_3B_udm2_clip_reproject.tif"]

    assert stac.parse_multihash(asset.checksum)[0] == "md5"
    assert asset.expires is None
    assert "cloud" in asset.roles


def test_metadata_belongs_to_the_item_and_is_no_data(order, manifest):
    files = listed(order, manifest)

    told = files[f"PSScene/{ITEM}_metadata.json"]
    assert (told.key, told.media_type, told.roles) == ("metadata", stac.JSON, ("metadata",))
    xml = files[f"PSScene/{ITEM}_3B_AnalyticMS_8b_metadata.xml"]
    assert (xml.key, xml.media_type, xml.roles) == ("ortho_analytic_8b_xml", stac.XML, ("metadata",))


def test_manifest_belongs_to_the_order(order, manifest):
    asset = listed(order, manifest)["manifest.json"]

    assert asset.item is None
    assert not asset.part_of_item
    assert asset.checksum is None


def test_p44_files_of_two_orders_have_keys_of_their_own(order, wire):
    other = read({**wire("order_success"), "id": "0f00ba12-b39f-4b4c-a2d6-5c0a8f0e1d55"}, OrderPayload, "order")

    keys = [[asset.key for asset in assets_of(one, None) if asset.item is None] for one in (order, other)]

    assert keys[0] == ["manifest-785185aa"]
    assert not set(keys[0]) & set(keys[1])


def test_files_are_told_apart_without_a_manifest(order):
    asset = listed(order, None)[f"PSScene/{ITEM}_3B_AnalyticMS_SR_8b_clip_reproject.tif"]

    assert asset.item == ITEM
    assert asset.key == "ortho_analytic_8b_sr"
    assert asset.size is None
    assert len(asset.fields["bands"]) == 8


def test_broken_digest_in_a_manifest_is_an_error(order, wire):
    payload = wire("manifest")
    payload["files"][0]["digests"]["sha256"] = "abc"

    with pytest.raises(UnexpectedResponse, match="'abc'"):
        listed(order, read(payload, Manifest, "manifest"))


@pytest.mark.parametrize("results", [None, []])
def test_order_without_results_has_no_files(wire, results):
    payload = wire("order_success")
    payload["_links"]["results"] = results

    assert listed(read(payload, OrderPayload, "order"), None) == {}


def test_results_in_a_bucket_are_no_files_to_fetch(wire):
    payload = wire("order_success")
    for one in payload["_links"]["results"]:
        del one["location"]
    order = read(payload, OrderPayload, "order")

    assert listed(order, None) == {}
    assert manifest_link(order) is None


def test_tiles_of_one_asset_type_have_keys_of_their_own():
    order = payload_of(f"PSScene/{ITEM}_T_1.tif", f"PSScene/{ITEM}_T_2.tif")
    notes = {"planet/item_id": ITEM, "planet/item_type": "PSScene", "planet/asset_type": "ortho_visual"}
    files = [{"path": f"PSScene/{ITEM}_T_{n}.tif", "annotations": notes} for n in (1, 2)]
    manifest = read({"files": files}, Manifest, "manifest")

    assert [asset.key for asset in assets_of(order, manifest)] == ["ortho_visual", "ortho_visual_2"]


def test_longest_item_id_wins_where_one_begins_with_another():
    order = payload_of("PSScene/a_1_3B_udm2.tif", item_ids=["a", "a_1"])

    assert next(iter(assets_of(order, None))).item == "a_1"


def test_archive_of_one_item_is_that_items_and_of_several_the_orders():
    single = next(iter(assets_of(payload_of("field.zip"), None)))
    several = next(iter(assets_of(payload_of("field.zip", item_ids=["a", "b"]), None)))
    named = next(iter(assets_of(payload_of("a.zip", item_ids=["a", "b"]), None)))

    assert (single.item, single.key, single.media_type) == (ITEM, "archive", stac.ZIP)
    assert "archive" in single.roles
    assert several.item is None
    assert named.item == "a"


def test_planets_own_stac_is_not_part_of_our_items():
    names = ["catalog.json", "PSScene/PSScene_collection.json", f"PSScene/{ITEM}.json"]

    assert [asset.part_of_item for asset in assets_of(payload_of(*names), None)] == [False, False, False]


def test_composite_is_the_orders():
    made = list(assets_of(payload_of("composite.tif", f"{ITEM}_metadata.json"), None))

    assert [asset.item for asset in made] == [None, ITEM]
    assert made[0].roles == ("data",)


def test_bandmath_gives_bands_of_its_own():
    tools = [{"bandmath": {"b2": "b1", "b1": "(b4-b3)/(b4+b3)", "pixel_type": "32R"}}]
    order = payload_of(f"PSScene/{ITEM}_3B_AnalyticMS_bandmath.tif", f"PSScene/{ITEM}_3B_udm2.tif", tools=tools)

    analytic, mask = assets_of(order, None)

    assert [band["name"] for band in analytic.fields["bands"]] == ["b1", "b2"]
    assert analytic.fields["data_type"] == "float32"
    assert "nodata" not in analytic.fields
    assert len(mask.fields["bands"]) == 8


def test_toar_changes_the_scale():
    order = payload_of(f"PSScene/{ITEM}_3B_AnalyticMS_toar.tif", tools=[{"toar": {"scale_factor": 5000}}])

    (asset,) = assets_of(order, None)

    assert {band["raster:scale"] for band in asset.fields["bands"]} == {1 / 5000}
    assert not any("unit" in band for band in asset.fields["bands"])


def test_file_format_changes_the_media_type():
    order = payload_of(f"PSScene/{ITEM}_3B_AnalyticMS_file_format.tif", tools=[{"file_format": {"format": "COG"}}])

    assert next(iter(assets_of(order, None))).media_type == stac.COG


@pytest.mark.parametrize(
    ("name", "asset_type"),
    [
        ("_3B_AnalyticMS.tif", "ortho_analytic_4b"),
        ("_3B_AnalyticMS_8b.tif", "ortho_analytic_8b"),
        ("_3B_AnalyticMS_SR.tif", "ortho_analytic_4b_sr"),
        ("_3B_AnalyticMS_SR_8b_harmonized_clip.tif", "ortho_analytic_8b_sr"),
        ("_3B_Analytic.tif", "ortho_analytic_3b"),
        ("_3B_AnalyticMS_3b.tif", "ortho_analytic_3b"),
        ("_3B_Visual_clip.tif", "ortho_visual"),
        ("_3B_udm2.tif", "ortho_udm2"),
        ("_3B_AnalyticMS_metadata.xml", "ortho_analytic_4b_xml"),
        ("_3B_AnalyticMS_8b_metadata_clip.xml", "ortho_analytic_8b_xml"),
        ("_1B_AnalyticMS.tif", "basic_analytic_4b"),
        ("_1B_AnalyticMS_RPC.TXT", "basic_analytic_4b_rpc"),
        ("_1B_udm2.tif", "basic_udm2"),
        ("_metadata.json", None),
        ("_holiday.tif", None),
    ],
)
def test_asset_type_is_told_from_planetscope_names(name, asset_type):
    assert guess_asset_type("PSScene", ITEM, f"PSScene/{ITEM}{name}") == asset_type


def test_asset_type_is_told_from_skysat_names():
    item = "20260311_011846_ssc2d3_0010"

    assert guess_asset_type("SkySatScene", item, f"{item}_pansharpened_udm2_clip.tif") == "ortho_pansharpened_udm2"
    assert guess_asset_type("SkySatScene", item, f"{item}_basic_analytic.tif") == "basic_analytic"
    assert guess_asset_type("SkySatScene", item, f"{item}_metadata.json") is None


def test_media_type_of_json_is_not_what_the_manifest_says():
    assert media_type_of_name("a/manifest.json", "text/plain") == stac.JSON
    assert media_type_of_name("a.tif", "application/octet-stream") == stac.TIFF
    assert media_type_of_name("README", "text/markdown") == "text/markdown"

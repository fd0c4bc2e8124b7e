# SPDX-License-Identifier: Apache-2.0
"""Builders of order requests: the JSON that Planet's own SDK makes, without what it drops."""

from __future__ import annotations

import copy

import pytest

from swath.models import Secret
from swath_planet import order_request as made
from swath_planet.exceptions import ClientError

FIELD = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}
SEVERAL = {"type": "MultiPolygon", "coordinates": [FIELD["coordinates"]]}
REF = {"type": "ref", "content": "pl:features/my/farms/f12"}
PRODUCTS = [{"item_ids": ["a"], "item_type": "PSScene", "product_bundle": "visual"}]


# --- products --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fallback", "bundles"),
    [
        (None, "visual"),
        ([], "visual"),
        ("analytic_udm2", "visual,analytic_udm2"),
        (["analytic_udm2", "ANALYTIC_8B_UDM2"], "visual,analytic_udm2,analytic_8b_udm2"),
        ("analytic_udm2, analytic_8b_udm2", "visual,analytic_udm2,analytic_8b_udm2"),
        (["visual", "analytic_udm2"], "visual,analytic_udm2"),
    ],
)
def test_product_joins_fall_backs_by_commas(fallback, bundles):
    assert made.product(["a", "b"], "VISUAL", "psscene", fallback) == {
        "item_ids": ["a", "b"],
        "item_type": "PSScene",
        "product_bundle": bundles,
    }


@pytest.mark.parametrize(
    "given", [("analytic", "PSScene"), ("nothing", "PSScene"), ("visual", "PSScene", "nothing"), ("", "PSScene")]
)
def test_product_of_a_bundle_that_the_type_lacks_lists_the_valid_ones(given):
    with pytest.raises(ClientError, match=r"bundle - .* is not one of 'analytic_3b_udm2', .*'visual'\."):
        made.product(["a"], *given)


def test_product_of_an_unknown_type_lists_the_known_ones():
    with pytest.raises(ClientError, match=r"item_type - 'nothing' is not one of .*'PSScene'"):
        made.product(["a"], "visual", "nothing")


def test_product_takes_todays_table():
    table = {"analytic_12b": {"NewScene": ()}}

    assert made.product(["a"], "analytic_12b", "newscene", table=table)["item_type"] == "NewScene"


def test_basemap_product_has_an_area_or_quads():
    assert made.basemap_product("m", FIELD) == {"mosaic_name": "m", "geometry": FIELD}
    assert made.basemap_product("m", quad_ids=["1-2"]) == {"mosaic_name": "m", "quad_ids": ["1-2"]}
    for neither_nor in ({}, {"geometry": FIELD, "quad_ids": ["1-2"]}):
        with pytest.raises(ClientError, match="either geometry or quad_ids"):
            made.basemap_product("m", **neither_nor)


# --- the request -----------------------------------------------------------------------------------------------------


def test_request_is_no_more_than_what_was_given():
    assert made.build_request("n", PRODUCTS) == {"name": "n", "products": PRODUCTS}
    assert made.build_request("n", PRODUCTS, 0, {}, {}, None, [], {}) == {"name": "n", "products": PRODUCTS}


def test_request_holds_everything():
    request = made.build_request(
        "n",
        PRODUCTS,
        subscription_id=3,
        delivery={"d": 1},
        notifications={"email": False},
        order_type="PARTIAL",
        tools=[{"merge": {}}],
        stac={"stac": {}},
        hosting="sentinel_hub",
        collection_id="c",
        source_type="basemaps",
        prior_orders=made.prior_orders(["o"]),
    )

    assert request == {
        "name": "n",
        "products": PRODUCTS,
        "subscription_id": 3,
        "source_type": "basemaps",
        "delivery": {"d": 1},
        "notifications": {"email": False},
        "order_type": "partial",
        "tools": [{"merge": {}}],
        "metadata": {"stac": {}},
        "hosting": {"sentinel_hub": {"collection_id": "c"}},
        "prior_orders": {"orders": ["o"]},
    }


@pytest.mark.parametrize(
    ("given", "hosting"),
    [
        ({"hosting": "sentinel_hub"}, {"sentinel_hub": {}}),
        ({"hosting": "sentinel_hub", "collection_id": "c"}, {"sentinel_hub": {"collection_id": "c"}}),
        (
            {"hosting": "sentinel_hub", "create_configuration": True},
            {"sentinel_hub": {"create_configuration": True}},
        ),
        ({"hosting": made.sentinel_hub("c")}, {"sentinel_hub": {"collection_id": "c"}}),
        ({}, None),
    ],
)
def test_request_hosts_on_sentinel_hub(given, hosting):
    assert made.build_request("n", PRODUCTS, **given).get("hosting") == hosting


def test_request_refuses_words_that_planet_does_not_have():
    with pytest.raises(ClientError, match="order_type - 'half' is not one of 'full', 'partial'"):
        made.build_request("n", PRODUCTS, order_type="half")
    with pytest.raises(ClientError, match="hosting - 'elsewhere'"):
        made.build_request("n", PRODUCTS, hosting="elsewhere")


def test_builders_change_nothing_that_they_are_given():
    cloud, tools, products = made.google_earth_engine("p", "c"), [made.clip_tool(FIELD)], copy.deepcopy(PRODUCTS)
    before = copy.deepcopy((cloud, tools, products))

    request = made.build_request("n", products, delivery=made.delivery("zip", cloud_config=cloud), tools=tools)
    request["products"][0]["item_ids"].append("b")
    request["delivery"]["google_earth_engine"]["project"] = "other"
    request["tools"].clear()

    assert (cloud, tools, products) == before


def test_prior_orders_say_what_failures_mean():
    assert made.prior_orders(["o"], "FAIL", "skip") == {"orders": ["o"], "failures": "fail", "partials": "skip"}
    with pytest.raises(ClientError, match="failures - 'accept'"):
        made.prior_orders(["o"], failures="accept")


# --- delivery and notifications --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "block"),
    [
        ((), {}),
        ((None, True), {}),
        (
            ("ZIP", True),
            {"archive_type": "zip", "archive_filename": "{{name}}_{{order_id}}.zip", "single_archive": True},
        ),
        (
            ("zip", False, "x.zip", {"destination": {"ref": "r"}}),
            {
                "archive_type": "zip",
                "archive_filename": "x.zip",
                "single_archive": False,
                "destination": {"ref": "r"},
            },
        ),
        ((None, False, None, {"destination": {"ref": "r"}}), {"destination": {"ref": "r"}}),
    ],
)
def test_delivery_is_an_archive_a_cloud_or_both(given, block):
    assert made.delivery(*given) == block


def test_delivery_refuses_other_archives():
    with pytest.raises(ClientError, match="archive_type - 'tar' is not one of 'zip'"):
        made.delivery("tar")


@pytest.mark.parametrize(
    ("block", "wanted"),
    [
        (
            made.amazon_s3("k", "s", "b", "r", "p"),
            {
                "amazon_s3": {
                    "aws_access_key_id": "k",
                    "aws_secret_access_key": "s",
                    "bucket": "b",
                    "aws_region": "r",
                    "path_prefix": "p",
                }
            },
        ),
        (
            made.azure_blob_storage("a", "c", "s", "x"),
            {
                "azure_blob_storage": {
                    "account": "a",
                    "container": "c",
                    "sas_token": "s",
                    "storage_endpoint_suffix": "x",
                }
            },
        ),
        (made.google_cloud_storage("b", "c"), {"google_cloud_storage": {"bucket": "b", "credentials": "c"}}),
        (made.google_earth_engine("p", "c"), {"google_earth_engine": {"project": "p", "collection": "c"}}),
        (
            made.oracle_cloud_storage("k", "s", "b", "r", "n"),
            {
                "oracle_cloud_storage": {
                    "customer_access_key_id": "k",
                    "customer_secret_key": "s",
                    "bucket": "b",
                    "region": "r",
                    "namespace": "n",
                }
            },
        ),
        (
            made.s3_compatible("e", "b", "r", "k", "s"),
            {
                "s3_compatible": {
                    "endpoint": "e",
                    "bucket": "b",
                    "region": "r",
                    "access_key_id": "k",
                    "secret_access_key": "s",
                    "use_path_style": False,
                }
            },
        ),
        (
            made.destination("pl:destinations/x", "p"),
            {"destination": {"ref": "pl:destinations/x", "path_prefix": "p"}},
        ),
        (made.default_destination(), {"destination": {"ref": "pl:destinations/default"}}),
    ],
)
def test_clouds_are_written_as_planet_takes_them(block, wanted):
    assert block == wanted


def test_p27_secret_of_a_cloud_is_not_shown():
    assert "canary" not in repr(made.amazon_s3("k", Secret("canary"), "b", "r"))


@pytest.mark.parametrize(
    ("given", "block"),
    [
        ({}, {}),
        ({"email": True}, {"email": True}),
        ({"email": False}, {"email": False}),
        ({"webhook_url": "u"}, {"webhook": {"url": "u"}}),
        ({"webhook_url": "u", "webhook_per_order": False}, {"webhook": {"url": "u", "per_order": False}}),
        ({"webhook_per_order": True}, {}),
    ],
)
def test_notifications(given, block):
    assert made.notifications(**given) == block


# --- tools -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("aoi", "wanted"),
    [
        (FIELD, FIELD),
        (SEVERAL, SEVERAL),
        ({"type": "Feature", "geometry": FIELD, "properties": {}}, FIELD),
        ("pl:features/my/farms/f12", REF),
        (REF, REF),
    ],
)
def test_clip_takes_areas_and_references(aoi, wanted):
    assert made.clip_tool(aoi) == {"clip": {"aoi": wanted}}


def test_clip_refuses_what_is_no_area():
    with pytest.raises(
        ClientError, match=r"Invalid geometry type: Point is not in \['Polygon', 'MultiPolygon', 'ref'\]"
    ):
        made.clip_tool({"type": "Point", "coordinates": [0, 0]})


@pytest.mark.parametrize(
    ("tool", "wanted"),
    [
        (made.composite_tool(), {"composite": {}}),
        (made.composite_tool("strip_id"), {"composite": {"group_by": "strip_id"}}),
        (made.coregister_tool("a"), {"coregister": {"anchor_item": "a"}}),
        (made.file_format_tool("cog"), {"file_format": {"format": "COG"}}),
        (made.reproject_tool("EPSG:4326"), {"reproject": {"projection": "EPSG:4326"}}),
        (
            made.reproject_tool("EPSG:4326", 0.5, "NEAR"),
            {"reproject": {"projection": "EPSG:4326", "resolution": 0.5, "kernel": "near"}},
        ),
        (made.tile_tool(10), {"tile": {"tile_size": 10}}),
        (
            made.tile_tool(10, 0, 0.0, 3, "n", conformal_x_scaling=False),
            {
                "tile": {
                    "tile_size": 10,
                    "origin_x": 0,
                    "origin_y": 0.0,
                    "pixel_size": 3,
                    "name_template": "n",
                    "conformal_x_scaling": False,
                }
            },
        ),
        (made.toar_tool(), {"toar": {}}),
        (made.toar_tool(100), {"toar": {"scale_factor": 100}}),
        (made.harmonize_tool("sentinel-2"), {"harmonize": {"target_sensor": "Sentinel-2"}}),
        (made.merge_tool(), {"merge": {}}),
        (made.band_math_tool("b1+b2"), {"bandmath": {"b1": "b1+b2", "pixel_type": "Auto"}}),
        (
            made.band_math_tool("b1", "b2", pixel_type="32r"),
            {"bandmath": {"b1": "b1", "b2": "b2", "pixel_type": "32R"}},
        ),
    ],
)
def test_tools_are_written_as_planet_takes_them(tool, wanted):
    assert tool == wanted


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: made.composite_tool("x"), "group_by - 'x' is not one of 'order', 'strip_id'"),
        (lambda: made.file_format_tool("x"), "file_format - 'x' is not one of 'COG', 'PL_NITF'"),
        (lambda: made.reproject_tool("EPSG:4326", kernel="x"), "kernel - 'x'"),
        (lambda: made.harmonize_tool("x"), "target_sensor - 'x'"),
        (lambda: made.band_math_tool("b1", pixel_type="x"), "pixel_type - 'x' is not one of 'Auto', '8U'"),
        (lambda: made.band_math_tool("b1", None, "b3"), "without a gap, not only b1, b3"),
    ],
)
def test_tools_refuse_words_that_planet_does_not_have(call, said):
    with pytest.raises(ClientError, match=said):
        call()


def test_every_builder_is_exported():
    assert all(callable(getattr(made, name)) for name in made.__all__)

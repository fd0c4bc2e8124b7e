# SPDX-License-Identifier: Apache-2.0
"""Builders of subscription requests: what they send is what Planet's own SDK sends, without its slips."""

from __future__ import annotations

import copy
import datetime as dt

import pytest

from swath.models import Secret
from swath_planet import subscription_request as build
from swath_planet.exceptions import ClientError, FeatureError, GeoJSONError

AREA = {"type": "Polygon", "coordinates": [[[4, 52], [5, 52], [5, 53], [4, 53], [4, 52]]]}
START = dt.datetime(2021, 3, 1)  # noqa: DTZ001  naive on purpose: it counts as UTC
SOURCE = {"parameters": {"id": "x"}}


def tools(*names):
    return [{"type": name, "parameters": {}} for name in names]


# --- the request -----------------------------------------------------------------------------------------------------


def test_request_has_what_was_given_and_nothing_else():
    assert build.build_request("n", SOURCE) == {"name": "n", "source": SOURCE}
    assert build.build_request("n", SOURCE, delivery={}, tools=[]) == {"name": "n", "source": SOURCE}
    whole = build.build_request(
        "n", SOURCE, delivery={"d": 1}, notifications={"w": 1}, tools=tools("toar"), hosting={"h": 1}
    )
    assert whole == {
        "name": "n",
        "source": SOURCE,
        "delivery": {"d": 1},
        "notifications": {"w": 1},
        "tools": tools("toar"),
        "hosting": {"h": 1},
    }


@pytest.mark.parametrize(
    ("given", "parameters"),
    [
        ({}, {}),
        ({"collection_id": "c"}, {"collection_id": "c"}),
        ({"create_configuration": True}, {"create_configuration": True}),
    ],
)
def test_hosting_by_name(given, parameters):
    made = build.build_request("n", SOURCE, hosting="sentinel_hub", **given)

    assert made["hosting"] == {"type": "sentinel_hub", "parameters": parameters}


@pytest.mark.parametrize("given", [{"hosting": "earth"}, {"collection_id": "c"}, {"create_configuration": True}])
def test_hosting_that_would_be_forgotten_is_refused(given):
    with pytest.raises(ClientError):
        build.build_request("n", SOURCE, **given)


def test_what_is_passed_in_is_not_changed():
    steps, secret = tools("harmonize", "file_format"), Secret("shh")
    delivery = build.amazon_s3("a", secret, "b", "r")
    before = copy.deepcopy((steps, SOURCE))

    made = build.build_request("n", SOURCE, delivery=delivery, tools=steps, clip_to_source=True)
    made["source"]["parameters"]["id"] = "y"

    assert (steps, SOURCE) == before
    assert made["delivery"]["parameters"]["aws_secret_access_key"] is secret


@pytest.mark.parametrize(
    ("given", "sequence"),
    [
        ([], ["clip"]),
        (["harmonize"], ["harmonize", "clip"]),
        (["toar", "cloud_filter"], ["toar", "clip", "cloud_filter"]),
        (["reproject"], ["clip", "reproject"]),
        (["bandmath", "reproject"], ["clip", "bandmath", "reproject"]),
        (["file_format", "cloud_filter"], ["clip", "file_format", "cloud_filter"]),
        (
            ["harmonize", "toar", "reproject", "cloud_filter"],
            ["harmonize", "toar", "clip", "reproject", "cloud_filter"],
        ),
    ],
)
def test_cutting_to_the_source_goes_where_it_belongs(given, sequence):
    made = build.build_request("n", SOURCE, tools=tools(*given), clip_to_source=True)

    assert made["tools"] == tools(*sequence)


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        (tools("toar", "harmonize"), "'toar' cannot come before tool 'harmonize'"),
        (tools("cloud_filter", "clip"), "'cloud_filter' cannot come before tool 'clip'"),
        (tools("composite"), "Invalid tool type 'composite' at position 0"),
        ([{"parameters": {}}], "position 0 is missing required 'type'"),
        (["toar"], "position 0 is missing required 'type'"),
    ],
)
def test_tools_out_of_sequence_are_refused(steps, words):
    with pytest.raises(ClientError, match=words):
        build.build_request("n", SOURCE, tools=steps)


def test_tools_of_one_weight_stand_in_any_sequence():
    steps = tools("clip", "bandmath", "reproject", "file_format", "cloud_filter")

    assert build.build_request("n", SOURCE, tools=steps)["tools"] == steps


def test_cutting_twice_is_refused():
    with pytest.raises(ClientError, match="conflicts"):
        build.build_request("n", SOURCE, tools=tools("clip"), clip_to_source=True)


# --- sources ---------------------------------------------------------------------------------------------------------


def test_catalogue_source_with_the_least():
    made = build.catalog_source(["PSScene"], ["ortho_analytic_4b"], AREA, START)

    assert made == {
        "parameters": {
            "item_types": ["PSScene"],
            "asset_types": ["ortho_analytic_4b"],
            "geometry": AREA,
            "start_time": "2021-03-01T00:00:00Z",
        }
    }


def test_catalogue_source_with_everything():
    made = build.catalog_source(
        ["psscene"],
        ["ORTHO_ANALYTIC_4B", "ortho_udm2"],
        "pl:features/my/farms",
        START,
        filter={"type": "RangeFilter"},
        end_time=dt.datetime(2022, 1, 1, 1, 2, 3, 456, tzinfo=dt.UTC),
        rrule="FREQ=MONTHLY",
        publishing_stages=("standard", "preview", "standard"),
        time_range_type="acquired",
        geometry_relation="within",
    )

    assert made["parameters"] == {
        "item_types": ["PSScene"],
        "asset_types": ["ortho_analytic_4b", "ortho_udm2"],
        "geometry": {"type": "ref", "content": "pl:features/my/farms"},
        "start_time": "2021-03-01T00:00:00Z",
        "end_time": "2022-01-01T01:02:03.000456+00:00",
        "filter": {"type": "RangeFilter"},
        "rrule": "FREQ=MONTHLY",
        "publishing_stages": ["standard", "preview"],
        "time_range_type": "acquired",
        "geometry_relation": "within",
    }


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"item_types": ["PSScene", "SkySatScene"]}, ClientError, "one item type is specified"),
        ({"item_types": []}, ClientError, "one item type is specified"),
        ({"item_types": ["Zork"]}, ClientError, "item_type - 'Zork' is not one of"),
        ({"asset_types": ["zork"]}, ClientError, "asset_type - 'zork' is not one of"),
        ({"geometry": {"type": "Zork"}}, GeoJSONError, "Zork"),
        ({"geometry": "farms"}, FeatureError, "pl:features"),
        ({"start_time": "2021-03-01"}, ClientError, "Could not convert start_time to an iso string"),
        ({"start_time": None}, ClientError, "Could not convert start_time to an iso string"),
        ({"end_time": 5}, ClientError, "Could not convert end_time to an iso string"),
        ({"end_time": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)}, ClientError, "not after"),
        ({"publishing_stages": ["zork"]}, ClientError, "publishing_stage"),
        ({"time_range_type": "zork"}, ClientError, "time_range_type"),
        ({"geometry_relation": "zork"}, ClientError, "geometry_relation"),
    ],
)
def test_catalogue_source_that_cannot_be_is_refused(given, error, words):
    whole = {"item_types": ["PSScene"], "asset_types": ["ortho_udm2"], "geometry": AREA, "start_time": START}

    with pytest.raises(error, match=words):
        build.catalog_source(**whole | given)


def test_asset_types_of_an_item_type_that_the_snapshot_does_not_describe_pass():
    made = build.catalog_source("TanagerMethane", "plume", AREA, START)

    assert made["parameters"]["asset_types"] == ["plume"]


def test_product_source():
    zoned = dt.datetime(2021, 3, 1, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    made = build.subscription_source(
        "SWC-AMSR2-C_V1.0_100", {"type": "Feature", "geometry": AREA}, zoned, START.replace(year=2022)
    )

    assert made == {
        "parameters": {
            "id": "SWC-AMSR2-C_V1.0_100",
            "geometry": AREA,
            "start_time": "2021-03-01T00:00:00+02:00",
            "end_time": "2022-03-01T00:00:00Z",
        }
    }


# --- delivery, hosting, notifications --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "kind", "parameters"),
    [
        (
            build.amazon_s3("a", "s", "b", "r", "p"),
            "amazon_s3",
            {
                "aws_access_key_id": "a",
                "aws_secret_access_key": "s",
                "bucket": "b",
                "aws_region": "r",
                "path_prefix": "p",
            },
        ),
        (
            build.azure_blob_storage("a", "c", "s", "x"),
            "azure_blob_storage",
            {"account": "a", "container": "c", "sas_token": "s", "storage_endpoint_suffix": "x"},
        ),
        (build.google_cloud_storage("cr", "b"), "google_cloud_storage", {"bucket": "b", "credentials": "cr"}),
        (
            build.google_earth_engine("p", "c", "cr"),
            "google_earth_engine",
            {"project": "p", "collection": "c", "credentials": "cr"},
        ),
        (
            build.oracle_cloud_storage("a", "s", "b", "r", "n"),
            "oracle_cloud_storage",
            {"customer_access_key_id": "a", "customer_secret_key": "s", "bucket": "b", "region": "r", "namespace": "n"},
        ),
        (
            build.s3_compatible("e", "b", "r", "a", "s"),
            "s3_compatible",
            {
                "endpoint": "e",
                "bucket": "b",
                "region": "r",
                "access_key_id": "a",
                "secret_access_key": "s",
                "use_path_style": False,
            },
        ),
        (build.destination("pl:destinations/x", "p"), "destination", {"ref": "pl:destinations/x", "path_prefix": "p"}),
        (build.default_destination(), "destination", {"ref": "pl:destinations/default"}),
        (build.sentinel_hub("c"), "sentinel_hub", {"collection_id": "c"}),
        (build.sentinel_hub(None, create_configuration=True), "sentinel_hub", {"create_configuration": True}),
    ],
)
def test_places(made, kind, parameters):
    assert made == {"type": kind, "parameters": parameters}


def test_notifications():
    assert build.notifications("https://x", ["DELIVERY.success", "status.all"]) == {
        "webhook": {"url": "https://x", "topics": ["delivery.success", "status.all"]}
    }
    with pytest.raises(ClientError, match="topic - 'zork' is not one of"):
        build.notifications("https://x", ["zork"])


# --- tools -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "kind", "parameters"),
    [
        (build.band_math_tool("b1"), "bandmath", {"b1": "b1", "pixel_type": "Auto"}),
        (build.band_math_tool("x", b2="y", pixel_type="32r"), "bandmath", {"b1": "x", "b2": "y", "pixel_type": "32R"}),
        (build.file_format_tool("cog"), "file_format", {"format": "COG"}),
        (build.harmonize_tool("sentinel-2"), "harmonize", {"target_sensor": "Sentinel-2"}),
        (build.reproject_tool("EPSG:1"), "reproject", {"projection": "EPSG:1", "kernel": "near"}),
        (
            build.reproject_tool("EPSG:1", 0.5, "CUBIC"),
            "reproject",
            {"projection": "EPSG:1", "kernel": "cubic", "resolution": 0.5},
        ),
        (build.toar_tool(), "toar", {"scale_factor": 10000}),
        (build.cloud_filter_tool(), "cloud_filter", {}),
        (
            build.cloud_filter_tool(clear_percent=build.FilterValue(gte=90), cloud_percent=build.FilterValue(0, 10)),
            "cloud_filter",
            {"clear_percent": {"gte": 90}, "cloud_percent": {"gte": 0, "lte": 10}},
        ),
    ],
)
def test_tools(made, kind, parameters):
    assert made == {"type": kind, "parameters": parameters}


@pytest.mark.parametrize(
    "make",
    [
        lambda: build.band_math_tool("b1", b3="x"),
        lambda: build.band_math_tool("b1", pixel_type="zork"),
        lambda: build.file_format_tool("zork"),
        lambda: build.harmonize_tool("zork"),
        lambda: build.reproject_tool("EPSG:1", kernel="zork"),
    ],
)
def test_tools_that_cannot_be_are_refused(make):
    with pytest.raises(ClientError):
        make()


def test_filter_values_are_compared_and_shown():
    assert build.FilterValue(1, 2) == build.FilterValue(gte=1, lte=2)
    assert repr(build.FilterValue(1)) == "FilterValue(gte=1, lte=None)"

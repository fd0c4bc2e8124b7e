# SPDX-License-Identifier: Apache-2.0
"""Planet's items as STAC Items."""

from __future__ import annotations

import attrs
import pytest

from swath import stac
from swath.errors import UnexpectedResponse, UnknownCollection
from swath_planet.assets import facts_of
from swath_planet.catalogue import collections, queryables
from swath_planet.itemtypes import ITEM_TYPES
from swath_planet.stac import item_of
from swath_planet.wire import Feature, SearchPage, read


@pytest.fixture
def items(wire):
    pages = [read(wire(name), SearchPage, "page") for name in ("search_first", "search_last")]
    return {feature.id: item_of(feature) for page in pages for feature in page.features}


def test_p52_every_item_is_valid_stac_offline(items):
    assert len(items) == 4
    for item in items.values():
        assert stac.problems(item) == []


def test_item_has_common_names_and_units(items):
    item = items["20260312_101530_23_24a9"]

    assert item["collection"] == "PSScene"
    expected = {
        "datetime": "2026-03-12T10:15:30.123456Z",
        "published": "2026-03-12T15:00:00Z",
        "created": "2026-03-12T15:00:00Z",
        "updated": "2026-03-13T01:02:03.400000Z",
        "platform": "24a9",
        "constellation": "planetscope",
        "instruments": ["PSB.SD"],
        "gsd": 3.7,
        "eo:cloud_cover": 7.0,
        "eo:snow_cover": 0,
        "view:off_nadir": 4.1,
        "view:azimuth": 99.4,
        "view:sun_azimuth": 158.2,
        "view:sun_elevation": 31.5,
        "order:status": "orderable",
        "swath:provider": "planet",
    }
    assert {name: item["properties"].get(name) for name in expected} == expected
    assert item["bbox"] == [4.1, 52.0, 4.4, 52.2]


def test_item_keeps_every_native_value(wire, items):
    renamed = {
        "acquired": "datetime",
        "published": "published",
        "updated": "updated",
        "gsd": "gsd",
        "satellite_id": "platform",
        "provider": "constellation",
        "instrument": "instruments",
        "snow_ice_percent": "eo:snow_cover",
        "satellite_azimuth": "view:azimuth",
        "sun_azimuth": "view:sun_azimuth",
        "sun_elevation": "view:sun_elevation",
    }
    for page in ("search_first", "search_last"):
        for feature in wire(page)["features"]:
            properties = items[feature["id"]]["properties"]
            for name, value in feature["properties"].items():
                assert value is None or renamed.get(name, f"planet:{name}") in properties


def test_item_of_a_tile_crosses_the_antimeridian_and_keeps_its_sign(items):
    item = items["20190813_013745_5254519_RapidEye-3"]

    assert item["bbox"] == [179.8, -17.0, -179.9, -16.8]
    assert item["properties"]["view:off_nadir"] == 3.2
    assert item["properties"]["planet:view_angle"] == -3.2
    assert item["properties"]["proj:code"] == "EPSG:32660"


def test_cloud_cover_falls_back_to_udm2_only_where_none_is_documented(items, wire):
    assert items["20190813_013745_5254519_RapidEye-3"]["properties"]["eo:cloud_cover"] == 12

    payload = wire("search_first")
    del payload["features"][0]["properties"]["cloud_cover"]
    scene = item_of(read(payload, SearchPage, "page").features[0])
    assert "eo:cloud_cover" not in scene["properties"]


@pytest.mark.parametrize(
    ("fraction", "percent"), [(0, 0), (0.07, 7.0), (0.29, 29.0), (0.57, 57.0), (1, 100), (0.07000000029802322, 7.0)]
)
def test_cloud_cover_carries_no_noise_of_the_conversion(fraction, percent):
    feature = Feature(
        id="a", properties={"item_type": "PSScene", "acquired": "2026-01-01T00:00:00Z", "cloud_cover": fraction}
    )

    assert item_of(feature)["properties"]["eo:cloud_cover"] == percent


@pytest.mark.parametrize(
    ("native", "name"),
    [
        ({"cloud_cover": 1.5}, "eo:cloud_cover"),
        ({"sun_azimuth": -3}, "view:sun_azimuth"),
        ({"view_angle": 123}, "view:off_nadir"),
    ],
)
def test_value_out_of_range_stays_native(native, name):
    feature = Feature(id="a", properties={"item_type": "PSScene", "acquired": "2026-01-01T00:00:00Z", **native})

    item = item_of(feature)

    assert name not in item["properties"]
    assert all(item["properties"][f"planet:{key}"] == value for key, value in native.items())
    assert stac.problems(item) == []


def test_unknown_item_type_comes_through(items):
    item = items["hawk-0001"]

    assert item["collection"] == "HawkScene"
    assert item["geometry"] is None
    assert item["properties"]["planet:wing_span"] == 31.5
    assert item["assets"]["night_vision"]["roles"] == ["data"]
    assert item["assets"]["night_vision_xml"]["type"] == stac.XML


def test_item_without_a_time_is_refused_by_name():
    with pytest.raises(UnexpectedResponse, match="'lost'"):
        item_of(Feature(id="lost", properties={"item_type": "PSScene"}))


def test_assets_have_types_roles_and_bands(items):
    assets = items["20260312_101530_23_24a9"]["assets"]

    visual, reflectance, mask = assets["ortho_visual"], assets["ortho_analytic_8b_sr"], assets["ortho_udm2"]
    assert visual["type"] == stac.COG
    assert [band["name"] for band in visual["bands"]] == ["red", "green", "blue", "alpha"]
    assert reflectance["roles"] == ["data", "reflectance"]
    assert [band["name"] for band in reflectance["bands"]] == [
        "coastal", "blue", "green_i", "green", "yellow", "red", "rededge", "nir",
    ]  # fmt: skip
    assert reflectance["bands"][5] == {
        "name": "red",
        "eo:common_name": "red",
        "eo:center_wavelength": 0.665,
        "eo:full_width_half_max": 0.031,
        "raster:scale": 0.0001,
    }
    assert (reflectance["data_type"], reflectance["nodata"]) == ("uint16", 0)
    assert len(mask["bands"]) == 8
    assert assets["thumbnail"]["roles"] == ["thumbnail"]
    assert len({asset["href"] for asset in assets.values()}) == len(assets)


def test_item_that_the_account_may_not_order_does_not_say_orderable(items):
    item = items["20260311_011846_ssc2d3_0010"]

    assert "order:status" not in item["properties"]
    assert item["properties"]["planet:permissions"] == []


def test_links_lead_back_to_planet(items):
    links = {link["rel"]: link["href"] for link in items["20260312_101530_23_24a9"]["links"]}

    assert links["via"] == "https://api.planet.com/data/v1/item-types/PSScene/items/20260312_101530_23_24a9"


def test_skysat_bands_differ_from_planetscope():
    assert facts_of("ortho_analytic", "SkySatScene").bands[0]["eo:center_wavelength"] == 0.47
    assert facts_of("ortho_panchromatic", "SkySatScene").bands[0]["eo:common_name"] == "pan"
    assert [band["name"] for band in facts_of("ortho_analytic_3b", "PSScene").bands] == ["red", "green", "blue"]
    assert [band["name"] for band in facts_of("analytic", "REOrthoTile").bands][3] == "rededge"
    assert facts_of("ortho_analytic", "PelicanScene").bands == ()


def test_collections_are_valid_and_one_an_item_type():
    made = list(collections())

    assert [one["id"] for one in made] == list(ITEM_TYPES)
    for one in made:
        assert stac.problems(one) == []


def test_collection_names_all_bands_of_its_assets():
    made = {one["id"]: one for one in collections()}

    assert made["PSScene"]["item_assets"]["ortho_analytic_4b"]["bands"][3]["name"] == "nir"
    assert made["PSScene"]["summaries"]["instruments"] == ["PS2", "PS2.SD", "PSB.SD"]


def test_queryables_of_all_are_had_by_each():
    common = set(queryables(None)["properties"])

    for name in ITEM_TYPES:
        assert common <= set(queryables(name)["properties"])


def test_p13_queryables_hold_every_property_of_the_items(items):
    for item in items.values():
        if item["collection"] in ITEM_TYPES:
            offered = set(queryables(item["collection"])["properties"])
            assert set(item["properties"]) <= offered


def test_queryables_of_an_unknown_type_are_refused():
    with pytest.raises(UnknownCollection, match="PSSceen"):
        queryables("PSSceen")


def test_records_are_frozen():
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        Feature(id="a", properties={}).id = "b"

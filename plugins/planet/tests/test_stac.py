# SPDX-License-Identifier: Apache-2.0
"""Planet's items as STAC Items."""

from __future__ import annotations

import attrs
import pytest

from swath import stac
from swath.errors import UnexpectedResponse, UnknownCollection
from swath_planet.assets import facts_of
from swath_planet.catalogue import collections, queryables
from swath_planet.itemtypes import ITEM_TYPES, THIRD_PARTY_TYPES
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


# --- every item type -------------------------------------------------------------------------------------------------

SQUARE = {"type": "Polygon", "coordinates": [[[4.1, 52.0], [4.4, 52.0], [4.4, 52.2], [4.1, 52.2], [4.1, 52.0]]]}
TIMES = {
    "acquired": "2026-03-12T10:15:30.123456Z",
    "published": "2026-03-12T15:00:00Z",
    "updated": "2026-03-13T01:00:00Z",
}
SUN = {"sun_azimuth": 158.2, "sun_elevation": 31.5, "satellite_azimuth": 99.4, "view_angle": 4.1}
UDM2 = {
    "clear_percent": 91,
    "cloud_percent": 7,
    "heavy_haze_percent": 0,
    "light_haze_percent": 1,
    "shadow_percent": 1,
    "snow_ice_percent": 0,
    "visible_percent": 92,
    "clear_confidence_percent": 95,
    "visible_confidence_percent": 80,
}
QUALITY = {"quality_category": "standard", "publishing_stage": "finalized", "strip_id": "7654321"}
TILE = {
    "black_fill": 0.2,
    "grid_cell": "5254519",
    "columns": 8000,
    "rows": 8001,
    "epsg_code": 32631,
    "origin_x": 600000,
    "origin_y": 5800000,
    "pixel_resolution": 3.125,
    "usable_data": 0.9,
}
EVERY_TYPE = {
    "PSScene": {
        **SUN, **UDM2, **QUALITY, "provider": "planetscope", "satellite_id": "24a9", "instrument": "PSB.SD", "gsd": 3.7,
        "pixel_resolution": 3, "cloud_cover": 0.07, "ground_control": True, "anomalous_pixels": 0.01,
    },
    "SkySatScene": {
        **SUN, **UDM2, **QUALITY, "provider": "skysat", "satellite_id": "SSC6", "gsd": 0.65, "pixel_resolution": 0.5,
        "cloud_cover": 0.07, "ground_control": True, "camera_id": "d1",
    },
    "SkySatCollect": {
        **SUN, **UDM2, **QUALITY, "provider": "skysat", "satellite_id": "SSC6", "gsd": 0.65, "pixel_resolution": 0.5,
        "cloud_cover": 0.07, "ground_control_ratio": 0.93, "availability": "available",
    },
    "SkySatVideo": {**SUN, "provider": "skysat", "satellite_id": "SSC6", "camera_id": "d1", "gsd": 0.9},
    "PelicanScene": {**SUN, **UDM2, **QUALITY, "provider": "pelican", "satellite_id": "P2", "gsd": 0.5, "cloud_cover": 0.07},
    "REOrthoTile": {
        **SUN, **TILE, "view_angle": -3.2, "provider": "rapideye", "satellite_id": "RapidEye-3", "gsd": 6.5,
        "cloud_cover": 0.07, "catalog_id": "123", "ground_control": True, "anomalous_pixels": 0.02,
    },
    "PSOrthoTile": {
        **SUN, **TILE, **UDM2, **QUALITY, "provider": "planetscope", "satellite_id": "227c", "instrument": "PS2.SD",
        "gsd": 3.9, "cloud_cover": 0.07, "ground_control": True, "anomalous_pixels": 0.02,
    },
    "REScene": {
        **SUN, "view_angle": -3.2, "provider": "rapideye", "satellite_id": "RapidEye-3", "gsd": 6.5, "black_fill": 0.1,
        "cloud_cover": 0.07, "catalog_id": "123", "strip_id": "7654321", "usable_data": 0.9,
    },
    "TanagerScene": {**SUN, **QUALITY, "provider": "tanager", "satellite_id": "4001", "gsd": 30},
    "TanagerMethane": {**QUALITY, "provider": "tanager", "satellite_id": "4001", "gsd": 30},
    "Landsat8L1G": {
        **SUN, "provider": "usgs", "satellite_id": "Landsat8", "instrument": "OLI_TIRS", "gsd": 30, "cloud_cover": 0.07,
        "epsg_code": 32631, "rows": 7801, "columns": 7651, "pixel_resolution": 30, "usable_data": 0.9, "wrs_path": 199,
    },
    "Sentinel2L1C": {
        **SUN, "provider": "esa", "satellite_id": "Sentinel-2A", "instrument": "MSI", "gsd": 10, "cloud_cover": 0.07,
        "epsg_code": 32631, "rows": 10980, "columns": 10980, "pixel_resolution": 10, "mgrs_grid_id": "31UFU",
    },
    "Sentinel1": {"provider": "esa", "satellite_id": "Sentinel-1A", "instrument": "C-SAR", "gsd": 10},
    "MOD09GA": {"provider": "nasa", "satellite_id": "Terra", "instrument": "MODIS", "gsd": 500, "cloud_cover": 0.07},
    "MOD09GQ": {"provider": "nasa", "satellite_id": "Terra", "instrument": "MODIS", "gsd": 250},
    "MYD09GA": {"provider": "nasa", "satellite_id": "Aqua", "instrument": "MODIS", "gsd": 500},
    "MYD09GQ": {"provider": "nasa", "satellite_id": "Aqua", "instrument": "MODIS", "gsd": 250},
    "HawkScene": {"wing_span": 31.5, "feathers": ["brown"], "provider": None, "gsd": 0},
}  # fmt: skip
FURTHER_ASSETS = {
    "TanagerMethane": ("methane", "methane_quicklook"),
    "Landsat8L1G": ("analytic_b4", "analytic_bqa", "visual", "metadata_txt"),
    "Sentinel2L1C": ("analytic_b8a", "visual", "metadata_aux"),
    "Sentinel1": ("ortho_analytic_vv", "ortho_analytic_vh"),
    "MOD09GA": ("analytic_sur_refl_b01",),
    "HawkScene": ("night_vision",),
}


def typical(item_type):
    known = ITEM_TYPES.get(item_type)
    assets = (*(known.assets if known else ()), *FURTHER_ASSETS.get(item_type, ()))
    return Feature(
        id=f"one-{item_type}",
        geometry=SQUARE,
        properties={"item_type": item_type, **TIMES, **EVERY_TYPE[item_type]},
        assets=assets,
        permissions=[f"assets.{one}:download" for one in assets],
        links={"_self": f"https://api.planet.com/data/v1/item-types/{item_type}/items/a", "thumbnail": "https://t/a"},
    )


def test_every_item_type_is_proven_here():
    assert set(ITEM_TYPES) == set(EVERY_TYPE) - {"HawkScene"}


@pytest.mark.parametrize("item_type", EVERY_TYPE)
def test_p52_item_of_every_type_is_valid_stac_with_the_common_names(item_type):
    given, item = EVERY_TYPE[item_type], item_of(typical(item_type))

    assert stac.problems(item) == []
    properties = item["properties"]
    assert item["collection"] == properties["planet:item_type"] == item_type
    for native, name in (
        ("satellite_id", "platform"),
        ("provider", "constellation"),
        ("sun_elevation", "view:sun_elevation"),
    ):
        assert properties.get(name) == given.get(native)
    if "instrument" in given:
        assert properties["instruments"] == [given["instrument"]]
    if "cloud_cover" in given:
        assert properties["eo:cloud_cover"] == 7
    if "view_angle" in given:
        assert properties["view:off_nadir"] == abs(given["view_angle"])
    assert (properties.get("order:status") == "orderable") is bool(typical(item_type).assets)
    assert properties["planet:asset_types"] == [name for name in item["assets"] if name != "thumbnail"]
    for name in given:
        assert any(name in key for key in (*properties, "provider", "instrument", "satellite_id", "snow_ice_percent",
            "satellite_azimuth", "gsd")), f"{name} is lost"  # fmt: skip


@pytest.mark.parametrize("item_type", sorted(ITEM_TYPES))
def test_every_asset_of_every_type_says_what_it_is(item_type):
    item = item_of(typical(item_type))

    for name, asset in item["assets"].items():
        assert asset["roles"], name
        assert asset.get("type") or item_type in {"TanagerMethane", "SkySatCollect"} | THIRD_PARTY_TYPES, name


@pytest.mark.parametrize("item_type", ["REOrthoTile", "PSOrthoTile"])
def test_tile_says_its_grid(item_type):
    properties = item_of(typical(item_type))["properties"]

    assert properties["proj:code"] == "EPSG:32631"
    assert properties["proj:shape"] == [8001, 8000]
    assert properties["proj:transform"] == [3.125, 0, 600000, 0, -3.125, 5800000, 0, 0, 1]


@pytest.mark.parametrize(
    ("item_type", "asset_type", "band"),
    [
        ("Landsat8L1G", "analytic_b5", {"name": "b5", "eo:common_name": "nir08"}),
        ("Sentinel2L1C", "analytic_b8a", {"name": "b8a", "eo:common_name": "nir08"}),
        ("Sentinel1", "ortho_analytic_vh", {"name": "vh"}),
    ],
)
def test_asset_of_a_public_mission_names_its_band(item_type, asset_type, band):
    facts = facts_of(asset_type, item_type)

    assert facts.bands == (band,)
    assert (facts.media_type, facts.nodata) == (None, None), "as their makers give them, which differs"


def test_video_is_no_raster():
    assets = item_of(typical("SkySatVideo"))["assets"]

    assert {name: asset["type"] for name, asset in assets.items()} == {
        "video_file": "video/mp4", "video_frames": stac.ZIP, "video_metadata": stac.JSON, "thumbnail": stac.PNG,
    }  # fmt: skip


def test_changes_are_told_only_where_they_were_asked_for():
    feature = typical("PSScene")

    assert "planet:changed" not in item_of(feature)["properties"]
    assert item_of(feature, ["ground_control"])["properties"]["planet:changed"] == {"ground_control": TIMES["updated"]}


# --- collections -----------------------------------------------------------------------------------------------------


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


NOT_COMMON = {"planet:wrs_path", "planet:mgrs_grid_id"}
"""What only one public mission has; it comes through, and is not offered by name."""


def test_p13_queryables_hold_every_property_of_the_items(items):
    for item in [*items.values(), *(item_of(typical(item_type)) for item_type in ITEM_TYPES)]:
        if item["collection"] in ITEM_TYPES:
            offered = set(queryables(item["collection"])["properties"])
            assert set(item["properties"]) - NOT_COMMON <= offered, item["collection"]


def test_queryables_of_an_unknown_type_are_refused():
    with pytest.raises(UnknownCollection, match="PSSceen"):
        queryables("PSSceen")


def test_records_are_frozen():
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        Feature(id="a", properties={}).id = "b"

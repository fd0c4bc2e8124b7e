# SPDX-License-Identifier: Apache-2.0
"""Capella's items as ours."""

import datetime as dt

import pytest

from swath import stac
from swath.errors import UnexpectedResponse
from swath_capella.items import item_of, time_of

KINDS = ["GEO", "GEC", "SLC", "SICD", "SIDD", "CPHD", "CSI", "VS", "ACD"]


@pytest.fixture(scope="module")
def features(capella_box):
    """One feature of each product type, as the service writes them."""
    import httpx

    running = capella_box.providers["capella"]
    found = {}
    for kind in KINDS:
        body = {"limit": 3, "query": {"sar:product_type": {"eq": kind}, "capella:collection_type": {"eq": "spotlight"}}}
        headers = {"Authorization": f"ApiKey {running.env['CAPELLA_API_KEY']}"}
        found[kind] = httpx.post(f"{running.base_url}/catalog/search", json=body, headers=headers).json()["features"][0]
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_p52_items_of_every_product_type_validate_offline(features, kind):
    item = item_of(features[kind])

    stac.validate(item)
    assert item["properties"]["product:type"] == item["properties"]["sar:product_type"] == kind


@pytest.mark.parametrize(
    ("kind", "level", "code", "media"),
    [
        ("GEO", "L2", True, stac.COG),
        ("GEC", "L1", True, stac.COG),
        ("SLC", "L1", False, stac.COG),
        ("SICD", "L1", False, stac.NITF),
        ("CPHD", "L0", False, "application/octet-stream"),
        ("VS", "L3", False, stac.GEOJSON),
    ],
)
def test_what_a_product_is_is_said(features, kind, level, code, media):
    item = item_of(features[kind])
    properties = item["properties"]

    assert properties["processing:level"] == level
    assert ("proj:code" in properties) is code
    data = next(asset for asset in item["assets"].values() if asset["roles"] == ["data"])
    assert data["type"] == media


def test_bands_are_named_by_their_polarisation(features):
    pol = features["SLC"]["properties"]["sar:polarizations"][0]

    asset = item_of(features["SLC"])["assets"][pol]

    assert asset["bands"] == [{"name": pol, "data_type": "cint16"}]
    assert asset["sar:polarizations"] == [pol]


def test_sub_apertures_are_colours(features):
    pol = features["CSI"]["properties"]["sar:polarizations"][0]

    assert [band["name"] for band in item_of(features["CSI"])["assets"][pol]["bands"]] == ["red", "green", "blue"]


def test_the_licence_is_a_link_and_no_file(features):
    item = item_of(features["GEO"])

    assert "license" not in item["assets"]
    assert {link["rel"] for link in item["links"]} >= {"via", "license"}


def test_properties_are_in_our_words_and_units(features):
    native = features["GEO"]["properties"]

    ours = item_of(features["GEO"])["properties"]

    assert ours["view:off_nadir"] == ours["capella:look_angle"] == native["view:look_angle"]
    assert "view:look_angle" not in ours
    assert ours["gsd"] == max(native["capella:resolution_ground_range"], native["sar:resolution_azimuth"])
    assert not [name for name in ours if name.startswith("locale:")]
    assert dt.datetime.fromisoformat(ours["capella:local_datetime"]).utcoffset() is not None
    assert ours["capella:collect_id"] == native["capella:collect_id"]
    assert "proj:epsg" not in ours


def test_look_angle_is_read_under_either_name(features):
    feature = {**features["GEO"], "properties": {**features["GEO"]["properties"]}}
    del feature["properties"]["view:look_angle"]
    feature["properties"]["capella:look_angle"] = 31.5

    assert item_of(feature)["properties"]["view:off_nadir"] == 31.5


def test_time_without_zone_is_utc(features):
    feature = {**features["GEO"], "properties": {**features["GEO"]["properties"], "datetime": "2024-02-14T10:11:12.5"}}

    assert item_of(feature)["properties"]["datetime"].startswith("2024-02-14T10:11:12.5")
    assert item_of(feature)["properties"]["datetime"].endswith("Z")
    assert time_of("2024-02-14T10:11:12+05:00") == dt.datetime(2024, 2, 14, 5, 11, 12, tzinfo=dt.UTC)
    assert time_of("soon") is time_of(None) is None


def test_null_repeat_track_is_left_out(features):
    feature = {**features["GEO"], "properties": {**features["GEO"]["properties"], "capella:rgt_id": None}}

    assert "capella:rgt_id" not in item_of(feature)["properties"]


@pytest.mark.parametrize("missing", ["id", "geometry", "properties"])
def test_what_is_no_item_is_an_error(features, missing):
    feature = {**features["GEO"], missing: None}

    with pytest.raises(UnexpectedResponse):
        item_of(feature)

# SPDX-License-Identifier: Apache-2.0
"""What swath.stac builds, and what it says of items that are not valid."""

from __future__ import annotations

import copy
import datetime as dt
import json
import pickle
import socket

import pystac
import pytest

from swath import stac
from swath.errors import InputError, InvalidDatetime, InvalidItem

SQUARE = {"type": "Polygon", "coordinates": [[[10.0, 50.0], [11.0, 50.0], [11.0, 51.0], [10.0, 51.0], [10.0, 50.0]]]}
ACROSS = {
    "type": "MultiPolygon",
    "coordinates": [
        [[[179.0, -1.0], [180.0, -1.0], [180.0, 1.0], [179.0, 1.0], [179.0, -1.0]]],
        [[[-180.0, -1.0], [-178.0, -1.0], [-178.0, 1.0], [-180.0, 1.0], [-180.0, -1.0]]],
    ],
}
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        msg = "the network was used"
        raise AssertionError(msg)

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def optical() -> dict:
    return stac.item(
        id="scene-1",
        geometry=SQUARE,
        datetime=NOON,
        collection="PSScene",
        provider="planet",
        properties={
            stac.CLOUD_COVER: 3.5,
            stac.GSD: 3.7,
            stac.OFF_NADIR: 1.2,
            stac.SUN_ELEVATION: 40.0,
            stac.PROCESSING_LEVEL: "L3",
            stac.PRODUCT_TYPE: "analytic",
            stac.ORBIT_STATE: "descending",
            stac.PUBLISHED: NOON,
            stac.GRID_CODE: "MGRS-32UPU",
            stac.ORDER_STATUS: "succeeded",
            stac.ORDER_DATE: NOON,
            stac.STORAGE_SCHEMES: {"s3": {"type": "aws-s3", "platform": "https://{bucket}.s3.amazonaws.com"}},
            "planet:quality_category": "standard",
        },
        assets={
            "analytic": stac.asset(
                "https://example.com/a.tif",
                media_type=stac.COG,
                roles=["data"],
                size=10,
                checksum=stac.multihash("md5", "0" * 32),
                bands=[
                    stac.band(
                        "red",
                        common_name="red",
                        center_wavelength=0.665,
                        data_type="uint16",
                        nodata=0,
                        scale=0.0001,
                    )
                ],
                fields={
                    stac.PROJ_CODE: "EPSG:32632",
                    stac.PROJ_SHAPE: [10, 10],
                    stac.PROJ_TRANSFORM: [3, 0, 0, 0, -3, 0],
                },
            )
        },
    )


def radar() -> dict:
    return stac.item(
        id="radar-1",
        geometry=SQUARE,
        start=NOON,
        end=NOON + dt.timedelta(seconds=30),
        collection="GRD",
        provider="capella",
        properties={
            stac.SAR_INSTRUMENT_MODE: "spotlight",
            stac.SAR_FREQUENCY_BAND: "X",
            stac.SAR_POLARIZATIONS: ["HH"],
            stac.SAR_PRODUCT_TYPE: "GEO",
            stac.INCIDENCE_ANGLE: 35.0,
        },
        assets={"HH": stac.asset("https://example.com/hh.tif", media_type=stac.COG, roles=["data"])},
    )


def table() -> dict:
    return stac.item(
        id="table-1",
        geometry=None,
        datetime=NOON,
        properties={stac.TABLE_ROW_COUNT: 3, stac.TABLE_COLUMNS: [{"name": "geometry", "type": "byte_array"}]},
        assets={"rows": stac.asset("rows.parquet", media_type=stac.PARQUET, roles=["data"])},
    )


@pytest.mark.parametrize("build", [optical, radar, table])
def test_p52_built_items_validate_offline(build, no_network):
    stac.validate(build())


@pytest.mark.parametrize("build", [optical, radar, table])
def test_p52_built_items_validate_offline_through_pystac(build, no_network):
    stac.validate(pystac.Item.from_dict(build()))


def test_every_extension_in_use_has_a_schema_that_refuses_an_unknown_field_of_its_prefix():
    for prefix in stac.EXTENSIONS:
        if prefix == "timestamps":  # has no prefix
            continue
        made = optical() | radar()["properties"]
        made["properties"] = {**optical()["properties"], **radar()["properties"], f"{prefix}:no_such_field": 1}
        made["stac_extensions"] = sorted(stac.EXTENSIONS.values())

        found = stac.problems(made)

        assert any(f"{prefix}:no_such_field" in line for line in found), prefix


def test_item_declares_extensions_from_prefixes_of_properties_assets_and_bands():
    made = stac.item(
        id="a",
        geometry=SQUARE,
        datetime=NOON,
        properties={"view:off_nadir": 1, "planet:own": 1},
        assets={
            "a": stac.asset("a", bands=[stac.band("b", scale=2.0)], fields={"proj:code": "EPSG:4326"}),
        },
    )

    assert made["stac_extensions"] == [stac.EXTENSIONS["proj"], stac.EXTENSIONS["raster"], stac.EXTENSIONS["view"]]


def test_item_leaves_sar_undeclared_when_its_required_fields_are_missing():
    """The published schema refuses an item that declares sar without them; the fields themselves may stand."""
    made = stac.item(id="a", geometry=SQUARE, datetime=NOON, properties={"sar:polarizations": ["VV"]})

    assert made["stac_extensions"] == []
    assert stac.problems(made) == []


def test_item_writes_times_in_utc():
    taken = dt.datetime(2026, 3, 1, 13, 0, 0, 250000, tzinfo=dt.timezone(dt.timedelta(hours=1)))

    made = stac.item(
        id="a",
        geometry=SQUARE,
        datetime=taken,
        start="2026-03-01T13:00:00+01:00",
        end="2026-03-01T12:00:01Z",
        properties={"updated": "2026-03-02T01:00:00+01:00", "planet:when": taken},
    )["properties"]

    assert made == {
        "datetime": "2026-03-01T12:00:00.250000Z",
        "start_datetime": "2026-03-01T12:00:00Z",
        "end_datetime": "2026-03-01T12:00:01Z",
        "updated": "2026-03-02T00:00:00Z",
        "planet:when": "2026-03-01T12:00:00.250000Z",
    }


@pytest.mark.parametrize(
    "times",
    [
        {},
        {"start": NOON},
        {"end": NOON},
        {"datetime": dt.datetime(2026, 1, 1)},  # noqa: DTZ001  naive on purpose
        {"datetime": "2026-01-01T00:00:00"},
        {"datetime": "2026-01-01"},
        {"start": NOON, "end": NOON - dt.timedelta(seconds=1)},
    ],
)
def test_item_refuses_when_its_time_is_missing_naive_or_backwards(times):
    with pytest.raises(InvalidDatetime):
        stac.item(id="a", geometry=SQUARE, **times)


def test_item_has_null_datetime_when_it_has_start_and_end():
    made = radar()["properties"]

    assert made["datetime"] is None
    assert made["start_datetime"] == "2026-03-01T12:00:00Z"
    assert made["end_datetime"] == "2026-03-01T12:00:30Z"


def test_item_drops_none_and_keeps_zero_and_false():
    made = stac.item(
        id="a",
        geometry=SQUARE,
        datetime=NOON,
        properties={"eo:cloud_cover": 0, "gsd": None, "planet:ground_control": False},
        assets={"a": {"href": "x", "type": None, "nodata": 0}},
    )

    assert made["properties"]["eo:cloud_cover"] == 0
    assert made["properties"]["planet:ground_control"] is False
    assert "gsd" not in made["properties"]
    assert made["assets"]["a"] == {"href": "x", "nodata": 0}


def test_item_does_not_share_what_it_was_given():
    given = {"planet:list": [1, 2]}

    made = stac.item(id="a", geometry=SQUARE, datetime=NOON, properties=given)
    made["properties"]["planet:list"].append(3)

    assert given == {"planet:list": [1, 2]}


def test_item_refuses_when_id_is_empty():
    with pytest.raises(InputError, match="needs an id"):
        stac.item(id="", geometry=SQUARE, datetime=NOON)


def test_item_links_its_collection_when_no_link_was_given():
    assert optical()["links"] == [{"rel": "collection", "href": "urn:swath:planet:PSScene"}]
    given = [stac.link("collection", "https://example.com/c")]
    assert stac.item(id="a", geometry=SQUARE, datetime=NOON, collection="c", links=given)["links"] == given


@pytest.mark.parametrize(
    ("geometry", "expected"),
    [
        (SQUARE, [10, 50, 11, 51]),
        (ACROSS, [179, -1, -178, 1]),
        ({"type": "Point", "coordinates": [5, 6, 100]}, [5, 6, 5, 6]),
        ({"type": "MultiPoint", "coordinates": [[5, 6], [7, 8]]}, [5, 6, 7, 8]),
        ({"type": "GeometryCollection", "geometries": [SQUARE, {"type": "Point", "coordinates": [0, 0]}]}, [0, 0, 11, 51]),
        ({"type": "MultiPolygon", "coordinates": [[[[-170, 0], [-160, 0], [-160, 1], [-170, 0]]], [[[160, 0], [170, 0], [170, 1], [160, 0]]]]}, [-170, 0, 170, 1]),
        ({"type": "Polygon", "coordinates": [[[-180, -90], [180, -90], [180, 90], [-180, 90], [-180, -90]]]}, [-180, -90, 180, 90]),
    ],
)  # fmt: skip
def test_bbox_of_follows_rfc_7946(geometry, expected):
    assert stac.bbox_of(geometry) == expected


def test_bbox_of_leaves_out_the_widest_gap_when_many_parts_meet_at_the_antimeridian():
    extra = [[[170.0, 0.0], [175.0, 0.0], [175.0, 1.0], [170.0, 0.0]]]
    geometry = {"type": "MultiPolygon", "coordinates": [*ACROSS["coordinates"], extra]}

    assert stac.bbox_of(geometry) == [170, -1, -178, 1]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda i: i["properties"].update({"eo:cloud_cover": 101}), "$.properties['eo:cloud_cover']"),
        (lambda i: i["properties"].update({"view:off_nadir": "7"}), "$.properties['view:off_nadir']"),
        (lambda i: i["properties"].update({"datetime": "yesterday"}), "$.properties.datetime"),
        (lambda i: i["properties"].update({"updated": "2026-01-01"}), "$.properties.updated"),
        (lambda i: i["properties"].pop("datetime"), "$.properties"),
        (lambda i: i["properties"].update({"sat:orbit_state": "up"}), "$.properties['sat:orbit_state']"),
        (lambda i: i["properties"].pop("order:status"), "$.properties"),
        (lambda i: i["assets"]["analytic"].pop("href"), "$.assets.analytic"),
        (
            lambda i: i["assets"]["analytic"]["bands"][0].update({"eo:common_name": "rouge"}),
            "$.assets.analytic.bands[0]['eo:common_name']",
        ),
        (lambda i: i["assets"]["analytic"].update({"proj:code": 32632}), "$.assets.analytic['proj:code']"),
        (lambda i: i["assets"]["analytic"].update({"file:checksum": "MD5"}), "$.assets.analytic['file:checksum']"),
        (lambda i: i.update(links=[]), "$.collection"),
        (lambda i: i.pop("bbox"), "$"),
        (lambda i: i["geometry"].update(coordinates="x"), "$.geometry"),
        (lambda i: i.update(stac_extensions=[]), "$.stac_extensions"),
        (lambda i: i["stac_extensions"].append("https://example.com/v1/schema.json"), "$.stac_extensions"),
        (lambda i: i["properties"].update({"planet:set": float("nan")}), "$"),
        (lambda i: i["links"].append({"rel": "self", "href": "items/a.json"}), "$.links[1].href"),
    ],
)
def test_p52_validate_names_the_path_when_a_field_is_wrong(change, path, no_network):
    made = copy.deepcopy(optical())
    change(made)

    with pytest.raises(InvalidItem) as caught:
        stac.validate(made)

    assert any(line.startswith(f"{path}:") for line in caught.value.details["problems"]), caught.value.details
    assert "scene-1" in str(caught.value)
    assert pickle.loads(pickle.dumps(caught.value)).details == caught.value.details


def test_validate_checks_further_extensions_when_their_schemas_are_given():
    url = "https://example.com/v1/schema.json"
    made = optical()
    made["stac_extensions"].append(url)
    schema = {"type": "object", "properties": {"properties": {"required": ["x:y"]}}}

    found = stac.problems(made, schemas={url: schema})

    assert found == ["$.properties: 'x:y' is a required property"]


def test_validate_refuses_what_is_no_stac():
    with pytest.raises(InputError, match="FeatureCollection"):
        stac.validate({"type": "FeatureCollection", "features": []})


def test_p52_collections_validate_offline(no_network):
    made = stac.collection(
        id="PSScene",
        title="PlanetScope",
        description="Scenes",
        provider="planet",
        license="proprietary",
        start=NOON,
        keywords=["optical"],
        providers=[{"name": "Planet", "roles": ["producer"]}],
        summaries={"gsd": [3.7], "eo:cloud_cover": {"minimum": 0, "maximum": 100}},
        item_assets={"analytic": {"type": stac.COG, "bands": [stac.band("red", common_name="red")]}},
        links=[stac.link("license", "https://example.com/licence")],
    )

    stac.validate(made)
    assert made["extent"]["temporal"]["interval"] == [["2026-03-01T12:00:00Z", None]]
    assert made["extent"]["spatial"]["bbox"] == [[-180.0, -90.0, 180.0, 90.0]]
    assert made["stac_extensions"] == [stac.EXTENSIONS["eo"]]
    assert json.loads(json.dumps(made)) == made


@pytest.mark.parametrize(
    ("algorithm", "name", "prefix", "length"),
    [
        ("md5", "md5", "d50110", 32),
        ("SHA1", "sha1", "1114", 40),
        ("SHA-256", "sha256", "1220", 64),
        ("sha512", "sha512", "1340", 128),
    ],
)
def test_multihash_round_trips(algorithm, name, prefix, length):
    written = stac.multihash(algorithm, "AB" * (length // 2))

    assert written == prefix + "ab" * (length // 2)
    assert stac.parse_multihash(written.upper()) == (name, "ab" * (length // 2))


@pytest.mark.parametrize(("algorithm", "digest"), [("crc32", "00"), ("md5", "0" * 31), ("md5", "g" * 32)])
def test_multihash_refuses_what_it_cannot_write(algorithm, digest):
    with pytest.raises(InputError):
        stac.multihash(algorithm, digest)


@pytest.mark.parametrize("text", ["", "d50110", "1220" + "0" * 63, "zz", "9999" + "0" * 64])
def test_parse_multihash_refuses_what_is_none(text):
    with pytest.raises(InputError):
        stac.parse_multihash(text)


def test_exports_are_sorted_and_complete():
    assert sorted(stac.__all__) == sorted(set(stac.__all__))
    public = {name for name in vars(stac) if name.isupper() or callable(vars(stac)[name])} - {"annotations"}
    assert public == set(stac.__all__)


def test_items_can_be_written_as_stac_1_0_had_them():
    one = stac.item(
        id="a",
        geometry=None,
        datetime="2026-03-01T00:00:00Z",
        properties={stac.PROJ_CODE: "EPSG:32631"},
        assets={
            "b": stac.asset(
                "b.tif",
                media_type=stac.COG,
                bands=[stac.band("B4", common_name="red", scale=0.1)],
                fields={stac.NODATA: 0, stac.PROJ_CODE: "IAU_2015:30100", stac.PROJ_SHAPE: [2, 3]},
            )
        },
    )
    before = copy.deepcopy(one)

    old = stac.to_stac_1_0(one)

    assert one == before
    assert old["stac_version"] == "1.0.0"
    assert old["properties"]["proj:epsg"] == 32631
    asset = old["assets"]["b"]
    assert asset["proj:epsg"] is None
    assert asset["eo:bands"] == [{"name": "B4", "common_name": "red"}]
    assert asset["raster:bands"] == [{"nodata": 0, "scale": 0.1}]
    assert not {"bands", "proj:code", "nodata"} & {*asset, *old["properties"]}
    assert sorted(url.rsplit("/", 2)[1] for url in old["stac_extensions"]) == ["v1.1.0", "v1.1.0", "v1.1.0"]
    pystac.Item.from_dict(old)

# SPDX-License-Identifier: Apache-2.0
"""Planet's stand-in over real HTTP: access, searches, assets, orders, as the wire contract has them."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import io
import json
import re
import zipfile

import httpx
import numpy as np
import pystac
import pytest
import rasterio
from PIL import Image
from rasterio.warp import transform_bounds
from shapely.geometry import box, mapping, shape

from swath._http.trusted import trusted
from swath.sandbox import World, serve
from swath_planet.sandbox import make_stand_in

KEY = "sandbox-planet-key"
AREA = mapping(box(5.4, 52.3, 5.5, 52.38))
BOTH = "ortho_analytic_4b_sr"
SCENE_PIXELS = 96


def since(world, days):
    return (world.clock.now() - dt.timedelta(days=days)).isoformat()


def here(world, *filters, days=40, area=AREA):
    return {
        "type": "AndFilter",
        "config": [
            {"type": "GeometryFilter", "field_name": "geometry", "config": area},
            {"type": "DateRangeFilter", "field_name": "acquired", "config": {"gte": since(world, days)}},
            *filters,
        ],
    }


def search(client, search_filter=None, *, item_types=("PSScene",), pages=50, size=250, sort=None, **body):
    params = {"_page_size": size} | ({"_sort": sort} if sort else {})
    asked = {"item_types": list(item_types), **body}
    if search_filter is not None:
        asked["filter"] = search_filter
    answer = client.post("/data/v1/quick-search", params=params, json=asked)
    assert answer.status_code == 200, answer.text
    found = []
    for _ in range(pages):
        page = answer.json()
        found += page["features"]
        following = page["_links"]["_next"]
        if following is None:
            break
        answer = client.get(following)
    return found


@pytest.fixture
def items(client, world):
    return search(client, here(world))


@pytest.fixture
def complete(items):
    """Ids of items that have every bundle."""
    return [item["id"] for item in items if BOTH in item["assets"]]


# --- access ---


def basic(key):
    return f"Basic {base64.b64encode(f'{key}:'.encode()).decode()}"


def test_access_by_every_scheme(base_url):
    token = httpx.post(f"{base_url}/v0/auth/login", json={"email": "a@b.c", "password": "sandbox"}).json()["token"]

    for headers, params in [
        ({"Authorization": f"api-key {KEY}"}, {}),
        ({"Authorization": basic(KEY)}, {}),
        ({"Authorization": f"Bearer {token}"}, {}),
        ({}, {"api_key": KEY}),
    ]:
        answer = httpx.get(f"{base_url}/data/v1/", headers=headers, params=params)
        assert answer.status_code == 200, headers
        assert answer.json()["_links"]["_self"] == f"{base_url}/data/v1/"


@pytest.mark.parametrize(
    "header", [None, "api-key wrong", "api-key", basic("wrong"), "Basic ???", "Bearer a.b.c", "Bearer e30.e30.x", "x"]
)
@pytest.mark.parametrize("path", ["/data/v1/item-types", "/compute/ops/orders/v2"])
def test_access_without_a_known_key_is_401(base_url, header, path):
    answer = httpx.get(f"{base_url}{path}", headers={} if header is None else {"Authorization": header})

    assert answer.status_code == 401
    assert answer.json() == {"message": "Please enter your API key.", "errors": []}


def test_access_login_with_a_bad_pair_is_401(base_url):
    assert httpx.post(f"{base_url}/v0/auth/login", json={"email": "a@b.c", "password": "x"}).status_code == 401
    assert httpx.post(f"{base_url}/v0/auth/login", content=b"{").status_code == 400


def test_access_of_a_viewer_ends_at_searching(client, complete, world):
    viewer = {"Authorization": "api-key sandbox-planet-viewer"}
    order = {"name": "x", "products": [{"item_ids": complete[:1], "item_type": "PSScene", "product_bundle": "visual"}]}

    item = client.get(f"/data/v1/item-types/PSScene/items/{complete[0]}", headers=viewer).json()
    asset = client.get(item["_links"]["assets"], headers=viewer).json()["ortho_visual"]

    assert item["_permissions"] == asset["_permissions"] == []
    assert client.get(asset["_links"]["activate"], headers=viewer).status_code == 401
    assert client.post("/compute/ops/orders/v2", json=order, headers=viewer).status_code == 403
    allowed = {"type": "PermissionFilter", "config": ["assets:download"]}
    assert client.post(
        "/data/v1/quick-search", json={"item_types": ["PSScene"], "filter": here(world, allowed)}, headers=viewer
    ).json()["features"] == []  # fmt: skip


def test_access_body_over_a_megabyte_is_413(client):
    assert client.post("/data/v1/quick-search", content=b" " * (1 << 20) + b"{}").status_code == 413
    assert client.post("/data/v1/quick-search", content=b"{nope").status_code == 400


def test_unknown_paths_and_methods_answer_in_json(client):
    assert client.get("/data/v1/nothing").json()["message"] == "Path not found: /data/v1/nothing"
    assert client.delete("/data/v1/quick-search").status_code == 405


@pytest.mark.parametrize(
    ("method", "path", "per_s"),
    [
        ("GET", "/data/v1/item-types", 10),
        ("GET", "/compute/ops/orders/v2", 3),
        ("GET", "/compute/ops/stats/orders/v2", 5),
        ("GET", "/compute/ops/bundles/spec", 10),
    ],
)
def test_rate_limits_are_those_of_the_contract(method, path, per_s):
    world = World()
    with serve("planet", make_stand_in(world), world) as running:
        # All in one second: time does not pass between them, the sandbox's clock is held.
        moment = world.clock.monotonic()
        world.clock.monotonic = lambda: moment
        with httpx.Client(
            base_url=running.base_url, headers={"Authorization": f"api-key {KEY}"}, verify=trusted()
        ) as client:
            answers = [client.request(method, path) for _ in range(per_s + 4)]

    assert [answer.status_code for answer in answers] == [200] * per_s + [429] * 4
    assert ["retry-after" in answer.headers for answer in answers[per_s:]] == [True, False, True, False]


# --- searches ---


def test_item_has_the_documented_form(client, items):
    item = items[0]
    properties = item["properties"]

    assert client.get(item["_links"]["_self"]).json() == item
    assert shape(item["geometry"]).is_valid
    assert set(item) == {"type", "id", "_links", "_permissions", "assets", "geometry", "properties"}
    assert properties["item_type"] == "PSScene"
    assert 0 <= properties["cloud_cover"] <= 1
    parts = ("clear", "cloud", "heavy_haze", "light_haze", "shadow", "snow_ice")
    assert sum(properties[f"{part}_percent"] for part in parts) == 100
    assert item["id"].startswith(properties["acquired"][:10].replace("-", ""))
    assert item["id"].endswith(properties["satellite_id"])
    assert client.get("/data/v1/item-types/PSScene/items/20240101_000000_00_ffff").status_code == 404


@pytest.mark.parametrize(
    ("item_type", "pattern", "days"),
    [
        ("PSScene", r"^\d{8}_\d{6}_\d\d_[0-9a-f]{4}$", 20),
        ("SkySatScene", r"^\d{8}_\d{6}_ssc\d+d[123]_\d{4}$", 300),
        ("SkySatCollect", r"^\d{8}_\d{6}_ssc\d+_u\d{4}$", 600),
        ("REOrthoTile", r"^\d{8}_\d{6}_\d{7}_RapidEye-[1-5]$", 9000),
        ("PSOrthoTile", r"^\d{7}_\d{7}_\d{4}-\d\d-\d\d_[0-9a-f]{4}$", 1800),
        ("PelicanScene", r"^\d{8}_\d{6}_pelican2_\d{4}$", 600),
        ("SkySatVideo", r"^\d{8}_\d{6}_ssc\d+_video_\d{4}$", 900),
        ("REScene", r"^\d{8}_\d{6}_\d{3}_RE[1-5]_1B$", 9000),
        ("TanagerScene", r"^\d{8}_\d{6}_\d{3}_4001$", 600),
        ("TanagerMethane", r"^\d{8}_\d{6}_\d{3}_4001_ch4$", 600),
        ("Landsat8L1G", r"^LC8_", 200),
        ("Sentinel2L1C", r"^S2A_MSIL1C_", 100),
        ("Sentinel1", r"^S1A_IW_GRDH_", 100),
        *((name, f"^{name}_", 10) for name in ("MOD09GA", "MOD09GQ", "MYD09GA", "MYD09GQ")),
    ],
)
def test_items_of_each_type_are_found_again_by_their_id(client, world, item_type, pattern, days):
    found = search(client, here(world, days=days), item_types=[item_type])

    assert found
    for item in found[:40]:
        assert re.match(pattern, item["id"])
        assert shape(item["geometry"]).intersects(shape(AREA))
        assert client.get(f"/data/v1/item-types/{item_type}/items/{item['id']}").json() == item
    assert len({item["id"] for item in found}) == len(found)


FILTERS = {
    "range": ({"type": "RangeFilter", "field_name": "cloud_cover", "config": {"gt": 0.1, "lte": 0.5}},
              lambda i: 0.1 < i["properties"]["cloud_cover"] <= 0.5),
    "date": ({"type": "DateRangeFilter", "field_name": "published", "config": {"lt": "2020-01-01T00:00:00Z"}},
             lambda i: False),
    "update": ({"type": "UpdateFilter", "field_name": "ground_control", "config": {"gt": "2020-01-01T00:00:00Z"}},
               lambda i: i["properties"]["updated"] != i["properties"]["published"]),
    "number": ({"type": "NumberInFilter", "field_name": "gsd", "config": [3.8, 3.9, 4]},
               lambda i: i["properties"]["gsd"] in {3.8, 3.9, 4}),
    "string": ({"type": "StringInFilter", "field_name": "quality_category", "config": ["test"]},
               lambda i: i["properties"]["quality_category"] == "test"),
    "boolean": ({"type": "StringInFilter", "field_name": "ground_control", "config": ["false"]},
                lambda i: not i["properties"]["ground_control"]),
    "asset": ({"type": "AssetFilter", "config": [BOTH, "nothing"]}, lambda i: BOTH in i["assets"]),
    "permission": ({"type": "PermissionFilter", "config": [f"assets.{BOTH}:download"]},
                   lambda i: f"assets.{BOTH}:download" in i["_permissions"]),
    "not": ({"type": "NotFilter", "config": {"type": "AssetFilter", "config": [BOTH]}}, lambda i: BOTH not in i["assets"]),
    "not list": ({"type": "NotFilter", "config": [{"type": "AssetFilter", "config": [BOTH]}]},
                 lambda i: BOTH not in i["assets"]),
    "or": ({"type": "OrFilter", "config": [
        {"type": "RangeFilter", "field_name": "cloud_cover", "config": {"lt": 0.1}},
        {"type": "StringInFilter", "field_name": "quality_category", "config": ["test"]}]},
        lambda i: i["properties"]["cloud_cover"] < 0.1 or i["properties"]["quality_category"] == "test"),
    "empty or": ({"type": "OrFilter", "config": []}, lambda i: True),
    "absent property": ({"type": "RangeFilter", "field_name": "ground_control_ratio", "config": {"gte": 0}},
                        lambda i: False),
}  # fmt: skip


@pytest.mark.parametrize("name", FILTERS)
def test_filter_finds_what_it_says(client, world, items, name):
    search_filter, test = FILTERS[name]

    found = search(client, here(world, search_filter))

    assert [item["id"] for item in found] == [item["id"] for item in items if test(item)]


@pytest.mark.parametrize("relation", ["intersects", "within", "contains", "disjoint"])
def test_filter_geometry_relations(client, world, relation):
    wide = mapping(box(5.0, 52.0, 6.0, 52.8))
    point = {"type": "Point", "coordinates": [5.45, 52.34]}
    around = search(client, here(world, area=wide, days=6))
    asked = point if relation == "contains" else mapping(box(5.2, 52.2, 5.8, 52.6))
    judge = {
        "intersects": lambda s: s.intersects(shape(asked)),
        "within": lambda s: s.within(shape(asked)),
        "contains": lambda s: s.contains(shape(asked)),
        "disjoint": lambda s: s.disjoint(shape(asked)),
    }[relation]

    node = {"type": "GeometryFilter", "field_name": "geometry", "relation": relation, "config": asked}
    found = search(client, here(world, node, area=wide, days=6))

    expected = [item["id"] for item in around if judge(shape(item["geometry"]))]
    assert expected
    assert [item["id"] for item in found] == expected


BAD = {
    "no object": [1],
    "no types": {"item_types": []},
    "unknown type": {"item_types": ["Nope"]},
    "unknown filter": {"item_types": ["PSScene"], "filter": {"type": "LikeFilter", "config": []}},
    "no filter type": {"item_types": ["PSScene"], "filter": {"config": []}},
    "unknown field": {
        "item_types": ["PSScene"], "filter": {"type": "RangeFilter", "field_name": "nope", "config": {"gt": 1}},
    },
    "no bound": {"item_types": ["PSScene"], "filter": {"type": "RangeFilter", "field_name": "gsd", "config": {}}},
    "string bound": {
        "item_types": ["PSScene"], "filter": {"type": "RangeFilter", "field_name": "gsd", "config": {"gt": "3"}},
    },
    "number in strings": {
        "item_types": ["PSScene"], "filter": {"type": "StringInFilter", "field_name": "id", "config": [1]},
    },
    "bad date": {
        "item_types": ["PSScene"],
        "filter": {"type": "DateRangeFilter", "field_name": "acquired", "config": {"gt": "yesterday"}},
    },
    "naive date": {
        "item_types": ["PSScene"],
        "filter": {"type": "DateRangeFilter", "field_name": "acquired", "config": {"gt": "2024-01-01T00:00:00"}},
    },
    "bad relation": {
        "item_types": ["PSScene"],
        "filter": {"type": "GeometryFilter", "field_name": "geometry", "config": AREA, "relation": "touches"},
    },
    "far geometry": {"item_types": ["PSScene"], "geometry": {"type": "Point", "coordinates": [500, 0]}},
    "no geometry": {"item_types": ["PSScene"], "geometry": {"type": "Polygon"}},
    "reference": {"item_types": ["PSScene"], "geometry": {"type": "ref", "content": "pl:features/my/c/f"}},
    "config": {"item_types": ["PSScene"], "filter": {"type": "AndFilter", "config": {}}},
    "not without": {"item_types": ["PSScene"], "filter": {"type": "NotFilter", "config": None}},
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_search_that_makes_no_sense_is_400_in_the_documented_form(client, name):
    answer = client.post("/data/v1/quick-search", json=BAD[name])

    assert answer.status_code == 400
    body = answer.json()
    assert body["general"][0]["message"]
    assert set(body) == {"general", "field"}


@pytest.mark.parametrize("sort", ["published desc", "published asc", "acquired desc", "acquired asc"])
def test_search_pages_give_everything_once_in_order(client, world, sort):
    both = ["PSScene", "SkySatCollect"]
    whole = search(client, here(world, days=60), item_types=both, sort=sort)
    paged = search(client, here(world, days=60), item_types=both, sort=sort, size=7)

    times = [item["properties"][sort.split()[0]] for item in whole]
    assert times == sorted(times, reverse=sort.endswith("desc"))
    assert [item["id"] for item in paged] == [item["id"] for item in whole]
    assert len({item["id"] for item in whole}) == len(whole) > 20
    assert {item["properties"]["item_type"] for item in whole} == set(both)


def test_search_page_that_is_exactly_full_is_the_last(client, items):
    ids = [item["id"] for item in items[:5]]
    named = {"type": "StringInFilter", "field_name": "id", "config": ids}

    page = client.post(
        "/data/v1/quick-search", params={"_page_size": 5}, json={"item_types": ["PSScene"], "filter": named}
    ).json()

    assert [item["id"] for item in page["features"]] == ids
    assert page["_links"]["_next"] is None


@pytest.mark.parametrize("params", [{"_page_size": 0}, {"_page_size": 251}, {"_sort": "name"}, {"_page": "%%"}])
def test_search_with_bad_paging_is_400(client, params):
    assert client.post("/data/v1/quick-search", params=params, json={"item_types": ["PSScene"]}).status_code == 400


def test_search_without_an_area_finds_something_over_the_whole_archive(client):
    page = client.post("/data/v1/quick-search", json={"item_types": ["PSScene"]}).json()

    assert len(page["features"]) == 250
    assert page["_links"]["_next"]


def test_search_over_the_antimeridian(client, world):
    east, west = mapping(box(179.7, -17.5, 180, -17)), mapping(box(-180, -17.5, -179.8, -17))
    both = {"type": "MultiPolygon", "coordinates": [east["coordinates"], west["coordinates"]]}

    found = search(client, here(world, area=both, days=4))

    assert any(item["geometry"]["type"] == "MultiPolygon" for item in found)
    assert all(shape(item["geometry"]).intersects(shape(both)) for item in found)


def test_stats_agree_with_the_search(client, world, items):
    for interval in ("hour", "day", "week", "month", "year"):
        body = {"interval": interval, "filter": here(world), "item_types": ["PSScene"]}
        told = client.post("/data/v1/stats", json=body).json()
        starts = [bucket["start_time"] for bucket in told["buckets"]]
        assert sum(bucket["count"] for bucket in told["buckets"]) == len(items)
        assert starts == sorted(set(starts))
        assert told["buckets"][0]["count"] > 0
        assert told["buckets"][-1]["count"] > 0
    assert client.post("/data/v1/stats", json={**body, "interval": "decade"}).status_code == 400


def test_saved_search_life(client, world):
    body = {"name": "weekly", "filter": here(world), "item_types": ["PSScene"], "__daily_email_enabled": True}
    made = client.post("/data/v1/searches", json=body).json()

    assert made["search_type"] == "saved"
    assert made["last_executed"] is None
    own = made["_links"]["_self"]
    assert client.get(own).json() == made
    ran = client.get(made["_links"]["results"]).json()
    assert [item["id"] for item in ran["features"]] == [item["id"] for item in search(client, here(world))][:250]
    assert client.get(own).json()["last_executed"]
    replaced = client.put(own, json={**body, "name": "monthly", "item_types": ["REOrthoTile"]}).json()
    assert (replaced["id"], replaced["name"], replaced["item_types"]) == (made["id"], "monthly", ["REOrthoTile"])
    listed = client.get("/data/v1/searches", params={"search_type": "saved"}).json()["searches"]
    assert made["id"] in [one["id"] for one in listed]
    quick = client.get("/data/v1/searches", params={"search_type": "quick", "_page_size": 1}).json()
    assert quick["searches"][0]["search_type"] == "quick"
    assert client.get(quick["_links"]["_next"]).json()["searches"][0]["id"] != quick["searches"][0]["id"]
    assert client.delete(own).status_code == 204
    for answer in (client.get(own), client.delete(own), client.put(own, json=body)):
        assert answer.status_code == 404


@pytest.mark.parametrize("change", [{"name": ""}, {"filter": {"type": "X"}}, {"item_types": None}])
def test_saved_search_that_makes_no_sense_is_400(client, change):
    body = {"name": "x", "filter": {"type": "AndFilter", "config": []}, "item_types": ["PSScene"]}

    assert client.post("/data/v1/searches", json={**body, **change}).status_code == 400


def test_saved_search_keeps_a_reference_as_a_list(client):
    body = {"name": "x", "filter": {"type": "AndFilter", "config": []}, "item_types": ["PSScene"]}
    made = client.post(
        "/data/v1/searches", json={**body, "geometry": {"type": "ref", "content": "pl:features/my/c/f"}}
    ).json()

    assert made["geometry"] == {"type": "ref", "content": ["pl:features/my/c/f#1"]}


def test_what_there_is_can_be_listed(client):
    types = client.get("/data/v1/item-types").json()["item_types"]
    scene = next(one for one in types if one["id"] == "PSScene")

    assert "ortho_visual" in scene["supported_asset_types"]
    assert client.get(scene["_links"]["_self"]).json() == scene
    assert client.get("/data/v1/asset-types/ortho_udm2").json()["id"] == "ortho_udm2"
    assert client.get("/data/v1/asset-types/nope").status_code == 404
    assert client.get("/data/v1/item-types/nope").status_code == 404
    assert client.get("/data/v1/spec").status_code == 200


def test_coverage_is_activating_first_and_agrees_with_the_mask(client, items):
    clear = min(items, key=lambda item: item["properties"]["cloud_cover"])
    cloudy = max(items, key=lambda item: item["properties"]["cloud_cover"])
    told = []
    for item in (clear, cloudy):
        path, body = f"/data/v1/item-types/PSScene/items/{item['id']}/coverage", {"geometry": item["geometry"]}
        assert client.post(path, json=body).json() == {"status": "activating"}
        told.append(client.post(path, json=body).json())

    assert told[0]["status"] == "complete"
    assert told[0]["clear_percent"] > told[1]["clear_percent"]
    assert client.post(path, json={"geometry": None}).status_code == 400
    assert client.post(path, params={"band": "x"}, json=body).status_code == 400
    band = client.post(path, params={"mode": "estimate", "band": "cloud"}, json=body).json()
    assert band["cloud_percent"] == pytest.approx(cloudy["properties"]["cloud_percent"], abs=15)


def test_thumbnail_is_a_picture(client, items):
    answer = client.get(items[0]["_links"]["thumbnail"], params={"width": 64})

    assert answer.headers["content-type"] == "image/png"
    with Image.open(io.BytesIO(answer.content)) as picture:
        assert (picture.format, picture.mode) == ("PNG", "RGBA")
        assert 56 <= max(picture.size) <= 64  # whole pixels of a round size: how many depends on the footprint


# --- assets ---


def asset_of(client, item_id, asset_type="ortho_visual"):
    return client.get(f"/data/v1/item-types/PSScene/items/{item_id}/assets").json()[asset_type]


def activated(client, item_id, asset_type="ortho_visual"):
    asset = asset_of(client, item_id, asset_type)
    client.get(asset["_links"]["activate"])
    while asset["status"] != "active":
        asset = client.get(asset["_links"]["_self"]).json()
    return asset


def test_asset_goes_from_inactive_to_active_by_looks(client, complete):
    asset = asset_of(client, complete[0], "ortho_analytic_4b")
    own, activate = asset["_links"]["_self"], asset["_links"]["activate"]

    assert (asset["status"], asset["md5_digest"]) == ("inactive", None)
    assert "location" not in asset
    assert client.get(activate).status_code == 202
    assert client.post(activate).status_code == 202
    assert [client.get(own).json()["status"] for _ in range(3)] == ["activating", "activating", "active"]
    assert client.get(activate).status_code == 204
    content = client.get(client.get(own).json()["location"]).content
    assert hashlib.md5(content).hexdigest() == client.get(own).json()["md5_digest"]
    with rasterio.open(io.BytesIO(content)) as file:
        assert (file.count, file.dtypes[0], file.nodata) == (4, "uint16", 0)
        assert file.crs.to_epsg() == 32631
        assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"


def test_asset_becomes_active_and_is_evicted_by_the_clock(client, complete, world):
    asset = asset_of(client, complete[1])
    client.get(asset["_links"]["activate"])

    world.clock.advance(61)
    assert client.get(asset["_links"]["_self"]).json()["status"] == "active"
    world.clock.advance(24 * 3600)
    assert client.get(asset["_links"]["_self"]).json()["status"] == "inactive"


def test_asset_location_serves_ranges_until_it_expires(client, complete, world):
    asset = activated(client, complete[2])

    whole = httpx.get(asset["location"])
    part = httpx.get(asset["location"], headers={"Range": "bytes=10-19", "If-Range": whole.headers["etag"]})
    assert hashlib.md5(whole.content).hexdigest() == asset["md5_digest"]
    assert whole.headers["content-disposition"] == f'attachment; filename="{complete[2]}_3B_Visual.tif"'
    assert whole.headers["content-length"] == str(len(whole.content))
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    world.clock.advance(4 * 3600 + 1)
    late = httpx.get(asset["location"])
    assert (late.status_code, late.json()) == (403, {"message": "Link expired"})
    fresh = client.get(asset["_links"]["_self"]).json()
    assert httpx.get(fresh["location"]).content == whole.content
    assert httpx.get(fresh["location"] + "x").status_code == 401


def test_asset_that_does_not_exist_is_404(client, complete):
    token = base64.urlsafe_b64encode(
        json.dumps({"i": complete[0], "c": "PSScene", "t": "nope", "ct": "item-type"}).encode()
    ).decode()

    assert client.get(f"/data/v1/assets/{token.rstrip('=')}").status_code == 404
    assert client.get("/data/v1/assets/rubbish").status_code == 404
    assert client.get("/data/v1/item-types/PSScene/items/nope/assets/").status_code == 404


@pytest.mark.parametrize(
    ("asset_type", "count", "dtype"),
    [
        ("ortho_analytic_8b_sr", 8, "uint16"),
        ("ortho_analytic_3b", 3, "uint16"),
        ("ortho_udm2", 8, "uint8"),
        ("ortho_visual", 4, "uint8"),
    ],
)
def test_asset_pictures_have_their_bands(client, complete, asset_type, count, dtype):
    asset = activated(client, complete[0], asset_type)

    with rasterio.open(io.BytesIO(httpx.get(asset["location"]).content)) as file:
        assert (file.count, file.dtypes[0]) == (count, dtype)
        assert file.read().any()


def test_asset_texts_are_texts(client, complete):
    xml = httpx.get(activated(client, complete[0], "ortho_analytic_4b_xml")["location"])
    rpc = httpx.get(activated(client, complete[0], "basic_analytic_4b_rpc")["location"])

    assert xml.headers["content-type"].startswith("text/xml")
    assert xml.text.count("reflectanceCoefficient") == 8
    assert "LINE_NUM_COEFF_20" in rpc.text


# --- orders ---


def order_body(ids, bundle="analytic_udm2", **more):
    products = [{"item_ids": list(ids), "item_type": "PSScene", "product_bundle": bundle}]
    return {"name": "demo", "products": products, **more}


def create(client, body):
    answer = client.post("/compute/ops/orders/v2", json=body)
    assert answer.status_code == 202, answer.text
    return answer.json()


def finished(client, body):
    order = create(client, body)
    for _ in range(5):
        order = client.get(order["_links"]["_self"]).json()
    return order


def fetch(order):
    """Download everything as a browser would, without the key; gives bytes by path below the order's directory."""
    with httpx.Client(follow_redirects=True, timeout=60, verify=trusted()) as plain:
        got = {}
        for result in order["_links"]["results"]:
            answer = plain.get(result["location"])
            answer.raise_for_status()
            got[result["name"].removeprefix(f"{order['id']}/")] = answer.content
    return got


def check_manifest(got):
    manifest = json.loads(got["manifest.json"])
    assert {entry["path"] for entry in manifest["files"]} == set(got) - {"manifest.json"}
    for entry in manifest["files"]:
        data = got[entry["path"]]
        assert entry["size"] == len(data)
        assert entry["digests"]["md5"] == hashlib.md5(data).hexdigest()
        assert entry["digests"]["sha256"] == hashlib.sha256(data).hexdigest()
    return manifest


def test_order_goes_through_its_states_by_looks(client, complete):
    order = create(client, order_body(complete[:1], "visual"))
    own = order["_links"]["_self"]
    seen = [client.get(own).json() for _ in range(4)]

    assert (order["state"], order["last_message"]) == ("queued", "Preparing order")
    assert [one["state"] for one in seen] == ["queued", "running", "running", "success"]
    assert "results" not in seen[2]["_links"]
    assert seen[3]["last_message"] == "Manifest delivery completed"


def test_order_goes_through_its_states_by_the_clock(client, complete, world):
    order = create(client, order_body(complete[:1], "visual"))

    def listed():
        orders = client.get("/compute/ops/orders/v2", params={"source_type": "all", "page_size": 1000}).json()["orders"]
        return next(one for one in orders if one["id"] == order["id"])

    states = [listed()["state"]]
    world.clock.advance(21)
    states.append(listed()["state"])
    world.clock.advance(100)
    states.append(listed()["state"])

    assert states == ["queued", "running", "success"]
    assert "results" not in listed()["_links"]
    world.clock.advance(90 * 24 * 3600)
    assert client.get(order["_links"]["_self"]).status_code == 404


def test_order_delivers_what_its_manifest_says(client, complete):
    order = finished(client, order_body(complete[:2], metadata={"stac": {}}))
    got = fetch(order)

    manifest = check_manifest(got)
    one = complete[0]
    assert {name for name in got if one in name} == {
        f"PSScene/{one}_3B_AnalyticMS.tif",
        f"PSScene/{one}_3B_AnalyticMS_metadata.xml",
        f"PSScene/{one}_3B_udm2.tif",
        f"PSScene/{one}_metadata.json",
        f"PSScene/{one}.json",
    }
    by_path = {entry["path"]: entry for entry in manifest["files"]}
    assert by_path[f"PSScene/{one}_3B_AnalyticMS.tif"]["annotations"] == {
        "planet/item_id": one,
        "planet/item_type": "PSScene",
        "planet/bundle_type": "analytic_udm2",
        "planet/asset_type": "ortho_analytic_4b",
    }
    assert json.loads(got["catalog.json"])["links"][1]["href"] == "./PSScene/PSScene_collection.json"


def test_order_stac_files_are_stac(client, complete):
    got = fetch(finished(client, order_body(complete[:1], metadata={"stac": {}})))
    told = json.loads(got[f"PSScene/{complete[0]}.json"])

    item = pystac.Item.from_dict(told)
    collection = pystac.Collection.from_dict(json.loads(got["PSScene/PSScene_collection.json"]))
    catalog = pystac.Catalog.from_dict(json.loads(got["catalog.json"]))
    delivered = {name.rpartition("/")[2] for name in got if complete[0] in name} - {f"{complete[0]}.json"}
    assert set(item.assets) == {name.replace(".", "_") for name in delivered}
    assert {asset.href for asset in item.assets.values()} == {f"./{name}" for name in delivered}
    assert item.properties["eo:cloud_cover"] <= 100
    assert (item.collection_id, collection.id, catalog.id) == (
        "PSScene",
        "PSScene",
        json.loads(got["catalog.json"])["id"],
    )
    assert told["stac_version"] == "1.0.0"
    pystac.Item.from_dict({**told, "stac_extensions": []}).validate()


def test_order_downloads_redirect_to_an_origin_that_wants_no_key(client, complete):
    order = finished(client, order_body(complete[:1], "visual"))
    location = order["_links"]["results"][0]["location"]

    first = httpx.get(location)
    stored = first.headers["location"]

    assert first.status_code == 302
    assert httpx.URL(location).host == "127.0.0.1"
    assert httpx.URL(stored).host == "localhost"
    assert httpx.get(stored).status_code == 200
    assert httpx.get(stored, headers={"Authorization": f"api-key {KEY}"}).status_code == 400
    assert httpx.get(stored[:-3]).status_code == 403
    assert httpx.get(stored.replace("/planet-orders/", "/planet-orders/x")).status_code == 404
    part = httpx.get(stored, headers={"Range": "bytes=0-3"})
    assert (part.status_code, len(part.content)) == (206, 4)


def test_order_links_expire_and_are_renewed_by_asking(client, complete, world):
    order = finished(client, order_body(complete[:1], "visual"))
    location = order["_links"]["results"][0]["location"]
    stored = httpx.get(location).headers["location"]

    world.clock.advance(24 * 3600 + 1)

    assert httpx.get(location).status_code == 401
    assert httpx.get(stored).headers["content-type"] == "application/xml"
    fresh = client.get(order["_links"]["_self"]).json()["_links"]["results"][0]["location"]
    assert httpx.get(fresh, follow_redirects=True).status_code == 200
    assert client.get("/compute/ops/download", params={"token": "x"}).status_code == 401


def test_order_clip_delivers_the_pixels_of_the_area_only(client, complete):
    area = box(5.42, 52.31, 5.46, 52.35)
    item = next(
        one for one in complete
        if shape(client.get(f"/data/v1/item-types/PSScene/items/{one}").json()["geometry"]).contains(area)
    )  # fmt: skip
    order = finished(client, order_body([item], "analytic_8b_sr_udm2", tools=[{"clip": {"aoi": mapping(area)}}]))
    got = fetch(order)
    check_manifest(got)

    with rasterio.open(io.BytesIO(got[f"PSScene/{item}_3B_AnalyticMS_SR_8b_clip.tif"])) as file:
        west, south, east, north = transform_bounds(file.crs, "EPSG:4326", *file.bounds)
        assert (west, south, east, north) == pytest.approx(area.bounds, abs=0.003)
        assert max(file.shape) == pytest.approx(96, abs=2)
        assert file.read().any()
    assert f"PSScene/{item}_3B_AnalyticMS_8b_metadata_clip.xml" in got
    metadata = json.loads(got[f"PSScene/{item}_metadata.json"])
    assert shape(metadata["geometry"]).equals_exact(area, 1e-6) or shape(metadata["geometry"]).equals(area)


# rasterio 1.4 itself multiplies transforms in a way that affine 3 deprecates.
@pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")
def test_order_reproject_delivers_the_projection_and_resolution(client, complete):
    tool = {"reproject": {"projection": "EPSG:4326", "resolution": 0.004, "kernel": "cubic"}}
    got = fetch(finished(client, order_body(complete[:1], "visual", tools=[tool])))

    with rasterio.open(io.BytesIO(got[f"PSScene/{complete[0]}_3B_Visual_reproject.tif"])) as file:
        assert file.crs.to_epsg() == 4326
        assert file.res == pytest.approx((0.004, 0.004))


def test_order_bandmath_computes(client, complete):
    tools = [{"bandmath": {"b1": "(b4 - b3) / (b4 + b3)", "b2": "b1 * 2", "pixel_type": "32R"}}]
    plain = fetch(finished(client, order_body(complete[:1], "analytic_sr_udm2")))
    got = fetch(finished(client, order_body(complete[:1], "analytic_sr_udm2", tools=tools)))

    with rasterio.open(io.BytesIO(plain[f"PSScene/{complete[0]}_3B_AnalyticMS_SR.tif"])) as file:
        bands = file.read().astype("float64")
    with rasterio.open(io.BytesIO(got[f"PSScene/{complete[0]}_3B_AnalyticMS_SR_bandmath.tif"])) as file:
        index, doubled = file.read()
        assert file.dtypes == ("float32", "float32")
    seen = (bands > 0).all(axis=0)
    expected = (bands[3] - bands[2]) / np.where(seen, bands[3] + bands[2], 1)
    assert np.allclose(index[seen], expected[seen], atol=1e-6)
    assert np.allclose(doubled[seen], 2 * bands[0][seen])


def test_order_toar_gives_reflectance(client, complete):
    tools = [{"toar": {"scale_factor": 10000}}]
    scaled = fetch(finished(client, order_body(complete[:1], tools=tools)))
    plain = fetch(finished(client, order_body(complete[:1], "analytic_sr_udm2")))

    with (
        rasterio.open(io.BytesIO(scaled[f"PSScene/{complete[0]}_3B_AnalyticMS_toar.tif"])) as one,
        rasterio.open(io.BytesIO(plain[f"PSScene/{complete[0]}_3B_AnalyticMS_SR.tif"])) as other,
    ):
        assert np.abs(one.read().astype(int) - other.read()).max() <= 2


@pytest.mark.parametrize(
    ("tool", "ending"),
    [
        ({"harmonize": {"target_sensor": "Sentinel-2"}}, "_3B_AnalyticMS_harmonized.tif"),
        ({"file_format": {"format": "COG"}}, "_3B_AnalyticMS_file_format.tif"),
        ({"file_format": {"format": "PL_NITF"}}, "_3B_AnalyticMS_file_format.ntf"),
        ({"tile": {"tile_size": 64, "name_template": "T{tilex}_{tiley}"}}, "_3B_AnalyticMS_T1_1.tif"),
    ],
)
def test_order_tools_show_in_the_names(client, complete, tool, ending):
    got = fetch(finished(client, order_body(complete[:1], tools=[tool])))

    check_manifest(got)
    with rasterio.open(io.BytesIO(got[f"PSScene/{complete[0]}{ending}"])) as file:
        assert file.count == 4
        assert file.driver == ("NITF" if ending.endswith("ntf") else "GTiff")


def test_order_composite_merges_items(client, complete, items):
    pair = [one["id"] for one in items if one["id"] in complete][:2]
    got = fetch(finished(client, order_body(pair, tools=[{"composite": {}}])))
    by_strip = finished(client, order_body(pair, tools=[{"composite": {"group_by": "strip_id"}}]))

    check_manifest(got)
    assert {"composite.tif", "composite_udm2.tif", f"{pair[0]}_metadata.json", "manifest.json"} <= set(got)
    assert f"{pair[1]}_ortho_analytic_4b_metadata.xml" in got
    strips = {one["properties"]["strip_id"] for one in items if one["id"] in pair}
    names = {result["name"].rpartition("/")[2] for result in by_strip["_links"]["results"]}
    assert {f"{strip}_composite.tif" for strip in strips} <= names


def test_order_zip_holds_the_plain_layout(client, complete):
    delivery = {"archive_type": "zip", "single_archive": True, "archive_filename": "{{name}}-{{order_id}}.zip"}
    order = finished(client, order_body(complete[:2], "visual", delivery=delivery))
    got = fetch(order)

    check_manifest(got)
    name = f"demo-{order['id']}.zip"
    assert set(got) == {name, "manifest.json"}
    with zipfile.ZipFile(io.BytesIO(got[name])) as archive:
        assert archive.testzip() is None
        check_manifest({member: archive.read(member) for member in archive.namelist()})
        assert f"PSScene/{complete[1]}_3B_Visual.tif" in archive.namelist()
    each = fetch(finished(client, order_body(complete[:2], "visual", delivery={"archive_type": "zip"})))
    assert set(each) == {f"PSScene/{one}_visual.zip" for one in complete[:2]} | {"manifest.json"}


def test_order_bytes_are_the_same_for_the_same_request(client, complete):
    body = order_body(complete[:1], tools=[{"clip": {"aoi": AREA}}])

    one, other = (fetch(finished(client, body)) for _ in range(2))

    assert one == other


def test_order_falls_back_by_item_and_ends_partial_where_allowed(client, world):
    old = search(client, {"type": "AndFilter", "config": [
        {"type": "GeometryFilter", "field_name": "geometry", "config": AREA},
        {"type": "DateRangeFilter", "field_name": "acquired",
         "config": {"gte": "2019-01-01T00:00:00Z", "lt": "2019-02-01T00:00:00Z"}}]})  # fmt: skip
    new = search(client, here(world, {"type": "AssetFilter", "config": ["ortho_analytic_8b"]}), pages=1)
    ids = [old[0]["id"], new[0]["id"]]

    partial = finished(client, order_body(ids, "analytic_8b_udm2", order_type="partial"))
    full = finished(client, order_body(ids, "analytic_8b_udm2"))
    fallback = finished(client, order_body(ids, "analytic_8b_udm2,analytic_udm2"))

    assert (partial["state"], full["state"], fallback["state"]) == ("partial", "failed", "success")
    assert ids[0] in partial["error_hints"][0]
    assert not any(ids[0] in result["name"] for result in partial["_links"]["results"])
    assert "results" not in full["_links"]
    names = " ".join(result["name"] for result in fallback["_links"]["results"])
    assert f"{ids[0]}_3B_AnalyticMS.tif" in names
    assert f"{ids[1]}_3B_AnalyticMS_8b.tif" in names


def test_order_clip_beside_the_item_fails(client, complete):
    away = mapping(box(20, 20, 21, 21))

    order = finished(client, order_body(complete[:1], tools=[{"clip": {"aoi": away}}]))

    assert order["state"] == "failed"
    assert "does not intersect" in order["error_hints"][0]


@pytest.mark.parametrize(
    ("word", "order_type", "state"),
    [
        ("failed", "full", "failed"),
        ("partial", "partial", "partial"),
        ("partial", "full", "failed"),
        ("stuck", "full", "running"),
    ],
)
def test_order_goes_the_way_its_name_asks(client, complete, word, order_type, state):
    body = {**order_body(complete[:2], "visual"), "name": f"x sandbox:{word}", "order_type": order_type}

    assert finished(client, body)["state"] == state


def test_order_with_dead_links(client, complete):
    order = finished(client, {**order_body(complete[:1], "visual"), "name": "sandbox:expired"})

    assert httpx.get(order["_links"]["results"][0]["location"]).status_code == 401


def test_order_cancel_works_while_queued_only(client, complete):
    order = create(client, order_body(complete[:1], "visual"))
    own = order["_links"]["_self"]

    assert client.put(own).json()["state"] == "cancelled"
    again = client.put(own)
    assert (again.status_code, again.json()) == (409, {"message": "Order not in a cancellable state"})
    running = create(client, order_body(complete[:1], "visual"))["_links"]["_self"]
    client.get(running)
    client.get(running)
    assert client.put(running).status_code == 409
    nobody = "785185aa-b39f-4b4c-a2d6-5c0a8f0e1d55"
    assert client.put(f"/compute/ops/orders/v2/{nobody}").json() == {"message": f"No such order ID: {nobody}."}
    assert client.get(f"/compute/ops/orders/v2/{nobody}").json() == {"message": f"Could not load order ID: {nobody}."}


def test_order_bulk_cancel_and_stats(client, complete):
    ids = [create(client, order_body(complete[:1], "visual"))["id"] for _ in range(3)]
    nobody = "785185aa-b39f-4b4c-a2d6-5c0a8f0e1d55"

    before = client.get("/compute/ops/stats/orders/v2").json()["user"]["queued_orders"]
    some = client.post("/compute/ops/bulk/orders/v2/cancel", json={"order_ids": [ids[0], nobody]}).json()["result"]
    rest = client.post("/compute/ops/bulk/orders/v2/cancel", json={}).json()["result"]

    assert before >= 3
    assert some["succeeded"]["count"] == 1
    assert some["failed"]["failures"] == [{"order_id": nobody, "message": f"No such order ID: {nobody}."}]
    assert rest["succeeded"]["count"] >= 2
    assert client.get("/compute/ops/stats/orders/v2").json()["user"]["queued_orders"] == 0
    assert client.post("/compute/ops/bulk/orders/v2/cancel", json={"order_ids": ["x"]}).status_code == 400


def test_order_list_filters_and_sorts(client, complete, world):
    for name in ("list a", "list c", "list b"):
        create(client, {**order_body(complete[:1], "visual"), "name": name})
        world.clock.advance(2)

    def names(**params):
        answer = client.get("/compute/ops/orders/v2", params={"name__contains": "list ", **params})
        assert answer.status_code == 200, answer.text
        return [order["name"] for order in answer.json()["orders"]]

    assert names() == ["list b", "list c", "list a"]
    assert names(sort_by="name") == ["list a", "list b", "list c"]
    assert names(sort_by="state,name DESC") == ["list c", "list b", "list a"]
    assert names(name="list a") == ["list a"]
    assert names(state="success") == []
    assert names(source_type="basemaps") == []
    assert names(hosting="false", user_id="all") == names()
    assert names(hosting="true") == []
    now = world.clock.now()
    assert names(created_on=f"{(now - dt.timedelta(seconds=3)).isoformat()}/..") == ["list b"]
    assert names(created_on=f"../{(now - dt.timedelta(seconds=3)).isoformat()}") == ["list c", "list a"]
    assert names(last_modified="2001-01-01") == []
    page = client.get("/compute/ops/orders/v2", params={"name__contains": "list ", "page_size": 2}).json()
    rest = client.get(page["_links"]["next"]).json()
    assert [order["name"] for order in page["orders"] + rest["orders"]] == ["list b", "list c", "list a"]
    assert "next" not in rest["_links"]
    for bad in ({"state": "x"}, {"sort_by": "size"}, {"created_on": "x"}, {"page_size": 0}, {"hosting": "x"}):
        assert client.get("/compute/ops/orders/v2", params=bad).status_code == 400


def test_order_secrets_are_masked_and_nothing_is_downloadable(client, complete):
    cloud = {"bucket": "b", "aws_region": "r", "aws_access_key_id": "CANARY1", "aws_secret_access_key": "CANARY2"}
    hook = {"webhook": {"url": "https://u:CANARY3@example.org/hook"}}

    order = finished(client, order_body(complete[:1], "visual", delivery={"amazon_s3": cloud}, notifications=hook))

    assert order["state"] == "success"
    assert "CANARY" not in json.dumps(order)
    assert order["delivery"]["amazon_s3"]["bucket"] == "b"
    assert all("location" not in result for result in order["_links"]["results"])
    assert order["_links"]["results"][0]["expires_at"].startswith("0001-01-01")


def too_many_vertices():
    ring = [[5 + 0.1 * np.cos(t), 52 + 0.1 * np.sin(t)] for t in np.linspace(0, 2 * np.pi, 1600)]
    return {"type": "Polygon", "coordinates": [[*ring[:-1], ring[0]]]}


BAD_ORDERS = {
    "no name": ({"name": ""}, "Name"),
    "no products": ({"products": []}, "Products"),
    "item": ({"products": [{"item_ids": ["x"], "item_type": "PSScene", "product_bundle": "visual"}]}, "Details"),
    "pair": (
        {"products": [{"item_ids": ["x"], "item_type": "PSScene", "product_bundle": "pansharpened"}]}, "Products",
    ),
    "bundle": ({"products": [{"item_ids": ["x"], "item_type": "PSScene", "product_bundle": "nope"}]}, "Products"),
    "many": (
        {"products": [{"item_ids": [str(n) for n in range(501)], "item_type": "PSScene", "product_bundle": "visual"}]},
        "Products",
    ),
    "twice": (
        {"products": [{"item_ids": ["x", "x"], "item_type": "PSScene", "product_bundle": "visual"}]}, "Products",
    ),
    "order type": ({"order_type": "some"}, "OrderType"),
    "source": ({"source_type": "tapes"}, "SourceType"),
    "tool": ({"tools": [{"sharpen": {}}]}, "Tools"),
    "two tools": ({"tools": [{"clip": {}, "toar": {}}]}, "Tools"),
    "clip point": ({"tools": [{"clip": {"aoi": {"type": "Point", "coordinates": [5, 52]}}}]}, "Tools"),
    "clip vertices": ({"tools": [{"clip": {"aoi": too_many_vertices()}}]}, "Tools"),
    "projection": ({"tools": [{"reproject": {"projection": "EPSG:0"}}]}, "Tools"),
    "kernel": ({"tools": [{"reproject": {"projection": "EPSG:4326", "kernel": "magic"}}]}, "Tools"),
    "harmonize": ({"tools": [{"harmonize": {"target_sensor": "Landsat"}}]}, "Tools"),
    "coregister": ({"tools": [{"coregister": {"anchor_item": "x"}}]}, "Tools"),
    "toar": ({"tools": [{"toar": {"scale_factor": 70000}}]}, "Tools"),
    "composite": ({"tools": [{"composite": {"group_by": "colour"}}]}, "Tools"),
    "tile": ({"tools": [{"tile": {}}]}, "Tools"),
    "tile name": ({"tools": [{"tile": {"tile_size": 9, "name_template": "{other}"}}]}, "Tools"),
    "bandmath gap": ({"tools": [{"bandmath": {"b1": "b1", "b3": "b1"}}]}, "Tools"),
    "bandmath code": ({"tools": [{"bandmath": {"b1": "__import__('os')"}}]}, "Tools"),
    "bandmath type": ({"tools": [{"bandmath": {"b1": "b1", "pixel_type": "64R"}}]}, "Tools"),
    "format": ({"tools": [{"file_format": {"format": "PNG"}}]}, "Tools"),
    "merge": ({"tools": [{"merge": {}}]}, "Tools"),
    "archive": ({"delivery": {"archive_type": "rar"}}, "Delivery"),
    "clouds": ({"delivery": {"destination": {"ref": "x"}, "google_earth_engine": {}}}, "Delivery"),
    "cloud": ({"delivery": {"amazon_s3": {"bucket": "b"}}}, "Delivery"),
    "delivery": ({"delivery": {"post": {}}}, "Delivery"),
    "stac": ({"metadata": {"stac": {}}, "tools": [{"composite": {}}]}, "Metadata"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_ORDERS)
def test_order_that_cannot_be_taken_is_400_in_the_documented_form(client, complete, name):
    change, where = BAD_ORDERS[name]
    answer = client.post("/compute/ops/orders/v2", json={**order_body(complete[:1], "visual"), **change})

    assert answer.status_code == 400
    body = answer.json()
    assert body["general"] == [{"message": "Unable to accept order"}]
    assert list(body["field"]) == [where]
    assert body["field"][where][0]["message"]


def test_order_of_an_unknown_item_says_which(client, complete):
    answer = client.post("/compute/ops/orders/v2", json=order_body([complete[0], "nope"], "visual"))

    assert answer.json()["field"]["Details"] == [{"message": "Item ID nope / Item Type PSScene doesn't exist"}]


def test_bundle_spec_needs_no_key_and_names_served_assets(base_url):
    spec = httpx.get(f"{base_url}/compute/ops/bundles/spec").json()

    assert spec["version"] == "2024-08-12"
    assert spec["bundles"]["analytic_udm2"]["assets"]["PSScene"] == [
        "ortho_analytic_4b",
        "ortho_analytic_4b_xml",
        "ortho_udm2",
    ]
    assert {
        "name",
        "description",
        "bands",
        "rectification",
        "radiometry",
        "fileType",
        "auxiliaryFiles",
        "assets",
    } == set(spec["bundles"]["visual"])


def test_env_points_a_client_at_it(world):
    assert make_stand_in(world).env("http://127.0.0.1:1") == {
        "PL_API_KEY": KEY,
        "SWATH_PLANET_URL": "http://127.0.0.1:1",
        "SWATH_PLANET_AUTH_URL": "http://127.0.0.1:1/auth/",
    }

# SPDX-License-Identifier: Apache-2.0
"""Planet's stand-in over real HTTP: mosaics, series and quads."""

from __future__ import annotations

import io

import pytest
import rasterio
from PIL import Image
from rasterio.warp import transform_bounds
from shapely.geometry import Point, box, mapping, shape

ROOT = "/basemaps/v1"


def mosaics(client, **params):
    answer = client.get(f"{ROOT}/mosaics", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()["mosaics"]


@pytest.fixture
def monthly(client):
    return mosaics(client, name__contains="monthly")[0]


@pytest.fixture
def quarterly(client):
    return mosaics(client, interval="3 mons")[0]


def in_bbox(client, mosaic, bbox, more=""):
    return client.get(mosaic["_links"]["quads"].replace("{lx},{ly},{ux},{uy}", ",".join(map(str, bbox))) + more)


def ids(answer):
    assert answer.status_code == 200, answer.text
    return [quad["id"] for quad in answer.json()["items"]]


def test_mosaics_are_listed_filtered_and_found(client, monthly, base_url):
    every = mosaics(client)
    assert len(every) == 17
    assert monthly in every
    assert client.get(monthly["_links"]["_self"]).json() == monthly
    assert mosaics(client, name__is=monthly["name"]) == [monthly]
    assert mosaics(client, name__is="absent") == []
    assert len(mosaics(client, interval="1 mon")) == 12
    later = mosaics(client, name__contains="monthly", acquired__gt=f"{monthly['first_acquired'][:10]} 00:00:00")
    assert later == [monthly]
    earlier = mosaics(client, name__contains="monthly", acquired__lt=monthly["first_acquired"])
    assert len(earlier) == 11
    assert client.get(f"{ROOT}/mosaics/absent").json() == {"message": "Mosaic Not Found: absent"}
    assert client.get(f"{ROOT}/mosaics", params={"acquired__gt": "soon"}).status_code == 400
    assert monthly["_links"]["quads"].startswith(f"{base_url}{ROOT}/mosaics/{monthly['id']}/quads?bbox={{lx}}")


def test_series_hold_their_mosaics(client, monthly):
    every = client.get(f"{ROOT}/series").json()["series"]
    assert [one["name"] for one in every] == ["Global Monthly", "Global Quarterly"]
    (one,) = client.get(f"{ROOT}/series", params={"name__is": "Global Monthly"}).json()["series"]
    assert client.get(f"{ROOT}/series/{one['id']}").json() == one
    listed = client.get(one["_links"]["mosaics"]).json()["mosaics"]
    assert len(listed) == 12
    assert client.get(one["_links"]["mosaics"], params={"latest": "yes"}).json()["mosaics"] == [monthly]
    assert client.get(f"{ROOT}/series", params={"acquired__gt": "2999-01-01"}).json()["series"] == []
    assert client.get(f"{ROOT}/series/absent").json() == {"message": "Series Not Found: absent"}


def test_lists_come_in_pages(client):
    url, names = f"{ROOT}/mosaics?_page_size=5&name__contains=global", []
    while url:
        page = client.get(url).json()
        names += [one["name"] for one in page["mosaics"]]
        url = page["_links"]["_next"]
    assert len(names) == len(set(names)) == 16


def test_quads_of_a_bbox_cover_it_and_no_more(client, monthly):
    bbox = (5.0, 52.0, 5.5, 52.3)
    answer = in_bbox(client, monthly, bbox)
    found = ids(answer)
    whole = [shape(mapping(box(*quad["bbox"]))) for quad in answer.json()["items"]]

    assert len(found) == len(set(found)) == 16
    assert all(one.intersects(box(*bbox)) for one in whole)
    assert box(min(o.bounds[0] for o in whole), min(o.bounds[1] for o in whole), max(o.bounds[2] for o in whole),
               max(o.bounds[3] for o in whole)).covers(box(*bbox))  # fmt: skip
    assert ids(in_bbox(client, monthly, (-100, 40, -100, 40))) == ["455-1272"]
    assert answer.json()["_links"]["_next"] is None
    quad = answer.json()["items"][0]
    assert client.get(quad["_links"]["_self"]).json() == quad
    assert quad["percent_covered"] == 100


def test_a_bbox_may_cross_the_antimeridian_and_be_the_globe(client, monthly):
    over = ids(in_bbox(client, monthly, (179.9, -17, -179.9, -16.9)))
    assert {int(one.partition("-")[0]) for one in over} == {0, 2047}
    summary = in_bbox(client, monthly, (-180, -85, 180, 85), "&minimal=true&summary=true").json()
    assert summary["summary"]["total_quads"] > 4_000_000
    assert len(summary["items"]) == 50
    following = client.get(summary["_links"]["_next"]).json()
    assert following["items"][0] not in summary["items"]
    assert "summary" in following


def test_minimal_quads_can_still_be_downloaded(client, monthly):
    quad = in_bbox(client, monthly, (5, 52, 5, 52), "&minimal=true").json()["items"][0]
    assert set(quad) == {"id", "_links"}
    assert client.get(quad["_links"]["download"]).status_code == 200


def test_quads_of_a_geometry_are_those_that_it_meets(client, monthly):
    area = Point(5.2, 52.1).buffer(0.3)
    url = f"{ROOT}/mosaics/{monthly['id']}/quads/search"
    every = in_bbox(client, monthly, area.bounds).json()["items"]
    wanted = {quad["id"] for quad in every if box(*quad["bbox"]).intersects(area)}

    first = client.post(url, params={"_page_size": 7, "summary": "true"}, json=mapping(area))
    found, following = ids(first), first.json()["_links"]["_next"]
    while following:
        page = client.get(following)
        found += ids(page)
        following = page.json()["_links"]["_next"]

    assert set(found) == wanted
    assert len(found) == len(wanted) == first.json()["summary"]["total_quads"] < len(every)


def test_a_search_in_a_quarter_redirects(client, quarterly):
    url = f"{ROOT}/mosaics/{quarterly['id']}/quads/search?minimal=true&summary=true&_page_size=1"
    answer = client.post(url, json=mapping(box(5, 52, 5.5, 52.3)))
    assert answer.status_code == 302
    page = client.get(answer.headers["location"]).json()
    assert page["summary"] == {"total_quads": 16}
    assert len(page["items"]) == 1


def test_what_is_no_area_is_refused(client, monthly):
    for bbox in ("1,2,3", "a,b,c,d", "5,53,6,52"):
        assert client.get(f"{ROOT}/mosaics/{monthly['id']}/quads", params={"bbox": bbox}).status_code == 400
    url = f"{ROOT}/mosaics/{monthly['id']}/quads/search"
    for geometry in ({"type": "X"}, mapping(box(-180, -80, 180, 80)), None):
        assert "message" in client.post(url, json=geometry).json()
        assert client.post(url, json=geometry).status_code == 400
    assert client.get(f"{ROOT}/mosaics/{monthly['id']}/quads/9999-0").status_code == 404


def test_a_quad_is_a_cog_in_web_mercator_where_it_says(client, monthly):
    quad = in_bbox(client, monthly, (5.2, 52.1, 5.2, 52.1)).json()["items"][0]

    data = client.get(quad["_links"]["download"])

    assert data.headers["content-disposition"].endswith(f'_{quad["id"]}.tif"')
    with rasterio.open(io.BytesIO(data.content)) as file:
        assert file.crs.to_epsg() == 3857
        assert (file.count, file.width, file.height) == (4, 64, 64)
        assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert transform_bounds(file.crs, "EPSG:4326", *file.bounds) == pytest.approx(quad["bbox"], abs=1e-6)
        assert file.res[0] == pytest.approx(monthly["grid"]["resolution"])
        values = file.read()
    assert values[3].min() == 255
    assert values[:3].std() > 2
    assert client.get(quad["_links"]["download"]).content == data.content
    part = client.get(quad["_links"]["download"], headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.content) == (206, data.content[:10])
    thumb = Image.open(io.BytesIO(client.get(quad["_links"]["thumbnail"]).content))
    assert thumb.format == "PNG"


def test_a_quad_tells_which_items_are_in_it(client, monthly):
    quad = in_bbox(client, monthly, (5.2, 52.1, 5.2, 52.1)).json()["items"][0]
    items = client.get(quad["_links"]["items"]).json()["items"]
    assert 1 <= len(items) <= 5
    item = client.get(items[0]["link"]).json()
    assert shape(item["geometry"]).intersects(box(*quad["bbox"]))
    assert monthly["first_acquired"] <= item["properties"]["acquired"] < monthly["last_acquired"]


def test_the_small_mosaic_ends_where_it_says(client):
    (small,) = mosaics(client, name__contains="sandbox")
    summary = in_bbox(client, small, small["bbox"], "&summary=true").json()
    assert summary["summary"]["total_quads"] == 16
    assert ids(in_bbox(client, small, (100, 10, 101, 11))) == []


def test_a_viewer_may_look_and_not_download(client, monthly):
    viewer = {"Authorization": "api-key sandbox-planet-viewer"}
    quad = in_bbox(client, monthly, (5, 52, 5, 52)).json()["items"][0]
    assert client.get(quad["_links"]["_self"], headers=viewer).status_code == 200
    assert client.get(quad["_links"]["download"], headers=viewer).status_code == 403
    assert client.get(f"{ROOT}/mosaics", headers={"Authorization": ""}).status_code == 401

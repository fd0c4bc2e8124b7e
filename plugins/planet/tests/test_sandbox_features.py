# SPDX-License-Identifier: Apache-2.0
"""Planet's stand-in over real HTTP: the Features API, and references to features in the other services."""

from __future__ import annotations

import datetime as dt

import httpx
import pytest
from shapely.geometry import Point, box, mapping, shape

ROOT = "/features/v1/ogc/my"
AREA = mapping(box(5.4, 52.3, 5.5, 52.38))


def feature(geometry=AREA, **properties):
    return {"type": "Feature", "geometry": geometry, "properties": properties}


@pytest.fixture
def farms(client):
    made = client.post(f"{ROOT}/collections", json={"title": "My Farms", "description": "fields"})
    assert made.status_code == 201
    yield made.json()
    client.delete(f"{ROOT}/collections/{made.json()['id']}")


def test_a_collection_is_made_listed_and_deleted(client, farms, base_url):
    own = f"{base_url}{ROOT}/collections/{farms['id']}"
    assert farms["id"].startswith("my-farms-")
    assert farms["pl:ref"] == f"pl:features/my/{farms['id']}"
    assert (farms["feature_count"], farms["extent"], farms["description"]) == (0, None, "fields")
    assert {"rel": "self", "href": own} in farms["links"]
    assert client.get(own).json() == farms
    listed = client.get(f"{ROOT}/collections").json()
    assert farms in listed["collections"]

    assert client.delete(own).status_code == 204
    assert client.get(own).status_code == 404
    assert client.delete(own).json()["errors"][0]["code"] == "not-found"


def test_features_are_added_read_and_deleted(client, farms, base_url):
    items = f"{base_url}{ROOT}/collections/{farms['id']}/items"
    (ref,) = client.post(items, json=feature(crop="wheat")).json()
    more = client.post(items, json={"type": "FeatureCollection", "features": [feature(), feature()]})

    assert more.status_code == 201
    assert len(set(more.json())) == 2
    own = f"{items}/{ref.rpartition('/')[2]}"
    told = client.get(own).json()
    assert told["properties"]["pl:ref"] == ref
    assert told["properties"]["crop"] == "wheat"
    assert told["properties"]["pl:area"] == pytest.approx(60.6e6, rel=0.01)
    assert told["geometry"] == httpx.Response(200, json=AREA).json()
    collection = client.get(f"{ROOT}/collections/{farms['id']}").json()
    assert collection["feature_count"] == 3
    assert collection["extent"]["spatial"]["bbox"] == [[5.4, 52.3, 5.5, 52.38]]
    assert client.delete(own).status_code == 204
    assert client.get(own).status_code == 404


def test_property_id_names_the_property_that_becomes_the_id(client, farms):
    items = f"{ROOT}/collections/{farms['id']}/items"

    added = client.post(items, params={"property_id": "name"}, json=feature(name="f1"))

    assert added.json() == [f"{farms['pl:ref']}/f1"]
    assert client.get(f"{items}/f1").json()["id"] == "f1"
    assert client.post(items, params={"property_id": "name"}, json=feature(name="f1")).status_code == 409
    assert client.post(items, params={"property_id": "name"}, json=feature()).status_code == 400


def test_what_is_no_area_is_refused(client, farms):
    items = f"{ROOT}/collections/{farms['id']}/items"
    crossed = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}
    fine = mapping(Point(5, 52).buffer(0.1, quad_segs=500))
    for geometry, code in (
        ({"type": "Point", "coordinates": [5, 52]}, "invalid-geometry"),
        (crossed, "invalid-geometry"),
        (mapping(box(170, 0, 190, 5)), "invalid-geometry"),
        (fine, "too-many-coordinates"),
        (None, "invalid-geometry"),
    ):
        refused = client.post(items, json=feature(geometry))
        assert refused.status_code == 400
        assert refused.json()["errors"][0]["code"] == code
        assert refused.json()["description"]
    assert client.get(items).json()["features"] == []
    assert client.post(f"{ROOT}/collections", json={"description": "no title"}).status_code == 400
    assert client.post(f"{ROOT}/collections/validate", json=feature()).json()["status"] == "okay"
    assert client.post(f"{ROOT}/collections/validate", json=feature(crossed)).status_code == 400


def test_pages_follow_limit_and_offset(client, farms):
    items = f"{ROOT}/collections/{farms['id']}/items"
    client.post(items, json={"type": "FeatureCollection", "features": [feature(n=n) for n in range(5)]})

    url, sizes = f"{items}?limit=2", []
    while url:
        page = client.get(url).json()
        sizes.append(len(page["features"]))
        url = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)

    assert sizes == [2, 2, 1]
    assert client.get(f"{items}?limit=0").status_code == 400


def test_accounts_do_not_see_each_other(client, farms):
    other = {"Authorization": "api-key sandbox-planet-viewer"}
    own = f"{ROOT}/collections/{farms['id']}"
    assert client.get(own, headers=other).status_code == 404
    assert client.get(f"{ROOT}/collections", headers=other).json()["collections"] == []
    assert client.post(f"{ROOT}/collections", headers=other, json={"title": "x"}).status_code == 403
    assert client.get(own, headers={"Authorization": "api-key nobody"}).status_code == 401


def test_a_reference_stands_for_its_geometry_everywhere(client, farms, world):
    (ref,) = client.post(f"{ROOT}/collections/{farms['id']}/items", json=feature()).json()
    place = {"type": "ref", "content": ref}
    since = (world.clock.now() - dt.timedelta(days=20)).isoformat()
    when = {"type": "DateRangeFilter", "field_name": "acquired", "config": {"gte": since}}
    asked = {"item_types": ["PSScene"], "filter": when, "name": "n"}

    def ids(answer):
        assert answer.status_code == 200, answer.text
        return [one["id"] for one in answer.json()["features"]]

    found = ids(client.post("/data/v1/quick-search", json={**asked, "geometry": AREA}))
    assert found
    assert ids(client.post("/data/v1/quick-search", json={**asked, "geometry": place})) == found
    saved = client.post("/data/v1/searches", json={**asked, "geometry": place}).json()
    assert saved["geometry"] == {"type": "ref", "content": [f"{ref}#1"]}
    assert ids(client.get(f"/data/v1/searches/{saved['id']}/results")) == found
    coverage = f"/data/v1/item-types/PSScene/items/{found[0]}/coverage?mode=estimate"
    assert client.post(coverage, json={"geometry": place}).json()["status"] == "complete"

    products = [{"item_ids": found[:1], "item_type": "PSScene", "product_bundle": "visual"}]
    order = client.post(
        "/compute/ops/orders/v2", json={"name": "n", "products": products, "tools": [{"clip": {"aoi": place}}]}
    )
    assert order.status_code == 202, order.text
    assert shape(order.json()["tools"][0]["clip"]["aoi"]).equals(shape(AREA))


def test_a_reference_that_leads_nowhere_is_refused(client, farms):
    products = [{"item_ids": ["x"], "item_type": "PSScene", "product_bundle": "visual"}]
    for content in (f"{farms['pl:ref']}/absent", "pl:features/my/absent-0000000/f", "nonsense", farms["pl:ref"]):
        place = {"type": "ref", "content": content}
        search = {"item_types": ["PSScene"], "geometry": place, "filter": None}
        assert client.post("/data/v1/quick-search", json=search).status_code == 400
        order = {"name": "n", "products": products, "tools": [{"clip": {"aoi": place}}]}
        refused = client.post("/compute/ops/orders/v2", json=order)
        assert refused.status_code == 400
        assert "Tools" in refused.json()["field"]


def test_a_reference_to_a_collection_stands_for_all_that_is_in_it(client, farms):
    both = [feature(), feature(mapping(box(5.6, 52.3, 5.7, 52.38)))]
    client.post(f"{ROOT}/collections/{farms['id']}/items", json={"type": "FeatureCollection", "features": both})
    found = client.post(
        "/data/v1/quick-search?_page_size=1",
        json={"item_types": ["PSScene"], "geometry": {"type": "ref", "content": farms["pl:ref"]}, "filter": None},
    )
    assert found.status_code == 200
    assert len(found.json()["features"]) == 1

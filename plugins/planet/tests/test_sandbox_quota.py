# SPDX-License-Identifier: Apache-2.0
"""Planet's stand-in over real HTTP: quota products, reservations, estimates and bulk jobs."""

from __future__ import annotations

import httpx
import pytest
from shapely.geometry import box, mapping

from swath._http.trusted import trusted
from swath.sandbox import World, serve
from swath_planet.sandbox import make_stand_in

ROOT = "/account/v1"
RESERVED = f"{ROOT}/quota-reservations"


@pytest.fixture
def world():
    return World(rate_limits=False)


@pytest.fixture
def client(world):
    headers = {"Authorization": "api-key sandbox-planet-key"}
    with (
        serve("planet", make_stand_in(world), world) as running,
        httpx.Client(base_url=running.base_url, headers=headers, verify=trusted()) as client,
    ):
        yield client
    assert [entry.error for entry in world.log if entry.error] == []


@pytest.fixture
def refs(client):
    base = "/features/v1/ogc/my/collections"
    collection = client.post(base, json={"title": "Farms"}).json()["id"]
    features = [
        {"type": "Feature", "geometry": mapping(box(5 + n / 10, 52, 5.01 + n / 10, 52.01)), "properties": {}}
        for n in range(3)
    ]
    made = client.post(f"{base}/{collection}/items", json={"type": "FeatureCollection", "features": features})
    return made.json()


def asked(refs, product_id=7):
    return {"aoi_refs": refs, "product_id": product_id}


def test_an_estimate_costs_nothing(client, refs):
    told = client.post(f"{RESERVED}/estimate", json=asked(refs[:2])).json()

    assert [one["aoi_ref"] for one in told["estimated_costs"]] == refs[:2]
    assert told["total_cost"] == pytest.approx(152.6, rel=0.01)
    assert told["quota_units"] == "hectares"
    assert told["quota_remaining"] == told["quota_total"]
    assert client.get(f"{RESERVED}/").json()["results"] == []


def test_a_reservation_takes_from_the_quota_once(client, refs):
    made = client.post(f"{RESERVED}/", json=asked(refs[:1]))

    assert made.status_code == 201
    assert made.json()["quota_used"] == pytest.approx(76.3, rel=0.01)
    again = client.post(f"{RESERVED}/", json=asked(refs[:1])).json()
    assert again["quota_reservations"] == []
    assert again["quota_used"] == made.json()["quota_used"]
    (one,) = client.get(f"{RESERVED}/").json()["results"]
    assert client.get(f"{RESERVED}/{one['id']}").json() == one
    assert client.get(f"{RESERVED}/99").status_code == 404
    estimate = client.post(f"{RESERVED}/estimate", json=asked(refs[:2])).json()
    assert [cost["reserved"] for cost in estimate["estimated_costs"]] == [True, False]


def test_a_reference_to_a_collection_reserves_all_in_it(client, refs):
    whole = refs[0].rpartition("/")[0]
    assert len(client.post(f"{RESERVED}/", json=asked([whole])).json()["quota_reservations"]) == 3


def test_what_cannot_be_reserved_is_refused(client, refs):
    for body, status in (
        (asked([]), 400),
        (asked(["pl:features/my/absent-x/f"]), 400),
        (asked(refs, 99), 404),
        (asked(refs, 9), 400),
    ):
        assert client.post(f"{RESERVED}/", json=body).status_code == status
    large = {"type": "Feature", "geometry": mapping(box(0, 0, 1, 1)), "properties": {}}
    collection = refs[0].split("/")[2]
    (ref,) = client.post(f"/features/v1/ogc/my/collections/{collection}/items", json=large).json()
    assert "insufficient quota" in client.post(f"{RESERVED}/", json=asked([ref])).json()["message"]
    viewer = {"Authorization": "api-key sandbox-planet-viewer"}
    assert client.post(f"{RESERVED}/", headers=viewer, json=asked(refs)).status_code == 403


def test_a_bulk_job_goes_on_with_the_clock(client, refs, world):
    started = client.post(f"{RESERVED}/bulk-reserve", json=asked(refs)).json()
    assert started["status"] == "pending"
    job = f"{RESERVED}/jobs/{started['job_id']}"

    seen = []
    for _ in range(4):
        told = client.get(job).json()
        seen.append((told["status"], told["processed_items"], told["total_items"]))
        world.clock.advance(2)

    assert seen[0] == ("pending", 0, 3)
    assert seen[-1] == ("completed", 3, 3)
    assert client.get(f"{RESERVED}/jobs").json()["results"][0]["percentage"] == 100
    assert client.get(f"{RESERVED}/").json()["meta"]["count"] == 3
    assert client.get(f"{RESERVED}/jobs/absent").status_code == 404


def test_lists_are_filtered_sorted_and_paged(client, refs):
    client.post(f"{RESERVED}/", json=asked(refs))

    def ids(**params):
        answer = client.get(f"{RESERVED}/", params=params)
        assert answer.status_code == 200, answer.text
        return [one["id"] for one in answer.json()["results"]]

    assert ids(sort="-id") == [3, 2, 1]
    assert ids(id__gte="2") == [2, 3]
    assert ids(id__in="1,3") == [1, 3]
    assert ids(state="reserved", id__ne="2") == [1, 3]
    assert ids(aoi_ref__icontains="FARMS", id__lt="2") == [1]
    assert ids(collection_id__isnull="true", aoi_ref__like="pl:%", id__notin="1") == [2, 3]
    assert client.get(f"{RESERVED}/", params={"fields": "id", "limit": 1}).json()["results"] == [{"id": 1}]
    assert client.get(f"{RESERVED}/", params={"id__near": "2"}).status_code == 400
    assert client.get(f"{RESERVED}/", params={"id": "two"}).status_code == 400
    url, found = f"{RESERVED}/?limit=2", []
    while url:
        page = client.get(url).json()
        found += [one["id"] for one in page["results"]]
        url = page["meta"]["next"]
    assert found == [1, 2, 3]


def test_products_say_whether_they_can_be_reserved(client):
    told = client.get(f"{ROOT}/my/products", params={"supports_reservation": "true"}).json()
    assert {one["id"] for one in told["results"]} == {7, 8}
    assert client.get(f"{ROOT}/my/products").json()["meta"]["count"] == 3

# SPDX-License-Identifier: Apache-2.0
"""Quota reservations under the SDK's names, over real HTTP against the stand-in."""

from __future__ import annotations

import pytest
from shapely.geometry import box, mapping

from swath.errors import NotFound, Rejected, Unavailable
from swath.hookspecs import Operation
from swath_planet._api.features import Features
from swath_planet._api.quota import Quota
from swath_planet.exceptions import ClientError

ROOT = "/account/v1"
PRODUCT = 7


@pytest.fixture
def quota(native):
    return native(Quota)


@pytest.fixture
def refs(native, served):
    """Keep three small fields with Planet."""
    features = native(Features)
    fields = [
        {"type": "Feature", "geometry": mapping(box(5 + n / 100, 52, 5.005 + n / 100, 52.005)), "properties": {}}
        for n in range(3)
    ]
    made = features.create_collection("Fields")
    found = features.add_items(made, {"type": "FeatureCollection", "features": fields})
    served[0].log.clear()
    return found


def test_each_request_is_the_documented_one(account, answers):
    page = {"meta": {"next": None}, "results": []}
    objects = [(200, {})] * 6
    _, context, http = account(answers(*objects, *[(200, page)] * 4))
    service = Quota(context)

    service.get_reservation(5)
    service.get_job("j-1")
    service.create_reservation(["pl:features/my/c/f"], 7)
    service.bulk_create_reservations(["pl:features/my/c/f"], 7, "season")
    service.estimate_reservation(["pl:features/my/c/f"], 7, collection_id="season")
    service.estimate_reservation("pl:features/my/c", 7)
    list(service.list_reservations(fields="id", sort="-id", filters={"amount__gt": 3, "open": True}, page_size=7))
    list(service.list_jobs())
    list(service.list_products())
    list(service.list_products(supports_reservation=False))

    body = {"aoi_refs": ["pl:features/my/c/f"], "product_id": 7}
    base = f"{ROOT}/quota-reservations"
    season = {"collection_id": "season"}
    assert [(one["method"], one["path"], one["params"], one["json"]) for one in http.sent] == [
        ("GET", f"{base}/5", {}, None),
        ("GET", f"{base}/jobs/j-1", {}, None),
        ("POST", f"{base}/", {}, body),
        ("POST", f"{base}/bulk-reserve", {}, body | season),
        ("POST", f"{base}/estimate", {}, body | season),
        ("POST", f"{base}/estimate", {}, body | {"aoi_refs": ["pl:features/my/c"]}),
        ("GET", f"{base}/", {"fields": "id", "sort": "-id", "amount__gt": "3", "open": "true", "limit": "7"}, None),
        ("GET", f"{base}/jobs", {"limit": "500"}, None),
        ("GET", f"{ROOT}/my/products", {"limit": "500"}, None),
        ("GET", f"{ROOT}/my/products", {"limit": "500", "supports_reservation": "false"}, None),
    ]
    once = [one["path"] for one in http.sent if one["operation"] is Operation.ONCE]
    assert once == [f"{base}/", f"{base}/bulk-reserve"]
    assert {one["bucket"] for one in http.sent} == {"quota"}


def test_estimate_then_reserve_then_read(quota, refs):
    (product,) = [one for one in quota.list_products(supports_reservation=True) if one["id"] == PRODUCT]
    estimate = quota.estimate_reservation(refs[:1], PRODUCT)
    before = estimate["quota_remaining"]
    made = quota.create_reservation(refs[:1], PRODUCT, collection_id="season")
    ours = [one for one in quota.list_reservations(limit=0) if one["aoi_ref"] == refs[0]]

    assert product["supports_reservation"] is True
    assert estimate["quota_units"] == "hectares"
    assert estimate["total_cost"] > 0
    assert made["quota_remaining"] == pytest.approx(before - estimate["total_cost"], abs=0.01)
    assert [one["collection_id"] for one in ours] == ["season"]
    assert quota.get_reservation(ours[0]["id"]) == ours[0]
    assert quota.estimate_reservation(refs[:1], PRODUCT)["estimated_costs"][0]["reserved"] is True


def test_job_reserves_many(quota, refs):
    made = quota.bulk_create_reservations(refs[1:], PRODUCT)
    seen = quota.get_job(made["job_id"])

    assert made["status"] == "pending"
    assert seen["total_items"] == 2
    assert made["job_id"] in [one["job_id"] for one in quota.list_jobs()]


def test_list_is_read_page_by_page_and_filtered(quota, refs, sent):
    quota.create_reservation(refs, 8)

    found = list(quota.list_reservations(limit=0, sort="-id", filters={"product_id": 8}, page_size=2))

    assert sorted((one["id"] for one in found), reverse=True) == [one["id"] for one in found]
    assert len(found) == 3
    pages = [query for method, _, query, _ in sent() if method == "GET"]
    assert [one.get("offset") for one in pages] == [None, ["2"]]
    assert len(list(quota.list_reservations(limit=2, page_size=2))) == 2
    assert len([one for one in sent() if one[0] == "GET"]) == 3


def test_refusals_have_planets_words(quota, refs):
    with pytest.raises(NotFound, match="not found"):
        quota.get_reservation(999_999)
    with pytest.raises(Rejected, match="does not support"):
        quota.create_reservation(refs, 9)
    with pytest.raises(ClientError, match="Must provide a reservation id"):
        quota.get_reservation("..")


def test_p01_reserving_is_sent_once(served, quota, refs):
    world, _ = served
    world.faults.add(method="POST", path="quota-reservations", drop="after", times=None)
    for reserve in (quota.create_reservation, quota.bulk_create_reservations):
        world.log.clear()
        with pytest.raises(Unavailable) as caught:
            reserve(refs, PRODUCT)

        assert caught.value.details["outcome_unknown"] is True
        assert [one.method for one in world.log] == ["POST"]

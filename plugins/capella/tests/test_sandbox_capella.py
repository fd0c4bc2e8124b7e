# SPDX-License-Identifier: Apache-2.0
"""Capella's stand-in over real HTTP, against the wire contract."""

from __future__ import annotations

import base64
import datetime as dt
import json
import os
import re
import subprocess
import sys
import uuid

import httpx
import numpy as np
import pytest
import rasterio

from swath.sandbox import World, serve
from swath_capella.sandbox import make_stand_in
from swath_capella.sandbox.access import FULL_KEY, MATE_KEY, POOR_KEY
from swath_capella.sandbox.searching import FIELDS

# The stand-in draws with rasterio, whose own multiplication of transforms affine 3 will one day refuse.
pytestmark = pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")
CHILE = [-71.8, -33.2, -71.4, -32.9]
FLEVOLAND = [5.2, 52.3, 5.8, 52.6]
POINT = {"type": "Point", "coordinates": [4.05, 51.95]}
NOBODY = str(uuid.UUID(int=5, version=4))
WINDOW = {"windowOpen": "2030-04-01T00:00:00.000Z", "windowClose": "2030-04-09T00:00:00.000Z"}


class Caller:
    """Calls the stand-in as one user."""

    def __init__(self, http, world, key):
        self.http, self.world = http, world
        self.headers = {} if key is None else {"Authorization": f"ApiKey {key}"}

    def __call__(self, method, path, body=None, status=None, **options):
        """Send a request, check the status, and give the JSON of the answer."""
        answer = self.http.request(method, path, json=body, headers=self.headers, **options)
        assert answer.status_code == (status or (200, 201)[method == "POST" and not path.endswith("search")]), (
            answer.text
        )
        return answer.json() if answer.content else None

    def search(self, status=None, **body):
        """Search the catalogue."""
        return self("POST", "/catalog/search", body, status)

    def ids(self, **body):
        """Give the ids of what a search finds."""
        return [one["id"] for one in self.search(**body)["features"]]

    def order(self, *items, status=201, **more):
        """Order items of a search."""
        listed = [{"granuleId": one["id"], "collectionId": one["collection"]} for one in items]
        return self("POST", "/orders", {"items": listed, **more}, status)

    def task(self, status=201, geometry=POINT, contract=None, **properties):
        """Make a tasking request."""
        body = {
            "type": "Feature",
            "geometry": geometry,
            "properties": {"taskingrequestName": "a", **WINDOW, **properties},
        }
        return self("POST", "/task", {**body, **({} if contract is None else {"contractId": contract})}, status)

    def repeat(self, status=201, geometry=POINT, **properties):
        """Make a repeat request."""
        given = {
            "repeatrequestName": "a",
            "repetitionProperties": {"repeatStart": "2030-05-01T00:00:00Z"},
            **properties,
        }
        return self("POST", "/repeat-requests", {"type": "Feature", "geometry": geometry, "properties": given}, status)


@pytest.fixture(scope="module")
def served():
    world = World(scene_pixels=48, rate_limits=False)
    with serve("capella", make_stand_in(world), world) as running, httpx.Client(base_url=running.base_url) as http:
        yield world, http
    assert [entry.error for entry in world.log if entry.error] == []


@pytest.fixture
def as_user(served):
    world, http = served
    return lambda key: Caller(http, world, key)


@pytest.fixture
def ana(as_user):
    return as_user(FULL_KEY)


@pytest.fixture
def ben(as_user):
    return as_user(MATE_KEY)


@pytest.fixture
def settings(served):
    """Change how the stand-in behaves, until the test is over."""
    _, http = served
    before = http.get("/_capella/settings").json()
    yield lambda **changed: http.patch("/_capella/settings", json=changed).raise_for_status()
    http.patch("/_capella/settings", json=before).raise_for_status()


def task_id(task):
    return task["properties"]["taskingrequestId"]


def repeat_id(repeat):
    return repeat["properties"]["repeatrequestId"]


def codes(record):
    return [one["code"] for one in record["properties"]["statusHistory"]]


# --- who ----------------------------------------------------------------------------------------------------------------


def test_the_user_is_whom_the_key_belongs_to(ana):
    user = ana("GET", "/user")

    assert {"id", "organizationId", "email", "roles"} <= user.keys()
    assert user["roles"] == ["organization-manager"]


@pytest.mark.parametrize("header", [None, "ApiKey wrong", "Bearer a.b", "Basic YTpi"])
def test_strangers_are_unauthorized(served, header):
    answer = served[1].get("/user", headers={} if header is None else {"Authorization": header})

    assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})


def test_a_token_is_exchanged_used_and_ended(served):
    _, http = served
    pair = base64.b64encode(b"ben@example.org:sandbox").decode()
    answer = http.post("/token", headers={"Authorization": f"Basic {pair}"})
    token = answer.json()["accessToken"]
    bearer = {"Authorization": f"bearer {token}"}

    assert (answer.status_code, answer.json()["tokenType"], answer.json()["expiresIn"]) == (201, "Bearer", 3600)
    assert http.get("/user", headers=bearer).json()["email"] == "ben@example.org"
    assert http.request("DELETE", "/token", headers=bearer).status_code == 204
    assert http.get("/user", headers=bearer).status_code == 401
    wrong = base64.b64encode(b"ben@example.org:wrong").decode()
    assert http.post("/token", headers={"Authorization": f"Basic {wrong}"}).status_code == 401


def test_a_user_may_make_two_more_keys(as_user):
    poor = as_user(POOR_KEY)

    made = [poor("POST", "/keys", params={"description": "new"}) for _ in range(2)]

    assert {"id", "description", "key_value", "user_id", "created_at"} == made[0].keys()
    assert [len(one["key_value"]) for one in made] == [64, 64]
    assert as_user(made[1]["key_value"])("GET", "/user") == poor("GET", "/user")
    assert poor("POST", "/keys", status=400)["error"]["code"] == "VALIDATION_ERROR"


def test_slashes_too_many_change_nothing(ana):
    assert ana("POST", "/catalog//search/", {"limit": 1}, 200)["features"]
    assert isinstance(ana("GET", "/orders/"), list)


def test_every_error_is_an_object(ana, served):
    _, http = served

    assert ana("GET", "/nowhere", status=404)["error"]["code"] == "NOT_FOUND"
    assert ana("GET", f"/orders/{NOBODY}", status=404)["error"]["code"] == "NOT_FOUND"
    assert ana("DELETE", "/orders", status=405)["error"]["message"]
    answer = http.post("/catalog/search", content=b"{", headers=ana.headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "VALIDATION_ERROR")


def test_nobody_sees_open_data_only(as_user):
    nobody = as_user(None)

    found = nobody.search(limit=100)
    assert {one["collection"] for one in found["features"]} == {"capella-open-data"}
    assert [one["id"] for one in nobody("GET", "/catalog/collections")["collections"]] == ["capella-open-data"]
    denied = nobody.search(403, collections=["capella-geo"])
    assert "not permitted to access any of the collections" in denied["error"]
    assert nobody("GET", "/orders", status=401) == {"message": "Unauthorized"}


def test_settings_are_told_and_checked(served):
    _, http = served

    assert http.get("/_capella/settings").json()["order_life_s"] == 3600.0
    assert http.patch("/_capella/settings", json={"colour": 1}).status_code == 400
    assert http.patch("/_capella/settings", json={"order_life_s": "long"}).status_code == 400


# --- the catalogue: pages -------------------------------------------------------------------------------------------------


def test_the_body_beats_the_query_string(ana):
    body = {"limit": 3, "page": 2, "sortby": [{"field": "id", "direction": "asc"}]}

    plain = ana("POST", "/catalog/search", body)
    other = ana("POST", "/catalog/search", body, params={"page": 7, "limit": 5})
    queried = ana("POST", "/catalog/search", {"sortby": body["sortby"]}, params={"page": 2, "limit": 3})

    assert plain["features"] == other["features"] == queried["features"]
    assert plain["context"] == {"matched": plain["numberMatched"], "returned": 3, "limit": 3, "page": 2}


def test_next_links_name_another_host_and_end(ana, settings):
    found = ana.search(bbox=FLEVOLAND, limit=2)
    few = ana.search(bbox=[0, 0, 1, 1], limit=2)

    link = found["links"][0]
    assert (link["rel"], link["method"]) == ("next", "POST")
    assert httpx.URL(link["href"]).host == "gw.internal.example"
    assert httpx.URL(link["href"]).params["page"] == "2"
    assert (few["numberMatched"], few["features"], few["links"]) == (0, [], [])
    settings(foreign_next_links=False)
    assert httpx.URL(ana.search(limit=2)["links"][0]["href"]).host == "127.0.0.1"


def test_only_ten_thousand_can_be_reached(ana):
    assert ana.search(limit=1)["numberMatched"] > 10_000

    last = ana.search(limit=900, page=12)
    rest = ana.search(limit=100, page=100)

    assert (len(last["features"]), last["links"]) == (100, [])
    assert [one["id"] for one in rest["features"]] == [one["id"] for one in last["features"]]
    assert (len(rest["features"]), rest["links"]) == (100, [])
    assert ana.search(400, limit=100, page=101)["error"]["code"] == "VALIDATION_ERROR"


@pytest.mark.parametrize(("limit", "page"), [(1001, 1), (0, 1), (10, 0), ("many", 1), (True, 1)])
def test_limits_and_pages_are_checked(ana, limit, page):
    assert ana.search(400, limit=limit, page=page)["error"]["code"] == "VALIDATION_ERROR"


def test_pages_may_repeat_an_item(ana, settings):
    plain = ana.ids(limit=5, page=2)
    settings(repeat_across_pages=True)

    first, second = ana.ids(limit=5), ana.ids(limit=5, page=2)

    assert second == [first[-1], *plain]


def test_the_archive_has_the_odd_ones(ana):
    """An antimeridian footprint, VV, analytic items, no zone, a null track, and no projection for slant products."""

    def one(**body):
        return ana.search(limit=1, **body)["features"][0]

    fiji = one(bbox=[179.9, -17.0, -179.9, -16.6])
    old = ana.search(query={"sar:product_type": "GEO"}, limit=900, sortby=[{"field": "datetime", "direction": "asc"}])

    assert fiji["geometry"]["type"] == "MultiPolygon"
    assert fiji["bbox"][0] > fiji["bbox"][2]
    assert "VV" in one(query={"sar:polarizations": {"eq": "VV"}})["assets"]
    assert "analytic_product" in one(query={"sar:product_type": {"eq": "VS"}})["assets"]
    assert "changemap" in one(query={"sar:product_type": {"eq": "ACD"}})["assets"]
    assert any(not item["properties"]["datetime"].endswith("Z") for item in old["features"])
    assert any(item["properties"]["capella:rgt_id"] is None for item in old["features"])
    assert "proj:epsg" not in one(query={"sar:product_type": {"eq": "SLC"}})["properties"]


def test_products_of_a_collect_share_its_id_not_their_times(ana):
    geo = ana.search(bbox=FLEVOLAND, query={"sar:product_type": "GEO"}, limit=1)["features"][0]
    siblings = ana.search(query={"capella:collect_id": {"in": [geo["properties"]["capella:collect_id"]]}}, limit=20)
    slc = next(one for one in siblings["features"] if one["properties"]["sar:product_type"] == "SLC")

    assert len(siblings["features"]) >= 4
    assert slc["id"][-29:] != geo["id"][-29:]
    assert all(re.fullmatch(r"CAPELLA_C\d\d_S[PMS]_\w+_\w\w_\d{14}_\d{14}", one["id"]) for one in siblings["features"])
    assert geo["properties"]["view:look_angle"] == geo["properties"]["capella:look_angle"]


# --- the catalogue: conditions --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bbox", [CHILE, [-71.8, -32.9, -71.4, -33.2], [-71.4, -33.2, -71.8, -32.9], [-71.8, -33.2, 0, -71.4, -32.9, 9]]
)
def test_a_box_may_come_by_any_corners(ana, bbox):
    assert ana.search(bbox=bbox, limit=1)["numberMatched"] == ana.search(bbox=CHILE, limit=1)["numberMatched"] > 0


def test_a_box_from_west_to_far_east_crosses_the_antimeridian(ana):
    found = ana.search(bbox=[179.9, -17.0, -179.9, -16.6], limit=1)["numberMatched"]

    assert found > 0
    assert ana.search(bbox=[-179.9, -17.0, 179.9, -16.6], limit=1)["numberMatched"] == 0
    assert ana.search(400, bbox=[1, 2, 3])["error"]["detail"][0]["path"] == "bbox"
    assert ana.search(400, bbox="here")["error"]["code"] == "VALIDATION_ERROR"


def test_intersects_takes_geometries(ana):
    ring = [[5.2, 52.3], [5.8, 52.3], [5.8, 52.6], [5.2, 52.6], [5.2, 52.3]]

    assert ana.ids(intersects={"type": "Polygon", "coordinates": [ring]}, limit=5) == ana.ids(bbox=FLEVOLAND, limit=5)
    assert ana.ids(intersects={"type": "Point", "coordinates": [5.5, 52.485]}, limit=1)
    assert ana.search(400, intersects={"type": "Circle"})["error"]["code"] == "VALIDATION_ERROR"


@pytest.mark.parametrize("wanted", ["VV", ["VV"], {"eq": "VV"}, {"in": ["VV"]}, {"in": ["VV", "XX"]}])
def test_one_member_of_an_array_is_enough(ana, wanted):
    found = ana.search(bbox=CHILE, query={"sar:polarizations": wanted}, limit=1000)

    assert found["numberMatched"] > 0
    assert {tuple(one["properties"]["sar:polarizations"]) for one in found["features"]} == {("VV",)}


def test_operators_compare(ana):
    def count(**query):
        return ana.search(bbox=FLEVOLAND, query=query, limit=1)["numberMatched"]

    whole = ana.search(bbox=FLEVOLAND, limit=1)["numberMatched"]
    angle = "view:look_angle"
    assert count(**{angle: {"lt": 30}}) + count(**{angle: {"gte": 30}}) == whole
    assert 0 < count(**{angle: {"gt": 25, "lte": 30}}) < count(**{angle: {"gt": 25}})
    assert count(platform={"eq": "capella-9"}) + count(platform={"neq": "capella-9"}) == whole
    assert count(platform={"startsWith": "capella-"}) == count(platform={"contains": "ella"}) == whole
    assert count(platform={"endsWith": "-9"}) == count(platform="capella-9") > 0
    assert 0 < count(datetime={"gte": "2025-03-01T00:00:00Z", "lt": "2025-04-01T00:00:00Z"}) < whole
    assert 0 < count(**{"locale:time": {"lt": "12:00:00"}}) < whole
    assert (
        count(**{"no:such": {"eq": 1}}) == count(**{"proj:epsg": {"eq": None}}) == count(**{angle: {"gt": "30"}}) == 0
    )
    assert ana.search(400, query={angle: {"near": 3}})["error"]["code"] == "VALIDATION_ERROR"


def test_a_property_that_is_missing_or_null_matches_nothing(ana):
    slc = {"sar:product_type": {"eq": "SLC"}}

    assert ana.search(query={**slc, "proj:epsg": {"gt": 0}}, limit=1)["numberMatched"] == 0
    tracked = ana.search(bbox=CHILE, query={"capella:rgt_id": {"gte": ""}}, limit=1000)
    assert all(one["properties"]["capella:rgt_id"] for one in tracked["features"])


def test_a_span_of_time_may_be_top_level(ana):
    month = ana.search(bbox=CHILE, datetime="2025-03-01T00:00:00Z/2025-04-01T00:00:00Z", limit=1)["numberMatched"]
    queried = {"gte": "2025-03-01T00:00:00Z", "lte": "2025-04-01T00:00:00Z"}

    assert month == ana.search(bbox=CHILE, query={"datetime": queried}, limit=1)["numberMatched"] > 0
    assert ana.search(bbox=CHILE, datetime="../2025-01-01T00:00:00Z", limit=1)["numberMatched"] > month
    assert ana.search(400, datetime="soon")["error"]["code"] == "VALIDATION_ERROR"


def test_ownership_and_collections_and_ids(ana):
    def names(**body):
        return {one["collection"] for one in ana.search(limit=50, **body)["features"]}

    assert names(ownership="publiclyAvailable") == {"capella-open-data"}
    assert "capella-open-data" not in names(ownership="availableForPurchase")
    assert names(ownership="sharedWithOrganization") == set()
    assert names(collections=["capella-slc", "capella-geo"]) == {"capella-slc", "capella-geo"}
    some = ana.ids(limit=3)
    assert ana.ids(ids=[*some, "CAPELLA_NONE", some[0]]) == some
    assert {one["id"] for one in ana("GET", "/catalog/collections")["collections"]} >= names()


def test_sorting_knows_friendly_and_true_names(ana):
    def by(field, direction="desc"):
        return ana.ids(bbox=CHILE, sortby=[{"field": field, "direction": direction}, {"field": "id"}], limit=30)

    assert len(FIELDS) == 41
    assert by("properties.incidence_angle") == by("properties.view:incidence_angle") == by("view:incidence_angle")
    assert by("id", "asc") == sorted(by("id", "asc"))
    assert by("id") == ana.ids(bbox=CHILE, sortby=[{"field": "id", "direction": "desc"}], limit=30)
    assert by("properties.capella:rgt_id", "asc")
    assert ana.search(400, sortby=["id"])["error"]["code"] == "VALIDATION_ERROR"


# --- orders ---------------------------------------------------------------------------------------------------------------


def some_items(caller, count, **body):
    query = {"sar:product_type": {"eq": "GEO"}}
    return caller.search(query=query, ownership="availableForPurchase", limit=count, **body)["features"]


def listed(*items):
    return {"items": [{"granuleId": one["id"], "collectionId": one["collection"]} for one in items]}


def test_a_review_tells_what_it_costs(ana):
    items = some_items(ana, 3, bbox=CHILE)

    told = ana("POST", "/orders/review", listed(*items), 200)

    assert told["authorized"] is True
    assert told["orderDetails"]["summary"] == {"subtotal": "$1,350.00", "total": "$1,350.00"}
    assert [one["order"]["finalListPrice"] for one in told["orderDetails"]["lineItems"]] == ["$450.00"] * 3


def test_what_is_open_or_bought_costs_nothing(ana):
    item = some_items(ana, 1, bbox=FLEVOLAND)[0]
    free = ana.search(ownership="publiclyAvailable", limit=1)["features"][0]
    before = ana("GET", "/organization")["commitmentLeft"]

    first = ana.order(item)
    again = ana.order(item)

    assert [one["items"][0]["previouslyOrdered"] for one in (first, again)] == [False, True]
    assert ana("GET", "/organization")["commitmentLeft"] == before - 450
    told = ana("POST", "/orders/review", listed(item, free), 200)
    assert told["orderDetails"]["summary"]["total"] == "$0.00"


def test_who_has_no_money_is_refused_politely(as_user, ana):
    poor = as_user(POOR_KEY)
    item = some_items(ana, 1, bbox=CHILE)[0]

    told = poor("POST", "/orders/review", listed(item), 200)

    assert told["authorized"] is False
    assert told["authorizationDenialReason"]["code"] == "AUTHORIZATION_INSUFFICIENT_FUNDS"
    assert told["authorizationDenialReason"]["message"] == "Commitment exceeded: cost $450.00, left $0.00"
    assert poor.order(item)["orderStatus"] == "rejected"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "ORDER_VALIDATION_ERROR"),
        ({"items": []}, "ORDER_VALIDATION_ERROR"),
        ({"items": [{"granuleId": "CAPELLA_NONE", "collectionId": "capella-geo"}]}, "ORDER_VALIDATION_ERROR"),
        ({"items": [{}], "contractId": "none"}, "CONTRACT_NOT_FOUND"),
        ([], "VALIDATION_ERROR"),
    ],
)
def test_bad_orders_are_refused(ana, body, code):
    for path in ("/orders", "/orders/review"):
        assert ana("POST", path, body, 400)["error"]["code"] == code


def test_an_order_is_worked_on_and_ends_by_the_clock(ana, served, settings):
    world, _ = served
    item = some_items(ana, 1, bbox=CHILE)[0]
    settings(order_delay_s=600.0)

    order = ana.order(item, contractId="ct-7")
    early = ana("GET", f"/orders/{order['orderId']}/download", status=409)
    world.clock.advance(601)
    done = ana("GET", f"/orders/{order['orderId']}")
    world.clock.advance(3000)
    late = ana("GET", f"/orders/{order['orderId']}/download", status=400)

    assert (order["orderStatus"], order["contractId"]) == ("processing", "ct-7")
    assert order["items"][0]["collectId"] == item["properties"]["capella:collect_id"]
    assert early["error"] == {"message": "Order is not ready", "code": "ORDER_NOT_READY"}
    assert (done["orderStatus"], done["items"][0]["itemStatus"]) == ("completed", "completed")
    assert late["error"] == {"message": "order expired", "code": "ORDER_EXPIRED"}


def test_an_order_may_be_rejected(ana, settings):
    settings(reject_orders=True)

    order = ana.order(*some_items(ana, 1, bbox=CHILE))

    assert order["orderStatus"] == "rejected"
    assert ana("GET", f"/orders/{order['orderId']}/download", status=409)["error"]["code"] == "ORDER_REJECTED"


def test_orders_are_listed_for_their_users(ana, ben, as_user):
    mine = ana.order(*some_items(ana, 1, bbox=CHILE))["orderId"]
    his = ben.order(*some_items(ana, 1, bbox=CHILE))["orderId"]
    ana_id, ben_id = (one("GET", "/user")["id"] for one in (ana, ben))

    def ids(caller, **params):
        return [one["orderId"] for one in caller("GET", "/orders", params=params)]

    assert mine in ids(ana, customerId="")
    assert his not in ids(ana)
    assert ids(ana, customerId=ben_id) == ids(ben) == [his]
    assert {mine, his} <= set(ids(ana, organizationId="any"))
    assert ids(ana, limit=1) == ids(ana)[:1]
    assert ben("GET", "/orders", status=403, params={"customerId": ana_id})["error"]["code"] == "NOT_AUTHORIZED"
    assert as_user(POOR_KEY)("GET", f"/orders/{mine}", status=404)["error"]["code"] == "NOT_FOUND"


# --- links and files --------------------------------------------------------------------------------------------------


@pytest.fixture
def signed(ana):
    """Order an item and give it with links."""

    def made(kind="GEO", **body):
        item = ana.search(bbox=FLEVOLAND, query={"sar:product_type": {"eq": kind}}, limit=1, **body)["features"][0]
        order = ana.order(item)
        return order, ana("GET", f"/orders/{order['orderId']}/download")[0]

    return made


def data_of(item):
    return next(
        item["assets"][key]["href"] for key in ("HH", "VV", "analytic_product", "changemap") if key in item["assets"]
    )


def test_links_are_good_for_get_until_they_expire(served, signed, ana, settings):
    world, http = served
    settings(link_life_s=60.0)
    order, item = signed()
    href = data_of(item)

    assert http.get(href).status_code == 200
    assert http.head(href).status_code == 403
    assert http.get(href.replace("Signature=", "Signature=x")).status_code == 403
    assert http.get(href.partition("?")[0]).status_code == 403
    other = item["assets"]["thumbnail"]["href"]
    assert http.get(f"{href.partition('?')[0]}?{other.partition('?')[2]}").status_code == 403
    world.clock.advance(61)
    late = http.get(href)
    assert (late.status_code, late.headers["content-type"]) == (403, "application/xml")
    assert "<Code>AccessDenied</Code>" in late.text
    again = ana("GET", f"/orders/{order['orderId']}/download")[0]
    assert http.get(data_of(again)).status_code == 200


def test_links_end_with_their_order(signed, settings):
    settings(order_life_s=120.0)

    order, item = signed()

    expires = int(httpx.URL(data_of(item)).params["Expires"])
    assert abs(expires - _stamp(order["expirationDate"])) <= 1
    assert set(httpx.URL(data_of(item)).params) == {"AWSAccessKeyId", "Expires", "Signature", "x-amz-security-token"}


def _stamp(text):
    return dt.datetime.fromisoformat(text).timestamp()


def test_links_in_search_results_are_not_signed(served, ana):
    found = ana.search(limit=1)["features"][0]

    assert served[1].get(data_of(found)).status_code == 403


def test_files_come_in_ranges(served, signed):
    _, http = served
    href = data_of(signed()[1])
    whole = http.get(href)
    size = len(whole.content)

    part = http.get(href, headers={"Range": "bytes=100-"})
    over = http.get(href, headers={"Range": f"bytes={size}-"})

    assert (part.status_code, part.content) == (206, whole.content[100:])
    assert part.headers["content-range"] == f"bytes 100-{size - 1}/{size}"
    assert part.headers["content-length"] == str(size - 100)
    assert (over.status_code, over.headers["content-range"]) == (416, f"bytes */{size}")
    assert whole.headers["accept-ranges"] == "bytes"
    assert whole.headers["etag"].startswith('"')
    assert "content-encoding" not in http.get(href, headers={"Accept-Encoding": "gzip"}).headers


def test_metadata_comes_without_a_length(served, signed, settings):
    _, http = served
    item = signed()[1]
    href = item["assets"]["metadata"]["href"]

    chunked = http.get(href)
    settings(chunked_metadata=False)
    plain = http.get(href)

    assert "content-length" not in chunked.headers
    assert plain.headers["content-length"] == str(len(plain.content))
    told = plain.json()
    assert told["product_type"] == "GEO"
    assert told["collect"]["image"]["image_geometry"]["type"] == "geotransform"
    assert told["collect"]["radar"]["center_frequency"] == 9.65e9


def test_a_client_may_hang_up_after_the_headers(served, signed):
    _, http = served
    href = data_of(signed()[1])

    for _ in range(3):
        with http.stream("GET", href) as answer:
            assert answer.headers["content-length"]


def test_thumbnails_of_slant_products_are_their_siblings(signed, served):
    item = signed("SLC")[1]

    href = item["assets"]["thumbnail"]["href"]
    name = href.partition("?")[0].rpartition("/")[2]
    assert "_GEO_" in name
    assert item["id"] in data_of(item)
    assert served[1].get(href).content.startswith(b"\x89PNG")


def opened(http, href):
    return rasterio.MemoryFile(http.get(href).raise_for_status().content).open()


def test_ground_products_are_georeferenced_amplitudes(served, signed):
    item = signed()[1]
    with opened(served[1], data_of(item)) as raster:
        pixels = raster.read(1)
        told = json.loads(raster.tags()["TIFFTAG_IMAGEDESCRIPTION"])

        assert raster.crs.to_epsg() == item["properties"]["proj:epsg"]
        assert (pixels.dtype, pixels.shape) == (np.uint16, (48, 48))
        assert pixels.std() > 0
    extended = served[1].get(item["assets"]["metadata"]["href"]).json()
    assert told["collect"]["image"]["scale_factor"] == extended["collect"]["image"]["scale_factor"]


def test_slant_products_are_complex(served, signed):
    item = signed("SLC")[1]
    with opened(served[1], data_of(item)) as raster:
        assert raster.dtypes[0] == "complex_int16"
        assert raster.crs is None or raster.gcps[0]
    assert served[1].get(data_of(signed("SICD")[1])).content.startswith(b"NITF")


def test_gdal_reads_a_link_by_ranges(served, signed):
    """The documented way to look into a product: no HEAD, which a link is not signed for."""
    read = "import rasterio, sys; print(rasterio.open(sys.argv[1]).read(1, window=((0, 8), (0, 8))).shape)"
    env = {**os.environ, "NO_PROXY": "127.0.0.1", "CPL_VSIL_CURL_USE_HEAD": "NO"}

    done = subprocess.run(
        [sys.executable, "-c", read, data_of(signed()[1])],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert done.stdout == "(8, 8)\n"


def test_files_that_are_not_there_are_not_found(served, signed):
    world, http = served
    href = httpx.URL(data_of(signed()[1]))
    path = href.path.replace(".tif", ".zip")

    missing = http.get(path, params={"Signature": world.links.token(path, 60)})

    assert (missing.status_code, "NoSuchKey" in missing.text) == (404, True)


# --- tasks ------------------------------------------------------------------------------------------------------------


def test_a_task_goes_its_way_by_the_clock(ana, served):
    world, _ = served
    made = ana.task(
        processingConfig={"productTypes": ["GEC"]}, collectConstraints={"polarization": "VV"}, contract="ct-7"
    )
    path = f"/task/{task_id(made)}"
    assert (codes(made), made["properties"]["transactionStatus"], made["properties"]["contractId"]) == (
        ["received"],
        "",
        "ct-7",
    )
    assert "summary" not in made["properties"]["order"]
    ana("PATCH", f"{path}/status", {"status": "approved"}, 400)

    world.clock.advance(61)
    priced = ana("GET", path)
    assert codes(priced) == ["review", "received"]
    assert priced["properties"]["transactionStatus"] == "pending-customer-approval"
    assert priced["properties"]["order"]["summary"]["total"] == "$1,000.00"
    world.clock.advance(100_000)
    assert codes(ana("GET", path))[0] == "review"
    assert ana("GET", f"/collects/list/{task_id(made)}") == []

    before = ana("GET", "/organization")["commitmentLeft"]
    ana("PATCH", f"{path}/status", {"status": "approved"})
    assert ana("GET", "/organization")["commitmentLeft"] == before - 1000
    assert codes(ana("GET", path))[0] == "submitted"
    assert ana("POST", f"/orders/task/{task_id(made)}", {}, 409)["error"]["code"] == "TASK_NOT_COMPLETE"
    world.clock.advance(601)
    planned = ana("GET", f"/collects/list/{task_id(made)}")
    assert codes(ana("GET", path))[0] == "accepted"
    assert [one["code"] for one in planned[0]["collectStatusHistory"]] == ["tasked", "predicted"]
    query = {"capella:collect_id": {"in": [planned[0]["collectId"]]}}
    assert ana.ids(query=query) == []

    world.clock.advance(301)
    done = ana("GET", path)
    assert codes(done) == ["completed", "accepted", "active", "submitted", "review", "received"]
    flown = ana("GET", f"/collects/{planned[0]['collectId']}")
    assert flown == ana("GET", f"/collects/status/{planned[0]['collectId']}")
    assert [one["code"] for one in flown["collectStatusHistory"]] == [
        "delivered", "qa", "processing", "collected", "tasked", "predicted"
    ]  # fmt: skip
    products = ana.search(query=query, limit=10)["features"]
    assert {one["properties"]["sar:product_type"] for one in products} == {"SLC", "GEO", "GEC"}
    assert {one["properties"]["sar:polarizations"][0] for one in products} == {"VV"}
    assert {one["id"] for one in products} <= set(ana.ids(ownership="ownedByOrganization", limit=50))
    order = ana("POST", f"/orders/task/{task_id(made)}", {})
    assert {one["granuleId"] for one in order["items"]} == {one["id"] for one in products}
    assert ana("GET", f"/tiles/list/{task_id(made)}")[0]["tileId"] == planned[0]["tileId"]


@pytest.mark.parametrize(("given", "approved"), [
    ({"preApproval": True}, True), ({"pre_approval": True}, True), ({"preApproval": False, "pre_approval": True}, False),
])  # fmt: skip
def test_approval_in_advance_has_two_spellings(ana, served, given, approved):
    made = ana.task(**given)
    served[0].clock.advance(61)

    assert made["properties"]["preApproval"] is approved
    assert codes(ana("GET", f"/tasks/{task_id(made)}"))[0] == ("submitted" if approved else "review")


@pytest.mark.parametrize(("end", "way"), [
    ("rejected", ["rejected", "submitted", "received"]),
    ("expired", ["expired", "active", "submitted", "received"]),
    ("error", ["error", "submitted", "received"]),
    ("anomaly", ["completed", "accepted", "retrying", "anomaly", "accepted", "active", "submitted", "received"]),
])  # fmt: skip
def test_a_task_may_end_otherwise(ana, served, settings, end, way):
    settings(task_end=end)
    made = ana.task(preApproval=True)
    served[0].clock.advance(10_000)

    assert codes(ana("GET", f"/task/{task_id(made)}")) == way


def test_a_review_may_be_answered_no(ana, served):
    made = ana.task()
    served[0].clock.advance(61)
    ana("PATCH", f"/task/{task_id(made)}/status", {"status": "rejected"})

    now = ana("GET", f"/task/{task_id(made)}")
    assert (codes(now)[0], now["properties"]["transactionStatus"]) == ("rejected", "customer-rejected")


def test_who_has_no_money_cannot_approve(as_user, served):
    poor = as_user(POOR_KEY)
    made = poor.task()
    served[0].clock.advance(61)

    told = poor("PATCH", f"/task/{task_id(made)}/status", {"status": "approved"}, 400)

    assert told["error"]["code"] == "AUTHORIZATION_INSUFFICIENT_FUNDS"
    assert codes(poor("GET", f"/task/{task_id(made)}"))[0] == "review"


def test_some_of_many_are_cancelled(ana, served):
    """A bulk call is one request each: what can be cancelled is, and the rest says why not."""
    open_, done = ana.task(), ana.task(preApproval=True)
    served[0].clock.advance(10_000)
    finalized = {"message": "Transaction is finalized", "code": "UNABLE_TO_UPDATE_FINALIZED_TRANSACTION"}

    ana("PATCH", f"/task/{task_id(open_)}/status", {"status": "cancelled"})
    assert ana("PATCH", f"/task/{task_id(open_)}/status", {"status": "canceled"}, 400)["error"] == finalized
    assert ana("PATCH", f"/task/{task_id(done)}/status", {"status": "canceled"}, 400)["error"] == finalized
    assert ana("PATCH", f"/task/{NOBODY}/status", {"status": "canceled"}, 404)["error"]["code"] == "NOT_FOUND"
    assert (
        ana("PATCH", f"/task/{task_id(open_)}/status", {"status": "gone"}, 400)["error"]["code"] == "VALIDATION_ERROR"
    )
    now = ana("GET", f"/task/{task_id(open_)}")
    assert (codes(now)[0], now["properties"]["transactionStatus"]) == ("canceled", "customer-cancelled")


def test_a_task_is_changed_while_it_is_open(ana):
    made = ana.task()
    path = f"/tasks/{task_id(made)}"
    changed = {"taskingrequestName": "b", "customAttribute1": "x", "processingConfig": {"productTypes": ["GEO"]}}

    record = ana("PATCH", path, {"properties": {**changed, "windowOpen": "2040-01-01T00:00:00Z"}})
    assert {name: record["properties"][name] for name in changed} == changed
    assert record["properties"]["windowOpen"] == WINDOW["windowOpen"]
    assert ana("PATCH", path, {"properties": {}}) == record
    ana("PATCH", f"{path}/status", {"status": "canceled"})
    assert ana("PATCH", path, {"properties": changed}, 400)["error"]["code"] == "UNABLE_TO_UPDATE_TASKING_REQUEST"


@pytest.mark.parametrize(("properties", "path"), [
    ({"collectionTier": "urgent", "windowClose": "2030-04-01T23:00:00Z"}, "properties.windowClose"),
    ({"collectionTier": "priority", "windowClose": "2030-04-03T23:00:00Z"}, "properties.windowClose"),
    ({"windowClose": "2030-04-07T23:00:00Z"}, "properties.windowClose"),
    ({"collectionTier": "flexible", "windowClose": "2030-04-01T00:00:00Z"}, "properties.windowClose"),
    ({"windowOpen": "soon"}, "properties.windowOpen"),
    ({"collectionTier": "sometime"}, "properties.collectionTier"),
    ({"collectionType": "hologram"}, "properties.collectionType"),
    ({"taskingrequestName": ""}, "properties.taskingrequestName"),
    ({"collectConstraints": {"offNadirMin": 30, "offNadirMax": 20}}, "properties.collectConstraints.offNadirMax"),
    ({"collectConstraints": {"offNadirMin": 2}}, "properties.collectConstraints.offNadirMax"),
    ({"collectConstraints": {"localTime": "noon"}}, "properties.collectConstraints.localTime"),
    ({"collectConstraints": {"lookDirection": "up"}}, "properties.collectConstraints.lookDirection"),
    ({"collectConstraints": {"maxSquintAngle": 31}}, "properties.collectConstraints.maxSquintAngle"),
    ({"geometry": {"type": "Point", "coordinates": [0, 87.5]}}, "geometry"),
    ({"geometry": {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}}, "geometry"),
    ({"geometry": None}, "geometry"),
])  # fmt: skip
def test_tasks_that_break_a_rule_are_refused(ana, properties, path):
    told = ana.task(400, **properties)

    assert told["error"]["code"] == "VALIDATION_ERROR"
    assert told["error"]["detail"][0]["path"] == path


def test_words_for_local_time_are_written_out(ana):
    made = ana.task(collectConstraints={"localTime": "night", "maxSquintAngle": 33}, collectionType="stripmap_50")

    assert made["properties"]["collectConstraints"]["localTime"] == [[0, 21600], [64800, 86400]]
    assert made["properties"]["type"] == "stripmap"
    assert "spotlight_ultra" in ana("GET", "/collectiontypes")


def test_no_such_contract(ana):
    assert ana.task(400, contract="none")["error"]["code"] == "CONTRACT_NOT_FOUND"


# --- searching for tasks ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tasks(served):
    """Give an organisation's tasks of which one was made by another of its users."""
    world, http = served
    ana, ben = Caller(http, world, FULL_KEY), Caller(http, world, MATE_KEY)
    made = []
    for number in range(5):
        made.append(
            ana.task(
                taskingrequestName=f"s{number}",
                customAttribute1="sought",
                collectionTier=("standard", "flexible")[number % 2],
            )
        )
        world.clock.advance(1)
    made.append(ben.task(taskingrequestName="ben's", customAttribute1="sought"))
    return made


def sought(caller, status=200, params=None, **query):
    query = {"customAttribute1": "sought", **query}
    body = caller("POST", "/tasks/search", {"query": query}, status, params=params)
    return body if status != 200 else [one["properties"]["taskingrequestName"] for one in body["results"]]


def test_tasks_are_searched_for(ana, ben, tasks):
    ids = [task_id(one) for one in tasks]
    organisation = tasks[0]["properties"]["orgId"]

    assert sought(ana) == ["ben's", "s4", "s3", "s2", "s1", "s0"]
    assert sought(ana, userId=tasks[0]["properties"]["userId"]) == ["s4", "s3", "s2", "s1", "s0"]
    assert (
        sought(ana, organizationIds=[organisation]) == sought(ana, organizationIds={"eq": organisation}) == sought(ana)
    )
    assert sought(ben) == ["ben's"]
    assert sought(ben, 403, organizationIds=[organisation]) == {
        "Message": "User is not authorized to perform: tasks:search"
    }
    assert sought(ana, taskingrequestIds=ids[:2]) == ["s1", "s0"]
    assert sought(ana, taskingrequestIds={"eq": ids[2]}) == ["s2"]
    assert sought(ana, collectionTier={"eq": "flexible"}) == ["s3", "s1"]
    assert sought(ana, lastStatusCode=["completed", "canceled"]) == []
    assert sought(ana, windowOpen={"gte": "2030-04-01"}, windowClose={"lt": "2030-04-10T00:00:00+02:00"}) == sought(ana)
    assert sought(ana, windowOpen="2030-01-01T00:00:00Z/..") == sought(ana)
    assert sought(ana, windowOpen={"gt": "2030-04-01T00:00:00Z"}) == []
    assert sought(ana, taskingrequestName={"startsWith": "s", "neq": "s2"}) == ["s4", "s3", "s1", "s0"]
    assert sought(ana, 400, windowOpen={"near": "2030-01-01"})["error"]["code"] == "VALIDATION_ERROR"
    assert sought(ana, 400, windowOpen={"gt": "soon"})["error"]["code"] == "VALIDATION_ERROR"


def test_tasks_come_page_by_page(ana, tasks):
    query = {"customAttribute1": "sought"}
    pages = [ana("POST", "/tasks/search", {"query": query}, params={"page": n, "limit": 4}) for n in (1, 2)]

    assert [(one["currentPage"], one["totalPages"], len(one["results"])) for one in pages] == [(1, 2, 4), (2, 2, 2)]
    up = ana(
        "POST", "/tasks/search", {"query": query, "sort": "properties.taskingrequestName", "order": "asc", "limit": 3}
    )
    assert [one["properties"]["taskingrequestName"] for one in up["results"]] == ["ben's", "s0", "s1"]
    none = ana("POST", "/tasks/search", {"query": {"customAttribute1": "nothing"}})
    assert (none["results"], none["totalPages"]) == ([], 1)


# --- repeats ----------------------------------------------------------------------------------------------------------


def test_a_repeat_spawns_tasks_ahead(ana):
    made = ana.repeat(
        customAttribute2="spawned",
        repetitionProperties={"repeatStart": "2030-05-01T00:00:00Z", "repetitionInterval": 3},
    )
    query = {"repeatrequestIds": [repeat_id(made)]}

    shown = ana("POST", "/tasks/search", {"query": query})["results"]
    hidden = [
        ana("POST", "/tasks/search", {"query": {**query, "includeRepeatingTasks": no}}) for no in (False, {"eq": False})
    ]
    starts = sorted(one["properties"]["windowOpen"][:10] for one in shown)

    assert len(shown) == 10
    assert starts[:3] == ["2030-05-01", "2030-05-04", "2030-05-07"]
    assert [one["results"] for one in hidden] == [[], []]
    rule = made["properties"]["repetitionProperties"]
    assert [rule[name] for name in ("repeatEnd", "repetitionCount", "maintainSceneFraming", "lookAngleTolerance")] == [
        None
    ] * 4
    assert made["properties"]["costPerImageEstimate"] == "$800.00"


def test_a_repeat_ends_with_its_count_or_end(ana):
    counted = ana.repeat(repetitionProperties={"repeatStart": "2030-05-01T00:00:00Z", "repetitionCount": 2})
    ended = ana.repeat(
        repetitionProperties={"repeatStart": "2030-05-01T00:00:00Z", "repeatEnd": "2030-05-16T00:00:00Z"}
    )

    def spawned(made):
        return len(ana("POST", "/tasks/search", {"query": {"repeatrequestIds": [repeat_id(made)]}})["results"])

    assert (spawned(counted), spawned(ended)) == (2, 3)


INSAR = {"collectionTier": "insar", "collectionType": "stripmap_100", "insar": {"orbit": "MIO_53_2P95"}}


@pytest.mark.parametrize(("properties", "path"), [
    ({"repetitionProperties": {"repeatEnd": "2030-06-01T00:00:00Z", "repetitionCount": 3}}, "properties.repetitionProperties"),
    ({"repetitionProperties": {"repetitionInterval": 0}}, "properties.repetitionProperties.repetitionInterval"),
    ({"repetitionProperties": {"repeatEnd": "2001-01-01"}}, "properties.repetitionProperties.repeatEnd"),
    ({"repetitionProperties": {"lookAngleTolerance": 11}}, "properties.repetitionProperties.lookAngleTolerance"),
    ({"collectionTier": "standard"}, "properties.collectionTier"),
    ({"geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}}, "geometry"),
    ({**INSAR, "insar": None}, "properties.insar.orbit"),
    ({**INSAR, "insar": {"orbit": "MIO_45"}}, "properties.insar.orbit"),
    ({"insar": {"orbit": "MIO_53_2P95"}}, "properties.insar.orbit"),
    ({**INSAR, "collectionType": "spotlight_ultra"}, "properties.collectionType"),
    ({**INSAR, "collectConstraints": {"squint": "enabled"}}, "properties.collectConstraints.squint"),
    ({**INSAR, "processingConfig": {"productTypes": ["GEO"]}}, "properties.processingConfig.productTypes"),
])  # fmt: skip
def test_repeats_that_break_a_rule_are_refused(ana, properties, path):
    told = ana.repeat(400, **properties)

    assert told["error"]["code"] == "VALIDATION_ERROR"
    assert told["error"]["detail"][0]["path"] == path


def test_a_repeat_for_interferometry(ana):
    made = ana.repeat(
        **INSAR, processingConfig={"productTypes": ["SLC", "GEO"]}, collectConstraints={"squint": "disabled"}
    )

    assert made["properties"]["insar"] == {"orbit": "MIO_53_2P95"}
    assert made["properties"]["costPerImageEstimate"] == "$3,000.00"


def test_repeats_are_searched_for_by_either_member(ana, ben):
    made = [ana.repeat(customAttribute1="found", repetitionProperties={"repetitionInterval": days}) for days in (3, 14)]
    ben.repeat(customAttribute1="found")
    mine = made[0]["properties"]["userId"]

    def ids(caller=ana, member="filter", **query):
        body = {member: {"customAttribute1": {"eq": "found"}, **query}}
        return {repeat_id(one) for one in caller("POST", "/repeat-requests/search", body)["results"]}

    assert ids() == ids(member="query")
    assert len(ids()) == 3
    assert ids(userId=mine) == {repeat_id(one) for one in made}
    assert ids(**{"repetitionProperties.repetitionInterval": {"gt": 7}}) == {repeat_id(made[1])}
    assert ids(repeatrequestIds=[repeat_id(made[0])]) == {repeat_id(made[0])}
    assert len(ids(ben)) == 1


@pytest.mark.parametrize(("member", "word"), [("status", "canceled"), ("code", "canceled"), ("code", "cancelled")])
def test_a_repeat_is_cancelled_with_what_it_spawned(ana, member, word):
    made = ana.repeat()
    path = f"/repeat-requests/{repeat_id(made)}"
    assert ana("PATCH", path, {"properties": {"repeatrequestName": "b"}})["properties"]["repeatrequestName"] == "b"

    ana("PATCH", f"{path}/status", {member: word})

    assert codes(ana("GET", path))[0] == "canceled"
    spawned = ana("POST", "/tasks/search", {"query": {"repeatrequestIds": [repeat_id(made)]}})["results"]
    assert {codes(one)[0] for one in spawned} == {"canceled"}
    told = ana("PATCH", f"{path}/status", {member: word}, 400)
    assert told["error"]["code"] == "UNABLE_TO_UPDATE_FINALIZED_TRANSACTION"
    assert ana("PATCH", path, {"properties": {}}, 400)["error"]["code"] == "UNABLE_TO_UPDATE_REPEAT_REQUEST"


def test_strangers_see_none_of_it(ana, as_user):
    poor = as_user(POOR_KEY)
    task, repeat = ana.task(), ana.repeat()

    for path in (f"/task/{task_id(task)}", f"/collects/list/{task_id(task)}", f"/repeat-requests/{repeat_id(repeat)}"):
        assert poor("GET", path, status=404)["error"]["code"] == "NOT_FOUND"
    assert poor("POST", "/tasks/search", {"query": {}})["results"] == [
        one for one in poor("POST", "/tasks/search", {})["results"] if one["properties"]["userName"] == "Cem"
    ]
    assert [one["email"] for one in poor("GET", "/users")["results"]] == ["cem@example.org"]
    assert [one["name"] for one in poor("GET", "/organizations")["results"]] == ["Poor"]

# SPDX-License-Identifier: Apache-2.0
"""Cecil's stand-in, by plain HTTP."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import html
import io
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

import httpx
import pytest

from swath.sandbox import Sandbox, World
from swath_cecil.sandbox.access import FULL_KEY, SMALL_KEY
from swath_cecil.sandbox.webhooks import signature

FORESTS = "4d8bd6ba-b751-4c46-8e70-5000e6d8b212"
HANSEN = "9659ec1d-7091-4f8b-9db5-e9fe07d2f508"
LAND_COVER = "a4bb9aea-b6df-4d19-9083-38357f8fa76c"
SPECIES = "f30f2125-c472-43c7-85c8-52f0d4b1d160"
UNKNOWN = "785185aa-b39f-4b4c-a2d6-5c0a8f0e1d55"
DAY_S = 86_400


def square(west, south, edge=0.01):
    """A square AOI of `edge` degrees."""
    east, north = west + edge, south + edge
    return {
        "type": "Polygon",
        "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
    }


@pytest.fixture
def served():
    with Sandbox(["cecil"], world=World(scene_pixels=32)) as sandbox:
        yield sandbox


@pytest.fixture
def api(served):
    with client(served) as client_:
        yield client_


def client(served, key=FULL_KEY):
    auth = (key, "") if key else None
    return httpx.Client(base_url=served.providers["cecil"].base_url, auth=auth, trust_env=False)


def subscribed(api, dataset, geometry=None, **more):
    area = api.post("/v0/aois", json={"geometry": geometry or square(132.5, -12.7), "external_ref": None}).json()
    body = {"aoi_id": area["id"], "dataset_id": dataset, "external_ref": None, "allow_duplicate": False, **more}
    answer = api.post("/v0/subscriptions", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def named(api, name):
    return next(one["id"] for one in api.get("/v0/datasets").json()["records"] if one["name"] == name)


def status(api, subscription):
    return api.get(f"/v0/subscriptions/{subscription['id']}").json()["status"]


def signed(api, listing, path, *, method="GET", query="", region=None, spoil="", headers=()):
    """Send a request to the store with Signature Version 4, worked out here."""
    keys = listing["credentials"]
    region = region or keys["region"]
    host = api.base_url.netloc.decode()
    stamp = f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%SZ}"
    day, empty = stamp[:8], hashlib.sha256(b"").hexdigest()
    sent = {
        "host": host,
        "x-amz-content-sha256": empty,
        "x-amz-date": stamp,
        "x-amz-security-token": keys["session_token"],
    }
    names = ";".join(sorted(sent))
    lines = "".join(f"{name}:{sent[name]}\n" for name in sorted(sent))
    canonical = "\n".join((method, quote(path), "&".join(sorted(query.split("&"))), lines, names, empty))
    scope = f"{day}/{region}/s3/aws4_request"
    text = "\n".join(("AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()))
    key = b"AWS4" + keys["secret_access_key"].encode() + spoil.encode()
    for part in (*scope.split("/"), text):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    sent["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={keys['access_key_id']}/{scope}, SignedHeaders={names}, Signature={key.hex()}"
    )
    url = f"{api.base_url.scheme}://{host}{quote(path)}{'?' if query else ''}{query}"
    return api.request(method, url, headers={**sent, **dict(headers)}, auth=None)


def listed(api, listing, **query):
    """List below a listing's prefix: the answer, and the keys in it."""
    asked = {"list-type": "2", "prefix": listing["bucket"]["prefix"], **query}
    text = "&".join(f"{name}={quote(value, safe='')}" for name, value in asked.items())
    answer = signed(api, listing, f"/{listing['bucket']['name']}", query=text)
    return answer, re.findall("<Key>(.*?)</Key>", answer.text)


def settings(api, **values):
    assert api.patch("/_cecil/settings", json=values).status_code == 200


# --- the API --------------------------------------------------------------------------------------------------------


def test_areas_are_measured_on_the_ellipsoid(api):
    ring = [[132.52934211276073, -12.721072673008706], [132.52934211276073, -12.730063400794094],
            [132.54027735328083, -12.730063400794094], [132.54027735328083, -12.721072673008706]]  # fmt: skip
    made = api.post("/v0/aois", json={"geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}})

    assert made.status_code == 201
    assert made.json()["hectares"] == pytest.approx(118.12168458669, rel=1e-11)
    assert made.json()["geometry_type"] == "Polygon"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", made.json()["created_at"])


def test_an_area_is_made_once_by_geometry_and_reference(api):
    first = api.post("/v0/aois", json={"geometry": square(5, 50), "external_ref": "a"})
    again = api.post("/v0/aois", json={"geometry": square(5 + 1e-12, 50), "external_ref": "a"})
    other = api.post("/v0/aois", json={"geometry": square(5, 50), "external_ref": "b"})

    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 201)
    assert again.json() == first.json()
    assert other.json()["id"] != first.json()["id"]
    records = api.get("/v0/aois").json()["records"]
    assert [one["external_ref"] for one in records] == ["a", "b"]
    assert all("geometry" not in one for one in records)


def test_archived_areas_take_no_subscriptions(api):
    area = api.post("/v0/aois", json={"geometry": square(5, 50)}).json()
    assert api.post(f"/v0/aois/{area['id']}/restore").status_code == 409
    assert api.post(f"/v0/aois/{area['id']}/archive").content == b""

    refused = api.post("/v0/subscriptions", json={"aoi_id": area["id"], "dataset_id": HANSEN})
    assert refused.status_code == 409
    assert refused.json() == [f"The AOI {area['id']} is archived: restore it first."]
    assert api.get("/v0/aois?archived=False").json()["records"] == []
    assert [one["id"] for one in api.get("/v0/aois?archived=True").json()["records"]] == [area["id"]]
    assert api.get(f"/v0/aois/{area['id']}").json()["archived_by"] == area["created_by"]
    assert api.post(f"/v0/aois/{area['id']}/restore").status_code == 204
    assert api.get(f"/v0/aois/{area['id']}").json()["archived_at"] is None


@pytest.mark.parametrize(
    ("geometry", "message"),
    [
        (None, "is required"),
        ({"type": "Point", "coordinates": [1, 2]}, "must be a Polygon or a MultiPolygon"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1]]]}, "must have closed rings"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 91], [0, 0]]]}, "must have closed rings"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [2, 0], [0, 0]]]}, "has no area"),
        ({"type": "Polygon"}, "must have closed rings"),
    ],
)
def test_geometries_that_are_none(api, geometry, message):
    answer = api.post("/v0/aois", json={"geometry": geometry})

    assert answer.status_code == 422
    assert message in answer.json()["geometry"]


def test_both_spellings_are_understood(api):
    area = api.post("/v0/aois", json={"geometry": square(5, 50), "externalRef": "mine"}).json()
    old = {"cecil-python-sdk-version": "0.1.9"}
    made = api.post("/v0/subscriptions", json={"aoiId": area["id"], "datasetId": HANSEN}, headers=old).json()

    assert area["external_ref"] == "mine"
    assert made["external_ref"] == ""
    assert api.get(f"/v0/subscriptions/{made['id']}").json()["external_ref"] is None
    assert (
        api.post("/v0/users", json={"firstName": "A", "lastName": "B", "email": "a.b@example.org"}).status_code == 201
    )
    bad = api.post("/v0/users", json={"firstName": "A", "email": "x"})
    assert bad.json() == {"lastName": "is required"}
    settings(api, nested_validation=True)
    assert api.post("/v0/users", json={}).json() == {"params": {"firstName": "is required"}}
    assert api.post("/v0/organisation/settings", json={"monthlySubscriptionLimit": 70_000}).json() == {
        "monthly_subscription_limit": 70_000
    }


def test_refusals(api, served):
    for key in ("wrong", ""):
        with client(served, key) as other:
            refused = other.get("/v0/aois")
            assert (refused.status_code, list(refused.json())) == (401, ["message"])
    assert api.get("/v0/aois/nonsense").status_code == 400
    assert api.get(f"/v0/aois/{UNKNOWN}").status_code == 404
    assert api.get(f"/v0/subscriptions/{HANSEN}/files/tiff").status_code == 404
    assert api.get("/v0/nowhere").json() == {"message": "Not found: /v0/nowhere"}
    assert api.put("/v0/aois").status_code == 405
    assert api.post("/v0/aois", content=b"{").status_code == 400
    assert api.post("/v0/aois", content=b"[]").status_code == 400
    with client(served, SMALL_KEY) as other:
        area = api.post("/v0/aois", json={"geometry": square(5, 50)}).json()
        assert other.get(f"/v0/aois/{area['id']}").status_code == 404
        assert other.get("/v0/users").json()["records"][0]["email"] == "cem@example.org"


def test_routes_below_another_environment(api):
    below = api.get("/sandbox.cecil.earth/v0/datasets")

    assert below.json() == api.get("/v0/datasets").json()


def test_datasets_tell_all_that_both_clients_want(api):
    records = api.get("/v0/datasets").json()["records"]

    assert {one["type"] for one in records} == {"Raster", "Vector"}
    for one in records:
        assert api.get(f"/v0/datasets/{one['id']}").json() == one
        assert isinstance(one["constraints"]["organisation_verified_only"], bool)
        assert all(isinstance(one[name], str) for name in ("provider_name", "category", "crs", "version_number"))
        for variable in one["variables"]:
            assert isinstance(variable["no_data"], str | None)
            assert variable.keys() >= {"units", "description", "usage_notes", "reference_table"}
        assert "tiers" in one["pricing"]
    covers = next(one for one in records if one["id"] == LAND_COVER)
    assert {"value": 2, "label": "Trees"} in covers["variables"][0]["reference_table"]
    assert api.get(f"/v0/datasets/{UNKNOWN}").status_code == 404


def test_one_active_subscription_for_an_area_and_a_dataset(api):
    first = subscribed(api, HANSEN)
    body = {"aoi_id": first["aoi_id"], "dataset_id": HANSEN}

    refused = api.post("/v0/subscriptions", json=body)
    assert refused.status_code == 409
    assert len(refused.json()) == 1
    assert first["id"] in refused.json()[0]
    assert first["created_at"][:10] in refused.json()[0]
    assert "allow_duplicate" in refused.json()[0]
    assert api.post("/v0/subscriptions", json={**body, "allow_duplicate": True}).status_code == 201
    for one in api.get("/v0/subscriptions").json()["records"]:
        api.post(f"/v0/subscriptions/{one['id']}/archive")
    assert api.post("/v0/subscriptions", json=body).status_code == 201


def test_limits(api, served):
    far = api.post("/v0/aois", json={"geometry": square(5, 78)}).json()
    small = api.post("/v0/aois", json={"geometry": square(5, 50, 0.0001)}).json()
    large = api.post("/v0/aois", json={"geometry": square(5, 50, 0.3)}).json()

    def refused(area, dataset, api=api):
        return api.post("/v0/subscriptions", json={"aoi_id": area["id"], "dataset_id": dataset})

    assert refused(far, "53738a57-a889-43c9-8f7a-7cb306831700").json() == {"aoiId": "reaches north of latitude 75.0"}
    assert refused(small, FORESTS).json() == {"aoiId": "is smaller than 1.0 ha"}
    api.post("/v0/settings", json={"monthly_subscription_limit": 70_000})
    assert refused(large, HANSEN).status_code == 429
    assert api.post("/v0/settings", json={"monthly_subscription_limit": 80_000}).content == b""
    assert refused(large, HANSEN).status_code == 201
    usage = api.get("/v0/usage").json()
    assert usage["monthly_area_ha"] == pytest.approx(large["hectares"])
    assert usage["monthly_subscription_limit"] == 80_000.0
    assert "max_subscriptions" not in usage

    with client(served, SMALL_KEY) as other:
        mine = other.post("/v0/aois", json={"geometry": square(5, 50)}).json()
        assert refused(mine, named(other, "Sandbox Soil Moisture"), other).status_code == 403
        assert other.post("/v0/settings", json={"monthly_subscription_limit": 1}).status_code == 403
        for _ in range(3):
            again = {"aoi_id": mine["id"], "dataset_id": HANSEN, "allow_duplicate": True}
            assert other.post("/v0/subscriptions", json=again).status_code == 201
        assert refused(mine, SPECIES, other).status_code == 403
        assert other.get("/v0/usage").json()["max_subscriptions"] == 3

    served.clock.advance(31 * DAY_S)
    assert api.get("/v0/usage").json()["monthly_area_ha"] == 0


def test_keys_are_rotated_and_recovered(api, served):
    assert api.post("/v0/api-key/rotate", json={}).json().keys() == {"new_api_key"}
    assert api.get("/v0/usage").status_code == 401
    with client(served, "") as nobody:
        known = nobody.post("/v0/api-key/recover", json={"email": "ana@example.org"})
        assert known.json() == nobody.post("/v0/api-key/recover", json={"email": "who@example.org"}).json()
        mails = nobody.get("/_cecil/mails").json()["mails"]
        assert [mail["to"] for mail in mails] == ["ana@example.org"]
        key = nobody.get(mails[0]["link"]).json()["api_key"]
        with client(served, key) as again:
            assert again.get("/v0/usage").status_code == 200
            settings(again, old_key_s=60.0)
            newest = again.post("/v0/api-key/rotate").json()["new_api_key"]
            assert newest != key
            assert again.get("/v0/usage").status_code == 200
            served.clock.advance(61)
            assert again.get("/v0/usage").status_code == 401
        served.clock.advance(8 * DAY_S)
        assert nobody.get(mails[0]["link"]).status_code == 404


def test_users(api):
    made = api.post("/v0/users", json={"first_name": "Dee", "last_name": "Doe", "email": "dee@example.org"})

    assert made.status_code == 201
    assert api.get(f"/v0/users/{made.json()['id']}").json() == made.json()
    assert [one["first_name"] for one in api.get("/v0/users").json()["records"]] == ["Ana", "Dee"]
    assert api.post("/v0/users", json={**made.json(), "email": "DEE@example.org"}).json() == {
        "email": "is taken already"
    }
    assert api.get(f"/v0/users/{UNKNOWN}").status_code == 404
    assert api.get("/_cecil/mails").json()["mails"][0]["kind"] == "welcome"


# --- the life of a subscription -------------------------------------------------------------------------------------


def test_chunks_arrive_by_the_clock(api, served):
    one = subscribed(api, FORESTS)
    listing = api.get(f"/v0/subscriptions/{one['id']}/files/tiff").json()
    assert one["status"] == "pending"
    assert listed(api, listing)[1] == []

    seen = []
    served.clock.advance(540)
    for _ in range(22):
        served.clock.advance(60)
        seen.append((status(api, one), len(listed(api, listing)[1])))

    assert seen[0] == ("processing", 1)
    assert seen[19] == ("processing", 20)
    assert seen[20:] == [("completed", 20)] * 2
    keys = listed(api, listing)[1]
    stamps = {re.search(r"(\d{4}(?:/\d\d){5})/", key)[1] for key in keys}
    assert len(stamps) == 4
    assert all(stamp[5:10] in {"03/21", "06/21", "09/21", "12/21"} for stamp in stamps)
    assert {key.rpartition("/")[2] for key in keys} == listing["file_mapping"].keys()


def test_how_subscriptions_end(api, served):
    settings(api, end="partial", message="Half of it is under cloud.")
    half = subscribed(api, FORESTS)
    settings(api, end="failed", message="No data.")
    none = subscribed(api, LAND_COVER)
    served.clock.advance(DAY_S)

    for one, state, message, count in (
        (half, "partial", "Half of it is under cloud.", 10),
        (none, "failed", "No data.", 0),
    ):
        told = api.get(f"/v0/subscriptions/{one['id']}").json()
        assert (told["status"], told["status_message"]) == (state, message)
        listing = api.get(f"/v0/subscriptions/{one['id']}/files/tiff").json()
        assert len(listed(api, listing)[1]) == count
    assert api.post("/v0/subscriptions", json={**none, "allow_duplicate": False}).status_code == 201


def test_the_sandbox_hurries_and_stops_a_subscription(api):
    one = subscribed(api, LAND_COVER)
    at = f"/_cecil/subscriptions/{one['id']}"

    assert api.post(f"{at}/deliver").json() == {"status": "processing", "delivered": 1, "todo": 3}
    assert api.post(at, json={"status": "completed"}).json() == {"status": "completed"}
    assert api.post(f"{at}/deliver").json() == {"status": "completed", "delivered": 2, "todo": 0}
    assert api.post(at, json={"status": "lost"}).status_code == 400
    assert api.post(at, json={"status": "failed", "status_message": "x"}).json() == {"status": "failed"}
    settings(api, tells_status=False)
    assert api.get(f"/v0/subscriptions/{one['id']}").json().keys().isdisjoint({"status", "dataset_publication"})


def test_a_subscription_is_held_in_a_state(api, served):
    one = subscribed(api, LAND_COVER)
    at = f"/_cecil/subscriptions/{one['id']}"
    served.clock.advance(DAY_S)
    assert status(api, one) == "completed"

    assert api.post(at, json={"status": "processing", "status_message": "Silent for a day."}).status_code == 200
    served.clock.advance(DAY_S)
    assert api.get(f"/v0/subscriptions/{one['id']}").json()["status_message"] == "Silent for a day."
    assert api.post(f"{at}/deliver").json()["status"] == "processing"
    api.post(at, json={"status": "completed"})
    assert status(api, one) == "completed"


def test_publications_are_pinned(api):
    one = subscribed(api, HANSEN)
    assert api.post(f"/_cecil/datasets/{HANSEN}/publication", json={"publication": "1.13"}).status_code == 204

    told = api.get(f"/v0/subscriptions/{one['id']}").json()
    assert (told["dataset_publication"], told["dataset_current_publication"]) == ("1.12", "1.13")


def test_archived_data_stay_for_thirty_days(api, served):
    one = subscribed(api, HANSEN)
    served.clock.advance(DAY_S)
    at = f"/v0/subscriptions/{one['id']}"
    assert api.post(f"{at}/restore").status_code == 409
    api.post(f"{at}/archive")
    served.clock.advance(29 * DAY_S)
    listing = api.get(f"{at}/files/tiff").json()
    assert len(listed(api, listing)[1]) == 4
    assert api.post(f"{at}/restore").status_code == 204
    api.post(f"{at}/archive")
    assert [found["id"] for found in api.get("/v0/subscriptions?archived=TRUE").json()["records"]] == [one["id"]]
    served.clock.advance(30 * DAY_S)

    assert api.post(f"{at}/restore").status_code == 409
    assert api.get(at).json()["archived_at"] is not None
    assert api.get(f"{at}/files/tiff").status_code == 404


# --- data -----------------------------------------------------------------------------------------------------------


def test_rasters_are_what_the_listing_says(api, served):
    rasterio = pytest.importorskip("rasterio")
    for dataset in (FORESTS, HANSEN, LAND_COVER, named(api, "Sandbox Soil Moisture"), named(api, "Sandbox Relief")):
        one = subscribed(api, dataset)
        served.clock.advance(DAY_S)
        assert api.get(f"/v0/dataset-format?subscription_id={one['id']}").json() == {"format": "tiff"}
        listing = api.get(f"/v0/subscriptions/{one['id']}/files/tiff").json()
        told = api.get(f"/v0/datasets/{dataset}").json()
        keys = listed(api, listing)[1]
        assert len(keys) >= 1
        for key in keys[-len(listing["file_mapping"]) :]:
            content = signed(api, listing, f"/{listing['bucket']['name']}/{key}").content
            bands = listing["file_mapping"][key.rpartition("/")[2]]["bands"]
            with rasterio.MemoryFile(content) as memory, memory.open() as file:
                assert file.crs.to_string() == told["crs"]
                assert [str(kind) for kind in file.dtypes] == [band["dtype"] for band in bands]
                if "nodata" in bands[0]:
                    assert file.nodata == bands[0]["nodata"]
                assert list(file.descriptions) == [band["name"] for band in bands]
                assert max(file.shape) <= 32
                assert file.read(1).shape == file.shape


def test_areas_are_cut_out_of_rasters(api):
    rasterio = pytest.importorskip("rasterio")
    ring = [[132.5, -12.7], [132.51, -12.7], [132.5, -12.69], [132.5, -12.7]]
    one = subscribed(api, HANSEN, {"type": "Polygon", "coordinates": [ring]})
    api.post(f"/_cecil/subscriptions/{one['id']}/deliver", json={"count": 4})
    listing = api.get(f"/v0/subscriptions/{one['id']}/files/tiff").json()
    key = listed(api, listing)[1][0]
    assert "/0000/00/00/00/00/00/" in key

    content = signed(api, listing, f"/sandbox-tiff/{key}").content
    with rasterio.MemoryFile(content) as memory, memory.open() as file:
        values = file.read(1)
    assert values[0, -1] == 255
    assert values[-2, 1] != 255


def test_credentials_open_one_prefix_for_a_while(api, served):
    one = subscribed(api, HANSEN)
    other = subscribed(api, LAND_COVER)
    for made in (one, other):
        api.post(f"/_cecil/subscriptions/{made['id']}/deliver", json={"count": 4})
    listing = api.get(f"/v0/subscriptions/{one['id']}/files/tiff").json()
    bucket = f"/{listing['bucket']['name']}"
    keys = listed(api, listing)[1]

    def code(answer):
        return answer.status_code, re.search("<Code>(.*?)</Code>", answer.text)[1]

    assert listing["credentials"]["access_key_id"].startswith("ASIA")
    assert code(api.get(f"{bucket}/{keys[0]}", auth=None)) == (403, "AccessDenied")
    assert code(signed(api, listing, f"{bucket}/{keys[0]}", spoil="x")) == (403, "SignatureDoesNotMatch")
    wrong = signed(api, listing, f"{bucket}/{keys[0]}", region="us-west-1")
    assert code(wrong) == (400, "AuthorizationHeaderMalformed")
    forged = {**listing, "credentials": {**listing["credentials"], "session_token": "forged"}}
    assert code(signed(api, forged, f"{bucket}/{keys[0]}")) == (400, "InvalidToken")
    stolen = {**listing, "credentials": {**listing["credentials"], "access_key_id": "ASIA0"}}
    assert code(signed(api, stolen, f"{bucket}/{keys[0]}")) == (403, "InvalidAccessKeyId")
    assert code(signed(api, listing, f"{bucket}/{keys[0]}x")) == (404, "NoSuchKey")
    assert code(signed(api, listing, "/other-bucket/key")) == (404, "NoSuchBucket")
    settings(api, checks_signatures=False)
    assert signed(api, listing, f"{bucket}/{keys[0]}", spoil="x").status_code == 200

    served.clock.advance(3601)
    assert code(signed(api, listing, f"{bucket}/{keys[0]}")) == (400, "ExpiredToken")
    settings(api, credentials_s=60.0)
    listing = api.get(f"/v0/subscriptions/{one['id']}/files/tiff").json()
    left = dt.datetime.fromisoformat(listing["credentials"]["expiration"]) - served.clock.now()
    assert 55 <= left.total_seconds() <= 61
    assert signed(api, listing, f"{bucket}/{keys[0]}").status_code == 200
    api.post("/_cecil/credentials/expire")
    assert code(signed(api, listing, f"{bucket}/{keys[0]}")) == (400, "ExpiredToken")
    listing = api.get(f"/v0/subscriptions/{one['id']}/files/tiff").json()
    served.faults.add(path="^/sandbox-tiff/", expire_links=True)
    assert code(signed(api, listing, f"{bucket}/{keys[0]}")) == (400, "ExpiredToken")
    assert signed(api, listing, f"{bucket}/{keys[0]}").status_code == 200


def test_objects_have_ranges(api):
    one = subscribed(api, HANSEN)
    api.post(f"/_cecil/subscriptions/{one['id']}/deliver")
    listing = api.get(f"/v0/subscriptions/{one['id']}/files/tiff").json()
    answer, (key,) = listed(api, listing)
    path = f"/sandbox-tiff/{key}"
    whole = signed(api, listing, path)

    head = signed(api, listing, path, method="HEAD")
    assert head.headers["content-length"] == str(len(whole.content))
    assert head.headers["etag"] == whole.headers["etag"] == f'"{hashlib.md5(whole.content).hexdigest()}"'
    assert head.headers["etag"].strip('"') in answer.text
    assert f"<Size>{len(whole.content)}</Size>" in answer.text
    part = signed(api, listing, path, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    tail = signed(api, listing, path, headers={"Range": "bytes=-5"})
    assert tail.content == whole.content[-5:]
    beyond = signed(api, listing, path, headers={"Range": "bytes=99999999-"})
    assert beyond.status_code == 416
    assert "InvalidRange" in beyond.text
    gone = signed(api, listing, f"{path}.ovr", method="HEAD")
    assert (gone.status_code, gone.content) == (404, b"")
    assert signed(api, listing, path, method="DELETE").status_code == 405


@pytest.mark.parametrize("version", ["1", "2"])
def test_listings_come_in_pages(api, version):
    one = subscribed(api, LAND_COVER)
    at = f"/_cecil/subscriptions/{one['id']}"
    for name in ("a b&c.txt", "d/e.txt", "d/f.txt", "g/h.txt", "ü.txt"):
        assert api.put(f"{at}/objects/{quote(name)}", content=b"x").status_code == 204
    listing = api.get(f"/v0/subscriptions/{one['id']}/files/tiff").json()
    prefix = listing["bucket"]["prefix"]

    def walk(**query):
        found, place = [], {}
        while True:
            asked = {"prefix": prefix, **query, **place, **({"list-type": "2"} if version == "2" else {})}
            text = "&".join(f"{name}={quote(value, safe='')}" for name, value in asked.items())
            answer = signed(api, listing, "/sandbox-tiff", query=text)
            found.append(re.findall("<Key>(.*?)</Key>|<CommonPrefixes><Prefix>(.*?)</Prefix>", answer.text))
            following = re.search("<Next(ContinuationToken|Marker)>(.*?)</Next", answer.text)
            assert ("<IsTruncated>true</IsTruncated>" in answer.text) == (following is not None)
            if following is None:
                return [[(key or group).removeprefix(prefix) for key, group in page] for page in found]
            place = {"continuation-token" if version == "2" else "marker": html.unescape(following[2])}

    assert walk() == [["a b&amp;c.txt", "d/e.txt", "d/f.txt", "g/h.txt", "ü.txt"]]
    assert walk(**{"encoding-type": "url"})[0][::4] == ["a%20b%26c.txt", "%C3%BC.txt"]
    assert walk(**{"max-keys": "2"}) == [["a b&amp;c.txt", "d/e.txt"], ["d/f.txt", "g/h.txt"], ["ü.txt"]]
    by_folder = walk(delimiter="/", **{"max-keys": "1"})
    assert sorted(entry for page in by_folder for entry in page) == ["a b&amp;c.txt", "d/", "g/", "ü.txt"]
    assert len(by_folder) == 4
    settings(api, page=3)
    assert [len(page) for page in walk()] == [3, 2]
    api.delete(f"{at}/objects/d/")
    assert walk() == [["a b&amp;c.txt", "g/h.txt", "ü.txt"]]


def test_a_zarr_store_holds_the_whole_world(api):
    second, third = named(api, "Sandbox Biodiversity Intactness"), named(api, "Sandbox Landscape Integrity")
    one = subscribed(api, second)
    listing = api.get(f"/v0/subscriptions/{one['id']}/files/zarr").json()
    root = f"/{listing['bucket']['name']}/{listing['bucket']['prefix']}"

    def read(path):
        return signed(api, listing, f"{root}/{path}")

    assert api.get(f"/v0/dataset-format?subscription_id={one['id']}").json() == {"format": "zarr"}
    assert listing["geometry"] == square(132.5, -12.7)
    assert read(".zgroup").json() == {"zarr_format": 2}
    array = read("abundance/.zarray").json()
    assert (array["shape"], array["chunks"], array["fill_value"]) == ([2, 36000, 72000], [1, 512, 512], 255)
    assert read("abundance/.zattrs").json()["_ARRAY_DIMENSIONS"] == ["time", "y", "x"]
    assert "crs_wkt" in read("spatial_ref/.zattrs").json()
    chunk = read("abundance/0.40.122")
    assert len(chunk.content) == 512 * 512
    head = signed(api, listing, f"{root}/abundance/0.40.122", method="HEAD")
    assert head.headers["etag"] == chunk.headers["etag"]
    for path in ("abundance/0.71.0", "abundance/2.0.0", "abundance/0.0", "zarr.json", "nothing/0"):
        assert read(path).status_code == 404, path
    _, keys = listed(api, listing, prefix=f"{listing['bucket']['prefix']}/intactness/1.10.", **{"max-keys": "3"})
    assert [key.rpartition("/")[2] for key in keys] == ["1.10.0", "1.10.1", "1.10.10"]
    folders, keys = listed(api, listing, prefix=f"{listing['bucket']['prefix']}/", delimiter="/")
    assert [key.rpartition("/")[2] for key in keys] == [".zattrs", ".zgroup"]
    assert len(re.findall("<CommonPrefixes>", folders.text)) == 6

    one = subscribed(api, third)
    listing = api.get(f"/v0/subscriptions/{one['id']}/files/zarr").json()
    root = f"/{listing['bucket']['name']}/{listing['bucket']['prefix']}"
    assert read("zarr.json").json()["node_type"] == "group"
    about = read("integrity/zarr.json").json()
    assert about["attributes"]["_FillValue"] == about["fill_value"] == -9999
    assert len(read("integrity/c/84/136").content) == 2 * 512 * 512
    folders, keys = listed(api, listing, prefix=f"{listing['bucket']['prefix']}/integrity/", delimiter="/")
    assert [key.rpartition("/")[2] for key in keys] == ["zarr.json"]


def test_tables_come_by_signed_links(api, served):
    parquet = pytest.importorskip("pyarrow.parquet")
    for dataset, column in ((SPECIES, "scientific_name"), (named(api, "Sandbox Protected Areas"), "geojson")):
        one = subscribed(api, dataset)
        at = f"/v0/subscriptions/{one['id']}/files/parquet"
        assert api.get(f"/v0/dataset-storage?subscription_id={one['id']}").json() == {"storage": "ibat"}
        assert api.get(at).json() == {"files": []}
        served.clock.advance(DAY_S)
        links = api.get(at).json()["files"]
        assert api.get(f"/v0/subscriptions/{one['id']}/parquet-files").status_code == 200
        assert len(links) == 2
        for link in links:
            table = parquet.read_table(io.BytesIO(api.get(link, auth=None).content))
            assert column in table.column_names
            assert set(table.column_names) == {
                variable["name"] for variable in api.get(f"/v0/datasets/{dataset}").json()["variables"]
            }
        served.clock.advance(3601)
        assert "Request has expired" in api.get(links[0], auth=None).text
        assert api.get(links[1].rpartition("=")[0] + "=forged", auth=None).status_code == 403
        assert api.get(f"/v0/dataset-format?subscription_id={one['id']}").status_code == 400


def test_hosted_tables_are_geoparquet(api):
    parquet = pytest.importorskip("pyarrow.parquet")
    one = subscribed(api, named(api, "Sandbox Parcels"))
    api.post(f"/_cecil/subscriptions/{one['id']}/deliver")
    listing = api.get(f"/v0/subscriptions/{one['id']}/files/parquet/self-hosted").json()
    (key,) = listed(api, listing)[1]

    table = parquet.read_table(io.BytesIO(signed(api, listing, f"/{listing['bucket']['name']}/{key}").content))
    about = json.loads(table.schema.metadata[b"geo"])
    assert about["columns"]["geometry"]["crs"]["id"] == {"authority": "EPSG", "code": 4326}
    assert {field.name for field in table.schema.field("bbox").type} == {"xmin", "ymin", "xmax", "ymax"}
    assert table.num_rows == 144
    assert listing["credentials"]["region"] == "us-east-1"


def test_early_listings(api):
    one = subscribed(api, HANSEN)
    at = f"/v0/subscriptions/{one['id']}/files/tiff"
    assert api.get(at).status_code == 200
    settings(api, refuses_early_listings=True)

    assert api.get(at).status_code == 404
    assert api.get(f"/v0/dataset-format?subscription_id={one['id']}").status_code == 200


def test_settings_that_are_none(api):
    for wrong in ({"nonsense": 1}, {"end": "well"}, {"steps": 0}, {"first_s": "soon"}, {"steps": True}):
        before = api.get("/_cecil/settings").json()
        assert api.patch("/_cecil/settings", json={**wrong}).status_code == 400
        assert api.get("/_cecil/settings").json() == before


# --- webhooks -------------------------------------------------------------------------------------------------------

SECRET = "swath-demo-secret"
BODY_A = (
    '{"event_id":"0b8f6a52-6d0e-4a5b-9a51-3f1a7f0d2c11","event_type":"subscription.delivered","payload":{"aoi_id":'
    '"3a0b6c1e-58a4-4f0f-8c3a-9d5b8d7e2f10","subscription_id":"7c2d9e44-1b7a-4d55-9f6e-2a4c8b1d3e90","dataset_id":'
    '"4d8bd6ba-b751-4c46-8e70-5000e6d8b212","dataset_type":"raster","time":"2025-09-21T00:00:00Z","variable":'
    '"canopy_height"},"recorded_at":"2026-02-03T04:05:06.789Z"}'
)
BODY_B = (
    '{"event_id":"5d2f7c10-9f31-4d0e-b2a8-6c4e1f0a9b77","event_type":"subscription.failed","payload":{"aoi_id":'
    '"3a0b6c1e-58a4-4f0f-8c3a-9d5b8d7e2f10","subscription_id":"7c2d9e44-1b7a-4d55-9f6e-2a4c8b1d3e90","dataset_id":'
    '"f30f2125-c472-43c7-85c8-52f0d4b1d160","dataset_type":"vector","error_message":'
    '"No species found \u2013 AOI outside coverage."},"recorded_at":"2026-02-03T04:05:06.789Z"}'
)


@pytest.mark.parametrize(
    ("body", "size", "digest"),
    [
        (BODY_A, 380, "2825b8a5e0cb33a5ce5dbbdf2d2f176b1cced97e1fa709352502c0474865ea82"),
        (json.dumps(json.loads(BODY_A)), None, "deb7ca0eedb1e17fe510dde0d40fe70825f15fa32a36ce6cc00f8747ccb39dac"),
        (BODY_B, 381, "ffcfa3b65112b8d93326f1db298c3670ea35394a0fd72a8ac36a93aa0b74ae23"),
        ("", 0, "3226c9ad4b44a54bbe830f9568bf54fd420c51fa3c45a8c257c81cf8efcbfc7a"),
    ],
)
def test_worked_signatures(body, size, digest):
    assert size in {None, len(body.encode())}
    assert signature(body.encode(), SECRET) == digest


class Receiver:
    """Takes webhooks, and answers what it is told to."""

    def __init__(self):
        self.got, self.answers = [], []
        taker = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                taker.got.append((raw, dict(self.headers.items())))
                self.send_response(taker.answers.pop(0) if taker.answers else 204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hooks"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def bodies(self):
        return [json.loads(raw) for raw, _ in self.got]

    def stop(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.stop()


def test_webhooks_are_kept_without_their_secrets(api, served):
    made = api.post("/v0/webhooks", json={"url": "https://example.org/x", "secret": SECRET})
    chosen = api.post(
        "/v0/webhooks", json={"url": "https://example.org/y", "secret": None, "events": ["subscription.failed"]}
    )

    assert made.status_code == 201
    assert "secret" not in made.json()
    assert len(made.json()["events"]) == 3
    assert [one["events"] for one in api.get("/v0/webhooks").json()["records"]][1] == ["subscription.failed"]
    assert api.get(f"/v0/webhooks/{chosen.json()['id']}").json() == chosen.json()
    assert api.delete(f"/v0/webhooks/{chosen.json()['id']}").status_code == 204
    assert api.delete(f"/v0/webhooks/{chosen.json()['id']}").status_code == 404
    for wrong in ({"url": "http://example.org"}, {"url": "https://example.org", "events": ["x"]}, {}):
        assert api.post("/v0/webhooks", json=wrong).status_code == 422
    with client(served, SMALL_KEY) as other:
        assert other.get("/v0/webhooks").json() == {"records": []}


def test_events_are_told_as_they_happen(api, served, receiver):
    one = subscribed(api, LAND_COVER)
    api.post("/v0/webhooks", json={"url": receiver.url, "secret": SECRET})
    served.clock.advance(600)
    assert served.hooks.settle()
    served.clock.advance(240)
    assert served.hooks.settle()

    kinds = [body["event_type"] for body in receiver.bodies()]
    assert kinds == ["subscription.delivered"] * 4 + ["subscription.completed"]
    first = receiver.bodies()[0]
    assert first.keys() == {"event_id", "event_type", "payload", "recorded_at"}
    assert first["payload"] == {
        "aoi_id": one["aoi_id"], "subscription_id": one["id"], "dataset_id": LAND_COVER, "dataset_type": "raster",
        "time": "2021-01-01T00:00:00Z", "variable": "land_cover_class",
    }  # fmt: skip
    assert len({body["event_id"] for body in receiver.bodies()}) == 5
    for raw, headers in receiver.got:
        assert headers["Cecil-Signature"] == signature(raw, SECRET)
    assert status(api, one) == "completed"


def test_one_event_for_each_variable(api, served, receiver):
    api.post("/v0/webhooks", json={"url": receiver.url})
    one = subscribed(api, FORESTS)
    api.post(f"/_cecil/subscriptions/{one['id']}/deliver", json={"count": 5})
    assert served.hooks.settle()

    assert len({body["payload"]["variable"] for body in receiver.bodies()}) == 7
    assert all("Cecil-Signature" not in headers for _, headers in receiver.got)
    api.post(
        f"/_cecil/subscriptions/{one['id']}", json={"status": "failed", "status_message": "Clouds \u2013 all over."}
    )
    assert served.hooks.settle()
    assert receiver.bodies()[-1]["payload"]["error_message"] == "Clouds \u2013 all over."


def test_webhooks_come_again_until_they_are_taken(api, served, receiver):
    api.post("/v0/webhooks", json={"url": receiver.url, "secret": SECRET, "events": ["subscription.completed"]})
    one = subscribed(api, HANSEN)
    receiver.answers = [500, 302, 503, 500]
    api.post(f"/_cecil/subscriptions/{one['id']}", json={"status": "completed"})
    assert served.hooks.settle()
    for _ in range(5):
        served.clock.advance(12 * 3600)
        assert served.hooks.settle()

    assert len(receiver.got) == 4
    assert len({raw for raw, _ in receiver.got}) == 1
    event = api.get("/_cecil/events").json()["events"][-1]
    assert api.post(f"/_cecil/events/{event['event_id']}/again").status_code == 204
    assert served.hooks.settle()
    assert receiver.bodies()[-1] == event
    assert api.post(f"/_cecil/events/{UNKNOWN}/again").status_code == 404


def test_webhooks_come_twice_late_or_forged_on_request(api, served, receiver):
    api.post("/v0/webhooks", json={"url": receiver.url, "secret": SECRET})
    one = subscribed(api, HANSEN)
    served.faults.add(path="delivered", hook="late", call=1)
    served.faults.add(path="delivered", hook="twice", call=3)
    served.faults.add(path="completed", hook="twice", flip_bit_at=5)
    api.post(f"/_cecil/subscriptions/{one['id']}/deliver", json={"count": 4})
    api.post(f"/_cecil/subscriptions/{one['id']}", json={"status": "completed"})
    assert served.hooks.settle()

    told = [event["payload"].get("variable") for event in api.get("/_cecil/events").json()["events"]]
    good = [json.loads(raw) for raw, headers in receiver.got if headers["Cecil-Signature"] == signature(raw, SECRET)]
    got = [body["payload"].get("variable") for body in good]
    assert got == [told[1], told[0], told[2], told[2], told[3]]
    assert len(receiver.got) == len(good) + 2

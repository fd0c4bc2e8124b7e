# SPDX-License-Identifier: Apache-2.0
"""The stand-in over real HTTP, as the wire contract has it."""

import datetime as dt
import hashlib
import re

import httpx
import pytest

from swath.sandbox import SandboxClock, World, serve
from swath_sedas.sandbox import make_stand_in
from swath_sedas.sandbox.settings import Settings

AREA = "POLYGON((-4.20 50.33,-4.05 50.33,-4.05 50.42,-4.20 50.42,-4.20 50.33))"
JUNE = {"aoiWKT": AREA, "start": "2021-06-01T00:00:00Z", "stop": "2021-07-01T12:00:00Z"}
NOW = dt.datetime(2021, 7, 1, 12, tzinfo=dt.UTC)


class Stopped:
    """A clock that stands still, so that only the sandbox's `advance` moves time."""

    def now(self):
        return NOW

    def monotonic(self):
        return 0.0

    def sleep(self, seconds, *, wake=None):
        raise AssertionError("a stand-in does not sleep")


@pytest.fixture
def world():
    return World(clock=SandboxClock(base=Stopped()), scene_pixels=24)


@pytest.fixture
def settings():
    return Settings()


@pytest.fixture
def running(world, settings):
    with serve("sedas", make_stand_in(world, settings), world) as running:
        yield running
    assert [entry.error for entry in world.log if entry.error] == []


@pytest.fixture
def client(running):
    with httpx.Client(base_url=running.base_url, timeout=60) as client:
        log_in(client)
        yield client


def log_in(client, user="sandbox", password="sandbox-sedas-password"):
    answer = client.post("/api/authentication", json={"username": user, "password": password})
    if answer.status_code == 200:
        client.headers["Authorization"] = f"Token {answer.json()['token']}"
    return answer


def search(client, **more):
    return client.post("/api/search", json={"sensorFilters": {"type": "All"}, "filters": {}, **JUNE, **more}).json()[
        "products"
    ]


def archived(client, **more):
    return next(one for one in search(client, **more) if "downloadUrl" not in one)


def online(client, **more):
    return next(one for one in search(client, **more) if "downloadUrl" in one)


def look(client, request_id):
    return client.get(f"/api//request?ids={request_id}").json()


# --- logging in ----------------------------------------------------------------------------------------------------


def test_environment_points_the_plugin_at_it(running):
    assert running.env == {
        "SWATH_SEDAS_URL": f"{running.base_url}/api/",
        "SWATH_SEDAS_DOWNLOAD_URL": running.base_url,
        "SEDAS_USERNAME": "sandbox",
        "SEDAS_PASSWORD": "sandbox-sedas-password",
    }


def test_login_gives_a_token_for_an_hour(client):
    given = log_in(client).json()

    assert set(given) == {"token", "validUntil"}
    assert given["validUntil"] == "2021-07-01T13:00:00Z"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"username": "sandbox", "password": "wrong"}, 401),
        ({"username": "nobody", "password": "sandbox-sedas-password"}, 401),
        ({"username": None, "password": None}, 401),
        ({}, 401),
        ([], 400),
    ],
)
def test_login_refuses_what_it_does_not_know(client, body, status):
    answer = client.post("/api/authentication", json=body)

    assert answer.status_code == status
    assert set(answer.json()) == {"message", "errorCode", "errorMessage"}


def test_login_refuses_what_is_no_json(client):
    assert client.post("/api/authentication", content=b"{").status_code == 400


def test_older_tokens_stay_alive_until_their_end(client, world):
    first = client.headers["Authorization"]
    world.clock.advance(1800)
    log_in(client)
    second = client.headers["Authorization"]
    assert first != second

    def status(token):
        return client.get("/api/sensors/satellites", headers={"Authorization": token}).status_code

    assert (status(first), status(second)) == (200, 200)
    world.clock.advance(1801)
    assert (status(first), status(second)) == (401, 200)


@pytest.mark.parametrize("header", ["", "Token", "Token nonsense", "Bearer nonsense"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/search"),
        ("GET", "/api/search/products?ids=x"),
        ("GET", "/api/sensors/sourceGroups"),
        ("GET", "/api/sensors/satellites"),
        ("POST", "/api//request/x"),
        ("GET", "/api//request?ids=x"),
    ],
)
def test_every_call_needs_a_token(client, method, path, header):
    answer = client.request(method, path, headers={"Authorization": header})

    assert answer.status_code == 401
    assert answer.json()["message"] == "User token does not exist"


def test_token_refusals_follow_the_setting(client, settings):
    for status in (400, 403):
        settings.dead_token_status = status
        assert client.get("/api/sensors/satellites", headers={"Authorization": "Token x"}).status_code == status


# --- searching -----------------------------------------------------------------------------------------------------


def test_search_answers_with_the_documented_fields(client, running):
    answer = client.post("/api/search", json={"sensorFilters": {"type": "All"}, "filters": {}, **JUNE})

    assert set(answer.json()) == {"id", "products"}
    products = answer.json()["products"]
    always = {
        "productId", "supplierId", "type", "satelliteName", "instrumentName", "modeName", "sensorType",
        "sensorResolution", "coordinatesWKT", "start", "stop", "area", "aoiCoveragePercent", "usefulAreaPercent",
    }  # fmt: skip
    for one in products:
        assert set(one) >= always
        assert None not in one.values()
        assert re.fullmatch(r"[0-9a-f]{32}", one["productId"])
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", one["start"])
        assert ("cloudCoveragePercent" in one) == (one["sensorType"] == "Optical")
        assert ("polarisation" in one) == (one["sensorType"] == "SAR")
        if "downloadUrl" in one:
            assert one["downloadUrl"] == (
                f"{running.base_url}/datamgr/datamgr.php?p=Default&sceneid={one['supplierId']}.zip"
            )
    assert (
        client.post("/api/search", json={"sensorFilters": {"type": "All"}, "filters": {}, **JUNE}).json()
        == answer.json()
    )


def test_search_is_cut_off_at_the_cap(client, settings):
    every = search(client)
    settings.result_cap = 7

    assert search(client) == every[:7]
    assert Settings().result_cap == 256


def test_search_is_cut_off_at_256_by_itself(client):
    assert len(search(client, start="2016-01-01T00:00:00Z")) == 256


def test_search_refuses_in_the_services_words(client):
    for content in (b"{", b"[]", b'{"aoiWKT": "POLYGON((1 2))", "start": "x", "stop": "y"}'):
        answer = client.post("/api/search", content=content)
        assert answer.status_code == 400
        assert answer.json()["message"] == answer.json()["errorMessage"]


def test_most_products_are_in_the_long_term_archive(client):
    products = search(client, start="2020-07-01T00:00:00Z")

    share = sum("downloadUrl" in one for one in products) / len(products)
    assert 0 < share < 0.15
    assert "downloadUrl" in search(client, sourceGroup="S1")[0]


def test_look_up_takes_several_names(client):
    first, second = search(client)[:2]

    answer = client.get(f"/api/search/products?ids={first['supplierId']},x,{second['supplierId']}").json()

    assert [one["supplierId"] for one in answer] == [first["supplierId"], second["supplierId"]]
    assert {one["aoiCoveragePercent"] for one in answer} == {0.0}
    assert client.get("/api/search/products?ids=nothing").json() == []
    assert client.get("/api/search/products").status_code == 400


def test_sensors_are_listed(client):
    groups = client.get("/api/sensors/sourceGroups").json()
    satellites = client.get("/api/sensors/satellites").json()

    assert {one["name"]: [s["name"] for s in one["satellites"]] for one in groups} == {
        "S1": ["Sentinel-1A", "Sentinel-1B"],
        "S2": ["Sentinel-2A", "Sentinel-2B"],
        "NovaSAR": ["NovaSAR-1"],
    }
    assert [one["name"] for one in satellites][-1] == "NovaSAR-1"
    assert all(one["instruments"][0]["modes"] for one in satellites)


def test_account_without_a_group_sees_nothing_of_it(client):
    radar = archived(client, sourceGroup="S1")
    file = online(client, sourceGroup="S1")
    log_in(client, "sandbox-s2", "sandbox-s2-password")

    assert [one["name"] for one in client.get("/api/sensors/sourceGroups").json()] == ["S2"]
    assert {one["name"] for one in client.get("/api/sensors/satellites").json()} == {"Sentinel-2A", "Sentinel-2B"}
    assert {one["sensorType"] for one in search(client)} == {"Optical"}
    assert client.get(f"/api/search/products?ids={radar['supplierId']}").json() == []
    assert client.post(f"/api//request/{radar['supplierId']}").status_code == 404
    refused = client.get(file["downloadUrl"])
    assert (refused.status_code, refused.headers["content-type"]) == (403, "text/html; charset=utf-8")


# --- the long-term archive -----------------------------------------------------------------------------------------


def test_request_comes_to_its_end_by_the_clock(client, world):
    product = archived(client)

    request_id = client.post(f"/api//request/{product['supplierId']}").json()["requestId"]

    states = []
    for seconds in (0, 59, 1, 539, 1):
        world.clock.advance(seconds)
        (answer,) = look(client, request_id)
        assert (answer["requestId"], answer["supplierId"]) == (request_id, product["supplierId"])
        states.append((answer["status"], "downloadUrl" in answer))
    assert states == [
        ("PENDING", False),
        ("PENDING", False),
        ("INPRODUCTION", False),
        ("INPRODUCTION", False),
        ("COMPLETED", True),
    ]
    assert client.get(answer["downloadUrl"]).status_code == 200
    (known,) = client.get(f"/api/search/products?ids={product['supplierId']}").json()
    assert known["downloadUrl"] == answer["downloadUrl"]


def test_request_is_faster_in_a_fast_world():
    world = World(clock=SandboxClock(speed=100, base=Stopped()))
    with serve("sedas", make_stand_in(world), world) as running, httpx.Client(base_url=running.base_url) as client:
        log_in(client)
        request_id = client.post(f"/api//request/{archived(client)['supplierId']}").json()["requestId"]

        world.clock.advance(6)

        assert look(client, request_id)[0]["status"] == "COMPLETED"


def test_request_is_ready_after_a_number_of_looks(client, settings):
    settings.ready_after_polls = 3
    request_id = client.post(f"/api//request/{archived(client)['supplierId']}").json()["requestId"]

    ready = ["downloadUrl" in look(client, request_id)[0] for _ in range(4)]

    assert ready == [False, False, True, True]


def test_same_request_is_not_made_twice(client, world):
    first, second = [one["supplierId"] for one in search(client) if "downloadUrl" not in one][:2]

    ids = [client.post(f"/api/request/{name}").json()["requestId"] for name in (first, first, second)]

    assert ids == ["r-000001", "r-000001", "r-000002"]
    assert [one["requestId"] for one in look(client, ",".join(ids))] == ids[1:]
    world.clock.advance(600)
    assert client.post(f"/api/request/{first}").json()["requestId"] == "r-000001"


def test_online_product_is_ready_at_once(client):
    request_id = client.post(f"/api/request/{online(client)['supplierId']}").json()["requestId"]

    assert "downloadUrl" in look(client, request_id)[0]


def test_requests_of_others_are_not_told(client):
    request_id = client.post(f"/api/request/{archived(client, sourceGroup='S2')['supplierId']}").json()["requestId"]
    log_in(client, "sandbox-s2", "sandbox-s2-password")

    assert look(client, request_id) == []
    assert look(client, "r-999999") == []


def test_unknown_product_cannot_be_requested(client):
    assert client.post("/api//request/nothing").status_code == 404
    assert client.get("/api//request/nothing").status_code == 405


def test_request_may_fail(client, settings, world):
    settings.fail = "MSIL1C"
    product = archived(client, filters={"opticalProductType": "L1C"}, sourceGroup="S2")
    request_id = client.post(f"/api/request/{product['supplierId']}").json()["requestId"]

    world.clock.advance(600)

    (answer,) = look(client, request_id)
    assert answer["status"] == "FAILED"
    assert answer["errorMessage"]
    assert "downloadUrl" not in answer
    again = client.post(f"/api/request/{product['supplierId']}").json()["requestId"]
    assert again != request_id


def test_request_may_be_refused(client, settings):
    settings.refuse = "."

    assert client.post(f"/api/request/{archived(client)['supplierId']}").status_code == 400


def test_restored_product_goes_back_after_a_while(client, world):
    product = archived(client, stop="2021-06-10T00:00:00Z")
    request_id = client.post(f"/api/request/{product['supplierId']}").json()["requestId"]
    world.clock.advance(600)
    url = look(client, request_id)[0]["downloadUrl"]
    assert client.get(url).status_code == 200

    world.clock.advance(3 * 86400)
    log_in(client)

    gone = client.get(url)
    assert gone.status_code == 404
    assert gone.headers["content-type"].startswith("text/html")
    assert "downloadUrl" not in client.get(f"/api/search/products?ids={product['supplierId']}").json()[0]
    assert client.post(f"/api/request/{product['supplierId']}").json()["requestId"] != request_id


# --- downloads -----------------------------------------------------------------------------------------------------


def test_download_is_whole_and_its_hash_is_told(client):
    product = online(client)

    answer = client.get(product["downloadUrl"])

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/zip"
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert product["vendorSpecific"] == {
        "property": "vendorSpecific",
        "Filehash": hashlib.md5(answer.content).hexdigest(),
    }
    assert answer.content == client.get(product["downloadUrl"]).content


def test_download_goes_on_where_it_was_cut(client):
    url = online(client)["downloadUrl"]
    whole = client.get(url)
    etag = whole.headers["etag"]

    part = client.get(url, headers={"Range": "bytes=100-", "If-Range": etag})
    other = client.get(url, headers={"Range": "bytes=100-", "If-Range": '"else"'})
    beyond = client.get(url, headers={"Range": f"bytes={len(whole.content)}-"})
    head = client.head(url)

    assert (part.status_code, part.content) == (206, whole.content[100:])
    assert part.headers["content-range"] == f"bytes 100-{len(whole.content) - 1}/{len(whole.content)}"
    assert (other.status_code, other.content) == (200, whole.content)
    assert beyond.status_code == 416
    assert (head.status_code, int(head.headers["content-length"])) == (200, len(whole.content))


def test_download_needs_a_token_unless_a_switch_says_otherwise(client, settings):
    url = online(client)["downloadUrl"]

    refused = httpx.get(url)
    settings.open_downloads = True
    open_to_all = httpx.get(url)

    assert (refused.status_code, refused.headers["content-type"]) == (401, "text/html; charset=utf-8")
    assert open_to_all.status_code == 200


def test_product_leaves_the_rolling_archive(client, world):
    product = search(client, sourceGroup="S1")[0]
    assert client.get(product["downloadUrl"]).status_code == 200

    world.clock.advance(5 * 86400)
    log_in(client)

    gone = client.get(product["downloadUrl"])
    assert gone.status_code == 404
    assert gone.text.startswith("<!DOCTYPE html>")


def test_wrong_hash_is_told_on_request(client, settings):
    settings.wrong_hash = True
    product = online(client)

    content = client.get(product["downloadUrl"]).content

    assert product["vendorSpecific"]["Filehash"] != hashlib.md5(content).hexdigest()


def test_pictures_need_no_token(client):
    product = search(client)[0]

    small, large = httpx.get(product["thumbnail"]), httpx.get(product["ql"])

    assert small.headers["content-type"] == large.headers["content-type"] == "image/png"
    assert httpx.get(product["ql"].replace(product["supplierId"], "nothing")).status_code == 404


# --- switches ------------------------------------------------------------------------------------------------------


def test_settings_are_changed_over_http(client, settings):
    answer = client.patch("/_sedas/settings", json={"result_cap": 3, "fail": "GRD", "ready_after_polls": 1})

    assert answer.status_code == 200
    assert answer.json() == client.get("/_sedas/settings").json() == settings.as_json()
    assert (settings.result_cap, settings.fail, settings.ready_after_polls) == (3, "GRD", 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"result_cap": 0},
        {"result_cap": "3"},
        {"no_such": 1},
        {"result_cap": 5, "token_s": -1},
        {"online_percent": 101},
        {"fail": "("},
        {"dead_token_status": 500},
        [],
        7,
    ],
)
def test_settings_that_make_no_sense_change_nothing(client, settings, wrong):
    before = settings.as_json()

    assert client.patch("/_sedas/settings", json=wrong).status_code == 400
    assert settings.as_json() == before


def test_tokens_are_ended_over_http(client):
    assert client.delete("/_sedas/tokens").json() == {"expired": 1}
    assert client.get("/api/sensors/satellites").status_code == 401


def test_unknown_paths_are_not_found(client):
    assert client.get("/api/nothing").json()["errorCode"] == 404
    assert client.get("/elsewhere").headers["content-type"].startswith("text/html")


def test_faults_meet_the_stand_in(client, world):
    world.faults.add(provider="sedas", path="/api/search$", status=503)

    assert client.post("/api/search", json=JUNE).status_code == 503
    assert client.post("/api/search", json=JUNE).status_code == 200

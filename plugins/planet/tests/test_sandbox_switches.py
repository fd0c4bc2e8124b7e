# SPDX-License-Identifier: Apache-2.0
"""What goes wrong in Planet's stand-in on request or at its limits: pages, statuses, rates, sizes."""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from swath._http.trusted import trusted
from swath.sandbox import SandboxClock, World, serve
from swath_planet.sandbox import make_stand_in, signatures

KEY = {"Authorization": "api-key sandbox-planet-key"}
SCENE_PIXELS = 48
LISTS = {
    "data": "/data/v1/searches",
    "orders": "/compute/ops/orders/v2?source_type=all",
    "subscriptions": "/subscriptions/v1",
    "features": "/features/v1/ogc/my/collections",
    "mosaics": "/basemaps/v1/mosaics",
    "destinations": "/destinations/v1",
    "quota": "/account/v1/quota-reservations/",
}


class Still:
    """A clock that stands still."""

    def now(self):
        return dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)

    def monotonic(self):
        return 0.0

    def sleep(self, seconds, *, wake=None):
        raise AssertionError("nothing waits here")


def search(client):
    body = {"item_types": ["PSScene"], "filter": {"type": "AndFilter", "config": []}}
    return client.post("/data/v1/quick-search", params={"_page_size": 2}, json=body).json()


def test_a_page_may_lack_its_links(client, world):
    world.faults.add(path="quick-search", merge={"_links": None})
    assert set(search(client)) == {"type", "features"}


def test_a_next_link_may_be_given_again(client, world):
    world.faults.add(method="GET", path="/results$", merge={"_links": {"_next": "<self>"}})
    following = search(client)["_links"]["_next"]

    assert client.get(following).json()["_links"]["_next"] == following


def test_a_page_may_be_empty_and_not_the_last(client, world):
    world.faults.add(path="quick-search", merge={"features": []})
    told = search(client)
    assert told["features"] == []
    assert client.get(told["_links"]["_next"]).json()["features"]


def test_every_status_can_be_had_on_any_route_and_call(client, world):
    routes = [*LISTS.values(), LISTS["quota"], LISTS["data"]]
    for status, url in zip((400, 401, 403, 404, 409, 429, 500, 502, 503), routes, strict=True):
        path = url.partition("?")[0]
        world.faults.clear()
        headers = {"Retry-After": "7"} if status == 429 else {}
        world.faults.add(path=f"{path}$", call=2, status=status, body={"message": "no"}, headers=headers)
        answers = [client.get(url) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, status, 200]
        assert answers[1].headers.get("retry-after") == headers.get("Retry-After")


@pytest.mark.parametrize("url", LISTS.values(), ids=LISTS.keys())
def test_nobody_comes_in_without_a_key(base_url, url):
    assert httpx.get(f"{base_url}{url}").status_code == 401
    assert httpx.get(f"{base_url}{url}", headers={"Authorization": "api-key wrong"}).status_code == 401


def test_a_body_over_a_megabyte_is_413_everywhere(client):
    body = b" " * (1 << 20) + b"{}"
    for url in (
        "/compute/ops/orders/v2",
        "/subscriptions/v1",
        "/features/v1/ogc/my/collections",
        "/destinations/v1",
        "/account/v1/quota-reservations/",
    ):
        assert client.post(url, content=body).status_code == 413


def test_each_service_has_a_rate_limit_of_its_own():
    world = World(clock=SandboxClock(base=Still()))
    rates = {"features": 10, "subscriptions": 10, "mosaics": 10, "quota": 10, "destinations": 3}
    with (
        serve("planet", make_stand_in(world), world) as running,
        httpx.Client(base_url=running.base_url, headers=KEY, verify=trusted()) as client,
    ):
        for name, most in rates.items():
            answers = [client.get(LISTS[name]) for _ in range(most + 2)]
            assert [answer.status_code for answer in answers] == [200] * most + [429, 429]
            assert ["retry-after" in answer.headers for answer in answers[most:]] == [True, False]


def test_links_follow_the_host_that_the_client_used(base_url):
    port = base_url.rpartition(":")[2]
    for url in LISTS.values():
        text = httpx.get(f"{base_url}{url}", headers={**KEY, "Host": f"planet.test:{port}"}).text
        assert "127.0.0.1" not in text


def test_an_order_goes_to_destinations_that_there_are(client):
    body = {"item_types": ["PSScene"], "filter": {"type": "AssetFilter", "config": ["ortho_visual"]}}
    item = client.post("/data/v1/quick-search", params={"_page_size": 1}, json=body).json()["features"][0]["id"]
    products = [{"item_ids": [item], "item_type": "PSScene", "product_bundle": "visual"}]
    bucket = {"bucket": "b", "credentials": "hidden"}
    made = client.post(
        "/destinations/v1", json={"name": "x", "type": "google_cloud_storage", "parameters": bucket}
    ).json()

    def ordered(ref):
        order = {"name": "n", "products": products, "delivery": {"destination": {"ref": ref}}}
        return client.post("/compute/ops/orders/v2", json=order)

    assert ordered("pl:destinations/absent").json()["field"]["Delivery"]
    assert ordered("pl:destinations/default").status_code == 400
    assert ordered(made["pl:ref"]).status_code == 202
    client.put("/destinations/v1/default", json={"destination_id": made["id"]})
    assert ordered("pl:destinations/default").status_code == 202
    client.patch(f"/destinations/v1/{made['id']}", json={"archive": True})
    assert ordered(made["pl:ref"]).status_code == 400


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"hosting": {"sentinel_hub": {"collection_id": "c", "create_configuration": True}}}, "Hosting"),
        ({"hosting": {"elsewhere": {}}}, "Hosting"),
        ({"prior_orders": {"orders": [], "failures": "ignore"}}, "PriorOrders"),
        ({"prior_orders": {"orders": "x"}}, "PriorOrders"),
        ({"prior_orders": {"orders": [], "partials": "half"}}, "PriorOrders"),
        ({"notifications": {"webhook": {}}}, "Notifications"),
    ],
)
def test_an_order_with_settings_that_make_no_sense_is_refused(client, change, field):
    body = {"item_types": ["PSScene"], "filter": {"type": "AssetFilter", "config": ["ortho_visual"]}}
    item = client.post("/data/v1/quick-search", params={"_page_size": 1}, json=body).json()["features"][0]["id"]
    products = [{"item_ids": [item], "item_type": "PSScene", "product_bundle": "visual"}]
    refused = client.post("/compute/ops/orders/v2", json={"name": "n", "products": products, **change})
    assert refused.status_code == 400
    assert field in refused.json()["field"]


def test_two_that_ask_for_the_first_token_at_once_get_good_ones(monkeypatch):
    """The key of all signatures is made once, even if making it takes longer than the next request to come."""
    both, make = threading.Barrier(2), signatures.rsa.generate_private_key

    def slow(**options):
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(0.2)  # passes at once where a second one makes a key meanwhile
        return make(**options)

    monkeypatch.setattr(signatures.rsa, "generate_private_key", slow)
    signatures._made_key.cache_clear()
    with ThreadPoolExecutor(2) as pool:
        tokens = [*pool.map(signatures.sign_token, [{"jti": "a"}, {"jti": "b"}])]

    assert [signatures.read_token(one) for one in tokens] == [{"jti": "a"}, {"jti": "b"}]

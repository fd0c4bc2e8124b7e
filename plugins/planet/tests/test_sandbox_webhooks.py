# SPDX-License-Identifier: Apache-2.0
"""Webhooks of orders and subscriptions that Planet's stand-in posts."""

from __future__ import annotations

import base64
import datetime as dt

import httpx
import pytest
from shapely.geometry import box, mapping
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from swath._http.trusted import trusted
from swath.sandbox import StandIn, World, serve
from swath_planet.sandbox import make_stand_in

AREA = mapping(box(5.4, 52.3, 5.5, 52.38))
ORDERS = "/compute/ops/orders/v2"
SUBSCRIPTIONS = "/subscriptions/v1"


class Receiver:
    """Takes webhooks, and answers them with the statuses that it is given."""

    def __init__(self, world):
        self.bodies, self.headers, self.statuses = [], [], []
        app = Starlette(routes=[Route("/hook", self._take, methods=["POST"])])
        self._running = serve("receiver", StandIn(app=app, env=lambda _: {}), world)
        self.stop = self._running.stop
        self.url = f"{self._running.base_url}/hook"

    async def _take(self, request):
        self.headers.append(dict(request.headers))
        self.bodies.append(await request.json())
        return Response(status_code=self.statuses.pop(0) if self.statuses else 204)


@pytest.fixture(scope="module")
def world():
    return World(seed=5, scene_pixels=48, rate_limits=False)


@pytest.fixture(scope="module")
def served(world):
    with serve("planet", make_stand_in(world), world) as running:
        receiver = Receiver(World())
        yield running.base_url, receiver
        receiver.stop()


@pytest.fixture
def receiver(served):
    receiver = served[1]
    receiver.bodies, receiver.headers, receiver.statuses = [], [], []
    return receiver


@pytest.fixture
def client(served, world):
    world.faults.clear()
    headers = {"Authorization": "api-key sandbox-planet-key"}
    with httpx.Client(base_url=served[0], headers=headers, timeout=60, verify=trusted()) as client:
        yield client
    world.hooks.stop()
    assert [entry.error for entry in world.log if entry.error] == []


@pytest.fixture
def scene(client, world):
    since = (world.clock.now() - dt.timedelta(days=20)).isoformat()
    config = [
        {"type": "GeometryFilter", "field_name": "geometry", "config": AREA},
        {"type": "DateRangeFilter", "field_name": "acquired", "config": {"gte": since}},
    ]
    body = {"item_types": ["PSScene"], "filter": {"type": "AndFilter", "config": config}}
    return client.post("/data/v1/quick-search", params={"_page_size": 1}, json=body).json()["features"][0]["id"]


def order(client, scene, url, name="hooked", **webhook):
    body = {
        "name": name,
        "products": [{"item_ids": [scene], "item_type": "PSScene", "product_bundle": "visual"}],
        "notifications": {"email": True, "webhook": {"url": url, **webhook}},
    }
    made = client.post(ORDERS, json=body)
    assert made.status_code == 202, made.text
    return made.json()


def test_an_order_is_told_of_file_by_file_though_nobody_looks(client, receiver, scene, world):
    made = order(client, scene, receiver.url)
    assert world.hooks.settle()
    assert receiver.bodies == []

    world.clock.advance(121)
    assert world.hooks.settle()

    assert {body["order_id"] for body in receiver.bodies} == {made["id"]}
    items = [item for body in receiver.bodies for item in body["items"]]
    assert len(items) == len(receiver.bodies)
    told = client.get(f"{ORDERS}/{made['id']}").json()["_links"]["results"]
    assert [item["name"] for item in items] == [result["name"] for result in told]
    assert {item["delivery"] for item in items} == {"success"}
    manifest = next(item for item in items if item["name"].endswith("manifest.json"))
    assert manifest["expires_at"].endswith("Z")
    assert httpx.get(manifest["location"], follow_redirects=True).json()["files"]


def test_an_order_is_told_of_once_with_the_credentials_of_the_url(client, receiver, scene, world):
    url = receiver.url.replace("http://", "http://user:pa%2Fss@")
    made = order(client, scene, url, per_order=True)
    for _ in range(4):
        client.get(f"{ORDERS}/{made['id']}")

    assert world.hooks.settle()
    world.clock.advance(200)
    assert world.hooks.settle()

    (body,) = receiver.bodies
    assert len(body["items"]) > 1
    assert receiver.headers[0]["authorization"] == "Basic " + base64.b64encode(b"user:pa/ss").decode()
    assert "pa%2Fss" not in client.get(f"{ORDERS}/{made['id']}").text


def test_a_receiver_that_refuses_is_asked_again_four_times_in_all(client, receiver, scene, world):
    receiver.statuses = [500, 301, 429, 503, 204]
    order(client, scene, receiver.url, per_order=True)
    for seconds in (121, 11, 61, 601, 6000):
        world.clock.advance(seconds)
        assert world.hooks.settle()

    assert len(receiver.bodies) == 4
    assert receiver.bodies[0] == receiver.bodies[-1]


def test_a_failed_order_is_told_of_without_files(client, receiver, scene, world):
    order(client, scene, receiver.url, name="sandbox:failed", per_order=True)
    world.clock.advance(121)
    assert world.hooks.settle()
    assert [body["items"] for body in receiver.bodies] == [[]]


def test_a_cancelled_order_is_not_told_of(client, receiver, scene, world):
    made = order(client, scene, receiver.url)
    assert client.put(f"{ORDERS}/{made['id']}").status_code == 200
    world.clock.advance(300)
    assert world.hooks.settle()
    assert receiver.bodies == []


def test_a_webhook_without_url_is_refused(client, scene):
    body = {
        "name": "n",
        "products": [{"item_ids": [scene], "item_type": "PSScene", "product_bundle": "visual"}],
        "notifications": {"webhook": {"per_order": True}},
    }
    refused = client.post(ORDERS, json=body)
    assert refused.status_code == 400
    assert "Notifications" in refused.json()["field"]


def subscribe(client, world, url, *topics, name="hooked", begin=-8, end=-2):
    def day(days):
        return (world.clock.now() + dt.timedelta(days=days)).isoformat()

    parameters = {
        "item_types": ["PSScene"],
        "asset_types": ["ortho_visual"],
        "geometry": AREA,
        "start_time": day(begin),
        "end_time": day(end),
    }
    body = {
        "name": name,
        "source": {"parameters": parameters},
        "hosting": {"type": "sentinel_hub", "parameters": {}},
        "notifications": {"webhook": {"url": url, "topics": list(topics)}},
    }
    made = client.post(SUBSCRIPTIONS, json=body)
    assert made.status_code == 201, made.text
    return made.json()


def test_a_subscription_tells_of_the_topics_that_it_asked_for(client, receiver, world):
    made = subscribe(client, world, receiver.url, "delivery.match", "delivery.success", "status.completed")
    world.clock.advance(400)
    assert world.hooks.settle()

    topics = [body["topic"] for body in receiver.bodies]
    results = client.get(f"{SUBSCRIPTIONS}/{made['id']}/results", params={"page_size": 100}).json()["results"]
    assert len(results) > 2
    assert topics.count("delivery.match") == topics.count("delivery.success") == len(results)
    assert topics[-1] == "status.completed"
    assert topics.count("status.completed") == 1
    told = [body["data"]["result"] for body in receiver.bodies if body["topic"] == "delivery.success"]
    assert told == results
    times = [body["created"] for body in receiver.bodies]
    assert times == sorted(times)
    assert {body["subscription_id"] for body in receiver.bodies} == {made["id"]}
    assert len({body["id"] for body in receiver.bodies}) == len(topics)


def test_a_subscription_tells_of_every_change_of_its_status(client, receiver, world):
    made = subscribe(client, world, receiver.url, "status.all", begin=1, end=200)
    world.clock.advance(20)
    assert world.hooks.settle()
    own = f"{SUBSCRIPTIONS}/{made['id']}"
    client.post(f"{own}/suspend")
    client.post(f"{own}/reactivate")
    world.clock.advance(5 * 86400)
    assert world.hooks.settle()
    client.post(f"{own}/cancel")
    assert world.hooks.settle()

    assert [body["topic"] for body in receiver.bodies] == [
        "status.pending",
        "status.suspended",
        "status.pending",
        "status.running",
        "status.backfill.completed",
        "status.cancelled",
    ]


def test_failed_deliveries_are_told_of(client, receiver, world):
    subscribe(client, world, receiver.url, "delivery.failed", name="sandbox:bad-results")
    world.clock.advance(400)
    assert world.hooks.settle()
    assert receiver.bodies
    assert {body["data"]["result"]["status"] for body in receiver.bodies} == {"failed"}


def test_hooks_come_twice_or_out_of_order_on_request(client, receiver, world):
    world.faults.add(provider="planet", path=r"^delivery\.success$", hook="late")
    world.faults.add(provider="planet", path=r"^delivery\.success$", call=2, hook="twice")
    subscribe(client, world, receiver.url, "delivery.success")
    world.clock.advance(400)
    assert world.hooks.settle()

    times = [body["created"] for body in receiver.bodies]
    names = [body["id"] for body in receiver.bodies]
    assert names[0] == names[1]
    assert times[2] < times[0] < times[3]

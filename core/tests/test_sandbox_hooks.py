# SPDX-License-Identifier: Apache-2.0
"""Webhooks of stand-ins: when they are posted, how often again, and how a fault spoils them."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import threading

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from swath.sandbox import StandIn, World, serve


class Receiver:
    """Takes webhooks, and answers them with the statuses that it is given."""

    def __init__(self, world):
        self.bodies, self.requests, self.statuses = [], [], []
        app = Starlette(routes=[Route("/hook", self._take, methods=["POST"])])
        self._running = serve("receiver", StandIn(app=app, env=lambda _: {}), world)
        self.port = self._running.port
        self.url = f"{self._running.base_url}/hook"
        self.stop = self._running.stop

    async def _take(self, request):
        self.requests.append((dict(request.headers), await request.body()))
        self.bodies.append(await request.json())
        return Response(status_code=self.statuses.pop(0) if self.statuses else 204)


@pytest.fixture
def world():
    return World()


@pytest.fixture
def receiver(world):
    made = Receiver(world)
    yield made
    world.hooks.stop()
    made.stop()


def test_a_hook_is_posted_with_the_credentials_of_its_url_and_its_signature(world, receiver):
    def signed(body):
        return {"Signature": hmac.new(b"secret", body, hashlib.sha256).hexdigest()}

    world.hooks.post("p", "done", f"http://us%40er:pa%3Ass@127.0.0.1:{receiver.port}/hook", {"a": 1}, headers=signed)

    assert world.hooks.settle()
    ((headers, body),) = receiver.requests
    assert headers["authorization"] == "Basic " + base64.b64encode(b"us@er:pa:ss").decode()
    assert headers["content-type"] == "application/json"
    assert headers["signature"] == signed(body)["Signature"]
    (sent,) = world.hooks.sent(provider="p")
    assert (sent.status, sent.body, sent.url, sent.is_delivered) == (204, {"a": 1}, receiver.url, True)


def test_a_failed_hook_is_tried_again_as_the_clock_says_and_then_given_up(world, receiver):
    receiver.statuses = [500, 302, 503]
    world.hooks.post("p", "done", receiver.url, {"a": 1}, again=[dt.timedelta(hours=1), dt.timedelta(hours=12)])

    assert world.hooks.settle()
    assert len(receiver.bodies) == 1
    world.clock.advance(3600)
    assert world.hooks.settle()
    assert len(receiver.bodies) == 2
    world.clock.advance(12 * 3600)
    assert world.hooks.settle()
    world.clock.advance(48 * 3600)
    assert world.hooks.settle()
    assert [(one.attempt, one.status) for one in world.hooks.sent()] == [(1, 500), (2, 302), (3, 503)]


@pytest.mark.parametrize(
    ("kind", "received"),
    [("twice", [1, 1, 2, 3]), ("late", [2, 1, 3]), ("lost", [2, 3])],
)
def test_a_fault_posts_a_hook_twice_late_or_never(world, receiver, kind, received):
    world.faults.add(provider="p", path="^done$", hook=kind)

    for number in (1, 2, 3):
        world.hooks.post("p", "done", receiver.url, {"n": number})

    assert world.hooks.settle()
    assert [body["n"] for body in receiver.bodies] == received


def test_nobody_outside_this_machine_is_called(world):
    world.hooks.post("p", "done", "https://example.org/hook", {}, again=[dt.timedelta(0)])

    assert world.hooks.settle()
    (sent,) = world.hooks.sent()
    assert sent.status is None
    assert "not on this machine" in sent.error


def test_a_receiver_that_is_away_is_noted(world):
    world.hooks.post("p", "done", "http://127.0.0.1:9/hook", {})

    assert world.hooks.settle()
    (sent,) = world.hooks.sent()
    assert "ConnectError" in sent.error


def test_stop_leaves_no_thread_and_nothing_to_do(world):
    called = []
    world.hooks.at(world.clock.now() + dt.timedelta(days=1), "p", lambda: called.append(1))

    world.hooks.stop("p")
    world.clock.advance(2 * 86400)

    assert world.hooks.settle()
    assert called == []
    assert not [thread for thread in threading.enumerate() if thread.name == "swath-sandbox-hooks"]


def test_things_are_done_in_order_of_time(world):
    called, now = [], world.clock.now()
    for seconds in (300, 100, 200):
        world.hooks.at(now + dt.timedelta(seconds=seconds), "p", lambda seconds=seconds: called.append(seconds))

    world.clock.advance(250)

    assert world.hooks.settle()
    assert called == [100, 200]
    world.hooks.stop()


@pytest.mark.parametrize(
    ("patch", "answer"),
    [
        ({"_links": None}, {"features": [1]}),
        ({"features": []}, {"features": [], "_links": {"_next": "x"}}),
        ({"_links": {"_next": "<self>"}}, {"features": [1], "_links": {"_next": "{base}/page?a=1"}}),
    ],
)
def test_a_fault_changes_a_json_answer(patch, answer):
    world = World()

    async def page(_):
        return JSONResponse({"features": [1], "_links": {"_next": "x"}})

    stand_in = StandIn(app=Starlette(routes=[Route("/page", page)]), env=lambda _: {})
    with serve("p", stand_in, world) as running:
        world.faults.add(path="^/page$", merge=patch)
        told = httpx.get(f"{running.base_url}/page?a=1").json()

        if "<self>" in str(patch):
            answer["_links"]["_next"] = f"{running.base_url}/page?a=1"
        assert told == answer
        assert httpx.get(f"{running.base_url}/page").json() == {"features": [1], "_links": {"_next": "x"}}


def test_the_control_route_tells_what_was_posted():
    world = World()
    with serve("p", StandIn(app=Starlette(), env=lambda _: {}), world) as running:
        world.hooks.post("p", "done", "https://example.org/hook", {"a": 1})
        world.hooks.post("other", "done", "https://example.org/hook", {})
        assert world.hooks.settle()

        (told,) = httpx.get(f"{running.base_url}/_sandbox/hooks").json()["hooks"]

    assert (told["topic"], told["body"], told["status"], told["attempt"]) == ("done", {"a": 1}, None, 1)

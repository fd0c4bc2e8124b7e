# SPDX-License-Identifier: Apache-2.0
"""Accounts at the stand-in, whose clock is in the test's hand."""

from __future__ import annotations

import datetime as dt
import json

import httpx
import pytest

from swath._open import make_provider
from swath.sandbox import Sandbox, World
from swath.testing.subject import BoxClock, given_by
from swath_cecil import Client
from swath_cecil.provider import CecilProvider

SQUARE = {
    "type": "Polygon",
    "coordinates": [
        [[132.5294, -12.7301], [132.5344, -12.7301], [132.5344, -12.7251], [132.5294, -12.7251], [132.5294, -12.7301]]
    ],
}
MONITORING = "4d8bd6ba-b751-4c46-8e70-5000e6d8b212"
DILIGENCE = "53738a57-a889-43c9-8f7a-7cb306831700"
HANSEN = "9659ec1d-7091-4f8b-9db5-e9fe07d2f508"
COVER = "a4bb9aea-b6df-4d19-9083-38357f8fa76c"
RED_LIST = "f30f2125-c472-43c7-85c8-52f0d4b1d160"


class Box:
    """The stand-in with its switches."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.running = sandbox.providers["cecil"]
        self.clock, self.log, self.faults = sandbox.clock, sandbox.log, sandbox.faults

    def switch(self, method: str, path: str, told=None):
        """Use one of the stand-in's own switches."""
        answer = httpx.request(method, f"{self.running.base_url}/_cecil/{path}", json=told)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def settings(self, **changes):
        """Change how the stand-in behaves."""
        return self.switch("PATCH", "settings", changes)


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(["cecil"], world=World(seed=5, rate_limits=False)) as running:
        yield running


@pytest.fixture
def box(sandbox):
    """The stand-in, without faults, as it behaves by default."""
    made = Box(sandbox)
    before = made.switch("GET", "settings")
    made.faults.clear()
    made.log.clear()
    yield made
    made.faults.clear()
    made.settings(**before)


@pytest.fixture
def opening(box, tmp_path):
    """Open the provider, each time as a new process would."""
    opened = []

    def make(**changes):
        given = {**given_by(box.running), **changes}
        one = make_provider("cecil", profile="test", given=given, home=tmp_path / "home", clock=BoxClock(box.clock))
        opened.append(one)
        return one

    yield make
    for one in opened:
        one.close()


@pytest.fixture
def provider(opening):
    return opening()


@pytest.fixture
def context(box):
    """An account of the native kind, on the stand-in's clock."""
    from swath._session import open_session
    from swath.native import close_context

    session = open_session("cecil", given=given_by(box.running), plugin=CecilProvider(), clock=BoxClock(box.clock))
    yield session.context
    close_context(session.context)


@pytest.fixture
def client(box, monkeypatch, tmp_path, context):
    """The native client, opened by the environment as a user's is, on the stand-in's clock."""
    for name, value in box.running.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SWATH_HOME", str(tmp_path / "home"))
    with Client() as made:
        made._opened = context  # only for its clock
        yield made


@pytest.fixture
def subscribed(box, client):
    """Subscribe to a dataset over an area, and let it be delivered."""

    def make(dataset=HANSEN, geometry=SQUARE, *, ready=True):
        aoi = client.create_aoi(geometry)
        made = client.create_subscription(aoi.id, dataset, allow_duplicate=True)
        if ready:
            box.clock.advance(7 * 86400)
            assert client.get_subscription(made.id).status in {"completed", "partial"}
        return made

    return make


@pytest.fixture
def told():
    """Make a webhook's delivery: headers and body."""
    from swath_cecil.events import signature

    def make(subscription_id, *, secret, now, event="subscription.delivered", number=0):
        body = json.dumps(
            {
                "event_id": f"00000000-0000-4000-8000-{number:012d}",
                "event_type": event,
                "payload": {"subscription_id": subscription_id, "dataset_type": "raster"},
                "recorded_at": now.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            }
        ).encode()
        return {"Cecil-Signature": signature(secret, body)}, body

    return make

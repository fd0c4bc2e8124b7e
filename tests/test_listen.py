# SPDX-License-Identifier: Apache-2.0
"""``swath listen`` in a process of its own, an order in another one, and the provider's stand-in that posts webhooks."""

import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

import swath
from swath._clock import SystemClock
from swath._ledger import Ledger
from swath.sandbox import Sandbox, World

LOGIN = "hook:canary-hook-password"
PATIENCE_S = 60.0


@pytest.fixture(scope="module")
def box():
    # At a speed of one tenth an order takes minutes, unless the clock is put forward.
    with Sandbox(["planet"], world=World(speed=0.1, rate_limits=False, scene_pixels=32)) as running:
        yield running


@pytest.fixture
def environment(box, tmp_path, monkeypatch):
    monkeypatch.setenv("SWATH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SWATH_PLANET_WEBHOOK_LOGIN", LOGIN)
    for name, value in box.env.items():
        monkeypatch.setenv(name, value)
    return dict(os.environ)


@pytest.fixture
def listening(environment):
    """Listen for webhooks; gives the address without login."""
    process = subprocess.Popen(
        [sys.executable, "-m", "swath", "listen", "planet", "--port", "0"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    line = process.stdout.readline().strip()
    assert line.startswith("http://127.0.0.1:"), process.communicate(timeout=30)
    yield line
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=30)[1]
    assert process.returncode == 0, said
    assert "canary" not in said


def until(condition):
    end_s = time.monotonic() + PATIENCE_S
    while not (found := condition()):
        assert time.monotonic() < end_s, "it never came to pass"
        time.sleep(0.02)
    return found


@pytest.fixture
def planet(environment):
    with swath.open("planet") as opened:
        yield opened


def order_with(planet, hook, day):
    search = planet.search(collections=["PSScene"], bbox=[5.4, 52.4, 5.6, 52.6], datetime=day, max_items=1)
    return planet.order(search, bundle="visual", webhook=hook)


def history(tmp_path, order):
    ledger = Ledger(tmp_path / "home" / "ledger.sqlite3", clock=SystemClock())
    try:
        return ledger.history(order.tag)
    finally:
        ledger.close()


def test_p21_an_event_ends_a_wait_in_another_process(box, planet, listening, tmp_path):
    order = order_with(planet, listening.replace("http://", f"http://{LOGIN}@"), "2026-06")
    done = []
    waiting = threading.Thread(target=lambda: done.append(planet.wait(order, progress=False)))
    waiting.start()
    until(lambda: [row for row in history(tmp_path, order) if row.source == "poll"])

    box.world.clock.advance(36_000)
    waiting.join(PATIENCE_S)

    assert [one.state.value for one in done] == ["succeeded"]
    until(lambda: [row for row in history(tmp_path, order) if row.source == "webhook"])
    assert LOGIN.partition(":")[2] not in (tmp_path / "home" / "ledger.sqlite3").read_bytes().decode("latin-1")


def test_a_forged_event_is_refused_and_nothing_is_looked_at(box, planet, listening, tmp_path):
    order = order_with(planet, listening.replace("http://", "http://hook:guess@"), "2026-05")
    asked = len(box.log.entries(method="GET", path=rf"/orders/v2/{order.id}"))

    box.world.clock.advance(36_000)
    until(lambda: [one for one in box.hooks.sent() if one.status == 401])

    assert len(box.log.entries(method="GET", path=rf"/orders/v2/{order.id}")) == asked
    assert not [row for row in history(tmp_path, order) if row.source == "webhook"]


def test_what_cannot_be_listened_for_is_said(environment):
    done = subprocess.run(
        [sys.executable, "-m", "swath", "listen", "sedas"],
        env={**environment, "SEDAS_USERNAME": "nobody", "SEDAS_PASSWORD": "nothing"}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert done.returncode == 2
    assert "sedas sends no webhooks" in done.stderr
    assert json.dumps(done.stdout) == '""'

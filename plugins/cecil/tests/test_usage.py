# SPDX-License-Identifier: Apache-2.0
"""What users do: a thousand webhooks, a download that is killed, an account that is not verified."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

import swath
from swath._listening import Listener
from swath.errors import Rejected
from swath.models import Heard, OrderState

COVER = "a4bb9aea-b6df-4d19-9083-38357f8fa76c"
SECRET = "swath-demo-secret"


def order_of(provider, west, **options):
    found = provider.search(
        collections=[COVER], bbox=[west, 40.0, west + 0.004, 40.004], filter="\"cecil:kind\" = 'area'"
    )
    return provider.order(found, **options)


def test_thousand_webhooks_change_nothing_wrongly(box, opening, told):
    provider = opening(webhook_secret=SECRET)
    orders = [order_of(provider, 10.0 + at / 100) for at in range(3)]
    box.clock.advance(3 * 86400)
    now, chance = box.clock.now(), random.Random(7)
    genuine = [
        told(orders[at % 3].id, secret=SECRET, now=now, number=at, event=event)
        for at, event in enumerate(["subscription.delivered", "subscription.completed", "subscription.failed"] * 110)
    ]
    forged = [told(orders[at % 3].id, secret="guess", now=now, number=at) for at in range(330)]
    foreign = [told(f"00000000-0000-4000-8000-00000000{at:04d}", secret=SECRET, now=now) for at in range(10)]
    deliveries = [*genuine, *genuine, *forged, *foreign]
    chance.shuffle(deliveries)
    box.log.clear()

    with Listener({"cecil": provider._receiver()}, provider._ledger) as listener:
        heard = [listener.receive("cecil", headers, body).heard for headers, body in deliveries]

    assert len(deliveries) == 1000
    assert heard.count(Heard.NEW) == heard.count(Heard.DUPLICATE) == 330
    assert listener.counts["refused"] == heard.count(Heard.REFUSED) == 330
    assert heard.count(Heard.IGNORED) == 10
    states = {one.id: one.state for one in provider.orders()}
    assert {states[one.id] for one in orders} == {OrderState.SUCCEEDED}, "as the provider says, not the events"
    looks = box.log.entries(path=r"/v0/subscriptions/[^/]+$")
    assert 3 <= len(looks) <= 330, "each order is looked at, once however often it was spoken of meanwhile"


_SCRIPT = """
import sys
from swath._open import make_provider
given, home, order, target = sys.argv[1:]
import json
provider = make_provider("cecil", profile="test", given=json.loads(given), home=__import__("pathlib").Path(home))
provider.download(order, target, workers=1, progress=False)
"""


def test_p04_killed_download_goes_on(box, opening, tmp_path):
    from swath.testing.subject import given_by

    provider = opening()
    order = provider.wait(order_of(provider, 20.0))
    target = tmp_path / "data"
    box.faults.add(provider="cecil", method="GET", path=r"/sandbox-tiff/.*\.tif$", call=3, times=None, delay_s=30)
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            _SCRIPT,
            json.dumps(given_by(box.running)),
            str(tmp_path / "home"),
            order.id,
            str(target),
        ],
        start_new_session=True,
    )
    end = time.monotonic() + 60
    while len(list(target.rglob("*.tif"))) < 2 and time.monotonic() < end:
        assert process.poll() is None
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    box.faults.clear()
    here = {path: path.stat().st_mtime_ns for path in target.rglob("*.tif")}
    box.log.clear()

    items = opening().download(order.id, target, progress=False)

    assert len(items) == 4
    assert not swath.verify(target).failed
    assert all(path.stat().st_mtime_ns == before for path, before in here.items())
    assert len(box.log.entries(method="GET", path=r"\.tif$")) == 4 - len(here)


def test_p01_lost_reply_is_found_by_the_reference(box, provider):
    box.faults.add(provider="cecil", method="POST", path=r"/v0/subscriptions$", times=1, drop="after")

    order = order_of(provider, 30.0, name="mine")

    assert order.id
    assert len(box.log.entries(method="POST", path=r"/v0/subscriptions$")) == 1


def test_organisation_that_is_not_verified_is_told_why(box, opening):
    from swath_cecil.sandbox.access import SMALL_KEY

    provider = opening(api_key=SMALL_KEY)
    limited = [
        one.id
        for one in provider.get_collections()
        if one.extra_fields["cecil:constraints"]["organisation_verified_only"]
    ]
    if not limited:
        pytest.skip("no dataset of the stand-in is for verified organisations only")
    found = provider.search(
        collections=limited[:1], bbox=[31.0, 40.0, 31.004, 40.004], filter="\"cecil:kind\" = 'area'"
    )

    with pytest.raises((Rejected, swath.errors.NotEntitled), match="verified"):
        provider.order(found)

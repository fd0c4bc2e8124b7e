# SPDX-License-Identifier: Apache-2.0
"""Webhooks wake, and are believed in nothing."""

import asyncio
import hashlib
import hmac
import json
import random
import threading

import pytest

from swath._listening import Listener
from swath._waiting import wait_all
from swath.errors import NotSupported
from swath.models import Heard, Order, OrderState
from swath.testing.clock import FakeClock

KEY = b"canary-depot-key-0001"


def delivery(order_id, number=0, *, key=KEY, **more):
    body = json.dumps({"order": order_id, "number": number, **more}).encode()
    return {"X-Depot-Signature": hmac.new(key, body, hashlib.sha256).hexdigest()}, body


@pytest.fixture
def provider(foundry):
    return foundry()


@pytest.fixture
def ordered(provider, depot):
    return provider.order(depot.items[:1])


def looks(depot, order):
    return sum(method == "GET" and path == f"/orders/{order.id}" for method, path, _ in depot.log)


def test_an_event_is_a_reason_to_look_and_never_the_truth(provider, depot, ordered):
    depot.script = depot.orders[ordered.id]["left"] = ["packing"]

    taken = provider.receive(*delivery(ordered.id, state="delivered"))

    assert (taken.heard, taken.order.state) == (Heard.NEW, OrderState.PENDING)
    assert provider.orders()[0].native_state == "packing"
    assert [row.source for row in provider._ledger.history(ordered.tag)][-1] == "webhook"


def test_a_duplicate_is_not_looked_at_again(provider, depot, ordered):
    provider.receive(*delivery(ordered.id))
    before = looks(depot, ordered)

    assert provider.receive(*delivery(ordered.id)).heard is Heard.DUPLICATE
    assert looks(depot, ordered) == before


@pytest.mark.parametrize("headers", [{}, {"X-Depot-Signature": ""}, {"X-Depot-Signature": "00" * 32}])
def test_a_forgery_is_refused_and_changes_nothing(provider, depot, ordered, headers):
    _, body = delivery(ordered.id)

    assert provider.receive(headers, body).heard is Heard.REFUSED
    assert looks(depot, ordered) == 0
    assert provider.receive(*delivery(ordered.id)).heard is Heard.NEW


@pytest.mark.parametrize(
    ("body", "heard"),
    [
        (b"not JSON", Heard.UNREADABLE),
        (b'{"weather": "fine"}', Heard.IGNORED),
        (b'{"order": "d-999999"}', Heard.IGNORED),
    ],
)
def test_what_is_about_no_order_of_ours_is_left_alone(provider, depot, body, heard):
    signature = hmac.new(KEY, body, hashlib.sha256).hexdigest()

    assert provider.receive({"x-depot-signature": signature}, body).heard is heard
    assert depot.log == []


def test_a_late_event_does_not_reopen_what_is_final(provider, depot, ordered):
    depot.orders[ordered.id]["left"] = ["delivered"]
    provider.wait(ordered)
    before = looks(depot, ordered)

    taken = provider.receive(*delivery(ordered.id, state="packing"))

    assert (taken.heard, taken.order.state) == (Heard.NEW, OrderState.SUCCEEDED)
    assert looks(depot, ordered) == before


def test_a_provider_without_webhooks_says_so(foundry, depot):
    from depot_plugin import Depot

    with pytest.raises(NotSupported):
        foundry(Depot()).receive(*delivery("d-1"))


def test_a_thousand_deliveries_with_duplicates_forgeries_and_disorder(provider, depot):
    orders = [provider.order([item]) for item in depot.items]
    for order in orders:
        depot.orders[order.id]["left"] = ["delivered"]
    rng = random.Random(1)
    genuine = [delivery(rng.choice(orders).id, number) for number in range(400)]
    forged = [delivery(rng.choice(orders).id, number, key=b"guess") for number in range(300)]
    posts = genuine + forged + rng.choices(genuine, k=300)
    rng.shuffle(posts)

    with Listener({"depot": provider._receiver()}, provider._ledger) as listener:
        threads = [
            threading.Thread(target=lambda part=posts[at::4]: [listener.receive("depot", *one) for one in part])
            for at in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert dict(listener.counts) == {"new": 400, "refused": 300, "duplicate": 300}
    assert {order.state for order in provider.orders()} == {OrderState.SUCCEEDED}
    assert all(looks(depot, order) == 1 for order in orders)  # final after the first


# --- waiting ----------------------------------------------------------------------------------------------------------


def test_p21_wait_looks_within_a_second_of_an_event():
    clock = FakeClock()
    looked = []

    class Heard:
        def is_live(self):
            return True

        def ids(self):
            return {"7"} if 1000 <= clock.monotonic() < 1000.5 else set()

    def look(order):
        looked.append(clock.monotonic())
        over = clock.monotonic() >= 1000
        return order.seen(OrderState.SUCCEEDED if over else OrderState.PENDING)

    wait_all(
        [Order(provider="example", id="7")], look=look, clock=clock, timeout=None, poll_s=10, watcher=Heard()
    )  # fmt: skip

    assert looked[-1] - 1000 < 1


def test_wait_of_another_process_is_woken_through_the_ledger(foundry, depot):
    """Two of everything, as in two processes; only the ledger is shared."""
    listening, waiting = foundry(), foundry()
    order = waiting.order(depot.items[:1])
    depot.orders[order.id]["left"] = []
    with Listener({"depot": listening._receiver()}, listening._ledger) as listener:
        from swath._ledger.mailbox import Watcher

        watcher = Watcher(waiting._ledger.mailbox, "depot")
        assert watcher.is_live()
        assert watcher.ids() == set()
        listener.receive("depot", *delivery(order.id))
        assert watcher.ids() == {order.id}
        assert watcher.ids() == set()

    assert not watcher.is_live()


# --- the application --------------------------------------------------------------------------------------------------


def ask(app, method, path, headers=None, body=b"", *, parts=1):
    """Send one request through the ASGI interface."""
    sent = []
    size = max(1, len(body) // parts)
    blocks = [body[at : at + size] for at in range(0, max(1, len(body)), size)]
    events = [
        {"type": "http.request", "body": block, "more_body": number < len(blocks) - 1}
        for number, block in enumerate(blocks)
    ]

    async def run():
        async def receive():
            return events.pop(0)

        async def send(event):
            sent.append(event)

        raw = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
        await app({"type": "http", "method": method, "path": path, "headers": raw}, receive, send)

    asyncio.run(run())
    return sent[0]["status"], json.loads(sent[1]["body"])


def test_application_answers_by_what_was_heard(provider, ordered):
    with Listener({"depot": provider._receiver()}, provider._ledger) as app:
        headers, body = delivery(ordered.id)
        assert ask(app, "POST", "/depot", headers, body, parts=3) == (202, {"heard": "new"})
        assert ask(app, "POST", "/depot/", headers, body)[0] == 200
        assert ask(app, "POST", "/depot", {}, body)[0] == 401
        assert ask(app, "POST", "/other", headers, body)[0] == 404
        assert ask(app, "GET", "/depot")[0] == 405
        assert ask(app, "POST", "/depot", headers, b"x" * (1024 * 1024 + 1), parts=4)[0] == 413
        assert ask(app, "GET", "/") == (
            200,
            {"listens_for": ["depot"], "heard": {"new": 1, "duplicate": 1, "refused": 1}},
        )


def test_p27_no_delivery_shows_the_key(provider, ordered, caplog):
    with Listener({"depot": provider._receiver()}, provider._ledger) as app, caplog.at_level("DEBUG"):
        ask(app, "POST", "/depot", {"authorization": "canary-other-secret"}, delivery(ordered.id)[1])

    assert "canary" not in caplog.text

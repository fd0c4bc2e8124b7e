# SPDX-License-Identifier: Apache-2.0
"""Many orders are made and watched at the provider's permitted rate: no faster, and with few requests."""

from __future__ import annotations

import datetime as dt
import itertools

import httpx
import pytest

from swath._open import make_provider
from swath.hookspecs import Operation, hookimpl
from swath.models import Order, OrderState, Page, ProviderInfo

START = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
STATES = {"queued": OrderState.ORDERED, "running": OrderState.SHIPPING, "success": OrderState.SUCCEEDED}


class FakeClock:
    def __init__(self):
        self.elapsed_s = 0.0

    def now(self):
        return START + dt.timedelta(seconds=self.elapsed_s)

    def monotonic(self):
        return 1000.0 + self.elapsed_s

    def sleep(self, seconds, *, wake=None):
        self.elapsed_s += seconds
        return wake is not None and wake.is_set()


class Service:
    """Takes orders and lists them; refuses what comes faster than `per_second`; an order takes `takes_s` to be done."""

    def __init__(self, clock, *, per_second=10, takes_s=60.0, page=20):
        self.clock, self.per_second, self.takes_s, self.page = clock, per_second, takes_s, page
        self.made, self.times, self.asked, self.refused = {}, [], [], 0

    def __call__(self, request):
        now_s = self.clock.elapsed_s
        # A second holds one more than the rate: its both ends may bear a request.
        if sum(now_s - time_s < 1 - 1e-9 for time_s in self.times[-self.per_second - 1 :]) >= self.per_second:
            self.refused += 1
            return httpx.Response(429)
        self.times.append(now_s)
        self.asked.append(
            request.method if request.method == "POST" else "look" if request.url.path.count("/") > 1 else "list"
        )
        if request.method == "POST":
            name = f"order-{len(self.made)}"
            self.made[name] = now_s
            return httpx.Response(200, json={"id": name, "state": "queued", "created": self._at(now_s)})
        name = request.url.path.partition("/orders/")[2]
        if name:
            return httpx.Response(200, json=self._shown(name))
        start = int(request.url.params.get("start", 0))
        names = list(reversed(self.made))[start : start + self.page]
        after = start + self.page if start + self.page < len(self.made) else None
        return httpx.Response(200, json={"orders": [self._shown(name) for name in names], "next": after})

    def _at(self, elapsed_s):
        return (START + dt.timedelta(seconds=elapsed_s)).isoformat()

    def _shown(self, name):
        age_s = self.clock.elapsed_s - self.made[name]
        state = "queued" if age_s < self.takes_s / 2 else "running" if age_s < self.takes_s else "success"
        return {"id": name, "state": state, "created": self._at(self.made[name])}


class Listing:
    def __init__(self, *, lists_states=True):
        self.lists_states = lists_states

    @hookimpl
    def describe(self):
        return ProviderInfo(
            name="listing",
            title="Listing",
            origins=["https://listing.example"],
            limits={"default": 10},
            tagged=True,
            lists_states=self.lists_states,
        )

    @hookimpl
    def search(self, context, query):
        yield Page(items=[])

    @hookimpl
    def order(self, context, request):
        return self._read(self._ask(context, "POST", operation=Operation.ONCE), tag=request.tag)

    @hookimpl
    def wait(self, context, order):
        return self._read(self._ask(context, "GET", f"/{order.id}"), tag=order.tag, request=order.request)

    @hookimpl
    def orders(self, context, since):
        start = 0
        while start is not None:
            answer = self._ask(context, "GET", params={"start": str(start)})
            yield from map(self._read, answer["orders"])
            start = answer["next"]

    @staticmethod
    def _ask(context, method, path="", **more):
        return context.http.request(method, f"https://listing.example/orders{path}", **more).json()

    @staticmethod
    def _read(payload, **known):
        return Order(
            provider="listing",
            id=payload["id"],
            state=STATES[payload["state"]],
            native_state=payload["state"],
            created=dt.datetime.fromisoformat(payload["created"]),
            **known,
        )


def item(number):
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": f"item-{number}",
        "collection": "c",
        "geometry": None,
        "properties": {"datetime": "2026-01-01T00:00:00Z", "swath:provider": "listing"},
        "links": [],
        "assets": {},
    }


@pytest.fixture
def opened(tmp_path):
    """Open the provider over its service in memory."""

    def make(service, **about):
        return make_provider(
            "listing",
            profile="default",
            given={},
            plugin=Listing(**about),
            clock=service.clock,
            transport=httpx.MockTransport(service),
            home=tmp_path,
        )

    return make


def test_p18_many_orders_leave_at_exactly_the_permitted_rate(opened):
    service = Service(FakeClock())
    provider = opened(service)

    orders = [provider.order(item(number)) for number in range(500)]

    assert len({order.id for order in orders}) == 500
    assert service.asked == ["POST"] * 500
    assert service.refused == 0
    spaces = [after - before for before, after in itertools.pairwise(service.times)]
    assert all(0.1 < space <= 0.105 for space in spaces)
    assert service.times[-1] - service.times[0] == pytest.approx(49.9, rel=0.05)


def test_many_orders_are_watched_by_the_list(opened):
    service = Service(FakeClock(), takes_s=600.0)
    provider = opened(service)
    orders = [provider.order(item(number)) for number in range(100)]
    service.asked.clear()

    done = provider.wait(orders, progress=False)

    assert {order.state for order in done.parts} == {OrderState.SUCCEEDED}
    assert service.refused == 0
    looks, lists = service.asked.count("look"), service.asked.count("list")
    # Each order changes twice; a page of the list tells of twenty.
    assert 100 <= looks <= 250
    assert lists <= 150


def test_watching_one_by_one_takes_many_more_requests_where_the_list_tells_less(opened):
    service = Service(FakeClock(), takes_s=600.0)
    provider = opened(service, lists_states=False)
    orders = [provider.order(item(number)) for number in range(100)]
    service.asked.clear()

    provider.wait(orders, progress=False)

    assert service.asked.count("list") == 0
    assert service.asked.count("look") > 800

# SPDX-License-Identifier: Apache-2.0
"""Makes and awaits many orders by a plugin whose provider permits 10 requests a second: BASE COUNT.

Prints what it took, and what the stand-in counted.
"""

import json
import sys
import time
import urllib.request
from pathlib import Path

from swath._open import make_provider
from swath.errors import RateLimited
from swath.hookspecs import Operation, hookimpl
from swath.models import Order, OrderState, Page, ProviderInfo
from swath.stac import item

base, count = sys.argv[1], int(sys.argv[2])
STATES = {"queued": OrderState.PENDING, "done": OrderState.SUCCEEDED}


class Permitted:
    """One order an item; orders and looks have limits of their own."""

    @hookimpl
    def describe(self):
        return ProviderInfo(
            name="permitted",
            title="Permitted",
            origins=[base],
            limits={"default": 10, "orders": 10, "looks": 10},
            max_items_per_order=1,
            poll_s=5.0,
        )

    @hookimpl
    def authenticate(self):
        return None

    @hookimpl
    def search(self):
        yield Page(items=[])

    @hookimpl
    def order(self, context, request):
        sent = {"id": request.items[0]["id"]}
        answer = context.http.request(
            "POST", f"{base}/orders", json=sent, operation=Operation.ONCE, bucket="orders"
        ).json()
        return Order(
            provider="permitted", id=answer["id"], tag=request.tag, request=request, state=STATES[answer["state"]]
        )

    @hookimpl
    def wait(self, context, order):
        answer = context.http.request("GET", f"{base}/orders/{order.id}", bucket="looks").json()
        return order.seen(STATES[answer["state"]])


items = [
    item(id=f"item-{at}", geometry={"type": "Point", "coordinates": [5, 52]}, datetime="2026-06-01T00:00:00Z",
         properties={}, assets={}, provider="permitted")
    for at in range(count)
]  # fmt: skip
with make_provider("permitted", profile=None, given={}, home=Path("home"), plugin=Permitted()) as provider:
    started_s = time.perf_counter()
    again = 0
    while True:
        try:
            order = provider.order(items)
            break
        except RateLimited:  # what stands is not sent again
            again += 1
            time.sleep(1)
    ordered_s = time.perf_counter()
    provider.wait(order, progress=False)
    ended_s = time.perf_counter()
with urllib.request.urlopen(f"{base}/facts", timeout=10) as answer:
    facts = json.load(answer)
if facts["orders"] != count:
    raise SystemExit(f"{facts['orders']} orders were made, not {count}")
print(json.dumps({"seconds": ordered_s - started_s, "wait_s": ended_s - ordered_s, "again": again, **facts}))

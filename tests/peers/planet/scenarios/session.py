# SPDX-License-Identifier: Apache-2.0
"""The session itself, what becomes of each status, and lists in pages that end in every way."""

from __future__ import annotations

import planet
from planet import data_filter, models
from player import KEY, ROOT, fault, play

STATUSES = (400, 401, 403, 404, 409, 418, 422, 500, 503, 504)
ORDER = "785185aa-b39f-4b4c-a2d6-5c0a8f0e1d55"
FOUND = data_filter.range_filter("cloud_cover", gte=0)


async def sessions(seen):
    """Open, use and close sessions."""
    session = planet.Session(auth=planet.Auth.from_key(KEY), read_timeout_secs=20)
    await seen.part(
        "request of an address that nobody named", status_of, session.request, "GET", f"{ROOT}/compute/ops/orders/v2"
    )
    for name in ("data", "orders", "subscriptions", "features", "mosaics", "destinations", "quota"):
        seen.note(f"client {name}", type(session.client(name)).__name__)
    await seen.fails("client of nothing", session.client, "nothing")
    await seen.part("client elsewhere", kind_of, session.client, name="data", base_url=f"{ROOT}/data/v1")
    everything = {"source_type": "all"}
    await seen.part("request", told, session.request, "GET", f"{ROOT}/compute/ops/orders/v2", params=everything)
    await seen.part(
        "request with a body", told, session.request, method="POST", url=f"{ROOT}/compute/ops/bulk/orders/v2/cancel",
        json={},
    )  # fmt: skip
    lists = seen.made(session.stream, method="GET", url=f"{ROOT}/compute/ops/orders/v2", params=everything)
    async with lists as stream:
        seen.note("stream", [stream.status_code, b"".join([block async for block in stream.aiter_bytes()]).decode()])
    await seen.fails("request of nothing", session.request, "GET", f"{ROOT}/compute/ops/nothing")
    seen.note("outcomes", type(session.outcomes).__name__)
    await seen("closed", session.aclose)
    await seen.fails("request when closed", session.request, "GET", f"{ROOT}/compute/ops/orders/v2")


def status_of(answer):
    """Give the status of an answer."""
    return answer.status_code


def told(answer):
    """Give the status of an answer, and its JSON."""
    return [answer.status_code, answer.json()]


def kind_of(value):
    """Give the name of a value's type."""
    return type(value).__name__


async def statuses(seen, orders):
    """What each status becomes."""
    for status in STATUSES:
        fault(method="GET", path=f"{ORDER}$", status=status, body={"message": f"told {status}"})
        await seen.fails(f"status {status}", orders.get_order, ORDER)
    fault(method="GET", path=f"{ORDER}$", status=404, body="no JSON at all")
    await seen.fails("status without JSON", orders.get_order, ORDER)
    fault(method="GET", path=f"{ORDER}$", status=429, body={"message": "slower"})
    await seen.fails("one 429 is waited out", orders.get_order, ORDER)
    fault(method="GET", path=f"{ORDER}$", drop="before")
    await seen.fails("one lost connection is tried again", orders.get_order, ORDER)


async def pages(seen, data):
    """Lists that end in every way."""
    quick = "/quick-search$"

    def page(ids, link=None, **more):
        return {"features": [{"id": one} for one in ids], **({"_links": {"_next": link}} if link else {}), **more}

    async def ends(label, answer, **options):
        fault(method="POST", path=quick, status=200, body=answer)
        await seen(label, data.search, ["PSScene"], FOUND, **options)

    await ends("no links", page(["a", "b"]))
    await ends("null links", page(["a"], _links={"_next": None}))
    await ends("empty", page([]))
    await ends("empty with a link", page([], f"{ROOT}/data/v1/never"))
    await ends("limit at the end of a page", page(["a", "b"], f"{ROOT}/data/v1/never"), limit=2)
    await ends("limit within a page", page(["a", "b"], f"{ROOT}/data/v1/never"), limit=1)
    following = f"{ROOT}/data/v1/searches/next/results"
    fault(method="GET", path="/searches/next/results$", status=200, body=page(["c"]))
    await ends("a second page", page(["a", "b"], following), limit=0)
    fault(method="GET", path="/searches/next/results$", status=200, body=page(["c"]))
    await ends("a second page without a limit", page(["a", "b"], following), limit=None)
    fault(method="POST", path=quick, status=200, body=page(["a"], following))
    fault(method="GET", path="/searches/next/results$", status=200, body=page(["b"], following), times=3)
    await seen.fails("a page that names itself", data.search, ["PSScene"], FOUND, limit=0)


async def scenario(seen):
    """Run all of it."""
    await sessions(seen)
    async with planet.Session(planet.Auth.from_key(KEY)) as session:
        await statuses(seen, session.client("orders", f"{ROOT}/compute/ops"))
        await pages(seen, session.client("data", f"{ROOT}/data/v1"))
    async with planet.Session(auth=planet.Auth.from_key("wrong")) as session:
        orders = session.client("orders", f"{ROOT}/compute/ops")
        await seen.fails("wrong key", orders.list_orders)
    async with planet.Session(auth=planet.Auth.from_key("sandbox-planet-viewer")) as session:
        data = session.client("data", f"{ROOT}/data/v1")
        shown = data_filter.asset_filter(["ortho_visual"])
        items = [item async for item in data.search(["PSScene"], shown, limit=1)]
        asset = await data.get_asset("PSScene", items[0]["id"], "ortho_visual")
        await seen.fails("activation without the right", data.activate_asset, asset)
    feature = {"type": "Feature", "geometry": None, "properties": {}}
    await seen("collected features", planet.collect, of(feature, feature))
    await seen("collected objects", planet.collect, of({"id": 1}, {"id": 2}))
    await seen("collected half a feature", planet.collect, of({"type": "Feature", "geometry": None}))
    await seen("collected nothing", planet.collect, of())
    seen.note("feature", models.Feature(properties={"pl:ref": "pl:features/my/a/b"}).ref)


async def of(*values):
    """Give values one by one."""
    for value in values:
        yield value


if __name__ == "__main__":
    play(scenario, planet.exceptions)

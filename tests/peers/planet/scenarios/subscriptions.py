# SPDX-License-Identifier: Apache-2.0
"""Every method of the async Subscriptions client."""

from __future__ import annotations

import datetime as dt

import planet
from planet import subscription_request
from player import KEY, ROOT, advance, play

AOI = {"type": "Polygon", "coordinates": [[[5.4, 52.3], [5.5, 52.3], [5.5, 52.38], [5.4, 52.38], [5.4, 52.3]]]}
SINCE, UNTIL = dt.datetime(2026, 3, 1, tzinfo=dt.UTC), dt.datetime(2026, 3, 20, tzinfo=dt.UTC)
UNKNOWN = "785185aa-b39f-4b4c-a2d6-5c0a8f0e1d55"


def requested(name, **more):
    """Make a request."""
    source = subscription_request.catalog_source(
        ["PSScene"], ["ortho_analytic_4b", "ortho_udm2"], AOI, SINCE, end_time=UNTIL
    )
    bucket = subscription_request.amazon_s3("AK", "SK", "bucket", "eu-west-1")
    return subscription_request.build_request(name, source, delivery=bucket, **more)


async def lives(seen, subscriptions):
    """Create, read, change, hold, go on, and cancel."""
    one = await seen("created", subscriptions.create_subscription, requested("fields"))
    await seen("read", subscriptions.get_subscription, one["id"])
    await seen("summary of one", subscriptions.get_subscription_summary, one["id"])
    await seen("changed", subscriptions.update_subscription, one["id"], requested("other fields"))
    await seen("patched", subscriptions.patch_subscription, subscription_id=one["id"], request={"name": "patched"})
    await seen("suspended", subscriptions.suspend_subscription, one["id"], details="too wet")
    await seen("read when suspended", subscriptions.get_subscription, one["id"])
    await seen("reactivated", subscriptions.reactivate_subscription, one["id"])
    await seen("suspended without a word", subscriptions.suspend_subscription, one["id"])
    await seen("reactivated again", subscriptions.reactivate_subscription, one["id"])
    advance(3600)
    await seen("read after an hour", subscriptions.get_subscription, one["id"])
    await results(seen, subscriptions, one["id"])
    two = await seen("created to cancel", subscriptions.create_subscription, requested("to cancel"))
    await seen("cancelled", subscriptions.cancel_subscription, two["id"])
    await seen("read when cancelled", subscriptions.get_subscription, two["id"])
    return one["id"], two["id"]


async def results(seen, subscriptions, number):
    """What came of a subscription."""
    await seen("results", subscriptions.get_results, number)
    await seen("two results", subscriptions.get_results, number, limit=2)
    await seen("results by status", subscriptions.get_results, number, status=["success", "failed"], limit=3)
    await seen("results queued", subscriptions.get_results, subscription_id=number, status=["queued"])
    await seen(
        "results by time", subscriptions.get_results, number, limit=0, created="2000-01-01T00:00:00Z/..",
        updated="2000-01-01T00:00:00Z/..", completed="2000-01-01T00:00:00Z/..",
        item_datetime="2026-03-05T00:00:00Z/2026-03-10T00:00:00Z",
    )  # fmt: skip
    await seen("table", subscriptions.get_results_csv, number)
    await seen(
        "part of the table", subscriptions.get_results_csv, subscription_id=number, status=["success"],
        created="2000-01-01T00:00:00Z/..", updated="2000-01-01T00:00:00Z/..", completed="2000-01-01T00:00:00Z/..",
        item_datetime="2026-03-05T00:00:00Z/2026-03-10T00:00:00Z",
    )  # fmt: skip
    await seen("summary after an hour", subscriptions.get_subscription_summary, subscription_id=number)


async def lists(seen, subscriptions):
    """List by every condition."""

    async def listed(label, **conditions):
        await seen.ids(f"list {label}", subscriptions.list_subscriptions, **conditions)

    await listed("by default")
    await listed("all", limit=0, page_size=1)
    await listed("one", limit=1)
    await listed("by status", status=["cancelled", "running", "completed"])
    await listed("by name", name="patched")
    await listed("by part of the name", name__contains="cancel")
    await listed("by making", created="2000-01-01T00:00:00Z/..")
    await listed("by change", updated="../2000-01-01T00:00:00Z")
    await listed("by start", start_time="2026-01-01T00:00:00Z/2026-04-01T00:00:00Z")
    await listed("by end", end_time="2026-04-01T00:00:00Z/..")
    await listed("hosted", hosting=True)
    await listed("by source", source_type="catalog")
    await listed("by other source", source_type="soil_water_content")
    await listed("by destination", destination_ref="pl:destinations/none")
    await listed("by area", geom_ref="pl:features/my/no/thing")
    await listed("of all users", user_id="all")
    await listed("sorted", sort_by="name DESC,created ASC")
    await seen("summary", subscriptions.get_summary)
    await seen.fails("list by bad sort", subscriptions.list_subscriptions, sort_by="size")


async def many(seen, subscriptions, one, two):
    """Several at once."""
    await seen("several created", subscriptions.bulk_create_subscriptions, [requested("first"), requested("second")])
    await seen.ids("several listed", subscriptions.list_subscriptions, name__contains="s")
    await seen("several suspended", subscriptions.bulk_suspend_subscriptions, [one], details="all too wet")
    await seen("several reactivated", subscriptions.bulk_reactivate_subscriptions, [one])
    await seen("all suspended", subscriptions.bulk_suspend_subscriptions, all_subscriptions=True)
    await seen("summary when suspended", subscriptions.get_summary)
    await seen("all reactivated", subscriptions.bulk_reactivate_subscriptions, all_subscriptions=True)
    await seen.fails(
        "some and all suspended", subscriptions.bulk_suspend_subscriptions, subscription_ids=[one],
        all_subscriptions=True,
    )  # fmt: skip
    await seen.fails(
        "some and all reactivated", subscriptions.bulk_reactivate_subscriptions, subscription_ids=[one],
        all_subscriptions=True,
    )  # fmt: skip


async def refusals(seen, subscriptions, cancelled):
    """What is refused."""
    await seen.fails("nothing created", subscriptions.create_subscription, {"name": "x"})
    await seen.fails("nothing created in bulk", subscriptions.bulk_create_subscriptions, [{"name": "x"}])
    for name in ("get_subscription", "cancel_subscription", "suspend_subscription", "reactivate_subscription",
                 "get_subscription_summary", "get_results", "get_results_csv"):  # fmt: skip
        await seen.fails(f"{name} of an unknown one", getattr(subscriptions, name), UNKNOWN)
        await seen.fails(f"{name} without a UUID", getattr(subscriptions, name), "no-uuid")
    await seen.fails("update of an unknown one", subscriptions.update_subscription, UNKNOWN, requested("x"))
    await seen.fails("patch of an unknown one", subscriptions.patch_subscription, UNKNOWN, {"name": "x"})
    await seen.fails("cancelled twice", subscriptions.cancel_subscription, cancelled)


async def scenario(seen):
    """Run all of it."""
    async with planet.Session(auth=planet.Auth.from_key(KEY)) as session:
        subscriptions = planet.SubscriptionsClient(session, base_url=f"{ROOT}/subscriptions/v1/")
        one, two = await lives(seen, subscriptions)
        await lists(seen, subscriptions)
        await many(seen, subscriptions, one, two)
        await refusals(seen, subscriptions, two)


if __name__ == "__main__":
    play(scenario, planet.exceptions)

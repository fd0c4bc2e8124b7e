# SPDX-License-Identifier: Apache-2.0
"""Every method of the async Quota client."""

from __future__ import annotations

import planet
from player import KEY, ROOT, play

AOI = {"type": "Polygon", "coordinates": [[[5.4, 52.3], [5.5, 52.3], [5.5, 52.38], [5.4, 52.38], [5.4, 52.3]]]}


async def scenario(seen):
    """Run all of it."""
    async with planet.Session(auth=planet.Auth.from_key(KEY)) as session:
        features = planet.FeaturesClient(session, base_url=f"{ROOT}/features/v1/ogc/my")
        farms = await features.create_collection("Farms")
        refs = [(await features.add_items(farms, AOI))[0] for _ in range(3)]
        quota = planet.QuotaClient(session, base_url=f"{ROOT}/account/v1")
        await seen("products", quota.list_products)
        await seen("products to reserve", quota.list_products, supports_reservation=True, page_size=1)
        products = await seen("one product", quota.list_products, limit=1)
        number = products[0]["id"]
        await seen("reservations at first", quota.list_reservations)
        await seen("estimate", quota.estimate_reservation, refs, number)
        await seen("estimate of a collection", quota.estimate_reservation, aoi_refs=refs[:1], product_id=number,
                   collection_id=farms)  # fmt: skip
        await seen("reserved", quota.create_reservation, refs[:1], number)
        await seen("reserved in a collection", quota.create_reservation, aoi_refs=refs[1:2], product_id=number,
                   collection_id=farms)  # fmt: skip
        listed = await seen("reservations", quota.list_reservations, limit=0)
        await seen("reservations by pages", quota.list_reservations, page_size=1)
        await seen("reservations, newest first", quota.list_reservations, sort="-created", limit=1)
        await seen("reservations, some fields", quota.list_reservations, fields="id,aoi_ref")
        await seen("reservations, some", quota.list_reservations, filters={"aoi_ref__eq": refs[0]})
        await seen("reservation", quota.get_reservation, listed[0]["id"])
        job = await seen("reserved in bulk", quota.bulk_create_reservations, refs, number)
        await seen("more in bulk", quota.bulk_create_reservations, aoi_refs=refs[2:], product_id=number,
                   collection_id=farms)  # fmt: skip
        await seen("job", quota.get_job, job["job_id"])
        await seen("jobs", quota.list_jobs)
        await seen("jobs by pages", quota.list_jobs, limit=2, page_size=1, sort="-created")
        await seen("jobs, some", quota.list_jobs, fields="id,status", filters={"status__ne": "failed"})
        await seen.fails("unknown reservation", quota.get_reservation, 999999)
        await seen.fails("unknown job", quota.get_job, "785185aa-b39f-4b4c-a2d6-5c0a8f0e1d55")
        await seen.fails("unknown product", quota.create_reservation, refs[:1], 999999)
        await seen.fails("unknown area", quota.create_reservation, ["pl:features/my/no/thing"], number)
        await seen.fails("no area", quota.estimate_reservation, [], number)


if __name__ == "__main__":
    play(scenario, planet.exceptions)

# SPDX-License-Identifier: Apache-2.0
"""Every method of the async Destinations client."""

from __future__ import annotations

import planet
from player import KEY, ROOT, play

KINDS = {
    "amazon_s3": {
        "bucket": "b", "aws_region": "eu-west-1", "aws_access_key_id": "AK", "aws_secret_access_key": "SK",
        "explicit_sse": True,
    },
    "s3_compatible": {
        "bucket": "b", "endpoint": "https://s3.example.org", "region": "r", "access_key_id": "AK",
        "secret_access_key": "SK", "use_path_style": True,
    },
    "azure_blob_storage": {"account": "a", "container": "c", "sas_token": "st"},
    "google_cloud_storage": {"bucket": "b", "credentials": "e30="},
    "oracle_cloud_storage": {
        "bucket": "b", "namespace": "n", "region": "r", "customer_access_key_id": "AK", "customer_secret_key": "SK",
    },
}  # fmt: skip


async def scenario(seen):
    """Run all of it."""
    async with planet.Session(auth=planet.Auth.from_key(KEY)) as session:
        destinations = planet.DestinationsClient(session, base_url=f"{ROOT}/destinations/v1")
        await seen("destinations at first", destinations.list_destinations)
        await seen.fails("no default yet", destinations.get_default_destination)
        made = {}
        for kind, parameters in KINDS.items():
            request = {"name": f"my {kind}", "type": kind, "parameters": parameters}
            one = await seen(f"created {kind}", destinations.create_destination, request)
            made[kind] = one["id"]
        first, second = made["amazon_s3"], made["google_cloud_storage"]
        await seen("destination", destinations.get_destination, first)
        await seen("renamed", destinations.patch_destination, first, {"name": "other"})
        secret = {"parameters": {"aws_access_key_id": "AK2", "aws_secret_access_key": "SK2"}}
        await seen("new secrets", destinations.patch_destination, destination_id=first, request=secret)
        await seen("default set", destinations.set_default_destination, first)
        await seen("default", destinations.get_default_destination)
        await seen("default listed", destinations.list_destinations, is_default=True)
        await seen("archived", destinations.patch_destination, second, {"archive": True})
        await seen("archived ones", destinations.list_destinations, archived=True)
        await seen("others", destinations.list_destinations, archived=False, is_owner=True, can_write=True)
        await seen("back", destinations.patch_destination, second, {"archive": False})
        await seen("destinations", destinations.list_destinations)
        await seen("default unset", destinations.unset_default_destination)
        await seen.fails("no default any more", destinations.get_default_destination)
        await seen.fails("unknown destination", destinations.get_destination, "nothing-here")
        await seen.fails("unknown destination renamed", destinations.patch_destination, "nothing-here", {"name": "x"})
        await seen.fails("unknown default", destinations.set_default_destination, "nothing-here")
        await seen.fails("unknown kind", destinations.create_destination, {"name": "x", "type": "ftp"})


if __name__ == "__main__":
    play(scenario, planet.exceptions)

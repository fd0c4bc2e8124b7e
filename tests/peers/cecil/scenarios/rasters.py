# SPDX-License-Identifier: Apache-2.0
"""Rasters from GeoTIFFs."""

from __future__ import annotations

from cecil import Client, errors
from player import (
    FORESTS,
    HANSEN,
    LAND_COVER,
    advance,
    asked,
    deliver,
    named,
    play,
    sandbox,
    settings,
    subscribed,
    turn,
)  # fmt: skip


def incomplete(seen, client):
    """What is not all there: warned of, or refused."""
    one = subscribed(client, LAND_COVER)
    _, texts = seen.warns("nothing yet", client.load_xarray, one.id)
    seen.note("says which and why", [one.id in texts[0], "pending" in texts[0]])
    deliver(one, 2)
    seen.warns("half of it", client.load_xarray, one.id)
    turn(one, "partial", "Two years lie under cloud.")
    _, texts = seen.warns("as much as there will be", client.load_xarray, one.id)
    seen.note("says what is missing", ["partial" in texts[0], "Two years lie under cloud" in texts[0]])
    turn(one, "completed")
    seen.warns("all of it", client.load_xarray, one.id)
    deliver(one)
    seen.warns("one more year", client.load_xarray, one.id)
    sandbox("DELETE", "/_sandbox/log")
    turn(one, "failed", "Nothing was found.")
    seen.fails("failed", client.load_xarray, one.id)
    seen.note("no files were asked for", asked("/files/"))
    turn(one, "failed")
    seen.fails("failed without a word", client.load_xarray, one.id)


def scenario(seen):
    """Run all of it."""
    client = Client()
    incomplete(seen, client)
    settings(steps=2)
    for name, dataset in (
        ("forests", FORESTS),
        ("static", HANSEN),
        ("without no data", named(client, "Sandbox Relief")),
        ("floats", named(client, "Sandbox Soil Moisture")),
    ):
        one = subscribed(client, dataset)
        advance(86_400)
        seen.warns(name, client.load_xarray, one.id)
        seen(f"{name}, as stored", client.load_xarray, one.id, mask_and_scale=False)
    sandbox("POST", f"/_cecil/datasets/{HANSEN}/publication", {"publication": "1.13"})
    static = subscribed_static(client)
    found = client.load_xarray(static)
    seen.note("publications", [found.attrs["dataset_publication"], found.attrs["dataset_current_publication"]])
    sandbox("PUT", f"/_cecil/subscriptions/{static}/objects/2020/01/01/00/00/00/notes.txt", b"not in the mapping")
    seen("with what is in no mapping", client.load_xarray, static)
    seen.fails("of a dataset's id", client.load_xarray, HANSEN)
    settings(tells_status=False)
    found, _ = seen.warns("from a server that tells no status", client.load_xarray, static)
    seen.note("and no publications", "dataset_publication" in found.attrs)


def subscribed_static(client):
    """Give the id of the subscription to the dataset without time."""
    return next(one.id for one in client.list_subscriptions() if one.dataset_id == HANSEN)


if __name__ == "__main__":
    play(scenario, errors)

# SPDX-License-Identifier: Apache-2.0
"""Rasters from Zarr stores, cut to the area."""

from __future__ import annotations

from cecil import Client, errors
from player import advance, named, play, square, subscribed


def scenario(seen):
    """Run all of it."""
    client = Client()
    triangle = {
        "type": "Polygon",
        "coordinates": [[[132.52, -12.72], [132.61, -12.72], [132.52, -12.63], [132.52, -12.72]]],
    }
    for name, geometry in (("square", square(132.5025, -12.6975, 0.05)), ("triangle", triangle)):
        one = subscribed(client, named(client, "Sandbox Biodiversity Intactness"), geometry)
        advance(86_400)
        seen.warns(name, client.load_xarray, one.id)
    one = subscribed(client, named(client, "Sandbox Landscape Integrity"), triangle)
    advance(86_400)
    seen.warns("projected", client.load_xarray, one.id)
    seen("projected, as stored", client.load_xarray, one.id, mask_and_scale=False)


if __name__ == "__main__":
    play(scenario, errors)

# SPDX-License-Identifier: Apache-2.0
"""Rasters from Zarr stores, cut to the area."""

from __future__ import annotations

from cecil import Client, errors
from player import advance, named, play, square, subscribed


def scenario(seen):
    """Run all of it."""
    client = Client()
    ring = [[132.521, -12.719], [132.609, -12.719], [132.521, -12.631], [132.521, -12.719]]
    triangle = {"type": "Polygon", "coordinates": [ring]}
    half = square(132.5025, -12.6975, 0.05)
    for name, geometry in (("square", square(132.501, -12.699, 0.048)), ("triangle", triangle), ("half a pixel", half)):
        one = subscribed(client, named(client, "Sandbox Biodiversity Intactness"), geometry)
        advance(86_400)
        seen.warns(name, client.load_xarray, one.id)
    one = subscribed(client, named(client, "Sandbox Landscape Integrity"), triangle)
    advance(86_400)
    seen.warns("projected", client.load_xarray, one.id)
    seen("projected, as stored", client.load_xarray, one.id, mask_and_scale=False)


if __name__ == "__main__":
    play(scenario, errors)

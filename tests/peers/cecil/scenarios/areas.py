# SPDX-License-Identifier: Apache-2.0
"""Areas of interest, and the datasets that are to be had for them."""

from __future__ import annotations

from cecil import Client, errors
from player import FORESTS, UNKNOWN, play, square

SAMPLE = [
    [132.52934211276073, -12.721072673008706],
    [132.52934211276073, -12.730063400794094],
    [132.54027735328083, -12.730063400794094],
    [132.54027735328083, -12.721072673008706],
    [132.52934211276073, -12.721072673008706],
]


def scenario(seen):
    """Run all of it."""
    client = Client()
    first = seen("made", client.create_aoi, {"type": "Polygon", "coordinates": [SAMPLE]})
    seen.note("as documented", abs(first.hectares - 118.12168458669) < 1e-9)
    seen("made again", client.create_aoi, {"type": "Polygon", "coordinates": [SAMPLE]})
    seen("made with a reference", client.create_aoi, {"type": "Polygon", "coordinates": [SAMPLE]}, external_ref="mine")
    islands = [square(5, 50)["coordinates"], square(5.1, 50)["coordinates"]]
    seen("made of parts", client.create_aoi, {"type": "MultiPolygon", "coordinates": islands}, "parts")
    seen("got", client.get_aoi, first.id)
    seen.part("listed", without_geometries, client.list_aois)
    seen.part("listed by default", without_geometries, client.list_aois, archived=False)
    seen("archived", client.archive_aoi, first.id)
    seen.part("listed without it", len, client.list_aois)
    seen.part("listed of the archive", without_geometries, client.list_aois, archived=True)
    seen("got from the archive", client.get_aoi, first.id)
    seen.fails("subscribed for the archived", client.create_subscription, first.id, FORESTS)
    seen("restored", client.restore_aoi, first.id)
    seen.fails("restored again", client.restore_aoi, first.id)
    seen.fails("of no kind", client.create_aoi, {"type": "Point", "coordinates": [5, 50]})
    seen.fails("unknown", client.get_aoi, UNKNOWN)
    seen.fails("no id", client.get_aoi, "nonsense")
    records = seen("datasets", client.list_datasets)
    for one in records:
        seen(f"dataset {one.name}", client.get_dataset, one.id)
    forests = client.get_dataset(FORESTS)
    seen.note("variables", [[one.name, one.type, one.no_data, one.scale, one.offset] for one in forests.variables])
    seen.note("constraints", forests.constraints)
    seen.note("prices", [tier.price.amount for tier in forests.pricing.tiers])
    seen.note("classes", [one.variables[0].reference_table for one in records if "Land Cover" in one.name])
    seen.fails("unknown dataset", client.get_dataset, UNKNOWN)


def without_geometries(records):
    """Give what lists tell of areas."""
    return [[one.id, one.external_ref, one.hectares, one.geometry, one.location_count] for one in records]


if __name__ == "__main__":
    play(scenario, errors)

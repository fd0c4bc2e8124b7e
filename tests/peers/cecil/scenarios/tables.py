# SPDX-License-Identifier: Apache-2.0
"""Tables, from signed links and from hosted GeoParquet."""

from __future__ import annotations

from cecil import Client, errors
from player import SPECIES, advance, asked, deliver, fault, named, play, sandbox, subscribed, turn


def scenario(seen):
    """Run all of it."""
    client = Client()
    species = subscribed(client, SPECIES)
    seen.warns("nothing yet", client.load_dataframe, species.id)
    deliver(species)
    _, texts = seen.warns("half of it", client.load_dataframe, species.id)
    seen.note("says which", species.id in texts[0])
    sites = subscribed(client, named(client, "Sandbox Protected Areas"))
    parcels = subscribed(client, named(client, "Sandbox Parcels"))
    advance(86_400)
    seen.warns("species", client.load_dataframe, species.id)
    seen.fails("columns of species", client.load_dataframe, species.id, columns=["taxon_id"])
    seen.warns("sites", client.load_dataframe, sites.id)
    fault(path="part-1.parquet", status=503, times=2)
    seen("sites in spite of trouble", client.load_dataframe, sites.id)
    hosted, _ = seen.warns("parcels", client.load_dataframe, parcels.id)
    seen.note("reference system", hosted.crs)
    chosen = seen("uses of parcels", client.load_dataframe, parcels.id, columns=["use", "share"])
    seen.note("columns", list(chosen.columns))
    sandbox("DELETE", "/_sandbox/log")
    turn(parcels, "failed", "Nothing was found.")
    seen.fails("failed", client.load_dataframe, parcels.id)
    seen.note("no files were asked for", asked("/files/"))
    seen.fails("of a dataset's id", client.load_dataframe, SPECIES)


if __name__ == "__main__":
    play(scenario, errors)

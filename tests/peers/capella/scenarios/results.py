# SPDX-License-Identifier: Apache-2.0
"""What a search gives: a sequence that can be grouped, merged and thinned."""

from __future__ import annotations

import copy

from capella_console_client import CapellaConsoleClient, exceptions
from player import KEY, ROOT, ids_of, play

FLEVOLAND = [5.2, 52.3, 5.8, 52.6]
FIELDS = (
    "id", "collection", "product_type", "polarizations", "instruments", "orbital_plane", "epsg", "rgt_id", "platform",
    "sar:product_type", "misspelt",
)  # fmt: skip


def sequence(seen, client, found):
    """As a sequence."""
    seen.note("length", len(found))
    seen.note("first", found[0]["id"])
    seen.note("last", found[-1]["id"])
    seen.note("slice", [one["id"] for one in found[2:5]])
    seen.note("iterated", [one["id"] for one in found])
    seen.note("true", [bool(found), bool(client.search(bbox=[0.0, 0.0, 0.1, 0.1]))])
    seen.note("ids", found.stac_ids)
    seen.note("collect ids", found.collect_ids)
    seen.note("asked for", found.request_body["query"])
    seen.note("contains", found[3] in found)
    collection = seen.made(found.to_feature_collection)
    seen.note("collection", {**collection, "features": [one["id"] for one in collection["features"]]})
    seen.note("whole", collection["features"][:2])
    seen("summary", found.log_summary)
    seen("summary with what was asked", found.log_summary, with_request_body=True)


def groups(seen, client, found):
    """Grouped."""
    for field in FIELDS:
        grouped = seen(f"grouped by {field}", found.groupby, field)
        seen.note(f"kinds of {field}", sorted({type(one).__name__ for one in grouped.values()}))
        seen.note(f"counts of {field}", grouped.value_counts())
    seen("grouped nothing", client.search(bbox=[0.0, 0.0, 0.1, 0.1]).groupby, "id")
    seen.note("asked for by a group", next(iter(found.groupby("platform").values())).request_body)
    seen("grouped twice", next(iter(found.groupby("product_type").values())).groupby, "platform")


def changes(seen, client, found):
    """Merged, added to, and thinned."""
    other = client.search(bbox=FLEVOLAND, limit=10, product_type=["SLC", "GEC"])
    merged = seen("merged", found.merge, other)
    seen("merged with itself", found.merge, found)
    seen("merged with itself, twice all", found.merge, found, keep_duplicates=True)
    seen.note("operands", [len(found), len(other), len(merged)])
    seen.note("asked for by the merged", merged.request_body == found.request_body)
    page = {"type": "FeatureCollection", "features": copy.deepcopy(other[:2]), "numberMatched": 2, "links": []}
    fresh = client.search(bbox=FLEVOLAND, limit=3, product_type="GEO")
    seen("added a page", fresh.add, page)
    seen("added it again", fresh.add, copy.deepcopy(page))
    seen("added it again though it is there", fresh.add, copy.deepcopy(page), keep_duplicates=True)
    seen("added an item", fresh.add_feature, copy.deepcopy(other[3]))
    seen("after adding", fresh.to_feature_collection) if False else seen.note("after adding", ids_of(fresh))
    seen("dropped", fresh.drop, [fresh[0]["id"], "nothing"])
    seen.note("after dropping", ids_of(fresh))
    seen("dropped all", fresh.drop, list(fresh.stac_ids))
    seen.note("after dropping all", [len(fresh), bool(fresh)])


def scenario(seen):
    """Run all of it."""
    client = CapellaConsoleClient(api_key=KEY, base_url=ROOT)
    found = client.search(bbox=FLEVOLAND, limit=30, datetime__gte="2025-06-01T00:00:00Z")
    sequence(seen, client, found)
    groups(seen, client, found)
    changes(seen, client, found)


if __name__ == "__main__":
    play(scenario, exceptions)

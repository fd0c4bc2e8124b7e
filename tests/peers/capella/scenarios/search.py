# SPDX-License-Identifier: Apache-2.0
"""Where, whose, in which order, how many, and page after page."""

from __future__ import annotations

from capella_console_client import CapellaConsoleClient, exceptions
from player import KEY, POOR_KEY, ROOT, fault, healed, ids_of, play, settings

SQUARE = [-71.8, -33.2, -71.4, -32.9]
RING = [[5.2, 52.3], [5.8, 52.3], [5.8, 52.6], [5.2, 52.6], [5.2, 52.3]]
DATELINE = [179.9, -17.0, -179.9, -16.6]


def places(seen, client):
    """By where it is."""
    seen("box", client.search, bbox=SQUARE, limit=8)
    seen("box with corners the other way round", client.search, bbox=[-71.8, -32.9, -71.4, -33.2], limit=8)
    seen("box from east to west", client.search, bbox=[-71.4, -33.2, -71.8, -32.9], limit=8)
    seen("box over the date line", client.search, bbox=DATELINE, limit=8)
    seen("box of nothing", client.search, bbox=[0.0, 0.0, 0.1, 0.1])
    seen("polygon", client.search, intersects={"type": "Polygon", "coordinates": [RING]}, limit=8)
    seen("point", client.search, intersects={"type": "Point", "coordinates": [103.84, 1.25]}, limit=8)
    seen.fails("no box", client.search, bbox=[1, 2])
    seen.fails("no geometry", client.search, intersects={"type": "Circle"})


def sets(seen, client):
    """By what it belongs to."""
    seen("collection", client.search, collections=["capella-slc"], limit=5)
    seen("collections", client.search, collections=["capella-slc", "capella-sicd"], limit=5)
    seen("unknown collection", client.search, collections=["capella-none"])
    some = [one["id"] for one in client.search(limit=4, product_type="GEO")]
    seen("ids", client.search, ids=some)
    seen(
        "ids of which one is unknown", client.search, ids=[*some, "CAPELLA_C02_SP_GEO_HH_20200101000000_20200101000010"]
    )
    for owner in (
        "ownedByOrganization",
        "publiclyAvailable",
        "sharedWithOrganization",
        "availableForPurchase",
        "bogus",
    ):
        seen(f"ownership {owner}", client.search, ownership=owner, limit=3)
    seen("old name", client.catalog_search, collections=["capella-gec"], limit=3)
    seen("several conditions", client.search, bbox=SQUARE, collections=["capella-geo"], product_type="GEO", look_angle__lt=35,
         datetime__gte="2025-01-01T00:00:00Z", datetime__lt="2026-01-01T00:00:00Z", polarizations="HH", limit=20)  # fmt: skip
    seen("no such field", client.search, bbox=SQUARE, cloud_cover=3, limit=3)
    seen("no such operator", client.search, bbox=SQUARE, look_angle__near=30, limit=3)
    seen("operator on a root field", client.search, collections__eq=["capella-slc"], limit=3)
    seen("nothing asked", client.search, limit=2)
    seen("enum values", client.search, bbox=SQUARE, limit=3, orbit_state="ascending", observation_direction="right")


def orders(seen, client):
    """Sorted."""

    def sorted_by(label, sortby, *names):
        def keys(result):
            return [[one["id"], *(one["properties"].get(name) for name in names)] for one in result]

        seen.part(f"sorted {label}", keys, client.search, sortby=sortby, bbox=SQUARE, limit=12)

    sorted_by("by id", "id")
    sorted_by("by id, down", "-id")
    sorted_by("by id, up", "+id")
    sorted_by("by time, down", "-datetime", "datetime")
    sorted_by("by two", ["-platform", "+id"], "platform")
    sorted_by("by collection", ["collection", "-datetime"], "datetime")
    sorted_by("with one that is unknown", ["-datetime", "+id", "bogus"], "datetime")
    sorted_by("by the unknown", "bogus")
    sorted_by("by a friendly name", "-incidence_angle", "view:incidence_angle")
    sorted_by("by made", ["created", "id"], "created")


def pages(seen, client):
    """Few and many."""
    one = seen("one", client.search, limit=1)
    seen.note("one is", len(one))
    seen("by default", client.search)
    seen("over pages", client.search, limit=1000)
    seen("over pages at once", client.search, limit=2000, threaded=True)
    seen("all of few", client.search, bbox=SQUARE, product_type="GEO", limit=5000)
    seen("all of few at once", client.search, bbox=SQUARE, product_type="GEO", limit=5000, threaded=True)
    seen("nothing at once", client.search, bbox=[0.0, 0.0, 0.1, 0.1], threaded=True)
    settings(foreign_next_links=False)
    seen("pages of the same host", client.search, limit=1000, sortby="id")
    settings(foreign_next_links=True, repeat_across_pages=True)
    seen("pages that repeat one", client.search, limit=1850, sortby="id")
    settings(repeat_across_pages=False)
    fault(path="catalog/search", merge={"links": [{"rel": "next", "href": "/somewhere?page=2"}]}, times=1)
    seen("next link without a host", client.search, limit=1000, sortby="id")
    healed()
    thousands = seen("all", client.search, limit=20_000, sortby="id")
    seen.note("all of them", [len(thousands), ids_of(thousands) == sorted(ids_of(thousands))])
    seen("all at once", client.search, limit=20_000, threaded=True, sortby="id")
    ids = ids_of(thousands)[:1200]
    seen("of many ids", client.search, ids=ids, limit=1200)


def scenario(seen):
    """Run all of it."""
    client = CapellaConsoleClient(api_key=KEY, base_url=ROOT)
    places(seen, client)
    sets(seen, client)
    orders(seen, client)
    pages(seen, client)
    poor = CapellaConsoleClient(api_key=POOR_KEY, base_url=ROOT)
    seen("of another organisation", poor.search, limit=3)


if __name__ == "__main__":
    play(scenario, exceptions)

# SPDX-License-Identifier: Apache-2.0
"""Filters 10,000 items that are in memory as JSON: WHO, ``swath`` or ``plain``."""

import json
import sys


def make(number):
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": f"item-{number}",
        "collection": "c",
        "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]},
        "bbox": [0, 0, 1, 1],
        "properties": {"datetime": "2026-01-01T00:00:00Z", "eo:cloud_cover": number % 100},
        "links": [],
        "assets": {"data": {"href": "https://x.test/a.tif", "type": "image/tiff", "roles": ["data"]}},
    }


bodies = [json.dumps([make(page * 250 + at) for at in range(250)]).encode() for page in range(40)]
if sys.argv[1] == "plain":
    found = sum(one["properties"]["eo:cloud_cover"] < 50 for body in bodies for one in json.loads(body))
else:
    from swath._results import ItemSearch
    from swath.models import Page, Query

    def pages(_):
        for body in bodies:
            yield Page(items=json.loads(body))

    query = Query(filter={"op": "<", "args": [{"property": "eo:cloud_cover"}, 50]})
    search = ItemSearch(provider="x", query=query, pages=pages, count=lambda _: None)
    found = sum(1 for _ in search.items_as_dicts())
if found != 5000:
    raise SystemExit(f"{found} items passed, not 5000")

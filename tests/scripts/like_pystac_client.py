"""A script as written for pystac-client: only the line that opens the client differs.

Run: python like_pystac_client.py PROVIDER
"""

import json
import sys

import swath

# client = pystac_client.Client.open("https://example.org/stac")
client = swath.open(sys.argv[1])

collection = next(iter(client.get_collections()))
search = client.search(
    collections=[collection.id],
    bbox=[5.4, 52.42, 5.6, 52.55],
    datetime=["2026-06-01", "2026-06-15"],
    max_items=5,
    limit=2,
)
items = list(search.items())
found = search.item_collection()
dicts = list(search.items_as_dicts())
pages = list(search.pages())

print(
    json.dumps(
        {
            "collection": client.get_collection(collection.id).id,
            "items": [item.id for item in items],
            "item_collection": [item.id for item in found],
            "dicts": [item["id"] for item in dicts],
            "pages": [item.id for page in pages for item in page],
            "matched": search.matched(),
            "types": sorted({type(item).__name__ for item in items}),
        }
    )
)

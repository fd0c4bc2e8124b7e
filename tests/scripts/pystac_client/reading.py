"""Take the results: one by one, by page, all at once, as objects and as dicts."""

import json

import pystac
from pystac_client import Client

client = Client.open("https://example.org/stac")

search = client.search(
    bbox=[5.4, 52.42, 5.6, 52.55], datetime="2026-06-01/2026-06-15", sortby="-datetime", max_items=7, limit=3
)
print(f"{search.matched()} items match")

items = list(search.items())
dicts = list(search.items_as_dicts())
pages = list(search.pages())
plain = list(search.pages_as_dicts())
whole = search.item_collection()
features = search.item_collection_as_dict()

assert len(items) == 7
assert all(isinstance(item, pystac.Item) for item in items)
assert [item.id for item in items] == [item["id"] for item in dicts]
assert [len(page) for page in pages] == [len(page["features"]) for page in plain] == [3, 3, 1]
assert [item.id for page in pages for item in page] == [item.id for item in items]
assert isinstance(whole, pystac.ItemCollection)
assert [item.id for item in whole] == [item["id"] for item in features["features"]]
assert features["type"] == "FeatureCollection"
again = pystac.ItemCollection.from_dict(json.loads(json.dumps(features)))
assert [item.id for item in again] == [item.id for item in items]
whole.save_object("found.json")
assert len(pystac.ItemCollection.from_file("found.json")) == 7
assert client.search(bbox=[-150, 10, -149.9, 10.1], datetime="1950").item_collection_as_dict()["features"] == []

result = [[item.id for item in items]]

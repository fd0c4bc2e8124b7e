"""Change what is found, in place, by a modifier."""

import pystac
from pystac_client import Client


def mark(found):
    """Mark items, in whichever form they come."""
    if isinstance(found, pystac.Item):
        found.properties["mine"] = True
    elif isinstance(found, pystac.Collection):
        found.extra_fields["mine"] = True
    elif isinstance(found, pystac.ItemCollection):
        for item in found:
            item.properties["mine"] = True
    elif found["type"] == "FeatureCollection":
        for item in found["features"]:
            item["properties"]["mine"] = True
    elif found["type"] == "Feature":
        found["properties"]["mine"] = True


client = Client.open("https://example.org/stac", modifier=mark)

search = client.search(bbox=[5.4, 52.42, 5.6, 52.55], datetime="2026-06-01/2026-06-15", max_items=4)
assert all(item.properties["mine"] for item in search.items())
assert all(item["properties"]["mine"] for item in search.item_collection_as_dict()["features"])
assert all(item.properties["mine"] for page in search.pages() for item in page)
first = next(iter(client.get_collections()))
assert first.extra_fields["mine"]
assert client.get_collection(first.id).extra_fields["mine"]

result = [len(list(search.items()))]

"""Look around: what the catalogue is, what it conforms to, what it has."""

from pystac_client import Client

client = Client.open("https://example.org/stac")

print(f"{client.id}: {client.title}")
print(client.description)
if not client.conforms_to("ITEM_SEARCH"):
    raise SystemExit("it cannot be searched")
features = {name: client.conforms_to(name) for name in ("COLLECTIONS", "FILTER", "QUERY", "SORT", "FIELDS")}

collections = list(client.get_collections())
for collection in collections:
    print(collection.id, collection.title, collection.extent.temporal.to_dict()["interval"], collection.license)
one = client.get_collection(collections[0].id)
items = [item.id for item, _ in zip(one.get_items(), range(3), strict=False)]
again = [item.id for item in one.get_items(*items)]
single = one.get_item(items[0])

assert all(features.values())
assert one.to_dict(include_self_link=False)["id"] == collections[0].id
assert sorted(again) == sorted(items)
assert single.collection_id == one.id
assert one.get_item("there-is-no-such-item") is None

result = [sorted(collection.id for collection in collections)]

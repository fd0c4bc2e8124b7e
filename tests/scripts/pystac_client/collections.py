"""Search the collections by place, time and words."""

from pystac_client import Client

client = Client.open("https://example.org/stac")

everything = client.collection_search()
here = client.collection_search(bbox=[5.4, 52.42, 5.6, 52.55], datetime="2026-06-01/2026-06-15")
worded = client.collection_search(q="sentinel OR radar")
most = client.collection_search(max_collections=2, limit=1)

print(f"{everything.matched()} collections, {here.matched()} of them here")
for collection in worded.collections():
    print(collection.id, collection.keywords)

assert {one.id for one in here.collections()} <= {one.id for one in everything.collections()}
assert {one["id"] for one in worded.collections_as_dicts()} == {one.id for one in worded.collection_list()}
assert len(most.collection_list()) == min(2, everything.matched())
assert len(most.collection_list_as_dict()["collections"]) == len(most.collection_list())
assert all(len(page) == 1 for page in most.pages())
assert all(len(page["collections"]) == 1 for page in most.pages_as_dicts())

result = [sorted(one.id for one in search.collections()) for search in (everything, here, worded)]

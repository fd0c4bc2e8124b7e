"""Filter by CQL2 text and JSON, and by the older `query`; sort; ask for some fields only."""

from pystac_client import Client

client = Client.open("https://example.org/stac")

WHERE = {"bbox": [5.4, 52.42, 5.6, 52.55], "datetime": "2026-06-01/2026-06-04"}


def gsd(**query):
    return sorted(item.properties["gsd"] for item in client.search(**WHERE, **query).items())


everything = [item for item in client.search(**WHERE).items() if "gsd" in item.properties]
fine = sorted(item.properties["gsd"] for item in everything if item.properties["gsd"] <= 10)
as_json = {"op": "<=", "args": [{"property": "gsd"}, 10]}

assert fine
assert gsd(filter="gsd <= 10") == fine
assert gsd(filter="gsd <= 10", filter_lang="cql2-text") == fine
assert gsd(filter=as_json) == fine
assert gsd(filter=as_json, filter_lang="cql2-json") == fine
assert gsd(query={"gsd": {"lte": 10}}) == fine
assert gsd(query=["gsd<=10"]) == fine
assert gsd(query=['{"gsd": {"lte": 10}}'], filter="gsd <= 10") == fine

platform = next(item.properties["platform"] for item in everything if item.properties.get("platform"))
same = client.search(**WHERE, query={"platform": {"eq": platform}}).item_collection_as_dict()["features"]
assert same
assert {item["properties"]["platform"] for item in same} == {platform}

for order in (
    "-datetime",
    ["-datetime"],
    [{"field": "properties.datetime", "direction": "desc"}],
    "-properties.datetime",
):
    times = [item.datetime for item in client.search(**WHERE, sortby=order, max_items=20).items() if item.datetime]
    assert times == sorted(times, reverse=True)
times = [item.datetime for item in client.search(**WHERE, sortby="+datetime", max_items=20).items() if item.datetime]
assert times == sorted(times)

for fields in (["properties.gsd", "-assets"], {"include": ["properties.gsd"], "exclude": ["assets"]}):
    for item in client.search(**WHERE, fields=fields, max_items=5).items_as_dicts():
        assert item["id"]
        assert not item.get("assets")
        assert "platform" not in item["properties"]
without = list(client.search(**WHERE, fields="-geometry", max_items=5).items_as_dicts())
assert all(not item.get("geometry") and item["properties"]["datetime"] for item in without)

result = [fine, sorted(item["id"] for item in same), times]

"""Search items by place, time, collection and id, in each form that an argument may have."""

import datetime as dt
import json

import shapely.geometry
from pystac_client import Client

client = Client.open("https://example.org/stac")

BBOX = (5.4, 52.42, 5.6, 52.55)
AREA = shapely.geometry.box(*BBOX)
GEOMETRY = shapely.geometry.mapping(AREA)
FEATURE = {"type": "Feature", "properties": {}, "geometry": GEOMETRY}
FIRST = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
LAST = dt.datetime(2026, 6, 2, 23, 59, 59, tzinfo=dt.UTC)


def ids(**query):
    return sorted(item.id for item in client.search(**query).items())


when = "2026-06-01/2026-06-02"
found = ids(bbox=BBOX, datetime=when)
assert found
assert ids(bbox=list(BBOX), datetime=when) == found
assert ids(bbox=iter(BBOX), datetime=when) == found
assert ids(bbox="5.4,52.42,5.6,52.55", datetime=when) == found

for area in (GEOMETRY, FEATURE, json.dumps(GEOMETRY), AREA):
    assert ids(intersects=area, datetime=when) == found

for days in (
    ["2026-06-01", "2026-06-02"],
    (FIRST, LAST),
    [FIRST.isoformat(), LAST.isoformat()],
    [dt.datetime(2026, 6, 1), dt.datetime(2026, 6, 2, 23, 59, 59)],
    "2026-06-01T00:00:00Z/2026-06-02T23:59:59Z",
):
    assert ids(bbox=BBOX, datetime=days) == found
assert set(ids(bbox=BBOX, datetime="2026-06-02")) <= set(found)
assert set(found) <= set(ids(bbox=BBOX, datetime="2026-06-01/2026-06-03"))
assert ids(bbox=BBOX, datetime=["2026-06-02T12:00:00Z", None], max_items=3)

items = list(client.search(bbox=BBOX, datetime=when).items())
names = sorted({item.collection_id for item in items})[:2]
mine = sorted(item.id for item in items if item.collection_id in names)
assert ids(collections=names, bbox=BBOX, datetime=when) == mine
assert ids(collections=",".join(names), bbox=BBOX, datetime=when) == mine
assert ids(collections=[client.get_collection(name) for name in names], bbox=BBOX, datetime=when) == mine

some = sorted({item.id for item in items[:2]})
assert sorted(set(ids(ids=some))) == some
assert sorted(set(ids(ids=",".join(some), method="GET"))) == some

result = [found, mine, some]

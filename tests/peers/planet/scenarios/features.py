# SPDX-License-Identifier: Apache-2.0
"""Every method of the async Features client, and references to what it keeps."""

from __future__ import annotations

import planet
from planet import data_filter
from player import KEY, ROOT, play

AOI = {"type": "Polygon", "coordinates": [[[5.4, 52.3], [5.5, 52.3], [5.5, 52.38], [5.4, 52.38], [5.4, 52.3]]]}
POINT = {"type": "Point", "coordinates": [5.4, 52.3]}


def field(number, **properties):
    """Make a field as a GeoJSON Feature."""
    west = 5 + number / 10
    ring = [[west, 52], [west + 0.05, 52], [west + 0.05, 52.05], [west, 52.05], [west, 52]]
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}


class Field:
    """Something with a geometry, as shapely has."""

    __geo_interface__ = AOI


async def scenario(seen):
    """Run all of it."""
    async with planet.Session(auth=planet.Auth.from_key(KEY)) as session:
        features = planet.FeaturesClient(session, base_url=f"{ROOT}/features/v1/ogc/my")
        await seen("collections at first", features.list_collections)
        farms = await seen("collection", features.create_collection, "Farms")
        await seen("collection described", features.create_collection, title="Woods", description="many trees")
        await seen("collections", features.list_collections)
        await seen("one collection", features.list_collections, limit=1)
        await seen("geometry added", features.add_items, farms, AOI)
        await seen("object added", features.add_items, farms, Field())
        await seen("feature added", features.add_items, farms, field(1, name="north", crop="rye"), property_id="name")
        both = {"type": "FeatureCollection", "features": [field(n, name=f"f{n}") for n in (2, 3)]}
        refs = await seen("features added", features.add_items, collection_id=farms, feature=both, property_id="name")
        many = {"type": "FeatureCollection", "features": [field(n % 9, name=f"m{n}") for n in range(12)]}
        await seen("many features added", features.add_items, farms, many)
        await seen("collection with features", features.get_collection, farms)
        await seen("items by default", features.list_items, farms)
        await seen("all items", features.list_items, farms, limit=0)
        await seen("three items", features.list_items, collection_id=farms, limit=3)
        item = await seen("item", features.get_item, farms, "north")
        seen.note("reference of the item", item.ref)
        await by_reference(seen, session, refs[0], item)
        await seen("item deleted", features.delete_item, farms, "north")
        await seen.fails("deleted item", features.get_item, farms, "north")
        await seen.fails("deleted item again", features.delete_item, farms, "north")
        await seen.fails("no item deleted", features.delete_item, farms, "")
        await seen.fails("no collection deleted", features.delete_collection, "")
        await seen.fails("point added", features.add_items, farms, POINT)
        await seen.fails("nonsense added", features.add_items, farms, {"type": "Circle"})
        ring = [[5 + n / 10000, 52.0] for n in range(1600)]
        long = {"type": "Polygon", "coordinates": [[*ring, [5.1, 53.0], ring[0]]]}
        await seen.fails("too long an outline", features.add_items, farms, long)
        await seen.fails("unknown collection", features.get_collection, "nothing-here")
        await seen.fails("items of an unknown collection", features.list_items, "nothing-here")
        await seen.fails("added to an unknown collection", features.add_items, "nothing-here", AOI)
        await seen("collection deleted", features.delete_collection, farms)
        await seen.fails("deleted collection", features.get_collection, farms)


async def by_reference(seen, session, ref, item):
    """Search within what the Features service keeps."""
    data = planet.DataClient(session, base_url=f"{ROOT}/data/v1")
    clear = data_filter.range_filter("cloud_cover", lte=0.5)
    await seen.ids("search by reference", data.search, ["PSScene"], clear, geometry=ref, limit=3)
    await seen.ids("search by feature", data.search, ["PSScene"], clear, geometry=item, limit=3)
    await seen.fails("search by unknown reference", data.search, ["PSScene"], geometry="pl:features/my/no/thing")


if __name__ == "__main__":
    play(scenario, planet.exceptions)

# SPDX-License-Identifier: Apache-2.0
"""Every method of the async Data client."""

from __future__ import annotations

import datetime as dt

import planet
from planet import data_filter
from player import FOLDER, KEY, ROOT, play

AOI = {"type": "Polygon", "coordinates": [[[5.4, 52.3], [5.5, 52.3], [5.5, 52.38], [5.4, 52.38], [5.4, 52.3]]]}
SMALL = {"type": "Point", "coordinates": [5.45, 52.34]}
BIG = {"type": "Polygon", "coordinates": [[[3, 50], [9, 50], [9, 54], [3, 54], [3, 50]]]}
SINCE, UNTIL = dt.datetime(2026, 3, 1, tzinfo=dt.UTC), dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
HERE = data_filter.and_filter(
    [data_filter.geometry_filter(AOI), data_filter.date_range_filter("acquired", gte=SINCE, lt=UNTIL)]
)
DATES = data_filter.date_range_filter("acquired", gt=SINCE, lte=UNTIL)
UNKNOWN = "785185aab39f4b4ca2d65c0a8f0e1d55"


async def search(seen, data):
    """Search with filters of every type, sorts, limits and geometries."""
    await seen("everything here", data.search, ["PSScene"], HERE, limit=0)
    filters = {
        "range": data_filter.range_filter("cloud_cover", gt=0.01, lte=0.3),
        "range gte lt": data_filter.range_filter("cloud_cover", gte=0.01, lt=0.3),
        "string in": data_filter.string_in_filter("instrument", ["PSB.SD"]),
        "boolean": data_filter.string_in_filter("ground_control", ["true"]),
        "number in": data_filter.number_in_filter("gsd", [3.7, 3.8, 3.9]),
        "update": data_filter.update_filter("ground_control", gt=SINCE),
        "asset": data_filter.asset_filter(["ortho_analytic_8b_sr", "no_such_asset"]),
        "permission": data_filter.permission_filter(),
        "standard quality": data_filter.std_quality_filter(),
        "not": data_filter.not_filter(data_filter.range_filter("cloud_cover", gt=0.5)),
        "or": data_filter.or_filter(
            [data_filter.range_filter("cloud_cover", lt=0.05), data_filter.range_filter("cloud_cover", gt=0.9)]
        ),
        "empty": data_filter.empty_filter(),
        "reference": {"type": "AndFilter", "config": [data_filter.asset_filter(["ortho_visual"])]},
    }
    for name, one in filters.items():
        both = data_filter.and_filter([HERE, one])
        await seen.ids(f"filter {name}", data.search, ["PSScene"], both, limit=0)
    places = {"contains": SMALL, "within": BIG, "disjoint": BIG, "intersects": AOI, None: SMALL}
    for relation, place in places.items():
        both = data_filter.and_filter([DATES, data_filter.geometry_filter(place, relation)])
        await seen.ids(f"filter {relation}", data.search, ["PSScene"], both, limit=5)
    await seen.ids("sorted", data.search, ["PSScene"], HERE, sort="acquired asc", limit=7)
    await seen.ids("sorted by publishing", data.search, ["PSScene"], HERE, sort="published asc", limit=7)
    await seen.ids("by geometry", data.search, ["PSScene"], DATES, geometry=AOI, limit=5)
    await seen.ids(
        "by feature", data.search, ["PSScene"], DATES, geometry={"type": "Feature", "geometry": AOI}, limit=5
    )
    await seen.ids("named", data.search, ["PSScene"], HERE, name="a name", limit=2)
    await seen.ids("two item types", data.search, ["psscene", "SkySatScene"], HERE, limit=30)
    await seen.ids("without a filter", data.search, ["PSScene"], limit=1)
    await seen.ids("by default", data.search, ["PSScene"])
    await seen.ids("two pages", data.search, ["PSScene"], limit=260)
    await seen.ids("nothing", data.search, ["PSScene"], data_filter.string_in_filter("id", ["no-such-item"]))
    await seen.fails("unknown item type", data.search, ["NoScene"])
    await seen.fails("bad filter", data.search, ["PSScene"], {"type": "NoFilter", "config": []})
    await seen.fails("bad sort", data.search, ["PSScene"], HERE, sort="cloud_cover asc")
    await seen.fails("bad geometry", data.search, ["PSScene"], geometry={"type": "Polygon"})
    await seen.fails("bad reference", data.search, ["PSScene"], geometry="pl:elsewhere/my/field")


async def saved(seen, data):
    """Create, read, list, run, update and delete searches."""
    cloudy = data_filter.and_filter([HERE, data_filter.range_filter("cloud_cover", gte=0.5)])
    made = await seen("search made", data.create_search, ["PSScene"], cloudy, "weekly")
    other = await seen(
        "search made in an area", data.create_search, ["PSScene", "SkySatScene"], cloudy, "mailed",
        enable_email=True, geometry={"type": "Feature", "geometry": AOI},
    )  # fmt: skip
    await seen("search read", data.get_search, made["id"])
    await seen("saved searches", data.list_searches, search_type="saved")
    await seen("oldest search", data.list_searches, sort="created asc", search_type="saved", limit=1)
    await seen("search run", data.run_search, made["id"], limit=3)
    await seen("search run in order", data.run_search, other["id"], sort="acquired asc", limit=3)
    await seen("search changed", data.update_search, made["id"], ["PSScene"], HERE, "monthly")
    await seen(
        "search changed whole", data.update_search, made["id"], ["PSScene"], HERE, "monthly",
        enable_email=True, geometry=AOI,
    )  # fmt: skip
    await seen("search deleted", data.delete_search, made["id"])
    await seen.fails("deleted search", data.get_search, made["id"])
    await seen.fails("deleted search again", data.delete_search, made["id"])
    await seen.fails("change of a deleted search", data.update_search, made["id"], ["PSScene"], HERE, "gone")
    await seen.fails("run of an unknown search", data.run_search, UNKNOWN)
    await seen.fails("run of no id", data.run_search, "no-uuid")
    await seen.fails("bad list sort", data.list_searches, sort="name asc")
    await seen.fails("bad search type", data.list_searches, search_type="any old")
    await seen.fails("bad run sort", data.run_search, other["id"], sort="name asc")
    await seen("quick searches", data.list_searches, search_type="quick", limit=2)


async def stats(seen, data):
    """Ask how much there is."""
    for interval in ("day", "Week", "month", "year"):
        await seen(f"stats by {interval}", data.get_stats, ["PSScene"], HERE, interval)
    await seen.fails("stats by decade", data.get_stats, ["PSScene"], HERE, "decade")
    await seen.fails("stats of an unknown type", data.get_stats, ["NoScene"], HERE, "day")


async def items(seen, data, item_id):
    """Look at one item."""
    await seen("item", data.get_item, "PSScene", item_id)
    await seen.fails("unknown item", data.get_item, "PSScene", "no-such-item")
    for _ in range(3):
        coverage = await data.get_item_coverage("PSScene", item_id, AOI)
    seen.note("coverage", coverage)
    await seen("cloud coverage", data.get_item_coverage, "PSScene", item_id, AOI, mode="UDM2", band="cloud")
    await seen("estimated coverage", data.get_item_coverage, "PSScene", item_id, geometry=AOI, mode="estimate")
    await seen.fails("coverage of no geometry", data.get_item_coverage, "PSScene", item_id, {"type": "Circle"})
    await seen.fails("coverage of no item", data.get_item_coverage, "PSScene", "no-such-item", AOI)


async def assets(seen, data, item_id):
    """Activate an asset, wait for it, download it, check it."""
    await seen("assets", data.list_item_assets, "PSScene", item_id)
    await seen.fails("assets of no item", data.list_item_assets, "PSScene", "no-such-item")
    asset = await seen("asset", data.get_asset, "PSScene", item_id, "ortho_visual")
    await seen.fails("unknown asset", data.get_asset, "PSScene", item_id, "no_such_asset")
    await seen.fails("asset of an unknown type", data.get_asset, "NoScene", item_id, "ortho_visual")
    await seen.fails("download before activation", data.download_asset, asset, directory=FOLDER)
    await seen.fails("waiting too short", data.wait_asset, asset, delay=0, max_attempts=1)
    await seen("activation", data.activate_asset, asset)
    await seen("second activation", data.activate_asset, asset)
    states = []
    asset = await seen("active asset", data.wait_asset, asset, delay=0, max_attempts=10, callback=states.append)
    seen.note("states of the asset", states)
    await seen("activation of an active asset", data.activate_asset, asset)
    await seen("waiting for an active asset", data.wait_asset, asset)
    await seen.fails("activation of nothing", data.activate_asset, {})
    await seen.fails("waiting for nothing", data.wait_asset, {})
    path = await seen("download", data.download_asset, asset, directory=FOLDER, progress_bar=False)
    await seen("download by name", data.download_asset, asset, "named.tif", FOLDER / "deep" / "er", progress_bar=False)
    await seen("check", data.validate_checksum, asset, path)
    path.write_bytes(b"something else")
    await seen("download where there is one", data.download_asset, asset, directory=FOLDER, progress_bar=False)
    await seen.fails("check of another file", data.validate_checksum, asset, path)
    await seen(
        "download over another", data.download_asset, asset, filename="over.tif", directory=FOLDER, overwrite=True,
        progress_bar=False,
    )  # fmt: skip
    await seen("check of the new file", data.validate_checksum, asset, filename=FOLDER / "over.tif")
    await seen.fails("check of no file", data.validate_checksum, asset, FOLDER / "nowhere.tif")
    await seen.fails("check without a digest", data.validate_checksum, {}, path)


async def scenario(seen):
    """Run all of it."""
    async with planet.Session(auth=planet.Auth.from_key(KEY)) as session:
        data = planet.DataClient(session, base_url=f"{ROOT}/data/v1")
        await search(seen, data)
        await saved(seen, data)
        await stats(seen, data)
        eight = data_filter.and_filter([HERE, data_filter.asset_filter(["ortho_analytic_8b_sr"])])
        found = await seen("item with eight bands", data.search, ["PSScene"], eight, limit=1)
        item_id = found[0]["id"]
        await items(seen, data, item_id)
        await assets(seen, data, item_id)


if __name__ == "__main__":
    play(scenario, planet.exceptions)

# SPDX-License-Identifier: Apache-2.0
"""Orders of every kind with the async Orders client: made, waited for, downloaded, checked."""

from __future__ import annotations

import datetime as dt
import zipfile

import planet
from planet import data_filter, order_request
from player import FOLDER, KEY, ROOT, advance, play

AOI = {"type": "Polygon", "coordinates": [[[5.4, 52.3], [5.5, 52.3], [5.5, 52.38], [5.4, 52.38], [5.4, 52.3]]]}
SINCE, UNTIL = dt.datetime(2026, 3, 1, tzinfo=dt.UTC), dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


async def found(data):
    """Give ids of scenes that have eight bands and four."""
    everything = [
        data_filter.geometry_filter(AOI),
        data_filter.date_range_filter("acquired", gte=SINCE, lt=UNTIL),
        data_filter.asset_filter(["ortho_analytic_8b_sr"]),
        data_filter.asset_filter(["ortho_analytic_4b_sr"]),
    ]
    return [item["id"] async for item in data.search(["PSScene"], data_filter.and_filter(everything), limit=3)]


async def made(seen, orders, name, request):
    """Order, wait and download; the files are compared with those of the other SDK."""
    order = await seen(f"{name}: created", orders.create_order, request)
    states = []
    await seen(f"{name}: waited", orders.wait, order["id"], delay=0, callback=states.append)
    seen.note(f"{name}: states", states)
    await seen(f"{name}: downloaded", orders.download_order, order["id"], FOLDER / name)
    await seen(f"{name}: checked", orders.validate_checksum, FOLDER / name / order["id"], "SHA256")
    advance(60)
    return order["id"]


async def every_kind(seen, orders, ids):
    """Order with every tool and archive layout."""
    product = order_request.product(ids[:2], "analytic_udm2", "PSScene")
    one = order_request.product(ids[:1], "analytic_udm2", "PSScene")
    plain = order_request.build_request("plain", [one], stac={"stac": {}})
    first = await made(seen, orders, "plain", plain)
    tools = [
        order_request.harmonize_tool("Sentinel-2"),
        order_request.clip_tool(AOI),
        order_request.reproject_tool("EPSG:4326", kernel="bilinear"),
        order_request.file_format_tool("COG"),
    ]
    eight = order_request.product(ids[:1], "analytic_8b_sr_udm2", "PSScene", fallback_bundle="analytic_sr_udm2")
    clipped = order_request.build_request("clipped", [eight], tools=tools, order_type="partial")
    await made(seen, orders, "clipped", clipped)
    math = [order_request.toar_tool(10000), order_request.band_math_tool(b1="(b4-b3)/(b4+b3)", pixel_type="32R")]
    await made(seen, orders, "maths", order_request.build_request("maths", [one], tools=math))
    tiles = [order_request.tile_tool(150, name_template="T_{tilex:02d}_{tiley:02d}")]
    await made(seen, orders, "tiles", order_request.build_request("tiles", [one], tools=tiles))
    composite = [order_request.composite_tool()]
    await made(seen, orders, "composite", order_request.build_request("composite", [product], tools=composite))
    zipped = order_request.delivery(archive_type="zip", single_archive=True, archive_filename="{{name}}.zip")
    number = await made(seen, orders, "zipped", order_request.build_request("zipped", [one], delivery=zipped))
    with zipfile.ZipFile(FOLDER / "zipped" / number / "zipped.zip") as archive:
        seen.note("members of the zip", sorted(archive.namelist()))
    each = order_request.delivery(archive_type="zip", single_archive=False)
    await made(seen, orders, "zips", order_request.build_request("zips", [product], delivery=each))
    return first


async def downloads(seen, orders, order_id):
    """Download again, over what there is, one by one."""
    await seen("downloaded again", orders.download_order, order_id, FOLDER / "plain")
    await seen(
        "downloaded over", orders.download_order, order_id, directory=FOLDER / "plain", overwrite=True,
        progress_bar=False,
    )  # fmt: skip
    order = await seen("order", orders.get_order, order_id)
    results = sorted(order["_links"]["results"], key=lambda one: one["name"])
    location = results[0]["location"]
    await seen("one file", orders.download_asset, location, directory=FOLDER, progress_bar=False)
    await seen(
        "one file by name", orders.download_asset, location, filename="named", directory=FOLDER, overwrite=True,
        progress_bar=False,
    )  # fmt: skip
    folder = FOLDER / "plain" / order_id
    await seen("checked by MD5", orders.validate_checksum, directory=folder, checksum="md5")
    await seen.fails("checked by another sum", orders.validate_checksum, folder, "CRC32")
    await seen.fails("checked where nothing is", orders.validate_checksum, FOLDER / "nowhere", "MD5")
    listed = sorted(path for path in folder.rglob("*.tif"))
    listed[0].write_bytes(b"something else")
    await seen.fails("checked after a change", orders.validate_checksum, folder, "MD5")
    listed[0].unlink()
    await seen.fails("checked after a loss", orders.validate_checksum, folder, "MD5")
    await seen("downloaded anew", orders.download_order, order_id, FOLDER / "plain")
    await seen("checked anew", orders.validate_checksum, folder, "MD5")


async def scenario(seen):
    """Run all of it."""
    async with planet.Session(auth=planet.Auth.from_key(KEY)) as session:
        ids = await found(planet.DataClient(session, base_url=f"{ROOT}/data/v1"))
        orders = planet.OrdersClient(session, base_url=f"{ROOT}/compute/ops/")
        first = await every_kind(seen, orders, ids)
        await downloads(seen, orders, first)


if __name__ == "__main__":
    play(scenario, planet.exceptions)

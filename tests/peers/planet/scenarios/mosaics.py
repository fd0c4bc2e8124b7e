# SPDX-License-Identifier: Apache-2.0
"""Every method of the async Mosaics client."""

from __future__ import annotations

import planet
from player import FOLDER, KEY, ROOT, fault, play

BOX = [5.4, 52.3, 5.45, 52.35]
AOI = {"type": "Polygon", "coordinates": [[[5.4, 52.3], [5.5, 52.3], [5.5, 52.38], [5.4, 52.38], [5.4, 52.3]]]}
UNKNOWN = "785185aa-b39f-4b4c-a2d6-5c0a8f0e1d55"


async def found(seen, mosaics):
    """List and read mosaics and series; give one mosaic."""
    listed = await seen("mosaics", mosaics.list_mosaics)
    name = listed[0]["name"]
    await seen("mosaics by name", mosaics.list_mosaics, name_contains=name[:9])
    await seen("mosaics by interval", mosaics.list_mosaics, interval="1 mon")
    await seen(
        "mosaics by time", mosaics.list_mosaics, acquired_gt="2026-01-01T00:00:00Z", acquired_lt="2026-04-01T00:00:00Z"
    )
    series = await seen("series", mosaics.list_series)
    await seen(
        "series by everything", mosaics.list_series, name_contains=series[0]["name"][:6], interval="1 mon",
        acquired_gt="2026-01-01T00:00:00Z", acquired_lt="2026-04-01T00:00:00Z",
    )  # fmt: skip
    one = await seen("one series", mosaics.get_series, series[0]["name"])
    await seen("one series by id", mosaics.get_series, series[0]["id"])
    await seen("mosaics of a series", mosaics.list_series_mosaics, one)
    await seen("latest of a series", mosaics.list_series_mosaics, series[0]["name"], latest=True)
    await seen(
        "mosaics of a series by time", mosaics.list_series_mosaics, one, acquired_gt="2026-01-01T00:00:00Z",
        acquired_lt="2026-04-01T00:00:00Z",
    )  # fmt: skip
    await seen("mosaic by id", mosaics.get_mosaic, listed[0]["id"])
    await seen.fails("unknown mosaic", mosaics.get_mosaic, "no such mosaic")
    await seen.fails("unknown mosaic by id", mosaics.get_mosaic, UNKNOWN)
    await seen.fails("unknown series", mosaics.get_series, "no such series")
    await seen.fails("unknown series by id", mosaics.get_series, UNKNOWN)
    return await seen("mosaic", mosaics.get_mosaic, name)


async def quads(seen, mosaics, mosaic):
    """List, count and download quads."""
    listed = await seen("quads of a box", mosaics.list_quads, mosaic, bbox=BOX)
    await seen("quads of a box, by name", mosaics.list_quads, mosaic["name"], bbox=BOX, minimal=True)
    await seen("quads of an area", mosaics.list_quads, mosaic, geometry=AOI)
    await seen("quads of an area, in short", mosaics.list_quads, mosaic, geometry=AOI, minimal=True)
    everything = {"items": [{"id": "0-0"}, {"id": "0-1"}]}
    fault(method="GET", path="/quads$", status=200, body=everything)
    await seen("all quads", mosaics.list_quads, mosaic, full_extent=True)
    await seen.fails("quads of nowhere named", mosaics.list_quads, mosaic)
    await seen("count in a box", mosaics.summarize_quads, mosaic, bbox=BOX)
    await seen("count in an area", mosaics.summarize_quads, mosaic, geometry=AOI)
    await seen("count of all", mosaics.summarize_quads, mosaic)
    quad = await seen("quad", mosaics.get_quad, mosaic, listed[0]["id"])
    await seen("quad by name", mosaics.get_quad, mosaic["name"], quad_id=listed[0]["id"])
    await seen.fails("unknown quad", mosaics.get_quad, mosaic, "0-0-0")
    await seen("contributions", mosaics.get_quad_contributions, quad)
    await seen("quad downloaded", mosaics.download_quad, quad, directory=str(FOLDER / "one"))
    await seen("quad downloaded again", mosaics.download_quad, quad, directory=str(FOLDER / "one"))
    (FOLDER / "one" / f"{quad['id']}.tif").write_bytes(b"something else")
    await seen("quad left", mosaics.download_quad, quad, directory=str(FOLDER / "one"), progress_bar=False)
    left = (FOLDER / "one" / f"{quad['id']}.tif").read_bytes()
    seen.note("what was left", len(left))
    await seen("quad over", mosaics.download_quad, quad, directory=str(FOLDER / "one"), overwrite=True)
    await seen("quads downloaded", mosaics.download_quads, mosaic, directory=str(FOLDER / "box"), bbox=BOX)
    await seen(
        "quads of an area downloaded", mosaics.download_quads, mosaic["name"], directory=str(FOLDER / "area"),
        geometry=AOI, overwrite=True, progress_bar=False, concurrency=2,
    )  # fmt: skip
    await seen("quads downloaded here", mosaics.download_quads, mosaic, bbox=BOX)
    await seen.fails("quads of nowhere downloaded", mosaics.download_quads, mosaic, directory=str(FOLDER))


async def scenario(seen):
    """Run all of it."""
    async with planet.Session(auth=planet.Auth.from_key(KEY)) as session:
        mosaics = planet.MosaicsClient(session, base_url=f"{ROOT}/basemaps/v1")
        mosaic = await found(seen, mosaics)
        await quads(seen, mosaics, mosaic)


if __name__ == "__main__":
    play(scenario, planet.exceptions)

# SPDX-License-Identifier: Apache-2.0
"""The commands of ``planet data`` and ``planet collect``."""

from __future__ import annotations

import json
from pathlib import Path

from planet import exceptions
from planet.cli.cli import main
from player import play
from player_cli import Terminal, ids, words

AOI = {"type": "Polygon", "coordinates": [[[5.4, 52.3], [5.5, 52.3], [5.5, 52.38], [5.4, 52.38], [5.4, 52.3]]]}
AREA = json.dumps(AOI)
UNKNOWN = "785185aab39f4b4ca2d65c0a8f0e1d55"


def filters(cli):
    """Write filters; gives one."""
    cli("filter of nothing", "data filter")
    cli("filter by assets", "data filter --asset ortho_visual,ortho_udm2 --asset ortho_analytic_8b")
    cli(
        "filter by everything",
        "data filter --date-range acquired gte 2026-03-01 --date-range acquired lt 2026-06-01T00:00:00.5Z "
        "--range cloud_cover lte 0.8 --range cloud_cover gt 0 --number-in gsd 3.7,3.8 --string-in instrument PS2,PSB.SD "
        "--update ground_control gt 2026-01-01 --asset ortho_visual --permission --std-quality "
        "--geom-relation within --geom",
        AREA,
    )
    cli("filter without permission", "data filter --permission --std-quality")
    cli("filter by no comparison", "data filter --range cloud_cover between 3", status=2)
    cli("filter by a year", "data filter --date-range acquired gt 2026", status=2)
    cli("filter by a word", "data filter --range cloud_cover gt much", status=2)
    cli("filter by an empty element", "data filter --asset ortho_visual,,x", status=2)
    cli("filter by no relation", "data filter --geom-relation touches --geom", AREA, status=2)
    cli("filter by no geometry", "data filter --geom", "{}", status=2)
    made = cli(
        "filter", "data filter --date-range acquired gte 2026-03-01 --date-range acquired lt 2026-06-01 --asset "
        "ortho_analytic_8b_sr --geom", AREA,
    )  # fmt: skip
    return json.dumps(made)


def searches(cli, made):
    """Search, and save searches; gives an id."""
    Path("filter.json").write_text(made)
    Path("area.json").write_text(AREA)
    found = cli("search", "data search PSScene --limit 3 --filter", made)
    cli("search by file", "data search psscene,SkySatScene --limit 40 --filter filter.json", noted=ids)
    cli("search by pipe", "data search PSScene --limit 2 --filter -", stdin=made, noted=ids)
    cli("search in an area", "data search PSScene --geom area.json --limit 2 --filter", made, noted=ids)
    cli("search with all", "data search PSScene --name here --sort", "acquired asc", "--limit", "2", "--pretty",
        "--filter", made, noted=ids)  # fmt: skip
    cli("search without a filter", "data search PSScene --limit 1", noted=ids)
    cli("search of no type", "data search NoScene", status=2)
    cli("search by no file", "data search PSScene --filter nowhere.json", status=2)
    cli("search by an empty filter", "data search PSScene --filter {}", status=2)
    cli("search by no sort", "data search PSScene --sort name", status=2)
    cli("search of a bad filter", "data search PSScene --filter", '{"type": "NoFilter", "config": []}', status=1)
    saved = cli("search made", "data search-create PSScene --name weekly --filter", made)
    cli("search made with all", "data search-create psscene --name daily --daily-email --geom", AREA, "--filter", made)
    cli("search made without a name", "data search-create PSScene --filter", made, status=2)
    number = saved["id"]
    cli("search read", f"data search-get {number}")
    cli("search changed", f"data search-update {number} PSScene --name monthly --daily-email --geom", AREA, "--filter",
        made)  # fmt: skip
    cli("searches", "data search-list --search-type saved --limit 1 --sort", "created asc")
    cli("searches with any", "data search-list --limit 2", noted=ids)
    cli("search run", f"data search-run {number} --limit 2 --sort", "acquired asc", noted=ids)
    cli("search run by default", f"data search-run {number} --limit 1 --pretty", noted=ids)
    cli("search deleted", f"data search-delete {number}")
    cli("deleted search", f"data search-get {number}", status=1)
    cli("run of an unknown search", f"data search-run {UNKNOWN}", status=1)
    cli("stats", "data stats PSScene --interval month --filter", made)
    cli("stats by decade", "data stats PSScene --interval decade --filter", made, status=2)
    cli("stats without a filter", "data stats PSScene --interval day", status=2)
    return found[0]["id"]


def items(cli, item):
    """Look at an item, activate and download an asset."""
    cli("item types", "data item-types", noted=words)
    cli("item", f"data item-get PSScene {item}")
    cli("unknown item", "data item-get PSScene no-such-item", status=1)
    cli("coverage", f"data item-coverage PSScene {item} --mode estimate --band cloud --geom", AREA)
    cli("coverage of no area", f"data item-coverage PSScene {item}", status=2)
    cli("assets", f"data asset-list PSScene {item}", noted=sorted)
    cli("asset", f"data asset-get PSScene {item} ortho_visual")
    cli("unknown asset", f"data asset-get PSScene {item} no_such_asset", status=1)
    cli("download too early", f"data asset-download PSScene {item} ortho_visual", status=1)
    cli("activated", f"data asset-activate PSScene {item} ortho_visual")
    cli("waited too short", f"data asset-wait PSScene {item} ortho_visual --delay 0 --max-attempts 1", status=1)
    cli("waited", f"data asset-wait PSScene {item} ortho_visual --delay 0 --max-attempts 9")
    cli("downloaded", f"data asset-download PSScene {item} ortho_visual --checksum --directory files")
    cli("downloaded by name", f"data asset-download PSScene {item} ortho_visual --filename one.tif --directory files "
        "--overwrite")  # fmt: skip
    cli("downloaded nowhere", f"data asset-download PSScene {item} ortho_visual --directory nowhere", status=2)


def collected(cli):
    """Join lines."""
    features = [{"type": "Feature", "geometry": None, "properties": {"n": n}} for n in range(2)]
    lines = "".join(json.dumps(one) + "\n" for one in features)
    Path("lines").write_text(lines)
    cli("collected features", "collect lines")
    cli("collected from a pipe", "collect --pretty -", stdin=lines)
    cli("collected objects", "collect -", stdin='{"a": 1}\n{"b": 2}\n')
    cli("collected from nowhere", "collect nowhere", status=2)


def scenario(seen):
    """Run all of it."""
    cli = Terminal(seen, main)
    made = filters(cli)
    items(cli, searches(cli, made))
    collected(cli)


if __name__ == "__main__":
    play(scenario, exceptions)

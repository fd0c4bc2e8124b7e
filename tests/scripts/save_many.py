# SPDX-License-Identifier: Apache-2.0
"""Saves a search of many items; prints as JSON how much memory that took.

Arguments: folder, name to save as, number of items.
"""

import json
import resource
import sys
from pathlib import Path

from swath._results import ItemSearch
from swath.models import Page, Query

PAGE = 250
folder, name, number = sys.argv[1], sys.argv[2], int(sys.argv[3])


def memory(which):
    """Give what this program has in memory (``VmRSS``) or has had at most (``VmHWM``), in bytes."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().partition(f"{which}:")[2].split()[0]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def item(at):
    west, south = at % 350 - 175.0, at // 350 % 160 - 80.0
    ring = [[west, south], [west + 0.2, south], [west + 0.2, south + 0.1], [west, south + 0.1], [west, south]]
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "stac_extensions": ["https://stac-extensions.github.io/eo/v2.0.0/schema.json"],
        "id": f"20260501_{at:06}_scene",
        "collection": "scenes",
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "bbox": [west, south, west + 0.2, south + 0.1],
        "properties": {"datetime": f"2026-05-01T10:{at % 60:02}:00Z", "eo:cloud_cover": at % 101, "gsd": 3.0,
                       "level": at if at % 2 else f"L{at}", "platform": f"bird-{at % 20}"},
        "links": [{"rel": "collection", "href": "urn:scenes"}],
        "assets": {key: {"href": f"https://example.com/{at}/{key}.tif", "type": "image/tiff", "roles": ["data"],
                         "bands": [{"name": "red"}, {"name": "nir"}]} for key in ("visual", "analytic")},
    }  # fmt: skip


def searching(most):
    def run(_):
        for start in range(0, most, PAGE):
            yield Page(items=[item(at) for at in range(start, min(start + PAGE, most))])

    return ItemSearch(provider="many", query=Query(), pages=run, count=lambda _: None)


searching(2).save(f"{folder}/warm-{name}")  # what libraries need themselves is not counted
before = memory("VmRSS")
searching(number).save(f"{folder}/{name}")
print(json.dumps({"grown_bytes": memory("VmHWM") - before}))

# SPDX-License-Identifier: Apache-2.0
"""Items, as many as wanted, and what a program holds of them."""

import resource
import sys
from pathlib import Path


def memory(which):
    """Give what this program has in memory (``VmRSS``) or has had at most (``VmHWM``), in bytes."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().partition(f"{which}:")[2].split()[0]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def item(at, properties):
    """Give a STAC Item that is as large as most."""
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
        "properties": properties,
        "links": [{"rel": "collection", "href": "urn:scenes"}],
        "assets": {key: {"href": f"https://example.com/{at}/{key}.tif", "type": "image/tiff", "roles": ["data"],
                         "bands": [{"name": "red"}, {"name": "nir"}]} for key in ("visual", "analytic")},
    }  # fmt: skip

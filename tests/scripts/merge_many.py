# SPDX-License-Identifier: Apache-2.0
"""Searches four providers at once for many items; prints as JSON how many came in order, and how much memory it took.

Two give the newest first; the other two cannot sort, and give the oldest first. Arguments: folder, number of items.
"""

import datetime as dt
import json
import sys
from pathlib import Path

from many import item, memory

from swath import stac
from swath._federation import Federation
from swath._open import make_provider
from swath.hookspecs import hookimpl
from swath.models import Page, ProviderInfo

PAGE = 250
NEWEST = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)
folder, number = sys.argv[1], int(sys.argv[2])
counted = []


def scene(at):
    when = f"{NEWEST - dt.timedelta(seconds=at):%Y-%m-%dT%H:%M:%SZ}"
    return item(at, {"datetime": when, "gsd": 3.0, "n": at, "eo:cloud_cover": at % 101, "platform": f"bird-{at % 20}"})


class Plugin:
    """Has every fourth item, from its own place on."""

    def __init__(self, place, most):
        self.place, self.most, self.is_sorted = place, most, place < 2

    @hookimpl
    def describe(self):
        return ProviderInfo(name=f"p{self.place}", title="P", origins=["https://p.test"])

    @hookimpl
    def collections(self, context):
        return [stac.collection(id="scenes", description="Scenes")]

    @hookimpl
    def search(self, context, query):
        starts = range(0, self.most, 4 * PAGE)
        for start in starts if self.is_sorted else reversed(starts):
            numbers = range(start + self.place, min(start + 4 * PAGE, self.most), 4)
            items = [scene(at) for at in (numbers if self.is_sorted else reversed(numbers))]
            yield Page(items=items, sorted=self.is_sorted)

    @hookimpl
    def count(self, context, query):
        counted.append(self.place)
        return self.most // 4


def seen(most):
    """Search, and say whether all came in order."""
    opened = [
        make_provider(f"p{place}", profile="p", given={}, plugin=Plugin(place, most), home=Path(folder))
        for place in range(4)
    ]
    with Federation(opened) as everyone:
        at = 0
        for one in everyone.search().items_as_dicts():
            if one["properties"]["n"] != at:
                break
            at += 1
    return at


seen(8)  # what libraries need themselves is not counted
before = memory("VmRSS")
told = seen(number)
print(json.dumps({"in_order": told, "counted": len(counted), "grown_bytes": memory("VmHWM") - before}))

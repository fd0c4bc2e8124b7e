# SPDX-License-Identifier: Apache-2.0
"""Saves a search of many items; prints as JSON how much memory that took.

Arguments: folder, name to save as, number of items.
"""

import json
import sys

from many import item, memory

from swath._results import ItemSearch
from swath.models import Page, Query

PAGE = 250
folder, name, number = sys.argv[1], sys.argv[2], int(sys.argv[3])


def scene(at):
    return item(at, {"datetime": f"2026-05-01T10:{at % 60:02}:00Z", "eo:cloud_cover": at % 101, "gsd": 3.0,
                     "level": at if at % 2 else f"L{at}", "platform": f"bird-{at % 20}"})  # fmt: skip


def searching(most):
    def run(_):
        for start in range(0, most, PAGE):
            yield Page(items=[scene(at) for at in range(start, min(start + PAGE, most))])

    return ItemSearch(provider="many", query=Query(), pages=run, count=lambda _: None)


searching(2).save(f"{folder}/warm-{name}")  # what libraries need themselves is not counted
before = memory("VmRSS")
searching(number).save(f"{folder}/{name}")
print(json.dumps({"grown_bytes": memory("VmHWM") - before}))

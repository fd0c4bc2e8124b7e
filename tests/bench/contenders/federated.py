# SPDX-License-Identifier: Apache-2.0
"""One search over one or several providers: NAMES (joined by commas). Prints the seconds from asking to the last item."""

import json
import sys
import time

import swath

AREA = [5.4, 52.42, 5.6, 52.55]
WHEN = "2026-06-01/2026-06-15"
names = sys.argv[1].split(",")
with swath.open(*names) as opened:
    started_s = time.perf_counter()
    found = list(opened.search(bbox=AREA, datetime=WHEN).items_as_dicts())
    seconds = time.perf_counter() - started_s
if not found and len(names) > 1:
    raise SystemExit("nothing was found")
print(json.dumps({"seconds": seconds, "found": len(found)}))

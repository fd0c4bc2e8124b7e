"""Search, order, wait, download and load at any provider: only its name is given.

Run: python one_script.py PROVIDER FOLDER
"""

import json
import sys

import swath

AREA = {"type": "Polygon", "coordinates": [[[5.4, 52.42], [5.6, 52.42], [5.6, 52.55], [5.4, 52.55], [5.4, 52.42]]]}

name, folder = sys.argv[1:]
with swath.open(name) as provider:
    search = provider.search(intersects=AREA, datetime="2026-06-01/2026-06-15", sortby="-datetime", max_items=2)
    quote = provider.quote(search)
    order = provider.order(search, max_cost=quote.amount)  # an amount that is not known is no cap
    order = provider.wait(order, timeout=120, progress=False)
    items = provider.download(order, folder, progress=False)
    shapes = {}
    for item in items:
        data = provider.load([item])
        shapes[item.id] = {"dims": dict(data.sizes), "bands": list(data.data_vars), "crs": data.attrs["crs"]}
    print(
        json.dumps(
            {
                "found": [item.id for item in search.items()],
                "state": order.state.value,
                "downloaded": [item.id for item in items],
                "loaded": shapes,
            }
        )
    )

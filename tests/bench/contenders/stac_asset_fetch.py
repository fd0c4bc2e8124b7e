# SPDX-License-Identifier: Apache-2.0
"""stac-asset: BASE LIST OUT. The files as the assets of one item."""

import asyncio
import datetime as dt
import sys
from pathlib import Path

import pystac
import stac_asset

base, listed, out = sys.argv[1:4]
item = pystac.Item("bench", None, None, dt.datetime(2026, 6, 1, tzinfo=dt.UTC), {})
for line in Path(listed).read_text(encoding="utf-8").splitlines():
    name = line.split("\t")[0]
    item.add_asset(name, pystac.Asset(f"{base}/{name}", media_type="image/tiff"))
config = stac_asset.Config()
asyncio.run(stac_asset.download_item(item, out, config=config, infer_file_name=False, stream=True))

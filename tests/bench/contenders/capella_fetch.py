# SPDX-License-Identifier: Apache-2.0
"""Capella's console client: BASE LIST OUT. Several files as the assets of one product, in its own threads."""

import sys
from pathlib import Path

from capella_console_client import CapellaConsoleClient

base, listed, out = sys.argv[1:4]
names = [line.split("\t")[0] for line in Path(listed).read_text(encoding="utf-8").splitlines()]
client = CapellaConsoleClient(no_auth=True, base_url=base)
if len(names) == 1:
    client.download_asset(f"{base}/{names[0]}", local_path=Path(out), override=True)
else:
    stac_id = "CAPELLA_C02_SP_GEO_HH_20260601000000_20260601000003"  # it reads this out of each link
    keys = ["HH", *(f"asset-{number}" for number in range(1, len(names)))]
    assets = {key: {"href": f"{base}/{name}?id={stac_id}"} for key, name in zip(keys, names, strict=True)}
    item = {"id": stac_id, "assets": assets, "properties": {}}
    client.download_products(items_presigned=[item], local_dir=Path(out), separate_dirs=False)

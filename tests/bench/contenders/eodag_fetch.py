# SPDX-License-Identifier: Apache-2.0
"""EODAG: BASE LIST OUT. One product whose assets the files are, by its HTTP plugin and its own threads."""

import sys
from pathlib import Path

from eodag import EOProduct
from eodag.config import PluginConfig
from eodag.plugins.download.http import HTTPDownload

base, listed, out = sys.argv[1:4]
names = [line.split("\t")[0] for line in Path(listed).read_text(encoding="utf-8").splitlines()]
product = EOProduct(
    "bench",
    {
        "id": "bench",
        "title": "bench",
        "geometry": "POINT (5 52)",
        "eodag:download_link": f"{base}/{names[0]}",
        "order:status": "succeeded",
    },
    collection="bench",
)
if len(names) > 1:
    product.assets.update({name: {"href": f"{base}/{name}", "title": name} for name in names})
plugin = HTTPDownload("bench", PluginConfig.from_mapping({"type": "HTTPDownload", "extract": False}))
product.register_downloader(plugin, None)
product.download(output_dir=out, wait=0.1, timeout=1)

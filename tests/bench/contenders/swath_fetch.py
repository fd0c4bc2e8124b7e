# SPDX-License-Identifier: Apache-2.0
"""swath's transfer, as `Provider.download` runs it: BASE LIST OUT [CONNECTIONS] [sha256|size|none].

CONNECTIONS is the most that may be open at once. The last word says what is published of the files: their SHA-256,
their size only, or nothing.
"""

import inspect
import sys
from pathlib import Path

from swath._clock import SystemClock
from swath._http.client import HttpClient, Settings
from swath._http.origins import Origins
from swath._transfer import Target, fetch_all
from swath.models import Asset

base, listed, out = sys.argv[1:4]
connections = int(sys.argv[4]) if len(sys.argv) > 4 else 8
published = sys.argv[5] if len(sys.argv) > 5 else "none"
more = {}
if published == "size" and "verify" in inspect.signature(fetch_all).parameters:
    more["verify"] = "size"
targets = []
for line in Path(listed).read_text(encoding="utf-8").splitlines():
    name, size, digest = line.split("\t")
    known = {"sha256": {"checksum": f"1220{digest}", "size": int(size)}, "size": {"size": int(size)}}.get(published, {})
    asset = Asset(href=f"{base}/{name}", name=name, media_type="image/tiff", **known)
    targets.append(Target(asset=asset, path=Path(out, name)))
http = HttpClient(Settings(provider="x", account="a", origins=Origins([]), clock=SystemClock()))
fetch_all(targets, http=http, workers=connections, **more).raise_for_failures()
http.close()

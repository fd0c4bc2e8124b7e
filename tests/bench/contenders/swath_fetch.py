# SPDX-License-Identifier: Apache-2.0
"""swath's transfer, as `Provider.download` runs it: BASE LIST OUT [sha256|size|none] [MOST].

The fourth word says what is published of the files: their SHA-256, their size only, or nothing. MOST is how many
connections one host may get; as many as swath would choose by itself if left out.
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
published = sys.argv[4] if len(sys.argv) > 4 else "none"
more = {}
if len(sys.argv) > 5:
    from swath._transfer.crew import Parts
    from swath._transfer.job import Effort

    more["effort"] = Effort(parts=Parts(most=int(sys.argv[5])))
if published == "size" and "verify" in inspect.signature(fetch_all).parameters:
    more["verify"] = "size"
targets = []
for line in Path(listed).read_text(encoding="utf-8").splitlines():
    name, size, digest = line.split("\t")
    known = {"sha256": {"checksum": f"1220{digest}", "size": int(size)}, "size": {"size": int(size)}}.get(published, {})
    asset = Asset(href=f"{base}/{name}", name=name, media_type="image/tiff", **known)
    targets.append(Target(asset=asset, path=Path(out, name)))
http = HttpClient(Settings(provider="x", account="a", origins=Origins([]), clock=SystemClock()))
fetch_all(targets, http=http, **more).raise_for_failures()
http.close()

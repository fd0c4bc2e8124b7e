# SPDX-License-Identifier: Apache-2.0
"""Fetches and verifies one large file; prints as JSON what it cost in memory.

Arguments: URL, target, size in bytes, checksum as multihash.
"""

import json
import re
import resource
import sys
import time
from pathlib import Path

from swath._clock import SystemClock
from swath._http.client import HttpClient, Settings
from swath._http.origins import Origins
from swath._transfer import fetch_all
from swath._transfer.plan import Target
from swath.models import Asset


def peak_bytes() -> int:
    """Give the most memory this process has held. Linux's `ru_maxrss` would count what its parent held, too."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.search(r"VmHWM:\s+(\d+)", status.read_text())[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


url, path, size, checksum = sys.argv[1:]


def most_memory():
    """Give the most that this program has had in memory, in bytes.

    What `getrusage` says begins, on Linux, with what the process held that started this one.
    """
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


asset = Asset(href=url, name="large.bin", size=int(size), checksum=checksum)
clock = SystemClock()
http = HttpClient(Settings(provider="large", account="a", origins=Origins([]), clock=clock))
started_s = time.monotonic()
report = fetch_all([Target(asset=asset, path=Path(path))], http=http)
(outcome,) = report.outcomes
print(
    json.dumps(
        {
            "status": outcome.status,
            "error": str(outcome.error) if outcome.error else None,
            "verified": outcome.receipt.verified.value if outcome.receipt else None,
            "rss_bytes": most_memory(),
            "seconds": time.monotonic() - started_s,
        }
    )
)

# SPDX-License-Identifier: Apache-2.0
"""The same plain order by swath.

    python swath_faults.py BASE_URL API_KEY DIRECTORY READ_TIMEOUT_S LATER_S

LATER_S is how much later than the machine's clock says it is. Prints one JSON object.
"""

from __future__ import annotations

import datetime as dt
import json
import pathlib
import sys

from swath._clock import SystemClock
from swath._open import make_provider
from swath.errors import PartialFailure

BUNDLE = "analytic_udm2"


class LaterClock(SystemClock):
    """The machine's clock, put forward."""

    def __init__(self, later_s):
        self.later = dt.timedelta(seconds=later_s)

    def now(self):
        return super().now() + self.later


def main(root, key, folder, patience_s, later_s):
    """Run the steps and say how far they came."""
    told = {"step": "search", "error": None}
    given = {"api_key": key, "base_url": root}
    home = pathlib.Path(folder, ".swath")
    with make_provider(
        "planet", profile=None, given=given, home=home, read_s=patience_s, clock=LaterClock(later_s)
    ) as provider:
        try:
            items = provider.search(
                collections=["PSScene"],
                bbox=[5.4, 52.42, 5.6, 52.55],
                filter="\"planet:quality_category\" = 'standard'",
                datetime="2026-06-01/2026-06-15",
                max_items=1,
            ).item_collection()
            told["step"] = "order"
            order = provider.order(items, bundle=BUNDLE)
            told["step"] = "wait"
            order = provider.wait(order, timeout=60)
            told["state"] = order.native_state
            told["step"] = "download"
            provider.download(order, folder, progress=False)
            told["step"] = "done"
        except PartialFailure as err:
            told["error"] = f"PartialFailure ({type(err.report.failed[0].error).__name__})"
        except Exception as err:  # noqa: BLE001 (which error it is, is what is measured)
            told["error"] = type(err).__name__
    return told


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:4], float(sys.argv[4]), float(sys.argv[5]))))

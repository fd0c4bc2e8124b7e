# SPDX-License-Identifier: Apache-2.0
"""Orders: many of them, at exactly the rate that the provider permits."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from harness.model import Contender, Goal, Ground, Row
from harness.places import ROOT, python, script

COUNT: Final = 500
PER_S: Final = 10
_SERVER: Final = ROOT / "tests" / "bench" / "servers" / "orderbook.py"


@contextlib.contextmanager
def _ground(folder: Path) -> Iterator[Ground]:
    running = subprocess.Popen([python("swath"), str(_SERVER)], stdout=subprocess.PIPE, text=True)
    try:
        port = (running.stdout.readline() if running.stdout else "").strip()
        if not port:
            raise RuntimeError("the stand-in did not start")
        yield {"base": f"http://127.0.0.1:{port}"}
    finally:
        running.kill()
        running.communicate()


ROWS: Final = (
    Row(
        key="orders",
        title="500 orders at a provider that permits 10 a second",
        prepare=_ground,
        tells=True,
        repeats=1,
        contenders=[
            Contender(
                name="swath", side="swath", argv=lambda ground: script("swath", "orders.py", ground["base"], COUNT)
            ),
        ],
        goals=[
            Goal(ours="swath", most=COUNT / PER_S, slack=0.05, text="500 orders within 5 % of 50 s"),
            Goal(
                ours="swath", measure="wait_s", most=60, text="all of them seen done within 60 s more, by single looks"
            ),
            Goal(ours="swath", measure="refused", most=0, text="none refused with 429"),
            Goal(ours="swath", measure="looks_at_once", most=1, text="one poll loop: one look at a time"),
        ],
        note="Seconds are those of the ordering; the waiting for all of them comes after it. The stand-in refuses the "
        "eleventh request within any one second. Where that ends the ordering, the program calls the same again.",
    ),
)

# SPDX-License-Identifier: Apache-2.0
"""Federation: one search over four providers, against each of them alone."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from harness.model import Contender, Goal, Ground, Row
from harness.places import ROOT, python, script

NAMES: Final = ("capella", "cecil", "planet", "sedas")
LATENCY_S: Final = 0.25
_SERVER: Final = ROOT / "tests" / "bench" / "servers" / "stand_ins.py"


@contextlib.contextmanager
def _ground(folder: Path) -> Iterator[Ground]:
    running = subprocess.Popen([python("swath"), str(_SERVER), str(LATENCY_S)], stdout=subprocess.PIPE, text=True)
    try:
        told = json.loads((running.stdout.readline() if running.stdout else "") or "{}")
        if not told:
            raise RuntimeError("the stand-ins did not start")
        yield {"env": told["env"]}
    finally:
        running.terminate()
        running.communicate()


def _env(ground: Ground) -> Mapping[str, str]:
    found: Mapping[str, str] = ground["env"]
    return found


def _of(name: str, *providers: str, **options: Any) -> Contender:
    return Contender(
        name=name,
        side="swath",
        argv=lambda _: script("swath", "federated.py", ",".join(providers)),
        env=_env,
        **options,
    )


ROWS: Final = (
    Row(
        key="federation",
        title="One search over four providers",
        prepare=_ground,
        tells=True,
        warm_up=True,
        contenders=[_of("all four", *NAMES), *(_of(f"{name} alone", name) for name in NAMES)],
        goals=[
            Goal(
                ours="all four",
                other=tuple(f"{name} alone" for name in NAMES),
                most=1.15,
                text="all four: at most 1.15 × the slowest one alone",
            ),
        ],
        note="Against the stand-ins in one process, each answer 0.25 s late; from asking to the last item.",
    ),
)

# SPDX-License-Identifier: Apache-2.0
"""What was measured, row by row, beside the page: so that one row can be measured again and the others stay."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from harness.model import Row, Sample, Summary, Verdict, judge
from harness.places import ROOT, versions

RESULTS: Final = ROOT / "tests" / "bench" / "results.json"


def machine() -> dict[str, str]:
    """Describe the machine, without its name."""
    info = Path("/proc/cpuinfo")
    models = []
    if info.exists():
        lines = info.read_text(encoding="utf-8").splitlines()
        models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "cores": str(os.cpu_count()),
        "processor": models[0] if models else platform.machine(),
        "memory": f"{pages / 2**30:.0f} GiB",
        "kernel": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "files": _file_system(Path(tempfile.gettempdir()).resolve()),
    }


def _file_system(folder: Path) -> str:
    """Name the kind of file system that a folder is on."""
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return "unknown"
    kinds = {Path(line.split()[1]): line.split()[2] for line in mounts.read_text(encoding="utf-8").splitlines()}
    return next((kinds[place] for place in (folder, *folder.parents) if place in kinds), "unknown")


def others_share() -> float:
    """Say which share of all cores other processes use, over one second; 0 to 1."""

    def seen() -> tuple[int, int]:
        counts = [int(one) for one in Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:]]
        return counts[3] + counts[4], sum(counts[:8])

    if not Path("/proc/stat").exists():
        return 0.0
    idle, total = seen()
    time.sleep(1.0)
    idle_then, total_then = seen()
    return 1 - (idle_then - idle) / max(1, total_then - total)


def load() -> dict[str, Any]:
    """Read what is kept; nothing where it is of another machine."""
    if RESULTS.exists():
        kept: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8"))
        if kept.get("machine") == machine():
            return kept
    return {"machine": machine(), "versions": {}, "rows": {}}


def keep(results: dict[str, list[Summary]], others: float) -> dict[str, Any]:
    """Put rows that were measured now in the place of the older ones, and give all.

    Args:
        results: By row.
        others: Which share of the machine other processes used when it began; 0 to 1.
    """
    kept = load()
    kept["versions"] = versions()
    today = dt.datetime.now(dt.UTC).date().isoformat()
    for key, summaries in results.items():
        kept["rows"][key] = {
            "measured": today,
            "others": round(others, 2),
            "contenders": [_record(summary) for summary in summaries],
        }
    RESULTS.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return kept


def _record(summary: Summary) -> dict[str, Any]:
    told: dict[str, Any] = {"name": summary.name, "side": summary.side}
    if summary.left_out:
        return {**told, "left_out": summary.left_out}
    runs = [
        {"s": round(one.seconds, 4), "cpu_s": round(one.cpu_s, 3), "mb": round(one.rss_mb, 1)}
        | ({"facts": dict(one.facts)} if one.facts else {})
        for one in summary.samples
    ]
    return {**told, "runs": runs}


def summaries_of(record: dict[str, Any]) -> list[Summary]:
    """Read a row back."""
    return [
        Summary(
            name=one["name"],
            side=one["side"],
            left_out=one.get("left_out", ""),
            samples=[
                Sample(seconds=run["s"], cpu_s=run["cpu_s"], rss_mb=run["mb"], facts=run.get("facts", {}))
                for run in one.get("runs", ())
            ],
        )
        for one in record["contenders"]
    ]


def verdicts(row: Row, summaries: list[Summary]) -> list[Verdict]:
    """Judge all goals of a row."""
    known = {summary.name: summary for summary in summaries}
    return [judge(goal, known) for goal in row.goals]

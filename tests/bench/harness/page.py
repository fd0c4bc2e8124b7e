# SPDX-License-Identifier: Apache-2.0
"""Writes docs/benchmarks.md; what stands between its marks is written by hand and stays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from harness import kept, tables
from harness.model import Row
from harness.places import ROOT

PAGE: Final = ROOT / "docs" / "benchmarks.md"
BEGIN: Final = "<!-- by hand: begin -->"
END: Final = "<!-- by hand: end -->"
_EMPTY: Final = """
## Where the time goes

Not written yet. To see where a program spends its time, keep the servers of its row running and put a profiler before the
command line that is printed for it:

```sh
.venv/bin/python tests/bench/run.py --rows large --serve      # prints whom to call, and in which folder
uv pip install --python .venv/bin/python py-spy pyinstrument
.venv/bin/py-spy record --native --threads -o profile.svg -- COMMAND   # a flame graph, with C and each thread
.venv/bin/python -m pyinstrument COMMAND_WITHOUT_PYTHON                # a tree of calls, of the main thread
```
"""


def write(rows: Mapping[str, Row], results: dict[str, Any]) -> None:
    """Write the page anew from all rows that are kept."""
    PAGE.write_text(_page(rows, results, _by_hand()), encoding="utf-8")


def _by_hand() -> str:
    if PAGE.exists():
        text = PAGE.read_text(encoding="utf-8")
        if BEGIN in text and END in text:
            return text.split(BEGIN, 1)[1].split(END, 1)[0]
    return _EMPTY


def _page(rows: Mapping[str, Row], results: dict[str, Any], by_hand: str) -> str:
    parts, counts = [], {True: 0, False: 0, None: 0}
    summary = ["| Row | Goals met | Measured | Others |", "|---|---:|---:|---:|"]
    for key, row in rows.items():
        record = results["rows"].get(key)
        if record is None:
            continue
        summaries = kept.summaries_of(record)
        if [one.name for one in summaries] != [one.name for one in row.contenders]:
            continue  # measured when the row was another
        found = kept.verdicts(row, summaries)
        for one in found:
            counts[one.met] += 1
        met = sum(one.met is True for one in found)
        summary.append(
            f"| {row.title} (`{key}`) | {met} of {len(found)} | {record['measured']} | {record['others']:.0%} |"
        )
        parts.append(f"### {row.title}\n\n`make bench ROWS={key}`\n\n{tables.written(row, summaries, found)}")
    unknown = f", {counts[None]} could not be judged" if counts[None] else ""
    about = results["machine"]
    return f"""<!-- Written by `make bench`, but for what stands between the marks; see tests/bench/harness/page.py. -->

# Benchmarks, measured

How long swath takes beside curl, generic clients and the providers' own SDKs, over loopback on one machine. Figures say
little by themselves; ratios within a row do. **{counts[True]} of {sum(counts.values())} goals are met**, {counts[False]}
are not{unknown}.

{chr(10).join(summary)}

- Repeat it with `make bench` (about a quarter of an hour), one row with `make bench ROWS=large,tls`, the slowest peers
  too with `SLOW=1`. `REPEATS=n` runs everybody n times at most (5), and nobody longer than {_most_s()} s in a row.
- A run is a whole process: interpreter, imports, work, end. Contenders run in turn, round after round.
- **min–max** is over all runs, **× swath** the median as a multiple of swath's first line, **CPU s** what the process
  used of all cores, **MB** the peak resident memory (10⁶ bytes) of the largest process. *In italics*: limits, programs
  that do the bare work and nothing else.
- **Others** is the share of all cores that other processes used in the second before the row began. Above a few percent
  the figures are those of a busy machine.
- Files come from nginx on loopback and go, freshly named, to a file system of the kind {about["files"]} (`TMPDIR` chooses it:
  one in memory keeps the disk's moods out). Each program's work is checked: all files there in full size, all items found.
- Each peer lives in an environment of its own. Where a peer has a limiter of its own, it is measured with it and without.

Machine: {about["cores"]} cores of {about["processor"]}, {about["memory"]}, {about["kernel"]}.

{_versions(results["versions"])}

{BEGIN}{by_hand}{END}

## Rows

{(chr(10) * 2).join(parts)}
"""


def _most_s() -> str:
    from harness.measuring import MOST_S

    return f"{MOST_S:g}"


def _versions(found: Mapping[str, Mapping[str, str]]) -> str:
    lines = ["| Environment | Versions |", "|---|---|"]
    for name, versions in found.items():
        lines.append(f"| {name} | {', '.join(f'{one} {number}' for one, number in versions.items())} |")
    return "\n".join(lines)

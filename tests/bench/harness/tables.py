# SPDX-License-Identifier: Apache-2.0
"""The table of a row, for people."""

from __future__ import annotations

from collections.abc import Sequence

from harness.model import Row, Summary, Verdict

HEAD = ("", "median", "min–max", "× swath", "CPU s", "MB", "runs")
_MARKS = {True: "met", False: "NOT MET", None: "?"}


def lines(row: Row, summaries: Sequence[Summary]) -> list[tuple[str, ...]]:
    """Give the cells of each contender; ratios are to the first one, which is swath's."""
    base = summaries[0].median()
    found = []
    for summary in summaries:
        median = summary.median()
        if median is None:
            found.append((summary.name, "–", summary.left_out, "", "", "", "0"))
            continue
        values = summary.values()
        ratio = f"{median / base:.2f}" if base else ""
        cpu_s, rss_mb = summary.median("cpu_s"), summary.median("rss_mb")
        spread = f"{_time(min(values), row)}–{_time(max(values), row)}"
        cells = (_time(median, row), spread, ratio, f"{cpu_s:.2f}", f"{rss_mb:.0f}", str(len(values)))
        found.append((summary.name, *cells))
    return found


def _time(seconds: float, row: Row) -> str:
    return f"{seconds * 1000:.0f}" if row.unit == "ms" else f"{seconds:.2f}"


def printed(row: Row, summaries: Sequence[Summary], verdicts: Sequence[Verdict]) -> str:
    """Write a row for a terminal."""
    head = (f"{row.title} ({row.unit})", *HEAD[1:])
    cells = [head, *lines(row, summaries)]
    widths = [max(len(line[at]) for line in cells if line[1] != "–" or at == 0) for at in range(len(head))]
    text = []
    for line in cells:
        aligned = [
            line[0].ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)),
        ]
        text.append("  ".join(aligned).rstrip() if line[1] != "–" else f"{aligned[0]}  – {line[2]}")
    text += [f"  {_MARKS[one.met]:8}{one.goal}: {one.shown}" for one in verdicts]
    return "\n".join(text)


def written(row: Row, summaries: Sequence[Summary], verdicts: Sequence[Verdict]) -> str:
    """Write a row in Markdown."""
    text = [f"| {row.title} | {' | '.join(HEAD[1:])} |", "|---|" + "---:|" * (len(HEAD) - 1)]
    sides = {summary.name: summary.side for summary in summaries}
    for line in lines(row, summaries):
        name = {"swath": f"**{line[0]}**", "limit": f"*{line[0]}*"}.get(sides[line[0]], line[0])
        text.append(f"| {name} | {' | '.join(line[1:])} |")
    goals = [f"- {'✓' if one.met else '✗' if one.met is False else '?'} {one.goal}: {one.shown}" for one in verdicts]
    note = [row.note, ""] if row.note else []
    return "\n".join([*text, "", *note, *goals])

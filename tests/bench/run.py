# SPDX-License-Identifier: Apache-2.0
"""Measures swath beside its peers and writes docs/benchmarks.md: ``make bench``.

python tests/bench/run.py [--rows large,tls] [--repeats 5] [--slow] [--no-page]
"""

from __future__ import annotations

import argparse
import contextlib
import shlex
import shutil
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

from harness import kept, page, places, tables
from harness.measuring import measure
from rows import ROWS

NEEDED_BYTES = 4 * 2**30


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure swath beside its peers.")
    parser.add_argument("--rows", default="", help=f"which, joined by commas; all if empty: {', '.join(ROWS)}")
    parser.add_argument("--repeats", type=int, default=5, help="runs of each program at most (5)")
    parser.add_argument("--slow", action="store_true", help="also what takes minutes")
    parser.add_argument(
        "--serve", action="store_true", help="only run the servers of one row, and say how to call whom"
    )
    parser.add_argument("--no-page", action="store_true", help="print only")
    given = parser.parse_args()
    given.rows = [name for name in given.rows.replace(" ", ",").split(",") if name] or list(ROWS)
    if given.serve and len(given.rows) != 1:
        parser.error("name one row to serve: --rows large")
    unknown = [name for name in given.rows if name not in ROWS]
    if unknown or given.repeats < 1:
        parser.error(f"there is no row {unknown[0]!r}: {', '.join(ROWS)}" if unknown else "repeats must be at least 1")
    return given


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _serve(key: str) -> int:
    """Keep a row's servers running, so that a profiler can be put before whom it interests."""
    row = ROWS[key]
    with tempfile.TemporaryDirectory(prefix="swath-bench-") as folder, row.prepare(Path(folder)) as ground:
        for contender in row.contenders:
            if not places.missing(contender.place):
                env = contender.env(ground) if contender.env is not None else {}
                words = [f"{name}={value}" for name, value in env.items()] + list(contender.argv(ground))
                print(f"# {contender.name}\n{shlex.join(words)}\n", flush=True)
        print(f"cd {folder}; interrupt me when done", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()
    return 0


def main() -> int:
    """Measure, print, write."""
    given = _arguments()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where a shell starts this in the background
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # the servers must not outlive this
    if given.serve:
        return _serve(given.rows[0])
    if shutil.disk_usage(tempfile.gettempdir()).free < NEEDED_BYTES:
        _say(f"{tempfile.gettempdir()} needs 4 GiB of free space; choose another place by TMPDIR")
        return 2
    started_s, met = time.monotonic(), []
    for key in given.rows:
        row, others = ROWS[key], kept.others_share()
        _say(f"{row.title} ({key})")
        with tempfile.TemporaryDirectory(prefix="swath-bench-") as folder:
            summaries = measure(row, Path(folder), repeats=given.repeats, slow=given.slow, say=_say)
        verdicts = kept.verdicts(row, summaries)
        met += [one.met for one in verdicts]
        print(f"\n{tables.printed(row, summaries, verdicts)}\n", flush=True)
        if not given.no_page:
            page.write(ROWS, kept.keep({key: summaries}, others))
    print(f"{met.count(True)} of {len(met)} goals met, in {time.monotonic() - started_s:.0f} s")
    missing = {name: places.missing(name) for name in places.TOOLS if places.missing(name)}
    for reason in missing.values():
        print(f"left out: {reason}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

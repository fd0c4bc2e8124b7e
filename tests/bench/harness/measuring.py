# SPDX-License-Identifier: Apache-2.0
"""Runs the contenders of a row in turn, round after round, so that what disturbs the machine meets all of them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from attrs import define, field

from harness import places
from harness.model import Contender, Ground, Row, Sample, Summary

PATIENCE_S: Final = 400.0
MOST_S: Final = 25.0
"""Seconds that one contender may take of a row; the first run counts in any case."""
MOST_FAILURES: Final = 1
"""Runs of a contender that may fail: a busy machine can starve one. The next one leaves it out."""
_KEPT: Final = ("PATH", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH")
_LAUNCH: Final = Path(__file__).with_name("launch.py")


class Failed(Exception):
    """A contender did not do its work."""


@define
class _Turns:
    """What of one contender is measured."""

    contender: Contender
    samples: list[Sample] = field(factory=list)
    left_out: str = ""
    failures: int = 0

    def is_due(self, repeats: int) -> bool:
        if self.left_out or len(self.samples) >= repeats:
            return False
        spent_s = sum(sample.seconds for sample in self.samples)
        return not self.samples or spent_s + spent_s / len(self.samples) <= MOST_S


def measure(row: Row, folder: Path, *, repeats: int, slow: bool, say: Callable[[str], None]) -> list[Summary]:
    """Measure a row.

    Args:
        row: Which.
        folder: For its files; empty.
        repeats: Runs of each contender at most.
        slow: Whether those take part that take minutes.
        say: Told how it goes.
    """
    turns = [_Turns(contender, left_out=_left_out(contender, slow=slow)) for contender in row.contenders]
    if all(turn.left_out for turn in turns):
        return _summaries(turns)
    with row.prepare(folder) as ground:
        for turn in turns:
            if row.warm_up and not turn.left_out:
                _run(turn, row, ground, folder, say)
                turn.samples.clear()
        most = min(repeats, row.repeats or repeats)
        while any(turn.is_due(most) for turn in turns):
            for turn in turns:
                if turn.is_due(most):
                    _run(turn, row, ground, folder, say)
    return _summaries(turns)


def _summaries(turns: list[_Turns]) -> list[Summary]:
    return [
        Summary(name=turn.contender.name, side=turn.contender.side, samples=turn.samples, left_out=turn.left_out)
        for turn in turns
    ]


def _left_out(contender: Contender, *, slow: bool) -> str:
    if contender.slow and not slow:
        return "takes minutes: measured with SLOW=1"
    return places.missing(contender.place)


def _run(turn: _Turns, row: Row, ground: Ground, folder: Path, say: Callable[[str], None]) -> None:
    """Run one contender once, in folders that nobody has used, and note what came of it."""
    out = Path(ground.get("out", folder / "out"))
    _clear(out)
    home = folder / "home"
    home.mkdir(exist_ok=True)
    env = {name: value for name, value in os.environ.items() if name in _KEPT}
    env |= {"HOME": str(home), "SWATH_HOME": str(home / "swath"), "NO_PROXY": "*"}
    if turn.contender.env is not None:
        env |= dict(turn.contender.env(ground))
    try:
        sample = launch(list(turn.contender.argv(ground)), env, folder, tells=row.tells)
        if row.check is not None:
            row.check(ground)
        turn.samples.append(sample)
    except Failed as err:
        turn.failures += 1
        if turn.failures > MOST_FAILURES:
            turn.left_out = f"failed: {err}"
            turn.samples.clear()
        else:
            say(f"  {turn.contender.name} failed, again: {err}")
    else:
        say(f"  {turn.contender.name}: {sample.seconds:.3f} s, {sample.rss_mb:.0f} MB")
    finally:
        _clear(out)
        shutil.rmtree(home, ignore_errors=True)


def _clear(out: Path) -> None:
    """Empty the target; what was not written to the disk yet then never is, and costs the next one nothing."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)


def launch(command: list[str], env: dict[str, str], folder: Path, *, tells: bool = False) -> Sample:
    """Run a command and give what it took.

    Raises:
        Failed: It ended with another status than 0, or not at all.
    """
    result, stdout = folder / "result", folder / "stdout"
    result.unlink(missing_ok=True)
    launcher = [sys.executable, "-I", "-S", str(_LAUNCH), str(result), str(stdout), *command]
    running = subprocess.Popen(
        launcher, env=env, cwd=folder, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    )
    try:
        _, complaints = running.communicate(timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        _end(running)
        raise Failed(f"no end in {PATIENCE_S:g} s") from None
    except BaseException:  # Ctrl-C above all
        _end(running)
        raise
    if not result.exists():
        raise Failed(_last_line(complaints))
    status, seconds, cpu_s, rss_kib = result.read_text(encoding="ascii").split()
    if status != "0":
        raise Failed(f"status {status}: {_last_line(complaints)}")
    facts = json.loads(stdout.read_text(encoding="utf-8")) if tells else {}
    return Sample(
        seconds=float(facts.get("seconds", seconds)), cpu_s=float(cpu_s), rss_mb=int(rss_kib) * 1024 / 1e6, facts=facts
    )


def _end(running: subprocess.Popen[bytes]) -> None:
    """End the launcher and what it has started."""
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate()


def _last_line(complaints: bytes) -> str:
    lines = complaints.decode(errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else "it said nothing"

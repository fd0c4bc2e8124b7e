# SPDX-License-Identifier: Apache-2.0
"""What a row is: who runs in it, what it needs, what it is to show."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Literal

from attrs import field, frozen

Ground = Mapping[str, Any]
"""What a row's set-up hands to the command lines of those who run: addresses, lists, folders."""


@frozen(kw_only=True)
class Contender:
    """One program in a row."""

    name: str
    argv: Callable[[Ground], Sequence[str]]
    side: Literal["swath", "peer", "limit"] = "peer"
    place: str = "swath"
    """The environment or tool that it needs, of `places`."""
    env: Callable[[Ground], Mapping[str, str]] | None = None
    slow: bool = False
    """Whether it takes minutes by its nature and runs only if slow ones are asked for."""


@frozen(kw_only=True)
class Goal:
    """What swath is to reach, of one measure: at most `most` times another's, or at most that much as it is."""

    ours: str
    most: float
    other: str | tuple[str, ...] | None = None
    """Of several, the slowest."""
    measure: str = "seconds"
    """``seconds``, ``rss_mb``, or a fact that the program tells."""
    text: str = ""
    slack: float = 0.0
    """By how much the measure may differ from `most`, as a share of it, where it is a target and no ceiling."""

    @property
    def worded(self) -> str:
        """Say the goal in words."""
        if self.text:
            return self.text
        if self.other is None:
            return f"{self.ours}: at most {self.most:g} {_UNITS.get(self.measure, self.measure)}"
        if self.most < 1 and isinstance(self.other, str):
            return f"{self.ours}: at least {round(1 / self.most, 2):g} × as fast as {self.other}"
        return f"{self.ours}: at most {self.most:g} × {self.other}"


_UNITS = {"seconds": "s", "rss_mb": "MB"}


@frozen(kw_only=True)
class Row:
    """One line of the table."""

    key: str
    title: str
    contenders: Sequence[Contender]
    goals: Sequence[Goal] = ()
    prepare: Callable[[Path], AbstractContextManager[Ground]]
    """Makes ready, in a folder, what they need; takes it down."""
    check: Callable[[Ground], None] | None = None
    """Raises where a program has not done its work."""
    tells: bool = False
    """Whether programs print one JSON object of what they measured themselves, `seconds` among it."""
    repeats: int | None = None
    """How often each runs at most, if not as often as asked for."""
    warm_up: bool = False
    """Whether everyone runs once before it counts."""
    unit: Literal["s", "ms"] = "s"
    note: str = ""


@frozen(kw_only=True)
class Sample:
    """One run of one program."""

    seconds: float
    cpu_s: float
    rss_mb: float
    facts: Mapping[str, Any] = field(factory=dict)


@frozen(kw_only=True)
class Summary:
    """All runs of one program in a row."""

    name: str
    side: str
    samples: Sequence[Sample] = ()
    left_out: str = ""
    """Why there are no samples."""

    def values(self, measure: str = "seconds") -> list[float]:
        """Give one measure of all runs."""
        if measure in {"seconds", "cpu_s", "rss_mb"}:
            return [getattr(sample, measure) for sample in self.samples]
        return [float(sample.facts[measure]) for sample in self.samples if measure in sample.facts]

    def median(self, measure: str = "seconds") -> float | None:
        """Give the median of a measure, None where there is none."""
        values = self.values(measure)
        return statistics.median(values) if values else None


@frozen(kw_only=True)
class Verdict:
    """Whether a goal is met."""

    goal: str
    met: bool | None
    """None where it could not be judged."""
    shown: str


def _reference(goal: Goal, summaries: Mapping[str, Summary]) -> float | None:
    """Give what a goal is held against: another's median, or the slowest of several."""
    names = (goal.other,) if isinstance(goal.other, str) else goal.other or ()
    found = [summaries[name].median(goal.measure) for name in names]
    return None if None in found else max(value for value in found if value is not None)


def judge(goal: Goal, summaries: Mapping[str, Summary]) -> Verdict:
    """Hold a goal against what was measured."""
    own = summaries[goal.ours].median(goal.measure)
    reference = 1.0 if goal.other is None else _reference(goal, summaries)
    if own is None or reference is None:
        return Verdict(goal=goal.worded, met=None, shown="not measured")
    found = own / reference
    met = abs(found - goal.most) <= goal.slack * goal.most if goal.slack else found <= goal.most
    if goal.other is None:
        shown = f"{found:.3g} {_UNITS.get(goal.measure, '')}".strip()
    elif goal.most < 1 and not goal.text:
        shown = f"{1 / found:.2f} × as fast"
    else:
        shown = f"{found:.2f} ×"
    return Verdict(goal=goal.worded, met=met, shown=shown)

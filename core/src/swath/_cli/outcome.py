# SPDX-License-Identifier: Apache-2.0
"""Tells how each of several providers has taken part in a command, and ends it by that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from swath._cli.output import print_table, say

if TYPE_CHECKING:
    from swath.errors import SwathError
    from swath.models import Contribution, ItemDict

__all__ = ["end", "exit_code_of", "tell_contributions"]

_PARTLY = 6


def tell_contributions(outcome: Sequence[Contribution], shown: Sequence[ItemDict]) -> None:
    """Print on standard error how each has taken part.

    Args:
        outcome: Of the search, which asked for one item more than was wanted.
        shown: The items that are printed.
    """
    from swath.models import Part

    if not outcome:
        return
    counts = Counter(str(item["properties"].get("swath:provider")) for item in shown)
    rows = []
    for one in outcome:
        found = counts[one.provider]
        part = Part.TRUNCATED if one.part is Part.DONE and found < one.found else one.part
        why = one.note if one.error is None else f"{type(one.error).__name__}: {one.error.message}"
        rows.append([one.provider, part.value, found, f"{one.seconds:.2f}", why])
    print_table(["PROVIDER", "OUTCOME", "FOUND", "SECONDS", "WHY"], rows, err=True)


def exit_code_of(outcome: Sequence[Contribution], *, everywhere: bool) -> int:
    """Choose the exit code: that of the failure if all failed, 6 if some did.

    Args:
        outcome: How each has taken part.
        everywhere: Whether nobody was named: a provider that you have no credentials for is then no failure.
    """
    from swath.errors import MissingCredentials
    from swath.models import Part

    missing = [one for one in outcome if isinstance(one.error, MissingCredentials)]
    failed = [one for one in outcome if one.part in {Part.FAILED, Part.LATE}]
    if len(failed) == len(outcome) and failed:
        first = next((one.error for one in failed if one.error is not None and one not in missing), failed[0].error)
        return _PARTLY - 1 if first is None else first.exit_code
    return _PARTLY if any(not (everywhere and one in missing) for one in failed) else 0


def end(context: click.Context, failures: Sequence[SwathError], *, done: bool) -> None:
    """Tell what went wrong at single providers, and exit with 6 if there is something `done` besides.

    Raises:
        SwathError: The only failure, where nothing else is done.
    """
    if not failures:
        return
    if len(failures) == 1 and not done:
        raise failures[0]
    for err in failures:
        say(f"Error: {err.provider or 'swath'}: {err.message}")
        say(f"Hint:  {err.hint}")
    context.exit(_PARTLY if done else failures[0].exit_code)

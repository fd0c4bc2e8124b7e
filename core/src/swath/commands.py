# SPDX-License-Identifier: Apache-2.0
"""For plugins that have commands of their own: what makes ``swath NAME ...`` behave as core's commands do.

Only what a plugin's `commands` hook gives imports this, and click. Groups and commands have ``--profile`` and ``-v``;
errors that reach the top are printed with their hint and end with their exit code; interruptions and closed pipes are
handled.

Example::

    from swath.commands import Group, say


    @click.group(cls=Group)
    def example() -> None: ...
"""

from __future__ import annotations

import click

from swath._cli.group import Command, Group, LazyGroup, State, command
from swath._cli.logs import without
from swath._cli.options import interactive
from swath._cli.output import at_terminal, counted, say
from swath._cli.piping import piped

__all__ = [
    "Command",
    "Group",
    "LazyGroup",
    "at_terminal",
    "command",
    "counted",
    "interactive",
    "most_verbose",
    "piped",
    "profile_of",
    "run",
    "say",
    "when_stopped",
    "without",
]


def profile_of(context: click.Context) -> str | None:
    """Give the profile that was chosen on the command line, None where none was."""
    return context.ensure_object(State).profile


def when_stopped(context: click.Context, text: str) -> None:
    """Set what a person is told who interrupts from now on: what goes on without them, and how to come back to it."""
    context.ensure_object(State).when_stopped = text


def most_verbose(context: click.Context, count: int) -> None:
    """Show more of the log, as so many ``-v`` do."""
    context.ensure_object(State).be_verbose(count)


def run(context: click.Context, *words: str) -> None:
    """Run another command of ``swath``, as if it had been typed; what it raises is the caller's.

    Args:
        context: Of the command that runs it.
        words: Its name and arguments: ``"auth", "logout", "example"``.
    """
    from swath._cli import cli

    cli.main(args=list(words), prog_name="swath", standalone_mode=False, obj=context.ensure_object(State))

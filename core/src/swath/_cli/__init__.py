# SPDX-License-Identifier: Apache-2.0
"""The command line: ``swath``. Standard output is data, standard error is talk."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from swath._cli import logs
from swath._cli.group import RootGroup, State
from swath._cli.output import say

if TYPE_CHECKING:
    from swath.errors import SwathError

__all__ = ["cli", "main"]


def _version(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        from swath import __version__

        click.echo(f"swath {__version__}")
        context.exit()


@click.group(
    cls=RootGroup,
    lazy={
        "providers": ("swath._cli.about:providers", "List the installed providers."),
        "plugins": ("swath._cli.about:plugins", "Check every installed plugin and say what is broken."),
        "auth": ("swath._cli.auth:auth", "Sign in, see what is in use, sign out."),
        "collections": ("swath._cli.find:collections", "List what a provider has to search."),
        "search": ("swath._cli.find:search", "Search one provider, or several at once."),
        "quote": ("swath._cli.buy:quote", "Say what an order would cost."),
        "order": ("swath._cli.buy:order", "Order items, at most once."),
        "opportunities": ("swath._cli.commission:opportunities", "List when a provider could acquire an area."),
        "task": ("swath._cli.commission:task", "Order a future acquisition, at most once."),
        "subscribe": ("swath._cli.commission:subscribe", "Place a standing order, at most once."),
        "approve": ("swath._cli.commission:approve", "Let a task go ahead at the provider's price."),
        "tasks": ("swath._cli.commission:tasks", "List the tasks and standing orders that this machine knows."),
        "orders": ("swath._cli.orders:orders", "List the orders that this machine knows."),
        "wait": ("swath._cli.track:wait", "Wait until orders are delivered."),
        "listen": ("swath._cli.listen:listen", "Take webhooks in, which wake the orders that they speak of."),
        "cancel": ("swath._cli.track:cancel", "Ask the provider to drop orders."),
        "download": ("swath._cli.get:download", "Fetch what was ordered, complete and verified."),
        "resume": ("swath._cli.recover:resume", "Go on with orders from wherever they were."),
        "reconcile": ("swath._cli.recover:reconcile", "Compare the ledger with the providers' lists of orders."),
        "acquire": ("swath._cli.acquire:acquire", "Search, order, wait and download in one go."),
        "budget": ("swath._cli.budget:budget", "Show the month's budget and what is left of it."),
        "verify": ("swath._cli.get:verify", "Check downloaded files against their receipts."),
        "load": ("swath._cli.get:load", "Summarise downloaded data; draw a quicklook."),
        "doctor": ("swath._cli.doctor:doctor", "Check this installation; safe to paste into a report."),
        "sandbox": ("swath._cli.stand_ins:sandbox", "Run stand-in servers of the providers on this machine."),
        "demo": ("swath._cli.stand_ins:demo", "Run the whole life cycle against the sandbox."),
        "completion": ("swath._cli.about:completion", "Print the completion script for a shell."),
    },
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Exit codes: 0 done, 1 failed, 2 usage, 3 credentials, 4 not found, 5 provider unavailable, 6 partly done, "
    "130 interrupted.",
)
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version.")
def cli() -> None:
    """Get Earth-observation data from any provider.

    Authenticate, search, order, wait, download, load: the same words for every provider.

    \b
    swath demo                                   see it all, without any account
    swath auth login planet                      sign in
    swath search planet -c PSScene --bbox 0,52,0.2,52.1 --datetime 2026-06 | swath order - --bundle visual
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: Without the program's name; those of the process if None.

    Returns:
        The exit code.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        previous = signal.signal(signal.SIGTERM, _interrupt)
    except ValueError:  # not on the main thread: signals are somebody else's
        previous = None
    try:
        with logs.shown() as more:
            return _run(given, State(more))
    finally:
        if previous is not None:
            signal.signal(signal.SIGTERM, previous)


def _run(given: list[str], state: State) -> int:
    """Run one command, and say how it ended."""
    from swath.errors import SwathError

    try:
        code = cli.main(args=given, prog_name="swath", standalone_mode=False, obj=state)
        if sys.stdout is not None:
            sys.stdout.flush()
    except click.ClickException as err:
        err.show()
        return err.exit_code
    except (click.Abort, KeyboardInterrupt) as err:
        new_line = "" if isinstance(err, click.Abort) else "\n"  # click has ended the line by itself
        say(f"{new_line}Stopped. {state.when_stopped}".rstrip())
        return 130
    except BrokenPipeError:
        # The reader of our output has gone, as `| head` does: nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except SwathError as err:
        return _failed(err, state)
    except OSError as err:
        return _failed(_unwritten(err), state)
    except Exception as err:
        if state.verbose > 1:
            raise
        say(f"Error: {type(err).__name__}: {err}")
        say("Hint:  this is a defect in swath; please report it with what -vv prints")
        return 1
    return code if isinstance(code, int) else 0


def _failed(err: SwathError, state: State) -> int:
    from swath._cli.advice import hint_of, message_of

    if state.verbose > 1:
        import traceback

        say("".join(traceback.format_exception(err)).rstrip())
    say(f"Error: {message_of(err)}")
    say(f"Hint:  {hint_of(err)}")
    return err.exit_code


def _unwritten(err: OSError) -> SwathError:
    """Say what the operating system refused: most often standard output, on a full disk."""
    from swath.errors import SwathError

    made = SwathError(
        f"{err.filename or 'standard output'}: {err.strerror or err}", hint="check that it can be read and written"
    )
    made.__cause__ = err
    return made


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt

# SPDX-License-Identifier: Apache-2.0
"""``swath resume`` and ``swath reconcile``: take orders up again from wherever they were."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from swath._cli.group import State, command
from swath._cli.options import as_json, open_for
from swath._cli.orders import moment
from swath._cli.output import order_record, print_json, print_table, say
from swath._cli.track import ids_of
from swath._cli.words import orders_like, providers_like
from swath._ledger import open_ledger
from swath.errors import ConfigurationError, CredentialError, InputError, SwathError

if TYPE_CHECKING:
    from swath._ledger import Entry
    from swath.models import Reconciled, Resumed

__all__ = ["reconcile", "resume"]

_PARTLY = 6


@command()
@click.argument("ids", nargs=-1, metavar="[ORDER]...", shell_complete=orders_like)
@click.option("--all", "everything", is_flag=True, help="All orders that have not come to their end.")
@click.option(
    "-o",
    "--to",
    "directory",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where to put the files of orders whose download had not begun.",
)
@click.option(
    "--timeout", type=click.FloatRange(min=0), metavar="SECONDS", help="Give up waiting after this; 0 looks once."
)
@click.option("--accept-partial", is_flag=True, help="Be content with part of an order.")
@as_json
@click.pass_context
def resume(
    context: click.Context,
    /,
    *,
    ids: tuple[str, ...],
    everything: bool,
    directory: Path | None,
    timeout: float | None,
    accept_partial: bool,
    as_json: bool,
) -> None:
    """Go on with orders from wherever they were: look for lost ones, wait, finish downloads. Nothing is ordered.

    ORDER is an id from swath orders, or - for what swath order --json printed. Run it after a crash, an interruption,
    or on another day; a download goes on in the folder where it had begun. Exits with 6 if some orders did not come to
    their good end.
    """
    if everything == bool(ids):
        raise InputError("it is not said which orders", hint="name orders, or pass --all for all that are unfinished")
    done: list[Resumed] = []
    failures: list[SwathError] = []
    for (name, profile), keys in sorted(_by_account(context, ids, with_folder=directory is not None).items()):
        try:
            import swath

            with swath.open(name, profile=profile) as provider:
                named = None if everything else keys
                done += provider.resume(named, directory, timeout=timeout, accept_partial=accept_partial)
        except SwathError as err:
            err.provider = err.provider or name
            if everything and isinstance(err, CredentialError) and open_ledger().shared:
                # A colleague's, whose account is not known here.
                say(f"{name}, profile {profile!r}, was left out: {err.message}")
            else:
                failures.append(err)
    failures += [one.error for one in done if one.error is not None]
    if as_json:
        print_json([_resumed_record(one) for one in done])
    else:
        rows = [
            [
                one.order.provider,
                one.order.id or one.order.tag,
                one.order.state.value,
                one.folder,
                one.note if one.error is None else one.error.message,
            ]
            for one in done
        ]
        if rows:
            print_table(["PROVIDER", "ORDER", "STATE", "FOLDER", "NOTE"], rows)
        elif not failures:
            say("Every order has come to its end.")
    _end(context, failures, len(done))


def _by_account(context: click.Context, ids: tuple[str, ...], *, with_folder: bool) -> dict[tuple[str, str], list[str]]:
    """Find out at which provider and under which profile the orders were made."""
    asked = context.ensure_object(State).profile
    ledger = open_ledger()
    found: dict[tuple[str, str], list[str]] = {}
    try:
        if ids:
            entries = [entry for key in ids_of(ids) for entry in ledger.group(key) or [ledger.get(key)]]
        else:
            entries = [entry for entry in ledger.entries(profile=asked) if _has_more(entry, with_folder=with_folder)]
    finally:
        ledger.close()
    for entry in entries:
        found.setdefault((entry.order.provider, asked or entry.profile or "default"), []).append(entry.order.tag)
    return found


def _has_more(entry: Entry, *, with_folder: bool) -> bool:
    return entry.is_open or (with_folder and not entry.received)


def _resumed_record(one: Resumed) -> dict[str, Any]:
    return {
        **order_record(one.order),
        "folder": one.folder,
        "note": one.note,
        "error": None if one.error is None else one.error.message,
    }


def _end(context: click.Context, failures: list[SwathError], done: int) -> None:
    """Tell what went wrong, and choose the exit code."""
    if not failures:
        return
    if done <= 1 and len(failures) == 1:
        raise failures[0]
    for err in failures:
        say(f"{err.provider or 'swath'}: {err.message}\n  {err.hint}")
    context.exit(_PARTLY if len(failures) < done else failures[0].exit_code)


@command()
@click.argument("providers", nargs=-1, metavar="[PROVIDER]...", shell_complete=providers_like)
@click.option("--since", metavar="WHEN", help="How far back to read the lists: '2026-06-01', or '90d'.  [default: 30d]")
@click.option("--match", "matches", multiple=True, metavar="TAG=ID", help="Your word: this doubtful order is that one.")
@click.option("--absent", multiple=True, metavar="TAG", help="Your word: this doubtful order does not exist.")
@as_json
@click.pass_context
def reconcile(
    context: click.Context,
    /,
    *,
    providers: tuple[str, ...],
    since: str | None,
    matches: tuple[str, ...],
    absent: tuple[str, ...],
    as_json: bool,
) -> None:
    """Compare the ledger with the providers' own lists of orders. Nothing is sent and nothing is bought.

    Finds orders whose reply was lost, and takes up orders of swath's that this ledger does not know: after it was lost,
    or from another machine. Without PROVIDER, asks all that you have credentials for. Exits with 6 if an order is still
    in doubt.
    """
    begin = moment(since)
    pairs = dict(_pair(text) for text in matches)
    if (pairs or absent) and len(providers) != 1:
        raise InputError("--match and --absent need one provider", hint="name it: swath reconcile PROVIDER --match ...")
    done: list[Reconciled] = []
    failures: list[SwathError] = []
    for name in providers or _installed():
        try:
            with open_for(context, name) as provider:
                done += provider.reconcile(since=begin, matches=pairs, absent=absent)
        except (CredentialError, ConfigurationError) as err:
            if providers:
                raise
            say(f"{name} was left out: {err.message}")
        except SwathError as err:
            failures.append(err)
    if as_json:
        print_json([_reconciled_record(one) for one in done])
    elif done:
        rows = [
            [one.order.provider, one.order.id or one.order.tag, one.outcome.value, one.order.state.value, one.note]
            for one in done
        ]
        print_table(["PROVIDER", "ORDER", "OUTCOME", "STATE", "NOTE"], rows)
        _tell_candidates(done)
    elif not failures:
        say("Ledger and lists agree.")
    _end(context, failures, len(done))
    if any(one.outcome == "unsettled" for one in done):
        context.exit(_PARTLY)


def _pair(text: str) -> tuple[str, str]:
    tag, equals, native = text.partition("=")
    if not (tag and equals and native):
        raise InputError(f"--match {text!r} is no pair", hint="write --match TAG=ID")
    return tag, native


def _installed() -> list[str]:
    from swath._registry import list_plugins

    return [entry.name for entry in list_plugins()]


def _reconciled_record(one: Reconciled) -> dict[str, Any]:
    return {
        **order_record(one.order),
        "outcome": one.outcome.value,
        "note": one.note,
        "candidates": [order_record(order) for order in one.candidates],
    }


def _tell_candidates(done: Iterable[Reconciled]) -> None:
    for one in done:
        for order in one.candidates:
            made = f", made {order.created:%Y-%m-%d %H:%M} UTC" if order.created else ""
            say(f"{one.order.tag} may be {order.id} ({order.state.value}{made})")

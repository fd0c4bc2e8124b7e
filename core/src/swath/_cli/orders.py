# SPDX-License-Identifier: Apache-2.0
"""``swath orders``: what the ledger knows."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import click

from swath._cli.group import State, command
from swath._cli.options import as_json, check_provider, is_provider
from swath._cli.output import order_record, print_json, print_orders, print_table, say
from swath._cli.words import orders_like, providers_like
from swath._ledger import Entry, Ledger, open_ledger
from swath.errors import OrderError, SwathError
from swath.models import Order, OrderState

__all__ = ["moment", "orders"]

_AGO = re.compile(r"(\d+)([dhm])")
_UNITS = {"d": "days", "h": "hours", "m": "minutes"}
_SHORTEST_LOOK_S = 5.0


def moment(text: str | None) -> dt.datetime | None:
    """Read a point in time: a date, a time, or how long ago as ``7d``, ``12h``, ``30m``.

    Raises:
        InvalidDatetime: If it is none of these.
    """
    from swath._clock import SystemClock
    from swath._query.times import parse_datetime

    if text is None:
        return None
    ago = _AGO.fullmatch(text.strip())
    if ago is not None:
        return SystemClock().now() - dt.timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    interval = parse_datetime(text)
    return None if interval is None else interval.start


@command()
@click.argument("order", required=False, metavar="[ORDER|PROVIDER]", shell_complete=orders_like)
@click.option("--provider", metavar="NAME", shell_complete=providers_like, help="Only this provider's.")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([state.value for state in OrderState]),
    metavar="STATE",
    help=f"Only orders that are {', '.join(OrderState)}; may be repeated.",
)
@click.option("--since", metavar="WHEN", help="Only those made since: '2026-06-01', or '7d', '12h', '30m' ago.")
@click.option("--history", is_flag=True, help="With ORDER: all that was learnt of it, when, and how.")
@click.option("--watch", is_flag=True, help="Ask the providers again and again until all are final.")
@click.option("--interval", type=click.FloatRange(min=0), metavar="SECONDS", help="Time between looks of --watch.")
@as_json
@click.pass_context
def orders(
    context: click.Context,
    /,
    *,
    order: str | None,
    provider: str | None,
    states: tuple[str, ...],
    since: str | None,
    history: bool,
    watch: bool,
    interval: float | None,
    as_json: bool,
) -> None:
    """List the orders that this machine knows, newest first; or tell all about one.

    ORDER is an order's id, or its beginning. Only --watch asks the providers anything; ending it loses nothing.

    \b
    swath orders
    swath orders planet --state shipping --since 7d
    swath orders 3f2a --history
    """
    state = context.ensure_object(State)
    state.when_stopped = "The orders go on at their providers." if watch else ""
    profile = state.profile
    if order is not None and is_provider(order):
        order, provider = None, order
    ledger = open_ledger()
    begin = moment(since)

    def chosen() -> list[Entry]:
        if order is not None:
            return ledger.group(order) or [ledger.get(order)]
        wanted = {OrderState(state) for state in states} or None
        return ledger.entries(provider=provider, states=wanted, since=begin, profile=profile)

    try:
        found = chosen()
        if ledger.set_aside is not None:
            say("Take the orders that stood in it up again with: swath reconcile")
        if not found and provider is not None:
            check_provider(provider)
        if watch:
            _watch(chosen, interval=interval, as_json=as_json)
        elif order is not None:
            _tell(ledger, found, history=history, as_json=as_json)
        elif as_json:
            print_json([_record(ledger, entry, history=history) for entry in found])
        else:
            print_orders([entry.order for entry in found], as_json=False)
        if not found:
            say("There are no such orders." if states or provider or profile or since else "Nothing was ordered yet.")
    finally:
        ledger.close()


def _record(ledger: Ledger, entry: Entry, *, history: bool) -> dict[str, Any]:
    """Give all that the ledger has of an order as plain data."""
    made = {
        **order_record(entry.order),
        "profile": entry.profile,
        "group": entry.group,
        "folder": entry.folder,
        "received": entry.received,
    }
    if history:
        made["history"] = [
            {"at": row.at, "state": row.state, "native_state": row.native_state, "source": row.source, "note": row.note}
            for row in ledger.history(entry.order.tag)
        ]
        made["files"] = [
            {"path": file.path, "size": file.size, "checksum": file.checksum, "verified": file.verified.value}
            for file in ledger.files(entry.order.tag)
        ]
    return made


def _tell(ledger: Ledger, entries: list[Entry], *, history: bool, as_json: bool) -> None:
    if as_json:
        records = [_record(ledger, entry, history=True) for entry in entries]
        print_json(records[0] if len(records) == 1 else records)
        return
    for entry in entries:
        told = _record(ledger, entry, history=True)
        rows, files = told.pop("history"), told.pop("files")
        told["items"] = ", ".join(told["items"])
        told["failed_items"] = "; ".join(f"{item}: {why}" for item, why in told["failed_items"].items())
        for name, value in told.items():
            if value not in (None, "", [], {}):
                click.echo(f"{name + ':':14}{value}")
        for file in files:
            click.echo(f"{'file:':14}{file['path']} ({file['size']} bytes, verified: {file['verified']})")
        if history:
            columns = ["TIME (UTC)", "STATE", "PROVIDER'S WORD", "LEARNT BY", "NOTE"]
            lines = [
                [f"{row['at']:%Y-%m-%d %H:%M:%S}", row["state"], row["native_state"], row["source"], row["note"]]
                for row in rows
            ]
            click.echo()
            print_table(columns, lines)


# --- watching --------------------------------------------------------------------------------------------------------


def _watch(chosen: Callable[[], list[Entry]], *, interval: float | None, as_json: bool) -> None:
    """List, look, and tell each change, until nothing can change any more."""
    from swath._clock import SystemClock

    clock = SystemClock()
    shown: dict[str, tuple[str, str, str]] = {}
    while True:
        entries = chosen()
        changed = [entry.order for entry in entries if _sight(entry.order) != shown.get(entry.order.tag)]
        shown.update({order.tag: _sight(order) for order in changed})
        for order in changed:
            _tell_change(order, as_json=as_json)
        left = [entry for entry in entries if not entry.order.state.is_final]
        if not left:
            return
        pause_s = max(_look(left), _SHORTEST_LOOK_S)
        clock.sleep(pause_s if interval is None else interval)


def _sight(order: Order) -> tuple[str, str, str]:
    return order.state.value, order.native_state, order.message


def _tell_change(order: Order, *, as_json: bool) -> None:
    if as_json:
        print_json(order_record(order))
        return
    now = f"{dt.datetime.now(dt.UTC):%H:%M:%S}"
    words = [now, order.provider, order.id or order.tag, order.state.value, order.message[:60]]
    click.echo("  ".join(word for word in words if word))


def _look(entries: list[Entry]) -> float:
    """Look at each open order once.

    Returns:
        Seconds that the slowest of the providers wants between looks.
    """
    import swath

    pause_s = 0.0
    for name, profile in sorted({(entry.order.provider, entry.profile) for entry in entries}):
        mine = [entry.order for entry in entries if (entry.order.provider, entry.profile) == (name, profile)]
        try:
            with swath.open(name, profile=profile) as provider:
                pause_s = max(pause_s, provider.info.poll_s)
                for order in mine:
                    try:
                        provider.wait(order.tag, timeout=0, progress=False)
                    except OrderError:
                        continue  # not final yet, or ended badly: the ledger has it, and the next round tells it
        except SwathError as err:
            say(f"{name}: {err.message}")
    return pause_s

# SPDX-License-Identifier: Apache-2.0
"""``swath wait``, ``swath cancel``: orders by the ids that the ledger knows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from swath._cli.group import State, command
from swath._cli.options import as_json, open_for
from swath._cli.outcome import end
from swath._cli.output import print_orders, say
from swath._cli.piping import order_ids, piped
from swath._cli.words import orders_like
from swath._clock import SystemClock
from swath._ledger import open_ledger
from swath.errors import InputError, SwathError
from swath.models import OrderState

if TYPE_CHECKING:
    from swath._provider import Provider
    from swath.models import Order

__all__ = ["cancel", "ids_of", "resolve", "wait"]


def ids_of(words: Sequence[str]) -> list[str]:
    """Read order ids from arguments, or for ``-`` from what ``swath order`` printed, each once.

    Raises:
        InputError: If there is none.
    """
    ids: list[str] = []
    for word in words:
        ids += order_ids(piped("swath order ... --json | swath wait -")) if word == "-" else [word]
    if not ids:
        raise InputError("no order was named", hint="pass its id, or pipe what swath order --json printed")
    return list(dict.fromkeys(ids))


def resolve(ids: Sequence[str]) -> dict[tuple[str, str], list[str]]:
    """Find out whose the orders are.

    Returns:
        Ids by provider and the profile they were ordered with.
    """
    ledger = open_ledger()
    found: dict[tuple[str, str], list[str]] = {}
    try:
        for key in ids:
            group = ledger.group(key)
            entry = group[0] if group else ledger.get(key)
            found.setdefault((entry.order.provider, entry.profile), []).append(key)
    finally:
        ledger.close()
    return found


def _each(
    context: click.Context, words: Sequence[str], action: Callable[[Provider, list[str]], Order]
) -> tuple[list[Order], list[SwathError]]:
    """Do something with orders, each at its provider; one that fails does not keep the others from it.

    Returns:
        The orders one by one (only a group by its own id is one), and what went wrong.
    """
    done: list[Order] = []
    failures: list[SwathError] = []
    for (name, profile), keys in resolve(ids_of(words)).items():
        try:
            with open_for(context, name, profile=profile) as provider:
                made = action(provider, keys)
        except SwathError as err:
            err.provider = err.provider or name
            failures.append(err)
        else:
            done += made.leaves if len(keys) > 1 else [made]
    return done, failures


@command()
@click.argument("orders", nargs=-1, required=True, metavar="ORDER...", shell_complete=orders_like)
@click.option(
    "--timeout", type=click.FloatRange(min=0), metavar="SECONDS", help="Give up waiting after this; 0 looks once."
)
@click.option("--accept-partial", is_flag=True, help="Be content with part of it.")
@as_json
@click.pass_context
def wait(
    context: click.Context, /, *, orders: tuple[str, ...], timeout: float | None, accept_partial: bool, as_json: bool
) -> None:
    """Wait until orders are delivered. Interrupting it loses nothing.

    ORDER is an id from swath orders or the beginning of one, or - for what swath order --json printed.

    \b
    swath order found.geojson --bundle visual --json | swath wait - --json | swath download - -o data
    """
    context.ensure_object(State).when_stopped = "The orders go on at the provider; the same command waits again."
    clock = SystemClock()
    started_s = clock.monotonic()

    def wait_at(provider: Provider, keys: list[str]) -> Order:
        # The orders of other providers go on meanwhile: one time is for all of them.
        left = None if timeout is None else max(0.0, timeout - (clock.monotonic() - started_s))
        return provider.wait(keys, timeout=left, accept_partial=accept_partial)

    done, failures = _each(context, orders, wait_at)
    if done or not failures:
        print_orders(done, as_json=as_json)
    end(context, failures, done=bool(done))


@command()
@click.argument("orders", nargs=-1, required=True, metavar="ORDER...", shell_complete=orders_like)
@as_json
@click.pass_context
def cancel(context: click.Context, /, *, orders: tuple[str, ...], as_json: bool) -> None:
    """Ask the provider to drop orders. Exits with 1 if one had come to another end already.

    ORDER is an id from swath orders or the beginning of one, or - for what swath order --json printed.
    """
    done, failures = _each(context, orders, lambda provider, keys: provider.cancel(keys))
    if done or not failures:
        print_orders(done, as_json=as_json)
    over = [order for order in done if order.state.is_final and order.state is not OrderState.CANCELED]
    for order in over:
        say(f"{order.id or order.tag} was {order.state.value} already: nothing was cancelled.")
    end(context, failures, done=bool(done))
    if over:
        context.exit(1)

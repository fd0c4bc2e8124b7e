# SPDX-License-Identifier: Apache-2.0
"""``swath quote`` and ``swath order``."""

from __future__ import annotations

from typing import Any

import click

from swath._cli.group import State, command
from swath._cli.options import as_json, open_for, order_arguments, order_options
from swath._cli.output import counted, print_dry_run, print_json, print_orders, quote_record, say
from swath._cli.piping import read_items

__all__ = ["order", "quote"]


@command()
@click.argument("items")
@order_options
@as_json
@click.pass_context
def quote(context: click.Context, /, *, items: str, as_json: bool, **given: Any) -> None:
    """Say what ordering ITEMS would cost, as far as the provider tells. Nothing is ordered.

    ITEMS is a file that swath search saved, or - for standard input.
    """
    owner, found = read_items(items)
    with open_for(context, owner) as provider:
        made = provider.quote(found, **order_arguments(**given))
    if as_json:
        print_json(quote_record(made))
        return
    amount = "unknown" if made.amount is None else f"{made.amount:g} {made.unit or ''}".rstrip()
    click.echo(f"{amount}  for {counted(len(found), 'item')}" + (f"  ({made.note})" if made.note else ""))
    if made.remaining is not None:
        click.echo(f"{made.remaining:g} {made.unit or ''} left".rstrip())


@command()
@click.argument("items")
@order_options
@click.option("--max-cost", type=float, metavar="AMOUNT", help="Refuse above this, in the quote's unit.")
@click.option("--allow-unknown-cost", is_flag=True, help="Let an unknown cost pass --max-cost.")
@click.option("--again", is_flag=True, help="Order even if the same is ordered already.")
@click.option("--dry-run", is_flag=True, help="Print what would be sent, and send nothing.")
@click.option("--wait", "then_wait", is_flag=True, help="Wait until it is delivered.")
@as_json
@click.pass_context
def order(
    context: click.Context,
    /,
    *,
    items: str,
    max_cost: float | None,
    allow_unknown_cost: bool,
    again: bool,
    dry_run: bool,
    then_wait: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """Order ITEMS, at most once.

    ITEMS is a file that swath search saved, or - for standard input. What was ordered before and did not fail is not
    ordered twice.

    \b
    swath search planet -c PSScene --aoi field.geojson -n 3 | swath order - --bundle visual --wait
    """
    context.ensure_object(State).when_stopped = "See what was ordered with: swath orders"
    owner, found = read_items(items)
    with open_for(context, owner) as provider:
        if dry_run:
            dry = provider.order(
                found,
                dry_run=True,
                max_cost=max_cost,
                allow_unknown_cost=allow_unknown_cost,
                again=again,
                **order_arguments(**given),
            )
            print_dry_run(dry, as_json=as_json)
            return
        made = provider.order(
            found, max_cost=max_cost, allow_unknown_cost=allow_unknown_cost, again=again, **order_arguments(**given)
        )
        if then_wait:
            say(f"Ordered {made.id or made.tag}; waiting. Interrupt freely: swath wait {made.id or made.tag}")
            made = provider.wait(made)
    print_orders([made], as_json=as_json)

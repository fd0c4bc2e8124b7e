# SPDX-License-Identifier: Apache-2.0
"""``swath quote`` and ``swath order``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from swath._cli.group import State, command
from swath._cli.naming import wanted_items
from swath._cli.options import as_json, cost_options, open_owners, order_options
from swath._cli.output import counted, print_dry_run, print_json, print_orders, print_table, quote_record, say
from swath._cli.sharing import caps_of, shared_arguments
from swath.errors import SwathError

if TYPE_CHECKING:
    from swath._federation import Federation
    from swath._provider import Provider
    from swath.models import ItemDict, Order

__all__ = ["order", "ordered", "quote"]

_PARTLY = 6


@command()
@click.argument("items")
@order_options
@as_json
@click.pass_context
def quote(context: click.Context, /, *, items: str, as_json: bool, **given: Any) -> None:
    """Say what ordering ITEMS would cost, as far as the provider tells. Nothing is ordered.

    ITEMS is a file that swath search saved, or - for standard input: what swath search prints, or one item a line as
    provider, collection and id. Items of several providers are quoted by each.
    """
    split = wanted_items(context, items)
    wanted = shared_arguments([*split], **given)
    with open_owners(context, split) as opened:
        made = opened.quote([item for mine in split.values() for item in mine], options=wanted)
    if as_json:
        records = [{"provider": name, **quote_record(one)} for name, one in made.items()]
        print_json(records[0] if len(records) == 1 else records)
        return
    if len(made) > 1:
        rows = [[name, _amount(one), one.remaining, len(split[name]), one.note] for name, one in made.items()]
        print_table(["PROVIDER", "COST", "LEFT", "ITEMS", "NOTE"], rows)
        return
    ((name, only),) = made.items()
    click.echo(f"{_amount(only)}  for {counted(len(split[name]), 'item')}" + (f"  ({only.note})" if only.note else ""))
    if only.remaining is not None:
        click.echo(f"{only.remaining:g} {only.unit or ''} left".rstrip())


def _amount(quote: Any) -> str:
    return "unknown" if quote.amount is None else f"{quote.amount:g} {quote.unit or ''}".rstrip()


@command()
@click.argument("items")
@order_options
@cost_options
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
    caps: tuple[str, ...],
    allow_unknown_cost: bool,
    again: bool,
    dry_run: bool,
    then_wait: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """Order ITEMS, at most once.

    ITEMS is a file that swath search saved, or - for standard input: what swath search prints, or one item a line as
    provider, collection and id. What was ordered before and did not fail is not ordered twice.

    Items of several providers are ordered at each. An option that begins with a provider's name is for that one; all
    are checked before the first order is sent.

    \b
    swath search planet -c PSScene --aoi field.geojson -n 3 | swath order - --bundle visual --wait
    swath search --all --aoi field.geojson -n 9 | swath order - --bundle planet:visual --max-cost capella:500
    echo planet PSScene 20260601_101112_00_2414 | swath order - --bundle visual
    """
    context.ensure_object(State).when_stopped = "See what was ordered with: swath orders"
    split = wanted_items(context, items)
    wanted, costs = shared_arguments([*split], **given), caps_of([*split], caps)
    common: dict[str, Any] = {"allow_unknown_cost": allow_unknown_cost, "again": again}
    with open_owners(context, split) as opened:
        if len(split) == 1:
            ((name, found),) = split.items()
            orders_at: Provider | Federation = opened[name]
            common = {**common, **wanted[name], "max_cost": costs.get(name)}
        else:
            orders_at, found = opened, [item for mine in split.values() for item in mine]
            common = {**common, "options": wanted, "max_cost": costs}
        if dry_run:
            print_dry_run(orders_at.order(found, dry_run=True, **common), as_json=as_json)
            return
        made = ordered(context, orders_at, found, common, as_json=as_json)
        if then_wait:
            names = " ".join([made.id or made.tag] if len(split) == 1 else [one.id or one.tag for one in made.leaves])
            say(f"Ordered {names}; waiting. Interrupt freely: swath wait {names}")
            made = orders_at.wait(made)
    print_orders([made] if len(split) == 1 else made.leaves, as_json=as_json)


def ordered(
    context: click.Context, orders_at: Provider | Federation, items: list[ItemDict], keywords: Any, *, as_json: bool
) -> Order:
    """Order; where one of several providers refuses, tell what stands at the others."""
    try:
        made: Order = orders_at.order(items, **keywords)
    except SwathError as err:
        stands = err.details.get("ordered", ())
        if not stands:
            raise
        print_orders([part for order in stands for part in order.leaves], as_json=as_json, many=True)
        say(f"Error: {err.provider}: {err.message}")
        say(f"Hint:  {err.hint}")
        say("What is listed is ordered and stands; the same command again orders only the rest.")
        context.exit(_PARTLY)
    return made

# SPDX-License-Identifier: Apache-2.0
"""``swath opportunities``, ``task``, ``tasks``, ``subscribe`` and ``approve``: orders for what does not exist yet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from swath._cli.group import State, command
from swath._cli.options import allow_unknown_cost, as_json, check_provider, open_for, order_arguments, provider_options
from swath._cli.output import print_dry_run, print_json, print_orders, print_table, say
from swath._cli.piping import piped
from swath._cli.track import resolve
from swath._cli.words import orders_like, providers_like, read_bbox
from swath._ledger import open_ledger
from swath.errors import InputError
from swath.models import DryRun, OrderState

__all__ = ["approve", "opportunities", "subscribe", "task", "tasks"]

_F = TypeVar("_F", bound=Callable[..., Any])
_KINDS = ("task", "subscription")


def _area_option(*, required: bool) -> Callable[[_F], _F]:
    return click.option(
        "--intersects",
        "--aoi",
        "intersects",
        required=required,
        metavar="AOI",
        help="Point or area: a GeoJSON or WKT file, GeoJSON or WKT itself, or - for standard input.",
    )


def _when_option(*, required: bool) -> Callable[[_F], _F]:
    return click.option(
        "-d", "--datetime", required=required, metavar="WHEN", help="'2026-06-01/2026-06-08', '2026-06-01/..'; UTC."
    )


_collection = click.option("-c", "--collection", metavar="ID", help="What is tasked: a product or mode.")
_filter = click.option("-f", "--filter", "filter_", metavar="CQL2", help="For example: view:off_nadir <= 30")
_name = click.option("--name", default="", metavar="TEXT", help="Your own name for it.")
_options = click.option("--option", "options", multiple=True, metavar="KEY=VALUE", help="Provider's own option.")
_max_cost = click.option("--max-cost", type=float, metavar="AMOUNT", help="Refuse above this, in the quote's unit.")
_again = click.option("--again", is_flag=True, help="Order even if the same stands already.")
_dry = click.option("--dry-run", is_flag=True, help="Print what would be sent, and send nothing.")


def _read_area(area: str | None) -> str | None:
    if area != "-":
        return area
    text = piped("swath task ... --aoi - < point.geojson")
    if not text.strip():
        raise InputError("standard input holds no area", hint="pipe GeoJSON or WKT into it")
    return text


@command()
@click.argument("provider", shell_complete=providers_like)
@_area_option(required=True)
@_when_option(required=True)
@_collection
@_filter
@_options
@as_json
@click.pass_context
def opportunities(
    context: click.Context,
    /,
    *,
    provider: str,
    intersects: str,
    datetime: str,
    collection: str | None,
    filter_: str | None,
    options: tuple[str, ...],
    as_json: bool,
) -> None:
    """List when PROVIDER could acquire an area. Nothing is ordered."""
    with open_for(context, provider) as opened:
        found = opened.opportunities(
            _read_area(intersects), datetime, collection=collection, filter=filter_, **provider_options(options)
        )
    if as_json:
        print_json({"type": "FeatureCollection", "features": found})
        return
    names = sorted({name for one in found for name in one["properties"]} - {"datetime"})
    rows = [[one["properties"].get(name, "") for name in ("datetime", *names)] for one in found]
    print_table([name.upper() for name in ("datetime", *names)], rows)
    if not found:
        say("There are no opportunities: allow more time, or fewer constraints.")


@command()
@click.argument("provider", shell_complete=providers_like)
@_area_option(required=True)
@_when_option(required=True)
@_collection
@_filter
@_name
@_options
@click.option("--approve", is_flag=True, help="Wait for the provider's price, and approve it within --max-cost.")
@_max_cost
@allow_unknown_cost
@_again
@_dry
@click.option("--wait", "then_wait", is_flag=True, help="Wait until it is delivered.")
@as_json
@click.pass_context
def task(
    context: click.Context,
    /,
    *,
    provider: str,
    intersects: str,
    datetime: str,
    collection: str | None,
    filter_: str | None,
    name: str,
    options: tuple[str, ...],
    then_wait: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """Task PROVIDER with a future acquisition, at most once.

    Where the provider names its price only then, nothing is bought before swath approve, or --approve here.

    \b
    swath task capella --aoi port.geojson -d 2026-06-01/2026-06-08 -f 'view:off_nadir <= 35' --approve --max-cost 1500
    """
    context.ensure_object(State).when_stopped = "See what was tasked with: swath tasks"
    with open_for(context, provider) as opened:
        made = opened.task(
            _read_area(intersects),
            datetime,
            collection=collection,
            filter=filter_,
            name=name,
            **given,
            **provider_options(options),
        )
        if isinstance(made, DryRun):
            print_dry_run(made, as_json=as_json)
            return
        if then_wait:
            say(f"Tasked {made.id or made.tag}; waiting. Interrupt freely: swath wait {made.id or made.tag}")
            made = opened.wait(made)
    print_orders([made], as_json=as_json)
    if made.awaits_approval:
        say(f"It waits for your approval: swath approve {made.id or made.tag} --max-cost AMOUNT")


@command()
@click.argument("provider", shell_complete=providers_like)
@click.option("-c", "--collections", multiple=True, metavar="ID", help="Collection; may be repeated.")
@click.option("--bbox", callback=read_bbox, metavar="W,S,E,N", help="Degrees.")
@_area_option(required=False)
@_when_option(required=False)
@_filter
@click.option("--bundle", multiple=True, metavar="NAME", help="Product bundle; repeated: fall-backs in order.")
@click.option("--assets", multiple=True, metavar="KEY", help="Asset; may be repeated.")
@click.option("--tool", "tools", multiple=True, metavar="JSON", help="Processing step; may be repeated.")
@click.option("--delivery", metavar="JSON", help="Where the provider shall put it.")
@_name
@_options
@_max_cost
@allow_unknown_cost
@_again
@_dry
@as_json
@click.pass_context
def subscribe(
    context: click.Context,
    /,
    *,
    provider: str,
    collections: tuple[str, ...],
    intersects: str | None,
    filter_: str | None,
    delivery: str | None,
    bundle: tuple[str, ...],
    assets: tuple[str, ...],
    tools: tuple[str, ...],
    name: str,
    options: tuple[str, ...],
    as_json: bool,
    **given: Any,
) -> None:
    """Place a standing order at PROVIDER, at most once: what matches is delivered as it comes."""
    context.ensure_object(State).when_stopped = "See what stands with: swath tasks"
    arguments = order_arguments(bundle=bundle, assets=assets, clip=None, tools=tools, name=name, options=options)
    del arguments["clip"]
    if delivery is not None:
        arguments["delivery"] = _delivery(delivery)
    with open_for(context, provider) as opened:
        made = opened.subscribe(
            collections=list(collections) or None,
            intersects=_read_area(intersects),
            filter=filter_,
            **given,
            **arguments,
        )
    if isinstance(made, DryRun):
        print_dry_run(made, as_json=as_json)
        return
    print_orders([made], as_json=as_json)


def _delivery(text: str) -> dict[str, Any]:
    import json

    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise InputError(f"--delivery {text[:60]!r} is no JSON object", hint="for example: '{\"destination\": {...}}'")
    return found


@command()
@click.argument("provider", required=False, shell_complete=providers_like)
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([state.value for state in OrderState]),
    metavar="STATE",
    help=f"Only those that are {', '.join(OrderState)}; may be repeated.",
)
@as_json
@click.pass_context
def tasks(context: click.Context, /, *, provider: str | None, states: tuple[str, ...], as_json: bool) -> None:
    """List the tasks and standing orders that this machine knows, newest first."""
    ledger = open_ledger()
    try:
        entries = ledger.entries(
            provider=provider,
            states={OrderState(state) for state in states} or None,
            profile=context.ensure_object(State).profile,
        )
    finally:
        ledger.close()
    found = [entry.order for entry in entries if entry.order.kind in _KINDS]
    if not found and provider is not None:
        check_provider(provider)
    print_orders(found, as_json=as_json, many=True)
    if not found:
        say("There are no such tasks." if states or provider else "Nothing was tasked yet.")


@command()
@click.argument("order", shell_complete=orders_like)
@_max_cost
@allow_unknown_cost
@click.option(
    "--timeout", type=click.FloatRange(min=0), metavar="SECONDS", help="Give up waiting for the price; 0 looks once."
)
@as_json
@click.pass_context
def approve(context: click.Context, /, *, order: str, as_json: bool, **given: Any) -> None:
    """Let ORDER go ahead at the provider's price. This buys.

    \b
    swath approve 3f2a --max-cost 1500
    """
    context.ensure_object(State).when_stopped = "Nothing was approved, unless swath tasks shows otherwise."
    [(name, profile)] = resolve([order])
    with open_for(context, name, profile=profile) as opened:
        made = opened.approve(order, **given)
    print_orders([made], as_json=as_json)

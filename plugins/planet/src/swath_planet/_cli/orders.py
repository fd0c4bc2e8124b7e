# SPDX-License-Identifier: Apache-2.0
"""``swath planet orders``: send, list, follow, cancel and fetch orders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from swath.commands import LazyGroup, command, counted, say, when_stopped
from swath_planet._cli.account import attempts_options, base_url_option, planet, show_progress, watching
from swath_planet._cli.hosting import hosted, hosting_options
from swath_planet._cli.output import limit as limit_option
from swath_planet._cli.output import pretty as pretty_option
from swath_planet._cli.output import print_each, print_one
from swath_planet._cli.values import Json, Uuid

__all__ = [
    "bulk_cancel",
    "bundles",
    "cancel",
    "create",
    "download",
    "get",
    "item_types",
    "list_",
    "orders",
    "stats",
    "wait",
]

_HERE = "swath_planet._cli"
_STATES = ["queued", "running", "failed", "success", "partial", "cancelled"]
_PARTLY_DONE = 6

order_id_argument = click.argument("order_id", type=Uuid())


@click.group(
    cls=LazyGroup,
    lazy={
        "request": (f"{_HERE}.order_building:request", "Write an order's request."),
        "tool": (f"{_HERE}.order_tools:tool", "Write a tool for a request."),
        "create": (f"{_HERE}.orders:create", "Send an order."),
        "list": (f"{_HERE}.orders:list_", "List the account's orders."),
        "get": (f"{_HERE}.orders:get", "Show an order."),
        "wait": (f"{_HERE}.orders:wait", "Wait until an order is done."),
        "download": (f"{_HERE}.orders:download", "Fetch an order's files, complete and verified."),
        "cancel": (f"{_HERE}.orders:cancel", "Drop an order that is still queued."),
        "bulk-cancel": (f"{_HERE}.orders:bulk_cancel", "Drop several orders, or all."),
        "stats": (f"{_HERE}.orders:stats", "Say how many orders are queued and running."),
        "bundles": (f"{_HERE}.orders:bundles", "List the product bundles."),
        "item-types": (f"{_HERE}.orders:item_types", "List the item types that can be ordered."),
    },
)
@base_url_option("/compute/ops")
def orders() -> None:
    """Build, send, follow and fetch orders.

    Where an order's id is asked for, - takes it from what another command printed. swath order does it for every
    provider, and never orders the same twice.
    """


@command()
@click.argument("request", type=Json())
@hosting_options
@pretty_option
@click.pass_context
def create(context: click.Context, /, *, request: dict[str, Any], pretty: bool, **hosting: Any) -> None:
    """Send the order REQUEST, JSON, a file, or - for standard input, and print it as Planet has it.

    An order that was sent and not answered is not sent again by itself: look for it with orders list --name first.

    \b
    swath planet orders request ID --item-type PSScene --bundle visual --name look | swath planet orders create -
    """
    from swath_planet.order_request import sentinel_hub

    full = hosted(request, sentinel_hub, **hosting)
    print_one(planet(context).orders.create_order(full), pretty=pretty)


@command("list")
@click.option("--state", type=click.Choice(_STATES), help="In this state.")
@click.option("--source-type", metavar="TYPE", default="all", show_default=True, help="scenes, basemaps or all.")
@click.option("--name", metavar="TEXT", help="Of exactly this name.")
@click.option("--name-contains", metavar="TEXT", help="With this in the name.")
@click.option("--created-on", metavar="WHEN", help="A time or an interval: 2026-06-01T00:00:00Z/.. is since then.")
@click.option("--last-modified", metavar="WHEN", help="The same, for the last change.")
@click.option("--hosting", type=click.BOOL, metavar="true|false", help="With hosting, or without.")
@click.option("--sort-by", metavar="FIELDS", help="Such as 'name DESC,state'.")
@click.option("--destination-ref", metavar="REF", help="Delivered there: pl:destinations/...")
@click.option("--user-id", metavar="ID", help="Of another user of the organisation, or 'all'.")
@limit_option
@pretty_option
@click.pass_context
def list_(context: click.Context, /, *, name_contains: str | None, limit: int, pretty: bool, **given: Any) -> None:
    """List the account's orders, one a line, newest first."""
    found = planet(context).orders.list_orders(limit=limit, name__contains=name_contains, **given)
    print_each(found, pretty=pretty, limit=limit)


@command()
@order_id_argument
@pretty_option
@click.pass_context
def get(context: click.Context, /, *, order_id: str, pretty: bool) -> None:
    """Show the order ORDER_ID, with fresh links if it is done."""
    print_one(planet(context).orders.get_order(order_id), pretty=pretty)


@command()
@order_id_argument
@attempts_options
@click.option("--state", type=click.Choice(_STATES), help="Stop when it has come to this state.")
@click.pass_context
def wait(context: click.Context, /, *, order_id: str, delay: float, max_attempts: int, state: str | None) -> None:
    """Wait until the order ORDER_ID is done, and print the state it came to.

    Exits with 1 if it failed or was cancelled, with 6 if only a part of it was delivered.
    """
    when_stopped(context, "Planet goes on; run the same command again to wait further.")
    with watching(context, order_id) as heard:
        reached = planet(context).orders.wait(
            order_id, state=state, delay=delay, max_attempts=max_attempts, callback=heard
        )
    click.echo(reached)
    if reached == state:
        return
    if reached in {"failed", "cancelled"}:
        say(f"The order is {reached}; see why with: swath planet orders get {order_id}")
        context.exit(1)
    if reached == "partial":
        say("Only a part of it was delivered; what is there can be downloaded.")
        context.exit(_PARTLY_DONE)


@command()
@order_id_argument
@click.option(
    "--checksum",
    type=click.Choice(["MD5", "SHA256"], case_sensitive=False),
    help="Check the files on disk against the manifest once more.",
)
@click.option(
    "--directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=".",
    help="Target folder.  [default: the current one]",
)
@click.option("--overwrite", is_flag=True, help="Fetch again what is there.")
@click.pass_context
def download(
    context: click.Context, /, *, order_id: str, checksum: str | None, directory: Path, overwrite: bool
) -> None:
    """Fetch the files of the order ORDER_ID, which must be done, and print where each is.

    A file is written aside, checked against the manifest, and only then given its name.
    """
    when_stopped(context, "What is whole stays; run the same command again to fetch the rest.")
    api = planet(context).orders
    paths = api.download_order(order_id, directory=directory, overwrite=overwrite, progress_bar=show_progress(context))
    if checksum:
        api.validate_checksum(directory / order_id, checksum)
    for path in paths:
        click.echo(path)
    say(f"{counted(len(paths), 'file')}" + (f", each with the {checksum} of the manifest" if checksum else ""))


@command()
@order_id_argument
@pretty_option
@click.pass_context
def cancel(context: click.Context, /, *, order_id: str, pretty: bool) -> None:
    """Drop the order ORDER_ID, which must still be queued, and print it as it is then."""
    print_one(planet(context).orders.cancel_order(order_id), pretty=pretty)


@command()
@click.argument("order_ids", nargs=-1, type=Uuid(several=True))
@click.option("--all", "all_of_them", is_flag=True, help="Every order of the account that can be cancelled.")
@pretty_option
@click.pass_context
def bulk_cancel(
    context: click.Context, /, *, order_ids: tuple[list[str], ...], all_of_them: bool, pretty: bool
) -> None:
    """Drop the orders ORDER_IDS, or - for those that orders list printed, and print how many were.

    Exits with 6 if one of them could not be dropped.
    """
    if bool(order_ids) == all_of_them:
        raise click.UsageError("name the orders, or --all for every order that can be cancelled, not both", context)
    ids = [one for several in order_ids for one in several]
    answer = planet(context).orders.cancel_orders(None if all_of_them else ids)
    print_one(answer, pretty=pretty)
    failed = ((answer or {}).get("result") or {}).get("failed") or {}
    if failed.get("count") and not all_of_them:
        context.exit(_PARTLY_DONE)


@command()
@pretty_option
@click.pass_context
def stats(context: click.Context, /, *, pretty: bool) -> None:
    """Say how many orders are queued and running, of the user and of the organisation."""
    print_one(planet(context).orders.aggregated_order_stats(), pretty=pretty)


@command()
@pretty_option
@click.pass_context
def bundles(context: click.Context, /, *, pretty: bool) -> None:
    """List the product bundles, as a JSON list."""
    from swath_planet._cli.bundles import bundle_table

    print_one(sorted(bundle_table(context)), pretty=pretty)


@command()
@pretty_option
@click.pass_context
def item_types(context: click.Context, /, *, pretty: bool) -> None:
    """List the item types that can be ordered, as a JSON list."""
    from swath_planet._cli.bundles import bundle_table

    print_one(sorted({kind for types in bundle_table(context).values() for kind in types}), pretty=pretty)

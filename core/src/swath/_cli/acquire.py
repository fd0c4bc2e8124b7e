# SPDX-License-Identifier: Apache-2.0
"""``swath acquire``: from a question to load-ready files in one go."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from swath._cli.get import print_local
from swath._cli.group import State, command
from swath._cli.options import as_json, open_for, order_arguments, order_options, run_search, search_options
from swath._cli.output import counted, say
from swath._cli.words import providers_like
from swath._ledger import open_ledger
from swath.errors import NotFound
from swath.models import Order

__all__ = ["acquire"]

_ORDER = ("bundle", "assets", "clip", "tools", "name", "options")


@command()
@click.argument("provider", shell_complete=providers_like)
@search_options
@order_options
@click.option(
    "-o",
    "--to",
    "directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=".",
    help="Target folder.  [default: the current one]",
)
@click.option("--max-cost", type=float, metavar="AMOUNT", help="Refuse above this, in the quote's unit.")
@click.option("--allow-unknown-cost", is_flag=True, help="Let an unknown cost pass --max-cost.")
@click.option("--timeout", type=click.FloatRange(min=0), metavar="SECONDS", help="Give up waiting after this.")
@as_json
@click.pass_context
def acquire(
    context: click.Context,
    /,
    *,
    provider: str,
    directory: Path,
    max_cost: float | None,
    allow_unknown_cost: bool,
    timeout: float | None,
    as_json: bool,
    **given: Any,
) -> None:
    """Search PROVIDER, order what matches, wait, and download.

    Run it again after an interruption: nothing is ordered or fetched twice.

    \b
    swath acquire planet -c PSScene --aoi field.geojson -d 2026-06 -f "eo:cloud_cover < 10" -n 2 --bundle visual -o data
    """
    context.ensure_object(State).when_stopped = "Go on with the same command, or later with: swath resume --all"
    wanted = order_arguments(**{key: given.pop(key) for key in _ORDER})
    with open_for(context, provider) as opened:
        items, more = run_search(opened, **given)
        if not items:
            raise NotFound("nothing matches the search", provider=provider, step="search", hint="widen the search")
        if more:
            say(f"More items match than --max-items={len(items)}.")
        say(f"Found {counted(len(items), 'item')}")
        order = opened.order(items, max_cost=max_cost, allow_unknown_cost=allow_unknown_cost, **wanted)
        say(f"Order {order.id or order.tag}: {order.state.value}")
        _note_folder(order, directory)
        order = opened.wait(order, timeout=timeout)
        local = opened.download(order, directory)
    print_local(local, as_json=as_json)


def _note_folder(order: Order, directory: Path) -> None:
    """Write down at once where the files shall go: ``swath resume --all`` then ends what is cut short from here on."""
    ledger = open_ledger()
    ledger.record_folder([part.tag for part in order.leaves], directory)
    ledger.close()

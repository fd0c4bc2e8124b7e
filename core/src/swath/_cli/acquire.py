# SPDX-License-Identifier: Apache-2.0
"""``swath acquire``: from a question to load-ready files in one go."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from swath._cli.buy import ordered
from swath._cli.find import KINDS, chosen, open_chosen
from swath._cli.get import print_local
from swath._cli.group import State, command
from swath._cli.options import as_json, begin_search, cost_options, open_for, order_options, search_options
from swath._cli.outcome import exit_code_of, tell_contributions
from swath._cli.output import counted, say
from swath._cli.sharing import caps_of, shared_arguments
from swath._cli.words import providers_like
from swath._ledger import open_ledger
from swath.errors import InputError, NotFound, SwathError

if TYPE_CHECKING:
    from swath.models import Contribution, Order

__all__ = ["acquire"]

_ORDER = ("bundle", "assets", "clip", "tools", "name", "options")


@command()
@click.argument("providers", nargs=-1, metavar="[PROVIDER...]", shell_complete=providers_like)
@click.option("--all", "everywhere", is_flag=True, help="Of all installed providers.")
@click.option("--kind", metavar="WORD", help=f"Only collections of this kind: {', '.join(KINDS)}.")
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
@cost_options
@click.option("--timeout", type=click.FloatRange(min=0), metavar="SECONDS", help="Give up waiting after this.")
@as_json
@click.pass_context
def acquire(
    context: click.Context,
    /,
    *,
    providers: tuple[str, ...],
    everywhere: bool,
    kind: str | None,
    directory: Path,
    caps: tuple[str, ...],
    allow_unknown_cost: bool,
    timeout: float | None,
    as_json: bool,
    **given: Any,
) -> None:
    """Search PROVIDER, or several at once, order what matches, wait, and download.

    Of several, each gets an order for what it has; an option that begins with a provider's name is for that one. All
    are checked before the first order is sent. One that cannot be searched is reported, and the others go on.

    Something has to say how much may be bought: -n, --ids or --max-cost. Run it again after an interruption: nothing
    is ordered or fetched twice.

    \b
    swath acquire planet -c PSScene --aoi field.geojson -d 2026-06 -f "eo:cloud_cover < 10" -n 2 --bundle visual -o data
    swath acquire planet sedas --kind optical --aoi field.geojson -d 2026-06 -n 4 --bundle planet:visual -o data
    """
    context.ensure_object(State).when_stopped = "Go on with the same command, or later with: swath resume --all"
    names = chosen(providers, everywhere=everywhere)
    if context.get_parameter_source("max_items") is ParameterSource.DEFAULT and not (given.get("ids") or caps):
        raise InputError(
            "nothing says how much may be bought",
            hint="pass -n for the most items, --ids to name them, or --max-cost for the most that they may cost",
        )
    options = shared_arguments(names, **{key: given.pop(key) for key in _ORDER})
    costs = caps_of(names, caps)
    is_one = len(names) == 1 and kind is None
    with open_for(context, names[0]) if is_one else open_chosen(context, names) as opened:
        found = begin_search(opened, **{**given, **({} if is_one else {"kind": kind})})
        items = list(found.items_as_dicts())
        wanted, more = items[: given["max_items"]], len(items) > given["max_items"]
        outcome = list(getattr(found, "contributions", {}).values())
        tell_contributions(outcome, wanted)
        if not wanted:
            raise _nothing(names, outcome)
        if more:
            say(f"More items match than --max-items={len(wanted)}.")
        say(f"Found {counted(len(wanted), 'item')}")
        common: dict[str, Any] = {"allow_unknown_cost": allow_unknown_cost}
        if is_one:
            common = {**common, **options[names[0]], "max_cost": costs.get(names[0])}
        else:
            owners = {item["properties"]["swath:provider"] for item in wanted}
            common["options"] = {name: options[name] for name in owners}
            common["max_cost"] = {name: cap for name, cap in costs.items() if name in owners}
        order = ordered(context, opened, wanted, common, as_json=as_json)
        for part in [order] if is_one else order.leaves:
            say(f"Order {part.id or part.tag}: {part.state.value}")
        _note_folder(order, directory)
        order = opened.wait(order, timeout=timeout)
        local = opened.download(order, directory)
    print_local(local, as_json=as_json)
    if code := exit_code_of(outcome, everywhere=everywhere):
        context.exit(code)


def _nothing(names: list[str], outcome: list[Contribution]) -> SwathError:
    """Say why there is nothing to order."""
    failed = [one.error for one in outcome if one.error is not None]
    if failed and len(failed) == len(outcome):
        return failed[0]
    return NotFound(
        "nothing matches the search", provider=names[0] if len(names) == 1 else None, step="search",
        hint="widen the search",
    )  # fmt: skip


def _note_folder(order: Order, directory: Path) -> None:
    """Write down at once where the files shall go: ``swath resume --all`` then ends what is cut short from here on."""
    ledger = open_ledger()
    ledger.record_folder([part.tag for part in order.leaves], directory)
    ledger.close()

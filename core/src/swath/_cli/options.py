# SPDX-License-Identifier: Apache-2.0
"""Options that several commands share, and how their values are read."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from swath._cli.group import State
from swath._cli.output import say
from swath._cli.piping import piped
from swath._cli.words import read_bbox
from swath.errors import InputError

if TYPE_CHECKING:
    from swath._federation import Federation
    from swath._provider import Provider
    from swath._results import ItemSearch

__all__ = [
    "allow_unknown_cost",
    "as_json",
    "begin_search",
    "check_provider",
    "cost_options",
    "interactive",
    "is_provider",
    "open_for",
    "open_owners",
    "order_arguments",
    "order_options",
    "provider_options",
    "search_options",
]

_F = TypeVar("_F", bound=Callable[..., Any])

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
allow_unknown_cost = click.option("--allow-unknown-cost", is_flag=True, help="Let an unknown cost pass --max-cost.")
_RESERVED = frozenset(
    {
        "again",
        "allow_unknown_cost",
        "approve",
        "assets",
        "bbox",
        "bundle",
        "clip",
        "collection",
        "collections",
        "datetime",
        "delivery",
        "dry_run",
        "filter",
        "filter_lang",
        "geometry",
        "intersects",
        "max_cost",
        "name",
        "tools",
        "what",
    }
)
"""What `Provider.order`, `task` and `subscribe` themselves take: no provider's own option."""


def open_for(context: click.Context, name: str, *, profile: str | None = None) -> Provider:
    """Open a provider with the profile that was chosen on the command line, else the one that is given."""
    import swath

    return swath.open(name, profile=context.ensure_object(State).profile or profile)


def open_owners(context: click.Context, owners: Iterable[str]) -> Federation:
    """Open the providers whose the items are.

    Raises:
        SwathError: One of them cannot be opened.
    """
    from swath._open import open_several

    opened = open_several(tuple(owners), context.ensure_object(State).profile)
    for failure in opened.failed.values():
        opened.close()
        raise failure
    return opened


def is_provider(name: str) -> bool:
    """Whether an installed plugin has the name; none is imported."""
    from swath._registry import list_plugins

    return name in {entry.name for entry in list_plugins()}


def check_provider(name: str) -> None:
    """Refuse a name that no installed plugin has.

    Raises:
        ProviderNotFound: With the names that there are.
    """
    from swath._registry import load_plugin

    if not is_provider(name):
        load_plugin(name)


# --- searching -----------------------------------------------------------------------------------------------------


def search_options(function: _F) -> _F:
    """Add the options of a search."""
    for option in reversed(
        [
            click.option("-c", "--collections", multiple=True, metavar="ID", help="Collection; may be repeated."),
            click.option("--ids", multiple=True, metavar="ID", help="Item id; may be repeated."),
            click.option(
                "--bbox",
                callback=read_bbox,
                metavar="W,S,E,N",
                help="Degrees; west may exceed east over the antimeridian.",
            ),
            click.option(
                "--intersects",
                "--aoi",
                "intersects",
                metavar="AOI",
                help="Area of interest: a GeoJSON or WKT file, GeoJSON or WKT itself, or - for standard input.",
            ),
            click.option(
                "-d", "--datetime", metavar="WHEN", help="'2026-06', '2026-06-01/2026-06-30', '2026-01-01/..'; UTC."
            ),
            click.option("-f", "--filter", "filter_", metavar="CQL2", help="For example: eo:cloud_cover < 10"),
            click.option(
                "--filter-lang",
                type=click.Choice(["cql2-text", "cql2-json"]),
                help="What --filter is written in.  [default: told from it]",
            ),
            click.option(
                "--query", multiple=True, metavar="TEXT", help="Older form: 'eo:cloud_cover<10'; may be repeated."
            ),
            click.option("--sortby", metavar="KEYS", help="For example: -datetime,+eo:cloud_cover"),
            click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Page size."),
            click.option(
                "-n",
                "--max-items",
                type=click.IntRange(min=1),
                default=100,
                show_default=True,
                metavar="N",
                help="Most items in all.",
            ),
        ]
    ):
        function = option(function)
    return function


def begin_search(provider: Provider | Federation, *, exactly: bool = False, **given: Any) -> ItemSearch:
    """Make a search from the command line's options.

    Args:
        provider: What is searched.
        exactly: Ask for no item beyond what is wanted; otherwise for one, to know whether there are more.
        **given: The options.
    """
    area = given["intersects"]
    if area == "-":
        area = piped("swath search ... --aoi - < field.geojson")
        if not area.strip():
            raise InputError("standard input holds no area of interest", hint="pipe GeoJSON or WKT into it")
    several = {name: given[name] for name in ("kind", "patience_s", "fields", "method") if name in given}
    found = provider.search(
        **several,
        collections=list(given["collections"]) or None,
        ids=list(given["ids"]) or None,
        bbox=given["bbox"],
        intersects=area,
        datetime=given["datetime"],
        query=list(given["query"]) or None,
        filter=given["filter_"],
        filter_lang=given["filter_lang"],
        sortby=given["sortby"],
        limit=given["limit"],
        max_items=None if given["max_items"] is None else given["max_items"] + (not exactly),
    )
    for repair in found.repairs:
        say(f"Note: the area was repaired: {repair}")
    return found


# --- ordering ------------------------------------------------------------------------------------------------------


def order_options(function: _F) -> _F:
    """Add the options of an order."""
    for option in reversed(
        [
            click.option(
                "--bundle", multiple=True, metavar="NAME", help="Product bundle; repeated: fall-backs in order."
            ),
            click.option("--assets", multiple=True, metavar="KEY", help="Asset; may be repeated."),
            click.option("--clip", metavar="AOI", help="Cut to this area: a file, GeoJSON, WKT, or W,S,E,N."),
            click.option("--tool", "tools", multiple=True, metavar="JSON", help="Processing step; may be repeated."),
            click.option("--name", default="", metavar="TEXT", help="Your own name for it."),
            click.option("--option", "options", multiple=True, metavar="KEY=VALUE", help="Provider's own option."),
        ]
    ):
        function = option(function)
    return function


def cost_options(function: _F) -> _F:
    """Add the options of what an order may cost."""
    cap = click.option(
        "--max-cost",
        "caps",
        multiple=True,
        metavar="AMOUNT",
        help="Refuse above this, in the quote's unit; of several providers, PROVIDER:AMOUNT for one.",
    )
    return cap(allow_unknown_cost(function))


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def order_arguments(
    *, bundle: Any, assets: Any, clip: str | None, tools: Any, name: str, options: Any
) -> dict[str, Any]:
    """Read the options of an order into the keywords of `Provider.order`.

    Raises:
        InputError: For a tool that is no JSON object, or an option without a value.
    """
    steps = [_value(tool) for tool in tools]
    for text, step in zip(tools, steps, strict=True):
        if not isinstance(step, dict):
            raise InputError(f"--tool {text!r} is no JSON object", hint="for example: --tool '{\"clip\": {}}'")
    return {
        "bundle": list(bundle),
        "assets": list(assets),
        "clip": clip,
        "tools": steps,
        "name": name,
        **provider_options(options),
    }


def provider_options(options: Iterable[str]) -> dict[str, Any]:
    """Read ``KEY=VALUE``, each value as JSON where it is JSON.

    Raises:
        InputError: For an option without a value, or one that is not the provider's own.
    """
    pairs = [option.partition("=") for option in options]
    for key, equals, _ in pairs:
        if not equals:
            raise InputError(f"--option {key!r} has no value", hint="write --option KEY=VALUE")
        if key in _RESERVED:
            raise InputError(f"--option {key!r} is no option of the provider's own", hint="see: swath order --help")
    return {key: _value(value) for key, _, value in pairs}


def interactive() -> bool:
    """Whether a person sits at both ends."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))

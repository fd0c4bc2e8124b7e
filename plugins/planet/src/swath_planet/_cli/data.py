# SPDX-License-Identifier: Apache-2.0
"""``swath planet data``: searches, saved searches, items."""

from __future__ import annotations

from typing import Any

import click

from swath.commands import LazyGroup, command, say
from swath_planet._cli.account import base_url_option, planet
from swath_planet._cli.output import limit as limit_option
from swath_planet._cli.output import pretty as pretty_option
from swath_planet._cli.output import print_each, print_one
from swath_planet._cli.values import CommaList, Geometry, json_option

__all__ = [
    "data",
    "item_coverage",
    "item_get",
    "item_types",
    "search",
    "search_create",
    "search_delete",
    "search_get",
    "search_list",
    "search_run",
    "search_update",
    "stats",
]

_SORTS = ["published desc", "published asc", "acquired desc", "acquired asc"]
_HERE = "swath_planet._cli"

sort_option = click.option(
    "--sort", type=click.Choice(_SORTS), default="published desc", show_default=True, help="Sequence of the items."
)
area_option = click.option(
    "--geom", type=Geometry(), help="Area: GeoJSON, a file, - for standard input, or a reference pl:features/..."
)
item_types_argument = click.argument("item_types", type=CommaList())


@click.group(
    cls=LazyGroup,
    lazy={
        "filter": (f"{_HERE}.data_filter:filter_", "Write a filter for a search."),
        "search": (f"{_HERE}.data:search", "Find items."),
        "search-create": (f"{_HERE}.data:search_create", "Save a search."),
        "search-update": (f"{_HERE}.data:search_update", "Replace a saved search."),
        "search-list": (f"{_HERE}.data:search_list", "List searches that were saved or run."),
        "search-run": (f"{_HERE}.data:search_run", "Find items by a saved search."),
        "search-get": (f"{_HERE}.data:search_get", "Show a saved search."),
        "search-delete": (f"{_HERE}.data:search_delete", "Delete a saved search."),
        "stats": (f"{_HERE}.data:stats", "Count items by hour, day, week, month or year."),
        "item-get": (f"{_HERE}.data:item_get", "Show an item."),
        "item-coverage": (f"{_HERE}.data:item_coverage", "Say how much of an area an item shows clearly."),
        "item-types": (f"{_HERE}.data:item_types", "List the item types."),
        "asset-list": (f"{_HERE}.data_assets:asset_list", "Show an item's assets."),
        "asset-get": (f"{_HERE}.data_assets:asset_get", "Show an asset."),
        "asset-activate": (f"{_HERE}.data_assets:asset_activate", "Have Planet make an asset ready."),
        "asset-wait": (f"{_HERE}.data_assets:asset_wait", "Wait until an asset is ready."),
        "asset-download": (f"{_HERE}.data_assets:asset_download", "Fetch an asset, complete and verified."),
    },
)
@base_url_option("/data/v1")
def data() -> None:
    """Search the catalogue, get items and assets."""


@command()
@item_types_argument
@area_option
@json_option("--filter", "search_filter", help="Filter, as swath planet data filter writes it.")
@limit_option
@click.option("--name", metavar="TEXT", help="Name of the search, in the list of those that were run.")
@sort_option
@pretty_option
@click.pass_context
def search(
    context: click.Context,
    /,
    *,
    item_types: list[str],
    geom: Any,
    search_filter: dict[str, Any] | None,
    limit: int,
    name: str | None,
    sort: str,
    pretty: bool,
) -> None:
    """Find items of ITEM_TYPES, a list with commas, and print them one a line.

    \b
    swath planet data search PSScene,SkySatScene --limit 10
    swath planet data filter --range cloud_cover lt 0.1 | swath planet data search PSScene --filter -
    """
    found = planet(context).data.search(
        item_types, search_filter=search_filter, name=name, sort=sort, limit=limit, geometry=geom
    )
    print_each(found, pretty=pretty, limit=limit)


def _saving(function: Any) -> Any:
    """Add the options of a search that is kept."""
    for option in reversed(
        [
            item_types_argument,
            json_option("--filter", "search_filter", required=True, help="Filter."),
            click.option("--name", required=True, metavar="TEXT", help="Name of the search."),
            area_option,
            click.option("--daily-email", is_flag=True, help="Have Planet send a mail each day with what is new."),
            pretty_option,
        ]
    ):
        function = option(function)
    return function


@command()
@_saving
@click.pass_context
def search_create(
    context: click.Context,
    /,
    *,
    item_types: list[str],
    search_filter: dict[str, Any],
    name: str,
    geom: Any,
    daily_email: bool,
    pretty: bool,
) -> None:
    """Save a search for ITEM_TYPES, a list with commas."""
    made = planet(context).data.create_search(
        item_types, search_filter=search_filter, name=name, enable_email=daily_email, geometry=geom
    )
    print_one(made, pretty=pretty)


@command()
@click.argument("search_id")
@_saving
@click.pass_context
def search_update(
    context: click.Context,
    /,
    *,
    search_id: str,
    item_types: list[str],
    search_filter: dict[str, Any],
    name: str,
    geom: Any,
    daily_email: bool,
    pretty: bool,
) -> None:
    """Replace the saved search SEARCH_ID by one for ITEM_TYPES, a list with commas."""
    made = planet(context).data.update_search(
        search_id,
        item_types=item_types,
        search_filter=search_filter,
        name=name,
        enable_email=daily_email,
        geometry=geom,
    )
    print_one(made, pretty=pretty)


@command()
@click.option(
    "--sort",
    type=click.Choice(["created desc", "created asc"]),
    default="created desc",
    show_default=True,
    help="Order.",
)
@click.option(
    "--search-type",
    type=click.Choice(["any", "saved", "quick"]),
    default="any",
    show_default=True,
    help="Those that were saved, those that were only run, or both.",
)
@limit_option
@pretty_option
@click.pass_context
def search_list(context: click.Context, /, *, sort: str, search_type: str, limit: int, pretty: bool) -> None:
    """List searches, one a line."""
    found = planet(context).data.list_searches(sort=sort, search_type=search_type, limit=limit)
    print_each(found, pretty=pretty, limit=limit)


@command()
@click.argument("search_id")
@sort_option
@limit_option
@pretty_option
@click.pass_context
def search_run(context: click.Context, /, *, search_id: str, sort: str, limit: int, pretty: bool) -> None:
    """Find items by the saved search SEARCH_ID and print them one a line."""
    print_each(planet(context).data.run_search(search_id, sort=sort, limit=limit), pretty=pretty, limit=limit)


@command()
@click.argument("search_id")
@pretty_option
@click.pass_context
def search_get(context: click.Context, /, *, search_id: str, pretty: bool) -> None:
    """Show the saved search SEARCH_ID."""
    print_one(planet(context).data.get_search(search_id), pretty=pretty)


@command()
@click.argument("search_id")
@click.pass_context
def search_delete(context: click.Context, /, *, search_id: str) -> None:
    """Delete the saved search SEARCH_ID."""
    planet(context).data.delete_search(search_id)
    say(f"Deleted the search {search_id}.")


@command()
@item_types_argument
@json_option("--filter", "search_filter", required=True, help="Filter.")
@click.option(
    "--interval",
    required=True,
    type=click.Choice(["hour", "day", "week", "month", "year"], case_sensitive=False),
    help="Width of a bucket.",
)
@pretty_option
@click.pass_context
def stats(
    context: click.Context,
    /,
    *,
    item_types: list[str],
    search_filter: dict[str, Any],
    interval: str,
    pretty: bool,
) -> None:
    """Count items of ITEM_TYPES, a list with commas, by the time they were taken."""
    found = planet(context).data.get_stats(item_types, search_filter=search_filter, interval=interval)
    print_one(found, pretty=pretty)


@command()
@click.argument("item_type")
@click.argument("item_id")
@pretty_option
@click.pass_context
def item_get(context: click.Context, /, *, item_type: str, item_id: str, pretty: bool) -> None:
    """Show the item ITEM_ID of ITEM_TYPE."""
    print_one(planet(context).data.get_item(item_type, item_id), pretty=pretty)


@command()
@click.argument("item_type")
@click.argument("item_id")
@click.option("--geom", required=True, type=Geometry(), help="Area: GeoJSON, a file, -, or a reference pl:features/...")
@click.option("--mode", metavar="MODE", help="'UDM2': by the mask, which may take time; 'estimate': roughly, at once.")
@click.option("--band", metavar="NAME", help="Band of the mask: clear, cloud, snow, ...")
@pretty_option
@click.pass_context
def item_coverage(
    context: click.Context,
    /,
    *,
    item_type: str,
    item_id: str,
    geom: Any,
    mode: str | None,
    band: str | None,
    pretty: bool,
) -> None:
    """Say how much of an area the item ITEM_ID of ITEM_TYPE shows clearly.

    As long as the answer is "activating", Planet is preparing the mask: ask again.
    """
    print_one(planet(context).data.get_item_coverage(item_type, item_id, geom, mode=mode, band=band), pretty=pretty)


@command()
@pretty_option
@click.pass_context
def item_types(context: click.Context, /, *, pretty: bool) -> None:
    """List the item types that can be searched, as a JSON list."""
    from swath_planet._cli.bundles import bundle_table

    print_one(sorted({kind for types in bundle_table(context).values() for kind in types}), pretty=pretty)

# SPDX-License-Identifier: Apache-2.0
"""``swath planet mosaics``: basemaps, series of them, and their quads."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import click

from swath.commands import Group, when_stopped
from swath_planet._cli.account import base_url_option, planet, show_progress
from swath_planet._cli.output import pretty as pretty_option
from swath_planet._cli.output import print_list, print_one
from swath_planet._cli.values import BoundingBox, DateTime, Geometry

__all__ = ["mosaics"]

links_option = click.option("--links", is_flag=True, help="Print the links to the API too.")


def _acquired_options(function: Any) -> Any:
    """Add the options of a time."""
    for option in reversed(
        [
            click.option("--acquired_gt", "--acquired-gt", "acquired_gt", type=DateTime(), help="Taken after this."),
            click.option("--acquired_lt", "--acquired-lt", "acquired_lt", type=DateTime(), help="Taken before this."),
        ]
    ):
        function = option(function)
    return function


def _listing(ask: Callable[..., Iterable[Mapping[str, Any]]]) -> Any:
    """Make a command that prints what the Basemaps API lists under conditions."""

    @functools.wraps(ask)
    def command(
        context: click.Context,
        /,
        *,
        name_contains: str | None,
        interval: str | None,
        acquired_gt: dt.datetime | None,
        acquired_lt: dt.datetime | None,
        links: bool,
        pretty: bool,
    ) -> None:
        found = ask(
            planet(context).mosaics,
            name_contains=name_contains,
            interval=interval,
            acquired_gt=_text(acquired_gt),
            acquired_lt=_text(acquired_lt),
        )
        _print_all(found, links=links, pretty=pretty)

    function: Any = click.pass_context(command)
    options: list[Callable[[Any], Any]] = [
        click.option("--name-contains", metavar="TEXT", help="With this in the name, whatever its case."),
        click.option("--interval", metavar="TEXT", help="Covering this much time, such as '1 mon'."),
        _acquired_options,
        links_option,
        pretty_option,
    ]
    for option in reversed(options):
        function = option(function)
    return function


def _area(function: Any) -> Any:
    """Add the options of an area."""
    for option in reversed(
        [
            click.option("--bbox", type=BoundingBox(), help="Degrees: west, south, east, north."),
            click.option("--geometry", type=Geometry(), help="Area: GeoJSON, a file, or - for standard input."),
        ]
    ):
        function = option(function)
    return function


def _text(when: dt.datetime | None) -> str | None:
    """Write a time as the Basemaps API takes it."""
    return None if when is None else str(when)


def _shown(record: Mapping[str, Any], *, links: bool) -> dict[str, Any]:
    return {key: value for key, value in record.items() if links or key != "_links"}


def _print_all(found: Iterable[Mapping[str, Any]], *, links: bool, pretty: bool) -> None:
    print_list((_shown(one, links=links) for one in found), pretty=pretty)


@click.group(cls=Group)
@base_url_option("/basemaps/v1")
def mosaics() -> None:
    """Basemaps: mosaics, series of them, and their quads. A mosaic is named by its name or its id."""


@mosaics.command("list")
@_listing
def list_(api: Any, **conditions: Any) -> Any:
    """List the mosaics, as a JSON list."""
    return api.list_mosaics(**conditions)


@mosaics.command("info", short_help="Show a mosaic.")
@click.argument("name_or_id")
@links_option
@pretty_option
@click.pass_context
def info(context: click.Context, /, *, name_or_id: str, links: bool, pretty: bool) -> None:
    """Show the mosaic NAME_OR_ID."""
    print_one(_shown(planet(context).mosaics.get_mosaic(name_or_id), links=links), pretty=pretty)


@mosaics.command("search", short_help="List the quads of a mosaic in an area, or count them.")
@click.argument("name_or_id")
@_area
@click.option("--summary", is_flag=True, help="Only count them.")
@links_option
@pretty_option
@click.pass_context
def search(
    context: click.Context,
    /,
    *,
    name_or_id: str,
    bbox: list[float] | None,
    geometry: Any,
    summary: bool,
    links: bool,
    pretty: bool,
) -> None:
    """List the quads of the mosaic NAME_OR_ID in an area, as a JSON list."""
    api = planet(context).mosaics
    if summary:
        print_one(api.summarize_quads(name_or_id, bbox=bbox, geometry=geometry), pretty=pretty)
        return
    _check_area(bbox, geometry)
    _print_all(api.list_quads(name_or_id, bbox=bbox, geometry=geometry), links=links, pretty=pretty)


def _check_area(bbox: list[float] | None, geometry: Any) -> None:
    if bbox is None and geometry is None:
        raise click.UsageError("say in which area, by --bbox or --geometry")


@mosaics.command("download", short_help="Fetch the quads of a mosaic in an area.")
@click.argument("name_or_id")
@click.option(
    "--output-dir",
    type=click.Path(file_okay=False),
    help="Target folder.  [default: one of the mosaic's name]",
)
@_area
@click.option("--overwrite", is_flag=True, help="Fetch again what is there.")
@pretty_option
@click.pass_context
def download(
    context: click.Context,
    /,
    *,
    name_or_id: str,
    output_dir: str | None,
    bbox: list[float] | None,
    geometry: Any,
    overwrite: bool,
    pretty: bool,  # noqa: ARG001  nothing is printed
) -> None:
    """Fetch the quads of the mosaic NAME_OR_ID in an area.

    Planet counts downloads: a quad that is there whole is not asked for again.
    """
    _check_area(bbox, geometry)
    when_stopped(context, "What is whole stays; run the same command again to fetch the rest.")
    planet(context).mosaics.download_quads(
        name_or_id,
        directory=output_dir,
        overwrite=overwrite,
        bbox=bbox,
        geometry=geometry,
        progress_bar=show_progress(context),
    )


@mosaics.command("contributions", short_help="List the scenes that a quad was made of.")
@click.argument("name_or_id")
@click.argument("quad")
@pretty_option
@click.pass_context
def contributions(context: click.Context, /, *, name_or_id: str, quad: str, pretty: bool) -> None:
    """List the scenes that the quad QUAD of the mosaic NAME_OR_ID was made of, as a JSON list."""
    api = planet(context).mosaics
    print_one(api.get_quad_contributions(api.get_quad(name_or_id, quad)), pretty=pretty)


@mosaics.group("series")
def series() -> None:
    """Series of mosaics, one for each interval of time."""


@series.command("list")
@_listing
def list_series(api: Any, **conditions: Any) -> Any:
    """List the series, as a JSON list."""
    return api.list_series(**conditions)


@series.command("info", short_help="Show a series.")
@click.argument("name_or_id")
@links_option
@pretty_option
@click.pass_context
def series_info(context: click.Context, /, *, name_or_id: str, links: bool, pretty: bool) -> None:
    """Show the series NAME_OR_ID."""
    print_one(_shown(planet(context).mosaics.get_series(name_or_id), links=links), pretty=pretty)


@series.command("list-mosaics", short_help="List the mosaics of a series.")
@click.argument("name_or_id")
@click.option("--latest", is_flag=True, help="Only the newest.")
@_acquired_options
@links_option
@pretty_option
@click.pass_context
def list_mosaics(
    context: click.Context,
    /,
    *,
    name_or_id: str,
    latest: bool,
    acquired_gt: dt.datetime | None,
    acquired_lt: dt.datetime | None,
    links: bool,
    pretty: bool,
) -> None:
    """List the mosaics of the series NAME_OR_ID, as a JSON list."""
    found = planet(context).mosaics.list_series_mosaics(
        name_or_id, acquired_gt=_text(acquired_gt), acquired_lt=_text(acquired_lt), latest=latest
    )
    _print_all(found, links=links, pretty=pretty)

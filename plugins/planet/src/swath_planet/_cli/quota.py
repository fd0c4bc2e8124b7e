# SPDX-License-Identifier: Apache-2.0
"""``swath planet quota``: products, reservations of quota, and their jobs."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click

from swath.commands import Group
from swath_planet._cli.account import base_url_option, planet
from swath_planet._cli.output import limit as limit_option
from swath_planet._cli.output import pretty as pretty_option
from swath_planet._cli.output import print_each, print_one
from swath_planet._cli.values import json_option

__all__ = ["quota"]

_COMPACT = ("id", "name", "title", "quota_total", "quota_used", "supports_reservation")

page_size_option = click.option(
    "--page-size", type=click.IntRange(min=1), metavar="N", default=500, show_default=True, help="Most of one page."
)


@click.group(cls=Group)
@base_url_option("/account/v1")
def quota() -> None:
    """Products, reservations of quota, and their jobs."""


def _filters(_context: click.Context, _parameter: click.Parameter, pairs: tuple[str, ...]) -> dict[str, str]:
    """Read conditions, ``FIELD=VALUE`` or ``FIELD__OP=VALUE``."""
    read = {}
    for pair in pairs:
        field, equals, value = pair.partition("=")
        if not field or not equals:
            raise click.BadParameter(f"{pair!r} is not FIELD=VALUE, such as state=active or id__gt=3")
        read[field] = value
    return read


def _listing(function: Any) -> Any:
    """Add the options of a list."""
    for option in reversed(
        [
            limit_option,
            click.option("--fields", metavar="A,B,...", help="Only these fields."),
            click.option("--sort", metavar="FIELD", help="Such as id, or -id for the other way round."),
            click.option(
                "--filter",
                "filters",
                multiple=True,
                callback=_filters,
                metavar="FIELD[__OP]=VALUE",
                help="Condition; OP is eq, ne, lt, lte, gt, gte, like, in, ...; may be repeated.",
            ),
            page_size_option,
            pretty_option,
        ]
    ):
        function = option(function)
    return function


# --- products --------------------------------------------------------------------------------------------------------


@quota.group("products")
def products() -> None:
    """What the organisation may use."""


@products.command("list")
@limit_option
@click.option("--compact", is_flag=True, help="Only ids, names and quotas.")
@click.option(
    "--supports-reservation",
    type=click.BOOL,
    metavar="true|false",
    help="Only those that quota can be reserved for, or the others.",
)
@page_size_option
@pretty_option
@click.pass_context
def list_products(
    context: click.Context,
    /,
    *,
    limit: int,
    compact: bool,
    supports_reservation: bool | None,
    page_size: int,
    pretty: bool,
) -> None:
    """List the products, one a line."""
    found: Any = planet(context).quota.list_products(supports_reservation, limit=limit, page_size=page_size)
    if compact:
        found = ({key: one[key] for key in _COMPACT if key in one} for one in found)
    print_each(found, pretty=pretty, limit=limit)


# --- reservations ----------------------------------------------------------------------------------------------------


@quota.group("reservations")
def reservations() -> None:
    """Quota that is set aside for areas."""


@reservations.command("list")
@_listing
@click.pass_context
def list_reservations(context: click.Context, /, *, limit: int, pretty: bool, **given: Any) -> None:
    """List the reservations, one a line."""
    print_each(planet(context).quota.list_reservations(limit=limit, **given), pretty=pretty, limit=limit)


@reservations.command("get", short_help="Show a reservation.")
@click.argument("reservation_id", type=int)
@pretty_option
@click.pass_context
def get(context: click.Context, /, *, reservation_id: int, pretty: bool) -> None:
    """Show the reservation RESERVATION_ID."""
    print_one(planet(context).quota.get_reservation(reservation_id), pretty=pretty)


def _reserving(ask: Callable[..., Any]) -> Any:
    """Make a command that asks the Quota API about a reservation, given the areas, the product and the collection."""

    @functools.wraps(ask)
    def command(
        context: click.Context,
        /,
        *,
        aoi_ref: tuple[str, ...],
        aoi_refs: list[Any] | None,
        product_id: int,
        collection_id: str | None,
        pretty: bool,
    ) -> None:
        answer = ask(planet(context).quota, _areas(aoi_ref, aoi_refs), product_id, collection_id)
        print_one(answer, pretty=pretty)

    function: Any = click.pass_context(command)
    for option in reversed(
        [
            click.option(
                "--aoi-ref", multiple=True, metavar="REF", help="Area: pl:features/my/COLLECTION[/FEATURE]; repeatable."
            ),
            json_option("--aoi-refs", kind=list, help="A list of areas:"),
            click.option(
                "--product-id", required=True, type=int, metavar="N", help="Product; see quota products list."
            ),
            click.option("--collection-id", metavar="ID", help="Groups the reservations."),
            pretty_option,
        ]
    ):
        function = option(function)
    return function


def _areas(aoi_ref: tuple[str, ...], aoi_refs: list[Any] | None) -> list[str]:
    found = [*aoi_ref, *(aoi_refs or ())]
    if not found:
        raise click.UsageError("name the areas, by --aoi-ref or --aoi-refs")
    if not all(isinstance(one, str) for one in found):
        raise click.UsageError('--aoi-refs is no list of references, such as ["pl:features/my/farms/f1"]')
    return found


@reservations.command("create")
@_reserving
def create(api: Any, *reservation: Any) -> Any:
    """Reserve quota for areas. It uses up quota: estimate it first."""
    return api.create_reservation(*reservation)


@reservations.command("bulk-reserve")
@_reserving
def bulk_reserve(api: Any, *reservation: Any) -> Any:
    """Have Planet reserve quota for many areas, in a job. It uses up quota: estimate it first."""
    return api.bulk_create_reservations(*reservation)


@reservations.command("estimate")
@_reserving
def estimate(api: Any, *reservation: Any) -> Any:
    """Say what a reservation would cost; nothing is reserved."""
    return api.estimate_reservation(*reservation)


# --- jobs ------------------------------------------------------------------------------------------------------------


@quota.group("jobs")
def jobs() -> None:
    """Jobs that reserve quota for many areas."""


@jobs.command("list")
@_listing
@click.pass_context
def list_jobs(context: click.Context, /, *, limit: int, pretty: bool, **given: Any) -> None:
    """List the jobs, one a line."""
    print_each(planet(context).quota.list_jobs(limit=limit, **given), pretty=pretty, limit=limit)


@jobs.command("get", short_help="Show how far a job is.")
@click.argument("job_id")
@pretty_option
@click.pass_context
def get_job(context: click.Context, /, *, job_id: str, pretty: bool) -> None:
    """Show how far the job JOB_ID is."""
    print_one(planet(context).quota.get_job(job_id), pretty=pretty)

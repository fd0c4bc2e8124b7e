# SPDX-License-Identifier: Apache-2.0
"""``swath planet data filter``."""

from __future__ import annotations

import datetime as dt
from typing import Any

import click

from swath.commands import command
from swath_planet._cli.output import pretty as pretty_option
from swath_planet._cli.output import print_one
from swath_planet._cli.values import COMPARATOR, CommaList, DateTime, Json

__all__ = ["filter_"]

_SINCE = click.Choice(["gt", "gte"])


@command("filter")
@click.option("--asset", type=CommaList(), help="Has one of these assets.")
@click.option(
    "--date-range",
    multiple=True,
    type=(str, COMPARATOR, DateTime()),
    metavar="FIELD COMP TIME",
    help="A time, such as 'acquired gte 2026-06-01'; COMP is gt, gte, lt or lte.",
)
@click.option("--geom", type=Json(), help="Area: GeoJSON, a file, or - for standard input.")
@click.option(
    "--geom-relation",
    type=click.Choice(["intersects", "contains", "within", "disjoint"]),
    help="How the item lies to --geom.  [default: intersects]",
)
@click.option(
    "--number-in",
    multiple=True,
    type=(str, CommaList(float)),
    metavar="FIELD N,N,...",
    help="A number that is one of these.",
)
@click.option("--permission", is_flag=True, help="May be downloaded by this account.")
@click.option(
    "--range",
    "number_range",
    multiple=True,
    type=(str, COMPARATOR, float),
    metavar="FIELD COMP N",
    help="A number, such as 'cloud_cover lt 0.1'; COMP is gt, gte, lt or lte.",
)
@click.option("--std-quality", is_flag=True, help="Is of standard quality.")
@click.option(
    "--string-in",
    multiple=True,
    type=(str, CommaList()),
    metavar="FIELD A,B,...",
    help="A word that is one of these.",
)
@click.option(
    "--update",
    multiple=True,
    type=(str, _SINCE, DateTime()),
    metavar="FIELD COMP TIME",
    help="FIELD was changed since; COMP is gt or gte.",
)
@pretty_option
@click.pass_context
def filter_(
    context: click.Context,
    /,
    *,
    asset: list[str] | None,
    date_range: tuple[tuple[str, str, dt.datetime], ...],
    geom: dict[str, Any] | None,
    geom_relation: str | None,
    number_in: tuple[tuple[str, list[float]], ...],
    permission: bool,
    number_range: tuple[tuple[str, str, float], ...],
    std_quality: bool,
    string_in: tuple[tuple[str, list[str]], ...],
    update: tuple[tuple[str, str, dt.datetime], ...],
    pretty: bool,
) -> None:
    """Write a filter for searches and subscriptions: an item must meet every option. Nothing is sent.

    \b
    swath planet data filter --range cloud_cover lt 0.1 --date-range acquired gte 2026-06-01 --std-quality
    """
    from swath_planet import data_filter as make

    if geom_relation and geom is None:
        raise click.UsageError("--geom-relation says how items lie to --geom, which is missing", context)
    wanted = [make.asset_filter(asset)] if asset else []
    wanted += [make.date_range_filter(field, **{word: when}) for field, word, when in date_range]
    if geom is not None:
        wanted.append(make.geometry_filter(geom, geom_relation))
    wanted += [make.number_in_filter(field, numbers) for field, numbers in number_in]
    wanted += [make.range_filter(field, **{word: number}) for field, word, number in number_range]
    wanted += [make.string_in_filter(field, words) for field, words in string_in]
    wanted += [make.update_filter(field, **{word: when}) for field, word, when in update]
    if permission:
        wanted.append(make.permission_filter())
    if std_quality:
        wanted.append(make.std_quality_filter())
    print_one(make.and_filter(wanted) if wanted else make.empty_filter(), pretty=pretty)

# SPDX-License-Identifier: Apache-2.0
"""``swath planet subscriptions request``, ``request-catalog``, ``request-source``."""

from __future__ import annotations

import datetime as dt
from typing import Any

import click

from swath.commands import command
from swath_planet._cli.bundles import with_table
from swath_planet._cli.hosting import hosting_options, note_hosting
from swath_planet._cli.output import pretty as pretty_option
from swath_planet._cli.output import print_one
from swath_planet._cli.values import CommaList, DateTime, Geometry, json_option

__all__ = ["request", "request_catalog", "request_source"]

_AREA = "Area: GeoJSON, a file, - for standard input, or a reference pl:features/..."


@command()
@click.option("--name", required=True, metavar="TEXT", help="Name of the subscription.")
@json_option("--source", required=True, help="What is subscribed to, as request-catalog or request-source writes it.")
@json_option("--delivery", help="Where Planet delivers to.")
@json_option("--notifications", help="Which address Planet calls.")
@json_option("--tools", kind=list, help="Tools in sequence.")
@hosting_options
@click.option("--clip-to-source", is_flag=True, help="Cut to the source's area.")
@pretty_option
def request(
    *,
    name: str,
    source: dict[str, Any],
    delivery: dict[str, Any] | None,
    notifications: dict[str, Any] | None,
    tools: list[dict[str, Any]] | None,
    hosting: str | None,
    collection_id: str | None,
    create_configuration: bool,
    clip_to_source: bool,
    pretty: bool,
) -> None:
    """Write the request of a subscription. Nothing is sent: make it with swath planet subscriptions create.

    \b
    swath planet subscriptions request-catalog --item-types PSScene --asset-types ortho_visual \\
        --geometry field.geojson --start-time 2026-06-01 > source.json
    swath planet subscriptions request --name field --source source.json --clip-to-source \\
        --delivery '{"type": "destination", "parameters": {"ref": "pl:destinations/default"}}'
    """
    from swath_planet import subscription_request as make

    note_hosting(hosting, collection_id=collection_id, create_configuration=create_configuration)
    made = make.build_request(
        name,
        source,
        delivery=delivery,
        notifications=notifications,
        tools=tools,
        hosting=hosting,
        collection_id=collection_id if hosting else None,
        create_configuration=create_configuration and hosting is not None,
        clip_to_source=clip_to_source,
    )
    print_one(made, pretty=pretty)


@command()
@click.option("--item-types", required=True, type=CommaList(), metavar="TYPE", help="Item type; Planet takes one.")
@click.option("--asset-types", required=True, type=CommaList(), metavar="A,B,...", help="What of each item.")
@click.option("--geometry", required=True, type=Geometry(), help=_AREA)
@click.option("--start-time", required=True, type=DateTime(), help="When it begins; it may be past.")
@click.option("--end-time", type=DateTime(), help="When it ends.  [default: never]")
@click.option("--rrule", metavar="TEXT", help="Months that count, such as FREQ=MONTHLY;BYMONTH=3,4,5.")
@json_option("--filter", "item_filter", help="Filter, as swath planet data filter writes it.")
@click.option(
    "--publishing-stage",
    multiple=True,
    type=click.Choice(["preview", "standard", "finalized"]),
    help="Only of this stage; may be repeated.",
)
@click.option(
    "--time-range-type",
    type=click.Choice(["acquired", "published"]),
    help="What the times are about.  [Planet's default]",
)
@click.option(
    "--geometry-relation",
    type=click.Choice(["intersects", "contains", "within"]),
    help="How the item lies to the area.  [default: intersects]",
)
@pretty_option
@click.pass_context
def request_catalog(
    context: click.Context,
    /,
    *,
    item_types: list[str],
    asset_types: list[str],
    geometry: Any,
    start_time: dt.datetime,
    end_time: dt.datetime | None,
    rrule: str | None,
    item_filter: dict[str, Any] | None,
    publishing_stage: tuple[str, ...],
    time_range_type: str | None,
    geometry_relation: str | None,
    pretty: bool,
) -> None:
    """Write a source for subscriptions request: scenes of the catalogue, as they come in."""
    from swath_planet import subscription_request as make

    stages = [stage for stage in ("preview", "standard", "finalized") if stage in publishing_stage]
    made = with_table(
        context,
        lambda table: make.catalog_source(
            item_types,
            asset_types,
            geometry,
            start_time,
            filter=item_filter,
            end_time=end_time,
            rrule=rrule,
            publishing_stages=stages or None,
            time_range_type=time_range_type,
            geometry_relation=geometry_relation,
            table=table,
        ),
    )
    print_one(made, pretty=pretty)


@command()
@click.option("--source-id", required=True, metavar="ID", help="Which product, by Planet's id.")
@click.option("--geometry", required=True, type=Geometry(), help=_AREA)
@click.option("--start-time", required=True, type=DateTime(), help="When it begins; it may be past.")
@click.option("--end-time", type=DateTime(), help="When it ends.  [default: never]")
@pretty_option
def request_source(
    *, source_id: str, geometry: Any, start_time: dt.datetime, end_time: dt.datetime | None, pretty: bool
) -> None:
    """Write a source for subscriptions request: a product of Planet's other than scenes."""
    from swath_planet import subscription_request as make

    print_one(make.subscription_source(source_id, geometry, start_time, end_time=end_time), pretty=pretty)

# SPDX-License-Identifier: Apache-2.0
"""``swath planet orders request``."""

from __future__ import annotations

from typing import Any

import click

from swath.commands import command, say
from swath_planet._cli.hosting import hosting_options, note_hosting
from swath_planet._cli.output import pretty as pretty_option
from swath_planet._cli.output import print_one
from swath_planet._cli.values import CommaList, Geometry, Json, json_option, piped_ids

__all__ = ["request"]


class _Ids(CommaList):
    """Item ids: a list with commas, or what a search printed, on standard input (``-``)."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read the ids."""
        if value != "-":
            return super().convert(value, param, ctx)
        try:
            return piped_ids(ctx)
        except ValueError as err:
            self.fail(str(err), param, ctx)


@command()
@click.argument("ids", type=_Ids())
@click.option("--item-type", required=True, metavar="TYPE", help="Item type of all of them.")
@click.option("--bundle", required=True, metavar="NAME", help="Product bundle.")
@click.option(
    "--fallback-bundle", type=CommaList(), metavar="NAMES", help="Bundles to try in turn for items that lack it."
)
@click.option("--name", required=True, metavar="TEXT", help="Name of the order.")
@click.option("--clip", type=Geometry(), help="Cut to this area: GeoJSON, a file, -, or a reference pl:features/...")
@json_option("--tools", kind=list, help="Tools in sequence.")
@click.option(
    "--tool",
    "more_tools",
    type=Json(),
    multiple=True,
    help="One tool, as swath planet orders tool writes it; may be repeated.",
)
@click.option("--email", is_flag=True, help="Have Planet send a mail when it is done.")
@click.option("--archive-type", type=click.Choice(["zip"]), help="Put the files of each item into an archive.")
@click.option(
    "--archive-filename", metavar="NAME", default="{{name}}-{{order_id}}.zip", show_default=True, help="Its name."
)
@click.option("--single-archive", is_flag=True, help="One archive for all items.")
@json_option("--delivery", "--cloudconfig", "delivery", help="Where Planet delivers to.")
@click.option(
    "--stac/--no-stac",
    default=True,
    help="Have Planet add its STAC files.  [default: stac, but not for Google Earth Engine]",
)
@click.option(
    "--order-type",
    type=click.Choice(["full", "partial"]),
    help="Fail if an item is missing, or deliver what there is.  [default: full]",
)
@click.option("--subscription-id", type=int, default=0, metavar="N", help="Quota plan to draw from.")
@hosting_options
@pretty_option
@click.pass_context
def request(
    context: click.Context,
    /,
    *,
    ids: list[str],
    item_type: str,
    bundle: str,
    fallback_bundle: list[str] | None,
    name: str,
    clip: Any,
    tools: list[dict[str, Any]] | None,
    more_tools: tuple[dict[str, Any], ...],
    email: bool,
    archive_type: str | None,
    archive_filename: str,
    single_archive: bool,
    delivery: dict[str, Any] | None,
    stac: bool,
    order_type: str | None,
    subscription_id: int,
    hosting: str | None,
    collection_id: str | None,
    create_configuration: bool,
    pretty: bool,
) -> None:
    """Write the request of an order for the items IDS, a list with commas, or - for what a search printed.

    Nothing is ordered: send it with swath planet orders create.

    \b
    swath planet data search PSScene --limit 3 |
        swath planet orders request - --item-type PSScene --bundle visual --name look > order.json
    """
    from swath_planet import order_request as make
    from swath_planet._cli.bundles import with_table

    if clip is not None and (tools or more_tools):
        raise click.UsageError(
            "--clip and other tools exclude each other: put a clip among the tools, by "
            '--tool "$(swath planet orders tool clip AREA)"',
            context,
        )
    if single_archive and archive_type is None:
        say("Note: --single-archive has no effect without --archive-type zip.")
    note_hosting(hosting, collection_id=collection_id, create_configuration=create_configuration)
    steps = [make.clip_tool(clip)] if clip is not None else [*(tools or ()), *more_tools]
    made = make.build_request(
        name,
        products=[
            with_table(context, lambda table: make.product(ids, bundle, item_type, fallback_bundle, table=table))
        ],
        subscription_id=subscription_id,
        delivery=make.delivery(archive_type, single_archive, archive_filename, delivery) or None,
        notifications=make.notifications(email=True) if email else None,
        order_type=order_type,
        tools=steps or None,
        # Planet writes none for Google Earth Engine.
        stac={"stac": {}} if stac and "google_earth_engine" not in (delivery or {}) else None,
        hosting=hosting,
        collection_id=collection_id,
        create_configuration=create_configuration,
    )
    print_one(made, pretty=pretty)

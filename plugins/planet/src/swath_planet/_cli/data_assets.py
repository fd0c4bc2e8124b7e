# SPDX-License-Identifier: Apache-2.0
"""``swath planet data asset-...``: an item's files."""

from __future__ import annotations

from pathlib import Path

import click

from swath.commands import command, say, when_stopped
from swath_planet._cli.account import attempts_options, planet, show_progress, watching
from swath_planet._cli.output import pretty as pretty_option
from swath_planet._cli.output import print_one

__all__ = ["asset_activate", "asset_download", "asset_get", "asset_list", "asset_wait"]

item_type_argument = click.argument("item_type")
item_id_argument = click.argument("item_id")
asset_argument = click.argument("asset_type")


@command()
@item_type_argument
@item_id_argument
@pretty_option
@click.pass_context
def asset_list(context: click.Context, /, *, item_type: str, item_id: str, pretty: bool) -> None:
    """Show the assets of the item ITEM_ID of ITEM_TYPE, by their names."""
    print_one(planet(context).data.list_item_assets(item_type, item_id), pretty=pretty)


@command()
@item_type_argument
@item_id_argument
@asset_argument
@pretty_option
@click.pass_context
def asset_get(context: click.Context, /, *, item_type: str, item_id: str, asset_type: str, pretty: bool) -> None:
    """Show the asset ASSET_TYPE of the item ITEM_ID of ITEM_TYPE."""
    print_one(planet(context).data.get_asset(item_type, item_id, asset_type), pretty=pretty)


@command()
@item_type_argument
@item_id_argument
@asset_argument
@click.pass_context
def asset_activate(context: click.Context, /, *, item_type: str, item_id: str, asset_type: str) -> None:
    """Have Planet make an asset ready to be fetched. It may take minutes: see asset-wait."""
    data = planet(context).data
    data.activate_asset(data.get_asset(item_type, item_id, asset_type))


@command()
@item_type_argument
@item_id_argument
@asset_argument
@attempts_options
@pretty_option
@click.pass_context
def asset_wait(
    context: click.Context,
    /,
    *,
    item_type: str,
    item_id: str,
    asset_type: str,
    delay: float,
    max_attempts: int,
    pretty: bool,
) -> None:
    """Wait until an asset is ready, and print it with its link. Activate it first."""
    when_stopped(context, "Planet goes on; run the same command again to wait further.")
    data = planet(context).data
    asset = data.get_asset(item_type, item_id, asset_type)
    with watching(context, f"{item_id} {asset_type}") as heard:
        asset = data.wait_asset(asset, delay=delay, max_attempts=max_attempts, callback=heard)
    print_one(asset, pretty=pretty)


@command()
@item_type_argument
@item_id_argument
@asset_argument
@click.option(
    "--directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=".",
    help="Target folder.  [default: the current one]",
)
@click.option("--filename", metavar="NAME", help="Name of the file.  [default: Planet's]")
@click.option("--overwrite", is_flag=True, help="Fetch again what is there.")
@click.option("--checksum", is_flag=True, help="Check the file on disk against Planet's digest once more.")
@click.pass_context
def asset_download(
    context: click.Context,
    /,
    *,
    item_type: str,
    item_id: str,
    asset_type: str,
    directory: Path,
    filename: str | None,
    overwrite: bool,
    checksum: bool,
) -> None:
    """Fetch an asset that is ready, and print where it is. It has its name only once it is complete and verified."""
    when_stopped(context, "Run the same command again to go on from where it stopped.")
    data = planet(context).data
    asset = data.get_asset(item_type, item_id, asset_type)
    path = data.download_asset(
        asset, filename=filename, directory=directory, overwrite=overwrite, progress_bar=show_progress(context)
    )
    if checksum:
        data.validate_checksum(asset, path)
        say(f"{path.name} has the digest that Planet tells.")
    click.echo(path)

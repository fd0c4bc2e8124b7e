# SPDX-License-Identifier: Apache-2.0
"""``swath download``, ``swath verify``, ``swath load``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from swath._cli.group import State, command
from swath._cli.options import as_json, open_for
from swath._cli.outcome import end
from swath._cli.output import counted, print_json, print_table, say
from swath._cli.piping import holds_orders, items_in, order_ids, piped, read_items
from swath._cli.track import resolve
from swath._cli.words import orders_like, read_bbox
from swath.errors import SwathError

if TYPE_CHECKING:
    import pystac

    from swath.models import ItemDict

__all__ = ["download", "load", "print_local", "verify"]


@command()
@click.argument("what", metavar="ORDER|ITEMS", shell_complete=orders_like)
@click.option(
    "-o",
    "--to",
    "directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=".",
    help="Target folder.  [default: the current one]",
)
@click.option("--workers", type=click.IntRange(1, 64), metavar="N", default=8, show_default=True, help="Files at once.")
@click.option("--overwrite", is_flag=True, help="Fetch again what is there and whole.")
@as_json
@click.pass_context
def download(
    context: click.Context, /, *, what: str, directory: Path, workers: int, overwrite: bool, as_json: bool
) -> None:
    """Fetch what was ordered, complete and verified.

    ORDER is an id from swath orders or the beginning of one. ITEMS is what swath search saved, whose items were
    ordered before or need no order. Either may come through a pipe: -

    \b
    swath download 3f2a -o data
    swath order found.geojson --bundle visual --json | swath wait - --json | swath download - -o data
    """
    context.ensure_object(State).when_stopped = "What is whole stays; run the same command again to fetch the rest."
    orders: list[str] = []
    items: dict[str, list[ItemDict]] = {}
    if what == "-":
        text = piped("swath search ... | swath download -, or: swath wait ... --json | swath download -")
        if holds_orders(text):
            orders = order_ids(text)
        else:
            items = items_in(text, "standard input")
    elif Path(what).is_file() or Path(what, "catalog.json").is_file():
        items = read_items(what)
    else:
        orders = [what]
    found: list[tuple[str, str | None, Any]] = [(name, None, mine) for name, mine in items.items()]
    found += [(name, profile, keys) for (name, profile), keys in (resolve(orders) if orders else {}).items()]
    local: list[pystac.Item] = []
    failures: list[SwathError] = []
    for name, profile, wanted in found:
        try:
            with open_for(context, name, profile=profile) as provider:
                local += provider.download(wanted, directory, workers=workers, overwrite=overwrite)
        except SwathError as err:
            err.provider = err.provider or name
            failures.append(err)
    if local or not failures:
        print_local(local, as_json=as_json)
    end(context, failures, done=bool(local))


def print_local(items: list[pystac.Item], *, as_json: bool) -> None:
    """Print downloaded items: what there is, and how far it is verified."""
    if as_json:
        print_json({"type": "FeatureCollection", "features": [i.to_dict(transform_hrefs=False) for i in items]})
        return
    rows = [
        [item.id, key, asset.extra_fields.get("file:size"), asset.extra_fields.get("swath:verified"), asset.href]
        for item in items
        for key, asset in item.assets.items()
        if "file:size" in asset.extra_fields
    ]
    print_table(["ITEM", "ASSET", "BYTES", "VERIFIED BY", "PATH"], rows)


@command()
@click.argument("directory", type=click.Path(path_type=Path, exists=True, file_okay=False))
@as_json
@click.pass_context
def verify(context: click.Context, /, *, directory: Path, as_json: bool) -> None:
    """Check every file below DIRECTORY against the receipts in its items.

    Exits with 6 if one is not as it was received. Nothing is asked of any provider.
    """
    from attrs import asdict

    import swath

    report = swath.verify(directory)
    if as_json:
        print_json(
            {"directory": report.directory, "counts": report.counts, "files": [asdict(row) for row in report.files]}
        )
    else:
        print_table(["FILE", "STATE", "WHY"], [[row.path, row.state.value, row.detail] for row in report.files])
        whole = "all as they should be" if not report.failed else f"{len(report.failed)} not as they should be"
        say(f"{counted(len(report.files), 'file')}, {whole}")
    if report.failed:
        context.exit(6)


@command()
@click.argument("source", type=click.Path(path_type=Path, exists=True), metavar="DIRECTORY|ITEMS")
@click.option("-b", "--bands", multiple=True, metavar="NAME", help="Band, common name or asset; may be repeated.")
@click.option("--crs", metavar="EPSG:...", help="Target coordinate reference system.")
@click.option("--resolution", type=float, metavar="SIZE", help="Pixel size in units of the CRS.")
@click.option("--bbox", callback=read_bbox, metavar="W,S,E,N", help="Only this part, in degrees.")
@click.option("--mask", multiple=True, metavar="CLASS", help="Leave out pixels of this class: cloud, shadow, snow, ...")
@click.option("--groupby", default="time", show_default=True, help="One layer a: time, solar_day, id, or a property.")
@click.option("--quicklook", type=click.Path(path_type=Path, dir_okay=False), help="Write a PNG here.")
@as_json
def load(
    *,
    source: Path,
    bands: tuple[str, ...],
    crs: str | None,
    resolution: float | None,
    bbox: tuple[float, ...] | None,
    mask: tuple[str, ...],
    groupby: str,
    quicklook: Path | None,
    as_json: bool,
) -> None:
    """Read downloaded data as arrays or tables, and say what is in it.

    \b
    swath load data -b red -b green -b blue --quicklook look.png
    """
    from swath._inputs import load_options, local_items_of
    from swath._load import load_items, summarise, write_quicklook

    given: dict[str, Any] = {"bands": bands, "crs": crs, "resolution": resolution, "mask": mask, "groupby": groupby}
    if bbox is not None:
        given["bbox"] = bbox
    if quicklook is not None and quicklook.suffix.lower() != ".png":
        raise click.BadParameter(f"{str(quicklook)!r} does not end in .png", param_hint="--quicklook")
    data = load_items(local_items_of(source), load_options(given))
    summary = summarise(data)
    if quicklook is not None:
        summary["quicklook"] = str(write_quicklook(data, quicklook))
    if as_json:
        print_json(summary)
        return
    for key, value in summary.items():
        if isinstance(value, dict):
            click.echo(f"{key}:")
            for name, about in value.items():
                shown = " ".join(f"{k}={_plain(v)}" for k, v in about.items()) if isinstance(about, dict) else about
                click.echo(f"  {name}: {shown}")
        else:
            click.echo(f"{key}: {_plain(value)}")


def _plain(value: Any) -> str:
    """Write a value for people: numbers without the noise of their last binary digits."""
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, list | tuple):
        return ", ".join(_plain(one) for one in value)
    return str(value)

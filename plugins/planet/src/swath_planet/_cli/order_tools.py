# SPDX-License-Identifier: Apache-2.0
"""``swath planet orders tool``: writes one processing step."""

from __future__ import annotations

from typing import Any

import click

from swath.commands import Group
from swath_planet._cli.output import pretty as pretty_option
from swath_planet._cli.output import print_one
from swath_planet._cli.values import Geometry

__all__ = ["tool"]


@click.group(cls=Group)
def tool() -> None:
    """Write a tool for the request of an order. Planet runs tools in the sequence of the request.

    \b
    swath planet orders request ID --item-type PSScene --bundle analytic_8b_sr_udm2 --name ndvi \\
        --tool "$(swath planet orders tool clip field.geojson)" \\
        --tool "$(swath planet orders tool band-math '(b8-b6)/(b8+b6)' --pixel-type 32R)"
    """


@tool.command("clip", short_help="Cut to an area.")
@click.argument("area", type=Geometry())
@pretty_option
def clip(*, area: Any, pretty: bool) -> None:
    """Cut to AREA: GeoJSON, a file, - for standard input, or a reference pl:features/..."""
    from swath_planet import order_request

    print_one(order_request.clip_tool(area), pretty=pretty)


@tool.command("composite")
@click.option("--group-by", metavar="WORD", help="order: one image of all; strip_id: one a strip.  [default: order]")
@pretty_option
def composite(*, group_by: str | None, pretty: bool) -> None:
    """Put the items together into one image."""
    from swath_planet import order_request

    print_one(order_request.composite_tool(group_by), pretty=pretty)


@tool.command("coregister", short_help="Align the items to one of them.")
@click.argument("anchor_item")
@pretty_option
def coregister(*, anchor_item: str, pretty: bool) -> None:
    """Align the items to one of them, ANCHOR_ITEM."""
    from swath_planet import order_request

    print_one(order_request.coregister_tool(anchor_item), pretty=pretty)


@tool.command("file-format", short_help="Deliver in another format.")
@click.argument("file_format", metavar="FORMAT")
@pretty_option
def file_format(*, file_format: str, pretty: bool) -> None:
    """Deliver as FORMAT: COG or PL_NITF."""
    from swath_planet import order_request

    print_one(order_request.file_format_tool(file_format), pretty=pretty)


@tool.command("reproject", short_help="Reproject.")
@click.argument("projection")
@click.option("--resolution", type=float, metavar="SIZE", help="Pixel size in units of the projection.")
@click.option("--kernel", metavar="NAME", help="near, bilinear, cubic, average, ...  [default: near]")
@pretty_option
def reproject(*, projection: str, resolution: float | None, kernel: str | None, pretty: bool) -> None:
    """Reproject to PROJECTION, such as EPSG:32631."""
    from swath_planet import order_request

    print_one(order_request.reproject_tool(projection, resolution, kernel), pretty=pretty)


@tool.command("tile", short_help="Cut into tiles.")
@click.argument("tile_size", type=click.IntRange(min=1))
@click.option("--origin-x", type=float, metavar="X", help="Where the grid of tiles begins, in the projection.")
@click.option("--origin-y", type=float, metavar="Y", help="The same, in y.")
@click.option("--pixel-size", type=float, metavar="SIZE", help="In units of the projection.")
@click.option("--name-template", metavar="TEXT", help="Such as T_{tilex:04d}_{tiley:04d}.")
@click.option("--conformal-x-scaling", is_flag=True, default=None, help="Keep the width of pixels in metres.")
@pretty_option
def tile(*, tile_size: int, pretty: bool, **given: Any) -> None:
    """Cut into tiles of TILE_SIZE pixels along each side."""
    from swath_planet import order_request

    print_one(order_request.tile_tool(tile_size, **given), pretty=pretty)


@tool.command("toar")
@click.option("--scale-factor", type=click.IntRange(1, 65535), metavar="N", help="Of the result.  [default: 10000]")
@pretty_option
def toar(*, scale_factor: int | None, pretty: bool) -> None:
    """Turn radiance into top-of-atmosphere reflectance."""
    from swath_planet import order_request

    print_one(order_request.toar_tool(scale_factor), pretty=pretty)


@tool.command("harmonize", short_help="Make reflectances comparable with another sensor's.")
@click.argument("target_sensor", default="Sentinel-2")
@pretty_option
def harmonize(*, target_sensor: str, pretty: bool) -> None:
    """Make reflectances comparable with those of TARGET_SENSOR, Sentinel-2 if left out."""
    from swath_planet import order_request

    print_one(order_request.harmonize_tool(target_sensor), pretty=pretty)


@tool.command("merge")
@pretty_option
def merge(*, pretty: bool) -> None:
    """Put the quads of a basemap order together into one image."""
    from swath_planet import order_request

    print_one(order_request.merge_tool(), pretty=pretty)


@tool.command("band-math", short_help="Compute new bands.")
@click.argument("bands", nargs=-1, required=True)
@click.option("--pixel-type", default="Auto", show_default=True, metavar="TYPE", help="Auto, 8U, 16U, 16S or 32R.")
@pretty_option
def band_math(*, bands: tuple[str, ...], pixel_type: str, pretty: bool) -> None:
    """Compute new bands from BANDS, an expression for each, 15 at most."""
    from swath_planet import order_request

    if len(bands) > 15:
        raise click.UsageError(f"Planet computes 15 bands at most, not {len(bands)}")
    named: dict[str, Any] = {f"b{number}": text for number, text in enumerate(bands, start=1)}
    print_one(order_request.band_math_tool(**named, pixel_type=pixel_type), pretty=pretty)

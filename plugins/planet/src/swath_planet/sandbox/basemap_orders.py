# SPDX-License-Identifier: Apache-2.0
"""Orders of basemaps: which quads they are for, and the files that are made of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import field, frozen
from shapely.geometry import box, shape

from swath_planet.sandbox.access import Refusal
from swath_planet.sandbox.delivery import Delivery, OrderFile
from swath_planet.sandbox.filters import read_geometry
from swath_planet.sandbox.mosaic_shelf import Mosaic, Shelf
from swath_planet.sandbox.products import Content
from swath_planet.sandbox.quads import Quad, TooMany, in_geometry

if TYPE_CHECKING:
    from swath_planet.sandbox.pixels import Picture

__all__ = ["TOOLS", "BasemapDelivery", "Piece", "pieces_of", "problem_of"]

TOOLS = frozenset({"bandmath", "clip", "merge", "reproject"})
"""Tools that basemaps take."""
_MOST_QUADS = 100


@frozen(kw_only=True)
class Piece:
    """One quad of one mosaic."""

    mosaic: Mosaic
    quad: Quad
    seed: int
    """Of its picture: the same as that of the Basemaps API."""


def problem_of(product: Any, shelf: Shelf) -> str | None:
    """Say what is wrong with a line of an order; None if nothing is."""
    if not isinstance(product, Mapping):
        return "a product must be an object"
    name, geometry, ids = product.get("mosaic_name"), product.get("geometry"), product.get("quad_ids")
    mosaic = next((one for one in shelf.mosaics() if one.name == name), None)
    if mosaic is None:
        return f"unknown mosaic {name!r}"
    if (geometry is None) == (ids is None):
        return "either geometry or quad_ids is required"
    if ids is not None and (not isinstance(ids, list) or not 0 < len(ids) <= _MOST_QUADS):
        return f"quad_ids must name 1 to {_MOST_QUADS} quads"
    try:
        quads = _quads(mosaic, product)
    except Refusal as err:
        return str(err.body["general"][0]["message"])
    except TooMany as err:
        return str(err)
    if ids is not None and len(quads) < len(ids):
        return f"mosaic {name!r} has not all of these quads"
    return None if quads else f"mosaic {name!r} has no quad there"


def pieces_of(products: Sequence[Mapping[str, Any]], shelf: Shelf, key: Any) -> list[Piece]:
    """List the quads of an order that has been checked.

    Args:
        products: Its lines.
        shelf: The mosaics.
        key: Makes a seed of words.
    """
    mosaics = {one.name: one for one in shelf.mosaics()}
    return [
        Piece(mosaic=mosaic, quad=quad, seed=key("planet mosaic", mosaic.name, quad.id))
        for product in products
        for mosaic in (mosaics[product["mosaic_name"]],)
        for quad in _quads(mosaic, product)
    ]


def _quads(mosaic: Mosaic, product: Mapping[str, Any]) -> list[Quad]:
    ids = product.get("quad_ids")
    if ids is not None:
        found = [Quad.named(str(one)) for one in ids]
        return [quad for quad in found if quad is not None and mosaic.has(quad)]
    return [quad for quad in in_geometry(read_geometry(product["geometry"])) if mosaic.has(quad)]


@frozen(kw_only=True)
class BasemapDelivery(Delivery):
    """The files of an order of basemaps: one a quad, or one in all."""

    pieces: Sequence[Piece] = field(default=())

    def _plain(self) -> list[OrderFile]:
        aoi = self._aoi()
        wanted = [one for one in self.pieces if aoi is None or box(*one.quad.bbox).intersects(shape(aoi))]
        if not any("merge" in tool for tool in self.tools):
            return [self._file(f"{one.mosaic.name}/{one.quad.id}_quad", [one]) for one in wanted]
        mosaics = dict.fromkeys(one.mosaic.name for one in wanted)
        return [self._file(f"{name}/merged", [one for one in wanted if one.mosaic.name == name]) for name in mosaics]

    def _file(self, stem: str, pieces: Sequence[Piece]) -> OrderFile:
        suffixes = "".join(f"_{name}" for tool in self.tools for name in tool if name != "merge")

        def make() -> bytes:
            first, *others = [_drawn(one, self.pixels) for one in pieces]
            whole = first.merged(others, pixels=self.pixels) if others else first
            return self._worked(whole).encoded()

        annotations = {"planet/mosaic_name": pieces[0].mosaic.name}
        if len(pieces) == 1:
            annotations["planet/quad_id"] = pieces[0].quad.id
        return OrderFile(path=f"{stem}{suffixes}.tif", media_type="image/tiff", annotations=annotations, make=make)


def _drawn(piece: Piece, pixels: int) -> Picture:
    from swath.sandbox import scenes
    from swath_planet.sandbox.mercator import grid_of
    from swath_planet.sandbox.pixels import Picture

    grid = grid_of(piece.quad.bounds_m, pixels)
    day: dt.date = piece.mosaic.first.date()
    return Picture(
        values=scenes.visual_array(grid, seed=piece.seed, cloud_cover=0, when=day),
        crs="EPSG:3857",
        transform=grid.transform,
        names=("red", "green", "blue", "alpha"),
        content=Content.BANDS,
        nodata=0,
    )

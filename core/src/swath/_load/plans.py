# SPDX-License-Identifier: Apache-2.0
"""Works out, without reading pixels, what each block of each variable is read from, and onto which grid."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve, frozen

from swath._load.grid import Grid, asked_bounds, footprint, grid_of, make_grid, meets, target_crs
from swath._load.layers import group
from swath._load.like import check_alone, pixel_grid
from swath._load.locating import Located
from swath._load.read import BandPlan, Mask, Placed
from swath._load.sources import BandSource, item_key
from swath._suggest import suggest
from swath.errors import InputError, LoadError, NoOverlap
from swath.models import ItemDict, LoadOptions


def make_plans(
    items: Sequence[ItemDict], names: Sequence[str], located: Mapping[str, Located], options: LoadOptions
) -> tuple[list[BandPlan], list[list[ItemDict]]]:
    """Work out what each block of each variable is read from; reads no pixels.

    Args:
        items: STAC Items.
        names: Of the variables, from `locate_bands`.
        located: From `locate_bands`.
        options: What to read and how.

    Returns:
        One plan a variable, all on one grid; and the items of each layer.

    Raises:
        InputError: Grouping or resampling has an unknown name.
        LoadError: The files cannot share a grid.
    """
    _check(options)
    sources = [one for found in located.values() for one in found.bands.values()]
    like = None if options.like is None else pixel_grid(options.like)
    crs = target_crs(sources, like.crs if like else options.crs)
    placed = {key: {name: _place(one, crs) for name, one in found.bands.items()} for key, found in located.items()}
    every = [one for bands in placed.values() for one in bands.values()]
    if like is not None:
        grid = grid_of(like, crs)
    else:
        grid = make_grid(every, crs, options) if crs is not None else _bare_grid(sources, options)
    asked = asked_bounds(options, crs) if crs is not None else []
    wanted = [
        item
        for item in items
        if any(
            meets(one.bounds, grid.bounds) and (not asked or any(meets(one.bounds, box) for box in asked))
            for one in placed.get(item_key(item), {}).values()
        )
    ]
    if not wanted:
        raise NoOverlap("the asked area and the items do not meet")
    for item in wanted:
        key = item_key(item)
        masks = tuple(Mask(placed=_place(one.source, crs), rules=one.rules) for one in located[key].masks)
        if masks:
            placed[key] = {name: evolve(one, masks=masks) for name, one in placed[key].items()}
    layers = group(wanted, options.groupby)
    about: dict[str, list[BandSource]] = {}
    for found in located.values():
        for name, one in found.bands.items():
            about.setdefault(name, []).append(one)
    parts = _Parts(
        about=about,
        placed=[[placed[item_key(item)] for item in layer] for layer in layers],
        ids=[[str(item["id"]) for item in layer] for layer in layers],
    )
    return [_plan(name, grid, parts, options) for name in names], layers


@frozen(kw_only=True)
class _Parts:
    """What the variables are made of."""

    about: Mapping[str, Sequence[BandSource]]
    """All sources of each variable."""
    placed: Sequence[Sequence[Mapping[str, Placed]]]
    """By layer and item, the bands that the item has."""
    ids: Sequence[Sequence[str]]
    """By layer and item."""


def said_of(
    items: Sequence[ItemDict],
    located: Mapping[str, Located],
    layers: Sequence[Sequence[ItemDict]],
    options: LoadOptions,
) -> dict[str, Any]:
    """Say what is not in the dataset as was asked for."""
    left_out = [str(item["id"]) for item in items if item_key(item) not in located]
    made = {"items_without_bands": ", ".join(left_out)} if left_out else {}
    if options.mask:
        made["masked"] = ", ".join(options.mask)
        bare = [str(item["id"]) for layer in layers for item in layer if not located[item_key(item)].masks]
        made |= {"items_without_mask": ", ".join(bare)} if bare else {}
    return made


def _place(source: BandSource, crs: Any) -> Placed:
    """Put a source where it lies in the target CRS."""
    where = footprint(source, crs)
    return Placed(source=source, bounds=where.bounds, step=where.step, exact=where.exact)


def _plan(name: str, grid: Grid, parts: _Parts, options: LoadOptions) -> BandPlan:
    """Plan one variable."""
    import numpy as np

    about = tuple(parts.about[name])
    stored = np.result_type(*[np.dtype(one.dtype) for one in about])
    layers = tuple(tuple(one[name] for one in layer if name in one) for layer in parts.placed)
    held = [pair for layer, ids in zip(parts.placed, parts.ids, strict=True) for pair in zip(layer, ids, strict=True)]
    lacking = dict.fromkeys(item for bands, item in held if name not in bands)
    is_physical = options.mask_and_scale and not any(one.is_class for one in about)
    dtype = stored
    if is_physical and stored.kind != "c":
        dtype = np.dtype("float32") if np.can_cast(stored, "float32") else np.dtype("float64")
    has_gaps = any(not layer for layer in layers) or any(one.masks for layer in layers for one in layer)
    return BandPlan(
        name=name,
        grid=grid,
        layers=layers,
        dtype=str(dtype),
        nodata=math.nan if is_physical else _nodata(name, about, stored, options.nodata, needed=has_gaps),
        resampling=options.resampling,
        about=about,
        lacking=tuple(lacking),
        is_physical=is_physical,
    )


def _nodata(name: str, about: Sequence[BandSource], dtype: Any, wanted: float | None, *, needed: bool) -> float | None:
    """Settle which value means no data: the wanted one, else the declared one, else one that is seldom data."""
    import numpy as np

    if wanted is not None:
        if dtype.kind in "iu" and not (
            float(wanted).is_integer() and np.can_cast(np.min_scalar_type(int(wanted)), dtype)
        ):
            raise InputError(f"{name!r} is of type {dtype}, which cannot hold nodata={wanted!r}")
        return float(wanted)
    declared = [one.nodata for one in about if one.nodata is not None]
    if declared:
        return declared[0]
    if dtype.kind == "f" or (needed and dtype.kind == "c"):
        return math.nan
    if not needed or dtype.kind not in "iu":
        return None
    # Zero is a class, or an amplitude: the far end of the type is what data seldom reach.
    return float(np.iinfo(dtype).max if dtype.kind == "u" else np.iinfo(dtype).min)


def _check(options: LoadOptions) -> None:
    """Refuse names that nothing goes by."""
    from attrs import fields
    from rasterio.enums import Resampling

    names = [one.name for one in Resampling]
    if options.resampling not in names:
        raise InputError(f"resampling {options.resampling!r} is not known", hint=suggest(options.resampling, names))
    if options.like is not None:
        check_alone(options)
    if options.extra:
        known = [one.name for one in fields(LoadOptions) if one.name != "extra"]
        name = next(iter(options.extra))
        raise InputError(f"load has no option {name!r}", hint=suggest(name, known, otherwise="the options are"))


def _bare_grid(sources: Sequence[BandSource], options: LoadOptions) -> Grid:
    """Lay the grid of files without georeference: their own pixels, rows counted downwards."""
    asked_bounds(options, None)
    if options.resolution is not None:
        raise LoadError(
            "the files have no georeference, so they have no resolution", hint="load them without resolution"
        )
    shapes = {one.header.shape: one for one in sources if one.header is not None}
    if len(shapes) > 1:
        named = ", ".join(f"{one.key!r} of {one.item!r}: {rows} x {columns}" for (rows, columns), one in shapes.items())
        raise LoadError(
            f"the files have no georeference and differ in shape ({named})", hint="load the items one by one"
        )
    return Grid(crs=None, left=0.0, top=0.0, step_x=1.0, step_y=-1.0, shape=next(iter(shapes)))

# SPDX-License-Identifier: Apache-2.0
"""Loads the raster bands of items as a lazy `xarray.Dataset`."""

from __future__ import annotations

import datetime as dt
import importlib
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from swath._load.archive import archive_of
from swath._load.cf import add_location, add_points, add_scales, describe
from swath._load.extras import require
from swath._load.grid import Grid, asked_bounds, footprint, make_grid, meets, target_crs
from swath._load.read import BandPlan, Placed, read_block
from swath._load.select import Chosen, choose_all
from swath._load.sources import BandSource, headers_of, list_bands, locate, unmoved
from swath.errors import InputError, LoadError, NoOverlap, TooLarge, UnknownAsset
from swath.models import ItemDict, LoadOptions
from swath.stac import bbox_of, parse_timestamp

if TYPE_CHECKING:
    import xarray

_GROUPINGS: Final = ("time", "solar_day")
_CHUNK: Final = 2048


def load_raster(items: Sequence[ItemDict], options: LoadOptions, *, as_recorded: bool = False) -> xarray.Dataset:
    """Load the raster bands of items.

    The stored values are given as they are: scale, offset and nodata are in each variable's attributes and nothing is
    converted to float.

    Args:
        items: STAC Items with local hrefs.
        options: What to read and how.
        as_recorded: Whether files are left in the geometry that they are stored in. What was not moved keeps its
            phase; ground control points are in ``spatial_ref``, where ``.rio.get_gcps()`` finds them.

    Returns:
        Dimensions (time, y, x), one variable a band, dask-backed unless `chunks` is None. Layers are those of the items
        that meet the asked area. Files without any georeference give bare pixels, marked so by the attribute
        ``georeferenced``.

    Raises:
        MissingExtra: The packages for rasters are not installed.
        UnknownAsset: A band is asked for that an item does not have.
        MixedProjections: The items are in several CRSs and none was named.
        NoOverlap: The asked area and the items do not meet.
        TooLarge: `chunks` is None and the array is larger than `max_bytes`.
        LoadError: A file is missing or cannot be read.
    """
    require("raster", "loading rasters")
    import numpy as np
    import xarray as xr

    chosen = located_bands(items, options.bands)
    points = unmoved(chosen) if as_recorded else None
    plans, layers = make_plans(items, chosen, options)
    grid = plans[0].grid
    variables = {plan.name: xr.Variable(("time", "y", "x"), lazy_array(plan, options.chunks)) for plan in plans}
    dataset = xr.Dataset(variables, coords=_coordinates(grid, layers))
    for plan in plans:
        describe(dataset[plan.name], plan)
    add_scales(dataset, plans)
    dataset = add_location(dataset, grid)
    if points is not None:
        dataset = add_points(dataset, *points)
    if options.chunks is not None:
        return dataset
    nbytes = sum(math.prod(plan.shape) * np.dtype(plan.dtype).itemsize for plan in plans)
    if nbytes > options.max_bytes:
        size = " x ".join(f"{count} {name}" for name, count in dataset.sizes.items())
        raise TooLarge(
            f"reading {len(plans)} bands of {size} at once takes {nbytes:,} bytes, over the limit of "
            f"{options.max_bytes:,} (max_bytes)",
            details={"nbytes": nbytes, "max_bytes": options.max_bytes},
        )
    return dataset.compute(scheduler="threads")


def located_bands(items: Sequence[ItemDict], bands: Sequence[str]) -> dict[str, Chosen]:
    """Choose the bands of each item and read their files' headers.

    Args:
        items: STAC Items with local hrefs.
        bands: What is asked for; empty for all data bands.

    Returns:
        By item id: the bands by variable name, complete with headers.

    Raises:
        UnknownAsset: An item has no such band, or no raster at all.
        LoadError: A file is missing or cannot be opened; two items have one id.
    """
    listed: dict[str, list[BandSource]] = {}
    for item in items:
        if str(item.get("id")) in listed:
            raise LoadError(
                f"two items have the id {item.get('id')!r}", hint="load them one by one, or give each an id of its own"
            )
        listed[str(item.get("id"))] = list_bands(item)
        if not listed[str(item.get("id"))]:
            there = ", ".join(item.get("assets") or {}) or "none"
            raise UnknownAsset(f"item {item.get('id')!r} has no raster asset", hint=f"its assets are: {there}")
    # An asset that describes no bands is opened before choosing: what it holds is known by its header alone.
    undescribed = [one for sources in listed.values() for one in sources if not one.index]
    first = _needed(undescribed, bands)
    headers = headers_of(first)
    looked_at = {(one.item, one.key) for one in first}
    known = {
        item: [
            found for one in sources for found in (locate(one, headers) if (one.item, one.key) in looked_at else [one])
        ]
        for item, sources in listed.items()
    }
    chosen = choose_all(known, bands)
    pending = [one for bands_of in chosen.values() for one in bands_of.values() if one.header is None]
    headers |= headers_of(pending)
    return {
        item: {name: one if one.header else locate(one, headers)[0] for name, one in bands_of.items()}
        for item, bands_of in chosen.items()
    }


def make_plans(
    items: Sequence[ItemDict], chosen: Mapping[str, Chosen], options: LoadOptions
) -> tuple[list[BandPlan], list[list[ItemDict]]]:
    """Work out what each block of each variable is read from; reads no pixels.

    Args:
        items: STAC Items.
        chosen: From `located_bands`.
        options: What to read and how.

    Returns:
        One plan a variable, all on one grid; and the items of each layer.

    Raises:
        InputError: Grouping or resampling has an unknown name.
        LoadError: The files cannot share a grid.
    """
    _check(options)
    sources = [one for bands in chosen.values() for one in bands.values()]
    crs = target_crs(sources, options.crs)
    placed = {item: {name: _place(one, crs) for name, one in bands.items()} for item, bands in chosen.items()}
    every = [one for bands in placed.values() for one in bands.values()]
    grid = make_grid(every, crs, options) if crs is not None else _bare_grid(sources, options)
    asked = asked_bounds(options, crs) if crs is not None else []
    wanted = [
        item
        for item in items
        if any(
            meets(one.bounds, grid.bounds) and (not asked or any(meets(one.bounds, box) for box in asked))
            for one in placed[str(item["id"])].values()
        )
    ]
    if not wanted:
        raise NoOverlap("the asked area and the items do not meet")
    layers = _layers(wanted, options.groupby)
    names = list(next(iter(chosen.values())))
    plans = [
        _plan(name, grid, [[placed[str(item["id"])][name] for item in layer] for layer in layers], options)
        for name in names
    ]
    return plans, layers


def _place(source: BandSource, crs: Any) -> Placed:
    """Put a source where it lies in the target CRS."""
    where = footprint(source, crs)
    return Placed(source=source, bounds=where.bounds, step=where.step, exact=where.exact)


def _needed(unknown: Sequence[BandSource], bands: Sequence[str]) -> list[BandSource]:
    """Of assets that describe no bands, give those that must be opened before choosing."""
    if not bands:
        return [one for one in unknown if one.is_data]
    named = [one for one in unknown if one.key in {band.partition(":")[0] for band in bands}]
    found = {one.key for one in named}
    # A name that is no asset key may be a band described only inside a file: then all must be opened.
    return named if all(band.partition(":")[0] in found for band in bands) else list(unknown)


def _plan(name: str, grid: Grid, layers: Sequence[Sequence[Placed]], options: LoadOptions) -> BandPlan:
    """Plan one variable."""
    import numpy as np

    sources = [one.source for layer in layers for one in layer]
    dtype = np.result_type(*[np.dtype(one.dtype) for one in sources])
    declared = [one.nodata for one in sources if one.nodata is not None]
    return BandPlan(
        name=name,
        grid=grid,
        layers=tuple(tuple(layer) for layer in layers),
        dtype=str(dtype),
        nodata=declared[0] if declared else (math.nan if dtype.kind == "f" else None),
        resampling=options.resampling,
    )


def lazy_array(plan: BandPlan, chunks: Mapping[str, int] | None) -> Any:
    """Make the dask array of a plan; nothing is read yet.

    Args:
        plan: Of a variable.
        chunks: Sizes by dimension; -1 is the whole dimension, what is missing 1 in time and 2048 in space.

    Returns:
        (time, y, x).

    Raises:
        InputError: There is no such dimension.
    """
    import numpy as np
    from dask.base import tokenize

    da: Any = importlib.import_module("dask.array")  # publishes types for some of its functions only

    wanted = dict(chunks or {})
    unknown = wanted.keys() - {"time", "x", "y"}
    if unknown:
        raise InputError(f"chunks has no dimension {min(unknown)!r}", hint="the dimensions are: time, y, x")
    sizes = da.core.normalize_chunks(
        (wanted.get("time", 1), wanted.get("y", _CHUNK), wanted.get("x", _CHUNK)), shape=plan.shape, dtype=plan.dtype
    )
    token = tokenize(plan.name, str(plan), [_identity(one.source) for layer in plan.layers for one in layer], sizes)
    return da.map_blocks(
        read_block,
        plan=plan,
        chunks=sizes,
        dtype=plan.dtype,
        meta=np.empty((0, 0, 0), dtype=plan.dtype),
        name=f"swath-{plan.name}-{token}",
    )


def _identity(source: BandSource) -> tuple[Any, ...]:
    """Tell one state of a file from another, so that dask never takes a cached block of an older file."""
    state = (archive_of(source.path) or Path(source.path)).stat()
    return (source.path, source.index, state.st_mtime_ns, state.st_size)


def _check(options: LoadOptions) -> None:
    """Refuse names that nothing goes by."""
    import difflib

    from attrs import fields
    from rasterio.enums import Resampling

    if options.groupby is not None and options.groupby not in _GROUPINGS:
        raise InputError(f"groupby {options.groupby!r} is not known", hint=f"pass one of {_GROUPINGS} or None")
    names = [one.name for one in Resampling]
    if options.resampling not in names:
        raise InputError(f"resampling {options.resampling!r} is not known", hint=f"pass one of: {', '.join(names)}")
    if options.extra:
        known = [one.name for one in fields(LoadOptions) if one.name != "extra"]
        name = next(iter(options.extra))
        near = difflib.get_close_matches(name, known, n=1)
        raise InputError(
            f"load has no option {name!r}",
            hint=f"did you mean {near[0]!r}?" if near else f"the options are: {', '.join(known)}",
        )


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


def _layers(items: Sequence[ItemDict], groupby: str | None) -> list[list[ItemDict]]:
    """Sort items in time and put those of one layer together; the earliest is on top."""
    ordered = sorted(items, key=lambda item: (item_time(item), str(item["id"])))
    if groupby is None:
        return [[item] for item in ordered]
    grouped: dict[Any, list[ItemDict]] = {}
    for item in ordered:
        key = item_time(item) if groupby == "time" else _solar_day(item)
        grouped.setdefault(key, []).append(item)
    return list(grouped.values())


def item_time(item: ItemDict) -> dt.datetime:
    """Give an item's instant, aware UTC: its datetime, else its start.

    Raises:
        LoadError: It has neither.
    """
    properties = item.get("properties") or {}
    value = properties.get("datetime") or properties.get("start_datetime")
    if not value:
        raise LoadError(f"item {item.get('id')!r} has neither datetime nor start_datetime", hint="give it one")
    return parse_timestamp(value)


def _solar_day(item: ItemDict) -> dt.date:
    """Give the local day of an item, by the sun: an hour every 15 degrees."""
    geometry = item.get("geometry")
    box = item.get("bbox") or (bbox_of(geometry) if geometry else None)
    longitude = 0.0
    if box:
        east = box[len(box) // 2]
        longitude = (box[0] + (east if box[0] <= east else east + 360.0)) / 2
    return (item_time(item) + dt.timedelta(hours=longitude / 15)).date()


def _coordinates(grid: Grid, layers: Sequence[Sequence[ItemDict]]) -> dict[str, Any]:
    """Make the coordinates: time, y, x, and the item of each layer where that is one."""
    import numpy as np
    import xarray as xr

    times = np.array([item_time(layer[0]).replace(tzinfo=None) for layer in layers], dtype="datetime64[ns]")
    coordinates: dict[str, Any] = {
        "time": xr.Variable("time", times, {"standard_name": "time"}),
        "y": xr.Variable("y", grid.y),
        "x": xr.Variable("x", grid.x),
    }
    if all(len(layer) == 1 for layer in layers):
        coordinates["item"] = xr.Variable("time", np.array([str(layer[0]["id"]) for layer in layers]))
    return coordinates

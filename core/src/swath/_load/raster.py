# SPDX-License-Identifier: Apache-2.0
"""Loads the raster bands of items as a lazy `xarray.Dataset`."""

from __future__ import annotations

import importlib
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from swath._load.archive import archive_of
from swath._load.cf import add_location, add_points, add_scales, describe
from swath._load.extras import require
from swath._load.layers import coordinates
from swath._load.locating import locate_bands
from swath._load.plans import make_plans, said_of
from swath._load.read import BandPlan, read_block
from swath._load.sources import BandSource, unmoved
from swath.errors import InputError, TooLarge
from swath.models import ItemDict, LoadOptions

if TYPE_CHECKING:
    import xarray

_CHUNK: Final = 2048


def load_raster(items: Sequence[ItemDict], options: LoadOptions, *, as_recorded: bool = False) -> xarray.Dataset:
    """Load the raster bands of items.

    The stored values are given as they are, unless `mask_and_scale` is set: scale, offset and nodata are in each
    variable's attributes and nothing is converted to float. What is not there as was asked for is said in attributes:
    ``missing_in`` of a variable names the items that lack the band; ``items_without_bands`` of the dataset those that
    have none of the bands and so no layer, ``items_without_mask`` those whose pixels nothing masks.

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
        UnknownAsset: A band is asked for that no item has, or not all where `missing` is ``"raise"``.
        MixedProjections: The items are in several CRSs and none was named.
        NoOverlap: The asked area and the items do not meet.
        TooLarge: `chunks` is None and the array is larger than `max_bytes`.
        LoadError: A file is missing or cannot be read.
    """
    require("raster", "loading rasters")
    import numpy as np
    import xarray as xr

    names, located = locate_bands(items, options)
    points = unmoved([one.bands for one in located.values()]) if as_recorded else None
    plans, layers = make_plans(items, names, located, options)
    grid = plans[0].grid
    variables = {plan.name: xr.Variable(("time", "y", "x"), lazy_array(plan, options.chunks)) for plan in plans}
    along = {"y": xr.Variable("y", grid.y), "x": xr.Variable("x", grid.x)}
    dataset = xr.Dataset(variables, coords={**coordinates(layers), **along})
    dataset.attrs.update(said_of(items, located, layers, options))
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
    if source.file is not None:
        return (*source.file.identity, source.index)
    state = (archive_of(source.path) or Path(source.path)).stat()
    return (source.path, source.index, state.st_mtime_ns, state.st_size)

# SPDX-License-Identifier: Apache-2.0
"""Gives a small picture of a variable, from overviews where the files have them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from attrs import evolve

from swath._load.grid import Grid
from swath._load.read import BandPlan, read_layer

if TYPE_CHECKING:
    import numpy as np
    import xarray

    Array = np.ndarray[Any, Any]


def coarse(variable: xarray.DataArray, size: int, layer: int = 0) -> Array:
    """Read one layer of a variable, decimated.

    What `load_items` gave and nobody has touched is read anew on a coarse grid, by overviews. Of anything else every
    so-manieth pixel is taken, block by block.

    Args:
        variable: (time, y, x) or (y, x).
        size: Most pixels along the longer side.
        layer: Which layer in time.

    Returns:
        (y, x) of the variable's type.

    Raises:
        LoadError: A file cannot be read.
    """
    import numpy as np

    plan = plan_of(variable)
    if plan is not None:
        return read_layer(evolve(plan, resampling="nearest"), plan.layers[layer], coarse_grid(plan.grid, size))
    flat = variable.isel(time=layer) if "time" in variable.dims else variable
    step = max(1, math.ceil(max(flat.sizes["y"], flat.sizes["x"]) / size))
    picked = flat.isel(y=slice(None, None, step), x=slice(None, None, step))
    return np.asarray(picked.transpose("y", "x").compute(scheduler="threads").values)


def plan_of(variable: xarray.DataArray) -> BandPlan | None:
    """Give the plan a variable was made by, if it still holds: its dask array is the one that was made by it."""
    plan = variable.encoding.get("swath")
    name = getattr(variable.data, "name", "")
    untouched = isinstance(plan, BandPlan) and variable.shape == plan.shape and name.startswith(f"swath-{plan.name}-")
    return plan if untouched else None


def coarse_grid(grid: Grid, size: int) -> Grid:
    """Lay a grid of the same extent with at most `size` pixels along the longer side."""
    rows, columns = grid.shape
    factor = max(1.0, max(rows, columns) / size)
    shape = (max(1, round(rows / factor)), max(1, round(columns / factor)))
    return Grid(
        crs=grid.crs,
        left=grid.left,
        top=grid.top,
        step_x=grid.step_x * columns / shape[1],
        step_y=grid.step_y * rows / shape[0],
        shape=shape,
    )

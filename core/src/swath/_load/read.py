# SPDX-License-Identifier: Apache-2.0
"""Reads one block of one layer of one band: from each file that meets it, onto the grid, first valid pixel wins."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import field, frozen

from swath._load.grid import Bounds, Grid, meets
from swath._load.headers import opened, quiet
from swath._load.masks import Rule
from swath._load.sources import BandSource
from swath.errors import LoadError

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

_TPS_LIMIT: Final = 400
"""Most ground control points that a thin-plate spline is solved for; beyond, a polynomial."""
_MARGIN: Final = 4
"""Pixels read beyond a block's outline, for interpolation at its edge."""


@frozen(kw_only=True)
class Placed:
    """A source and where it lies on the grid."""

    source: BandSource
    bounds: Bounds
    """In the grid's CRS."""
    step: tuple[float, float]
    """Its pixel's width and height, in units of the grid's CRS."""
    exact: bool
    """Whether its own grid is north-up in the grid's CRS."""
    masks: tuple[Mask, ...] = ()
    """What tells which of its pixels count as no data."""


@frozen(kw_only=True)
class Mask:
    """A band that tells which pixels of another are to be left out."""

    placed: Placed
    rules: tuple[Rule, ...]


@frozen(kw_only=True)
class BandPlan:
    """What it takes to read any block of one variable."""

    name: str
    grid: Grid
    layers: tuple[tuple[Placed, ...], ...]
    """Sources of each layer in time, the first on top."""
    dtype: str
    nodata: float | None
    """Value of pixels without data; None where no file declares one and the type has no not-a-number."""
    resampling: str
    """rasterio's name."""
    about: tuple[BandSource, ...] = field(default=(), repr=False)
    """All sources of the variable, also those that the area leaves out."""
    lacking: tuple[str, ...] = ()
    """Items of the layers that do not have the band."""
    is_physical: bool = False
    """Whether scale and offset are applied, and pixels without data not a number."""
    use_overviews: bool = True

    @property
    def fill(self) -> float:
        """What pixels that no file covers are set to."""
        return 0.0 if self.nodata is None else self.nodata

    @property
    def shape(self) -> tuple[int, int, int]:
        """Layers, rows, columns."""
        return (len(self.layers), *self.grid.shape)


def read_block(plan: BandPlan, block_info: Any = None) -> Array:
    """Read one block, as dask asks for it.

    Args:
        plan: Of the variable.
        block_info: dask's; the place of the block is in ``block_info[None]["array-location"]``.

    Returns:
        (time, y, x), `BandPlan.dtype`.

    Raises:
        LoadError: A file cannot be read; it names the item.
    """
    import numpy as np

    layers, rows, columns = block_info[None]["array-location"]
    grid = plan.grid.part(rows, columns)
    return np.stack([read_layer(plan, plan.layers[layer], grid) for layer in range(*layers)])


def read_layer(plan: BandPlan, placed: Sequence[Placed], grid: Grid) -> Array:
    """Read one layer onto a grid.

    Args:
        plan: Of the variable.
        placed: Sources of the layer.
        grid: Part of the plan's grid, or a coarser one.

    Returns:
        (y, x), `BandPlan.dtype`.

    Raises:
        LoadError: A file cannot be read.
    """
    import numpy as np

    out = np.full(grid.shape, plan.fill, dtype=plan.dtype)
    todo = np.ones(grid.shape, dtype=bool)
    for one in placed:
        if not meets(one.bounds, grid.bounds):
            continue
        data, valid = _read(one, grid, plan)
        for mask in one.masks:
            if valid.any() and meets(mask.placed.bounds, grid.bounds):
                classes, known = _read(mask.placed, grid, plan)
                for rule in mask.rules:
                    valid = valid & ~(known & rule.holds(classes))
        if plan.is_physical:
            data = data.astype(plan.dtype) * one.source.scale + one.source.offset
        take = todo & valid
        np.copyto(out, data, where=take, casting="unsafe")  # the plan's type holds every source's
        todo &= ~valid
        if not todo.any():
            break
    return out


def _read(one: Placed, grid: Grid, plan: BandPlan) -> tuple[Array, Array]:
    """Read a source onto a grid: values, and where they are valid."""
    from rasterio.errors import RasterioError

    source = one.source
    header = source.header
    bare = header is not None and header.crs is None
    try:
        if one.exact and _aligned(one, grid):
            return _copy(one, grid, bare=bare)
        if header is not None and header.has_gcps:
            return _from_points(source, grid, plan)
        return _warp(one, grid, plan)
    except RasterioError as err:
        cause = err.__cause__ or err
        raise LoadError(
            f"{source.label} cannot be read: {cause}",
            details={"item": source.item, "asset": source.key, "path": source.path},
        ) from err


def _aligned(one: Placed, grid: Grid) -> bool:
    """Whether a source's pixels are the grid's pixels."""
    same_step = math.isclose(one.step[0], abs(grid.step_x), rel_tol=1e-9) and math.isclose(
        one.step[1], abs(grid.step_y), rel_tol=1e-9
    )
    if not same_step:
        return False
    column, row = _offset(one, grid)
    return abs(column - round(column)) < 1e-3 and abs(row - round(row)) < 1e-3


def _offset(one: Placed, grid: Grid) -> tuple[float, float]:
    """Column and row of the grid's first pixel in the source."""
    edge = one.bounds[3] if grid.step_y > 0 else one.bounds[1]
    return (grid.left - one.bounds[0]) / grid.step_x, (edge - grid.top) / grid.step_y


def _copy(one: Placed, grid: Grid, *, bare: bool) -> tuple[Array, Array]:
    """Copy the pixels that lie on the grid's."""
    import numpy as np
    from rasterio.windows import Window

    column, row = (round(value) for value in _offset(one, grid))
    with opened(one.source.path, one.source.file, pixels_only=bare) as source:
        rows = (max(row, 0), min(row + grid.shape[0], source.height))
        columns = (max(column, 0), min(column + grid.shape[1], source.width))
        data = np.zeros(grid.shape, dtype=one.source.dtype)
        valid = np.zeros(grid.shape, dtype=bool)
        if rows[0] >= rows[1] or columns[0] >= columns[1]:
            return data, valid
        window = Window(columns[0], rows[0], columns[1] - columns[0], rows[1] - rows[0])
        here = (slice(rows[0] - row, rows[1] - row), slice(columns[0] - column, columns[1] - column))
        data[here] = source.read(one.source.index, window=window)
        valid[here] = _valid(source, one.source, data[here], window)
    return data, valid


def _valid(dataset: Any, source: BandSource, data: Array, window: Any) -> Array:
    """Say which pixels have data: by the nodata value, else by the file's own mask."""
    import numpy as np

    if source.nodata is None:
        return dataset.read_masks(source.index, window=window) != 0  # type: ignore[no-any-return]  # numpy's
    return ~np.isnan(data) if math.isnan(source.nodata) else data != source.nodata


def _warp(one: Placed, grid: Grid, plan: BandPlan) -> tuple[Array, Array]:
    """Resample a source onto the grid, from the overview that is just fine enough."""
    import numpy as np
    from affine import Affine
    from rasterio.enums import Resampling
    from rasterio.vrt import WarpedVRT

    source = one.source
    with opened(source.path, source.file) as dataset:
        factors = dataset.overviews(source.index) if plan.use_overviews and not source.is_class else []
        has_alpha = any(colour.name == "alpha" for colour in dataset.colorinterp)
    wanted = min(grid.step_x / one.step[0], abs(grid.step_y) / one.step[1])
    fitting = [level for level, factor in enumerate(factors) if factor <= wanted * 1.01]
    with opened(source.path, source.file, overview=fitting[-1] if fitting else None) as dataset:
        nodata = source.nodata
        options: dict[str, Any] = (
            {"add_alpha": not has_alpha} if nodata is None else {"src_nodata": nodata, "nodata": nodata}
        )
        with WarpedVRT(
            dataset,
            crs=grid.crs,
            transform=Affine(*grid.transform),
            width=grid.shape[1],
            height=grid.shape[0],
            resampling=Resampling["nearest" if source.is_class else plan.resampling],
            tolerance=0.01,  # of a pixel; exact costs twenty times as much
            **options,
        ) as warped:
            data = warped.read(source.index)
            valid = warped.read_masks(source.index) != 0 if nodata is None else _differs(data, nodata)
    return data, np.asarray(valid)


def _differs(data: Array, nodata: float) -> Array:
    """Where values are not the nodata value."""
    import numpy as np

    return ~np.isnan(data) if math.isnan(nodata) else data != nodata


def _from_points(source: BandSource, grid: Grid, plan: BandPlan) -> tuple[Array, Array]:
    """Resample a source that ground control points locate, reading only the pixels behind the block."""
    import numpy as np
    from affine import Affine
    from rasterio.control import GroundControlPoint
    from rasterio.enums import Resampling
    from rasterio.warp import reproject
    from rasterio.windows import Window

    header = source.header
    if header is None or header.gcp_grid is None:
        raise LoadError(f"the header of {source.label} was not read")
    points, width, height = header.gcp_grid
    data = np.zeros(grid.shape, dtype=source.dtype)
    covered = np.zeros(grid.shape, dtype="uint8")
    box = _pixels_behind(points, width, height, header.crs, grid)
    if box is None:
        return data, covered.astype(bool)
    (left, right), (top, bottom) = box
    # Decimated as it is read, from overviews where there are some, when the grid is coarser than the file.
    step = max(1, min((right - left) // max(2 * grid.shape[1], 1), (bottom - top) // max(2 * grid.shape[0], 1)))
    step = step if plan.use_overviews and not source.is_class else 1
    shape = (max(1, (bottom - top) // step), max(1, (right - left) // step))
    factor_x, factor_y = (right - left) / shape[1], (bottom - top) / shape[0]
    window = Window(left, top, right - left, bottom - top)
    with opened(source.path, source.file) as dataset:
        pixels = dataset.read(source.index, window=window, out_shape=shape)
        if source.nodata is None:
            mask = (dataset.read_masks(source.index, window=window, out_shape=shape) != 0).astype("uint8")
        else:
            mask = _differs(pixels, source.nodata).astype("uint8")
    shifted = [
        GroundControlPoint(row=(p.row - top) / factor_y, col=(p.col - left) / factor_x, x=p.x, y=p.y, z=p.z)
        for p in points
    ]
    method = {"METHOD": "GCP_TPS"} if len(points) <= _TPS_LIMIT else {}
    common: dict[str, Any] = {
        "gcps": shifted,
        "src_crs": header.crs,
        "dst_crs": grid.crs,
        "dst_transform": Affine(*grid.transform),
        "tolerance": 0.01,
        "num_threads": os.cpu_count() or 1,
        **method,
    }
    resampling = Resampling["nearest" if source.is_class else plan.resampling]
    further = {} if source.nodata is None else {"src_nodata": source.nodata, "dst_nodata": source.nodata}
    # rasterio changes the process's warning filters in here, so one thread at once; the warp has threads of its own.
    with quiet():
        reproject(pixels, data, resampling=resampling, **further, **common)
        reproject(mask, covered, resampling=Resampling.nearest, **common)
    valid = covered.astype(bool)
    return data, valid if source.nodata is None else valid & _differs(data, source.nodata)


def _pixels_behind(
    points: Sequence[Any], width: int, height: int, crs: Any, grid: Grid
) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """Find the columns and rows of a file that a grid needs, with some margin; None if none."""
    import numpy as np
    from rasterio.transform import GCPTransformer
    from rasterio.warp import transform

    left, bottom, right, top = grid.bounds
    across, down = np.meshgrid(np.linspace(left, right, 21), np.linspace(bottom, top, 21))
    xs, ys = transform(grid.crs, crs, across.ravel(), down.ravel())
    with GCPTransformer(list(points), tps=len(points) <= _TPS_LIMIT) as located:
        rows, columns = located.rowcol(xs, ys, op=float)
    rows, columns = np.asarray(rows, dtype=float), np.asarray(columns, dtype=float)
    usable = np.isfinite(rows) & np.isfinite(columns)
    if not usable.any():
        return None
    # An edge of the block may bend between the points that were asked for: a twentieth more each way.
    margin_x = _MARGIN + (columns[usable].max() - columns[usable].min()) / 20
    margin_y = _MARGIN + (rows[usable].max() - rows[usable].min()) / 20
    start_x, stop_x = math.floor(columns[usable].min() - margin_x), math.ceil(columns[usable].max() + margin_x)
    start_y, stop_y = math.floor(rows[usable].min() - margin_y), math.ceil(rows[usable].max() + margin_y)
    start_x, stop_x = max(start_x, 0), min(stop_x, width)
    start_y, stop_y = max(start_y, 0), min(stop_y, height)
    return ((start_x, stop_x), (start_y, stop_y)) if start_x < stop_x and start_y < stop_y else None

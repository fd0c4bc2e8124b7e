# SPDX-License-Identifier: Apache-2.0
"""Loads a subscription's GeoTIFFs as one lazy `xarray.Dataset`, read where they are.

Every block is read with credentials that are good when it is read, however long a computation takes.

Source: the Cecil wire contract, 5.3, read 2026-11.
"""

from __future__ import annotations

import importlib
import math
import warnings
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from attrs import field, frozen

from swath.errors import LoadError
from swath_cecil._api.storage import Store, Stored
from swath_cecil._grids import Grid, Header, headers_of, opened
from swath_cecil.delivered import time_of_key
from swath_cecil.models import Band, Tiff

if TYPE_CHECKING:
    import datetime as dt

    import xarray

__all__ = ["load_tiffs"]

_CHUNK: Final = 2048


@frozen(kw_only=True)
class _Slice:
    """One band of one file: one time step of one variable."""

    band: Band
    header: Header
    time: dt.datetime | None

    @property
    def dtype(self) -> Any:
        return np.dtype(self.header.dtypes[self.band.number - 1])

    @property
    def fill(self) -> Any:
        """Nodata in the type of the values; None where there is none."""
        if self.band.nodata is not None:
            return self.dtype.type(self.band.nodata)
        return self.dtype.type(math.nan) if self.dtype.kind == "f" else None

    @property
    def is_scaled(self) -> bool:
        return self.band.scale is not None or self.band.offset is not None


@frozen(kw_only=True)
class _Window:
    """One band of one file as an array that dask takes parts of."""

    store: Store[Tiff] = field(repr=False)
    stored: Stored
    number: int
    shape: tuple[int, int]
    dtype: Any
    ndim: int = 2

    def __getitem__(self, index: tuple[slice, slice]) -> Any:
        from rasterio.windows import Window

        rows, columns = (part.indices(size) for part, size in zip(index, self.shape, strict=True))
        window = Window(columns[0], rows[0], columns[1] - columns[0], rows[1] - rows[0])
        with opened(self.store, self.stored) as source:
            return source.read(self.number, window=window)


def load_tiffs(store: Store[Tiff], *, mask_and_scale: bool = True) -> xarray.Dataset | None:
    """Load rasters.

    Args:
        store: The subscription's bucket.
        mask_and_scale: Whether stored values that have a scale or an offset become physical ones, float32, not a number
            where there are no data. Others stay as they are.

    Returns:
        Dimensions (time, y, x), or (y, x) of what has no time; None where there is nothing yet. Variables whose pixels
        lie otherwise have dimensions ``y_2`` and ``x_2``.

    Raises:
        LoadError: A file is no raster, or the time steps of one variable do not fit each other.
    """
    import xarray as xr

    objects = list(store.objects())
    if not objects:
        return None
    slices = _slices(store, objects)
    parts = [
        _part(store, grid, {name: slices[name] for name in names}, mask_and_scale=mask_and_scale)
        for grid, names in _groups(slices)
    ]
    if len(parts) <= 1:
        return parts[0] if parts else xr.Dataset()
    others = [_renamed(part, at, parts[0]) for at, part in enumerate(parts[1:], start=2)]
    return xr.merge([parts[0], *others], combine_attrs="override", join="outer", compat="override")


def _slices(store: Store[Tiff], objects: Sequence[Stored]) -> dict[str, list[_Slice]]:
    """List the time steps of each variable; what no mapping names is left out."""
    mapping = store.listing().file_mapping
    wanted = [one for one in objects if PurePosixPath(one.key).name in mapping]
    found: dict[str, list[_Slice]] = defaultdict(list)
    for header in headers_of(store, wanted):
        for band in mapping[PurePosixPath(header.stored.key).name].bands:
            found[band.name].append(_Slice(band=band, header=header, time=time_of_key(header.stored.key)))
    return {name: _distinct(name, steps) for name, steps in found.items()}


def _groups(slices: Mapping[str, Sequence[_Slice]]) -> list[tuple[Grid, list[str]]]:
    """Put the variables together whose pixels lie on one grid."""
    groups: list[tuple[Grid, list[str]]] = []
    for name, steps in slices.items():
        grid = _grid(name, steps)
        for at, (known, names) in enumerate(groups):
            if (joined := known.joined(grid)) is not None:
                groups[at] = (joined, [*names, name])
                break
        else:
            groups.append((grid, [name]))
    return groups


def _renamed(part: xarray.Dataset, at: int, first: xarray.Dataset) -> xarray.Dataset:
    """Give the dimensions of a further grid names of their own."""
    names = {"y": f"y_{at}", "x": f"x_{at}", "spatial_ref": f"spatial_ref_{at}"}
    if "time" in part.dims and not part.indexes["time"].equals(first.indexes.get("time")):
        names["time"] = f"time_{at}"
    made = part.rename(names)
    for variable in made.data_vars.values():
        variable.encoding["grid_mapping"] = f"spatial_ref_{at}"
    return made


def _distinct(name: str, steps: Sequence[_Slice]) -> list[_Slice]:
    """Keep one slice for each time, in time's order; what has a time wins over what has none."""
    dated = [one for one in steps if one.time is not None]
    chosen = dated or list(steps)
    if dated and len(dated) < len(steps):
        warnings.warn(f"{name}: files without a time are left out, as others have one", UserWarning, stacklevel=4)
    kept: dict[Any, _Slice] = {}
    for one in chosen:
        first = kept.setdefault(one.time, one)
        if first is not one:
            warnings.warn(
                f"{name}: {one.header.stored.key} is left out, as {first.header.stored.key} is of the same time",
                UserWarning,
                stacklevel=4,
            )
    return sorted(kept.values(), key=lambda one: (one.time is not None, one.time))


def _grid(name: str, steps: Sequence[_Slice]) -> Grid:
    """Give the grid that covers all time steps of a variable."""
    grid = steps[0].header.grid
    for one in steps[1:]:
        joined = grid.joined(one.header.grid)
        if joined is None:
            raise LoadError(
                f"the time steps of {name!r} lie on different grids: {steps[0].header.stored.key} and "
                f"{one.header.stored.key}",
                hint="download the subscription and load it with resolution= and crs=",
                details={"variable": name},
            )
        grid = joined
    return grid


def _part(
    store: Store[Tiff], grid: Grid, slices: Mapping[str, Sequence[_Slice]], *, mask_and_scale: bool
) -> xarray.Dataset:
    """Make the variables that share a grid."""
    import rioxarray  # noqa: F401  adds the .rio accessor
    import xarray as xr
    from affine import Affine

    transform = Affine(*grid.transform)
    rows, columns = grid.shape
    centre = transform @ (0.5, 0.5) if hasattr(transform, "__matmul__") else transform * (0.5, 0.5)
    coordinates: dict[str, Any] = {
        "y": centre[1] + grid.transform[4] * np.arange(rows, dtype="float64"),
        "x": centre[0] + grid.transform[0] * np.arange(columns, dtype="float64"),
    }
    times = sorted({one.time for steps in slices.values() for one in steps if one.time is not None})
    variables: dict[str, Any] = {}
    for name, steps in slices.items():
        mine = [one.time for one in steps if one.time is not None]
        ragged = bool(mine) and mine != times and steps[0].fill is None
        own = f"time_{name}" if ragged else "time"
        array = _array(store, grid, steps, mine if ragged else times, decode=mask_and_scale)
        variables[name] = xr.Variable(
            (own, "y", "x") if mine else ("y", "x"), array, _attributes(steps, mask_and_scale=mask_and_scale)
        )
        if ragged:
            coordinates[own] = _instants(mine)
    if times:
        coordinates["time"] = _instants(times)
    made = xr.Dataset(variables, coords=coordinates)
    located: xarray.Dataset = made.rio.write_crs(grid.crs).rio.write_transform(transform)
    for name, steps in slices.items():
        located[name].encoding |= {"grid_mapping": "spatial_ref", **_encoding(steps, mask_and_scale=mask_and_scale)}
        located[name].attrs.pop("grid_mapping", None)
    return located


def _instants(times: Sequence[dt.datetime | None]) -> Any:
    return np.array([one.replace(tzinfo=None) for one in times if one is not None], dtype="datetime64[us]")


def _array(store: Store[Tiff], grid: Grid, steps: Sequence[_Slice], times: Sequence[Any], *, decode: bool) -> Any:
    """Make a variable's array; nothing is read yet."""
    da: Any = importlib.import_module("dask.array")  # publishes types for some of its functions only

    decode = decode and any(one.is_scaled for one in steps)
    layers = {one.time: _layer(da, store, grid, one, decode=decode) for one in steps}
    if None in layers:
        return layers[None]
    first = next(iter(layers.values()))
    empty = None
    if len(layers) < len(times):
        value = math.nan if decode else steps[0].fill
        empty = da.full(grid.shape, value, dtype=first.dtype, chunks=first.chunks)
    return da.stack([layers.get(time, empty) for time in times])


def _layer(da: Any, store: Store[Tiff], grid: Grid, one: _Slice, *, decode: bool) -> Any:
    """Make one time step of a variable, put where it lies on the grid."""
    shape, stored = one.header.grid.shape, one.header.stored
    window = _Window(store=store, stored=stored, number=one.band.number, shape=shape, dtype=one.dtype)
    layer = da.from_array(
        window,
        chunks=tuple(min(_CHUNK, size) for size in shape),
        name=f"cecil-{one.band.name}-{stored.key}-{stored.etag}-{stored.modified}-{one.band.number}",
        asarray=False,
        meta=np.empty((0, 0), dtype=one.dtype),
    )
    moved = grid.offset(one.header.grid)
    if moved is not None and (moved != (0, 0) or shape != grid.shape):
        if one.fill is None:
            raise LoadError(
                f"{stored.key} covers less than the others, and nothing says what stands for no data",
                details={"key": stored.key},
            )
        row, column = moved
        around = ((row, grid.shape[0] - row - shape[0]), (column, grid.shape[1] - column - shape[1]))
        layer = da.pad(layer, around, constant_values=one.fill)
    if not decode:
        return layer
    band, fill = one.band, None if one.band.nodata is None else one.fill
    return layer.map_blocks(
        _decoded, fill=fill, scale=band.scale, offset=band.offset, dtype="float32",
        meta=np.empty((0, 0), dtype="float32"),
    )  # fmt: skip


def _decoded(block: Any, fill: Any, scale: float | None, offset: float | None) -> Any:
    """Turn stored values into physical ones."""
    values = block.astype("float32") * np.float32(1.0 if scale is None else scale)
    values += np.float32(0.0 if offset is None else offset)
    if fill is not None and fill == fill:  # noqa: PLR0124  (not a number is no equal to itself)
        values[block == fill] = math.nan
    return values


def _attributes(steps: Sequence[_Slice], *, mask_and_scale: bool) -> dict[str, Any]:
    first = steps[0]
    made: dict[str, Any] = {}
    if first.header.area_or_point:
        made["AREA_OR_POINT"] = first.header.area_or_point
    is_scaled = any(one.is_scaled for one in steps)
    if is_scaled and mask_and_scale:
        return made
    if first.fill is not None:
        made["_FillValue"] = first.fill
    if is_scaled:
        made |= {"scale_factor": first.band.scale, "add_offset": first.band.offset}
    return {name: value for name, value in made.items() if value is not None}


def _encoding(steps: Sequence[_Slice], *, mask_and_scale: bool) -> dict[str, Any]:
    """Say how values were stored, so that they are written so again."""
    first = steps[0]
    if not mask_and_scale or not any(one.is_scaled for one in steps):
        return {}
    told = {
        "dtype": first.dtype,
        "scale_factor": first.band.scale,
        "add_offset": first.band.offset,
        "_FillValue": first.fill,
    }
    return {name: value for name, value in told.items() if value is not None}

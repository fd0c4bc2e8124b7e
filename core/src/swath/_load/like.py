# SPDX-License-Identifier: Apache-2.0
"""Takes a grid from what already has one: a dataset or array of xarray, a GeoBox."""

from __future__ import annotations

from typing import Any

from swath._load.extras import require
from swath.errors import InputError
from swath.models import LoadOptions, PixelGrid

_HINT = "pass a dataset that load() gave, an xarray object with a CRS (see .rio.write_crs), or an odc.geo GeoBox"


def pixel_grid(like: Any) -> PixelGrid:
    """Read the grid of something.

    Args:
        like: A `PixelGrid`; a `xarray.Dataset` or `DataArray` that rioxarray finds a CRS in; or what has ``crs``,
            ``affine`` (or ``transform``) and ``shape``, as odc-geo's GeoBox has.

    Raises:
        InputError: It has no grid, or one that is not north-up.
    """
    if isinstance(like, PixelGrid):
        return like
    require("raster", "loading rasters")
    import xarray as xr

    if isinstance(like, xr.Dataset | xr.DataArray):
        import rioxarray  # noqa: F401  adds the .rio accessor
        from rioxarray.exceptions import RioXarrayError

        try:
            crs, transform = like.rio.crs, like.rio.transform(recalc=True)
            shape: Any = (int(like.rio.height), int(like.rio.width))
        except RioXarrayError as err:
            raise InputError(f"like has no grid: {err}", hint=_HINT) from err
    else:
        crs = getattr(like, "crs", None)
        transform = getattr(like, "affine", getattr(like, "transform", None))
        shape = getattr(like, "shape", None)
    if crs is None or transform is None or shape is None:
        raise InputError(f"like has no CRS and grid: {type(like).__name__}", hint=_HINT)
    a, b, c, d, e, f = (float(value) for value in tuple(transform)[:6])
    if b or d or a <= 0 or e >= 0:
        raise InputError("the grid of like is rotated, or its rows count upwards", hint="load onto a north-up grid")
    rows, columns = (int(size) for size in shape[-2:])
    return PixelGrid(crs=_name(crs), transform=(a, b, c, d, e, f), shape=(rows, columns))


def check_alone(options: LoadOptions) -> None:
    """Refuse what says where the grid lies beside `like`.

    Raises:
        InputError: Naming the option.
    """
    for name in ("crs", "resolution", "bbox", "intersects"):
        if getattr(options, name) is not None:
            raise InputError(f"{name} and like cannot both say where the pixels are", hint=f"leave out {name}")


def _name(crs: Any) -> str:
    """Name a CRS of rasterio, pyproj or odc-geo, or as text."""
    from rasterio.crs import CRS

    from swath._load.grid import crs_name

    return crs_name(CRS.from_user_input(crs if isinstance(crs, str | int | CRS) else crs.to_wkt()))

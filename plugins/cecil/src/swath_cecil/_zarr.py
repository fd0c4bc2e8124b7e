# SPDX-License-Identifier: Apache-2.0
"""Loads the part of a dataset's Zarr store that a subscription is about, read where it is.

Source: the Cecil wire contract, 5.4, read 2026-11.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from swath.errors import LoadError, MissingExtra, NotFound, NotSupported
from swath_cecil._api.storage import Store
from swath_cecil.models import Zarr

if TYPE_CHECKING:
    import xarray

__all__ = ["load_zarr"]


def _store_class() -> Any:  # noqa: C901  (a class whose methods are one line or two)
    """Make the class by which the library zarr reads a bucket; the library is imported only here."""
    try:
        from zarr.abc.store import OffsetByteRequest, RangeByteRequest, SuffixByteRequest
        from zarr.abc.store import Store as ZarrStore
    except ImportError as err:
        raise MissingExtra(
            "loading Zarr needs the package zarr, which is not installed",
            hint='install it with: pip install "swath-cecil[zarr]"',
        ) from err

    class Bucket(ZarrStore):
        """A prefix of a bucket, for reading."""

        supports_writes = False
        supports_deletes = False
        supports_listing = True

        def __init__(self, store: Store[Zarr]) -> None:
            super().__init__(read_only=True)
            self._bucket = store

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Bucket) and other._bucket is self._bucket

        def __hash__(self) -> int:
            return id(self._bucket)

        def __getstate__(self) -> dict[str, Any]:
            return {"_bucket": self._bucket, "_is_open": False, "_read_only": True}

        def _key(self, key: str) -> str:
            return f"{self._bucket.listing().bucket.prefix.rstrip('/')}/{key}"

        async def get(self, key: str, prototype: Any, byte_range: Any = None) -> Any:
            start: int | None = None
            end: int | None = None
            if isinstance(byte_range, RangeByteRequest):
                start, end = byte_range.start, byte_range.end
            elif isinstance(byte_range, OffsetByteRequest):
                start = byte_range.offset
            elif isinstance(byte_range, SuffixByteRequest):
                start = -byte_range.suffix
            try:
                data = await asyncio.to_thread(lambda: self._bucket.read(self._key(key), start, end))
            except NotFound:
                return None
            return prototype.buffer.from_bytes(data)

        async def get_partial_values(self, prototype: Any, key_ranges: Iterable[tuple[str, Any]]) -> list[Any]:
            return list(await asyncio.gather(*(self.get(key, prototype, one) for key, one in key_ranges)))

        async def exists(self, key: str) -> bool:
            try:
                await asyncio.to_thread(lambda: self._bucket.read(self._key(key), 0, 1))
            except NotFound:
                return False
            return True

        async def set(self, key: str, value: Any) -> None:  # noqa: ARG002  the signature that zarr has
            raise _read_only(key)

        async def delete(self, key: str) -> None:
            raise _read_only(key)

        async def list_prefix(self, prefix: str) -> AsyncIterator[str]:
            root = self._key("")
            for one in await asyncio.to_thread(lambda: list(self._bucket.objects())):
                name = one.key.removeprefix(root)
                if name.startswith(prefix):
                    yield name

        def list(self) -> AsyncIterator[str]:
            return self.list_prefix("")

        async def list_dir(self, prefix: str) -> AsyncIterator[str]:
            folder = self._key(f"{prefix.strip('/')}/" if prefix.strip("/") else "")
            for name in await asyncio.to_thread(lambda: [*self._bucket.names(folder)]):
                yield name

    return Bucket


def _read_only(key: str) -> NotSupported:
    return NotSupported(
        f"cecil: {key!r} cannot be written or deleted: Cecil's Zarr stores are read-only",
        provider="cecil",
        hint="write what was loaded to a store of your own: dataset.to_zarr(folder)",
    )


def load_zarr(store: Store[Zarr], *, mask_and_scale: bool = True) -> xarray.Dataset:
    """Load what of the store lies in the area; pixels outside it have no data.

    Args:
        store: Where the Zarr store is.
        mask_and_scale: Whether values that have a scale or an offset become physical ones, float32.

    Returns:
        Dimensions as stored, cut to the pixels that the area touches, lazy.

    Raises:
        LoadError: The store does not say where it lies.
    """
    import rioxarray  # noqa: F401  adds the .rio accessor
    import xarray as xr

    listing = store.listing()
    found = xr.open_zarr(_store_class()(store), consolidated=False, mask_and_scale=False)
    if "spatial_ref" in found.data_vars:
        found = found.set_coords("spatial_ref")
    crs = found.rio.crs
    if crs is None:
        raise LoadError("the Zarr store has no coordinate reference system", details={"bucket": listing.bucket.name})
    area = _projected(listing.geometry, crs)
    rows, columns = _window(found, area.bounds)
    cut = found.isel(y=rows, x=columns)
    step = (_step(found, "x"), _step(found, "y"))
    inside = _inside(cut, area, step)
    made = cut.copy()
    for name in sorted(str(one) for one in cut.data_vars):
        made[name] = _masked(cut[name], inside, mask_and_scale=mask_and_scale)
    made = made[sorted(str(one) for one in made.data_vars)]
    placed: xarray.Dataset = made.rio.write_crs(crs)
    if 0 not in (made.sizes["y"], made.sizes["x"]):
        placed = placed.rio.write_transform(_transform(made, step))
    return placed


def _projected(geometry: dict[str, Any], crs: Any) -> Any:
    """Bring the area into the store's CRS, edges cut fine enough to stay straight."""
    import shapely
    from rasterio.warp import transform

    area = shapely.geometry.shape(geometry)
    if str(crs) in {"EPSG:4326", "OGC:CRS84"}:
        return area
    west, south, east, north = area.bounds
    dense = shapely.segmentize(area, max(east - west, north - south) / 50)

    def moved(points: Any) -> Any:
        xs, ys = transform("EPSG:4326", crs, points[:, 0].tolist(), points[:, 1].tolist())
        return np.column_stack([xs, ys])

    return shapely.transform(dense, moved)


def _window(found: xarray.Dataset, bounds: tuple[float, float, float, float]) -> tuple[slice, slice]:
    """Give the rows and columns that an area touches."""
    spans = []
    for name, low, high in (("y", bounds[1], bounds[3]), ("x", bounds[0], bounds[2])):
        centres = found[name].to_numpy()
        half = abs(centres[1] - centres[0]) / 2 if len(centres) > 1 else 0.0
        touched = np.flatnonzero((centres + half > low) & (centres - half < high))
        spans.append(slice(int(touched[0]), int(touched[-1]) + 1) if len(touched) else slice(0, 0))
    return spans[0], spans[1]


def _step(found: xarray.Dataset, name: str) -> float:
    """Give the distance between the whole store's pixel centres."""
    centres = found[name].to_numpy()
    return float(centres[-1] - centres[0]) / max(len(centres) - 1, 1)


def _inside(cut: xarray.Dataset, area: Any, step: tuple[float, float]) -> Any:
    """Say which pixels' centres lie in the area."""
    from rasterio.features import geometry_mask

    shape = (cut.sizes["y"], cut.sizes["x"])
    if 0 in shape:
        return np.zeros(shape, dtype=bool)
    return geometry_mask([area], shape, _transform(cut, step), invert=True)


def _transform(cut: xarray.Dataset, step: tuple[float, float]) -> Any:
    """Give the affine transform of pixel centres that are evenly spaced.

    Args:
        cut: With coordinates x and y.
        step: From one centre to the next, in x and in y.
    """
    from affine import Affine

    across, down = step
    return Affine(across, 0.0, float(cut["x"][0]) - across / 2, 0.0, down, float(cut["y"][0]) - down / 2)


def _masked(variable: xarray.DataArray, inside: Any, *, mask_and_scale: bool) -> xarray.DataArray:
    """Take the values away that lie outside the area, where something can stand for none; and unpack."""
    import xarray as xr

    if not {"y", "x"} <= set(variable.dims):
        return variable
    attrs = dict(variable.attrs)
    fill: Any = attrs.get("_FillValue")
    if fill is None and variable.dtype.kind == "f":
        fill = math.nan
    where = xr.DataArray(inside, dims=("y", "x"))
    made = variable
    if fill is not None:
        typed = variable.dtype.type(fill)
        attrs["_FillValue"] = typed
        made = variable.where(where, typed)
    scale, offset = attrs.get("scale_factor"), attrs.get("add_offset")
    encoding = dict(variable.encoding)
    if mask_and_scale and (scale is not None or offset is not None):
        values = made.astype("float32")
        made = values.where(made != typed) if fill is not None else values.where(where)
        made = made * np.float32(1 if scale is None else scale) + np.float32(0 if offset is None else offset)
        told = {"_FillValue": attrs.pop("_FillValue", None), "scale_factor": scale, "add_offset": offset}
        attrs.pop("scale_factor", None)
        attrs.pop("add_offset", None)
        encoding |= {"dtype": variable.dtype, **{name: one for name, one in told.items() if one is not None}}
    made.attrs = attrs
    made.encoding = encoding
    return made

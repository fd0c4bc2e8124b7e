# SPDX-License-Identifier: Apache-2.0
"""Headers of rasters in a bucket, and the grids that they share."""

from __future__ import annotations

import math
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from attrs import field, frozen

from swath.errors import LoadError, SwathError
from swath.native import workers
from swath_cecil._api.storage import Store, Stored
from swath_cecil._ranges import RangeFile

__all__ = ["Grid", "Header", "headers_of", "opened"]

_CLOSE: Final = 1e-3
"""Of a pixel."""
_AT_ONCE: Final = 8
_OPTIONS: Final = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "GDAL_PAM_ENABLED": "NO"}


@frozen(kw_only=True)
class Grid:
    """Where pixels lie: north-up, or with the same rotation."""

    crs: Any
    transform: tuple[float, float, float, float, float, float]
    """Pixel to CRS, as affine orders it."""
    shape: tuple[int, int]
    """Rows, columns."""

    def offset(self, other: Grid) -> tuple[int, int] | None:
        """Give rows and columns by which another grid is shifted; None where its pixels are not these."""
        a, b, c, d, e, f = self.transform
        other_steps = other.transform[:2] + other.transform[3:5]
        if self.crs != other.crs or not all(
            math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-15) for x, y in zip((a, b, d, e), other_steps, strict=True)
        ):
            return None
        det = a * e - b * d
        dx, dy = other.transform[2] - c, other.transform[5] - f
        column, row = (e * dx - b * dy) / det, (a * dy - d * dx) / det
        if abs(column - round(column)) > _CLOSE or abs(row - round(row)) > _CLOSE:
            return None
        return round(row), round(column)

    def joined(self, other: Grid) -> Grid | None:
        """Give the grid that covers both; None where their pixels differ."""
        moved = self.offset(other)
        if moved is None:
            return None
        row, column = moved
        top, left = min(0, row), min(0, column)
        rows = max(self.shape[0], row + other.shape[0]) - top
        columns = max(self.shape[1], column + other.shape[1]) - left
        a, b, c, d, e, f = self.transform
        moved_to = (a, b, c + a * left + b * top, d, e, f + d * left + e * top)
        return Grid(crs=self.crs, transform=moved_to, shape=(rows, columns))


@frozen(kw_only=True)
class Header:
    """What one file says of itself."""

    stored: Stored
    grid: Grid
    dtypes: tuple[str, ...]
    area_or_point: str | None
    blocks: tuple[int, int] = field(default=(0, 0))


class _Reader(RangeFile):
    """An object as GDAL reads it."""

    failure: Exception | None = None
    """Why bytes could not be had: GDAL takes no exceptions, so it is told that the file ends."""

    def read(self, size: int | None = -1) -> bytes:
        """Read so many bytes, or the rest; nothing where they cannot be had."""
        try:
            return super().read(size)
        except (SwathError, OSError) as err:
            self.failure = err
            return b""


@contextmanager
def opened(store: Store[Any], stored: Stored) -> Iterator[Any]:
    """Open an object as a raster, read piece by piece as its pixels are asked for.

    Yields:
        `rasterio.DatasetReader`.

    Raises:
        LoadError: It is none, or cannot be read.
        SwathError: Its bytes cannot be had.
    """
    import rasterio
    from rasterio.errors import RasterioError

    readers: list[_Reader] = []

    def reader(*_: object, **__: object) -> _Reader:
        readers.append(_Reader(store, stored))
        return readers[-1]

    try:
        # rasterio knows an opener by the name it is for: each opening has a name of its own.
        name = f"{uuid.uuid4().hex}/object.tif"
        with rasterio.Env(**_OPTIONS), rasterio.open(name, driver="GTiff", opener=reader) as source:
            yield source
    except (RasterioError, OSError) as err:
        _raise_failure(readers, stored)
        raise LoadError(f"{stored.key} cannot be read as a raster: {err}", details={"key": stored.key}) from err
    _raise_failure(readers, stored)


def _raise_failure(readers: Sequence[_Reader], stored: Stored) -> None:
    """Raise what kept bytes from GDAL, if anything did."""
    for one in readers:
        if isinstance(one.failure, SwathError):
            raise one.failure
        if one.failure is not None:
            raise LoadError(f"{stored.key} cannot be read: {one.failure}", details={"key": stored.key}) from one.failure


def headers_of(store: Store[Any], objects: Sequence[Stored]) -> list[Header]:
    """Read the headers of files, several at a time.

    Raises:
        LoadError: One is no raster, or has no place.
    """

    def read(stored: Stored) -> Header:
        with opened(store, stored) as source:
            if source.crs is None and source.transform.is_identity:
                raise LoadError(f"{stored.key} has no georeference", details={"key": stored.key})
            return Header(
                stored=stored,
                grid=Grid(crs=source.crs, transform=tuple(source.transform)[:6], shape=(source.height, source.width)),
                dtypes=tuple(source.dtypes),
                area_or_point=source.tags().get("AREA_OR_POINT"),
            )

    with workers(_AT_ONCE) as pool:
        return list(pool.map(read, objects))

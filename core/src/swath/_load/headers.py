# SPDX-License-Identifier: Apache-2.0
"""Opens raster files safely and reads what their headers say."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

if TYPE_CHECKING:
    import rasterio

_DRIVERS: Final = ("GTiff", "JP2OpenJPEG", "JP2KAK", "JP2ECW", "NITF", "PNG", "JPEG")
"""What may open a file. None of them follows references to other files or to the network, as VRT and WMS do."""

_OPTIONS: Final = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",  # no looking for side files
    "GDAL_PAM_ENABLED": "NO",  # no writing of .aux.xml beside the user's data
    "GDAL_TIFF_INTERNAL_MASK": "YES",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",  # no network
}

_FILTERS: Final = threading.Lock()
"""Warning filters belong to the whole process: whoever changes them holds this, one thread at once."""


@frozen(kw_only=True)
class Header:
    """What a raster file says of itself."""

    count: int
    """Number of bands."""
    shape: tuple[int, int]
    """Rows, columns."""
    dtypes: tuple[str, ...]
    """rasterio's name of each band's type: ``uint16``, ``complex_int16``."""
    crs: Any
    """`rasterio.crs.CRS`, of the ground control points where there is no geotransform; None if it has neither."""
    transform: tuple[float, float, float, float, float, float] | None
    """Pixel to CRS, as affine orders it; None if it has none."""
    has_gcps: bool
    """Whether ground control points locate it, in the absence of a geotransform."""
    nodata: tuple[float | None, ...]
    scales: tuple[float, ...]
    offsets: tuple[float, ...]
    descriptions: tuple[str | None, ...]
    colours: tuple[str, ...]
    """Colour interpretation of each band: ``red``, ``gray``, ``alpha``, ..."""
    gcp_grid: tuple[Any, int, int] | None
    """Rasterio ground control points with the file's width and height; None unless `has_gcps`."""


@contextmanager
def opened(path: str, *, overview: int | None = None, pixels_only: bool = False) -> Iterator[rasterio.DatasetReader]:
    """Open a raster for reading.

    Args:
        path: Local path, or ``/vsizip/``.
        overview: Index of the overview to read instead of full resolution.
        pixels_only: Whether it is known to have no georeference, so that rasterio's warning about it says nothing new.

    Yields:
        The dataset, closed afterwards.

    Raises:
        rasterio.errors.RasterioError: It cannot be opened or read.
    """
    import rasterio

    further = {} if overview is None else {"overview_level": overview}
    with rasterio.Env(**_OPTIONS) as env:
        drivers = [name for name in _DRIVERS if name in env.drivers()]
        if pixels_only:
            with quiet():
                source = rasterio.DatasetReader(path, driver=drivers, **further)
        else:
            source = rasterio.DatasetReader(path, driver=drivers, **further)
        with source:
            yield source


def read_header(path: str) -> Header:
    """Read a raster's header.

    Raises:
        rasterio.errors.RasterioError: It cannot be opened.
    """
    with opened(path, pixels_only=True) as source:
        points, points_crs = source.gcps
        identity = source.transform.is_identity
        has_gcps = bool(points) and (identity or source.crs is None)
        located = not identity and source.crs is not None
        return Header(
            count=source.count,
            shape=(source.height, source.width),
            dtypes=tuple(source.dtypes),
            crs=source.crs if located else points_crs if has_gcps else None,
            transform=tuple(source.transform)[:6] if located else None,
            has_gcps=has_gcps,
            nodata=tuple(source.nodatavals),
            scales=tuple(source.scales),
            offsets=tuple(source.offsets),
            descriptions=tuple(source.descriptions),
            colours=tuple(colour.name for colour in source.colorinterp),
            gcp_grid=(tuple(points), source.width, source.height) if has_gcps else None,
        )


@contextmanager
def quiet() -> Iterator[None]:
    """Silence rasterio's warning that a file or array has no georeference, for one thread at once."""
    from rasterio.errors import NotGeoreferencedWarning

    with _FILTERS, warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        yield

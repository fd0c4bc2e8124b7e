# SPDX-License-Identifier: Apache-2.0
"""Opens raster files safely and reads what their headers say."""

from __future__ import annotations

import threading
import uuid
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from swath._load.remote import RangeReader, RemoteFile
from swath.errors import LoadError

if TYPE_CHECKING:
    import rasterio

_DRIVERS: Final = ("GTiff", "JP2OpenJPEG", "JP2KAK", "JP2ECW", "NITF", "PNG", "JPEG")
"""What may open a file. None of them follows references to other files or to the network, as VRT and WMS do."""

_MAGIC: Final = {
    b"II*\0": ("GTiff",),
    b"MM\0*": ("GTiff",),
    b"II+\0": ("GTiff",),
    b"MM\0+": ("GTiff",),
    b"\0\0\0\x0cjP  \r\n\x87\n": ("JP2OpenJPEG", "JP2KAK", "JP2ECW"),
    b"\xff\x4f\xff\x51": ("JP2OpenJPEG", "JP2KAK", "JP2ECW"),
    b"NITF": ("NITF",),
    b"\x89PNG": ("PNG",),
    b"\xff\xd8\xff": ("JPEG",),
}
"""First bytes of files, and what opens them."""

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
def opened(
    path: str, file: RemoteFile | None = None, *, overview: int | None = None, pixels_only: bool = False
) -> Iterator[rasterio.DatasetReader]:
    """Open a raster for reading.

    Args:
        path: Local path, or ``/vsizip/``.
        file: Where it is read from instead, if it is not on this machine.
        overview: Index of the overview to read instead of full resolution.
        pixels_only: Whether it is known to have no georeference, so that rasterio's warning about it says nothing new.

    Yields:
        The dataset, closed afterwards.

    Raises:
        rasterio.errors.RasterioError: It cannot be opened or read.
        LoadError: The same of a file that is not on this machine.
    """
    import rasterio

    further = {} if overview is None else {"overview_level": overview}
    with rasterio.Env(**_OPTIONS) as env, ExitStack() as stack:
        drivers = [name for name in _DRIVERS if name in env.drivers()]
        if pixels_only:
            stack.enter_context(quiet())
        if file is None:
            yield stack.enter_context(rasterio.DatasetReader(path, driver=drivers, **further))
        else:
            yield stack.enter_context(_opened_remote(file, drivers, further))


@contextmanager
def _opened_remote(file: RemoteFile, drivers: Sequence[str], further: Mapping[str, Any]) -> Iterator[Any]:
    """Open a file that is not on this machine.

    Raises:
        LoadError: Its bytes cannot be had. GDAL would only say that a block is not there.
    """
    import rasterio
    from rasterio.errors import RasterioError

    readers: list[RangeReader] = []

    def reader(*_: object, **__: object) -> RangeReader:
        readers.append(RangeReader(file))
        return readers[-1]

    try:
        kind = driver_of(reader().read(16), drivers)
        if kind is None:
            raise LoadError(
                f"{file.name!r} of item {file.item!r} is no raster that can be opened",
                hint="download it, to see what the provider gives",
                details={"item": file.item},
            )
        # rasterio knows an opener by the name it is for: each opening has a name of its own.
        with rasterio.open(f"{uuid.uuid4().hex}/{kind}", driver=kind, opener=reader, **further) as source:
            yield source
    except RasterioError as err:
        raise next((one.failure for one in readers if one.failure is not None), err) from err
    for one in readers:
        if one.failure is not None:
            raise one.failure


def driver_of(head: bytes, drivers: Sequence[str]) -> str | None:
    """Tell by its first bytes what opens a file; None for what nothing may open."""
    for magic, names in _MAGIC.items():
        if head.startswith(magic):
            return next((name for name in names if name in drivers), None)
    return None


def read_header(path: str, file: RemoteFile | None = None) -> Header:
    """Read a raster's header; see `opened`.

    Raises:
        rasterio.errors.RasterioError: It cannot be opened.
    """
    with opened(path, file, pixels_only=True) as source:
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

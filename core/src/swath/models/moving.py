# SPDX-License-Identifier: Apache-2.0
"""What crosses the hooks that download and load."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from attrs import field, frozen, validators

from swath.models._fields import ItemDict, aware, strings


@frozen(kw_only=True)
class Asset:
    """One file to fetch, with a link minted for this very fetch."""

    href: str = field(repr=False)
    """Where the bytes are now. May be signed: never logged with its query."""
    name: str
    """Relative POSIX path that the provider gives it. Core makes it portable and confines it."""
    key: str = "data"
    """STAC asset key in its item."""
    item: str | None = None
    """Id of the item it belongs to; None for what belongs to the order as a whole."""
    size: int | None = field(default=None, validator=validators.optional(validators.ge(0)))
    """Bytes, where the provider says so."""
    checksum: str | None = None
    """Multihash in hexadecimal, as ``file:checksum`` has it: ``d50110`` + md5, ``1114`` + sha1, ``1220`` + sha256."""
    media_type: str | None = None
    roles: tuple[str, ...] = field(default=(), converter=strings)
    expires: dt.datetime | None = field(default=None, validator=aware)
    """When the link dies, where known."""
    fields: Mapping[str, Any] = field(factory=dict)
    """Further STAC asset fields: ``bands``, ``proj:code``, ``data_type``, ``nodata``, ..."""
    part_of_item: bool = True
    """Whether it is listed as an asset of its item; False for a manifest or licence text."""


class Verification(StrEnum):
    """How far a received file could be verified."""

    CHECKSUM = "checksum"
    """Equal to a checksum that the provider published."""
    SIZE = "size"
    """Of the size that the provider announced; no checksum was published."""
    UNVERIFIED = "unverified"
    """The provider published neither."""


@frozen(kw_only=True)
class Receipt:
    """One file in its final place."""

    path: str
    """Absolute path or URL."""
    size: int
    """Bytes."""
    checksum: str
    """SHA-256 as multihash in hexadecimal, of the bytes as written."""
    verified: Verification
    asset: Asset = field(repr=False)
    skipped: bool = False
    """Whether it was there already, whole, so that nothing was fetched."""


MISSING: Final = ("fill", "drop", "raise")
"""What can become of a band that only some items have."""


@frozen(kw_only=True)
class PixelGrid:
    """A north-up grid of pixels that items are to be read onto."""

    crs: str
    """As ``EPSG:32630`` or WKT."""
    transform: tuple[float, float, float, float, float, float]
    """Pixel to CRS, as affine orders it."""
    shape: tuple[int, int]
    """Rows, columns."""


@frozen(kw_only=True)
class LoadOptions:
    """How items are to be read."""

    bands: tuple[str, ...] = field(default=(), converter=strings)
    """Band names, common names (``"red"``) or asset keys; empty means all data bands."""
    crs: str | None = None
    """Target CRS as ``EPSG:32630``; None keeps the items' own where all agree."""
    resolution: float | None = field(default=None, validator=validators.optional(validators.gt(0)))
    """Pixel size in units of the target CRS; None takes the finest of the bands."""
    bbox: tuple[float, ...] | None = None
    """West, south, east, north in degrees, WGS 84."""
    intersects: ItemDict | None = None
    """Geometry whose extent is read."""
    resampling: str = "nearest"
    """GDAL's name: ``nearest``, ``bilinear``, ``cubic``, ``average``, ..."""
    chunks: Mapping[str, int] | None = field(factory=lambda: {"x": 2048, "y": 2048})
    """Dask chunk sizes; None reads at once."""
    groupby: str | None = "time"
    """``"time"``: one layer an instant; ``"solar_day"``: one a local day; ``"id"`` or None: one an item; else the name
    of a property whose equal values make one layer. The items of a layer are mosaicked."""
    like: Any = None
    """Something whose grid is taken in place of `crs`, `resolution` and the area: a `PixelGrid`, a dataset or array of
    xarray, or a GeoBox of odc-geo."""
    missing: str | None = field(default=None, validator=validators.optional(validators.in_(MISSING)))
    """What becomes of a band that only some items have: ``"fill"`` it with nodata for the others, ``"drop"`` it, or
    ``"raise"``. None fills what `bands` names, and raises where `bands` is empty."""
    mask: tuple[str, ...] = field(default=(), converter=strings)
    """Classes of the items' own masks whose pixels count as no data: ``"cloud"``, ``"shadow"``, ``"snow"``, ..."""
    nodata: float | None = None
    """Value of pixels without data; None takes the files' and items' word for it."""
    mask_and_scale: bool = False
    """Whether stored values become physical ones by scale and offset, not a number where there are no data."""
    max_bytes: int = 4 * 2**30
    """Largest array read eagerly."""
    links: Mapping[str, Any] = field(factory=dict, repr=False)
    """Files that are read where the provider keeps them, by the href that stands for each. Core sets it."""
    extra: Mapping[str, Any] = field(factory=dict)

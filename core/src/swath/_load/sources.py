# SPDX-License-Identifier: Apache-2.0
"""Lists the bands that an item's raster assets hold, by the item's metadata and the files' headers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from attrs import evolve, field, frozen

from swath._load.archive import is_raster, local_path
from swath._load.headers import Header, read_header
from swath._load.remote import RemoteFile
from swath.errors import LoadError
from swath.models import ItemDict
from swath.stac import BITFIELDS, CLASSES, PROVIDER

_NOT_DATA: Final = frozenset({"thumbnail", "overview", "metadata", "visual"})
_MASKS: Final = frozenset(
    {"data-mask", "cloud", "cloud-shadow", "snow-ice", "land-water", "water-mask", "saturation", "iso-19115"}
)
_TYPES: Final = {"complex_int16": "complex64"}
"""numpy's name of rasterio's types, where it differs."""


@frozen(kw_only=True)
class BandSource:
    """One band of one raster asset of one item."""

    item: str
    owner: str
    """Key of the item, see `item_key`."""
    key: str
    """Asset key."""
    href: str = field(repr=False)
    index: int
    """Band in the file, from 1."""
    name: str
    """Band name; the asset key for the one band of an asset that names none."""
    common_name: str | None = None
    is_data: bool = True
    """Whether it is loaded when no band is asked for."""
    is_class: bool = False
    """Whether its values are classes or flags, which must not be interpolated."""
    fields: Mapping[str, Any] = field(factory=dict, repr=False)
    """STAC fields of the band, over those of the asset."""
    resolution_m: float = math.inf
    """What the item says of its pixel size, metres; infinite where it says nothing."""
    header: Header | None = field(default=None, repr=False)
    """What the file says; None until `locate` has read it."""
    path: str = ""
    """Local path as GDAL takes it, or what stands for a remote file; empty until `locate`."""
    file: RemoteFile | None = field(default=None, repr=False)
    """Where it is read from, if it is not on this machine."""

    @property
    def dtype(self) -> str:
        """Type of the values in numpy's words."""
        stored = self._header.dtypes[self.index - 1]
        return _TYPES.get(stored, stored)

    @property
    def _header(self) -> Header:
        if self.header is None:
            raise LoadError(f"the header of {self!r} was not read")
        return self.header

    @property
    def nodata(self) -> float | None:
        """Value of pixels without data: the file's word, else the item's, where the type can hold it."""
        import numpy as np

        value: Any = self._header.nodata[self.index - 1]
        if value is None:
            value = self.fields.get("nodata")
        if value is None:
            return None
        number = float(value)
        kind = np.dtype(self.dtype)
        if kind.kind in "iu":
            info = np.iinfo(kind)
            if not number.is_integer() or not info.min <= number <= info.max:
                return None
        return number

    @property
    def scale(self) -> float:
        """Factor from stored to physical value: the item's word, else the file's."""
        return float(self.fields.get("raster:scale", self._header.scales[self.index - 1]))

    @property
    def offset(self) -> float:
        """Added after the factor: the item's word, else the file's."""
        return float(self.fields.get("raster:offset", self._header.offsets[self.index - 1]))

    @property
    def label(self) -> str:
        """Name it for an error."""
        return f"asset {self.key!r} of item {self.item!r} ({self.path or self.href})"


def item_key(item: ItemDict) -> str:
    """Tell an item from all others: two providers may offer a scene under one id."""
    owner = (item.get("properties") or {}).get(PROVIDER)
    return "/".join(str(part) for part in (owner, item.get("collection"), item.get("id")) if part)


def list_bands(item: ItemDict, links: Mapping[str, RemoteFile] | None = None) -> list[BandSource]:
    """List the bands of an item's raster assets, in the item's order, by its metadata alone.

    Args:
        item: STAC Item.
        links: Files that are not on this machine, by href.

    Returns:
        One record a band; for an asset that describes no bands, one for the whole, which `locate` splits.
    """
    found: list[BandSource] = []
    assets = {key: asset for key, asset in (item.get("assets") or {}).items() if is_raster(asset)}
    any_roles = any("data" in (asset.get("roles") or ()) for asset in assets.values())
    for key, asset in assets.items():
        roles = frozenset(asset.get("roles") or ())
        is_mask = bool(roles & _MASKS)
        bands: Sequence[Mapping[str, Any]] = _bands_of(asset)
        for index, band in enumerate(bands or ({},), start=1):
            fields = {**asset, **band}
            found.append(
                BandSource(
                    item=str(item.get("id")),
                    owner=item_key(item),
                    key=key,
                    href=str(asset.get("href", "")),
                    file=(links or {}).get(str(asset.get("href", ""))),
                    index=index if bands else 0,
                    name=str(band.get("name") or key),
                    common_name=band.get("eo:common_name") or asset.get("eo:common_name"),
                    is_data=("data" in roles if any_roles else not roles & _NOT_DATA) and not is_mask,
                    is_class=is_mask or CLASSES in fields or BITFIELDS in fields,
                    fields=fields,
                    resolution_m=_resolution(fields, item),
                )
            )
    return found


def path_of(source: BandSource) -> str:
    """Give the local path of a band's file, or what stands for a remote one.

    Raises:
        LoadError: It is not on this machine, and there is no link to it.
    """
    return source.href if source.file is not None else local_path(source.href, item=source.item, key=source.key)


def locate(source: BandSource, headers: Mapping[str, Header]) -> list[BandSource]:
    """Complete a band with its file's header, and split an asset whose bands nobody described.

    Args:
        source: As listed.
        headers: By local path; see `headers_of`.

    Returns:
        The band; or one for each band of the file, named by the file's own descriptions where all have one.

    Raises:
        LoadError: The item names a band that the file does not have.
    """
    path = path_of(source)
    header = headers[path]
    if source.index > header.count:
        raise LoadError(
            f"asset {source.key!r} of item {source.item!r} has {header.count} bands, yet its metadata names band "
            f"{source.index} ({source.name!r}): {path}",
            hint="the file is not the one the item describes; download it again",
        )
    whole = evolve(source, header=header, path=path)
    if source.index:
        return [whole]
    indexes = [index for index, colour in enumerate(header.colours, start=1) if colour != "alpha"] or [1]
    if len(indexes) == 1:
        return [evolve(whole, index=indexes[0])]
    described = [header.descriptions[index - 1] for index in indexes]
    unique = all(described) and len(set(described)) == len(described)
    names = [str(text) for text in described] if unique else [f"{source.key}_{index}" for index in indexes]
    return [evolve(whole, index=index, name=name) for index, name in zip(indexes, names, strict=True)]


def headers_of(sources: Sequence[BandSource]) -> dict[str, Header]:
    """Read the header of each file once, several at a time.

    Args:
        sources: Bands as listed.

    Returns:
        Headers by local path.

    Raises:
        LoadError: A file is missing or no raster; it names the item.
    """
    from concurrent.futures import ThreadPoolExecutor

    labels = {path_of(one): one for one in sources}

    def read(path: str) -> Header:
        from rasterio.errors import RasterioError

        try:
            return read_header(path, labels[path].file)
        except RasterioError as err:
            one = labels[path]
            raise LoadError(
                f"asset {one.key!r} of item {one.item!r} cannot be opened as a raster: {err}",
                details={"item": one.item, "asset": one.key, "path": path},
            ) from err

    with ThreadPoolExecutor(max_workers=8, thread_name_prefix="swath-headers") as pool:
        return dict(zip(labels, pool.map(read, labels), strict=True))


def unmoved(chosen: Iterable[dict[str, BandSource]]) -> tuple[Any, Any] | None:
    """Take the place from bands, so that their pixels are read as recorded.

    Args:
        chosen: Of each item, by variable name, complete with headers; it is changed.

    Returns:
        Ground control points and their CRS, where all bands have the same: the files' own, else their corners.
    """
    found: list[tuple[Any, Any]] = []
    for bands in chosen:
        for name, one in bands.items():
            header = one.header
            if header is None or header.crs is None:
                continue
            found.append((header.gcp_grid[0] if header.gcp_grid else _corners(header), header.crs))
            bare = evolve(header, crs=None, transform=None, has_gcps=False, gcp_grid=None)
            bands[name] = evolve(one, header=bare)
    said = {tuple((one.row, one.col, one.x, one.y) for one in points) for points, _ in found}
    return found[0] if len(said) == 1 else None


def _corners(header: Header) -> list[Any]:
    from rasterio.control import GroundControlPoint

    rows, columns = header.shape
    a, b, c, d, e, f = header.transform or (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    pixels = [(0, 0), (0, columns), (rows, columns), (rows, 0)]
    return [
        GroundControlPoint(row=row, col=column, x=a * column + b * row + c, y=d * column + e * row + f)
        for row, column in pixels
    ]


def _bands_of(asset: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Give an asset's bands in STAC 1.1 words; those of STAC 1.0 are merged from ``eo:bands`` and ``raster:bands``."""
    if asset.get("bands"):
        return list(asset["bands"])
    eo = list(asset.get("eo:bands") or ())
    raster = list(asset.get("raster:bands") or ())
    count = max(len(eo), len(raster))
    merged: list[Mapping[str, Any]] = []
    for index in range(count):
        one: dict[str, Any] = {}
        if index < len(raster):
            renamed = {"scale": "raster:scale", "offset": "raster:offset"}
            one |= {renamed.get(name, name): value for name, value in raster[index].items()}
        if index < len(eo):
            one |= {("eo:common_name" if name == "common_name" else name): value for name, value in eo[index].items()}
        if count > 1 and "name" not in one:
            return []  # several bands and no names: the file's own descriptions serve better
        merged.append(one)
    return merged


def _resolution(fields: Mapping[str, Any], item: ItemDict) -> float:
    """Read what an item says of a band's pixel size, metres."""
    properties = item.get("properties") or {}
    for value in (fields.get("raster:spatial_resolution"), fields.get("gsd"), properties.get("gsd")):
        if isinstance(value, (int, float)) and value > 0:
            return float(value)
    return math.inf

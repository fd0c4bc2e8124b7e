# SPDX-License-Identifier: Apache-2.0
"""Decides by media types whether items hold rasters or tables, and loads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from swath._load.archive import is_archive, is_raster, with_members
from swath._load.select import suggest
from swath.errors import InputError, LoadError, UnknownAsset
from swath.models import ItemDict, LoadOptions

if TYPE_CHECKING:
    import geopandas
    import xarray

_TABLE_TYPES = {
    "application/vnd.apache.parquet",
    "application/x-parquet",
    "application/parquet",
    "application/geo+json",
    "application/geopackage+sqlite3",
}
_TABLE_SUFFIXES = (".parquet", ".geoparquet", ".geojson", ".gpkg")
_LESSER_ROLES = {"metadata", "thumbnail", "overview"}


def load_items(
    items: Any, options: LoadOptions | None = None, *, as_recorded: bool = False
) -> xarray.Dataset | geopandas.GeoDataFrame:
    """Load the data of items.

    Args:
        items: STAC Items with local hrefs: dicts, `pystac.Item`, one of them or several, or an item collection.
        options: What to read and how.
        as_recorded: See `load_raster`.

    Returns:
        `xarray.Dataset` (time, y, x) for rasters, `geopandas.GeoDataFrame` for Parquet, GeoJSON and GeoPackage.
        Items that hold both kinds are asked for one by naming bands or asset keys.

    Raises:
        InputError: There are no items, or what was passed is none.
        UnknownAsset: A band or asset is asked for that is not there.
        LoadError: The items hold nothing that can be loaded, or both kinds and none was asked for; or see
            `load_raster` and `load_table`.
        MissingExtra: The packages for that kind are not installed.
    """
    asked = options if options is not None else LoadOptions()
    plain = [with_members(item, asked.links) for item in as_dicts(items)]
    if _kind(plain, asked) == "table":
        from swath._load.table import load_table

        return load_table(plain, asked)
    from swath._load.raster import load_raster

    return load_raster(plain, asked, as_recorded=as_recorded)


def as_dicts(items: Any) -> list[ItemDict]:
    """Make items plain dicts with the hrefs made absolute that can be.

    Args:
        items: Dicts, `pystac.Item`, one or several, an item collection or FeatureCollection.

    Returns:
        At least one item.

    Raises:
        InputError: There is none, or something is no item.
    """
    if hasattr(items, "to_dict") and not isinstance(items, Mapping):
        items = [items] if hasattr(items, "assets") else list(items)
    elif isinstance(items, Mapping):
        items = items["features"] if items.get("type") == "FeatureCollection" else [items]
    if isinstance(items, (str, bytes)) or not isinstance(items, Iterable):
        raise InputError(f"{items!r} is no STAC Item", hint="pass items as provider.download(...) returns them")
    made = [_as_dict(item) for item in items]
    if not made:
        raise InputError("there are no items to load", hint="pass at least one item")
    return made


def is_table(asset: Mapping[str, Any]) -> bool:
    """Whether an asset is a table, judged by media type, else by its name's suffix."""
    if set(asset.get("roles") or ()) & _LESSER_ROLES:
        return False
    media = str(asset.get("type") or "").partition(";")[0].strip().lower()
    if media in _TABLE_TYPES:
        return True
    generic = media in {"", "application/octet-stream"}
    return generic and str(asset.get("href", "")).partition("?")[0].lower().endswith(_TABLE_SUFFIXES)


def _as_dict(item: Any) -> ItemDict:
    """Make one item a dict."""
    if isinstance(item, Mapping):
        if item.get("type") != "Feature" or "assets" not in item:
            raise InputError(
                f"a {item.get('type', 'mapping')!r} without assets is no STAC Item",
                hint="pass items as provider.download(...) returns them",
            )
        return dict(item)
    if not hasattr(item, "to_dict") or not hasattr(item, "assets"):
        raise InputError(
            f"{type(item).__name__} is no STAC Item", hint="pass items as provider.download(...) returns them"
        )
    made: ItemDict = item.to_dict(include_self_link=False, transform_hrefs=False)
    # pystac knows where the item's file is, so it alone can resolve relative hrefs.
    made["assets"] = {
        key: {**asset, "href": item.assets[key].get_absolute_href() or asset.get("href")}
        for key, asset in made["assets"].items()
    }
    return made


def _kind(items: Sequence[ItemDict], options: LoadOptions) -> str:
    """Decide between ``"raster"`` and ``"table"``."""
    assets = [(key, asset) for item in items for key, asset in (item.get("assets") or {}).items()]
    tables = list(dict.fromkeys(key for key, asset in assets if is_table(asset)))
    rasters = list(dict.fromkeys(key for key, asset in assets if is_raster(asset)))
    if options.bands:
        of_tables = [band for band in options.bands if band in tables]
        if len(of_tables) == len(options.bands):
            return "table"
        if of_tables:
            raise LoadError(
                f"bands names tables ({', '.join(of_tables)}) and rasters at once",
                hint="load the tables and the rasters by one call each",
            )
        if rasters:
            return "raster"
        raise UnknownAsset(
            f"there is no asset {options.bands[0]!r} that can be loaded", hint=suggest(options.bands[0], tables)
        )
    data_rasters = [
        key for key, asset in assets if is_raster(asset) and not set(asset.get("roles") or ()) & _LESSER_ROLES
    ]
    if tables and data_rasters:
        raise LoadError(
            f"the items hold rasters ({', '.join(data_rasters)}) and tables ({', '.join(tables)})",
            hint="say which by naming bands or asset keys: bands=[...]",
        )
    if tables:
        return "table"
    if rasters:
        return "raster"
    archives = [key for key, asset in assets if is_archive(asset)]
    there = ", ".join(f"{key} ({asset.get('type') or 'no media type'})" for key, asset in assets) or "none"
    raise LoadError(
        f"item {items[0].get('id')!r} holds no raster and no table that can be loaded"
        + (", not in its archives either" if archives else ""),
        hint=f"its assets are: {there}",
    )

# SPDX-License-Identifier: Apache-2.0
"""Turns asset hrefs into paths that GDAL opens, also inside zip archives."""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from swath.errors import LoadError
from swath.models import ItemDict

_DOWNLOAD = "download the items first, with provider.download(...), and load what it returns"
_RASTER_SUFFIXES = (".tif", ".tiff", ".jp2", ".ntf")


def local_path(href: str, *, item: str, key: str) -> str:
    """Turn an href into a local path as GDAL takes it.

    Args:
        href: Absolute path, ``file:`` URL, or ``/vsizip/<archive>/<member>``.
        item: Id of the item, for the error.
        key: Key of the asset, for the error.

    Returns:
        The path.

    Raises:
        LoadError: It is remote or relative, or the file is not there.
    """
    path = href
    if "://" in href or href.startswith("file:"):
        parts = urlsplit(href)
        if parts.scheme != "file":
            where = f"{parts.scheme}://{parts.hostname or ''}"
            raise LoadError(f"asset {key!r} of item {item!r} is not on this machine but at {where}", hint=_DOWNLOAD)
        path = unquote(parts.path)
    file = archive_of(path) or Path(path)
    if not file.is_absolute():
        raise LoadError(
            f"asset {key!r} of item {item!r} has the relative href {href!r}",
            hint="make hrefs absolute with pystac: item.make_asset_hrefs_absolute()",
        )
    if not file.exists():
        raise LoadError(f"asset {key!r} of item {item!r} is missing: there is no file {file}", hint=_DOWNLOAD)
    return path


def archive_of(path: str) -> Path | None:
    """Give the archive that a ``/vsizip/`` path points into; None for a plain path."""
    if not path.startswith("/vsizip/"):
        return None
    rest = path.removeprefix("/vsizip/")
    if rest.startswith("{"):
        return Path(rest[1:].partition("}")[0])
    rest = rest if rest.startswith("/") else f"/{rest}"
    # The archive is the longest leading part that is a file; members never are.
    for candidate in (Path(rest), *Path(rest).parents):
        if candidate.is_file():
            return candidate
    return Path(rest)


def with_members(item: ItemDict, links: Collection[str] = ()) -> ItemDict:
    """Add the rasters inside an item's zip archives as assets, where nothing else says what they are.

    A plugin's `members` hook names bands properly; this serves archives that no plugin has described. An archive that
    another asset points into already, or one beside other rasters, is left alone.

    Args:
        item: STAC Item with local hrefs.
        links: Hrefs that stand for files which are not on this machine.

    Returns:
        The item itself, or a copy whose further assets have the members' stems as keys.

    Raises:
        LoadError: An archive cannot be read.
    """
    assets: Mapping[str, Mapping[str, Any]] = item.get("assets") or {}
    zips = {key: asset for key, asset in assets.items() if is_archive(asset)}
    if not zips or any(is_raster(asset) for asset in assets.values()):
        return item
    added: dict[str, ItemDict] = {}
    for key, asset in zips.items():
        if asset.get("href") in links:
            raise LoadError(
                f"asset {key!r} of item {item.get('id')!r} is an archive, which is not read through its link",
                hint="download it, and load what came",
                details={"item": str(item.get("id")), "asset": key},
            )
        path = local_path(str(asset.get("href", "")), item=str(item.get("id")), key=key)
        for member in _members(path, item=str(item.get("id")), key=key):
            stem = Path(member).stem
            name = stem if stem not in assets and stem not in added else member
            added[name] = {"href": f"/vsizip/{path}/{member}", "roles": ["data"]}
    return {**item, "assets": {**assets, **added}}


def is_archive(asset: Mapping[str, Any]) -> bool:
    """Whether an asset is a zip archive."""
    return asset.get("type") == "application/zip" or str(asset.get("href", "")).lower().endswith(".zip")


def is_raster(asset: Mapping[str, Any]) -> bool:
    """Whether an asset is a raster that pixels can be read from, judged by media type, else by its name's suffix."""
    media = str(asset.get("type") or "").partition(";")[0].strip().lower()
    if media in {"image/tiff", "image/jp2", "image/vnd.stac.geotiff", "application/vnd.nitf"}:
        return True
    generic = media in {"", "application/octet-stream"}
    return generic and str(asset.get("href", "")).partition("?")[0].lower().endswith(_RASTER_SUFFIXES)


def _members(path: str, *, item: str, key: str) -> list[str]:
    """List the rasters in an archive, sorted."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (OSError, zipfile.BadZipFile) as err:
        raise LoadError(f"asset {key!r} of item {item!r} is no readable zip archive ({err}): {path}") from err
    return sorted(name for name in names if name.lower().endswith(_RASTER_SUFFIXES))

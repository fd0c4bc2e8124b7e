# SPDX-License-Identifier: Apache-2.0
"""Names the rasters inside a zipped delivery. Nothing is unpacked.

Source: Planet's documentation of the Orders API (archive delivery), read 2026-11.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from swath import stac
from swath.errors import LoadError, UnexpectedResponse
from swath.models import Asset, ItemDict
from swath_planet.assets import guess_asset_type
from swath_planet.results import MANIFEST, raster_facts, raster_fields
from swath_planet.wire import Manifest, ManifestFile, read

__all__ = ["archive_members"]

_ENDINGS: Final = (".tif", ".tiff", ".ntf")
_MAX_MANIFEST_BYTES: Final = 32 * 2**20
"""A larger manifest is left unread: 500 items make less than one MiB."""


def archive_members(item: ItemDict, asset: Asset, path: str) -> Iterator[tuple[str, ItemDict]]:
    """List an item's rasters in an archive.

    Args:
        item: The STAC Item; of an archive of several items only its files are listed.
        asset: The archive, whose ``planet:tools`` say what was done to the data.
        path: Local path of the archive.

    Yields:
        Asset key and STAC asset, its href ``/vsizip/<path>/<member>``.

    Raises:
        LoadError: The archive cannot be read.
    """
    item_id = str(item["id"])
    properties = item.get("properties") or {}
    item_type = str(properties.get("planet:item_type") or item.get("collection") or "")
    told = asset.fields.get("planet:tools")
    tools: Sequence[Mapping[str, Any]] = told if isinstance(told, list | tuple) else ()
    try:
        with zipfile.ZipFile(path) as archive:
            names = [one.filename for one in archive.infolist() if _is_raster(one)]
            files = _manifest(archive)
    except (OSError, zipfile.BadZipFile) as err:
        raise LoadError(f"archive {path} cannot be read: {err}", provider="planet") from err
    taken: dict[str, int] = {}
    for name in sorted(names):
        file = next((one for one in files if name == one.path or name.endswith(f"/{one.path}")), None)
        if not _belongs(name, file, item_id):
            continue
        asset_type = (file.note("asset_type") if file else None) or guess_asset_type(item_type, item_id, name)
        facts = raster_facts(asset_type, item_type, tools)
        fields = raster_fields(facts, tools) | ({"planet:asset_type": asset_type} if asset_type else {})
        key = asset_type or name.rsplit("/", 1)[-1].replace(".", "_")
        taken[key] = taken.get(key, 0) + 1
        if taken[key] > 1:
            key = f"{key}_{taken[key]}"
        media_type = stac.NITF if name.lower().endswith(".ntf") else facts.media_type or stac.TIFF
        yield key, stac.asset(f"/vsizip/{path}/{name}", media_type=media_type, roles=facts.roles, fields=fields)


def _is_raster(member: zipfile.ZipInfo) -> bool:
    """Whether a member is a raster with a name that stays inside the archive."""
    name = member.filename
    parts = name.replace("\\", "/").split("/")
    return not member.is_dir() and name.lower().endswith(_ENDINGS) and ".." not in parts and not name.startswith("/")


def _manifest(archive: zipfile.ZipFile) -> tuple[ManifestFile, ...]:
    """Read the manifest that an archive may hold; one that cannot be read is as none."""
    found = next((one for one in archive.infolist() if one.filename.rsplit("/", 1)[-1] == MANIFEST), None)
    if found is None or found.file_size > _MAX_MANIFEST_BYTES:
        return ()
    try:
        return read(json.loads(archive.read(found)), Manifest, "manifest").files
    except (ValueError, UnexpectedResponse):
        return ()


def _belongs(name: str, file: ManifestFile | None, item_id: str) -> bool:
    """Whether a member is of the item."""
    told = file.note("item_id") if file else None
    if told is not None:
        return told == item_id
    return name.rsplit("/", 1)[-1].startswith((f"{item_id}_", f"{item_id}."))

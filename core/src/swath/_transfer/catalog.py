# SPDX-License-Identifier: Apache-2.0
"""The catalogue of a target folder: which items are in it, and the files that belong to none."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from swath._clock import Clock, SystemClock
from swath._transfer.claim import Claim
from swath._transfer.disk import disk_error, write_json
from swath._transfer.plan import CATALOG
from swath.errors import TargetNotWritable
from swath.models import ItemDict, Receipt
from swath.stac.names import FILE_CHECKSUM, FILE_SIZE, GEOJSON, JSON, STAC_VERSION

__all__ = ["file_fields", "read_document", "relative_href", "update_catalog"]

_FILES = "swath:files"
_LOCK_LOOK_S = 0.05


def file_fields(receipt: Receipt, folder: Path) -> dict[str, Any]:
    """Write a receipt as fields of an asset.

    Args:
        receipt: Of a local file.
        folder: Where the document will be.

    Returns:
        ``href``, ``file:size``, ``file:checksum`` (SHA-256), ``swath:verified``, ``swath:source`` (URL without query),
        and the provider's checksum, if there was one, as ``swath:source_checksum``.
    """
    made = {
        "href": relative_href(Path(receipt.path), folder),
        "type": receipt.asset.media_type,
        "roles": list(receipt.asset.roles) or None,
        FILE_SIZE: receipt.size,
        FILE_CHECKSUM: receipt.checksum,
        "swath:verified": receipt.verified.value,
        "swath:source": receipt.asset.href.partition("?")[0] or None,
        "swath:source_checksum": receipt.asset.checksum,
    }
    return {name: value for name, value in made.items() if value is not None}


def relative_href(path: Path, folder: Path) -> str:
    """Write a path as relative URL: ``./name`` or ``../folder/name``."""
    relative = Path(os.path.relpath(path, folder)).as_posix()
    return relative if relative.startswith("../") else f"./{relative}"


def read_document(path: Path) -> dict[str, Any] | None:
    """Read a JSON object; None where there is none that can be read."""
    found: Any = None
    with contextlib.suppress(OSError, ValueError):
        found = json.loads(path.read_bytes())
    return found if isinstance(found, dict) else None


def update_catalog(
    directory: Path, items: Iterable[tuple[Path, ItemDict]], files: Iterable[Receipt], *, clock: Clock | None = None
) -> None:
    """Add items and files to the catalogue of a folder; what else is in it stays, unless it is not there any more.

    Args:
        directory: The target folder.
        items: Path and content of each item's JSON.
        files: What belongs to no item.
        clock: What waiting for another process goes through.

    Raises:
        TargetNotWritable: There is another kind of ``catalog.json``, or the folder cannot be written to.
        DiskFull: There is no room.
    """
    path = directory / CATALOG
    claim = Claim(directory / f".{CATALOG}.lock")
    try:
        while not claim.take():
            (clock or SystemClock()).sleep(_LOCK_LOOK_S)
    except OSError as err:
        raise disk_error(err, path) from err
    try:
        known = read_document(path)
        if path.exists() and (known is None or known.get("type") != "Catalog"):
            raise TargetNotWritable(f"{path} is there and is no STAC Catalog", step="download")
        write_json(path, _merged(known or _new(directory), directory, items, files))
    finally:
        claim.release()


def _new(directory: Path) -> dict[str, Any]:
    return {
        "type": "Catalog",
        "stac_version": STAC_VERSION,
        "id": directory.absolute().name or "swath",
        "description": "Downloaded with swath; check it with: swath verify",
        "links": [],
    }


def _merged(
    catalog: dict[str, Any], directory: Path, items: Iterable[tuple[Path, ItemDict]], files: Iterable[Receipt]
) -> dict[str, Any]:
    links: dict[tuple[str, str], dict[str, Any]] = {("root", ""): {"rel": "root", "href": f"./{CATALOG}", "type": JSON}}
    for link in catalog.get("links") or ():
        rel, href = str(link.get("rel")), str(link.get("href"))
        if rel not in {"root", "self"} and _is_there(link, directory):
            links[rel, href] = link
    for path, item in items:
        href = relative_href(path, directory)
        links["item", href] = {"rel": "item", "href": href, "type": GEOJSON, "title": item["id"]}
    listed = {str(one.get("href")): one for one in catalog.get(_FILES) or () if _is_there(one, directory)}
    for receipt in files:
        fields = file_fields(receipt, directory)
        listed[fields["href"]] = fields
    made = {**catalog, "links": list(links.values())}
    made.pop(_FILES, None)
    return {**made, _FILES: [listed[href] for href in sorted(listed)]} if listed else made


def _is_there(entry: Mapping[str, Any], directory: Path) -> bool:
    """Whether a relative href leads to a file; others are not ours to judge."""
    href = str(entry.get("href"))
    return not href.startswith(("./", "../")) or directory.joinpath(href).exists()

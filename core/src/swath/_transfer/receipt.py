# SPDX-License-Identifier: Apache-2.0
"""The item's JSON beside its files: local STAC that is the receipt at the same time."""

from __future__ import annotations

import copy
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from swath._transfer.catalog import file_fields, read_document, relative_href, update_catalog
from swath._transfer.disk import make_folders, write_json
from swath._transfer.names import folder_names
from swath._transfer.part import record_path
from swath._transfer.plan import CATALOG
from swath._transfer.tiff import place_of_tiff
from swath.errors import InputError, TargetNotWritable
from swath.models import ItemDict, Receipt
from swath.stac.extensions import extensions_of
from swath.stac.names import GEOJSON, JSON, STAC_VERSION

__all__ = ["describes", "item_documents", "localise", "read_items", "write_items"]

_ARCHIVE: Final = "swath:archive"
_MEMBER: Final = "swath:member"
_SHOWN_ROLES: Final = frozenset({"thumbnail", "overview"})
_REMOTE_FIELDS: Final = frozenset({"alternate", "auth:refs", "storage:refs", "file:local_path"})
"""Fields that speak of where an asset was, not of what it is."""
_DROPPED_LINKS: Final = frozenset({"self", "root", "parent", "prev", "next", "items"})
_SECRET_QUERY: Final = re.compile(r"(?i)sig|token|key|secret|cred|auth|pass|expires|policy|jwt|x-amz|x-goog")
_VSI: Final = re.compile(r"/(vsi[a-z0-9]+)/(.+)", re.DOTALL)


Members = Mapping[str, Mapping[str, Iterable[tuple[str, ItemDict]]]]
"""Bands inside archives, by the archive's path and the item's id: pairs of asset key and asset."""


def write_items(
    items: Sequence[ItemDict],
    receipts: Iterable[Receipt],
    directory: str | Path,
    members: Members | None = None,
) -> list[ItemDict]:
    """Write each item's JSON beside its files, and the catalogue of the folder.

    The assets of the local item are the files that are here: hrefs are relative, ``file:size`` and ``file:checksum``
    (SHA-256) are of the bytes as written. Files that an earlier download brought stay listed. Thumbnails and overviews
    keep their links. An item without any file here is not written.

    Args:
        items: The STAC Items that were ordered; not changed.
        receipts: Files in place, planned by `plan_targets` for the same folder.
        directory: The target folder.
        members: Bands inside archives, by `Receipt.path` and item id: pairs of asset key and asset with a ``/vsizip/``
            href. An archive of the whole order may hold several items; each gets its own.

    Returns:
        The local items, hrefs absolute, in the order of `items`.

    Raises:
        TargetNotWritable, DiskFull: They cannot be written.
    """
    root = Path(directory).absolute()
    inside = members or {}
    by_item: dict[str, list[Receipt]] = {}
    others: list[Receipt] = []
    known = {str(item["id"]) for item in items}
    for receipt in receipts:
        one = receipt.asset.item
        if one in known and receipt.asset.part_of_item:
            by_item.setdefault(one, []).append(receipt)
        else:
            others.append(receipt)
    written: list[tuple[Path, ItemDict]] = []
    folders = folder_names(known)
    for item in items:
        name = str(item["id"])
        mine = by_item.get(name, [])
        shared = [one for one in others if inside.get(one.path, {}).get(name)]
        if not mine and not shared:
            continue
        folder = root / (Path(mine[0].path).relative_to(root).parts[0] if mine else folders[name])
        make_folders([folder])
        path = folder / f"{folder.name}.json"
        local = _local_item(
            item, receipts=mine, shared=shared, folder=folder, members=inside, before=read_document(path)
        )
        write_json(path, local)
        written.append((path, local))
    if written or others:
        make_folders([root])
        update_catalog(root, written, others)
    for receipt in (one for group in (*by_item.values(), others) for one in group):
        record_path(Path(receipt.path)).unlink(missing_ok=True)  # the item's JSON has taken it over
    return [localise(local, path.parent) for path, local in written]


def localise(item: Mapping[str, Any], base_dir: str | Path) -> ItemDict:
    """Give an item as read from its JSON with absolute hrefs, so that it can be loaded from anywhere.

    Args:
        item: Content of the JSON; not changed.
        base_dir: The folder that it is in.

    Returns:
        A copy. Relative hrefs are absolute paths, its own is a ``file:`` URL, as STAC asks; members of archives have
        GDAL's ``/vsizip/PATH/MEMBER``.
    """
    base = Path(base_dir).absolute()
    made: ItemDict = copy.deepcopy(dict(item))
    for asset in (made.get("assets") or {}).values():
        asset["href"] = _absolute(asset["href"], base)
        member = asset.pop(_MEMBER, None)
        handler = asset.pop(_ARCHIVE, "vsizip")
        if member is not None:
            asset["href"] = f"/{handler}/{Path(asset['href']).as_posix()}/{member}"
    links = [{**link, "href": _absolute(link["href"], base)} for link in made.get("links") or ()]
    own = base / f"{base.name}.json"
    if own.is_file() and not any(link.get("rel") == "self" for link in links):
        links.insert(0, {"rel": "self", "href": own.as_uri(), "type": GEOJSON})
    made["links"] = links
    return made


def read_items(directory: str | Path) -> list[ItemDict]:
    """Read the items that were downloaded to a folder, or to folders in it.

    Args:
        directory: What was given to `write_items`, the folder of one item, or one above.

    Returns:
        The local items, hrefs absolute, by path.

    Raises:
        InputError: It is no folder.
    """
    return [localise(item, path.parent) for path, item in item_documents(Path(directory)) if item is not None]


def item_documents(directory: Path) -> Iterator[tuple[Path, ItemDict | None]]:
    """Find the JSON of each item below a folder: ``FOLDER/FOLDER.json``, links not followed.

    Yields:
        Path and content, by path; None for what is no item, or cannot be read, although the catalogue lists it.

    Raises:
        InputError: It is no folder.
    """
    if not directory.is_dir():
        raise InputError(f"{directory} is no folder", hint="pass the folder that download() wrote to")
    for folder, folders, files in os.walk(directory.absolute()):
        folders.sort()
        here = Path(folder)
        name = f"{here.name}.json"
        if name not in files:
            continue
        found = read_document(here / name)
        if found is not None and found.get("type") == "Feature" and isinstance(found.get("assets"), dict):
            yield here / name, found
        elif _is_listed(here):
            yield here / name, None


def _is_listed(folder: Path) -> bool:
    """Whether the catalogue above a folder lists an item in it."""
    catalog = read_document(folder.parent / CATALOG) or {}
    href = f"./{folder.name}/{folder.name}.json"
    return any(isinstance(link, dict) and link.get("href") == href for link in catalog.get("links") or ())


def _local_item(
    item: ItemDict,
    *,
    receipts: Sequence[Receipt],
    shared: Sequence[Receipt],
    folder: Path,
    members: Members,
    before: ItemDict | None,
) -> ItemDict:
    """Make the item's JSON.

    Args:
        item: As ordered.
        receipts: Its files.
        shared: Archives of the order that hold some of it.
        folder: Its folder.
        members: By receipt path and item id.
        before: The JSON that is there, if any.
    """
    made = copy.deepcopy(item)
    remote = made.get("assets") or {}
    assets: dict[str, ItemDict] = {}
    paths: set[str] = set()
    for receipt in sorted(receipts, key=lambda one: (one.asset.key, one.path)):
        path = Path(receipt.path)
        if not path.is_relative_to(folder):
            raise TargetNotWritable(f"{path} is not in {folder}, the folder of item {item['id']!r}", step="download")
        fields = file_fields(receipt, folder)
        paths.add(fields["href"])
        described = {name: value for name, value in remote.get(receipt.asset.key, {}).items() if describes(name)}
        # What a file says of its own place is what loaders need, and truer than what a search said of the scene.
        told = copy.deepcopy(dict(receipt.asset.fields)) | place_of_tiff(path)
        assets[_free(assets, receipt.asset.key)] = described | told | fields
    for receipt in (*receipts, *shared):
        for key, inner in members.get(receipt.path, {}).get(str(item["id"]), ()):
            assets[_free(assets, key)] = _member(inner, Path(receipt.path), folder)
    for key, asset in ((before or {}).get("assets") or {}).items():
        href = str(asset.get("href"))
        if href.startswith("./") and href not in paths and folder.joinpath(href).exists():
            assets[_free(assets, key)] = asset
    for key, asset in remote.items():
        if key not in assets and _SHOWN_ROLES & set(asset.get("roles") or ()) and _is_web(asset.get("href")):
            assets[key] = asset | {"href": _public(asset["href"])}
    made["assets"] = assets
    catalog = {"href": f"../{CATALOG}", "type": JSON}
    kept = [link for link in made.get("links") or () if link.get("rel") not in _DROPPED_LINKS]
    made["links"] = [
        {"rel": "root", **catalog},
        {"rel": "parent", **catalog},
        *({**link, "href": _public(link["href"]) if _is_web(link.get("href")) else link["href"]} for link in kept),
    ]
    made.setdefault("stac_version", STAC_VERSION)
    made["stac_extensions"] = extensions_of(made)
    return made


def describes(name: str) -> bool:
    """Whether a field of the remote asset says what it is, which holds for the local file too."""
    return name not in _REMOTE_FIELDS and not name.startswith("file:") and name not in {"href", "type", "roles"}


def _free(assets: Mapping[str, Any], key: str) -> str:
    """Give a key that is not taken: itself, or with a number."""
    found, number = key, 1
    while found in assets:
        number += 1
        found = f"{key}-{number}"
    return found


def _member(asset: ItemDict, archive: Path, folder: Path) -> ItemDict:
    """Write an asset inside an archive so that it can be moved with its folder."""
    href = str(asset["href"])
    found = _VSI.fullmatch(href)
    inner = found[2].lstrip("/") if found else ""
    name = archive.as_posix().lstrip("/")
    for prefix in (f"{name}/", f"{{{name}}}/", f"{{/{name}}}/"):
        if inner.startswith(prefix):
            made: ItemDict = {**copy.deepcopy(asset), "href": relative_href(archive, folder)}
            made[_MEMBER] = inner.removeprefix(prefix)
            if found and found[1] != "vsizip":
                made[_ARCHIVE] = found[1]
            return made
    raise InputError(
        f"{href!r} is no member of {archive}", hint="report it to the plugin's authors: /vsizip/<path>/<member>"
    )


def _absolute(href: str, base: Path) -> str:
    """Make a relative href an absolute path; URLs and absolute paths stay."""
    is_relative = not (urlsplit(href).scheme or href.startswith(("/", "\\")) or Path(href).is_absolute())
    return os.path.normpath(base / href) if is_relative else href


def _is_web(href: object) -> bool:
    return isinstance(href, str) and href.startswith(("http://", "https://"))


def _public(href: str) -> str:
    """Cut a query off that may hold a secret; others may say which picture it is."""
    names = [name for name, _ in parse_qsl(urlsplit(href).query, keep_blank_values=True)]
    return href.partition("?")[0] if any(_SECRET_QUERY.search(name) for name in names) else href

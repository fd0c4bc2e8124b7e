# SPDX-License-Identifier: Apache-2.0
"""Items as a self-contained STAC catalogue in a folder, and back."""

from __future__ import annotations

import array
import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from swath._export.columns import is_box, time_of, time_text
from swath._export.placing import placed_folder
from swath._export.text import HINT
from swath._transfer.names import fold, marked, portable
from swath.errors import InputError
from swath.models import ItemDict

__all__ = ["read_catalog", "write_catalog"]

_LINKS: Final = "swath:links"
"""Member of an item in a catalogue: the links that it came with."""
_NUMBER: Final = "swath:number"
"""Member of a link to an item: its place in the result."""
_OWN: Final = frozenset({"root", "self", "parent", "collection"})
_DEEPEST: Final = 16
_STAC: Final = "1.1.0"

_ROOT: Final = {
    "type": "Catalog",
    "stac_version": _STAC,
    "id": "search",
    "description": "What a search by swath found.",
    "links": [{"rel": "root", "href": "./catalog.json", "type": "application/json"}],
}


class _Group:
    """The items of one collection of one provider: a folder."""

    def __init__(self, provider: str, collection: str | None) -> None:
        self.provider = provider
        self.collection = collection
        self.folder = ""
        self._names: list[str] = []
        self._numbers = array.array("q")
        self.used: set[str] = set()
        self._box: list[float] | None = None
        self._times: list[dt.datetime] = []

    def add(self, item: ItemDict, number: int) -> str:
        """Take an item in.

        Returns:
            The name of its file, which no other has on any system.
        """
        name = _free(f"{item.get('id')}", self.used)
        self._names.append(name)
        self._numbers.append(number)
        self._measure(item)
        return f"{name}.json"

    def _measure(self, item: ItemDict) -> None:
        box = item.get("bbox")
        if is_box(box) and box is not None:
            west, south, east, north = box[0], box[1], box[len(box) // 2], box[len(box) // 2 + 1]
            if west > east:
                west, east = -180, 180
            mine = self._box or [west, south, east, north]
            self._box = [min(mine[0], west), min(mine[1], south), max(mine[2], east), max(mine[3], north)]
        properties = item.get("properties") or {}
        for key in ("start_datetime", "datetime", "end_datetime"):
            time, _ = time_of(properties.get(key))
            if time is not None:
                self._times = [min([*self._times[:1], time]), max([*self._times[1:], time])]

    def links(self, folder: str) -> Iterator[dict[str, Any]]:
        """Give links to the items, from a document beside or above `folder`."""
        for name, number in zip(self._names, self._numbers, strict=True):
            href = f"{folder}/{name}.json"
            yield {"rel": "item", "href": href, "type": "application/geo+json", _NUMBER: number}

    @property
    def extent(self) -> dict[str, Any]:
        """Where and when the items are; the whole world where none says where."""
        times: list[str | None] = [time_text(time) for time in self._times]
        return {
            "spatial": {"bbox": [self._box or [-180, -90, 180, 90]]},
            "temporal": {"interval": [times or [None, None]]},
        }


def write_catalog(items: Iterable[ItemDict], path: Path) -> Path:
    """Write a catalogue: ``catalog.json``, a folder for each collection of each provider, a file for each item.

    Links are relative, so that the folder can be moved. Items keep the links that they came with in ``swath:links``.

    Args:
        items: STAC Items; streamed.
        path: The folder, which must be empty or not there yet.

    Returns:
        The path.

    Raises:
        TargetNotWritable: If it cannot be written, or is not empty.
    """
    with placed_folder(path) as folder:
        groups: dict[tuple[str, str | None], _Group] = {}
        taken: set[str] = {"catalog.json"}
        for number, item in enumerate(items):
            provider = str((item.get("properties") or {}).get("swath:provider") or "items")
            collection = item.get("collection")
            group = groups.get((provider, collection))
            if group is None:
                group = groups[provider, collection] = _Group(provider, collection)
                group.folder = _free(provider if collection is None else f"{provider}-{collection}", taken)
                (folder / group.folder).mkdir()
            name = group.add(item, number)
            _write(folder / group.folder / name, _placed(item, in_collection=collection is not None))
        for group in groups.values():
            if group.collection is not None:
                _write_linking(folder / group.folder / "collection.json", _collection(group), group.links("."))
        _write_linking(folder / "catalog.json", _ROOT, _root_links(list(groups.values())))
    return path


def _placed(item: ItemDict, *, in_collection: bool) -> ItemDict:
    own = [
        {"rel": "root", "href": "../catalog.json", "type": "application/json"},
        {
            "rel": "parent",
            "href": "./collection.json" if in_collection else "../catalog.json",
            "type": "application/json",
        },
    ]
    if in_collection:
        own.append({"rel": "collection", "href": "./collection.json", "type": "application/json"})
    links = [link for link in item.get("links") or () if isinstance(link, Mapping) and link.get("rel") not in _OWN]
    return {**item, "links": [*own, *links], _LINKS: item.get("links")}


def _collection(group: _Group) -> dict[str, Any]:
    return {
        "type": "Collection",
        "stac_version": _STAC,
        "id": group.collection,
        "description": f"Items of {group.collection} that a search at {group.provider} found.",
        "license": "other",
        "extent": group.extent,
        "links": [
            {"rel": "root", "href": "../catalog.json", "type": "application/json"},
            {"rel": "parent", "href": "../catalog.json", "type": "application/json"},
        ],
    }


def _root_links(groups: list[_Group]) -> Iterator[dict[str, Any]]:
    for group in groups:
        if group.collection is None:
            yield from group.links(f"./{group.folder}")
        else:
            title = f"{group.provider}: {group.collection}"
            href = f"./{group.folder}/collection.json"
            yield {"rel": "child", "href": href, "type": "application/json", "title": title}


def _free(name: str, used: set[str]) -> str:
    """Give a name that every system takes and that no other here has."""
    found = portable(name)
    if fold(found) in used or fold(found) == "collection":
        found = marked(found, name)
    number = 2
    while fold(found) in used:  # only for two items of one id
        found = marked(found, f"{name}\0{number}")
        number += 1
    used.add(fold(found))
    return found


def _write(path: Path, document: Mapping[str, Any]) -> None:
    path.write_bytes(_bytes(document) + b"\n")


def _write_linking(path: Path, document: Mapping[str, Any], links: Iterable[Mapping[str, Any]]) -> None:
    """Write a document whose links, the last of its members, go on and on."""
    with path.open("wb") as out:
        out.write(_bytes(document).removesuffix(b"\n  ]\n}"))
        out.writelines(b",\n    " + _bytes(link, None) for link in links)
        out.write(b"\n  ]\n}\n")


def _bytes(document: Mapping[str, Any], indent: int | None = 2) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=indent).encode("utf-8", "backslashreplace")


# --- reading ----------------------------------------------------------------------------------------------------------


def read_catalog(root: Path) -> Iterator[ItemDict]:
    """Read the items of a catalogue on disk, in the order of the search that found them.

    Only files below the root's folder are read: links to other places are left alone.

    Args:
        root: The catalogue's or a collection's own file.

    Raises:
        InputError: A file of it cannot be read.
    """
    home = root.parent.resolve()
    found = sorted(_walk(root.resolve(), home, set(), 0), key=lambda pair: pair[0])
    for _, path in found:
        item = _read(path)
        if item.get("type") != "Feature" or "id" not in item:
            raise InputError(f"{path} is no STAC Item", hint=HINT)
        yield _restored(item, path)


def _walk(path: Path, home: Path, seen: set[Path], depth: int) -> Iterator[tuple[float, Path]]:
    if path in seen or depth > _DEEPEST:
        return
    seen.add(path)
    for link in _read(path).get("links") or ():
        if not isinstance(link, Mapping) or link.get("rel") not in {"item", "child"}:
            continue
        target = _local(link.get("href"), path.parent)
        if target is None or not target.is_relative_to(home):
            continue
        if link["rel"] == "child":
            yield from _walk(target, home, seen, depth + 1)
        else:
            number = link.get(_NUMBER)
            yield (number if isinstance(number, int) else float("inf")), target


def _local(href: Any, folder: Path) -> Path | None:
    """Find the file that a relative link names; None for what is elsewhere."""
    if not isinstance(href, str) or urlsplit(href).scheme or href.startswith("//"):
        return None
    return (folder / unquote(href)).resolve()


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError) as err:
        raise InputError(
            f"{str(path)!r} cannot be read: {getattr(err, 'strerror', None) or err}",
            hint=f"{HINT}, or a STAC catalogue on disk",
        ) from err
    if not isinstance(found, dict):
        raise InputError(f"{str(path)!r} is no STAC document", hint="pass a STAC catalogue on disk")
    return found


def _restored(item: ItemDict, path: Path) -> ItemDict:
    """Give an item the links that it came with; one that swath did not write gets absolute paths."""
    if _LINKS in item:
        links = item.pop(_LINKS)
        if links is None:
            item.pop("links")
        else:
            item["links"] = links
        return item
    for asset in (item.get("assets") or {}).values():
        local = _local(asset.get("href"), path.parent) if isinstance(asset, dict) else None
        if local is not None:
            asset["href"] = str(local)
    return item

# SPDX-License-Identifier: Apache-2.0
"""Decides where each file goes, before the first byte moves."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from attrs import define, field, frozen

from swath._transfer.names import fold, folder_names, marked, portable, relative_parts
from swath.errors import NameCollision, TargetNotWritable
from swath.models import Asset, ItemDict

__all__ = ["CATALOG", "Target", "confine", "plan_targets"]

CATALOG: Final = "catalog.json"
"""Name of the catalogue in the target folder."""


@frozen(kw_only=True)
class Target:
    """One file to fetch, and where to."""

    asset: Asset
    path: Path = field(converter=Path)
    """Its final name."""
    receipt: Path | None = None
    """The JSON document that will keep its size and checksum; None where nobody writes one."""


@define
class _Place:
    """Where one asset may go: more distinct names as the level rises."""

    asset: Asset
    folder: str
    level: int = 0

    @property
    def path(self) -> tuple[str, ...]:
        *folders, name = relative_parts(self.asset.name)
        if self.level >= 1:
            name = portable(f"{portable(self.asset.key)}-{name}")
        if self.level >= 2:
            name = marked(name, f"{self.asset.key}\n{self.asset.name}")
        return (self.folder, *folders, name)


def plan_targets(
    assets: Iterable[Asset], items: Sequence[ItemDict], directory: str | Path, *, order_id: str = ""
) -> list[Target]:
    """Give each file its place: ``DIR/<item id>/<file>``, or ``DIR/<order id>/<file>`` for an order's own.

    Names are portable, stay under `directory`, and differ even where case does not count. Two files of one name get
    their asset key in front. The same assets always get the same places, in whatever order they come.

    Args:
        assets: Files to fetch. One that is listed twice is planned once.
        items: The STAC Items they belong to.
        directory: Target folder. Need not exist.
        order_id: Names the folder of files that belong to no item; empty for ``order``.

    Returns:
        A target for each file, in the order of `assets`.

    Raises:
        NameCollision: Two files have the same item, key and name.
        TargetNotWritable: A link leads out of `directory`, or it holds another kind of ``catalog.json``.
    """
    root = Path(directory).absolute()
    _require_own_catalog(root)
    wanted = _distinct(assets)
    folders = _folders(root, wanted, items, order_id or "order")
    places = [_Place(asset, folders[asset.item]) for asset in wanted]
    _spread(places, reserved={fold(f"{name}/{name}.json") for name in folders.values()})
    targets = []
    for place in places:
        path = root.joinpath(*place.path)
        in_item = place.asset.item is not None and place.asset.part_of_item
        receipt = root / place.folder / f"{place.folder}.json" if in_item else root / CATALOG
        targets.append(Target(asset=place.asset, path=path, receipt=receipt))
    confine(targets, root)
    return targets


def _distinct(assets: Iterable[Asset]) -> list[Asset]:
    """Drop what is listed twice."""
    seen: dict[tuple[str | None, str, str], Asset] = {}
    for asset in assets:
        known = seen.setdefault((asset.item, asset.key, asset.name), asset)
        if known is not asset and (known.href, known.size, known.checksum) != (asset.href, asset.size, asset.checksum):
            raise NameCollision(
                f"two different files of item {asset.item!r} have the key {asset.key!r} and the name {asset.name!r}",
                step="download",
            )
    return list(seen.values())


def _folders(
    root: Path, assets: Sequence[Asset], items: Sequence[ItemDict], order_folder: str
) -> dict[str | None, str]:
    """Name the folder of each item, and under None that of the order."""
    by_id = {str(item["id"]): item for item in items}
    ids = {asset.item for asset in assets if asset.item is not None}
    folders: dict[str | None, str] = {}
    for one, plain in folder_names(ids).items():
        item = by_id.get(one)
        name = marked(plain, one) if fold(plain) == fold(CATALOG) else plain
        is_taken = item is not None and _is_taken(root / name / f"{name}.json", item)
        folders[one] = marked(name, _identity(item)) if item is not None and is_taken else name
    order_name = portable(order_folder)
    taken = {fold(name) for name in folders.values()} | {fold(CATALOG)}
    while fold(order_name) in taken:
        order_name = marked(order_name, f"order {order_name}")
    folders[None] = order_name
    return folders


def _identity(item: Mapping[str, Any]) -> str:
    """Write down which item it is, among those of all providers."""
    properties = item.get("properties") or {}
    return json.dumps([properties.get("swath:provider"), item.get("collection"), item["id"]])


def _is_taken(path: Path, item: Mapping[str, Any]) -> bool:
    """Whether another item's receipt, or another kind of document, is already where this one's would be."""
    if not path.exists():
        return False
    found: Any = None
    with contextlib.suppress(OSError, ValueError):
        found = json.loads(path.read_bytes())
    if not isinstance(found, dict) or "id" not in found:
        return True
    return _identity(found) != _identity(item)


def _require_own_catalog(root: Path) -> None:
    """Refuse to write a catalogue over something else."""
    path = root / CATALOG
    if not path.exists():
        return
    found: Any = None
    with contextlib.suppress(OSError, ValueError):
        found = json.loads(path.read_bytes())
    if not isinstance(found, dict) or found.get("type") != "Catalog":
        raise TargetNotWritable(
            f"{path} is there and is no STAC Catalog, which is what it would be replaced by", step="download"
        )


def _spread(places: Sequence[_Place], reserved: set[str]) -> None:
    """Raise the level of those that meet until none do.

    Args:
        places: All of them; changed.
        reserved: Folded paths that no file may have.

    Raises:
        NameCollision: The levels do not suffice.
    """
    while True:
        paths = [fold("/".join(place.path)) for place in places]
        count = Counter(paths)
        # A file may not have the name of another file's folder either.
        above = {
            "/".join(parts[:depth]) for parts in (one.split("/") for one in paths) for depth in range(1, len(parts))
        }
        meeting = [
            place
            for place, path in zip(places, paths, strict=True)
            if count[path] > 1 or path in above or path in reserved
        ]
        if not meeting:
            return
        lowest = min(place.level for place in meeting)
        if lowest >= 2:
            name = "/".join(meeting[0].path)
            raise NameCollision(f"{len(meeting)} files would have the path {name!r}", step="download")
        for place in meeting:
            if place.level == lowest:
                place.level += 1


def confine(targets: Sequence[Target], root: Path) -> None:
    """Refuse a target that existing links lead out of the folder."""
    real = root.resolve()
    parents = dict.fromkeys(target.path.parent for target in targets)
    for parent in parents:
        if not parent.resolve().is_relative_to(real):
            raise TargetNotWritable(f"{parent} leads out of {root}, to {parent.resolve()}", step="download")

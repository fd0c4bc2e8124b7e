# SPDX-License-Identifier: Apache-2.0
"""Which files of which products are to be downloaded, and where they go.

Source: the Capella wire contract, 4.2 and 4.3, read 2026-11.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from attrs import frozen

from swath.models import Asset
from swath.native import safe_path
from swath_capella._native.words import checked_words
from swath_capella.enumerations import AssetType, ProductType
from swath_capella.exceptions import ClientError

__all__ = ["Planned", "asset_of", "file_name", "of_types", "plan", "product_id"]

_ID: Final = re.compile(r"CAPELLA_[A-Z0-9]+_[A-Z]+_[A-Z]+_[A-Z]+_\d{14}_\d{14}")
_MAIN: Final = ("HH", "VV", "HV", "VH", "analytic_product", "changemap")
_RASTER: Final = ("HH", "VV", "HV", "VH")
_NEVER: Final = "license"
"""A web page, no file of the product."""


@frozen(kw_only=True)
class Planned:
    """One file to have."""

    item: str
    """Id of its item."""
    key: str
    asset: Asset
    """Its link; `name` is where it goes, below the target folder."""


def file_name(url: str) -> str:
    """Give the last part of a link's path.

    Raises:
        ClientError: It is none, or would lead out of its folder.
    """
    name = unquote(urlsplit(url).path).rpartition("/")[2]
    if name in {"", ".", ".."} or "\\" in name or "/" in unquote(urlsplit(url).path.rpartition("/")[2]):
        raise ClientError(f"the link gives no safe file name but {name!r}")
    return name


def asset_of(url: str, name: str, key: str = "data", item: str | None = None) -> Asset:
    """Describe a file by its link, which says itself when it dies."""
    expires = parse_qs(urlsplit(url).query).get("Expires", [""])[0]
    when = dt.datetime.fromtimestamp(int(expires), dt.UTC) if expires.isdigit() and len(expires) < 12 else None
    return Asset(href=url, name=name, key=key, item=item, expires=when)


def product_id(assets: Mapping[str, Any]) -> str:
    """Read a product's id out of the links to its files.

    Raises:
        ClientError: It is in none.
    """
    keys = [key for key in _MAIN if key in assets] or [key for key in assets if key != _NEVER]
    for key in keys:
        path = PurePosixPath(urlsplit(str(assets[key].get("href"))).path)
        # The folder is the product's own; a file in it may bear the name of a sibling.
        for part in (path.parent.name, path.stem):
            found = _ID.search(part)
            if found:
                return found.group()
    raise ClientError("the id of the product is in none of its links", hint="pass whole items, with their id")


def of_types(items: Iterable[Mapping[str, Any]], product_types: Any) -> list[Mapping[str, Any]]:
    """Keep items of some product types; all without any.

    Raises:
        ClientError: For a type that there is not.
    """
    if not product_types:
        return list(items)
    wanted = checked_words(product_types, ProductType, "product_types")
    return [one for one in items if (one.get("properties") or {}).get("sar:product_type") in wanted]


def plan(
    items: Sequence[Mapping[str, Any]], *, include: Any = None, exclude: Any = None, separate_dirs: bool = True
) -> list[Planned]:
    """Say which files of items are to be had, and where they go.

    Args:
        items: With signed links; bare mappings of assets do as well.
        include: Asset keys to have; all if None. ``"raster"`` stands for HH and VV.
        exclude: Asset keys not to have, whatever `include` says.
        separate_dirs: Whether each product has a folder of its own.

    Raises:
        ClientError: For an asset key that there is not, or a link without a safe file name.
    """
    of_item = {str(one.get("id") or product_id(_assets(one))): _assets(one) for one in items}
    known = {*AssetType, *_RASTER, *(key for assets in of_item.values() for key in assets)} - {_NEVER}
    wanted = _keys(include, known, "include") if include else None
    unwanted = _keys(exclude, known, "exclude") if exclude else set()
    planned: list[Planned] = []
    taken: dict[str, str] = {}
    for item, assets in of_item.items():
        for key, asset in assets.items():
            if key == _NEVER or key in unwanted or (wanted is not None and key not in wanted):
                continue
            url = str(asset["href"])
            name = file_name(url)
            place = f"{item}/{name}" if separate_dirs else name
            if taken.setdefault(place, urlsplit(url).path) != urlsplit(url).path:
                place = f"{item}_{name}"  # a sibling's thumbnail has the same name and is another file
                taken[place] = urlsplit(url).path
            planned.append(Planned(item=item, key=key, asset=asset_of(url, str(safe_path(place)), key, item)))
    return planned


def _assets(item: Mapping[str, Any]) -> Mapping[str, Any]:
    assets = item.get("assets", item)
    if not isinstance(assets, Mapping) or not all(
        isinstance(one, Mapping) and "href" in one for one in assets.values()
    ):
        raise ClientError("items_presigned must be items with signed links", hint="get them by get_presigned_items")
    return assets


def _keys(given: Any, known: Iterable[str], what: str) -> set[str]:
    found = set(checked_words(given, sorted(known), what))
    return found | set(_RASTER) if AssetType.raster in found else found

# SPDX-License-Identifier: Apache-2.0
"""Makes `pystac` objects of our items, which are STAC of the newest version: nothing has to be migrated."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pystac

from swath.models import ItemDict

__all__ = ["pystac_item"]

_TAKEN = frozenset(
    {"type", "stac_version", "id", "geometry", "bbox", "stac_extensions", "collection", "links", "assets", "properties"}
)


def pystac_item(item: ItemDict) -> pystac.Item:
    """Make a `pystac.Item` that shares nothing with the dict: what `pystac.Item.from_dict` gives, many times faster.

    Args:
        item: STAC Item as swath gives it.
    """
    made = _copied(item)
    if made.get("stac_version") != pystac.get_stac_version():
        return pystac.Item.from_dict(made, migrate=True, preserve_dict=False)  # somebody else's, or an older file
    properties = made["properties"]
    time = properties.get("datetime")
    found = pystac.Item(
        id=made["id"],
        geometry=made.get("geometry"),
        bbox=made.get("bbox"),
        datetime=None if time is None else dt.datetime.fromisoformat(time),
        properties=properties,
        stac_extensions=made.get("stac_extensions"),
        collection=made.get("collection"),
        extra_fields={key: value for key, value in made.items() if key not in _TAKEN},
        assets={key: _asset(asset) for key, asset in made.get("assets", {}).items()},
    )
    for link in made.get("links", ()):
        found.add_link(_link(link))
    return found


def _asset(asset: dict[str, Any]) -> pystac.Asset:
    """Make an asset of a dict, which is taken apart."""
    pop = asset.pop
    return pystac.Asset(
        href=pop("href"),
        title=pop("title", None),
        description=pop("description", None),
        media_type=pop("type", None),
        roles=pop("roles", None),
        extra_fields=asset or None,
    )


def _link(link: dict[str, Any]) -> pystac.Link:
    """Make a link of a dict, which is taken apart."""
    pop = link.pop
    return pystac.Link(
        rel=pop("rel"),
        target=pop("href"),
        media_type=pop("type", None),
        title=pop("title", None),
        extra_fields=link or None,
    )


def _copied(value: Any) -> Any:
    """Copy what JSON is made of; several times faster than `copy.deepcopy`."""
    if type(value) is dict:
        return {key: _copied(inner) if type(inner) in {dict, list} else inner for key, inner in value.items()}
    if type(value) is list:
        return [_copied(inner) if type(inner) in {dict, list} else inner for inner in value]
    return value

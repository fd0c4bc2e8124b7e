# SPDX-License-Identifier: Apache-2.0
"""`CollectionSearch`, awaited."""

from __future__ import annotations

from swath._aio.bridge import Bridge
from swath._aio.face import Face
from swath._collections import CollectionSearch

__all__ = ["AsyncCollectionSearch"]


class AsyncCollectionSearch(
    Face,
    over=CollectionSearch,
    calls=["collection_list", "collection_list_as_dict", "matched"],
    streams=["collections", "collections_as_dicts", "pages", "pages_as_dicts"],
):
    """A search among collections, awaited; it runs when its results are asked for.

    Args:
        search: The search.
        bridge: Runs it.
    """

    def __init__(self, search: CollectionSearch, bridge: Bridge) -> None:
        self._search = search
        self._threads = bridge

    def __repr__(self) -> str:
        return repr(self._search)

    def _bridge(self) -> Bridge:
        return self._threads

    def _below(self) -> CollectionSearch:
        return self._search

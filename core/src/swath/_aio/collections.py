# SPDX-License-Identifier: Apache-2.0
"""`CollectionSearch`, awaited."""

from __future__ import annotations

from swath._aio.face import Held
from swath._collections import CollectionSearch

__all__ = ["AsyncCollectionSearch"]


class AsyncCollectionSearch(
    Held,
    over=CollectionSearch,
    calls=["collection_list", "collection_list_as_dict", "matched"],
    streams=["collections", "collections_as_dicts", "pages", "pages_as_dicts"],
):
    """A search among collections, awaited; it runs when its results are asked for."""

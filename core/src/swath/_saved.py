# SPDX-License-Identifier: Apache-2.0
"""Results of an earlier search, with the surface of the search."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from swath._inputs import walk_items
from swath._results import ItemSearch
from swath.models import ItemDict, Page, Query

__all__ = ["SavedItems", "read_items"]


class SavedItems(ItemSearch):
    """Items that were found before. Nothing is asked of any provider.

    Args:
        items: STAC Items.
    """

    def __init__(self, items: list[ItemDict]) -> None:
        owners = {(item.get("properties") or {}).get("swath:provider") for item in items}
        super().__init__(
            provider=str(owners.pop()) if len(owners) == 1 and None not in owners else "several",
            query=Query(),
            pages=lambda _: iter([Page(items=items)]),
            count=lambda _: len(items),
        )
        self._items = tuple(items)

    def __repr__(self) -> str:
        return f"<SavedItems of {self.provider}: {len(self._items)} items>"

    def _repr_html_(self) -> str:
        from swath._map import card

        return card(f"Items of {self.provider}", self.query, f"{len(self._items):,} items.", self._items)

    def _run(self) -> Iterator[tuple[ItemDict, ...]]:
        yield self._items


def read_items(what: Any) -> SavedItems:
    """Read items that a search has saved or turned into a table.

    Args:
        what: Path of GeoJSON, NDJSON, STAC GeoParquet, an Arrow file or a folder with a STAC catalogue; a GeoDataFrame,
            an Arrow table; `pystac` objects; a FeatureCollection; or a list of such.

    Returns:
        The items, with the surface of `ItemSearch`: they can be iterated over, saved in another form, shown, ordered.

    Raises:
        InputError: It cannot be read, or holds something else.
        MissingExtra: GeoParquet and Arrow need ``swath[geoparquet]``.
    """
    return SavedItems(list(walk_items(what)))

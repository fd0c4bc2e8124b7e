# SPDX-License-Identifier: Apache-2.0
"""The Data API: searching, saved searches, counting, items; its assets are in `data_assets`.

Source: Planet's documentation of the Data API, read 2026-11. Method names and arguments are those of Planet's SDK.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from swath.hookspecs import Context, Operation
from swath_planet._api.creating import create
from swath_planet._api.data_assets import AssetCalls
from swath_planet._api.data_types import ItemTypes
from swath_planet._api.paths import segment
from swath_planet.exceptions import ClientError
from swath_planet.geojson import as_geom_or_ref
from swath_planet.wire import SearchPage, Stats, read

__all__ = ["BUCKET", "INTERVALS", "MAX_PAGE_SIZE", "SEARCH_SORT", "SEARCH_TYPES", "Data"]

BUCKET: Final = "data"
"""Rate-limit bucket of these calls."""
MAX_PAGE_SIZE: Final = 250
"""Most entries that one page holds."""
SEARCH_SORT: Final = ("published desc", "published asc", "acquired desc", "acquired asc")
"""Orders in which items can be listed, the usual one first."""
LIST_SORT: Final = ("created desc", "created asc")
"""Orders in which saved searches can be listed."""
SEARCH_TYPES: Final = ("any", "saved", "quick")
INTERVALS: Final = ("hour", "day", "week", "month", "year")
"""Widths of a histogram's bars."""
_EVERYTHING: Final = {"type": "AndFilter", "config": []}


def _choice(value: str, choices: Sequence[str], name: str) -> str:
    if value not in choices:
        raise ClientError(f"{name} is {value!r}", hint=f"choose from {', '.join(map(repr, choices))}")
    return value


def _search(search_id: str) -> str:
    return f"searches/{segment(search_id, 'search')}"


class Data(AssetCalls):
    """The Data API, under the names of Planet's SDK."""

    PATH = "/data/v1"
    BUCKET = BUCKET

    def __init__(self, context: Context, base_url: str | None = None) -> None:
        super().__init__(context, base_url)
        self._types = ItemTypes(self)

    # --- searching ---------------------------------------------------------------------------------------------------

    def search(  # noqa: PLR0917 - the SDK's signature
        self,
        item_types: Iterable[str],
        search_filter: dict[str, Any] | None = None,
        name: str | None = None,
        sort: str | None = None,
        limit: int = 100,
        geometry: Any = None,
    ) -> Iterator[dict[str, Any]]:
        """Go through the items that a quick search finds; pages are fetched as they are needed.

        Args:
            item_types: Of at least one; lower case will do.
            search_filter: From `swath_planet.data_filter`; None finds everything.
            name: Of the search; None for its id.
            sort: One of `SEARCH_SORT`; None for the newest publication first.
            limit: Most items; 0 for all.
            geometry: GeoJSON, or a reference to a feature.

        Raises:
            ClientError: An item type or the sort is none; nothing was sent.
        """
        order = _choice(sort or SEARCH_SORT[0], SEARCH_SORT, "sort")
        body: dict[str, Any] = {"filter": search_filter or _EVERYTHING, "item_types": self._types.checked(item_types)}
        if name:
            body["name"] = name
        if geometry is not None:
            body["geometry"] = as_geom_or_ref(geometry)
        yield from self.pages(
            "POST",
            "quick-search",
            key="features",
            limit=limit,
            params=_listing(order, SEARCH_SORT, limit),
            json=body,
            operation=Operation.READ,
        )

    def create_search(
        self,
        item_types: Iterable[str],
        search_filter: dict[str, Any],
        name: str,
        enable_email: bool = False,
        geometry: Any = None,
    ) -> dict[str, Any]:
        """Save a search.

        Args:
            item_types: Of at least one.
            search_filter: From `swath_planet.data_filter`.
            name: Of the search.
            enable_email: Whether Planet shall send what is new each day.
            geometry: GeoJSON, or a reference to a feature.

        Returns:
            The saved search.
        """
        body = self._saved(item_types, search_filter, name, enable_email=enable_email, geometry=geometry)
        made: dict[str, Any] = create(self, "searches", body)
        return made

    def update_search(  # noqa: PLR0917 - the SDK's signature
        self,
        search_id: str,
        item_types: Iterable[str],
        search_filter: dict[str, Any],
        name: str,
        enable_email: bool = False,
        geometry: Any = None,
    ) -> dict[str, Any]:
        """Replace a saved search, arguments as `create_search` has them; what is not given is not kept."""
        body = self._saved(item_types, search_filter, name, enable_email=enable_email, geometry=geometry)
        found: dict[str, Any] = self.json("PUT", _search(search_id), json=body)
        return found

    def _saved(
        self,
        item_types: Iterable[str],
        search_filter: Mapping[str, Any],
        name: str,
        *,
        enable_email: bool,
        geometry: Any,
    ) -> dict[str, Any]:
        body: dict[str, Any] = {
            "name": name,
            "filter": search_filter,
            "item_types": self._types.checked(item_types),
            "__daily_email_enabled": enable_email,
        }
        if geometry is not None:
            body["geometry"] = as_geom_or_ref(geometry)
        return body

    def list_searches(
        self, sort: str = "created desc", search_type: str = "any", limit: int = 100
    ) -> Iterator[dict[str, Any]]:
        """Go through the account's searches.

        Args:
            sort: ``"created desc"`` or ``"created asc"``.
            search_type: ``"any"``, ``"saved"`` or ``"quick"``.
            limit: Most searches; 0 for all.

        Raises:
            ClientError: The sort or the type is none of these.
        """
        params = _listing(_choice(sort, LIST_SORT, "sort"), LIST_SORT, limit)
        if _choice(search_type, SEARCH_TYPES, "search_type") != SEARCH_TYPES[0]:
            params["search_type"] = search_type
        yield from self.pages("GET", "searches", key="searches", limit=limit, params=params)

    def get_search(self, search_id: str) -> dict[str, Any]:
        """Give a saved search."""
        found: dict[str, Any] = self.json("GET", _search(search_id))
        return found

    def delete_search(self, search_id: str) -> None:
        """Delete a saved search."""
        self.call("DELETE", _search(search_id))

    def run_search(self, search_id: str, sort: str | None = None, limit: int = 100) -> Iterator[dict[str, Any]]:
        """Go through the items that a saved search finds now.

        Args:
            search_id: A UUID, hyphenated or not.
            sort: One of `SEARCH_SORT`.
            limit: Most items; 0 for all.

        Raises:
            ClientError: The id is no UUID, or the sort is none; nothing was sent.
        """
        order = _choice(sort or SEARCH_SORT[0], SEARCH_SORT, "sort")
        try:
            uuid.UUID(hex=search_id)
        except (ValueError, AttributeError, TypeError) as err:
            raise ClientError(
                f"search id {search_id!r} is no UUID", hint="take it from list_searches() or create_search()"
            ) from err
        params = _listing(order, SEARCH_SORT, limit)
        yield from self.pages("GET", f"{_search(search_id)}/results", key="features", limit=limit, params=params)

    def get_stats(self, item_types: Iterable[str], search_filter: dict[str, Any], interval: str) -> dict[str, Any]:
        """Count items by time.

        Args:
            item_types: Of at least one.
            search_filter: From `swath_planet.data_filter`.
            interval: ``hour``, ``day``, ``week``, ``month`` or ``year``, in either case.

        Raises:
            ClientError: The interval is none of these.
        """
        width = _choice(str(interval).lower(), INTERVALS, "interval")
        return self._stats(self._types.checked(item_types), search_filter, width)

    def _stats(self, item_types: Sequence[str], search_filter: Mapping[str, Any], interval: str) -> dict[str, Any]:
        body = {"interval": interval, "filter": search_filter, "item_types": list(item_types)}
        found: dict[str, Any] = self.json("POST", "stats", json=body, operation=Operation.READ)
        return found

    # --- items -------------------------------------------------------------------------------------------------------

    def _item(self, item_type_id: str, item_id: str, *more: str) -> str:
        item_type = segment(self._types.spelled(item_type_id), "item type")
        return "/".join(["item-types", item_type, "items", segment(item_id, "item"), *more])

    def get_item(self, item_type_id: str, item_id: str) -> dict[str, Any]:
        """Give one item."""
        found: dict[str, Any] = self.json("GET", self._item(item_type_id, item_id))
        return found

    def get_item_coverage(
        self, item_type_id: str, item_id: str, geometry: Any, mode: str | None = None, band: str | None = None
    ) -> dict[str, Any]:
        """Say how much of an area an item shows clearly.

        Args:
            item_type_id: Item type.
            item_id: Item.
            geometry: GeoJSON, or a reference to a feature.
            mode: ``"UDM2"`` or ``"estimate"``.
            band: Of the usable data mask, for example ``"cloud"``.

        Returns:
            Percentages, ``{"clear_percent": 95, "status": "complete"}``; with status ``activating`` ask again later.
        """
        found: dict[str, Any] = self.json(
            "POST",
            self._item(item_type_id, item_id, "coverage"),
            params={"mode": mode, "band": band},
            json={"geometry": as_geom_or_ref(geometry)},
            operation=Operation.READ,
        )
        return found

    def list_item_assets(self, item_type_id: str, item_id: str) -> dict[str, Any]:
        """Give the assets of an item, by asset type."""
        found: dict[str, Any] = self.json("GET", self._item(item_type_id, item_id, "assets"))
        return found

    def get_asset(self, item_type_id: str, item_id: str, asset_type_id: str) -> dict[str, Any]:
        """Give one asset of an item.

        Raises:
            ClientError: The item type is none, or the item has no such asset.
        """
        (item_type,) = self._types.checked([item_type_id])
        assets = self.list_item_assets(item_type, item_id)
        try:
            found: dict[str, Any] = assets[asset_type_id]
        except KeyError as err:
            raise ClientError(
                f"item {item_id!r} has no asset {asset_type_id!r}",
                hint=f"it has {', '.join(sorted(assets)) or 'none'}",
                details={"valid": sorted(assets)},
            ) from err
        return found

    # --- for the hooks -----------------------------------------------------------------------------------------------

    def first_page(
        self,
        item_types: Sequence[str],
        filter_: Mapping[str, Any],
        *,
        sort: str | None = None,
        page_size: int = MAX_PAGE_SIZE,
    ) -> SearchPage:
        """Begin a quick search.

        Args:
            item_types: As Planet spells them.
            filter_: In Planet's filter grammar.
            sort: One of `SEARCH_SORT`; None for Planet's own.
            page_size: 1 to 250.
        """
        params = {"_page_size": str(max(1, min(page_size, MAX_PAGE_SIZE)))} | ({"_sort": sort} if sort else {})
        body = {"item_types": list(item_types), "filter": filter_}
        answer = self.json("POST", "quick-search", params=params, json=body, operation=Operation.READ)
        return read(answer, SearchPage, "page of items")

    def page_at(self, link: str) -> SearchPage:
        """Give a further page of a search."""
        return read(self.json("GET", link), SearchPage, "page of items")

    def count(self, item_types: Sequence[str], filter_: Mapping[str, Any]) -> int:
        """Count what a filter finds, from the histogram over the years."""
        stats = read(self._stats(item_types, filter_, "year"), Stats, "histogram")
        return sum(bucket.count for bucket in stats.buckets)


def _listing(sort: str, sorts: Sequence[str], limit: int | None) -> dict[str, str]:
    """Give the parameters of a list: its order unless it is the usual one, and no larger pages than are wanted."""
    params = {} if sort == sorts[0] else {"_sort": sort}
    if limit and 0 < limit < MAX_PAGE_SIZE:
        params["_page_size"] = str(limit)
    return params

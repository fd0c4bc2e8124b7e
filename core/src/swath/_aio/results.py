# SPDX-License-Identifier: Apache-2.0
"""`ItemSearch` and `FederatedSearch`, awaited."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Mapping
from typing import TYPE_CHECKING

from swath._aio.bridge import Bridge
from swath._aio.face import Held
from swath._federation.searching import FederatedSearch
from swath._results import ItemSearch
from swath.models import Contribution

if TYPE_CHECKING:
    import pystac

__all__ = ["AsyncFederatedSearch", "AsyncItemSearch"]


class AsyncItemSearch(
    Held,
    over=ItemSearch,
    calls=[
        "explain",
        "explore",
        "get_parameters",
        "item_collection",
        "item_collection_as_dict",
        "matched",
        "save",
        "to_arrow",
        "to_geodataframe",
    ],
    streams=["items", "items_as_dicts", "pages", "pages_as_dicts"],
):
    """What a search gives, awaited; it runs when its results are asked for."""

    def __aiter__(self) -> AsyncIterator[pystac.Item]:
        found: AsyncIterator[pystac.Item] = self.items()
        return found


class AsyncFederatedSearch(AsyncItemSearch, over=FederatedSearch, calls=["explain"], streams=["scenes"]):
    """What a search over several providers gives, awaited.

    Args:
        make: Begins the search. It may have to ask which provider has which collection, so a thread calls it, once.
        bridge: Runs it.
    """

    def __init__(self, make: Callable[[], FederatedSearch], bridge: Bridge) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: FederatedSearch | None = None
        self._threads = bridge

    def __repr__(self) -> str:
        return "<FederatedSearch: not run yet>" if self._made is None else repr(self._made)

    @property
    def contributions(self) -> Mapping[str, Contribution]:
        """How each provider has taken part until now, by name; none before it has begun."""
        return {} if self._made is None else self._made.contributions

    def _below(self) -> FederatedSearch:
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made

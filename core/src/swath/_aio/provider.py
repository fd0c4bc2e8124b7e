# SPDX-License-Identifier: Apache-2.0
"""`Provider` and `ItemSearch`, awaited."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Self

from swath._aio.bridge import Bridge
from swath._aio.face import Face
from swath._provider import Provider
from swath._results import ItemSearch
from swath.models import ProviderInfo

if TYPE_CHECKING:
    import pystac

__all__ = ["AsyncItemSearch", "AsyncProvider"]


class AsyncItemSearch(
    Face,
    over=ItemSearch,
    calls=[
        "explain",
        "explore",
        "item_collection",
        "item_collection_as_dict",
        "matched",
        "save",
        "to_arrow",
        "to_geodataframe",
    ],
    streams=["items", "items_as_dicts", "pages", "pages_as_dicts"],
):
    """What a search gives, awaited; it runs when its results are asked for.

    Args:
        search: The search.
        bridge: Runs it.
    """

    def __init__(self, search: ItemSearch, bridge: Bridge) -> None:
        self._search = search
        self._threads = bridge

    def __repr__(self) -> str:
        return repr(self._search)

    def __aiter__(self) -> AsyncIterator[pystac.Item]:
        found: AsyncIterator[pystac.Item] = self.items()
        return found

    def _bridge(self) -> Bridge:
        return self._threads

    def _below(self) -> ItemSearch:
        return self._search


class AsyncProvider(
    Face,
    over=Provider,
    calls=[
        "approve",
        "authenticate",
        "cancel",
        "download",
        "get_collection",
        "load",
        "opportunities",
        "order",
        "orders",
        "queryables",
        "quote",
        "receive",
        "reconcile",
        "resume",
        "sign_out",
        "subscribe",
        "task",
        "wait",
    ],
    streams=["get_collections"],
):
    """One provider, opened for one account, for coroutines. Made by `swath.aio.open`.

    The words are those of `swath.Provider`. It belongs to no event loop, and closes as an asynchronous context manager.

    Args:
        provider: The opened provider. It may be used as before, side by side.
    """

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._threads = Bridge()

    def __repr__(self) -> str:
        return f"<swath.aio.Provider {self.name!r}, profile {self.profile!r}>"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self._provider,))

    @property
    def name(self) -> str:
        """The provider's name."""
        return self._provider.name

    @property
    def info(self) -> ProviderInfo:
        """What the provider says of itself."""
        return self._provider.info

    @property
    def profile(self) -> str:
        """Which of several accounts this is."""
        return self._provider.profile

    def supports(self, step: str) -> bool:
        """Whether the provider offers a step, as `swath.Provider.supports` says."""
        return self._provider.supports(step)

    @functools.wraps(Provider.search)
    def search(self, **query: Any) -> AsyncItemSearch:
        return AsyncItemSearch(self._provider.search(**query), self._threads)

    async def aclose(self) -> None:
        """Cancel what runs here, and close the connections. What was ordered goes on at the provider."""
        await self._threads.aclose()
        self._provider.close()

    def _bridge(self) -> Bridge:
        return self._threads

    def _below(self) -> Provider:
        return self._provider

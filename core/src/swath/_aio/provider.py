# SPDX-License-Identifier: Apache-2.0
"""`Provider`, awaited."""

from __future__ import annotations

import functools
from typing import Any

from swath._aio.opened import Opened
from swath._aio.results import AsyncItemSearch
from swath._provider import Provider
from swath.models import ProviderInfo

__all__ = ["AsyncProvider"]


class AsyncProvider(
    Opened,
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

    The words are those of `swath.Provider`.
    """

    def __repr__(self) -> str:
        return f"<swath.aio.Provider {self.name!r}, profile {self.profile!r}>"

    @property
    def name(self) -> str:
        """The provider's name."""
        return str(self._opened.name)

    @property
    def info(self) -> ProviderInfo:
        """What the provider says of itself."""
        return self._opened.info  # type: ignore[no-any-return]

    @property
    def profile(self) -> str:
        """Which of several accounts this is."""
        return str(self._opened.profile)

    def supports(self, step: str) -> bool:
        """Whether the provider offers a step, as `swath.Provider.supports` says."""
        return bool(self._opened.supports(step))

    @functools.wraps(Provider.search)
    def search(self, **query: Any) -> AsyncItemSearch:
        return AsyncItemSearch(self._opened.search(**query), self._threads)

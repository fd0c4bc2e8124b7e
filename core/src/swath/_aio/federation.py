# SPDX-License-Identifier: Apache-2.0
"""`Federation`, awaited."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any

from swath._aio.opened import Opened
from swath._aio.provider import AsyncProvider
from swath._aio.results import AsyncFederatedSearch
from swath._federation import Federation
from swath.errors import SwathError

__all__ = ["AsyncFederation"]


class AsyncFederation(
    Opened,
    over=Federation,
    calls=[
        "cancel",
        "download",
        "get_collection",
        "load",
        "order",
        "orders",
        "queryables",
        "quote",
        "resume",
        "wait",
    ],
    streams=["get_collections"],
):
    """Several providers, opened for one account each, for coroutines. Made by `swath.aio.open` with several names.

    The words are those of `swath.Federation`.
    """

    def __repr__(self) -> str:
        return f"<swath.aio.Federation of {', '.join(self.names)}>"

    def __getitem__(self, name: str) -> AsyncProvider:
        return AsyncProvider(self._opened[name], self._threads)

    def __iter__(self) -> Iterator[AsyncProvider]:
        return (self[name] for name in self.names)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the providers that are open."""
        return self._opened.names  # type: ignore[no-any-return]

    @property
    def failed(self) -> Mapping[str, SwathError]:
        """What could not be opened, and why."""
        return self._opened.failed  # type: ignore[no-any-return]

    @functools.wraps(Federation.search)
    def search(self, **query: Any) -> AsyncFederatedSearch:
        return AsyncFederatedSearch(functools.partial(self._opened.search, **query), self._threads)

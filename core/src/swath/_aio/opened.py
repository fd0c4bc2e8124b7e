# SPDX-License-Identifier: Apache-2.0
"""What an opened provider and several have in common, awaited."""

from __future__ import annotations

import functools
from collections.abc import Generator
from typing import Any, Self

from swath._aio.bridge import Bridge
from swath._aio.collections import AsyncCollectionSearch
from swath._aio.face import Face
from swath._clientlike import Clientlike

__all__ = ["Opened"]


class Opened(
    Face,
    over=Clientlike,
    calls=["get_merged_queryables", "get_queryables"],
    streams=["get_items"],
):
    """What was opened, for coroutines: it belongs to no event loop, and closes as an asynchronous context manager.

    ``await`` gives itself: nothing is sent by opening.

    Args:
        opened: It may be used as before, side by side.
        bridge: Runs the work; one of its own if None.
    """

    def __init__(self, opened: Any, bridge: Bridge | None = None) -> None:
        self._opened = opened
        self._threads = bridge or Bridge()

    def __await__(self) -> Generator[Any, None, Self]:
        yield from ()
        return self

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self._opened,))

    @property
    def id(self) -> str:
        """Its name, or all names in one, as pystac-client has an id."""
        return str(self._opened.id)

    @property
    def title(self) -> str:
        """Its name as people write it."""
        return str(self._opened.title)

    @property
    def description(self) -> str:
        """What it says of itself."""
        return str(self._opened.description)

    @functools.wraps(Clientlike.collection_search)
    def collection_search(self, **query: Any) -> AsyncCollectionSearch:
        return AsyncCollectionSearch(self._opened.collection_search(**query), self._threads)

    @functools.wraps(Clientlike.conforms_to)
    def conforms_to(self, conformance_class: Any) -> bool:
        return bool(self._opened.conforms_to(conformance_class))

    @functools.wraps(Clientlike.get_conforms_to)
    def get_conforms_to(self) -> list[str]:
        return list(self._opened.get_conforms_to())

    @functools.wraps(Clientlike.has_conforms_to)
    def has_conforms_to(self) -> bool:
        return bool(self._opened.has_conforms_to())

    async def aclose(self) -> None:
        """Cancel what runs here, and close the connections. What was ordered goes on at the provider."""
        await self._threads.aclose()
        self._opened.close()

    def _bridge(self) -> Bridge:
        return self._threads

    def _below(self) -> Any:
        return self._opened

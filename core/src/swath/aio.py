# SPDX-License-Identifier: Apache-2.0
"""The same words, awaited: `open` a provider for coroutines.

Example::

    async with swath.aio.open("planet") as provider:
        search = provider.search(collections=["PSScene"], max_items=5)
        async for item in search.items():
            print(item.id)
        order = await provider.wait(await provider.order(search))

The work runs on threads. Cancelling a task ends its work: waits wake at once, transfers end between chunks, and the
task goes on only when the work has ended. Nothing belongs to an event loop, so one object serves several, one after
another.

A plugin makes an awaitable face of its native client by a class statement and a list of names::

    class OrdersClient(Face, over=Orders, calls=["get_order", "wait"], streams=["list_orders"]): ...
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from swath._aio.bridge import Bridge
from swath._aio.face import Face
from swath._aio.stream import Stream

if TYPE_CHECKING:
    from swath._aio.provider import AsyncItemSearch, AsyncProvider

__all__ = ["Bridge", "Face", "Stream", "open", "search"]


def open(*names: str, profile: str | None = None, **given: Any) -> AsyncProvider:  # noqa: A001 (swath.aio.open)
    """Open a provider for one account. Nothing is sent and nothing is written.

    Args:
        *names: The provider's name, as ``swath providers`` lists it.
        profile: Which of several accounts.
        **given: Credentials and settings; see `swath.open`.

    Returns:
        The provider; close it, or use it in an ``async with`` block.

    Raises:
        ProviderNotFound: See `swath.open` for this and its siblings.
    """
    from swath._aio.provider import AsyncProvider
    from swath._open import open_provider

    return AsyncProvider(open_provider(*names, profile=profile, **given))


def search(provider: str, **query: Any) -> AsyncItemSearch:
    """Open a provider and search it: ``swath.aio.search("planet", collections=["PSScene"], max_items=5)``.

    Args:
        provider: The provider's name.
        **query: As in `swath.Provider.search`.
    """
    return open(provider).search(**query)

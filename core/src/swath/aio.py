# SPDX-License-Identifier: Apache-2.0
"""The same words, awaited: `open` a provider for coroutines.

Example::

    async with swath.aio.open("planet") as provider:
        search = provider.search(collections=["PSScene"], max_items=5)
        async for item in search.items():
            print(item.id)
        order = await provider.wait(await provider.order(search))

    async with swath.aio.open("planet", "sedas") as both:
        found = await both.search(datetime="2026-06", max_items=5).item_collection()

The work runs on threads. Cancelling a task ends its work: waits wake at once, transfers end between chunks, and the
task goes on only when the work has ended. Nothing belongs to an event loop, so one object serves several, one after
another.

A plugin makes an awaitable face of its native client by a class statement and a list of names::

    class OrdersClient(Face, over=Orders, calls=["get_order", "wait"], streams=["list_orders"]): ...
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from swath._aio.bridge import Bridge
from swath._aio.face import Face
from swath._aio.stream import Stream

if TYPE_CHECKING:
    from swath._aio.federation import AsyncFederation
    from swath._aio.provider import AsyncProvider
    from swath._aio.results import AsyncItemSearch
    from swath._federation import Federation
    from swath._provider import Provider
    from swath._registry import PluginEntry
    from swath._transfer.verify import VerifyReport
    from swath.progress import Event

__all__ = ["Bridge", "Face", "Stream", "open", "providers", "read_items", "search", "verify"]


@overload
def open(name: str, /, *, profile: str | None = None, **given: Any) -> AsyncProvider: ...  # noqa: A001 (swath.aio.open)


@overload
def open(  # noqa: A001
    name: str, second: str, /, *more: str, profile: str | None = None, modifier: Callable[[Any], Any] | None = None
) -> AsyncFederation: ...


def open(*names: str, profile: str | None = None, **given: Any) -> AsyncProvider | AsyncFederation:  # noqa: A001
    """Open a provider for one account, or several at once. Nothing is sent and nothing is written.

    Args:
        *names: The provider's name, as ``swath providers`` lists it; of several, the same words work over all.
        profile: Which of several accounts.
        **given: Credentials, settings and `modifier`; see `swath.open`.

    Returns:
        The provider, or of several names a federation; it may be awaited. Close it, or use it in an ``async with``.

    Raises:
        ProviderNotFound: See `swath.open` for this and its siblings.
    """
    from swath._aio.federation import AsyncFederation
    from swath._aio.provider import AsyncProvider
    from swath._federation import Federation
    from swath._open import open_provider

    opened: Provider | Federation = open_provider(*names, profile=profile, **given)
    return AsyncFederation(opened) if isinstance(opened, Federation) else AsyncProvider(opened)


def providers() -> tuple[PluginEntry, ...]:
    """List the installed providers, without importing any of them; it asks nobody, and is not awaited."""
    from swath._open import providers as listed

    return listed()


async def read_items(what: Any) -> AsyncItemSearch:
    """Give the results of an earlier search, as `swath.read_items` does.

    Args:
        what: The path of what was saved, or what holds items.
    """
    from swath._aio.results import AsyncItemSearch
    from swath._saved import read_items as read

    bridge = Bridge()
    return AsyncItemSearch(await bridge.run(read, what), bridge)


async def verify(
    path: str | Path, *, progress: Callable[[Event], None] | None = None, workers: int = 4
) -> VerifyReport:
    """Check every file that the receipts in a folder speak of, as `swath.verify` does, on threads.

    Args:
        path: The folder that was downloaded to.
        progress: Told of each file, in the event loop's thread.
        workers: Files hashed at once, > 0.
    """
    from swath._aio.bridge import in_loop
    from swath._transfer.verify import verify_dir

    bridge = Bridge()
    told = None if progress is None else in_loop(asyncio.get_running_loop(), progress)
    try:
        return await bridge.run(verify_dir, path, progress=told, workers=workers)
    finally:
        await bridge.aclose()


def search(provider: str, **query: Any) -> AsyncItemSearch:
    """Open a provider and search it: ``swath.aio.search("planet", collections=["PSScene"], max_items=5)``.

    Args:
        provider: The provider's name.
        **query: As in `swath.Provider.search`.
    """
    return open(provider).search(**query)

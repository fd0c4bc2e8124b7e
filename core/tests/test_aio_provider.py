# SPDX-License-Identifier: Apache-2.0
"""The same words, awaited: `swath.aio.open`."""

from __future__ import annotations

import asyncio
import datetime as dt
import inspect
import pickle
import threading

import httpx
import pytest

import swath
import swath.aio
from swath._aio.collections import AsyncCollectionSearch
from swath._aio.federation import AsyncFederation
from swath._aio.provider import AsyncProvider
from swath._aio.results import AsyncFederatedSearch, AsyncItemSearch
from swath._collections import CollectionSearch
from swath._federation import FederatedSearch, Federation
from swath._open import make_provider
from swath._provider import Provider
from swath._results import ItemSearch
from swath.errors import OrderFailed, ProviderNotFound, UnknownCollection
from swath.testing.clock import FakeClock

HERE = {"id", "title", "description", "collection_search", "conforms_to", "get_conforms_to", "has_conforms_to"}
"""What both faces have, and what asks nobody."""
BY_HAND = {
    **dict.fromkeys(HERE, "the same for one and several"),
    "close": "aclose: it waits until what ran has ended",
    "search": "gives an AsyncItemSearch",
    "supports": "asks nobody",
    "name": "asks nobody",
    "info": "asks nobody",
    "profile": "asks nobody",
}


def public(kind):
    return {name for name in dir(kind) if not name.startswith("_")}


@pytest.fixture
def provider(depot, tmp_path):
    """Open the depot over its service in memory, for coroutines."""
    from depot_plugin import Depot

    clock = FakeClock(dt.datetime(2026, 6, 1, tzinfo=dt.UTC))
    depot.now = clock.now
    return AsyncProvider(
        make_provider(
            "depot",
            profile="default",
            given={"api_key": "canary-depot-key-0001"},
            plugin=Depot(),
            clock=clock,
            transport=httpx.MockTransport(depot),
            home=tmp_path / "depot",
        )
    )


def test_every_public_word_of_a_provider_is_there():
    assert set(AsyncProvider._names) | BY_HAND.keys() == public(Provider)
    assert public(Provider) - public(AsyncProvider) == {"close"}


def test_every_public_word_of_a_search_is_there():
    assert set(AsyncItemSearch._names) == {name for name in public(ItemSearch) if callable(getattr(ItemSearch, name))}


def test_every_public_word_of_a_federation_is_there():
    by_hand = HERE | {"close", "search", "names", "failed"}
    assert set(AsyncFederation._names) | by_hand == public(Federation)
    assert public(Federation) - public(AsyncFederation) == {"close"}


def test_every_public_word_of_a_federated_search_is_there():
    assert set(AsyncFederatedSearch._names) | {"contributions"} == public(FederatedSearch)


def test_every_public_word_of_a_search_of_collections_is_there():
    assert set(AsyncCollectionSearch._names) == public(CollectionSearch)


def test_every_function_of_swath_is_there():
    functions = {name for name in swath.__all__ if inspect.isfunction(getattr(swath, name))}

    assert functions == {"open", "providers", "read_items", "search", "verify"}
    assert functions <= set(swath.aio.__all__)
    for name in functions - {"open"}:  # that one is typed for what each call gives
        assert (
            inspect.signature(getattr(swath.aio, name)).parameters == inspect.signature(getattr(swath, name)).parameters
        )


@pytest.mark.parametrize(
    ("mine", "theirs", "name"),
    [(AsyncProvider, Provider, name) for name in (*AsyncProvider._names, "search")]
    + [(AsyncItemSearch, ItemSearch, name) for name in AsyncItemSearch._names]
    + [(AsyncFederation, Federation, name) for name in (*AsyncFederation._names, "search", "collection_search")]
    + [(AsyncFederatedSearch, FederatedSearch, name) for name in AsyncFederatedSearch._names]
    + [(AsyncCollectionSearch, CollectionSearch, name) for name in AsyncCollectionSearch._names],
)
def test_words_keep_their_arguments_and_docstrings(mine, theirs, name):
    awaited, called = getattr(mine, name), getattr(theirs, name)

    assert inspect.signature(awaited) == inspect.signature(called)
    assert awaited.__doc__ == called.__doc__


def test_whole_life_cycle_awaited(provider, depot, tmp_path):
    heard = []

    async def main():
        async with provider:
            search = provider.search(max_items=3)
            ids = [item.id async for item in search]
            whole = await search.item_collection_as_dict()
            order = await provider.order(search)
            done = await provider.wait(
                order, progress=lambda event: heard.append((event.detail, threading.current_thread()))
            )
            local = await provider.download(done, tmp_path / "data")
            known = await provider.orders()
            return ids, whole, done, local, known

    ids, whole, done, local, known = asyncio.run(main())
    assert ids == [one["id"] for one in whole["features"]]
    assert [item.id for item in local] == ids
    assert [order.id for order in known] == [done.id]
    assert heard[-1] == ("succeeded", threading.current_thread())


def test_errors_are_those_of_swath(provider, depot):
    depot.script = ["broken"]

    async def main():
        async with provider:
            with pytest.raises(UnknownCollection):
                await provider.get_collection("nothing")
            with pytest.raises(OrderFailed):
                await provider.wait(await provider.order(depot.items[:1]))

    asyncio.run(main())


def test_sync_and_awaited_face_of_one_account_side_by_side(provider, depot):
    below = provider._opened
    order = below.order(depot.items[:1])

    assert asyncio.run(provider.wait(order)).id == order.id
    assert below.orders()[0].state.is_final
    asyncio.run(provider.aclose())


def test_collections_and_what_asks_nobody(provider):
    async def main():
        async with provider:
            return [one.id async for one in provider.get_collections()]

    assert asyncio.run(main())
    assert provider.name == "depot"
    assert provider.profile == "default"
    assert provider.info.name == "depot"
    assert provider.supports("load")
    assert repr(provider) == "<swath.aio.Provider 'depot', profile 'default'>"


def test_open_and_search_by_name(open_depot):
    async def main():
        found = await swath.aio.search("depot", max_items=2).item_collection_as_dict()
        async with swath.aio.open("depot") as provider:
            again = pickle.loads(pickle.dumps(provider))
            items = [item async for item in again.search(max_items=2).items_as_dicts()]
            await again.aclose()
        return found["features"], items

    found, items = asyncio.run(main())
    assert found == items
    with pytest.raises(ProviderNotFound):
        swath.aio.open("nobody")


def test_cancelled_wait_ends_and_the_order_is_not_lost(open_depot):
    open_depot.script = []

    async def main():
        async with swath.aio.open("depot") as provider:
            order = await provider.order(open_depot.items[:1])
            looked = asyncio.Event()
            task = asyncio.ensure_future(provider.wait(order, progress=lambda _: looked.set()))
            await looked.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            async with asyncio.timeout(30):
                while provider._threads._running:  # noqa: ASYNC110  it has no event to wait for
                    await asyncio.sleep(0.002)
            return order, await provider.orders()

    order, known = asyncio.run(main())
    assert [one.id for one in known] == [order.id]

# SPDX-License-Identifier: Apache-2.0
"""How users call swath, for the type checker only: nothing here runs."""

from collections.abc import Iterator
from typing import Any, assert_type

import pystac

import swath
from swath.errors import OrderTimeout
from swath.hookspecs import Context, Operation, hookimpl
from swath.models import DryRun, Explanation, Order, OrderState, Page, ProviderInfo, Query, Quote


def script() -> None:
    with swath.open("planet", profile="work", api_key="k") as provider:
        assert_type(provider, swath.Provider)
        search = provider.search(collections=["PSScene"], bbox=(0, 52, 1, 53), datetime="2026-01", max_items=5)
        assert_type(search.items(), Iterator[pystac.Item])
        assert_type(search.items_as_dicts(), Iterator[dict[str, Any]])
        assert_type(search.item_collection(), pystac.ItemCollection)
        assert_type(search.matched(), int | None)
        assert_type(search.explain(), Explanation)
        assert_type(provider.quote(search), Quote)
        try:
            order = provider.wait(provider.order(search, bundle="visual", clip=True, max_cost=3.5), timeout=60)
        except OrderTimeout as err:
            assert_type(err.details, dict[str, Any])
            return
        assert_type(order, Order)
        assert_type(provider.order(search, dry_run=True, bundle="visual"), DryRun)
        assert_type(order.state, OrderState)
        assert_type(provider.download(order, "data"), list[pystac.Item])


class ExampleProvider:
    """The smallest provider that the type checker accepts."""

    @hookimpl
    def describe(self) -> ProviderInfo:
        return ProviderInfo(name="example", title="Example", limits={"default": 5})

    @hookimpl
    def search(self, context: Context, query: Query) -> Iterator[Page]:
        answer = context.http.request("GET", "https://example.test/items", operation=Operation.READ)
        yield Page(items=answer.json()["features"], sorted=not query.sortby)

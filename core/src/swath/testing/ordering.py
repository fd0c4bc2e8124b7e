# SPDX-License-Identifier: Apache-2.0
"""Conformance: ordering buys at most once, under the cap, and loses nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from swath._provider import Provider
from swath.errors import (
    CostExceeded,
    InputError,
    NotFound,
    NotOrdered,
    OrderTimeout,
    OrderUncertain,
    ProviderError,
    SwathError,
)
from swath.models import ItemDict, OrderState
from swath.sandbox import Sandbox
from swath.testing.subject import Subject

__all__ = ["BaseOrder"]


class BaseOrder(Subject):
    """Orders, quotes, waiting and cancelling."""

    def test_order_is_accepted_and_comes_to_its_end(
        self, box: Sandbox, provider: Provider, wanted: list[ItemDict]
    ) -> None:
        order = provider.order(wanted, **self.order)

        assert order.id
        assert all(part.tag and part.id and part.created for part in order.leaves)
        assert self.ids(order.ordered) == self.ids(wanted)
        assert self.bought(box)

        done = provider.wait(order, timeout=3600)

        assert done.state is OrderState.SUCCEEDED
        assert self.ids(done.ordered) == self.ids(wanted)

    def test_p01_same_order_is_sent_once(
        self, box: Sandbox, opening: Callable[..., Provider], provider: Provider
    ) -> None:
        wanted = self._items(provider)
        first = provider.order(wanted, **self.order)
        sent = len(self.bought(box))

        again = provider.order(list(reversed(wanted)), **self.order)
        elsewhere = opening().order(wanted, **self.order)

        assert len(self.bought(box)) == sent
        assert {part.id for part in again.leaves} == {part.id for part in first.leaves}
        assert {part.id for part in elsewhere.leaves} == {part.id for part in first.leaves}

    def _items(self, provider: Provider) -> list[ItemDict]:
        query = {**(self.order_query or self.query), "max_items": 2}
        return list(provider.search(**query).items_as_dicts())

    @pytest.mark.parametrize(
        "trouble",
        [{"drop": "after"}, {"drop": "after", "reset": True}, {"status": 500}, {"status": 503}, {"drop": "before"}],
        ids=["reply cut", "reply reset", "500", "503", "cut before"],
    )
    def test_p01_lost_reply_is_never_sent_again(
        self, box: Sandbox, provider: Provider, wanted: list[ItemDict], trouble: dict[str, Any]
    ) -> None:
        method, path = self.buys
        one = wanted[:1]
        box.faults.add(provider=self.name, method=method, path=path, times=1, **trouble)

        uncertain: OrderUncertain | None = None
        try:
            order = provider.order(one, **self.order)
        except OrderUncertain as err:
            uncertain = err
        if uncertain is not None:
            was_made = trouble.get("drop") == "after"
            assert not (was_made and provider.info.tagged), "it was made, and its tag did not show it"
            assert uncertain.details["orders"]
            with pytest.raises(OrderUncertain):
                provider.order(one, **self.order)
        else:
            assert provider.info.tagged, "only a tag can have found it"
            assert provider.order(one, **self.order).id == order.id

        assert len(self.bought(box)) == 1

    def test_p01_proven_absence_allows_another_try(
        self, box: Sandbox, provider: Provider, wanted: list[ItemDict]
    ) -> None:
        if not provider.info.tagged:
            pytest.skip("without tags absence cannot be proven")
        method, path = self.buys
        box.faults.add(provider=self.name, method=method, path=path, times=1, drop="before")
        with pytest.raises(OrderUncertain):
            provider.order(wanted[:1], **self.order)
        box.clock.advance(600)

        order = provider.order(wanted[:1], **self.order)

        assert order.id
        assert len(self.bought(box)) == 2

    def test_p02_intent_is_in_the_ledger_before_anything_is_sent(
        self, box: Sandbox, provider: Provider, opening: Callable[..., Provider], wanted: list[ItemDict]
    ) -> None:
        method, path = self.buys
        box.faults.add(provider=self.name, method=method, path=path, times=1, drop="before")
        if provider.info.tagged:
            box.faults.add(provider=self.name, method="GET", path=path, times=None, status=500)

        with pytest.raises(OrderUncertain) as caught:
            provider.order(wanted[:1], **self.order)

        listed = opening().orders(states=[OrderState.UNCERTAIN])
        assert [order.tag for order in listed] == caught.value.details["orders"]
        assert self.ids(listed[0].items) == self.ids(wanted[:1])

    def test_refusal_is_typed_and_can_be_tried_again(
        self, box: Sandbox, provider: Provider, wanted: list[ItemDict]
    ) -> None:
        method, path = self.buys
        box.faults.add(
            provider=self.name, method=method, path=path, times=1, status=400, body={"message": "not like this"}
        )

        with pytest.raises((ProviderError, InputError), match="not like this"):
            provider.order(wanted[:1], **self.order)

        assert provider.order(wanted[:1], **self.order).id

    def test_p03_unknown_cost_is_not_zero(self, provider: Provider, wanted: list[ItemDict]) -> None:
        quote = provider.quote(wanted, **self.order)

        assert quote.amount is None or quote.amount >= 0
        if self.lacks("quote"):
            assert quote.amount is None
            assert quote.note

    def test_p03_cap_is_checked_before_anything_is_sent(
        self, box: Sandbox, provider: Provider, wanted: list[ItemDict]
    ) -> None:
        if provider.quote(wanted, **self.order).amount == 0:
            pytest.skip("its orders are free: any cap lets them pass")
        box.log.clear()

        with pytest.raises(CostExceeded):
            provider.order(wanted, max_cost=0, **self.order)

        assert self.bought(box) == []

    def test_p14_success_is_said_when_the_files_are_there_and_not_before(
        self, box: Sandbox, provider: Provider, wanted: list[ItemDict]
    ) -> None:
        hooks, context = provider._session.hooks, provider._session.context  # noqa: SLF001 (the hooks themselves)
        steps = [OrderState.ORDERED, OrderState.PENDING, OrderState.SHIPPING, OrderState.SUCCEEDED]
        seen = [provider.order(wanted[:1], **self.order)]
        pause_s = 0.2

        while not seen[-1].state.is_final and pause_s < 3600:
            box.clock.advance(pause_s)
            pause_s *= 1.15
            seen.append(hooks.wait(context, seen[-1]))

        assert seen[-1].state is OrderState.SUCCEEDED
        assert hooks.download(context, seen[-1])
        reached = [steps.index(one.state) for one in seen]
        assert reached == sorted(reached), "an order never goes back"

    def test_p14_timeout_keeps_the_order(
        self, provider: Provider, opening: Callable[..., Provider], wanted: list[ItemDict]
    ) -> None:
        order = provider.order(wanted[:1], **self.order)
        if order.state.is_final:
            pytest.fail("order_query must find items that take time")

        with pytest.raises(OrderTimeout, match=order.id):
            provider.wait(order, timeout=0)

        assert opening().wait(order.id, timeout=3600).state is OrderState.SUCCEEDED

    def test_p21_failed_look_does_not_end_the_wait(
        self, box: Sandbox, provider: Provider, wanted: list[ItemDict]
    ) -> None:
        order = provider.order(wanted[:1], **self.order)
        box.faults.add(provider=self.name, method="GET", status=503, times=3)

        assert provider.wait(order, timeout=3600).state is OrderState.SUCCEEDED

    def test_p15_nothing_orders_by_itself(
        self, box: Sandbox, provider: Provider, wanted: list[ItemDict], tmp_path: Any
    ) -> None:
        with pytest.raises(NotOrdered):
            provider.download(wanted, tmp_path / "data")

        assert self.bought(box) == []

    def test_unfinished_order_cannot_be_downloaded(
        self, provider: Provider, wanted: list[ItemDict], tmp_path: Any
    ) -> None:
        order = provider.order(wanted[:1], **self.order)

        with pytest.raises(NotOrdered, match="wait first"):
            provider.download(order, tmp_path / "data")

    def test_unknown_order_is_not_found(self, provider: Provider) -> None:
        with pytest.raises(NotFound, match="no-such-order"):
            provider.wait("no-such-order")

    def test_items_of_another_provider_are_refused(
        self, box: Sandbox, provider: Provider, wanted: list[ItemDict]
    ) -> None:
        wanted[0]["properties"]["swath:provider"] = "somebody-else"

        with pytest.raises(InputError, match="somebody-else"):
            provider.order(wanted, **self.order)

        assert self.bought(box) == []

    def test_p61_unknown_option_gets_a_suggestion(self, provider: Provider, wanted: list[ItemDict]) -> None:
        with pytest.raises(InputError, match="bundle"):
            provider.order(wanted, bundel="x")

    @pytest.mark.parametrize("asked", ["clip", "bundle", "tools", "delivery"])
    def test_p13_what_an_order_asks_for_is_sent_or_refused(
        self, box: Sandbox, provider: Provider, wanted: list[ItemDict], asked: str
    ) -> None:
        """Nothing asked for may be dropped in silence: the request differs, or the call raises."""
        values: dict[str, Any] = {
            "clip": wanted[0]["geometry"],
            "bundle": "no-such-bundle",
            "tools": [{"no-such-tool": {}}],
            "delivery": {"no-such-place": {}},
        }
        provider.order(wanted[:1], **self.order)
        plain = self._sent(box)
        box.log.clear()

        try:
            provider.order(wanted[:1], **{**self.order, asked: values[asked]})
        except (InputError, ProviderError):
            return

        assert self._sent(box) != plain, f"{asked} changes nothing in the request"

    def _sent(self, box: Sandbox) -> list[str]:
        """Give what was sent to buy, without swath's tag."""
        return [
            re.sub(r"swath-[0-9a-f]{16}", "swath", f"{one.path} {one.query} {one.body}") for one in self.bought(box)
        ]

    def test_cancelling_is_done_or_refused_clearly(self, provider: Provider, wanted: list[ItemDict]) -> None:
        order = provider.order(wanted[:1], **self.order)

        try:
            ended = provider.cancel(order)
        except SwathError as err:
            assert err.step == "cancel"  # noqa: PT017 (either way is right; both are checked)
            can = provider.supports("cancel") and not self.lacks("cancel")
            assert not can or err.status_code == 409  # noqa: PT017
        else:
            assert not self.lacks("cancel")
            assert ended.state in {OrderState.CANCELED, OrderState.SHIPPING, OrderState.ORDERED}
            seen = provider._session.hooks.wait(provider._session.context, ended)  # noqa: SLF001 (the hook itself)
            assert seen.state is ended.state

    def test_list_of_orders_holds_ours(self, provider: Provider, wanted: list[ItemDict]) -> None:
        if not provider.supports("orders"):
            pytest.skip("the provider does not list orders")
        order = provider.order(wanted[:1], **self.order)

        listed = list(provider._session.hooks.orders(provider._session.context, None))  # noqa: SLF001 (the hook itself)

        assert order.id in {one.id for one in listed}
        if provider.info.tagged:
            assert order.tag in {one.tag for one in listed}

# SPDX-License-Identifier: Apache-2.0
"""Conformance: what is acquired to order is asked for once, and nothing is bought by waiting."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import pytest

from swath._provider import Provider
from swath.errors import ApprovalNeeded, CostExceeded, InputError, OrderUncertain, SwathError
from swath.models import Order, OrderState
from swath.sandbox import LoggedRequest, Sandbox
from swath.testing.subject import Subject

__all__ = ["BaseTask"]


class BaseTask(Subject):
    """Future acquisitions, where the provider has the hook `task`."""

    tasks: ClassVar[tuple[str, str]]
    """HTTP method and a regular expression for the path of the request that tasks."""
    approves: ClassVar[tuple[str, str]] = ("", "")
    """The same of the request that approves, where the provider has a review."""
    task_place: ClassVar[Mapping[str, Any]] = {"type": "Point", "coordinates": [5.5, 52.485]}
    """Geometry that can be tasked."""
    task: ClassVar[Mapping[str, Any]] = {}
    """Keywords of `Provider.task`."""
    task_days: ClassVar[float] = 10.0
    """Length of the window, from the sandbox's now."""

    @pytest.fixture(autouse=True)
    def _can_be_tasked(self, provider: Provider) -> None:
        if not provider.supports("task"):
            pytest.skip("the provider cannot be tasked")

    @pytest.fixture
    def asking(self, box: Sandbox) -> Callable[..., Order]:
        """Task for one and the same acquisition of this check; others have other windows."""
        start = box.clock.now() + dt.timedelta(hours=1)
        box.clock.advance(7.0)
        window = (start, start + dt.timedelta(days=self.task_days))

        def ask(provider: Provider, **more: Any) -> Order:
            made = provider.task(self.task_place, window, **{**self.task, **more})
            assert isinstance(made, Order)
            return made

        return ask

    def asked(self, box: Sandbox) -> list[LoggedRequest]:
        """Give the requests that tasked."""
        method, path = self.tasks
        return box.log.entries(provider=self.name, method=method, path=path)

    def approved(self, box: Sandbox) -> list[LoggedRequest]:
        """Give the requests that approved."""
        method, path = self.approves
        return box.log.entries(provider=self.name, method=method, path=path) if method else []

    def _reviews(self, provider: Provider) -> bool:
        return "task" in provider.info.reviews

    def test_p01_same_task_is_sent_once(
        self, box: Sandbox, provider: Provider, opening: Callable[..., Provider], asking: Callable[..., Order]
    ) -> None:
        first, again, elsewhere = asking(provider), asking(provider), asking(opening())

        assert first.kind == "task"
        assert first.id == again.id == elsewhere.id
        assert first.tag
        assert len(self.asked(box)) == 1

    @pytest.mark.parametrize(
        "trouble", [{"drop": "after"}, {"status": 500}, {"drop": "before"}], ids=["reply cut", "500", "cut before"]
    )
    def test_p01_task_whose_reply_was_lost_is_found_or_uncertain(
        self, box: Sandbox, provider: Provider, asking: Callable[..., Order], trouble: dict[str, Any]
    ) -> None:
        method, path = self.tasks
        box.faults.add(provider=self.name, method=method, path=path, times=1, **trouble)
        tagged = provider.info.tagged or "task" in provider.info.tagged_kinds

        try:
            order = asking(provider)
        except OrderUncertain:
            assert not (tagged and trouble.get("drop") == "after"), "it was made, and its tag did not show it"
            with pytest.raises(OrderUncertain):
                asking(provider)
        else:
            assert tagged, "only a tag can have found it"
            assert (order.kind, asking(provider).id) == ("task", order.id)

        assert len(self.asked(box)) == 1

    def test_p02_task_is_in_the_ledger_of_a_later_process(
        self, provider: Provider, opening: Callable[..., Provider], asking: Callable[..., Order]
    ) -> None:
        made = asking(provider)

        kept = {order.tag: order for order in opening().orders()}[made.tag]

        assert (kept.kind, kept.id) == ("task", made.id)
        assert kept.request == made.request

    def test_p15_waiting_approves_nothing(
        self, box: Sandbox, provider: Provider, asking: Callable[..., Order], tmp_path: Any
    ) -> None:
        if not self._reviews(provider):
            pytest.skip("the provider has no review")
        order = asking(provider)

        with pytest.raises(ApprovalNeeded) as caught:
            provider.wait(order, timeout=1_000_000)
        with pytest.raises(SwathError):
            provider.download(order, tmp_path / "data")

        assert order.id in caught.value.hint
        assert self.approves[0], "approves says which request buys"
        assert self.approved(box) == []

    def test_p03_price_above_the_cap_is_not_approved(
        self, box: Sandbox, provider: Provider, asking: Callable[..., Order]
    ) -> None:
        if not self._reviews(provider):
            pytest.skip("the provider has no review")
        with pytest.raises(CostExceeded):
            asking(provider, approve=True, max_cost=0)
        assert self.approved(box) == []

        order = provider.approve(asking(provider))

        assert not order.awaits_approval
        assert len(self.approved(box)) == 1
        with pytest.raises(InputError):
            provider.approve(order)

    def test_task_comes_to_its_end_and_gives_items(
        self, provider: Provider, asking: Callable[..., Order], tmp_path: Any
    ) -> None:
        order = asking(provider, approve=self._reviews(provider))

        done = provider.wait(order, timeout=30 * 86_400)
        local = provider.download(done, tmp_path / "data", progress=False)

        assert done.state is OrderState.SUCCEEDED
        assert self.ids(local) == self.ids(done.items) != []

    def test_task_is_cancelled_or_refused_clearly(self, provider: Provider, asking: Callable[..., Order]) -> None:
        try:
            ended = provider.cancel(asking(provider))
        except SwathError as err:
            assert err.step == "cancel"  # noqa: PT017 (either way is right; both are checked)
        else:
            assert ended.state is OrderState.CANCELED

    def test_p61_unknown_option_of_a_task_gets_a_suggestion(
        self, box: Sandbox, provider: Provider, asking: Callable[..., Order]
    ) -> None:
        with pytest.raises(InputError, match="filter"):
            asking(provider, filtre="x")

        assert self.asked(box) == []

    def test_p13_constraint_on_nothing_is_refused(
        self, box: Sandbox, provider: Provider, asking: Callable[..., Order]
    ) -> None:
        with pytest.raises(InputError):
            asking(provider, filter="\"no:such_property\" = 'x'")

        assert self.asked(box) == []

# SPDX-License-Identifier: Apache-2.0
"""Conformance: what the network does to a provider's requests costs nothing, loses nothing and fakes nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from swath._provider import Provider
from swath.errors import OrderUncertain, SwathError, Unavailable
from swath.models import ItemDict, Order, OrderState
from swath.sandbox import LoggedRequest, Sandbox
from swath.sandbox.runner import Running
from swath.testing.faulting_files import FileFaults
from swath.testing.proxied import files
from swath.testing.proxy import FaultProxy
from swath.testing.troubles import LOST, LYING, PASSING, RANDOM, cases

__all__ = ["BaseFaults"]

_MOST_RUNS = 40


class BaseFaults(FileFaults):
    """Every fault of `FaultProxy`, over search, order, wait and download."""

    # --- search -----------------------------------------------------------------------------------------------------

    @cases(PASSING)
    def test_p19_search_comes_through_what_passes(
        self, proxy: FaultProxy, proxied: Provider, items: list[ItemDict], trouble: dict[str, Any]
    ) -> None:
        proxy.add(path="" if trouble.get("cut") == "connect" else self.searches, **trouble)

        found = list(proxied.search(**self.query).items_as_dicts())

        assert proxy.log(done=True), "the rule met nothing"
        assert self.ids(found) == self.ids(items)

    @cases(LYING)
    @pytest.mark.parametrize("times", [1, None], ids=["once", "always"])
    def test_p08_search_is_right_or_an_error(
        self,
        proxy: FaultProxy,
        proxied: Provider,
        items: list[ItemDict],
        trouble: dict[str, Any],
        times: int | None,
    ) -> None:
        proxy.add(path=self.searches, **{"times": times, **trouble})

        try:
            found = list(proxied.search(**self.query).items_as_dicts())
        except SwathError as err:
            assert (err.provider, err.step) == (self.name, "search")  # noqa: PT017 (either way is right; both are checked)
        else:
            assert self.ids(found) == self.ids(items)
            assert times == 1, "an answer that was none was taken for one"
        assert proxy.log(done=True), "the rule met nothing"
        proxy.clear()
        assert self.ids(proxied.search(**self.query).items_as_dicts()) == self.ids(items)

    def test_p08_search_without_a_network_is_an_error(
        self, proxy: FaultProxy, proxied: Provider, items: list[ItemDict]
    ) -> None:
        with proxy.down(), pytest.raises(Unavailable):
            list(proxied.search(**self.query).items_as_dicts())

        assert self.ids(proxied.search(**self.query).items_as_dicts()) == self.ids(items)

    @pytest.mark.parametrize(
        "trouble",
        [{"double": True}, {"shuffle": True}, {"double": True, "shuffle": True}],
        ids=["doubled", "shuffled", "doubled and shuffled"],
    )
    def test_p10_hostile_pages_give_each_item_once_or_an_error(
        self, proxy: FaultProxy, proxied: Provider, items: list[ItemDict], trouble: dict[str, Any]
    ) -> None:
        proxy.add(path=self.searches, times=None, **trouble)

        try:
            found = list(proxied.search(**self.query, limit=2).items_as_dicts())
        except SwathError as err:
            assert (err.provider, err.step) == (self.name, "search")  # noqa: PT017
        else:
            assert self.ids(found) == self.ids(items)

    @pytest.mark.parametrize(
        "trouble", [{"repeat": True, "call": 2}, {"swap": True, "times": None}], ids=["stale page", "swapped"]
    )
    def test_p10_wrong_page_gives_no_item_twice_and_none_that_is_not_meant(
        self, proxy: FaultProxy, proxied: Provider, items: list[ItemDict], trouble: dict[str, Any]
    ) -> None:
        """What no client can notice is not asked for: what was only on a page that never came may be missing."""
        list(proxied.search(**self.query, limit=100).items_as_dicts())
        whole = len(proxy.log())
        list(proxied.search(**self.query, limit=2).items_as_dicts())
        is_paged = len(proxy.log()) > 2 * whole
        proxy.add(path=self.searches, **trouble)

        try:
            found = self.ids(proxied.search(**self.query, limit=2).items_as_dicts())
        except SwathError as err:
            assert (err.provider, err.step) == (self.name, "search")  # noqa: PT017
        else:
            assert len(set(found)) == len(found)
            assert set(found) <= set(self.ids(items))
            assert "repeat" not in trouble or not is_paged or found == self.ids(items)

    def test_p28_redirect_to_another_host_takes_no_secret_along(
        self, box: Sandbox, running: Running, proxy: FaultProxy, proxied: Provider, given: dict[str, str]
    ) -> None:
        with FaultProxy(running.base_url) as elsewhere:
            proxy.add(path=self.searches, redirect=elsewhere.base_url, times=None)

            try:
                list(proxied.search(**self.query).items_as_dicts())
            except SwathError as err:
                assert (err.provider, err.step) == (self.name, "search")  # noqa: PT017

            secrets = [given[one.name] for one in proxied.info.credentials if one.secret and one.name in given]
            for passage in elsewhere.log():
                assert passage.header("authorization") is None
                assert passage.header("cookie") is None
                assert not [value for _, value in passage.headers if any(one in value for one in secrets)]
        assert proxy.log(done=True)

    # --- order ------------------------------------------------------------------------------------------------------

    @cases(LOST)
    def test_p01_order_is_bought_at_most_once(
        self,
        box: Sandbox,
        proxy: FaultProxy,
        opening_proxied: Callable[[], Provider],
        chosen: list[ItemDict],
        trouble: dict[str, Any],
    ) -> None:
        method, path = self.buys
        matching: dict[str, Any] = {} if trouble.get("cut") == "connect" else {"method": method, "path": path}
        proxied = opening_proxied()
        proxied.authenticate()
        proxied.close()  # the order is what makes the next connection
        proxy.add(**matching, **trouble)

        order, error = None, None
        try:
            order = proxied.order(chosen[:1], **self.order)
        except SwathError as err:
            error = err
            assert (err.provider, err.step) == (self.name, "order")  # noqa: PT017
        assert proxy.log(done=True), "the rule met nothing"
        assert len(self._accepted(box)) <= 1
        proxy.clear()
        box.clock.advance(600)

        try:
            again = opening_proxied().order(chosen[:1], **self.order)
        except OrderUncertain:
            assert isinstance(error, OrderUncertain)
            assert not proxied.info.tagged, "its list of orders tells by the tag whether it was made"
        else:
            assert order is None or again.id == order.id
            assert opening_proxied().wait(again, timeout=3600).state is OrderState.SUCCEEDED
            assert len(self._accepted(box)) == 1
        assert len(self._accepted(box)) <= 1

    def _accepted(self, box: Sandbox) -> list[LoggedRequest]:
        """Give the purchases that the stand-in accepted."""
        return [one for one in self.bought(box) if one.status is None or one.status < 300]

    def test_p01_order_without_a_network_was_never_sent(
        self, box: Sandbox, proxy: FaultProxy, proxied: Provider, chosen: list[ItemDict]
    ) -> None:
        with proxy.down(), pytest.raises(Unavailable):
            proxied.order(chosen[:1], **self.order)

        assert self.bought(box) == []
        assert proxied.order(chosen[:1], **self.order).id
        assert len(self.bought(box)) == 1

    # --- wait -------------------------------------------------------------------------------------------------------

    @cases(PASSING)
    def test_p21_wait_goes_on_through_what_passes(
        self, proxy: FaultProxy, proxied: Provider, chosen: list[ItemDict], trouble: dict[str, Any]
    ) -> None:
        order = proxied.order(chosen[:1], **self.order)
        proxied.close()
        proxy.clear()
        proxy.add(**trouble)

        assert proxied.wait(order, timeout=3600).state is OrderState.SUCCEEDED
        assert proxy.log(done=True), "the rule met nothing"

    @cases(LYING)
    def test_p14_wait_is_right_or_an_error(
        self, box: Sandbox, proxy: FaultProxy, proxied: Provider, chosen: list[ItemDict], trouble: dict[str, Any]
    ) -> None:
        order = proxied.order(chosen[:1], **self.order)
        proxy.add(**trouble)

        try:
            done = proxied.wait(order, timeout=3600)
        except SwathError as err:
            assert (err.provider, err.step) == (self.name, "wait")  # noqa: PT017
        else:
            assert done.state is OrderState.SUCCEEDED
        assert proxy.log(done=True), "the rule met nothing"
        proxy.clear()
        assert proxied.wait(order.id, timeout=3600).state is OrderState.SUCCEEDED
        assert len(self.bought(box)) == 1

    # --- all of it --------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("seed", range(4))
    def test_p02_life_cycle_ends_right_however_often_it_breaks(  # noqa: PLR0917 (fixtures)
        self,
        box: Sandbox,
        opening_proxied: Callable[[], Provider],
        proxy: FaultProxy,
        chosen: list[ItemDict],
        tmp_path: Path,
        seed: int,
    ) -> None:
        """Under trouble at random, run after run goes on where the last one broke, and nothing is bought twice."""
        proxy.reseed(seed)
        for rule in RANDOM:
            proxy.add(times=None, **rule)

        order = None
        for _ in range(_MOST_RUNS):
            try:
                order = self._live(opening_proxied(), chosen[:1], tmp_path / "data")
                break
            except OrderUncertain:
                if not opening_proxied().info.tagged:
                    break  # it says so, and leaves it to the user
            except SwathError as err:
                assert err.provider == self.name  # noqa: PT017 (either way is right; both are checked)
            box.clock.advance(600)
        else:
            pytest.fail(f"not at its end after {_MOST_RUNS} runs")

        assert proxy.log(done=True), "no rule met anything"
        assert len(self._accepted(box)) <= 1
        proxy.reseed(seed)
        if order is not None:
            opening_proxied().download(order, tmp_path / "truth", progress=False)
            assert files(tmp_path / "data") == files(tmp_path / "truth")

    def _live(self, provider: Provider, wanted: list[ItemDict], target: Path) -> Order:
        """Order, wait and download."""
        try:
            order = provider.wait(provider.order(wanted, **self.order), timeout=3600)
            provider.download(order, target, progress=False)
        finally:
            provider.close()
        return order

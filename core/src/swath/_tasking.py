# SPDX-License-Identifier: Apache-2.0
"""Orders what does not exist yet: future acquisitions and standing orders, and lets them go ahead at their price."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import evolve

from swath._arguments import number
from swath._endings import judge
from swath._ledger import Ledger
from swath._orderbook import OrderBook
from swath._ordering import Buyer
from swath._purchase import Purchase
from swath._requests import subscribe_request, task_request
from swath._session import Session
from swath._step import step
from swath._waiting import wait_all
from swath.errors import InputError, NotSupported
from swath.models import DryRun, Interval, ItemDict, Order, Quote, SubscribeRequest, TaskRequest

__all__ = ["Tasking"]


class Tasking:
    """The part of `swath.Provider` that orders what does not exist yet."""

    _session: Session
    _ledger: Ledger
    _buyer: Buyer
    _book: OrderBook

    @step
    def opportunities(self, geometry: Any, datetime: Any, **task: Any) -> list[ItemDict]:
        """List when and how an area could be acquired, earliest first. Nothing is ordered.

        Args:
            geometry: As in `task`.
            datetime: As in `task`.
            **task: ``collection``, ``filter``, ``filter_lang`` and the provider's own keywords of `task`.

        Returns:
            GeoJSON Features, each with ``datetime`` as ``"start/end"`` in its properties.

        Raises:
            NotSupported: If the provider offers none.
        """
        self._require("opportunities")
        request = task_request(self._session.info, geometry, datetime, **task)
        return list(self._session.hooks.opportunities(self._session.context, request))

    @step
    def task(
        self,
        geometry: Any,
        datetime: Any,
        *,
        collection: str | None = None,
        filter: str | Mapping[str, Any] | None = None,  # noqa: A002 (STAC's name)
        filter_lang: str | None = None,
        name: str = "",
        approve: bool = False,
        max_cost: float | None = None,
        allow_unknown_cost: bool = False,
        again: bool = False,
        dry_run: bool = False,
        **options: Any,
    ) -> Order | DryRun:
        """Order a future acquisition, at most once.

        As with `order`, it is on disk before it is sent, and the same task that stands already is given instead of
        being sent twice. Where the provider names its price only then, nothing is bought before it is approved: by
        `approve` here, which waits for the price, or by `Provider.approve` later.

        Args:
            geometry: Point or area, in any form that `search` takes.
            datetime: When it may be acquired, ``"start/end"``.
            collection: What is tasked: a product or mode of the provider.
            filter: Constraints, CQL2 text or JSON over the collection's queryables, for example
                ``"view:off_nadir <= 30 AND sat:orbit_state = 'descending'"``.
            filter_lang: ``"cql2-text"`` or ``"cql2-json"``; told from `filter` if None.
            name: Your own name for it.
            approve: Wait for the provider's price and approve it, if it is within `max_cost` and the budget.
            max_cost: Refuse above this, in the quote's unit.
            allow_unknown_cost: Whether an unknown cost passes the cap.
            again: Task even if the same stands already.
            dry_run: Send and write nothing; give what would be sent instead.
            **options: Provider's own order parameters, see `ProviderInfo.task_options`.

        Returns:
            The order, of kind ``"task"``; see `wait`, `approve`, `cancel` and `download`.

        Raises:
            NotSupported: If the provider cannot be tasked.
            CostExceeded: Nothing was bought; a task that the provider has priced stands until it is cancelled.
            OrderUncertain: It was sent and its reply was lost. Call the same again: it is looked for, not repeated.
        """
        self._require("task")
        request = task_request(
            self._session.info,
            geometry,
            datetime,
            collection=collection,
            filter=filter,
            filter_lang=filter_lang,
            name=name,
            **options,
        )
        made = self._commission(request, max_cost, allow_unknown=allow_unknown_cost, again=again, dry_run=dry_run)
        if not approve or isinstance(made, DryRun) or not made.awaits_approval:
            return made
        return self._approve(made, max_cost, allow_unknown=allow_unknown_cost, timeout=None)

    @step
    def subscribe(
        self,
        *,
        collections: str | Iterable[str] | None = None,
        bbox: Sequence[float] | str | None = None,
        intersects: Any = None,
        datetime: Any = None,
        filter: str | Mapping[str, Any] | None = None,  # noqa: A002 (STAC's name)
        filter_lang: str | None = None,
        assets: Iterable[str] = (),
        bundle: str | Iterable[str] = (),
        tools: Iterable[Mapping[str, Any]] = (),
        delivery: Mapping[str, Any] | None = None,
        name: str = "",
        max_cost: float | None = None,
        allow_unknown_cost: bool = False,
        again: bool = False,
        dry_run: bool = False,
        **options: Any,
    ) -> Order | DryRun:
        """Place a standing order, at most once: what matches is delivered as it comes, or acquired again and again.

        Args:
            collections: As in `search`.
            bbox: As in `search`.
            intersects: As in `search`.
            datetime: From when to when; an open end goes on until it is cancelled.
            filter: As in `search`. What the provider cannot filter itself is refused: nobody could do it later.
            filter_lang: As in `search`.
            assets: As in `order`.
            bundle: As in `order`.
            tools: As in `order`.
            delivery: As in `order`.
            name: Your own name for it.
            max_cost: Refuse above this, in the quote's unit.
            allow_unknown_cost: Whether an unknown cost passes the cap.
            again: Subscribe even if the same stands already.
            dry_run: Send and write nothing; give what would be sent instead.
            **options: Provider's own keywords, see `ProviderInfo.subscribe_options`.

        Returns:
            The order, of kind ``"subscription"``; `download` fetches what has come, again and again.

        Raises:
            NotSupported: If the provider takes no standing orders.
            CostExceeded: Nothing was sent.
            OrderUncertain: As in `task`.
        """
        self._require("subscribe")
        request = subscribe_request(
            self._session.info,
            collections=collections,
            bbox=bbox,
            intersects=intersects,
            datetime=datetime,
            filter=filter,
            filter_lang=filter_lang,
            assets=assets,
            bundle=bundle,
            tools=tools,
            delivery=delivery,
            name=name,
            **options,
        )
        return self._commission(request, max_cost, allow_unknown=allow_unknown_cost, again=again, dry_run=dry_run)

    @step
    def approve(
        self,
        order: Any,
        *,
        max_cost: float | None = None,
        allow_unknown_cost: bool = False,
        timeout: float | None = None,
    ) -> Order:
        """Let a task go ahead at the provider's price. This buys.

        Args:
            order: What `task` gave, or an id.
            max_cost: Refuse above this, in the quote's unit.
            allow_unknown_cost: Whether an unknown cost passes the cap.
            timeout: Seconds to wait for the price; None for as long as it takes, 0 looks once.

        Returns:
            The order as the provider then has it.

        Raises:
            CostExceeded: The price is above the cap or the budget; nothing was bought, and the task still waits.
            InputError: If it does not wait for approval.
            OrderTimeout: The price has not come yet.
        """
        number("timeout", timeout)
        found = self._book.resolve(order)[0]
        if len(found) != 1:
            raise InputError(f"{len(found)} orders were given", hint="approve them one by one: each has its own price")
        self._require("approve")
        return self._approve(found[0], max_cost, allow_unknown=allow_unknown_cost, timeout=timeout)

    # --- how --------------------------------------------------------------------------------------------------------

    def _require(self, name: str) -> None:
        if not self._session.hooks.has(name):
            offered = ", ".join(sorted(self._session.hooks.own & {"order", "task", "subscribe"})) or "nothing"
            raise NotSupported(
                f"this provider offers no {name!r}; it takes: {offered}",
                provider=self._session.info.name,
                step=name,
            )

    def _commission(
        self,
        request: TaskRequest | SubscribeRequest,
        max_cost: float | None,
        *,
        allow_unknown: bool,
        again: bool,
        dry_run: bool,
    ) -> Order | DryRun:
        number("max_cost", max_cost)
        planned = self._buyer.plan(request, again=again)
        purchase = self._buyer.purchase(planned, allow_unknown=allow_unknown, dry=dry_run)
        if max_cost is not None:
            self._buyer.check_cost(purchase, max_cost=max_cost)
        if dry_run:
            return self._buyer.rehearse(planned, purchase)
        return self._buyer.buy(planned, purchase, again=again)[0]

    def _approve(self, order: Order, max_cost: float | None, *, allow_unknown: bool, timeout: float | None) -> Order:
        number("max_cost", max_cost)
        [priced] = wait_all(
            [self._buyer.settled(order)],
            look=self._buyer.look,
            clock=self._session.clock,
            timeout=timeout,
            poll_s=self._session.info.poll_s,
            until=lambda seen: not seen.awaits_approval or seen.quote is not None,
        )
        if priced.state.is_final:
            judge(priced, accept_partial=True)
        if not priced.awaits_approval:
            raise InputError(
                f"{priced.id or priced.tag} does not wait for approval: it is {priced.state.value!r}",
                provider=priced.provider,
                hint="see where it stands with: swath orders",
            )
        quote = priced.quote or Quote(note="the provider named no price")
        request = priced.request
        if request is None:  # taken up from the provider's list: its own words are all there is
            request = TaskRequest(geometry={}, datetime=Interval())
        purchase = Purchase([request], ledger=self._ledger, ask=lambda _: quote, allow_unknown=allow_unknown)
        if max_cost is not None:
            waits = f"nothing was bought, and {priced.id} waits for your approval"
            self._buyer.check_cost(purchase, max_cost=max_cost, ending=waits)
        with purchase.sending(priced, request):
            approved = self._session.hooks.approve(self._session.context, priced)
        return self._ledger.record(evolve(approved, tag=priced.tag), source="user", note="approved")

# SPDX-License-Identifier: Apache-2.0
"""Takes orders up again from wherever they were: lost replies, ended waits, downloads cut short."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from swath._comparison import Comparison, is_doubtful, own_entries
from swath._delivery import deliver
from swath._endings import judge, needs_approval, require_approved
from swath._ledger import Entry, Ledger
from swath._orderbook import OrderBook
from swath._ordering import Buyer
from swath._session import Session
from swath._step import step
from swath._waiting import wait_all
from swath.errors import ApprovalNeeded, OrderTimeout, OrderUncertain, SwathError
from swath.models import ItemDict, Order, OrderState, Reconciled, Resumed
from swath.progress import Event

__all__ = ["Recovering"]

_DELIVERED = frozenset({OrderState.SUCCEEDED, OrderState.PARTIAL})


class Recovering:
    """The part of `swath.Provider` that takes orders up again."""

    _session: Session
    _ledger: Ledger
    _buyer: Buyer
    _book: OrderBook

    @step
    def resume(
        self,
        order: Any = None,
        directory: str | Path | None = None,
        *,
        timeout: float | None = None,
        accept_partial: bool = False,
        workers: int = 8,
        progress: bool | Callable[[Event], None] | None = None,
    ) -> list[Resumed]:
        """Go on with orders from wherever they were. Nothing is ordered.

        An order whose reply was lost is looked for at the provider; one that is on its way is waited for; one whose
        download was cut short is fetched whole, into the folder where it had begun. One order's trouble does not stop
        the others.

        Args:
            order: An order, an id, or a list of these; None for all of this account that have not come to their end.
            directory: Where to put the files of orders that were not being downloaded yet; None leaves them.
            timeout: Seconds, >= 0, to wait in all; None for as long as it takes, 0 looks once.
            accept_partial: Whether part of an order is good enough to be fetched.
            workers: Files at once.
            progress: As in `Provider.wait`.

        Returns:
            How far each has come. What went wrong is in `Resumed.error`; nothing is raised for a single order.
        """
        from swath.progress import shown

        if order is None:
            chosen = _unfinished(self, has_folder=directory is not None)
        else:
            chosen = [self._ledger.get(one.tag) for one in self._book.resolve(order)[0]]
        with shown(progress) as show:
            run = _Resumption(
                self,
                directory=None if directory is None else Path(directory),
                timeout=timeout,
                accept_partial=accept_partial,
                workers=workers,
                show=show,
            )
            return run.run(chosen)

    @step
    def reconcile(
        self,
        *,
        since: dt.datetime | None = None,
        matches: Mapping[str, str] | None = None,
        absent: Iterable[str] = (),
    ) -> list[Reconciled]:
        """Compare the ledger with the provider's own list of orders. Nothing is sent and nothing is bought.

        Orders whose reply was lost are found by their tag, or proven absent. Orders of swath's that the ledger does not
        know, because it was lost or because they were made on another machine, are taken up, so that the same is not
        bought again. For a provider whose orders carry no tag, what may be the order is shown, and you say which it is.

        Args:
            since: How far back to read the list, aware; None for 30 days, or to the oldest order in doubt.
            matches: Your word on orders in doubt: the provider's id, by tag.
            absent: Your word that these orders, by tag, do not exist at the provider.

        Returns:
            What was found out, or could not be.

        Raises:
            NotFound: If the provider does not know an id in `matches`.
            InputError: If an order in `matches` or `absent` is not in doubt.
        """
        comparison = Comparison(self._session, self._ledger, self._buyer)
        made = [comparison.match(tag, native) for tag, native in (matches or {}).items()]
        made += [comparison.drop(tag) for tag in absent]
        settled = {one.order.tag for one in made}
        return made + [
            one
            for one in Comparison(self._session, self._ledger, self._buyer).run(since)
            if one.order.tag not in settled
        ]


# --- resuming --------------------------------------------------------------------------------------------------------


class _Resumption:
    """One run of `Recovering.resume`."""

    def __init__(
        self,
        owner: Recovering,
        *,
        directory: Path | None,
        timeout: float | None,
        accept_partial: bool,
        workers: int,
        show: Callable[[Event], None] | None,
    ) -> None:
        self._session = owner._session  # noqa: SLF001 - its own run
        self._ledger = owner._ledger  # noqa: SLF001 - its own run
        self._buyer = owner._buyer  # noqa: SLF001 - its own run
        self._directory = directory
        self._accept_partial = accept_partial
        self._workers = workers
        self._show = show
        self._timeout = timeout
        self._started_s = self._session.clock.monotonic()
        self._results: dict[str, Resumed] = {}

    def run(self, chosen: Sequence[Entry]) -> list[Resumed]:
        """Take all up, first those that can be settled at once."""
        young: list[Entry] = []
        ready: list[Order] = []
        for entry in chosen:
            settled = self._settle(entry)
            if settled is not None:
                ready.append(settled)
            elif self._unproven_s(entry) > 0:
                young.append(entry)
        self._finish(ready)
        if young:
            self._finish(self._settle_later(young))
        return [self._results[entry.order.tag] for entry in chosen]

    def _settle(self, entry: Entry) -> Order | None:
        """Give the order, once its reply is no longer in doubt; None, with a result noted, while it is."""
        tag = entry.order.tag
        try:
            order = entry.order if not is_doubtful(entry) else self._buyer.reconcile(entry)
        except SwathError as err:
            self._results[tag] = Resumed(order=self._now(tag), error=err)
            return None
        self._results.pop(tag, None)
        # None: it was never accepted, which the ledger now says.
        return order if order is not None else self._now(tag)

    def _unproven_s(self, entry: Entry) -> float:
        """Say in how many seconds the provider's list proves an order's absence; 0 where it never does."""
        if not isinstance(self._results[entry.order.tag].error, OrderUncertain):
            return 0.0
        return self._buyer.unproven_s(entry)

    def _settle_later(self, young: Sequence[Entry]) -> list[Order]:
        """Wait until the youngest is old enough for the provider's list to prove anything."""
        longest_s = max(map(self._unproven_s, young)) + 1.0
        left_s = self._left_s()
        if left_s is not None and left_s < longest_s:
            return []
        self._session.clock.sleep(longest_s)
        fresh = [self._ledger.get(entry.order.tag) for entry in young]
        return [order for order in map(self._settle, fresh) if order is not None]

    def _left_s(self) -> float | None:
        if self._timeout is None:
            return None
        return max(0.0, self._timeout - (self._session.clock.monotonic() - self._started_s))

    def _now(self, tag: str) -> Order:
        return self._ledger.get(tag).order

    def _finish(self, orders: Sequence[Order]) -> None:
        """Wait for orders, and fetch what they deliver. What stands for good is looked at once."""
        self._wait([order for order in orders if not order.state.is_final and order.kind != "subscription"])
        for order in orders:
            if not order.state.is_final and order.kind == "subscription":
                self._look(order)
        batches: dict[tuple[str, str], list[Entry]] = {}
        for order in orders:
            if order.tag in self._results:
                continue
            entry = self._ledger.get(order.tag)
            if entry.order.kind == "subscription" and not entry.order.state.is_final and entry.folder is None:
                note = "it goes on; fetch what has come with: swath download"
                self._results[order.tag] = Resumed(order=entry.order, note=f"{note} {order.id or order.tag}")
                continue
            try:
                # What was being fetched had been accepted as it is.
                if entry.order.kind != "subscription" or entry.order.state.is_final:
                    judge(entry.order, accept_partial=self._accept_partial or entry.folder is not None)
            except SwathError as err:
                self._results[order.tag] = Resumed(order=entry.order, error=err)
                continue
            result, folder = self._place(entry)
            if folder is None:
                self._results[order.tag] = result
            else:
                batches.setdefault((entry.group or order.tag, folder), []).append(entry)
        for (group, folder), members in batches.items():
            self._fetch(group, folder, members)

    def _wait(self, orders: Sequence[Order]) -> None:
        """Wait for all at once; note a result for each that does not come to its end."""
        if not orders:
            return
        try:
            wait_all(
                orders,
                look=self._buyer.look,
                clock=self._session.clock,
                timeout=self._left_s(),
                poll_s=self._session.info.poll_s,
                on_change=self._changed,
                until=needs_approval,
                unchanged=self._buyer.glance,
            )
            for order in orders:
                now = self._now(order.tag)
                try:
                    require_approved([now])
                except ApprovalNeeded as err:
                    self._results[order.tag] = Resumed(order=now, error=err)
        except SwathError as err:
            for order in orders:
                now = self._now(order.tag)
                if now.state.is_final:
                    continue
                if isinstance(err, OrderTimeout) or len(orders) == 1:
                    self._results[order.tag] = Resumed(order=now, error=err)
                else:
                    # It may be another one's trouble: each by itself.
                    self._wait([now])

    def _look(self, order: Order) -> None:
        """Look once; note a result if that fails."""
        try:
            self._changed(self._buyer.look(order))
        except SwathError as err:
            self._results[order.tag] = Resumed(order=self._now(order.tag), error=err)

    def _changed(self, order: Order) -> None:
        if self._show is not None:
            done = 1.0 if order.state.is_final else order.progress
            self._show(Event(kind="wait", label=order.id or order.tag, done=done, total=1.0, detail=order.state.value))

    def _place(self, entry: Entry) -> tuple[Resumed, str | None]:
        """Say where an order's files go; where nothing is to be fetched, the result instead."""
        order = entry.order
        if entry.folder is not None and not self._ledger.is_here(entry):
            if entry.received or self._directory is None:
                note = f"its files go to {entry.folder} on {entry.host}"
                return Resumed(order=order, note=note), None
        elif entry.received:
            return Resumed(order=order, folder=entry.folder), None
        elif entry.folder is not None:
            return Resumed(order=order), entry.folder
        if self._directory is None:
            return Resumed(order=order, note=f"fetch it with: swath download {order.id or order.tag}"), None
        return Resumed(order=order), str(self._directory.absolute())

    def _fetch(self, group: str, folder: str, members: Sequence[Entry]) -> None:
        """Fetch what was one batch as one batch again: so every file goes to the place that it had."""
        tags = {entry.order.tag for entry in members}
        beside = [
            entry
            for entry in self._ledger.group(group)
            if entry.folder == folder and entry.order.state in _DELIVERED and entry.order.tag not in tags
        ]
        together = sorted([*members, *beside], key=lambda entry: entry.claimed)
        items: Sequence[ItemDict] = ()
        error: SwathError | None = None
        try:
            items = deliver(
                self._session,
                self._ledger,
                [entry.order for entry in together],
                Path(folder),
                workers=self._workers,
                overwrite=False,
                progress=self._show,
                executor=None,
                collect=False,
            )
        except SwathError as err:
            error = err
        for entry in members:
            whole = self._ledger.get(entry.order.tag).received or (error is None and not entry.order.state.is_final)
            self._results[entry.order.tag] = Resumed(
                order=entry.order,
                folder=folder if whole else None,
                items=items,
                error=None if whole else error,
            )


def _unfinished(owner: Recovering, *, has_folder: bool) -> list[Entry]:
    """Give the orders that have something left to do; with a folder at hand also those that were not fetched yet."""
    return [
        entry
        for entry in own_entries(owner._session, owner._ledger)  # noqa: SLF001 - its other half
        if entry.is_open or (has_folder and not entry.received and _is_to_fetch(entry.order))
    ]


def _is_to_fetch(order: Order) -> bool:
    """Whether files wait for us: not where the provider itself was told to put them somewhere."""
    return order.state in _DELIVERED and getattr(order.request, "delivery", None) is None

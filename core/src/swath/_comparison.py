# SPDX-License-Identifier: Apache-2.0
"""Compares the ledger with a provider's own list of orders, and the user's word."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from attrs import evolve

from swath._ledger import Entry, Ledger
from swath._ordering import Buyer
from swath._session import Session
from swath.errors import InputError, OrderUncertain
from swath.models import Order, OrderState, Outcome, Reconciled

__all__ = ["Comparison", "is_doubtful", "own_entries"]

_LISTED_FOR = dt.timedelta(days=30)
"""How far back the provider's list is read where the user does not say."""
_CANDIDATE_FROM = dt.timedelta(minutes=15)
_CANDIDATE_TO = dt.timedelta(hours=1)
"""When an order whose reply was lost may have been made, by the provider's clock, before and after ours."""


def own_entries(session: Session, ledger: Ledger) -> list[Entry]:
    """Give the orders of this account, oldest first."""
    context = session.context
    entries = ledger.entries(provider=context.provider)
    return [entry for entry in reversed(entries) if entry.account in {context.account, ""}]


def is_doubtful(entry: Entry) -> bool:
    """Whether it is not known if the provider has an order."""
    return entry.intent or entry.order.state is OrderState.UNCERTAIN


class Comparison:
    """The ledger beside the provider's list of orders, for one account.

    Args:
        session: The opened account.
        ledger: Where orders are kept.
        buyer: Judges orders whose reply was lost.
    """

    def __init__(self, session: Session, ledger: Ledger, buyer: Buyer) -> None:
        self._session = session
        self._ledger = ledger
        self._buyer = buyer
        self._told: set[str] = set()
        """Tags of what the user has given a word on."""

    def doubted(self, tag: str) -> Entry:
        """Give the order in doubt that the user speaks of."""
        entry = self._ledger.get(tag)
        self._told.add(entry.order.tag)
        if not is_doubtful(entry):
            raise InputError(
                f"order {tag!r} is not in doubt: it is {entry.order.state.value!r}",
                hint="see which are with: swath orders --state uncertain",
            )
        return entry

    def match(self, tag: str, native: str) -> Reconciled:
        """Take the user's word for which order it is, and look at it."""
        entry = self.doubted(tag)
        known = [one.order.tag for one in self._ledger.entries() if one.order.id == native]
        if known:
            raise InputError(
                f"{native!r} is the order {known[0]}", hint="give the id of an order that is not known yet"
            )
        named = entry.order.seen(OrderState.PENDING, id=native, message="")
        seen = self._session.hooks.wait(self._session.context, named)
        whole = self._ledger.record(evolve(seen, tag=entry.order.tag), source="user", note=f"matched with {native}")
        return Reconciled(order=whole, outcome=Outcome.FOUND, note="by your word")

    def drop(self, tag: str) -> Reconciled:
        """Take the user's word that it does not exist."""
        order = self.doubted(tag).order.seen(OrderState.FAILED, message="never accepted, by the user's word")
        whole = self._ledger.record(order, source="user", note="said to be absent")
        return Reconciled(order=whole, outcome=Outcome.ABSENT, note="by your word")

    def run(self, since: dt.datetime | None) -> list[Reconciled]:
        """Settle what is in doubt, then take up what the list has and the ledger has not."""
        doubtful = [entry for entry in own_entries(self._session, self._ledger) if is_doubtful(entry)]
        listed = self._list(since, doubtful)
        made = [self._settle(entry, listed) for entry in doubtful]
        done = self._told | {one.order.tag for one in made}
        taken = [self._take_up(order) for order in reversed(listed or ()) if order.tag not in done]
        return made + [one for one in taken if one is not None]

    def _list(self, since: dt.datetime | None, doubtful: Sequence[Entry]) -> list[Order] | None:
        """Read the provider's list, None where it has none."""
        if not self._session.hooks.has("orders"):
            return None
        if since is None:
            starts = [entry.claimed - _CANDIDATE_FROM for entry in doubtful]
            since = min([self._session.clock.now() - _LISTED_FOR, *starts])
        return list(self._session.hooks.orders(self._session.context, since))

    def _settle(self, entry: Entry, listed: Sequence[Order] | None) -> Reconciled:
        try:
            found = self._buyer.reconcile(entry)
        except OrderUncertain as err:
            candidates = self._candidates(entry, listed or ())
            return Reconciled(
                order=entry.order, outcome=Outcome.UNSETTLED, candidates=candidates, note=self._advice(entry, err)
            )
        if found is None:
            now = self._ledger.get(entry.order.tag).order
            return Reconciled(order=now, outcome=Outcome.ABSENT, note="order it again if you still want it")
        return Reconciled(order=found, outcome=Outcome.FOUND)

    def _advice(self, entry: Entry, err: OrderUncertain) -> str:
        left_s = self._buyer.unproven_s(entry)
        if left_s > 0:
            return f"not listed yet; look again in {left_s:.0f} s"
        tag = entry.order.tag
        is_for_you = "see at the provider which it is, then: swath reconcile "
        choice = f"{is_for_you}{entry.order.provider} --match {tag}=ID, or --absent {tag} if there is none"
        return err.hint if self._buyer.is_listed(entry.order) else choice

    def _candidates(self, entry: Entry, listed: Sequence[Order]) -> tuple[Order, ...]:
        """Give what of the provider's list may be an order in doubt."""
        at = entry.order.created or entry.claimed
        known = {one.order.id for one in self._ledger.entries(provider=entry.order.provider)}
        wanted = {item["id"] for item in entry.order.items}
        return tuple(
            order
            for order in listed
            if order.id not in known
            and order.kind == entry.order.kind
            and not (order.tag and order.tag != entry.order.tag)
            and (order.created is None or at - _CANDIDATE_FROM <= order.created <= at + _CANDIDATE_TO)
            and (not order.items or {item["id"] for item in order.items} == wanted)
        )

    def _take_up(self, listed: Order) -> Reconciled | None:
        """Write down what the list says and the ledger does not; orders that are not swath's are left alone."""
        if not listed.tag:
            return None
        context = self._session.context
        known = [entry for entry in self._ledger.entries(provider=context.provider) if entry.order.tag == listed.tag]
        if known and (known[0].order.state.is_final or known[0].order.state is listed.state):
            return None
        whole = self._ledger.record(
            listed,
            source="list",
            note="" if known else "taken up from the provider's list",
            account=context.account,
            profile=context.profile,
        )
        return Reconciled(order=whole, outcome=Outcome.CHANGED if known else Outcome.ADOPTED)

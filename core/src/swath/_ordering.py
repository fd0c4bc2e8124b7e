# SPDX-License-Identifier: Apache-2.0
"""Buys: at most once, under the cap, and never forgotten."""

from __future__ import annotations

import contextlib
import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from attrs import evolve, field, frozen

from swath._dry import DRY_TAG, DryHttp, NotSent
from swath._glance import can_glance, unchanged
from swath._http.client import watch_once
from swath._ledger import Entry, Ledger, fingerprint
from swath._ledger.codec import without_secrets
from swath._purchase import Purchase, Request
from swath._registry import SENDERS
from swath._session import Session
from swath.errors import (
    CostExceeded,
    CredentialError,
    InputError,
    NotFound,
    OrderUncertain,
    QuotaExceeded,
    RateLimited,
    Rejected,
    SwathError,
    Unavailable,
)
from swath.models import DryRun, Order, OrderRequest, OrderState, Quote, new_tag

__all__ = ["Buyer", "sum_quotes"]

_REFUSALS = (InputError, CredentialError, NotFound, QuotaExceeded, RateLimited, Rejected)
"""What a provider answers when it has definitely not accepted."""
_SETTLED_S = 120.0
"""Seconds after which an order that the provider's list does not show was never accepted."""
_LOOK_BACK = dt.timedelta(minutes=15)
"""How far before our own time stamp the provider's list is read: its clock may differ."""


def sum_quotes(quotes: Sequence[Quote]) -> Quote:
    """Add quotes up; one unknown amount makes the sum unknown, and so do two units."""
    units = {quote.unit for quote in quotes if quote.unit is not None}
    known = [quote.amount for quote in quotes if quote.amount is not None]
    whole = len(known) == len(quotes) and len(units) <= 1
    left = [quote.remaining for quote in quotes if quote.remaining is not None]
    return Quote(
        amount=sum(known) if whole else None,
        unit=units.pop() if len(units) == 1 else None,
        remaining=min(left) if left else None,
        items={item: amount for quote in quotes for item, amount in quote.items.items()},
        note="; ".join(dict.fromkeys(quote.note for quote in quotes if quote.note)),
    )


@frozen(kw_only=True)
class Planned:
    """One order about to be made, or found to be there already."""

    request: Request
    fingerprint: str
    existing: Entry | None = field(default=None, repr=False)


def _kind(request: Request) -> str:
    """Say what kind of order a request makes."""
    sender = SENDERS[type(request)]
    return "subscription" if sender == "subscribe" else sender


def _sight(order: Order) -> tuple[Any, ...]:
    """Give what of an order is worth a line in the ledger when it changes."""
    return order.state, order.native_state, order.message, order.awaits_approval, order.quote, len(order.delivered)


class Buyer:
    """Makes orders of one account.

    Args:
        session: The opened account.
        ledger: Where intents and outcomes are kept.
    """

    def __init__(self, session: Session, ledger: Ledger) -> None:
        self._session = session
        self._ledger = ledger
        self._hooks = session.hooks
        self._context = session.context

    def split(self, request: Request) -> Sequence[Request]:
        """Cut a request into pieces that the provider takes as one order each."""
        most = self._session.info.max_items_per_order
        if not isinstance(request, OrderRequest):
            return [request]
        if most is None or len(request.items) <= most:
            return [request]
        return [evolve(request, items=request.items[at : at + most]) for at in range(0, len(request.items), most)]

    def plan(self, request: Request, *, again: bool) -> list[Planned]:
        """Find out which pieces of a request are ordered already."""
        planned = []
        for piece in self.split(request):
            mark = fingerprint(self._context.provider, self._context.account, SENDERS[type(piece)], piece)
            existing = None if again else self._ledger.live(mark)
            planned.append(Planned(request=piece, fingerprint=mark, existing=existing))
        return planned

    def quote(self, requests: Sequence[Request]) -> Quote:
        """Ask what the requests would cost together."""
        if not requests:
            return Quote(amount=0.0, note="everything is ordered already")
        return sum_quotes([self._hooks.quote(self._context, request) for request in requests])

    def purchase(self, planned: Sequence[Planned], *, allow_unknown: bool = False, dry: bool = False) -> Purchase:
        """Put together what of a plan is still to be bought.

        Args:
            planned: From `plan`.
            allow_unknown: Whether an unknown cost passes a cap.
            dry: Whether nothing shall be sent.
        """
        return Purchase(
            [piece.request for piece in planned if piece.existing is None],
            ledger=self._ledger,
            ask=lambda request: self._hooks.quote(self._context, request),
            allow_unknown=allow_unknown,
            dry=dry,
            reviewed=all(_kind(piece.request) in self._session.info.reviews for piece in planned),
        )

    def check_cost(self, purchase: Purchase, *, max_cost: float, ending: str = "nothing was sent") -> None:
        """Refuse what would cost more than the cap; nothing is sent.

        Args:
            purchase: What is to be bought.
            max_cost: The cap.
            ending: What the refusal ends with.

        Raises:
            CostExceeded: Above the cap, or unknown and not allowed to be.
        """
        if purchase.reviewed:  # it costs nothing before the provider's price is approved
            return
        quotes = purchase.quotes()
        quote = sum_quotes(quotes) if quotes else Quote(amount=0.0, note="everything is ordered already")
        unit = f" {quote.unit}" if quote.unit else ""
        note = f" ({quote.note})" if quote.note else ""
        provider = self._context.provider
        if quote.amount is None:
            if purchase.allow_unknown:
                return
            raise CostExceeded(
                f"the cost is unknown{note}, and max_cost={max_cost:g} is set; {ending}",
                provider=provider,
                step="order",
                details={"quote": quote},
            )
        if quote.amount > max_cost:
            raise CostExceeded(
                f"the quote is {quote.amount:g}{unit}, above max_cost={max_cost:g}; {ending}",
                provider=provider,
                step="order",
                details={"quote": quote},
            )

    def buy(
        self,
        planned: Sequence[Planned],
        purchase: Purchase,
        *,
        again: bool,
        notice: Callable[[Order], None] | None = None,
    ) -> list[Order]:
        """Send what is not ordered yet, and give every order.

        Args:
            planned: From `plan`.
            purchase: What of it is to be bought, from `purchase`.
            again: Whether to order although the same is ordered already.
            notice: Told of each order as soon as it stands.

        Raises:
            OrderUncertain: If a reply was lost and the order cannot be found.
        """
        group = f"group-{uuid.uuid4().hex[:12]}" if len(planned) > 1 else None
        made = []
        for piece in planned:
            order = self._one(piece, purchase, group=group, again=again)
            purchase.settle(piece.request)
            made.append(order)
            if notice is not None:
                notice(order)
        return made

    def rehearse(self, planned: Sequence[Planned], purchase: Purchase) -> DryRun:
        """Do everything that `buy` does but write to the ledger and send what buys.

        Args:
            planned: From `plan`.
            purchase: What of it would be bought, made with ``dry=True``.
        """
        http = DryHttp(self._session.http, [found.value for found in self._context.credentials.values()])
        context = evolve(self._context, http=http)
        requests, direct = [], []
        pending = [piece.request for piece in planned if piece.existing is None]
        quotes = []
        for plain in pending:
            request = evolve(plain, tag=DRY_TAG)
            intent = Order(
                provider=self._context.provider, tag=DRY_TAG, kind=_kind(request), request=without_secrets(request)
            )
            with purchase.sending(intent, plain):
                try:
                    direct.append(evolve(self._hooks.send(context, request), tag="", request=without_secrets(plain)))
                except NotSent as unsent:
                    requests.append(unsent.request)
            quotes.append(purchase.quote_of(plain))
        known = [quote for quote in quotes if quote is not None]
        return DryRun(
            provider=self._context.provider,
            requests=requests,
            existing=[piece.existing.order for piece in planned if piece.existing is not None],
            direct=direct,
            quote=sum_quotes(known) if known and len(known) == len(pending) else None,
        )

    def _one(self, piece: Planned, purchase: Purchase, *, group: str | None, again: bool) -> Order:
        request = evolve(piece.request, tag=new_tag(piece.fingerprint))
        intent = Order(
            provider=self._context.provider,
            tag=request.tag,
            kind=_kind(request),
            request=without_secrets(request),
            created=self._session.clock.now(),
            quote=purchase.quote_of(piece.request),
        )
        existing = self._ledger.claim(
            intent,
            fingerprint=piece.fingerprint,
            account=self._context.account,
            profile=self._context.profile,
            group=group,
            again=again,
        )
        if existing is None:
            with purchase.sending(intent, piece.request):
                return self._send(intent, request)
        if existing.intent or existing.order.state is OrderState.UNCERTAIN:
            found = self.reconcile(existing)
            # Proven absent: only then is the same thing sent another time.
            return found if found is not None else self._one(piece, purchase, group=group, again=again)
        return existing.order

    def _send(self, intent: Order, request: Request) -> Order:
        with watch_once(lambda: self._confirm(intent)) as sent:
            try:
                answer = self._hooks.send(self._context, request)
            except SwathError as err:
                if not sent.any or (isinstance(err, _REFUSALS) and not err.details.get("outcome_unknown")):
                    refused = intent.seen(OrderState.FAILED, message=f"not accepted: {err.message}")
                    self._ledger.record(refused, source="send", note="refused, or never sent")
                    raise
                uncertain = intent.seen(OrderState.UNCERTAIN, message=err.message)
                self._ledger.record(uncertain, source="send", note="the reply was lost")
                found = None
                with contextlib.suppress(SwathError):
                    found = self._find(uncertain)
                if found is not None:
                    return found
                raise self._uncertain(uncertain) from err
        order = evolve(
            answer,
            tag=intent.tag,
            kind=answer.kind if answer.kind == "direct" else intent.kind,
            request=intent.request,
            created=answer.created or intent.created,
        )
        return self._ledger.record(order, source="send")

    def _confirm(self, intent: Order) -> None:
        """Make sure, right before it leaves, that no other process has taken the order for lost meanwhile.

        The intent may be old by now: look-ups come before the sending, and each may have been tried for long.
        """
        if not self._ledger.confirm(intent.tag):
            raise Rejected(
                f"the order {intent.tag} was settled by another process before it could be sent; nothing was sent",
                provider=intent.provider,
                step="order",
                hint="see what stands with: swath orders",
            )

    def look(self, order: Order) -> Order:
        """Look once where an order stands, and note what changed."""
        seen = self._session.hooks.wait(self._session.context, order)
        if order.tag and _sight(seen) != _sight(order):
            self._ledger.record(seen, source="poll")
        return seen

    @property
    def glance(self) -> Callable[[Sequence[Order]], frozenset[str]] | None:
        """What tells which of many orders need no look; None where the provider's list does not tell it."""
        return partial(unchanged, self._session) if can_glance(self._session) else None

    def settled(self, order: Order) -> Order:
        """Turn an order whose reply was lost into the provider's, before anyone waits for it."""
        if order.state is not OrderState.UNCERTAIN:
            return order
        entry = self._ledger.get(order.tag)
        found = entry.order if entry.order.state is not OrderState.UNCERTAIN else self.reconcile(entry)
        return found if found is not None else self._ledger.get(order.tag).order

    # --- orders whose reply was lost --------------------------------------------------------------------------------

    def reconcile(self, entry: Entry) -> Order | None:
        """Look at the provider for an order whose reply was lost.

        Returns:
            The order; None only where the provider's list proves that it was never accepted, which is then recorded.

        Raises:
            OrderUncertain: If neither can be said yet.
        """
        order = entry.order
        try:
            found = self._find(order)
        except Unavailable as err:
            raise self._uncertain(order) from err
        if found is not None:
            return found
        if not self.is_listed(order) or self.unproven_s(entry) > 0:
            raise self._uncertain(order)
        absent = order.seen(OrderState.FAILED, message="never accepted: the provider's list does not show it")
        if not self._ledger.settle(absent, unless_changed_since=entry, note="not in the provider's list"):
            raise self._uncertain(order)
        return None

    def is_listed(self, order: Order) -> bool:
        """Whether the provider's list shows an order by its tag."""
        info = self._session.info
        return self._hooks.has("orders") and (info.tagged or order.kind in info.tagged_kinds)

    def unproven_s(self, entry: Entry) -> float:
        """Say for how many seconds more an order's absence from the provider's list proves nothing; 0 if it does."""
        if not self.is_listed(entry.order):
            return 0.0
        return max(0.0, _SETTLED_S - (self._session.clock.now() - entry.updated).total_seconds())

    def _find(self, order: Order) -> Order | None:
        if not self.is_listed(order):
            return None
        since = (order.created or self._session.clock.now()) - _LOOK_BACK
        for listed in self._hooks.orders(self._context, since):
            if listed.tag == order.tag:
                found = evolve(listed, kind=order.kind, request=order.request, created=listed.created or order.created)
                self._ledger.record(found, source="list", note="found by its tag")
                return found
        return None

    def _uncertain(self, order: Order) -> OrderUncertain:
        hint: dict[str, Any] = {}
        if not self.is_listed(order):
            hint["hint"] = (
                "this provider's orders carry no tag, so swath cannot look for it and will not send it again by "
                f"itself; see at the provider whether it exists, then say so: swath reconcile {order.provider} "
                f"--match {order.tag}=ID, or --absent {order.tag}"
            )
        return OrderUncertain(
            f"the order {order.tag} was sent and its reply was lost ({order.message or 'interrupted'})",
            provider=order.provider,
            step="order",
            details={"orders": [order.tag], "order": order},
            **hint,
        )

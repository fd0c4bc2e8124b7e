# SPDX-License-Identifier: Apache-2.0
"""What one call of `order` is about to buy, as core and the extensions that guard money see it."""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Callable, Iterator, Sequence

from attrs import evolve

from swath._ledger import Ledger
from swath.models import Order, OrderRequest, Quote, SubscribeRequest, TaskRequest

__all__ = ["Purchase", "Request", "current_purchase"]


Request = OrderRequest | TaskRequest | SubscribeRequest


class Purchase:
    """The pieces of one call that are not ordered yet, and what each is quoted at.

    Args:
        requests: The pieces, in the order they are sent.
        ledger: Where their intents are.
        ask: Gives a quote; asked at most once a piece, and not before somebody wants to know.
        allow_unknown: Whether the caller lets an unknown cost pass a cap.
        dry: Whether nothing shall be sent and nothing written.
        reviewed: Whether sending costs nothing yet: the provider names its price and waits for approval.
    """

    def __init__(
        self,
        requests: Sequence[Request],
        *,
        ledger: Ledger,
        ask: Callable[[Request], Quote],
        allow_unknown: bool = False,
        dry: bool = False,
        reviewed: bool = False,
    ) -> None:
        self.ledger = ledger
        self.allow_unknown = allow_unknown
        self.dry = dry
        self.reviewed = reviewed
        self.intent: Order | None = None
        """The piece that is being sent, as it stands in the ledger."""
        self._left = list(requests)
        self._ask = ask
        self._quotes: dict[int, Quote] = {}

    def quotes(self) -> list[Quote]:
        """Give the quotes of all pieces that are not sent yet, the one that is being sent first."""
        for request in self._left:
            if id(request) not in self._quotes:
                self._quotes[id(request)] = self._ask(request)
        return [self._quotes[id(request)] for request in self._left]

    def quote_of(self, request: Request) -> Quote | None:
        """Give the quote of a piece, if somebody has asked for it."""
        return self._quotes.get(id(request))

    def note_quote(self) -> None:
        """Write the quote of the piece that is being sent down with its intent, where other processes see it."""
        if self.dry or self.intent is None or self.intent.quote is not None:
            return
        self.intent = evolve(self.intent, quote=self.quotes()[0])
        self.ledger.record(self.intent, source="quote", note="the budget asked for its cost")

    def settle(self, request: Request) -> None:
        """Count a piece out: it is sent, or stands already."""
        self._left = [left for left in self._left if left is not request]

    @contextlib.contextmanager
    def sending(self, intent: Order, request: Request) -> Iterator[None]:
        """Be the current purchase while a piece is sent."""
        self._left = [request, *(left for left in self._left if left is not request)]
        self.intent = intent
        reset = _current.set(self)
        try:
            yield
        finally:
            _current.reset(reset)
            self.intent = None
            self.settle(request)


_current: contextvars.ContextVar[Purchase | None] = contextvars.ContextVar("swath_purchase", default=None)


def current_purchase() -> Purchase | None:
    """Give the purchase within which a hook is called; None outside `Provider.order`."""
    return _current.get()

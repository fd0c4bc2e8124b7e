# SPDX-License-Identifier: Apache-2.0
"""What the ledger gives back."""

from __future__ import annotations

import datetime as dt

from attrs import frozen

from swath.models import Order, OrderState

__all__ = ["Entry", "HistoryRow"]


@frozen(kw_only=True)
class Entry:
    """One order as the ledger holds it."""

    order: Order
    """As last recorded. Secrets in its request and raw answer read ``<redacted>``."""
    account: str
    """`swath.hookspecs.Context.account` at the time."""
    profile: str
    fingerprint: str
    """What was ordered, as a hash; empty for an order that swath did not send."""
    group: str | None
    """Id shared by the orders of one call."""
    intent: bool
    """True while no answer to the sending was recorded: it may or may not exist at the provider."""
    claimed: dt.datetime
    """When it was first written, aware UTC."""
    updated: dt.datetime
    """When it last changed, aware UTC."""
    folder: str | None = None
    """Where it was last being downloaded to, whole path; None while nobody has tried."""
    host: str | None = None
    """Name of the machine that has the folder."""
    received: bool = False
    """Whether all its files were in place there."""

    @property
    def is_open(self) -> bool:
        """Whether something is left to do: it is not final, or was being downloaded and is not whole."""
        if self.intent or not self.order.state.is_final:
            return True
        is_delivered = self.order.state in {OrderState.SUCCEEDED, OrderState.PARTIAL}
        return is_delivered and self.folder is not None and not self.received


@frozen(kw_only=True)
class HistoryRow:
    """One thing that was learnt of an order."""

    at: dt.datetime
    """Aware UTC."""
    state: str
    """Our word."""
    native_state: str
    """The provider's word."""
    source: str
    """How it was learnt: ``"claim"`` (about to be sent), ``"quote"``, ``"send"`` (the answer), ``"poll"``, ``"list"``
    (the provider's list of orders), ``"user"``, ``"webhook"``, ``"download"``."""
    note: str

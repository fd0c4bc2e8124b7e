# SPDX-License-Identifier: Apache-2.0
"""What taking orders up again gives back."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from attrs import field, frozen

from swath.errors import SwathError
from swath.models._fields import ItemDict, item_dicts
from swath.models.ordering import Order

__all__ = ["Outcome", "Reconciled", "Resumed"]


def _orders(value: Iterable[Order]) -> tuple[Order, ...]:
    return tuple(value)


@frozen(kw_only=True)
class Resumed:
    """How far an order has come that was taken up again."""

    order: Order
    """As it stands now."""
    folder: str | None = None
    """Where its files are, all of them; None if they are not here."""
    items: tuple[ItemDict, ...] = field(default=(), converter=item_dicts, repr=False)
    """Its local items, where files were fetched now. Orders that were downloaded together share them."""
    error: SwathError | None = None
    """Why it has not come to its good end; None if it has, as far as swath was told where to put its files."""
    note: str = ""
    """What is left for the user to do."""


class Outcome(StrEnum):
    """What came of looking for an order at its provider."""

    FOUND = "found"
    """Its reply was lost; the provider has it."""
    ABSENT = "absent"
    """Its reply was lost; it was never accepted. The same may be ordered again."""
    UNSETTLED = "unsettled"
    """Neither can be said. It is not sent again; see the candidates."""
    ADOPTED = "adopted"
    """Swath made it, and this ledger did not know it: it was lost, or made with another one."""
    CHANGED = "changed"
    """The provider's list shows another state than the ledger."""


@frozen(kw_only=True)
class Reconciled:
    """An order about which the provider's list has said something, or should have."""

    order: Order
    """As the ledger has it now."""
    outcome: Outcome
    candidates: tuple[Order, ...] = field(default=(), converter=_orders)
    """Orders in the provider's list that may be this one: made at that time, of the same items as far as is told."""
    note: str = ""
    """Why it is so, or what is left for the user to do."""

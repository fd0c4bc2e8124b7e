# SPDX-License-Identifier: Apache-2.0
"""What taking a webhook delivery in gives back."""

from __future__ import annotations

from enum import StrEnum

from attrs import field, frozen

from swath.models.ordering import Order

__all__ = ["Heard", "Received"]


class Heard(StrEnum):
    """What a webhook delivery is."""

    NEW = "new"
    """Genuine, about an order that the ledger knows, and not heard before: a reason to look."""
    DUPLICATE = "duplicate"
    """Genuine, and heard before."""
    IGNORED = "ignored"
    """Genuine, and about no order, or about one that is not ours."""
    REFUSED = "refused"
    """Its signature is missing, wrong or too old."""
    UNREADABLE = "unreadable"
    """The plugin cannot make sense of it."""


@frozen(kw_only=True)
class Received:
    """One webhook delivery."""

    heard: Heard
    order: Order | None = field(default=None, repr=False)
    """The order that it speaks of, as the ledger had it; the delivery itself changes nothing."""
    note: str = ""
    """Why, in words; holds no secret."""

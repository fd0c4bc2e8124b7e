# SPDX-License-Identifier: Apache-2.0
"""Tells by the provider's list which of many orders stand as they did: one request says it of a whole page."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence

from swath._session import Session
from swath.errors import SwathError
from swath.models import Order

__all__ = ["can_glance", "unchanged"]

_LOG = logging.getLogger("swath.waiting")
_MANY = 5
"""Orders from which on the list takes fewer requests than a look at each."""
_STRANGERS = 4
"""How many entries are read for each order that is looked for: an account may have far more."""
_CLOCK_SKEW = dt.timedelta(minutes=5)


def can_glance(session: Session) -> bool:
    """Whether the provider's list tells what a look tells."""
    return session.info.lists_states and session.hooks.has("orders")


def unchanged(session: Session, orders: Sequence[Order]) -> frozenset[str]:
    """Give the ids of the orders that are under way and stand as last seen.

    What has changed or is not listed is left out, as is everything where the list cannot be had: there has to be a look
    at each of these.

    Args:
        session: The opened account.
        orders: As last seen.
    """
    wanted = {order.id: order for order in orders if order.id and order.kind == "order"}
    if len(wanted) < _MANY:
        return frozenset()
    made = [order.created for order in wanted.values()]
    since = None if None in made else min(time for time in made if time is not None) - _CLOCK_SKEW
    same: set[str] = set()
    left = _STRANGERS * len(wanted)
    try:
        for listed in session.hooks.orders(session.context, since):
            known = wanted.pop(listed.id, None)
            if known is not None and _stands(listed) == _stands(known) and not listed.state.is_final:
                same.add(listed.id)
            left -= 1
            if not wanted or left <= 0:
                break
    except SwathError as err:
        _LOG.info("%s: orders could not be listed, each is looked at: %s", session.info.name, err.message)
    return frozenset(same)


def _stands(order: Order) -> tuple[object, ...]:
    return order.state, order.native_state, order.message, order.progress

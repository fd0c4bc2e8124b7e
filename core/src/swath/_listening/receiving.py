# SPDX-License-Identifier: Apache-2.0
"""Takes one provider's webhook deliveries in."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from swath._ledger import Ledger
from swath._ordering import Buyer
from swath._session import Session
from swath.errors import CredentialError, NotFound, NotSupported, SwathError
from swath.models import Heard, Order, Received

__all__ = ["Receiver"]


class Receiver:
    """Verifies deliveries, drops duplicates, and looks at the orders that they speak of.

    Args:
        session: The opened account.
        ledger: Where orders and deliveries are.
        buyer: Looks at orders.
    """

    def __init__(self, session: Session, ledger: Ledger, buyer: Buyer) -> None:
        self._session = session
        self._ledger = ledger
        self._buyer = buyer

    def take(self, headers: Mapping[str, str], body: bytes) -> Received:
        """Verify a delivery and write it down; nobody is asked.

        Args:
            headers: As they came.
            body: As it came, byte for byte.

        Returns:
            What it is. A forged one is `refused`; nothing is raised for it.

        Raises:
            NotSupported: If the provider sends none that its plugin can read.
        """
        context = self._session.context
        plain = {str(name).lower(): str(value) for name, value in headers.items()}
        try:
            spoken = self._session.hooks.event(context, plain, body)
        except NotSupported:
            raise
        except CredentialError as err:
            return Received(heard=Heard.REFUSED, note=err.message)
        except SwathError as err:
            return Received(heard=Heard.UNREADABLE, note=err.message)
        if spoken is None or not (spoken.id or spoken.tag):
            return Received(heard=Heard.IGNORED, note="it is not about an order")
        known = self._known(spoken)
        order_id = spoken.id or (known.id if known is not None else "")
        if not self._ledger.mailbox.put(context.provider, order_id, hashlib.sha256(body).hexdigest()):
            return Received(heard=Heard.DUPLICATE, order=known)
        if known is None:
            return Received(heard=Heard.IGNORED, order=spoken, note="the ledger does not know this order")
        return Received(heard=Heard.NEW, order=known)

    def look(self, order: Order) -> Order:
        """Look at an order that something was heard of, and note what is true at the provider.

        What is final already, or not known here, is not looked at.
        """
        known = self._known(order)
        if known is None or known.state.is_final or not known.id:
            return known or order
        seen = self._session.hooks.wait(self._session.context, known)
        return self._ledger.record(seen, source="webhook")

    def _known(self, order: Order) -> Order | None:
        for key in (order.tag, order.id):
            try:
                found = self._ledger.get(key).order if key else None
            except NotFound:
                continue
            if found is not None and found.provider == self._session.context.provider and key in {found.tag, found.id}:
                return found
        return None

# SPDX-License-Identifier: Apache-2.0
"""Orders: review, submission, look, list, and items with links that work now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from swath.hookspecs import Operation
from swath_capella._api.base import Service

__all__ = ["Orders", "order_body"]


def order_body(items: Iterable[Mapping[str, Any]], contract_id: str | None = None) -> dict[str, Any]:
    """Build the body of a review or an order.

    Args:
        items: STAC Items, of which ``id`` and ``collection`` count.
        contract_id: Contract to charge; None for the default one.
    """
    listed = [{"collectionId": item["collection"], "granuleId": item["id"]} for item in items]
    return {"items": listed} if contract_id is None else {"items": listed, "contractId": contract_id}


class Orders(Service):
    """The orders of an account."""

    def user(self) -> dict[str, Any]:
        """Say who is signed in."""
        return self.object("GET", "/user")

    def review(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Ask what an order would cost. A refusal is an answer, too: its ``authorized`` is false."""
        return self.object("POST", "/orders/review", json=dict(body))

    def submit(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Send an order, once."""
        return self.object("POST", "/orders", json=dict(body), operation=Operation.ONCE)

    def get(self, order_id: str) -> dict[str, Any]:
        """Read an order."""
        return self.object("GET", f"/orders/{quote(order_id, safe='')}")

    def listed(self, user_id: str = "") -> list[dict[str, Any]]:
        """List orders; those of the caller if `user_id` is empty."""
        return self.array("GET", "/orders", params={"customerId": user_id})

    def presigned(self, order_id: str) -> list[dict[str, Any]]:
        """Give an order's items with links signed now."""
        return self.array("GET", f"/orders/{quote(order_id, safe='')}/download")

    def active_with(self, ids: Sequence[str], now: str, user_id: str = "") -> str | None:
        """Find an order that is still good and holds all the items; the one that lives longest.

        Args:
            ids: Item ids.
            now: RFC 3339, UTC.
            user_id: Whose.
        """
        wanted = set(ids)
        good = [
            one
            for one in self.listed(user_id)
            if str(one.get("expirationDate") or "") > now
            and one.get("orderStatus") == "completed"
            and wanted <= {str(item.get("granuleId")) for item in one.get("items") or ()}
        ]
        best = max(good, key=lambda one: str(one["expirationDate"]), default=None)
        return None if best is None else str(best["orderId"])

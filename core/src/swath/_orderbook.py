# SPDX-License-Identifier: Apache-2.0
"""Finds the orders that a user means, by record, id, group or by the items they hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from swath._inputs import orders_of, require_provider
from swath._ledger import Ledger
from swath._session import Session
from swath._suggest import suggest
from swath.errors import InputError, NotOrdered
from swath.models import ItemDict, Order, OrderRequest, OrderState

__all__ = ["OrderBook", "state_of"]


class OrderBook:
    """Looks orders up in the ledger, for one account.

    Args:
        session: The opened account.
        ledger: Where orders are kept.
    """

    def __init__(self, session: Session, ledger: Ledger) -> None:
        self._ledger = ledger
        self._name = session.info.name
        self._profile = session.context.profile

    def group_id(self, orders: Sequence[Order]) -> str:
        """Give the id under which several orders were made together."""
        entries = [self._ledger.get(order.tag) for order in orders]
        return next((entry.group for entry in entries if entry.group), orders[0].tag)

    def resolve(self, what: Any) -> tuple[list[Order], str | None]:
        """Give simple orders for orders, groups or ids, and the id of their group if they have one.

        Raises:
            InputError: For something that is no order, or another provider's.
            NotFound: For an id that the ledger does not know.
        """
        given = orders_of(what)
        if given is None:
            raise InputError(f"{type(what).__name__} is no order", hint="pass what order() gave, or an order's id")
        leaves: dict[str, Order] = {}
        group = None
        for entry in given:
            parts = entry.leaves if isinstance(entry, Order) else self._by_id(entry)
            if len(parts) > 1:
                group = entry.id if isinstance(entry, Order) else entry
            leaves.update({part.tag or part.id: part for part in parts})
        return list(leaves.values()), group

    def owner_of(self, key: str) -> str:
        """Give the provider of an order or a group.

        Raises:
            NotFound: The ledger does not know the id.
        """
        group = self._ledger.group(key)
        return (group[0] if group else self._ledger.get(key)).order.provider

    def _by_id(self, key: str) -> tuple[Order, ...]:
        found = self._ledger.group(key) or [self._ledger.get(key)]
        for entry in found:
            owner = entry.order.provider
            if owner != self._name:
                raise InputError(f"order {key!r} is at {owner!r}", hint=f"use swath.open({owner!r}) for it")
        return tuple(entry.order for entry in found)

    def holding(self, items: Sequence[ItemDict]) -> list[Order]:
        """Find the delivered orders that hold the items; an item that needs no order stands for itself.

        Raises:
            NotOrdered: For the first item that was never ordered, or is not delivered.
        """
        require_provider(items, self._name)
        wanted = {item["id"]: item for item in items}
        chosen: dict[str, Order] = {}
        delivered = {OrderState.SUCCEEDED, OrderState.PARTIAL}
        for entry in self._ledger.entries(provider=self._name, profile=self._profile, states=delivered):
            held = wanted.keys() & {item["id"] for item in (*entry.order.items, *entry.order.ordered)}
            if held and entry.order.kind != "direct":
                chosen[entry.order.tag] = entry.order
                for name in held:
                    del wanted[name]
        for name, item in wanted.items():
            if item.get("properties", {}).get("order:status") != "succeeded":
                raise NotOrdered(f"item {name!r} was never ordered, or its order is not delivered", provider=self._name)
            chosen[name] = Order(
                provider=self._name,
                id=name,
                kind="direct",
                state=OrderState.SUCCEEDED,
                request=OrderRequest(items=[item]),
            )
        return list(chosen.values())


def state_of(word: str) -> OrderState:
    """Read the name of a state.

    Raises:
        InputError: There is none of that name.
    """
    try:
        return OrderState(word)
    except ValueError as err:
        raise InputError(f"there is no state {word!r} of orders", hint=suggest(word, [*OrderState])) from err

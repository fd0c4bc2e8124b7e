# SPDX-License-Identifier: Apache-2.0
"""Tells to which of several providers items and orders go back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol

from swath._inputs import items_of, orders_of
from swath._provider import Provider
from swath.errors import InputError, NotFound
from swath.models import ItemDict, Order

__all__ = ["by_provider", "orders_by_provider", "several_ids"]

_AND: Final = "+"
"""Between the ids of orders that one call made at several providers."""


class _Several(Protocol):
    @property
    def names(self) -> tuple[str, ...]: ...

    def __getitem__(self, name: str) -> Provider: ...


def by_provider(several: _Several, what: Any) -> dict[str, list[ItemDict]]:
    """Split items by the provider that found them.

    Raises:
        InputError: For an item that does not say where it was found, or was found elsewhere.
    """
    split: dict[str, list[ItemDict]] = {}
    for item in items_of(what):
        owner = item["properties"].get("swath:provider")
        if owner is None and len(several.names) == 1:
            owner = several.names[0]
        if owner is None:
            raise InputError(
                f"item {item['id']!r} does not say at which provider it was found",
                hint="pass items as a search found them: with the property 'swath:provider'",
            )
        split.setdefault(several[owner].name, []).append(item)
    return split


def orders_by_provider(several: _Several, what: Any) -> dict[str, list[Any]]:
    """Split orders, or ids that the ledger knows, by provider.

    Raises:
        InputError: If it is something else.
        NotFound: The ledger does not know an id.
    """
    given = orders_of(what)
    if given is None:
        raise InputError(f"{type(what).__name__} is no order", hint="pass what order() gave, or an order's id")
    split: dict[str, list[Any]] = {}
    for one in given:
        if isinstance(one, Order):
            for part in one.leaves:
                split.setdefault(several[part.provider].name, []).append(part)
        else:
            for key in one.split(_AND):
                split.setdefault(_owner_of(several, key), []).append(key)
    return split


def several_ids(orders: Sequence[Order]) -> str:
    """Give one id for orders of several providers, which `orders_by_provider` takes apart again."""
    return _AND.join(leaf.tag or leaf.id for order in orders for leaf in order.leaves)


def _owner_of(several: _Several, key: str) -> str:
    missing: NotFound | None = None
    for name in several.names:
        try:
            return several[several[name]._book.owner_of(key)].name  # noqa: SLF001  where its orders are kept
        except NotFound as err:
            missing = err
    assert missing is not None  # noqa: S101  there is a provider
    raise missing

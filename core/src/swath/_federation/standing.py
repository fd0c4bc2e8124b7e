# SPDX-License-Identifier: Apache-2.0
"""Orders that stand at several providers: listed together, and each taken up or dropped where it is."""

from __future__ import annotations

import concurrent.futures
import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import evolve

from swath._arguments import words
from swath._endings import group_of
from swath._federation.members import Members
from swath._federation.owners import orders_by_provider, several_ids
from swath._federation.searching import SEVERAL
from swath._provider import Provider
from swath.errors import SwathError
from swath.models import Order, OrderState, Resumed

if TYPE_CHECKING:
    from swath.progress import Event

__all__ = ["Standing", "grouped"]

_R = TypeVar("_R")
_LONG_AGO = dt.datetime.min.replace(tzinfo=dt.UTC)


class Standing(Members):
    """What of a federation is about orders that were made."""

    def orders(self, *, states: Iterable[OrderState | str] = ()) -> list[Order]:
        """List the orders of these accounts that the ledger knows, newest first. No provider is asked.

        Args:
            states: Only these; all if empty.
        """
        wanted = words("states", states)
        listed = [order for provider in self for order in provider.orders(states=wanted)]
        return sorted(listed, key=lambda order: order.created or _LONG_AGO, reverse=True)

    def cancel(self, order: Any) -> Order:
        """Ask each provider to drop its orders.

        Args:
            order: What `order` gave, orders, or ids.

        Raises:
            SwathError: The first that could not be dropped, once all others were; see `Provider.cancel`.
        """
        split = orders_by_provider(self, order)
        return grouped(self._each(split, lambda provider, mine: provider.cancel(mine)))

    def resume(
        self,
        order: Any = None,
        directory: str | Path | None = None,
        *,
        timeout: float | None = None,
        accept_partial: bool = False,
        workers: int = 8,
        progress: bool | Callable[[Event], None] | None = None,
    ) -> list[Resumed]:
        """Go on with orders from wherever they were, at all providers at once. Nothing is ordered.

        Args:
            order: What `order` gave, orders, or ids; None for all of these accounts that have not come to their end.
            directory: Where to put the files of orders that were not being downloaded yet; None leaves them.
            timeout: Seconds, >= 0, to wait in all; None for as long as it takes, 0 looks once.
            accept_partial: Whether part of an order is good enough to be fetched.
            workers: Files at once, at each provider.
            progress: As in `Provider.wait`.

        Returns:
            How far each has come. What went wrong is in `Resumed.error`, also where a provider as a whole cannot be
            reached.
        """
        split: Mapping[str, Any] = dict.fromkeys(self.names)
        if order is not None:
            split = orders_by_provider(self, order)

        def resumed(provider: Provider, mine: Any) -> list[Resumed]:
            try:
                return provider.resume(
                    mine, directory, timeout=timeout, accept_partial=accept_partial, workers=workers, progress=progress
                )
            except SwathError as err:
                left = provider._book.resolve(mine)[0] if mine is not None else _open_orders(provider)  # noqa: SLF001
                return [Resumed(order=one, error=err) for one in left]

        return [one for part in self._each(split, resumed) for one in part]

    def _each(self, split: Mapping[str, Any], action: Callable[[Provider, Any], _R]) -> list[_R]:
        """Do something at each provider at once, and give what came in the order of the providers."""
        with concurrent.futures.ThreadPoolExecutor(max(1, len(split)), thread_name_prefix="swath-each") as pool:
            futures = [pool.submit(action, self[name], mine) for name, mine in split.items()]
            concurrent.futures.wait(futures)
        return [future.result() for future in futures]


def grouped(orders: Sequence[Order]) -> Order:
    """Present several providers' orders as one, whose id stands for all of them."""
    leaves = [leaf for order in orders for leaf in order.leaves]
    made = group_of(leaves, several_ids(orders))
    return evolve(made, provider=SEVERAL if len({leaf.provider for leaf in leaves}) > 1 else leaves[0].provider)


def _open_orders(provider: Provider) -> list[Order]:
    return [order for order in provider.orders() if not order.state.is_final]

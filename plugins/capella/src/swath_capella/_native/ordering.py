# SPDX-License-Identifier: Apache-2.0
"""Orders of the native client: review, submission, lists, and items with links that work.

Source: the Capella wire contract, 3, read 2026-11.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from swath.errors import SwathError
from swath.native import pause
from swath_capella._api.base import code_of
from swath_capella._api.orders import Orders, order_body
from swath_capella._native.results import StacSearchResult
from swath_capella._native.searching import Finder
from swath_capella._native.session import LOG, Session
from swath_capella._native.words import as_list, checked_ids, required_ids
from swath_capella.exceptions import ClientError, InsufficientFundsError, NoValidStacIdsError, OrderRejectedError

__all__ = ["Ordering", "is_live"]

_ID: Final = re.compile(r"CAPELLA_C\d{2,}_[A-Z]{2}_[A-Z]{2,5}_[A-Z]{2}_\d{14}_\d{14}")
_PATIENCE_S: Final = 1800.0
"""Seconds that a download waits for its order."""
_LOOK_S: Final = 2.0


def is_live(order: Mapping[str, Any], now: dt.datetime) -> bool:
    """Whether an order has not expired; one that does not say when has not."""
    text = order.get("expirationDate")
    if not text:
        return True
    try:
        end = dt.datetime.fromisoformat(str(text))
    except ValueError:
        return True
    return (end if end.tzinfo else end.replace(tzinfo=dt.UTC)) >= now


class Ordering:
    """The orders of an account.

    Args:
        session: The account.
        finder: Searches its catalogue.
    """

    def __init__(self, session: Session, finder: Finder) -> None:
        self._session = session
        self._finder = finder
        self._api = Orders(session.context)

    # --- placing -----------------------------------------------------------------------------------------------------

    def review(self, stac_ids: Any, items: Any, contract_id: str | None) -> dict[str, Any]:
        """Ask what an order costs; see `CapellaConsoleClient.review_order`."""
        items = None if items is None else list(items)
        chosen = items or self._found(_ids(stac_ids, items))
        answer = self._api.review(order_body(_grouped(chosen), contract_id))
        if not answer.get("authorized"):
            reason = answer.get("authorizationDenialReason") or {}
            raise InsufficientFundsError(
                str(reason.get("message") or "Capella's review does not allow the order and does not say why"),
                reason.get("code"),
                data={"review": answer},
            )
        return answer

    def submit(
        self,
        stac_ids: Any,
        items: Any,
        *,
        check_active_orders: bool,
        omit_search: bool,
        omit_review: bool,
        contract_id: str | None,
    ) -> str:
        """Place an order; see `CapellaConsoleClient.submit_order`."""
        items = None if items is None else list(items)
        ids = _ids(stac_ids, items)
        if check_active_orders and (known := self._live_with(ids)) is not None:
            self._session.tell("order %s is active and holds the items", known)
            return known
        if omit_search and not items:
            LOG.warning("omit_search=True needs items instead of stac_ids; the ids are searched for")
        chosen = [one for one in items if one["id"] in set(ids)] if omit_search and items else self._found(ids)
        if not omit_review:
            self.review(None, chosen, contract_id)
        order = self._api.submit(order_body(_grouped(chosen), contract_id))
        order_id = str(order["orderId"])
        if order.get("orderStatus") == "rejected":
            raise OrderRejectedError(f"Order for {', '.join(ids[:5])} was rejected: {order_id}", data={"order": order})
        self._session.tell("order %s is placed", order_id)
        return order_id

    def _found(self, ids: list[str]) -> list[dict[str, Any]]:
        """Look items up.

        Raises:
            NoValidStacIdsError: None is there.
        """
        found = list(self._finder.by_ids(ids))
        if not found:
            named = ", ".join(ids[:5]) + (f" and {len(ids) - 5} more" if len(ids) > 5 else "")
            raise NoValidStacIdsError(f"No valid STAC IDs in {named}")
        missing = sorted(set(ids) - {str(one["id"]) for one in found})
        if missing:
            LOG.warning("%d of %d ids are not in the catalogue: %s", len(missing), len(ids), ", ".join(missing[:5]))
        return found

    def _live_with(self, ids: Iterable[str]) -> str | None:
        """Find an order that is good and holds all the items; the one that lives longest."""
        wanted = set(ids)
        for order in self.listed([], is_active=True):
            holds = {str(one.get("granuleId")) for one in order.get("items") or ()}
            if wanted <= holds and order.get("orderStatus") != "rejected":
                return str(order["orderId"])
        return None

    # --- looking -----------------------------------------------------------------------------------------------------

    def listed(self, order_ids: Iterable[Any], *, is_active: bool) -> list[dict[str, Any]]:
        """List orders; see `CapellaConsoleClient.list_orders`."""
        ids = checked_ids(order_ids)
        if ids and not is_active:
            return [self._api.get(one) for one in ids]
        orders = self._api.listed(self._session.known_user)
        if not is_active:
            return orders
        now = self._session.context.now()
        live = [one for one in orders if is_live(one, now) and (not ids or one.get("orderId") in ids)]
        return sorted(live, key=lambda one: str(one.get("expirationDate") or "9"), reverse=True)

    def items_of(self, order_id: str, *, ids_only: bool) -> list[str] | StacSearchResult:
        """Give what was ordered; see `CapellaConsoleClient.get_stac_items_of_order`."""
        (checked,) = required_ids([order_id])
        ids = [str(one["granuleId"]) for one in self._api.get(checked).get("items") or ()]
        return ids if ids_only else self._finder.by_ids(ids)

    def presigned(self, order_id: str, stac_ids: Any = None, sort_by: Any = None) -> list[dict[str, Any]]:
        """Give items with links that work; see `CapellaConsoleClient.get_presigned_items`."""
        (checked,) = required_ids([order_id])
        items = self._api.presigned(checked)
        if sort_by:
            items = _in_order(items, as_list(sort_by))
        if stac_ids:
            wanted = set(as_list(stac_ids))
            items = [one for one in items if one.get("id") in wanted]
        return items

    def presigned_when_ready(self, order_id: str) -> list[dict[str, Any]]:
        """Give items with links once the order is ready, for up to half an hour.

        Raises:
            OrderRejectedError: It was rejected meanwhile.
        """
        waited = 0.0
        while True:
            try:
                return self.presigned(order_id)
            except SwathError as err:
                code = code_of(err)
                if code == "ORDER_REJECTED":
                    raise OrderRejectedError(f"Order {order_id} was rejected", code) from err
                if code != "ORDER_NOT_READY" or waited >= _PATIENCE_S:
                    raise
            self._session.tell("order %s is not ready yet", order_id)
            pause(self._session.context, _LOOK_S)
            waited += _LOOK_S

    def presigned_again(self, stac_id: str) -> list[dict[str, Any]]:
        """Give items of whichever live order holds this one, with fresh links; none where there is no such order."""
        order_id = self._live_with([stac_id])
        return [] if order_id is None else self.presigned(order_id)


def _ids(stac_ids: Any, items: Any) -> list[str]:
    """Give the ids that are meant.

    Raises:
        ClientError: Neither ids nor items were passed.
    """
    if stac_ids:
        return [str(one) for one in dict.fromkeys(as_list(stac_ids))]
    if not items:
        raise ClientError("Please provide stac_ids or items")
    return [str(one["id"]) for one in items]


def _grouped(items: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Put items of one collection beside each other, collections as they come first.

    Raises:
        ClientError: An item does not say its collection, without which it cannot be ordered.
    """
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for one in items:
        if not one.get("collection"):
            raise ClientError(f"item {one.get('id')!r} has no collection", hint="pass items as the search gives them")
        groups.setdefault(str(one["collection"]), []).append(one)
    return [one for group in groups.values() for one in group]


def _in_order(items: list[dict[str, Any]], wanted: list[Any]) -> list[dict[str, Any]]:
    """Put items in the order of ids: those that are not named come last."""
    ids = [str(one) for one in dict.fromkeys(wanted) if _ID.fullmatch(str(one))]
    if len(ids) != len(items):
        LOG.warning("sort_by names %d items, the order has %d: it is left as it is", len(ids), len(items))
        return items
    place = {one: number for number, one in enumerate(ids)}
    return sorted(items, key=lambda one: place.get(str(one.get("id")), len(place)))

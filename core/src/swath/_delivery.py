# SPDX-License-Identifier: Apache-2.0
"""Brings the files of orders into a folder: lists them, fetches them as one batch, writes the items beside them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from pathlib import Path, PurePosixPath

from attrs import evolve, frozen

from swath._ledger import Ledger
from swath._session import Session
from swath._transfer.receipt import Members
from swath.errors import LinkExpired, NotOrdered, OrderError
from swath.models import Asset, ItemDict, Order, OrderState, Receipt
from swath.progress import Event

__all__ = ["Listing", "deliver", "require_delivered"]

_LOG = logging.getLogger(__name__)
_File = tuple[str | None, str]
"""Item id and name: what tells one file of an order from the others."""


def require_delivered(order: Order) -> None:
    """Refuse to download what is not delivered yet.

    Raises:
        OrderError: Naming the state and the call to make.
    """
    for part in order.leaves:
        if part.state in {OrderState.SUCCEEDED, OrderState.PARTIAL}:
            continue
        if part.kind == "subscription" and part.state is not OrderState.FAILED and part.id:
            continue  # what has come until now
        name = part.id or part.tag
        if part.state.is_final:
            raise OrderError(
                f"order {name!r} ended {part.state.value!r}: {part.message or 'no reason given'}; nothing to fetch",
                provider=part.provider,
                step="download",
                hint="order it again with again=True once the reason is mended",
                details={"orders": [name]},
            )
        raise NotOrdered(
            f"order {name!r} is still {part.state.value!r}",
            provider=part.provider,
            step="download",
            hint=f"wait first: order = provider.wait(order), or: swath wait {name}",
            details={"orders": [name]},
        )


@frozen(kw_only=True)
class _Origin:
    """Where a planned file comes from."""

    order: Order
    file: _File
    """As the provider lists it."""


class Listing:
    """The files of several orders under names that differ, and their links minted again when they die."""

    def __init__(self, session: Session, orders: Sequence[Order]) -> None:
        self._session = session
        self._lock = threading.Lock()
        self._minted: dict[str, dict[_File, Asset]] = {}
        self.origins: dict[_File, _Origin] = {}
        self.assets: list[Asset] = []
        self.orders: list[Order] = []
        self.empty: list[Order] = []
        """Orders that have ended well, and of which no file is listed."""
        for given in orders:
            listed = list(session.hooks.download(session.context, given))
            order = self._with_items(given, listed)
            if not listed and _should_have_files(order):
                order, listed = self._again(order)
                if not listed:
                    self.empty.append(order)
            self.orders.append(order)
            for asset in listed:
                self._add(order, asset)

    def _with_items(self, order: Order, listed: Sequence[Asset]) -> Order:
        """Look at an order anew where files are listed of items that it does not know: more has come since."""
        known = {item["id"] for item in order.items}
        if order.kind == "direct" or all(asset.item is None or asset.item in known for asset in listed):
            return order
        return evolve(order, delivered=self._session.hooks.wait(self._session.context, order).delivered)

    def _again(self, order: Order) -> tuple[Order, list[Asset]]:
        """Look once more at an order of which nothing is known to have come."""
        if order.items:
            return order, []
        order = evolve(order, delivered=self._session.hooks.wait(self._session.context, order).delivered)
        return order, list(self._session.hooks.download(self._session.context, order)) if order.delivered else []

    def _add(self, order: Order, asset: Asset) -> None:
        """Take a file in; the same one of two orders once, different ones of one name under two names."""
        file = (asset.item, asset.name)
        if file in self.origins:
            present = next(one for one in self.assets if (one.item, one.name) == file)
            if asset.checksum is not None and asset.checksum == present.checksum:
                return
            short = (order.id or order.tag)[:8]
            path = PurePosixPath(asset.name)
            asset = evolve(asset, name=str(path.with_name(f"{short}-{path.name}")), key=f"{asset.key}-{short}")
        self.origins[asset.item, asset.name] = _Origin(order=order, file=file)
        self.assets.append(asset)

    def remint(self, asset: Asset) -> Asset:
        """Give the same file with another link; an order's links are asked for once for all files that need one.

        Raises:
            LinkExpired: If the provider does not list it any more.
        """
        origin = self.origins[asset.item, asset.name]
        order = origin.order
        key = order.tag or order.id
        with self._lock:
            known = self._minted.get(key, {}).get(origin.file)
            if known is None or known.href == asset.href:
                listed = self._session.hooks.download(self._session.context, order)
                self._minted[key] = {(new.item, new.name): new for new in listed}
            fresh = self._minted[key].get(origin.file)
        if fresh is None:
            raise LinkExpired(
                f"the provider does not list {asset.name!r} any more", provider=order.provider, step="download"
            )
        return evolve(fresh, name=asset.name, key=asset.key)

    def origin_of(self, asset: Asset) -> _Origin:
        """Say where a planned file comes from."""
        return self.origins[asset.item, asset.name]

    def order_of(self, receipt: Receipt) -> Order:
        """Give the order that a received file belongs to."""
        return self.origin_of(receipt.asset).order


def _should_have_files(order: Order) -> bool:
    """Whether an order has ended well, and was not to be put elsewhere by the provider itself."""
    return order.state.is_final and order.kind != "direct" and getattr(order.request, "delivery", None) is None


def _members(session: Session, listing: Listing, receipts: Sequence[Receipt]) -> Members:
    """Ask the plugin what is inside each archive: for its item, or for each of the order's where it has none."""
    found: dict[str, dict[str, tuple[tuple[str, ItemDict], ...]]] = {}
    for receipt in receipts:
        for item in listing.order_of(receipt).items:
            if receipt.asset.item in {None, item["id"]}:
                inside = session.hooks.members(session.context, item, receipt.asset, receipt.path)
                if inside:
                    found.setdefault(receipt.path, {})[str(item["id"])] = inside
    return found


def deliver(
    session: Session,
    ledger: Ledger,
    orders: Sequence[Order],
    directory: Path,
    *,
    workers: int,
    overwrite: bool,
    progress: Callable[[Event], None] | None,
    executor: Executor | None,
    collect: bool,
    cancelled: threading.Event | None = None,
) -> list[ItemDict]:
    """Fetch everything that the orders deliver, as one batch.

    Args:
        session: The opened account.
        ledger: Where the files are noted.
        orders: Simple orders, delivered.
        directory: Target folder.
        workers: Files at once.
        overwrite: Whether whole files are fetched again.
        progress: Told what happens.
        executor: What runs the batch instead of threads of our own.
        collect: Whether failed files are reported in the ledger and items only, instead of raising.
        cancelled: Set to stop.

    Returns:
        The local items: STAC Item dicts with absolute hrefs.

    Raises:
        PartialFailure: If a file failed and `collect` is false; the others are in place.
    """
    from swath._transfer import fetch_all, plan_targets, write_items

    # Noted before the first byte: after a crash, `swath resume` goes on in this folder.
    ledger.record_folder([order.tag for order in orders], directory)
    listing = Listing(session, orders)
    for before, order in zip(orders, listing.orders, strict=True):
        if order is not before and order.tag:
            ledger.record(order, source="poll")
    orders = listing.orders
    for order in listing.empty:
        _LOG.warning(
            "%s: order %s is %r, but no file of it is listed: nothing was fetched. Look again later with: "
            "swath resume %s --to DIR",
            order.provider,
            order.id or order.tag,
            order.state.value,
            order.id or order.tag,
        )
    items = list({item["id"]: item for order in orders for item in order.items}.values())
    name = orders[0].id or orders[0].tag or "order"
    report = fetch_all(
        plan_targets(listing.assets, items, directory, order_id=name),
        http=session.http,
        remint=listing.remint,
        workers=workers,
        progress=progress,
        overwrite=overwrite,
        executor=executor,
        cancelled=cancelled,
        clock=session.clock,
    )
    local = write_items(items, report.receipts, directory, _members(session, listing, report.receipts))
    missing = {id(listing.origin_of(one.target.asset).order) for one in report.failed}
    for order in orders:
        mine = [receipt for receipt in report.receipts if listing.order_of(receipt) is order]
        complete = id(order) not in missing and order not in listing.empty
        if order.tag and (mine or complete):
            ledger.record_files(order.tag, mine, complete=complete and order.state.is_final)
    if not collect:
        report.raise_for_failures()
    return local

# SPDX-License-Identifier: Apache-2.0
"""`Provider`: what a user holds. It runs the life cycle by calling hooks, and knows no provider."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from swath._account import Account
from swath._arguments import count, folder, number, words
from swath._delivery import deliver, require_delivered
from swath._endings import group_of, judge, needs_approval, require_approved
from swath._inputs import items_of, orders_of
from swath._orderbook import state_of
from swath._requests import order_request
from swath._results import ItemSearch
from swath._step import step, stepwise
from swath.errors import NotSupported
from swath.models import DryRun, ItemDict, LoadOptions, Order, OrderState, Page, Query, Quote

if TYPE_CHECKING:
    import pystac

    from swath.progress import Event

__all__ = ["Provider"]

_Progress = bool | Callable[["Event"], None] | None


class Provider(Account):
    """One provider, opened for one account.

    Made by `swath.open`. It may be used from several threads at once, and as a context manager that closes its
    connections.
    """

    # --- search -----------------------------------------------------------------------------------------------------

    @step
    def search(
        self,
        *,
        collections: str | Iterable[str] | None = None,
        ids: str | Iterable[str] | None = None,
        bbox: Sequence[float] | str | None = None,
        intersects: Any = None,
        datetime: Any = None,
        query: Any = None,
        filter: str | Mapping[str, Any] | None = None,  # noqa: A002 (pystac-client's name)
        filter_lang: str | None = None,
        sortby: Any = None,
        fields: Any = None,
        limit: int | None = None,
        max_items: int | None = None,
        method: str | None = None,
    ) -> ItemSearch:
        """Search, with the arguments of `pystac_client.Client.search`. Nothing is sent until results are asked for.

        Args:
            collections: Collection ids; all if None.
            ids: Item ids.
            bbox: West, south, east, north in degrees, WGS 84; west may exceed east over the antimeridian.
            intersects: Area of interest: GeoJSON, WKT, a file of these, a shapely or geopandas object.
            datetime: RFC 3339, a date, ``"2026-03"``, or an interval ``"start/end"``; a naive time is UTC.
            query: Conditions in the form before CQL2: ``{"eo:cloud_cover": {"lt": 10}}``, ``["eo:cloud_cover<10"]``;
                they hold beside `filter`.
            filter: CQL2 text or JSON; a property that an item lacks matches nothing.
            filter_lang: ``"cql2-text"`` or ``"cql2-json"``; told from `filter` if None.
            sortby: ``"-properties.eo:cloud_cover"``, ``"+datetime"``, a list of such, or of ``{"field", "direction"}``.
            fields: What of each item to give: ``["id", "-geometry"]``, ``{"include": [...], "exclude": [...]}``. Items
                stay STAC, and an order takes the whole ones.
            limit: Page size.
            max_items: Most items in all.
            method: ``"GET"`` or ``"POST"``. It has no effect: each provider is asked in its own way.

        Raises:
            InvalidGeometry: For an area that cannot be read; likewise InvalidDatetime, InvalidFilter,
            UnknownCollection.
        """
        from swath._query.build import build_query, check_method
        from swath._query.fields import parse_fields

        check_method(method)
        built, repairs = build_query(
            collections=collections,
            ids=ids,
            bbox=bbox,
            intersects=intersects,
            datetime=datetime,
            query=query,
            filter=filter,
            filter_lang=filter_lang,
            sortby=sortby,
            limit=limit,
            max_items=max_items,
        )
        return ItemSearch(
            provider=self.name,
            query=built,
            pages=self._pages,
            count=self._count,
            repairs=repairs,
            fields=parse_fields(fields),
            modifier=self._modifier,
        )

    @step
    def _pages(self, query: Query) -> Iterator[Page]:
        self._catalogue.check(query)
        return stepwise("search", self._session.hooks.search(self._session.context, query))

    @step
    def _count(self, query: Query) -> int | None:
        self._catalogue.check(query)
        return self._session.hooks.count(self._session.context, query)

    # --- buy --------------------------------------------------------------------------------------------------------

    @step
    def quote(self, what: Any, **order: Any) -> Quote:
        """Say what an order would cost, as far as the provider tells. Nothing is ordered.

        Args:
            what: As in `order`.
            **order: The same keywords as `order`.

        Returns:
            The quote; what is unknown in it is None, never 0.
        """
        request = order_request(self.info, what, **order)
        return self._buyer.quote(self._buyer.split(request))

    @overload
    def order(self, what: Any, *, dry_run: Literal[True], **order: Any) -> DryRun: ...

    @overload
    def order(
        self,
        what: Any,
        *,
        assets: Iterable[str] = (),
        bundle: str | Iterable[str] = (),
        clip: Any = None,
        tools: Iterable[Mapping[str, Any]] = (),
        delivery: Mapping[str, Any] | None = None,
        name: str = "",
        max_cost: float | None = None,
        allow_unknown_cost: bool = False,
        again: bool = False,
        dry_run: Literal[False] = False,
        **options: Any,
    ) -> Order: ...

    @step
    def order(
        self,
        what: Any,
        *,
        assets: Iterable[str] = (),
        bundle: str | Iterable[str] = (),
        clip: Any = None,
        tools: Iterable[Mapping[str, Any]] = (),
        delivery: Mapping[str, Any] | None = None,
        name: str = "",
        max_cost: float | None = None,
        allow_unknown_cost: bool = False,
        again: bool = False,
        dry_run: bool = False,
        **options: Any,
    ) -> Order | DryRun:
        """Order items, at most once.

        The order is on disk before it is sent. If the same was ordered before and did not fail, that order is given and
        nothing is sent. More items than the provider takes in one order become several, given as one of kind
        ``"group"``.

        Args:
            what: A search, items, a FeatureCollection, or the path of a saved one.
            assets: Asset keys to order; empty takes the bundle's or the provider's default.
            bundle: Provider's product bundle; several are fall-backs in order.
            clip: Geometry to cut to; True takes the search's own area.
            tools: Provider's processing steps in order.
            delivery: Where the provider shall put the result itself.
            name: Your own name for it.
            max_cost: Refuse above this, in the quote's unit.
            allow_unknown_cost: Whether an unknown cost passes the cap.
            again: Order even if the same is ordered already.
            dry_run: Send and write nothing; give what would be sent instead.
            **options: Provider's own keywords, see `ProviderInfo.order_options`.

        Returns:
            The order as the provider accepted it; see `wait`. With `dry_run`, a `swath.models.DryRun`.

        Raises:
            CostExceeded: Nothing was sent.
            Rejected: The provider refused; nothing was bought.
            OrderUncertain: It was sent and its reply was lost. Call the same again: it is looked for, not repeated.
        """
        number("max_cost", max_cost)
        request = order_request(
            self.info,
            what,
            assets=assets,
            bundle=bundle,
            clip=clip,
            tools=tools,
            delivery=delivery,
            name=name,
            **options,
        )
        planned = self._buyer.plan(request, again=again)
        purchase = self._buyer.purchase(planned, allow_unknown=allow_unknown_cost, dry=dry_run)
        if max_cost is not None:
            self._buyer.check_cost(purchase, max_cost=max_cost)
        if dry_run:
            return self._buyer.rehearse(planned, purchase)
        orders = self._buyer.buy(planned, purchase, again=again)
        return orders[0] if len(orders) == 1 else group_of(orders, self._book.group_id(orders))

    @step
    def orders(self, *, states: Iterable[OrderState | str] = ()) -> list[Order]:
        """List this account's orders that the ledger knows, newest first.

        Args:
            states: Only these; all if empty.
        """
        wanted = set(map(state_of, words("states", states))) or None
        entries = self._ledger.entries(provider=self.name, states=wanted, profile=self.profile)
        return [entry.order for entry in entries]

    @step
    def wait(
        self,
        order: Any,
        *,
        timeout: float | None = None,
        accept_partial: bool = False,
        progress: _Progress = None,
    ) -> Order:
        """Wait until an order has come to its good end. Interrupting it loses nothing.

        Args:
            order: What `order` gave, an id, or a list of these.
            timeout: Seconds, > 0; None waits for as long as it takes, 0 looks once.
            accept_partial: Whether part of it is good enough.
            progress: True, False, a callback for events, or None to show it where someone looks.

        Returns:
            The order, succeeded (or partial, if accepted).

        Raises:
            OrderFailed: With the provider's reason; also if it was cancelled.
            OrderPartial: Unless accepted.
            OrderTimeout: It goes on at the provider.
            ApprovalNeeded: The provider has named its price, and waits for your word.
        """
        from swath._ledger.mailbox import Watcher
        from swath._waiting import wait_all
        from swath.progress import Event, shown

        number("timeout", timeout)
        orders, group = self._book.resolve(order)
        orders = [self._buyer.settled(entry) for entry in orders]
        with shown(progress) as show:

            def changed(entry: Order) -> None:
                if show is not None:
                    done = 1.0 if entry.state.is_final else entry.progress
                    show(
                        Event(kind="wait", label=entry.id or entry.tag, done=done, total=1.0, detail=entry.state.value)
                    )

            done = wait_all(
                orders,
                look=self._buyer.look,
                clock=self._session.clock,
                timeout=timeout,
                poll_s=self.info.poll_s,
                on_change=changed,
                until=needs_approval,
                unchanged=self._buyer.glance,
                watcher=Watcher(self._ledger.mailbox, self.name),
            )
        require_approved(done)
        result = done[0] if len(done) == 1 and group is None else group_of(done, group or done[0].tag)
        judge(result, accept_partial=accept_partial)
        return result

    @step
    def cancel(self, order: Any) -> Order:
        """Ask the provider to drop an order.

        Raises:
            Rejected: If it is too late.
            NotSupported: If the provider cannot.
        """
        if not self._session.hooks.has("cancel"):
            raise NotSupported("orders cannot be cancelled at this provider", provider=self.name, step="cancel")
        orders, group = self._book.resolve(order)
        done = []
        for entry in orders:
            current = self._buyer.settled(entry)
            if not current.state.is_final:
                current = self._session.hooks.cancel(self._session.context, current)
                self._ledger.record(current, source="user", note="cancel was asked for")
            done.append(current)
        return done[0] if len(done) == 1 and group is None else group_of(done, group or done[0].tag)

    # --- get --------------------------------------------------------------------------------------------------------

    @step
    def download(
        self,
        what: Any,
        directory: str | Path = ".",
        *,
        workers: int = 8,
        overwrite: bool = False,
        collect: bool = False,
        progress: _Progress = None,
        executor: Executor | None = None,
    ) -> list[pystac.Item]:
        """Fetch what was ordered, complete and verified.

        Args:
            what: What `wait` gave, an order's id, or items (or a search) that were ordered before or need no order.
            directory: Target folder; made if it is not there.
            workers: Files at once.
            overwrite: Fetch again what is there and whole.
            collect: Do not raise for single files; see the items for what came.
            progress: As in `wait`.
            executor: Runs the batch, for example a Dask client's.

        Returns:
            `pystac.Item` with local hrefs, ``file:size`` and ``file:checksum``; the same is written beside the files.

        Raises:
            NotOrdered: If it was never ordered, or is not ready; nothing is ordered by itself.
            PartialFailure: Some files failed; the others are in place.
        """
        from swath._pystac import pystac_item
        from swath.progress import shown

        target = folder("directory", directory)
        orders = self._book.resolve(what)[0] if orders_of(what) is not None else self._book.holding(items_of(what))
        for order in orders:
            require_delivered(order)
        with shown(progress) as show:
            local = deliver(
                self._session,
                self._ledger,
                orders,
                target,
                workers=count("workers", workers),
                overwrite=overwrite,
                progress=show,
                executor=executor,
                collect=collect,
            )
        return [pystac_item(item) for item in local]

    @step
    def load(self, items: Any, **options: Any) -> Any:
        """Read items as arrays or tables: downloaded ones, or through links what was ordered and is not downloaded.

        Args:
            items: What `download` gave: `pystac` items, dicts, or a folder that was downloaded to. Or what `wait` gave,
                an order's id, or items that were ordered: images are then read where the provider keeps them, by
                parts, and links are minted again when they die, also while dask computes.
            **options: The fields of `swath.models.LoadOptions`: ``bands``, ``missing``, ``crs``, ``resolution``,
                ``bbox``, ``intersects``, ``like``, ``resampling``, ``chunks``, ``groupby``, ``mask``,
                ``mask_and_scale``, ``nodata``, ``max_bytes``.

        Returns:
            `xarray.Dataset` with dimensions ``(time, y, x)``, lazy unless ``chunks=None``; or `geopandas.GeoDataFrame`.

        Raises:
            UnknownAsset: For a band that no item has; without ``bands`` and ``missing``, also for one that some lack.
            MixedProjections: If the items' CRS differ and ``crs`` is not given.
            NotOrdered: For items that are neither here nor ordered, or not delivered yet.
            MissingExtra: With the pip line.
        """
        from swath._inputs import load_options

        found, read = self._readable(items, load_options(options))
        return self._session.hooks.load(self._session.context, found, read)

    def _readable(
        self, what: Any, options: LoadOptions, *, among_others: bool = False
    ) -> tuple[list[ItemDict], LoadOptions]:
        """Find what is to be read, and how the files are reached that are not on this machine."""
        from swath._streaming import readable

        items, read = readable(self._session, self._book, self._reopen, what, options, among_others=among_others)
        return (self._session.hooks.complete(self._session.context, items, read) if among_others else items), read

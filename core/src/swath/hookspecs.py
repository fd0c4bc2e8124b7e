# SPDX-License-Identifier: Apache-2.0
"""The contract between core and a provider: what each hook says, gets and returns.

A provider is one class, named by an entry point of the group ``swath.providers``; core makes one instance of it,
without
arguments, for each provider that is opened. Its methods carry the `hookimpl` mark::

    from swath.hookspecs import Context, hookimpl
    from swath.models import Page, ProviderInfo, Query


    class ExampleProvider:
        @hookimpl
        def describe(self) -> ProviderInfo:
            return ProviderInfo(name="example", title="Example")

        @hookimpl
        def search(self, context: Context, query: Query) -> Iterator[Page]:
            answer = context.http.request("GET", f"{context.settings['base_url']}/items")
            yield Page(items=answer.json()["features"])

An implementation may take fewer arguments than its spec, never more. Hooks translate; sockets, threads, waiting, files
and the ledger are core's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pluggy

from swath._context import Context, Http, Operation
from swath.models import (
    Asset,
    ItemDict,
    LoadOptions,
    Order,
    OrderRequest,
    Page,
    ProviderInfo,
    Query,
    Quote,
    SubscribeRequest,
    TaskRequest,
)

if TYPE_CHECKING:
    import click
    import httpx

    from swath.sandbox import StandIn, World

__all__ = ["Context", "Hooks", "Http", "Operation", "hookimpl", "hookspec"]

hookspec = pluggy.HookspecMarker("swath")
"""Marks a specification; only core uses it."""
hookimpl = pluggy.HookimplMarker("swath")
"""Marks a plugin's implementation of a hook."""


class Hooks:
    """All hooks. Each is ``firstresult``: core takes the first answer that is not None."""

    # --- about ---

    @hookspec(firstresult=True)
    def describe(self) -> ProviderInfo | None:
        """Say what the provider is and needs, without any request.

        Core calls it once when the provider is opened, before everything else, and for listings. It must not fail.

        Returns:
            The description. Required of every provider.
        """

    @hookspec(firstresult=True)
    def collections(self, context: Context) -> Iterable[ItemDict] | None:
        """List what can be searched, as STAC Collections.

        Core calls it when a user lists collections, and once for each opened provider before the first search that
        names collections or a filter; it keeps the answer.

        Returns:
            Valid STAC 1.1 Collections, at least id, description, license, extent and links; `swath.stac.collection`
            builds them. An empty iterable for none.
        """

    @hookspec(firstresult=True)
    def queryables(self, context: Context, collection: str | None) -> Mapping[str, Any] | None:
        """Say which item properties a filter may name.

        Args:
            context: The opened account.
            collection: A collection id, or None for what all have.

        Returns:
            A JSON Schema whose ``properties`` are the STAC property names, as OGC API - Features Part 3 has it. Every
            property that the provider's items carry should be there: core applies those that the provider cannot.
        """

    # --- the life cycle ---

    @hookspec(firstresult=True)
    def authenticate(self, context: Context) -> httpx.Auth | None:
        """Say how requests are signed.

        Core calls it once when the provider is opened; `context.http` is then still unsigned. No request is made here:
        where a token must be fetched, return a `swath.auth.TokenAuth`, which does so before the first signed
        request, once for all threads and processes, and again when the token is old.

        Returns:
            The auth, or None where nothing is signed.
        """

    @hookspec(firstresult=True)
    def search(self, context: Context, query: Query) -> Iterator[Page] | None:
        """Find what exists.

        Core calls it for each new search and takes the pages one by one on a worker thread, one ahead of its user;
        it stops when it has enough. It then applies the whole query again to what comes, so handing a condition to
        the provider only makes things faster, and a page may hold more than match, but never less.

        Args:
            context: The opened account.
            query: Validated and normalised: geometry split at the antimeridian, times aware UTC, filter CQL2 JSON.

        Returns:
            An iterator of pages to the very end; an empty one, or one empty page, for nothing. Where the provider
            caps its answers, the plugin splits the query until nothing is cut off.

        Raises:
            UnexpectedResponse: If the provider's answer is not complete and cannot be made so.
        """

    @hookspec(firstresult=True)
    def count(self, context: Context, query: Query) -> int | None:
        """Count what matches, without fetching it. Core calls it only when a user asks how many.

        Returns:
            The exact number, or None where the provider cannot count this query exactly.
        """

    @hookspec(firstresult=True)
    def quote(self, context: Context, request: OrderRequest | TaskRequest | SubscribeRequest) -> Quote | None:
        """Say what an order would cost, without ordering.

        Core calls it when a user asks, and before each order that has a cap.

        Returns:
            The quote. What the provider does not tell is None in it, never 0. None instead of a quote: nothing is
            known.
        """

    @hookspec(firstresult=True)
    def order(self, context: Context, request: OrderRequest) -> Order | None:
        """Send one order, once.

        Core calls it after the intent is on disk, never twice for one tag. The one request that buys uses
        ``operation=Operation.ONCE``; what else is needed (activation look-ups, bundle lists) comes before it.

        Args:
            context: The opened account.
            request: Complete. `request.reference` goes where the provider's own list shows it again, if there is such a
                place (`ProviderInfo.tagged`).

        Returns:
            The order with the provider's id and first state. ``kind="direct"`` and ``state=succeeded`` where the
            items can be downloaded without ordering; no request is made then.

        Raises:
            InputError: If this cannot be ordered; nothing was sent.
            Rejected: If the provider refused it whole. Items refused within an accepted order go to `failed_items`.
            QuotaExceeded: If the provider says so, by whatever status or words.
            Any other error after the request was sent makes the order uncertain.
        """

    @hookspec(firstresult=True)
    def wait(self, context: Context, order: Order) -> Order | None:
        """Look once at where an order stands.

        Core calls this from its poll schedule, on a worker thread, never twice at once for one order. Core sleeps
        between looks, retries transport failures and stops at a final state; an implementation makes one request.

        Args:
            context: The opened account.
            order: As last seen; `order.id` is the provider's own id.

        Returns:
            The order with its state now (`order.seen(...)`). `progress` is a fraction from 0 to 1, or None where the
            provider gives none. A state word that the plugin does not know is `pending` with the word in
            `native_state`.

        Raises:
            NotFound: The provider does not know the id. For a new order, core waits out the grace time first.
            ProviderError: Any other refusal. Core adds provider and step.
        """

    @hookspec(firstresult=True)
    def download(self, context: Context, order: Order) -> Iterable[Asset] | None:
        """Say which files an order delivers, with links minted now.

        Core calls it when it is about to fetch, on the calling thread, and again when a link has died on the way;
        files are matched by `Asset.item` and `Asset.name`, which must not change between calls.

        Returns:
            All files. An empty iterable where the order delivered nothing for download.
        """

    @hookspec(firstresult=True)
    def load(self, context: Context, items: Sequence[ItemDict], options: LoadOptions) -> Any:
        """Read downloaded items as arrays or tables.

        Core calls it when a user loads. Most plugins leave it to core's default, which reads GeoTIFF and JPEG 2000,
        members of zip archives (asset hrefs ``/vsizip/...``), GeoJSON and Parquet by the items' ``bands``.

        Args:
            context: The opened account.
            items: STAC Items with local hrefs.
            options: What to read and how.

        Returns:
            `xarray.Dataset` with dimensions ``(time, y, x)``, or `geopandas.GeoDataFrame`; None leaves it to core.
        """

    @hookspec(firstresult=True)
    def complete(self, context: Context, items: Sequence[ItemDict], options: LoadOptions) -> Iterable[ItemDict] | None:
        """Add to items what only side files tell of their values: a scale, an offset.

        Core calls it before it reads items of several providers onto one grid, which no provider's own `load` can do.
        Side files are read by `swath.native.read_json`.

        Args:
            context: The opened account.
            items: The provider's own STAC Items, as `load` is given them.
            options: What to read and how.

        Returns:
            The items, as many as were given, changed copies where something is to be added; None where nothing is.
        """

    @hookspec(firstresult=True)
    def members(
        self, context: Context, item: ItemDict, asset: Asset, path: str
    ) -> Iterable[tuple[str, ItemDict]] | None:
        """Name the bands inside a downloaded archive.

        Core calls it after an archive has its final name, on the calling thread. Nothing is unpacked.

        Args:
            context: The opened account.
            item: The STAC Item it belongs to.
            asset: What was fetched.
            path: Local path of the archive.

        Returns:
            Pairs of asset key and STAC asset dict, whose ``href`` is ``/vsizip/<path>/<member>``; core adds them to
            the local item. None where the file is no archive that the plugin knows.
        """

    # --- more about orders ---

    @hookspec(firstresult=True)
    def cancel(self, context: Context, order: Order) -> Order | None:
        """Ask the provider to drop an order. Core calls it when a user cancels, once, for orders that are not final.

        Returns:
            The order as the provider then has it.

        Raises:
            Rejected: If it is too late.
        """

    @hookspec(firstresult=True)
    def orders(self, context: Context, since: dt.datetime | None) -> Iterable[Order] | None:
        """List the account's orders, newest first.

        Core calls it to find an order whose reply was lost, by the tag in its name, and when a user asks for the
        provider's list.

        Args:
            context: The opened account.
            since: Only what was created at or after this; None for all that the provider still lists.

        Returns:
            Orders with id, tag (`swath.models.find_tag`), state and creation time.
        """

    # --- what is yet to be acquired ---

    @hookspec(firstresult=True)
    def opportunities(self, context: Context, request: TaskRequest) -> Iterable[ItemDict] | None:
        """List when and how a future acquisition could be made, earliest first. Nothing is ordered.

        Returns:
            GeoJSON Features as STAPI has them: an acquisition's footprint, and ``datetime`` (``start/end``) with what
            is known of its angles in the properties.
        """

    @hookspec(firstresult=True)
    def task(self, context: Context, request: TaskRequest) -> Order | None:
        """Order a future acquisition, once. The rules of `order` hold.

        Core calls it when a user tasks. A provider that tells the price only after it was asked
        (`ProviderInfo.reviews`) must not let it go ahead before `approve`.

        Args:
            context: The opened account.
            request: Where, when and how; constraints are in its filter, the order parameters in its options.

        Returns:
            The order, of kind ``"task"``. `wait` looks at it, `download` lists its files; the STAC Items that come of
            it are in `Order.delivered`.
        """

    @hookspec(firstresult=True)
    def subscribe(self, context: Context, request: SubscribeRequest) -> Order | None:
        """Place a standing order, once. The rules of `order` hold.

        Returns:
            The order, of kind ``"subscription"``: ``shipping`` while more may come. `download` lists what has come
            until now, and `Order.delivered` holds its STAC Items.
        """

    @hookspec(firstresult=True)
    def approve(self, context: Context, order: Order) -> Order | None:
        """Let what waits for approval (`Order.awaits_approval`) go ahead at the price in `Order.quote`. This buys.

        Raises:
            Rejected: If it does not wait for approval any more.
        """

    @hookspec(firstresult=True)
    def event(self, context: Context, headers: Mapping[str, str], body: bytes) -> Order | None:
        """Verify and read one webhook delivery.

        Returns:
            The order it speaks of, only as a reason to look; None for a delivery that is not about an order.

        Raises:
            InvalidCredentials: If its signature is wrong or too old.
        """

    # --- what is the provider's own ---

    @hookspec(firstresult=True)
    def commands(self) -> click.Group | None:
        """Give a click group for what only this provider has; it becomes ``swath NAME ...``."""

    @hookspec(firstresult=True)
    def sandbox(self, world: World) -> StandIn | None:
        """Make the provider's stand-in server, for ``swath sandbox``, ``swath demo`` and the conformance suite.

        Args:
            world: The clock, seed, scene maker, fault switch and request log that all stand-ins share.

        Returns:
            An ASGI application, and the environment that points a client at it.
        """

# SPDX-License-Identifier: Apache-2.0
"""Reads what orders deliver through their links, which are minted again whenever they die."""

from __future__ import annotations

import datetime as dt
import random
import re
import threading
import uuid
import weakref
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import httpx
from attrs import evolve

from swath._delivery import Listing, require_delivered
from swath._inputs import is_remote, local_items_of, orders_of
from swath._load.remote import Blocks, Piece, RemoteFile
from swath._orderbook import OrderBook
from swath._session import Session
from swath._transfer.receipt import describes
from swath.errors import LinkExpired, LoadError, RateLimited, SwathError, Unavailable
from swath.models import Asset, ItemDict, LoadOptions, Order

if TYPE_CHECKING:
    from swath._account import Account

__all__ = ["Links", "readable", "streamed"]

_DEAD: Final = frozenset({400, 401, 403, 404, 410})
"""What servers answer to a link that has expired."""
_RENEWALS: Final = 3
_MARGIN_S: Final = 2.0
_WHOLE: Final = 32 * 2**20
"""Largest file that is taken whole from a server that gives no parts, bytes."""
_CONTENT_RANGE: Final = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
_KEPT: Final = 8

# The loads of this process, by a key of each alone: the blocks of one graph share theirs however often dask copies
# them, so that links are minted and headers read once a process. What came by pickle is kept while it is of the latest.
_here: weakref.WeakValueDictionary[str, Links] = weakref.WeakValueDictionary()
_arrived: OrderedDict[str, Links] = OrderedDict()
_here_lock = threading.Lock()


def readable(
    session: Session,
    book: OrderBook,
    reopen: tuple[Any, ...],
    what: Any,
    options: LoadOptions,
    *,
    among_others: bool = False,
) -> tuple[list[ItemDict], LoadOptions]:
    """Find what is to be read, and how the files are reached that are not on this machine.

    Args:
        session: The opened account.
        book: Its orders.
        reopen: How another process opens the account again: a function and its arguments.
        what: A folder, items that are here or were ordered, orders or their ids.
        options: What to read and how.
        among_others: Whether core reads them beside other providers' items. Alone, a plugin may know how to read what
            is in a bucket.

    Returns:
        The items, and the options with the files behind links.

    Raises:
        NotOrdered: For items that are neither here nor ordered, or not delivered yet.
    """
    is_place = isinstance(what, str | Path) and Path(what).exists()
    local: list[ItemDict] = []
    wanted: frozenset[str] | None = None
    if not is_place and orders_of(what) is not None:
        orders = book.resolve(what)[0]
    else:
        found = local_items_of(what)
        schemes = ("http://", "https://", *(("s3://", "gs://") if among_others else ()))
        remote = [item for item in found if is_remote(item, schemes)]
        local = [item for item in found if not is_remote(item, schemes)]
        wanted = frozenset(str(item["id"]) for item in remote)
        orders = book.holding(remote) if remote else []
    if not orders:
        return local, options
    for order in orders:
        require_delivered(order)
    items, links = streamed(session, orders, reopen, wanted)
    return [*local, *items], evolve(options, links={**options.links, **links})


def streamed(
    session: Session, orders: Sequence[Order], reopen: tuple[Any, ...], wanted: frozenset[str] | None = None
) -> tuple[list[ItemDict], dict[str, RemoteFile]]:
    """Describe the delivered items of orders so that they can be read through their links.

    Args:
        session: The opened account.
        orders: Simple orders, delivered.
        reopen: How another process opens the account again: a function and its arguments.
        wanted: Ids of items; all if None.

    Returns:
        STAC Items whose assets have hrefs that stand for the files, and the files by these hrefs.
    """
    links = Links(reopen, orders, session=session)
    items: dict[str, ItemDict] = {}
    files: dict[str, RemoteFile] = {}
    for order in links.listing.orders:
        for item in order.items:
            if (wanted is None or item["id"] in wanted) and item["id"] not in items:
                items[item["id"]] = {**item, "assets": {}}
        known = {item["id"]: item.get("assets") or {} for item in order.items}
        for asset in links.listing.assets:
            if asset.item in items and asset.part_of_item and links.listing.origin_of(asset).order is order:
                place = (order.provider, order.id or order.tag, asset.item, asset.name)
                href = "swath://" + "/".join(quote(part) for part in place)
                files[href] = RemoteFile(
                    ranges=links, href=href, item=asset.item, name=asset.name, size=asset.size, checksum=asset.checksum
                )
                about = known[asset.item].get(asset.key, {})
                made = {name: value for name, value in about.items() if describes(name)} | dict(asset.fields)
                made |= {"href": href, "type": asset.media_type, "roles": list(asset.roles)}
                items[asset.item]["assets"][asset.key] = {name: value for name, value in made.items() if value}
    return [item for item in items.values() if item["assets"]], files


class Links:
    """The files of orders, read through links that are minted when needed.

    It pickles as the account's name and the orders: no link and no secret goes along.

    Args:
        reopen: How the account is opened again: a function and its arguments.
        orders: Simple orders, delivered.
        session: The account, where it is open already.
        token: Tells this load from all others.
    """

    def __init__(
        self, reopen: tuple[Any, ...], orders: Sequence[Order], *, session: Session | None = None, token: str = ""
    ) -> None:
        self._reopen, self._orders = reopen, tuple(orders)
        self._session = session
        self._token = token or uuid.uuid4().hex
        self._account: Account | None = None
        self._lock = threading.Lock()
        self._listing: Listing | None = None
        self._assets: dict[tuple[str | None, str], Asset] = {}
        self._tags: dict[str, str] = {}
        self._rng = random.Random()  # noqa: S311  jitter, no secret
        self.blocks = Blocks()
        _here[self._token] = self

    def __reduce__(self) -> tuple[Any, ...]:
        return _links, (self._token, self._reopen, self._orders)

    @property
    def session(self) -> Session:
        """The account; opened now if it is not."""
        if self._session is None:
            opener, arguments = self._reopen
            self._account = opener(*arguments)
            self._session = self._account._session  # noqa: SLF001  an account that is only read with
        return self._session

    @property
    def listing(self) -> Listing:
        """What the orders deliver; asked for once."""
        with self._lock:
            if self._listing is None:
                self._listing = Listing(self.session, self._orders)
                self._assets = {(one.item, one.name): one for one in self._listing.assets}
            return self._listing

    def fetch(self, file: RemoteFile, start: int, end: int) -> Piece:
        """See `swath._load.remote.Ranges`."""
        http, clock = self.session.http, self.session.clock
        retry = http.settings.retry
        begun_s, attempt, renewed = clock.monotonic(), 0, 0
        asset = self._asset(file)
        while True:
            try:
                return self._once(file, asset, start, end)
            except (httpx.TransportError, SwathError) as err:
                if getattr(err, "status_code", None) in _DEAD and renewed < _RENEWALS:
                    renewed += 1
                    fresh = self._renew(asset, err)
                    if fresh.href != asset.href:
                        asset = fresh
                        continue
                attempt += 1
                passing = isinstance(err, httpx.TransportError | Unavailable | RateLimited)
                pause_s = retry.pause_s(attempt, asked_s=None, rng=self._rng)
                if not passing or attempt >= retry.attempts or clock.monotonic() - begun_s + pause_s > retry.budget_s:
                    raise self._failed(file, err) from err
                clock.sleep(pause_s)

    def _asset(self, file: RemoteFile) -> Asset:
        """Give the file with a link that is good now, as far as its own date tells."""
        self.listing  # noqa: B018  makes the assets known
        found = self._assets.get((file.item, file.name))
        if found is None:
            raise LoadError(f"{file.name!r} of item {file.item!r} is delivered no more", details={"item": file.item})
        if found.expires and found.expires <= self.session.clock.now() + dt.timedelta(seconds=_MARGIN_S):
            return self._renew(found, None)
        return found

    def _renew(self, stale: Asset, refusal: Exception | None) -> Asset:
        """Have the links minted again, unless another thread just has."""
        known = self._assets[stale.item, stale.name]
        if known.href != stale.href:
            return known
        try:
            fresh = self.listing.remint(stale)
        except SwathError as err:
            raise LoadError(
                f"the link to {stale.name!r} of item {stale.item!r} has expired, and there is no other: {err.message}",
                details={"item": stale.item, "asset": stale.key},
            ) from (refusal or err)
        self._assets[stale.item, stale.name] = fresh
        return fresh

    def _once(self, file: RemoteFile, asset: Asset, start: int, end: int) -> Piece:
        """Ask once."""
        headers = {"Accept-Encoding": "identity", "Range": f"bytes={start}-{end - 1}"}
        with self.session.http.stream("GET", asset.href, headers=headers) as response:
            if response.status_code == 206:
                found = _CONTENT_RANGE.fullmatch(response.headers.get("content-range", ""))
                data = response.read()
                self._check_same(file, response.headers.get("etag"))
                if found is None or int(found[1]) != start or len(data) != int(found[2]) - start + 1:
                    raise httpx.ReadError(f"the answer is not the bytes from {start} on")
                piece = Piece(data, start, int(found[3]))
            elif response.status_code == 200:
                data = self._whole(asset, response)
                self._check_same(file, response.headers.get("etag"))
                piece = Piece(data, 0, len(data))
            else:
                raise self._changed(file)
        known = self.blocks.size(file.href)
        if known is not None and known != piece.size:
            raise self._changed(file)
        return piece

    @staticmethod
    def _whole(asset: Asset, response: httpx.Response) -> bytes:
        """Take a whole file from a server that gives no parts, if it is no large one."""
        data = bytearray()
        length = response.headers.get("content-length", "")
        for chunk in response.iter_bytes() if int(length or 0) <= _WHOLE else (bytes(_WHOLE + 1),):
            data += chunk
            if len(data) > _WHOLE:
                raise LoadError(
                    f"{asset.name!r} of item {asset.item!r} cannot be read in parts: its server gives it whole",
                    hint="download it, and load what came",
                    details={"item": asset.item, "asset": asset.key},
                )
        return bytes(data)

    def _check_same(self, file: RemoteFile, tag: str | None) -> None:
        """Refuse pieces of two different files."""
        if tag is not None and not tag.startswith("W/") and self._tags.setdefault(file.href, tag) != tag:
            raise self._changed(file)

    @staticmethod
    def _changed(file: RemoteFile) -> LoadError:
        return LoadError(
            f"{file.name!r} of item {file.item!r} has changed while it was read",
            hint="load it again",
            details={"item": file.item},
        )

    @staticmethod
    def _failed(file: RemoteFile, err: Exception) -> LoadError:
        if isinstance(err, LoadError):
            return err
        said = err.message if isinstance(err, SwathError) else str(err) or type(err).__name__
        return LoadError(
            f"{file.name!r} of item {file.item!r} cannot be read through its link: {said}",
            hint=err.hint if isinstance(err, SwathError) and not isinstance(err, LinkExpired) else "load it again",
            details={"item": file.item},
        )


def _links(token: str, reopen: tuple[Any, ...], orders: Sequence[Order]) -> Links:
    """Give the links that a pickle is of: those that are in use in this process, or new ones."""
    with _here_lock:
        found = _here.get(token)
        if found is None or token in _arrived:
            found = _arrived.pop(token, None) or Links(reopen, orders, token=token)
            _arrived[token] = found
            while len(_arrived) > _KEPT:
                _arrived.popitem(last=False)
        return found

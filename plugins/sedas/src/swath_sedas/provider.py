# SPDX-License-Identifier: Apache-2.0
"""SeDAS as swath sees it: the hooks, in the order of the life cycle."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from swath.errors import Gone, InputError, NotFound, NotSupported, Rejected, UnexpectedResponse
from swath.hookspecs import Context, hookimpl
from swath.models import (
    Asset,
    CredentialField,
    ItemDict,
    Order,
    OrderRequest,
    OrderState,
    Page,
    ProviderInfo,
    Query,
    Quote,
    SettingField,
    SortKey,
)
from swath.stac import FILE_CHECKSUM, ROLE_DATA, ZIP
from swath_sedas import catalogue
from swath_sedas.api import SeDASAPI
from swath_sedas.archives import members_of
from swath_sedas.search import find, newest_first
from swath_sedas.session import BASE_URL
from swath_sedas.signing import SeDASAuth, base_url_of
from swath_sedas.stac import PRODUCT_KEY, is_online, is_planned, item_of
from swath_sedas.wire import ONLINE_KEY, SUSPICIOUS, RequestAnswer, file_checksum, read

if TYPE_CHECKING:
    import httpx

    from swath.sandbox import StandIn, World

__all__ = ["SeDASProvider"]

_LOG = logging.getLogger("swath_sedas")

_NEWEST = (SortKey(property="datetime", descending=True),)
_DOWNLOADS = "https://sedasdm.satapps.org"
"""Where products are fetched from; the same token opens it."""


class SeDASProvider:
    """Sentinel-1, Sentinel-2 and NovaSAR-1 from SeDAS, the Sentinel Data Access Service."""

    # --- about ------------------------------------------------------------------------------------------------------

    @hookimpl
    def describe(self) -> ProviderInfo:
        """Say what SeDAS is and needs."""
        return ProviderInfo(
            name="sedas",
            title="SeDAS",
            description="Sentinel-1, Sentinel-2 and NovaSAR-1 products of the Satellite Applications Catapult: online "
            "for a while, then on request from the long-term archive.",
            url="https://sa.catapult.org.uk/blogs/sedas-api-python-client/",
            credentials=[
                CredentialField(
                    name="username",
                    env=("SEDAS_USERNAME",),
                    title="User name",
                    help="the e-mail address or name of your SeDAS account",
                    secret=False,
                ),
                CredentialField(
                    name="password", env=("SEDAS_PASSWORD",), title="Password", help="of your SeDAS account"
                ),
            ],
            settings=[
                SettingField(
                    name="base_url",
                    env=("SWATH_SEDAS_URL",),
                    default=BASE_URL,
                    title="Address of the service",
                    origin=True,
                ),
                SettingField(
                    name="download_url",
                    env=("SWATH_SEDAS_DOWNLOAD_URL",),
                    default=_DOWNLOADS,
                    title="Address of the download host, which may see the token too",
                    origin=True,
                ),
                SettingField(name="authentication_url", title="Where to log in, if not below the service's address"),
                SettingField(
                    name="split_at",
                    env=("SWATH_SEDAS_SPLIT_AT",),
                    default=str(SUSPICIOUS),
                    title="Products in one answer from which on it counts as cut off, so that the search is split",
                ),
            ],
            limits={"default": 10.0},
            max_items_per_order=1,
            tagged=False,
            poll_s=5.0,
        )

    @hookimpl
    def collections(self, context: Context) -> list[ItemDict]:
        """List the collections, described by the service where it answers."""
        client = SeDASAPI.over(context)
        return catalogue.collections(client.list_satellites, client.list_sensor_groups)

    @hookimpl
    def queryables(self, collection: str | None) -> Mapping[str, Any]:
        """Say which properties a filter may name."""
        return catalogue.queryables(collection)

    # --- the life cycle ---------------------------------------------------------------------------------------------

    @hookimpl
    def authenticate(self, context: Context) -> httpx.Auth:
        """Sign with a token that is fetched at first use."""
        return SeDASAuth(context)

    @hookimpl
    def search(self, context: Context, query: Query) -> Iterator[Page]:
        """Find products; where the service cuts an answer off, search its halves."""
        base_url = base_url_of(context)
        if query.sortby == _NEWEST and not query.ids:
            yield from _newest_first(context, query, base_url)
            return
        for found in find(SeDASAPI.over(context), query, now=context.time(), split_at=_split_at(context)):
            yield Page(items=tuple(item_of(product, base_url=base_url) for product in found))

    @hookimpl
    def quote(self, request: OrderRequest) -> Quote:
        """Say that the service tells no cost."""
        return Quote(
            items={str(item["id"]): None for item in request.items},
            note="SeDAS publishes neither prices nor quotas; whether a request from the long-term archive counts "
            "against the account is not known",
        )

    @hookimpl
    def order(self, context: Context, request: OrderRequest) -> Order:
        """Request a product from the long-term archive; one that is online needs no request."""
        item = _only_item(request)
        supplier_id = str(item["id"])
        if is_online(item):
            return Order(
                provider="sedas",
                id=supplier_id,
                tag=request.tag,
                kind="direct",
                state=OrderState.SUCCEEDED,
                native_state="ONLINE",
                request=request,
                created=context.time(),
                updated=context.time(),
                progress=1.0,
                message="in the rolling archive: nothing to request",
            )
        try:
            request_id = SeDASAPI.over(context).request({"supplierId": supplier_id})
        except NotFound as err:
            raise Rejected(
                f"SeDAS does not know the product {supplier_id!r}",
                provider="sedas",
                status_code=err.status_code,
                request_id=err.request_id,
                hint=f"search for it again: ids=[{supplier_id!r}]; only products that the search lists can be ordered",
            ) from err
        return Order(
            provider="sedas",
            id=str(request_id),
            tag=request.tag,
            state=OrderState.ORDERED,
            native_state="REQUESTED",
            request=request,
            created=context.time(),
            updated=context.time(),
            message="requested from the long-term archive",
            raw={"requestId": request_id, "supplierId": supplier_id},
        )

    @hookimpl
    def wait(self, context: Context, order: Order) -> Order:
        """Look where a request stands, or whether a product that was online still is."""
        client = SeDASAPI.over(context)
        now = context.time()
        if order.kind == "direct":
            online = any(product.get(ONLINE_KEY) for product in client.search_product(order.id))
            if online:
                return order.seen(OrderState.SUCCEEDED, native_state="ONLINE", updated=now, progress=1.0)
            return order.seen(
                OrderState.FAILED,
                native_state="ARCHIVED",
                updated=now,
                message="it has left the rolling archive; search for it again and order what you find, then it comes "
                "from the long-term archive",
            )
        found = client.request_status(order.id)
        if found is None:
            return order.seen(OrderState.PENDING, updated=now, message="not listed yet")
        answer = read(found, RequestAnswer, what=f"the answer on request {order.id}")
        if answer.is_unknown and answer.status != order.native_state:
            _LOG.warning(
                "SeDAS says %r of request %s, which this plugin does not know: taken as still under way",
                answer.status,
                order.id,
            )
        return order.seen(
            answer.state,
            native_state=answer.status or "",
            updated=now,
            progress=1.0 if answer.state is OrderState.SUCCEEDED else None,
            message=answer.reason or (f"SeDAS says {answer.status}" if answer.status else ""),
            raw={key: value for key, value in found.items() if key != ONLINE_KEY},
        )

    @hookimpl
    def download(self, context: Context, order: Order) -> Iterable[Asset]:
        """Give the product's archive, with its address as the service gives it now."""
        client = SeDASAPI.over(context)
        item = order.items[0] if order.items else None
        supplier_id = order.id if order.kind == "direct" else str(order.raw.get("supplierId") or "")
        if item is not None:
            supplier_id = str(item["id"])
        url = None
        if order.kind != "direct":
            found = client.request_status(order.id) or {}
            url = found.get(ONLINE_KEY)
            supplier_id = supplier_id or str(found.get("supplierId") or "")
        checksum = _checksum(item)
        if supplier_id and not (url and checksum):
            product = next(iter(client.search_product(supplier_id)), {})
            url = url or product.get(ONLINE_KEY)
            vendor = product.get("vendorSpecific")
            checksum = checksum or file_checksum(vendor if isinstance(vendor, Mapping) else None)
        if not url and item is not None and is_online(item):
            # What the search gave; if the file is gone it says so by itself, and the batch goes on with the others.
            url = item.get("assets", {}).get(PRODUCT_KEY, {}).get("href")
        if not supplier_id:
            raise UnexpectedResponse(
                f"SeDAS does not say which product request {order.id} is for", provider="sedas", step="download"
            )
        if not isinstance(url, str) or "://" not in url:
            raise Gone(
                f"{supplier_id} is not online any more: a restored product returns to the long-term archive after a "
                "while",
                provider="sedas",
                step="download",
                hint=f"search for it again (ids=[{supplier_id!r}]) and order what you find with again=True",
            )
        return [
            Asset(
                href=url,
                name=f"{supplier_id}.zip",
                key=PRODUCT_KEY,
                item=supplier_id,
                checksum=checksum,
                media_type=ZIP,
                roles=(ROLE_DATA,),
            )
        ]

    @hookimpl
    def members(self, item: ItemDict, asset: Asset, path: str) -> list[tuple[str, ItemDict]] | None:
        """Name the bands inside a product's archive."""
        return members_of(item, path) if asset.key == PRODUCT_KEY else None

    # --- stand-in ---------------------------------------------------------------------------------------------------

    @hookimpl
    def sandbox(self, world: World) -> StandIn:
        """Make the stand-in server."""
        from swath_sedas.sandbox import make_stand_in

        return make_stand_in(world)


def _split_at(context: Context) -> int:
    """Read the setting of that name."""
    text = context.settings.get("split_at") or str(SUSPICIOUS)
    try:
        value = int(text)
    except ValueError:
        value = 0
    if value < 2:
        raise InputError(
            f"split_at is {text!r}, not a number of products above 1",
            provider="sedas",
            hint=f"leave SWATH_SEDAS_SPLIT_AT unset for {SUSPICIOUS}",
        )
    return value


def _newest_first(context: Context, query: Query, base_url: str) -> Iterator[Page]:
    """Give items in order as soon as no later one can come."""
    held: list[ItemDict] = []
    answers = newest_first(SeDASAPI.over(context), query, now=context.time(), split_at=_split_at(context))
    for found, latest in answers:
        held += [item_of(product, base_url=base_url) for product in found]
        ready = [one for one in held if latest is None or _time_of(one) > latest]
        if ready:
            yield Page(items=sorted(ready, key=_time_of, reverse=True), sorted=True)
            held = [one for one in held if latest is not None and _time_of(one) <= latest]


def _time_of(item: ItemDict) -> dt.datetime:
    return dt.datetime.fromisoformat(item["properties"]["datetime"])


def _only_item(request: OrderRequest) -> ItemDict:
    """Take the one item of an order that SeDAS can fulfil.

    Raises:
        NotSupported: It asks for what SeDAS does not do; nothing was sent.
    """
    asked = {
        "clip": request.clip,
        "tools": request.tools,
        "bundle": request.bundle,
        "delivery": request.delivery,
        "options": request.options,
        "assets": tuple(key for key in request.assets if key != PRODUCT_KEY),
    }
    refused = [name for name, value in asked.items() if value]
    if refused:
        raise NotSupported(
            f"SeDAS delivers whole products as they are: it takes no {', '.join(refused)}",
            provider="sedas",
            hint="order without; swath.load reads only the bands and the area that you name (bands=..., bbox=...)",
        )
    if len(request.items) != 1:
        raise NotSupported(
            f"SeDAS takes one product an order, not {len(request.items)} items"
            + (f" of collection {request.collection!r}" if request.collection else ""),
            provider="sedas",
            hint="order the items of a search: provider.order(search)",
        )
    item = request.items[0]
    if is_planned(item):
        raise NotSupported(
            f"{item['id']} is an acquisition that has not been made yet, which cannot be ordered",
            provider="sedas",
            hint="search again after it was taken; the product then has an id of its own",
        )
    return item


def _checksum(item: ItemDict | None) -> str | None:
    """Give the checksum that the search told."""
    found = (item or {}).get("assets", {}).get(PRODUCT_KEY, {}).get(FILE_CHECKSUM)
    return str(found) if found else None

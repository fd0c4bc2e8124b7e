# SPDX-License-Identifier: Apache-2.0
"""Example Imaging's hooks, in the sequence of the life cycle."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from swath import stac
from swath.auth import HeaderAuth
from swath.convert import make_converter, structure
from swath.errors import NotSupported
from swath.hookspecs import Context, Operation, hookimpl
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
    find_tag,
)
from swath.pushdown import predicates
from swath_example.wire import STATES, Files, OrderList, OrderPayload, Price, Scene, SceneList

if TYPE_CHECKING:
    import httpx

    from swath.sandbox import StandIn, World

__all__ = ["ExampleProvider"]

BANDS = ("blue", "green", "red", "nir")
MAX_PAGE_SIZE = 50


class ExampleProvider:
    """Example Imaging: one constellation, one product, one key."""

    def __init__(self) -> None:
        self._converter = make_converter()

    # --- about -------------------------------------------------------------------------------------------------------

    @hookimpl
    def describe(self) -> ProviderInfo:
        """Say what the provider is and needs. No request is made here."""
        return ProviderInfo(
            name="example",
            title="Example Imaging",
            description="Five-metre multispectral scenes of a company that does not exist",
            url="https://example.com",
            credentials=[
                CredentialField(
                    name="api_key", env="EXAMPLE_API_KEY", title="API key", help="shown at https://example.com/account"
                )
            ],
            settings=[
                SettingField(name="base_url", env="SWATH_EXAMPLE_URL", default="https://api.example.com", origin=True)
            ],
            limits={"default": 10},
            max_items_per_order=20,
            tagged=True,
            poll_s=10,
        )

    @hookimpl
    def collections(self) -> Iterable[ItemDict]:
        """List the one collection. It never changes, so nothing is asked for it."""
        yield stac.collection(
            id="scenes",
            title="Example scenes",
            description="Surface reflectance in four bands, 5 m",
            start=dt.datetime(2020, 1, 1, tzinfo=dt.UTC),
            provider="example",
        )

    @hookimpl
    def queryables(self) -> Mapping[str, Any]:
        """Say what a filter may name: every property that the items carry."""
        number = {"type": "number"}
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": {
                "id": {"type": "string"},
                "datetime": {"type": "string", "format": "date-time"},
                stac.CLOUD_COVER: {**number, "minimum": 0, "maximum": 100},
                stac.OFF_NADIR: number,
                stac.SUN_ELEVATION: number,
                stac.GSD: number,
                stac.PLATFORM: {"type": "string"},
                stac.ORDER_STATUS: {"type": "string"},
            },
        }

    # --- the life cycle ----------------------------------------------------------------------------------------------

    @hookimpl
    def authenticate(self, context: Context) -> httpx.Auth:
        """Sign with the key. Core sends it to `base_url` and to nobody else."""
        return HeaderAuth("X-Api-Key", context.credentials["api_key"].value)

    @hookimpl
    def search(self, context: Context, query: Query) -> Iterator[Page]:
        """Search box by box: the service takes one box, a query may have several areas."""
        for box in _boxes(query.intersects):
            params = _search_params(query, box)
            while True:
                found = self._get(context, "scenes", SceneList, params)
                yield Page(items=[_item(scene) for scene in found.scenes])
                if found.next is None:
                    break
                params["page"] = found.next

    @hookimpl
    def quote(self, context: Context, request: OrderRequest) -> Quote:
        """Ask for the price; it is in credits."""
        price = self._get(context, "price", Price, {"scenes": ",".join(item["id"] for item in request.items)})
        return Quote(amount=price.credits, unit="credits", remaining=price.left)

    @hookimpl
    def order(self, context: Context, request: OrderRequest) -> Order:
        """Send one order. The service delivers whole scenes and nothing else."""
        unheard = ("assets", "bundle", "clip", "delivery", "tools")
        refused = [name for name in unheard if getattr(request, name)]
        if refused:
            raise NotSupported(f"whole scenes only: {', '.join(refused)} cannot be ordered", hint="order without it")
        response = context.http.request(
            "POST",
            f"{_base_url(context)}/v1/orders",
            operation=Operation.ONCE,
            json={"reference": request.reference, "scenes": [item["id"] for item in request.items]},
        )
        payload = structure(self._converter, response.json(), OrderPayload, what="the answer to the order")
        return _seen(Order(provider="example", tag=request.tag, request=request), payload)

    @hookimpl
    def wait(self, context: Context, order: Order) -> Order:
        """Look once."""
        return _seen(order, self._get(context, f"orders/{order.id}", OrderPayload))

    @hookimpl
    def download(self, context: Context, order: Order) -> Iterator[Asset]:
        """List the files; each call of the service mints new links."""
        for file in self._get(context, f"orders/{order.id}/files", Files).files:
            yield Asset(
                href=file.url,
                name=file.name,
                item=file.scene,
                size=file.bytes,
                checksum=stac.multihash("sha256", file.sha256),
                media_type=stac.COG,
                roles=["data"],
                expires=file.until,
                fields={"bands": [stac.band(name, common_name=name) for name in BANDS], "data_type": "uint16"},
            )

    # --- more about orders -------------------------------------------------------------------------------------------

    @hookimpl
    def cancel(self, context: Context, order: Order) -> Order:
        """Drop an order that is not delivered yet."""
        response = context.http.request(
            "DELETE", f"{_base_url(context)}/v1/orders/{order.id}", operation=Operation.WRITE
        )
        return _seen(order, structure(self._converter, response.json(), OrderPayload, what="the order"))

    @hookimpl
    def orders(self, context: Context, since: dt.datetime | None) -> Iterator[Order]:
        """List the account's orders, newest first: how core finds one whose reply was lost."""
        params = {} if since is None else {"from": stac.timestamp(since)}
        for payload in self._get(context, "orders", OrderList, params).orders:
            yield _seen(Order(provider="example", tag=find_tag(payload.reference) or ""), payload)

    # --- its own -----------------------------------------------------------------------------------------------------

    @hookimpl
    def sandbox(self, world: World) -> StandIn:
        """Make the stand-in server."""
        from swath_example.sandbox import make_stand_in

        return make_stand_in(world)

    def _get(self, context: Context, path: str, kind: type[Any], params: Mapping[str, str] | None = None) -> Any:
        response = context.http.request("GET", f"{_base_url(context)}/v1/{path}", params=params)
        return structure(self._converter, response.json(), kind, what=f"the answer of /v1/{path}")


def _base_url(context: Context) -> str:
    return context.settings["base_url"].rstrip("/")


# --- out: our words into the service's --------------------------------------------------------------------------------


def _boxes(area: ItemDict | None) -> Iterator[str | None]:
    """Give a box for each polygon of the area; the service knows no other shape, and core cuts the rest away."""
    if area is None:
        yield None
        return
    polygons = area["coordinates"] if area["type"] == "MultiPolygon" else [area["coordinates"]]
    for rings in polygons:
        yield ",".join(f"{edge:.7f}" for edge in stac.bbox_of({"type": "Polygon", "coordinates": rings}))


def _search_params(query: Query, box: str | None) -> dict[str, str]:
    """Say a query as far as the service can take it. It may find more than match, never less."""
    params = {"per_page": str(min(query.limit or MAX_PAGE_SIZE, MAX_PAGE_SIZE))}
    if box is not None:
        params["box"] = box
    if query.ids:
        params["ids"] = ",".join(query.ids)
    if query.datetime is not None and query.datetime.start is not None:
        params["from"] = stac.timestamp(query.datetime.start)
    if query.datetime is not None and query.datetime.end is not None:
        params["to"] = stac.timestamp(query.datetime.end)
    for predicate in predicates(query.filter).pushed:
        is_cap = predicate.property == stac.CLOUD_COVER and predicate.op in {"<", "<=", "="}
        if is_cap and isinstance(predicate.value, int | float):
            # Percent here, a fraction of three digits there: rounded outward.
            params["max_cloud"] = f"{predicate.value / 100 + 0.0005:.4f}"
    return params


# --- in: the service's words into ours --------------------------------------------------------------------------------


def _item(scene: Scene) -> ItemDict:
    return stac.item(
        id=scene.id,
        geometry=scene.outline,
        datetime=scene.taken,
        collection="scenes",
        provider="example",
        properties={
            stac.CLOUD_COVER: round(scene.cloud * 100, 1),
            stac.OFF_NADIR: scene.tilt,
            stac.SUN_ELEVATION: scene.sun,
            stac.GSD: scene.pixel,
            stac.PLATFORM: scene.satellite,
            stac.ORDER_STATUS: "orderable",
        },
        assets={"preview": stac.asset(scene.preview, media_type=stac.PNG, roles=["thumbnail"])},
    )


def _seen(order: Order, payload: OrderPayload) -> Order:
    return order.seen(
        STATES.get(payload.status, OrderState.PENDING),
        id=payload.id,
        native_state=str(payload.status),
        created=payload.created,
        message=payload.problem or "",
    )

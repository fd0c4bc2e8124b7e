# SPDX-License-Identifier: Apache-2.0
"""Puts the stand-in together: the API, the buckets and its own switches, at one origin."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from swath.sandbox import StandIn, World
from swath_cecil.sandbox.access import FULL_KEY, Call, Refusal, endpoint, not_found
from swath_cecil.sandbox.areas import Areas
from swath_cecil.sandbox.bucket import Buckets
from swath_cecil.sandbox.catalogue import DATASETS, Publications
from swath_cecil.sandbox.controls import Controls
from swath_cecil.sandbox.credentials import Credentials
from swath_cecil.sandbox.deliveries import TABLES, TIFFS, ZARRS, Deliveries
from swath_cecil.sandbox.listings import Listings
from swath_cecil.sandbox.objects import Shelf
from swath_cecil.sandbox.people import People
from swath_cecil.sandbox.settings import Settings
from swath_cecil.sandbox.stores import ZarrShelf
from swath_cecil.sandbox.subscriptions import Subscriptions
from swath_cecil.sandbox.webhooks import Webhooks

__all__ = ["build"]

_ELSEWHERE = re.compile(r"/[^/]*\.cecil\.earth(?=/)")
"""The official client makes a host's name of its environment's, and a path where that has a slash in it."""
_Scope = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[Any]]
_Send = Callable[[Any], Awaitable[None]]


def build(world: World, settings: Settings | None = None) -> StandIn:
    """Make the stand-in."""
    service = _Service(world, settings or Settings())
    app = Starlette(routes=service.routes(), exception_handlers={HTTPException: _refused})
    app.router.redirect_slashes = False

    async def placed(scope: _Scope, receive: _Receive, send: _Send) -> None:
        if scope["type"] == "http":
            found = _ELSEWHERE.match(scope["path"])
            if found is not None:
                scope = {**scope, "path": scope["path"][found.end() :]}
        await app(scope, receive, send)

    return StandIn(
        app=placed,
        env=lambda base_url: {
            "CECIL_API_KEY": FULL_KEY,
            "SWATH_CECIL_URL": base_url,
            "SWATH_CECIL_S3_URL": base_url,
        },
        hosts=("api.cecil.earth",),
    )


class _Service:
    """The endpoints, and what they share."""

    def __init__(self, world: World, settings: Settings) -> None:
        self.settings = settings
        self.people = People(world, settings)
        self.areas = Areas(world)
        self.publications = Publications()
        self.deliveries = Deliveries(world)
        self.webhooks = Webhooks(world)
        self.subscriptions = Subscriptions(
            world, settings, areas=self.areas, publications=self.publications, deliveries=self.deliveries,
            webhooks=self.webhooks,
        )  # fmt: skip
        self.credentials = Credentials(world, settings)
        shelves: dict[str, Shelf] = {TIFFS: self.deliveries.tiffs, TABLES: self.deliveries.tables, ZARRS: ZarrShelf()}
        self.buckets = Buckets(world, settings, self.credentials, shelves)
        self.listings = Listings(settings, self.subscriptions, self.deliveries, self.credentials, self.buckets)
        self.controls = Controls(self)

    def routes(self) -> list[Route]:
        """List them."""

        def at(method: str, path: str, handler: Callable[[Call], Any], status: int = 200, **how: Any) -> Route:
            nested = lambda: self.settings.nested_validation  # noqa: E731 - asked anew for every call
            served = endpoint(self.people.find, handler, status=status, nested=nested, **how)
            return Route(f"/v0/{path}", served, methods=[method])

        one = "subscriptions/{id}"
        return [
            at("POST", "aois", self.create_area),
            at("GET", "aois", self.areas.listed),
            at("GET", "aois/{id}", self.area),
            at("POST", "aois/{id}/archive", self.areas.archive),
            at("POST", "aois/{id}/restore", self.areas.restore),
            at("GET", "datasets", lambda _: {"records": [dataset.as_json() for dataset in DATASETS.values()]}),
            at("GET", "datasets/{id}", self.dataset),
            at("POST", "subscriptions", self.subscriptions.create, 201),
            at("GET", "subscriptions", self.subscriptions.listed),
            at("GET", one, self.subscriptions.get),
            at("POST", f"{one}/archive", self.subscriptions.archive),
            at("POST", f"{one}/restore", self.subscriptions.restore),
            at("GET", "dataset-format", self.listings.format),
            at("GET", "dataset-storage", self.listings.storage),
            at("GET", f"{one}/files/tiff", self.listings.tiffs),
            at("GET", f"{one}/files/zarr", self.listings.zarr),
            at("GET", f"{one}/files/parquet", self.listings.parquet),
            at("GET", f"{one}/parquet-files", self.listings.parquet),
            at("GET", f"{one}/files/parquet/self-hosted", self.listings.hosted),
            at("GET", "usage", self.subscriptions.usage),
            at("GET", "settings", self.limit),
            at("POST", "settings", self.change_limit),
            at("GET", "organisation/settings", self.limit),
            at("POST", "organisation/settings", self.change_limit_and_tell),
            at("POST", "users", self.people.create, 201),
            at("GET", "users", self.people.listed),
            at("GET", "users/{id}", self.people.get),
            at("POST", "api-key/rotate", self.people.rotate),
            at("POST", "api-key/recover", self.people.recover, anonymous=True),
            at("POST", "webhooks", self.webhooks.create, 201),
            at("GET", "webhooks", self.webhooks.listed),
            at("GET", "webhooks/{id}", self.webhooks.get),
            at("DELETE", "webhooks/{id}", self.webhooks.delete),
            *self.controls.routes(),
            *(Route(path, self.bucket) for path in ("/{bucket}", "/{bucket}/", "/{bucket}/{key:path}")),
        ]

    def create_area(self, call: Call) -> Response:
        """Make an area: 201, or 200 for one that was there."""
        area, is_new = self.areas.create(call)
        return JSONResponse(area.as_json(is_old=call.is_old), status_code=201 if is_new else 200)

    def area(self, call: Call) -> dict[str, Any]:
        """Show an area."""
        return self.areas.find(call.id(), call.organisation).as_json(is_old=call.is_old)

    def dataset(self, call: Call) -> dict[str, Any]:
        """Show a dataset."""
        found = DATASETS.get(call.id())
        if found is None:
            raise not_found("Dataset", call.id())
        return found.as_json()

    def limit(self, call: Call) -> dict[str, int]:
        """Tell an organisation's settings."""
        return {"monthly_subscription_limit": call.organisation.monthly_limit_ha}

    def change_limit(self, call: Call) -> None:
        """Change an organisation's settings."""
        wanted = call.object().get("monthly_subscription_limit")
        if isinstance(wanted, bool) or not isinstance(wanted, int) or wanted < 0:
            raise call.invalid("monthly_subscription_limit", "must be a whole number of hectares")
        if not call.organisation.is_verified:
            raise Refusal(403, "Only verified organisations change their monthly limit")
        call.organisation.monthly_limit_ha = wanted

    def change_limit_and_tell(self, call: Call) -> dict[str, int]:
        """Change an organisation's settings, as 0.1.9 does."""
        self.change_limit(call)
        return self.limit(call)

    async def bucket(self, request: Request) -> Response:
        """Serve what is in the buckets; what is in none is nowhere."""
        if request.path_params["bucket"].startswith("v0"):
            raise HTTPException(404)
        return await self.buckets.serve(request)


async def _refused(request: Request, error: Exception) -> Response:
    """Answer what no route is there for."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    text = "Method not allowed" if status == 405 else f"Not found: {request.url.path}"
    return JSONResponse({"message": text}, status_code=status)

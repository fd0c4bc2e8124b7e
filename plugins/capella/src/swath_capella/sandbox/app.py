# SPDX-License-Identifier: Apache-2.0
"""Puts the stand-in together: the API and the data host at one origin."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from swath.sandbox import StandIn, World
from swath.sandbox.links import LinkState
from swath.sandbox.serving import file_response
from swath_capella.sandbox.access import FULL_KEY, Accounts, Call, Refusal, endpoint, validation
from swath_capella.sandbox.files import Files
from swath_capella.sandbox.finding import find_requests
from swath_capella.sandbox.flown import collect_record
from swath_capella.sandbox.items import COLLECTIONS, OPEN_COLLECTION, Holdings, written
from swath_capella.sandbox.orders import Orders
from swath_capella.sandbox.repeats import Repeats
from swath_capella.sandbox.rules import TYPES
from swath_capella.sandbox.searching import search
from swath_capella.sandbox.settings import Settings
from swath_capella.sandbox.tasks import Tasks

__all__ = ["build"]

_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_Scope = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[Any]]
_Send = Callable[[Any], Awaitable[None]]


def build(world: World, settings: Settings | None = None) -> StandIn:
    """Make the stand-in."""
    service = _Service(world, settings or Settings())
    app = Starlette(routes=service.routes(), exception_handlers={HTTPException: _refused})
    app.router.redirect_slashes = False

    async def collapsed(scope: _Scope, receive: _Receive, send: _Send) -> None:
        # The official client joins some paths with a slash too many, and the documentation ends some with one.
        if scope["type"] == "http":
            path = re.sub("/{2,}", "/", scope["path"])
            scope = {**scope, "path": path.rstrip("/") or "/"}
        await app(scope, receive, send)

    return StandIn(
        app=collapsed,
        env=lambda base_url: {"CAPELLA_API_KEY": FULL_KEY, "SWATH_CAPELLA_URL": base_url},
        hosts=("api.capellaspace.com",),
    )


class _Service:
    """The endpoints, and what they share."""

    def __init__(self, world: World, settings: Settings) -> None:
        self._world = world
        self.settings = settings
        self.accounts = Accounts(world)
        self.holdings = Holdings(world)
        self.files = Files(world)
        self.orders = Orders(world, self.holdings, settings)
        self.tasks = Tasks(world, self.holdings, self.orders, settings)
        self.repeats = Repeats(world, self.tasks, settings)

    def routes(self) -> list[Route]:
        """List them."""

        def at(method: str, path: str, handler: Callable[[Call], Any], **how: Any) -> Route:
            return Route(path, endpoint(self.accounts, handler, **how), methods=[method])

        tasks = [
            route
            for base in ("/task", "/tasks")
            for route in (
                at("GET", f"{base}/{{task}}", self.tasks.get),
                at("PATCH", f"{base}/{{task}}", self.tasks.update),
                at("PATCH", f"{base}/{{task}}/status", self.tasks.change_status),
            )
        ]
        return [
            at("GET", "/user", lambda call: call.user.as_json()),
            at("GET", "/organization", self.organisation),
            at("GET", "/users", self.users),
            at("GET", "/organizations", self.organisations),
            at("POST", "/keys", self.accounts.make_key, status=201),
            Route("/token", self.token, methods=["POST", "DELETE"]),
            at("POST", "/catalog/search", self.search, anonymous=True),
            at("GET", "/catalog/collections", self.collections, anonymous=True),
            at("POST", "/orders/review", self.orders.review),
            at("POST", "/orders", self.orders.submit, status=201),
            at("GET", "/orders", self.orders.listed),
            at("POST", "/orders/task/{task}", self.tasks.order, status=201),
            at("GET", "/orders/{order}", self.orders.get),
            at("GET", "/orders/{order}/download", self.orders.presign),
            at("POST", "/task", self.tasks.create, status=201),
            at("POST", "/tasks/search", self.search_tasks),
            *tasks,
            at("GET", "/collects/list/{task}", self.tasks.collects),
            at("GET", "/collects/status/{collect}", self.collect),
            at("GET", "/collects/{collect}", self.collect),
            at("GET", "/tiles/list/{task}", self.tiles),
            at("POST", "/repeat-requests", self.repeats.create, status=201),
            at("POST", "/repeat-requests/search", self.search_repeats),
            at("GET", "/repeat-requests/{repeat}", self.repeats.get),
            at("PATCH", "/repeat-requests/{repeat}", self.repeats.update),
            at("PATCH", "/repeat-requests/{repeat}/status", self.repeats.change_status),
            at("GET", "/collectiontypes", lambda _: sorted(TYPES), anonymous=True),
            Route("/capella-data/{year}/{month}/{day}/{item}/{name}", self.download),
            Route("/_capella/settings", self.show_settings, methods=["GET"]),
            Route("/_capella/settings", self.change_settings, methods=["PATCH"]),
        ]

    # --- people -----------------------------------------------------------------------------------------------------

    def organisation(self, call: Call) -> dict[str, Any]:
        """Show the caller's organisation."""
        left = self.orders.left(call.user)
        return {"id": call.user.organisation, "name": call.user.organisation_name, "commitmentLeft": round(left, 2)}

    def users(self, call: Call) -> dict[str, Any]:
        """List the users of the caller's organisation."""
        mine = [one for one in self.accounts.all if one.organisation == call.user.organisation]
        return {"results": [{"id": one.user, "email": one.email} for one in mine], "currentPage": 1, "totalPages": 1}

    def organisations(self, call: Call) -> dict[str, Any]:
        """List the organisations that the caller may see."""
        mine = [{"id": call.user.organisation, "name": call.user.organisation_name}]
        return {"results": mine, "currentPage": 1, "totalPages": 1}

    async def token(self, request: Request) -> Response:
        """Answer the old token exchange, or a logout."""
        try:
            if request.method == "DELETE":
                self.accounts.revoke(request)
                return Response(status_code=204)
            return JSONResponse(self.accounts.exchange(request), status_code=201)
        except Refusal as refusal:
            return refusal.response()

    # --- the catalogue ----------------------------------------------------------------------------------------------

    def collections(self, call: Call) -> dict[str, Any]:
        """List the collections that the caller may search."""
        names = [OPEN_COLLECTION] if call.account is None else [OPEN_COLLECTION, *dict.fromkeys(COLLECTIONS.values())]
        return {"collections": [{"id": name, "type": "Collection"} for name in names]}

    def search(self, call: Call) -> dict[str, Any]:
        """Answer a search."""
        body = call.object()
        answer = search(self.holdings, body, call.query, call.account)
        features = [written(one, call.root) for one in answer.products]
        if self.settings.repeat_across_pages and answer.before is not None:
            features.insert(0, written(answer.before, call.root))
        links = []
        if answer.page * answer.limit < min(answer.matched, 10_000) and answer.products:
            host = (
                "https://gw.internal.example/prod/search"
                if self.settings.foreign_next_links
                else f"{call.root}/catalog/search"
            )
            links.append({"rel": "next", "method": "POST", "href": f"{host}?page={answer.page + 1}"})
        return {
            "type": "FeatureCollection",
            "numberMatched": answer.matched,
            "numberReturned": len(features),
            "context": {
                "matched": answer.matched,
                "returned": len(features),
                "limit": answer.limit,
                "page": answer.page,
            },
            "features": features,
            "links": links,
        }

    # --- tasks ------------------------------------------------------------------------------------------------------

    def search_tasks(self, call: Call) -> dict[str, Any]:
        """Search tasking requests."""
        return find_requests(call, [self.tasks.written(one) for one in self.tasks.all()])

    def search_repeats(self, call: Call) -> dict[str, Any]:
        """Search repeat requests."""
        return find_requests(call, [self.repeats.written(one) for one in self.repeats.all()])

    def collect(self, call: Call) -> dict[str, Any]:
        """Show one acquisition."""
        task, found = self.tasks.collect(call.path["collect"], call.user)
        return collect_record(task, found, done=task.code(self._world.clock.now()) == "completed")

    def tiles(self, call: Call) -> list[dict[str, Any]]:
        """List the tiles that a task was cut into: one."""
        task = self.tasks.find(call.path["task"], call.user)
        return [{"tileId": "t1", "tileGroupId": "tg1", "taskingrequestId": task.id, "geometry": task.geometry}]

    # --- files ------------------------------------------------------------------------------------------------------

    async def download(self, request: Request) -> Response:
        """Serve a file to whoever has a link that is good; links are signed for GET alone."""
        state = self._world.links.check(request.url.path, request.query_params.get("Signature"))
        if state is not LinkState.VALID or request.method != "GET":
            text = "Request has expired" if state is LinkState.EXPIRED else "Access Denied"
            body = f"{_XML}<Error><Code>AccessDenied</Code><Message>{text}</Message></Error>"
            return Response(body, status_code=403, media_type="application/xml")
        product = self.holdings.find(request.path_params["item"])
        name = request.path_params["name"]
        file = None if product is None else await run_in_threadpool(self.files.get, product, name)
        if file is None:
            body = f"{_XML}<Error><Code>NoSuchKey</Code></Error>"
            return Response(body, status_code=404, media_type="application/xml")
        if name.endswith("_extended.json") and self.settings.chunked_metadata:
            return StreamingResponse(
                iter([file.content]), media_type=file.media_type, headers={"ETag": f'"{file.etag}"'}
            )
        return file_response(request, file.content, media_type=file.media_type, etag=file.etag)

    # --- its switches -----------------------------------------------------------------------------------------------

    async def show_settings(self, request: Request) -> Response:  # noqa: ARG002 - the routes' form
        """Tell the settings."""
        return JSONResponse(self.settings.as_json())

    async def change_settings(self, request: Request) -> Response:
        """Change those that are named."""
        try:
            self.settings.change(json.loads(await request.body()))
        except (AttributeError, TypeError, ValueError) as err:
            return validation(str(err), "").response()
        return JSONResponse(self.settings.as_json())


async def _refused(request: Request, error: Exception) -> Response:
    """Answer what no route is there for."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    text = "Method not allowed" if status == 405 else f"Not found: {request.url.path}"
    return JSONResponse({"error": {"message": text, "code": "NOT_FOUND"}}, status_code=status)

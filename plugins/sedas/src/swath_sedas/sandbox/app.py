# SPDX-License-Identifier: Apache-2.0
"""Puts the stand-in together: the API under ``/api/`` and the download hosts, all at one origin."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from attrs import frozen
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from swath.sandbox import StandIn, World
from swath.sandbox.serving import file_response
from swath_sedas.sandbox import sensors
from swath_sedas.sandbox.accounts import PASSWORD, USER, Account, Accounts
from swath_sedas.sandbox.archives import Archives
from swath_sedas.sandbox.lta import LongTermArchive
from swath_sedas.sandbox.products import Product, Shelf
from swath_sedas.sandbox.search import BadRequest, Found, read_search, run
from swath_sedas.sandbox.settings import Settings

__all__ = ["build"]

_Handler = Callable[[Request, Account], Response]
_Scope = MutableMapping[str, Any]

_HASHED = 4
"""A search tells the hash of so many of its online products, the newest: to know one the archive must be made. A
look-up always tells it."""
_THUMBNAIL_PX, _QUICKLOOK_PX = 64, 256


@frozen
class Refusal(Exception):
    """An answer of status 400 and above, in the service's words."""

    status: int
    message: str

    def response(self) -> Response:
        """Give it as the answer."""
        body = {"message": self.message, "errorCode": self.status, "errorMessage": self.message}
        return JSONResponse(body, status_code=self.status)


def build(world: World, settings: Settings | None = None) -> StandIn:
    """Make the stand-in."""
    service = _Service(world, settings or Settings())
    app = Starlette(routes=service.routes(), exception_handlers={HTTPException: _refused})
    app.router.redirect_slashes = False

    async def collapsed(
        scope: _Scope, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
    ) -> None:
        # The official client joins paths with a slash too many.
        if scope["type"] == "http":
            scope = {**scope, "path": re.sub("/{2,}", "/", scope["path"])}
        await app(scope, receive, send)

    def env(base_url: str) -> dict[str, str]:
        return {
            "SWATH_SEDAS_URL": f"{base_url}/api/",
            "SWATH_SEDAS_DOWNLOAD_URL": base_url,
            "SEDAS_USERNAME": USER,
            "SEDAS_PASSWORD": PASSWORD,
        }

    hosts = ("geobrowser.satapps.org", "geobrowsertest.satapps.org", "sedasdm.satapps.org")
    return StandIn(app=collapsed, env=env, hosts=hosts)


class _Service:
    """The endpoints, and what they share."""

    def __init__(self, world: World, settings: Settings) -> None:
        self.settings = settings
        self.accounts = Accounts(world, settings)
        self.shelf = Shelf(world)
        self.archives = Archives(world)
        self.lta = LongTermArchive(world, settings)

    def routes(self) -> list[Route]:
        """List them."""
        return [
            Route("/api/authentication", self.log_in, methods=["POST"]),
            Route("/api/search", self.signed(self.search), methods=["POST"]),
            Route("/api/search/products", self.signed(self.look_up)),
            Route("/api/sensors/sourceGroups", self.signed(self.source_groups)),
            Route("/api/sensors/satellites", self.signed(self.satellites)),
            Route("/api/request", self.signed(self.request_status)),
            Route("/api/request/{supplier_id}", self.signed(self.request), methods=["POST"]),
            Route("/datamgr/datamgr.php", self.download),
            Route("/qls/qlmgr.php", self.thumbnail),
            Route("/archiveql/{name}", self.quicklook),
            Route("/_sedas/settings", self.show_settings, methods=["GET"]),
            Route("/_sedas/settings", self.change_settings, methods=["PATCH"]),
            Route("/_sedas/tokens", self.expire_tokens, methods=["DELETE"]),
        ]

    # --- the API ----------------------------------------------------------------------------------------------------

    async def log_in(self, request: Request) -> Response:
        """Answer a login."""
        try:
            asked = json.loads(await request.body())
        except ValueError:
            return Refusal(400, "The request body is not valid JSON").response()
        if not isinstance(asked, dict):
            return Refusal(400, "The request body must be a JSON object").response()
        given = self.accounts.log_in(asked.get("username"), asked.get("password"))
        if given is None:
            return Refusal(401, "Invalid username or password").response()
        return JSONResponse(given)

    def signed(self, handler: _Handler) -> Callable[[Request], Awaitable[Response]]:
        """Make an endpoint of a function for callers with a token; it runs on a worker thread."""

        async def endpoint(request: Request) -> Response:
            account = self.accounts.find(request.headers.get("authorization"))
            if account is None:
                return Refusal(self.settings.dead_token_status, "User token does not exist").response()
            # Starlette keeps the body, so that the thread finds it without waiting.
            await request.body()
            try:
                return await run_in_threadpool(handler, request, account)
            except Refusal as refusal:
                return refusal.response()

        return endpoint

    def search(self, request: Request, account: Account) -> Response:
        """Answer a search: newest first, cut off at the cap."""
        body = request._body  # noqa: SLF001 - read by `signed`; the public way is a coroutine
        try:
            asked = read_search(json.loads(body))
        except BadRequest as err:
            raise Refusal(400, str(err)) from err
        except ValueError as err:
            raise Refusal(400, "The request body is not valid JSON") from err
        products, hashed = [], 0
        for found in run(self.shelf, asked, groups=account.groups):
            online = self.lta.is_online(found.product)
            products.append(self._written(request, found, online=online, with_hash=online and hashed < _HASHED))
            hashed += online
            if len(products) == self.settings.result_cap:
                break
        return JSONResponse({"id": hashlib.blake2b(body, digest_size=16).hexdigest(), "products": products})

    def look_up(self, request: Request, account: Account) -> Response:
        """Answer a look-up by name; several are separated by commas."""
        products = []
        for supplier_id in _ids(request):
            product = self.shelf.find(supplier_id)
            if product is not None and product.group in account.groups:
                online = self.lta.is_online(product)
                found = Found(product=product, covered=0.0, useful=0.0)
                products.append(self._written(request, found, online=online, with_hash=online))
        return JSONResponse(products)

    def source_groups(self, request: Request, account: Account) -> Response:  # noqa: ARG002 - as its siblings
        """List the account's source groups."""
        return JSONResponse(sensors.source_groups(account.groups))

    def satellites(self, request: Request, account: Account) -> Response:  # noqa: ARG002 - as its siblings
        """List the account's satellites."""
        return JSONResponse(sensors.satellites(account.groups))

    def request(self, request: Request, account: Account) -> Response:
        """Place a request to the long-term archive."""
        supplier_id = request.path_params["supplier_id"]
        product = self.shelf.find(supplier_id)
        if product is None or product.group not in account.groups:
            raise Refusal(404, f"Unknown product: {supplier_id}")
        if self.settings.refuse is not None and re.search(self.settings.refuse, supplier_id):
            raise Refusal(400, f"The product cannot be requested: {supplier_id}")
        return JSONResponse({"requestId": self.lta.request(account.user, product).id})

    def request_status(self, request: Request, account: Account) -> Response:
        """Say where requests stand; those that the account does not have are left out."""
        answers = []
        for request_id in _ids(request):
            looked = self.lta.look(account.user, request_id)
            if looked is None:
                continue
            known, (status, reason) = looked
            answer = {"requestId": known.id, "supplierId": known.supplier_id, "status": status}
            if known.completed is not None:
                answer["downloadUrl"] = _download_url(request, known.supplier_id)
            if reason:
                answer["errorMessage"] = reason
            answers.append(answer)
        return JSONResponse(answers)

    def _written(self, request: Request, found: Found, *, online: bool, with_hash: bool) -> dict[str, Any]:
        """Write a product as an answer holds it."""
        product = found.product
        base = _base(request)
        written = product.as_json() | {
            "aoiCoveragePercent": found.covered,
            "usefulAreaPercent": found.useful,
            "thumbnail": f"{base}/qls/qlmgr.php?sceneid={product.supplier_id}",
            "ql": f"{base}/archiveql/{product.supplier_id}.png",
        }
        if online:
            written["downloadUrl"] = _download_url(request, product.supplier_id)
        if with_hash:
            digest = self.archives.md5_of(product)
            told = digest[::-1] if self.settings.wrong_hash else digest
            written["vendorSpecific"] = {"property": "vendorSpecific", "Filehash": told}
        return written

    # --- the download hosts -----------------------------------------------------------------------------------------

    async def download(self, request: Request) -> Response:
        """Serve a product's archive, as long as it is online."""
        account = self.accounts.find(request.headers.get("authorization"))
        if account is None and not self.settings.open_downloads:
            return _page(self.settings.dead_token_status, "Unauthorized", "User token does not exist.")
        supplier_id = request.query_params.get("sceneid", "").removesuffix(".zip")
        product = await run_in_threadpool(self.shelf.find, supplier_id)
        if product is not None and account is not None and product.group not in account.groups:
            return _page(403, "Forbidden", "You do not have access to this product.")
        if product is None or not self.lta.is_online(product):
            return _page(404, "Not Found", "The requested file was not found on this server.")
        file = await run_in_threadpool(self.archives.of, product)
        return file_response(
            request,
            file.content,
            media_type="application/zip",
            filename=f"{supplier_id}.zip",
            etag=file.md5,
            last_modified=product.published,
        )

    async def thumbnail(self, request: Request) -> Response:
        """Serve a small picture."""
        return await self._picture(request, request.query_params.get("sceneid", ""), _THUMBNAIL_PX)

    async def quicklook(self, request: Request) -> Response:
        """Serve a picture."""
        return await self._picture(request, request.path_params["name"].removesuffix(".png"), _QUICKLOOK_PX)

    async def _picture(self, request: Request, supplier_id: str, most_pixels: int) -> Response:
        product: Product | None = await run_in_threadpool(self.shelf.find, supplier_id)
        if product is None:
            return _page(404, "Not Found", "The requested picture was not found on this server.")
        file = await run_in_threadpool(self.archives.picture, product, most_pixels=most_pixels)
        return file_response(request, file.content, media_type="image/png", etag=file.md5)

    # --- its switches -----------------------------------------------------------------------------------------------

    async def show_settings(self, request: Request) -> Response:  # noqa: ARG002 - the routes' form
        """Tell the settings."""
        return JSONResponse(self.settings.as_json())

    async def change_settings(self, request: Request) -> Response:
        """Change those that are named."""
        try:
            asked = json.loads(await request.body())
            self.settings.change(asked)
        except (AttributeError, TypeError, ValueError) as err:
            return Refusal(400, str(err)).response()
        return JSONResponse(self.settings.as_json())

    async def expire_tokens(self, request: Request) -> Response:  # noqa: ARG002 - the routes' form
        """End all tokens."""
        return JSONResponse({"expired": self.accounts.expire_all()})


def _ids(request: Request) -> list[str]:
    """Read the ids that a request names."""
    text = request.query_params.get("ids", "")
    ids = [one.strip() for one in text.split(",") if one.strip()]
    if not ids:
        raise Refusal(400, "The parameter ids is missing")
    return list(dict.fromkeys(ids))


def _base(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"


def _download_url(request: Request, supplier_id: str) -> str:
    return f"{_base(request)}/datamgr/datamgr.php?p=Default&sceneid={supplier_id}.zip"


def _page(status: int, title: str, text: str) -> Response:
    """Answer as the download host does: in HTML."""
    return HTMLResponse(
        f"<!DOCTYPE html>\n<html><head><title>{status} {title}</title></head>"
        f"<body><h1>{title}</h1><p>{text}</p></body></html>\n",
        status_code=status,
    )


async def _refused(request: Request, error: Exception) -> Response:
    """Answer what no route is there for."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    if not request.url.path.startswith("/api"):
        return _page(status, "Not Found" if status == 404 else "Error", "Nothing is served here.")
    return Refusal(status, "Method not allowed" if status == 405 else f"Not found: {request.url.path}").response()

# SPDX-License-Identifier: Apache-2.0
"""The Orders API's routes."""

from __future__ import annotations

import datetime as dt
import json
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from swath.sandbox import LinkState, World
from swath.sandbox.serving import file_response
from swath_planet.sandbox.access import Accounts, Call, Refusal, endpoint
from swath_planet.sandbox.bundles import SPEC
from swath_planet.sandbox.destinations import Destinations
from swath_planet.sandbox.feature_store import FeatureStore
from swath_planet.sandbox.holdings import Holdings
from swath_planet.sandbox.order_book import LINK_S, OrderBook, OrderRecord, State
from swath_planet.sandbox.order_checks import check_order, refusal
from swath_planet.sandbox.order_hooks import OrderHooks, webhook_problem
from swath_planet.sandbox.order_lists import chosen

__all__ = ["OrdersApi"]

ROOT = "/compute/ops"
STORAGE = "/storage/planet-orders"
_TOO_LATE = "Order not in a cancellable state"
_STORED_S = 3600.0
_SECRETS = frozenset({
    "aws_access_key_id", "aws_secret_access_key", "sas_token", "credentials", "customer_access_key_id",
    "customer_secret_key", "access_key_id", "secret_access_key",
})  # fmt: skip
_OTHER_NAME = {"127.0.0.1": "localhost", "localhost": "127.0.0.1"}


class OrdersApi:
    """Everything below ``/compute/ops``, and the storage that its downloads lead to."""

    def __init__(
        self,
        world: World,
        accounts: Accounts,
        holdings: Holdings,
        book: OrderBook,
        *,
        features: FeatureStore,
        destinations: Destinations,
    ) -> None:
        self._world, self._accounts, self._holdings, self._book = world, accounts, holdings, book
        self._features, self._destinations = features, destinations
        self._hooks = OrderHooks(world, book, f"{ROOT}/download/")

    def routes(self) -> list[Route]:
        """List the routes; figures are requests a second."""
        return [
            self._route("POST", "/orders/v2", self._create, "create", 3),
            self._route("GET", "/orders/v2", self._list, "list", 3),
            self._route("GET", "/orders/v2/{id}", self._get, "get", 3),
            self._route("PUT", "/orders/v2/{id}", self._cancel, "cancel", 3),
            self._route("POST", "/bulk/orders/v2/cancel", self._cancel_many, "bulk cancel", 5),
            self._route("GET", "/stats/orders/v2", self._stats, "stats", 5),
            self._route("GET", "/download", self._download, "download", 5, auth=False),
            self._route("GET", "/download/", self._download, "download", 5, auth=False),
            self._route("GET", "/bundles/spec", self._bundles, "bundles", 10, auth=False),
            Route(f"{STORAGE}/{{path:path}}", self._stored, methods=["GET"]),
        ]

    def _route(
        self,
        method: str,
        path: str,
        function: Callable[[Call], Response],
        name: str,
        per_s: float,
        *,
        auth: bool = True,
    ) -> Route:
        served = endpoint(self._world, self._accounts, f"orders {name}", per_s, auth=auth)(function)
        return Route(f"{ROOT}{path}", served, methods=[method])

    def _create(self, call: Call) -> Response:
        call.need_right("create orders")
        request = self._with_areas(call)
        check_order(request, self._holdings, self._book.shelf)
        if problem := webhook_problem(request):
            raise refusal("Notifications", problem)
        place = (request.get("delivery") or {}).get("destination")
        if place and (problem := self._destinations.check_ref(call.account, place.get("ref"))):
            raise refusal("Delivery", problem)
        order = self._book.add(call.account, request)
        self._hooks.watch(call, order)
        return JSONResponse(self._told(call, order), status_code=202)

    def _with_areas(self, call: Call) -> Any:
        """Give the request with the area of a Features reference in place of it."""
        body = call.body
        if not isinstance(body, dict) or not isinstance(body.get("tools"), list):
            return body
        tools = []
        for tool in body["tools"]:
            clip = tool.get("clip") if isinstance(tool, dict) else None
            if isinstance(clip, dict):
                aoi = self._features.geometry(call.account, clip.get("aoi"), lambda text: refusal("Tools", text))
                tools.append({**tool, "clip": {**clip, "aoi": aoi}})
            else:
                tools.append(tool)
        return {**body, "tools": tools}

    def _get(self, call: Call) -> Response:
        order = self._book.look(call.account, call.path["id"])
        if order is None:
            raise Refusal(404, {"message": f"Could not load order ID: {call.path['id']}."})
        told = self._told(call, order)
        if order.files:
            told["_links"]["results"] = [self._result(call, order, file.path) for file in order.files]
        return JSONResponse(told)

    def _cancel(self, call: Call) -> Response:
        order = self._book.look(call.account, call.path["id"])
        if order is None:
            raise Refusal(404, {"message": f"No such order ID: {call.path['id']}."})
        order.looks -= 1
        if not self._book.cancel(order):
            raise Refusal(409, {"message": _TOO_LATE})
        return JSONResponse(self._told(call, order))

    def _cancel_many(self, call: Call) -> Response:
        body = call.body if isinstance(call.body, dict) else {}
        asked = body.get("order_ids")
        known = {order.id: order for order in self._book.all(call.account)}
        if asked is None:
            cancelled = sum(self._book.cancel(order) for order in known.values())
            return JSONResponse(_outcome(cancelled, []))
        if not isinstance(asked, list) or not all(_is_uuid(one) for one in asked):
            raise Refusal(400, {"message": "order_ids must be a list of order ids"})
        failures = []
        for order_id in asked:
            order = known.get(order_id.lower())
            if order is None:
                failures.append({"order_id": order_id, "message": f"No such order ID: {order_id}."})
            elif not self._book.cancel(order):
                failures.append({"order_id": order_id, "message": _TOO_LATE})
        return JSONResponse(_outcome(len(asked) - len(failures), failures))

    def _stats(self, call: Call) -> Response:
        states = [order.state for order in self._book.all(call.account)]
        counts = {"queued_orders": states.count(State.QUEUED), "running_orders": states.count(State.RUNNING)}
        return JSONResponse({"organization": counts, "user": counts})

    def _list(self, call: Call) -> Response:
        found = chosen(self._book.all(call.account), call.query)
        size = call.query.get("page_size", "20")
        marker = call.query.get("page_marker", "0")
        if not size.isdecimal() or not 1 <= int(size) <= 1000 or not marker.isdecimal():
            raise Refusal(400, {"message": "invalid page_size or page_marker"})
        start, stop = int(marker), int(marker) + int(size)
        links = {"_self": str(call.request.url)}
        if stop < len(found):
            links["next"] = str(call.request.url.include_query_params(page_marker=stop))
        return JSONResponse({"_links": links, "orders": [self._told(call, order) for order in found[start:stop]]})

    def _bundles(self, call: Call) -> Response:
        del call
        return JSONResponse(SPEC)

    # --- an order as JSON ---

    def _told(self, call: Call, order: OrderRecord) -> dict[str, Any]:
        request = order.request
        own = call.url(f"{ROOT}/orders/v2/{order.id}")
        optional = ("tools", "notifications", "metadata", "hosting", "subscription_id", "prior_orders")
        return {
            "id": order.id,
            "name": order.name,
            "state": order.state.value,
            "order_type": request.get("order_type", "full"),
            "source_type": request.get("source_type", "scenes"),
            "created_on": _millis(order.created),
            "last_modified": _millis(order.modified),
            "last_message": order.message,
            "error_hints": list(order.hints),
            "products": request["products"],
            **{name: _masked(request[name]) for name in optional if name in request},
            "delivery": _masked(request.get("delivery") or {}),
            "_links": {"_self": own},
        }

    def _result(self, call: Call, order: OrderRecord, path: str) -> dict[str, Any]:
        told = {"delivery": "success", "name": f"{order.id}/{path}"}
        if order.is_delivered_elsewhere:
            return {**told, "expires_at": "0001-01-01T00:00:00.000Z"}
        ttl = -1.0 if order.has_directive("expired") else LINK_S
        links = self._world.links
        token = links.token(json.dumps(["result", order.id, path]), ttl)
        return {
            **told,
            "location": call.url(f"{ROOT}/download/?token={token}"),
            "expires_at": _millis(links.expiry(ttl)),
        }

    # --- bytes ---

    def _download(self, call: Call) -> Response:
        """Redirect to the storage, which is another origin where this is loopback."""
        ticket = self._world.links.read(call.query.get("token", ""))
        if ticket.state is LinkState.EXPIRED:
            raise Refusal(401, {"message": "Link expired"})
        if ticket.state is LinkState.INVALID or not ticket.subject.startswith('["result",'):
            raise Refusal(401, {"message": "Invalid token"})
        _, order_id, path = json.loads(ticket.subject)
        split = urlsplit(call.root)
        other = _OTHER_NAME.get(split.hostname or "")
        host = split.netloc if other is None else f"{other}:{split.port or 80}"
        token = self._world.links.token(json.dumps(["stored", order_id, path, other is not None]), _STORED_S)
        stored = f"{split.scheme}://{host}{STORAGE}/{order_id}/{quote(path)}?token={token}"
        return RedirectResponse(stored, status_code=302)

    def _stored(self, request: Request) -> Response:
        """Serve a file, as object stores do: no account, a signature in the URL, refusals in XML."""
        ticket = self._world.links.read(request.query_params.get("token", ""))
        if ticket.state is LinkState.EXPIRED:
            return _xml(403, "ExpiredToken", "Request has expired")
        if ticket.state is LinkState.INVALID or not ticket.subject.startswith('["stored",'):
            return _xml(403, "SignatureDoesNotMatch", "The request signature does not match")
        _, order_id, path, is_other_origin = json.loads(ticket.subject)
        if is_other_origin and "authorization" in request.headers:
            return _xml(400, "InvalidArgument", "Only one authentication mechanism is allowed")
        order = self._book.find(order_id)
        file = next((one for one in order.files if one.path == path), None) if order is not None else None
        if (
            order is None
            or order.delivery is None
            or file is None
            or request.path_params["path"] != f"{order_id}/{path}"
        ):
            return _xml(404, "NoSuchKey", "The specified key does not exist")
        made = order.delivery.made(file)
        return file_response(
            request,
            made.data,
            media_type=file.media_type,
            filename=path.rpartition("/")[2],
            etag=made.md5,
            last_modified=order.modified,
        )


def _millis(time: dt.datetime) -> str:
    return time.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _is_uuid(value: Any) -> bool:
    try:
        uuid.UUID(str(value))
    except ValueError:
        return False
    return True


def _outcome(cancelled: int, failures: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    return {
        "result": {"succeeded": {"count": cancelled}, "failed": {"count": len(failures), "failures": list(failures)}}
    }


def _masked(value: Any) -> Any:
    """Give a part of a request without what is secret in it."""
    if isinstance(value, Mapping):
        return {name: "<REDACTED>" if name in _SECRETS else _masked(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_masked(inner) for inner in value]
    return re.sub(r"//[^/@\s]+@", "//<REDACTED>@", value) if isinstance(value, str) else value


def _xml(status: int, code: str, message: str) -> Response:
    text = f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Response(text, status_code=status, media_type="application/xml")

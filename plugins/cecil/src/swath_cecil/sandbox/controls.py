# SPDX-License-Identifier: Apache-2.0
"""The stand-in's own switches, below ``/_cecil``: what no client of the real service can do."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from swath_cecil.sandbox.access import Refusal
from swath_cecil.sandbox.deliveries import prefix_of

if TYPE_CHECKING:
    from swath_cecil.sandbox.app import _Service
    from swath_cecil.sandbox.subscriptions import Subscription

__all__ = ["Controls"]

_STATES = ("pending", "processing", "completed", "partial", "failed")


class Controls:
    """The switches.

    Args:
        service: What they act on.
    """

    def __init__(self, service: _Service) -> None:
        self._service = service

    def routes(self) -> list[Route]:
        """List them."""

        def at(method: str, path: str, handler: Callable[[Request, bytes], Any]) -> Route:
            async def serve(request: Request) -> Response:
                raw = await request.body()
                try:
                    made = await run_in_threadpool(handler, request, raw)
                except Refusal as refusal:
                    return refusal.response()
                except (AttributeError, KeyError, TypeError, ValueError) as err:
                    return JSONResponse({"message": f"not understood: {err!r}"}, status_code=400)
                return Response(status_code=204) if made is None else JSONResponse(made)

            return Route(f"/_cecil/{path}", serve, methods=[method])

        return [
            at("GET", "settings", lambda _, __: self._service.settings.as_json()),
            at("PATCH", "settings", self._change_settings),
            at("POST", "subscriptions/{id}", self._set_state),
            at("POST", "subscriptions/{id}/deliver", self._deliver),
            at("PUT", "subscriptions/{id}/objects/{key:path}", self._put),
            at("DELETE", "subscriptions/{id}/objects/{key:path}", self._delete),
            at("POST", "datasets/{id}/publication", self._publish),
            at("POST", "credentials/expire", lambda _, __: self._service.credentials.expire()),
            at("GET", "events", lambda _, __: {"events": self._service.webhooks.told()}),
            at("POST", "events/{id}/again", lambda request, _: self._service.webhooks.again(request.path_params["id"])),
            at("GET", "mails", lambda _, __: {"mails": self._service.people.mails}),
            at("GET", "keys/{token}", lambda request, _: self._service.people.redeem(request.path_params["token"])),
        ]

    def _change_settings(self, request: Request, raw: bytes) -> dict[str, Any]:  # noqa: ARG002 - the routes' form
        """Change the settings that are named."""
        self._service.settings.change(json.loads(raw))
        return self._service.settings.as_json()

    def _set_state(self, request: Request, raw: bytes) -> dict[str, Any]:
        """Put a subscription into a state: ``{"status": …, "status_message": …}``."""
        wanted = json.loads(raw)
        if wanted["status"] not in _STATES:
            raise ValueError(f"a subscription is {', '.join(_STATES)}")
        one = self._found(request)
        self._service.subscriptions.finish(one, wanted["status"], wanted.get("status_message"))
        return {"status": one.status}

    def _deliver(self, request: Request, raw: bytes) -> dict[str, Any]:
        """Bring the next chunks of a subscription now: ``{"count": 1}``."""
        one = self._found(request)
        for _ in range(int(json.loads(raw or b"{}").get("count", 1))):
            self._service.subscriptions.deliver(one)
        return {"status": one.status, "delivered": len(one.delivered), "todo": len(one.todo)}

    def _put(self, request: Request, raw: bytes) -> None:
        """Put an object among those of a subscription, as its body."""
        one = self._found(request)
        _, prefix = prefix_of(one.dataset, one.id)
        shelf = self._service.deliveries.tiffs if one.dataset.is_raster else self._service.deliveries.tables
        shelf.put(prefix + request.path_params["key"], lambda: raw, one.created_at)

    def _delete(self, request: Request, raw: bytes) -> None:  # noqa: ARG002 - the routes' form
        """Take away objects of a subscription whose keys start so."""
        one = self._found(request)
        _, prefix = prefix_of(one.dataset, one.id)
        shelf = self._service.deliveries.tiffs if one.dataset.is_raster else self._service.deliveries.tables
        shelf.delete(prefix + request.path_params["key"])

    def _publish(self, request: Request, raw: bytes) -> None:
        """Bring out a publication of a dataset: ``{"publication": …}``."""
        self._service.publications.publish(request.path_params["id"], str(json.loads(raw)["publication"]))

    def _found(self, request: Request) -> Subscription:
        return self._service.subscriptions.find(request.path_params["id"], None)

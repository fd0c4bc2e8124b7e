# SPDX-License-Identifier: Apache-2.0
"""The long-term archive: requests for products, and what is online."""

from __future__ import annotations

import datetime as dt
import re
import threading

from attrs import define

from swath.sandbox import World
from swath_sedas.sandbox.products import Product
from swath_sedas.sandbox.settings import Settings

__all__ = ["LongTermArchive", "Request", "Status"]

Status = tuple[str, str]
"""A request's status and the reason with it, empty where there is none."""


@define(kw_only=True)
class Request:
    """One request for a product."""

    id: str
    user: str
    supplier_id: str
    created: dt.datetime
    looks: int = 0
    """How often its user has asked after it."""
    completed: dt.datetime | None = None
    """When the product was back online."""
    failed: bool = False


class LongTermArchive:
    """Which products are online, and which are on their way.

    Args:
        world: Its clock drives requests on, at the world's speed, and takes products offline, at clock speed.
        settings: How long each takes.
    """

    def __init__(self, world: World, settings: Settings) -> None:
        self._world, self._settings = world, settings
        self._requests: dict[str, Request] = {}
        self._restored: dict[str, dt.datetime] = {}
        self._lock = threading.RLock()

    def is_online(self, product: Product) -> bool:
        """Say whether a product can be fetched now."""
        now = self._world.clock.now()
        if (now - product.published).total_seconds() < self._settings.rolling_s:
            return True
        if self._world.key("online", product.supplier_id) / (1 << 64) * 100 < self._settings.online_percent:
            return True
        with self._lock:
            for request in self._requests.values():
                if request.supplier_id == product.supplier_id:
                    self._advance(request)
            return now < self._restored.get(product.supplier_id, now)

    def request(self, user: str, product: Product) -> Request:
        """Place a request; one that its user already has under way, or whose file is still there, is given again."""
        online = self.is_online(product)
        with self._lock:
            for known in reversed(self._requests.values()):
                same = (known.user, known.supplier_id) == (user, product.supplier_id)
                if same and not known.failed and (known.completed is None or online):
                    return known
            made = Request(
                id=f"r-{len(self._requests) + 1:06d}",
                user=user,
                supplier_id=product.supplier_id,
                created=self._world.clock.now(),
            )
            if online:
                made.completed = made.created
            self._requests[made.id] = made
            return made

    def look(self, user: str, request_id: str) -> tuple[Request, Status] | None:
        """Look where a user's request stands, and count the look; None for an id that is not theirs."""
        with self._lock:
            request = self._requests.get(request_id)
            if request is None or request.user != user:
                return None
            request.looks += 1
            self._advance(request)
            return request, self._status(request)

    def _advance(self, request: Request) -> None:
        if request.completed is not None or request.failed:
            return
        settings, clock = self._settings, self._world.clock
        due = request.created + clock.delay(settings.pending_s + settings.production_s)
        if settings.ready_after_polls is not None:
            if request.looks < settings.ready_after_polls:
                return
            due = clock.now()
        if clock.now() < due:
            return
        if settings.fail is not None and re.search(settings.fail, request.supplier_id):
            request.failed = True
            return
        request.completed = due
        self._restored[request.supplier_id] = due + dt.timedelta(seconds=settings.restored_s)

    def _status(self, request: Request) -> Status:
        if request.failed:
            return "FAILED", "The product could not be read from the long-term archive"
        if request.completed is not None:
            return "COMPLETED", ""
        waited = self._world.clock.now() - request.created
        return ("PENDING" if waited < self._world.clock.delay(self._settings.pending_s) else "INPRODUCTION"), ""

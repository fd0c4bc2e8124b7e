# SPDX-License-Identifier: Apache-2.0
"""An ASGI application that takes webhooks in: ``POST /PROVIDER``."""

from __future__ import annotations

import asyncio
import json
import logging
import queue
import threading
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Protocol, Self

from swath._ledger import Ledger
from swath.errors import SwathError
from swath.models import Heard, Order, Received

__all__ = ["Listener"]

_LOG = logging.getLogger("swath.listening")
_LONGEST_BODY = 1024 * 1024
"""Bytes. No provider sends more than some kilobytes."""
_BEAT_S = 30.0
"""Between two words to the ledger that somebody listens."""
_STATUS = {
    Heard.NEW: 202,
    Heard.DUPLICATE: 200,
    Heard.IGNORED: 200,
    Heard.REFUSED: 401,
    Heard.UNREADABLE: 400,
}

_Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
_Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class _Taker(Protocol):
    """Takes one provider's deliveries in."""

    def take(self, headers: Mapping[str, str], body: bytes) -> Received: ...

    def look(self, order: Order) -> Order: ...


class Listener:
    """Takes deliveries of several providers in, answers at once, and looks at the orders afterwards.

    It is an ASGI application, and a context manager: within it, a thread looks at what was heard of, each order once
    however often it was spoken of meanwhile, and processes that wait are woken.

    Args:
        takers: By the name that the path begins with.
        ledger: Where deliveries are written down.
    """

    def __init__(self, takers: Mapping[str, _Taker], ledger: Ledger) -> None:
        self._takers = dict(takers)
        self._ledger = ledger
        self._name = f"listener-{uuid.uuid4().hex[:12]}"
        self._queue: queue.SimpleQueue[tuple[str, Order] | None] = queue.SimpleQueue()
        self._pending: set[tuple[str, str]] = set()
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []
        self.counts: Counter[str] = Counter()
        """How many deliveries were what, by the words of `swath.models.Heard`."""

    # --- its threads ------------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self._ledger.mailbox.listen(self._name)
        for work in (self._looks, self._beats):
            thread = threading.Thread(target=work, name=self._name, daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._queue.put(None)
        for thread in self._threads:
            thread.join(timeout=10)
        self._ledger.mailbox.leave(self._name)

    def _looks(self) -> None:
        """Look at one order after the other."""
        while (entry := self._queue.get()) is not None:
            name, order = entry
            with self._lock:
                self._pending.discard((name, order.tag))  # what is heard from here on is a reason to look again
            try:
                self._takers[name].look(order)
            except SwathError as err:
                _LOG.warning("%s: %s was heard of and could not be looked at: %s", name, order.id, err.message)

    def _beats(self) -> None:
        while not self._over.wait(_BEAT_S):
            try:
                self._ledger.mailbox.listen(self._name)
            except SwathError as err:
                _LOG.warning("the ledger cannot be told that somebody listens: %s", err.message)

    def _hear(self, name: str, received: Received) -> None:
        if received.heard is not Heard.NEW or received.order is None:
            return
        key = (name, received.order.tag)
        with self._lock:
            if key in self._pending:
                return
            self._pending.add(key)
        self._queue.put((name, received.order))

    # --- the application --------------------------------------------------------------------------------------------

    def receive(self, name: str, headers: Mapping[str, str], body: bytes) -> Received:
        """Take one delivery in.

        Raises:
            KeyError: If no provider has the name.
        """
        taken = self._takers[name].take(headers, body)
        with self._lock:
            self.counts[taken.heard.value] += 1
        self._hear(name, taken)
        if taken.heard in {Heard.REFUSED, Heard.UNREADABLE}:
            _LOG.info("%s: a delivery was %s: %s", name, taken.heard.value, taken.note)
        return taken

    async def __call__(self, scope: MutableMapping[str, Any], receive: _Receive, send: _Send) -> None:
        """Serve one request."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        if scope["type"] != "http":
            return
        status, told = await self._answer(scope, receive)
        body = json.dumps(told).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: MutableMapping[str, Any], receive: _Receive) -> tuple[int, dict[str, Any]]:
        name = scope["path"].strip("/")
        if not name and scope["method"] == "GET":
            with self._lock:
                return 200, {"listens_for": sorted(self._takers), "heard": dict(self.counts)}
        if name not in self._takers:
            return 404, {"error": "no such provider"}
        if scope["method"] != "POST":
            return 405, {"error": "POST webhooks here"}
        body = await _read(receive)
        if body is None:
            return 413, {"error": f"more than {_LONGEST_BODY} bytes"}
        headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
        try:
            taken = await asyncio.to_thread(self.receive, name, headers, body)
        except SwathError as err:
            _LOG.warning("%s: a delivery could not be taken in: %s", name, err.message)
            return 503, {"error": "try again later"}
        return _STATUS[taken.heard], {"heard": taken.heard.value}


async def _read(receive: _Receive) -> bytes | None:
    """Read a body; None for one that is too long."""
    body = bytearray()
    while True:
        part = await receive()
        if part["type"] == "http.disconnect":
            return bytes(body)
        body += part.get("body", b"")
        if len(body) > _LONGEST_BODY:
            return None
        if not part.get("more_body"):
            return bytes(body)


async def _lifespan(receive: _Receive, send: _Send) -> None:
    while True:
        event = await receive()
        await send({"type": f"{event['type']}.complete"})
        if event["type"] == "lifespan.shutdown":
            return

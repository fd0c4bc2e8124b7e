# SPDX-License-Identifier: Apache-2.0
"""Webhooks: who wants to be told, and the telling."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import itertools
import threading
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from attrs import field, frozen

from swath.sandbox import World
from swath_cecil.sandbox.access import Call, Organisation, moment, not_found
from swath_cecil.sandbox.people import made_id

__all__ = ["EVENTS", "Webhooks", "signature"]

EVENTS = ("subscription.delivered", "subscription.failed", "subscription.completed")
"""What one can be told of."""
_HEADER = "Cecil-Signature"
_RETRIES, _GAP_S = 3, 12 * 3600.0
_HOME = frozenset({"127.0.0.1", "localhost", "::1"})


@frozen(kw_only=True)
class _Webhook:
    id: str
    organisation: Organisation = field(repr=False)
    url: str
    secret: str | None = field(repr=False)
    events: tuple[str, ...]
    created_at: dt.datetime
    created_by: str

    def as_json(self) -> dict[str, Any]:
        """Give it as the service does: never with its secret."""
        return {
            "id": self.id, "url": self.url, "events": list(self.events),
            "created_at": moment(self.created_at), "created_by": self.created_by,
        }  # fmt: skip


class Webhooks:
    """All webhooks. Any thread may use it.

    Args:
        world: Its outbox posts them, and its faults spoil them.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._hooks: dict[str, _Webhook] = {}
        self._events: dict[str, tuple[Organisation, dict[str, Any]]] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self.on_first: Callable[[], None] = lambda: None
        """Called when one has been made: from then on somebody listens."""

    def create(self, call: Call) -> dict[str, Any]:
        """Make one."""
        url = call.text("url")
        split = urlsplit(url)
        if not split.hostname or not (split.scheme == "https" or (split.scheme == "http" and split.hostname in _HOME)):
            raise call.invalid("url", "must be an https URL")
        events = call.object().get("events")
        if events is None:
            events = list(EVENTS)
        if not isinstance(events, list) or not events or any(one not in EVENTS for one in events):
            raise call.invalid("events", f"must be a list out of {', '.join(EVENTS)}")
        with self._lock:
            hook = _Webhook(
                id=made_id(self._world, "webhook", next(self._numbers)), organisation=call.organisation, url=url,
                secret=call.text_or_none("secret"), events=tuple(events), created_at=self._world.clock.now(),
                created_by=call.user,
            )  # fmt: skip
            self._hooks[hook.id] = hook
        self.on_first()
        return hook.as_json()

    def listed(self, call: Call) -> dict[str, Any]:
        """List the caller's."""
        return {"records": [one.as_json() for one in self._of(call.organisation)]}

    def get(self, call: Call) -> dict[str, Any]:
        """Show one."""
        return self._find(call).as_json()

    def delete(self, call: Call) -> None:
        """End one."""
        hook = self._find(call)
        with self._lock:
            self._hooks.pop(hook.id, None)

    def any(self, organisation: Organisation) -> bool:
        """Say whether an organisation listens at all."""
        return bool(self._of(organisation))

    def tell(self, organisation: Organisation, event: str, payload: Mapping[str, Any]) -> None:
        """Tell everybody of an organisation who wants to know."""
        with self._lock:
            number = made_id(self._world, "event", len(self._events))
            body = {
                "event_id": number,
                "event_type": event,
                "payload": dict(payload),
                "recorded_at": moment(self._world.clock.now()),
            }
            self._events[number] = organisation, body
        self._post(organisation, body)

    def again(self, event: str) -> None:
        """Tell of an event once more, with the same body.

        Raises:
            Refusal: 404 for an event that has not been.
        """
        with self._lock:
            found = self._events.get(event)
        if found is None:
            raise not_found("Event", event)
        self._post(*found)

    def told(self) -> list[dict[str, Any]]:
        """Give all events, oldest first."""
        with self._lock:
            return [body for _, body in self._events.values()]

    def _post(self, organisation: Organisation, body: Mapping[str, Any]) -> None:
        gap = self._world.clock.delay(_GAP_S)
        for hook in self._of(organisation):
            if body["event_type"] in hook.events:
                secret = hook.secret
                self._world.hooks.post(
                    "cecil", body["event_type"], hook.url, body,
                    headers=None if secret is None else _signer(secret), again=[gap] * _RETRIES,
                )  # fmt: skip

    def _of(self, organisation: Organisation) -> list[_Webhook]:
        with self._lock:
            return [one for one in self._hooks.values() if one.organisation is organisation]

    def _find(self, call: Call) -> _Webhook:
        with self._lock:
            found = self._hooks.get(call.id())
        if found is None or found.organisation is not call.organisation:
            raise not_found("Webhook", call.id())
        return found


def signature(body: bytes, secret: str) -> str:
    """Sign a body: lower-case hex HMAC-SHA256 of its bytes."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _signer(secret: str) -> Callable[[bytes], dict[str, str]]:
    return lambda body: {_HEADER: signature(body, secret)}

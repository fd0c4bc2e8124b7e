# SPDX-License-Identifier: Apache-2.0
"""Assets on their way from inactive to active and back."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
import threading
from typing import Any

from attrs import define

from swath.sandbox import World
from swath_planet.sandbox.access import Call
from swath_planet.sandbox.files import Cache, Made, asset_bytes
from swath_planet.sandbox.holdings import Holdings, Item, stamp

__all__ = ["LINK_S", "Assets"]

LINK_S = 4 * 3600.0
"""Seconds that the location of an asset is good for."""

_ACTIVATION_S = 60.0
_LOOKS = 2
_ACTIVE_FOR = dt.timedelta(hours=24)


@define(kw_only=True)
class _Activation:
    asked: dt.datetime
    looks: int = 0
    active: dt.datetime | None = None


class Assets:
    """The assets of all items.

    An asset is active a minute after it was asked for (by the sandbox's speed), or when it has been looked at twice,
    and stays so for a day.
    """

    def __init__(self, world: World, holdings: Holdings, cache: Cache) -> None:
        self._world, self._holdings, self._cache = world, holdings, cache
        self._activations: dict[tuple[str, str, str], _Activation] = {}
        self._lock = threading.Lock()

    def token(self, item: Item, asset_type: str) -> str:
        """Give the id of an asset: URL-safe base64 of JSON, without padding."""
        told = {"i": item.id, "c": item.item_type, "t": asset_type, "ct": "item-type"}
        return base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")

    def find(self, token: str) -> tuple[Item, str] | None:
        """Give what a token names, or None."""
        try:
            told = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
            item_type, item_id, asset_type = str(told["c"]), str(told["i"]), str(told["t"])
        except (binascii.Error, ValueError, KeyError, TypeError):
            return None
        item = self._holdings.get(item_type, item_id)
        return (item, asset_type) if item is not None and asset_type in item.assets else None

    def activate(self, item: Item, asset_type: str) -> bool:
        """Begin activation; says whether it is active already."""
        key = (item.item_type, item.id, asset_type)
        with self._lock:
            if self._status(key, look=False) == "inactive":
                self._activations[key] = _Activation(asked=self._world.clock.now())
            return self._status(key, look=False) == "active"

    def describe(self, call: Call, item: Item, asset_type: str) -> dict[str, Any]:
        """Give an asset as JSON, with a fresh location if it is active."""
        key = (item.item_type, item.id, asset_type)
        with self._lock:
            status = self._status(key, look=True)
        own = call.url(f"/data/v1/assets/{self.token(item, asset_type)}")
        told: dict[str, Any] = {
            "type": asset_type,
            "status": status,
            "md5_digest": None,
            "_permissions": ["download"] if call.account.entitled else [],
            "_links": {
                "_self": own,
                "activate": f"{own}/activate",
                "type": call.url(f"/data/v1/asset-types/{asset_type}"),
            },
        }
        if status == "active":
            links = self._world.links
            subject = json.dumps(["asset", *key])
            told["md5_digest"] = self.made(item, asset_type).md5
            told["location"] = call.url(f"/data/v1/download?token={links.token(subject, LINK_S)}")
            told["expires_at"] = stamp(links.expiry(LINK_S))
        return told

    def made(self, item: Item, asset_type: str) -> Made:
        """Give an asset's file."""
        pixels = self._world.scene_pixels
        key = ("asset", item.item_type, item.id, asset_type)
        return self._cache.get(key, lambda: asset_bytes(item, asset_type, pixels=pixels))

    def _status(self, key: tuple[str, str, str], *, look: bool) -> str:
        known = self._activations.get(key)
        if known is None:
            return "inactive"
        now = self._world.clock.now()
        if known.active is None:
            due = known.asked + self._world.clock.delay(_ACTIVATION_S)
            if now >= due or known.looks >= _LOOKS:
                known.active = min(now, due)
            known.looks += look
        if known.active is None:
            return "activating"
        if now - known.active > _ACTIVE_FOR:
            del self._activations[key]
            return "inactive"
        return "active"

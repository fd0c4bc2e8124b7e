# SPDX-License-Identifier: Apache-2.0
"""Searches that are kept: those that users save, and every quick one."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Mapping
from typing import Any

from swath.sandbox import World
from swath_planet.sandbox.access import Account, Refusal, bad_query
from swath_planet.sandbox.holdings import stamp

__all__ = ["Searches"]

_MOST_QUICK = 2000
_KINDS = ("any", "saved", "quick")
_SORTS = ("created desc", "created asc")


class Searches:
    """The searches of all accounts."""

    def __init__(self, world: World) -> None:
        self._now = world.clock.now
        self._saved: dict[tuple[str, str], dict[str, Any]] = {}
        self._lock = threading.Lock()

    def add(self, account: Account, body: Mapping[str, Any], kind: str) -> dict[str, Any]:
        """Keep a search; the oldest quick ones are forgotten when there are many."""
        now = stamp(self._now())
        made = {
            "id": uuid.uuid4().hex,
            **_told(body),
            "search_type": kind,
            "created": now,
            "updated": now,
            "last_executed": now if kind == "quick" else None,
        }
        with self._lock:
            self._saved[account.key, made["id"]] = made
            quick = [key for key, one in self._saved.items() if one["search_type"] == "quick"]
            for key in quick[:-_MOST_QUICK]:
                del self._saved[key]
        return dict(made)

    def get(self, account: Account, search_id: str) -> dict[str, Any]:
        """Give a search by its id, hyphenated or not.

        Raises:
            Refusal: 404.
        """
        with self._lock:
            return dict(self._find(account, search_id))

    def update(self, account: Account, search_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Replace a search.

        Raises:
            Refusal: 404.
        """
        with self._lock:
            found = self._find(account, search_id)
            found.update(_told(body), updated=stamp(self._now()))
            return dict(found)

    def executed(self, account: Account, search_id: str) -> None:
        """Note that a search is run now."""
        with self._lock:
            self._find(account, search_id)["last_executed"] = stamp(self._now())

    def delete(self, account: Account, search_id: str) -> None:
        """Forget a search.

        Raises:
            Refusal: 404.
        """
        with self._lock:
            found = self._find(account, search_id)
            del self._saved[account.key, found["id"]]

    def listed(self, account: Account, kind: str, sort: str) -> list[dict[str, Any]]:
        """List an account's searches.

        Raises:
            Refusal: 400 for an unknown kind or sort.
        """
        if kind not in _KINDS:
            raise bad_query(f"{kind!r} is not a valid search_type", "search_type")
        if sort not in _SORTS:
            raise bad_query(f"{sort!r} is not a valid sort", "_sort")
        with self._lock:
            found = [
                dict(one)
                for (key, _), one in self._saved.items()
                if key == account.key and kind in {"any", one["search_type"]}
            ]
        return found if sort.endswith("asc") else found[::-1]

    def _find(self, account: Account, search_id: str) -> dict[str, Any]:
        found = self._saved.get((account.key, search_id.replace("-", "").lower()))
        if found is None:
            raise Refusal(404, {"message": "The requested search id does not exist", "errors": []})
        return found


def _told(body: Mapping[str, Any]) -> dict[str, Any]:
    """Give what a search says of itself."""
    geometry = body.get("geometry")
    if isinstance(geometry, Mapping) and geometry.get("type") == "ref":
        content = geometry.get("content")
        listed = content if isinstance(content, list) else [f"{content}#1" if "#" not in str(content) else content]
        geometry = {"type": "ref", "content": listed}
    return {
        "name": body.get("name"),
        "item_types": body.get("item_types"),
        "filter": body.get("filter"),
        "geometry": geometry,
        "__daily_email_enabled": bool(body.get("__daily_email_enabled", False)),
    }

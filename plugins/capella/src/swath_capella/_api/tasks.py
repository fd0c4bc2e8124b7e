# SPDX-License-Identifier: Apache-2.0
"""Tasking and repeat requests, and the acquisitions that come of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

from swath.errors import UnexpectedResponse
from swath.hookspecs import Operation
from swath_capella._api.base import Service

__all__ = ["PAGE", "Requests"]

PAGE: Final = 250
"""Records a page."""


def _at(base: str, request_id: str, tail: str = "") -> str:
    return f"{base}/{quote(request_id, safe='')}{tail}"


class Requests(Service):
    """Requests for acquisitions."""

    def create_task(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Send a tasking request, once."""
        return self.object("POST", "/task", json=dict(body), operation=Operation.ONCE)

    def task(self, task_id: str) -> dict[str, Any]:
        """Read a tasking request."""
        return self.object("GET", _at("/task", task_id))

    def update_task(self, task_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Change a tasking request's names, attributes or product types."""
        return self.object("PATCH", _at("/task", task_id), json=dict(body), operation=Operation.WRITE)

    def set_task_status(self, task_id: str, status: str) -> None:
        """Approve, reject or cancel a tasking request: ``approved``, ``rejected`` or ``canceled``."""
        self.call("PATCH", _at("/task", task_id, "/status"), json={"status": status}, operation=Operation.WRITE)

    def collects(self, task_id: str) -> list[dict[str, Any]]:
        """List the acquisitions planned or made for a tasking request."""
        return self.array("GET", _at("/collects/list", task_id))

    def create_repeat(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Send a repeat request, once."""
        return self.object("POST", "/repeat-requests", json=dict(body), operation=Operation.ONCE)

    def repeat(self, repeat_id: str) -> dict[str, Any]:
        """Read a repeat request."""
        return self.object("GET", _at("/repeat-requests", repeat_id))

    def update_repeat(self, repeat_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Change a repeat request's names, attributes or product types."""
        return self.object("PATCH", _at("/repeat-requests", repeat_id), json=dict(body), operation=Operation.WRITE)

    def cancel_repeat(self, repeat_id: str) -> None:
        """Cancel a repeat request; the documentation names the member ``code``, the official client ``status``."""
        body = {"status": "canceled", "code": "canceled"}
        self.call("PATCH", _at("/repeat-requests", repeat_id, "/status"), json=body, operation=Operation.WRITE)

    def search(self, kind: str, body: Mapping[str, Any], *, limit: int = PAGE) -> Iterator[list[dict[str, Any]]]:
        """Search tasking or repeat requests, page by page.

        Args:
            kind: ``"tasks"`` or ``"repeat-requests"``.
            body: With ``query``, or ``filter``.
            limit: Records a page, up to 500.
        """
        number, pages = 1, 1
        while number <= pages:
            answer = self.search_page(kind, body, number=number, limit=limit)
            pages = int(answer.get("totalPages") or 1)
            yield answer["results"]
            number += 1

    def search_page(self, kind: str, body: Mapping[str, Any], *, number: int, limit: int = PAGE) -> dict[str, Any]:
        """Ask for one page of a search."""
        params = {"page": number, "limit": limit}
        answer = self.object("POST", f"/{kind}/search", json=dict(body), params=params)
        if not isinstance(answer.get("results"), list):
            raise UnexpectedResponse(f"the answer to a search for {kind} has no results", provider="capella")
        return answer

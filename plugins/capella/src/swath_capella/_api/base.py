# SPDX-License-Identifier: Apache-2.0
"""What every call to Capella stands on: the address, one request, and the service's error codes."""

from __future__ import annotations

import json as json_module
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from swath.decoding import read_json
from swath.errors import SwathError, UnexpectedResponse
from swath.hookspecs import Context, Operation

if TYPE_CHECKING:
    import httpx

__all__ = ["Service", "code_of", "dollars"]


class Service:
    """One opened account at Capella.

    Args:
        context: The opened account.
    """

    def __init__(self, context: Context) -> None:
        self.context = context

    @property
    def base_url(self) -> str:
        """Where the API is, without trailing slash."""
        return self.context.settings["base_url"].rstrip("/")

    def call(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, Any] | None = None,
        operation: Operation = Operation.READ,
        bucket: str = "default",
    ) -> httpx.Response:
        """Send one request and read the whole answer.

        Args:
            method: HTTP method.
            path: Below the API's address, or an absolute URL.
            json: Body.
            params: Query parameters.
            operation: Whether it may be sent again.
            bucket: Rate-limit bucket.

        Raises:
            SwathError: By status; `code_of` gives Capella's own code.
        """
        url = path if path.startswith(("http://", "https://")) else f"{self.base_url}{path}"
        return self.context.http.request(method, url, json=json, params=params, operation=operation, bucket=bucket)

    def json(self, method: str, path: str, **given: Any) -> Any:
        """Send one request, as `call`, and give the answer's JSON; None where its body is empty.

        Raises:
            UnexpectedResponse: It is no JSON.
        """
        response = self.call(method, path, **given)
        return read_json(response, provider="capella") if response.content.strip() else None

    def object(self, method: str, path: str, **given: Any) -> dict[str, Any]:
        """Send one request and give the JSON object that it answers.

        Raises:
            UnexpectedResponse: It is something else.
        """
        found = self.json(method, path, **given)
        if not isinstance(found, dict):
            raise UnexpectedResponse(
                f"the answer to {method} {path} is no JSON object but {type(found).__name__}", provider="capella"
            )
        return found

    def array(self, method: str, path: str, **given: Any) -> list[dict[str, Any]]:
        """Send one request and give the JSON array of objects that it answers.

        Raises:
            UnexpectedResponse: It is something else.
        """
        found = self.json(method, path, **given)
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise UnexpectedResponse(f"the answer to {method} {path} is no JSON array of objects", provider="capella")
        return found


def code_of(err: SwathError) -> str:
    """Give Capella's own code of an error, read from its body; empty where it has none.

    Source: the Capella wire contract, 1.4.
    """
    try:
        body = json_module.loads(err.details.get("body") or "")
    except ValueError:
        return ""
    inner = body.get("error", body) if isinstance(body, dict) else None
    if isinstance(inner, dict) and inner.get("code"):
        return str(inner["code"])
    text = str(inner if isinstance(inner, str) else _message(inner)).lower()
    fragments = {
        "order expired": "ORDER_EXPIRED",
        "not permitted to access any of the collection": "COLLECTION_ACCESS_DENIED",
        "not authorized to perform": "NOT_AUTHORIZED",
    }
    return next((code for fragment, code in fragments.items() if fragment in text), "")


def _message(said: Any) -> Any:
    """Give an error's words; gateways write them with a capital letter."""
    return said.get("message") or said.get("Message") or "" if isinstance(said, dict) else ""


def dollars(text: Any) -> float | None:
    """Read money as Capella writes it, ``"$1,000.00"``; None where that is not what it is."""
    if not isinstance(text, str):
        return float(text) if isinstance(text, int | float) and not isinstance(text, bool) else None
    try:
        return float(text.strip().removeprefix("$").replace(",", ""))
    except ValueError:
        return None

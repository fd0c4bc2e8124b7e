# SPDX-License-Identifier: Apache-2.0
"""A client that reads and never buys: what it would have sent is kept instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from swath._shown import Shown
from swath.hookspecs import Http, Operation
from swath.models import DryRequest, Secret

if TYPE_CHECKING:
    import httpx

__all__ = ["DRY_TAG", "DryHttp", "NotSent"]

DRY_TAG = "swath-0000000000000000"
"""Stands for the tag, which is made anew for each order that is sent."""


class NotSent(BaseException):
    """Ends a plugin's hook at the request that it must not send.

    Args:
        request: What would have been sent, secrets removed.
    """

    def __init__(self, request: DryRequest) -> None:
        super().__init__(request)
        self.request = request


class DryHttp:
    """Implements `swath.hookspecs.Http`: requests that only read go through, the first other one ends the call.

    Args:
        http: What reads.
        secrets: Values that are shown nowhere.
    """

    def __init__(self, http: Http, secrets: Iterable[Secret] = ()) -> None:
        self._http = http
        self._shown = Shown(secrets)

    def request(
        self,
        method: str,
        url: str,
        *,
        operation: Operation = Operation.READ,
        params: Mapping[str, Any] | Sequence[tuple[str, str]] | None = None,
        json: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        auth: bool = True,
        bucket: str = "default",
        accept: Sequence[int] = (),
    ) -> httpx.Response:
        """Read, or raise `NotSent`; see `swath.hookspecs.Http.request`."""
        if operation is Operation.READ:
            return self._http.request(
                method,
                url,
                operation=operation,
                params=params,
                json=json,
                content=content,
                headers=headers,
                auth=auth,
                bucket=bucket,
                accept=accept,
            )
        body = json if json is not None else content.decode("utf-8", "replace") if content else None
        raise NotSent(DryRequest(method=method.upper(), url=self._shown.url(url, params), body=self._shown.body(body)))

# SPDX-License-Identifier: Apache-2.0
"""A client that reads and never buys: what it would have sent is kept instead."""

from __future__ import annotations

import json as json_module
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from swath._http.redact import redact_text
from swath._ledger.codec import REDACTED, redact
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
        self._secrets = tuple(secrets)

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
        raise NotSent(DryRequest(method=method.upper(), url=self._shown(url, params), body=self._clean(body)))

    def _shown(self, url: str, params: Mapping[str, Any] | Sequence[tuple[str, str]] | None) -> str:
        parts = urlsplit(url)
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        for name, value in params.items() if isinstance(params, Mapping) else params or ():
            pairs += [(name, str(one)) for one in (value if isinstance(value, list | tuple) else [value])]
        shown = [(name, str(redact({name: self._without(value)})[name])) for name, value in pairs]
        host = parts.netloc.rpartition("@")[2]
        return self._without(urlunsplit((parts.scheme, host, parts.path, urlencode(shown, safe="/:,<>"), "")))

    def _clean(self, body: Any) -> Any:
        """Copy a body as JSON has it, with each secret replaced."""
        plain = body if isinstance(body, str) else json_module.loads(json_module.dumps(body))
        return self._walk(redact(plain))

    def _walk(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._walk(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._walk(inner) for inner in value]
        return redact_text(self._without(value)) if isinstance(value, str) else value

    def _without(self, text: str) -> str:
        for secret in self._secrets:
            if secret:
                text = text.replace(secret.reveal(), REDACTED)
        return text

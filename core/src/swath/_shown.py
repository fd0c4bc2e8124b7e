# SPDX-License-Identifier: Apache-2.0
"""Requests as people may see them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from swath._http.redact import redact_text
from swath._ledger.codec import REDACTED, redact
from swath.models import Secret

__all__ = ["Shown"]

Params = Mapping[str, Any] | Sequence[tuple[str, str]] | None


class Shown:
    """Copies what is sent, with each secret replaced.

    Args:
        secrets: Values that are shown nowhere.
    """

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        self._secrets = tuple(secrets)

    def url(self, url: str, params: Params = None) -> str:
        """Give a URL with its query."""
        base, pairs = self.split(url, params)
        return base + (f"?{urlencode(pairs, safe='/:,<>')}" if pairs else "")

    def split(self, url: str, params: Params = None) -> tuple[str, tuple[tuple[str, str], ...]]:
        """Give a URL without its query, and the query's names and values."""
        parts = urlsplit(url)
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        for name, value in params.items() if isinstance(params, Mapping) else params or ():
            pairs += [(name, str(one)) for one in (value if isinstance(value, list | tuple) else [value])]
        host = parts.netloc.rpartition("@")[2]
        shown = [(name, str(redact({name: self._without(value)})[name])) for name, value in pairs]
        return self._without(urlunsplit((parts.scheme, host, parts.path, "", ""))), tuple(shown)

    def body(self, body: Any) -> Any:
        """Give a body as JSON has it."""
        plain = body if isinstance(body, str) else json.loads(json.dumps(body))
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

# SPDX-License-Identifier: Apache-2.0
"""What clients asked of the stand-ins, without their secrets."""

from __future__ import annotations

import datetime as dt
import json
import re
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs

from attrs import asdict, define, field

__all__ = ["LoggedRequest", "RequestLog"]

_SECRET = re.compile(
    r"authorization|api[-_]?key|token|secret|passw|cookie|credential|signature|^sas|access_key", re.IGNORECASE
)
_REDACTED = "<redacted>"
_KEPT = 100_000


@define(kw_only=True)
class LoggedRequest:
    """One request as it arrived."""

    number: int
    """Counts from 1 over all stand-ins of a world."""
    provider: str
    method: str
    path: str
    query: dict[str, list[str]] = field(factory=dict)
    """Values by name, secrets redacted."""
    headers: dict[str, str] = field(factory=dict)
    """By lower-case name; of a secret one only its scheme is kept."""
    body: Any = None
    """Parsed where it is JSON, else text; None without a body."""
    time: dt.datetime
    """When it came, by the sandbox's clock, aware UTC."""
    at: float
    """The same by the sandbox's monotonic clock, in seconds."""
    status: int | None = None
    """What was answered; None while under way, or where the connection was cut."""
    fault: bool = False
    """Whether an injected fault met it."""
    error: str | None = None
    """Traceback, where the stand-in itself broke."""

    def as_json(self) -> dict[str, Any]:
        """Give it as JSON types."""
        return {**asdict(self), "time": self.time.isoformat()}


class _Store:
    """What a log and its views share."""

    def __init__(self) -> None:
        self.entries: deque[LoggedRequest] = deque(maxlen=_KEPT)
        self.lock = threading.Lock()
        self.count = 0


class RequestLog:
    """All requests of a world, or, as a view made by `only`, of one provider. Any thread may use it."""

    def __init__(self, store: _Store | None = None, provider: str | None = None) -> None:
        self._store = store or _Store()
        self._provider = provider

    def only(self, provider: str) -> RequestLog:
        """Give a live view of one provider's requests."""
        return RequestLog(self._store, provider)

    def add(
        self,
        *,
        provider: str,
        method: str,
        path: str,
        query: str,
        headers: Sequence[tuple[str, str]],
        body: bytes,
        time: dt.datetime,
        at: float,
    ) -> LoggedRequest:
        """Note a request; the caller fills in the answer's status later."""
        entry = LoggedRequest(
            number=0,
            provider=provider,
            method=method,
            path=path,
            query=_clean_query(query),
            headers=_clean_headers(headers),
            body=_clean_body(body),
            time=time,
            at=at,
        )
        with self._store.lock:
            self._store.count += 1
            entry.number = self._store.count
            self._store.entries.append(entry)
        return entry

    def entries(
        self, *, method: str | None = None, path: str | None = None, provider: str | None = None
    ) -> list[LoggedRequest]:
        """Give what was asked, oldest first.

        Args:
            method: Only this HTTP method.
            path: Only paths in which this regular expression is found.
            provider: Only this provider.
        """
        wanted = re.compile(path) if path is not None else None
        with self._store.lock:
            found = list(self._store.entries)
        return [
            entry
            for entry in found
            if (self._provider is None or entry.provider == self._provider)
            and (provider is None or entry.provider == provider)
            and (method is None or entry.method == method.upper())
            and (wanted is None or wanted.search(entry.path))
        ]

    def count(self, *, method: str | None = None, path: str | None = None, provider: str | None = None) -> int:
        """Count requests, chosen as for `entries`."""
        return len(self.entries(method=method, path=path, provider=provider))

    def clear(self) -> None:
        """Forget what was asked (in a view: of that provider)."""
        with self._store.lock:
            kept = [] if self._provider is None else [e for e in self._store.entries if e.provider != self._provider]
            self._store.entries.clear()
            self._store.entries.extend(kept)

    def __len__(self) -> int:
        return len(self.entries())

    def __iter__(self) -> Iterator[LoggedRequest]:
        return iter(self.entries())


def _clean_query(query: str) -> dict[str, list[str]]:
    values = parse_qs(query, keep_blank_values=True)
    return {name: [_REDACTED] * len(found) if _SECRET.search(name) else found for name, found in values.items()}


def _clean_headers(headers: Sequence[tuple[str, str]]) -> dict[str, str]:
    cleaned: dict[str, str] = {}
    for name, value in headers:
        if _SECRET.search(name):
            scheme, _, rest = value.partition(" ")
            cleaned[name.lower()] = f"{scheme} {_REDACTED}" if rest else _REDACTED
        else:
            cleaned[name.lower()] = value
    return cleaned


def _clean_body(body: bytes) -> Any:
    if not body:
        return None
    text = body.decode("utf-8", errors="replace")
    try:
        return _clean_json(json.loads(text))
    except ValueError:
        return text


def _clean_json(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            name: _REDACTED if isinstance(inner, str) and _SECRET.search(name) else _clean_json(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_clean_json(inner) for inner in value]
    return value

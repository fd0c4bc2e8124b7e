# SPDX-License-Identifier: Apache-2.0
"""When a request is sent again, by what it does rather than by its HTTP method."""

from __future__ import annotations

import datetime as dt
import email.utils
import random

import httpx
from attrs import frozen

from swath.hookspecs import Operation

__all__ = ["RetryPolicy", "may_have_arrived", "retry_after_s"]

PASSING = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
"""Statuses that a later try may not see."""


@frozen(kw_only=True)
class RetryPolicy:
    """How often and for how long."""

    attempts: int = 6
    """Tries in all, the first included."""
    budget_s: float = 90.0
    """Seconds after which no further try starts."""
    base_s: float = 0.5
    """Longest first pause; it doubles with each try, and the pause taken is random below it."""
    cap_s: float = 20.0
    """Longest pause of our own choosing."""

    def pause_s(self, attempt: int, *, asked_s: float | None, rng: random.Random) -> float:
        """Give the pause after try number `attempt` (from 1), in seconds.

        Args:
            attempt: The try that failed.
            asked_s: What the server asked for by ``Retry-After``.
            rng: Source of jitter.
        """
        own_s = rng.uniform(0.5, 1.0) * min(self.cap_s, self.base_s * 2 ** (attempt - 1))
        return own_s if asked_s is None else asked_s + rng.uniform(0, 0.1)

    def allows(
        self, operation: Operation, *, attempt: int, elapsed_s: float, failure: httpx.Response | Exception
    ) -> bool:
        """Whether the request may be sent once more after this failure.

        Args:
            operation: What the request does.
            attempt: The try that failed, from 1.
            elapsed_s: Seconds since the first try began, with the coming pause.
            failure: The answer or the transport's exception.
        """
        if attempt >= self.attempts or elapsed_s > self.budget_s:
            return False
        if isinstance(failure, httpx.Response):
            return operation is not Operation.ONCE and failure.status_code in PASSING
        if operation is Operation.ONCE:
            return not may_have_arrived(failure)
        return isinstance(failure, httpx.TransportError) and not isinstance(
            failure, httpx.UnsupportedProtocol | httpx.ProxyError | httpx.LocalProtocolError
        )


def may_have_arrived(failure: Exception) -> bool:
    """Whether the server may have seen the request that failed so."""
    return not isinstance(
        failure,
        httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout | httpx.UnsupportedProtocol | httpx.ProxyError,
    )


def retry_after_s(response: httpx.Response, now: dt.datetime) -> float | None:
    """Read ``Retry-After`` in both its forms, as seconds from now; None where absent or unreadable."""
    value = response.headers.get("retry-after", "").strip()
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        when = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=dt.UTC)
    return max(0.0, (when - now).total_seconds())

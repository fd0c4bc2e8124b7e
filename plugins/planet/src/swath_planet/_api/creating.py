# SPDX-License-Identifier: Apache-2.0
"""Sends what makes something new, once."""

from __future__ import annotations

from typing import Any, Final

from swath.errors import RateLimited
from swath.hookspecs import Operation
from swath.native import pause
from swath_planet._api.base import Params, Service
from swath_planet._api.refusals import is_about_quota, over_quota
from swath_planet._api.secrets import guarded

__all__ = ["create"]

TRIES: Final = 6
"""Of a request that Planet refuses as one too many."""


def create(
    service: Service,
    url: str,
    body: Any,
    *,
    params: Params | None = None,
    bucket: str | None = None,
    tries: int = TRIES,
) -> Any:
    """Send a POST once and give the answer's JSON.

    Only where Planet has refused it as one too many (429) is it sent again, after the time that Planet asks for:
    nothing was made then.

    Args:
        service: Whose request it is.
        url: Absolute, or a path below the service.
        body: May hold `swath.Secret`.
        params: Query parameters.
        bucket: Rate-limit bucket; the service's own if None.
        tries: How often at most, where Planet refuses it so.

    Raises:
        QuotaExceeded: Planet says so, by the status of too many requests.
        Unavailable: No answer came, and ``outcome_unknown`` in its details says that it may have been made.
        SwathError: By status; no secret of the body is in it.
    """
    attempt = 0
    while True:
        attempt += 1
        try:
            with guarded(body) as plain:
                return service.json("POST", url, params=params, json=plain, operation=Operation.ONCE, bucket=bucket)
        except RateLimited as err:
            if is_about_quota(err):
                raise over_quota(err) from err
            if attempt >= tries:
                raise
            pause(service.context, 0.25 * 2**attempt)

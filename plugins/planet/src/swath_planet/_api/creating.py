# SPDX-License-Identifier: Apache-2.0
"""Sends what makes something new, once, and keeps the secrets in it out of whatever comes back."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from swath.errors import QuotaExceeded, RateLimited, SwathError
from swath.hookspecs import Operation
from swath.models import Secret
from swath.native import pause
from swath_planet._api.base import Params, Service
from swath_planet._api.orders import is_about_quota
from swath_planet._api.secrets import revealed
from swath_planet.tracking import is_secret_name

__all__ = ["create", "guarded", "over_quota"]

TRIES: Final = 6
"""Of a request that Planet refuses as one too many."""
_SHORTEST: Final = 4
"""Characters that a secret has at least, so that looking for it makes no nonsense of an error."""


def create(service: Service, url: str, body: Any, *, params: Params | None = None, tries: int = TRIES) -> Any:
    """Send a POST once and give the answer's JSON.

    Only where Planet has refused it as one too many (429) is it sent again, after the time that Planet asks for:
    nothing was made then.

    Args:
        service: Whose request it is.
        url: Absolute, or a path below the service.
        body: May hold `swath.Secret`.
        params: Query parameters.
        tries: How often at most, where Planet refuses it so.

    Raises:
        QuotaExceeded: Planet says so, by the status of too many requests.
        Unavailable: No answer came, and ``outcome_unknown`` in its details says that it may have been made.
        SwathError: By status; no secret of the body is in it.
    """
    with guarded(body) as plain:
        for attempt in range(1, tries):
            try:
                return service.json("POST", url, params=params, json=plain, operation=Operation.ONCE)
            except RateLimited as err:
                if is_about_quota(err):
                    raise over_quota(err) from err
                pause(service.context, 0.25 * 2**attempt)
        return service.json("POST", url, params=params, json=plain, operation=Operation.ONCE)


def over_quota(err: SwathError) -> QuotaExceeded:
    """Say again, as what it is, that a quota is used up."""
    return QuotaExceeded(
        err.message,
        provider="planet",
        status_code=err.status_code,
        request_id=err.request_id,
        details=err.details,
    )


@contextlib.contextmanager
def guarded(body: Any) -> Iterator[Any]:
    """Give a body with its secrets revealed, and take them out of any error within the block.

    Yields:
        A copy of the body.
    """
    try:
        yield revealed(body)
    except SwathError as err:
        for secret in sorted(_secrets(body), key=len, reverse=True):
            if len(secret) >= _SHORTEST:
                err.message = err.message.replace(secret, "****")
                err.details = _scrubbed(err.details, secret)
        err.args = (err.message,)
        raise


def _secrets(value: Any, *, named: bool = False) -> set[str]:
    """Find what is secret in a body: by its type, or by its name."""
    if isinstance(value, Secret):
        return {value.reveal()}
    if isinstance(value, Mapping):
        return set().union(*(_secrets(inner, named=named or is_secret_name(key)) for key, inner in value.items()))
    if isinstance(value, list | tuple):
        return set().union(*(_secrets(inner, named=named) for inner in value))
    return {value} if named and isinstance(value, str) else set()


def _scrubbed(value: Any, secret: str) -> Any:
    if isinstance(value, Mapping):
        return {key: _scrubbed(inner, secret) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_scrubbed(inner, secret) for inner in value]
    return value.replace(secret, "****") if isinstance(value, str) else value

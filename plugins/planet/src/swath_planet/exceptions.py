# SPDX-License-Identifier: Apache-2.0
"""Errors under the names of Planet's own SDK. Each is also the swath error that fits it.

The tree::

    PlanetError
    ├── APIError        BadQuery, InvalidAPIKey, NoPermission, MissingResource, Conflict, TooManyRequests, OverQuota,
    │                   ServerError, BadGateway, InvalidIdentity
    └── ClientError     PagingError, GeoJSONError, FeatureError

Where Planet answered, the text is the answer's body as it came, secrets removed. Nothing of the swath error is lost:
``hint``, ``status_code``, ``request_id`` and ``details`` are there as always.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, Final, cast

from swath.errors import (
    InputError,
    InvalidCredentials,
    InvalidGeometry,
    NotEntitled,
    NotFound,
    PartialFailure,
    ProviderError,
    QuotaExceeded,
    RateLimited,
    Rejected,
    SwathError,
    Unavailable,
    UnexpectedResponse,
)

__all__ = [
    "APIError",
    "BadGateway",
    "BadQuery",
    "ClientError",
    "Conflict",
    "FeatureError",
    "GeoJSONError",
    "InvalidAPIKey",
    "InvalidIdentity",
    "MissingResource",
    "NoPermission",
    "OverQuota",
    "PagingError",
    "PlanetError",
    "ServerError",
    "TooManyRequests",
    "translate",
    "translated",
]


class PlanetError(SwathError):
    """The root of what the native clients raise."""

    def __init__(self, message: object = "", **facts: Any) -> None:
        super().__init__(str(message), **{"provider": "planet", **facts})

    def __str__(self) -> str:
        return self.message


class APIError(PlanetError, ProviderError):
    """Planet refused, by a status that has no class of its own here."""


class BadQuery(APIError, Rejected):
    """400: the request is not one that Planet understands or accepts."""


class InvalidAPIKey(APIError, InvalidCredentials):
    """401: the credential is missing or wrong."""


class NoPermission(APIError, NotEntitled):
    """403: the account has no right to this."""


class MissingResource(APIError, NotFound):
    """404: there is no such thing."""


class Conflict(APIError, Rejected):
    """409: not in the present state, for example cancelling an order that runs."""


class TooManyRequests(APIError, RateLimited):
    """429, beyond the retry budget."""


class OverQuota(APIError, QuotaExceeded):
    """The account's quota is used up."""


class ServerError(APIError, Unavailable):
    """500, beyond the retry budget."""


class BadGateway(APIError, Unavailable):
    """502, beyond the retry budget."""


class InvalidIdentity(APIError, InvalidCredentials):
    """The account is not one that Planet knows."""


class ClientError(PlanetError, InputError):
    """Something is wrong on this side; nothing was sent, or the answer cannot be used."""


class PagingError(ClientError, UnexpectedResponse):
    """A page names itself as the next one."""


class GeoJSONError(ClientError, InvalidGeometry):
    """A geometry that is no usable GeoJSON."""


class FeatureError(ClientError, InvalidGeometry):
    """A reference to a feature that is none."""


_BY_STATUS: Final[dict[int, type[PlanetError]]] = {
    400: BadQuery,
    401: InvalidAPIKey,
    403: NoPermission,
    404: MissingResource,
    409: Conflict,
    429: TooManyRequests,
    500: ServerError,
    502: BadGateway,
}


def translate(err: SwathError) -> PlanetError:
    """Give a swath error under the name that Planet's SDK has for it.

    What comes back is an instance of the swath error's class too, whatever that is.
    """
    if isinstance(err, PlanetError):
        return err
    if isinstance(err, PartialFailure):
        failed: tuple[Any, ...] = err.report.failed if err.report is not None else ()
        if len(failed) == 1 and failed[0].error is not None:  # one file has one reason, which is what can be acted on
            return translate(failed[0].error)
    body = err.details.get("body")
    made = _joined(_kind(err), type(err))(
        body or str(err),
        hint=err.hint,
        provider=err.provider or "planet",
        step=err.step,
        status_code=err.status_code,
        request_id=err.request_id,
        details=err.details,
    )
    for note in getattr(err, "__notes__", ()):
        made.add_note(note)
    return made


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Raise the swath errors of a block, or of a function that this decorates, under Planet's names."""
    try:
        yield
    except SwathError as err:
        if isinstance(err, PlanetError):
            raise
        raise translate(err) from err


def _kind(err: SwathError) -> type[PlanetError]:
    if err.status_code is not None and err.status_code >= 400:
        return _BY_STATUS.get(err.status_code, APIError)
    if isinstance(err, QuotaExceeded):
        return OverQuota
    if isinstance(err, InvalidGeometry):
        return GeoJSONError
    return ClientError if isinstance(err, InputError) else PlanetError


_JOINED: Final[dict[tuple[type[PlanetError], type[SwathError]], type[PlanetError]]] = {}
"""Classes made by `_joined`: one a pair, so that they can be told apart and pickled."""


def _joined(kind: type[PlanetError], also: type[SwathError]) -> type[PlanetError]:
    """Give a class that is both, `kind` itself where it already is."""
    if issubclass(kind, also):
        return kind
    known = _JOINED.get((kind, also))
    if known is not None:
        return known

    def reduce(self: PlanetError) -> tuple[Any, ...]:
        return (_again, (kind, also, self.message), dict(self.__dict__))

    name = also.__name__ if kind in {PlanetError, ClientError} else kind.__name__
    space = {"__module__": __name__, "__doc__": also.__doc__, "__reduce__": reduce}
    return _JOINED.setdefault((kind, also), cast("type[PlanetError]", type(name, (kind, also), space)))


def _again(kind: type[PlanetError], also: type[SwathError], message: str) -> PlanetError:
    """Make an error again when it is unpickled; its attributes follow as state."""
    return _joined(kind, also)(message)

# SPDX-License-Identifier: Apache-2.0
"""Capella's errors under the names that its own client has for them; each is also the swath error of its kind.

The tree::

    CapellaConsoleClientError
    ├── AuthenticationError          also InvalidCredentials
    ├── AuthorizationError           also NotEntitled: CollectionAccessDeniedError
    ├── ClientError                  also InputError, a ValueError: NotSupportedError, MissingKeyError
    ├── ConnectError                 also Unavailable
    ├── OrderExpiredError            also Gone
    ├── OrderValidationError, ValidationError    also Rejected
    ├── OrderRejectedError           also OrderFailed
    ├── InsufficientFundsError       also QuotaExceeded
    ├── ContractNotFoundError, NoValidStacIdsError   also NotFound
    ├── TaskNotCompleteError         also OrderError
    ├── RepeatRequestPayloadValidationError      also InputError
    └── NoRefreshTokenError          also ExpiredCredentials

Source: the Capella wire contract, 1.4, read 2026-11.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, cast

from swath import errors

if TYPE_CHECKING:
    import httpx

__all__ = [
    "DEFAULT_ERROR_CODE",
    "ERROR_CODES",
    "AuthenticationError",
    "AuthorizationError",
    "CapellaConsoleClientError",
    "ClientError",
    "CollectionAccessDeniedError",
    "ConnectError",
    "ContractNotFoundError",
    "InsufficientFundsError",
    "MissingKeyError",
    "NoRefreshTokenError",
    "NoValidStacIdsError",
    "NotSupportedError",
    "OrderExpiredError",
    "OrderRejectedError",
    "OrderValidationError",
    "RepeatRequestPayloadValidationError",
    "TaskNotCompleteError",
    "ValidationError",
    "error_body",
    "translate",
]

DEFAULT_ERROR_CODE: Final = "GENERAL_API_ERROR"


class CapellaConsoleClientError(errors.SwathError):
    """The root of what the native client raises.

    Args:
        message: What happened, in the service's words where there are some.
        code: Capella's code.
        data: What else the service said: ``{"data": …}``, ``{"detail": […]}``; empty where it said nothing.
        response: The refusing answer.
        **facts: As for every swath error.
    """

    def __init__(
        self,
        message: str | None = None,
        code: str | None = None,
        data: dict[str, Any] | None = None,
        response: httpx.Response | None = None,
        **facts: Any,
    ) -> None:
        super().__init__(message or "", **{"provider": "capella", **facts})
        self.code = code
        self.data: dict[str, Any] = data or {}
        self._response = response

    def __str__(self) -> str:
        more = [str(one) for one in (self.code if self.code != DEFAULT_ERROR_CODE else None, self.data) if one]
        said = f"{self.message} ({'; '.join(more)})" if more else self.message
        return said if self.hint == self.default_hint else f"{said}; {self.hint}"

    @property
    def response(self) -> httpx.Response | None:
        """The refusing answer: its status and body, secrets removed; None where no answer came."""
        if self._response is None and self.status_code is not None:
            import httpx

            body = str(self.details.get("body") or "")
            self._response = httpx.Response(self.status_code, text=body)
        return self._response

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_response": None}


class AuthenticationError(CapellaConsoleClientError, errors.InvalidCredentials):
    """Capella does not know the API key or token."""


class AuthorizationError(CapellaConsoleClientError, errors.NotEntitled):
    """The account has no right to this."""


class CollectionAccessDeniedError(AuthorizationError):
    """The account may not see a collection."""


class ClientError(CapellaConsoleClientError, errors.InputError):
    """What was passed cannot be used; nothing was sent."""


class NotSupportedError(ClientError, errors.NotSupported):
    """What was asked for does not exist here."""


class MissingKeyError(ClientError, errors.MissingCredentials):
    """There is no API key and no token."""


class ConnectError(CapellaConsoleClientError, errors.Unavailable):
    """No answer came."""


class OrderExpiredError(CapellaConsoleClientError, errors.Gone):
    """The order is over; ordering again what was bought is free."""


class OrderValidationError(CapellaConsoleClientError, errors.Rejected):
    """The order is not one that Capella takes."""


class OrderRejectedError(CapellaConsoleClientError, errors.OrderFailed):
    """Capella took the order and rejected it."""


class ValidationError(CapellaConsoleClientError, errors.Rejected):
    """The request is not one that Capella takes; its `data` says where."""


class InsufficientFundsError(CapellaConsoleClientError, errors.QuotaExceeded):
    """The review says that the order may not be placed."""


class ContractNotFoundError(CapellaConsoleClientError, errors.NotFound):
    """There is no such contract."""


class NoValidStacIdsError(CapellaConsoleClientError, errors.NotFound):
    """None of the ids is in the catalogue."""


class TaskNotCompleteError(CapellaConsoleClientError, errors.OrderError):
    """The tasking request has not come to its end."""


class RepeatRequestPayloadValidationError(CapellaConsoleClientError, errors.InputError):
    """An end and a count were both given."""


class NoRefreshTokenError(CapellaConsoleClientError, errors.ExpiredCredentials):
    """Kept so that old code can name it; nothing raises it."""


ERROR_CODES: Final[dict[str, type[CapellaConsoleClientError]]] = {
    "INVALID_TOKEN": AuthenticationError,
    "INVALID_API_KEY": AuthenticationError,
    "NOT_AUTHORIZED": AuthorizationError,
    "COLLECTION_ACCESS_DENIED": CollectionAccessDeniedError,
    "ORDER_EXPIRED": OrderExpiredError,
    "ORDER_VALIDATION_ERROR": OrderValidationError,
    "CONTRACT_NOT_FOUND": ContractNotFoundError,
    "VALIDATION_ERROR": ValidationError,
}
_FRAGMENTS: Final = {
    "order expired": "ORDER_EXPIRED",
    "not permitted to access any of the collection": "COLLECTION_ACCESS_DENIED",
    "not authorized to perform": "NOT_AUTHORIZED",
}


def error_body(err: errors.SwathError) -> dict[str, Any]:
    """Give the JSON object that the service refused with; empty where there is none."""
    try:
        found = json.loads(err.details.get("body") or "")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def translate(err: errors.SwathError, scheme: str | None = None) -> CapellaConsoleClientError:
    """Give a swath error under the name that Capella's client has for it.

    What comes back is an instance of the swath error's class too, whatever that is.

    Args:
        err: What core raised.
        scheme: What the request was signed with: ``"ApiKey"``, ``"Bearer"``, or None.
    """
    if isinstance(err, CapellaConsoleClientError):
        return err
    message, code, data = _said(err)
    if err.status_code is not None and code == DEFAULT_ERROR_CODE:
        if message.lower() == "unauthorized" or err.status_code == 401:
            code = {"ApiKey": "INVALID_API_KEY", "Bearer": "INVALID_TOKEN"}.get(scheme or "", DEFAULT_ERROR_CODE)
        code = next((found for text, found in _FRAGMENTS.items() if text in message.lower()), code)
    kind = ERROR_CODES.get(code, AuthenticationError if err.status_code == 401 else CapellaConsoleClientError)
    if err.status_code is None:
        kind = ConnectError if isinstance(err, errors.Unavailable) else kind
        kind = ClientError if isinstance(err, errors.InputError) else kind
    hint = err.hint if kind is CapellaConsoleClientError or err.hint != err.default_hint else kind.default_hint
    made = _joined(kind, type(err))(
        message,
        code if err.status_code is not None else None,
        data,
        hint=hint,
        step=err.step,
        status_code=err.status_code,
        request_id=err.request_id,
        details=err.details,
    )
    for note in getattr(err, "__notes__", ()):
        made.add_note(note)
    return made


def _said(err: errors.SwathError) -> tuple[str, str, dict[str, Any]]:
    """Read message, code and what else the service said."""
    body = error_body(err)
    inner = body.get("error", body)
    if isinstance(inner, str):
        return inner, DEFAULT_ERROR_CODE, {}
    if not isinstance(inner, dict):
        return err.message, DEFAULT_ERROR_CODE, {}
    message = inner.get("message") or inner.get("Message") or err.message
    data = {name: inner[name] for name in ("data", "detail") if inner.get(name)}
    return str(message), str(inner.get("code") or DEFAULT_ERROR_CODE), data


_JOINED: Final[dict[tuple[type[CapellaConsoleClientError], type[errors.SwathError]], Any]] = {}
"""Classes made by `_joined`: one a pair, so that they can be told apart and pickled."""
_ROOTS: Final = frozenset({errors.SwathError, errors.ProviderError, errors.Rejected, errors.NotEntitled})
"""Kinds that a status gives, which the service's own code says better."""


def _joined(kind: type[CapellaConsoleClientError], also: type[errors.SwathError]) -> type[CapellaConsoleClientError]:
    """Give a class that is both, `kind` itself where it already is or says it better."""
    if issubclass(kind, also) or (kind is not CapellaConsoleClientError and also in _ROOTS):
        return kind
    known = _JOINED.get((kind, also))
    if known is None:

        def reduce(self: CapellaConsoleClientError) -> tuple[Any, ...]:
            return (_again, (kind, also, self.message), self.__getstate__())

        name = also.__name__ if kind in {CapellaConsoleClientError, ClientError} else kind.__name__
        space = {"__module__": __name__, "__doc__": also.__doc__, "__reduce__": reduce}
        known = _JOINED.setdefault((kind, also), type(name, (kind, also), space))
    return cast("type[CapellaConsoleClientError]", known)


def _again(
    kind: type[CapellaConsoleClientError], also: type[errors.SwathError], message: str
) -> CapellaConsoleClientError:
    """Make an error again when it is unpickled; its attributes follow as state."""
    return _joined(kind, also)(message)

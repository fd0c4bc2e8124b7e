# SPDX-License-Identifier: Apache-2.0
"""Errors under the names of Cecil's own SDK. Each is a swath error, too.

`Error` is the root of them all. `HTTPError` is what the API answers by a status of 400 or above, of which
`DuplicateSubscriptionError` is 409 from `Client.create_subscription`; `SDKError` is what cannot be done, or a key that
is not set; `SubscriptionFailedError` says that there is nothing to load.

Nothing of the swath error is lost: ``hint``, ``status_code``, ``request_id`` and ``details`` are there as always.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, ParamSpec, TypeVar

from swath.errors import ConfigurationError, CredentialError, InputError, OrderFailed, ProviderError, SwathError
from swath_cecil._api.base import said_of

__all__ = ["DuplicateSubscriptionError", "Error", "HTTPError", "SDKError", "SubscriptionFailedError", "translated"]

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Error(SwathError):
    """The root of what the native client raises."""


class HTTPError(Error, ProviderError):
    """The API refused."""

    @property
    def status(self) -> str:
        """The status in words; of those that have none, ``Unknown``."""
        try:
            return HTTPStatus(self.status_code or 0).phrase
        except ValueError:
            return "Unknown"

    @property
    def response_body(self) -> Any:
        """What the answer held: JSON, or ``{"message": text}``."""
        return said_of(self)

    def __str__(self) -> str:
        body = self.response_body
        told = "" if body is None else f"\n{json.dumps(body, indent=2, ensure_ascii=False)}"
        return f"{self.status} ({self.status_code}){told}"


class DuplicateSubscriptionError(HTTPError):
    """The area has the dataset already."""

    @property
    def subscription_id(self) -> str | None:
        """Of the subscription that is there."""
        from swath_cecil._api.base import existing_of

        return existing_of(self)


class SDKError(Error, InputError):
    """What was asked for cannot be done."""


class SubscriptionFailedError(Error, OrderFailed):
    """A subscription failed; there is nothing to load."""

    @property
    def subscription_id(self) -> str:
        """Of the subscription."""
        return str(self.details.get("subscription_id", ""))

    @property
    def status_message(self) -> str:
        """Why it failed, in the provider's words."""
        return str(self.details.get("status_message", ""))


def _translate(err: SwathError, duplicate: bool) -> Error:
    kind: type[Error] = Error
    if err.status_code is not None:
        kind = DuplicateSubscriptionError if duplicate and err.status_code == HTTPStatus.CONFLICT else HTTPError
    elif isinstance(err, InputError | CredentialError | ConfigurationError):
        kind = SDKError
    return kind(
        err.message,
        hint=err.hint,
        provider=err.provider,
        step=err.step,
        status_code=err.status_code,
        request_id=err.request_id,
        details=err.details,
    )


def translated(function: Callable[_P, _T]) -> Callable[_P, _T]:
    """Have a method raise errors under these names."""

    @functools.wraps(function)
    def call(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        try:
            return function(*args, **kwargs)
        except Error:
            raise
        except SwathError as err:
            raise _translate(err, function.__name__ == "create_subscription") from err

    return call

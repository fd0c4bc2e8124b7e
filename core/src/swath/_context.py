# SPDX-License-Identifier: Apache-2.0
"""What every hook is given: the opened account and its signed client. Plugins import it from `swath.hookspecs`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from attrs import field, frozen

from swath.models import Credential

if TYPE_CHECKING:
    import httpx

__all__ = ["Context", "Http", "Operation"]


class Operation(StrEnum):
    """What a request does, which decides whether it may be sent again."""

    READ = "read"
    """Changes nothing: replayed after any passing failure, whatever its HTTP method."""
    WRITE = "write"
    """Changes something, and twice is the same as once: replayed like a read."""
    ONCE = "once"
    """Buys or creates: sent at most once. Only a failure before the first byte left is tried again."""


class Http(Protocol):
    """The signed HTTP client that a plugin is given: core's timeouts, retries, rate limits and origin checks."""

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
        """Send one request and read the whole answer.

        Args:
            method: HTTP method.
            url: Absolute URL.
            operation: Whether it may be sent again.
            params: Query parameters, added to those of the URL.
            json: Body, encoded as compact JSON.
            content: Body as bytes, instead of `json`.
            headers: Further headers.
            auth: Whether to sign it; only origins the plugin declares are ever signed.
            bucket: Rate-limit bucket of `ProviderInfo.limits`.
            accept: Status codes of 400 and above that are answers here, not errors.

        Returns:
            The answer, status below 400 or in `accept`.

        Raises:
            InvalidCredentials: 401 (after one refresh where the auth can).
            NotEntitled: 403.
            NotFound: 404; Gone: 410.
            QuotaExceeded: 402.
            RateLimited: 429 beyond the retry budget. Rejected: any other 4xx.
            Unavailable: 5xx, time-out or connection trouble beyond the retry budget; `outcome_unknown` is true where an
                operation ONCE may have taken effect.
        """


@frozen(kw_only=True)
class Context:
    """The opened account, as hooks see it."""

    provider: str
    """Entry-point name."""
    profile: str
    """Name of the profile in use, ``"default"`` where none was chosen."""
    account: str
    """Opaque id of the account: the same for the same credentials, useless to anyone else."""
    http: Http = field(repr=False)
    settings: Mapping[str, str]
    """Value of each declared `SettingField`, and of what else the user passed to `swath.open`."""
    credentials: Mapping[str, Credential] = field(repr=False)
    """What was found, by name of the `CredentialField`; required ones are always there."""
    now: Callable[[], dt.datetime] = field(repr=False)
    """Core's clock; `time` asks it."""
    tokens: Any = field(repr=False)
    """Core's token cache. Used through `swath.auth.TokenAuth`."""

    def secret(self, name: str) -> str:
        """Reveal a credential, or raise MissingCredentials for one that is optional and was not given."""
        from swath.errors import MissingCredentials

        found = self.credentials.get(name)
        if found is None:
            raise MissingCredentials(f"no {name} was given", provider=self.provider)
        return found.value.reveal()

    def time(self) -> dt.datetime:
        """Give the time of day, aware UTC."""
        return self.now()

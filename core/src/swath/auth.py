# SPDX-License-Identifier: Apache-2.0
"""How a plugin says that its requests are signed.

A fixed header is a `HeaderAuth`; a token that must be fetched and renewed is a `TokenAuth`. Both are `httpx.Auth`; a
plugin may also write its own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Generator, Mapping
from typing import TYPE_CHECKING, Any

import httpx
from attrs import field, frozen

from swath.models import Secret

if TYPE_CHECKING:
    from swath._tokens import TokenCache
    from swath.hookspecs import Context

__all__ = ["HeaderAuth", "Token", "TokenAuth"]


@frozen(kw_only=True)
class Token:
    """A token as the provider issued it."""

    value: Secret = field(repr=False)
    expires: dt.datetime | None = None
    """When it dies, aware UTC; None where the provider does not say."""
    refresh: Secret | None = field(default=None, repr=False)
    """Refresh token, where there is one."""
    answer: Mapping[str, Any] = field(factory=dict, repr=False, eq=False)
    """What else the provider said of it; not kept by core's own token files."""


class HeaderAuth(httpx.Auth):
    """Signs each request with one fixed header.

    Args:
        name: Header name, for example ``"Authorization"``.
        value: The whole header value.
    """

    def __init__(self, name: str, value: Secret) -> None:
        self._name = name
        self._value = value

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the header."""
        request.headers[self._name] = self._value.reveal()
        yield request


class TokenAuth(httpx.Auth):
    """Signs each request with a token that is fetched when first needed, kept, and renewed before it dies.

    Threads and processes of one account share one token; only one of them fetches. A 401 (or what `is_stale` says)
    drops the token, and the request is sent once more with a fresh one; core forbids that for operations that must
    not repeat unless the provider is known to have refused them, which a 401 is.

    Args:
        context: The opened account.
        fetch: Gets a new token. It is given the old one, if any, and sends its own request with ``auth=False``.
        header: Header name and value for a token, for example
            ``lambda token: ("Authorization", f"Bearer {token.value.reveal()}")``.
        margin_s: Seconds before its end at which a token is renewed.
        is_stale: Whether an answer says that the token is dead; by default status 401.
        tokens: Where the token is kept, instead of the account's own place; see `swath.oauth.session_tokens`.
    """

    def __init__(
        self,
        context: Context,
        fetch: Callable[[Token | None], Token],
        header: Callable[[Token], tuple[str, str]],
        *,
        margin_s: float = 60.0,
        is_stale: Callable[[httpx.Response], bool] | None = None,
        tokens: TokenCache | None = None,
    ) -> None:
        self.tokens: TokenCache = context.tokens if tokens is None else tokens
        self._fetch = fetch
        self._header = header
        self._margin_s = margin_s
        self._is_stale = is_stale or (lambda response: response.status_code == 401)

    def token(self) -> Token:
        """Give the kept token, fetched if there is none."""
        return self.tokens.get(self._fetch, margin_s=self._margin_s)

    def sign_out(self) -> None:
        """Forget the token."""
        self.tokens.forget()

    def secrets(self) -> tuple[Secret, ...]:
        """Give what no error or log may repeat."""
        token = self.tokens.held()
        return () if token is None else tuple(one for one in (token.value, token.refresh) if one is not None)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign with the kept token; once more with a fresh one where the answer says it is dead."""
        token = self.token()
        name, value = self._header(token)
        request.headers[name] = value
        response = yield request
        # Not `requires_response_body`: that would read every download into memory before its first byte is handed on.
        if response.status_code >= 400:
            response.read()
        if self._is_stale(response):
            token = self.tokens.get(self._fetch, margin_s=self._margin_s, not_this=token)
            name, value = self._header(token)
            request.headers[name] = value
            yield request

# SPDX-License-Identifier: Apache-2.0
"""Signs requests with a token that is fetched by user name and password.

The rules differ from the provider's own client on purpose: the token's end is read as UTC, a valid token is kept, each
opened account has its own, and one that died is replaced once, without changing the request.
"""

from __future__ import annotations

import httpx

from swath.auth import Token, TokenAuth
from swath.errors import InvalidCredentials
from swath.hookspecs import Context
from swath.models import Secret
from swath_sedas.wire import TokenAnswer, read

__all__ = ["SeDASAuth", "base_url_of", "is_stale"]

_REFUSALS = (400, 401, 403)
"""What a login with a wrong name or password may answer."""


class SeDASAuth(TokenAuth):
    """Signs with ``Authorization: Token ...``.

    Args:
        context: The opened account.
    """

    def __init__(self, context: Context) -> None:
        def fetch(_: Token | None) -> Token:
            return _log_in(context)

        super().__init__(
            context, fetch, lambda token: ("Authorization", f"Token {token.value.reveal()}"), is_stale=is_stale
        )


def base_url_of(context: Context) -> str:
    """Give the service's address of an opened account, with its trailing slash."""
    return f"{context.settings['base_url'].rstrip('/')}/"


def is_stale(response: httpx.Response) -> bool:
    """Whether an answer says that the token is dead: 401, 403, or 400 with words about the token."""
    if response.status_code == 400:
        response.read()
        return "token" in response.text.lower()
    return response.status_code in {401, 403}


def _log_in(context: Context) -> Token:
    """Trade user name and password for a token."""
    url = context.settings.get("authentication_url") or f"{base_url_of(context)}authentication"
    answer = context.http.request(
        "POST",
        url,
        json={"username": context.secret("username"), "password": context.secret("password")},
        auth=False,
        accept=_REFUSALS,
    )
    if answer.status_code in _REFUSALS:
        user = context.credentials["username"]
        raise InvalidCredentials(
            f"the login of {user.value.reveal()!r} was refused with status {answer.status_code}",
            provider=context.provider,
            status_code=answer.status_code,
            hint=f"check user name (from {user.source}) and password (from {context.credentials['password'].source}); "
            "see what is in use with: swath auth status sedas",
        )
    got = read(_json(answer), TokenAnswer, what="the answer to the login")
    return Token(value=Secret(got.token), expires=got.valid_until)


def _json(answer: httpx.Response) -> object:
    """Decode a body; what is no JSON is left as text for the reader to refuse."""
    try:
        decoded: object = answer.json()
    except ValueError:
        return answer.text[:200]
    return decoded

# SPDX-License-Identifier: Apache-2.0
"""Requests to an authorisation server, and what its answers mean."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from swath._http.redact import redact_text, redact_url
from swath._oauth.client import Endpoints, OAuthClient, check_address
from swath.auth import Token
from swath.errors import (
    CredentialError,
    ExpiredCredentials,
    InvalidCredentials,
    NotEntitled,
    Rejected,
    SwathError,
    Unavailable,
    UnexpectedResponse,
)
from swath.hookspecs import Context, Operation
from swath.models import Secret

__all__ = ["NAMES", "Refused", "ask", "discover", "read_token", "refusal_error"]

_WELL_KNOWN = ".well-known/openid-configuration"
_REFUSALS = (400, 401, 403)
_LONGEST_S = 10 * 366 * 86400.0
NAMES = {
    "token": "token_endpoint",
    "authorization": "authorization_endpoint",
    "device": "device_authorization_endpoint",
    "revocation": "revocation_endpoint",
}
"""Key of the discovery document, by our name of the endpoint."""


class Refused(Exception):
    """The server's answer is an OAuth error.

    Args:
        code: Its ``error``, for example ``"invalid_grant"``.
        text: Its description, without secrets.
        status: HTTP status.
    """

    def __init__(self, code: str, text: str, status: int) -> None:
        super().__init__(code)
        self.code, self.text, self.status = code, text, status


def discover(context: Context, client: OAuthClient) -> Endpoints:
    """Ask the server where its endpoints are.

    Raises:
        UnexpectedResponse: If the answer is no discovery document, or another server's.
        ConfigurationError: If an endpoint is not reached by https.

    Source: OpenID Connect Discovery 1.0, sections 4.2 and 4.3; RFC 8414, section 3.3.
    """
    server = check_address(client.server, provider=context.provider)
    url = f"{server.rstrip('/')}/{_WELL_KNOWN}"
    answer = context.http.request("GET", url, auth=False, headers={"Accept": "application/json"})
    try:
        document = answer.json()
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise UnexpectedResponse(f"{redact_url(url)} gave no discovery document", provider=context.provider)
    issuer, wanted = document.get("issuer"), client.issuer or server
    if not isinstance(issuer, str) or issuer.rstrip("/") != wanted.rstrip("/"):
        raise UnexpectedResponse(
            f"{redact_url(url)} says that it is {redact_url(issuer)!r}, not {redact_url(wanted)!r}: it is not trusted",
            provider=context.provider,
            hint="check the address of the authorisation server",
        )
    found = {name: document.get(key) for name, key in NAMES.items()}
    return Endpoints(
        **{
            name: check_address(value, provider=context.provider, server=server)
            for name, value in found.items()
            if isinstance(value, str)
        }
    )


def ask(context: Context, url: str, form: Mapping[str, str], *, secrets: Iterable[str] = ()) -> Any:
    """Post a form to one of the server's endpoints.

    Args:
        context: The account; its authorisation is not used.
        url: The endpoint, checked.
        form: Fields; those that are empty are left out.
        secrets: Values that no error may repeat.

    Returns:
        The decoded JSON; None for an empty body.

    Raises:
        Refused: An OAuth error of status 400, 401 or 403.
        SwathError: Any other failure, without the secrets.
    """
    hidden = [Secret(value) for value in secrets if value]
    headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
    body = urlencode({name: value for name, value in form.items() if value}).encode()
    try:
        answer = context.http.request(
            "POST", url, content=body, headers=headers, auth=False, operation=Operation.WRITE, accept=_REFUSALS
        )
    except SwathError as err:
        err.message = redact_text(err.message, hidden)
        err.details = {key: redact_text(v, hidden) if isinstance(v, str) else v for key, v in err.details.items()}
        err.args = (err.message,)
        raise
    try:
        decoded = answer.json() if answer.content.strip() else None
    except ValueError:
        decoded = answer
    if answer.status_code >= 400:
        said = decoded if isinstance(decoded, dict) else {}
        code = str(said.get("error") or said.get("errorCode") or "unknown")[:80]
        text = str(said.get("error_description") or said.get("errorSummary") or "")[:300]
        raise Refused(redact_text(code, hidden), redact_text(text, hidden), answer.status_code)
    if decoded is answer:
        raise UnexpectedResponse(f"{redact_url(url)} did not answer in JSON", provider=context.provider)
    return decoded


def read_token(context: Context, answer: Any, *, old: Token | None = None) -> Token:
    """Read a token answer.

    Args:
        context: Its clock says when the token was given.
        answer: Decoded JSON.
        old: Whose refresh token stays where the answer has none.

    Source: RFC 6749, sections 5.1 and 6.
    """
    value = answer.get("access_token") if isinstance(answer, dict) else None
    if not isinstance(value, str) or not value:
        raise UnexpectedResponse("the authorisation server's answer has no access token", provider=context.provider)
    if str(answer.get("token_type", "Bearer")).lower() != "bearer":
        raise UnexpectedResponse(
            f"the authorisation server gave a token of type {answer['token_type']!r}, not Bearer",
            provider=context.provider,
        )
    try:
        life_s = float(answer["expires_in"])
        expires = context.time() + dt.timedelta(seconds=min(max(life_s, 0.0), _LONGEST_S))
    except (KeyError, TypeError, ValueError):
        expires = None
    refresh = answer.get("refresh_token")
    kept = old.refresh if old is not None else None
    return Token(
        value=Secret(value),
        expires=expires,
        refresh=Secret(refresh) if isinstance(refresh, str) and refresh else kept,
        answer={key: found for key, found in answer.items() if key not in {"access_token", "refresh_token"}},
    )


_KINDS: dict[str, type[SwathError]] = {
    "invalid_grant": ExpiredCredentials,
    "expired_token": ExpiredCredentials,
    "invalid_client": InvalidCredentials,
    "unauthorized_client": InvalidCredentials,
    "access_denied": NotEntitled,
    "temporarily_unavailable": Unavailable,
    "server_error": Unavailable,
    "unsupported_grant_type": Rejected,
    "invalid_scope": Rejected,
    "invalid_request": Rejected,
}


def refusal_error(context: Context, refused: Refused, what: str, *, login: str, source: str = "") -> SwathError:
    """Make the error for an OAuth refusal.

    Args:
        context: Whose it is.
        refused: What the server said.
        what: What was asked for, for example ``"renewing the session"``.
        login: The command that helps.
        source: Where the credential came from, in words.
    """
    kind = _KINDS.get(refused.code, InvalidCredentials if refused.status in {401, 403} else Rejected)
    said = refused.code + (f": {refused.text}" if refused.text else "")
    hints = {
        ExpiredCredentials: f"sign in again with: {login}",
        InvalidCredentials: f"check it{f' (from {source})' if source else ''}, or sign in anew with: {login}",
        NotEntitled: f"whoever was asked said no; try again with: {login}",
    }
    hint = hints.get(kind) if issubclass(kind, CredentialError) else None
    return kind(
        f"{what} was refused ({said})",
        provider=context.provider,
        status_code=refused.status,
        hint=hint,
        details={"error": refused.code},
    )

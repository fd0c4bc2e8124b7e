# SPDX-License-Identifier: Apache-2.0
"""The ways to a token: a person with a browser, a code on another device, a machine's own secret, and renewal."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import secrets
import threading
from collections.abc import Callable, Sequence
from urllib.parse import quote, urlencode

from attrs import field, frozen

from swath._clock import Clock, SystemClock
from swath._oauth.client import Endpoints, OAuthClient, check_address
from swath._oauth.wire import NAMES, Refused, ask, discover, read_token, refusal_error
from swath.auth import Token
from swath.errors import (
    ExpiredCredentials,
    MissingCredentials,
    NotSupported,
    SwathError,
    Unavailable,
    UnexpectedResponse,
)
from swath.hookspecs import Context
from swath.models import Secret

__all__ = ["DeviceCode", "OAuth"]

_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_SLOWER_S = 5.0
_LONGEST_STEP_S = 60.0


@frozen(kw_only=True)
class DeviceCode:
    """A sign-in that a person finishes on any device (RFC 8628)."""

    verification_uri: str
    """The page to open."""
    user_code: str
    """What to type there."""
    verification_uri_complete: str | None = None
    """The same page with the code filled in."""
    device_code: Secret = field(repr=False)
    expires_in: float = 900.0
    """Seconds in which it must be done."""
    interval: float = 5.0
    """Seconds between two looks."""


class OAuth:
    """Fetches tokens for one client. Discovery is asked once, when first needed.

    Args:
        context: The account; only its unsigned requests and its clock are used.
        client: Who asks.
        login: The command that errors name.
        source: Where the credentials came from, in words, for errors.
    """

    def __init__(self, context: Context, client: OAuthClient, *, login: str = "", source: str = "") -> None:
        self.client = client
        self._context = context
        self._login = login or f"swath auth login {context.provider}"
        self._source = source
        self._endpoints: Endpoints | None = None
        self._lock = threading.Lock()

    # --- tokens -----------------------------------------------------------------------------------------------------

    def client_credentials(self) -> Token:
        """Trade the client's own secret for a token (RFC 6749, section 4.4).

        Raises:
            InvalidCredentials: The server does not know the pair.
        """
        return self._token({"grant_type": "client_credentials", **self._asked()}, "the sign-in of the client")

    def refresh(self, old: Token | None, *, scopes: Sequence[str] = ()) -> Token:
        """Renew a person's session (RFC 6749, section 6).

        Args:
            old: The last token, whose refresh token may have been replaced since: give the newest.
            scopes: Some of the scopes that were granted, for a token with less; none for those it has.

        Raises:
            MissingCredentials: There is no session.
            ExpiredCredentials: It is over, was revoked, or cannot be renewed.
        """
        if old is None:
            raise MissingCredentials(
                "nobody is signed in", provider=self._context.provider, hint=f"sign in with: {self._login}"
            )
        if old.refresh is None:
            raise ExpiredCredentials(
                "the session is over, and it cannot be renewed",
                provider=self._context.provider,
                hint=f"sign in again with: {self._login}",
            )
        form = {"grant_type": "refresh_token", "refresh_token": old.refresh.reveal()}
        if scopes:
            form["scope"] = " ".join(scopes)
        return self._token(form, "renewing the session", old=old, hidden=(old.refresh.reveal(),))

    def revoke(self, token: Token) -> bool:
        """Let the server forget a session (RFC 7009).

        Returns:
            Whether it did; a server that cannot be reached, or has no such endpoint, is no error.
        """
        held = token.refresh or token.value
        with contextlib.suppress(SwathError, Refused):
            url = self._find("revocation")
            kind = "refresh_token" if token.refresh is not None else "access_token"
            form = {"token": held.reveal(), "token_type_hint": kind, **self._identity()}
            ask(self._context, url, form, secrets=(held.reveal(), *self._hidden()))
            return True
        return False

    # --- a code on another device -----------------------------------------------------------------------------------

    def start_device(self) -> DeviceCode:
        """Begin a sign-in that ends on another device (RFC 8628, section 3.1)."""
        url = self._find("device")
        try:
            answer = ask(self._context, url, {**self._identity(), **self._asked()}, secrets=self._hidden())
        except Refused as refused:
            raise self._error(refused, "the sign-in by device code") from None
        try:
            made = DeviceCode(
                verification_uri=str(answer["verification_uri"]),
                verification_uri_complete=answer.get("verification_uri_complete"),
                user_code=str(answer["user_code"]),
                device_code=Secret(str(answer["device_code"])),
                expires_in=float(answer["expires_in"]),
                interval=max(float(answer.get("interval") or 5.0), 0.0),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as err:
            raise UnexpectedResponse(
                "the authorisation server's answer is no device code", provider=self._context.provider
            ) from err
        for page in filter(None, (made.verification_uri, made.verification_uri_complete)):
            # It is shown at a terminal, and may be opened: nothing but a page, and no codes that move the cursor.
            if not f"{page}{made.user_code}".isprintable() or not page.startswith(("https://", "http://")):
                raise UnexpectedResponse(
                    "the authorisation server's answer names no page to sign in at", provider=self._context.provider
                )
        return made

    def complete_device(self, code: DeviceCode) -> Token:
        """Wait until the person has approved (RFC 8628, sections 3.4 and 3.5).

        Raises:
            ExpiredCredentials: It was not approved in time.
            NotEntitled: The person said no.
        """
        clock, interval_s = self._clock(), code.interval
        over_s = clock.monotonic() + code.expires_in
        form = {"grant_type": _DEVICE_GRANT, "device_code": code.device_code.reveal()}
        while True:
            clock.sleep(min(interval_s, _LONGEST_STEP_S))
            try:
                return self._poll(form)
            except Refused as refused:
                if refused.code not in {"authorization_pending", "slow_down"}:
                    raise self._error(refused, "the sign-in by device code") from None
                interval_s += _SLOWER_S if refused.code == "slow_down" else 0.0
            except Unavailable:
                interval_s += _SLOWER_S  # a look that failed is no answer: section 3.5 has clients go on
            if clock.monotonic() >= over_s:
                raise ExpiredCredentials(
                    f"the code was not approved within {code.expires_in:g} s",
                    provider=self._context.provider,
                    hint=f"start anew with: {self._login}",
                )

    def _poll(self, form: dict[str, str]) -> Token:
        hidden = (form["device_code"], *self._hidden())
        answer = ask(self._context, self._find("token"), {**form, **self._identity()}, secrets=hidden)
        return read_token(self._context, answer)

    # --- a browser on this machine ----------------------------------------------------------------------------------

    def authorize(self, show: Callable[[str], None], *, timeout_s: float = 300.0) -> Token:
        """Sign in by a browser that comes back to a loopback address (RFC 6749, 7636 and 8252).

        Args:
            show: Is given the URL to open.
            timeout_s: Real seconds in which the browser must be back.

        Raises:
            ExpiredCredentials: It did not come back in time.
            NotEntitled: The person said no.
        """
        from swath._oauth.loopback import Loopback

        url = self._find("authorization")
        state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        with Loopback(self.client.redirect_uri, state=state) as listener:
            query = {
                "response_type": "code",
                "client_id": self.client.client_id,
                "redirect_uri": listener.redirect_uri or "",
                "state": state,
                "nonce": secrets.token_urlsafe(16),
                "code_challenge": challenge,
                "code_challenge_method": "S256",
                **self._asked(),
            }
            asked = urlencode({name: value for name, value in query.items() if value}, quote_via=quote)
            show(f"{url}{'&' if '?' in url else '?'}{asked}")
            answer = listener.wait(timeout_s)
        if answer is None:
            raise ExpiredCredentials(
                f"the browser did not come back within {timeout_s:g} s",
                provider=self._context.provider,
                hint=f"start anew with: {self._login}",
            )
        if "error" in answer:
            refused = Refused(answer["error"][:80], answer.get("error_description", "")[:300], 403)
            raise self._error(refused, "the sign-in by browser")
        form = {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": listener.redirect_uri or "",
            "code_verifier": verifier,
        }
        return self._token(form, "the sign-in by browser", hidden=(answer["code"], verifier))

    # --- parts ------------------------------------------------------------------------------------------------------

    def _token(
        self, form: dict[str, str], what: str, *, old: Token | None = None, hidden: tuple[str, ...] = ()
    ) -> Token:
        try:
            answer = ask(
                self._context,
                self._find("token"),
                {**form, **self._identity()},
                secrets=(*hidden, *self._hidden()),
            )
        except Refused as refused:
            raise self._error(refused, what) from None
        return read_token(self._context, answer, old=old)

    def _identity(self) -> dict[str, str]:
        """Name the client in the form, and nowhere else: one way at a time (RFC 6749, section 2.3)."""
        held = self.client.client_secret
        return {"client_id": self.client.client_id, **({"client_secret": held.reveal()} if held else {})}

    def _asked(self) -> dict[str, str]:
        return {"scope": " ".join(self.client.scopes), "audience": " ".join(self.client.audiences)}

    def _hidden(self) -> tuple[str, ...]:
        return (self.client.client_secret.reveal(),) if self.client.client_secret else ()

    def _error(self, refused: Refused, what: str) -> SwathError:
        return refusal_error(self._context, refused, what, login=self._login, source=self._source)

    def _find(self, name: str) -> str:
        known = self.client.endpoints.get(NAMES[name])
        if known is not None:
            return check_address(known, provider=self._context.provider, server=self.client.server)
        with self._lock:
            if self._endpoints is None:
                self._endpoints = discover(self._context, self.client)
        found: str | None = getattr(self._endpoints, name)
        if found is None:
            raise NotSupported(
                f"the authorisation server {self.client.server} has no {name} endpoint",
                provider=self._context.provider,
                hint="sign in in another way",
            )
        return found

    def _clock(self) -> Clock:
        settings = getattr(self._context.http, "settings", None)
        return getattr(settings, "clock", None) or SystemClock()

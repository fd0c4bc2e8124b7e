# SPDX-License-Identifier: Apache-2.0
"""What the authorisation server has granted: codes, sessions that rotate, tokens that end."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import secrets
import threading
from typing import Any, Final

from attrs import define, field

from swath.sandbox import World
from swath_planet.sandbox.signatures import read_token, sign_token

__all__ = ["M2M_ID", "M2M_SECRET", "Begun", "Denied", "Grants"]

M2M_ID: Final = "sandbox-m2m"
"""Client id of a machine that may do everything; ``sandbox-m2m-viewer`` may search only."""
M2M_SECRET: Final = "sandbox-m2m-secret"  # noqa: S105 - it lets anyone into a stand-in on loopback
"""Secret of both."""

_MACHINES = {M2M_ID: "full", f"{M2M_ID}-viewer": "viewer"}
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"


class Denied(Exception):
    """An OAuth error.

    Args:
        code: As the standard names it.
        text: What a person reads.
        status: HTTP status.
    """

    def __init__(self, code: str, text: str, status: int = 400) -> None:
        super().__init__(code)
        self.code, self.text, self.status = code, text, status


@define(kw_only=True)
class Begun:
    """A sign-in that somebody still has to allow, or a code that is to be redeemed."""

    client_id: str
    scope: str
    audience: str
    until: dt.datetime
    life_s: float
    device_code: str = ""
    user_code: str = ""
    user: str = ""
    allowed: bool | None = None
    redirect_uri: str = ""
    challenge: str = ""


@define(kw_only=True)
class _Session:
    """What a refresh token stands for; it is replaced at each use."""

    client_id: str
    scope: str
    audience: str
    user: str
    family: str
    live: bool = True


@define
class Grants:
    """Everything that was granted, by the sandbox's clock. Any thread may use it."""

    _world: World
    token_s: float = 3600.0
    """Seconds that an access token lives."""
    code_s: float = 600.0
    """Seconds in which a code must be used."""
    _codes: dict[str, Begun] = field(factory=dict, init=False)
    _devices: dict[str, Begun] = field(factory=dict, init=False)
    _sessions: dict[str, _Session] = field(factory=dict, init=False)
    _revoked: set[str] = field(factory=set, init=False)
    _lock: threading.RLock = field(factory=threading.RLock, init=False)

    def _now(self) -> dt.datetime:
        return self._world.clock.now()

    # --- beginning --------------------------------------------------------------------------------------------------

    def code(self, *, client_id: str, redirect_uri: str, challenge: str, scope: str, audience: str, user: str) -> str:
        """Give an authorisation code."""
        made = secrets.token_urlsafe(24)
        with self._lock:
            self._codes[made] = Begun(
                client_id=client_id, scope=scope, audience=audience, user=user, life_s=self.code_s,
                until=self._now() + dt.timedelta(seconds=self.code_s), redirect_uri=redirect_uri, challenge=challenge,
            )  # fmt: skip
        return made

    def device(self, client_id: str, scope: str, audience: str) -> Begun:
        """Begin a sign-in on another device."""
        user_code = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(2))
        begun = Begun(
            client_id=client_id, scope=scope, audience=audience, life_s=self.code_s,
            until=self._now() + dt.timedelta(seconds=self.code_s), device_code=secrets.token_urlsafe(24),
            user_code=user_code,
        )  # fmt: skip
        if client_id.lower().startswith("sandbox-auto"):
            begun.allowed, begun.user = True, "full"
        with self._lock:
            self._devices[begun.device_code] = begun
        return begun

    def answer_device(self, user_code: str, *, yes: bool, user: str) -> bool:
        """Allow or refuse a device.

        Args:
            user_code: What the device shows; ``*`` stands for the one that asked last, for programs that see no screen.
            yes: Whether it is allowed.
            user: ``"full"`` or ``"viewer"``.

        Returns:
            Whether the code is known.
        """
        with self._lock:
            for begun in reversed(self._devices.values()):
                if user_code.strip().upper() in {begun.user_code, "*"} and self._now() < begun.until:
                    begun.allowed, begun.user = yes, user
                    return True
        return False

    # --- redeeming --------------------------------------------------------------------------------------------------

    def machine(self, issuer: str, client_id: str, secret: str, scope: str, audience: str) -> dict[str, Any]:
        """Answer a machine.

        Raises:
            Denied: The pair is not known.
        """
        user = _MACHINES.get(client_id)
        if user is None or not hmac.compare_digest(secret.encode(), M2M_SECRET.encode()):
            raise Denied("invalid_client", "Client authentication failed", 401)
        return self._token(issuer, _Session(client_id=client_id, scope=scope, audience=audience, user=user, family=""))

    def redeem_code(self, issuer: str, client_id: str, code: str, verifier: str, redirect_uri: str) -> dict[str, Any]:
        """Answer who has an authorisation code; each is good once.

        Raises:
            Denied: It is not good.
        """
        with self._lock:
            begun = self._codes.pop(code, None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        if (
            begun is None
            or self._now() >= begun.until
            or (begun.client_id, begun.redirect_uri, begun.challenge) != (client_id, redirect_uri, challenge)
        ):
            raise Denied("invalid_grant", "The code is not valid")
        return self._begin(issuer, begun)

    def redeem_device(self, issuer: str, client_id: str, device_code: str) -> dict[str, Any]:
        """Answer a device that asks whether it was allowed.

        Raises:
            Denied: Not yet, or not at all.
        """
        with self._lock:
            begun = self._devices.get(device_code)
            if begun is None or begun.client_id != client_id:
                raise Denied("invalid_grant", "The device code is not valid")
            if self._now() >= begun.until:
                raise Denied("expired_token", "The device code has expired")
            if begun.allowed is None:
                raise Denied("authorization_pending", "The person has not answered yet", 403)
            del self._devices[device_code]
        if not begun.allowed:
            raise Denied("access_denied", "The person said no", 403)
        return self._begin(issuer, begun)

    def renew(self, issuer: str, client_id: str, refresh_token: str) -> dict[str, Any]:
        """Renew a session. Its refresh token is good once: used again, it ends the whole session.

        Raises:
            Denied: It is over.
        """
        with self._lock:
            session = self._sessions.get(refresh_token)
            if session is None or session.client_id != client_id:
                raise Denied("invalid_grant", "Unknown or invalid refresh token.", 403)
            if not session.live:
                self._end(session.family)
                raise Denied("invalid_grant", "Unknown or invalid refresh token.", 403)
            session.live = False
            return self._token(issuer, session)

    # --- judging ----------------------------------------------------------------------------------------------------

    def user_of(self, token: str) -> str | None:
        """Say whose an access token is, ``"full"`` or ``"viewer"``; None where it is not good, or no longer."""
        claims = self.describe(token)
        return str(claims["account"]) if claims["active"] else None

    def describe(self, token: str) -> dict[str, Any]:
        """Give what RFC 7662 calls introspection."""
        claims = read_token(token)
        if claims is None or claims["exp"] <= self._now().timestamp() or claims["family"] in self._revoked:
            return {"active": False}
        return {"active": True, **claims}

    def revoke(self, token: str) -> None:
        """End the session that a token belongs to, if it is known."""
        with self._lock:
            session = self._sessions.get(token)
            claims = None if session is not None else read_token(token)
            family = session.family if session is not None else str((claims or {}).get("family", ""))
            if family:
                self._end(family)

    # --- parts ------------------------------------------------------------------------------------------------------

    def _end(self, family: str) -> None:
        self._revoked.add(family)
        for session in self._sessions.values():
            if session.family == family:
                session.live = False

    def _begin(self, issuer: str, begun: Begun) -> dict[str, Any]:
        family = secrets.token_hex(8)
        session = _Session(
            client_id=begun.client_id, scope=begun.scope, audience=begun.audience, user=begun.user, family=family
        )
        return self._token(issuer, session)

    def _token(self, issuer: str, session: _Session) -> dict[str, Any]:
        now = self._now().timestamp()
        family = session.family or secrets.token_hex(8)
        subject = f"sandbox-{session.user}"
        claims: dict[str, Any] = {
            "iss": issuer,
            "sub": subject,
            "aud": session.audience or "https://api.planet.com/",
            "iat": int(now),
            "exp": int(now + self.token_s),
            "jti": secrets.token_hex(8),
            "scope": session.scope,
            "client_id": session.client_id,
            "account": session.user,
            "family": family,
        }
        answer: dict[str, Any] = {
            "access_token": sign_token(claims),
            "token_type": "Bearer",
            "expires_in": int(self.token_s),
            "scope": session.scope,
        }
        scopes = session.scope.split()
        if "offline_access" in scopes and session.family:
            answer["refresh_token"] = secrets.token_urlsafe(32)
            with self._lock:
                self._sessions[answer["refresh_token"]] = _Session(
                    client_id=session.client_id, scope=session.scope, audience=session.audience, user=session.user,
                    family=family,
                )  # fmt: skip
        if "openid" in scopes:
            answer["id_token"] = sign_token({**claims, "aud": session.client_id})
        return answer

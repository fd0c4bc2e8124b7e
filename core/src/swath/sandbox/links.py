# SPDX-License-Identifier: Apache-2.0
"""Signed links that expire, as object stores and providers hand them out."""

from __future__ import annotations

import base64
import binascii
import contextvars
import datetime as dt
import hashlib
import hmac
import json
from enum import StrEnum

from attrs import frozen

from swath._clock import Clock

__all__ = ["LinkSigner", "LinkState", "Ticket", "links_expired"]

links_expired: contextvars.ContextVar[bool] = contextvars.ContextVar("swath_sandbox_links_expired", default=False)
"""True while a request is served for which a fault asks that links count as expired."""


class LinkState(StrEnum):
    """What a link is worth now."""

    VALID = "valid"
    EXPIRED = "expired"
    INVALID = "invalid"
    """Not signed here, or signed for something else."""


@frozen(kw_only=True)
class Ticket:
    """What a token says."""

    state: LinkState
    subject: str = ""
    """What the token was made for; empty where the token is invalid."""


class LinkSigner:
    """Signs links and judges them when they come back.

    Args:
        clock: Tells when a link has expired.
        seed: Links of one seed are good in every sandbox of that seed.
    """

    def __init__(self, clock: Clock, seed: int = 0) -> None:
        self.ttl_s: float | None = None
        """Seconds that every link signed from now on lives, whatever its signer says; None leaves it to the signer."""
        self._clock = clock
        self._key = hashlib.sha256(f"swath sandbox links {seed}".encode()).digest()

    def expiry(self, ttl_s: float) -> dt.datetime:
        """Give when a link signed now for `ttl_s` seconds expires, aware UTC."""
        return self._clock.now() + dt.timedelta(seconds=ttl_s if self.ttl_s is None else self.ttl_s)

    def token(self, subject: str, ttl_s: float) -> str:
        """Make a URL-safe token for `subject` that is good for `ttl_s` seconds."""
        claims = json.dumps({"sub": subject, "exp": self.expiry(ttl_s).timestamp()}, separators=(",", ":"))
        body = base64.urlsafe_b64encode(claims.encode()).decode().rstrip("=")
        return f"{body}.{self._mac(body)}"

    def read(self, token: str) -> Ticket:
        """Judge a token and say what it was made for."""
        body, _, mac = token.partition(".")
        if not hmac.compare_digest(mac.encode(), self._mac(body).encode()):
            return Ticket(state=LinkState.INVALID)
        try:
            claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        except (binascii.Error, ValueError):
            return Ticket(state=LinkState.INVALID)
        expired = links_expired.get() or self._clock.now().timestamp() >= claims["exp"]
        return Ticket(state=LinkState.EXPIRED if expired else LinkState.VALID, subject=claims["sub"])

    def sign(self, path: str, ttl_s: float) -> str:
        """Give `path` with a ``token`` query parameter that is good for `ttl_s` seconds."""
        return f"{path}{'&' if '?' in path else '?'}token={self.token(path, ttl_s)}"

    def check(self, path: str, token: str | None) -> LinkState:
        """Judge the token that came with a request for `path` (as it was given to `sign`)."""
        ticket = self.read(token or "")
        if ticket.state is not LinkState.INVALID and ticket.subject != path:
            return LinkState.INVALID
        return ticket.state

    def _mac(self, body: str) -> str:
        return hmac.new(self._key, body.encode(), hashlib.sha256).hexdigest()[:32]

# SPDX-License-Identifier: Apache-2.0
"""Whom an authorisation server sees, and where that server is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from attrs import field, frozen

from swath.errors import ConfigurationError
from swath.models import Secret

__all__ = ["Endpoints", "OAuthClient", "check_address"]

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def _strings(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())


@frozen(kw_only=True)
class OAuthClient:
    """One registered application: who asks for tokens, of which server, and for what."""

    server: str
    """The authorisation server's URL, which is its issuer; ``/.well-known/openid-configuration`` is below it."""
    client_id: str = ""
    client_secret: Secret | None = field(default=None, repr=False)
    """None for a public client."""
    scopes: tuple[str, ...] = field(default=(), converter=_strings)
    audiences: tuple[str, ...] = field(default=(), converter=_strings)
    redirect_uri: str | None = None
    """Where the browser comes back to, as registered, on this machine; None for ``http://127.0.0.1`` and any port."""
    endpoints: Mapping[str, str] = field(factory=dict)
    """Endpoints that need no discovery, by the names of the discovery document, for example ``token_endpoint``."""
    issuer: str | None = None
    """What the discovery document must name as its issuer, where that is not `server`."""


@frozen(kw_only=True)
class Endpoints:
    """What a server's discovery document says; every URL has been checked."""

    token: str | None = None
    authorization: str | None = None
    device: str | None = None
    revocation: str | None = None


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine."""
    return (urlsplit(url).hostname or "") in _LOOPBACK


def check_address(url: str, *, provider: str, server: str | None = None) -> str:
    """Give a URL back that secrets may be sent to: https, or http where nothing leaves the machine.

    Args:
        url: An endpoint or a server.
        provider: For the error.
        server: Who named the endpoint: one elsewhere cannot name an endpoint on this machine.

    Raises:
        ConfigurationError: For any other.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        parts, host = urlsplit(""), None
    if host and parts.scheme == "https":
        return url
    if host in _LOOPBACK and parts.scheme == "http" and (server is None or is_loopback(server)):
        return url
    shown = url.split("?", 1)[0]
    raise ConfigurationError(
        f"secrets are not sent to {shown!r}: an authorisation server is reached by https",
        provider=provider,
        hint="correct the address of the authorisation server",
    )

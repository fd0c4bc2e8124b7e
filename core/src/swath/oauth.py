# SPDX-License-Identifier: Apache-2.0
"""OAuth 2 and OpenID Connect for plugins: every way to a token, and a token that renews itself.

A plugin names its client and lets core do the rest::

    client = OAuthClient(server="https://login.example.com/", client_id="my-app", scopes=["data", "offline_access"])
    flows = OAuth(context, client)
    auth = BearerAuth(context, flows.refresh)

Secrets are sent to an authorisation server only over https, or on this machine; its discovery document must name the
server that was asked. Tokens are kept like any other: one fetch for all threads and processes, renewed before they die.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from swath._oauth.client import OAuthClient
from swath._oauth.flows import DeviceCode, OAuth
from swath._token_places import FilePlace, MemoryPlace, TokenFormat, TokenPlace
from swath.auth import Token, TokenAuth
from swath.models import Credential, Secret, Tell

if TYPE_CHECKING:
    import datetime as dt

    from swath._tokens import TokenCache
    from swath.hookspecs import Context

__all__ = [
    "BearerAuth",
    "DeviceCode",
    "FilePlace",
    "MemoryPlace",
    "OAuth",
    "OAuthClient",
    "TokenFormat",
    "TokenPlace",
    "find_credential",
    "home_file",
    "session_tokens",
    "tell_on_terminal",
    "variable",
]


class BearerAuth(TokenAuth):
    """Signs with ``Authorization: Bearer ...``.

    Args:
        context: The opened account.
        fetch: Gets a new token from the old one: `OAuth.refresh`, or for a machine `OAuth.client_credentials`.
        tokens: Where the token is kept, instead of the account's own place.
        revoke: Ends the session at the server when the user signs out: `OAuth.revoke`, or None to leave it.
        margin_s: Seconds before its end at which a token is renewed.
    """

    def __init__(
        self,
        context: Context,
        fetch: Callable[[Token | None], Token],
        *,
        tokens: TokenCache | None = None,
        revoke: Callable[[Token], bool] | None = None,
        margin_s: float = 60.0,
    ) -> None:
        super().__init__(
            context,
            fetch,
            lambda token: ("Authorization", f"Bearer {token.value.reveal()}"),
            tokens=tokens,
            margin_s=margin_s,
        )
        self._revoke = revoke

    def sign_out(self) -> None:
        """Forget the token, and let the server forget it."""
        token = self.tokens.peek() if self._revoke is not None else None
        super().sign_out()
        if token is not None and self._revoke is not None:
            self._revoke(token)


class _Now:
    def __init__(self, now: Callable[[], dt.datetime]) -> None:
        self.now = now


def home_file(*parts: str) -> Path:
    """Say where a file of the user's home folder is, for what a provider's own tools keep there.

    Args:
        *parts: Path below the home folder.

    Raises:
        RuntimeError: If there is no home folder.
    """
    return Path.home().joinpath(*parts)


def variable(name: str) -> str:
    """Give an environment variable that the user named; empty if it is not set."""
    return os.environ.get(name, "").strip()


def find_credential(provider: str, name: str, *, plugin: object | None = None) -> Credential | None:
    """Find one credential that is no secret, wherever it is, as `swath.open` would; nothing is opened.

    Args:
        provider: Entry-point name.
        name: Name of the `CredentialField`.
        plugin: Instance of the provider class, so that no entry point needs to be installed.
    """
    from swath._credentials import choose_profile, status
    from swath._registry import open_hooks

    for row in status(open_hooks(provider, plugin).describe(), choose_profile(None)):
        if row.name == name and row.source is not None:
            return Credential(name=name, value=Secret(row.shown), source=row.source)
    return None


def tell_on_terminal(*, opens: bool) -> Tell:
    """Give what shows a page to the person at the terminal, on standard error.

    Args:
        opens: Whether the page is opened in this machine's browser too.
    """

    def tell(url: str, *, code: str | None = None, complete: str | None = None) -> None:
        words = [f"Open {url}" + ("" if code is None else f" and enter the code {code}")]
        words += [f"or open {complete}"] if complete else []
        print("\n".join(words), file=sys.stderr)  # noqa: T201 - the caller asked for it
        if opens:
            import webbrowser

            webbrowser.open(complete or url)

    return tell


def session_tokens(context: Context, place: TokenPlace | Path, form: TokenFormat | None = None) -> TokenCache:
    """Keep a session's token at another place than core's own, for example where a provider's own tools look for it.

    Args:
        context: The opened account, for its clock.
        place: A file, which is kept 0600, or another place.
        form: How it is written there; core's own form if None.
    """
    from swath._tokens import TokenCache

    kept: TokenPlace = FilePlace(place) if isinstance(place, Path) else place
    return TokenCache("session", directory=None, clock=_Now(context.now), place=kept, form=form)

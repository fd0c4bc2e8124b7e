# SPDX-License-Identifier: Apache-2.0
"""Opens an account: plugin, settings, credentials and signed client, put together without any request."""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from swath._clock import Clock, SystemClock
from swath._registry import ProviderHooks, open_hooks
from swath._suggest import suggest
from swath.errors import ConfigurationError, InputError
from swath.hookspecs import Context
from swath.models import ProviderInfo, Secret

if TYPE_CHECKING:
    import httpx

    from swath._http.client import HttpClient
    from swath._tokens import TokenCache

__all__ = ["Session", "open_session"]


@frozen(kw_only=True)
class Session:
    """One opened account."""

    hooks: ProviderHooks
    info: ProviderInfo
    context: Context
    http: HttpClient
    clock: Clock

    @property
    def tokens(self) -> TokenCache:
        """Where the token in use is kept; an empty place where none is used."""
        tokens: TokenCache = getattr(self.http.auth, "tokens", None) or self.context.tokens
        return tokens


def _split(name: str, info: ProviderInfo, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Tell credentials from settings among what the user passed; refuse what is neither."""
    credentials = {field.name for field in info.credentials}
    settings = {field.name for field in info.settings}
    for key in given:
        if key not in credentials | settings:
            raise InputError(
                f"{name} has no credential or setting {key!r}",
                provider=name,
                hint=suggest(key, sorted(credentials | settings)),
            )
    return (
        {key: value for key, value in given.items() if key in credentials and value is not None},
        {key: value for key, value in given.items() if key in settings and value is not None},
    )


def open_session(
    name: str,
    *,
    profile: str | None = None,
    given: Mapping[str, Any] | None = None,
    plugin: object | None = None,
    clock: Clock | None = None,
    transport: httpx.BaseTransport | None = None,
    state: Path | None = None,
    read_s: float | None = None,
    signed: bool = True,
) -> Session:
    """Open an account; nothing is sent and nothing is written.

    Args:
        name: Provider's entry-point name.
        profile: Which of several accounts; ``SWATH_PROFILE`` or ``"default"`` if None.
        given: Credentials and settings that the caller passed.
        plugin: An instance to use instead of the installed one.
        clock: What waits; the machine's own if None.
        transport: What takes the place of the network.
        state: Where tokens are kept; the user's state folder if None.
        read_s: Seconds of silence after which an answer is given up; the client's own choice if None.
        signed: Whether credentials are needed; without, as for a sign-in, nothing is signed.

    Raises:
        ProviderNotFound: See `swath._registry.load_plugin` for this and its siblings.
        MissingCredentials: If a required credential was found nowhere.
        InputError: If something was passed that the provider does not have.
    """
    from swath._credentials import account_id, resolve_credentials, resolve_settings
    from swath._home import state_dir
    from swath._http.client import HttpClient, Settings
    from swath._http.observing import time_of
    from swath._http.origins import Origins
    from swath._tokens import TokenCache

    clock = clock or SystemClock()
    profile = profile or os.environ.get("SWATH_PROFILE") or "default"
    hooks = open_hooks(name, plugin)
    info = hooks.describe()
    secrets, settings = _split(name, info, given or {})
    values = resolve_settings(info, arguments=settings, profile=profile)
    urls = _urls(info, values)
    credentials = resolve_credentials(info, arguments=secrets, profile=profile, needed=signed)
    guards = {field.name for field in info.credentials if not field.identifies}
    account = account_id(name, {key: found for key, found in credentials.items() if key not in guards})
    shown: tuple[Secret, ...] = tuple(
        found.value
        for found in credentials.values()
        if any(field.secret for field in info.credentials if field.name == found.name)
    )
    made = Settings(
        provider=name,
        account=account,
        origins=Origins([*info.origins, *urls]),
        clock=clock,
        limits=info.limits,
        secrets=shown,
        transport=transport,
        user_agent=_user_agent(),
    )
    http = HttpClient(made if read_s is None else evolve(made, read_s=read_s))
    context = Context(
        provider=name,
        profile=profile,
        account=account,
        http=http,
        settings=values,
        credentials=credentials,
        now=functools.partial(time_of, clock),
        tokens=TokenCache(_token_key(name, account, urls), directory=(state or state_dir()) / "tokens", clock=clock),
    )
    http.auth = hooks.authenticate(context) if signed else None
    return Session(hooks=hooks, info=info, context=context, http=http, clock=clock)


def _urls(info: ProviderInfo, values: Mapping[str, str]) -> list[str]:
    """Give the addresses among the settings."""
    from swath._http.origins import origin_of

    urls = []
    for declared in info.settings:
        value = values.get(declared.name)
        if not declared.origin or not value:
            continue
        if origin_of(value) is None:
            place = " or ".join([declared.name, *declared.env])
            raise ConfigurationError(
                f"{place} is {value!r}, which is no http or https address",
                provider=info.name,
                hint=f"correct it: {declared.default}" if declared.default else "write it with https:// in front",
            )
        urls.append(value)
    return urls


def _token_key(name: str, account: str, urls: Iterable[str]) -> str:
    """Name the token's place: a token of one service is never offered to another that the same credentials open."""
    service = hashlib.sha256("\n".join(sorted(urls)).encode()).hexdigest()[:12]
    return f"{name}-{account}-{service}"


def _user_agent() -> str:
    from swath import __version__

    return f"swath/{__version__}"

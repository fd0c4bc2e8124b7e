# SPDX-License-Identifier: Apache-2.0
"""`Auth`, under the names of Planet's own SDK: who asks, for native clients.

What differs from that SDK: a session that is missing or over is an error before any request, never a request without a
signature; tokens are fetched once for all threads and processes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final, NoReturn

from swath.errors import MissingCredentials
from swath.models import Secret
from swath.oauth import (
    FilePlace,
    MemoryPlace,
    TokenPlace,
    find_credential,
    home_file,
    variable,
)
from swath_planet.exceptions import PlanetError, translated
from swath_planet.profiles import (
    USER_SERVER,
    ObjectPlace,
    Profile,
    StorageProvider,
    load_profile,
    normal_name,
    session_place,
    user_profile,
)
from swath_planet.provider import PlanetProvider
from swath_planet.sessions import SessionOwner, unsigned
from swath_planet.signing import HeldSession, m2m_client

__all__ = ["APIKeyAuthException", "Auth", "AuthException", "PlanetOAuthScopes"]

_KEY_VARIABLE: Final = "PL_API_KEY"
_CONFIGURED: Final = "~/.planet.json"


class AuthException(PlanetError, MissingCredentials):
    """There is no credential that can be used."""


class APIKeyAuthException(AuthException):
    """There is no API key, or an empty one."""


class PlanetOAuthScopes:
    """Scopes that a sign-in may ask for."""

    PLANET: ClassVar[str] = "planet"
    OFFLINE_ACCESS: ClassVar[str] = "offline_access"
    OPENID: ClassVar[str] = "openid"
    PROFILE: ClassVar[str] = "profile"
    EMAIL: ClassVar[str] = "email"


class Auth(SessionOwner):
    """Who asks. Made by one of its constructors; nothing is sent before it is used."""

    # --- constructors -----------------------------------------------------------------------------------------------

    @staticmethod
    def from_user_default_session() -> Auth:
        """Take what the user has set up, in the sequence of Planet's own SDK.

        ``PL_AUTH_PROFILE`` or the profile that ``planet auth profile set`` chose; ``PL_AUTH_CLIENT_ID`` with
        ``PL_AUTH_CLIENT_SECRET``; ``PL_API_KEY``; what ``swath auth login planet`` keeps; then the key in
        ``~/.planet.json`` and the session of ``planet auth login``.
        """
        return Auth(_default_options)

    @staticmethod
    @translated()
    def from_profile(profile_name: str, save_state_to_storage: bool = True) -> Auth:
        """Take a session of Planet's own command line, from ``~/.planet``.

        Args:
            profile_name: Its name.
            save_state_to_storage: Whether a renewed token is written back; if not, it is held in memory.

        Raises:
            MissingCredentials: There is no such profile.
        """
        profile = load_profile(profile_name)
        return _session(profile, save=save_state_to_storage, storage=None, on_disk=save_state_to_storage)

    @staticmethod
    def from_key(key: str | None) -> Auth:
        """Take an API key.

        Raises:
            APIKeyAuthException: It is empty.
        """
        if not key or not key.strip():
            raise APIKeyAuthException("API key cannot be empty.")
        held = Secret(key.strip())
        return Auth(lambda: {"api_key": held})

    @staticmethod
    def from_env(variable_name: str | None = None) -> Auth:
        """Take the API key in an environment variable, ``PL_API_KEY`` if None.

        Raises:
            APIKeyAuthException: It is not set.
        """
        name = variable_name or _KEY_VARIABLE
        key = variable(name)
        if not key:
            raise APIKeyAuthException(f"API key cannot be empty: the environment variable {name} is not set.")
        return Auth.from_key(key)

    @staticmethod
    def from_file(filename: str | Path | None = None) -> Auth:
        """Take the API key in a file of an older SDK: JSON with ``key``.

        Args:
            filename: The file; ``~/.planet.json`` if None.

        Raises:
            APIKeyAuthException: There is no such file, or no key in it.
        """
        path = home_file(".planet.json") if filename is None else Path(filename)
        data = FilePlace(path).read()
        try:
            held = {} if data is None else json.loads(data)
        except ValueError:
            held = {}
        key = held.get("key") if isinstance(held, dict) else None
        if not isinstance(key, str) or not key:
            raise APIKeyAuthException(f"API key cannot be empty: {path} holds none.")
        return Auth.from_key(key)

    @staticmethod
    def from_oauth_user_device_code(
        client_id: str,
        requested_scopes: list[str] | None = None,
        save_state_to_storage: bool = True,
        profile_name: str | None = None,
        storage_provider: StorageProvider | None = None,
    ) -> Auth:
        """Take a person's session of an application of yours that signs in by device code.

        Args:
            client_id: The application's.
            requested_scopes: Scopes; ``planet`` and ``offline_access`` if None.
            save_state_to_storage: Whether the session is kept where Planet's own command line finds it.
            profile_name: Under which name; that of the client if None.
            storage_provider: Keeps it instead of the home folder.
        """
        profile = _user(client_id, requested_scopes, profile_name)
        return _session(profile, save=save_state_to_storage, storage=storage_provider)

    @staticmethod
    def from_oauth_user_auth_code(  # noqa: PLR0917 - as Planet's SDK has it
        client_id: str,
        callback_url: str,
        requested_scopes: list[str] | None = None,
        save_state_to_storage: bool = True,
        profile_name: str | None = None,
        storage_provider: StorageProvider | None = None,
    ) -> Auth:
        """Take a person's session of an application of yours that signs in by a browser.

        Args:
            client_id: The application's.
            callback_url: Where the browser comes back to, on this machine.
            requested_scopes: Scopes; ``planet`` and ``offline_access`` if None.
            save_state_to_storage: Whether the session is kept where Planet's own command line finds it.
            profile_name: Under which name; that of the client if None.
            storage_provider: Keeps it instead of the home folder.
        """
        profile = _user(client_id, requested_scopes, profile_name, redirect_uri=callback_url, browser=True)
        return _session(profile, save=save_state_to_storage, storage=storage_provider)

    @staticmethod
    def from_oauth_m2m(  # noqa: PLR0917 - as Planet's SDK has it
        client_id: str,
        client_secret: str,
        requested_scopes: list[str] | None = None,
        save_state_to_storage: bool = True,
        profile_name: str | None = None,
        storage_provider: StorageProvider | None = None,
    ) -> Auth:
        """Take a service account.

        Args:
            client_id: Its id.
            client_secret: Its secret.
            requested_scopes: Scopes; none if None.
            save_state_to_storage: Whether its token is kept for later runs, by swath.
            profile_name: Under which name, if a storage of yours keeps it.
            storage_provider: Keeps the token instead of swath.

        Raises:
            AuthException: One of the two is empty.
        """
        if not client_id or not client_secret:
            raise AuthException("client_id and client_secret cannot be empty.")
        secret = Secret(client_secret)
        scope = " ".join(requested_scopes or []) or None
        given = {"client_id": client_id, "client_secret": secret, "auth_scope": scope}
        if save_state_to_storage and storage_provider is None:
            return Auth(lambda: given)
        with unsigned(auth_scope=scope) as context:
            client = m2m_client(context, client_id, client_secret)
        profile = Profile(
            name=normal_name(profile_name or client_id), kind="oidc_client_credentials_secret", client=client
        )
        return _session(profile, save=save_state_to_storage, storage=storage_provider, given=given)

    @staticmethod
    def from_login(email: str, password: str, base_url: str | None = None) -> Auth:  # noqa: ARG004 - as Planet's SDK had it
        """Refuse: Planet no longer has this way to sign in."""
        _gone("from_login", "Auth.from_user_default_session()")

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Auth:  # noqa: ARG003 - as Planet's SDK had it
        """Refuse: it is gone from Planet's SDK."""
        _gone("from_dict", "Auth.from_key()")

    def to_dict(self) -> dict[str, Any]:
        """Refuse: it is gone from Planet's SDK."""
        _gone("to_dict")

    def store(self, filename: str | Path | None = None) -> None:  # noqa: ARG002 - as Planet's SDK had it
        """Refuse: it is gone from Planet's SDK."""
        _gone("store", "swath auth login planet")

    @property
    def value(self) -> str:
        """Refuse: it is gone from Planet's SDK."""
        _gone("value")


def _user(
    client_id: str,
    scopes: Sequence[str] | None,
    name: str | None,
    *,
    redirect_uri: str | None = None,
    browser: bool = False,
) -> Profile:
    with unsigned() as context:
        server = context.settings.get("auth_server") or USER_SERVER
    return user_profile(
        normal_name(name or client_id),
        client_id=client_id,
        server=server,
        redirect_uri=redirect_uri,
        browser=browser,
        scopes=tuple(scopes or ()),
    )


def _session(
    profile: Profile,
    *,
    save: bool,
    storage: StorageProvider | None,
    given: Mapping[str, Any] | None = None,
    on_disk: bool = False,
) -> Auth:
    place: TokenPlace
    if not save:
        kept = session_place(profile.name).read() if storage is None else None
        place = MemoryPlace(kept)
    else:
        place = session_place(profile.name) if storage is None else ObjectPlace(storage, profile.name)
    held = HeldSession(profile=profile, place=place)
    options: dict[str, Any] = {"auth_profile": profile.name} if given is None else dict(given)
    if not on_disk:
        options["plugin"] = PlanetProvider(held)
    return Auth(lambda: options, held=held)


def _default_options() -> dict[str, Any]:
    """Give the credentials that Planet's own SDK would use; where only its own files say so, name them."""
    chosen = find_credential("planet", "auth_profile", plugin=PlanetProvider())
    if chosen is not None and (chosen.source.startswith("environment ") or chosen.source == _CONFIGURED):
        return {"auth_profile": chosen.value.reveal()}
    return {}


def _gone(name: str, instead: str = "") -> NoReturn:
    raise DeprecationWarning(f"Auth.{name}() has been deprecated." + (f"  Use {instead}." if instead else ""))

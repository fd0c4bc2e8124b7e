# SPDX-License-Identifier: Apache-2.0
"""The sessions of Planet's own command line, in the files where it keeps them.

Below the home folder: ``.planet/<profile>/auth_client.json`` says who signs in and where, ``token.json`` beside it
holds the token. Both tools can use one session by turns: what is renewed here is written back in the same form.

Source: files written by Planet's SDK 3.7.0, read 2026-11.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Protocol

from attrs import field, frozen

from swath.auth import Token
from swath.errors import ConfigurationError, InputError, MissingCredentials, NotSupported, SwathError
from swath.models import Secret
from swath.oauth import FilePlace, OAuthClient, home_file

__all__ = [
    "AUDIENCE",
    "BUILT_IN",
    "M2M_SERVER",
    "PLANET_USER",
    "USER_SERVER",
    "ObjectPlace",
    "Profile",
    "SessionFormat",
    "StorageProvider",
    "folder_of",
    "load_profile",
    "normal_name",
    "place_slug",
    "session_place",
    "user_profile",
    "write_profile",
]

USER_SERVER: Final = "https://login.planet.com/"
M2M_SERVER: Final = "https://services.sentinel-hub.com/auth/realms/main"
AUDIENCE: Final = "https://api.planet.com/"
PLANET_USER: Final = "planet-user"
_SCOPES: Final = ("planet", "offline_access")
_CLIENT_ID: Final = "49lHVBYlXCdfIYqE1B9zeXt0iFHSXees"
"""Public client of Planet's own command line: its sessions can be renewed under this name only."""

_ENDPOINTS = ("token_endpoint", "authorization_endpoint", "device_authorization_endpoint", "revocation_endpoint")
_KINDS = {
    "oidc_device_code", "oidc_device_code_secret", "oidc_auth_code", "oidc_auth_code_secret",
    "oidc_client_credentials_secret", "static_apikey", "none",
}  # fmt: skip


@frozen(kw_only=True)
class Profile:
    """Who signs in, and how."""

    name: str
    kind: str
    """``client_type`` of Planet's own file."""
    client: OAuthClient | None = None
    api_key: Secret | None = field(default=None, repr=False)
    """For a profile that only holds a key."""
    prefix: str = "api-key"
    """What stands before the key in the header."""

    @property
    def machine(self) -> bool:
        """Whether it signs in by itself."""
        return self.kind.startswith("oidc_client_credentials")


def user_profile(
    name: str = PLANET_USER,
    *,
    client_id: str = _CLIENT_ID,
    server: str = USER_SERVER,
    scopes: tuple[str, ...] = (),
    redirect_uri: str | None = None,
    browser: bool = False,
) -> Profile:
    """Make the profile of a person; without scopes it asks for those of Planet's own command line."""
    client = OAuthClient(
        server=server, client_id=client_id, scopes=scopes or _SCOPES, audiences=AUDIENCE, redirect_uri=redirect_uri
    )
    return Profile(name=name, kind="oidc_auth_code" if browser else "oidc_device_code", client=client)


BUILT_IN: Final[Mapping[str, Profile]] = {PLANET_USER: user_profile()}
"""Profiles that need no file."""


def normal_name(name: str) -> str:
    """Give a profile's name as its folder is called.

    Raises:
        InputError: If it cannot name a folder.
    """
    made = name.strip().lower()
    if not made or "/" in made or "\\" in made or made in {".", ".."} or not made.isprintable():
        raise InputError(
            f"{name!r} cannot be the name of a profile", hint="use letters, digits, - and _", provider="planet"
        )
    return made


def folder_of(name: str) -> Path:
    """Say where a profile's files are, or would be."""
    return home_file(".planet", normal_name(name))


def session_place(name: str) -> FilePlace:
    """Give the place of a profile's token."""
    return FilePlace(folder_of(name) / "token.json")


def load_profile(name: str) -> Profile:
    """Read a profile.

    Raises:
        MissingCredentials: There is none of that name.
        NotSupported: It signs in in a way that swath does not know.
        ConfigurationError: Its file cannot be understood.
    """
    name = normal_name(name)
    path = folder_of(name) / "auth_client.json"
    data = FilePlace(path).read()
    if data is None:
        if name in BUILT_IN:
            return BUILT_IN[name]
        raise MissingCredentials(
            f"there is no profile {name!r}: {path} does not exist",
            provider="planet",
            hint=f"make it with: planet auth login --auth-profile {name}, or sign in with: swath auth login planet",
        )
    try:
        held = json.loads(data)
        return _profile(name, held, path)
    except SwathError:
        raise
    except (ValueError, TypeError, AttributeError, KeyError) as err:
        # The parser's own text is not passed on: it may quote a secret.
        raise ConfigurationError(
            f"{path} is no profile that can be understood ({type(err).__name__})",
            provider="planet",
            hint="make it anew with: planet auth profile",
        ) from None


def _profile(name: str, held: Mapping[str, Any], path: Path) -> Profile:
    kind = held["client_type"]
    if kind not in _KINDS:
        raise NotSupported(
            f"profile {name!r} signs in by {kind!r}, which swath does not do ({path})",
            provider="planet",
            hint="use a profile of another kind, an API key, or a client id and secret",
        )
    if kind == "none":
        return Profile(name=name, kind=kind)
    if kind == "static_apikey":
        prefix = str(held.get("bearer_token_prefix") or "api-key")
        return Profile(name=name, kind=kind, api_key=Secret(str(held["api_key"])), prefix=prefix)
    secret = held.get("client_secret")
    client = OAuthClient(
        server=str(held["auth_server"]),
        client_id=str(held["client_id"]),
        client_secret=Secret(str(secret)) if secret else None,
        scopes=held.get("scopes") or (),
        audiences=held.get("audiences") or (),
        redirect_uri=held.get("local_redirect_uri") or held.get("redirect_uri"),
        endpoints={key: str(held[key]) for key in _ENDPOINTS if held.get(key)},
        issuer=held.get("issuer"),
    )
    return Profile(name=name, kind=kind, client=client)


def write_profile(profile: Profile) -> None:
    """Write a person's profile as Planet's own command line does; a built-in one needs no file."""
    client = profile.client
    if client is None or profile == BUILT_IN.get(profile.name):
        return
    held: dict[str, Any] = {
        "client_type": profile.kind,
        "auth_server": client.server,
        "client_id": client.client_id,
        "scopes": list(client.scopes),
        "audiences": list(client.audiences),
    }
    if client.redirect_uri:
        held |= {"redirect_uri": client.redirect_uri, "local_redirect_uri": client.redirect_uri}
    if client.client_secret:
        held["client_secret"] = client.client_secret.reveal()
    FilePlace(folder_of(profile.name) / "auth_client.json").write(json.dumps(held, indent=2).encode())


class SessionFormat:
    """``token.json``: the token answer with the times when it was given and ends, in seconds since 1970."""

    def decode(self, data: bytes) -> tuple[Token, dt.datetime]:
        """Read a token."""
        held = json.loads(data)
        value = held["access_token"]
        if not isinstance(value, str) or not value:
            raise ValueError
        given, ends, refresh = held.get("_iat"), held.get("_exp"), held.get("refresh_token")
        token = Token(
            value=Secret(value),
            expires=None if ends is None else dt.datetime.fromtimestamp(ends, dt.UTC),
            refresh=Secret(refresh) if isinstance(refresh, str) and refresh else None,
        )
        return token, dt.datetime.fromtimestamp(given or 0, dt.UTC)

    def encode(self, token: Token, fetched: dt.datetime, before: bytes | None) -> bytes:
        """Write a token; what the one before said and the new one does not, stays."""
        try:
            held = json.loads(before) if before else {}
        except ValueError:
            held = {}
        held = {**(held if isinstance(held, dict) else {}), **token.answer, "access_token": token.value.reveal()}
        held.setdefault("token_type", "Bearer")
        held["_iat"] = int(fetched.timestamp())
        held.pop("_exp", None)
        if token.expires is not None:
            held["_exp"] = int(token.expires.timestamp())
            held["expires_in"] = held["_exp"] - held["_iat"]
        if token.refresh is not None:
            held["refresh_token"] = token.refresh.reveal()
        return json.dumps(held, indent=2).encode()


class StorageProvider(Protocol):
    """What an application may pass to keep sessions itself, as for Planet's own SDK."""

    def load_obj(self, key: Path) -> dict[str, Any]:
        """Give an object."""

    def save_obj(self, key: Path, data: dict[str, Any]) -> None:
        """Keep an object."""

    def obj_exists(self, key: Path) -> bool:
        """Say whether there is one."""


class ObjectPlace:
    """A session in an application's own storage.

    Args:
        storage: The application's.
        name: The profile.
    """

    def __init__(self, storage: StorageProvider, name: str) -> None:
        self._storage = storage
        self._key = Path(".planet", normal_name(name), "token.json")

    def __str__(self) -> str:
        return f"{self._key} of the application's storage"

    @property
    def path(self) -> Path | None:
        """No file that processes could lock."""
        return None

    def read(self) -> bytes | None:
        """Give what is kept."""
        return json.dumps(self._storage.load_obj(self._key)).encode() if self._storage.obj_exists(self._key) else None

    def write(self, data: bytes) -> None:
        """Replace it."""
        self._storage.save_obj(self._key, json.loads(data))

    def remove(self) -> bool:
        """Replace it by nothing: storages have no word for removing."""
        had = self._storage.obj_exists(self._key)
        if had:
            self._storage.save_obj(self._key, {})
        return had


def place_slug(text: str) -> str:
    """Give a URL's host and port as a part of a name."""
    return re.sub(r"[^a-z0-9]+", "-", re.sub(r"^https?://", "", text.lower()).split("/", 1)[0]).strip("-")

# SPDX-License-Identifier: Apache-2.0
"""The accounts that are kept: profiles in ``~/.planet``, which of them is the default, keys and tokens."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from attrs import evolve

from swath.errors import InputError, NotSupported
from swath.hookspecs import Context
from swath.models import Secret
from swath.oauth import BearerAuth, FilePlace, OAuth, home_file, session_tokens
from swath_planet.profiles import (
    BUILT_IN,
    PLANET_USER,
    Profile,
    SessionFormat,
    folder_of,
    load_profile,
    normal_name,
    session_place,
    write_profile,
)
from swath_planet.sessions import SessionOwner
from swath_planet.signing import HeldSession, flows_for, m2m_client

__all__ = [
    "BUILT_IN_PROFILE",
    "api_key_of",
    "copy",
    "default_profile",
    "described",
    "names",
    "profile_named",
    "put_aside",
    "renew",
    "set_default",
    "sign_in",
    "token_of",
]

BUILT_IN_PROFILE: Final = PLANET_USER
_CLIENT: Final = "auth_client.json"
_CHOICE: Final = "PL_AUTH_PROFILE"
_SECRETS: Final = ("client_secret", "api_key", "password", "client_privkey", "client_privkey_password")


# --- profiles --------------------------------------------------------------------------------------------------------


def names() -> list[str]:
    """List the profiles there are, by name."""
    return sorted({*BUILT_IN, *(path.parent.name for path in home_file(".planet").glob(f"*/{_CLIENT}"))})


def described(name: str) -> dict[str, Any]:
    """Give what a profile's file holds, its secrets struck out."""
    profile = load_profile(name)
    data = FilePlace(folder_of(name) / _CLIENT).read()
    if data is not None:
        held = json.loads(data)
        return {key: "(not shown)" if key in _SECRETS and value else value for key, value in held.items()}
    assert profile.client is not None  # noqa: S101 - a built-in profile has one
    return {
        "client_type": profile.kind,
        "auth_server": profile.client.server,
        "client_id": profile.client.client_id,
        "scopes": list(profile.client.scopes),
        "audiences": list(profile.client.audiences),
    }


def profile_named(name: str, *, scopes: Sequence[str] = (), audiences: Sequence[str] = ()) -> Profile:
    """Read a profile, to ask for other scopes or audiences where some are given.

    Raises:
        MissingCredentials: There is none of that name.
    """
    profile = load_profile(name)
    changes: dict[str, Any] = {}
    if scopes:
        changes["scopes"] = tuple(scopes)
    if audiences:
        changes["audiences"] = tuple(audiences)
    if not changes or profile.client is None:
        return profile
    return evolve(profile, client=evolve(profile.client, **changes))


def copy(source: str, target: str) -> str:
    """Make a profile like another, without its session, and give its name.

    Raises:
        InputError: There is one of that name.
    """
    name = normal_name(target)
    if name in names():
        raise InputError(f"there is a profile {name!r} already", provider="planet", hint="choose another name")
    profile = load_profile(source)
    data = FilePlace(folder_of(source) / _CLIENT).read()
    if data is None:
        write_profile(evolve(profile, name=name))
    else:
        FilePlace(folder_of(name) / _CLIENT).write(data)
    return name


def _choices() -> FilePlace:
    return FilePlace(home_file(".planet.json"))


def _chosen() -> dict[str, Any]:
    try:
        held = json.loads(_choices().read() or b"{}")
    except ValueError:
        return {}
    return held if isinstance(held, dict) else {}


def default_profile() -> str | None:
    """Give the profile that was chosen for good, None where none was."""
    found = _chosen().get(_CHOICE)
    return found if isinstance(found, str) else None


def set_default(name: str) -> None:
    """Choose a profile for good; what else Planet's file holds stays."""
    _choices().write(json.dumps({**_chosen(), _CHOICE: name}, indent=2).encode())


def put_aside(profile: str | None) -> list[Path]:
    """Move aside what Planet's own program keeps of an account: the choice of a profile, and its session.

    Returns:
        Where it is now.
    """
    moved = []
    for place in [_choices(), *([session_place(profile)] if profile else [])]:
        data = place.read()
        if data is not None:
            aside = place.path.with_name(f"{place.path.name}.old")
            FilePlace(aside).write(data)
            place.remove()
            moved.append(aside)
    return moved


# --- sessions --------------------------------------------------------------------------------------------------------


def sign_in(profile: Profile, *, open_browser: bool) -> None:
    """Begin a session of a profile, and keep it."""
    held = HeldSession(profile=profile, place=session_place(profile.name))
    SessionOwner(dict, held=held).user_login(allow_open_browser=open_browser, allow_tty_prompt=True)


def renew(context: Context, *, scopes: Sequence[str] = ()) -> None:
    """Get a new token for the account that is open, while no other process renews it.

    Raises:
        NotSupported: It has none: it signs with an API key.
    """
    auth = getattr(context.http, "auth", None)
    if not isinstance(auth, BearerAuth):
        raise NotSupported(
            "the account in use has no token to renew",
            provider="planet",
            hint="it signs with an API key, or not at all",
        )
    named = context.credentials.get("auth_profile")
    if named is None:
        client = m2m_client(context, context.secret("client_id"), context.secret("client_secret"))
        if scopes:
            client = evolve(client, scopes=tuple(scopes))
        flows = OAuth(context, client, login="swath planet auth login")
        auth.tokens.get(lambda _: flows.client_credentials(), margin_s=0, not_this=auth.tokens.peek())
        return
    profile = profile_named(named.value.reveal(), scopes=scopes)
    tokens = session_tokens(context, session_place(profile.name), SessionFormat())
    flows = flows_for(context, profile)
    tokens.get(
        lambda old: flows.client_credentials() if profile.machine else flows.refresh(old, scopes=scopes),
        margin_s=0,
        not_this=tokens.peek(),
    )


def token_of(context: Context, *, fresh: bool) -> Secret | None:
    """Give the access token of the account that is open.

    Args:
        context: The opened account.
        fresh: Whether one that is over is renewed first.
    """
    auth = getattr(context.http, "auth", None)
    if not isinstance(auth, BearerAuth):
        return None
    token = auth.token() if fresh else auth.tokens.peek()
    return None if token is None else token.value


def api_key_of(context: Context) -> Secret | None:
    """Give the API key of the account that is open, None where it signs in otherwise."""
    named = context.credentials.get("auth_profile")
    if named is not None:
        return load_profile(named.value.reveal()).api_key
    found = context.credentials.get("api_key")
    return None if found is None else found.value

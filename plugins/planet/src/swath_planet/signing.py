# SPDX-License-Identifier: Apache-2.0
"""How requests to Planet are signed: by a person's session, a machine's client or an API key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from attrs import frozen

from swath.auth import HeaderAuth, Token
from swath.errors import InputError
from swath.hookspecs import Context
from swath.models import CredentialField, KeptIn, LoginMethod, Secret, SettingField, Tell
from swath.oauth import BearerAuth, OAuth, OAuthClient, TokenPlace, session_tokens
from swath_planet.profiles import (
    AUDIENCE,
    BUILT_IN,
    M2M_SERVER,
    PLANET_USER,
    USER_SERVER,
    Profile,
    SessionFormat,
    load_profile,
    place_slug,
    session_place,
    user_profile,
    write_profile,
)

if TYPE_CHECKING:
    import httpx

__all__ = ["CREDENTIALS", "LOGINS", "SETTINGS", "HeldSession", "auth_for", "flows_for", "m2m_client", "signed_in"]

_OWN = frozenset({"keyring", "profile file"})
"""Sources that swath wrote itself: signing out ends these sessions, and no other tool's."""


@frozen(kw_only=True)
class HeldSession:
    """A session that a program holds, beside all files."""

    profile: Profile
    place: TokenPlace


class _SharedAuth(BearerAuth):
    """A session that another tool may use too: signing out here leaves it alone."""

    def sign_out(self) -> None:
        """Leave it."""


CREDENTIALS: Final = (
    CredentialField(
        name="auth_profile",
        env="PL_AUTH_PROFILE",
        title="Profile",
        help="a session in ~/.planet, as made by: swath auth login planet --device-code, or: planet auth login",
        secret=False,
        required=False,
        kept_in=(
            KeptIn(path="~/.planet.json", key="PL_AUTH_PROFILE"),
            KeptIn(path=f"~/.planet/{PLANET_USER}/token.json", value=PLANET_USER),
        ),
    ),
    CredentialField(
        name="client_id", env="PL_AUTH_CLIENT_ID", title="Client id", help="of a service account", secret=False,
        required=False,
    ),
    CredentialField(
        name="client_secret", env="PL_AUTH_CLIENT_SECRET", title="Client secret", help="shown once, when it was made",
        required=False,
    ),
    CredentialField(
        name="api_key",
        env="PL_API_KEY",
        title="API key",
        help="shown at https://www.planet.com/account/#/user-settings once you are signed in",
        required=False,
        kept_in=KeptIn(path="~/.planet.json", key="key"),
    ),
)  # fmt: skip

SETTINGS: Final = (
    SettingField(
        name="auth_server", env="SWATH_PLANET_AUTH_URL", title="Authorisation server, instead of Planet's own"
    ),
    SettingField(name="auth_scope", env="PL_AUTH_SCOPE", title="Scopes to ask for, separated by blanks"),
    SettingField(name="auth_audience", env="PL_AUTH_AUDIENCE", default=AUDIENCE, title="What tokens are for"),
)


# --- signing ---------------------------------------------------------------------------------------------------------


def auth_for(context: Context, held: HeldSession | None = None) -> httpx.Auth | None:
    """Say how the requests of an account are signed.

    Args:
        context: The account, with the credentials of one way to sign in.
        held: A session that the program holds itself.

    Raises:
        MissingCredentials: The profile does not exist.
    """
    if held is not None:
        return _session_auth(context, held.profile, held.place)
    named = context.credentials.get("auth_profile")
    if named is not None:
        profile = load_profile(named.value.reveal())
        return _session_auth(context, profile, session_place(profile.name))
    client_id = context.credentials.get("client_id")
    if client_id is not None:
        client = m2m_client(context, client_id.value.reveal(), context.secret("client_secret"))
        flows = OAuth(context, client, login="swath auth login planet --m2m", source=client_id.source)
        return BearerAuth(context, lambda _: flows.client_credentials())
    return HeaderAuth("Authorization", Secret(f"api-key {context.secret('api_key').strip()}"))


def _session_auth(context: Context, profile: Profile, place: TokenPlace) -> httpx.Auth | None:
    if profile.api_key is not None:
        return HeaderAuth("Authorization", Secret(f"{profile.prefix} {profile.api_key.reveal()}"))
    if profile.client is None:
        return None  # the profile says that nothing is signed
    flows = flows_for(context, profile)
    source = getattr(context.credentials.get("auth_profile"), "source", "")

    def fetch(old: Token | None) -> Token:
        return flows.client_credentials() if profile.machine else flows.refresh(old)

    tokens = session_tokens(context, place, SessionFormat())
    if source in _OWN:
        return BearerAuth(context, fetch, tokens=tokens, revoke=flows.revoke)
    return _SharedAuth(context, fetch, tokens=tokens)


def flows_for(context: Context, profile: Profile) -> OAuth:
    """Give the ways to a token for a profile."""
    assert profile.client is not None  # noqa: S101 - callers have looked
    where = "" if context.profile == "default" else f" --profile {context.profile}"
    login = f"swath auth login planet{where}"
    if profile != BUILT_IN.get(profile.name):
        login += f", or: planet auth login --auth-profile {profile.name}"
    return OAuth(context, profile.client, login=login, source=f"profile {profile.name}")


def m2m_client(context: Context, client_id: str, secret: str) -> OAuthClient:
    """Make the client of a service account."""
    return OAuthClient(
        server=context.settings.get("auth_server") or M2M_SERVER,
        client_id=client_id.strip(),
        client_secret=Secret(secret.strip()),
        scopes=context.settings.get("auth_scope", "").split(),
        audiences=context.settings.get("auth_audience", AUDIENCE).split(),
    )


# --- signing in ------------------------------------------------------------------------------------------------------


def signed_in(context: Context, held: HeldSession, token: Token) -> None:
    """Keep a session that has begun."""
    session_tokens(context, held.place, SessionFormat()).keep(token)


def _profile_for(context: Context, values: Mapping[str, str], *, browser: bool) -> Profile:
    """Give the profile that a sign-in is for: one that is named, one for a client of the user's, or Planet's own."""
    if values.get("auth_profile"):
        return load_profile(values["auth_profile"])
    server = context.settings.get("auth_server") or USER_SERVER
    scopes = tuple(context.settings.get("auth_scope", "").split())
    if values.get("client_id"):
        redirect = values.get("callback_url")
        name = values["client_id"].lower()
        return user_profile(
            name, client_id=values["client_id"], server=server, redirect_uri=redirect, browser=browser, scopes=scopes
        )
    if browser:
        raise InputError(
            "Planet's own client does not come back to this machine by itself",
            provider="planet",
            hint="name a client of yours by --with client_id=ID --with callback_url=http://127.0.0.1:PORT, "
            "or use --device-code, which opens the browser too",
        )
    name = PLANET_USER if context.profile == "default" else f"{PLANET_USER}-{context.profile}"
    if server != USER_SERVER:
        name += f"-{place_slug(server)}"
    return user_profile(name, server=server, scopes=scopes)


def _by_device(context: Context, values: Mapping[str, str], tell: Tell) -> Mapping[str, str]:
    profile = _profile_for(context, values, browser=False)
    if not profile.kind.startswith("oidc_device_code"):
        raise InputError(f"profile {profile.name!r} does not sign in by a device code", provider="planet")
    flows = flows_for(context, profile)
    code = flows.start_device()
    tell(code.verification_uri, code=code.user_code, complete=code.verification_uri_complete)
    return _kept(context, profile, flows.complete_device(code))


def _by_browser(context: Context, values: Mapping[str, str], tell: Tell) -> Mapping[str, str]:
    profile = _profile_for(context, values, browser=True)
    if not profile.kind.startswith("oidc_auth_code"):
        raise InputError(
            f"profile {profile.name!r} does not sign in by a browser that comes back",
            provider="planet",
            hint="use --device-code, which opens the browser too",
        )
    return _kept(context, profile, flows_for(context, profile).authorize(tell))


def _kept(context: Context, profile: Profile, token: Token) -> Mapping[str, str]:
    write_profile(profile)
    signed_in(context, HeldSession(profile=profile, place=session_place(profile.name)), token)
    return {"auth_profile": profile.name}


LOGINS: Final = (
    LoginMethod(
        name="device-code",
        title="approve a code at Planet's site, on this or any device",
        fields=("auth_profile",),
        takes=("client_id",),
        sign_in=_by_device,
    ),
    LoginMethod(
        name="browser",
        title="by a browser that comes back to this machine, with a client of your own",
        fields=("auth_profile",),
        takes=("client_id", "callback_url"),
        sign_in=_by_browser,
    ),
    LoginMethod(name="m2m", title="as a machine, with a client id and secret", fields=("client_id", "client_secret")),
    LoginMethod(name="api-key", title="with an API key", fields=("api_key",)),
)
"""In the sequence in which Planet's own SDK prefers them."""

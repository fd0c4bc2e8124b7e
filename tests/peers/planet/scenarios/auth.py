# SPDX-License-Identifier: Apache-2.0
"""Every way to sign in, with the sandbox's own authorisation server; what reads the user's files, at a home of its own."""

from __future__ import annotations

import json
import os
import urllib.parse
import urllib.request
from pathlib import Path

import planet
from planet import auth
from player import KEY, ROOT, play

HOME = Path(os.environ["HOME"])


def profile(name, **content):
    """Write a profile as the official program keeps it."""
    folder = HOME / ".planet" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "auth_client.json").write_text(json.dumps(content))


def kept_key():
    """Write a key to a file."""
    path = HOME / "kept.json"
    path.write_text(json.dumps({"key": KEY}))
    return path


def tokens():
    """Give the profiles that have a token."""
    return sorted(one.parent.name for one in HOME.glob(".planet/*/token.json"))


def approve(user_code):
    """Do what a person does in the browser."""
    body = urllib.parse.urlencode({"user_code": user_code, "answer": "yes"}).encode()
    with urllib.request.urlopen(f"{ROOT}/auth/activate", data=body, timeout=20) as answer:
        answer.read()


async def listed(who):
    """List orders; says how many there are."""
    async with planet.Session(auth=who) as session:
        return len([one async for one in session.client("orders", f"{ROOT}/compute/ops").list_orders()])


async def keys(seen):
    """API keys, from everywhere."""
    await seen("key", listed, planet.Auth.from_key(KEY))
    await seen.fails("wrong key", listed, planet.Auth.from_key("wrong"))
    seen.refused("empty key", planet.Auth.from_key, "")
    seen.refused("no key", planet.Auth.from_key, key=None)
    seen.refused("no variable", planet.Auth.from_env)
    os.environ["MY_KEY"] = os.environ["PL_API_KEY"] = KEY
    await seen("key of a variable", listed, seen.made(planet.Auth.from_env, "MY_KEY"))
    await seen("key of the usual variable", listed, seen.made(planet.Auth.from_env))
    await seen("key of the default session", listed, seen.made(planet.Auth.from_user_default_session))
    await seen("key of no session", listed, None)
    seen.note("ready with a key", seen.made(planet.Auth.from_key(KEY).is_initialized))
    seen.now("ensured with a key", planet.Auth.from_key(KEY).ensure_initialized)
    del os.environ["MY_KEY"], os.environ["PL_API_KEY"]
    (HOME / ".planet.json").write_text(json.dumps({"key": KEY}))
    await seen("key of the usual file", listed, seen.made(planet.Auth.from_file))
    await seen("key of a file", listed, seen.made(planet.Auth.from_file, filename=kept_key()))


async def machines(seen):
    """Client credentials."""
    server = f"{ROOT}/auth/"
    kind = "oidc_client_credentials_secret"
    common = {"auth_server": server, "client_id": "sandbox-m2m", "audiences": ["https://api.planet.com/"], "scopes": []}
    profile("machine", client_type=kind, client_secret="sandbox-m2m-secret", **common)
    profile("stranger", client_type=kind, client_secret="wrong", **common)
    profile("nobody", client_type="none")
    await seen("machine", listed, seen.made(planet.Auth.from_profile, "machine"))
    await seen(
        "machine that keeps nothing",
        listed,
        seen.made(planet.Auth.from_profile, "Machine", save_state_to_storage=False),
    )
    os.environ["PL_AUTH_PROFILE"] = "machine"
    await seen("machine of the default session", listed, seen.made(planet.Auth.from_user_default_session))
    del os.environ["PL_AUTH_PROFILE"]
    seen.note("tokens kept", tokens())
    await seen.fails("machine with a wrong secret", listed, seen.made(planet.Auth.from_profile, "stranger"))
    await seen.fails("nobody", listed, seen.made(planet.Auth.from_profile, "nobody"))
    seen.refused("no such profile", planet.Auth.from_profile, "nothing-here")
    made = seen.made(planet.Auth.from_oauth_m2m, "id", "secret", requested_scopes=[], save_state_to_storage=False)
    seen.note("machine by id", made.is_initialized())


async def people(seen):
    """A code for another device."""
    scopes = [planet.PlanetOAuthScopes.PLANET, planet.PlanetOAuthScopes.OFFLINE_ACCESS]
    profile("person", client_type="oidc_device_code", auth_server=f"{ROOT}/auth/", client_id="sandbox-person",
            scopes=scopes, audiences=["https://api.planet.com/"])  # fmt: skip
    who = seen.made(planet.Auth.from_profile, "person")
    seen.note("not yet", who.is_initialized())
    seen.refused("not ensured yet", who.ensure_initialized, allow_open_browser=False, allow_tty_prompt=False)
    begun = seen.made(who.device_user_login_initiate)
    seen.note("begun", sorted(begun))
    approve(begun["user_code"])
    seen.made(who.device_user_login_complete, login_initialization_info=begun)
    seen.note("now", who.is_initialized())
    await seen("person", listed, who)
    await seen("person again", listed, seen.made(planet.Auth.from_profile, "person"))
    for name, make in {
        "device": lambda: seen.made(planet.Auth.from_oauth_user_device_code, "id", scopes, save_state_to_storage=False),
        "browser": lambda: seen.made(
            planet.Auth.from_oauth_user_auth_code,
            "id",
            "http://localhost:8080",
            requested_scopes=scopes,
            save_state_to_storage=False,
        ),
    }.items():
        seen.note(f"{name} by id", make().is_initialized())
    seen.refused("key begins no sign-in", planet.Auth.from_key(KEY).device_user_login_initiate)
    profile("quick", client_type="oidc_device_code", auth_server=f"{ROOT}/auth/", client_id="sandbox-auto-person",
            scopes=scopes, audiences=["https://api.planet.com/"])  # fmt: skip
    quick = seen.made(planet.Auth.from_profile, "quick")
    seen.made(quick.user_login, allow_open_browser=False, allow_tty_prompt=True)
    await seen("quick person", listed, quick)


def gone(seen):
    """What older versions had."""
    old = planet.Auth.from_key(KEY)
    for name, call in {
        "from_login": lambda: seen.made(planet.Auth.from_login, "a@example.org", "word"),
        "from_dict": lambda: seen.made(planet.Auth.from_dict, {}),
        "to_dict": lambda: seen.made(old.to_dict),
        "store": lambda: seen.made(old.store),
        "value": lambda: old.value,
    }.items():
        try:
            call()
        except DeprecationWarning:
            seen.note(f"gone {name}", "DeprecationWarning")
    seen.note("errors", issubclass(auth.APIKeyAuthException, planet.exceptions.PlanetError))


async def scenario(seen):
    """Run all of it."""
    await keys(seen)
    await machines(seen)
    await people(seen)
    gone(seen)


if __name__ == "__main__":
    play(scenario, planet.exceptions)

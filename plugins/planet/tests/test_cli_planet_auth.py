# SPDX-License-Identifier: Apache-2.0
"""``swath planet auth``: sessions, profiles, keys and tokens, against the stand-in's authorisation server."""

from __future__ import annotations

import json

import pytest

USER = {"client_type": "oidc_device_code", "client_id": "sandbox-auto-user", "scopes": ["planet", "offline_access"]}
MACHINE = {"client_type": "oidc_client_credentials_secret", "client_id": "sandbox-m2m", "scopes": [],
           "client_secret": "sandbox-m2m-secret"}  # fmt: skip
SEARCH = ["data", "search", "PSScene", "--limit", "1"]


@pytest.fixture
def auth(swath_planet, cli_box, monkeypatch, tmp_path):
    """Run commands with no account but two profiles that may be signed in to: auto and robot."""
    monkeypatch.delenv("PL_API_KEY")
    for name, held in {"auto": USER, "robot": MACHINE}.items():
        folder = tmp_path / ".planet" / name
        folder.mkdir(parents=True, mode=0o700)
        (tmp_path / ".planet").chmod(0o700)
        path = folder / "auth_client.json"
        path.touch(mode=0o600)
        server = cli_box.env["SWATH_PLANET_AUTH_URL"]
        path.write_text(json.dumps({**held, "auth_server": server, "audiences": ["https://api.planet.com/"]}))
    return swath_planet


def test_profiles_are_listed_without_their_secrets(auth):
    told = auth("auth", "profile", "list", "--long")

    assert auth("auth", "profile", "list").json == ["auto", "planet-user", "robot"]
    assert told.json["robot"]["client_id"] == "sandbox-m2m"
    assert "sandbox-m2m-secret" not in told.out
    assert auth("auth", "profile", "show").json == {"current": None, "default": None, "built_in": "planet-user"}


def test_signing_in_keeps_a_session_that_the_default_profile_uses(auth, tmp_path):
    first = auth("auth", "login", "--auth-profile", "auto", "--no-open-browser", "--no")
    assert first.code == 0
    assert auth(*SEARCH).code == 3
    second = auth("auth", "login", "--auth-profile", "auto", "--no-open-browser", "--yes")
    token = auth("auth", "print-access-token").out.strip()

    assert "enter the code" in first.err
    assert "swath planet auth profile set auto" in first.err
    assert "auto is the default profile now" in second.err
    assert auth("auth", "profile", "show").json["current"] == "auto"
    assert len(auth(*SEARCH).lines) == 1
    assert token.count(".") == 2
    assert auth("auth", "refresh", "--scope", "planet").code == 0
    renewed = auth("auth", "print-access-token", "--no-refresh").out.strip()
    assert renewed not in {"", token}
    assert (tmp_path / ".planet" / "auto" / "token.json").stat().st_mode & 0o777 == 0o600
    assert auth("auth", "print-api-key").code == 3


def test_reset_puts_files_aside(auth, tmp_path):
    auth("auth", "login", "--auth-profile", "auto", "--no-open-browser", "--yes")

    told = auth("auth", "reset")

    assert told.code == 0
    assert (tmp_path / ".planet.json.old").exists()
    assert (tmp_path / ".planet" / "auto" / "token.json.old").exists()
    assert auth(*SEARCH).code == 3


@pytest.mark.parametrize(
    "words",
    [
        ["--auth-profile", "robot"],
        ["--auth-client-id", "sandbox-m2m", "--auth-client-secret", "sandbox-m2m-secret"],
        ["--auth-api-key", "sandbox-planet-key"],
    ],
)
def test_account_can_be_named_before_any_command(auth, words):
    told = auth(*words, *SEARCH)

    assert len(told.lines) == 1
    assert "Warning" not in told.err
    is_key = "--auth-api-key" in words
    assert auth(*words, "auth", "print-access-token").code == (3 if is_key else 0)
    assert auth(*words, "auth", "print-api-key").code == (0 if is_key else 3)
    assert auth(*words, "auth", "refresh").code == (2 if is_key else 0)


def test_profile_before_login_is_the_one_that_is_signed_in_to(auth):
    told = auth("--auth-profile", "robot", "auth", "login", "-n")

    assert told.code == 0
    assert "Signed in to the profile robot" in told.err


@pytest.mark.parametrize(
    "words",
    [
        ["--auth-api-key", "sandbox-planet-key"],
        ["--auth-client-id", "sandbox-m2m", "--auth-client-secret", "sandbox-m2m-secret"],
    ],
)
def test_key_and_client_are_kept_by_swath(auth, words, tmp_path):
    kept = auth("auth", "login", *words)

    assert kept.code == 0
    assert words[-1] not in kept.out + kept.err
    assert len(auth(*SEARCH).lines) == 1
    assert (tmp_path / "swath" / "credentials.json").exists()
    assert auth("auth", "reset").code == 0
    assert auth(*SEARCH).code == 3


def test_wrong_key_is_not_kept(auth):
    told = auth("auth", "login", "--auth-api-key", "canary-wrong-key")

    assert told.code == 3
    assert "canary-wrong-key" not in told.err
    assert auth("auth", "print-api-key").code == 3


def test_copied_profile_has_no_session(auth, tmp_path):
    auth("auth", "login", "--auth-profile", "auto", "--no-open-browser", "--yes")

    assert auth("auth", "profile", "copy", "auto", "Other").code == 0
    assert auth("auth", "profile", "copy", "planet-user", "mine").code == 0
    assert auth("auth", "profile", "list").json == ["auto", "mine", "other", "planet-user", "robot"]
    assert not (tmp_path / ".planet" / "other" / "token.json").exists()
    assert auth("auth", "profile", "copy", "auto", "other").code == 2
    assert auth("auth", "profile", "set", "other").code == 0
    assert auth("auth", "profile", "show").json["default"] == "other"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["auth", "login", "--sops"], 2, "SOPS"),
        (["auth", "profile", "set"], 2, "name one of: auto, planet-user, robot"),
        (["auth", "profile", "set", "nothing"], 3, "no profile 'nothing'"),
        (["auth", "profile", "copy", "auto", "a/b"], 2, "a/b"),
        (["--auth-profile", "nothing", *SEARCH], 3, "no profile 'nothing'"),
        (["auth", "print-access-token"], 3, "swath auth login planet"),
    ],
)
def test_what_cannot_be_is_said(auth, words, code, said):
    told = auth(*words)

    assert told.code == code
    assert said in told.err
    assert told.out == ""

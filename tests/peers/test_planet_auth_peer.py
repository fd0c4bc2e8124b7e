# SPDX-License-Identifier: Apache-2.0
"""Planet's official command line signs in at the stand-in, unchanged; it and swath use one session by turns."""

from __future__ import annotations

import base64
import json
import threading
import time
import urllib.parse
import urllib.request

import pytest

import swath
from swath.sandbox import Interception, Sandbox, World

pytestmark = pytest.mark.peers

USER = {"client_type": "oidc_device_code", "client_id": "sandbox-auto-user",
        "scopes": ["planet", "offline_access", "openid"]}  # fmt: skip
MACHINE = {"client_type": "oidc_client_credentials_secret", "client_id": "sandbox-m2m", "scopes": [],
           "client_secret": "sandbox-m2m-secret"}  # fmt: skip
LOGIN = ("auth", "login", "--no-open-browser", "--yes")


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(["planet"], world=World(speed=1000, rate_limits=False)) as running:
        yield running


@pytest.fixture
def server(sandbox):
    sandbox.log.clear()
    return sandbox.providers["planet"]


@pytest.fixture
def official(peer):
    return peer("planet")


@pytest.fixture
def profile(official, server):
    def made(name, kind):
        folder = official.home / ".planet" / name
        folder.mkdir(parents=True)
        held = {"auth_server": f"{server.base_url}/auth/", "audiences": ["https://api.planet.com/"], **kind}
        (folder / "auth_client.json").write_text(json.dumps(held))
        return folder / "token.json"

    return made


@pytest.fixture
def ours(official, server, tmp_path, monkeypatch):
    """Let swath be at home where the official tool is."""
    for name in ("PL_API_KEY", "PL_AUTH_PROFILE", "PL_AUTH_CLIENT_ID", "PL_AUTH_CLIENT_SECRET", "SWATH_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(official.home))
    monkeypatch.setenv("SWATH_HOME", str(tmp_path / "swath"))
    monkeypatch.setenv("SWATH_PLANET_URL", server.base_url)


def run(official, *arguments, env=None):
    done = official.run("planet_signing_in.py", "cli", *arguments, env=env)
    assert done["code"] == 0, done["err"]
    return done


def end(path):
    """Let a kept token be over; the official tool judges by the claims in it, if it has any."""
    held = json.loads(path.read_text())
    now = int(time.time())
    times = {"iat": now - 7200, "exp": now - 3600}
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({"alg": "RS256"}, times)
    ]
    token = ".".join([*parts, "c2lnbmVk"])
    path.write_text(json.dumps({**held, "access_token": token, "_iat": times["iat"], "_exp": times["exp"]}))


@pytest.mark.parametrize("name", ["person", "robot"])
def test_official_cli_signs_in_and_is_let_in(official, server, profile, assert_healthy, name):
    kind = {"person": USER, "robot": MACHINE}[name]
    path = profile(name, kind)

    run(official, *LOGIN, "--auth-profile", name)
    run(official, "--auth-profile", name, "orders", "-u", f"{server.base_url}/compute/ops", "list")
    by_sdk = official.run("planet_signing_in.py", "search", server.base_url)

    assert by_sdk["ready"] is True
    assert json.loads((official.home / ".planet.json").read_text()) == {"PL_AUTH_PROFILE": name}
    assert path.exists()
    assert_healthy(server.log)
    signed = server.log.entries(path="^/(data|compute)/")
    assert {entry.headers["authorization"] for entry in signed} == {"Bearer <redacted>"}
    assert [entry.status for entry in signed] == [200, 200]


def test_official_tools_check_what_the_stand_in_signed(official, server, profile):
    profile("person", USER)
    run(official, *LOGIN, "--auth-profile", "person")
    env = {"PL_AUTH_PROFILE": "person"}

    for check in (
        "validate-access-token-local",
        "validate-id-token-local",
        "userinfo",
        "refresh",
        "revoke-refresh-token",
    ):
        run(official, "plauth", "oauth", check, env=env)
    refused = official.run("planet_signing_in.py", "cli", "auth", "refresh", env=env)

    assert refused["code"] != 0


def test_one_session_serves_both_by_turns(official, server, profile, ours):
    path = profile("person", USER)
    run(official, *LOGIN, "--auth-profile", "person")
    refreshes = []
    for _ in range(2):
        end(path)
        with swath.open("planet") as planet:
            planet.authenticate()
        refreshes.append(json.loads(path.read_text())["refresh_token"])
        end(path)
        official.run("planet_signing_in.py", "search", server.base_url, "person")
        refreshes.append(json.loads(path.read_text())["refresh_token"])

    assert len(set(refreshes)) == 4
    assert not [entry for entry in server.log if (entry.status or 0) >= 400]


def test_official_cli_waits_for_a_person(official, server, profile):
    profile("person", {**USER, "client_id": "asks-a-person"})
    done = []
    thread = threading.Thread(target=lambda: done.append(run(official, *LOGIN, "--auth-profile", "person")))
    thread.start()
    while thread.is_alive() and not server.log.entries(method="POST", path="/device/code$"):
        thread.join(0.05)
    approve(server)
    thread.join(60)

    assert done
    assert server.log.entries(path="/oauth/token$")[-1].status == 200


def approve(server):
    """Approve every code that is waiting, as a person would at the stand-in's page."""
    form = urllib.parse.urlencode({"user_code": "*"}).encode()
    with urllib.request.urlopen(f"{server.base_url}/auth/activate", data=form, timeout=10) as answer:
        assert answer.status == 200


def test_official_cli_signs_in_at_its_own_addresses(official, sandbox, server):
    with Interception(sandbox) as proxy:
        env = {**proxy.env, "PL_AUTH_CLIENT_ID": "sandbox-m2m", "PL_AUTH_CLIENT_SECRET": "sandbox-m2m-secret"}
        run(official, *LOGIN, env=env)
        run(official, "orders", "list", env=env)

    hosts = {entry.headers["host"] for entry in server.log}
    assert hosts == {"services.sentinel-hub.com", "api.planet.com"}
    assert not [entry for entry in server.log if (entry.status or 0) >= 400]

# SPDX-License-Identifier: Apache-2.0
"""Signing in to Planet: by session, machine and key, from every place they are kept; against the stand-in."""

import base64
import contextlib
import io
import json
import logging
import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import httpx
import pytest

import swath
from swath._cli import main
from swath._open import make_provider
from swath.errors import (
    ExpiredCredentials,
    InputError,
    InvalidCredentials,
    MissingCredentials,
    NotEntitled,
    NotSupported,
    SwathError,
)
from swath.native import close_context, open_context
from swath.sandbox import Sandbox, World
from swath.testing.subject import BoxClock
from swath_planet.auth import APIKeyAuthException, Auth, AuthException, PlanetOAuthScopes
from swath_planet.exceptions import ClientError
from swath_planet.provider import PlanetProvider

SCENES = {"collections": ["PSScene"], "bbox": [5.4, 52.4, 5.6, 52.6], "datetime": "2026-06-01/2026-06-10"}
USER = {"client_type": "oidc_device_code", "client_id": "sandbox-auto-user", "scopes": ["planet", "offline_access"]}
MACHINE = {"client_type": "oidc_client_credentials_secret", "client_id": "sandbox-m2m", "scopes": [],
           "client_secret": "sandbox-m2m-secret"}  # fmt: skip


@pytest.fixture(scope="module")
def box():
    with Sandbox(["planet"], world=World(speed=1000, rate_limits=False)) as running:
        yield running


@pytest.fixture
def server(box):
    box.faults.clear()
    box.log.clear()
    return box.providers["planet"]


@pytest.fixture
def home(server, tmp_path, monkeypatch):
    """An empty home folder, and an environment that knows where the stand-in is and no more."""
    for name in list(os.environ):
        if name.startswith(("PL_", "SWATH_")):
            monkeypatch.delenv(name)
    made = tmp_path / "home"
    made.mkdir()
    for name, value in {"HOME": made, "SWATH_HOME": tmp_path / "swath", "SWATH_KEYRING": "0",
                        "SWATH_PLANET_URL": server.base_url, "NO_PROXY": "127.0.0.1",
                        "SWATH_PLANET_AUTH_URL": f"{server.base_url}/auth/"}.items():  # fmt: skip
        monkeypatch.setenv(name, str(value))
    return made


@pytest.fixture
def profile(home, server):
    """Make a profile as Planet's own command line writes it."""

    def made(name, kind, **changes):
        folder = home / ".planet" / name
        folder.mkdir(parents=True, exist_ok=True)
        held = {"auth_server": f"{server.base_url}/auth/", "audiences": ["https://api.planet.com/"], **kind, **changes}
        (folder / "auth_client.json").write_text(json.dumps(held))
        return folder / "token.json"

    return made


def begin(server, path, client_id="sandbox-auto-user"):
    """Begin a session at the stand-in and keep it as Planet's own command line does."""
    form = {"client_id": client_id, "scope": "planet offline_access", "audience": "https://api.planet.com/"}
    code = httpx.post(f"{server.base_url}/auth/oauth/device/code", data=form).json()
    grant = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "client_id": client_id}
    token = httpx.post(f"{server.base_url}/auth/oauth/token", data={**grant, "device_code": code["device_code"]}).json()
    now = int(server.world.clock.now().timestamp())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**token, "_iat": now, "_exp": now + token["expires_in"], "note": "kept"}))
    path.chmod(0o600)
    server.log.clear()
    return token


def end(path):
    """Let a kept token be over, by every clock."""
    held = json.loads(path.read_text())
    now = int(time.time())
    path.write_text(json.dumps({**held, "_iat": now - 7200, "_exp": now - 3600}))


def found(**given):
    with swath.open("planet", **given) as planet:
        return len(list(planet.search(**SCENES, max_items=2).items()))


def tokens_asked(server):
    return [dict(urllib.parse.parse_qsl(entry.body)) if isinstance(entry.body, str) else entry.body
            for entry in server.log.entries(method="POST", path="/token$")]  # fmt: skip


# --- which of them is used -------------------------------------------------------------------------------------------


CASES = {
    "argument profile": ({"auth_profile": "p"}, {}, "auth_profile", "argument"),
    "argument machine": ({"client_id": "c", "client_secret": "s", "api_key": "k"}, {}, "client_id", "argument"),
    "argument key over all of the environment": (
        {"api_key": "k"}, {"PL_AUTH_PROFILE": "e", "PL_AUTH_CLIENT_ID": "c", "PL_AUTH_CLIENT_SECRET": "s"},
        "api_key", "argument",
    ),
    "environment profile": (
        {}, {"PL_AUTH_PROFILE": "e", "PL_AUTH_CLIENT_ID": "c", "PL_AUTH_CLIENT_SECRET": "s", "PL_API_KEY": "k"},
        "auth_profile", "environment PL_AUTH_PROFILE",
    ),
    "environment machine": (
        {}, {"PL_AUTH_CLIENT_ID": "c", "PL_AUTH_CLIENT_SECRET": "s", "PL_API_KEY": "k"},
        "client_id", "environment PL_AUTH_CLIENT_ID",
    ),
    "half a machine counts for nothing": (
        {}, {"PL_AUTH_CLIENT_ID": "c", "PL_API_KEY": "k"}, "api_key", "environment PL_API_KEY",
    ),
    "configured profile": ({}, {}, "auth_profile", "~/.planet.json"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_p24_the_way_to_sign_in_that_is_nearest_to_the_caller_is_used(home, profile, monkeypatch, name):
    given, environment, field, source = CASES[name]
    (home / ".planet.json").write_text(json.dumps({"PL_AUTH_PROFILE": "configured", "key": "old-key"}))
    for one in ("p", "e", "configured"):
        profile(one, USER)
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)

    context = open_context("planet", plugin=PlanetProvider(), **given)
    try:
        assert context.credentials[field].source == source
    finally:
        close_context(context)


def test_p24_the_key_of_older_tools_and_the_session_of_the_official_one_are_found_last(home, server):
    (home / ".planet.json").write_text(json.dumps({"key": "sandbox-planet-key"}))
    assert found() == 2

    begin(server, home / ".planet" / "planet-user" / "token.json")
    context = open_context("planet", plugin=PlanetProvider())
    try:
        assert context.credentials["auth_profile"].source == "~/.planet/planet-user/token.json"
    finally:
        close_context(context)


def test_p24_another_account_of_swath_is_not_that_of_other_tools(home):
    (home / ".planet.json").write_text(json.dumps({"key": "sandbox-planet-key"}))

    with pytest.raises(MissingCredentials, match="--profile work"):
        swath.open("planet", profile="work")


def test_p29_nothing_found_names_every_way(home):
    with pytest.raises(MissingCredentials) as caught:
        swath.open("planet")

    for word in ("PL_AUTH_PROFILE", "PL_AUTH_CLIENT_ID and PL_AUTH_CLIENT_SECRET", "PL_API_KEY", "auth login planet"):
        assert word in str(caught.value)


def test_unreadable_files_of_other_tools_are_passed_over(home, caplog):
    (home / ".planet.json").write_text('{"key": "canary-key-in-broken-file')

    with pytest.raises(MissingCredentials) as caught:
        swath.open("planet")

    assert "~/.planet.json" in caplog.text
    assert "canary" not in caplog.text + str(caught.value)


@pytest.mark.parametrize(
    ("kind", "error", "word"),
    [
        ({"client_type": "oidc_client_credentials_pubkey"}, NotSupported, "pubkey"),
        ({"client_type": "planet_legacy"}, NotSupported, "legacy"),
        ({}, SwathError, "auth_client.json"),
        (None, MissingCredentials, "does not exist"),
    ],
)
def test_profiles_that_cannot_be_used_say_why(home, profile, kind, error, word):
    if kind is not None:
        profile("odd", kind)

    with pytest.raises(error, match=word):
        swath.open("planet", auth_profile="odd")


@pytest.mark.parametrize("name", ["a/b", "..", "", "a\\b"])
def test_profile_names_cannot_leave_their_folder(home, name):
    with pytest.raises(InputError):
        Auth.from_profile(name)


# --- sessions --------------------------------------------------------------------------------------------------------


def test_session_of_the_official_tool_is_used_and_written_back_as_it_was(home, server, box, profile):
    path = profile("mine", USER)
    first = begin(server, path)
    assert found(auth_profile="mine") == 2
    assert tokens_asked(server) == []
    end(path)

    assert found(auth_profile="MINE") == 2

    after = json.loads(path.read_text())
    assert len(tokens_asked(server)) == 1
    assert after["refresh_token"] != first["refresh_token"]
    assert after["note"] == "kept"
    assert after["_exp"] - after["_iat"] == after["expires_in"] == 3600
    assert path.stat().st_mode & 0o777 == 0o600


def test_p16_session_lasts_while_the_stand_ins_clock_runs_away(home, server, box, profile, tmp_path):
    path = profile("mine", USER)
    begin(server, path)
    with make_provider("planet", profile="p", given={"auth_profile": "mine"}, clock=BoxClock(box.clock),
                       home=tmp_path / "swath") as planet:  # fmt: skip
        for _ in range(3):
            assert len(list(planet.search(**SCENES, max_items=1).items())) == 1
            box.clock.advance(3700)

    refused = [entry for entry in server.log.entries() if entry.status == 401]
    assert refused == []
    assert len(tokens_asked(server)) == 2


def test_p16_token_that_the_provider_no_longer_takes_is_renewed_once(home, server, profile):
    path = profile("mine", USER)
    token = begin(server, path)
    broken = {**json.loads(path.read_text()), "access_token": token["access_token"][:-4] + "AAAA"}
    path.write_text(json.dumps(broken))

    assert found(auth_profile="mine") == 2

    assert [entry.status for entry in server.log.entries(path="quick-search")] == [401, 200]
    assert len(tokens_asked(server)) == 1


def test_p30_session_that_was_ended_elsewhere_says_to_sign_in_again(home, server, profile):
    path = profile("mine", USER)
    token = begin(server, path)
    httpx.post(f"{server.base_url}/auth/oauth/revoke", data={"token": token["refresh_token"]})

    with pytest.raises(ExpiredCredentials) as caught:
        found(auth_profile="mine")

    assert "swath auth login planet" in caught.value.hint
    assert "planet auth login --auth-profile mine" in caught.value.hint
    assert token["refresh_token"] not in str(caught.value) + repr(caught.value.__dict__)


def test_profile_that_nobody_signed_in_to_sends_nothing(home, server, profile):
    profile("mine", USER)

    with pytest.raises(MissingCredentials, match="auth login"):
        found(auth_profile="mine")

    assert server.log.entries(path="^/data/") == []


def test_session_that_is_not_to_be_saved_leaves_the_file_alone(home, server, profile):
    path = profile("mine", USER)
    begin(server, path)
    end(path)
    before = path.read_bytes()
    auth = Auth.from_profile("mine", save_state_to_storage=False)

    for _ in range(2):
        auth.ensure_initialized()

    assert path.read_bytes() == before
    assert len(tokens_asked(server)) == 1


PROCESS = """
import sys, swath
with swath.open("planet", auth_profile=sys.argv[1]) as planet:
    sys.stdin.readline()
    print(len(list(planet.search(collections=["PSScene"], bbox=[5.4, 52.4, 5.6, 52.6], max_items=1).items())))
"""


def test_p17_threads_and_processes_renew_a_shared_session_once(home, server, profile):
    path = profile("mine", USER)
    begin(server, path)
    end(path)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, "mine"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    counts = []
    with swath.open("planet", auth_profile="mine") as planet:

        def look():
            counts.append(len(list(planet.search(**SCENES, max_items=1).items())))

        threads = [threading.Thread(target=look) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [process.communicate(timeout=60)[0].strip() for process in processes] == ["1", "1"]

    assert counts == [1] * 4
    assert len(tokens_asked(server)) == 1
    assert not [entry for entry in server.log.entries() if entry.status in {401, 403}]


# --- machines and keys -----------------------------------------------------------------------------------------------


def test_machine_fetches_one_token_for_all_that_follows(home, server):
    given = {"client_id": "sandbox-m2m", "client_secret": "sandbox-m2m-secret"}

    assert found(**given) == 2
    assert found(**given) == 2

    assert len(tokens_asked(server)) == 1
    assert not (home / ".planet").exists()


def test_machine_of_a_profile(home, server, profile):
    path = profile("robot", MACHINE)

    assert found(auth_profile="robot") == 2

    assert json.loads(path.read_text())["token_type"] == "Bearer"


def test_p30_machine_with_a_wrong_secret(home, server, caplog):
    caplog.set_level(logging.DEBUG)
    with pytest.raises(InvalidCredentials) as caught:
        found(client_id="sandbox-m2m", client_secret="canary-wrong-secret")

    assert "invalid_client" in str(caught.value)
    assert "canary" not in str(caught.value) + repr(caught.value.__dict__) + caplog.text


def test_machine_that_may_only_search(home, server):
    given = {"client_id": "sandbox-m2m-viewer", "client_secret": "sandbox-m2m-secret"}
    with swath.open("planet", **given) as planet:
        items = list(planet.search(**SCENES, max_items=1).items_as_dicts())
        with pytest.raises(NotEntitled):
            planet.order(items, bundle="visual")


def test_profile_with_a_key_and_profile_without_anything(home, profile, server):
    profile("key", {"client_type": "static_apikey", "api_key": "sandbox-planet-key", "bearer_token_prefix": "api-key"})
    profile("open", {"client_type": "none"})

    assert found(auth_profile="key") == 2
    with pytest.raises(InvalidCredentials):
        found(auth_profile="open")


# --- Auth, under the SDK's names -------------------------------------------------------------------------------------


def test_keys_under_the_names_of_the_sdk(home, server, monkeypatch, tmp_path):
    monkeypatch.setenv("PL_API_KEY", "sandbox-planet-key")
    monkeypatch.setenv("MY_KEY", "sandbox-planet-key")
    file = tmp_path / "key.json"
    file.write_text(json.dumps({"key": "sandbox-planet-key"}))

    for auth in (Auth.from_key("sandbox-planet-key"), Auth.from_env(), Auth.from_env("MY_KEY"), Auth.from_file(file)):
        assert auth.is_initialized()
        auth.ensure_initialized()
        auth.user_login()
        assert "sandbox-planet-key" not in repr(auth) + repr(auth.options())
        assert found(**auth.options()) == 2


@pytest.mark.parametrize(
    "make",
    [
        lambda: Auth.from_key(""),
        lambda: Auth.from_key(None),
        lambda: Auth.from_env("NO_SUCH_VARIABLE"),
        Auth.from_env,
        lambda: Auth.from_file("no-such-file.json"),
        lambda: Auth.from_oauth_m2m("", ""),
        lambda: Auth.from_profile("no-such-profile"),
    ],
)
def test_what_is_missing_is_said_at_once(home, make):
    with pytest.raises(MissingCredentials):
        make()


def test_errors_have_the_names_of_the_sdk():
    assert issubclass(APIKeyAuthException, AuthException)
    assert PlanetOAuthScopes.OFFLINE_ACCESS == "offline_access"


@pytest.mark.parametrize(
    "call",
    [
        lambda: Auth.from_login("me@example.org", "password"),
        lambda: Auth.from_dict({}),
        lambda: Auth.from_key("k").to_dict(),
        lambda: Auth.from_key("k").store(),
        lambda: Auth.from_key("k").value,
    ],
)
def test_what_is_gone_from_the_sdk_is_gone_here(call):
    with pytest.raises(DeprecationWarning, match="deprecated"):
        call()


def test_default_session_follows_the_sdks_own_sequence(home, server, profile, monkeypatch):
    auth = Auth.from_user_default_session()
    assert not auth.is_initialized()
    monkeypatch.setenv("PL_API_KEY", "sandbox-planet-viewer")
    assert auth.options() == {}
    assert auth.is_initialized()
    begin(server, profile("configured", USER))
    (home / ".planet.json").write_text(json.dumps({"PL_AUTH_PROFILE": "configured"}))

    assert auth.options() == {"auth_profile": "configured"}
    monkeypatch.setenv("PL_AUTH_PROFILE", "other")
    assert auth.options() == {"auth_profile": "other"}


def test_device_login_in_two_steps(home, server):
    auth = Auth.from_oauth_user_device_code("Sandbox-Auto-App", profile_name="App")
    assert not auth.is_initialized()

    started = auth.device_user_login_initiate()
    auth.device_user_login_complete({**started, "interval": 0})

    assert started["verification_uri_complete"].endswith(started["user_code"])
    assert auth.is_initialized()
    folder = home / ".planet" / "app"
    assert json.loads((folder / "auth_client.json").read_text())["client_id"] == "Sandbox-Auto-App"
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir() if path.suffix == ".json"} == {0o600}
    assert found(**Auth.from_profile("app").options()) == 2


class Storage:
    def __init__(self):
        self.held = {}

    def load_obj(self, key):
        return self.held[str(key)]

    def save_obj(self, key, data):
        self.held[str(key)] = data

    def obj_exists(self, key):
        return str(key) in self.held


def test_sessions_in_memory_and_in_an_applications_storage_touch_no_file(home, server):
    storage = Storage()
    kept = Auth.from_oauth_user_device_code("sandbox-auto-app", storage_provider=storage)
    held = Auth.from_oauth_user_device_code("sandbox-auto-app", save_state_to_storage=False)
    robot = Auth.from_oauth_m2m("sandbox-m2m", "sandbox-m2m-secret", save_state_to_storage=False)
    for auth in (kept, held):
        auth.device_user_login_complete({**auth.device_user_login_initiate(), "interval": 0})

    for auth in (kept, held, robot):
        auth.ensure_initialized()
        context = open_context("planet", **auth.options())
        assert context.http.request("GET", f"{server.base_url}/data/v1/item-types").status_code == 200
        close_context(context)

    assert list(storage.held) == [".planet/sandbox-auto-app/token.json"]
    assert list(home.iterdir()) == []


def browse(url):
    """Do what a browser does where the server asks nobody."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.status


def test_browser_login_comes_back_to_this_machine(home, server, monkeypatch):
    monkeypatch.setattr("webbrowser.open", lambda url: threading.Thread(target=browse, args=(url,)).start())
    auth = Auth.from_oauth_user_auth_code("sandbox-auto-app", "http://127.0.0.1")

    with pytest.raises(ClientError, match="neither"):
        auth.user_login()
    auth.user_login(allow_open_browser=True)

    assert auth.is_initialized()
    assert found(**Auth.from_profile("sandbox-auto-app").options()) == 2
    with pytest.raises(ClientError, match="Device login"):
        auth.device_user_login_initiate()


def test_ensure_initialized_signs_in_anew_only_if_allowed(home, server, capsys):
    auth = Auth.from_oauth_user_device_code("sandbox-auto-app")
    with pytest.raises(MissingCredentials):
        auth.ensure_initialized()

    auth.ensure_initialized(allow_tty_prompt=True)

    assert auth.is_initialized()
    assert "enter the code" in capsys.readouterr().err


# --- the command line ------------------------------------------------------------------------------------------------


class Done:
    """How a command ended."""

    def __init__(self, code, out, err):
        self.returncode, self.stdout, self.stderr = code, out, err


@pytest.fixture
def run(monkeypatch):
    """Run a command without a person at the terminal."""

    def ran(*arguments, given=""):
        monkeypatch.setattr(sys, "stdin", io.StringIO(given))
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main(list(arguments))
        return Done(code, out.getvalue(), err.getvalue())

    return ran


WAYS = {
    "api-key": (["--api-key", "--stdin"], "sandbox-planet-key\n", "api_key"),
    "m2m": (["--m2m", "--with", "client_id=sandbox-m2m", "--stdin"], "sandbox-m2m-secret\n", "client_id"),
    "device code": (["--device-code", "--with", "client_id=sandbox-auto-me"], "", "auth_profile"),
}


@pytest.mark.parametrize("name", WAYS)
def test_command_line_signs_in_and_out(home, server, run, name):
    options, given, field = WAYS[name]

    login = run("auth", "login", "planet", *options, given=given)
    status = json.loads(run("auth", "status", "planet", "--json").stdout)
    logout = run("auth", "logout", "planet")

    assert login.returncode == 0, login.stderr
    used = {row["field"]: row for row in status if row["used"] and row["source"]}
    assert used[field]["source"] == "profile file"
    assert (used[field]["expires"] is None) == (name == "api-key")
    assert "sandbox-m2m-secret" not in login.stdout + login.stderr
    assert "Forgotten" in logout.stderr
    assert not list(home.rglob("token.json"))


def test_command_line_replaces_one_way_by_another(home, server, run):
    run("auth", "login", "planet", "--device-code", "--with", "client_id=sandbox-auto-me")
    run("auth", "login", "planet", "--api-key", "--stdin", given="sandbox-planet-key\n")

    status = json.loads(run("auth", "status", "planet", "--json").stdout)

    assert [row["field"] for row in status if row["source"] == "profile file"] == ["api_key"]


@pytest.mark.parametrize(
    ("options", "code", "word"),
    [
        ([], 3, "--device-code"),
        (["--browser"], 2, "client_id"),
        (["--m2m", "--with", "client_idd=x"], 2, "client_id"),
        (["--stdin"], 3, "nothing was kept"),
        (["--device-code", "--with", "auth_profile=nope"], 3, "nope"),
    ],
)
def test_command_line_says_what_is_wrong(home, run, options, code, word):
    done = run("auth", "login", "planet", *options, given="canary-wrong-key-000")

    assert "Traceback" not in done.stderr
    assert (done.returncode, word in done.stderr) == (code, True), done.stderr
    assert "canary" not in done.stderr


# --- the stand-in itself ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["/auth", "/auth/realms/main", ""])
def test_stand_in_says_where_everything_is(server, prefix):
    root = f"{server.base_url}{prefix}"
    document = httpx.get(f"{root}/.well-known/openid-configuration").json()

    assert document["issuer"].rstrip("/") == root
    assert all(value.startswith(root) for key, value in document.items() if key.endswith(("_endpoint", "_uri")))
    assert httpx.get(document["jwks_uri"]).json()["keys"][0]["alg"] == "RS256"


def test_stand_ins_device_waits_for_a_person(server):
    form = {"client_id": "any", "scope": "planet"}
    code = httpx.post(f"{server.base_url}/auth/oauth/device/code", data=form).json()
    poll = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "client_id": "any",
            "device_code": code["device_code"]}  # fmt: skip
    url = f"{server.base_url}/auth/oauth/token"
    waiting = httpx.post(url, data=poll)
    page = httpx.get(code["verification_uri_complete"])
    httpx.post(code["verification_uri"], data={"user_code": code["user_code"], "account": "viewer"})
    given = httpx.post(url, data=poll).json()

    assert (waiting.status_code, waiting.json()["error"]) == (403, "authorization_pending")
    assert code["user_code"] in page.text
    header = {"Authorization": f"Bearer {given['access_token']}"}
    assert httpx.get(f"{server.base_url}/auth/userinfo", headers=header).json()["sub"] == "sandbox-viewer"
    assert httpx.post(url, data=poll).json()["error"] == "invalid_grant"
    assert "refresh_token" not in given


def test_stand_ins_refresh_token_used_twice_ends_the_session(server, tmp_path):
    token = begin(server, tmp_path / "token.json")
    form = {"grant_type": "refresh_token", "client_id": "sandbox-auto-user", "refresh_token": token["refresh_token"]}
    url = f"{server.base_url}/auth/oauth/token"
    second = httpx.post(url, data=form).json()

    again = httpx.post(url, data=form)

    assert (again.status_code, again.json()["error"]) == (403, "invalid_grant")
    header = {"Authorization": f"Bearer {second['access_token']}"}
    assert httpx.get(f"{server.base_url}/data/v1/item-types", headers=header).status_code == 401


def test_stand_in_asks_a_person_and_binds_the_code_to_its_verifier(server):
    challenge = base64.urlsafe_b64encode(b"\0" * 32).decode().rstrip("=")
    asked = {"client_id": "app", "response_type": "code", "redirect_uri": "http://127.0.0.1:9/", "state": "s",
             "code_challenge": challenge, "code_challenge_method": "S256", "scope": "planet"}  # fmt: skip
    page = httpx.get(f"{server.base_url}/auth/authorize", params=asked)
    yes = httpx.post(f"{server.base_url}/auth/authorize", data={**asked, "answer": "yes"})
    no = httpx.post(f"{server.base_url}/auth/authorize", data={**asked, "answer": "no"})
    elsewhere = httpx.get(
        f"{server.base_url}/auth/authorize", params={**asked, "redirect_uri": "https://evil.example/"}
    )

    assert "Allow" in page.text
    assert elsewhere.status_code == 400
    assert "error=access_denied" in no.headers["location"]
    back = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(yes.headers["location"]).query))
    form = {"grant_type": "authorization_code", "client_id": "app", "redirect_uri": "http://127.0.0.1:9/",
            "code": back["code"], "code_verifier": "another"}  # fmt: skip
    assert back["state"] == "s"
    assert httpx.post(f"{server.base_url}/auth/oauth/token", data=form).json()["error"] == "invalid_grant"

# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import itertools
import json
import logging
import os
import pickle
import subprocess
import sys
import textwrap
import threading

import pytest

from swath import _credentials
from swath._credentials import (
    account_id,
    choose_profile,
    credentials_path,
    forget_credentials,
    resolve_credentials,
    resolve_settings,
    status,
    store_credentials,
)
from swath._keyring import KeyringTrouble, SystemKeyring
from swath.errors import ConfigurationError, InputError, MissingCredentials, MissingExtra
from swath.models import Credential, CredentialField, ProviderInfo, Secret, SettingField

KEY = ProviderInfo(
    name="planet",
    title="Planet",
    credentials=[CredentialField(name="api_key", env=["PL_API_KEY", "PLANET_API_KEY"], title="API key")],
    settings=[
        SettingField(name="base_url", env="SWATH_PLANET_URL", default="https://api.planet.com", origin=True),
        SettingField(name="region"),
    ],
)
LOGIN = ProviderInfo(
    name="sedas",
    title="SeDAS",
    credentials=[
        CredentialField(name="username", env="SEDAS_USERNAME", secret=False),
        CredentialField(name="password", env="SEDAS_PASSWORD"),
        CredentialField(name="totp", env="SEDAS_TOTP", required=False),
    ],
)


class MemoryKeyring:
    """A keyring backend that keeps what it is given."""

    def __init__(self):
        self.kept = {}
        self.asked = 0

    def get_password(self, service, username):
        self.asked += 1
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        self.kept[service, username] = password

    def delete_password(self, service, username):
        del self.kept[service, username]


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    """What is said once a process is said once a test; nothing of the developer's own environment is seen."""
    monkeypatch.setattr(_credentials, "_said", set())
    monkeypatch.setattr(_credentials, "_KEYRING", SystemKeyring())
    for name in ("SWATH_HOME", "SWATH_KEYRING", "SWATH_PROFILE", "PL_API_KEY", "PLANET_API_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


@pytest.fixture
def environ(home):
    return {"SWATH_HOME": str(home)}


@pytest.fixture
def ring(monkeypatch):
    keyring = pytest.importorskip("keyring")
    backend = MemoryKeyring()
    monkeypatch.setattr(keyring, "get_password", backend.get_password)
    monkeypatch.setattr(keyring, "set_password", backend.set_password)
    monkeypatch.setattr(keyring, "delete_password", backend.delete_password)
    return backend


def resolve(environ, info=KEY, arguments=None, profile="default", **options):
    found = resolve_credentials(info, arguments=arguments or {}, profile=profile, environ=environ, **options)
    return {name: (entry.value.reveal(), entry.source) for name, entry in found.items()}


def content(home):
    return json.loads((home / "credentials.json").read_text())


SOURCES = ["argument", "environment PL_API_KEY", "keyring", "profile file"]


def supply(source, value, environ, arguments):
    if source == "argument":
        arguments["api_key"] = value
    elif source == "environment PL_API_KEY":
        environ["PL_API_KEY"] = value
    else:
        where = "keyring" if source == "keyring" else "file"
        # Put there directly: storing in one place clears the other.
        if where == "keyring":
            SystemKeyring().put("planet", "default", {"api_key": value})
        else:
            store_credentials("planet", "default", {"api_key": value}, environ={**environ, "SWATH_KEYRING": "0"})


@pytest.mark.parametrize(
    "present", [chosen for count in range(1, 5) for chosen in itertools.combinations(SOURCES, count)], ids=" + ".join
)
def test_p24_the_first_source_that_has_it_wins_and_shadowing_is_said_once(present, environ, ring, caplog):
    arguments = {}
    for source in present:
        supply(source, f"value of {source}", environ, arguments)
    environ["SWATH_KEYRING"] = "1"

    found = [resolve(environ, arguments=arguments) for _ in range(3)]

    winner, *others = present
    assert found == [{"api_key": (f"value of {winner}", winner)}] * 3
    said = [record.getMessage() for record in caplog.records]
    if others:
        names = " and ".join(others)
        assert said == [f"planet: api_key is taken from {winner}; another value in {names} is not used"]
    else:
        assert said == []
    assert "value of" not in caplog.text
    [row] = status(KEY, "default", arguments=arguments, environ=environ)
    assert (row.source, row.shadowed, row.missing) == (winner, tuple(others), False)


@pytest.mark.parametrize("empty", ["", "  ", "\n"])
@pytest.mark.parametrize("source", SOURCES)
def test_p24_an_empty_value_counts_as_absent(source, empty, environ, ring, caplog):
    arguments = {}
    if source in {"argument", "environment PL_API_KEY"}:
        supply(source, empty, environ, arguments)
    elif source == "keyring":
        SystemKeyring().put("planet", "default", {"api_key": empty})
    else:
        path = credentials_path(environ)
        path.parent.mkdir(mode=0o700)
        stored = {"version": 1, "profiles": {"default": {"planet": {"api_key": empty}}}}
        path.write_text(json.dumps(stored))
        path.chmod(0o600)
    environ["SWATH_KEYRING"] = "1"
    environ["PLANET_API_KEY"] = "second variable"

    assert resolve(environ, arguments=arguments) == {"api_key": ("second variable", "environment PLANET_API_KEY")}
    assert caplog.records == []


def test_p24_the_same_value_in_two_places_shadows_nothing(environ, caplog):
    store_credentials("planet", "default", {"api_key": "same"}, environ=environ)

    assert resolve({**environ, "PL_API_KEY": "same"}) == {"api_key": ("same", "environment PL_API_KEY")}
    assert caplog.records == []


def test_p24_status_shows_source_and_masked_tail(environ):
    store_credentials("sedas", "default", {"username": "ada", "password": "correct-horse-battery"}, environ=environ)
    environ["SEDAS_PASSWORD"] = "another-horse-staple"

    rows = status(LOGIN, "default", environ=environ)

    assert [(row.name, row.source, row.shown, row.shadowed, row.required, row.missing) for row in rows] == [
        ("username", "profile file", "ada", (), True, False),
        ("password", "environment SEDAS_PASSWORD", "****aple", ("profile file",), True, False),
        ("totp", None, "", (), False, False),
    ]
    assert [row.missing for row in status(LOGIN, "other", environ=environ)] == [True, False, False]


def test_values_given_as_secret_or_with_a_line_end_are_taken_as_they_are_meant(environ):
    found = resolve(environ, LOGIN, {"username": "ada\n", "password": Secret(" spaces stay ")})

    assert found == {"username": ("ada", "argument"), "password": (" spaces stay ", "argument")}


def test_profiles_are_kept_apart(environ):
    store_credentials("planet", "default", {"api_key": "one"}, environ=environ)
    store_credentials("planet", "work", {"api_key": "two"}, environ=environ)

    assert resolve(environ)["api_key"][0] == "one"
    assert resolve(environ, profile="work")["api_key"][0] == "two"


@pytest.mark.parametrize(
    ("argument", "variable", "chosen"),
    [
        ("work", "home", "work"),
        (None, "home", "home"),
        ("", "", "default"),
        (None, None, "default"),
        (None, " ", "default"),
    ],
)
def test_choose_profile_takes_argument_then_variable_then_default(argument, variable, chosen):
    assert choose_profile(argument, {} if variable is None else {"SWATH_PROFILE": variable}) == chosen


def test_a_provider_without_credentials_touches_nothing(home, environ):
    home.mkdir()
    (home / "credentials.json").write_text("broken")

    assert resolve(environ, ProviderInfo(name="open", title="Open")) == {}


# --- missing ---------------------------------------------------------------------------------------------------------


def test_p29_missing_credentials_name_variable_file_and_command(environ, home):
    with pytest.raises(MissingCredentials) as caught:
        resolve(environ)

    path = home / "credentials.json"
    assert str(caught.value) == (
        f"planet: no api_key was found for profile 'default': not as an argument, in the environment, or in {path}; "
        "set the environment variable PL_API_KEY, or store it there with: swath auth login planet"
    )
    assert caught.value.exit_code == 3
    assert caught.value.details == {
        "fields": ["api_key"],
        "variables": ["PL_API_KEY"],
        "file": str(path),
        "command": "swath auth login planet",
    }
    assert not home.exists()


def test_p29_missing_credentials_name_all_that_is_missing_and_other_profiles(environ):
    store_credentials("sedas", "work", {"username": "ada", "password": "x"}, environ=environ)

    with pytest.raises(MissingCredentials) as caught:
        resolve(environ, LOGIN, profile="wrok")

    assert "no username, password was found for profile 'wrok' (there are some for 'work')" in caught.value.message
    assert "SEDAS_USERNAME and SEDAS_PASSWORD" in caught.value.hint
    assert caught.value.hint.endswith("swath auth login sedas --profile wrok")


def test_p29_nothing_is_asked_even_on_a_terminal_or_with_stdin_closed(home):
    script = textwrap.dedent(
        """
        import builtins, getpass, sys
        def forbidden(*_):
            raise AssertionError("prompted")
        builtins.input = getpass.getpass = forbidden
        from swath._credentials import resolve_credentials
        from swath.errors import MissingCredentials
        from swath.models import CredentialField, ProviderInfo
        info = ProviderInfo(name="planet", title="", credentials=[CredentialField(name="api_key", env="PL_API_KEY")])
        try:
            resolve_credentials(info, arguments={}, profile="default")
        except MissingCredentials as err:
            print(err.exit_code, err.details["variables"])
        """
    )
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("PL_", "SWATH_"))}
    closed = subprocess.run(
        f'exec "{sys.executable}" -c "$SCRIPT" <&-',
        shell=True,
        env={**environ, "SWATH_HOME": str(home), "SCRIPT": script},
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )

    assert closed.stdout == "3 ['PL_API_KEY']\n", closed.stderr
    assert closed.stderr == ""


# --- settings --------------------------------------------------------------------------------------------------------


def test_settings_come_from_argument_environment_file_default_in_turn(environ):
    def url(arguments=None, **more):
        return resolve_settings(KEY, arguments=arguments or {}, profile="default", environ={**environ, **more}).get(
            "base_url"
        )

    assert url() == "https://api.planet.com"
    store_credentials("planet", "default", {"base_url": "https://file"}, environ=environ)
    assert url() == "https://file"
    assert url(SWATH_PLANET_URL="https://env") == "https://env"
    assert url(SWATH_PLANET_URL="") == "https://file"
    assert url({"base_url": "https://argument"}, SWATH_PLANET_URL="https://env") == "https://argument"
    assert url({"base_url": ""}) == "https://file"


def test_settings_when_more_is_passed_keep_it_and_leave_credentials_out(environ):
    found = resolve_settings(KEY, arguments={"api_key": "x", "page": 5}, profile="default", environ=environ)

    assert found == {"base_url": "https://api.planet.com", "page": "5"}


# --- the file --------------------------------------------------------------------------------------------------------


def test_store_when_there_is_more_in_the_file_loses_nothing(environ, home):
    home.mkdir(mode=0o700)
    before = {
        "version": 1,
        "comment": "mine",
        "profiles": {
            "default": {"planet": {"api_key": "old", "note": "from Ada"}, "future": {"x": {"y": [1]}}},
            "w": {},
        },
        "settings": {"colour": True},
    }
    credentials_path(environ).write_text(json.dumps(before))
    credentials_path(environ).chmod(0o600)

    said = store_credentials("planet", "default", {"api_key": "new"}, environ=environ)

    before["profiles"]["default"]["planet"]["api_key"] = "new"
    assert content(home) == before
    assert said == str(home / "credentials.json")


def test_store_when_a_field_is_not_named_keeps_it(environ, home):
    store_credentials("sedas", "default", {"username": "ada", "password": "x"}, environ=environ)
    store_credentials("sedas", "default", {"password": Secret("y"), "username": ""}, environ=environ)

    assert content(home)["profiles"] == {"default": {"sedas": {"username": "ada", "password": "y"}}}


@pytest.mark.parametrize("values", [{}, {"api_key": ""}, {"api_key": Secret("\n")}])
def test_store_when_nothing_is_given_says_so(values, environ, home):
    with pytest.raises(InputError, match="no credential of planet was given"):
        store_credentials("planet", "default", values, environ=environ)

    assert not home.exists()


def test_store_when_the_place_is_unknown_says_so(environ):
    with pytest.raises(InputError, match="where='cloud'"):
        store_credentials("planet", "default", {"api_key": "x"}, where="cloud", environ=environ)


def test_forget_removes_only_what_is_meant(environ, home):
    store_credentials("planet", "default", {"api_key": "x"}, environ=environ)
    store_credentials("planet", "work", {"api_key": "y"}, environ=environ)
    store_credentials("sedas", "default", {"username": "ada"}, environ=environ)

    assert forget_credentials("planet", "default", environ=environ)
    assert not forget_credentials("planet", "default", environ=environ)
    assert content(home)["profiles"] == {
        "default": {"sedas": {"username": "ada"}},
        "work": {"planet": {"api_key": "y"}},
    }


def test_forget_when_there_is_no_file_makes_none(environ, home):
    assert not forget_credentials("planet", "default", environ=environ)
    assert not home.exists()


BROKEN = {
    "no JSON": '{"version": 1, "api_key": "CANARY',
    "no object": '["CANARY"]',
    "no text": b"\xff\xfeCANARY\x00",
    "newer": '{"version": 2, "x": "CANARY"}',
    "odd version": '{"version": "CANARY2"}',
    "odd profiles": '{"profiles": ["CANARY"]}',
    "odd profile": '{"profiles": {"default": "CANARY"}}',
    "odd provider": '{"profiles": {"default": {"planet": "CANARY"}}}',
    "odd settings": '{"settings": "CANARY"}',
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_credentials_file_that_cannot_be_understood_is_named_and_left_alone(case, environ, home):
    home.mkdir(mode=0o700)
    path = home / "credentials.json"
    data = BROKEN[case] if isinstance(BROKEN[case], bytes) else BROKEN[case].encode()
    path.write_bytes(data)
    path.chmod(0o600)
    errors = []
    for act in (
        lambda: resolve({**environ, "PL_API_KEY": "x"}),
        lambda: resolve_settings(KEY, arguments={}, profile="default", environ=environ),
        lambda: status(KEY, "default", environ=environ),
        lambda: store_credentials("planet", "default", {"api_key": "x"}, environ=environ),
        lambda: forget_credentials("planet", "default", environ=environ),
    ):
        with pytest.raises(ConfigurationError) as caught:
            act()
        errors.append(caught.value)

    for error in errors:
        assert str(path) in error.message
        assert "move it away" in error.hint
        assert case == "odd version" or "CANARY" not in repr([error, str(error), error.__cause__])
        assert b"CANARY\\x00" not in pickle.dumps(error)
    assert path.read_bytes() == data


def test_an_empty_credentials_file_is_as_none(environ, home):
    home.mkdir(mode=0o700)
    (home / "credentials.json").touch(mode=0o600)

    with pytest.raises(MissingCredentials):
        resolve(environ)
    store_credentials("planet", "default", {"api_key": "x"}, environ=environ)
    assert resolve(environ) == {"api_key": ("x", "profile file")}


@pytest.mark.skipif(os.name != "posix", reason="modes and links are POSIX's")
def test_p25_the_file_is_private_whatever_was_there(environ, home, caplog, tmp_path):
    old = os.umask(0)
    try:
        store_credentials("planet", "default", {"api_key": "x"}, environ=environ)
    finally:
        os.umask(old)
    path = home / "credentials.json"
    assert home.stat().st_mode & 0o777 == 0o700
    assert {entry.stat().st_mode & 0o777 for entry in home.iterdir()} == {0o600}

    path.chmod(0o644)
    for _ in range(2):
        resolve(environ)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [record.getMessage() for record in caplog.records] == [
        f"{path} could be read by others (mode 0644); its mode is now 0600"
    ]

    target = tmp_path / "netrc"
    path.rename(target)
    path.symlink_to(target)
    before = target.read_bytes()
    for act in (lambda: resolve(environ), lambda: store_credentials("planet", "w", {"api_key": "y"}, environ=environ)):
        with pytest.raises(ConfigurationError, match="is a symbolic link"):
            act()
    assert target.read_bytes() == before


def test_store_when_many_do_so_at_once_keeps_all(environ, home):
    errors = []

    def work(number):
        try:
            store_credentials("planet", f"p{number}", {"api_key": str(number)}, environ=environ)
        except Exception as err:  # noqa: BLE001 - shown by the assertion
            errors.append(err)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    assert content(home)["profiles"] == {f"p{number}": {"planet": {"api_key": str(number)}} for number in range(12)}


# --- the keyring -----------------------------------------------------------------------------------------------------


def test_p26_the_keyring_is_asked_only_when_chosen(environ, ring):
    SystemKeyring().put("planet", "default", {"api_key": "ringed"})
    ring.asked = 0

    for refused in ({}, {"SWATH_KEYRING": "0"}, {"SWATH_KEYRING": ""}):
        with pytest.raises(MissingCredentials):
            resolve({**environ, **refused})
    assert ring.asked == 0
    assert resolve({**environ, "SWATH_KEYRING": "1"}) == {"api_key": ("ringed", "keyring")}
    assert resolve(environ, use_keyring=True) == {"api_key": ("ringed", "keyring")}
    with pytest.raises(MissingCredentials):
        resolve({**environ, "SWATH_KEYRING": "1"}, use_keyring=False)


def test_p26_storing_in_the_keyring_chooses_it_and_leaves_no_copy_in_the_file(environ, home, ring):
    store_credentials("sedas", "default", {"username": "ada", "password": "old"}, environ=environ)

    said = store_credentials("sedas", "default", {"password": "ringed"}, where="keyring", environ=environ)

    assert said == "the system's keyring"
    assert content(home) == {
        "version": 1,
        "profiles": {"default": {"sedas": {"username": "ada"}}},
        "settings": {"keyring": True},
    }
    assert resolve(environ, LOGIN) == {"username": ("ada", "profile file"), "password": ("ringed", "keyring")}
    store_credentials("sedas", "default", {"password": "filed"}, environ=environ)
    assert resolve(environ, LOGIN)["password"] == ("filed", "profile file")
    store_credentials("sedas", "default", {"password": "again"}, where="keyring", environ=environ)
    assert forget_credentials("sedas", "default", environ=environ)
    assert ring.kept == {}
    with pytest.raises(ConfigurationError, match="neither yes nor no"):
        resolve({**environ, "SWATH_KEYRING": "perhaps"}, LOGIN)


def break_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)


def break_backend(monkeypatch):
    keyring = pytest.importorskip("keyring")
    from keyring.backends.fail import Keyring

    backend = Keyring()
    for name in ("get_password", "set_password", "delete_password"):
        monkeypatch.setattr(keyring, name, getattr(backend, name))


def break_bus(monkeypatch):
    keyring = pytest.importorskip("keyring")

    def fail(*_):
        raise RuntimeError("dbus: CANARY in a strange message")

    for name in ("get_password", "set_password", "delete_password"):
        monkeypatch.setattr(keyring, name, fail)


def break_exit(monkeypatch):
    keyring = pytest.importorskip("keyring")

    def fail(*_):
        raise OSError(5, "CANARY")

    monkeypatch.setattr(keyring, "get_password", fail)


def break_content(monkeypatch):
    keyring = pytest.importorskip("keyring")
    monkeypatch.setattr(keyring, "get_password", lambda *_: "CANARY, not JSON")


@pytest.mark.parametrize("damage", [break_package, break_backend, break_bus, break_exit, break_content])
def test_p26_a_keyring_that_fails_is_said_once_and_the_file_is_used(damage, environ, monkeypatch, caplog):
    store_credentials("planet", "default", {"api_key": "filed"}, environ=environ)
    environ["SWATH_KEYRING"] = "1"
    damage(monkeypatch)

    found = [resolve(environ) for _ in range(3)]

    assert found == [{"api_key": ("filed", "profile file")}] * 3
    [said] = [record.getMessage() for record in caplog.records]
    assert said.endswith("; going on with the profile file")
    assert "CANARY" not in caplog.text


@pytest.mark.parametrize(
    ("damage", "kind"), [(break_package, MissingExtra), (break_backend, KeyringTrouble), (break_bus, KeyringTrouble)]
)
def test_p26_storing_in_a_keyring_that_fails_says_so_and_changes_nothing(damage, kind, environ, home, monkeypatch):
    store_credentials("planet", "default", {"api_key": "filed"}, environ=environ)
    before = content(home)
    damage(monkeypatch)

    with pytest.raises(kind) as caught:
        store_credentials("planet", "default", {"api_key": "new"}, where="keyring", environ=environ)

    assert "CANARY" not in str(caught.value)
    assert content(home) == before


def test_p26_a_keyring_that_sleeps_is_not_awaited_and_asked_only_once(environ, monkeypatch, caplog):
    keyring = pytest.importorskip("keyring")
    awake = threading.Event()
    asked = []

    def sleep(*_):
        asked.append(1)
        awake.wait(60)

    monkeypatch.setattr(keyring, "get_password", sleep)
    store_credentials("planet", "default", {"api_key": "filed"}, environ=environ)
    sleeper = SystemKeyring(timeout_s=0.01)
    try:
        found = [resolve(environ, use_keyring=True, keyring=sleeper) for _ in range(3)]
    finally:
        awake.set()

    assert found == [{"api_key": ("filed", "profile file")}] * 3
    assert asked == [1]
    assert [record.getMessage() for record in caplog.records] == [
        "the keyring did not answer within 0.01 s; going on with the profile file",
        "the keyring still has not answered an earlier question; going on with the profile file",
    ]


def test_p26_the_keyring_is_given_three_seconds():
    assert _credentials._KEYRING._timeout_s == 3.0


def test_p26_when_the_keyring_fails_a_new_value_is_still_stored_in_the_file(environ, home, monkeypatch, caplog):
    environ["SWATH_KEYRING"] = "1"
    break_bus(monkeypatch)

    store_credentials("planet", "default", {"api_key": "filed"}, environ=environ)

    assert content(home)["profiles"]["default"]["planet"] == {"api_key": "filed"}
    assert "an older value of api_key may still be in the keyring" in caplog.text


# --- secrets ---------------------------------------------------------------------------------------------------------


def test_p27_no_secret_is_in_a_log_error_or_repr(environ, caplog):
    canary = "CANARY-5ecret-0815"
    with caplog.at_level(logging.DEBUG):
        store_credentials("sedas", "default", {"password": canary}, environ=environ)
        with pytest.raises(MissingCredentials) as caught:
            resolve_credentials(LOGIN, arguments={"password": canary + "2"}, profile="default", environ=environ)
        found = resolve_credentials(
            LOGIN, arguments={"username": "ada", "password": canary + "3"}, profile="default", environ=environ
        )
        rows = status(LOGIN, "default", environ=environ)

    shown = repr([found, rows, caught.value, caught.value.details, str(caught.value), account_id("sedas", found)])
    assert canary not in shown + caplog.text
    assert canary.encode() not in pickle.dumps(caught.value)


def credential(name, value):
    return Credential(name=name, value=Secret(value), source="argument")


def test_account_id_goes_by_provider_and_credentials_alone():
    one = {"username": credential("username", "ada"), "password": credential("password", "x")}
    turned = dict(reversed(one.items()))
    ids = {
        account_id("sedas", one),
        account_id("planet", one),
        account_id("sedas", {**one, "password": credential("password", "y")}),
        account_id("sedas", {}),
    }

    assert len(ids) == 4
    assert account_id("sedas", turned) == account_id("sedas", one)
    assert account_id("sedas", one) == "1788c3b74a983f3acc433f1f"

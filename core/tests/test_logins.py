# SPDX-License-Identifier: Apache-2.0
"""Several ways to sign in: which one is used, and what other tools keep."""

import json
import logging

import pytest

from swath._credentials import resolve_credentials, status, store_credentials
from swath._logins import chosen_login, rank
from swath.errors import MissingCredentials
from swath.models import CredentialField, KeptIn, LoginMethod, ProviderInfo

FIELDS = [
    CredentialField(
        name="session", env="EX_SESSION", secret=False, required=False,
        kept_in=[KeptIn(path="~/.ex.json", key="session"), KeptIn(path="~/.ex/token", value="default")],
    ),
    CredentialField(name="name", env="EX_NAME", secret=False, required=False),
    CredentialField(name="word", env="EX_WORD", required=False),
    CredentialField(name="key", env="EX_KEY", required=False, kept_in=KeptIn(path="~/.ex.json", key="key")),
    CredentialField(name="extra", env="EX_EXTRA", required=False),
]  # fmt: skip
INFO = ProviderInfo(
    name="ex",
    title="Ex",
    credentials=FIELDS,
    logins=[
        LoginMethod(name="browser", title="by browser", fields="session"),
        LoginMethod(name="m2m", title="as a machine", fields=("name", "word")),
        LoginMethod(name="api-key", title="by key", fields="key"),
    ],
)


@pytest.fixture
def environ(tmp_path):
    return {"SWATH_HOME": str(tmp_path / "swath"), "SWATH_KEYRING": "0", "HOME": str(tmp_path)}


def resolved(environ, profile="default", **arguments):
    return resolve_credentials(INFO, arguments=arguments, profile=profile, environ=environ)


def test_sources_come_in_one_sequence():
    sources = ["argument", "environment EX_KEY", "keyring", "profile file", "~/.ex.json"]

    assert [rank(source) for source in sources] == sorted(rank(source) for source in sources)


@pytest.mark.parametrize(
    ("sources", "way"),
    [
        ({"session": "environment A", "key": "argument"}, "api-key"),
        ({"session": "~/.ex.json", "key": "~/.ex.json"}, "browser"),
        ({"session": "profile file", "name": "environment A", "word": "keyring"}, "m2m"),
        ({"name": "argument", "key": "profile file"}, "api-key"),
        ({"name": "argument"}, None),
        ({}, None),
    ],
)
def test_p24_nearest_complete_way_is_chosen(sources, way):
    chosen = chosen_login(INFO, sources)

    assert (chosen and chosen.name) == way


def test_p24_only_credentials_of_the_way_in_use_are_given(environ):
    found = resolved({**environ, "EX_KEY": "key-from-environment", "EX_EXTRA": "more"}, name="me")

    assert sorted(found) == ["extra", "key"]


def test_p24_status_marks_what_is_not_used(environ):
    rows = {row.name: row for row in status(INFO, "default", environ={**environ, "EX_KEY": "k", "EX_NAME": "me"})}

    assert {name for name, row in rows.items() if row.used} == {"key", "extra"}
    assert not any(row.missing for row in rows.values())


def test_p29_without_any_way_all_are_named(environ):
    with pytest.raises(MissingCredentials) as caught:
        resolved(environ)

    assert (
        caught.value.hint == "set EX_SESSION, or EX_NAME and EX_WORD, or EX_KEY, or sign in with: swath auth login ex"
    )
    assert "session, or name and word, or key" in caught.value.message
    assert {row.name for row in status(INFO, "default", environ=environ) if row.missing} == {
        "session", "name", "word", "key",
    }  # fmt: skip


def test_files_of_other_tools_are_asked_last_and_in_sequence(environ, tmp_path):
    (tmp_path / ".ex").mkdir()
    (tmp_path / ".ex" / "token").write_text("x")
    assert resolved(environ)["session"].value.reveal() == "default"

    (tmp_path / ".ex.json").write_text(json.dumps({"session": "mine", "key": 5}))
    found = resolved(environ)
    assert (found["session"].value.reveal(), found["session"].source) == ("mine", "~/.ex.json")

    assert resolved({**environ, "EX_KEY": "k"})["key"].source == "environment EX_KEY"
    with pytest.raises(MissingCredentials):
        resolved(environ, profile="work")


@pytest.mark.parametrize("text", ["{canary", "[]", '{"session": ""}', "\xff"])
def test_files_of_other_tools_that_hold_nothing_usable_are_passed_over(environ, tmp_path, text, caplog):
    caplog.set_level(logging.DEBUG)
    (tmp_path / ".ex.json").write_text(text, encoding="latin-1")

    with pytest.raises(MissingCredentials):
        resolved(environ)

    assert "canary" not in caplog.text


def test_another_way_takes_the_place_of_the_one_before(environ):
    store_credentials("ex", "default", {"session": "mine"}, environ=environ)
    store_credentials("ex", "default", {"key": "k"}, instead_of={"session", "name", "word"}, environ=environ)

    assert sorted(resolved(environ)) == ["key"]

# SPDX-License-Identifier: Apache-2.0
"""Conformance: who we say we are, and what of it ever shows."""

from __future__ import annotations

import logging
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from swath._credentials import resolve_credentials
from swath._provider import Provider
from swath._registry import open_hooks
from swath.errors import CredentialError, MissingCredentials, SwathError
from swath.sandbox import Sandbox
from swath.testing.subject import Subject

__all__ = ["BaseAuthenticate"]

CANARY = "canary-6b1f0c9e-never-shown"


class BaseAuthenticate(Subject):
    """Credentials are found in order, refused clearly, and never shown."""

    def test_p24_argument_wins_over_the_environment(self) -> None:
        info = open_hooks(self.name).describe()
        environment = {variable: "from-environment" for field in info.credentials for variable in field.env}
        first = info.credentials[0]

        found = resolve_credentials(
            info, arguments={first.name: "from-argument"}, profile="conformance", environ=environment
        )

        assert found[first.name].source == "argument"
        assert found[first.name].value.reveal() == "from-argument"
        # Of several ways to sign in only one is used, and its credentials alone are there.
        for field in info.credentials[1:]:
            if field.name in found or not info.logins:
                assert field.env[0] in found[field.name].source

    def test_p29_missing_credentials_say_what_to_set(self, tmp_path: Path) -> None:
        info = open_hooks(self.name).describe()
        required = [field for field in info.credentials if field.required or info.logins]
        if not required:
            pytest.skip("nothing is required")
        code = (
            "import swath\n"
            "try: swath.open(" + repr(self.name) + ")\n"
            "except swath.errors.MissingCredentials as err: print(err)"
        )

        # The rest of the environment stays: it may be what makes the plugin importable.
        given = {variable for field in info.credentials for variable in field.env} | {"SWATH_PROFILE"}
        environment = {key: value for key, value in os.environ.items() if key not in given}

        done = subprocess.run(  # noqa: S603
            [sys.executable, "-c", code],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=True,
            env={**environment, "SWATH_HOME": str(tmp_path), "HOME": str(tmp_path), "SWATH_KEYRING": "0"},
        )

        assert required[0].env[0] in done.stdout
        assert f"swath auth login {self.name}" in done.stdout

    def test_wrong_credentials_are_refused_as_such(self, opening: Callable[..., Provider]) -> None:
        wrong = {field.name: CANARY for field in open_hooks(self.name).describe().credentials if field.secret}

        with pytest.raises(CredentialError) as caught:
            opening(**wrong).authenticate()

        assert not isinstance(caught.value, MissingCredentials)
        assert caught.value.provider == self.name

    def test_right_credentials_are_accepted(self, provider: Provider) -> None:
        provider.authenticate()

    def test_p27_no_secret_shows_anywhere(
        self, box: Sandbox, opening: Callable[..., Provider], tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        wrong = {field.name: CANARY for field in open_hooks(self.name).describe().credentials if field.secret}
        caplog.set_level(logging.DEBUG)
        provider = opening(**wrong)
        shown = [repr(provider), repr(provider._session.context), repr(provider._session)]  # noqa: SLF001 (looks for leaks)

        for status in (None, 401, 403, 500):
            box.faults.clear()
            if status is not None:
                box.faults.add(provider=self.name, status=status, body={"message": f"bad key {CANARY}"}, times=None)
            with pytest.raises(SwathError) as caught:
                list(provider.search(**self.query).items_as_dicts())
            shown += [str(caught.value), repr(caught.value.__dict__)]
            shown.append(pickle.dumps(caught.value).decode("latin-1"))
        shown.append(pickle.dumps(provider).decode("latin-1"))
        shown.append(caplog.text)
        shown += [file.read_bytes().decode("latin-1") for file in tmp_path.rglob("*") if file.is_file()]

        assert not [text for text in shown if CANARY in text]
        assert caplog.records

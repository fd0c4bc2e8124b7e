# SPDX-License-Identifier: Apache-2.0
"""The system's keyring, which may be absent, broken or asleep: each use is bounded in time and never fails a caller.

One entry holds all credentials of a provider and profile, as JSON, because a keyring cannot be listed and each
question may cost the user an unlocking.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from swath.errors import ConfigurationError, MissingExtra

__all__ = ["KeyringTrouble", "SystemKeyring"]

_T = TypeVar("_T")
_SERVICE = "swath"


class KeyringTrouble(ConfigurationError, hint="store it in the profile file instead with: swath auth login PROVIDER"):
    """The keyring gave no answer, or an error."""


class SystemKeyring:
    """Asks the `keyring` package on a thread of its own.

    Args:
        timeout_s: Seconds, > 0, after which an answer is no longer awaited.
    """

    def __init__(self, *, timeout_s: float = 3.0) -> None:
        self._timeout_s = timeout_s
        self._asleep: threading.Thread | None = None
        self._lock = threading.Lock()

    def get(self, provider: str, profile: str) -> dict[str, str]:
        """Give the credentials kept for a provider and profile, by field name.

        Raises:
            MissingExtra: If the package is not installed.
            KeyringTrouble: If there is no backend, or it fails or does not answer.
        """

        def ask(keyring: Any) -> Any:
            return keyring.get_password(_SERVICE, _entry(provider, profile))

        return _read(self._run(ask))

    def put(self, provider: str, profile: str, values: Mapping[str, str]) -> None:
        """Keep these credentials, in the place of any that are there; none deletes the entry.

        Raises:
            MissingExtra: If the package is not installed.
            KeyringTrouble: If there is no backend, or it fails or does not answer.
        """

        def ask(keyring: Any) -> None:
            if values:
                keyring.set_password(_SERVICE, _entry(provider, profile), json.dumps(dict(values), sort_keys=True))
            elif keyring.get_password(_SERVICE, _entry(provider, profile)) is not None:
                keyring.delete_password(_SERVICE, _entry(provider, profile))

        self._run(ask)

    def _run(self, ask: Callable[[Any], _T]) -> _T:
        try:
            import keyring
        except ImportError as err:
            raise MissingExtra(
                "the keyring is chosen, and the package 'keyring' is not installed",
                hint="install it with: pip install 'swath[keyring]', or unset SWATH_KEYRING",
            ) from err
        answers: list[_T] = []
        errors: list[Exception] = []

        def work() -> None:
            try:
                answers.append(ask(keyring))
            except Exception as err:  # noqa: BLE001 - a backend is foreign code: it raises what its system gives it
                errors.append(err)

        with self._lock:
            # A backend that hangs is asked once: each further question would cost the user the same seconds again.
            if self._asleep is not None and self._asleep.is_alive():
                raise KeyringTrouble("the keyring still has not answered an earlier question")
            thread = threading.Thread(target=work, name="swath-keyring", daemon=True)
            thread.start()
            thread.join(self._timeout_s)
            self._asleep = thread if thread.is_alive() else None
        if errors:
            # The backend's own text may quote what it was given.
            raise KeyringTrouble(f"the keyring failed ({type(errors[0]).__name__})")
        if not answers:
            raise KeyringTrouble(f"the keyring did not answer within {self._timeout_s:g} s")
        return answers[0]


def _entry(provider: str, profile: str) -> str:
    return f"{provider}/{profile}"


def _read(text: Any) -> dict[str, str]:
    if not text:
        return {}
    try:
        values = json.loads(text)
    except ValueError:
        values = None
    if not isinstance(values, dict):
        raise KeyringTrouble("the keyring's entry is not one that swath wrote")
    return {name: value for name, value in values.items() if isinstance(value, str)}

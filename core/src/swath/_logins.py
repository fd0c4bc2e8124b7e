# SPDX-License-Identifier: Apache-2.0
"""Which of several ways to sign in is used, and what other tools of a provider keep."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from swath._profiles import ProfileFile
from swath.errors import MissingCredentials
from swath.models import CredentialField, LoginMethod, ProviderInfo

__all__ = ["chosen_login", "fields_in_use", "fields_of_logins", "kept_elsewhere", "missing_error", "rank"]

_LOG = logging.getLogger("swath.credentials")
_RANKS = ("argument", "environment", "keyring", "profile file")


def rank(source: str) -> int:
    """Say how early a source is asked; files of other tools come last."""
    word = source.partition(" ")[0] if source.startswith("environment ") else source
    return _RANKS.index(word) if word in _RANKS else len(_RANKS)


def chosen_login(info: ProviderInfo, sources: Mapping[str, str]) -> LoginMethod | None:
    """Choose the way to sign in: the one whose credentials are nearest to the caller, then the first declared.

    Args:
        info: The provider.
        sources: Where each field was found, by name.

    Returns:
        None if no way is complete.
    """
    whole = [way for way in info.logins if all(name in sources for name in way.fields)]
    return min(whole, key=lambda way: min(rank(sources[name]) for name in way.fields), default=None)


def fields_of_logins(info: ProviderInfo) -> frozenset[str]:
    """Name the fields of all ways to sign in."""
    return frozenset(name for way in info.logins for name in way.fields)


def fields_in_use(info: ProviderInfo, sources: Mapping[str, str]) -> frozenset[str]:
    """Name the fields that are used: of the chosen way, and of none."""
    optional = fields_of_logins(info)
    chosen = chosen_login(info, sources)
    used = set(() if chosen is None else chosen.fields)
    return frozenset(one.name for one in info.credentials if one.name in used or one.name not in optional)


def _advice(info: ProviderInfo, missing: Sequence[CredentialField], command: str) -> str:
    """Say what to set, or which command to give, where credentials are missing."""
    variables = {one.name: one.env[0] for one in missing if one.env}
    if not info.logins:
        setting = f"set the environment variable {' and '.join(variables.values())}, or store" if variables else "store"
        return f"{setting} it there with: {command}"
    ways = [
        " and ".join(variables[name] for name in way.fields)
        for way in info.logins
        if all(name in variables for name in way.fields)
    ]
    return f"set {', or '.join(dict.fromkeys(ways))}, or sign in with: {command}"


def kept_elsewhere(declared: CredentialField, environ: Mapping[str, str] | None) -> Iterator[tuple[str, str]]:
    """Look into the files of other tools; one that cannot be read is passed over.

    Yields:
        The file's path as it was declared, and the value.
    """
    for place in declared.kept_in:
        path = _path(place.path, environ)
        if path is None:
            continue
        try:
            if place.key is None:
                if path.is_file() and place.value:
                    yield place.path, place.value
                continue
            held = json.loads(path.read_bytes())
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            continue
        except (OSError, ValueError) as err:
            # The parser's own text is not passed on: it may quote a secret.
            _LOG.warning("%s cannot be read and is passed over (%s)", place.path, type(err).__name__)
            continue
        value = held.get(place.key) if isinstance(held, dict) else None
        if isinstance(value, str) and value:
            yield place.path, value


def missing_error(
    info: ProviderInfo, missing: Sequence[CredentialField], profile: str, file: ProfileFile
) -> MissingCredentials:
    """Make the error that names the variable, the file and the command."""
    command = f"swath auth login {info.name}" + ("" if profile == "default" else f" --profile {profile}")
    ways = dict.fromkeys(" and ".join(way.fields) for way in info.logins)
    names = ", or ".join(ways) if ways else ", ".join(declared.name for declared in missing)
    others = [name for name in file.profiles(info.name) if name != profile]
    known = f" (there are some for {', '.join(map(repr, others))})" if others else ""
    return MissingCredentials(
        f"no {names} was found for profile {profile!r}{known}: "
        f"not as an argument, in the environment, or in {file.path}",
        hint=_advice(info, missing, command),
        provider=info.name,
        details={
            "fields": [declared.name for declared in missing],
            "variables": [declared.env[0] for declared in missing if declared.env],
            "file": str(file.path),
            "command": command,
        },
    )


def _path(text: str, environ: Mapping[str, str] | None) -> Path | None:
    if not text.startswith("~/"):
        return Path(text)
    if environ is not None and environ is not os.environ:
        home = environ.get("HOME") or environ.get("USERPROFILE")
        return None if not home else Path(home, text[2:])
    try:
        return Path.home() / text[2:]
    except RuntimeError:
        return None

# SPDX-License-Identifier: Apache-2.0
"""Where a secret is found: argument, then environment, then keyring, then profile file. Never by asking."""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import evolve, field, frozen

from swath._home import config_dir
from swath._keyring import SystemKeyring
from swath._logins import chosen_login, fields_in_use, fields_of_logins, kept_elsewhere, missing_error
from swath._profiles import ProfileFile
from swath.errors import ConfigurationError, InputError
from swath.models import Credential, CredentialField, ProviderInfo, Secret

__all__ = [
    "CredentialStatus",
    "account_id",
    "choose_profile",
    "credentials_path",
    "forget_credentials",
    "resolve_credentials",
    "resolve_settings",
    "status",
    "store_credentials",
]

_LOG = logging.getLogger("swath.credentials")
_KEYRING = SystemKeyring()
_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"0", "false", "no", "off"})
_said: set[tuple[str, ...]] = set()
_said_lock = threading.Lock()


@frozen(kw_only=True)
class CredentialStatus:
    """Where one credential of a provider stands."""

    name: str
    """Name of the `CredentialField`."""
    required: bool
    source: str | None
    """As in `Credential.source`; None where it was found nowhere."""
    shown: str
    """Masked tail of a secret, or the value of what is none; empty where it was found nowhere."""
    shadowed: tuple[str, ...] = ()
    """Further sources that hold another value, which is not used."""
    used: bool = True
    """False where another way to sign in comes first."""

    @property
    def missing(self) -> bool:
        """Whether it is required and was found nowhere."""
        return self.required and self.source is None


@frozen(kw_only=True)
class _Found:
    """Everything known of one field, best source first."""

    declared: CredentialField
    values: tuple[tuple[str, Secret], ...] = field(default=(), repr=False)

    @property
    def shadowed(self) -> tuple[str, ...]:
        return tuple(source for source, value in self.values[1:] if value != self.values[0][1])


def choose_profile(profile: str | None, environ: Mapping[str, str] | None = None) -> str:
    """Give the profile's name: the argument, else ``SWATH_PROFILE``, else ``"default"``; empty ones count as absent."""
    return profile or _environ(environ).get("SWATH_PROFILE", "").strip() or "default"


def credentials_path(environ: Mapping[str, str] | None = None) -> Path:
    """Say where the profile file is, or would be."""
    return config_dir(environ) / "credentials.json"


def resolve_credentials(
    info: ProviderInfo,
    *,
    arguments: Mapping[str, str | Secret | None],
    profile: str,
    environ: Mapping[str, str] | None = None,
    use_keyring: bool | None = None,
    keyring: SystemKeyring | None = None,
    needed: bool = True,
) -> dict[str, Credential]:
    """Find the credentials that a provider declares. An empty value counts as absent.

    Of several ways to sign in, only the credentials of the one in use are given.

    Args:
        info: The provider's own description.
        arguments: What the caller passed, by field name.
        profile: Which account.
        environ: The process's environment if None.
        use_keyring: Whether the keyring is asked; None leaves it to ``SWATH_KEYRING`` and the profile file.
        keyring: What is asked; the system's if None.
        needed: Whether it is an error that one is missing.

    Returns:
        What was found, by field name; all required ones are among it.

    Raises:
        MissingCredentials: With the variable to set, the file and the command.
        ConfigurationError: If the profile file is there and cannot be understood.
    """
    found = _find(info, arguments, profile, environ=environ, use_keyring=use_keyring, keyring=keyring)
    sources = _sources(found)
    used = fields_in_use(info, sources)
    found = [entry for entry in found if entry.declared.name in used]
    _warn_shadowed(info, profile, found)
    missing = [entry.declared for entry in found if entry.declared.required and not entry.values]
    if info.logins and chosen_login(info, sources) is None:
        missing += [one for one in info.credentials if one not in missing and one.name in fields_of_logins(info)]
    if missing and needed:
        raise missing_error(info, missing, profile, ProfileFile(credentials_path(environ)))
    return {
        entry.declared.name: Credential(name=entry.declared.name, source=entry.values[0][0], value=entry.values[0][1])
        for entry in found
        if entry.values
    }


def resolve_settings(
    info: ProviderInfo,
    *,
    arguments: Mapping[str, Any],
    profile: str,
    environ: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Find a provider's settings: argument, environment, profile file, default; then what else was passed.

    Args:
        info: The provider's own description.
        arguments: What the caller passed; names of credentials among it are passed over.
        profile: Which account.
        environ: The process's environment if None.

    Raises:
        ConfigurationError: If the profile file would be needed and cannot be understood.
    """
    secret = {declared.name for declared in info.credentials}
    values = {name: str(value) for name, value in arguments.items() if name not in secret and _clean(value)}
    open_fields = []
    for declared in info.settings:
        if declared.name in values:
            continue
        from_env = next(_from_env(declared.env, environ), None)
        if from_env is not None:
            values[declared.name] = from_env[1]
        else:
            open_fields.append(declared)
    if open_fields:
        stored = ProfileFile(credentials_path(environ)).fields(profile, info.name)
        for declared in open_fields:
            value = _clean(stored.get(declared.name)) or declared.default
            if value is not None:
                values[declared.name] = value
    return values


def store_credentials(
    provider: str,
    profile: str,
    values: Mapping[str, str | Secret],
    *,
    where: str = "file",
    instead_of: Collection[str] = (),
    environ: Mapping[str, str] | None = None,
    keyring: SystemKeyring | None = None,
) -> str:
    """Keep credentials for later. What the other place holds under the same names is removed there.

    Args:
        provider: Entry-point name.
        profile: Which account.
        values: By field name; fields that are not named stay as they are.
        where: ``"file"`` or ``"keyring"``; the latter is from then on asked without ``SWATH_KEYRING``.
        instead_of: Fields that are removed from both, as those of another way to sign in.
        environ: The process's environment if None.
        keyring: What is asked; the system's if None.

    Returns:
        Where they are now, in words.

    Raises:
        InputError: If there is nothing to keep, or no such place.
        ConfigurationError: If the place cannot be written; nothing has changed then.
    """
    kept = {name: text for name, value in values.items() if (text := _clean(value))}
    if not kept:
        raise InputError(f"no credential of {provider} was given", hint="pass at least one that is not empty")
    if where not in {"file", "keyring"}:
        raise InputError(f"where={where!r} is no place for credentials", hint="pass 'file' or 'keyring'")
    file = ProfileFile(credentials_path(environ))
    ring = keyring or _KEYRING
    if where == "keyring":
        file.read()  # a file that cannot be read is said before anything is written
        ring.put(provider, profile, {**_without(ring.get(provider, profile), instead_of), **kept})
        file.update(profile, provider, remove={*kept, *instead_of}, settings={"keyring": True})
        return "the system's keyring"
    file.update(profile, provider, put=kept, remove=instead_of)
    if _keyring_chosen(file, environ):
        try:
            present = ring.get(provider, profile)
            if present.keys() & {*kept, *instead_of}:
                ring.put(provider, profile, _without(present, {*kept, *instead_of}))
        except ConfigurationError as err:
            _LOG.warning("an older value of %s may still be in the keyring: %s", ", ".join(sorted(kept)), err.message)
    return str(file.path)


def forget_credentials(
    provider: str,
    profile: str,
    *,
    environ: Mapping[str, str] | None = None,
    keyring: SystemKeyring | None = None,
) -> bool:
    """Remove a provider's credentials of a profile from the profile file and, if chosen, the keyring.

    Returns:
        Whether there were any.

    Raises:
        ConfigurationError: If one of the places cannot be read or written.
    """
    file = ProfileFile(credentials_path(environ))
    ring = keyring or _KEYRING
    chosen = _keyring_chosen(file, environ)
    had = file.forget(profile, provider)
    if chosen and ring.get(provider, profile):
        ring.put(provider, profile, {})
        had = True
    return had


def status(
    info: ProviderInfo,
    profile: str,
    *,
    arguments: Mapping[str, str | Secret | None] | None = None,
    environ: Mapping[str, str] | None = None,
    use_keyring: bool | None = None,
    keyring: SystemKeyring | None = None,
) -> list[CredentialStatus]:
    """Say of each credential where it comes from, showing no secret."""
    made = []
    everything = _find(info, arguments or {}, profile, environ=environ, use_keyring=use_keyring, keyring=keyring)
    sources = _sources(everything)
    used = fields_in_use(info, sources)
    signed_in = not info.logins or chosen_login(info, sources) is not None
    for entry in everything:
        declared = entry.declared
        row = CredentialStatus(
            name=declared.name,
            required=declared.required or (not signed_in and declared.name in fields_of_logins(info)),
            source=None,
            shown="",
            used=declared.name in used,
        )
        if entry.values:
            source, value = entry.values[0]
            shown = value.masked() if entry.declared.secret else value.reveal()
            row = evolve(row, source=source, shown=shown, shadowed=entry.shadowed)
        made.append(row)
    return made


def account_id(provider: str, credentials: Mapping[str, Credential]) -> str:
    """Give an id that is the same for the same credentials, and from which they cannot be guessed back.

    Returns:
        24 hexadecimal digits.
    """
    text = "\0".join(f"{name}={credentials[name].value.reveal()}" for name in sorted(credentials)).encode()
    salt = b"swath account\0" + provider.encode()
    quick = hashlib.sha256(salt + b"\0" + text).digest()
    if quick not in _IDS:
        # Slow on purpose (some 20 ms): the id stands in the ledger, and a password may be short.
        _IDS[quick] = hashlib.pbkdf2_hmac("sha256", text, salt, 100_000, 12).hex()
    return _IDS[quick]


_IDS: dict[bytes, str] = {}
"""Ids that were made already, by a quick hash of what they are made of; kept in memory only."""


# --- looking ---------------------------------------------------------------------------------------------------------


def _environ(environ: Mapping[str, str] | None) -> Mapping[str, str]:
    return os.environ if environ is None else environ


def _clean(value: object) -> str:
    """Give the text of a value without the line end that files and pipes leave; empty for an absent one."""
    if value is None:
        return ""
    text = value.reveal() if isinstance(value, Secret) else str(value)
    text = text.strip("\r\n")
    return text if text.strip() else ""


def _without(values: Mapping[str, str], names: Collection[str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if name not in names}


def _from_env(names: tuple[str, ...], environ: Mapping[str, str] | None) -> Iterator[tuple[str, str]]:
    for name in names:
        value = _clean(_environ(environ).get(name))
        if value:
            yield name, value


def _find(
    info: ProviderInfo,
    arguments: Mapping[str, str | Secret | None],
    profile: str,
    *,
    environ: Mapping[str, str] | None,
    use_keyring: bool | None,
    keyring: SystemKeyring | None,
) -> list[_Found]:
    """Ask every source for every field, best first."""
    if not info.credentials:
        return []
    file = ProfileFile(credentials_path(environ))
    stored = file.fields(profile, info.name)
    kept: Mapping[str, str] = {}
    if _keyring_chosen(file, environ) if use_keyring is None else use_keyring:
        try:
            kept = (keyring or _KEYRING).get(info.name, profile)
        except ConfigurationError as err:
            _say(("keyring", err.message), f"{err.message}; going on with the profile file")
    found = []
    for declared in info.credentials:
        candidates = [("argument", _clean(arguments.get(declared.name)))]
        candidates += [(f"environment {name}", value) for name, value in _from_env(declared.env, environ)][:1]
        candidates += [
            ("keyring", _clean(kept.get(declared.name))),
            ("profile file", _clean(stored.get(declared.name))),
        ]
        if profile == "default":  # an account that is named is that account, whatever other tools use
            candidates += [(source, _clean(value)) for source, value in kept_elsewhere(declared, environ)][:1]
        values = tuple((source, Secret(value)) for source, value in candidates if value)
        found.append(_Found(declared=declared, values=values))
    return found


def _sources(found: list[_Found]) -> dict[str, str]:
    return {entry.declared.name: entry.values[0][0] for entry in found if entry.values}


def _keyring_chosen(file: ProfileFile, environ: Mapping[str, str] | None) -> bool:
    word = _environ(environ).get("SWATH_KEYRING", "").strip().lower()
    if word and word not in _YES | _NO:
        raise ConfigurationError(
            f"SWATH_KEYRING={word!r} is neither yes nor no", hint="set SWATH_KEYRING to 1 or 0, or unset it"
        )
    return word in _YES if word else file.settings().get("keyring") is True


def _warn_shadowed(info: ProviderInfo, profile: str, found: list[_Found]) -> None:
    for entry in found:
        if entry.shadowed:
            used, others = entry.values[0][0], " and ".join(entry.shadowed)
            _say(
                ("shadowed", info.name, profile, entry.declared.name, used, others),
                f"{info.name}: {entry.declared.name} is taken from {used}; another value in {others} is not used",
            )


def _say(key: tuple[str, ...], text: str) -> None:
    """Warn once a process."""
    with _said_lock:
        if key in _said:
            return
        _said.add(key)
    _LOG.warning("%s", text)

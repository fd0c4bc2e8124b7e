# SPDX-License-Identifier: Apache-2.0
"""The profile file ``credentials.json``: read without surprise, rewritten without loss."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from swath._home import ensure_private_dir, read_private, write_private
from swath.errors import ConfigurationError

__all__ = ["ProfileFile"]

_VERSION = 1
_LOCK_S = 10.0


class ProfileFile:
    """``{"version": 1, "profiles": {profile: {provider: {field: value}}}, "settings": {...}}``.

    What swath does not know in it is kept when it is rewritten. A file that cannot be understood is never written to.

    Args:
        path: Where it is, or would be.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> dict[str, Any]:
        """Give the whole file; empty where there is none.

        Raises:
            ConfigurationError: If it cannot be read or understood, or a newer swath wrote it.
        """
        data = read_private(self.path)
        if data is None or not data.strip():
            return {}
        try:
            content = json.loads(data)
        except ValueError as err:
            # The parser's own text is not passed on: it may quote a secret.
            where = f" at line {err.lineno}" if isinstance(err, json.JSONDecodeError) else ""
            raise self._unreadable(f"is no valid JSON{where}") from None
        if not isinstance(content, dict):
            raise self._unreadable("does not hold a JSON object")
        version = content.get("version", _VERSION)
        if not isinstance(version, int) or version > _VERSION:
            raise self._unreadable(f"has version {version!r}, and this swath knows {_VERSION}")
        for profile, providers in _object(self, content, "profiles").items():
            for provider in _object(self, content["profiles"], profile, "profiles"):
                _object(self, providers, provider, f"profiles.{profile}")
        _object(self, content, "settings")
        return content

    def fields(self, profile: str, provider: str) -> dict[str, str]:
        """Give what a profile holds for a provider, by field name."""
        stored = self.read().get("profiles", {}).get(profile, {}).get(provider, {})
        return {name: value for name, value in stored.items() if isinstance(value, str)}

    def profiles(self, provider: str) -> list[str]:
        """Name the profiles that hold something for a provider."""
        return sorted(name for name, held in self.read().get("profiles", {}).items() if held.get(provider))

    def settings(self) -> dict[str, Any]:
        """Give the settings that concern no provider."""
        return dict(self.read().get("settings", {}))

    def update(
        self,
        profile: str,
        provider: str,
        *,
        put: Mapping[str, str] | None = None,
        remove: Collection[str] = (),
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        """Change some fields of a provider and settings; all else stays.

        Raises:
            ConfigurationError: If the file cannot be read, understood or written; it is then as it was.
        """
        with self._locked():
            content = self.read()
            if put:
                content.setdefault("profiles", {}).setdefault(profile, {}).setdefault(provider, {}).update(put)
            held = content.get("profiles", {}).get(profile, {}).get(provider, {})
            for name in remove:
                held.pop(name, None)
            if settings:
                content.setdefault("settings", {}).update(settings)
            self._write(content)

    def forget(self, profile: str, provider: str) -> bool:
        """Remove all that a profile holds for a provider.

        Returns:
            Whether there was any.
        """
        if not self.fields(profile, provider):
            return False
        with self._locked():
            content = self.read()
            had = bool(content.get("profiles", {}).get(profile, {}).pop(provider, None))
            self._write(content)
        return had

    def _write(self, content: dict[str, Any]) -> None:
        text = json.dumps({"version": _VERSION, **content}, indent=2, ensure_ascii=False)
        write_private(self.path, f"{text}\n".encode())

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Let two sign-ins at once both be kept."""
        import filelock

        ensure_private_dir(self.path.parent)
        lock = filelock.FileLock(f"{self.path}.lock", timeout=_LOCK_S, mode=0o600)
        try:
            lock.acquire()
        except filelock.Timeout as err:
            raise ConfigurationError(
                f"{self.path} has been locked by another process for {_LOCK_S:g} s",
                hint="end the other swath command, then try again",
            ) from err
        except OSError as err:
            raise ConfigurationError(
                f"{self.path}.lock cannot be made: {err.strerror or err}",
                hint="check the rights of its folder, or set SWATH_HOME to another one",
            ) from err
        try:
            yield
        finally:
            lock.release()

    def _unreadable(self, why: str) -> ConfigurationError:
        return ConfigurationError(
            f"the credentials file {self.path} {why}",
            hint="correct it, or move it away and sign in again with: swath auth login PROVIDER; it was left as it is",
        )


def _object(file: ProfileFile, holder: Mapping[str, Any], name: str, path: str = "") -> dict[str, Any]:
    """Give an object within the file, or say which one is none."""
    value = holder.get(name, {})
    if not isinstance(value, dict):
        raise file._unreadable(f"has something else than an object at {path + '.' if path else ''}{name}")  # noqa: SLF001 - same module
    return value

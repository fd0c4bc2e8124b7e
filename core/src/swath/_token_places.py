# SPDX-License-Identifier: Apache-2.0
"""Where a token is kept between runs, and how it is written there."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from swath._home import read_private, write_private
from swath.models import Secret

if TYPE_CHECKING:
    from swath.auth import Token

__all__ = ["FilePlace", "HasNow", "MemoryPlace", "OwnFormat", "TokenFormat", "TokenPlace"]

_VERSION = 1


class HasNow(Protocol):
    """What can say how late it is."""

    def now(self) -> dt.datetime:
        """Give the time of day, aware UTC."""


class TokenPlace(Protocol):
    """What keeps one token."""

    @property
    def path(self) -> Path | None:
        """The file that processes lock for each other; None where no other process sees the token."""

    def read(self) -> bytes | None:
        """Give what is kept; None for nothing."""

    def write(self, data: bytes) -> None:
        """Replace it, whole or not at all."""

    def remove(self) -> bool:
        """Drop it, and say whether there was any."""


class TokenFormat(Protocol):
    """How a token is written."""

    def decode(self, data: bytes) -> tuple[Token, dt.datetime]:
        """Read a token, and when it was fetched.

        Raises:
            ValueError: For anything else; KeyError, TypeError and AttributeError mean the same.
        """

    def encode(self, token: Token, fetched: dt.datetime, before: bytes | None) -> bytes:
        """Write a token in the place of what was there before."""


class FilePlace:
    """A file that only its user may read.

    Args:
        path: Where it is, or would be.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def __str__(self) -> str:
        return str(self._path)

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    def read(self) -> bytes | None:
        """Give its content; None if it is not there."""
        return read_private(self._path)

    def write(self, data: bytes) -> None:
        """Replace it, 0600 from its first moment."""
        write_private(self._path, data)

    def remove(self) -> bool:
        """Delete it."""
        with contextlib.suppress(OSError):
            self._path.unlink()
            return True
        return False


class MemoryPlace:
    """Keeps a token for as long as this object lives; several opened accounts may share it.

    Args:
        data: What it holds at first.
    """

    def __init__(self, data: bytes | None = None) -> None:
        self._data = data

    def __str__(self) -> str:
        return "in memory"

    @property
    def path(self) -> Path | None:
        """No other process sees it."""
        return None

    def read(self) -> bytes | None:
        """Give what is kept."""
        return self._data

    def write(self, data: bytes) -> None:
        """Replace it."""
        self._data = data

    def remove(self) -> bool:
        """Drop it."""
        had, self._data = self._data is not None, None
        return had


class OwnFormat:
    """The format of core's own token files."""

    def decode(self, data: bytes) -> tuple[Token, dt.datetime]:
        """Read what `encode` wrote."""
        from swath.auth import Token

        content: Any = json.loads(data)
        if content["version"] != _VERSION or not isinstance(content["value"], str) or not content["value"]:
            raise ValueError
        expires, refresh = content["expires"], content["refresh"]
        token = Token(
            value=Secret(content["value"]),
            expires=None if expires is None else _aware(expires),
            refresh=None if refresh is None else Secret(str(refresh)),
        )
        return token, _aware(content["fetched"])

    def encode(self, token: Token, fetched: dt.datetime, before: bytes | None) -> bytes:  # noqa: ARG002 - nothing of the old one stays
        """Write value, end, refresh token and time."""
        content = {
            "version": _VERSION,
            "value": token.value.reveal(),
            "expires": None if token.expires is None else token.expires.astimezone(dt.UTC).isoformat(),
            "refresh": None if token.refresh is None else token.refresh.reveal(),
            "fetched": fetched.astimezone(dt.UTC).isoformat(),
        }
        return json.dumps(content).encode()


def _aware(text: str) -> dt.datetime:
    time = dt.datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError
    return time

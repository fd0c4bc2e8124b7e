# SPDX-License-Identifier: Apache-2.0
"""The certificates that servers are checked against, read once for all clients of a process."""

from __future__ import annotations

import functools
import os
import ssl
from pathlib import Path

import httpx

__all__ = ["names_certificates", "trusted"]

_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")
"""What httpx goes by."""


def trusted() -> ssl.SSLContext:
    """Give what httpx makes of the environment as it is now; reading the certificates takes 20 ms and more.

    Raises:
        OSError: A file that the environment names cannot be read; ssl.SSLError is one of these.
    """
    named = tuple(os.environ.get(name) for name in _VARIABLES)
    return _made(named, tuple(map(_changed_at, named)))


def names_certificates() -> bool:
    """Whether the environment says which certificates to trust. The system's own are read at the first need."""
    return any(os.environ.get(name) for name in _VARIABLES)


def _changed_at(path: str | None) -> int:
    try:
        return Path(path).stat().st_mtime_ns if path else 0
    except OSError:
        return 0  # whether that matters is for httpx to say


@functools.lru_cache(maxsize=8)
def _made(_named: tuple[str | None, ...], _changed: tuple[int, ...]) -> ssl.SSLContext:
    """Make it, anew where the environment or what it names has changed."""
    return httpx.create_ssl_context()

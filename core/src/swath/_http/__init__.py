# SPDX-License-Identifier: Apache-2.0
"""The HTTP client that every provider's requests go through."""

from __future__ import annotations

import sys

_COMMAND = "httpx._main"


def _import_httpx() -> None:
    """Import httpx without the command that it also is: that loads rich and pygments, a third of the time it takes.

    httpx does without it where these are not installed, and so it does here; it can still be imported by itself.
    """
    if "httpx" in sys.modules or _COMMAND in sys.modules:
        return
    sys.modules[_COMMAND] = None  # type: ignore[assignment]  # an import of it fails
    try:
        import httpx  # noqa: F401
    finally:
        del sys.modules[_COMMAND]


_import_httpx()

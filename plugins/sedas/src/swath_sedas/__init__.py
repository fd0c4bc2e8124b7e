# SPDX-License-Identifier: Apache-2.0
"""SeDAS for swath, and the provider's own client under its documented names."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from swath_sedas.api import SeDASAPI
    from swath_sedas.bulk import SeDASBulkDownload
    from swath_sedas.provider import SeDASProvider
    from swath_sedas.session import BlankCredentials

__all__ = ["BlankCredentials", "SeDASAPI", "SeDASBulkDownload", "SeDASProvider"]

_HOMES = {
    "BlankCredentials": "swath_sedas.session",
    "SeDASAPI": "swath_sedas.api",
    "SeDASBulkDownload": "swath_sedas.bulk",
    "SeDASProvider": "swath_sedas.provider",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names without importing them."""
    return sorted({*globals(), *__all__})

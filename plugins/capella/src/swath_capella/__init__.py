# SPDX-License-Identifier: Apache-2.0
"""Capella for swath: radar imagery from the archive and on demand.

Most people never import this package: ``swath.open("capella")`` does. Who knows Capella's own client finds its names
here, over the same HTTP, downloads and credentials: `CapellaConsoleClient`, `enumerations`, `exceptions` and `search`.
Nothing is imported before it is used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from swath_capella import enumerations, exceptions, search
    from swath_capella.client import CapellaConsoleClient
    from swath_capella.provider import CapellaProvider

__all__ = ["CapellaConsoleClient", "CapellaProvider", "enumerations", "exceptions", "search"]

_HOMES = {
    "CapellaConsoleClient": "swath_capella.client",
    "CapellaProvider": "swath_capella.provider",
    "enumerations": "swath_capella.enumerations",
    "exceptions": "swath_capella.exceptions",
    "search": "swath_capella.search",
}
"""Module of each public name."""


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    if name == "__version__":
        from importlib.metadata import version

        return version("swath-capella")
    home = _HOMES.get(name)
    if home is None:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    module = importlib.import_module(home)
    found = module if home == f"{__name__}.{name}" else getattr(module, name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})

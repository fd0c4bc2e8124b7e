# SPDX-License-Identifier: Apache-2.0
"""Planet for swath: PlanetScope, SkySat and the rest of Planet's catalogue.

Nothing here is imported before it is used. Most people never import this package: ``swath.open("planet")`` does.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from swath_planet.provider import PlanetProvider

__all__ = ["PlanetProvider"]

_HOMES = {"PlanetProvider": "swath_planet.provider"}
"""Module of each public name."""


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    home = _HOMES.get(name)
    if home is None:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    found = getattr(importlib.import_module(home), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """List the public names, imported or not."""
    return sorted({*globals(), *__all__})

# SPDX-License-Identifier: Apache-2.0
"""Cecil for swath: areas, datasets, subscriptions, rasters and tables.

Most people never import this package: ``swath.open("cecil")`` does. Who knows Cecil's own SDK finds its `Client` here,
over the same HTTP and credentials. Nothing is imported before it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from swath_cecil.client import Client
    from swath_cecil.errors import Error
    from swath_cecil.provider import CecilProvider

__all__ = ["CecilProvider", "Client", "Error", "__version__"]

_HOMES = {"CecilProvider": "provider", "Client": "client", "Error": "errors"}


def __getattr__(name: str) -> Any:
    import importlib

    if name == "__version__":
        from importlib.metadata import version

        return version("swath-cecil")
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(importlib.import_module(f"swath_cecil.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

# SPDX-License-Identifier: Apache-2.0
"""One way to get Earth-observation data from any provider.

Authenticate, search, order, wait, download, load: start with `open`, which gives a `Provider`.
"""

from __future__ import annotations

import importlib

TYPE_CHECKING = False  # as typing has it, which takes as long to import as Python to start
if TYPE_CHECKING:
    from typing import Any

    from swath._federation import Federation
    from swath._open import open_provider as open  # noqa: A004 (swath.open keeps its prefix)
    from swath._open import providers, search
    from swath._provider import Provider
    from swath._results import ItemSearch
    from swath._saved import read_items
    from swath._transfer.verify import verify_dir as verify
    from swath.errors import SwathError
    from swath.models import Order, OrderState, Quote

__all__ = [
    "Federation",
    "ItemSearch",
    "Order",
    "OrderState",
    "Provider",
    "Quote",
    "SwathError",
    "open",
    "providers",
    "read_items",
    "search",
    "verify",
]

__version__ = "0.1.0"

_PLACES = {
    "Federation": ("swath._federation", "Federation"),
    "ItemSearch": ("swath._results", "ItemSearch"),
    "Order": ("swath.models", "Order"),
    "OrderState": ("swath.models", "OrderState"),
    "Provider": ("swath._provider", "Provider"),
    "Quote": ("swath.models", "Quote"),
    "SwathError": ("swath.errors", "SwathError"),
    "open": ("swath._open", "open_provider"),
    "providers": ("swath._open", "providers"),
    "read_items": ("swath._saved", "read_items"),
    "search": ("swath._open", "search"),
    "verify": ("swath._transfer.verify", "verify_dir"),
}
_MODULES = (
    "aio",
    "auth",
    "convert",
    "decoding",
    "errors",
    "hookspecs",
    "models",
    "native",
    "paging",
    "progress",
    "pushdown",
    "sandbox",
    "stac",
    "testing",
)


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used (PEP 562)."""
    if name in _PLACES:
        module, attribute = _PLACES[name]
        value = getattr(importlib.import_module(module), attribute)
    elif name in _MODULES:
        value = importlib.import_module(f"swath.{name}")
    else:
        msg = f"module 'swath' has no attribute {name!r}"
        raise AttributeError(msg)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_MODULES})

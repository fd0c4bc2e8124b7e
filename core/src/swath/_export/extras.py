# SPDX-License-Identifier: Apache-2.0
"""Says which extra to install for tables of items."""

from __future__ import annotations

import importlib

from swath.errors import MissingExtra

__all__ = ["require_arrow", "require_frames"]


def require_arrow(purpose: str) -> None:
    """Check that pyarrow is there.

    Args:
        purpose: What needs it, for the message: ``"writing GeoParquet"``.

    Raises:
        MissingExtra: It is not installed.
    """
    _require("pyarrow", "geoparquet", purpose)


def require_frames(purpose: str) -> None:
    """Check that geopandas is there.

    Raises:
        MissingExtra: It is not installed.
    """
    _require("geopandas", "table", purpose)


def _require(package: str, extra: str, purpose: str) -> None:
    try:
        importlib.import_module(package)
    except ModuleNotFoundError as err:
        raise MissingExtra(
            f"{purpose} needs the package {err.name or package}, which is not installed",
            hint=f'install it with: pip install "swath[{extra}]"',
        ) from err

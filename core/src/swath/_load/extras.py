# SPDX-License-Identifier: Apache-2.0
"""Says which extra to install when a package is missing."""

from __future__ import annotations

import importlib
from typing import Final

from swath.errors import MissingExtra

_PACKAGES: Final = {
    "raster": ("numpy", "rasterio", "dask.array", "xarray", "rioxarray"),
    "table": ("geopandas", "pyarrow"),
}


def require(extra: str, purpose: str) -> None:
    """Check that the packages of an extra can be imported.

    Args:
        extra: ``"raster"`` or ``"table"``.
        purpose: What needs them, for the message: ``"loading rasters"``.

    Raises:
        MissingExtra: One is not installed.
    """
    for package in _PACKAGES[extra]:
        try:
            importlib.import_module(package)
        except ModuleNotFoundError as err:
            raise MissingExtra(
                f"{purpose} needs the package {err.name or package}, which is not installed",
                hint=f'install it with: pip install "swath[{extra}]"',
            ) from err

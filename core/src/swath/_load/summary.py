# SPDX-License-Identifier: Apache-2.0
"""Sums up what a load gave, as plain JSON."""

from __future__ import annotations

import math
from typing import Any, Final

from swath._load.coarse import coarse
from swath._load.table import crs_label
from swath.errors import InputError

_SIZE: Final = 256
"""Pixels along the longer side that statistics are taken from."""


def summarise(data: Any) -> dict[str, Any]:
    """Sum up a dataset or a table.

    Statistics of rasters are those of a decimated read of the first layer in time, without nodata.

    Args:
        data: `xarray.Dataset` or `geopandas.GeoDataFrame`, as `load_items` gives them.

    Returns:
        What JSON holds. For rasters: ``kind``, ``dims`` (size by name), ``shape``, ``dtype``, ``nbytes``, ``crs``,
        ``bounds`` (left, bottom, right, top in the CRS), ``resolution``, ``time``, ``bands`` (each with ``dtype``,
        ``nodata``, ``min``, ``max``, ``mean``, ``valid_percent``, None where no pixel is valid). For tables: ``kind``,
        ``rows``, ``columns`` (name to type), ``nbytes``, ``crs``, ``bounds``, ``geometry_types``.

    Raises:
        InputError: It is neither.
        LoadError: A file cannot be read.
    """
    if hasattr(data, "data_vars"):
        return _raster(data)
    if hasattr(data, "active_geometry_name"):
        return _table(data)
    raise InputError(
        f"{type(data).__name__} is neither a Dataset nor a GeoDataFrame", hint="pass what load(...) returned"
    )


def _raster(dataset: Any) -> dict[str, Any]:
    """Sum up a dataset."""
    import numpy as np

    made: dict[str, Any] = {
        "kind": "raster",
        "dims": {str(name): int(size) for name, size in dataset.sizes.items()},
        "shape": [int(size) for size in dataset.sizes.values()],
        "dtype": ", ".join(sorted({str(variable.dtype) for variable in dataset.data_vars.values()})),
        "nbytes": int(dataset.nbytes),
        "crs": dataset.attrs.get("crs"),
        "bounds": None,
        "resolution": None,
        "time": [],
        "bands": {},
    }
    if "time" in dataset.coords:
        stamps = np.atleast_1d(dataset["time"].values).astype("datetime64[s]")
        made["time"] = [f"{stamp}Z" for stamp in stamps.astype(str)]
    if {"x", "y"} <= set(dataset.coords):
        x, y = dataset["x"].values, dataset["y"].values
        step_x, step_y = _step(x), _step(y)
        made["resolution"] = [step_x, step_y]
        made["bounds"] = [
            float(x.min() - step_x / 2),
            float(y.min() - step_y / 2),
            float(x.max() + step_x / 2),
            float(y.max() + step_y / 2),
        ]
    for name, variable in dataset.data_vars.items():
        if {"x", "y"} <= set(variable.dims):
            made["bands"][str(name)] = _band(variable)
    return made


def _step(centres: Any) -> float:
    """Give the distance of pixel centres; 1 for a single one."""
    return abs(float(centres[-1] - centres[0])) / (len(centres) - 1) if len(centres) > 1 else 1.0


def _band(variable: Any) -> dict[str, Any]:
    """Sum up one variable."""
    import numpy as np

    values = coarse(variable, _SIZE)
    nodata = variable.attrs.get("nodata", variable.attrs.get("_FillValue"))
    valid = np.isfinite(values)
    if nodata is not None and not np.isnan(nodata):
        valid &= values != nodata
    kept = values[valid]
    kept = np.abs(kept) if kept.dtype.kind == "c" else kept
    return {
        "dtype": str(variable.dtype),
        "nodata": _number(nodata),
        "min": _number(kept.min()) if kept.size else None,
        "max": _number(kept.max()) if kept.size else None,
        "mean": _number(kept.mean(dtype="float64")) if kept.size else None,
        "valid_percent": round(100.0 * float(valid.mean()), 2) if values.size else 0.0,
    }


def _number(value: Any) -> int | float | str | None:
    """Make a number JSON; what is not finite becomes its name."""
    if value is None:
        return None
    plain = value.item() if hasattr(value, "item") else value
    if isinstance(plain, complex):
        plain = abs(plain)
    if isinstance(plain, float) and not math.isfinite(plain):
        return str(plain)
    return plain if isinstance(plain, (int, float)) else float(plain)


def _table(frame: Any) -> dict[str, Any]:
    """Sum up a table."""
    located = frame.active_geometry_name is not None
    bounds = [float(value) for value in frame.total_bounds] if located and len(frame) else None
    return {
        "kind": "table",
        "rows": len(frame),
        "columns": {str(name): str(dtype) for name, dtype in frame.dtypes.items()},
        "nbytes": int(frame.memory_usage(deep=True).sum()),
        "crs": crs_label(frame.crs) if located else None,
        "bounds": bounds if bounds and all(math.isfinite(value) for value in bounds) else None,
        "geometry_types": sorted(set(frame.geom_type.dropna())) if located else [],
    }

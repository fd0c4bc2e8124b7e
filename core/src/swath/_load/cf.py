# SPDX-License-Identifier: Apache-2.0
"""Writes what the values mean and where they lie into a dataset's attributes, in CF's words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from swath._load.grid import Grid, crs_name
from swath._load.read import BandPlan
from swath.errors import LoadError

if TYPE_CHECKING:
    import xarray

_COPIED = {
    "eo:common_name": "common_name",
    "eo:center_wavelength": "center_wavelength_um",
    "description": "long_name",
    "unit": "units",
}
"""STAC fields of a band, and the attribute each becomes."""


def describe(variable: xarray.DataArray, plan: BandPlan) -> None:
    """Say what a variable's values are: nodata, unit, name, wavelength, all as the files and items have them."""
    sources = plan.about
    attributes: dict[str, Any] = {"standard_name": None, "asset": sources[0].key}
    for field, attribute in _COPIED.items():
        said = {str(one.fields.get(field)): one.fields.get(field) for one in sources}
        if len(said) == 1:
            attributes[attribute] = next(iter(said.values()))
    units = dict.fromkeys(str(one.fields.get("unit") or "1") for one in sources)
    if len(units) > 1:
        attributes["units_differ"] = ", ".join(units)  # such as radiance beside reflectance
    stored = {str(one.header.dtypes[one.index - 1]) for one in sources if one.header is not None}
    if stored == {"complex_int16"}:
        attributes["data_type"] = "cint16"
    if plan.lacking:
        attributes["missing_in"] = ", ".join(plan.lacking)
    if plan.nodata is not None:
        attributes["nodata"] = _scalar(plan.nodata, plan.dtype)
        attributes["_FillValue"] = attributes["nodata"]
    variable.attrs.update({name: value for name, value in attributes.items() if value is not None})
    # By this the quicklook and the summary can read overviews instead of every pixel; see `coarse`.
    variable.encoding["swath"] = plan


def add_scales(dataset: xarray.Dataset, plans: Sequence[BandPlan]) -> None:
    """Say how stored values become physical ones; nothing is converted.

    Where all items of a band agree, in its attributes ``scale_factor`` and ``add_offset``; where they do not, in
    coordinates ``<band>_scale_factor`` and ``<band>_add_offset`` along time.

    Args:
        dataset: Changed in place.
        plans: Of its variables.

    Raises:
        LoadError: Items that are mosaicked into one layer disagree, so that no factor holds for it.
    """
    import numpy as np
    import xarray as xr

    for plan in plans:
        if plan.is_physical:
            continue
        first_known = {name: _factor(plan.about[0], name) for name in ("scale_factor", "add_offset")}
        for attribute, default in (("scale_factor", 1.0), ("add_offset", 0.0)):
            layers: list[float] = []
            for layer in plan.layers:
                said = {_factor(one.source, attribute): one.source for one in layer}
                if len(said) > 1:
                    (first, one), (second, other) = list(said.items())[:2]
                    raise LoadError(
                        f"items {one.item!r} and {other.item!r} fall into one layer of {plan.name!r} with different "
                        f"{attribute} ({first:g} and {second:g})",
                        hint="pass mask_and_scale=True for physical values, or groupby=None for one layer an item",
                    )
                layers.append(next(iter(said), first_known[attribute]))
            if len(set(layers)) > 1:
                dataset.coords[f"{plan.name}_{attribute}"] = xr.Variable("time", np.array(layers))
            elif layers[0] != default:
                dataset[plan.name].attrs[attribute] = layers[0]


def add_location(dataset: xarray.Dataset, grid: Grid) -> xarray.Dataset:
    """Add the ``spatial_ref`` coordinate and the attributes of x and y.

    Args:
        dataset: With coordinates x and y.
        grid: Its grid.

    Returns:
        The dataset; without georeference it has the attribute ``georeferenced`` 0 instead.
    """
    if grid.crs is None:
        dataset.attrs["georeferenced"] = 0
        dataset.attrs["comment"] = "bare pixels in the sensor's geometry: x and y count columns and rows"
        dataset["x"].attrs.update({"long_name": "column", "units": "1"})
        dataset["y"].attrs.update({"long_name": "row, counted downwards", "units": "1"})
        return dataset
    import rioxarray  # noqa: F401  adds the .rio accessor
    from affine import Affine

    located: xarray.Dataset = dataset.rio.write_crs(grid.crs).rio.write_transform(Affine(*grid.transform))
    located = located.rio.write_coordinate_system()
    located.attrs["crs"] = crs_name(grid.crs)
    located.attrs["georeferenced"] = 1
    return located


def add_points(dataset: xarray.Dataset, points: Any, crs: Any) -> xarray.Dataset:
    """Keep the ground control points of bare pixels in the ``spatial_ref`` coordinate, as rioxarray has them.

    Args:
        dataset: Without georeference.
        points: Rasterio ground control points.
        crs: Of the points.
    """
    import rioxarray  # noqa: F401  adds the .rio accessor

    located: xarray.Dataset = dataset.rio.write_gcps(points, crs)
    return located


def _factor(source: Any, attribute: str) -> float:
    """Give a source's scale or offset by the name of its attribute."""
    return float(source.scale if attribute == "scale_factor" else source.offset)


def _scalar(value: float, dtype: str) -> Any:
    """Make nodata a scalar of the variable's own type, as CF asks."""
    import numpy as np

    kind = np.dtype(dtype)
    return kind.type(value) if kind.kind != "c" or not math.isnan(value) else complex(math.nan)

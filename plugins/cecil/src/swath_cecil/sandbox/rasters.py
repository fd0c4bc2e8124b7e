# SPDX-License-Identifier: Apache-2.0
"""GeoTIFFs of a delivery."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from swath.sandbox.scenes import cog
from swath_cecil.sandbox.catalogue import Dataset, Variable
from swath_cecil.sandbox.pixels import area_grid, values_of

__all__ = ["tiff"]


def tiff(
    dataset: Dataset,
    variables: Sequence[Variable],
    geometry: Mapping[str, Any],
    when: dt.datetime | None,
    *,
    max_pixels: int,
) -> bytes:
    """Give variables of one area and time as a cloud-optimised GeoTIFF, each a band; no data outside the area.

    Args:
        dataset: Whose they are.
        variables: Of one type, one no-data value.
        geometry: Of the area, GeoJSON, degrees.
        when: The time step; None for a dataset without time.
        max_pixels: Longest side, in pixels.
    """
    grid = area_grid(dataset, geometry, max_pixels)
    stack = np.stack([values_of(one, grid, when) for one in variables])
    nodata = variables[0].nodata
    if nodata is None and stack.dtype.kind == "f":
        nodata = float("nan")
    if nodata is not None:
        stack[:, ~grid.inside(geometry)] = nodata
    return cog(stack, grid, nodata=nodata, descriptions=[one.name for one in variables])

# SPDX-License-Identifier: Apache-2.0
"""Scenes for stand-ins: real rasters of a made-up Earth, for any place, date and seed.

The ground depends on the place alone (fields, forest, towns, a river), crops also on the day, clouds and noise on the
scene's seed. Equal arguments give equal bytes. Needs the extra ``swath[sandbox]``: numpy, rasterio, pillow.
"""

from __future__ import annotations

from swath.sandbox.scenes.grids import Grid, scene_grid
from swath.sandbox.scenes.light import BANDS_NM
from swath.sandbox.scenes.rasters import (
    UDM2_BANDS,
    cog,
    jp2,
    memory_file,
    optical_array,
    optical_cog,
    png,
    quicklook_png,
    sar_array,
    sar_tiff,
    udm2_array,
    udm2_cog,
    visual_array,
    visual_cog,
)
from swath.sandbox.scenes.strips import Strip, control_points

__all__ = [
    "BANDS_NM",
    "UDM2_BANDS",
    "Grid",
    "Strip",
    "cog",
    "control_points",
    "jp2",
    "memory_file",
    "optical_array",
    "optical_cog",
    "png",
    "quicklook_png",
    "sar_array",
    "sar_tiff",
    "scene_grid",
    "udm2_array",
    "udm2_cog",
    "visual_array",
    "visual_cog",
]

# SPDX-License-Identifier: Apache-2.0
"""What a sensor measures of the ground: reflectance by band, radar backscatter by polarisation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from swath.sandbox.scenes.land import Land
from swath.sandbox.scenes.sky import Sky

__all__ = ["BANDS_NM", "backscatter", "reflectance"]

Floats = NDArray[np.float64]

BANDS_NM = {
    "coastal": 443.0, "coastal_blue": 443.0, "blue": 490.0, "green_i": 531.0, "green": 560.0, "yellow": 610.0,
    "red": 665.0, "rededge": 705.0, "red_edge": 705.0, "nir": 842.0, "pan": 620.0, "swir16": 1610.0, "swir22": 2190.0,
    "B01": 443.0, "B02": 490.0, "B03": 560.0, "B04": 665.0, "B05": 705.0, "B06": 740.0, "B07": 783.0, "B08": 842.0,
    "B8A": 865.0, "B09": 945.0, "B10": 1375.0, "B11": 1610.0, "B12": 2190.0,
}  # fmt: skip
"""Band names that scenes know, with their central wavelength in nanometres."""

# Reflectance at these wavelengths in nanometres; what lies between is interpolated.
_NM = (443, 490, 560, 665, 705, 740, 783, 842, 865, 945, 1375, 1610, 2190)
_SPECTRA = {
    "leaf": (0.025, 0.03, 0.06, 0.035, 0.10, 0.30, 0.40, 0.45, 0.46, 0.38, 0.010, 0.20, 0.09),
    "soil": (0.09, 0.11, 0.15, 0.20, 0.22, 0.24, 0.26, 0.28, 0.29, 0.26, 0.010, 0.36, 0.32),
    "forest": (0.02, 0.022, 0.035, 0.022, 0.06, 0.20, 0.27, 0.30, 0.31, 0.26, 0.008, 0.13, 0.06),
    "town": (0.12, 0.14, 0.16, 0.18, 0.19, 0.20, 0.21, 0.22, 0.23, 0.20, 0.010, 0.26, 0.25),
    "water": (0.055, 0.05, 0.045, 0.025, 0.02, 0.015, 0.012, 0.010, 0.009, 0.008, 0.002, 0.005, 0.003),
    "cloud": (0.68, 0.66, 0.64, 0.64, 0.64, 0.63, 0.63, 0.63, 0.62, 0.45, 0.10, 0.45, 0.35),
}
# Sigma nought, linear, VV at C-band: water -22 dB, bare soil -12, leaf -9, forest -7.5, town -1; cross-polarised less.
_SIGMA_LIKE = {"water": 0.0063, "soil": 0.063, "leaf": 0.126, "forest": 0.178, "town": 0.79}
_SIGMA_CROSS = {"water": 0.0010, "soil": 0.0079, "leaf": 0.025, "forest": 0.045, "town": 0.11}


def reflectance(land: Land, sky: Sky, bands: Sequence[str], seed: int) -> Floats:
    """Give reflectance, `(band, y, x)` float64 from 0 to about 1.

    Args:
        land: The ground.
        sky: The clouds over it.
        bands: Names out of `BANDS_NM`.
        seed: Which scene, for the sensor's noise.

    Raises:
        ValueError: If a band is not known.
    """
    unknown = [band for band in bands if band not in BANDS_NM]
    if unknown:
        msg = f"scenes know no band {unknown[0]!r}; they know {', '.join(BANDS_NM)}"
        raise ValueError(msg)
    field_share = (1 - land.water) * (1 - land.forest) * (1 - land.town)
    growth = land.growth * field_share
    soil = (field_share - growth) * (0.45 + 0.9 * land.soil)
    forest = land.forest * (1 - land.water) * (1 - land.town)
    town = land.town * (1 - land.water)
    texture = 0.93 + 0.14 * land.grain
    noise = np.random.default_rng(seed).standard_normal(land.grain.shape, dtype=np.float32) * 0.002
    lit = (1 - 0.62 * sky.shadow) * texture
    clear, veil = (1 - sky.cloud) * (1 - 0.5 * sky.haze), sky.cloud + 0.35 * sky.haze
    out = np.empty((len(bands), *land.water.shape))
    for index, band in enumerate(bands):
        at = {name: float(np.interp(BANDS_NM[band], _NM, values)) for name, values in _SPECTRA.items()}
        ground = at["leaf"] * growth
        ground += at["soil"] * soil
        ground += at["forest"] * forest
        ground += at["town"] * town
        ground += at["water"] * land.water
        ground *= lit
        ground *= clear
        ground += at["cloud"] * veil
        # One field of noise serves all bands, turned each time: drawing it anew would be most of the work.
        ground += np.roll(noise, 37 * index)
        out[index] = ground
    return np.maximum(out, 0.0, out=out)


def backscatter(land: Land, polarisation: str, seed: int, *, looks: float = 4.4) -> Floats:
    """Give radar backscatter, sigma nought linear, `(y, x)` float64, with speckle.

    Args:
        land: The ground.
        polarisation: ``"VV"``, ``"VH"``, ``"HH"`` or ``"HV"``.
        seed: Which scene.
        looks: Number of looks: the speckle is gamma noise of mean 1 and variance 1 / looks.

    Raises:
        ValueError: If the polarisation is not one of the four.
    """
    name = polarisation.upper()
    if name not in {"VV", "VH", "HH", "HV"}:
        msg = f"a polarisation is VV, VH, HH or HV, got {polarisation!r}"
        raise ValueError(msg)
    sigma = _SIGMA_LIKE if name[0] == name[1] else _SIGMA_CROSS
    ground = land.growth * sigma["leaf"] + (1 - land.growth) * sigma["soil"] * (0.6 + 0.8 * land.soil)
    ground += land.forest * (sigma["forest"] - ground)
    ground += land.town * (sigma["town"] * (0.3 + 1.4 * land.grain) - ground)
    ground += land.water * (sigma["water"] - ground)
    # The cross-polarised channel has speckle of its own.
    rng = np.random.default_rng([seed, *name.encode()])
    return np.asarray(ground * rng.gamma(looks, 1 / looks, ground.shape))

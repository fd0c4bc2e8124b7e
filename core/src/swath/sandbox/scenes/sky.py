# SPDX-License-Identifier: Apache-2.0
"""The clouds over a scene, their shadows and haze, by the scene's seed alone."""

from __future__ import annotations

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from swath.sandbox.scenes.grids import Grid
from swath.sandbox.scenes.noise import fractal

__all__ = ["Sky", "look_up"]

Floats = NDArray[np.float64]

_CELLS = 8
# Shadows fall to the north-west, by this share of the frame's longer side: the sun stands in the south-east.
_SHADOW_EAST, _SHADOW_NORTH = -0.022, 0.03
_SOFTNESS = 0.035
_PROBE = 64


@frozen(kw_only=True)
class Sky:
    """What stands between the ground and the sensor; every array is `(y, x)` float64 from 0 to 1."""

    cloud: Floats = field(eq=False)
    """Opacity of cloud."""
    haze: Floats = field(eq=False)
    """Opacity of thin haze around clouds."""
    shadow: Floats = field(eq=False)
    """Depth of cloud shadow, 0 beneath cloud."""

    @property
    def is_cloud(self) -> NDArray[np.bool_]:
        """Which pixels a cloud mask would call cloud, `(y, x)`."""
        return np.asarray(self.cloud >= 0.5)


def look_up(grid: Grid, seed: int, cover: float) -> Sky:
    """Give the sky over a grid.

    Args:
        grid: Where; its `frame` is the whole scene.
        seed: Which scene.
        cover: Share of the whole frame under cloud, 0 to 1. Met within a few percent of it.
    """
    if cover <= 0:
        clear = np.zeros((grid.height, grid.width))
        return Sky(cloud=clear, haze=clear, shadow=clear)
    west, south, east, north = grid.frame
    side = max(east - west, north - south)
    probe = fractal(
        *_plane(
            (np.arange(_PROBE) + 0.5) / _PROBE * (east - west) / side,
            (np.arange(_PROBE) + 0.5) / _PROBE * (north - south) / side,
        ),
        _CELLS,
        seed,
        octaves=4,
        size=1.0,
    )
    edge = float(np.quantile(probe, 1 - min(cover, 1.0))) if cover < 1 else -1.0
    x, y = grid.centres()
    u, v = (x - west) / side, (y - south) / side
    thickness = fractal(*_plane(u, v), _CELLS, seed, octaves=4, size=1.0) - edge
    cast = fractal(*_plane(u - _SHADOW_EAST, v - _SHADOW_NORTH), _CELLS, seed, octaves=4, size=1.0) - edge
    cloud = np.clip(0.5 + thickness / _SOFTNESS, 0, 1)
    return Sky(
        cloud=cloud,
        haze=np.clip(1 + thickness / (2.5 * _SOFTNESS), 0, 1) * (1 - cloud) * 0.4,
        shadow=np.clip(0.5 + cast / _SOFTNESS, 0, 1) * (1 - cloud),
    )


def _plane(u: Floats, v: Floats) -> tuple[Floats, Floats]:
    across, up = np.meshgrid(u, v)
    return across, up

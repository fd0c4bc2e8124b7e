# SPDX-License-Identifier: Apache-2.0
"""Repeatable noise over the whole Earth: the same place and salt give the same value on every machine."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["EARTH_M", "fractal", "hashed", "smooth"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

EARTH_M = 40_075_016.685578488
"""Circumference of the Mercator plane that places are given on, metres."""


def hashed(i: Integers, j: Integers, salt: int) -> Floats:
    """Give a number from 0 to 1 for each pair of integers, as if by chance."""
    h = (i.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) ^ (j.astype(np.uint64) * np.uint64(0xC2B2AE3D27D4EB4F))
    h ^= np.uint64((salt * 0x165667B19E3779F9) & 0xFFFFFFFFFFFFFFFF)
    h ^= h >> np.uint64(32)
    h *= np.uint64(0xD6E8FEB86659FD93)
    h ^= h >> np.uint64(32)
    h *= np.uint64(0xD6E8FEB86659FD93)
    h ^= h >> np.uint64(32)
    return (h >> np.uint64(11)).astype(np.float64) * (1.0 / (1 << 53))


def smooth(x: Floats, y: Floats, cells: int, salt: int, *, size: float = EARTH_M) -> Floats:
    """Give noise from 0 to 1 that varies smoothly over a lattice of `cells` by `cells`, and closes over its edge.

    Args:
        x: Metres (or any unit of `size`), any shape.
        y: Same.
        cells: How many cells the circumference has; a power of two.
        salt: Which noise.
        size: The circumference.
    """
    u, v = x * (cells / size), y * (cells / size)
    i, j = np.floor(u), np.floor(v)
    fx, fy = u - i, v - j
    fx *= fx * (3 - 2 * fx)
    fy *= fy * (3 - 2 * fy)
    i0, j0 = int(i.min()), int(j.min())
    columns = (np.arange(i0, int(i.max()) + 2, dtype=np.int64)) % cells
    rows = np.arange(j0, int(j.max()) + 2, dtype=np.int64)
    knots = hashed(*np.meshgrid(columns, rows), salt)
    flat = knots.ravel()
    at = (j - j0).astype(np.intp) * knots.shape[1] + (i - i0).astype(np.intp)
    below = flat[at]
    below += fx * (flat[at + 1] - below)
    at += knots.shape[1]
    above = flat[at]
    above += fx * (flat[at + 1] - above)
    above -= below
    above *= fy
    above += below
    return np.asarray(above)


def fractal(x: Floats, y: Floats, cells: int, salt: int, *, octaves: int = 3, size: float = EARTH_M) -> Floats:
    """Give noise from 0 to 1 with finer and finer detail; each octave has twice the cells and half the weight."""
    total = smooth(x, y, cells, salt, size=size)
    weight, sum_of_weights = 1.0, 1.0
    for octave in range(1, octaves):
        weight /= 2
        sum_of_weights += weight
        total += weight * smooth(x, y, cells << octave, salt + 101 * octave, size=size)
    return np.asarray(total / sum_of_weights)

# SPDX-License-Identifier: Apache-2.0
"""Names of 100 km squares of the Military Grid Reference System, which Sentinel-2 tiles are called after."""

from __future__ import annotations

import math
import re

__all__ = ["SQUARE_M", "band_letter", "square_name", "square_origin"]

SQUARE_M = 100_000
"""Edge of a square, metres."""

_BANDS = "CDEFGHJKLMNPQRSTUVWX"
_COLUMNS = ("ABCDEFGH", "JKLMNPQR", "STUVWXYZ")
_ROWS = "ABCDEFGHJKLMNPQRSTUV"
_NAME = re.compile(r"(\d{2})([C-HJ-NP-X])([A-HJ-NP-Z])([A-HJ-NP-V])")
_SOUTHERN_M = 10_000_000


def band_letter(lat: float) -> str:
    """Give the letter of the latitude band: C from 80 south to X, which ends at 84 north.

    Args:
        lat: Degrees, -80 to 84.
    """
    if not -80 <= lat <= 84:
        msg = f"latitude {lat} has no band; they reach from -80 to 84"
        raise ValueError(msg)
    return _BANDS[min(int((lat + 80) // 8), len(_BANDS) - 1)]


def square_name(zone: int, band: str, column: int, row: int) -> str:
    """Give the name of a square, such as ``"38PNV"``.

    Args:
        zone: UTM zone, 1 to 60.
        band: Letter of the latitude band.
        column: Easting of the left edge in units of 100 km, 1 to 8.
        row: Northing of the lower edge in units of 100 km, counted as the zone's EPSG code does.
    """
    letters = _COLUMNS[(zone - 1) % 3]
    shift = 5 if zone % 2 == 0 else 0
    return f"{zone:02d}{band}{letters[column - 1]}{_ROWS[(row + shift) % 20]}"


def square_origin(name: str) -> tuple[int, int, int] | None:
    """Give EPSG code, easting and northing in metres of a square's lower left corner; None for no such name."""
    found = _NAME.fullmatch(name)
    if found is None or not 1 <= int(found[1]) <= 60:
        return None
    zone, band = int(found[1]), found[2]
    letters = _COLUMNS[(zone - 1) % 3]
    if found[3] not in letters:
        return None
    row = (_ROWS.index(found[4]) - (5 if zone % 2 == 0 else 0)) % 20
    # Rows repeat every 2,000 km: the band tells which is meant, within 500 km of its middle.
    middle = math.radians(-80 + 8 * _BANDS.index(band) + 4) * 6_367_449 * 0.9996
    north = middle >= 0
    expected = middle if north else middle + _SOUTHERN_M
    northing = row * SQUARE_M + round((expected - row * SQUARE_M - SQUARE_M / 2) / 2_000_000) * 2_000_000
    return (32600 if north else 32700) + zone, (letters.index(found[3]) + 1) * SQUARE_M, northing

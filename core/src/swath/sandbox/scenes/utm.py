# SPDX-License-Identifier: Apache-2.0
"""UTM and UPS coordinates, computed here so that a scene needs no projection library to know where it is."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["epsg_of", "forward", "inverse", "zone_of"]

Floats = NDArray[np.float64]

_A = 6378137.0
_F = 1 / 298.257223563
_E = math.sqrt(_F * (2 - _F))
_K0 = 0.9996
_K0_POLAR = 0.994
_FALSE_EASTING_M = 500_000.0
_FALSE_NORTHING_M = 10_000_000.0
_FALSE_POLAR_M = 2_000_000.0
_N = _F / (2 - _F)
_RADIUS_M = _A / (1 + _N) * (1 + _N**2 / 4 + _N**4 / 64)
_ALPHA = (
    _N / 2 - 2 * _N**2 / 3 + 5 * _N**3 / 16,
    13 * _N**2 / 48 - 3 * _N**3 / 5,
    61 * _N**3 / 240,
)
_BETA = (
    _N / 2 - 2 * _N**2 / 3 + 37 * _N**3 / 96,
    _N**2 / 48 + _N**3 / 15,
    17 * _N**3 / 480,
)
_DELTA = (
    2 * _N - 2 * _N**2 / 3 - 2 * _N**3,
    7 * _N**2 / 3 - 8 * _N**3 / 5,
    56 * _N**3 / 15,
)
_POLAR_SCALE_M = 2 * _A * _K0_POLAR / math.sqrt((1 + _E) ** (1 + _E) * (1 - _E) ** (1 - _E))


def zone_of(lon: float, lat: float) -> int:
    """Give the UTM zone, 1 to 60, with the exceptions of Norway and Svalbard; 0 towards the poles, where UPS reigns.

    Args:
        lon: Degrees east, WGS 84; any turn of the circle.
        lat: Degrees north, WGS 84.
    """
    lon = (lon + 180) % 360 - 180
    if lat < -80 or lat >= 84:
        return 0
    if 56 <= lat < 64 and 3 <= lon < 12:
        return 32
    if lat >= 72 and 0 <= lon < 42:
        return 31 + 2 * int((lon + 3) // 12)
    return int((lon + 180) // 6) + 1


def epsg_of(lon: float, lat: float) -> int:
    """Give the EPSG code of the UTM zone (326xx, 327xx) or of UPS (32661, 32761) at a place in degrees, WGS 84."""
    zone = zone_of(lon, lat)
    return (32600 if lat >= 0 else 32700) + (zone or 61)


def forward(lon: ArrayLike, lat: ArrayLike, epsg: int) -> tuple[Floats, Floats]:
    """Project degrees, WGS 84, to easting and northing in metres, to a millimetre within the zone.

    Args:
        lon: Degrees east, any shape; points over the antimeridian need no unwrapping.
        lat: Degrees north, same shape.
        epsg: 32601 to 32661 or 32701 to 32761.
    """
    lon_deg, lat_deg = np.asarray(lon, float), np.asarray(lat, float)
    zone, south = _split(epsg)
    if zone == 61:
        return _forward_polar(np.radians(lon_deg), np.radians(lat_deg), south=south)
    lam = np.radians((lon_deg - _central(zone) + 180) % 360 - 180)
    t = _conformal(np.radians(lat_deg))
    xi = np.arctan2(t, np.cos(lam))
    eta = np.arcsinh(np.sin(lam) / np.hypot(t, np.cos(lam)))
    x, y = eta, xi
    for j, a in enumerate(_ALPHA, start=1):
        x = x + a * np.cos(2 * j * xi) * np.sinh(2 * j * eta)
        y = y + a * np.sin(2 * j * xi) * np.cosh(2 * j * eta)
    northing = _K0 * _RADIUS_M * y + (_FALSE_NORTHING_M if south else 0.0)
    return np.asarray(_FALSE_EASTING_M + _K0 * _RADIUS_M * x), np.asarray(northing)


def inverse(easting: ArrayLike, northing: ArrayLike, epsg: int) -> tuple[Floats, Floats]:
    """Unproject metres to degrees, WGS 84; longitude runs from -180 to 180."""
    e, n = np.asarray(easting, float), np.asarray(northing, float)
    zone, south = _split(epsg)
    if zone == 61:
        return _inverse_polar(e, n, south=south)
    eta = (e - _FALSE_EASTING_M) / (_K0 * _RADIUS_M)
    xi = (n - (_FALSE_NORTHING_M if south else 0.0)) / (_K0 * _RADIUS_M)
    x, y = eta, xi
    for j, b in enumerate(_BETA, start=1):
        x = x - b * np.cos(2 * j * xi) * np.sinh(2 * j * eta)
        y = y - b * np.sin(2 * j * xi) * np.cosh(2 * j * eta)
    chi = np.arcsin(np.clip(np.sin(y) / np.cosh(x), -1, 1))
    lam = np.arctan2(np.sinh(x), np.cos(y))
    lon = (np.degrees(lam) + _central(zone) + 180) % 360 - 180
    return np.asarray(lon), np.asarray(np.degrees(_from_conformal(chi)))


def _forward_polar(lon: Floats, lat: Floats, *, south: bool) -> tuple[Floats, Floats]:
    sign = -1.0 if south else 1.0
    phi = sign * lat
    esin = _E * np.sin(phi)
    t = np.tan(np.pi / 4 - phi / 2) * ((1 + esin) / (1 - esin)) ** (_E / 2)
    rho = _POLAR_SCALE_M * t
    return np.asarray(_FALSE_POLAR_M + rho * np.sin(lon)), np.asarray(_FALSE_POLAR_M - sign * rho * np.cos(lon))


def _inverse_polar(easting: Floats, northing: Floats, *, south: bool) -> tuple[Floats, Floats]:
    sign = -1.0 if south else 1.0
    x, y = easting - _FALSE_POLAR_M, northing - _FALSE_POLAR_M
    chi = np.pi / 2 - 2 * np.arctan(np.hypot(x, y) / _POLAR_SCALE_M)
    return np.asarray(np.degrees(np.arctan2(x, -sign * y))), np.asarray(sign * np.degrees(_from_conformal(chi)))


def _conformal(lat: Floats) -> Floats:
    """Give the tangent of the conformal latitude."""
    sin = np.sin(lat)
    return np.asarray(np.sinh(np.arctanh(sin) - _E * np.arctanh(_E * sin)))


def _from_conformal(chi: Floats) -> Floats:
    lat = chi
    for j, d in enumerate(_DELTA, start=1):
        lat = lat + d * np.sin(2 * j * chi)
    return np.asarray(lat)


def _split(epsg: int) -> tuple[int, bool]:
    zone = epsg % 100
    if epsg // 100 not in {326, 327} or not 1 <= zone <= 61:
        msg = f"EPSG:{epsg} is neither UTM nor UPS on WGS 84 (32601 to 32661, 32701 to 32761)"
        raise ValueError(msg)
    return zone, epsg // 100 == 327


def _central(zone: int) -> float:
    return zone * 6.0 - 183.0

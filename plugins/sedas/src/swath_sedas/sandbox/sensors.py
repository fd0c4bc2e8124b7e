# SPDX-License-Identifier: Apache-2.0
"""What the sensors endpoints tell: source groups and satellites."""

from __future__ import annotations

from typing import Any

from swath_sedas.sandbox.orbits import SATELLITES, Satellite
from swath_sedas.sandbox.products import stamp

__all__ = ["satellites", "source_groups"]

_GROUPS = {
    "S1": "Copernicus Sentinel-1: C-band radar",
    "S2": "Copernicus Sentinel-2: multispectral optical",
    "NovaSAR": "NovaSAR-1: S-band radar",
}
_INSTRUMENTS: dict[str, dict[str, Any]] = {
    "S1": {
        "name": "SAR",
        "type": "SAR",
        "band": "C-Band",
        "resolution": 10.0,
        "description": "C-band synthetic aperture radar",
        "modes": [{"name": "IW", "minAngle": 29.1, "maxAngle": 46.0}],
    },
    "S2": {
        "name": "MSI",
        "type": "Optical",
        "resolution": 10.0,
        "description": "Multi-spectral instrument, 13 bands",
        "modes": [{"name": "Nominal", "minAngle": -10.3, "maxAngle": 10.3}],
    },
    "NovaSAR": {
        "name": "S-SAR",
        "type": "SAR",
        "band": "S-Band",
        "resolution": 6.0,
        "description": "S-band synthetic aperture radar",
        "modes": [
            {"name": "Stripmap", "minAngle": 16.0, "maxAngle": 31.2},
            {"name": "ScanSAR", "minAngle": 11.3, "maxAngle": 32.0},
        ],
    },
}
_PAGES = {
    "S1": "https://sentinels.copernicus.eu/web/sentinel/missions/sentinel-1",
    "S2": "https://sentinels.copernicus.eu/web/sentinel/missions/sentinel-2",
    "NovaSAR": "https://sa.catapult.org.uk/novasar-1/",
}


def source_groups(groups: tuple[str, ...]) -> list[dict[str, Any]]:
    """Give the source groups of an account."""
    return [
        {
            "name": group,
            "description": _GROUPS[group],
            "satellites": [{"name": one.name} for one in SATELLITES if one.group == group],
        }
        for group in groups
    ]


def satellites(groups: tuple[str, ...]) -> list[dict[str, Any]]:
    """Give the satellites of an account's groups."""
    return [_satellite(one) for one in SATELLITES if one.group in groups]


def _satellite(one: Satellite) -> dict[str, Any]:
    about: dict[str, Any] = {
        "name": one.name,
        "description": _GROUPS[one.group],
        "informationUrl": _PAGES[one.group],
        "startMissionDate": stamp(one.first),
        "instruments": [_INSTRUMENTS[one.group]],
    }
    if one.last is not None:
        about["stopMissionDate"] = stamp(one.last)
    return about

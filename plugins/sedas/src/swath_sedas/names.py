# SPDX-License-Identifier: Apache-2.0
"""Reads what mission product names say: orbit, polarisation, tile and baseline are nowhere else.

Source: the missions' naming conventions as SeDAS uses them in ``supplierId``, read 2026-11. NovaSAR-1 names were seen
in public repositories: ``NovaSAR_01_13145_slc_11_200720_233448_HH_8``.
"""

from __future__ import annotations

import re

from attrs import field, frozen

__all__ = ["NOVASAR_1", "SENTINEL_1", "SENTINEL_2", "ProductName", "mission_of", "parse_name", "polarizations"]

SENTINEL_1 = "sentinel-1"
SENTINEL_2 = "sentinel-2"
NOVASAR_1 = "novasar-1"

_S1 = re.compile(
    r"(?P<unit>S1[A-D])_(?P<mode>IW|EW|WV|EN|S[1-6]|N[1-6])_(?P<type>RAW|SLC|GRD|OCN)(?P<resolution>[FHM_])"
    r"_(?P<level>[012])[SA](?P<pol>SH|SV|DH|DV|HH|HV|VV|VH)_\d{8}T\d{6}_\d{8}T\d{6}"
    r"_(?P<orbit>\d{6})_[0-9A-F]{6}_[0-9A-F]{4}"
)
_S2 = re.compile(
    r"(?P<unit>S2[A-D])_MSI(?P<type>L1C|L2A)_\d{8}T\d{6}_N(?P<baseline>\d{4})_R(?P<relative>\d{3})"
    r"_T(?P<tile>\d{2}[C-X][A-Z]{2})_\d{8}T\d{6}"
)
_S2_OLD = re.compile(r"(?P<unit>S2[A-D])_(?:OPER|USER)_PRD_MSI(?P<type>L1C|L2A)_.+")
_NOVASAR = re.compile(
    r"NovaSAR_01_\d+_(?P<type>slc|srd|grd|scd)(?:_(?P<mode>\d+))?_\d{6}_\d{6}(?P<pol>(?:_(?:HH|HV|VV|VH))*)(?:_\w+)?",
    re.IGNORECASE,
)

_POLARIZATIONS = {
    "SH": ("HH",),
    "SV": ("VV",),
    "DH": ("HH", "HV"),
    "DV": ("VV", "VH"),
    "HH": ("HH",),
    "HV": ("HV",),
    "VV": ("VV",),
    "VH": ("VH",),
}
_FIRST_ORBITS = {"S1A": 73, "S1B": 27}
"""Absolute orbit that relative orbit 1 is counted from; the cycle has 175."""


@frozen(kw_only=True)
class ProductName:
    """What a product's name says; None where it says nothing of it."""

    mission: str
    """``"sentinel-1"``, ``"sentinel-2"`` or ``"novasar-1"``."""
    platform: str
    """``"sentinel-1b"``."""
    product_type: str
    """``"GRD"``, ``"L1C"``, ... in capitals."""
    mode: str | None = None
    """Sentinel-1: ``"IW"``. NovaSAR-1: the number of its mode."""
    level: str | None = None
    """Processing level: ``"L1"``."""
    polarizations: tuple[str, ...] = field(default=())
    absolute_orbit: int | None = None
    relative_orbit: int | None = None
    tile: str | None = None
    """MGRS tile of Sentinel-2: ``"38PNV"``."""
    baseline: str | None = None
    """Processing baseline of Sentinel-2: ``"02.08"``."""

    @property
    def epsg(self) -> int | None:
        """EPSG code of the UTM zone of a Sentinel-2 tile: bands N to X are north of the equator."""
        if self.tile is None:
            return None
        return (32600 if self.tile[2] >= "N" else 32700) + int(self.tile[:2])


def parse_name(supplier_id: str) -> ProductName | None:
    """Read a product's name.

    Args:
        supplier_id: Mission product name, without extension.

    Returns:
        What it says; None for a name of another form, which is an id and nothing more.
    """
    if found := _S1.fullmatch(supplier_id):
        return _sentinel_1(found)
    if found := _S2.fullmatch(supplier_id):
        baseline = found["baseline"]
        return ProductName(
            mission=SENTINEL_2,
            platform=f"sentinel-{found['unit'][1:].lower()}",
            product_type=found["type"],
            level=found["type"][:2],
            relative_orbit=int(found["relative"]),
            tile=found["tile"],
            baseline=f"{baseline[:2]}.{baseline[2:]}",
        )
    if found := _S2_OLD.fullmatch(supplier_id):
        # Before December 2016 one product held many tiles, so its name says no tile.
        return ProductName(
            mission=SENTINEL_2,
            platform=f"sentinel-{found['unit'][1:].lower()}",
            product_type=found["type"],
            level=found["type"][:2],
        )
    if found := _NOVASAR.fullmatch(supplier_id):
        return ProductName(
            mission=NOVASAR_1,
            platform=NOVASAR_1,
            product_type=found["type"].upper(),
            mode=found["mode"],
            level="L1",
            polarizations=tuple(dict.fromkeys(found["pol"].upper().split("_")[1:])),
        )
    return None


def _sentinel_1(found: re.Match[str]) -> ProductName:
    """Read the parts of a Sentinel-1 name; the relative orbit follows from the absolute one."""
    orbit = int(found["orbit"])
    first = _FIRST_ORBITS.get(found["unit"])
    return ProductName(
        mission=SENTINEL_1,
        platform=f"sentinel-{found['unit'][1:].lower()}",
        product_type=found["type"],
        mode=found["mode"],
        level=f"L{found['level']}",
        polarizations=_POLARIZATIONS[found["pol"]],
        absolute_orbit=orbit,
        relative_orbit=(orbit - first) % 175 + 1 if first is not None else None,
    )


def mission_of(satellite: str) -> str | None:
    """Tell the mission by a satellite's name: ``"Sentinel-2B"`` is of ``"sentinel-2"``."""
    plain = re.sub(r"[^a-z0-9]", "", satellite.lower())
    for mission in (SENTINEL_1, SENTINEL_2, NOVASAR_1):
        if plain.startswith(mission.replace("-", "")):
            return mission
    return NOVASAR_1 if plain.startswith("novasar") else None


def polarizations(text: str) -> tuple[str, ...]:
    """Read polarisations as a provider may write them: ``"VV+VH"``, ``"DV"``, ``"HH, HV"``.

    Returns:
        Each once, in that order; empty for words that are none.
    """
    words = re.findall(r"[A-Z]+", text.upper())
    return tuple(dict.fromkeys(one for word in words for one in _POLARIZATIONS.get(word, ())))

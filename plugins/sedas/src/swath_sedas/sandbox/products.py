# SPDX-License-Identifier: Apache-2.0
"""The products of the archive: what was made of each pass, and what it is called."""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import re
from collections.abc import Iterator
from typing import Any

import shapely
from attrs import field, frozen

from swath.sandbox import World
from swath_sedas.sandbox.frames import Frame, frames_of
from swath_sedas.sandbox.orbits import SATELLITES, Satellite

__all__ = ["Product", "Shelf", "square_metres", "stamp"]

_METRES_A_DEGREE = 111_195.0
_BASELINES: tuple[tuple[dt.date, str, str], ...] = (
    # First day, level 1C, level 2A.
    (dt.date(2016, 12, 7), "0204", "0204"),
    (dt.date(2017, 5, 23), "0205", "0205"),
    (dt.date(2017, 11, 15), "0206", "0206"),
    (dt.date(2018, 11, 6), "0207", "0211"),
    (dt.date(2019, 7, 16), "0208", "0213"),
    (dt.date(2020, 2, 4), "0209", "0214"),
    (dt.date(2021, 3, 30), "0300", "0300"),
    (dt.date(2021, 6, 30), "0301", "0301"),
    (dt.date(2022, 1, 25), "0400", "0400"),
    (dt.date(2022, 12, 6), "0509", "0509"),
    (dt.date(2023, 12, 13), "0510", "0510"),
    (dt.date(2024, 7, 23), "0511", "0511"),
)
"""Sentinel-2's processing baselines."""
_L2A_SINCE = dt.datetime(2018, 3, 26, tzinfo=dt.UTC)
_LAG_S = {"GRD": 3 * 3600, "SLC": 4 * 3600, "L1C": 3.5 * 3600, "L2A": 6 * 3600}
_NOVASAR_LAG_S = 20 * 3600
_NOVASAR = {
    # Type of product: number of the mode, resolution in metres, polarisations.
    "slc": (11, 6.0, ("HH",)),
    "grd": (11, 6.0, ("HH",)),
    "srd": (4, 6.0, ("VV",)),
    "scd": (5, 20.0, ("HH", "HV")),
}
_ACQUIRED = {"S1": 0.85, "S2": 0.97, "NovaSAR": 0.3}
_NAMES = (
    re.compile(r"(?P<unit>S1[AB])_IW_(?:GRDH|SLC_)_1S(?:DV|DH)_(?P<start>\d{8}T\d{6})_\d{8}T\d{6}_.{18}"),
    re.compile(r"(?P<unit>S2[AB])_MSI(?:L1C|L2A)_(?P<start>\d{8}T\d{6})_N\d{4}_R\d{3}_T(?P<tile>\w{5})_\d{8}T\d{6}"),
    re.compile(r"(?P<unit>NovaSAR_01)_(?P<orbit>\d{5,6})_(?:slc|grd|srd|scd)_\d+_\d{6}_\d{6}_\w+"),
)
_WHEN = "%Y%m%dT%H%M%S"


def stamp(when: dt.datetime) -> str:
    """Write a time as the service does: whole seconds, ``Z``."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


@frozen(kw_only=True)
class Product:
    """One product."""

    supplier_id: str
    """Mission product name."""
    kind: str
    """``"GRD"``, ``"SLC"``, ``"L1C"``, ``"L2A"``, ``"SRD"`` or ``"SCD"``."""
    satellite: Satellite = field(repr=False)
    orbit: int
    """Absolute orbit."""
    frame: Frame = field(repr=False)
    start: dt.datetime
    """Begin of the acquisition, whole second, aware UTC."""
    stop: dt.datetime
    seen: dt.datetime
    """When this piece was seen."""
    published: dt.datetime
    """When it could first be found."""
    polarisations: tuple[str, ...] = ()
    """Of radar, in the order of the files."""
    cloud: float | None = None
    """Percent, of optical products."""
    resolution: float
    """Metres."""
    mode: str
    data_take: int = 0
    """Number of Sentinel-1's data take."""
    baseline: str | None = None
    """Of Sentinel-2: ``"0511"``."""
    seed: int = field(repr=False)
    """For the picture: the same for all products of one pass over one piece."""

    @property
    def group(self) -> str:
        """Source group."""
        return self.satellite.group

    @property
    def is_optical(self) -> bool:
        """Whether it is an optical product."""
        return self.group == "S2"

    @property
    def relative(self) -> int:
        """Relative orbit, from 1."""
        return self.frame.relative

    @property
    def wkt(self) -> str:
        """Footprint: lon lat, six decimals, longitudes from -180 to 180, no blanks after commas."""
        ring = self.frame.outline.exterior.coords
        return f"POLYGON(({','.join(f'{_wrapped(lon):.6f} {lat:.6f}' for lon, lat in ring)}))"

    @property
    def area_m2(self) -> float:
        """Area of the footprint, square metres, to about a percent."""
        return round(square_metres(self.frame.outline), 1)

    def as_json(self) -> dict[str, Any]:
        """Give what does not depend on the request: neither links nor shares of an area."""
        known = {
            "productId": f"{self.seed & (1 << 64) - 1:016x}{_hash(self.supplier_id):016x}",
            "supplierId": self.supplier_id,
            "type": "ARCHIVE",
            "satelliteName": self.satellite.name,
            "instrumentName": {"S1": "SAR", "S2": "MSI", "NovaSAR": "S-SAR"}[self.group],
            "modeName": self.mode,
            "sensorType": "Optical" if self.is_optical else "SAR",
            "sensorResolution": self.resolution,
            "sensorBand": {"S1": "C-Band", "NovaSAR": "S-Band"}.get(self.group),
            "coordinatesWKT": self.wkt,
            "start": stamp(self.start),
            "stop": stamp(self.stop),
            "orbit": self.orbit,
            "orbitDirection": "ASCENDING" if self.frame.ascending else "DESCENDING",
            "area": self.area_m2,
            "cloudCoveragePercent": self.cloud,
            "productType": self.kind,
            "polarisation": " ".join(self.polarisations) or None,
            "latency": "Standard",
        }
        return {key: value for key, value in known.items() if value is not None}


class Shelf:
    """Makes the products of a world.

    Args:
        world: Its seed decides what was acquired and under which sky, its clock what is in the future.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def now(self) -> dt.datetime:
        """Give the time by the sandbox's clock, aware UTC."""
        return self._world.clock.now()

    def of_pass(self, satellite: Satellite, orbit: int, frame: Frame) -> Iterator[Product]:
        """Give the products of one frame on one orbit, in order of their names; none where nothing was acquired."""
        begun = satellite.began(orbit)
        start = (begun + dt.timedelta(seconds=frame.start_s)).replace(microsecond=0)
        if start < satellite.first or (satellite.last is not None and start > satellite.last):
            return
        # Radar is switched on for stretches of some slices, a camera for a whole pass.
        stretch = frame.index // 12 if satellite.group == "S1" else frame.index // 5
        part = (stretch,) if satellite.group != "S2" else (frame.start_s,)
        if self._chance(satellite.unit, orbit, *part) > _ACQUIRED[satellite.group]:
            return
        make = {"S1": self._sentinel_1, "S2": self._sentinel_2, "NovaSAR": self._novasar}[satellite.group]
        for product in make(satellite, orbit, frame, begun, start):
            if product.published <= self.now():
                yield product

    def find(self, supplier_id: str) -> Product | None:
        """Give the product of that name, None if there is none."""
        for pattern in _NAMES:
            if found := pattern.fullmatch(supplier_id):
                parts = found.groupdict()
                satellite = next(one for one in SATELLITES if one.unit == parts["unit"])
                for orbit, frame in _candidates(satellite, parts):
                    for product in self.of_pass(satellite, orbit, frame):
                        if product.supplier_id == supplier_id:
                            return product
        return None

    def _sentinel_1(
        self, satellite: Satellite, orbit: int, frame: Frame, begun: dt.datetime, start: dt.datetime
    ) -> Iterator[Product]:
        stop = (begun + dt.timedelta(seconds=frame.stop_s)).replace(microsecond=0)
        code, channels = ("DV", ("VV", "VH")) if abs(frame.centre[1]) < 66 else ("DH", ("HH", "HV"))
        data_take = orbit * 8 % 0xFFFFFF + frame.index // 12 % 8
        for kind, written in (("GRD", "GRDH"), ("SLC", "SLC_")):
            unique = self._world.key("crc", satellite.unit, orbit, frame.index, kind) & 0xFFFF
            name = (
                f"{satellite.unit}_IW_{written}_1S{code}_{start:{_WHEN}}_{stop:{_WHEN}}"
                f"_{orbit:06d}_{data_take:06X}_{unique:04X}"
            )
            yield Product(
                supplier_id=name,
                kind=kind,
                satellite=satellite,
                orbit=orbit,
                frame=frame,
                start=start,
                stop=stop,
                seen=start,
                published=stop + dt.timedelta(seconds=_LAG_S[kind]),
                polarisations=channels,
                resolution=10.0 if kind == "GRD" else 5.0,
                mode="IW",
                data_take=data_take,
                seed=self._world.key("pass", satellite.unit, orbit, frame.index),
            )

    def _sentinel_2(
        self, satellite: Satellite, orbit: int, frame: Frame, begun: dt.datetime, start: dt.datetime
    ) -> Iterator[Product]:
        seen = (begun + dt.timedelta(seconds=frame.seen_s)).replace(microsecond=0)
        stop = (begun + dt.timedelta(seconds=frame.stop_s)).replace(microsecond=0)
        kinds = ("L1C", "L2A") if start >= _L2A_SINCE else ("L1C",)
        for kind in kinds:
            late = 1800 * self._chance("late", satellite.unit, orbit, frame.tile, kind)
            published = (seen + dt.timedelta(seconds=_LAG_S[kind] + late)).replace(microsecond=0)
            in_use = next(row for row in reversed(_BASELINES) if start.date() >= row[0])
            baseline = in_use[1] if kind == "L1C" else in_use[2]
            name = (
                f"{satellite.unit}_MSI{kind}_{start:{_WHEN}}_N{baseline}_R{frame.relative:03d}"
                f"_T{frame.tile}_{published:{_WHEN}}"
            )
            yield Product(
                supplier_id=name,
                kind=kind,
                satellite=satellite,
                orbit=orbit,
                frame=frame,
                start=start,
                stop=stop,
                seen=seen,
                published=published,
                cloud=self._cloud(frame, start),
                resolution=10.0,
                mode="Nominal",
                baseline=baseline,
                seed=self._world.key("pass", satellite.unit, orbit, frame.tile),
            )

    def _novasar(
        self, satellite: Satellite, orbit: int, frame: Frame, begun: dt.datetime, start: dt.datetime
    ) -> Iterator[Product]:
        kinds = tuple(_NOVASAR)
        kind = kinds[int(self._chance("kind", orbit, frame.index // 5) * len(kinds))]
        mode, resolution, channels = _NOVASAR[kind]
        number = 1 + frame.index % 9
        name = f"NovaSAR_01_{orbit}_{kind}_{mode}_{start:%y%m%d_%H%M%S}_{'_'.join(channels)}_{number}"
        stop = (begun + dt.timedelta(seconds=frame.stop_s)).replace(microsecond=0)
        yield Product(
            supplier_id=name,
            kind=kind.upper(),
            satellite=satellite,
            orbit=orbit,
            frame=frame,
            start=start,
            stop=stop,
            seen=start,
            published=stop + dt.timedelta(seconds=_NOVASAR_LAG_S),
            polarisations=channels,
            resolution=resolution,
            mode="ScanSAR" if kind == "scd" else "Stripmap",
            seed=self._world.key("pass", satellite.unit, orbit, frame.index),
        )

    def _cloud(self, frame: Frame, start: dt.datetime) -> float:
        """Give a tile's cloud cover, percent: alike in neighbouring tiles of a day, four of ten nearly clear."""
        lon, lat = frame.centre
        sky = self._chance("sky", start.date(), math.floor(lon / 3), math.floor(lat / 3))
        sky = min(max(sky + 0.16 * (self._chance("sky", start.date(), frame.tile) - 0.5), 0.0), 1.0)
        return round(sky / 0.4 * 8 if sky < 0.4 else 8 + (sky - 0.4) / 0.6 * 92, 2)

    def _chance(self, *about: object) -> float:
        return self._world.key(*about) / (1 << 64)


def square_metres(shape: shapely.Geometry) -> float:
    """Give the area of a shape in degrees as square metres, on a sphere, to about a percent."""
    if shape.is_empty:
        return 0.0
    return float(shape.area) * _METRES_A_DEGREE**2 * math.cos(math.radians(shape.centroid.y))


def _candidates(satellite: Satellite, parts: dict[str, str]) -> Iterator[tuple[int, Frame]]:
    """Give the orbits and frames that a product's name may mean."""
    frames = frames_of(satellite.group)
    if "orbit" in parts:
        orbit = int(parts["orbit"])
        yield from ((orbit, frame) for frame in frames.seen_on(satellite.relative(orbit)))
        return
    try:
        start = dt.datetime.strptime(parts["start"], _WHEN).replace(tzinfo=dt.UTC)
    except ValueError:
        return
    orbit = satellite.flying(start + dt.timedelta(seconds=1))
    for frame in frames.seen_on(satellite.relative(orbit), parts.get("tile")):
        if abs((satellite.began(orbit) - start).total_seconds() + frame.start_s) < 2:
            yield orbit, frame


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def _wrapped(lon: float) -> float:
    return lon if -180 <= lon <= 180 else (lon + 180) % 360 - 180

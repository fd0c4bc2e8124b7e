# SPDX-License-Identifier: Apache-2.0
"""The item types beside PlanetScope's scenes, SkySat and RapidEye's tiles: how their items are named and described.

Source: the wire contract's table of properties. Ids of public missions and of Pelican follow no published pattern.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen

from swath.sandbox import Scene

__all__ = ["MISSIONS", "Mission"]

_MODIS = {"MOD09GA": ("Terra", 500), "MOD09GQ": ("Terra", 250), "MYD09GA": ("Aqua", 500), "MYD09GQ": ("Aqua", 250)}
_DATE_TIME = r"(?P<date>\d{8})_(?P<time>\d{6})"


@frozen(kw_only=True)
class Mission:
    """One item type."""

    tile: tuple[float, float]
    """Width and height of a scene, degrees."""
    revisit: float
    """Days between two looks at a place."""
    first: dt.datetime
    last: dt.datetime | None = None
    lag_h: float = 12
    name: Callable[[Scene], str]
    pattern: str
    """Finds date, time and row in an id."""
    describe: Callable[[Scene], Mapping[str, Any]]
    """What is None in it, items of the type do not have."""
    has_mask: bool = False
    """Whether items have a quality and the percentages of the usable data mask."""


def _utc(year: int, month: int = 1) -> dt.datetime:
    return dt.datetime(year, month, 1, tzinfo=dt.UTC)


def _called(template: str) -> dict[str, Any]:
    """Give the name of a mission's scenes, and the pattern that finds date, time and row in it again.

    Args:
        template: The id, with ``{when}`` and with as many digits of ``{row:..}`` and ``{column:..}`` as they say.
    """
    pattern = re.sub(r"\{row:0(\d)d\}", r"(?P<row>\\d{\1})", template.replace("{when}", _DATE_TIME))
    return {
        "name": lambda scene: template.format(when=f"{scene.time:%Y%m%d_%H%M%S}", row=scene.row, column=scene.column),
        "pattern": re.sub(r"\{column:0(\d)d\}", r"\\d{\1}", pattern),
    }


def _angle(scene: Scene, most: float) -> float:
    return round(0.1 + (most - 0.1) * scene.chance("angle"), 1)


def _ortho_tile(scene: Scene) -> str:
    # Planet's own: strip, cell, date, satellite. The strip holds the time, so that the item is found again.
    return f"6{scene.time:%H%M%S}_{scene.row:03d}{scene.column:04d}_{scene.time:%Y-%m-%d}_2{scene.column % 256:02x}a"


def _ortho_tile_properties(scene: Scene) -> dict[str, Any]:
    return {
        "provider": "planetscope",
        "satellite_id": f"2{scene.column % 256:02x}a",
        "instrument": "PS2.SD" if scene.column % 2 else "PS2",
        "gsd": 3.9,
        "view_angle": _angle(scene, 5),
        "strip_id": f"6{scene.time:%H%M%S}",
        "catalog_id": None,
    }


def _rapideye(scene: Scene) -> int:
    return 1 + (scene.time.date().toordinal() + scene.column) % 5


def _rapideye_properties(scene: Scene) -> dict[str, Any]:
    return {
        "provider": "rapideye",
        "satellite_id": f"RapidEye-{_rapideye(scene)}",
        "strip_id": str(18_000_000 + scene.column),
        "gsd": 6.5,
        "pixel_resolution": 6.5,
        "view_angle": round(scene.chance("angle") * 26 - 13, 2),
        "black_fill": round(scene.chance("black") * 0.2, 2),
        "usable_data": round(1 - scene.cloud_cover / 100, 2),
        "catalog_id": f"{scene.seed % 10**8:08d}",
    }


def _video_properties(scene: Scene) -> dict[str, Any]:
    return {
        "provider": "skysat",
        "satellite_id": f"SSC{1 + scene.column % 19}",
        "camera_id": f"d{1 + scene.row % 3}",
        "gsd": 0.9,
        "view_angle": _angle(scene, 25),
        "cloud_cover": None,
    }


def _tanager_properties(scene: Scene) -> dict[str, Any]:
    return {
        "provider": "tanager",
        "satellite_id": "4001",
        "strip_id": f"{scene.time:%Y%m%d}_{scene.column:04d}",
        "publishing_stage": "standard",
        "gsd": 30,
        "pixel_resolution": 30,
        "view_angle": _angle(scene, 30),
    }


def _public(
    provider: str, satellite: str, instrument: str, gsd: float, **more: Any
) -> Callable[[Scene], dict[str, Any]]:
    """Describe items of a public mission."""

    def describe(scene: Scene) -> dict[str, Any]:
        return {
            "provider": provider,
            "satellite_id": satellite,
            "instrument": instrument,
            "gsd": gsd,
            "pixel_resolution": gsd,
            "view_angle": 0,
            "usable_data": round(1 - scene.cloud_cover / 100, 2),
            **more,
        }

    return describe


def _modis(item_type: str) -> Mission:
    satellite, gsd = _MODIS[item_type]
    return Mission(
        tile=(10, 10),
        revisit=1,
        first=_utc(2000, 3) if satellite == "Terra" else _utc(2002, 8),
        **_called(item_type + "_{when}_h{column:02d}v{row:02d}"),
        describe=_public("nasa", satellite, "MODIS", gsd),
    )


MISSIONS: Mapping[str, Mission] = {
    "PSOrthoTile": Mission(
        tile=(0.25, 0.25),
        revisit=3,
        first=_utc(2016, 3),
        last=_utc(2023),
        name=_ortho_tile,
        pattern=r"\d(?P<time>\d{6})_(?P<row>\d{3})\d{4}_(?P<date>\d{4}-\d\d-\d\d)_2[0-9a-f]{2}a",
        describe=_ortho_tile_properties,
        has_mask=True,
    ),
    "PelicanScene": Mission(
        tile=(0.1, 0.1),
        revisit=20,
        first=_utc(2025),
        **_called("{when}_pelican2_{row:04d}"),
        describe=lambda scene: {
            "provider": "pelican",
            "satellite_id": "P2",
            "gsd": 0.5,
            "pixel_resolution": 0.5,
            "strip_id": f"p2_{scene.time:%Y%m%dT%H%M}{scene.column % 60:02d}Z",
            "ground_control": True,
            "view_angle": _angle(scene, 25),
        },
        has_mask=True,
    ),
    "SkySatVideo": Mission(
        tile=(0.1, 0.1),
        revisit=60,
        first=_utc(2014, 6),
        name=lambda scene: f"{scene.time:%Y%m%d_%H%M%S}_ssc{1 + scene.column % 19}_video_{scene.row:04d}",
        pattern=rf"{_DATE_TIME}_ssc\d+_video_(?P<row>\d{{4}})",
        describe=_video_properties,
    ),
    "REScene": Mission(
        tile=(0.5, 0.5),
        revisit=12,
        first=_utc(2009, 2),
        last=_utc(2020, 4),
        lag_h=24,
        name=lambda scene: f"{scene.time:%Y%m%d_%H%M%S}_{scene.row:03d}_RE{_rapideye(scene)}_1B",
        pattern=rf"{_DATE_TIME}_(?P<row>\d{{3}})_RE\d_1B",
        describe=_rapideye_properties,
    ),
    "TanagerScene": Mission(
        tile=(0.2, 0.2),
        revisit=30,
        first=_utc(2025),
        **_called("{when}_{row:03d}_4001"),
        describe=_tanager_properties,
    ),
    "TanagerMethane": Mission(
        tile=(0.2, 0.2),
        revisit=90,
        first=_utc(2025),
        lag_h=72,
        **_called("{when}_{row:03d}_4001_ch4"),
        describe=_tanager_properties,
    ),
    "Landsat8L1G": Mission(
        tile=(2, 2),
        revisit=16,
        first=_utc(2013, 4),
        **_called("LC8_{when}_{column:03d}{row:03d}"),
        describe=_public("usgs", "Landsat8", "OLI_TIRS", 30),
    ),
    "Sentinel2L1C": Mission(
        tile=(1, 1),
        revisit=5,
        first=_utc(2015, 12),
        **_called("S2A_MSIL1C_{when}_R{row:03d}"),
        describe=_public("esa", "Sentinel-2A", "MSI", 10),
    ),
    "Sentinel1": Mission(
        tile=(2, 2),
        revisit=6,
        first=_utc(2014, 11),
        **_called("S1A_IW_GRDH_{when}_{row:03d}"),
        describe=_public(
            "esa",
            "Sentinel-1A",
            "C-SAR",
            10,
            cloud_cover=None,
            usable_data=None,
            sun_azimuth=None,
            sun_elevation=None,
            view_angle=None,
        ),
    ),
    **{item_type: _modis(item_type) for item_type in _MODIS},
}
"""By id."""

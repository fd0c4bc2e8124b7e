# SPDX-License-Identifier: Apache-2.0
"""Planet's archive: item types, and items made from what the satellites have seen."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen

from swath.sandbox import Catalogue, Scene, World
from swath_planet.sandbox import products
from swath_planet.sandbox.missions import MISSIONS, Mission

__all__ = ["ITEM_TYPES", "PROPERTIES", "Holding", "Holdings", "Item", "stamp"]

ITEM_TYPES: Mapping[str, str] = {
    "PSScene": "PlanetScope Scenes",
    "SkySatScene": "SkySat Scenes",
    "SkySatCollect": "SkySat Collects",
    "SkySatVideo": "SkySat Videos",
    "REScene": "RapidEye Basic Scenes",
    "REOrthoTile": "RapidEye Ortho Tiles",
    "PSOrthoTile": "PlanetScope Ortho Tiles",
    "PelicanScene": "Pelican Scenes",
    "TanagerScene": "Tanager Scenes",
    "TanagerMethane": "Tanager Methane Products",
    "Landsat8L1G": "Landsat 8 Scenes",
    "Sentinel2L1C": "Sentinel-2 Tiles",
    "Sentinel1": "Sentinel-1 Scenes",
    "MOD09GA": "MODIS Terra Daily, 500 m",
    "MOD09GQ": "MODIS Terra Daily, 250 m",
    "MYD09GA": "MODIS Aqua Daily, 500 m",
    "MYD09GQ": "MODIS Aqua Daily, 250 m",
}
"""Title by id."""

PROPERTIES = frozenset({
    "acquired", "anomalous_pixels", "availability", "black_fill", "camera_id", "catalog_id",
    "clear_confidence_percent", "clear_percent", "cloud_cover", "cloud_percent", "columns", "epsg_code",
    "ground_control", "ground_control_ratio", "grid_cell", "gsd", "heavy_haze_percent", "id", "instrument",
    "item_type", "light_haze_percent", "origin_x", "origin_y", "pixel_resolution", "provider", "published",
    "publishing_stage", "quality_category", "rows", "satellite_azimuth", "satellite_id", "shadow_percent",
    "snow_ice_percent", "strip_id", "sun_azimuth", "sun_elevation", "updated", "usable_data", "view_angle",
    "visible_confidence_percent", "visible_percent",
})  # fmt: skip
"""What filters may name."""

_FINAL_AFTER = dt.timedelta(days=14)


def _utc(year: int, month: int, day: int) -> dt.datetime:
    return dt.datetime(year, month, day, tzinfo=dt.UTC)


_UDM2_SINCE = _utc(2018, 8, 1)


def stamp(time: dt.datetime) -> str:
    """Write a time as Planet does."""
    return time.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@frozen(kw_only=True)
class Item:
    """One item."""

    id: str
    item_type: str
    scene: Scene
    published: dt.datetime
    properties: Mapping[str, Any]
    assets: tuple[str, ...]
    """Asset types, sorted."""

    @property
    def cloud(self) -> float:
        """Share of the scene under cloud, 0 to 1."""
        return self.scene.cloud_cover / 100


@frozen(kw_only=True)
class Holding:
    """How items of one type are made."""

    item_type: str
    catalogue: Catalogue
    lag: dt.timedelta
    """From acquisition to publication: the same for all, so that both orders of time are one."""
    name: Callable[[Scene], str]
    """Gives the id of a scene."""
    pattern: re.Pattern[str]
    """Finds ``date``, ``time``, ``row`` and maybe ``hundreds`` of rows (hexadecimal) in an id."""
    describe: Callable[[Scene], dict[str, Any]]
    """Gives the properties that the type has for itself."""
    assets: Callable[[Scene, Mapping[str, Any]], tuple[str, ...]]
    """Gives the asset types of a scene."""
    has_mask: bool = True
    """Whether items have a quality and the percentages of the usable data mask."""


class Holdings:
    """All that can be found."""

    def __init__(self, world: World) -> None:
        self._now = world.clock.now
        self._world = world
        self.by_type: Mapping[str, Holding] = {
            "PSScene": self._holding(
                "PSScene",
                tile=(0.3, 0.18),
                revisit=1.2,
                first=_utc(2016, 3, 1),
                lag_h=6,
                name=_ps_name,
                describe=_ps_properties,
                pattern=r"(?P<date>\d{8})_(?P<time>\d{6})_(?P<row>\d\d)_[0-9a-f]{3}(?P<hundreds>[0-9a-f])",
                assets=products.psscene_assets,
            ),
            "SkySatScene": self._holding(
                "SkySatScene",
                tile=(0.1, 0.1),
                revisit=12,
                first=_utc(2014, 6, 1),
                lag_h=9,
                name=_sky_scene_name,
                describe=_sky_properties,
                pattern=r"(?P<date>\d{8})_(?P<time>\d{6})_ssc\d+d\d_(?P<row>\d{4})",
                assets=products.skysat_scene_assets,
            ),
            "SkySatCollect": self._holding(
                "SkySatCollect",
                tile=(0.2, 0.2),
                revisit=20,
                first=_utc(2014, 6, 1),
                lag_h=10,
                name=_sky_collect_name,
                describe=_sky_properties,
                pattern=r"(?P<date>\d{8})_(?P<time>\d{6})_ssc\d+_u(?P<row>\d{4})",
                assets=products.skysat_collect_assets,
            ),
            "REOrthoTile": self._holding(
                "REOrthoTile",
                tile=(0.25, 0.25),
                revisit=12,
                first=_utc(2009, 2, 1),
                lag_h=24,
                last=_utc(2020, 3, 31),
                name=_re_name,
                describe=self._re_properties,
                has_mask=False,
                pattern=r"(?P<date>\d{8})_(?P<time>\d{6})_(?P<row>\d{3})\d{4}_RapidEye-\d",
                assets=products.rapideye_assets,
            ),
            **{item_type: self._of_mission(item_type, mission) for item_type, mission in MISSIONS.items()},
        }

    def _of_mission(self, item_type: str, mission: Mission) -> Holding:
        def describe(scene: Scene) -> dict[str, Any]:
            grid = self._grid_properties(scene) if item_type == "PSOrthoTile" else {}
            return {**grid, **mission.describe(scene)}

        return self._holding(
            item_type, tile=mission.tile, revisit=mission.revisit, first=mission.first, last=mission.last,
            lag_h=mission.lag_h, name=mission.name, describe=describe, pattern=mission.pattern,
            assets=lambda *_: products.all_assets(item_type), has_mask=mission.has_mask,
        )  # fmt: skip

    def _holding(
        self, item_type: str, *, tile: tuple[float, float], revisit: float, first: dt.datetime, lag_h: float,
        name: Callable[[Scene], str], describe: Callable[[Scene], dict[str, Any]], pattern: str,
        assets: Callable[[Scene, Mapping[str, Any]], tuple[str, ...]], last: dt.datetime | None = None,
        has_mask: bool = True,
    ) -> Holding:  # fmt: skip
        catalogue = Catalogue(
            name=f"planet {item_type}", seed=self._world.seed, width=tile[0], height=tile[1], revisit_days=revisit,
            first=first, last=last, now=self._now, lag_s=lag_h * 3600,
        )  # fmt: skip
        return Holding(
            item_type=item_type, catalogue=catalogue, lag=dt.timedelta(hours=lag_h), name=name, describe=describe,
            pattern=re.compile(pattern), assets=assets, has_mask=has_mask,
        )  # fmt: skip

    def get(self, item_type: str, item_id: str) -> Item | None:
        """Find an item by its id; None where there is none."""
        holding = self.by_type.get(item_type)
        match = holding.pattern.fullmatch(item_id) if holding else None
        if holding is None or match is None:
            return None
        try:
            digits = f"{match['date']}{match['time']}".replace("-", "")
            time = dt.datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=dt.UTC)
        except ValueError:
            return None
        row = int(match["row"]) + 100 * int(match.groupdict().get("hundreds", "0"), 16)
        scene = holding.catalogue.scene(holding.catalogue.column_at(time), row, time.date())
        if scene is None or holding.name(scene) != item_id:
            return None
        return self.make(holding, scene)

    def make(self, holding: Holding, scene: Scene) -> Item:
        """Make the item of a scene."""
        now = self._now()
        published = scene.time + holding.lag
        updated = published + dt.timedelta(days=1 + 20 * scene.chance("updated"))
        if updated > now or scene.chance("is updated") > 0.4:
            updated = published
        properties: dict[str, Any] = {
            "acquired": stamp(scene.time),
            "published": stamp(published),
            "updated": stamp(updated),
            "item_type": holding.item_type,
            "cloud_cover": round(scene.cloud_cover / 100, 2),
            "sun_azimuth": scene.sun_azimuth,
            "sun_elevation": scene.sun_elevation,
            "satellite_azimuth": round(scene.chance("azimuth") * 360, 1),
            **holding.describe(scene),
        }
        if holding.has_mask:
            properties["quality_category"] = "standard" if scene.chance("quality") < 0.93 else "test"
            properties["publishing_stage"] = "finalized" if now - published > _FINAL_AFTER else "standard"
            if scene.time >= _UDM2_SINCE:
                properties.update(_usable(scene))
        properties = {name: value for name, value in properties.items() if value is not None}
        return Item(
            id=holding.name(scene),
            item_type=holding.item_type,
            scene=scene,
            published=published,
            properties=properties,
            assets=holding.assets(scene, properties),
        )

    def _re_properties(self, scene: Scene) -> dict[str, Any]:
        return {
            "provider": "rapideye",
            "satellite_id": f"RapidEye-{_rapideye(scene)}",
            "strip_id": str(18_000_000 + (scene.time.date().toordinal() * 97 + scene.column) % 9_000_000),
            "gsd": 6.5,
            "view_angle": round(scene.chance("angle") * 26 - 13, 2),
            "catalog_id": f"{scene.seed % 10**8:08d}",
            **self._grid_properties(scene),
        }

    def _grid_properties(self, scene: Scene) -> dict[str, Any]:
        """Give what only tiles have."""
        from swath.sandbox.scenes import scene_grid

        grid = scene_grid(scene.footprint, max_pixels=self._world.scene_pixels)
        west, _, _, north = grid.bounds
        return {
            "pixel_resolution": grid.pixel_m,
            "black_fill": round(scene.chance("black") * 0.2, 2),
            "usable_data": round(1 - scene.cloud_cover / 100, 2),
            "grid_cell": f"{scene.row:03d}{scene.column:04d}",
            "ground_control": True,
            "anomalous_pixels": round(scene.chance("pixels") * 0.05, 2),
            "columns": grid.width,
            "rows": grid.height,
            "epsg_code": grid.epsg,
            "origin_x": west,
            "origin_y": north,
        }


def _usable(scene: Scene) -> dict[str, int]:
    """Give what the usable data mask says of a scene: percentages that add up to 100."""
    cloud = round(scene.cloud_cover)
    rest = 100 - cloud
    shadow = round(min(rest, cloud * 0.2) * scene.chance("shadow"))
    light = round(min(rest - shadow, cloud * 0.2) * scene.chance("light haze"))
    heavy = round(min(rest - shadow - light, cloud * 0.1) * scene.chance("heavy haze"))
    clear = rest - shadow - light - heavy
    return {
        "clear_percent": clear,
        "cloud_percent": cloud,
        "heavy_haze_percent": heavy,
        "light_haze_percent": light,
        "shadow_percent": shadow,
        "snow_ice_percent": 0,
        "visible_percent": clear + light,
        "clear_confidence_percent": 80 + round(20 * scene.chance("clear confidence")),
        "visible_confidence_percent": 70 + round(30 * scene.chance("visible confidence")),
    }


def _ps_satellite(scene: Scene) -> str:
    """Give the satellite: the same along a strip of a hundred rows; its last digit tells the hundred."""
    number = (scene.time.date().toordinal() * 31 + scene.column * 7) % 0x300
    return f"{0x200 + number:03x}{scene.row // 100:x}"


def _ps_name(scene: Scene) -> str:
    return f"{scene.time:%Y%m%d_%H%M%S}_{scene.row % 100:02d}_{_ps_satellite(scene)}"


def _ps_properties(scene: Scene) -> dict[str, Any]:
    if scene.time >= _utc(2022, 4, 1):
        instrument = "PSB.SD"
    elif scene.time >= _utc(2019, 6, 1):
        instrument = "PS2.SD" if scene.column % 2 else "PS2"
    else:
        instrument = "PS2"
    return {
        "provider": "planetscope",
        "satellite_id": _ps_satellite(scene),
        "instrument": instrument,
        "strip_id": str((scene.time.date().toordinal() * 1200 + scene.column) * 10 + scene.row // 100)[-8:],
        "gsd": round(3.7 + 0.4 * scene.chance("gsd"), 1),
        "pixel_resolution": 3,
        "view_angle": round(0.1 + 5 * scene.chance("angle"), 1),
        "ground_control": scene.chance("ground control") < 0.95,
        "anomalous_pixels": round(scene.chance("pixels") * 0.1, 2),
    }


def _sky_satellite(scene: Scene) -> int:
    return 1 + (scene.time.date().toordinal() * 5 + scene.column) % 19


def _sky_scene_name(scene: Scene) -> str:
    return f"{scene.time:%Y%m%d_%H%M%S}_ssc{_sky_satellite(scene)}d{_camera(scene)}_{scene.row:04d}"


def _sky_collect_name(scene: Scene) -> str:
    return f"{scene.time:%Y%m%d_%H%M%S}_ssc{_sky_satellite(scene)}_u{scene.row:04d}"


def _camera(scene: Scene) -> int:
    return 1 + int(3 * scene.chance("camera"))


def _sky_properties(scene: Scene) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "provider": "skysat",
        "satellite_id": f"SSC{_sky_satellite(scene)}",
        "strip_id": f"s{100 + _sky_satellite(scene)}_{scene.time:%Y%m%dT%H%M}{scene.column % 60:02d}Z",
        "gsd": round(0.65 + 0.15 * scene.chance("gsd"), 2),
        "pixel_resolution": 0.5,
        "view_angle": round(1 + 28 * scene.chance("angle"), 1),
    }
    if scene.catalogue.endswith("Scene"):
        properties["camera_id"] = f"d{_camera(scene)}"
        properties["ground_control"] = scene.chance("ground control") < 0.9
    else:
        properties["ground_control_ratio"] = round(0.7 + 0.3 * scene.chance("ground control"), 2)
        properties["availability"] = "available"
    return properties


def _rapideye(scene: Scene) -> int:
    return 1 + (scene.time.date().toordinal() + scene.column) % 5


def _re_name(scene: Scene) -> str:
    return f"{scene.time:%Y%m%d_%H%M%S}_{scene.row:03d}{scene.column:04d}_RapidEye-{_rapideye(scene)}"

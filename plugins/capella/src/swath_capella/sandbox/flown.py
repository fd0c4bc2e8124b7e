# SPDX-License-Identifier: Apache-2.0
"""Writes the acquisitions of a tasking request as the service does."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, Any

from swath_capella.sandbox.collects import Collect
from swath_capella.sandbox.items import stamp

if TYPE_CHECKING:
    from swath_capella.sandbox.tasks import Task

__all__ = ["collect_record"]


def collect_record(task: Task, collect: Collect, *, done: bool) -> dict[str, Any]:
    """Write one acquisition of a task."""
    middle, end = collect.middle, collect.middle + dt.timedelta(seconds=collect.seconds)
    planned = next((time for time, code in task.steps if code == "active"), middle)
    ways = [(planned, "predicted", "Planned"), (planned, "tasked", "Sent to the satellite")]
    if done:
        ways += [(end, "collected", "Flown"), (end, "processing", "Being processed"), (end, "qa", "Being looked at")]
        ways += [(task.steps[-1][0], "delivered", "Delivered")]
    elevation, azimuth = 90 - collect.incidence_angle, collect.azimuth
    return {
        "collectId": collect.id,
        "taskingrequestId": task.id,
        "repeatrequestId": task.repeat,
        "tileId": "t1",
        "tileGroupId": "tg1",
        "spacecraftId": collect.satellite,
        "center": [collect.longitude, collect.latitude, 40.0],
        "centerEcef": _ecef(collect.longitude, collect.latitude),
        "windowOpen": stamp(middle),
        "windowClose": stamp(end),
        "windowDuration": collect.seconds,
        "accessProperties": {
            "ascdsc": "ascending" if collect.ascending else "descending",
            "lookDirection": "right" if collect.right else "left",
            "localTime": middle.hour * 3600 + middle.minute * 60,
            "azimuthOpen": azimuth,
            "azimuthClose": round((azimuth - 27.4) % 360, 2),
            "elevationMin": round(elevation - 0.4, 2),
            "elevationMax": round(elevation + 0.4, 2),
            "offNadirMin": round(collect.look_angle - 0.5, 2),
            "offNadirMax": round(collect.look_angle + 0.5, 2),
        },
        "collectProperties": {
            "collectDuration": collect.seconds,
            "imageLength": collect.size_m,
            "imageWidth": collect.size_m,
            "grr": 0.52,
            "azr": 0.5,
            "bandwidth": None,
            "nesz": -17.4,
            "meanSquint": 0,
            "polarization": collect.polarisation,
        },
        "collectStatusHistory": [
            {"time": stamp(time), "code": code, "message": message} for time, code, message in reversed(ways)
        ],
    }


def _ecef(longitude: float, latitude: float) -> list[float]:
    lon, lat, radius = math.radians(longitude), math.radians(latitude), 6_371_000.0
    place = (math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat))
    return [round(radius * part, 1) for part in place]

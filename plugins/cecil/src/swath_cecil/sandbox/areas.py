# SPDX-License-Identifier: Apache-2.0
"""Areas of interest."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import define, field

from swath.sandbox import World
from swath_cecil.sandbox.access import Call, Organisation, conflict, moment, not_found
from swath_cecil.sandbox.people import made_id

__all__ = ["Area", "Areas", "hectares", "polygons"]

_DIGITS = 9
_RING = 4


@define(kw_only=True, eq=False)
class Area:
    """One area of interest."""

    id: str
    organisation: Organisation = field(repr=False)
    external_ref: str | None
    geometry: Mapping[str, Any] = field(repr=False)
    hectares: float
    created_at: dt.datetime
    created_by: str
    archived_at: dt.datetime | None = None
    archived_by: str | None = None

    def as_json(self, *, is_old: bool, whole: bool = True) -> dict[str, Any]:
        """Give it as the service does.

        Args:
            is_old: Whether the client takes no null for `external_ref`.
            whole: With its geometry; lists leave it out.
        """
        told = {
            "id": self.id,
            "external_ref": "" if is_old and self.external_ref is None else self.external_ref,
            "geometry": self.geometry,
            "hectares": self.hectares,
            "geometry_type": self.geometry["type"],
            "location_count": sum(1 for _ in polygons(self.geometry)),
            "created_at": moment(self.created_at),
            "created_by": self.created_by,
            "archived_at": moment(self.archived_at),
            "archived_by": self.archived_by,
        }
        return told if whole else {name: value for name, value in told.items() if name != "geometry"}

    @property
    def vertices(self) -> int:
        """How many vertices its rings have, the last of each not counted."""
        return sum(len(ring) - 1 for rings in polygons(self.geometry) for ring in rings)

    @property
    def latitudes(self) -> tuple[float, float]:
        """The southernmost and the northernmost, degrees."""
        found = [point[1] for rings in polygons(self.geometry) for point in rings[0]]
        return min(found), max(found)


class Areas:
    """All areas. Any thread may use it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._areas: dict[str, Area] = {}
        self._lock = threading.Lock()

    def create(self, call: Call) -> tuple[Area, bool]:
        """Make one, or find the one of equal geometry and reference; also says whether it is new."""
        geometry = _checked(call, call.object().get("geometry"))
        reference = call.text_or_none("external_ref")
        same = _sameness(geometry)
        with self._lock:
            for one in self._areas.values():
                if (
                    one.organisation is call.organisation
                    and one.external_ref == reference
                    and one.archived_at is None
                    and _sameness(one.geometry) == same
                ):
                    return one, False
            area = Area(
                id=made_id(self._world, "aoi", len(self._areas)), organisation=call.organisation,
                external_ref=reference, geometry=geometry, hectares=hectares(geometry),
                created_at=self._world.clock.now(), created_by=call.user,
            )  # fmt: skip
            self._areas[area.id] = area
            return area, True

    def listed(self, call: Call) -> dict[str, Any]:
        """List the caller's areas that are active, or those that are archived."""
        found = [one for one in self.of(call.organisation) if (one.archived_at is not None) == call.archived]
        return {"records": [one.as_json(is_old=call.is_old, whole=False) for one in found]}

    def of(self, organisation: Organisation) -> list[Area]:
        """Give all areas of an organisation, oldest first."""
        with self._lock:
            return [one for one in self._areas.values() if one.organisation is organisation]

    def find(self, name: str, organisation: Organisation) -> Area:
        """Give one area.

        Raises:
            Refusal: 404 if there is none of that id.
        """
        with self._lock:
            found = self._areas.get(name)
        if found is None or found.organisation is not organisation:
            raise not_found("AOI", name)
        return found

    def archive(self, call: Call) -> None:
        """Hide an area; a second time changes nothing."""
        area = self.find(call.id(), call.organisation)
        if area.archived_at is None:
            area.archived_at, area.archived_by = self._world.clock.now(), call.user

    def restore(self, call: Call) -> None:
        """Bring an area back."""
        area = self.find(call.id(), call.organisation)
        if area.archived_at is None:
            raise conflict(f"The AOI {area.id} is not archived.")
        area.archived_at = area.archived_by = None


def hectares(geometry: Mapping[str, Any]) -> float:
    """Measure a polygon or several on the WGS 84 ellipsoid, in hectares; edges are geodesics."""
    from pyproj import Geod

    geod = Geod(ellps="WGS84")
    total = 0.0
    for rings in polygons(geometry):
        parts = [
            abs(geod.polygon_area_perimeter([point[0] for point in ring], [point[1] for point in ring])[0])
            for ring in rings
        ]
        total += parts[0] - sum(parts[1:])
    return total / 10_000


def polygons(geometry: Mapping[str, Any]) -> Iterator[list[Any]]:
    """Give the polygons of a geometry, each as its rings."""
    if geometry["type"] == "Polygon":
        yield geometry["coordinates"]
    else:
        yield from geometry["coordinates"]


def _sameness(geometry: Mapping[str, Any]) -> str:
    return json.dumps([geometry["type"], _rounded(geometry["coordinates"])])


def _rounded(value: Any) -> Any:
    return [_rounded(one) for one in value] if isinstance(value, list) else round(float(value), _DIGITS)


def _checked(call: Call, geometry: Any) -> dict[str, Any]:
    """Give a geometry that is a polygon or several, closed and on Earth.

    Raises:
        Refusal: 422 if it is not.
    """
    if not isinstance(geometry, dict):
        raise call.invalid("geometry", "is required")
    if geometry.get("type") not in {"Polygon", "MultiPolygon"}:
        raise call.invalid("geometry", "must be a Polygon or a MultiPolygon")
    try:
        rings = [ring for rings in polygons(geometry) for ring in rings]
        is_good = bool(rings) and all(_is_ring(ring) for ring in rings)
    except (KeyError, TypeError, ValueError, IndexError):
        is_good = False
    if not is_good:
        raise call.invalid("geometry", "must have closed rings of longitude and latitude in degrees")
    if hectares(geometry) <= 0:
        raise call.invalid("geometry", "has no area")
    return {"type": geometry["type"], "coordinates": geometry["coordinates"]}


def _is_ring(ring: Any) -> bool:
    inside = all(-180 <= float(point[0]) <= 180 and -90 <= float(point[1]) <= 90 for point in ring)
    return len(ring) >= _RING and list(ring[0]) == list(ring[-1]) and inside

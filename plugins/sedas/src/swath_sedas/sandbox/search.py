# SPDX-License-Identifier: Apache-2.0
"""Reads a search's body, and finds the products it asks for."""

from __future__ import annotations

import datetime as dt
import heapq
import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import shapely
from attrs import field, frozen
from shapely.affinity import translate

from swath_sedas.sandbox.frames import Frame, frames_of
from swath_sedas.sandbox.orbits import SATELLITES, Satellite
from swath_sedas.sandbox.products import Product, Shelf, square_metres

__all__ = ["BadRequest", "Found", "Search", "read_search", "run"]

_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})")
_SENSORS = {"all": None, "sar": False, "radar": False, "optical": True}
_PERCENT = ("minCoveragePercent", "maxCloudPercent")
_WORDS = ("opticalProductType", "sarProductType", "orbitDirection", "polarisation", "latency")


class BadRequest(Exception):
    """What is asked cannot be read; the message says why."""


@frozen(kw_only=True)
class Search:
    """What a client asks for."""

    area: shapely.Polygon | None = field(eq=False)
    """Degrees; None without an area."""
    start: dt.datetime
    """First start of an acquisition, aware UTC."""
    stop: dt.datetime
    """Last one."""
    optical: bool | None = None
    """Only optical, only radar; None for both."""
    satellite: str = ""
    group: str = ""
    resolutions: tuple[float, float] = (0.0, math.inf)
    """Least and most, metres."""
    filters: Mapping[str, Any] = field(factory=dict)


@frozen(kw_only=True)
class Found:
    """A product that a search found."""

    product: Product
    covered: float
    """Percent of the area that it covers; 0 without an area."""
    useful: float
    """Percent of it that lies in the area; 0 without an area."""


def read_search(body: Any) -> Search:
    """Read the body of a search.

    Raises:
        BadRequest: It is not understood.
    """
    if not isinstance(body, dict):
        raise BadRequest("the request body must be a JSON object")
    sensor = body.get("sensorFilters") or {}
    filters = body.get("filters") or {}
    if not isinstance(sensor, dict) or not isinstance(filters, dict):
        raise BadRequest("sensorFilters and filters must be objects")
    kind = sensor.get("type", "All")
    if not isinstance(kind, str) or kind.lower() not in _SENSORS:
        raise BadRequest(f"sensorFilters.type must be All, SAR or Optical, not {kind!r}")
    start, stop = _time(body, "start"), _time(body, "stop")
    if start > stop:
        raise BadRequest(f"start {body['start']} is after stop {body['stop']}")
    least, most = (_number(sensor, name) for name in ("minResolution", "maxResolution"))
    return Search(
        area=_area(body.get("aoiWKT")),
        start=start,
        stop=stop,
        optical=_SENSORS[kind.lower()],
        satellite=_text(body, "satelliteName"),
        group=_text(body, "sourceGroup"),
        resolutions=(0.0 if least is None else least, math.inf if most is None else most),
        filters=_filters(filters),
    )


def run(shelf: Shelf, search: Search, *, groups: tuple[str, ...]) -> Iterator[Found]:
    """Find products, newest first, made only as far as asked for.

    Args:
        shelf: Makes the products.
        search: What is asked.
        groups: The source groups that the account may see.
    """
    wanted = [
        satellite
        for satellite in SATELLITES
        if satellite.group in groups
        and search.group in {"", satellite.group}
        and search.satellite in {"", satellite.name}
        and search.optical in {None, satellite.group == "S2"}
    ]
    looks = {group: _Look(group, search.area) for group in {one.group for one in wanted}}
    matches = _matcher(search)
    shares: dict[tuple[str, int, int], tuple[float, float]] = {}
    passes = [_sightings(shelf, satellite, looks[satellite.group], search) for satellite in wanted]
    for product in heapq.merge(*passes, key=lambda one: (one.start, one.supplier_id), reverse=True):
        place = (product.group, product.relative, product.frame.index)
        if place not in shares:
            shares[place] = _shares(product.frame, search.area)
        covered, useful = shares[place]
        if matches(product, covered):
            yield Found(product=product, covered=covered, useful=useful)


class _Look:
    """The frames of a group that meet an area, by relative orbit, made when their orbit is looked at."""

    def __init__(self, group: str, area: shapely.Polygon | None) -> None:
        self._frames = frames_of(group)
        self._area = area
        self._rows = self._frames.near(area)
        self._met: dict[int, list[Frame]] = {}

    def on(self, relative: int) -> list[Frame]:
        if relative not in self._met:
            self._met[relative] = list(self._frames.meeting(self._area, self._rows.get(relative, ())))
        return self._met[relative]


def _sightings(shelf: Shelf, satellite: Satellite, look: _Look, search: Search) -> Iterator[Product]:
    """Give a satellite's products over some frames, newest first."""
    newest = min(search.stop, satellite.last or search.stop, shelf.now())
    oldest = max(search.start, satellite.first)
    for orbit in range(satellite.flying(newest), satellite.flying(oldest) - 2, -1):
        here = look.on(satellite.relative(orbit))
        products = [one for frame in here for one in shelf.of_pass(satellite, orbit, frame)]
        products.sort(key=lambda one: (one.start, one.supplier_id), reverse=True)
        yield from (one for one in products if search.start <= one.start <= search.stop)


def _matcher(search: Search) -> Callable[[Product, float], bool]:
    """Make the test of everything that is not place, time, satellite or group."""
    filters = dict(search.filters)
    coverage = filters.pop("minCoveragePercent", None)
    cloud = filters.pop("maxCloudPercent", None)
    kinds = {True: filters.pop("opticalProductType", None), False: filters.pop("sarProductType", None)}
    channel = filters.pop("polarisation", None)
    least, most = search.resolutions

    def matches(product: Product, covered: float) -> bool:
        if not least <= product.resolution <= most or (coverage is not None and covered < coverage):
            return False
        if cloud is not None and product.cloud is not None and product.cloud > cloud:
            return False
        if kinds[product.is_optical] not in {None, product.kind}:
            return False
        if channel is not None and not product.is_optical and not set(channel.split()) <= set(product.polarisations):
            return False
        known = product.as_json() if filters else {}
        return all(_same(known[name], value) for name, value in filters.items() if name in known)

    return matches


def _same(known: Any, asked: Any) -> bool:
    if isinstance(known, str) and isinstance(asked, str):
        return known.lower() == asked.lower()
    return bool(known == asked)


def _shares(frame: Frame, area: shapely.Polygon | None) -> tuple[float, float]:
    if area is None:
        return 0.0, 0.0
    turned = [translate(frame.outline, by) for by in (-360.0, 0.0, 360.0)]
    common = sum(square_metres(one.intersection(area)) for one in turned)
    return (
        round(min(100.0, 100 * common / max(square_metres(area), 1e-9)), 2),
        round(min(100.0, 100 * common / square_metres(frame.outline)), 2),
    )


def _area(text: Any) -> shapely.Polygon | None:
    if text is None or text == "":
        return None
    try:
        area = shapely.from_wkt(text)
    except (TypeError, shapely.errors.ShapelyError) as err:
        raise BadRequest(f"aoiWKT cannot be read: {err}") from err
    if area.geom_type != "Polygon" or area.is_empty:
        raise BadRequest(f"aoiWKT must be a POLYGON, not a {area.geom_type}")
    if not area.is_valid or not area.area:
        raise BadRequest(f"aoiWKT must be a simple polygon: {shapely.is_valid_reason(area)}")
    west, south, east, north = area.bounds
    if south < -90 or north > 90 or west < -360 or east > 360 or east - west > 360:
        raise BadRequest(f"aoiWKT leaves the range of longitudes and latitudes: {area.bounds}")
    return area


def _time(body: Mapping[str, Any], name: str) -> dt.datetime:
    text = body.get(name)
    if not isinstance(text, str) or not _TIME.fullmatch(text):
        raise BadRequest(f"{name} must be a time such as 2020-06-01T00:00:00Z, not {text!r}")
    try:
        return dt.datetime.fromisoformat(text).astimezone(dt.UTC)
    except (ValueError, OverflowError) as err:
        raise BadRequest(f"{name} is no time: {text!r}") from err


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name, "")
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadRequest(f"{name} must be a string, not {value!r}")
    return value


def _number(values: Mapping[str, Any], name: str) -> float | None:
    value = values.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadRequest(f"{name} must be a number, not {value!r}")
    return float(value)


def _filters(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Check the filters that are known; leave out those that ask for anything."""
    read: dict[str, Any] = {}
    for name, value in asked.items():
        if name in _PERCENT:
            percent = _number(asked, name)
            if percent is not None:
                if not 0 <= percent <= 100:
                    raise BadRequest(f"filters.{name} must be 0 to 100, not {value!r}")
                read[name] = percent
        elif name in _WORDS:
            if not isinstance(value, str):
                raise BadRequest(f"filters.{name} must be a string, not {value!r}")
            if value.upper() not in {"", "ALL"}:
                read[name] = value if name == "latency" else value.upper()
        else:
            read[name] = value
    return read

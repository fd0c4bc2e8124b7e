# SPDX-License-Identifier: Apache-2.0
"""Runs catalogue searches: operators, sorting, pages, and the cap of 10,000."""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from attrs import frozen
from shapely import prepare
from shapely.geometry import box, shape
from shapely.geometry.base import BaseGeometry

from swath_capella.sandbox.access import Account, Refusal, validation
from swath_capella.sandbox.items import OPEN_COLLECTION, Holdings, Product

__all__ = ["CAP", "FIELDS", "Answer", "search"]

CAP = 10_000
_MOST = 1000
_ANONYMOUS = frozenset({OPEN_COLLECTION})
FIELDS: Mapping[str, str] = {
    "absolute_orbit": "sat:absolute_orbit", "archive_holdback": "capella:archive_holdback_date",
    "azimuth_angle": "view:azimuth", "billable_area": "capella:billable_area",
    "center_frequency": "sar:center_frequency", "collect_id": "capella:collect_id",
    "collection_type": "capella:collection_type", "constellation": "constellation", "created": "created",
    "datetime": "datetime", "epsg": "proj:epsg", "frequency_band": "sar:frequency_band", "hash": "capella:hash",
    "image_formation_algorithm": "capella:image_formation_algorithm", "incidence_angle": "view:incidence_angle",
    "instrument_mode": "sar:instrument_mode", "instruments": "instruments", "layover_angle": "capella:layover_angle",
    "local_datetime": "locale:datetime", "local_time": "locale:time", "local_timezone": "locale:timezone",
    "look_angle": "view:look_angle", "looks_azimuth": "sar:looks_azimuth",
    "looks_equivalent_number": "sar:looks_equivalent_number", "looks_range": "sar:looks_range",
    "observation_direction": "sar:observation_direction", "orbit_state": "sat:orbit_state",
    "orbital_plane": "capella:orbital_plane", "pixel_spacing_azimuth": "sar:pixel_spacing_azimuth",
    "pixel_spacing_range": "sar:pixel_spacing_range", "platform": "platform", "polarizations": "sar:polarizations",
    "product_type": "sar:product_type", "relative_orbit": "sat:relative_orbit",
    "resolution_azimuth": "sar:resolution_azimuth", "resolution_ground_range": "capella:resolution_ground_range",
    "resolution_range": "sar:resolution_range", "rgt_id": "capella:rgt_id", "squint_angle": "capella:squint_angle",
    "updated": "updated", "use_case": "capella:use_case",
}  # fmt: skip
"""Property by the official client's keyword: sorting is asked for by either."""


@frozen(kw_only=True)
class Answer:
    """One page of a search."""

    products: list[Product]
    matched: int
    before: Product | None
    """The one that ends the page before."""
    page: int
    limit: int


def search(holdings: Holdings, body: Mapping[str, Any], query: Mapping[str, str], account: Account | None) -> Answer:
    """Run a search; what the body says of page and limit counts before the query string.

    Raises:
        Refusal: 400 for what breaks a rule, 403 for a collection that the caller may not see.
    """
    limit = _number(body.get("limit", query.get("limit", 10)), "limit")
    page = _number(body.get("page", query.get("page", 1)), "page")
    if limit > _MOST:
        raise validation(f"limit must be at most {_MOST}", "limit")
    if limit * (page - 1) >= CAP and page > 1:
        raise validation(f"only the first {CAP} items can be reached", "page")
    found = holdings.searched(
        (json.dumps({**body, "limit": 0, "page": 0}, sort_keys=True), account is None),
        lambda: _ordered(list(filter(_matcher(body), _candidates(holdings, body, account))), body.get("sortby")),
    )
    first = limit * (page - 1)
    before = found[first - 1] if 0 < first <= len(found) else None
    return Answer(
        products=found[first : min(first + limit, CAP)], before=before, matched=len(found), page=page, limit=limit
    )


def _number(value: Any, name: str) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError):
        number = 0
    if number < 1 or isinstance(value, bool):
        raise validation(f"{name} must be a whole number above 0", name)
    return number


def _candidates(holdings: Holdings, body: Mapping[str, Any], account: Account | None) -> Iterable[Product]:
    wanted = body.get("collections")
    if account is None:
        if wanted and not set(wanted) <= _ANONYMOUS:
            named = ", ".join(sorted(set(wanted) - _ANONYMOUS))
            raise _Denied(f"User is not permitted to access any of the collections ({named})")
        wanted = list(_ANONYMOUS)
    ids = body.get("ids")
    if ids:
        known = (holdings.find(str(item_id)) for item_id in dict.fromkeys(ids))
        listed = {one.id for one in holdings.all()} if len(ids) > 50 else None
        products: Iterable[Product] = [one for one in known if one is not None and (listed is None or one.id in listed)]
    else:
        products = holdings.all()
    return (one for one in products if not wanted or one.collection in wanted)


class _Denied(Refusal):
    """A refusal whose error is a bare string."""

    def __init__(self, message: str) -> None:
        super().__init__(403, message)

    def body(self) -> dict[str, Any]:
        return {"error": self.message}


def _matcher(body: Mapping[str, Any]) -> Callable[[Product], bool]:
    """Give what tells whether a product is asked for; area and time are read once."""
    area, span, ownership = _area(body), _span(body.get("datetime")), body.get("ownership")
    for part in area or ():
        prepare(part)  # one outline may have thousands of vertices, and meets many footprints
    parts = [(part, part.bounds) for part in area or ()]
    conditions = [*(body.get("query") or {}).items()]

    def matches(product: Product) -> bool:
        if area is not None and not any(_meets(product, part, bounds) for part, bounds in parts):
            return False
        if span is not None and not span[0] <= _time(product.properties["datetime"]) <= span[1]:
            return False
        if ownership == "publiclyAvailable" and not product.collect.open:
            return False
        if ownership == "availableForPurchase" and product.collect.open:
            return False
        if ownership == "ownedByOrganization" and product.collect.task is None:
            return False
        if ownership == "sharedWithOrganization":
            return False
        return all(_holds(product, name, wanted) for name, wanted in conditions)

    return matches


# --- where and when ---------------------------------------------------------------------------------------------------


def _area(body: Mapping[str, Any]) -> tuple[BaseGeometry, ...] | None:
    if body.get("intersects") is not None:
        return (_shape(json.dumps(body["intersects"], sort_keys=True)),)
    bbox = body.get("bbox")
    if bbox is None:
        return None
    try:
        west, south, east, north = (
            float(one) for one in (bbox if len(bbox) == 4 else (bbox[0], bbox[1], bbox[3], bbox[4]))
        )
    except (TypeError, ValueError, IndexError):
        raise validation("bbox must be four numbers", "bbox") from None
    return _boxes(west, min(south, north), east, max(south, north))


@functools.lru_cache(maxsize=64)
def _boxes(west: float, south: float, east: float, north: float) -> tuple[BaseGeometry, ...]:
    if west <= east:
        return (box(west, south, east, north),)
    if west - east < 180:  # corners the other way round
        return (box(east, south, west, north),)
    return (box(west, south, 180, north), box(-180, south, east, north))


@functools.lru_cache(maxsize=64)
def _shape(text: str) -> BaseGeometry:
    try:
        return shape(json.loads(text))
    except Exception:  # noqa: BLE001 - whatever it is, the caller's geometry is wrong
        raise validation("intersects is no GeoJSON geometry", "intersects") from None


def _meets(product: Product, area: BaseGeometry, bounds: tuple[float, float, float, float]) -> bool:
    west, south, east, north = bounds
    a, b, c, d = product.bbox
    if b > north or d < south or (a <= c and (a > east or c < west)):
        return False
    return bool(area.intersects(_shape_of(product.id, product)))


_SHAPES: dict[str, BaseGeometry] = {}


def _shape_of(item_id: str, product: Product) -> BaseGeometry:
    found = _SHAPES.get(item_id)
    if found is None:
        found = _SHAPES[item_id] = shape(product.geometry)
    return found


def _time(text: str) -> dt.datetime:
    time = dt.datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=dt.UTC)


def _span(value: Any) -> tuple[dt.datetime, dt.datetime] | None:
    if value is None:
        return None
    first, _, last = str(value).partition("/")
    try:
        begin = dt.datetime.min.replace(tzinfo=dt.UTC) if first in {"", ".."} else _time(first)
        if "/" not in str(value):
            return begin, begin
        return begin, dt.datetime.max.replace(tzinfo=dt.UTC) if last in {"", ".."} else _time(last)
    except ValueError:
        raise validation("datetime must be an instant or an interval", "datetime") from None


# --- properties -------------------------------------------------------------------------------------------------------


def _holds(product: Product, name: str, wanted: Any) -> bool:
    if name not in product.properties:
        return False
    held = product.properties[name]
    if held is None:
        return False
    conditions = wanted if isinstance(wanted, Mapping) else {"in" if isinstance(wanted, list) else "eq": wanted}
    return all(_compares(held, operator, value, name) for operator, value in conditions.items())


def _compares(held: Any, operator: str, value: Any, name: str) -> bool:
    if operator in {"eq", "in"}:
        listed = value if isinstance(value, list) else [value]
        mine = held if isinstance(held, list) else [held]
        return any(one in listed for one in mine)
    if operator == "neq":
        return not _compares(held, "eq", value, name)
    if operator in {"startsWith", "endsWith", "contains"}:
        text = str(held)
        return {
            "startsWith": text.startswith(str(value)),
            "endsWith": text.endswith(str(value)),
            "contains": str(value) in text,
        }[operator]
    if operator not in {"gt", "gte", "lt", "lte"}:
        raise validation(f"unknown operator {operator!r}", f"query.{name}")
    if isinstance(held, str) != isinstance(value, str) or isinstance(held, list):
        return False
    return bool({"gt": held > value, "gte": held >= value, "lt": held < value, "lte": held <= value}[operator])


def _ordered(found: list[Product], sortby: Any) -> list[Product]:
    for key in reversed(sortby or []):
        if not isinstance(key, Mapping):
            raise validation("sortby must list objects with field and direction", "sortby")
        name = str(key.get("field", "")).removeprefix("properties.")
        name = FIELDS.get(name, name)

        def place(product: Product, name: str = name) -> tuple[bool, Any]:
            held = {"id": product.id, "collection": product.collection}.get(name, product.properties.get(name))
            return (held is None, str(held) if isinstance(held, list | dict) else held if held is not None else 0)

        down = key.get("direction") == "desc"
        found = sorted(found, key=lambda one: place(one)[1], reverse=down) if not any(
            place(one)[0] for one in found
        ) else sorted((one for one in found if not place(one)[0]), key=lambda one: place(one)[1], reverse=down) + [
            one for one in found if place(one)[0]
        ]  # fmt: skip
    return found

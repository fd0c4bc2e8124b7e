# SPDX-License-Identifier: Apache-2.0
"""Planet's filter grammar, carried out for real."""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen
from shapely import prepare
from shapely.errors import GEOSException, ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry
from shapely.validation import make_valid

from swath_planet.sandbox.access import Account, bad_query
from swath_planet.sandbox.holdings import PROPERTIES, Item

__all__ = ["Test", "compile_filter", "parse_time", "read_geometry", "relation"]

Test = Callable[[Item], bool]
"""Says whether an item matches."""

_ORDER = {"gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le}
_RELATIONS = ("intersects", "contains", "within", "disjoint")
_TIMES = frozenset({"acquired", "published", "updated"})
_GEOMETRIES = frozenset({"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"})
_WHERE = "filter.config"


@frozen
class _Bounds:
    """Comparisons that must all hold."""

    checks: tuple[tuple[Callable[[Any, Any], bool], Any], ...]

    def hold(self, value: Any) -> bool:
        return all(check(value, bound) for check, bound in self.checks)


def compile_filter(node: Any, account: Account) -> Test:
    """Make a test of a filter.

    Args:
        node: The filter as JSON; None matches all.
        account: Whose permissions count.

    Raises:
        Refusal: 400, for what is not in the grammar.
    """
    if node is None:
        return lambda _: True
    if not isinstance(node, Mapping) or "type" not in node:
        raise bad_query("a filter is an object with type and config", _WHERE)
    kind = node["type"]
    if kind in {"AndFilter", "OrFilter", "NotFilter"}:
        return _compile_logic(kind, node.get("config"), account)
    if kind == "PermissionFilter":
        return _permission(node, account)
    make = _SIMPLE.get(kind)
    if make is None:
        raise bad_query(f"unknown filter type {kind!r}", "filter.type")
    return make(node)


def parse_time(value: Any) -> dt.datetime:
    """Read an RFC 3339 time.

    Raises:
        Refusal: 400, for anything else, also for a time without zone.
    """
    try:
        time = dt.datetime.fromisoformat(value)
    except (TypeError, ValueError) as err:
        raise bad_query(f"{value!r} is not a valid RFC 3339 date", _WHERE) from err
    if time.tzinfo is None:
        raise bad_query(f"{value!r} has no time zone", _WHERE)
    return time.astimezone(dt.UTC)


def read_geometry(value: Any, where: str = _WHERE) -> BaseGeometry:
    """Read a GeoJSON geometry; invalid rings are repaired.

    Raises:
        Refusal: 400, for what is no geometry, a reference, or lies outside the world.
    """
    if isinstance(value, Mapping) and value.get("type") == "ref":
        raise bad_query(f"reference {value.get('content')!r} does not exist", where)
    if not isinstance(value, Mapping) or value.get("type") not in _GEOMETRIES:
        raise bad_query(f"not a GeoJSON geometry: {str(value)[:80]}", where)
    try:
        geometry = shape(value)
        whole = geometry if geometry.is_valid else make_valid(geometry)
    except (ShapelyError, GEOSException, ValueError, TypeError, IndexError, KeyError, AttributeError) as err:
        raise bad_query(f"invalid geometry: {err}", where) from err
    if whole.is_empty:
        raise bad_query("the geometry is empty", where)
    west, south, east, north = whole.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise bad_query(f"coordinates out of range: {whole.bounds}", where)
    prepare(whole)
    return whole


def relation(geometry: BaseGeometry, name: str = "intersects") -> Test:
    """Make a test of how an item's footprint lies to a geometry: ``within`` means the footprint lies within it."""

    def test(item: Item) -> bool:
        footprint = shape(item.scene.footprint)
        match name:
            case "within":
                return bool(geometry.covers(footprint))
            case "contains":
                return bool(footprint.covers(geometry))
            case "disjoint":
                return not geometry.intersects(footprint)
            case _:
                return bool(geometry.intersects(footprint))

    return test


def _compile_logic(kind: str, config: Any, account: Account) -> Test:
    if kind == "NotFilter":
        inner = config[0] if isinstance(config, list) and len(config) == 1 else config
        test = compile_filter(inner, account) if inner is not None else None
        if test is None:
            raise bad_query("NotFilter needs one filter", _WHERE)
        return lambda item: not test(item)
    if not isinstance(config, list):
        raise bad_query(f"{kind} needs a list of filters", _WHERE)
    tests = [compile_filter(one, account) for one in config]
    if kind == "AndFilter" or not tests:
        return lambda item: all(test(item) for test in tests)
    return lambda item: any(test(item) for test in tests)


def _field(node: Mapping[str, Any], allowed: frozenset[str] = PROPERTIES) -> str:
    name = node.get("field_name")
    if name not in allowed:
        raise bad_query(f"{name!r} is not a valid field name for {node['type']}", "filter.field_name")
    return str(name)


def _bounds(node: Mapping[str, Any], read: Callable[[Any], Any]) -> _Bounds:
    config = node.get("config")
    if not isinstance(config, Mapping) or not config or set(config) - set(_ORDER):
        raise bad_query(f"{node['type']} needs gt, gte, lt or lte", _WHERE)
    return _Bounds(tuple((_ORDER[name], read(value)) for name, value in config.items()))


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise bad_query(f"{value!r} is not a number", _WHERE)
    return value


def _date_range(node: Mapping[str, Any]) -> Test:
    name, bounds = _field(node, _TIMES), _bounds(node, parse_time)
    return lambda item: bounds.hold(parse_time(item.properties[name]))


def _range(node: Mapping[str, Any]) -> Test:
    name, bounds = _field(node), _bounds(node, _number)

    def test(item: Item) -> bool:
        value = item.properties.get(name)
        return isinstance(value, int | float) and not isinstance(value, bool) and bounds.hold(value)

    return test


def _update(node: Mapping[str, Any]) -> Test:
    name, bounds = _field(node), _bounds(node, parse_time)

    def test(item: Item) -> bool:
        changed = item.properties["updated"] != item.properties["published"]
        return changed and name in item.properties and bounds.hold(parse_time(item.properties["updated"]))

    return test


def _listed(node: Mapping[str, Any]) -> list[Any]:
    config = node.get("config")
    if not isinstance(config, list):
        raise bad_query(f"{node['type']} needs a list", _WHERE)
    return config


def _number_in(node: Mapping[str, Any]) -> Test:
    name, values = _field(node), {_number(value) for value in _listed(node)}

    def test(item: Item) -> bool:
        value = item.properties.get(name)
        return isinstance(value, int | float) and not isinstance(value, bool) and value in values

    return test


def _string_in(node: Mapping[str, Any]) -> Test:
    name, values = _field(node), set(_listed(node))
    wrong = [value for value in values if not isinstance(value, str)]
    if wrong:
        raise bad_query(f"{wrong[0]!r} is not a string", _WHERE)

    def test(item: Item) -> bool:
        value = item.id if name == "id" else item.properties.get(name)
        if value is None:
            return False
        return (str(value).lower() if isinstance(value, bool) else str(value)) in values

    return test


def _asset(node: Mapping[str, Any]) -> Test:
    wanted = set(_listed(node))
    return lambda item: not wanted.isdisjoint(item.assets)


def _permission(node: Mapping[str, Any], account: Account) -> Test:
    wanted = _listed(node)

    def granted(item: Item, what: Any) -> bool:
        subject, _, action = str(what).partition(":")
        kind, _, asset_type = subject.partition(".")
        return kind == "assets" and action == "download" and (not asset_type or asset_type in item.assets)

    return lambda item: account.entitled and any(granted(item, what) for what in wanted)


def _geometry(node: Mapping[str, Any]) -> Test:
    name = node.get("relation") or "intersects"
    if node.get("field_name") != "geometry":
        raise bad_query(f"{node.get('field_name')!r} is not a valid field name for GeometryFilter", "filter.field_name")
    if name not in _RELATIONS:
        raise bad_query(f"unknown relation {name!r}", "filter.relation")
    return relation(read_geometry(node.get("config")), name)


_SIMPLE: Mapping[str, Callable[[Mapping[str, Any]], Test]] = {
    "DateRangeFilter": _date_range,
    "RangeFilter": _range,
    "UpdateFilter": _update,
    "NumberInFilter": _number_in,
    "StringInFilter": _string_in,
    "AssetFilter": _asset,
    "GeometryFilter": _geometry,
}

# SPDX-License-Identifier: Apache-2.0
"""Read an area of interest in any usual form."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from attrs import frozen

from swath._geometry.boxes import bbox_geometry, is_number
from swath._geometry.dateline import polygonal, to_geojson
from swath._geometry.repair import settle
from swath.errors import InvalidGeometry, MissingExtra
from swath.models import ItemDict

__all__ = ["Reading", "bbox_geometry", "read_geometry"]

_WKT = re.compile(
    r"\s*(?:SRID\s*=\s*(\d+)\s*;)?\s*"
    r"((?:POINT|LINESTRING|POLYGON|MULTIPOINT|MULTILINESTRING|MULTIPOLYGON|GEOMETRYCOLLECTION)\b.*)",
    re.IGNORECASE | re.DOTALL,
)
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_BBOX = re.compile(rf"\s*\[?\s*{_NUMBER}(?:(?:\s*,\s*|\s+){_NUMBER}){{3}}(?:(?:\s*,\s*|\s+){_NUMBER}){{0,2}}\s*\]?\s*")
_VECTOR_FILES = {".shp", ".gpkg", ".fgb", ".kml", ".parquet", ".geoparquet", ".zip", ".gml"}
"""Suffixes that geopandas reads."""
_WGS84_NAMES = re.compile(r"(?:.*(?:CRS\s?84|EPSG:{1,2}(?:[\d.]*:)?(?:4326|4979))|WGS\s?84)$", re.IGNORECASE)


@frozen(kw_only=True)
class Reading:
    """An area of interest, read."""

    geometry: ItemDict
    """Valid RFC 7946 geometry, degrees, WGS 84, split at the antimeridian."""
    repairs: tuple[str, ...] = ()
    """What had to be changed or read into it, in words; empty where it was right as it came."""


def read_geometry(value: object) -> Reading:
    """Read an area of interest.

    Args:
        value: A GeoJSON Geometry, Feature, FeatureCollection or GeometryCollection as dict or text; WKT (EWKT with SRID
            4326); WKB; a bbox of 4 or 6 numbers, or as text; a path to a file of one of these, or to a vector file
            (``.gpkg``, ``.shp``, ...: needs geopandas); a shapely geometry; a GeoDataFrame or GeoSeries (reprojected);
            anything with ``__geo_interface__``; or a list of these. Several polygons become one (Multi)Polygon.

    Returns:
        The valid geometry and what was repaired. It is never simplified or hulled.

    Raises:
        InvalidGeometry: If it cannot be read, naming the vertex and the value.
        MissingExtra: If the file needs geopandas, which is not installed.
    """
    notes: list[str] = []
    parts: list[Any] = []
    for place, geometry in _geometries(value, "", notes):
        parts.extend(settle(geometry, place=place, notes=notes))
    if not parts:
        raise InvalidGeometry("the area of interest holds no geometry")
    return Reading(geometry=_joined(parts, notes), repairs=tuple(notes))


# --- the forms -------------------------------------------------------------------------------------------------------


def _geometries(value: Any, place: str, notes: list[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Go through the simple GeoJSON geometries in a value of any form, each with what to call it."""
    if value is None:
        raise InvalidGeometry(f"no geometry was given{f' ({place})' if place else ''}")
    if isinstance(value, Mapping):
        yield from _from_geojson(value, place, notes)
    elif isinstance(value, str):
        yield from _from_text(value, place, notes)
    elif isinstance(value, os.PathLike):
        yield from _from_file(Path(value), notes)
    elif isinstance(value, bytes | bytearray | memoryview):
        yield from _from_wkb(bytes(value), place, notes)
    elif hasattr(value, "to_crs") and hasattr(value, "geometry"):
        yield from _from_frame(value, place, notes)
    elif hasattr(value, "__geo_interface__"):
        yield from _from_geojson(value.__geo_interface__, place, notes)
    elif hasattr(value, "tolist"):
        yield from _geometries(value.tolist(), place, notes)
    elif isinstance(value, Iterable):
        yield from _from_sequence(list(value), place, notes)
    else:
        raise InvalidGeometry(f"a {type(value).__name__} is no area of interest: {_short(value)}")


def _from_geojson(value: Mapping[str, Any], place: str, notes: list[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    _check_crs(value.get("crs"))
    kind = value.get("type")
    if not isinstance(kind, str):
        raise InvalidGeometry(f"the object{f' ({place})' if place else ''} has no GeoJSON type: {_short(value)}")
    if kind == "Feature":
        if value.get("geometry") is None:
            raise InvalidGeometry(f"{place or 'the feature'} has no geometry")
        yield from _geometries(value["geometry"], place, notes)
    elif kind in {"FeatureCollection", "GeometryCollection"}:
        key, what = ("features", "feature") if kind == "FeatureCollection" else ("geometries", "geometry")
        members = value.get(key)
        if not isinstance(members, Sequence) or isinstance(members, str) or not members:
            raise InvalidGeometry(f"the {kind} has no {key}")
        for i, member in enumerate(members):
            name = f"{what} {i}{f' of {place}' if place else ''}"
            if what == "feature" and isinstance(member, Mapping) and member.get("geometry", 0) is None:
                notes.append(f"{name} has no geometry and was left out")
                continue
            yield from _geometries(member, name, notes)
    else:
        yield place, value


def _from_text(text: str, place: str, notes: list[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    stripped = text.strip()
    if not stripped:
        raise InvalidGeometry("the area of interest is an empty text")
    if _BBOX.fullmatch(stripped):
        yield from _from_bbox([float(number) for number in re.findall(_NUMBER, stripped)], notes)
    elif stripped[0] in "{[":
        yield from _geometries(_parsed(stripped), place, notes)
    elif found := _WKT.fullmatch(stripped):
        yield from _from_wkt(found, place, notes)
    elif "://" in stripped[:12]:
        raise InvalidGeometry(f"{_short(stripped)} is a URL", hint="fetch the file first and pass its path")
    else:
        yield from _from_file(Path(stripped), notes)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as err:
        raise InvalidGeometry(f"the area of interest is no valid JSON: {err}") from err


def _from_wkt(found: re.Match[str], place: str, notes: list[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    import shapely

    if found[1] not in {None, "4326"}:
        raise InvalidGeometry(f"the WKT is in SRID {found[1]}", hint="reproject it to longitude, latitude (SRID 4326)")
    try:
        geometry = shapely.from_wkt(found[2])
    except shapely.errors.GEOSException as err:
        yield from _unclosed_wkt(found[2], place, notes, err)
        return
    yield from _from_shapely(geometry, place, notes)


def _unclosed_wkt(text: str, place: str, notes: list[str], err: Exception) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Read WKT again whose rings are not closed, which is all that shapely can mend itself."""
    import shapely

    try:
        geometry = shapely.from_wkt(text, on_invalid="fix")
    except (shapely.errors.GEOSException, ValueError, TypeError):
        geometry = None
    if geometry is None:
        raise InvalidGeometry(f"the WKT {_short(text)} cannot be read: {err}") from err
    notes.append("the WKT had rings that were not closed or too short; they were mended")
    yield from _from_shapely(geometry, place, notes)


def _from_wkb(data: bytes, place: str, notes: list[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    import shapely

    try:
        geometry = shapely.from_wkb(data)
    except shapely.errors.GEOSException as err:
        raise InvalidGeometry(f"{len(data)} bytes are no WKB: {err}") from err
    yield from _from_shapely(geometry, place, notes)


def _from_shapely(geometry: Any, place: str, notes: list[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if geometry is None or geometry.is_empty:
        raise InvalidGeometry(f"{place or 'the geometry'} is empty")
    yield from _from_geojson(geometry.__geo_interface__, place, notes)


def _from_file(path: Path, notes: list[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    path = path.expanduser()
    try:
        if not path.exists():
            raise InvalidGeometry(
                f"the file {_short(str(path))} does not exist, and that text is neither GeoJSON, WKT nor a bbox"
            )
        if path.suffix.lower() in _VECTOR_FILES:
            yield from _from_frame(_read_frame(path), "", notes)
            return
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as err:
        if isinstance(err, InvalidGeometry):
            raise
        raise InvalidGeometry(f"the file {_short(str(path))} cannot be read: {err}") from err
    stripped = text.strip()
    if not stripped or not (stripped[0] in "{[" or _WKT.fullmatch(stripped) or _BBOX.fullmatch(stripped)):
        raise InvalidGeometry(f"the file {_short(str(path))} holds neither GeoJSON, WKT nor a bbox")
    yield from _from_text(stripped, "", notes)


def _read_frame(path: Path) -> Any:
    try:
        import geopandas
    except ImportError as err:
        raise MissingExtra(
            f"reading {path.suffix} files needs geopandas", hint="install it with: pip install 'swath[table]'"
        ) from err
    try:
        return geopandas.read_parquet(path) if "parquet" in path.suffix.lower() else geopandas.read_file(path)
    # geopandas passes on the errors of whichever reader it uses (pyogrio, fiona, pyarrow): they share no base class.
    except Exception as err:
        raise InvalidGeometry(f"the file {_short(str(path))} cannot be read: {err}") from err


def _from_frame(frame: Any, place: str, notes: list[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Go through the rows of a GeoDataFrame or GeoSeries, in longitude and latitude."""
    if frame.crs is None:
        notes.append("the table names no CRS; WGS 84 longitude, latitude was assumed")
    elif frame.crs.to_epsg() != 4326 and not _WGS84_NAMES.match(str(frame.crs)):
        notes.append(f"reprojected from {frame.crs.to_string() if len(frame.crs.to_string()) < 60 else frame.crs.name}")
        frame = frame.to_crs(4326)
    if not len(frame):
        raise InvalidGeometry("the table has no rows")
    for i, geometry in enumerate(frame.geometry):
        name = f"row {i}{f' of {place}' if place else ''}"
        if geometry is None or geometry.is_empty:
            notes.append(f"{name} has no geometry and was left out")
        else:
            yield from _from_shapely(geometry, name if len(frame) > 1 else place, notes)


def _from_sequence(values: list[Any], place: str, notes: list[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if values and all(is_number(value) for value in values):
        yield from _from_bbox(values, notes)
    elif values and not any(is_number(value) or isinstance(value, list | tuple) for value in values):
        for i, value in enumerate(values):
            yield from _geometries(value, f"geometry {i}{f' of {place}' if place else ''}", notes)
    else:
        raise InvalidGeometry(
            f"a list that starts {_short(values[:2])} is no area of interest",
            hint="pass a bbox of 4 numbers, or a GeoJSON geometry with type and coordinates",
        )


def _from_bbox(numbers: Sequence[Any], notes: list[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    geometry = bbox_geometry(numbers)
    if len(numbers) == 6:
        notes.append("heights were dropped")
    if geometry["type"].startswith("Multi"):
        notes.append("the bbox crosses the antimeridian and was split there")
    yield "", geometry


# --- pieces ----------------------------------------------------------------------------------------------------------


def _joined(parts: list[Any], notes: list[str]) -> ItemDict:
    """Make one GeoJSON geometry of the shapely parts, all of one dimension."""
    import shapely

    by_dimension: dict[int, list[Any]] = {}
    for part in parts:
        by_dimension.setdefault(shapely.get_dimensions(part), []).append(part)
    highest = by_dimension.pop(max(by_dimension))
    whole = _merged(highest, notes)
    for lower in (part for parts in by_dimension.values() for part in parts):
        if not whole.covers(lower):
            raise InvalidGeometry(
                f"the area mixes {highest[0].geom_type}s with a {lower.geom_type} outside of them",
                hint="search them one by one, or buffer the points and lines to polygons",
            )
    if by_dimension:
        notes.append("points and lines inside the area add nothing and were left out")
    return to_geojson(whole)


def _merged(parts: list[Any], notes: list[str]) -> Any:
    import shapely

    if len(parts) == 1:
        return parts[0]
    simple = [leaf for part in parts for leaf in getattr(part, "geoms", [part])]
    if parts[0].geom_type.endswith("Point"):
        return shapely.MultiPoint(list(dict.fromkeys((point.x, point.y) for point in simple)))
    if parts[0].geom_type.endswith("LineString"):
        return shapely.MultiLineString(simple)
    whole = shapely.MultiPolygon(simple)
    if whole.is_valid:
        return whole
    notes.append(f"{len(parts)} polygons that overlap or touch were joined")
    return polygonal(shapely.unary_union(parts))


def _check_crs(crs: Any) -> None:
    """Refuse the ``crs`` member of old GeoJSON unless it says what RFC 7946 says.

    Raises:
        InvalidGeometry: If it names another CRS.
    """
    if crs is None:
        return
    properties = crs.get("properties") if isinstance(crs, Mapping) else None
    name = properties.get("name") if isinstance(properties, Mapping) else None
    if not isinstance(name, str) or not _WGS84_NAMES.match(name):
        _refuse_crs(name or crs)


def _refuse_crs(name: object) -> NoReturn:
    raise InvalidGeometry(
        f"the GeoJSON is in CRS {_short(name)}; GeoJSON is longitude, latitude in WGS 84 (RFC 7946)",
        hint="reproject it, for example with geopandas: gdf.to_crs(4326), or pass the GeoDataFrame itself",
    )


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"

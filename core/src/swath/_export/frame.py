# SPDX-License-Identifier: Apache-2.0
"""Items as a GeoDataFrame, and back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import geopandas
import pandas as pd
import shapely

from swath._export.columns import FIXED, TIMES, WHOLE, Columns, time_of
from swath._export.rows import NEEDED, item_of_row
from swath._export.shape import Kind, Shape
from swath.errors import InputError
from swath.models import ItemDict

__all__ = ["items_of_frame", "to_frame"]

_WITH_GAPS = {Kind.BOOL: "boolean", Kind.INT: "Int64", Kind.FLOAT: "float64"}
_WHOLE = {Kind.BOOL: "bool", Kind.INT: "int64", Kind.FLOAT: "float64"}
_TIME = "datetime64[us, UTC]"


def to_frame(items: Iterable[ItemDict]) -> Any:
    """Make a GeoDataFrame with one row an item: each property a column, CRS84 (longitude, latitude).

    Args:
        items: STAC Items; all are held in memory.
    """
    columns = Columns()
    found = list(items)
    exact = [columns.note(item) for item in found]
    shapes = _shapes(found, exact)
    made: dict[str, Any] = {key: _objects([item.get(key) for item in found]) for key in FIXED if key != "geometry"}
    properties = [item.get("properties") or {} for item in found]
    for name, shape in columns.properties.items():
        made[name] = _column(name, [one.get(name) for one in properties], shape, exact)
    if not all(exact):
        made[WHOLE] = _objects([None if same else json.dumps(one) for same, one in zip(exact, found, strict=True)])
    frame = geopandas.GeoDataFrame(pd.DataFrame(made), geometry=geopandas.GeoSeries(shapes, crs="OGC:CRS84"))
    return frame[[*FIXED, *[name for name in frame.columns if name not in FIXED]]]


def items_of_frame(frame: Any) -> Iterator[ItemDict]:
    """Make items of the rows of a GeoDataFrame; geometries are brought back to longitude and latitude.

    Raises:
        InputError: If it holds no STAC Items.
    """
    missing = NEEDED - set(frame.columns)
    if missing:
        raise InputError(
            f"the GeoDataFrame holds no STAC Items: it has no column {min(missing)!r}",
            hint="keep the columns 'id' and 'geometry' of what to_geodataframe() gave",
        )
    geometry = geopandas.GeoSeries(frame["geometry"])
    if geometry.crs is not None and not geometry.crs.is_geographic:
        geometry = geometry.to_crs("OGC:CRS84")
    texts = shapely.to_geojson(geometry.to_numpy())
    names = [str(name) for name in frame.columns if name != "geometry"]
    columns = [frame[name].tolist() for name in names]
    for row in range(len(frame)):
        values: dict[str, Any] = {name: column[row] for name, column in zip(names, columns, strict=True)}
        values["geometry"] = None if texts[row] is None else json.loads(texts[row])
        yield item_of_row(values)


def _shapes(items: list[ItemDict], exact: list[bool]) -> Any:
    texts = [None if item.get("geometry") is None else json.dumps(item["geometry"]) for item in items]
    if not texts:
        return []
    shapes = shapely.from_geojson(texts, on_invalid="ignore")
    for at, (item, text) in enumerate(zip(items, shapely.to_geojson(shapes), strict=True)):
        exact[at] = exact[at] and (None if text is None else json.loads(text)) == item.get("geometry")
    return shapes


def _column(name: str, values: list[Any], shape: Shape, exact: list[bool]) -> Any:
    if name == "datetime" or (name in TIMES and shape.kind in {Kind.TEXT, Kind.NOTHING}):
        times = []
        for at, value in enumerate(values):
            time, same = time_of(value)
            exact[at] = exact[at] and same
            times.append(time)
        return pd.Series(times, dtype=_TIME)
    kind = shape.kind
    if kind in _WITH_GAPS:
        return pd.Series(values, dtype=(_WITH_GAPS if None in values else _WHOLE)[kind])
    return _objects(values)


def _objects(values: list[Any]) -> Any:
    return pd.Series(values, dtype=object)

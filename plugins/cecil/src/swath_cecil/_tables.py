# SPDX-License-Identifier: Apache-2.0
"""Loads a subscription's tables as one `geopandas.GeoDataFrame`.

Source: the Cecil wire contract, 5.5 and 5.6, read 2026-11.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from swath.errors import InputError, LoadError
from swath.native import workers
from swath_cecil._api.storage import Store
from swath_cecil._ranges import RangeFile
from swath_cecil.delivered import tables_in
from swath_cecil.models import SelfHosted

if TYPE_CHECKING:
    import geopandas

__all__ = ["frame_of", "join", "load_hosted", "load_ibat"]

_CRS: Final = "EPSG:4326"
_EMPTY: Final = "MULTIPOLYGON EMPTY"
_AT_ONCE: Final = 8


def frame_of(file: Any) -> geopandas.GeoDataFrame:
    """Read one table as Cecil delivers it: geometries, if any, are GeoJSON texts in the column ``geojson``.

    Args:
        file: Path, or something to read from.
    """
    import geopandas
    import pandas as pd
    import shapely
    from pyarrow import parquet

    frame: pd.DataFrame = parquet.read_table(file).to_pandas()
    if "geojson" in frame.columns:
        shapes = shapely.from_geojson(frame.pop("geojson").to_numpy(dtype=object))
    else:
        shapes = [shapely.from_wkt(_EMPTY)] * len(frame)
    return geopandas.GeoDataFrame(frame, geometry=geopandas.GeoSeries(shapes, index=frame.index, crs=_CRS))


def join(frames: Sequence[geopandas.GeoDataFrame]) -> geopandas.GeoDataFrame:
    """Put the rows of several tables into one."""
    import geopandas
    import pandas as pd

    if not frames:
        return geopandas.GeoDataFrame()
    if len(frames) == 1:
        return frames[0].reset_index(drop=True)
    return geopandas.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=frames[0].crs)


def load_ibat(links: Sequence[str], read: Callable[[str], bytes]) -> geopandas.GeoDataFrame:
    """Load tables from signed links.

    Args:
        links: One a file.
        read: Fetches one whole.
    """

    def one(link: str) -> geopandas.GeoDataFrame:
        return frame_of(io.BytesIO(read(link)))

    with workers(_AT_ONCE) as pool:
        return join(list(pool.map(one, links)))


def load_hosted(store: Store[SelfHosted], columns: Sequence[str] | None = None) -> geopandas.GeoDataFrame:
    """Load the rows of a table that meet the area, whole: nothing is cut off at its edge.

    Args:
        store: Where the table is.
        columns: Which to read; all if None.

    Raises:
        LoadError: There is no table.
        InputError: It has no such column.
    """
    files = tables_in(store)
    listing = store.listing()
    if not files:
        raise LoadError(
            f"there is no table of subscription {listing.subscription_id} yet", hint="look at its status, and wait"
        )
    frames = [_hosted(RangeFile(store, one), listing, columns) for one in files]
    frame = join([one for one in frames if len(one)] or frames[:1])
    frame.insert(0, "aoi_id", listing.aoi_id)
    frame.insert(0, "subscription_id", listing.subscription_id)
    return frame


def _hosted(file: RangeFile, listing: SelfHosted, columns: Sequence[str] | None) -> geopandas.GeoDataFrame:
    """Read of one file the rows whose boxes, then whose geometries, meet the area."""
    import json

    import geopandas
    import pyarrow as pa
    import shapely
    from pyarrow import compute, parquet

    parts = parquet.ParquetFile(pa.PythonFile(file, mode="r"))
    schema = parts.schema_arrow
    told = json.loads((schema.metadata or {}).get(b"geo", b"{}"))
    name = str(told.get("primary_column") or "geometry")
    if columns is not None:
        missing = [one for one in columns if one not in schema.names]
        if missing:
            raise InputError(f"the table has no column {missing[0]!r}", hint=f"its columns: {', '.join(schema.names)}")
    crs = (told.get("columns") or {}).get(name, {}).get("crs", _CRS)
    area = geopandas.GeoSeries([shapely.geometry.shape(listing.geometry)], crs=_CRS)
    there = area.to_crs(crs).iloc[0] if crs is not None else area.iloc[0]
    west, south, east, north = there.bounds
    read = None
    if columns is not None:
        read = list(dict.fromkeys([*(["bbox"] if "bbox" in schema.names else []), name, *columns]))
    rows = None
    if "bbox" in schema.names:
        rows = (
            (compute.field("bbox", "xmin") <= east)
            & (compute.field("bbox", "xmax") >= west)
            & (compute.field("bbox", "ymin") <= north)
            & (compute.field("bbox", "ymax") >= south)
        )
    file.seek(0)
    table = parquet.read_table(pa.PythonFile(file, mode="r"), columns=read, filters=rows)
    frame = table.to_pandas(ignore_metadata=True)
    shapes = geopandas.GeoSeries.from_wkb(frame.pop(name), crs=crs)
    made = geopandas.GeoDataFrame(frame, geometry=shapes)
    made = made[made.geometry.intersects(there)]
    made.geometry = made.geometry.make_valid()
    return made[[one for one in table.column_names if one != "bbox"]].reset_index(drop=True)

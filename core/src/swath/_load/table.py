# SPDX-License-Identifier: Apache-2.0
"""Loads the tables of items as one `geopandas.GeoDataFrame`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from swath._load.archive import archive_of, local_path
from swath._load.extras import require
from swath._load.kinds import is_table
from swath._load.select import suggest
from swath.errors import LoadError, MixedProjections, NoOverlap, TooLarge, UnknownAsset
from swath.models import ItemDict, LoadOptions

if TYPE_CHECKING:
    import geopandas


def load_table(items: Sequence[ItemDict], options: LoadOptions) -> geopandas.GeoDataFrame:
    """Load the Parquet, GeoJSON and GeoPackage assets of items.

    Args:
        items: STAC Items with local hrefs.
        options: `bands` (asset keys), `crs`, `bbox`, `intersects` and `max_bytes` count; tables are read at once.

    Returns:
        All rows, with a further column ``item`` of the items' ids. Where the files have no geometry, neither has it.

    Raises:
        MissingExtra: The packages for tables are not installed.
        UnknownAsset: An item has no table of that key.
        MixedProjections: The tables are in several CRSs and none was named.
        NoOverlap: The asked area and the rows do not meet.
        TooLarge: The files are larger than `max_bytes`.
        LoadError: A file is missing or cannot be read; it names the item.
    """
    require("table", "loading tables")
    files = [(str(item.get("id")), key, path) for item in items for key, path in _files(item, options)]
    size = sum((archive_of(path) or Path(path)).stat().st_size for _, _, path in files)
    if size > options.max_bytes:
        raise TooLarge(
            f"the {len(files)} tables take {size:,} bytes on disk, over the limit of {options.max_bytes:,} (max_bytes)",
            hint="load fewer items at once, or pass a larger max_bytes",
            details={"nbytes": size, "max_bytes": options.max_bytes},
        )
    frames = [_read(item, key, path) for item, key, path in files]
    return _cut(_join(frames, options), options)


def crs_label(crs: Any) -> str | None:
    """Name a table's CRS briefly: ``EPSG:4326`` where it has such a code, else its text; None for none."""
    if crs is None:
        return None
    authority = crs.to_authority()
    return ":".join(authority) if authority else str(crs.to_string())


def _files(item: ItemDict, options: LoadOptions) -> list[tuple[str, str]]:
    """List the keys and paths of an item's tables."""
    item_id = str(item.get("id"))
    tables = {key: asset for key, asset in (item.get("assets") or {}).items() if is_table(asset)}
    wanted = options.bands or tuple(tables)
    for key in wanted:
        if key not in tables:
            raise UnknownAsset(f"item {item_id!r} has no table {key!r}", hint=suggest(key, list(tables)))
    return [(key, local_path(str(tables[key].get("href", "")), item=item_id, key=key)) for key in wanted]


def _read(item: str, key: str, path: str) -> tuple[str, Any]:
    """Read one file."""
    import geopandas
    import pyarrow as pa
    from pyarrow import parquet
    from pyogrio.errors import DataSourceError  # type: ignore[import-untyped]  # publishes no types

    try:
        if path.lower().endswith((".parquet", ".geoparquet")) or _is_parquet(path):
            metadata = parquet.read_schema(path).metadata or {}
            if b"geo" in metadata:
                return item, geopandas.read_parquet(path)
            return item, geopandas.GeoDataFrame(parquet.read_table(path).to_pandas())
        return item, geopandas.read_file(path, engine="pyogrio")
    except (OSError, ValueError, pa.ArrowException, DataSourceError) as err:
        raise LoadError(
            f"asset {key!r} of item {item!r} cannot be read as a table ({path}): {err}",
            details={"item": item, "asset": key, "path": path},
        ) from err


def _is_parquet(path: str) -> bool:
    """Whether a file begins as Parquet does."""
    if path.startswith("/vsizip/"):
        return False
    with Path(path).open("rb") as file:
        return file.read(4) == b"PAR1"


def _join(frames: Sequence[tuple[str, Any]], options: LoadOptions) -> Any:
    """Put the rows of all files into one frame, in one CRS."""
    import geopandas
    import pandas as pd

    located: dict[str, str] = {}
    for item, frame in frames:
        if _has_geometry(frame):
            located.setdefault(crs_label(frame.crs) or "none", item)
    if len(located) > 1 and options.crs is None:
        named = ", ".join(f"{crs} (item {item!r})" for crs, item in located.items())
        raise MixedProjections(
            f"the tables are in {len(located)} coordinate reference systems: {named}",
            hint=f"pass crs={next(iter(located))!r}, or load them one by one",
        )
    if "none" in located and options.crs is not None:
        raise LoadError(
            f"the table of item {located['none']!r} has no coordinate reference system, so it cannot be brought to "
            f"{options.crs}",
            hint="load it without crs",
        )
    made = []
    for item, frame in frames:
        one = frame.to_crs(options.crs) if options.crs is not None and _has_geometry(frame) else frame
        made.append(one.assign(item=item))
    if len(made) == 1:
        return made[0]
    return geopandas.GeoDataFrame(pd.concat(made, ignore_index=True))


def _cut(frame: Any, options: LoadOptions) -> Any:
    """Keep the rows that meet the asked area."""
    if options.bbox is None and options.intersects is None:
        return frame
    if not _has_geometry(frame):
        raise LoadError("the tables have no geometry, so they cannot be cut to an area", hint="load them without bbox")
    import geopandas
    import shapely
    from shapely.geometry import box, shape

    areas = []
    if options.bbox is not None:
        west, south, east, north = options.bbox
        halves = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
        areas.append(shapely.union_all([box(start, south, stop, north) for start, stop in halves]))
    if options.intersects is not None:
        areas.append(shape(options.intersects))
    keep = None
    for area in areas:
        series = geopandas.GeoSeries([area], crs="EPSG:4326")
        there = (series.to_crs(frame.crs) if frame.crs is not None else series).iloc[0]
        meets = frame.geometry.intersects(there)
        keep = meets if keep is None else keep & meets
    cut = frame[keep]
    if not len(cut):
        extent = ", ".join(f"{value:.6g}" for value in frame.total_bounds)
        raise NoOverlap(
            f"the asked area meets none of the {len(frame)} rows, which cover {extent} in {crs_label(frame.crs)}"
        )
    return cut


def _has_geometry(frame: Any) -> bool:
    """Whether a frame has an active geometry column."""
    return frame.active_geometry_name is not None

# SPDX-License-Identifier: Apache-2.0
"""Reads items: local rasters by core's loader, tables by Cecil's rules, and what was not downloaded, where it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve

from swath import native
from swath.errors import InputError, UnknownAsset
from swath.hookspecs import Context
from swath.models import ItemDict, LoadOptions
from swath_cecil._api.deliveries import Deliveries

__all__ = ["load"]


def load(context: Context, items: Sequence[ItemDict], options: LoadOptions) -> Any:
    """Read items; None leaves them to core.

    Args:
        context: The opened account.
        items: STAC Items.
        options: What to read and how.

    Returns:
        `xarray.Dataset` (time, y, x) of stored values, or `geopandas.GeoDataFrame`.

    Raises:
        InputError: Of items in the bucket, more is asked for than bands.
    """
    if all(_is_remote(item) for item in items):
        return _remote(context, items, options)
    if all(item.get("properties", {}).get("cecil:data_type") == "vector" for item in items):
        return _table(items, options)
    return None


def _is_remote(item: ItemDict) -> bool:
    """Whether an item's data are where Cecil keeps them."""
    hrefs = [str(one.get("href")) for one in (item.get("assets") or {}).values()]
    return bool(hrefs) and all(one.startswith("s3://") for one in hrefs)


def _remote(context: Context, items: Sequence[ItemDict], options: LoadOptions) -> Any:
    """Read a subscription's items in the bucket."""
    names = {str(item["properties"].get("cecil:subscription_id")) for item in items}
    if len(names) != 1:
        raise InputError("the items are of several subscriptions", hint="load those of one at a time", provider="cecil")
    plain = LoadOptions()
    if evolve(options, bands=(), chunks=plain.chunks) != plain:
        raise InputError(
            "what is not downloaded is read as it is stored: only bands can be chosen",
            hint="download the items first, or cut the result",
            provider="cecil",
        )
    subscription_id, deliveries = names.pop(), Deliveries(context)
    if items[0]["properties"].get("cecil:data_type") == "vector":
        from swath_cecil._tables import load_hosted

        return load_hosted(deliveries.self_hosted(subscription_id))
    if any("zarr" in str(one.get("type")) for one in items[0]["assets"].values()):
        from swath_cecil._zarr import load_zarr

        found = load_zarr(deliveries.zarr(subscription_id), mask_and_scale=False)
    else:
        from swath_cecil._rasters import load_tiffs

        found = _at(load_tiffs(deliveries.tiff(subscription_id), mask_and_scale=False), items)
    if options.bands:
        missing = [one for one in options.bands if one not in found.data_vars]
        if missing:
            raise UnknownAsset(
                f"there is no variable {missing[0]!r}", hint=f"there are: {', '.join(map(str, found.data_vars))}"
            )
        found = found[list(options.bands)]
    if options.chunks is None:
        return found.compute(scheduler="threads")
    return found.chunk({name: size for name, size in options.chunks.items() if name in found.dims})


def _at(found: Any, items: Sequence[ItemDict]) -> Any:
    """Keep the time steps that the items are."""
    import numpy as np

    texts: Mapping[str, None] = dict.fromkeys(
        item["properties"]["datetime"] for item in items if item["properties"].get("datetime")
    )
    if not texts or "time" not in found.dims:
        return found
    times = [dt.datetime.fromisoformat(one).astimezone(dt.UTC).replace(tzinfo=None) for one in texts]
    return found.sel(time=np.isin(found["time"].to_numpy(), np.array(times, dtype="datetime64[ns]")))


def _table(items: Sequence[ItemDict], options: LoadOptions) -> Any:
    """Read local tables: what Cecil writes as text becomes geometry, and of whole datasets the area's rows are kept."""
    import geopandas
    import shapely

    frame = native.load(list(items), options)
    if "geojson" in frame.columns:
        shapes = shapely.from_geojson(frame["geojson"].to_numpy(dtype=object))
        series = geopandas.GeoSeries(shapes, index=frame.index, crs="EPSG:4326")
        frame = geopandas.GeoDataFrame(frame.drop(columns="geojson"), geometry=series)
    if frame.active_geometry_name is None or not any(_is_whole(item) for item in items):
        return frame
    if "bbox" in frame.columns:
        frame = geopandas.GeoDataFrame(frame.drop(columns="bbox"))
    if options.bbox is not None or options.intersects is not None:
        return frame
    keep = None
    for item in items:
        mine = frame["item"] == item["id"]
        if _is_whole(item) and item.get("geometry"):
            area = geopandas.GeoSeries([shapely.geometry.shape(item["geometry"])], crs="EPSG:4326").to_crs(frame.crs)
            mine &= frame.geometry.intersects(area.iloc[0])
        keep = mine if keep is None else keep | mine
    return frame[keep].reset_index(drop=True)


def _is_whole(item: ItemDict) -> bool:
    """Whether an item's files are the whole dataset's, of which only the area's rows are meant."""
    return bool(item["properties"].get("cecil:storage") == "self-hosted")

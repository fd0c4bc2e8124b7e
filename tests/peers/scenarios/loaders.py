# SPDX-License-Identifier: Apache-2.0
"""Reads items with odc-stac, stackstac and rioxarray: what each sees of one band, as JSON.

Standard input: a list of ``{"item": ..., "older": ..., "key": ...}``, the item in STAC 1.1 and 1.0 and an asset's key.
"""

import json
import sys
import warnings

warnings.simplefilter("ignore")

import numpy as np  # noqa: E402
import odc.geo.xr  # noqa: E402  adds the .odc accessor
import odc.stac  # noqa: E402
import pystac  # noqa: E402
import rioxarray  # noqa: E402
import stackstac  # noqa: E402


def seen(array, x, y, epsg):
    """Say what was read."""
    values = np.asarray(array.values, dtype="float64")
    return {
        "epsg": epsg,
        "shape": list(values.shape[-2:]),
        "x": [float(array[x].values[0]), float(array[x].values[-1])],
        "y": [float(array[y].values[0]), float(array[y].values[-1])],
        "sum": float(np.nansum(values)),
    }


def main():
    """Read all."""
    made = []
    for one in json.load(sys.stdin):
        key = one["key"]
        item = pystac.Item.from_dict(one["item"])
        by_odc = odc.stac.load([item], bands=[key], chunks={})[key].isel(time=0)
        y, x = by_odc.dims[-2:]
        seen_by = {"odc-stac": seen(by_odc, x, y, by_odc.odc.crs.to_epsg())}
        with rioxarray.open_rasterio(one["item"]["assets"][key]["href"]) as opened:
            seen_by["rioxarray"] = seen(opened.isel(band=0), "x", "y", opened.rio.crs.to_epsg())
            is_single = opened.sizes["band"] == 1
        if is_single:  # stackstac refuses files of several bands, whoever describes them
            stacked = stackstac.stack(
                [one["older"]],
                assets=[key],
                rescale=False,
                dtype="float64",
                fill_value=np.nan,
                xy_coords="center",
                snap_bounds=False,
            )
            layer = stacked.isel(time=0, band=0)
            seen_by["stackstac"] = seen(layer, "x", "y", int(stacked.attrs["crs"].partition(":")[2]))
        made.append(seen_by)
    versions = {"odc-stac": odc.stac.__version__, "stackstac": stackstac.__version__, "pystac": pystac.__version__}
    print(json.dumps({"versions": versions, "seen": made}))


main()

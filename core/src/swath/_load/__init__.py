# SPDX-License-Identifier: Apache-2.0
"""Reads items: rasters into `xarray.Dataset`, tables into `geopandas.GeoDataFrame`.

Importing it loads no array or table library; those come with the first load.
"""

from swath._load.kinds import load_items
from swath._load.quicklook import write_quicklook
from swath._load.summary import summarise

__all__ = ["load_items", "summarise", "write_quicklook"]

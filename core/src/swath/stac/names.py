# SPDX-License-Identifier: Apache-2.0
"""The names of STAC that swath uses: fields, extension URLs, media types, roles.

Source: https://github.com/radiantearth/stac-spec v1.1.0 and the extensions' own pages, read 2026-11. The versions of
`eo`, `proj` and `raster` are those that go with STAC 1.1 ``bands``; those of `sar`, `sat`, `view`, `file`, `grid`,
`timestamps` and `storage` are what pystac's extension packages read.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

__all__ = [
    "ABSOLUTE_ORBIT",
    "ANX_DATETIME",
    "BANDS",
    "BITFIELDS",
    "BITS_PER_SAMPLE",
    "CENTER_WAVELENGTH",
    "CLASSES",
    "CLOUD_COVER",
    "COG",
    "COMMON_NAME",
    "COMMON_NAMES",
    "CONSTELLATION",
    "CREATED",
    "CSV",
    "DATA_TYPE",
    "DATETIME",
    "DESCRIPTION",
    "END_DATETIME",
    "EXPIRES",
    "EXTENSIONS",
    "FILE_CHECKSUM",
    "FILE_LOCAL_PATH",
    "FILE_SIZE",
    "FULL_WIDTH_HALF_MAX",
    "GEOJSON",
    "GEOPACKAGE",
    "GEOTIFF",
    "GRID_CODE",
    "GSD",
    "HDF5",
    "HTML",
    "INCIDENCE_ANGLE",
    "INSTRUMENTS",
    "JP2",
    "JPEG",
    "JSON",
    "KML",
    "LICENSE",
    "MISSION",
    "NDJSON",
    "NETCDF",
    "NITF",
    "NODATA",
    "OFFSET",
    "OFF_NADIR",
    "ORBIT_STATE",
    "ORDER_DATE",
    "ORDER_EXPIRATION_DATE",
    "ORDER_ID",
    "ORDER_STATUS",
    "PARQUET",
    "PDF",
    "PLATFORM",
    "PLATFORM_INTERNATIONAL_DESIGNATOR",
    "PNG",
    "PROCESSING_DATETIME",
    "PROCESSING_FACILITY",
    "PROCESSING_LEVEL",
    "PROCESSING_LINEAGE",
    "PROCESSING_SOFTWARE",
    "PROCESSING_VERSION",
    "PRODUCT_TIMELINESS",
    "PRODUCT_TIMELINESS_CATEGORY",
    "PRODUCT_TYPE",
    "PROJ_BBOX",
    "PROJ_CENTROID",
    "PROJ_CODE",
    "PROJ_GEOMETRY",
    "PROJ_SHAPE",
    "PROJ_TRANSFORM",
    "PROJ_WKT2",
    "PROVIDER",
    "PUBLISHED",
    "RELATIVE_ORBIT",
    "REQUIRED",
    "ROLE_ARCHIVE",
    "ROLE_CLOUD",
    "ROLE_DATA",
    "ROLE_MASK",
    "ROLE_METADATA",
    "ROLE_OVERVIEW",
    "ROLE_THUMBNAIL",
    "ROLE_VISUAL",
    "SAMPLING",
    "SAR_CENTER_FREQUENCY",
    "SAR_FREQUENCY_BAND",
    "SAR_INSTRUMENT_MODE",
    "SAR_LOOKS_AZIMUTH",
    "SAR_LOOKS_EQUIVALENT_NUMBER",
    "SAR_LOOKS_RANGE",
    "SAR_OBSERVATION_DIRECTION",
    "SAR_PIXEL_SPACING_AZIMUTH",
    "SAR_PIXEL_SPACING_RANGE",
    "SAR_POLARIZATIONS",
    "SAR_PRODUCT_TYPE",
    "SAR_RESOLUTION_AZIMUTH",
    "SAR_RESOLUTION_RANGE",
    "SCALE",
    "SNOW_COVER",
    "SPATIAL_RESOLUTION",
    "STAC_VERSION",
    "START_DATETIME",
    "STATISTICS",
    "STORAGE_REFS",
    "STORAGE_SCHEMES",
    "SUN_AZIMUTH",
    "SUN_ELEVATION",
    "TABLE_COLUMNS",
    "TABLE_PRIMARY_GEOMETRY",
    "TABLE_ROW_COUNT",
    "TEXT",
    "TIFF",
    "TIMESTAMP_FIELDS",
    "TIME_FIELDS",
    "TITLE",
    "UNIT",
    "UPDATED",
    "VIEW_AZIMUTH",
    "XML",
    "ZIP",
]

STAC_VERSION: Final = "1.1.0"
"""Version of the specification that swath writes."""

PROVIDER: Final = "swath:provider"
"""Name of the provider an item came from, so that a saved result can be ordered later."""

# --- extensions ----------------------------------------------------------------------------------------------------

_BASE = "https://stac-extensions.github.io"

EXTENSIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "classification": f"{_BASE}/classification/v2.0.0/schema.json",
        "eo": f"{_BASE}/eo/v2.0.0/schema.json",
        "file": f"{_BASE}/file/v2.1.0/schema.json",
        "grid": f"{_BASE}/grid/v1.1.0/schema.json",
        "order": f"{_BASE}/order/v1.1.0/schema.json",
        "processing": f"{_BASE}/processing/v1.2.0/schema.json",
        "product": f"{_BASE}/product/v1.0.0/schema.json",
        "proj": f"{_BASE}/projection/v2.0.0/schema.json",
        "raster": f"{_BASE}/raster/v2.0.0/schema.json",
        "sar": f"{_BASE}/sar/v1.0.0/schema.json",
        "sat": f"{_BASE}/sat/v1.0.0/schema.json",
        "storage": f"{_BASE}/storage/v2.0.0/schema.json",
        "table": f"{_BASE}/table/v1.2.0/schema.json",
        "timestamps": f"{_BASE}/timestamps/v1.1.0/schema.json",
        "view": f"{_BASE}/view/v1.0.0/schema.json",
    }
)
"""URL of each extension in use, by the prefix of its fields; `timestamps` has no prefix."""

TIMESTAMP_FIELDS: Final = frozenset({"published", "expires", "unpublished"})
"""Fields of the timestamps extension, which have no prefix."""

TIME_FIELDS: Final = TIMESTAMP_FIELDS | {
    "created",
    "updated",
    "order:date",
    "order:expiration_date",
    "processing:datetime",
    "sat:anx_datetime",
}
"""Properties beside the item's own times that hold an instant: builders write them in UTC."""

REQUIRED: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "grid": frozenset({"grid:code"}),
        "order": frozenset({"order:status"}),
        "sar": frozenset({"sar:instrument_mode", "sar:frequency_band", "sar:polarizations", "sar:product_type"}),
        "storage": frozenset({"storage:schemes"}),
    }
)
"""Properties that an item must have before it may declare the extension; without them its fields stand undeclared."""

# --- fields: time, platform ----------------------------------------------------------------------------------------

DATETIME: Final = "datetime"
START_DATETIME: Final = "start_datetime"
END_DATETIME: Final = "end_datetime"
CREATED: Final = "created"
UPDATED: Final = "updated"
PUBLISHED: Final = "published"
EXPIRES: Final = "expires"
PLATFORM: Final = "platform"
CONSTELLATION: Final = "constellation"
INSTRUMENTS: Final = "instruments"
MISSION: Final = "mission"
GSD: Final = "gsd"
"""Ground sample distance, metres, > 0."""
TITLE: Final = "title"
DESCRIPTION: Final = "description"
LICENSE: Final = "license"

# --- fields: bands and values --------------------------------------------------------------------------------------

BANDS: Final = "bands"
DATA_TYPE: Final = "data_type"
NODATA: Final = "nodata"
UNIT: Final = "unit"
STATISTICS: Final = "statistics"
CLASSES: Final = "classification:classes"
"""Of a band of classes: each has ``value`` and ``name``; load(mask=...) goes by the names."""
BITFIELDS: Final = "classification:bitfields"
"""Of a band of bits: each has ``offset``, ``length``, ``name`` and ``classes``."""

SCALE: Final = "raster:scale"
OFFSET: Final = "raster:offset"
SPATIAL_RESOLUTION: Final = "raster:spatial_resolution"
BITS_PER_SAMPLE: Final = "raster:bits_per_sample"
SAMPLING: Final = "raster:sampling"
COMMON_NAME: Final = "eo:common_name"
CENTER_WAVELENGTH: Final = "eo:center_wavelength"
"""Micrometres."""
FULL_WIDTH_HALF_MAX: Final = "eo:full_width_half_max"
"""Micrometres."""
CLOUD_COVER: Final = "eo:cloud_cover"
"""Percent, 0 to 100."""
SNOW_COVER: Final = "eo:snow_cover"
"""Percent, 0 to 100."""

COMMON_NAMES: Final = (
    "pan",
    "coastal",
    "blue",
    "green",
    "green05",
    "yellow",
    "red",
    "rededge",
    "rededge071",
    "rededge075",
    "rededge078",
    "nir",
    "nir08",
    "nir09",
    "cirrus",
    "swir16",
    "swir22",
    "lwir",
    "lwir11",
    "lwir12",
)
"""What ``eo:common_name`` may be."""

# --- fields: geometry of view and orbit ----------------------------------------------------------------------------

OFF_NADIR: Final = "view:off_nadir"
"""Degrees, 0 to 90."""
INCIDENCE_ANGLE: Final = "view:incidence_angle"
"""Degrees, 0 to 90."""
VIEW_AZIMUTH: Final = "view:azimuth"
"""Degrees from north, 0 to 360."""
SUN_AZIMUTH: Final = "view:sun_azimuth"
"""Degrees from north, 0 to 360."""
SUN_ELEVATION: Final = "view:sun_elevation"
"""Degrees over the horizon, -90 to 90."""
ORBIT_STATE: Final = "sat:orbit_state"
"""``ascending``, ``descending`` or ``geostationary``."""
ABSOLUTE_ORBIT: Final = "sat:absolute_orbit"
RELATIVE_ORBIT: Final = "sat:relative_orbit"
ANX_DATETIME: Final = "sat:anx_datetime"
PLATFORM_INTERNATIONAL_DESIGNATOR: Final = "sat:platform_international_designator"

# --- fields: radar -------------------------------------------------------------------------------------------------

SAR_INSTRUMENT_MODE: Final = "sar:instrument_mode"
SAR_FREQUENCY_BAND: Final = "sar:frequency_band"
SAR_CENTER_FREQUENCY: Final = "sar:center_frequency"
"""Gigahertz."""
SAR_POLARIZATIONS: Final = "sar:polarizations"
SAR_PRODUCT_TYPE: Final = "sar:product_type"
SAR_RESOLUTION_RANGE: Final = "sar:resolution_range"
"""Metres."""
SAR_RESOLUTION_AZIMUTH: Final = "sar:resolution_azimuth"
"""Metres."""
SAR_PIXEL_SPACING_RANGE: Final = "sar:pixel_spacing_range"
"""Metres."""
SAR_PIXEL_SPACING_AZIMUTH: Final = "sar:pixel_spacing_azimuth"
"""Metres."""
SAR_LOOKS_RANGE: Final = "sar:looks_range"
SAR_LOOKS_AZIMUTH: Final = "sar:looks_azimuth"
SAR_LOOKS_EQUIVALENT_NUMBER: Final = "sar:looks_equivalent_number"
SAR_OBSERVATION_DIRECTION: Final = "sar:observation_direction"
"""``left`` or ``right``."""

# --- fields: projection, files, processing, orders -----------------------------------------------------------------

PROJ_CODE: Final = "proj:code"
"""Authority and code, as ``EPSG:32630``."""
PROJ_BBOX: Final = "proj:bbox"
"""In units of the CRS."""
PROJ_SHAPE: Final = "proj:shape"
"""Rows, columns."""
PROJ_TRANSFORM: Final = "proj:transform"
"""Pixel to CRS: six or nine numbers, row by row, as ``affine`` orders them."""
PROJ_GEOMETRY: Final = "proj:geometry"
PROJ_CENTROID: Final = "proj:centroid"
PROJ_WKT2: Final = "proj:wkt2"
FILE_SIZE: Final = "file:size"
"""Bytes."""
FILE_CHECKSUM: Final = "file:checksum"
"""Multihash in hexadecimal; see `multihash`."""
FILE_LOCAL_PATH: Final = "file:local_path"
PROCESSING_LEVEL: Final = "processing:level"
PROCESSING_FACILITY: Final = "processing:facility"
PROCESSING_SOFTWARE: Final = "processing:software"
PROCESSING_DATETIME: Final = "processing:datetime"
PROCESSING_VERSION: Final = "processing:version"
PROCESSING_LINEAGE: Final = "processing:lineage"
PRODUCT_TYPE: Final = "product:type"
PRODUCT_TIMELINESS: Final = "product:timeliness"
PRODUCT_TIMELINESS_CATEGORY: Final = "product:timeliness_category"
GRID_CODE: Final = "grid:code"
ORDER_STATUS: Final = "order:status"
ORDER_ID: Final = "order:id"
ORDER_DATE: Final = "order:date"
ORDER_EXPIRATION_DATE: Final = "order:expiration_date"
STORAGE_SCHEMES: Final = "storage:schemes"
STORAGE_REFS: Final = "storage:refs"
TABLE_COLUMNS: Final = "table:columns"
TABLE_PRIMARY_GEOMETRY: Final = "table:primary_geometry"
TABLE_ROW_COUNT: Final = "table:row_count"

# --- media types ---------------------------------------------------------------------------------------------------

COG: Final = "image/tiff; application=geotiff; profile=cloud-optimized"
GEOTIFF: Final = "image/tiff; application=geotiff"
TIFF: Final = "image/tiff"
JP2: Final = "image/jp2"
PNG: Final = "image/png"
JPEG: Final = "image/jpeg"
PARQUET: Final = "application/vnd.apache.parquet"
GEOJSON: Final = "application/geo+json"
GEOPACKAGE: Final = "application/geopackage+sqlite3"
JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"
XML: Final = "application/xml"
CSV: Final = "text/csv"
TEXT: Final = "text/plain"
HTML: Final = "text/html"
PDF: Final = "application/pdf"
KML: Final = "application/vnd.google-earth.kml+xml"
ZIP: Final = "application/zip"
NETCDF: Final = "application/netcdf"
HDF5: Final = "application/x-hdf5"
NITF: Final = "application/vnd.nitf"

# --- roles ---------------------------------------------------------------------------------------------------------

ROLE_DATA: Final = "data"
ROLE_METADATA: Final = "metadata"
ROLE_OVERVIEW: Final = "overview"
ROLE_THUMBNAIL: Final = "thumbnail"
ROLE_VISUAL: Final = "visual"
ROLE_MASK: Final = "data-mask"
ROLE_CLOUD: Final = "cloud"
ROLE_ARCHIVE: Final = "archive"

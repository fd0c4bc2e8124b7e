# SPDX-License-Identifier: Apache-2.0
"""Capella's words for properties: its client's keywords, its items' names, and ours.

Source: the Capella wire contract, 2.2 and 10, read 2026-11.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from swath import stac

__all__ = ["KEYWORDS", "NATIVE", "SORTABLE"]

KEYWORDS: Final[Mapping[str, str]] = {
    "absolute_orbit": "sat:absolute_orbit",
    "archive_holdback": "capella:archive_holdback_date",
    "azimuth_angle": "view:azimuth",
    "billable_area": "capella:billable_area",
    "center_frequency": "sar:center_frequency",
    "collect_id": "capella:collect_id",
    "collection_type": "capella:collection_type",
    "constellation": "constellation",
    "created": "created",
    "datetime": "datetime",
    "epsg": "proj:epsg",
    "frequency_band": "sar:frequency_band",
    "hash": "capella:hash",
    "image_formation_algorithm": "capella:image_formation_algorithm",
    "incidence_angle": "view:incidence_angle",
    "instrument_mode": "sar:instrument_mode",
    "instruments": "instruments",
    "layover_angle": "capella:layover_angle",
    "local_datetime": "locale:datetime",
    "local_time": "locale:time",
    "local_timezone": "locale:timezone",
    "look_angle": "view:look_angle",
    "looks_azimuth": "sar:looks_azimuth",
    "looks_equivalent_number": "sar:looks_equivalent_number",
    "looks_range": "sar:looks_range",
    "observation_direction": "sar:observation_direction",
    "orbit_state": "sat:orbit_state",
    "orbital_plane": "capella:orbital_plane",
    "pixel_spacing_azimuth": "sar:pixel_spacing_azimuth",
    "pixel_spacing_range": "sar:pixel_spacing_range",
    "platform": "platform",
    "polarizations": "sar:polarizations",
    "product_type": "sar:product_type",
    "relative_orbit": "sat:relative_orbit",
    "resolution_azimuth": "sar:resolution_azimuth",
    "resolution_ground_range": "capella:resolution_ground_range",
    "resolution_range": "sar:resolution_range",
    "rgt_id": "capella:rgt_id",
    "squint_angle": "capella:squint_angle",
    "updated": "updated",
    "use_case": "capella:use_case",
}
"""Property of Capella's items by the official client's keyword: 41 of them."""

_RENAMED: Final[Mapping[str, str]] = {
    "view:look_angle": stac.OFF_NADIR,
    "proj:epsg": "capella:epsg",
    "locale:datetime": "capella:local_datetime",
    "locale:time": "capella:local_time",
    "locale:timezone": "capella:local_timezone",
}
NATIVE: Final[Mapping[str, str]] = {
    **{_RENAMED.get(native, native): native for native in KEYWORDS.values()},
    "capella:look_angle": "view:look_angle",
    stac.PRODUCT_TYPE: "sar:product_type",
}
"""Property of Capella's items by the name that our items have it under."""

SORTABLE: Final = frozenset({"datetime", "created", "updated", "platform", "constellation", "id"})
"""What the service is known to sort by under its true name."""

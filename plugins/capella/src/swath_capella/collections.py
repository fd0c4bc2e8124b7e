# SPDX-License-Identifier: Apache-2.0
"""What can be searched and tasked at Capella, and by what.

Source: the Capella wire contract, 2.2, 5.1 and appendix A, read 2026-11.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Final

from swath import stac
from swath.models import ItemDict

__all__ = ["TASKED", "collections", "queryables"]

_SINCE: Final = dt.datetime(2018, 12, 3, tzinfo=dt.UTC)
_SEARCHED: Final[Mapping[str, str]] = {
    "capella-geo": "Terrain-corrected amplitude (GEO): cloud-optimised GeoTIFF, uint16, sigma nought",
    "capella-gec": "Ellipsoid-corrected amplitude (GEC): cloud-optimised GeoTIFF, uint16",
    "capella-slc": "Single-look complex (SLC): GeoTIFF in slant geometry, complex int16, beta nought",
    "capella-sicd": "Sensor-independent complex data (SICD): NITF",
    "capella-sidd": "Sensor-independent derived data (SIDD): NITF",
    "capella-cphd": "Compensated phase history data (CPHD)",
    "capella-archive": "Colourised sub-apertures, change and vessel detection",
    "capella-open-data": "Open data of all product types, CC BY 4.0, free of charge",
}
TASKED: Final[Mapping[str, str]] = {
    "spotlight": "Spotlight, 5 km, 0.5 m",
    "spotlight_ultra": "Spotlight ultra, the finest resolution",
    "spotlight_wide": "Sliding spotlight, wider",
    "stripmap_20": "Stripmap, 20 km long",
    "stripmap_50": "Stripmap, 50 km long",
    "stripmap_100": "Stripmap, 100 km long",
    "parallel_stripmap_20": "Parallel stripmaps, 20 km long",
    "parallel_stripmap_50": "Parallel stripmaps, 50 km long",
    "parallel_stripmap_100": "Parallel stripmaps, 100 km long",
}
"""Collection types that can be tasked, by Capella's word."""
_NUMBER, _TEXT = {"type": "number"}, {"type": "string"}
_QUERYABLES: Final[Mapping[str, Mapping[str, Any]]] = {
    "id": _TEXT,
    "datetime": {"type": "string", "format": "date-time"},
    "created": {"type": "string", "format": "date-time"},
    "updated": {"type": "string", "format": "date-time"},
    "start_datetime": {"type": "string", "format": "date-time"},
    "end_datetime": {"type": "string", "format": "date-time"},
    stac.ORDER_STATUS: _TEXT,
    stac.PLATFORM: {"type": "string", "title": "Satellite, as capella-14"},
    stac.CONSTELLATION: _TEXT,
    stac.INSTRUMENTS: {"type": "array", "items": _TEXT},
    stac.GSD: {"type": "number", "title": "Ground resolution, metres"},
    stac.SAR_INSTRUMENT_MODE: {"type": "string", "enum": ["spotlight", "stripmap", "sliding_spotlight"]},
    stac.SAR_PRODUCT_TYPE: {
        "type": "string",
        "enum": ["SLC", "GEO", "SICD", "GEC", "SIDD", "CPHD", "CSI", "CSIDD", "VC", "VS", "ACD"],
    },
    stac.PRODUCT_TYPE: _TEXT,
    stac.PROCESSING_LEVEL: {"type": "string", "enum": ["L0", "L1", "L2", "L3"]},
    stac.SAR_POLARIZATIONS: {"type": "array", "items": {"enum": ["HH", "VV", "HV", "VH"]}},
    stac.SAR_FREQUENCY_BAND: _TEXT,
    stac.SAR_CENTER_FREQUENCY: {"type": "number", "title": "Gigahertz"},
    stac.SAR_OBSERVATION_DIRECTION: {"type": "string", "enum": ["left", "right"]},
    stac.SAR_RESOLUTION_RANGE: _NUMBER,
    stac.SAR_RESOLUTION_AZIMUTH: _NUMBER,
    stac.SAR_PIXEL_SPACING_RANGE: _NUMBER,
    stac.SAR_PIXEL_SPACING_AZIMUTH: _NUMBER,
    stac.SAR_LOOKS_RANGE: _NUMBER,
    stac.SAR_LOOKS_AZIMUTH: _NUMBER,
    stac.SAR_LOOKS_EQUIVALENT_NUMBER: _NUMBER,
    stac.ORBIT_STATE: {"type": "string", "enum": ["ascending", "descending"]},
    stac.ABSOLUTE_ORBIT: {"type": "integer"},
    stac.RELATIVE_ORBIT: {"type": "integer"},
    stac.OFF_NADIR: {"type": "number", "title": "Look angle, degrees"},
    stac.INCIDENCE_ANGLE: {"type": "number", "title": "Degrees"},
    stac.VIEW_AZIMUTH: {"type": "number", "title": "Degrees"},
    "capella:look_angle": _NUMBER,
    "capella:squint_angle": _NUMBER,
    "capella:layover_angle": _NUMBER,
    "capella:orbital_plane": {"type": "integer", "enum": [45, 53, 97]},
    "capella:collect_id": _TEXT,
    "capella:collection_type": _TEXT,
    "capella:resolution_ground_range": _NUMBER,
    "capella:billable_area": {"type": "number", "title": "Square metres"},
    "capella:image_length": {"type": "number", "title": "Metres"},
    "capella:image_width": {"type": "number", "title": "Metres"},
    "capella:image_formation_algorithm": _TEXT,
    "capella:hash": _TEXT,
    "capella:rgt_id": _TEXT,
    "capella:use_case": _TEXT,
    "capella:archive_holdback_date": {"type": "string", "format": "date-time"},
    "capella:epsg": {"type": "integer"},
    "capella:local_datetime": _TEXT,
    "capella:local_time": _TEXT,
    "capella:local_timezone": _TEXT,
    stac.PROJ_CODE: _TEXT,
}


def collections() -> Iterable[ItemDict]:
    """List the collections."""
    for name, description in _SEARCHED.items():
        yield stac.collection(
            id=name,
            description=description,
            title=description.partition(":")[0],
            license="CC-BY-4.0" if name == "capella-open-data" else "other",
            start=_SINCE,
            keywords=["radar", "sar", "x-band"],
            providers=[
                {
                    "name": "Capella Space",
                    "roles": ["producer", "processor", "licensor", "host"],
                    "url": "https://www.capellaspace.com",
                }
            ],
            summaries={stac.CONSTELLATION: ["capella"], stac.SAR_FREQUENCY_BAND: ["X"]},
            provider="capella",
        )


def queryables(collection: str | None) -> Mapping[str, Any]:  # noqa: ARG001 - all collections have the same
    """Say what items can be filtered by."""
    return {"type": "object", "properties": dict(_QUERYABLES)}

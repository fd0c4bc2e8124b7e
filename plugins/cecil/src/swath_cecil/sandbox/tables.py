# SPDX-License-Identifier: Apache-2.0
"""Parquet tables of a delivery. Needs pyarrow."""

from __future__ import annotations

import datetime as dt
import io
import json
import random
from collections.abc import Mapping, Sequence
from typing import Any

import shapely
from shapely.geometry import mapping, shape

__all__ = ["parcels", "protected", "species"]

_TAXA = (
    ("Animalia", "Chordata", "Mammalia", "Dasyuromorphia", "Dasyuridae", "Dasyurus", "hallucatus", "Quoll", "EN"),
    ("Animalia", "Chordata", "Aves", "Passeriformes", "Estrildidae", "Erythrura", "gouldiae", "Gouldian finch", "NT"),
    ("Animalia", "Chordata", "Reptilia", "Squamata", "Varanidae", "Varanus", "mertensi", "Water monitor", "EN"),
    ("Animalia", "Chordata", "Amphibia", "Anura", "Pelodryadidae", "Litoria", "caerulea", None, "LC"),
    ("Plantae", "Tracheophyta", "Magnoliopsida", "Myrtales", "Myrtaceae", "Eucalyptus", "tetrodonta", None, "LC"),
    ("Animalia", "Chordata", "Mammalia", "Chiroptera", "Megadermatidae", "Macroderma", "gigas", "Ghost bat", "VU"),
)  # fmt: skip
_RANKS = ("kingdom", "phylum", "class", "order", "family", "genus")
_SEEN = dt.datetime(2025, 5, 1, 12, tzinfo=dt.UTC)
_CELLS = 12
_WGS84 = {
    "$schema": "https://proj.org/schemas/v0.7/projjson.schema.json",
    "type": "GeographicCRS",
    "name": "WGS 84",
    "datum": {
        "type": "GeodeticReferenceFrame", "name": "World Geodetic System 1984",
        "ellipsoid": {"name": "WGS 84", "semi_major_axis": 6378137, "inverse_flattening": 298.257223563},
    },
    "coordinate_system": {
        "subtype": "ellipsoidal",
        "axis": [
            {"name": "Geodetic latitude", "abbreviation": "Lat", "direction": "north", "unit": "degree"},
            {"name": "Geodetic longitude", "abbreviation": "Lon", "direction": "east", "unit": "degree"},
        ],
    },
    "id": {"authority": "EPSG", "code": 4326},
}  # fmt: skip


def species(rng: random.Random, part: int) -> bytes:
    """Give half of a list of species: no geometries, some common names missing."""
    chosen = rng.sample(_TAXA, 3)
    columns: dict[str, Sequence[Any]] = {"taxon_id": [rng.randrange(1, 200_000) * 2 + part for _ in chosen]}
    for index, rank in enumerate(_RANKS):
        columns[f"{rank}_name"] = [one[index] for one in chosen]
    columns["scientific_name"] = [f"{one[5]} {one[6]}" for one in chosen]
    columns["common_name"] = [one[7] for one in chosen]
    columns["category"] = [one[8] for one in chosen]
    return _written(columns)


def protected(rng: random.Random, geometry: Mapping[str, Any], part: int) -> bytes:
    """Give protected areas that touch an area, their outlines as text."""
    west, south, east, north = shape(geometry).bounds
    sites: dict[str, list[Any]] = {"site_id": [], "name": [], "geojson": [], "timestamp": []}
    for index in range(2):
        x, y = rng.uniform(west, east), rng.uniform(south, north)
        outline = shapely.Point(x, y).buffer((east - west) * rng.uniform(0.2, 0.6), quad_segs=4)
        sites["site_id"].append(1000 * part + index)
        sites["name"].append(f"Reserve {chr(65 + 2 * part + index)}")
        sites["geojson"].append(json.dumps(mapping(outline)))
        sites["timestamp"].append(_SEEN + dt.timedelta(days=index))
    return _written(sites)


def parcels(rng: random.Random, geometry: Mapping[str, Any]) -> bytes:
    """Give parcels on and around an area as GeoParquet, most of them beyond it, with a box for each row."""
    import pyarrow as pa

    west, south, east, north = shape(geometry).bounds
    edge = max(east - west, north - south) / 4
    left, bottom = (west + east) / 2 - edge * _CELLS / 2, (south + north) / 2 - edge * _CELLS / 2
    cells = [
        shapely.box(left + i * edge, bottom + j * edge, left + (i + 0.9) * edge, bottom + (j + 0.9) * edge)
        for j in range(_CELLS)
        for i in range(_CELLS)
    ]
    bounds = [cell.bounds for cell in cells]
    columns: dict[str, Any] = {
        "parcel_id": list(range(1, len(cells) + 1)),
        "use": [rng.choice(("crops", "pasture", "forest", None)) for _ in cells],
        "share": [round(rng.random(), 4) for _ in cells],
        "surveyed": [_SEEN + dt.timedelta(days=rng.randrange(300)) for _ in cells],
        "geometry": [shapely.to_wkb(cell) for cell in cells],
        "bbox": pa.array(
            [dict(zip(("xmin", "ymin", "xmax", "ymax"), box, strict=True)) for box in bounds],
            pa.struct([(name, pa.float64()) for name in ("xmin", "ymin", "xmax", "ymax")]),
        ),
    }
    total = shapely.union_all(cells).bounds
    about = {
        "version": "1.1.0",
        "primary_column": "geometry",
        "columns": {
            "geometry": {
                "encoding": "WKB", "geometry_types": ["Polygon"], "crs": _WGS84, "bbox": list(total),
                "covering": {"bbox": {name: ["bbox", name] for name in ("xmin", "ymin", "xmax", "ymax")}},
            }
        },
    }  # fmt: skip
    table = pa.table(columns).replace_schema_metadata({"geo": json.dumps(about)})
    # As geopandas writes it: readers of Arrow look for the extension's name, not for the file's metadata.
    extension = {"ARROW:extension:name": "geoarrow.wkb", "ARROW:extension:metadata": json.dumps({"crs": _WGS84})}
    index = table.schema.get_field_index("geometry")
    outlined = table.schema.set(index, pa.field("geometry", pa.binary(), metadata=extension))
    return _file(pa.Table.from_arrays(table.columns, schema=outlined))


def _written(columns: Mapping[str, Any]) -> bytes:
    import pyarrow as pa

    return _file(pa.table(dict(columns)))


def _file(table: Any) -> bytes:
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    pq.write_table(table, buffer, row_group_size=48)
    return buffer.getvalue()

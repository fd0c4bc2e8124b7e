# SPDX-License-Identifier: Apache-2.0
"""Every property that can be searched for, by every operator."""

from __future__ import annotations

from capella_console_client import CapellaConsoleClient, exceptions
from player import KEY, ROOT, ids_of, play

FIELDS = {
    "absolute_orbit": "sat:absolute_orbit", "archive_holdback": "capella:archive_holdback_date",
    "azimuth_angle": "view:azimuth", "billable_area": "capella:billable_area",
    "center_frequency": "sar:center_frequency", "collect_id": "capella:collect_id",
    "collection_type": "capella:collection_type", "constellation": "constellation", "created": "created",
    "datetime": "datetime", "epsg": "proj:epsg", "frequency_band": "sar:frequency_band", "hash": "capella:hash",
    "image_formation_algorithm": "capella:image_formation_algorithm", "incidence_angle": "view:incidence_angle",
    "instrument_mode": "sar:instrument_mode", "instruments": "instruments", "layover_angle": "capella:layover_angle",
    "local_datetime": "locale:datetime", "local_time": "locale:time", "local_timezone": "locale:timezone",
    "look_angle": "view:look_angle", "looks_azimuth": "sar:looks_azimuth",
    "looks_equivalent_number": "sar:looks_equivalent_number", "looks_range": "sar:looks_range",
    "observation_direction": "sar:observation_direction", "orbit_state": "sat:orbit_state",
    "orbital_plane": "capella:orbital_plane", "pixel_spacing_azimuth": "sar:pixel_spacing_azimuth",
    "pixel_spacing_range": "sar:pixel_spacing_range", "platform": "platform", "polarizations": "sar:polarizations",
    "product_type": "sar:product_type", "relative_orbit": "sat:relative_orbit",
    "resolution_azimuth": "sar:resolution_azimuth", "resolution_ground_range": "capella:resolution_ground_range",
    "resolution_range": "sar:resolution_range", "rgt_id": "capella:rgt_id", "squint_angle": "capella:squint_angle",
    "updated": "updated", "use_case": "capella:use_case",
}  # fmt: skip
LISTS = ("polarizations", "instruments")
KINDS = ("GEO", "GEC", "SLC", "SICD", "SIDD", "CPHD", "CSI", "VS", "ACD")


def scenario(seen):
    """Run all of it."""
    client = CapellaConsoleClient(api_key=KEY, base_url=ROOT)
    pool = [item for kind in KINDS for item in client.search(product_type=kind, limit=5)]
    ids = [item["id"] for item in pool]
    seen.note("among", ids)
    seen.note("as they are", pool[::7])
    for keyword, name in FIELDS.items():
        held = [item["properties"][name] for item in pool if item["properties"].get(name) is not None]
        flat = sorted({word for value in held for word in value} if keyword in LISTS else set(held))
        middle, other = flat[len(flat) // 2], flat[0]

        def found(label, keyword=keyword, **filters):
            result = seen(f"{keyword}: {label}", client.search, ids=ids, **filters)
            if result is not None and label not in {"gt", "lt"}:
                assert ids_of(result), f"nothing found by {keyword}: {label}"

        found("plain", **{keyword: middle})
        found("list", **{keyword: [middle, other]})
        for operator in ("eq", "in") if keyword in LISTS else ("eq", "gt", "gte", "lt", "lte"):
            found(operator, **{f"{keyword}__{operator}": [middle] if operator == "in" else middle})
        found("in", **{f"{keyword}__in": [middle, other]}) if keyword not in LISTS else None
        if keyword not in LISTS:
            found("between", **{f"{keyword}__gte": other, f"{keyword}__lte": middle})


if __name__ == "__main__":
    play(scenario, exceptions)

# SPDX-License-Identifier: Apache-2.0
"""Says what is known of an order's cost: Planet's Orders API gives no estimate, so only the area it covers."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import Any, Final

from swath.models import OrderRequest, Quote

__all__ = ["area_ha", "quote_of"]

_EARTH_RADIUS_M: Final = 6_371_007.2
"""Radius of the sphere with the surface of the WGS 84 ellipsoid."""
_SHOWN: Final = 10


def quote_of(request: OrderRequest) -> Quote:
    """Say what is known of an order's cost.

    Args:
        request: What would be ordered.

    Returns:
        A quote whose amounts are None, because Planet does not tell; its note gives the area of each item, within the
        clip area if there is one, which is what Planet's plans usually count.
    """
    areas = {str(item["id"]): area_ha(item.get("geometry"), request.clip) for item in request.items}
    known = [area for area in areas.values() if area is not None]
    what = "within the clip area" if request.clip is not None else "of whole footprints"
    listed = ", ".join(f"{name}: {_ha(area)}" for name, area in list(areas.items())[:_SHOWN])
    more = f", and {len(areas) - _SHOWN} more" if len(areas) > _SHOWN else ""
    noun = "item" if len(areas) == 1 else "items"
    note = (
        f"Planet's Orders API gives no estimate. The area {what} is {sum(known):,.1f} ha in {len(areas)} {noun}"
        f" ({listed}{more}); what a plan charges for it is between the account and Planet"
    )
    if len(known) < len(areas):
        note += f"; {len(areas) - len(known)} without a measurable footprint not in the sum"
    return Quote(items=dict.fromkeys(areas), note=note)


def _ha(area: float | None) -> str:
    return "unknown" if area is None else f"{area:,.1f} ha"


def area_ha(geometry: Mapping[str, Any] | None, clip: Mapping[str, Any] | None = None) -> float | None:
    """Measure a footprint, or what of it lies in a clip area.

    Args:
        geometry: GeoJSON polygon or multipolygon, degrees, WGS 84.
        clip: Likewise.

    Returns:
        Hectares on the sphere of equal surface, true to about half a percent; None for what has no area to measure.
    """
    if not geometry or geometry.get("type") not in {"Polygon", "MultiPolygon"}:
        return None
    import shapely
    import shapely.geometry

    try:
        shape = shapely.make_valid(shapely.geometry.shape(geometry))
        if clip is not None:
            shape = shape.intersection(shapely.make_valid(shapely.geometry.shape(clip)))
    except (ValueError, TypeError, AttributeError, shapely.GEOSException):
        return None
    return sum(_polygon_m2(part) for part in shapely.get_parts(shape)) / 10_000


def _polygon_m2(part: Any) -> float:
    """Measure one polygon, in square metres; anything else has none."""
    if part.geom_type == "GeometryCollection" or part.geom_type.startswith("Multi"):
        return sum(_polygon_m2(inner) for inner in part.geoms)
    if part.geom_type != "Polygon" or part.is_empty:
        return 0.0
    return _ring_m2(part.exterior.coords) - sum(_ring_m2(ring.coords) for ring in part.interiors)


def _ring_m2(coordinates: Any) -> float:
    """Measure a ring by the area between it and the equator, edge by edge."""
    total = 0.0
    positions = [(math.radians(one[0]), math.radians(one[1])) for one in coordinates]
    for (lon_a, lat_a), (lon_b, lat_b) in itertools.pairwise(positions):
        total += (lon_b - lon_a) * (2 + math.sin(lat_a) + math.sin(lat_b))
    return abs(total) * _EARTH_RADIUS_M**2 / 2

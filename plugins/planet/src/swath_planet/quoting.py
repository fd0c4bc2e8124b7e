# SPDX-License-Identifier: Apache-2.0
"""Says what is known of an order's cost: the area that it covers, and what is left of a quota.

Planet's Orders API gives no estimate. Its Account API tells what reserving a stored area would take from a product's
quota, which is not what the order is charged: it is told, and does not count as the order's price.

Source: Planet's documentation of the Orders API and of quota reservations, read 2026-11.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from swath.errors import CredentialError, ProviderError
from swath.hookspecs import Context
from swath.models import OrderRequest, Quote
from swath_planet._api.quota import Quota

__all__ = ["Reservation", "area_ha", "quote_of", "reservations_of"]

_EARTH_RADIUS_M: Final = 6_371_007.2
"""Radius of the sphere with the surface of the WGS 84 ellipsoid."""
_SHOWN: Final = 10
_PRODUCTS: Final = 5
"""Most products whose quota is asked for."""


@frozen(kw_only=True)
class Reservation:
    """What Planet estimates that reserving the order's areas would take from one product's quota."""

    product: str
    cost: float | None
    remaining: float | None
    unit: str | None

    def __str__(self) -> str:
        cost, left = ("unknown" if one is None else f"{one:,.1f}" for one in (self.cost, self.remaining))
        unit = f" {self.unit}" if self.unit else ""
        return f"{cost}{unit} of {self.product!r}, where {left} are left"


def reservations_of(context: Context, request: OrderRequest) -> tuple[Reservation, ...]:
    """Ask what reserving the area of an order would take.

    Returns:
        One for each product that quota can be reserved for, five at most; none unless the order is clipped to a stored
        area (``pl:features/...``), or where Planet does not tell.
    """
    refs = list(_refs(request))
    if not refs:
        return ()
    quota = Quota(context)
    found = []
    try:
        for product in quota.list_products(supports_reservation=True, limit=_PRODUCTS):
            told = quota.estimate_reservation(refs, product["id"])
            reservation = Reservation(
                product=str(product.get("title") or product["id"]),
                cost=_number(told.get("total_cost")),
                remaining=_number(told.get("quota_remaining")),
                unit=told.get("quota_units"),
            )
            found.append(reservation)
    except (ProviderError, CredentialError, KeyError):
        return ()
    return tuple(found)


def _refs(request: OrderRequest) -> Iterator[str]:
    """Find the stored areas that an order is clipped to."""
    for tool in request.tools:
        aoi = (tool.get("clip") or {}).get("aoi")
        ref = aoi.get("content") if isinstance(aoi, Mapping) and aoi.get("type") == "ref" else aoi
        if isinstance(ref, str):
            yield ref


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def quote_of(request: OrderRequest, reservations: Sequence[Reservation] = ()) -> Quote:
    """Say what is known of an order's cost.

    Args:
        request: What would be ordered.
        reservations: What Planet says of its areas, by product.

    Returns:
        A quote whose amounts are None, because Planet does not tell; its note gives the area of each item, within the
        clip area if there is one, which is what Planet's plans usually count. What is left of a quota is there where
        Planet says so.
    """
    clip = request.clip or _clip_tool(request)
    areas = {str(item["id"]): area_ha(item.get("geometry"), clip) for item in request.items}
    known = [area for area in areas.values() if area is not None]
    what = "within the clip area" if clip is not None else "of whole footprints"
    listed = ", ".join(f"{name}: {_ha(area)}" for name, area in list(areas.items())[:_SHOWN])
    more = f", and {len(areas) - _SHOWN} more" if len(areas) > _SHOWN else ""
    noun = "item" if len(areas) == 1 else "items"
    note = (
        f"Planet's Orders API gives no estimate. The area {what} is {sum(known):,.1f} ha in {len(areas)} {noun}"
        f" ({listed}{more}); what a plan charges for it is between the account and Planet"
    )
    if len(known) < len(areas):
        note += f"; {len(areas) - len(known)} without a measurable footprint not in the sum"
    if not reservations:
        return Quote(items=dict.fromkeys(areas), note=note)
    note += f". Reserving its area would take {'; or '.join(map(str, reservations))}"
    if len(reservations) > 1:
        return Quote(items=dict.fromkeys(areas), note=note)
    (only,) = reservations
    return Quote(unit=only.unit, remaining=only.remaining, items=dict.fromkeys(areas), note=note)


def _clip_tool(request: OrderRequest) -> Mapping[str, Any] | None:
    """Find a clip area that is given as a tool, and as a geometry."""
    for tool in request.tools:
        aoi = (tool.get("clip") or {}).get("aoi")
        if isinstance(aoi, Mapping) and "coordinates" in aoi:
            return aoi
    return None


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

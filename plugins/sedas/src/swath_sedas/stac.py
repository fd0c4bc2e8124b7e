# SPDX-License-Identifier: Apache-2.0
"""Makes STAC Items of the service's products; units and words are translated here.

Source: the SeDAS wire contract, 10.2, read 2026-11.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from swath import stac
from swath.errors import InvalidGeometry, UnexpectedResponse
from swath.models import ItemDict
from swath_sedas.catalogue import collection_id
from swath_sedas.footprints import geometry_of
from swath_sedas.names import NOVASAR_1, SENTINEL_1, SENTINEL_2, ProductName, mission_of, parse_name, polarizations
from swath_sedas.wire import Product, file_checksum, read

__all__ = ["PRODUCT_KEY", "TIER", "is_online", "is_planned", "item_of"]

PRODUCT_KEY = "product"
"""Key of the asset that is the whole product."""
TIER = "swath:tier"
"""``standard`` where the product can be fetched now, ``archive`` where it must be requested."""

_PLANNED = frozenset({"PLANNEDACQ", "TASKING"})
_RADAR = {SENTINEL_1: ("C", 5.405, "c-sar"), NOVASAR_1: ("S", 3.2, "s-sar")}
"""Band, centre frequency in gigahertz, and instrument."""
_TAKEN = frozenset(
    {"supplierId", "productId", "coordinatesWKT", "start", "stop", "downloadUrl", "ql", "thumbnail"},
)
"""Keys whose value is in the item as it is, under a name of STAC's or swath's."""
_IMAGES = {".jpg": stac.JPEG, ".jpeg": stac.JPEG, ".png": stac.PNG, ".tif": stac.TIFF, ".tiff": stac.TIFF}


def item_of(payload: Mapping[str, Any], *, base_url: str) -> ItemDict:
    """Make an Item of a product.

    Args:
        payload: The product as the service gives it.
        base_url: The service's address with trailing slash: where an archived product is ordered.

    Raises:
        UnexpectedResponse: It has not the documented form, or its footprint is no polygon.
    """
    product = read(payload, Product, what=f"product {payload.get('supplierId')!r}")
    name = parse_name(product.supplier_id)
    mission = name.mission if name else mission_of(product.satellite_name or "")
    planned = (product.type or "").upper() in _PLANNED
    try:
        geometry = geometry_of(product.coordinates_wkt)
    except InvalidGeometry as err:
        raise UnexpectedResponse(
            f"the footprint of {product.supplier_id} is no polygon: {err.message}", provider="sedas"
        ) from err
    kind = product.product_type or (name.product_type if name else "")
    optical = _is_optical(product, mission)
    stop = max(product.start, product.stop)
    properties: dict[str, Any] = _native(payload)
    properties |= _platform(product, name, mission)
    properties |= _processing(name, kind)
    properties |= _orbit(product, name)
    properties |= _optical(product, name) if optical else _radar(product, name, mission, kind)
    properties |= {
        "swath:provider_id": product.product_id,
        "swath:latency": product.latency,
        "swath:area_m2": product.area,
        "swath:aoi_coverage": product.aoi_coverage_percent,
        "swath:useful_area": product.useful_area_percent,
        "swath:planned": True if planned else None,
    }
    if not planned:
        properties[stac.ORDER_STATUS] = "succeeded" if product.download_url else "orderable"
        properties[TIER] = "standard" if product.download_url else "archive"
    return stac.item(
        id=product.supplier_id,
        geometry=geometry,
        # A radar scene is built up along the track: its middle stands for it. An optical one is named by its start.
        datetime=product.start if optical else product.start + (stop - product.start) / 2,
        start=product.start,
        end=stop,
        collection=collection_id(name.mission if name else mission, product.satellite_name or "", kind),
        properties=properties,
        assets=_assets(product, base_url, planned=planned),
        provider="sedas",
    )


def is_planned(item: ItemDict) -> bool:
    """Whether an item is an acquisition that has not been made yet."""
    return bool(item.get("properties", {}).get("swath:planned"))


def is_online(item: ItemDict) -> bool:
    """Whether an item's product could be fetched without ordering when it was found."""
    return bool(item.get("properties", {}).get(stac.ORDER_STATUS) == "succeeded")


def _native(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the service's own values under its own names."""
    return {f"sedas:{_snake(key)}": value for key, value in payload.items() if key not in _TAKEN and value is not None}


def _snake(key: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key).lower()


def _is_optical(product: Product, mission: str | None) -> bool:
    if mission is not None:
        return mission == SENTINEL_2
    return (product.sensor_type or "").lower() == "optical"


def _platform(product: Product, name: ProductName | None, mission: str | None) -> dict[str, Any]:
    """Say what took it."""
    platform = (product.satellite_name or (name.platform if name else "")).lower()
    if mission in _RADAR:
        instrument = _RADAR[mission][2]
    elif mission == SENTINEL_2:
        instrument = "msi"
    else:
        instrument = (product.instrument_name or "").lower()
    resolution = product.sensor_resolution
    return {
        stac.PLATFORM: platform or None,
        stac.CONSTELLATION: mission,
        stac.INSTRUMENTS: [instrument] if instrument else None,
        stac.GSD: resolution if resolution and resolution > 0 else None,
    }


def _processing(name: ProductName | None, kind: str) -> dict[str, Any]:
    return {
        stac.PRODUCT_TYPE: kind or None,
        stac.PROCESSING_LEVEL: name.level if name else None,
        stac.PROCESSING_VERSION: name.baseline if name else None,
    }


def _orbit(product: Product, name: ProductName | None) -> dict[str, Any]:
    """Give orbits by the name: whether the service's ``orbit`` is absolute or relative is not documented."""
    direction = (product.orbit_direction or "").lower()
    return {
        stac.ORBIT_STATE: direction if direction in {"ascending", "descending"} else None,
        stac.ABSOLUTE_ORBIT: name.absolute_orbit if name else None,
        stac.RELATIVE_ORBIT: name.relative_orbit if name else None,
    }


def _optical(product: Product, name: ProductName | None) -> dict[str, Any]:
    cloud = product.cloud_coverage_percent
    return {
        stac.CLOUD_COVER: cloud if cloud is not None and 0 <= cloud <= 100 else None,
        stac.GRID_CODE: f"MGRS-{name.tile}" if name and name.tile else None,
    }


def _radar(product: Product, name: ProductName | None, mission: str | None, kind: str) -> dict[str, Any]:
    if mission is None and (product.sensor_type or "").upper() != "SAR":
        return {}
    seen = (name.polarizations if name else ()) or polarizations(product.polarisation or "")
    band, frequency, _ = _RADAR.get(mission or "", (None, None, None))
    mode = name.mode if name and name.mission == SENTINEL_1 else None
    return {
        stac.SAR_INSTRUMENT_MODE: mode or product.mode_name or (name.mode if name else None),
        stac.SAR_FREQUENCY_BAND: band,
        stac.SAR_CENTER_FREQUENCY: frequency,
        stac.SAR_POLARIZATIONS: list(seen) or None,
        stac.SAR_PRODUCT_TYPE: kind or None,
    }


def _assets(product: Product, base_url: str, *, planned: bool) -> dict[str, ItemDict]:
    """List the product itself, and its pictures."""
    made: dict[str, ItemDict] = {}
    if not planned:
        # An archived product has no address of its own yet: what stands there is where it is ordered.
        order_url = f"{base_url}request/{quote(product.supplier_id, safe='')}"
        made[PRODUCT_KEY] = stac.asset(
            product.download_url or order_url,
            media_type=stac.ZIP,
            roles=[stac.ROLE_DATA],
            title=f"{product.supplier_id}.zip",
            description=None if product.download_url else "In the long-term archive: order it first.",
            checksum=file_checksum(product.vendor_specific),
            fields={TIER: "standard" if product.download_url else "archive"},
        )
    pictures = ((stac.ROLE_THUMBNAIL, product.thumbnail, "Thumbnail"), (stac.ROLE_OVERVIEW, product.ql, "Quicklook"))
    for role, url, title in pictures:
        if url:
            made[role] = stac.asset(url, media_type=_image_type(url), roles=[role], title=title)
    return made


def _image_type(url: str) -> str | None:
    """Tell a picture's type by its address; None where that does not tell."""
    low = url.lower()
    return next((kind for ending, kind in _IMAGES.items() if low.endswith(ending) or f"{ending}?" in low), None)

# SPDX-License-Identifier: Apache-2.0
"""Builds the JSON of an order for `OrdersClient.create_order`, under the names of Planet's own SDK.

A parameter that is None is left out; every other value is sent, 0, ``False`` and an empty text too. What is passed in
is never changed. Secrets may be given as `swath.Secret`: they are revealed only in the request that is sent.

Source: Planet's documentation of the Orders API (create request, tools, delivery), read 2026-11.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from swath.models import Secret
from swath_planet._building import band_math, copied, given, one_of
from swath_planet._clouds import (
    amazon_s3,
    azure_blob_storage,
    default_destination,
    destination,
    google_cloud_storage,
    google_earth_engine,
    oracle_cloud_storage,
    s3_compatible,
)
from swath_planet.bundles import SNAPSHOT, BundleTable
from swath_planet.exceptions import ClientError
from swath_planet.geojson import as_geom_or_ref
from swath_planet.tools import KERNELS, SENSORS

__all__ = [
    "amazon_s3",
    "azure_blob_storage",
    "band_math_tool",
    "basemap_product",
    "build_request",
    "clip_tool",
    "composite_tool",
    "coregister_tool",
    "default_destination",
    "delivery",
    "destination",
    "file_format_tool",
    "google_cloud_storage",
    "google_earth_engine",
    "harmonize_tool",
    "merge_tool",
    "notifications",
    "oracle_cloud_storage",
    "prior_orders",
    "product",
    "reproject_tool",
    "s3_compatible",
    "sentinel_hub",
    "tile_tool",
    "toar_tool",
]

DEFAULT_ARCHIVE_FILENAME: Final = "{{name}}_{{order_id}}.zip"

_CLIPPABLE: Final = ["Polygon", "MultiPolygon", "ref"]


# --- the request -----------------------------------------------------------------------------------------------------


def build_request(  # noqa: PLR0917  the signature that scripts know
    name: str,
    products: list[dict[str, Any]],
    subscription_id: int = 0,
    delivery: dict[str, Any] | None = None,
    notifications: dict[str, Any] | None = None,
    order_type: str | None = None,
    tools: list[dict[str, Any]] | None = None,
    stac: dict[str, Any] | None = None,
    hosting: str | Mapping[str, Any] | None = None,
    collection_id: str | None = None,
    create_configuration: bool | None = False,
    *,
    source_type: str | None = None,
    prior_orders: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Put an order together.

    Args:
        name: The order's name. It need not be unique; one that is can be found again with ``list_orders(name=...)``.
        products: Made by `product`, or for a basemap by `basemap_product`.
        subscription_id: Number of the quota plan to draw from; 0 leaves the choice to Planet.
        delivery: Made by `delivery`, or a single cloud's block.
        notifications: Made by `notifications`.
        order_type: ``"full"``: one missing item fails the order; ``"partial"``: deliver what there is.
        tools: Processing steps in sequence, made by the functions ``..._tool``.
        stac: ``{"stac": {}}`` has Planet add its own STAC files.
        hosting: ``"sentinel_hub"``, or a block made by `sentinel_hub`.
        collection_id: Sentinel Hub collection to add to.
        create_configuration: Whether Sentinel Hub shall make a configuration too.
        source_type: ``"scenes"`` or ``"basemaps"``; None writes none, which means scenes.
        prior_orders: Made by `prior_orders`.

    Raises:
        ClientError: A word is none that Planet has.
    """
    if isinstance(hosting, str):
        one_of("hosting", hosting, ("sentinel_hub",))
        hosting = sentinel_hub(collection_id, create_configuration)
    optional = {
        "subscription_id": subscription_id,
        "source_type": source_type and one_of("source_type", source_type, ("scenes", "basemaps")),
        "delivery": delivery,
        "notifications": notifications,
        "order_type": order_type and one_of("order_type", order_type, ("full", "partial")),
        "tools": tools,
        "metadata": stac,
        "hosting": hosting,
        "prior_orders": prior_orders,
    }
    request = {"name": name, "products": products, **{key: value for key, value in optional.items() if value}}
    return dict(copied(request))


def product(
    item_ids: list[str],
    product_bundle: str,
    item_type: str,
    fallback_bundle: str | Sequence[str] | None = None,
    *,
    table: BundleTable = SNAPSHOT,
) -> dict[str, Any]:
    """Say which items are wanted in which bundle.

    Args:
        item_ids: Of one item type.
        product_bundle: The bundle wanted.
        item_type: For example ``"PSScene"``; case does not matter here nor in bundles.
        fallback_bundle: One or several to try in turn for items that lack the wanted one; commas separate too.
        table: Bundles and item types there are. The default is a snapshot of Planet's specification; `OrdersClient`'s
            ``get_bundles()`` reads it as it is today.

    Raises:
        ClientError: The item type does not exist or has no such bundle; the message lists those it has.
    """
    kind = one_of("item_type", item_type, sorted({one for by_type in table.values() for one in by_type}))
    valid = sorted(name for name, by_type in table.items() if kind in by_type)
    texts = [fallback_bundle] if isinstance(fallback_bundle, str) else list(fallback_bundle or ())
    wanted = [product_bundle, *(name.strip() for text in texts for name in text.split(",") if name.strip())]
    bundles = [one_of("bundle", one, valid) for one in wanted]
    return {"item_ids": list(item_ids), "item_type": kind, "product_bundle": ",".join(dict.fromkeys(bundles))}


def basemap_product(
    mosaic_name: str, geometry: Mapping[str, Any] | None = None, quad_ids: Sequence[str] | None = None
) -> dict[str, Any]:
    """Say which quads of a basemap are wanted; the request needs ``source_type="basemaps"``.

    Args:
        mosaic_name: Name of the mosaic.
        geometry: Area whose quads are wanted.
        quad_ids: The quads themselves, 100 at most.

    Raises:
        ClientError: Both or neither of area and quads are given.
    """
    if (geometry is None) == (quad_ids is None):
        raise ClientError("a basemap product needs either geometry or quad_ids")
    if geometry is not None:
        return {"mosaic_name": mosaic_name, "geometry": as_geom_or_ref(geometry)}
    return {"mosaic_name": mosaic_name, "quad_ids": list(quad_ids or ())}


def notifications(
    email: bool | None = None, webhook_url: str | Secret | None = None, webhook_per_order: bool | None = None
) -> dict[str, Any]:
    """Say how Planet tells that an order is done.

    Args:
        email: Whether by e-mail.
        webhook_url: Address that Planet calls, basic credentials in it if it wants some.
        webhook_per_order: Whether it is called once an order instead of once an item.
    """
    webhook = None if webhook_url is None else given(url=webhook_url, per_order=webhook_per_order)
    return given(webhook=webhook, email=email)


def prior_orders(orders: Sequence[str], failures: str | None = None, partials: str | None = None) -> dict[str, Any]:
    """Let an order begin after others.

    Args:
        orders: Their ids.
        failures: ``"skip"`` (Planet's default) or ``"fail"``: what a failed one means for this order.
        partials: ``"accept"`` (default), ``"skip"`` or ``"fail"``.
    """
    return {
        "orders": list(orders),
        **given(
            failures=None if failures is None else one_of("failures", failures, ("fail", "skip")),
            partials=None if partials is None else one_of("partials", partials, ("fail", "skip", "accept")),
        ),
    }


def sentinel_hub(collection_id: str | None = None, create_configuration: bool | None = False) -> dict[str, Any]:
    """Have Planet host the result on Sentinel Hub, in a collection of its own unless one is named."""
    return {"sentinel_hub": given(collection_id=collection_id, create_configuration=create_configuration or None)}


# --- delivery --------------------------------------------------------------------------------------------------------


def delivery(
    archive_type: str | None = None,
    single_archive: bool | None = False,
    archive_filename: str | None = None,
    cloud_config: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Say in which form and where to the result is delivered.

    Args:
        archive_type: ``"zip"``; None delivers plain files, and the other two say nothing then.
        single_archive: Whether all items go into one archive.
        archive_filename: May hold ``{{name}}`` and ``{{order_id}}``.
        cloud_config: A cloud's block, for example made by `amazon_s3`.

    Raises:
        ClientError: There is no such archive type.
    """
    made: dict[str, Any] = {}
    if archive_type is not None:
        made["archive_type"] = one_of("archive_type", archive_type, ("zip",))
        made["archive_filename"] = DEFAULT_ARCHIVE_FILENAME if archive_filename is None else archive_filename
        made["single_archive"] = bool(single_archive)
    return {**made, **(cloud_config or {})}


# --- tools -----------------------------------------------------------------------------------------------------------


def clip_tool(aoi: Any) -> dict[str, Any]:
    """Cut to an area.

    Args:
        aoi: GeoJSON Polygon or MultiPolygon, a Feature of one, or a reference ``"pl:features/my/..."``; at most 1500
            vertices.

    Raises:
        ClientError: It is another kind of geometry.
    """
    geometry = as_geom_or_ref(aoi)
    if geometry["type"] not in _CLIPPABLE:
        raise ClientError(f"Invalid geometry type: {geometry['type']} is not in {_CLIPPABLE}.")
    return {"clip": {"aoi": geometry}}


def composite_tool(group_by: str | None = None) -> dict[str, Any]:
    """Merge the items into one image: ``"order"`` (default), or ``"strip_id"`` for one a strip."""
    return {
        "composite": given(group_by=None if group_by is None else one_of("group_by", group_by, ("order", "strip_id")))
    }


def coregister_tool(anchor_item: str) -> dict[str, Any]:
    """Align all items to one of them."""
    return {"coregister": {"anchor_item": anchor_item}}


def file_format_tool(file_format: str) -> dict[str, Any]:
    """Deliver as ``"COG"`` or ``"PL_NITF"``."""
    return {"file_format": {"format": one_of("file_format", file_format, ("COG", "PL_NITF"))}}


def reproject_tool(projection: str, resolution: float | None = None, kernel: str | None = None) -> dict[str, Any]:
    """Reproject.

    Args:
        projection: ``"EPSG:32631"``, WKT or a PROJ string.
        resolution: Pixel size in units of the projection; None keeps that of the input.
        kernel: ``"near"`` (default), ``"bilinear"``, ``"cubic"``, ...
    """
    spelled = None if kernel is None else one_of("kernel", kernel, KERNELS)
    return {"reproject": given(projection=projection, resolution=resolution, kernel=spelled)}


def tile_tool(  # noqa: PLR0917  the signature that scripts know
    tile_size: int,
    origin_x: float | None = None,
    origin_y: float | None = None,
    pixel_size: float | None = None,
    name_template: str | None = None,
    conformal_x_scaling: bool | None = None,
) -> dict[str, Any]:
    """Cut into tiles.

    Args:
        tile_size: Pixels along one side.
        origin_x: Where the grid begins, in the projection; 0 is a value of its own.
        origin_y: The same.
        pixel_size: In units of the projection.
        name_template: For example ``"T_{tilex:04d}_{tiley:04d}"``.
        conformal_x_scaling: Whether pixels keep the same width in metres.
    """
    return {
        "tile": given(
            tile_size=tile_size,
            origin_x=origin_x,
            origin_y=origin_y,
            pixel_size=pixel_size,
            name_template=name_template,
            conformal_x_scaling=conformal_x_scaling,
        )
    }


def toar_tool(scale_factor: int | None = None) -> dict[str, Any]:
    """Turn radiance into top-of-atmosphere reflectance, times `scale_factor` (Planet's default 10000)."""
    return {"toar": given(scale_factor=scale_factor)}


def harmonize_tool(target_sensor: str) -> dict[str, Any]:
    """Make reflectances comparable with another sensor's, ``"Sentinel-2"``."""
    return {"harmonize": {"target_sensor": one_of("target_sensor", target_sensor, SENSORS)}}


def merge_tool() -> dict[str, Any]:
    """Merge the quads of a basemap order into one image."""
    return {"merge": {}}


def band_math_tool(  # noqa: PLR0917  the signature that scripts know
    b1: str,
    b2: str | None = None,
    b3: str | None = None,
    b4: str | None = None,
    b5: str | None = None,
    b6: str | None = None,
    b7: str | None = None,
    b8: str | None = None,
    b9: str | None = None,
    b10: str | None = None,
    b11: str | None = None,
    b12: str | None = None,
    b13: str | None = None,
    b14: str | None = None,
    b15: str | None = None,
    pixel_type: str = "Auto",
) -> dict[str, Any]:
    """Compute bands from bands, for example ``b1="(b4-b3)/(b4+b3)"``.

    Raises:
        ClientError: A band is left out between two others, or there is no such pixel type.
    """
    texts = (b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15)
    return {"bandmath": band_math(*texts, pixel_type=pixel_type)}

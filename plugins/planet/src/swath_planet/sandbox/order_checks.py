# SPDX-License-Identifier: Apache-2.0
"""What the Orders API says of a request before it takes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from swath_planet.sandbox import arithmetic, basemap_orders
from swath_planet.sandbox.access import Refusal
from swath_planet.sandbox.bundles import SPEC, has_pair
from swath_planet.sandbox.filters import read_geometry
from swath_planet.sandbox.holdings import Holdings
from swath_planet.sandbox.mosaic_shelf import Shelf
from swath_planet.sandbox.products import KERNELS

__all__ = ["check_order", "refusal"]

_MOST_ITEMS, _MOST_ZIPPED, _MOST_VERTICES = 500, 50, 1500
_HEAVY = frozenset({"SkySatCollect", "TanagerScene", "PelicanScene"})
_CLOUDS = frozenset({
    "amazon_s3", "azure_blob_storage", "google_cloud_storage", "google_earth_engine", "oracle_cloud_storage",
    "s3_compatible", "destination",
})  # fmt: skip
_NEEDED = {
    "amazon_s3": ("bucket", "aws_region", "aws_access_key_id", "aws_secret_access_key"),
    "azure_blob_storage": ("account", "container", "sas_token"),
    "google_cloud_storage": ("bucket", "credentials"),
    "google_earth_engine": ("project", "collection"),
    "oracle_cloud_storage": ("bucket", "namespace", "region", "customer_access_key_id", "customer_secret_key"),
    "s3_compatible": ("endpoint", "bucket", "region", "access_key_id", "secret_access_key"),
    "destination": ("ref",),
}
_ARCHIVE = frozenset({"archive_type", "archive_filename", "single_archive"})


def refusal(field: str, *messages: str) -> Refusal:
    """Make the answer to an order that is not taken."""
    return Refusal(
        400,
        {
            "field": {field: [{"message": message} for message in messages]},
            "general": [{"message": "Unable to accept order"}],
        },
    )


def check_order(body: Any, holdings: Holdings, shelf: Shelf) -> None:
    """Check a create request.

    Args:
        body: As it came.
        holdings: The scenes there are.
        shelf: The mosaics there are.

    Raises:
        Refusal: 400, in the documented form.
    """
    if not isinstance(body, Mapping):
        raise refusal("Details", "the request body must be a JSON object")
    if not isinstance(body.get("name"), str) or not body["name"].strip():
        raise refusal("Name", "name is required")
    source = body.get("source_type", "scenes")
    if source not in {"scenes", "basemaps"}:
        raise refusal("SourceType", f"source_type must be scenes or basemaps, not {source!r}")
    if body.get("order_type", "full") not in {"full", "partial"}:
        raise refusal("OrderType", f"order_type must be full or partial, not {body['order_type']!r}")
    products = body.get("products")
    if not isinstance(products, list) or not products:
        raise refusal("Products", "products is required")
    scenes = products if source == "scenes" else []
    tools = body.get("tools") or []
    for product in scenes:
        _check_product(product)
    _check_items(scenes, holdings)
    _check_tools(tools, scenes)
    if scenes:
        _refuse_tools(tools, {"merge"}, "only available for basemaps")
    else:
        _check_basemaps(products, tools, shelf)
    _check_delivery(body.get("delivery") or {}, scenes)
    _check_stac(body)
    _check_hosting(body.get("hosting"))
    _check_prior(body.get("prior_orders"))


def _check_basemaps(products: Sequence[Any], tools: Sequence[Mapping[str, Any]], shelf: Shelf) -> None:
    for product in products:
        if problem := basemap_orders.problem_of(product, shelf):
            raise refusal("Products", problem)
    _refuse_tools(tools, set(_TOOLS) - basemap_orders.TOOLS, "not available for basemaps")


def _refuse_tools(tools: Sequence[Mapping[str, Any]], names: set[str], why: str) -> None:
    for name in sorted(names & {name for tool in tools for name in tool}):
        raise refusal("Tools", f"{name}: {why}")


def _check_product(product: Any) -> None:
    if not isinstance(product, Mapping):
        raise refusal("Products", "a product must be an object")
    ids, item_type, bundles = product.get("item_ids"), product.get("item_type"), product.get("product_bundle")
    if not isinstance(ids, list) or not ids or not all(isinstance(one, str) for one in ids):
        raise refusal("Products", "item_ids is required")
    if len(ids) != len(set(ids)):
        raise refusal("Products", "item_ids must not repeat")
    if not isinstance(item_type, str) or not isinstance(bundles, str) or not bundles:
        raise refusal("Products", "item_type and product_bundle are required")
    for bundle in bundles.split(","):
        if bundle not in SPEC["bundles"]:
            raise refusal("Products", f"unknown bundle {bundle!r} for item type {item_type!r}")
        if not has_pair(item_type, bundle):
            raise refusal("Products", f"item type {item_type!r} is not available in bundle {bundle!r}")


def _check_items(products: Sequence[Mapping[str, Any]], holdings: Holdings) -> None:
    wanted = [(product["item_type"], one) for product in products for one in product["item_ids"]]
    if len(wanted) > _MOST_ITEMS:
        raise refusal("Products", f"an order may have {_MOST_ITEMS} items at most, this has {len(wanted)}")
    absent = [
        f"Item ID {one} / Item Type {item_type} doesn't exist"
        for item_type, one in wanted
        if holdings.get(item_type, one) is None
    ]
    if absent:
        raise refusal("Details", *absent)


def _check_tools(tools: Any, products: Sequence[Mapping[str, Any]]) -> None:
    if not isinstance(tools, list):
        raise refusal("Tools", "tools must be a list")
    for tool in tools:
        if not isinstance(tool, Mapping) or len(tool) != 1:
            raise refusal("Tools", "a tool must be an object with one key")
        ((name, settings),) = tool.items()
        check = _TOOLS.get(name)
        if check is None:
            raise refusal("Tools", f"unknown tool {name!r}")
        if not isinstance(settings, Mapping):
            raise refusal("Tools", f"the parameters of {name!r} must be an object")
        check(settings, products)


def _is_basic(products: Sequence[Mapping[str, Any]]) -> bool:
    return any(bundle.startswith("basic_") for p in products for bundle in p["product_bundle"].split(","))


def _clip(settings: Mapping[str, Any], products: Sequence[Mapping[str, Any]]) -> None:
    aoi = settings.get("aoi")
    if not isinstance(aoi, Mapping) or aoi.get("type") not in {"Polygon", "MultiPolygon", "ref"}:
        raise refusal("Tools", "clip: aoi must be a Polygon or MultiPolygon")
    try:
        read_geometry(aoi)
    except Refusal as err:
        raise refusal("Tools", f"clip: {err.body['general'][0]['message']}") from err
    polygons = [aoi["coordinates"]] if aoi["type"] == "Polygon" else aoi["coordinates"]
    vertices = sum(len(ring) for rings in polygons for ring in rings)
    if vertices > _MOST_VERTICES:
        raise refusal("Tools", f"clip: aoi has {vertices} vertices, at most {_MOST_VERTICES} are allowed")
    if _is_basic(products):
        raise refusal("Tools", "clip: not available for basic bundles")


def _reproject(settings: Mapping[str, Any], products: Sequence[Mapping[str, Any]]) -> None:
    from rasterio.crs import CRS
    from rasterio.errors import CRSError

    try:
        CRS.from_user_input(settings.get("projection"))
    except (CRSError, TypeError, ValueError) as err:
        raise refusal("Tools", f"reproject: invalid projection {settings.get('projection')!r}") from err
    if settings.get("kernel", "near") not in KERNELS:
        raise refusal("Tools", f"reproject: unknown kernel {settings['kernel']!r}")
    resolution = settings.get("resolution")
    if resolution is not None and not (isinstance(resolution, int | float) and resolution > 0):
        raise refusal("Tools", f"reproject: resolution must be above 0, not {resolution!r}")
    if _is_basic(products):
        raise refusal("Tools", "reproject: not available for basic bundles")


def _harmonize(settings: Mapping[str, Any], products: Sequence[Mapping[str, Any]]) -> None:
    if settings.get("target_sensor") not in {"Sentinel-2", "PS2"}:
        raise refusal("Tools", f"harmonize: unknown target_sensor {settings.get('target_sensor')!r}")
    if any(p["item_type"] != "PSScene" for p in products):
        raise refusal("Tools", "harmonize: only available for PSScene")


def _coregister(settings: Mapping[str, Any], products: Sequence[Mapping[str, Any]]) -> None:
    if settings.get("anchor_item") not in {one for p in products for one in p["item_ids"]}:
        raise refusal("Tools", f"coregister: anchor_item {settings.get('anchor_item')!r} is not in the order")


def _toar(settings: Mapping[str, Any], products: Sequence[Mapping[str, Any]]) -> None:
    del products
    scale = settings.get("scale_factor", 10_000)
    if isinstance(scale, bool) or not isinstance(scale, int) or not 0 < scale <= 65_535:
        raise refusal("Tools", f"toar: scale_factor must be 1 to 65535, not {scale!r}")


def _composite(settings: Mapping[str, Any], products: Sequence[Mapping[str, Any]]) -> None:
    if settings.get("group_by", "order") not in {"order", "strip_id"}:
        raise refusal("Tools", f"composite: unknown group_by {settings['group_by']!r}")
    if len({(p["item_type"], p["product_bundle"]) for p in products}) > 1:
        raise refusal("Tools", "composite: all items must be of one item type and bundle")


def _tile(settings: Mapping[str, Any], products: Sequence[Mapping[str, Any]]) -> None:
    del products
    size = settings.get("tile_size")
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise refusal("Tools", "tile: tile_size is required")
    try:
        str(settings.get("name_template", "")).format(tilex=0, tiley=0)
    except (KeyError, IndexError, ValueError, AttributeError) as err:
        raise refusal("Tools", f"tile: invalid name_template {settings['name_template']!r}") from err


def _bandmath(settings: Mapping[str, Any], products: Sequence[Mapping[str, Any]]) -> None:
    bands = [name for name in settings if name != "pixel_type"]
    if not bands or set(bands) != {f"b{n}" for n in range(1, len(bands) + 1)} or len(bands) > 15:
        raise refusal("Tools", "bandmath: bands must be b1 to b15 without gaps")
    if settings.get("pixel_type", "Auto") not in {"Auto", "8U", "16U", "16S", "32R"}:
        raise refusal("Tools", f"bandmath: unknown pixel_type {settings['pixel_type']!r}")
    for name in bands:
        try:
            arithmetic.check(str(settings[name]))
        except ValueError as err:
            raise refusal("Tools", f"bandmath: {name}: {err}") from err
    if _is_basic(products):
        raise refusal("Tools", "bandmath: not available for basic bundles")


def _file_format(settings: Mapping[str, Any], products: Sequence[Mapping[str, Any]]) -> None:
    del products
    if settings.get("format") not in {"COG", "PL_NITF"}:
        raise refusal("Tools", f"file_format: unknown format {settings.get('format')!r}")


def _merge(settings: Mapping[str, Any], products: Sequence[Mapping[str, Any]]) -> None:
    del settings, products


_TOOLS: Mapping[str, Callable[[Mapping[str, Any], Sequence[Mapping[str, Any]]], None]] = {
    "clip": _clip,
    "reproject": _reproject,
    "harmonize": _harmonize,
    "coregister": _coregister,
    "toar": _toar,
    "composite": _composite,
    "tile": _tile,
    "bandmath": _bandmath,
    "file_format": _file_format,
    "merge": _merge,
}


def _check_delivery(delivery: Any, products: Sequence[Mapping[str, Any]]) -> None:
    if not isinstance(delivery, Mapping):
        raise refusal("Delivery", "delivery must be an object")
    unknown = set(delivery) - _CLOUDS - _ARCHIVE
    if unknown:
        raise refusal("Delivery", f"unknown delivery setting {min(unknown)!r}")
    clouds = sorted(set(delivery) & _CLOUDS)
    if len(clouds) > 1:
        raise refusal("Delivery", f"only one destination is allowed, got {', '.join(clouds)}")
    for cloud in clouds:
        missing = [name for name in _NEEDED[cloud] if not delivery[cloud].get(name)]
        if missing:
            raise refusal("Delivery", f"{cloud}: {missing[0]} is required")
    if delivery.get("archive_type") not in {None, "zip"}:
        raise refusal("Delivery", f"unknown archive_type {delivery['archive_type']!r}")
    heavy = sum(len(p["item_ids"]) for p in products if p["item_type"] in _HEAVY)
    if delivery.get("archive_type") and heavy > _MOST_ZIPPED:
        raise refusal("Delivery", f"at most {_MOST_ZIPPED} such items can be zipped, this order has {heavy}")


def _check_stac(body: Mapping[str, Any]) -> None:
    if "stac" not in (body.get("metadata") or {}):
        return
    if any("composite" in tool for tool in body.get("tools") or ()):
        raise refusal("Metadata", "stac metadata is not available with the composite tool")
    if "google_earth_engine" in (body.get("delivery") or {}):
        raise refusal("Metadata", "stac metadata is not available with Google Earth Engine delivery")


def _check_hosting(hosting: Any) -> None:
    if hosting is None:
        return
    if not isinstance(hosting, Mapping) or set(hosting) - {"sentinel_hub"}:
        raise refusal("Hosting", "hosting may only name sentinel_hub")
    settings = hosting.get("sentinel_hub") or {}
    if not isinstance(settings, Mapping):
        raise refusal("Hosting", "sentinel_hub must be an object")
    if settings.get("collection_id") and settings.get("create_configuration"):
        raise refusal("Hosting", "sentinel_hub: collection_id and create_configuration exclude each other")


def _check_prior(prior: Any) -> None:
    if prior is None:
        return
    if not isinstance(prior, Mapping) or not isinstance(prior.get("orders"), list):
        raise refusal("PriorOrders", "prior_orders: orders must be a list of order ids")
    if prior.get("failures", "skip") not in {"fail", "skip"}:
        raise refusal("PriorOrders", "prior_orders: failures must be fail or skip")
    if prior.get("partials", "accept") not in {"fail", "skip", "accept"}:
        raise refusal("PriorOrders", "prior_orders: partials must be fail, skip or accept")

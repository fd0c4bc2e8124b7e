# SPDX-License-Identifier: Apache-2.0
"""Every builder of filters and requests, with every argument and with what each refuses."""

from __future__ import annotations

import datetime as dt

import planet
from planet import data_filter, geojson, order_request, reporting, subscription_request
from player import play

AOI = {"type": "Polygon", "coordinates": [[[5.4, 52.3], [5.5, 52.3], [5.5, 52.38], [5.4, 52.38], [5.4, 52.3]]]}
FEATURE = {"type": "Feature", "properties": {}, "geometry": AOI}
POINT = {"type": "Point", "coordinates": [5.4, 52.3]}
REF = "pl:features/my/farms/f12"
AWARE = dt.datetime(2026, 3, 1, 12, 30, 5, 250, tzinfo=dt.UTC)
NAIVE = AWARE.replace(tzinfo=None, microsecond=0)
EAST = dt.datetime(2026, 4, 1, tzinfo=dt.timezone(dt.timedelta(hours=2)))


def filters(seen):
    """Filters of searches."""
    one = data_filter.range_filter("cloud_cover", lt=0.5)
    seen.now("empty", data_filter.empty_filter)
    seen.now("and", data_filter.and_filter, [one, one])
    seen.now("and of none", data_filter.and_filter, nested_filters=[])
    seen.now("or", data_filter.or_filter, nested_filters=[one])
    seen.now("not", data_filter.not_filter, nested_filter=one)
    seen.now("dates", data_filter.date_range_filter, "acquired", gt=AWARE, lt=NAIVE, gte=EAST, lte=AWARE)
    seen.now("a date", data_filter.date_range_filter, field_name="published", gte=NAIVE)
    seen.refused("no date", data_filter.date_range_filter, "acquired")
    seen.now("range", data_filter.range_filter, "cloud_cover", gt=0, lt=1, gte=0.0, lte=1.5)
    seen.now("range of nought", data_filter.range_filter, field_name="cloud_cover", gte=0)
    seen.refused("no range", data_filter.range_filter, "cloud_cover")
    seen.now("update", data_filter.update_filter, "ground_control", gt=AWARE, lt=AWARE, gte=NAIVE, lte=EAST)
    seen.now("update since", data_filter.update_filter, field_name="ground_control", gt=AWARE)
    seen.refused("no update", data_filter.update_filter, "ground_control")
    for name, geometry in {"polygon": AOI, "feature": FEATURE, "point": POINT}.items():
        seen.now(f"geometry of a {name}", data_filter.geometry_filter, geometry)
    seen.now("geometry with a relation", data_filter.geometry_filter, geom=AOI, relation="within")
    seen.refused("geometry with no such relation", data_filter.geometry_filter, AOI, "touches")
    seen.refused("geometry of nothing", data_filter.geometry_filter, {"type": "Circle"})
    seen.now("numbers", data_filter.number_in_filter, "gsd", [3, 4.5])
    seen.now("strings", data_filter.string_in_filter, field_name="instrument", values=["PS2", "PSB.SD"])
    seen.now("number", data_filter.number_in_filter, field_name="gsd", values=[3])
    seen.now("assets", data_filter.asset_filter, asset_types=["ortho_visual"])
    seen.now("permission", data_filter.permission_filter)
    seen.now("quality", data_filter.std_quality_filter)


def order_tools(seen):
    """Tools of orders."""
    seen.now("clip", order_request.clip_tool, AOI)
    seen.now("clip by feature", order_request.clip_tool, aoi=FEATURE)
    seen.now("clip by reference", order_request.clip_tool, REF)
    seen.refused("clip by point", order_request.clip_tool, POINT)
    seen.refused("clip by a bad reference", order_request.clip_tool, "pl:features/my")
    seen.now("composite", order_request.composite_tool)
    seen.now("composite by strip", order_request.composite_tool, group_by="strip_id")
    seen.refused("composite by colour", order_request.composite_tool, "colour")
    seen.now("coregister", order_request.coregister_tool, anchor_item="20260531_101215_90_2087")
    seen.now("file format", order_request.file_format_tool, "cog")
    seen.now("other file format", order_request.file_format_tool, file_format="PL_NITF")
    seen.refused("no file format", order_request.file_format_tool, "JPEG")
    seen.now("reproject", order_request.reproject_tool, "EPSG:4326")
    seen.now("reproject with all", order_request.reproject_tool, projection="EPSG:32631", resolution=3, kernel="cubic")
    seen.now("reproject to nought", order_request.reproject_tool, "EPSG:4326", resolution=0)
    seen.now("reproject by no kernel", order_request.reproject_tool, "EPSG:4326", kernel="best")
    seen.now("tile", order_request.tile_tool, 1232)
    seen.now(
        "tile with all", order_request.tile_tool, tile_size=1232, origin_x=-180.0, origin_y=-90.0, pixel_size=0.5,
        name_template="T_{tilex:04d}", conformal_x_scaling=True,
    )  # fmt: skip
    seen.now("tile from nought", order_request.tile_tool, 1232, origin_x=0, origin_y=0, conformal_x_scaling=False)
    seen.now("toar", order_request.toar_tool)
    seen.now("toar by ten", order_request.toar_tool, scale_factor=10)
    seen.now("harmonize", order_request.harmonize_tool, "sentinel-2")
    seen.refused("harmonize with another", order_request.harmonize_tool, target_sensor="Landsat")
    bands = {f"b{number}": f"b{number}+1" for number in range(1, 16)}
    seen.now("maths", order_request.band_math_tool, "b1/b2")
    seen.now("maths with all", order_request.band_math_tool, **bands, pixel_type="16u")
    seen.refused("maths to no type", order_request.band_math_tool, "b1", pixel_type="64R")


def clouds(seen, module, name):
    """Where orders and subscriptions are delivered to."""
    prefix = {"path_prefix": "in/"}
    keys = {"aws_access_key_id": "AK", "aws_secret_access_key": "SK", "bucket": "b", "aws_region": "eu-west-1"}
    oracle = {
        "customer_access_key_id": "AK", "customer_secret_key": "SK", "bucket": "b", "region": "r", "namespace": "n",
    }  # fmt: skip
    like = {"endpoint": "https://s3.example.org", "bucket": "b", "region": "r", "access_key_id": "AK"}
    azure = {"account": "a", "container": "c", "sas_token": "st"}
    seen.now(f"{name} s3", module.amazon_s3, **keys)
    seen.now(f"{name} s3 below", module.amazon_s3, **keys, **prefix)
    seen.now(f"{name} azure", module.azure_blob_storage, **azure)
    seen.now(f"{name} azure with all", module.azure_blob_storage, **azure, storage_endpoint_suffix="x", **prefix)
    seen.now(f"{name} google", module.google_cloud_storage, bucket="b", credentials="e30=")
    seen.now(f"{name} google below", module.google_cloud_storage, bucket="b", credentials="e30=", **prefix)
    seen.now(f"{name} oracle", module.oracle_cloud_storage, **oracle)
    seen.now(f"{name} oracle below", module.oracle_cloud_storage, **oracle, **prefix)
    seen.now(f"{name} like s3", module.s3_compatible, **like, secret_access_key="SK")
    seen.now(f"{name} like s3 with all", module.s3_compatible, **like, secret_access_key="SK", use_path_style=True,
             **prefix)  # fmt: skip
    seen.now(f"{name} destination", module.destination, "pl:destinations/x")
    seen.now(f"{name} destination below", module.destination, destination_ref="pl:destinations/x", **prefix)
    seen.now(f"{name} default", module.default_destination)
    seen.now(f"{name} default below", module.default_destination, **prefix)


def orders(seen):
    """Requests of orders."""
    clouds(seen, order_request, "order to")
    seen.now("order to earth engine", order_request.google_earth_engine, project="p", collection="c")
    seen.now("hub", order_request.sentinel_hub)
    seen.now("hub with collection", order_request.sentinel_hub, collection_id="c", create_configuration=False)
    seen.now("hub with both", order_request.sentinel_hub, "c", create_configuration=True)
    seen.now("hub with configuration", order_request.sentinel_hub, create_configuration=True)
    one = seen.now("product", order_request.product, ["a", "b"], "analytic_udm2", "PSScene")
    seen.now(
        "product with another bundle", order_request.product, item_ids=["a"], product_bundle="analytic_udm2",
        item_type="psscene", fallback_bundle="visual",
    )  # fmt: skip
    others = ["visual", "analytic_8b_udm2"]
    seen.now("product with more bundles", order_request.product, ["a"], "analytic_udm2", "PSScene", others)
    seen.refused("product of no bundle", order_request.product, ["a"], "nothing", "PSScene")
    seen.refused("product of no item type", order_request.product, ["a"], "visual", "NoScene")
    seen.refused("product of another type's bundle", order_request.product, ["a"], "pansharpened", "PSScene")
    seen.refused("product with a wrong other", order_request.product, ["a"], "visual", "PSScene", "pansharpened")
    seen.now("archive", order_request.delivery, "zip")
    seen.now("no delivery", order_request.delivery)
    bucket = order_request.amazon_s3("AK", "SK", "b", "eu-west-1")
    seen.now(
        "delivery with all", order_request.delivery, archive_type="zip", single_archive=True, archive_filename="x.zip",
        cloud_config=bucket,
    )  # fmt: skip
    seen.refused("delivery as a tarball", order_request.delivery, "tar")
    seen.now("notifications", order_request.notifications)
    seen.now("notifications with all", order_request.notifications, email=True, webhook_url="https://example.org/hook",
             webhook_per_order=True)  # fmt: skip
    seen.now("request", order_request.build_request, "mine", [one])
    seen.now(
        "request with all", order_request.build_request, name="mine", products=[one], subscription_id=7,
        delivery=order_request.delivery("zip"), notifications=order_request.notifications(email=True),
        order_type="Partial", tools=[order_request.clip_tool(AOI)], stac={"stac": {}}, hosting="sentinel_hub",
        collection_id="c", create_configuration=False,
    )  # fmt: skip
    seen.now("request hosted", order_request.build_request, "mine", [one], hosting="sentinel_hub",
             create_configuration=True)  # fmt: skip
    seen.now("request hosted elsewhere", order_request.build_request, "mine", [one], hosting="elsewhere")
    seen.refused("request of no type", order_request.build_request, "mine", [one], order_type="half")


def subscriptions(seen):
    """Requests of subscriptions."""
    clouds(seen, subscription_request, "subscription to")
    seen.now("subscription to earth engine", subscription_request.google_earth_engine, project="p", collection="c",
             credentials="e30=")  # fmt: skip
    seen.now("hub for subscriptions", subscription_request.sentinel_hub, collection_id="c")
    seen.now("hub for subscriptions, new", subscription_request.sentinel_hub, None, create_configuration=True)
    kinds = {"item_types": ["PSScene"], "asset_types": ["ortho_visual", "ortho_udm2"]}
    source = seen.now("catalogue", subscription_request.catalog_source, **kinds, geometry=AOI, start_time=AWARE)
    seen.now(
        "catalogue with all", subscription_request.catalog_source, **kinds, geometry=REF, start_time=NAIVE,
        filter=data_filter.range_filter("cloud_cover", lt=0.2), end_time=EAST, rrule="FREQ=MONTHLY;BYMONTH=3,4",
        publishing_stages=["finalized"], time_range_type="acquired", geometry_relation="within",
    )  # fmt: skip
    more = {"geometry": AOI, "start_time": AWARE}
    seen.refused("catalogue of two types", subscription_request.catalog_source, ["PSScene", "SkySatScene"], ["x"],
                 **more)  # fmt: skip
    seen.refused("catalogue of no type", subscription_request.catalog_source, ["NoScene"], ["ortho_visual"], **more)
    seen.refused("catalogue of no asset", subscription_request.catalog_source, ["PSScene"], ["nothing"], **more)
    seen.refused("catalogue of a bad area", subscription_request.catalog_source, **kinds, geometry={"type": "Circle"},
                 start_time=AWARE)  # fmt: skip
    seen.refused("catalogue since a word", subscription_request.catalog_source, **kinds, geometry=AOI, start_time="now")
    seen.now("source", subscription_request.subscription_source, "product", AOI, AWARE)
    seen.now("source with all", subscription_request.subscription_source, source_id="product", geometry=REF,
             start_time=NAIVE, end_time=EAST)  # fmt: skip
    subscription_tools(seen)
    topics = ["delivery.success", "status.all"]
    hook = seen.now("hook", subscription_request.notifications, url="https://example.org/h", topics=topics)
    seen.refused("hook of no topic", subscription_request.notifications, "https://example.org/h", ["nothing"])
    bucket = subscription_request.amazon_s3("AK", "SK", "b", "eu-west-1")
    make = subscription_request.build_request
    seen.now("subscription", make, "mine", source)
    tools = [
        subscription_request.harmonize_tool("Sentinel-2"),
        subscription_request.toar_tool(),
        subscription_request.file_format_tool("COG"),
    ]
    seen.now("subscription with all", make, name="mine", source=source, delivery=bucket, notifications=hook,
             tools=tools, clip_to_source=True)  # fmt: skip
    seen.now("subscription hosted", make, "mine", source, hosting="sentinel_hub", collection_id="c",
             create_configuration=False)  # fmt: skip
    seen.now("subscription hosted by object", make, "mine", source, hosting=subscription_request.sentinel_hub("c"))
    seen.refused("subscription in wrong order", make, "mine", source, tools=tools[::-1])
    seen.refused("subscription with no tool", make, "mine", source, tools=[{"type": "nothing", "parameters": {}}])
    seen.refused("subscription with a nameless tool", make, "mine", source, tools=[{"parameters": {}}])
    clip = {"type": "clip", "parameters": {"aoi": AOI}}
    seen.now("subscription with a clip", make, "mine", source, tools=[clip])
    seen.refused("subscription clipped twice", make, "mine", source, tools=[clip], clip_to_source=True)
    seen.now("subscription clipped", make, "mine", source, tools=tools[:1], clip_to_source=True)


def subscription_tools(seen):
    """Tools of subscriptions."""
    tools = subscription_request
    bands = {f"b{number}": f"b{number}+1" for number in range(1, 16)}
    seen.now("maths of subscriptions", tools.band_math_tool, **bands, pixel_type="8u")
    seen.refused("maths of subscriptions to no type", tools.band_math_tool, "b1", pixel_type="64R")
    seen.now("format of subscriptions", tools.file_format_tool, file_format="cog")
    seen.refused("no format of subscriptions", tools.file_format_tool, "JPEG")
    seen.now("harmonize of subscriptions", tools.harmonize_tool, target_sensor="Sentinel-2")
    seen.refused("no harmonize of subscriptions", tools.harmonize_tool, "Landsat")
    seen.now("reproject of subscriptions", tools.reproject_tool, "EPSG:4326")
    seen.now("reproject of subscriptions with all", tools.reproject_tool, projection="EPSG:32631", resolution=3.0,
             kernel="cubic")  # fmt: skip
    seen.refused("reproject of subscriptions by no kernel", tools.reproject_tool, "EPSG:4326", kernel="best")
    seen.now("toar of subscriptions", tools.toar_tool, scale_factor=10)
    value = tools.FilterValue
    seen.now("clouds", tools.cloud_filter_tool, cloud_percent=value(lte=10))
    names = ("clear", "cloud", "shadow", "heavy_haze", "light_haze", "snow_ice")
    everything = {f"{name}_percent": value(gte=1, lte=10.5) for name in names}
    seen.now("clouds with all", tools.cloud_filter_tool, **everything)
    seen.note("value", [value(gte=3).gte, value(lte=4).lte, value(3, 4) == value(gte=3, lte=4)])


def shapes(seen):
    """GeoJSON."""
    collection = {"type": "FeatureCollection", "features": [FEATURE]}
    for name, shape in {"polygon": AOI, "feature": FEATURE, "collection": collection, "point": POINT}.items():
        seen.now(f"{name} as geometry", geojson.as_geom_or_ref, shape)
        seen.now(f"geometry from a {name}", geojson.geom_from_geojson, shape)
    seen.now("reference as geometry", geojson.as_geom_or_ref, REF)
    seen.now("reference", geojson.as_ref, REF)
    seen.now("reference to a dict", geojson.convert_ref_to_dict, REF)
    seen.now("reference split", geojson.split_ref, REF)
    seen.now("reference valid", geojson.validate_ref, REF)
    seen.now("polygon of a feature", geojson.as_polygon, FEATURE)
    seen.now("features as a collection", geojson.as_featurecollection, [FEATURE])
    seen.now("geometry valid", geojson.validate_geom_as_geojson, AOI)
    bad = {
        "two features": {"type": "FeatureCollection", "features": [FEATURE, FEATURE]},
        "no features": {"type": "FeatureCollection", "features": []},
        "no type": {"coordinates": []},
        "no coordinates": {"type": "Polygon"},
        "wrong type": {"type": "polygon", "coordinates": AOI["coordinates"]},
        "open ring": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1]]]},
        "short ring": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [0, 0]]]},
    }
    for name, shape in bad.items():
        seen.refused(f"geometry with {name}", geojson.as_geom_or_ref, shape)
    seen.refused("polygon of a point", geojson.as_polygon, POINT)
    for ref in ("pl:elsewhere/my/c", "pl:features/my", "features/my/c", ""):
        seen.refused(f"reference {ref!r}", geojson.as_ref, ref)
    seen.refused("features as a collection of none", geojson.as_featurecollection, [AOI])


def bars(seen):
    """What shows progress; nothing is printed here."""
    with reporting.StateBar(order_id="abc", state="queued", disable=True) as bar:
        seen.now("bar updated", bar.update, state="running", order_id="abc")
        seen.now("bar's state updated", bar.update_state, "success")
    with reporting.AssetStatusBar("PSScene", "abc", "ortho_visual", disable=True) as bar:
        seen.now("asset's bar updated", bar.update, "active")


def scenario(seen):
    """Run all of it."""
    for part in (filters, order_tools, orders, subscriptions, shapes, bars):
        part(seen)


if __name__ == "__main__":
    play(scenario, planet.exceptions)

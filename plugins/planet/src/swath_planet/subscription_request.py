# SPDX-License-Identifier: Apache-2.0
"""Builds the JSON of a subscription for `SubscriptionsClient.create_subscription`, under the names of Planet's own SDK.

A parameter that is None is left out; every other value is sent, 0 and ``False`` too. What is passed in is never
changed. Secrets may be given as `swath.Secret`: they are revealed only in the request that is sent.

Source: Planet's documentation of the Subscriptions API (sources, tools, delivery, notifications), read 2026-11.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

from swath.models import Secret
from swath_planet import _clouds
from swath_planet._building import copied, given, one_of, typed
from swath_planet._subscription_tools import (
    FilterValue,
    band_math_tool,
    cloud_filter_tool,
    file_format_tool,
    harmonize_tool,
    reproject_tool,
    steps_of,
    toar_tool,
)
from swath_planet.bundles import SNAPSHOT, BundleTable
from swath_planet.exceptions import ClientError
from swath_planet.geojson import as_geom_or_ref
from swath_planet.itemtypes import ITEM_TYPES

__all__ = [
    "FilterValue",
    "amazon_s3",
    "azure_blob_storage",
    "band_math_tool",
    "build_request",
    "catalog_source",
    "cloud_filter_tool",
    "default_destination",
    "destination",
    "file_format_tool",
    "google_cloud_storage",
    "google_earth_engine",
    "harmonize_tool",
    "notifications",
    "oracle_cloud_storage",
    "reproject_tool",
    "s3_compatible",
    "sentinel_hub",
    "subscription_source",
    "toar_tool",
]

DEFAULT_DESTINATION_REF: Final = _clouds.DEFAULT_DESTINATION
NOTIFICATIONS_TOPICS: Final = (
    "delivery.success",
    "delivery.match",
    "delivery.failed",
    "status.backfill.completed",
    "status.completed",
    "status.cancelled",
    "status.pending",
    "status.all",
    "status.suspended",
    "status.failed",
)


# --- the request -----------------------------------------------------------------------------------------------------


def build_request(  # noqa: PLR0917  the signature that scripts know
    name: str,
    source: Mapping[str, Any],
    delivery: Mapping[str, Any] | None = None,
    notifications: Mapping[str, Any] | None = None,
    tools: Sequence[Mapping[str, Any]] | None = None,
    hosting: Mapping[str, Any] | str | None = None,
    collection_id: str | None = None,
    create_configuration: bool | None = False,
    clip_to_source: bool | None = False,
) -> dict[str, Any]:
    """Put a subscription together.

    Args:
        name: Its name. It need not be unique; one that is can be found again with ``list_subscriptions(name=...)``.
        source: Made by `catalog_source` or `subscription_source`.
        delivery: A cloud's block. Catalogue sources need delivery or hosting.
        notifications: Made by `notifications`.
        tools: Processing steps, made by the functions ``..._tool``, in the sequence harmonize, toar, then clip,
            reproject and bandmath, then cloud_filter and file_format.
        hosting: ``"sentinel_hub"``, or a block made by `sentinel_hub`.
        collection_id: Sentinel Hub collection to add to, with ``hosting="sentinel_hub"``.
        create_configuration: Whether Sentinel Hub shall make a configuration too, with the same.
        clip_to_source: Whether to cut to the source's geometry; the tool is put where it belongs.

    Raises:
        ClientError: The tools are unknown, in another sequence, or cut twice; or the hosting is none that Planet has.
    """
    request: dict[str, Any] = {"name": name, "source": source}
    if delivery:
        request["delivery"] = delivery
    if notifications:
        request["notifications"] = notifications
    steps = steps_of(tools or (), clip_to_source=bool(clip_to_source))
    if steps:
        request["tools"] = steps
    if isinstance(hosting, str):
        one_of("hosting", hosting, ("sentinel_hub",))
        request["hosting"] = sentinel_hub(collection_id, create_configuration)
    elif collection_id is not None or create_configuration:
        raise ClientError("collection_id and create_configuration belong to hosting='sentinel_hub'")
    elif hosting:
        request["hosting"] = hosting
    return dict(copied(request))


# --- sources ---------------------------------------------------------------------------------------------------------


def catalog_source(  # noqa: PLR0917  the signature that scripts know
    item_types: Sequence[str],
    asset_types: Sequence[str],
    geometry: Any,
    start_time: dt.datetime,
    filter: Mapping[str, Any] | None = None,  # noqa: A002  the same
    end_time: dt.datetime | None = None,
    rrule: str | None = None,
    publishing_stages: Sequence[str] | None = None,
    time_range_type: str | None = None,
    geometry_relation: str | None = None,
    *,
    table: BundleTable = SNAPSHOT,
) -> dict[str, Any]:
    """Say which scenes of the catalogue are wanted.

    Args:
        item_types: One item type.
        asset_types: What is delivered of each item; one that lacks an asset is not delivered.
        geometry: GeoJSON, an object with ``__geo_interface__``, or a reference ``"pl:features/my/..."``.
        start_time: Where it begins, past or future; UTC if it has no zone.
        filter: Conditions on the items, made by `swath_planet.data_filter`.
        end_time: Where it ends; None leaves it open.
        rrule: Which months of a year count, ``"FREQ=MONTHLY;BYMONTH=3,4,5"``.
        publishing_stages: Any of ``preview``, ``standard``, ``finalized``.
        time_range_type: What the times are about, ``acquired`` or ``published``.
        geometry_relation: ``intersects`` (default), ``contains``: the item holds the area, ``within``: the area holds
            the item.
        table: Item types and asset types there are, by bundle. The default is a snapshot of Planet's specification.

    Raises:
        ClientError: Not one item type, an asset type that it does not have, a time or word that cannot be.
        GeoJSONError: The geometry is none.
    """
    types = [item_types] if isinstance(item_types, str) else list(item_types)
    if len(types) != 1:
        raise ClientError("Subscription can only be successfully created if one item type is specified.")
    known = {one for by_type in table.values() for one in by_type}
    item_type = one_of("item_type", types[0], sorted(known | set(ITEM_TYPES)))
    wanted = [asset_types] if isinstance(asset_types, str) else list(asset_types)
    held = sorted({asset for by_type in table.values() for asset in by_type.get(item_type, ())})
    stages = [publishing_stages] if isinstance(publishing_stages, str) else publishing_stages or ()
    stages = [one_of("publishing_stage", one, ("preview", "standard", "finalized")) for one in stages]
    relation = geometry_relation or None
    return {
        "parameters": {
            "item_types": [item_type],
            "asset_types": [one_of("asset_type", one, held) for one in wanted] if held else wanted,
            "geometry": as_geom_or_ref(geometry),
            **_span(start_time, end_time),
            **given(
                filter=filter or None,
                rrule=rrule or None,
                publishing_stages=list(dict.fromkeys(stages)) or None,
                time_range_type=one_of("time_range_type", time_range_type, ("acquired", "published"))
                if time_range_type
                else None,
                geometry_relation=relation
                and one_of("geometry_relation", relation, ("intersects", "contains", "within")),
            ),
        }
    }


def subscription_source(
    source_id: str, geometry: Any, start_time: dt.datetime, end_time: dt.datetime | None = None
) -> dict[str, Any]:
    """Say which Planetary Variable or analysis-ready product is wanted.

    Args:
        source_id: The product's id, for example ``"SWC-AMSR2-C_V1.0_100"``.
        geometry: GeoJSON, an object with ``__geo_interface__``, or a reference ``"pl:features/my/..."``.
        start_time: Where it begins, past or future; UTC if it has no zone.
        end_time: Where it ends; None leaves it open.

    Raises:
        ClientError: A time cannot be.
        GeoJSONError: The geometry is none.
    """
    return {"parameters": {"id": source_id, "geometry": as_geom_or_ref(geometry), **_span(start_time, end_time)}}


def _span(start: dt.datetime, end: dt.datetime | None) -> dict[str, str]:
    """Write a span of time."""
    made = {"start_time": _time("start_time", start)}
    if end is not None:
        made["end_time"] = _time("end_time", end)
        if _aware(end) <= _aware(start):
            raise ClientError(f"end_time {made['end_time']} is not after start_time {made['start_time']}")
    return made


def _aware(time: dt.datetime) -> dt.datetime:
    return time if time.tzinfo is not None else time.replace(tzinfo=dt.UTC)


def _time(what: str, time: Any) -> str:
    if not isinstance(time, dt.datetime):
        raise ClientError(f"Could not convert {what} to an iso string", hint="pass a datetime.datetime")
    return time.isoformat() + ("Z" if time.tzinfo is None else "")


# --- delivery, hosting, notifications --------------------------------------------------------------------------------


amazon_s3 = typed(_clouds.amazon_s3, __name__)
azure_blob_storage = typed(_clouds.azure_blob_storage, __name__)
oracle_cloud_storage = typed(_clouds.oracle_cloud_storage, __name__)
s3_compatible = typed(_clouds.s3_compatible, __name__)
destination = typed(_clouds.destination, __name__)


def google_earth_engine(project: str, collection: str, credentials: str | Secret) -> dict[str, Any]:
    """Deliver to an image collection of Google Earth Engine."""
    return {
        "type": "google_earth_engine",
        "parameters": {"project": project, "collection": collection, "credentials": credentials},
    }


def google_cloud_storage(credentials: str | Secret, bucket: str, path_prefix: str | None = None) -> dict[str, Any]:
    """Deliver to Google Cloud Storage; `credentials` is the service account's JSON in base64."""
    parameters = given(bucket=bucket, credentials=credentials, path_prefix=path_prefix)
    return {"type": "google_cloud_storage", "parameters": parameters}


def default_destination(path_prefix: str | None = None) -> dict[str, Any]:
    """Deliver to the organisation's default destination."""
    return destination(DEFAULT_DESTINATION_REF, path_prefix)


def sentinel_hub(collection_id: str | None = None, create_configuration: bool | None = False) -> dict[str, Any]:
    """Have Planet host the result on Sentinel Hub, in a collection of its own unless one is named."""
    parameters = given(collection_id=collection_id, create_configuration=create_configuration or None)
    return {"type": "sentinel_hub", "parameters": parameters}


def notifications(url: str | Secret, topics: Sequence[str]) -> dict[str, Any]:
    """Have Planet call an address as things happen.

    Args:
        url: Where to; Planet wants https.
        topics: What about: ``delivery.success``, ``delivery.match``, ``delivery.failed``, ``status.all`` and others of
            `NOTIFICATIONS_TOPICS`.

    Raises:
        ClientError: There is no such topic.
    """
    named = [topics] if isinstance(topics, str) else list(topics)
    return {"webhook": {"url": url, "topics": [one_of("topic", one, NOTIFICATIONS_TOPICS) for one in named]}}

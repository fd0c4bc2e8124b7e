# SPDX-License-Identifier: Apache-2.0
"""What Cecil's API tells, as records under its own names.

Source: the Cecil wire contract, 4 and 5, read 2026-11. What older servers leave out is empty here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Self

import attrs
from attrs import field, frozen

__all__ = [
    "AOI",
    "Band",
    "Constraints",
    "Dataset",
    "File",
    "Licence",
    "Parquet",
    "Price",
    "Pricing",
    "Provider",
    "Record",
    "Resource",
    "S3Bucket",
    "S3BucketCredentials",
    "SelfHosted",
    "Settings",
    "SpatialCoverage",
    "SpatialResolution",
    "Subscription",
    "TemporalCoverage",
    "TemporalResolution",
    "Tier",
    "Tiff",
    "Usage",
    "User",
    "Variable",
    "Version",
    "Volume",
    "Webhook",
    "Zarr",
]


class Record:
    """What all records share."""

    __slots__ = ()

    def model_dump(self) -> dict[str, Any]:
        """Give it as a plain dict, records in it too."""
        return attrs.asdict(self)  # type: ignore[arg-type]  # each is an attrs class

    def model_copy(self, *, update: Mapping[str, Any] | None = None) -> Self:
        """Copy it, with some fields changed."""
        return attrs.evolve(self, **(update or {}))  # type: ignore[misc]  # each is an attrs class


@frozen(kw_only=True)
class AOI(Record):
    """An area of interest."""

    id: str
    external_ref: str | None = None
    geometry: dict[str, Any] | None = None
    """GeoJSON, degrees, WGS 84. Lists leave it out."""
    hectares: float
    geometry_type: str | None = None
    location_count: int | None = None
    created_at: dt.datetime
    created_by: str
    archived_at: dt.datetime | None = None
    archived_by: str | None = None


@frozen(kw_only=True)
class Licence(Record):
    """How a dataset may be used."""

    type: str = ""


@frozen(kw_only=True)
class Version(Record):
    """Which edition of a dataset it is."""

    date: str | None = None
    number: str | None = None


@frozen(kw_only=True)
class SpatialCoverage(Record):
    """Where a dataset has data, in words."""

    nominal: str = ""


@frozen(kw_only=True)
class SpatialResolution(Record):
    """How fine a dataset is."""

    nominal: str | None = None
    units: str | None = None
    x: float | None = None
    y: float | None = None


@frozen(kw_only=True)
class TemporalCoverage(Record):
    """When a dataset has data, in words: ``2013+``, ``2017-2024``, ``Current``."""

    nominal: str = ""


@frozen(kw_only=True)
class TemporalResolution(Record):
    """How often a dataset has data, in words: ``Annual``."""

    nominal: str | None = None


@frozen(kw_only=True)
class Constraints(Record):
    """Which areas a dataset can be had for."""

    aoi_min_hectares: float | None = None
    aoi_max_hectares: float | None = None
    aoi_min_latitude: float | None = None
    aoi_max_latitude: float | None = None
    aoi_max_vertices: int | None = None
    aoi_geometry_types: list[str] | None = None
    organisation_verified_only: bool = False


@frozen(kw_only=True)
class Variable(Record):
    """One variable of a dataset."""

    name: str
    type: str = ""
    no_data: str | None = None
    """Written as a text."""
    units: str | None = None
    scale: float | None = None
    offset: float | None = None
    description: list[str] = field(factory=list)
    usage_notes: list[str] = field(factory=list)
    reference_table: list[dict[str, Any]] = field(factory=list)
    """What its values stand for, a row for each."""


@frozen(kw_only=True)
class Volume(Record):
    """From how much on a price holds."""

    nominal: str = ""


@frozen(kw_only=True)
class Price(Record):
    """What a hectare costs."""

    amount: float
    nominal: str = ""


@frozen(kw_only=True)
class Tier(Record):
    """One step of a price list."""

    volume: Volume = field(factory=Volume)
    price: Price


@frozen(kw_only=True)
class Pricing(Record):
    """What a dataset costs."""

    description: list[str] = field(factory=list)
    tiers: list[Tier] | None = None


@frozen(kw_only=True)
class Resource(Record):
    """A page about a dataset."""

    type: str = ""
    title: str = ""
    href: str


@frozen(kw_only=True)
class Provider(Record):
    """Who makes a dataset."""

    name: str


@frozen(kw_only=True)
class Dataset(Record):
    """A dataset that can be subscribed to."""

    id: str
    name: str
    type: str
    """``Raster`` or ``Vector``."""
    crs: str | None = None
    description: list[str] = field(factory=list)
    usage_notes: list[str] = field(factory=list)
    categories: list[str] = field(factory=list)
    licence: Licence = field(factory=Licence)
    version: Version = field(factory=Version)
    spatial_coverage: SpatialCoverage = field(factory=SpatialCoverage)
    spatial_resolution: SpatialResolution = field(factory=SpatialResolution)
    temporal_coverage: TemporalCoverage = field(factory=TemporalCoverage)
    temporal_resolution: TemporalResolution = field(factory=TemporalResolution)
    constraints: Constraints = field(factory=Constraints)
    variables: list[Variable] = field(factory=list)
    pricing: Pricing = field(factory=Pricing)
    resources: list[Resource] = field(factory=list)
    providers: list[Provider] = field(factory=list)

    @property
    def is_raster(self) -> bool:
        """Whether its data are rasters; tables otherwise."""
        return self.type.lower() == "raster"


@frozen(kw_only=True)
class Subscription(Record):
    """A dataset over an area, as ordered."""

    id: str
    aoi_id: str
    dataset_id: str
    dataset_publication: str | None = None
    """Which publication it was made of; this never changes."""
    dataset_current_publication: str | None = None
    """The newest one."""
    status: str | None = None
    """``pending``, ``processing``, ``completed``, ``partial``, ``failed``; None from servers that do not tell."""
    status_message: str | None = None
    external_ref: str | None = None
    created_at: dt.datetime
    created_by: str
    archived_at: dt.datetime | None = None
    archived_by: str | None = None


@frozen(kw_only=True)
class Usage(Record):
    """What the organisation has used; a month is that of the calendar."""

    num_subscriptions: int
    monthly_subscriptions: int
    total_area_ha: float
    monthly_area_ha: float
    num_aois: int
    monthly_aois: int
    monthly_subscription_limit: float
    max_subscriptions: int | None = None
    """Only where the organisation is not verified."""
    max_total_area_ha: float | None = None
    """Only where the organisation is not verified."""


@frozen(kw_only=True)
class Settings(Record):
    """Settings of the organisation."""

    monthly_subscription_limit: float | None = None
    """Hectares."""


@frozen(kw_only=True)
class User(Record):
    """A member of the organisation."""

    id: str
    first_name: str
    last_name: str
    email: str
    created_at: dt.datetime
    created_by: str


@frozen(kw_only=True)
class Webhook(Record):
    """Where Cecil tells of deliveries."""

    id: str
    url: str
    events: list[str] | None = None
    created_at: dt.datetime
    created_by: str


# --- where the data are -----------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class S3Bucket(Record):
    """A place in a bucket."""

    name: str
    prefix: str


@frozen(kw_only=True)
class S3BucketCredentials(Record):
    """What opens a bucket for a while."""

    access_key_id: str = field(repr=False)
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)
    region: str
    expiration: dt.datetime


@frozen(kw_only=True)
class Band(Record):
    """One band of a file."""

    number: int
    """From 1."""
    name: str
    dtype: str
    nodata: float | None = None
    scale: float | None = None
    offset: float | None = None


@frozen(kw_only=True)
class File(Record):
    """What a file of one name holds."""

    bands: list[Band] = field(factory=list)


@frozen(kw_only=True)
class Tiff(Record):
    """Where a subscription's rasters are."""

    provider_name: str
    dataset_id: str
    dataset_name: str
    aoi_id: str
    subscription_id: str
    bucket: S3Bucket
    credentials: S3BucketCredentials = field(repr=False)
    file_mapping: dict[str, File]


@frozen(kw_only=True)
class Zarr(Record):
    """Where the whole dataset is, of which a subscription is a part."""

    provider_name: str
    dataset_id: str
    dataset_name: str
    aoi_id: str
    subscription_id: str
    geometry: dict[str, Any]
    bucket: S3Bucket
    credentials: S3BucketCredentials = field(repr=False)


@frozen(kw_only=True)
class Parquet(Record):
    """A subscription's tables: links that are signed, and die."""

    files: list[str] = field(repr=False)


@frozen(kw_only=True)
class SelfHosted(Record):
    """Where the whole table is, of which a subscription is a part."""

    aoi_id: str
    subscription_id: str
    geometry: dict[str, Any]
    bucket: S3Bucket
    credentials: S3BucketCredentials = field(repr=False)

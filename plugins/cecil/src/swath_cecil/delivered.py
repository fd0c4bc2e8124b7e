# SPDX-License-Identifier: Apache-2.0
"""What was delivered of a subscription: items, one for each time step, and their files.

Source: the Cecil wire contract, 5 and 10.3, read 2026-11.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from attrs import field, frozen

from swath import stac
from swath.errors import NotFound
from swath.hookspecs import Context
from swath.models import Asset, ItemDict
from swath_cecil._api.deliveries import Deliveries
from swath_cecil._api.storage import Store, Stored
from swath_cecil.areas import publications
from swath_cecil.datasets import gsd_of, nodata_of, span_of
from swath_cecil.models import Band, Dataset, SelfHosted, Subscription, Tiff

__all__ = ["GRACE", "ZARR", "Delivery", "delivery_of", "expiry_of", "tables_in", "time_of_key"]

ZARR: Final = "application/vnd+zarr"
GRACE: Final = dt.timedelta(days=30)
"""For how long the data of an archived subscription are kept."""
_FRAGMENT: Final = re.compile(r"(\d{4})/(\d\d)/(\d\d)/(\d\d)/(\d\d)/(\d\d)(?=/)")
_STATIC: Final = "static"


@frozen(kw_only=True)
class Delivery:
    """What there is of a subscription now."""

    items: list[ItemDict] = field(factory=list)
    assets: list[Asset] = field(factory=list, repr=False)


def time_of_key(key: str) -> dt.datetime | None:
    """Read the time in an object's key, UTC; None where it has none, or is all zeros."""
    found = _FRAGMENT.search(key)
    if found is None:
        return None
    try:
        return dt.datetime(*(int(one) for one in found.groups()), tzinfo=dt.UTC)  # type: ignore[misc, arg-type]
    except ValueError:
        return None


def delivery_of(context: Context, subscription: Subscription, dataset: Dataset, geometry: ItemDict | None) -> Delivery:
    """List what there is, with links signed now; nothing is not an error.

    Args:
        context: The opened account.
        subscription: Of the dataset.
        dataset: What is delivered.
        geometry: Of the area.
    """
    made = _Maker(context, subscription, dataset, geometry)
    try:
        return made.raster() if dataset.is_raster else made.table()
    except NotFound:
        return Delivery()


@frozen
class _Maker:
    context: Context
    subscription: Subscription
    dataset: Dataset
    geometry: ItemDict | None

    # --- rasters ------------------------------------------------------------------------------------------------------

    def raster(self) -> Delivery:
        deliveries = Deliveries(self.context)
        if deliveries.format(self.subscription.id) != "tiff":
            return self._zarr(deliveries)
        store = deliveries.tiff(self.subscription.id)
        mapping = store.listing().file_mapping
        steps: dict[dt.datetime | None, list[Stored]] = {}
        for found in store.objects():
            if PurePosixPath(found.key).name in mapping:
                steps.setdefault(time_of_key(found.key), []).append(found)
        items, assets = [], []
        for time, objects in sorted(steps.items(), key=lambda one: (one[0] is not None, one[0])):
            item_id = f"{self.subscription.id}_{_STATIC if time is None else f'{time:%Y%m%dT%H%M%S}'}"
            files = self._files(store, item_id, objects)
            assets += files
            items.append(self._item(item_id, time, {one.key: self._asset(store, one) for one in files}))
        return Delivery(items=items, assets=assets)

    def _files(self, store: Store[Tiff], item_id: str, objects: Iterable[Stored]) -> list[Asset]:
        listing = store.listing()
        files: dict[str, Asset] = {}
        names: set[str] = set()
        for found in objects:
            name = PurePosixPath(found.key).name
            bands = sorted(listing.file_mapping[name].bands, key=lambda one: one.number)
            key = bands[0].name if len(bands) == 1 else PurePosixPath(name).stem
            if key in files:
                key = f"{key}_{len(files) + 1}"
            path = found.key.removeprefix(listing.bucket.prefix) if name in names else name
            names.add(name)
            href, expires = store.link(found.key)
            files[key] = Asset(
                href=href,
                name=path,
                key=key,
                item=item_id,
                size=found.size,
                media_type=stac.GEOTIFF,
                roles=[stac.ROLE_DATA],
                expires=expires,
                fields=self._fields(bands) | {"cecil:key": found.key},
            )
        return list(files.values())

    def _fields(self, bands: list[Band]) -> dict[str, Any]:
        known = {one.name: one for one in self.dataset.variables}
        units = {name: one.units for name, one in known.items()}
        told = [
            stac.band(
                one.name,
                description=" ".join(known[one.name].description) or None if one.name in known else None,
                data_type=one.dtype,
                nodata=nodata_of(None if one.nodata is None else str(one.nodata)),
                unit=units.get(one.name),
                scale=one.scale,
                offset=one.offset,
            )
            for one in bands
        ]
        numbers = [one.number for one in bands]
        made: dict[str, Any] = {"bands": told}
        if numbers != list(range(1, len(bands) + 1)):
            made["cecil:band_numbers"] = numbers
        return made

    def _asset(self, store: Store[Tiff], file: Asset) -> ItemDict:
        bucket = store.listing().bucket.name
        fields = dict(file.fields)
        key = fields.pop("cecil:key")
        return stac.asset(
            f"s3://{bucket}/{key}",
            media_type=file.media_type,
            roles=file.roles,
            size=file.size,
            bands=fields.pop("bands"),
            fields=fields,
        )

    def _zarr(self, deliveries: Deliveries) -> Delivery:
        """The store is the whole dataset's: there is nothing to fetch, and it is read where it is."""
        listing = deliveries.zarr(self.subscription.id).listing()
        href = f"s3://{listing.bucket.name}/{listing.bucket.prefix.rstrip('/')}"
        asset = stac.asset(href, media_type=ZARR, roles=[stac.ROLE_DATA], title=self.dataset.name)
        return Delivery(items=[self._item(f"{self.subscription.id}_zarr", None, {"zarr": asset})])

    # --- tables -------------------------------------------------------------------------------------------------------

    @property
    def _table_id(self) -> str:
        return f"{self.subscription.id}_table"

    def table(self) -> Delivery:
        deliveries = Deliveries(self.context)
        storage = deliveries.storage(self.subscription.id)
        if storage == "ibat":
            files = [
                self._table(at, href, name=unquote(PurePosixPath(urlsplit(href).path).name), expires=expiry_of(href))
                for at, href in enumerate(deliveries.parquet(self.subscription.id))
            ]
            hrefs = {one.key: one.href.partition("?")[0] for one in files}
        else:
            store = deliveries.self_hosted(self.subscription.id)
            files = []
            hrefs = {}
            for at, found in enumerate(tables_in(store)):
                href, expires = store.link(found.key)
                made = self._table(at, href, name=PurePosixPath(found.key).name, expires=expires, size=found.size)
                files.append(made)
                hrefs[made.key] = f"s3://{store.listing().bucket.name}/{found.key}"
        if not files:
            return Delivery()
        assets = {
            one.key: stac.asset(hrefs[one.key], media_type=stac.PARQUET, roles=one.roles, fields=one.fields)
            for one in files
        }
        item = self._item(self._table_id, None, assets)
        item["properties"]["cecil:storage"] = storage
        return Delivery(items=[item], assets=files)

    def _table(self, at: int, href: str, *, name: str, expires: dt.datetime | None, size: int | None = None) -> Asset:
        columns = [{"name": one.name, "type": one.type} for one in self.dataset.variables]
        return Asset(
            href=href,
            name=name if name.endswith(".parquet") else f"part-{at + 1}.parquet",
            key="table" if at == 0 else f"table_{at + 1}",
            item=self._table_id,
            size=size,
            media_type=stac.PARQUET,
            roles=[stac.ROLE_DATA],
            expires=expires,
            fields={stac.TABLE_COLUMNS: columns} if columns else {},
        )

    # --- both ---------------------------------------------------------------------------------------------------------

    def _item(self, item_id: str, time: dt.datetime | None, assets: Mapping[str, ItemDict]) -> ItemDict:
        dataset, subscription = self.dataset, self.subscription
        start, end = span_of(dataset, self.context.time()) if time is None else (None, None)
        archived = subscription.archived_at
        return stac.item(
            id=item_id,
            geometry=self.geometry,
            datetime=time,
            start=start,
            end=end,
            collection=dataset.id,
            properties={
                "title": f"{dataset.name}{'' if time is None else f', {time:%Y-%m-%d}'}",
                stac.GSD: gsd_of(dataset),
                stac.PROJ_CODE: dataset.crs,
                stac.ORDER_STATUS: "succeeded",
                stac.ORDER_ID: subscription.id,
                stac.ORDER_DATE: subscription.created_at,
                stac.EXPIRES: None if archived is None else archived + GRACE,
                "cecil:kind": "delivery",
                "cecil:dataset": dataset.name,
                "cecil:data_type": dataset.type.lower(),
                "cecil:version": dataset.version.number,
                "cecil:aoi_id": subscription.aoi_id,
                "cecil:subscription_id": subscription.id,
                **publications(subscription),
            },
            assets=assets,
            provider="cecil",
        )


def tables_in(store: Store[SelfHosted]) -> list[Stored]:
    """List the tables right below a prefix."""
    prefix = store.listing().bucket.prefix
    folder = prefix if not prefix or prefix.endswith("/") else f"{prefix}/"
    return [
        one
        for one in store.objects()
        if one.key.startswith(folder) and "/" not in one.key.removeprefix(folder) and one.key.endswith(".parquet")
    ]


def expiry_of(href: str) -> dt.datetime | None:
    """Read from a signed link when it dies; None where it does not tell."""
    told = {name: values[0] for name, values in parse_qs(urlsplit(href).query).items()}
    if told.get("Expires", "").isdigit():
        return dt.datetime.fromtimestamp(int(told["Expires"]), dt.UTC)
    if told.get("X-Amz-Expires", "").isdigit():
        try:
            begun = dt.datetime.strptime(told.get("X-Amz-Date", ""), "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
        except ValueError:
            return None
        return begun + dt.timedelta(seconds=int(told["X-Amz-Expires"]))
    return None

# SPDX-License-Identifier: Apache-2.0
"""Where a subscription's data are: formats, storages, and listings with temporary credentials."""

from __future__ import annotations

from typing import Any

from swath_cecil.sandbox.access import Call, Refusal, not_found
from swath_cecil.sandbox.bucket import Buckets
from swath_cecil.sandbox.credentials import Credentials
from swath_cecil.sandbox.deliveries import TABLES, Deliveries, prefix_of
from swath_cecil.sandbox.settings import Settings
from swath_cecil.sandbox.subscriptions import Subscription, Subscriptions

__all__ = ["Listings"]

_ACTIONS = ["s3:ListBucket", "s3:GetObject"]
_REGIONS = {"self-hosted": "us-east-1"}
"""pyarrow, as the official client uses it, knows no region but its default."""
_REGION = "eu-west-2"


class Listings:
    """Tells clients where to read."""

    def __init__(
        self,
        settings: Settings,
        subscriptions: Subscriptions,
        deliveries: Deliveries,
        credentials: Credentials,
        buckets: Buckets,
    ) -> None:
        self._settings, self._subscriptions, self._deliveries = settings, subscriptions, deliveries
        self._credentials, self._buckets = credentials, buckets

    def format(self, call: Call) -> dict[str, str]:
        """Tell the format of a raster subscription."""
        return {"format": self._found(call, "subscription_id", "tiff", "zarr").dataset.kind}

    def storage(self, call: Call) -> dict[str, str]:
        """Tell the storage of a vector subscription."""
        return {"storage": self._found(call, "subscription_id", "ibat", "self-hosted").dataset.kind}

    def tiffs(self, call: Call) -> dict[str, Any]:
        """Tell where GeoTIFFs are, and what is in those of each name."""
        one = self._found(call, "id", "tiff")
        mapping = {
            file: {
                "bands": [
                    {"number": number, "name": variable.name, "dtype": variable.dtype}
                    | ({} if variable.nodata is None else {"nodata": variable.nodata})
                    | ({} if variable.scale is None else {"scale": variable.scale, "offset": variable.offset})
                    for number, variable in enumerate(variables, start=1)
                ]
            }
            for file, variables in one.dataset.files().items()
        }
        return self._about(one) | self._place(one) | {"file_mapping": mapping}

    def zarr(self, call: Call) -> dict[str, Any]:
        """Tell where a Zarr store is, and which area of it is meant."""
        one = self._found(call, "id", "zarr")
        return self._about(one) | self._place(one) | {"geometry": one.area.geometry}

    def parquet(self, call: Call) -> dict[str, Any]:
        """Give signed links to Parquet files."""
        one = self._found(call, "id", "ibat")
        _, prefix = prefix_of(one.dataset, one.id)
        return {"files": [self._buckets.signed(call.root, TABLES, key) for key in self._deliveries.tables.keys(prefix)]}

    def hosted(self, call: Call) -> dict[str, Any]:
        """Tell where a hosted table is, and which area of it is meant."""
        one = self._found(call, "id", "self-hosted")
        told = {"aoi_id": one.area.id, "subscription_id": one.id, "geometry": one.area.geometry}
        return told | self._place(one)

    def _about(self, one: Subscription) -> dict[str, Any]:
        return {
            "provider_name": one.dataset.provider,
            "dataset_id": one.dataset.id,
            "dataset_name": one.dataset.name,
            "aoi_id": one.area.id,
            "subscription_id": one.id,
        }

    def _place(self, one: Subscription) -> dict[str, Any]:
        bucket, prefix = prefix_of(one.dataset, one.id)
        region = _REGIONS.get(one.dataset.kind, _REGION)
        return {
            "bucket": {"name": bucket, "prefix": prefix},
            "credentials": self._credentials.issue(bucket, prefix, region),
            "allowed_actions": _ACTIONS,
        }

    def _found(self, call: Call, name: str, *kinds: str) -> Subscription:
        """Give the subscription that is asked for.

        Raises:
            Refusal: 400 where its data are of another kind; 404 where there is none, or its data are gone.
        """
        one = self._subscriptions.find(call.id(name), call.organisation)
        if one.dataset.kind not in kinds:
            raise Refusal(400, f"the data of subscription {one.id} are not {' or '.join(kinds)}")
        if one.is_gone or (not one.delivered and name == "id" and self._settings.refuses_early_listings):
            raise not_found("Files of subscription", one.id)
        return one

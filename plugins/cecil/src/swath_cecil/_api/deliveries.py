# SPDX-License-Identifier: Apache-2.0
"""Where a subscription's data are.

Source: the Cecil wire contract, 5, read 2026-11.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from swath.errors import UnexpectedResponse
from swath_cecil._api.base import Service
from swath_cecil._api.storage import Store
from swath_cecil.models import Parquet, SelfHosted, Tiff, Zarr

__all__ = ["Deliveries"]


class Deliveries(Service):
    """Finds data by their subscription."""

    def format(self, subscription_id: str) -> str:
        """Say what rasters come as: ``tiff`` or ``zarr``."""
        return self._word("/dataset-format", "format", subscription_id)

    def storage(self, subscription_id: str) -> str:
        """Say where tables come from: ``ibat`` or ``self-hosted``."""
        return self._word("/dataset-storage", "storage", subscription_id)

    def _word(self, path: str, name: str, subscription_id: str) -> str:
        answer = self.call("GET", path, params={"subscription_id": subscription_id})
        found = answer.get(name) if isinstance(answer, dict) else None
        if not isinstance(found, str):
            raise UnexpectedResponse(f"the answer to GET {path} names no {name}", provider="cecil")
        return found

    def _files(self, subscription_id: str, kind: str) -> str:
        return f"/subscriptions/{quote(subscription_id, safe='')}/files/{kind}"

    def tiff(self, subscription_id: str) -> Store[Tiff]:
        """Open the bucket of a subscription's GeoTIFFs; nothing is sent yet."""
        path = self._files(subscription_id, "tiff")
        return Store(self.context, lambda: self.record(Tiff, "GET", path))

    def zarr(self, subscription_id: str) -> Store[Zarr]:
        """Open the bucket of the Zarr store that a subscription is a part of; nothing is sent yet."""
        path = self._files(subscription_id, "zarr")
        return Store(self.context, lambda: self.record(Zarr, "GET", path))

    def self_hosted(self, subscription_id: str) -> Store[SelfHosted]:
        """Open the bucket of the GeoParquet that a subscription is a part of; nothing is sent yet."""
        path = self._files(subscription_id, "parquet/self-hosted")
        return Store(self.context, lambda: self.record(SelfHosted, "GET", path))

    def parquet(self, subscription_id: str) -> list[str]:
        """Give signed links to a subscription's tables; none before they are delivered."""
        found: Any = self.record(Parquet, "GET", self._files(subscription_id, "parquet"))
        return list(dict.fromkeys(found.files))

# SPDX-License-Identifier: Apache-2.0
"""Where a subscription's data are.

Source: the Cecil wire contract, 5, read 2026-11.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar
from urllib.parse import quote

from swath.errors import UnexpectedResponse
from swath.hookspecs import Context
from swath.native import open_context
from swath_cecil._api.base import Service
from swath_cecil._api.storage import Store
from swath_cecil.models import Parquet, SelfHosted, Tiff, Zarr

__all__ = ["Deliveries"]

_T = TypeVar("_T")


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
        return self._store(Tiff, subscription_id, "tiff")

    def zarr(self, subscription_id: str) -> Store[Zarr]:
        """Open the bucket of the Zarr store that a subscription is a part of; nothing is sent yet."""
        return self._store(Zarr, subscription_id, "zarr")

    def self_hosted(self, subscription_id: str) -> Store[SelfHosted]:
        """Open the bucket of the GeoParquet that a subscription is a part of; nothing is sent yet."""
        return self._store(SelfHosted, subscription_id, "parquet/self-hosted")

    def _store(self, kind: type[_T], subscription_id: str, form: str) -> Store[Any]:
        path = self._files(subscription_id, form)
        again = (_opened_again, (dict(self.context.settings), self.context.profile, form, subscription_id))
        return Store(self.context, lambda: self.record(kind, "GET", path), again)

    def parquet(self, subscription_id: str) -> list[str]:
        """Give signed links to a subscription's tables; none before they are delivered."""
        found: Any = self.record(Parquet, "GET", self._files(subscription_id, "parquet"))
        return list(dict.fromkeys(found.files))


@cache
def _context(settings: tuple[tuple[str, str], ...], profile: str) -> Context:
    """Open an account in this process, by its own environment; once for all buckets."""
    from swath_cecil.provider import CecilProvider

    given: dict[str, Any] = dict(settings)
    return open_context("cecil", plugin=CecilProvider(), profile=profile, **given)


def _opened_again(settings: dict[str, str], profile: str, form: str, subscription_id: str) -> Store[Any]:
    """Open a bucket that came from another process; its key stayed there."""
    deliveries = Deliveries(_context(tuple(sorted(settings.items())), profile))
    kinds: dict[str, Callable[[str], Store[Any]]] = {
        "tiff": deliveries.tiff,
        "zarr": deliveries.zarr,
        "parquet/self-hosted": deliveries.self_hosted,
    }
    return kinds[form](subscription_id)

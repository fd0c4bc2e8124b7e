# SPDX-License-Identifier: Apache-2.0
"""The quota part of Planet's Account API: reserving quota for areas, and what that would cost.

Source: Planet's documentation of quota reservations, read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from swath.hookspecs import Operation
from swath_planet._api.base import Service
from swath_planet._api.creating import create
from swath_planet._api.paths import segment

__all__ = ["Quota"]


def _following(page: Mapping[str, Any]) -> str | None:
    """Find the address of the next page; None ends."""
    meta = page.get("meta")
    found = meta.get("next") if isinstance(meta, Mapping) else None
    return found if isinstance(found, str) and found else None


class Quota(Service):
    """Reservations, the jobs that make many of them, and the products they are for."""

    PATH: ClassVar[str] = "/account/v1"
    BUCKET: ClassVar[str] = "quota"

    # --- reservations ------------------------------------------------------------------------------------------------

    def list_reservations(
        self,
        limit: int = 100,
        fields: str | None = None,
        sort: str | None = None,
        filters: Mapping[str, Any] | None = None,
        page_size: int = 500,
    ) -> Iterator[dict[str, Any]]:
        """List the quota reservations.

        Args:
            limit: Most to give; 0 for all.
            fields: Names of the fields to give, separated by commas; None for all.
            sort: Field to sort by, with ``-`` in front for descending.
            filters: Conditions by ``field`` or ``field__op``, where op is one of eq, lt, lte, gt, gte, ne, like, ilike,
                icontains, isnull, in, notin.
            page_size: Most of one page.
        """
        params = _list_params(fields, sort, filters, page_size)
        yield from self.pages(
            "GET", "quota-reservations/", key="results", limit=limit, params=params, following=_following
        )

    def get_reservation(self, reservation_id: int) -> dict[str, Any]:
        """Read one reservation."""
        return self._object("GET", f"quota-reservations/{segment(reservation_id, 'reservation')}")

    def create_reservation(
        self, aoi_refs: Sequence[str], product_id: int, collection_id: str | None = None
    ) -> dict[str, Any]:
        """Reserve quota, once: a request whose answer is lost is not sent again.

        Args:
            aoi_refs: References of features, ``pl:features/my/...``; one of a collection means all in it.
            product_id: Number of the product, see `list_products`.
            collection_id: Groups the reservations.

        Returns:
            The reservations made, and what quota is left.
        """
        body = _reservation(aoi_refs, product_id, collection_id)
        made: dict[str, Any] = create(self, "quota-reservations/", body)
        return made

    def bulk_create_reservations(
        self, aoi_refs: Sequence[str], product_id: int, collection_id: str | None = None
    ) -> dict[str, Any]:
        """Have Planet reserve quota for many areas in a job, once; arguments as for `create_reservation`.

        Returns:
            ``job_id``, for `get_job`, and ``status``.
        """
        body = _reservation(aoi_refs, product_id, collection_id)
        made: dict[str, Any] = create(self, "quota-reservations/bulk-reserve", body)
        return made

    def estimate_reservation(
        self, aoi_refs: Sequence[str], product_id: int, collection_id: str | None = None
    ) -> dict[str, Any]:
        """Say what a reservation would cost, without making it; arguments as for `create_reservation`.

        Returns:
            ``total_cost`` and ``quota_remaining`` among others, both in ``quota_units``. What remains does not have
            the cost taken off.
        """
        body = _reservation(aoi_refs, product_id, collection_id)
        return self._object("POST", "quota-reservations/estimate", json=body, operation=Operation.READ)

    # --- jobs and products -------------------------------------------------------------------------------------------

    def list_jobs(
        self,
        limit: int = 100,
        fields: str | None = None,
        sort: str | None = None,
        filters: Mapping[str, Any] | None = None,
        page_size: int = 500,
    ) -> Iterator[dict[str, Any]]:
        """List the jobs that reserve quota; arguments as for `list_reservations`."""
        params = _list_params(fields, sort, filters, page_size)
        yield from self.pages(
            "GET", "quota-reservations/jobs", key="results", limit=limit, params=params, following=_following
        )

    def get_job(self, job_id: str) -> dict[str, Any]:
        """Read how far a job is: ``status``, ``processed_items``, ``total_items``, ``percentage``."""
        return self._object("GET", f"quota-reservations/jobs/{segment(job_id, 'job')}")

    def list_products(
        self, supports_reservation: bool | None = None, limit: int = 100, page_size: int = 500
    ) -> Iterator[dict[str, Any]]:
        """List the products that the account's organisation may use.

        Args:
            supports_reservation: Only those that quota can be reserved for, or only the others.
            limit: Most to give; 0 for all.
            page_size: Most of one page.
        """
        params = {"limit": page_size, "supports_reservation": supports_reservation}
        yield from self.pages("GET", "my/products", key="results", limit=limit, params=params, following=_following)

    def _object(self, method: str, path: str, **given: Any) -> dict[str, Any]:
        found: dict[str, Any] = self.json(method, path, **given)
        return found


def _list_params(
    fields: str | None, sort: str | None, filters: Mapping[str, Any] | None, page_size: int
) -> dict[str, Any]:
    return {"fields": fields, "sort": sort, **(filters or {}), "limit": page_size}


def _reservation(aoi_refs: Sequence[str], product_id: int, collection_id: str | None) -> dict[str, Any]:
    """Write what is to be reserved; one reference need not be in a list."""
    refs = [aoi_refs] if isinstance(aoi_refs, str) else list(aoi_refs)
    body: dict[str, Any] = {"aoi_refs": refs, "product_id": product_id}
    if collection_id is not None:
        body["collection_id"] = collection_id
    return body

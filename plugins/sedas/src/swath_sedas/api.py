# SPDX-License-Identifier: Apache-2.0
"""The provider's own client, under its documented names: `SeDASAPI`.

The examples of its guide run with only the import changed. What it returns is what the service answers. Errors are
`swath.errors`, not ``urllib.error.HTTPError``; blank user name or password are a `ValueError` as before.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

from swath.errors import (
    InvalidGeometry,
    NotTheProduct,
    OrderFailed,
    PartialFailure,
    UnexpectedResponse,
)
from swath.models import OrderState
from swath_sedas.footprints import parse_wkt, wkt_of
from swath_sedas.products import asset_of, supplier_id_of, warn_of_unknown
from swath_sedas.session import Session
from swath_sedas.streams import Download
from swath_sedas.wire import SUSPICIOUS, RequestAnswer, products_in, read

__all__ = ["SeDASAPI"]

_LOG = logging.getLogger("sedas_api")


class SeDASAPI(Session):
    """Easy access to the SeDAS API: search, look up, request from the long-term archive, download.

    An instance has its own session: tokens are never shared between accounts, and are sent only to the service and the
    download host. It may be used from several threads.

    Args:
        username: Of the SeDAS account.
        password: Of the SeDAS account.
    """

    # --- search -----------------------------------------------------------------------------------------------------

    def search(  # noqa: PLR0917  the documented signature
        self,
        wkt: str,
        start_date: str,
        end_date: str,
        sensor: str = "All",
        retry: bool = True,
        satellite_name: str = "",
        source_group: str = "",
        **filters: Any,
    ) -> dict[str, Any]:
        """Search for products.

        Args:
            wkt: Area of interest: WKT ``POLYGON``, longitude and latitude in degrees. A ``MULTIPOLYGON`` is searched
                polygon by polygon, and what several have in common is listed once.
            start_date: ISO 8601 in UTC with ``Z``: earliest start of the acquisition.
            end_date: ISO 8601 in UTC with ``Z``: latest start of the acquisition.
            sensor: ``All``, ``SAR`` or ``Optical``.
            retry: Whether it is sent again after a passing failure.
            satellite_name: As `list_satellites` names it; empty for all.
            source_group: As `list_sensor_groups` names it; empty for all.
            **filters: As the service names them: ``maxCloudPercent``, ``minCoveragePercent``, ``sarProductType``,
                ``opticalProductType``, ``orbitDirection``, ``polarisation``, or a field of the products.

        Returns:
            The service's answer; ``["products"]`` lists what was found. The service cuts long answers off:
            ``swath.open("sedas").search`` splits the search until nothing is missing.

        Raises:
            InvalidGeometry: `wkt` is no polygon; nothing was sent.
        """
        polygons = parse_wkt(wkt)
        if any(len(rings) > 1 for rings in polygons):
            raise InvalidGeometry(
                "SeDAS searches polygons without holes",
                hint="leave the holes out, or use swath.open('sedas').search, which takes any geometry",
            )
        warn_of_unknown(filters)
        query: dict[str, Any] = {"sensorFilters": {"type": sensor}, "filters": filters}
        query |= {"start": start_date, "stop": end_date}
        if satellite_name:
            query["satelliteName"] = satellite_name
        if source_group:
            query["sourceGroup"] = source_group
        areas = [wkt] if len(polygons) == 1 else [wkt_of(rings[0]) for rings in polygons]
        answers = [self.search_polygon(query | {"aoiWKT": area}, retry=retry) for area in areas]
        for found in (len(answer["products"]) for answer in answers):
            if found >= SUSPICIOUS:
                _LOG.warning("%d products in one answer: it may be cut off; search shorter spans of time", found)
        if len(answers) == 1:
            return answers[0]
        merged: dict[Any, dict[str, Any]] = {}
        for answer in answers:
            for one in answer["products"]:
                merged.setdefault(one.get("supplierId"), one)
        return answers[0] | {"products": list(merged.values())}

    def search_polygon(self, query: Mapping[str, Any], *, retry: bool = True) -> dict[str, Any]:
        """Search one polygon.

        Args:
            query: As the service takes it.
            retry: Whether it is sent again after a passing failure.

        Returns:
            The service's answer; ``["products"]`` is a list.
        """
        self._opened()
        what = "the answer to the search"
        answer = self._ask("POST", self._address("search_url"), what=what, retry=retry, json=dict(query))
        products_in(answer, what=what)
        return cast("dict[str, Any]", answer)

    def search_sar(
        self,
        wkt: str,
        start_date: str,
        end_date: str,
        satellite_name: str = "",
        source_group: str = "",
        **filters: Any,
    ) -> dict[str, Any]:
        """Search for radar products; see `search`."""
        return self.search(
            wkt, start_date, end_date, "SAR", satellite_name=satellite_name, source_group=source_group, **filters
        )

    def search_optical(
        self,
        wkt: str,
        start_date: str,
        end_date: str,
        satellite_name: str = "",
        source_group: str = "",
        **filters: Any,
    ) -> dict[str, Any]:
        """Search for optical products; see `search`."""
        return self.search(
            wkt, start_date, end_date, "Optical", satellite_name=satellite_name, source_group=source_group, **filters
        )

    def search_product(self, product_id: str, retry: bool = True) -> list[dict[str, Any]]:
        """Look a product up.

        Args:
            product_id: Its ``supplierId``; several joined by commas may work too.
            retry: Whether it is sent again after a passing failure.

        Returns:
            A list of the products found, empty where the service does not know it.
        """
        self._opened()
        url = f"{self._address('search_url')}/products"
        what = f"the answer to the look-up of {product_id}"
        return self._list(url, what=what, retry=retry, params={"ids": product_id})

    def _list(
        self, url: str, *, what: str, retry: bool, params: Mapping[str, str] | None = None
    ) -> list[dict[str, Any]]:
        """Ask for a list of objects."""
        answer = self._ask("GET", url, what=what, retry=retry, params=params)
        if not isinstance(answer, list) or not all(isinstance(one, dict) for one in answer):
            raise UnexpectedResponse(f"{what} is no list of objects", provider="sedas")
        return answer

    def list_sensor_groups(self, retry: bool = True) -> list[dict[str, Any]]:
        """List the source groups that the account may search, each with its ``name``."""
        self._opened()
        url = f"{self._address('sensor_url')}/sourceGroups"
        return self._list(url, what="the list of source groups", retry=retry)

    def list_satellites(self, retry: bool = True) -> list[dict[str, Any]]:
        """List the satellites that the account may search, each with its ``name``."""
        self._opened()
        return self._list(f"{self._address('sensor_url')}/satellites", what="the list of satellites", retry=retry)

    # --- long-term archive ------------------------------------------------------------------------------------------

    def _request_url(self) -> str:
        # The service is known under this address, with two slashes: the provider's own client joins them so.
        self._opened()
        return f"{self._address('base_url').rstrip('/')}//request"

    def request(self, product: Mapping[str, Any], retry: bool = True) -> str:  # noqa: ARG002  the documented signature
        """Request a product from the long-term archive.

        Args:
            product: From a search; its ``supplierId`` counts.
            retry: Has no effect: a request is sent once, whatever happens, as each may count against the account.

        Returns:
            The request's id, for `is_request_ready`. As the service sends it: text or a number.
        """
        supplier_id = supplier_id_of(product)
        what = f"the answer to the request of {supplier_id}"
        answer = self._ask("POST", f"{self._request_url()}/{quote(supplier_id, safe='')}", what=what, retry=False)
        got = read(answer, RequestAnswer, what=what)
        if not got.id:
            raise UnexpectedResponse(f"{what} has no requestId", provider="sedas")
        return cast("str", got.request_id)

    def request_status(self, request_id: str, retry: bool = True) -> dict[str, Any] | None:
        """Say all that the service says of a request.

        Args:
            request_id: From `request`.
            retry: Whether it is sent again after a passing failure.

        Returns:
            The service's object; None where it lists nothing for the id, as it does at first.
        """
        what = f"the answer on request {request_id}"
        found = self._list(self._request_url(), what=what, retry=retry, params={"ids": str(request_id)})
        same = [one for one in found if str(one.get("requestId", request_id)) == str(request_id)]
        return same[0] if same else None

    def is_request_ready(self, request_id: str, retry: bool = True) -> str | None:
        """Look whether a request has been fulfilled.

        Args:
            request_id: From `request`.
            retry: Whether it is sent again after a passing failure.

        Returns:
            Where the product can be downloaded; None while it cannot.

        Raises:
            OrderFailed: The service says that it will never be.
        """
        found = self.request_status(request_id, retry)
        if found is None:
            return None
        got = read(found, RequestAnswer, what=f"the answer on request {request_id}")
        if got.state in {OrderState.FAILED, OrderState.CANCELED}:
            raise OrderFailed(
                f"request {request_id} for {got.supplier_id or 'a product'} is {got.status}"
                + (f": {got.reason}" if got.reason else ""),
                provider="sedas",
                hint="request the product again, or ask the SeDAS help desk",
                details={"orders": [str(request_id)]},
            )
        return got.download_url or None

    # --- download ---------------------------------------------------------------------------------------------------

    def download(self, product: Mapping[str, Any], output_path: str, retry: bool = True) -> None:  # noqa: ARG002  same
        """Download a product. The file has its name only once it is whole, and equal to the published checksum.

        Args:
            product: From a search, with ``downloadUrl``.
            output_path: Path of the file; missing folders are made.
            retry: Has no effect: an interrupted download goes on where it stopped.

        Raises:
            NotOrdered: The product has no ``downloadUrl``: it is in the long-term archive.
            TransferError: It could not be brought here whole.
        """
        from swath.native import fetch

        asset = asset_of(product)
        try:
            fetch(self._opened(), asset, Path(output_path))
        except PartialFailure as err:
            # One file has one reason, which is what a caller can act on.
            failed = err.report.failed if err.report is not None else ()
            raise (failed[0].error if failed and failed[0].error is not None else err) from err

    def download_request(self, product: Mapping[str, Any], retry: bool = True) -> Download:  # noqa: ARG002  same
        """Open a product as a stream, for what shall not touch the disk first.

        Args:
            product: From a search, with ``downloadUrl``.
            retry: Has no effect: what has been read cannot be taken back.

        Returns:
            A binary stream; close it, or use it in a ``with`` block. Its bytes are not checked against the checksum.

        Raises:
            NotOrdered: The product has no ``downloadUrl``: it is in the long-term archive.
            NotTheProduct: The service answers with a page or message instead.
        """
        from swath.native import stream

        asset = asset_of(product)
        with ExitStack() as stack:
            response = stack.enter_context(stream(self._opened(), asset.href))
            kind = response.headers.get("content-type", "").lower()
            if "html" in kind or "json" in kind:
                raise NotTheProduct(
                    f"the download of {asset.item} is {kind} instead of a zip archive", provider="sedas"
                )
            return Download(response, stack.pop_all())

# SPDX-License-Identifier: Apache-2.0
"""The Orders API: creating, reading, waiting for, cancelling and listing orders."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

from swath.errors import ProviderError, UnexpectedResponse
from swath.native import pause
from swath.stac import timestamp
from swath_planet._api import order_files
from swath_planet._api.base import Service
from swath_planet._api.creating import create
from swath_planet._api.paths import segment
from swath_planet.bundles import BundleTable
from swath_planet.exceptions import ClientError
from swath_planet.wire import FINAL_WORDS, Manifest, OrderPayload, read

__all__ = ["LIMITS", "STATES", "Orders"]

STATES: Final = ("queued", "running", "failed", "success", "partial", "cancelled")
"""In the sequence by which a state is reached or passed. Another word is one that Planet has added: not final."""
_CREATE: Final = "orders-create"
LIMITS: Final[Mapping[str, float]] = {
    "orders": 3,
    _CREATE: 3,
    "orders-list": 3,
    "orders-cancel": 3,
    "orders-bulk": 5,
    "orders-files": 5,
    "bundles": 10,
}
"""Requests a second by rate-limit bucket. Source: Planet's documentation of the Orders API, read 2026-11."""


class Orders(Service):
    """Orders of scenes and basemaps, under the names of Planet's own client."""

    PATH: ClassVar[str] = "/compute/ops"
    BUCKET: ClassVar[str] = "orders"

    # --- one order ---------------------------------------------------------------------------------------------------

    def create_order(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Order.

        The request is sent once. Only where Planet has refused it as one too many (429) is it sent again, after the
        time that Planet asks for: nothing was ordered then.

        Args:
            request: Made by `order_request.build_request`. A `swath.Secret` in it is revealed in what is sent only.

        Raises:
            Unavailable: No answer came, and `outcome_unknown` says that the order may stand: look before sending again.
            Rejected: Planet refused it.
            QuotaExceeded: The quota is used up.
        """
        try:
            answer = create(self, "/orders/v2", request, bucket=_CREATE)
        except ProviderError as err:
            if err.outcome_unknown:
                raise _ambiguous(err, request.get("name")) from err
            raise
        return _object(answer, "answer to the order")

    def send(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Send an order once, whatever comes of it; see `create_order`."""
        return _object(create(self, "/orders/v2", request, bucket=_CREATE, tries=1), "answer to the order")

    def get_order(self, order_id: str) -> dict[str, Any]:
        """Read an order; this renews the links to its files.

        Raises:
            ClientError: The id is no UUID.
            NotFound: There is no such order.
        """
        return self.look(_checked(order_id))

    def look(self, order_id: str) -> dict[str, Any]:
        """Read an order, whatever form its id has."""
        return _object(self.json("GET", f"/orders/v2/{segment(order_id, 'order')}"), "order")

    def cancel_order(self, order_id: str) -> dict[str, Any]:
        """Drop an order that is still queued.

        Raises:
            ClientError: The id is no UUID.
            Rejected: It is too late (409).
        """
        return self.drop(_checked(order_id))

    def drop(self, order_id: str) -> dict[str, Any]:
        """Drop an order, whatever form its id has."""
        found = self.json("PUT", f"/orders/v2/{segment(order_id, 'order')}", bucket="orders-cancel")
        return _object(found, "cancelled order")

    def wait(
        self,
        order_id: str,
        state: str | None = None,
        delay: float = 5,
        max_attempts: int = 200,
        callback: Callable[[str], Any] | None = None,
    ) -> str:
        """Wait until an order has ended, or has reached a state.

        Args:
            order_id: The order.
            state: State to wait for, or any after it; None for a final one.
            delay: Seconds from one look to the next.
            max_attempts: Most looks; 0 for no limit.
            callback: Told the state at each look.

        Returns:
            The state at the last look: an order that failed is no error here.

        Raises:
            ClientError: The id or the state cannot be, or `max_attempts` is used up.
        """
        _checked(order_id)
        if state is not None and state not in STATES:
            raise ClientError(f"{state} must be one of {STATES}")
        attempts = 0
        while True:
            began = self.context.time()
            found = str(self.get_order(order_id).get("state"))
            if callback is not None:
                callback(found)
            if found in FINAL_WORDS or (state is not None and found in STATES and _has_reached(found, state)):
                return found
            attempts += 1
            if max_attempts and attempts >= max_attempts:
                raise ClientError(
                    f"Maximum number of attempts ({max_attempts}) reached.",
                    hint=f"order {order_id} is still {found}: wait again, or pass max_attempts=0",
                )
            pause(self.context, delay - (self.context.time() - began).total_seconds())

    # --- several orders ----------------------------------------------------------------------------------------------

    def cancel_orders(self, order_ids: Sequence[str] | None = None) -> dict[str, Any]:
        """Drop several orders that are still queued.

        Args:
            order_ids: Which; all that can be cancelled, if None or empty.

        Returns:
            How many were, and why the others were not.

        Raises:
            ClientError: An id is no UUID.
        """
        body = {"order_ids": [_checked(one) for one in order_ids]} if order_ids else {}
        return _object(self.json("POST", "/bulk/orders/v2/cancel", json=body, bucket="orders-bulk"), "bulk cancel")

    def aggregated_order_stats(self) -> dict[str, Any]:
        """Count the queued and running orders of the user and the organisation."""
        return _object(self.json("GET", "/stats/orders/v2", bucket="orders-bulk"), "order statistics")

    def list_orders(  # noqa: PLR0917  the signature that scripts know
        self,
        state: str | None = None,
        limit: int | None = 100,
        source_type: str | None = None,
        name: str | None = None,
        name__contains: str | None = None,
        created_on: str | None = None,
        last_modified: str | None = None,
        hosting: bool | None = None,
        destination_ref: str | None = None,
        sort_by: str | None = None,
        user_id: str | int | None = None,
    ) -> Iterator[dict[str, Any]]:
        """List orders, newest first unless sorted otherwise.

        Args:
            state: One of `STATES`.
            limit: Most orders to give; 0 for all.
            source_type: ``"scenes"``, ``"basemaps"`` or ``"all"`` (default).
            name: The whole name.
            name__contains: A part of the name.
            created_on: Instant, or interval ``a/b``, ``a/..``, ``../b``, RFC 3339.
            last_modified: The same.
            hosting: Whether it is hosted.
            destination_ref: Where it is delivered to.
            sort_by: For example ``"name,state DESC"``.
            user_id: Another user's, or ``"all"``, for administrators.

        Raises:
            ClientError: There is no such state.
        """
        if state is not None and state not in STATES:
            raise ClientError(f"Order state ({state}) is not a valid state. Valid states are {STATES}")
        params = {
            "source_type": source_type or "all",
            "state": state,
            "name": name,
            "name__contains": name__contains,
            "created_on": created_on,
            "last_modified": last_modified,
            "hosting": None if hosting is None else str(bool(hosting)).lower(),
            "destination_ref": destination_ref,
            "sort_by": sort_by,
            "user_id": None if user_id is None else str(user_id),
        }
        yield from self.pages("GET", "/orders/v2", key="orders", limit=limit, params=params, bucket="orders-list")

    def since(self, when: dt.datetime | None) -> Iterator[dict[str, Any]]:
        """List all orders created at or after a time, newest first."""
        created_on = None if when is None else f"{timestamp(when)}/.."
        return self.list_orders(limit=0, created_on=created_on, sort_by="created_on DESC")

    def get_bundles(self) -> BundleTable:
        """Read which asset types each bundle holds by item type, as Planet has it today."""
        spec = _object(self.json("GET", "/bundles/spec", auth=False, bucket="bundles"), "bundle specification")
        bundles = spec.get("bundles")
        if not isinstance(bundles, Mapping):
            raise UnexpectedResponse("Planet's bundle specification has no 'bundles'", provider="planet")
        table: dict[str, dict[str, tuple[str, ...]]] = {}
        for name, bundle in bundles.items():
            assets = bundle.get("assets") if isinstance(bundle, Mapping) else None
            if isinstance(assets, Mapping):
                table[name] = {
                    kind: tuple(map(str, inside)) if isinstance(inside, list) else () for kind, inside in assets.items()
                }
        return table

    # --- files -------------------------------------------------------------------------------------------------------

    def manifest(self, location: str) -> Manifest:
        """Read an order's manifest from the link that the order has for it; see `order_files.manifest`."""
        return order_files.manifest(self.context, location)[0]

    def download_asset(
        self,
        location: str,
        filename: str | None = None,
        directory: str | Path = ".",
        overwrite: bool = False,
        progress_bar: bool = True,
    ) -> Path:
        """Fetch one result, whole, from its link.

        Args:
            location: The link, as an order has it.
            filename: Name to give it; the server's own if None.
            directory: Where to; it is made.
            overwrite: Whether a file that is there already is fetched again.
            progress_bar: Whether to show how far it is, where someone looks.

        Returns:
            Where it is, whether it was fetched now or was there already.
        """
        return order_files.download_asset(
            self.context, location, filename, directory, overwrite=overwrite, progress=progress_bar
        )

    def download_order(
        self,
        order_id: str,
        directory: str | Path = ".",
        overwrite: bool = False,
        progress_bar: bool = False,
    ) -> list[Path]:
        """Fetch all that an order has delivered, several files at once, each checked by the order's manifest.

        Args:
            order_id: The order.
            directory: Where to; files go to ``<order id>/...`` below it.
            overwrite: Whether what is there already and whole is fetched again. What is there and is not whole is
                fetched in any case.
            progress_bar: Whether to show how far it is, where someone looks.

        Returns:
            Where the files are, in Planet's sequence, also those that were there already.

        Raises:
            ClientError: The id is no UUID, or the order has not ended yet.
            PartialFailure: Some files failed; the others are in place.
        """
        order = self.get_order(order_id)
        state = str(order.get("state"))
        if state not in FINAL_WORDS:
            raise ClientError(
                f"order state ({state}) is not a final state. Wait for the order before downloading it.",
                hint=f"call wait({order_id!r}) first",
            )
        return order_files.download_order(
            self.context,
            read(order, OrderPayload, "order"),
            directory,
            again=lambda: read(self.get_order(order_id), OrderPayload, "order"),
            overwrite=overwrite,
            progress=progress_bar,
        )

    @staticmethod
    def validate_checksum(directory: str | Path, checksum: str) -> None:
        """Compare the files of an order with its manifest.

        Args:
            directory: The order's own folder, where ``manifest.json`` is.
            checksum: ``"MD5"`` or ``"SHA256"``.

        Raises:
            ClientError: A file is absent or differs, the manifest is absent or no JSON, or there is no such checksum.
        """
        order_files.validate_checksum(Path(directory), checksum)


def _checked(order_id: Any) -> str:
    """Give an id that is a UUID.

    Raises:
        ClientError: It is none; it never reaches the wire.
    """
    try:
        uuid.UUID(hex=order_id)
    except (ValueError, TypeError, AttributeError):
        raise ClientError(f"Order id ({order_id}) is not a valid UUID hexadecimal string.") from None
    return str(order_id)


def _has_reached(found: str, wanted: str) -> bool:
    return STATES.index(found) >= STATES.index(wanted)


def _ambiguous(err: ProviderError, name: Any) -> ProviderError:
    """Say of a create call without a good answer that the order may stand."""
    what = "the order may have been accepted all the same"
    hint = f"it was not sent again, for it could be bought twice: look for it first with list_orders(name={name!r})"
    made = type(err)(
        f"{err.message}; {what}",
        hint=hint,
        provider="planet",
        status_code=err.status_code,
        request_id=err.request_id,
        details=err.details,
    )
    made.add_note(f"{what}; {hint}")  # where the text is Planet's own body, as in Planet's SDK
    return made


def _object(found: Any, what: str) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise UnexpectedResponse(f"Planet's {what} is no JSON object but {type(found).__name__}", provider="planet")
    return found

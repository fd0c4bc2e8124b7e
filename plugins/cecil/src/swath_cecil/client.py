# SPDX-License-Identifier: Apache-2.0
"""`Client`: Cecil's API under the names of Cecil's own SDK.

Source: the Cecil wire contract, 3, 5 and 7, read 2026-11.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Self

from swath import native
from swath_cecil._api.account import Areas, Datasets, Organisation, Subscriptions
from swath_cecil._api.deliveries import Deliveries
from swath_cecil.errors import SDKError, SubscriptionFailedError, translated

if TYPE_CHECKING:
    import geopandas
    import xarray

    from swath.hookspecs import Context
    from swath_cecil.models import AOI, Dataset, Settings, Subscription, Usage, User, Webhook

__all__ = ["Client", "new_key"]

_INCOMPLETE: Final = frozenset({"pending", "processing", "partial"})


class Client:
    """Cecil's API. Any thread may use it; nothing is sent before a method is called.

    Args:
        env: Another environment than production, as ``"staging"`` of ``staging.cecil.earth``.
        api_key: The key; from the environment variable CECIL_API_KEY, or where ``swath auth login cecil`` kept it, if
            None.
        profile: Which of several accounts.
        timeout_s: Seconds of silence after which an answer is given up.
    """

    def __init__(
        self,
        env: str | None = None,
        *,
        api_key: str | None = None,
        profile: str | None = None,
        timeout_s: float | None = None,
    ) -> None:
        self._given: dict[str, Any] = {"profile": profile, "read_timeout_s": timeout_s}
        if env:
            self._given["base_url"] = f"https://{env}.cecil.earth"
        if api_key is not None:
            self._given["api_key"] = api_key
        self._lock = threading.Lock()
        self._opened: Context | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; they open again when they are needed."""
        with self._lock:
            if self._opened is not None:
                native.close_context(self._opened)

    @property
    def _context(self) -> Context:
        with self._lock:
            if self._opened is None:
                self._opened = self._open()
            return self._opened

    def _open(self, *, signed: bool = True) -> Context:
        from swath_cecil.provider import CecilProvider

        return native.open_context("cecil", plugin=CecilProvider(), signed=signed, **self._given)

    # --- areas of interest --------------------------------------------------------------------------------------------

    @translated
    def create_aoi(self, geometry: Mapping[str, Any], external_ref: str | None = None) -> AOI:
        """Make an area of interest.

        Args:
            geometry: GeoJSON Polygon or MultiPolygon, degrees, WGS 84.
            external_ref: Your own reference. The area that has both already is given instead of a second one.
        """
        return Areas(self._context).create(geometry, external_ref)

    @translated
    def get_aoi(self, id: str) -> AOI:  # noqa: A002  (Cecil's word)
        """Read an area of interest, with its geometry."""
        return Areas(self._context).get(id)

    @translated
    def list_aois(self, archived: bool = False) -> list[AOI]:
        """List areas of interest, without their geometries."""
        return Areas(self._context).listed(archived=archived)

    @translated
    def archive_aoi(self, id: str) -> None:  # noqa: A002
        """Hide an area of interest; its subscriptions go on."""
        Areas(self._context).archive(id)

    @translated
    def restore_aoi(self, id: str) -> None:  # noqa: A002
        """Show an area of interest again."""
        Areas(self._context).restore(id)

    # --- datasets -----------------------------------------------------------------------------------------------------

    @translated
    def list_datasets(self) -> list[Dataset]:
        """List the datasets."""
        return Datasets(self._context).listed()

    @translated
    def get_dataset(self, id: str) -> Dataset:  # noqa: A002
        """Read a dataset."""
        return Datasets(self._context).get(id)

    # --- subscriptions ------------------------------------------------------------------------------------------------

    @translated
    def create_subscription(
        self,
        aoi_id: str,
        dataset_id: str,
        external_ref: str | None = None,
        allow_duplicate: bool = False,
    ) -> Subscription:
        """Subscribe to a dataset over an area. This buys, and is sent at most once.

        Args:
            aoi_id: The area.
            dataset_id: The dataset.
            external_ref: Your own reference.
            allow_duplicate: Subscribe even if the area has the dataset already; each one is billed.

        Raises:
            DuplicateSubscriptionError: The area has the dataset already.
        """
        return Subscriptions(self._context).create(
            aoi_id, dataset_id, external_ref, allow_duplicate=allow_duplicate
        )  # fmt: skip

    @translated
    def get_subscription(self, id: str) -> Subscription:  # noqa: A002
        """Read a subscription."""
        return Subscriptions(self._context).get(id)

    @translated
    def list_subscriptions(self, archived: bool = False) -> list[Subscription]:
        """List subscriptions."""
        return Subscriptions(self._context).listed(archived=archived)

    @translated
    def archive_subscription(self, id: str) -> None:  # noqa: A002
        """End a subscription; for 30 days it can be restored, then its data are deleted."""
        Subscriptions(self._context).archive(id)

    @translated
    def restore_subscription(self, id: str) -> None:  # noqa: A002
        """Take a subscription up again."""
        Subscriptions(self._context).restore(id)

    # --- data ---------------------------------------------------------------------------------------------------------

    @translated
    def load_xarray(self, subscription_id: str, mask_and_scale: bool = True) -> xarray.Dataset:
        """Load a subscription's rasters, lazily: blocks are read when they are needed, with fresh credentials.

        Args:
            subscription_id: Of a raster dataset.
            mask_and_scale: Whether values that are stored with a scale or an offset become physical ones: float32, not
                a number where there are no data.

        Returns:
            Dimensions (time, y, x), or (y, x) of what has no time; empty before anything is delivered.

        Raises:
            SubscriptionFailedError: The subscription failed.
        """
        import xarray as xr

        deliveries = Deliveries(self._context)
        form = deliveries.format(subscription_id)
        subscription = self._checked(subscription_id)
        if form == "tiff":
            from swath_cecil._rasters import load_tiffs

            store: Any = deliveries.tiff(subscription_id)
            made = load_tiffs(store, mask_and_scale=mask_and_scale)
        elif form == "zarr":
            from swath_cecil._zarr import load_zarr

            store = deliveries.zarr(subscription_id)
            made = load_zarr(store, mask_and_scale=mask_and_scale)
        else:
            raise SDKError(f"rasters of the format {form!r} cannot be loaded", provider="cecil")
        publications = _publications(subscription)
        if made is None:
            return xr.Dataset(attrs=publications)
        listing = store.listing()
        names = ("provider_name", "dataset_name", "dataset_id", "aoi_id", "subscription_id")
        made.attrs |= {name: getattr(listing, name) for name in names} | publications
        return made

    @translated
    def load_dataframe(self, subscription_id: str, columns: list[str] | None = None) -> geopandas.GeoDataFrame:
        """Load a subscription's table.

        Args:
            subscription_id: Of a vector dataset.
            columns: Which to read, where Cecil hosts the table itself; all if None.

        Returns:
            Rows, EPSG:4326 or as stored; empty before anything is delivered.

        Raises:
            SubscriptionFailedError: The subscription failed.
            SDKError: `columns` is given for a table that cannot be read by columns.
        """
        from swath_cecil._tables import load_hosted, load_ibat

        deliveries = Deliveries(self._context)
        storage = deliveries.storage(subscription_id)
        subscription = self._checked(subscription_id)
        if storage == "ibat":
            if columns is not None:
                raise SDKError("this dataset's table is delivered whole: columns cannot be chosen", provider="cecil")
            made = load_ibat(deliveries.parquet(subscription_id), self._read)
        elif storage == "self-hosted":
            made = load_hosted(deliveries.self_hosted(subscription_id), columns)
        else:
            raise SDKError(f"tables from {storage!r} cannot be loaded", provider="cecil")
        made.attrs |= _publications(subscription)
        return made

    def _read(self, link: str) -> bytes:
        """Fetch a file by a link that is signed already: no key goes along."""
        return self._context.http.request("GET", link, auth=False, bucket="storage").content

    def _checked(self, subscription_id: str) -> Subscription:
        """Read a subscription, and say how far it is.

        Raises:
            SubscriptionFailedError: It failed.
        """
        found = Subscriptions(self._context).get(subscription_id)
        told = (found.status_message or "").rstrip(".")
        if found.status == "failed":
            told = told or "the provider gives no detail"
            raise SubscriptionFailedError(
                f"subscription {found.id} failed: {told}",
                hint="subscribe again, or ask Cecil",
                provider="cecil",
                details={"subscription_id": found.id, "status_message": found.status_message or told},
            )
        if found.status in _INCOMPLETE:
            detail = f" ({told})" if told else ""
            warnings.warn(
                f"subscription {found.id} is {found.status}{detail}: its data are incomplete; look at its status by "
                "get_subscription",
                UserWarning,
                stacklevel=4,
            )
        return found

    # --- the organisation ---------------------------------------------------------------------------------------------

    @translated
    def get_usage(self) -> Usage:
        """Say what was used, of which limit."""
        return Organisation(self._context).usage()

    @translated
    def get_settings(self) -> Settings:
        """Read the organisation's settings."""
        return Organisation(self._context).settings()

    @translated
    def update_settings(self, *, monthly_subscription_limit: float | None) -> None:
        """Change the organisation's settings.

        Args:
            monthly_subscription_limit: Hectares a month.
        """
        Organisation(self._context).set_monthly_limit(monthly_subscription_limit)

    def get_organisation_settings(self) -> Settings:
        """Read the organisation's settings, under the name that was Cecil's before `get_settings`."""
        return self.get_settings()

    def update_organisation_settings(self, *, monthly_subscription_limit: float | None) -> Settings:
        """Change the organisation's settings and give them, under the name that was Cecil's before."""
        self.update_settings(monthly_subscription_limit=monthly_subscription_limit)
        return self.get_settings()

    @translated
    def create_user(self, first_name: str, last_name: str, email: str) -> User:
        """Invite a member, who gets an e-mail with a link to a key."""
        return Organisation(self._context).create_user(first_name, last_name, email)

    @translated
    def get_user(self, id: str) -> User:  # noqa: A002
        """Read a member."""
        return Organisation(self._context).user(id)

    @translated
    def list_users(self) -> list[User]:
        """List the members."""
        return Organisation(self._context).users()

    @translated
    def rotate_api_key(self) -> Any:
        """Get another API key, which this client uses from now on; keep it, for the old one ends.

        Returns:
            What Cecil answers: ``{"new_api_key": KEY}``.
        """
        answer = Organisation(self._context).rotate_key()
        key = new_key(answer)
        if key is not None:
            self.close()
            with self._lock:
                self._given["api_key"] = key
                self._opened = None
        return answer

    @translated
    def recover_api_key(self, email: str) -> Any:
        """Have a link to a key sent by e-mail. No key is needed, and none is sent.

        Returns:
            What Cecil answers: ``{"message": TEXT}``.
        """
        context = self._open(signed=False)
        try:
            return Organisation(context).recover_key(email)
        finally:
            native.close_context(context)

    # --- webhooks -----------------------------------------------------------------------------------------------------

    @translated
    def create_webhook(self, url: str, secret: str | None = None, events: Sequence[str] | None = None) -> Webhook:
        """Have deliveries told to a URL.

        Args:
            url: https.
            secret: Signs what is told, see `swath_cecil.events`.
            events: ``subscription.delivered``, ``subscription.failed``, ``subscription.completed``; all if None.
        """
        return Organisation(self._context).create_webhook(url, secret, events)

    @translated
    def get_webhook(self, id: str) -> Webhook:  # noqa: A002
        """Read a webhook."""
        return Organisation(self._context).webhook(id)

    @translated
    def list_webhooks(self) -> list[Webhook]:
        """List the webhooks."""
        return Organisation(self._context).webhooks()

    @translated
    def delete_webhook(self, id: str) -> None:  # noqa: A002
        """Delete a webhook."""
        Organisation(self._context).delete_webhook(id)


def new_key(answer: Any) -> str | None:
    """Find the key in what a rotation answers."""
    if isinstance(answer, str):
        return answer.strip() or None
    if isinstance(answer, Mapping):
        found = answer.get("new_api_key") or answer.get("newApiKey") or answer.get("api_key")
        return found if isinstance(found, str) else None
    return None


def _publications(subscription: Subscription) -> dict[str, str]:
    told = {
        "dataset_publication": subscription.dataset_publication,
        "dataset_current_publication": subscription.dataset_current_publication,
    }
    return {name: value for name, value in told.items() if value is not None}

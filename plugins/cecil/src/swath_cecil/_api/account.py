# SPDX-License-Identifier: Apache-2.0
"""Areas, datasets, subscriptions, and what belongs to the organisation.

Source: the Cecil wire contract, 3 and 4, read 2026-11.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from swath.hookspecs import Operation
from swath_cecil._api.base import Service
from swath_cecil.models import AOI, Dataset, Settings, Subscription, Usage, User, Webhook

__all__ = ["Areas", "Datasets", "Organisation", "Subscriptions"]


def _path(*parts: str) -> str:
    return "".join(f"/{quote(str(part), safe='')}" for part in parts)


class Areas(Service):
    """Areas of interest."""

    def create(self, geometry: Mapping[str, Any], external_ref: str | None = None) -> AOI:
        """Make an area. Cecil gives the one that has the same geometry and reference, if there is one."""
        return self.record(AOI, "POST", "/aois", json={"geometry": dict(geometry), "external_ref": external_ref})

    def get(self, area_id: str) -> AOI:
        """Read an area, with its geometry."""
        return self.record(AOI, "GET", _path("aois", area_id))

    def listed(self, *, archived: bool = False) -> list[AOI]:
        """List areas, without their geometries."""
        return self.records(AOI, "/aois", archived=archived)

    def archive(self, area_id: str) -> None:
        """Hide an area; its subscriptions go on."""
        self.call("POST", _path("aois", area_id, "archive"))

    def restore(self, area_id: str) -> None:
        """Show an area again."""
        self.call("POST", _path("aois", area_id, "restore"))


class Datasets(Service):
    """The catalogue."""

    def get(self, dataset_id: str) -> Dataset:
        """Read a dataset."""
        return self.record(Dataset, "GET", _path("datasets", dataset_id))

    def listed(self) -> list[Dataset]:
        """List the datasets."""
        return self.records(Dataset, "/datasets")


class Subscriptions(Service):
    """Datasets over areas, as ordered."""

    def create(
        self, aoi_id: str, dataset_id: str, external_ref: str | None = None, *, allow_duplicate: bool = False
    ) -> Subscription:
        """Subscribe, once. This buys.

        Raises:
            Rejected: With status 409, if the area has the dataset already; `existing_of` says by which subscription.
        """
        body = {
            "aoi_id": aoi_id,
            "dataset_id": dataset_id,
            "external_ref": external_ref,
            "allow_duplicate": allow_duplicate,
        }
        return self.record(Subscription, "POST", "/subscriptions", json=body, operation=Operation.ONCE)

    def get(self, subscription_id: str) -> Subscription:
        """Read a subscription."""
        return self.record(Subscription, "GET", _path("subscriptions", subscription_id))

    def listed(self, *, archived: bool = False) -> list[Subscription]:
        """List subscriptions."""
        return self.records(Subscription, "/subscriptions", archived=archived)

    def archive(self, subscription_id: str) -> None:
        """End a subscription. Its data are deleted 30 days later, until when it can be restored."""
        self.call("POST", _path("subscriptions", subscription_id, "archive"))

    def restore(self, subscription_id: str) -> None:
        """Take a subscription up again."""
        self.call("POST", _path("subscriptions", subscription_id, "restore"))


class Organisation(Service):
    """Usage, settings, members, keys and webhooks."""

    def usage(self) -> Usage:
        """Say what was used, of which limit."""
        return self.record(Usage, "GET", "/usage")

    def settings(self) -> Settings:
        """Read the settings."""
        return self.record(Settings, "GET", "/settings")

    def set_monthly_limit(self, hectares: float | None) -> None:
        """Set how many hectares a month may be subscribed to."""
        self.call("POST", "/settings", json={"monthly_subscription_limit": hectares})

    def create_user(self, first_name: str, last_name: str, email: str) -> User:
        """Invite a member, by an e-mail with a link to a key."""
        body = {"first_name": first_name, "last_name": last_name, "email": email}
        return self.record(User, "POST", "/users", json=body, operation=Operation.ONCE)

    def user(self, user_id: str) -> User:
        """Read a member."""
        return self.record(User, "GET", _path("users", user_id))

    def users(self) -> list[User]:
        """List the members."""
        return self.records(User, "/users")

    def rotate_key(self) -> Any:
        """Get another API key. Nothing is known of how long the old one goes on."""
        return self.call("POST", "/api-key/rotate", operation=Operation.ONCE)

    def recover_key(self, email: str) -> Any:
        """Have a link to a key sent by e-mail; this is not signed."""
        return self.call("POST", "/api-key/recover", json={"email": email}, auth=False)

    def create_webhook(self, url: str, secret: str | None = None, events: Sequence[str] | None = None) -> Webhook:
        """Have deliveries told to a URL."""
        body: dict[str, Any] = {"url": url, "secret": secret}
        if events is not None:
            body["events"] = list(events)
        return self.record(Webhook, "POST", "/webhooks", json=body, operation=Operation.ONCE)

    def webhook(self, webhook_id: str) -> Webhook:
        """Read a webhook; its secret is never shown."""
        return self.record(Webhook, "GET", _path("webhooks", webhook_id))

    def webhooks(self) -> list[Webhook]:
        """List the webhooks."""
        return self.records(Webhook, "/webhooks")

    def delete_webhook(self, webhook_id: str) -> None:
        """Delete a webhook."""
        self.call("DELETE", _path("webhooks", webhook_id))

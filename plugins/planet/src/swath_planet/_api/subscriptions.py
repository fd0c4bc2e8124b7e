# SPDX-License-Identifier: Apache-2.0
"""The Subscriptions API: standing orders, and what they have delivered.

Source: Planet's documentation of the Subscriptions API, read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from swath_planet._api.base import Service
from swath_planet._api.creating import create
from swath_planet._api.paths import segment
from swath_planet._api.secrets import guarded
from swath_planet.exceptions import ClientError

__all__ = ["Subscriptions"]


class Subscriptions(Service):
    """The account's subscriptions.

    Times to filter by are an instant, ``2018-02-12T23:20:50Z``, or an interval, ``START/END``, where ``..`` leaves an
    end open.
    """

    PATH: ClassVar[str] = "/subscriptions/v1"
    BUCKET: ClassVar[str] = "subscriptions"

    # --- reading -----------------------------------------------------------------------------------------------------

    def list_subscriptions(  # noqa: PLR0917  the signature that scripts know
        self,
        status: Iterable[str] | None = None,
        limit: int = 100,
        created: str | None = None,
        end_time: str | None = None,
        hosting: bool | None = None,
        name__contains: str | None = None,
        name: str | None = None,
        source_type: str | None = None,
        start_time: str | None = None,
        sort_by: str | None = None,
        updated: str | None = None,
        destination_ref: str | None = None,
        user_id: str | int | None = None,
        geom_ref: str | None = None,
        page_size: int = 500,
    ) -> Iterator[dict[str, Any]]:
        """List subscriptions.

        Args:
            status: Any of preparing, pending, running, completed, cancelled, suspended, failed, invalid.
            limit: Most to give; 0 for all.
            created: When it was made.
            end_time: When it ends.
            hosting: Only those that Planet hosts, or only the others.
            name__contains: Part of the name.
            name: The whole name.
            source_type: ``catalog``, a Planetary Variable's, or ``all``.
            start_time: When it begins.
            sort_by: Fields to sort by, separated by commas, each with `` ASC`` or `` DESC`` if wanted: name, created,
                updated, start_time, end_time.
            updated: When it last changed.
            destination_ref: What it delivers to, ``pl:destinations/...``.
            user_id: Of another user, or ``all``; for administrators.
            geom_ref: The area, ``pl:features/my/...``.
            page_size: Most of one page, 0 to 10000.
        """
        params = {
            "created": created,
            "end_time": end_time,
            "hosting": hosting,
            "name__contains": name__contains,
            "name": name,
            "source_type": source_type,
            "start_time": start_time,
            "status": _words(status),
            "sort_by": sort_by,
            "updated": updated,
            "destination_ref": destination_ref,
            "user_id": user_id,
            "geom_ref": geom_ref,
            "page_size": page_size,
        }
        yield from self.pages("GET", "", key="subscriptions", limit=limit, params=params)

    def get_subscription(self, subscription_id: str) -> dict[str, Any]:
        """Read one subscription."""
        return self._object("GET", _one(subscription_id))

    def get_results(  # noqa: PLR0917  the signature that scripts know
        self,
        subscription_id: str,
        status: Iterable[str] | None = None,
        limit: int = 100,
        created: str | None = None,
        updated: str | None = None,
        completed: str | None = None,
        item_datetime: str | None = None,
    ) -> Iterator[dict[str, Any]]:
        """List what a subscription has found and delivered.

        Args:
            subscription_id: Which.
            status: Any of created, queued, processing, failed, success.
            limit: Most to give; 0 for all.
            created: When the item was found.
            updated: When the result last changed.
            completed: When it was delivered.
            item_datetime: When the item was acquired.
        """
        params = _result_params(status, created, updated, completed, item_datetime)
        yield from self.pages("GET", f"{_one(subscription_id)}/results", key="results", limit=limit, params=params)

    def get_results_csv(  # noqa: PLR0917  the signature that scripts know
        self,
        subscription_id: str,
        status: Iterable[str] | None = None,
        created: str | None = None,
        updated: str | None = None,
        completed: str | None = None,
        item_datetime: str | None = None,
    ) -> Iterator[str]:
        """Give all results as lines of CSV without line ends, the heading first; arguments as for `get_results`.

        The answer is here whole before its first line is given: a connection that breaks costs a retry, never rows.
        """
        params = {"format": "csv", **_result_params(status, created, updated, completed, item_datetime)}
        yield from self.call("GET", f"{_one(subscription_id)}/results", params=params).text.splitlines()

    def get_summary(self) -> dict[str, Any]:
        """Count the account's subscriptions by status."""
        return self._object("GET", "summary")

    def get_subscription_summary(self, subscription_id: str) -> dict[str, Any]:
        """Count a subscription's results by status."""
        return self._object("GET", f"{_one(subscription_id)}/summary")

    # --- creating ----------------------------------------------------------------------------------------------------

    def create_subscription(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Make a subscription, once: a request whose answer is lost is not sent again.

        Args:
            request: Built by `swath_planet.subscription_request.build_request`, or by hand.
        """
        made: dict[str, Any] = create(self, "", request)
        return made

    def send(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Send a subscription once, whatever comes of it; see `create_subscription`."""
        made: dict[str, Any] = create(self, "", request, tries=1)
        return made

    def bulk_create_subscriptions(self, requests: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Make several subscriptions, once. Planet takes one at a time so far.

        Returns:
            A link to their list, at ``["_links"]["list"]``.
        """
        made: dict[str, Any] = create(self, "bulk", {"subscriptions": list(requests)})
        return made

    # --- changing ----------------------------------------------------------------------------------------------------

    def update_subscription(self, subscription_id: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Replace a subscription; `request` is complete."""
        with guarded(request) as body:
            return self._object("PUT", _one(subscription_id), json=body)

    def patch_subscription(self, subscription_id: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Change a subscription; `request` is only what changes."""
        with guarded(request) as body:
            return self._object("PATCH", _one(subscription_id), json=body)

    def cancel_subscription(self, subscription_id: str) -> None:
        """End a subscription for good."""
        self.call("POST", f"{_one(subscription_id)}/cancel")

    def suspend_subscription(self, subscription_id: str, details: str | None = None) -> dict[str, Any]:
        """Stop a subscription until it is reactivated.

        Args:
            subscription_id: Which.
            details: Why, for whoever reads it later.

        Returns:
            The subscription.
        """
        return self._object("POST", f"{_one(subscription_id)}/suspend", json=_given(details=details))

    def reactivate_subscription(self, subscription_id: str) -> None:
        """Let a suspended subscription go on."""
        self.call("POST", f"{_one(subscription_id)}/reactivate")

    def bulk_suspend_subscriptions(
        self,
        subscription_ids: Sequence[str] | None = None,
        details: str | None = None,
        all_subscriptions: bool = False,
        *,
        all_of_mine: bool = False,
    ) -> None:
        """Stop several subscriptions.

        Say which: Planet's own client suspends every subscription of the user when it is called without ids. Here that
        needs ``all_of_mine=True``.

        Args:
            subscription_ids: Which.
            details: Why.
            all_subscriptions: All of the organisation; for administrators.
            all_of_mine: All of the account's own.

        Raises:
            ClientError: None of the three is given, or more than one.
        """
        self._bulk("suspend", subscription_ids, details, organisation=all_subscriptions, mine=all_of_mine)

    def bulk_reactivate_subscriptions(
        self,
        subscription_ids: Sequence[str] | None = None,
        all_subscriptions: bool = False,
        *,
        all_of_mine: bool = False,
    ) -> None:
        """Let several subscriptions go on; say which, as for `bulk_suspend_subscriptions`."""
        self._bulk("reactivate", subscription_ids, None, organisation=all_subscriptions, mine=all_of_mine)

    def _bulk(
        self, verb: str, ids: Sequence[str] | None, details: str | None, *, organisation: bool, mine: bool
    ) -> None:
        if ids is not None and organisation:
            raise ClientError("Cannot specify both subscription_ids and all_subscriptions")
        if (ids is not None) + organisation + mine > 1:
            raise ClientError(f"{verb}: subscription_ids, all_subscriptions and all_of_mine exclude each other")
        if isinstance(ids, str):
            raise ClientError(f"{verb}: subscription_ids is the text {ids!r}", hint=f"pass a list: [{ids!r}]")
        if not ids and not organisation and not mine:
            raise ClientError(
                f"{verb}: no subscription is named, which Planet takes for every subscription of yours",
                hint="pass subscription_ids=[...], or all_of_mine=True if all of them are meant",
            )
        self.call(
            "POST",
            verb,
            params={"user_id": "all"} if organisation else None,
            json=_given(subscription_ids=list(ids) if ids else None, details=details),
        )

    def _object(self, method: str, path: str, **given: Any) -> dict[str, Any]:
        found: dict[str, Any] = self.json(method, path, **given)
        return found


def _one(subscription_id: str) -> str:
    return segment(subscription_id, "subscription")


def _words(status: Iterable[str] | None) -> list[str] | None:
    """Give words in a sequence that is the same every time; one word need not be in a list."""
    if status is None:
        return None
    if isinstance(status, str):
        return [status]
    return sorted(status) if isinstance(status, set | frozenset) else list(status)


def _result_params(
    status: Iterable[str] | None,
    created: str | None,
    updated: str | None,
    completed: str | None,
    item_datetime: str | None,
) -> dict[str, Any]:
    return {
        "status": _words(status),
        "created": created,
        "updated": updated,
        "completed": completed,
        "item_datetime": item_datetime,
    }


def _given(**values: Any) -> dict[str, Any] | None:
    """Keep what is not None; no body at all where nothing is left."""
    return {name: value for name, value in values.items() if value is not None} or None

# SPDX-License-Identifier: Apache-2.0
"""The half of Capella's client that tasks."""

from __future__ import annotations

from typing import Any, Unpack

from swath_capella._native.finding import RequestFinder
from swath_capella._native.requesting import Changes, RepeatArguments, TaskArguments
from swath_capella._native.results import RepeatRequestSearchResult, TaskingRequestSearchResult
from swath_capella._native.session import Session, native
from swath_capella._native.tasking import Tasking, is_completed

__all__ = ["TaskingCalls"]


class TaskingCalls:
    """Tasking and repeat requests."""

    session: Session
    _tasking: Tasking
    _requests: RequestFinder

    # --- tasking -----------------------------------------------------------------------------------------------------

    @native
    def create_tasking_request(self, **kwargs: Unpack[TaskArguments]) -> dict[str, Any]:
        """Ask for an acquisition; it is sent once. Without `pre_approval` nothing is bought before it is approved.

        Args:
            **kwargs: `geometry` (Point or Polygon) and `name`; see `TaskArguments`. Times are UTC unless they have an
                offset; the window opens now and closes after 7 days unless said.

        Returns:
            The record.

        Raises:
            ValidationError: Capella names what it does not take.
        """
        return self._tasking.create_task(kwargs)

    @native
    def update_tasking_requests(self, *tasking_request_ids: str, **kwargs: Unpack[Changes]) -> dict[str, Any]:
        """Change requests: `name`, `description`, `custom_attribute_1`, `custom_attribute_2`, `product_types`.

        Returns:
            By id: the record, or ``{"success": False, "error": {"message", "code"}}``.
        """
        return self._tasking.update_tasks(tasking_request_ids, kwargs)

    @native
    def search_tasking_requests(self, **kwargs: Any) -> TaskingRequestSearchResult:
        """Search tasking requests, by default your own.

        Args:
            **kwargs: ``for_org=True``, ``org_id`` or ``user_id`` for others'; ``status``, ``collection_type``,
                ``collection_tier``, ``instrument_mode``, ``tasking_request_id``, and with operators ``window_open``,
                ``window_close``, ``submission_time``, ``last_status_time``. ``page_size``, ``threaded`` and
                ``show_progress`` say how they are fetched.

        Raises:
            ClientError: For a filter or word that does not exist, which would widen the search.
        """
        return self._requests.tasks(kwargs)

    @native
    def cancel_tasking_requests(self, *tasking_request_ids: str | None) -> dict[str, Any]:
        """Drop requests, which may cost money shortly before the acquisition.

        Returns:
            By id: ``{"success": True}``, or ``{"success": False, "error": {"message", "code"}}``.
        """
        return self._tasking.cancel_tasks(tasking_request_ids)

    @native
    def get_task(self, tasking_request_id: str) -> dict[str, Any]:
        """Read a tasking request."""
        return self._tasking.task(tasking_request_id)

    def is_task_completed(self, task: dict[str, Any]) -> bool:
        """Whether a tasking request, as `get_task` gives it, has been completed."""
        return is_completed(task)

    @native
    def get_collects_for_task(self, tasking_request_id: str) -> list[dict[str, Any]]:
        """List the acquisitions of a tasking request that is completed."""
        return self._tasking.collects(tasking_request_id)

    @native
    def quote_tasking_request(self, tasking_request_id: str) -> dict[str, Any] | None:
        """Give a request's price, as ``{"total": "$1,000.00", …}``; None while it has none. Not in Capella's."""
        return self._tasking.quote(tasking_request_id)

    @native
    def approve_tasking_request(self, tasking_request_id: str, max_cost: float | None = None) -> None:
        """Let a request in review go ahead, which buys it. Not in Capella's.

        Args:
            tasking_request_id: Its id.
            max_cost: Most that it may cost, US dollars; whatever it costs if None.

        Raises:
            CostExceeded: It costs more, or an unknown amount.
        """
        self._tasking.approve(tasking_request_id, max_cost)

    @native
    def reject_tasking_request(self, tasking_request_id: str) -> None:
        """Turn the price of a request in review down. Not in Capella's."""
        self._tasking.reject(tasking_request_id)

    # --- repeats -----------------------------------------------------------------------------------------------------

    @native
    def create_repeat_request(self, **kwargs: Unpack[RepeatArguments]) -> dict[str, Any]:
        """Ask for acquisitions again and again, also for interferometry (`insar_orbit`); it is sent once.

        Args:
            **kwargs: `geometry` (Point) and `name`; see `RepeatArguments`. Of `repeat_end` and `repetition_count` only
                one can be said.

        Raises:
            RepeatRequestPayloadValidationError: Both are said.
            ValidationError: Capella names what it does not take.
        """
        return self._tasking.create_repeat(kwargs)

    @native
    def update_repeat_requests(self, *repeat_request_ids: str, **kwargs: Unpack[Changes]) -> dict[str, Any]:
        """Change repeat requests; see `update_tasking_requests`."""
        return self._tasking.update_repeats(repeat_request_ids, kwargs)

    @native
    def search_repeat_requests(self, **kwargs: Any) -> RepeatRequestSearchResult:
        """Search repeat requests; see `search_tasking_requests`.

        Args:
            **kwargs: As there, with ``repeat_request_id``, ``repetition_interval``, ``repeat_start`` and ``repeat_end``
                instead of those of the window.
        """
        return self._requests.repeats(kwargs)

    def search_repeat_request(self, **kwargs: Any) -> RepeatRequestSearchResult:
        """Search repeat requests, under the name that Capella's guide writes."""
        return self.search_repeat_requests(**kwargs)

    @native
    def cancel_repeat_requests(self, *repeat_request_ids: str | None) -> dict[str, Any]:
        """Drop repeat requests; see `cancel_tasking_requests`."""
        return self._tasking.cancel_repeats(repeat_request_ids)

    @native
    def get_repeat_request(self, repeat_request_id: str) -> dict[str, Any]:
        """Read a repeat request. Not in Capella's."""
        return self._tasking.repeat(repeat_request_id)

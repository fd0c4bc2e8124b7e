# SPDX-License-Identifier: Apache-2.0
"""Tasking and repeat requests of the native client: created, looked at, approved, changed and dropped.

Source: the Capella wire contract, 5 and 6, read 2026-11.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from swath.errors import CostExceeded, SwathError
from swath.native import workers
from swath_capella._api.base import dollars
from swath_capella._api.tasks import Requests
from swath_capella._native.requesting import changes_body, repeat_body, task_body
from swath_capella._native.session import Session
from swath_capella._native.words import required_ids
from swath_capella.exceptions import TaskNotCompleteError, error_body, translate

__all__ = ["Tasking", "is_completed"]

_AT_ONCE: Final = 10


def is_completed(task: Mapping[str, Any]) -> bool:
    """Whether a tasking request has ever been completed."""
    history = (task.get("properties") or {}).get("statusHistory") or ()
    return any(str(one.get("code", "")).lower() == "completed" for one in history)


class Tasking:
    """The requests of an account.

    Args:
        session: The account.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._api = Requests(session.context)

    # --- creating ----------------------------------------------------------------------------------------------------

    def create_task(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Send a tasking request, once."""
        return self._api.create_task(task_body(given, self._session.context.now()))

    def create_repeat(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Send a repeat request, once."""
        return self._api.create_repeat(repeat_body(given, self._session.context.now()))

    # --- looking -----------------------------------------------------------------------------------------------------

    def task(self, task_id: str) -> dict[str, Any]:
        """Read a tasking request."""
        return self._api.task(*required_ids([task_id]))

    def repeat(self, repeat_id: str) -> dict[str, Any]:
        """Read a repeat request."""
        return self._api.repeat(*required_ids([repeat_id]))

    def collects(self, task_id: str) -> list[dict[str, Any]]:
        """List the acquisitions of a tasking request that is completed.

        Raises:
            TaskNotCompleteError: It is not.
        """
        task = self.task(task_id)
        if not is_completed(task):
            history = (task.get("properties") or {}).get("statusHistory") or [{}]
            code = history[0].get("code")
            raise TaskNotCompleteError(
                f"TaskingRequest<{task_id}> is not in completed state but {code}",
                hint="look at it again later with: get_task; a request in review waits for approve_tasking_request",
            )
        return self._api.collects(str((task.get("properties") or {}).get("taskingrequestId") or task_id))

    # --- money -------------------------------------------------------------------------------------------------------

    def quote(self, task_id: str) -> dict[str, Any] | None:
        """Give what Capella has priced a tasking request at."""
        return _summary(self.task(task_id))

    def approve(self, task_id: str, max_cost: float | None) -> None:
        """Let a tasking request go ahead.

        Raises:
            CostExceeded: It costs more, or an unknown amount.
        """
        (checked,) = required_ids([task_id])
        if max_cost is not None:
            cost = dollars((self.quote(checked) or {}).get("total"))
            if cost is None or cost > max_cost:
                said = "an unknown amount" if cost is None else f"{cost:,.2f} USD"
                raise CostExceeded(
                    f"tasking request {checked} costs {said}, allowed are {max_cost:,.2f} USD",
                    provider="capella",
                    hint="raise max_cost, or drop the request with: reject_tasking_request",
                )
        self._api.set_task_status(checked, "approved")

    def reject(self, task_id: str) -> None:
        """Turn a priced tasking request down."""
        (checked,) = required_ids([task_id])
        self._api.set_task_status(checked, "rejected")

    # --- several at once ---------------------------------------------------------------------------------------------

    def update_tasks(self, ids: Iterable[str | None], given: Mapping[str, Any]) -> dict[str, Any]:
        """Change tasking requests."""
        body = changes_body(given, "taskingrequest", "update_tasking_requests")
        return self._each(ids, lambda one: self._api.update_task(one, body))

    def update_repeats(self, ids: Iterable[str | None], given: Mapping[str, Any]) -> dict[str, Any]:
        """Change repeat requests."""
        body = changes_body(given, "repeatrequest", "update_repeat_requests")
        return self._each(ids, lambda one: self._api.update_repeat(one, body))

    def cancel_tasks(self, ids: Iterable[str | None]) -> dict[str, Any]:
        """Drop tasking requests."""
        return self._each(ids, lambda one: self._api.set_task_status(one, "canceled"))

    def cancel_repeats(self, ids: Iterable[str | None]) -> dict[str, Any]:
        """Drop repeat requests."""
        return self._each(ids, self._api.cancel_repeat)

    def _each(self, ids: Iterable[str | None], act: Callable[[str], Any]) -> dict[str, Any]:
        """Do something with each request; one that fails does not stop the others."""
        wanted = required_ids(ids)

        def tried(one: str) -> Any:
            try:
                done = act(one)
            except SwathError as err:
                return self._failed(err)
            return {"success": True} if done is None else done

        with workers(min(_AT_ONCE, len(wanted))) as pool:
            return dict(zip(wanted, pool.map(tried, wanted), strict=True))

    def _failed(self, err: SwathError) -> dict[str, Any]:
        """Say what became of one: the service's own words, and always an ``error`` with a message and a code."""
        told = translate(err, self._session.scheme)
        body = error_body(err)
        inner = body.get("error")
        error = inner if isinstance(inner, dict) else {"message": told.message, "code": told.code or "NO_ANSWER"}
        return {"success": False, **body, "error": error}


def _summary(record: Mapping[str, Any]) -> dict[str, Any] | None:
    found = ((record.get("properties") or {}).get("order") or {}).get("summary")
    return dict(found) if isinstance(found, Mapping) else None

# SPDX-License-Identifier: Apache-2.0
"""Searches for tasking and repeat requests by the keywords of Capella's client.

Source: the Capella wire contract, 5.5 and 6.3, read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import EnumMeta
from typing import Any, Final, TypeVar

from attrs import frozen

from swath.native import workers
from swath.progress import Event, shown
from swath_capella._api.tasks import PAGE, Requests
from swath_capella._native.results import RepeatRequestSearchResult, TaskingRequestSearchResult
from swath_capella._native.session import Session
from swath_capella._native.times import utc_text
from swath_capella._native.words import as_list, checked_ids, checked_words, nearest, plain
from swath_capella.enumerations import CollectionTier, CollectionType, RepeatCollectionTier, TaskingRequestStatus
from swath_capella.exceptions import ClientError

__all__ = ["RequestFinder"]

_OPERATORS: Final = ("eq", "gt", "gte", "lt", "lte", "in")
_AT_ONCE: Final = 8
_SHARED: Final[Mapping[str, str]] = {
    "collection_type": "collectionType",
    "collection_tier": "collectionTier",
    "instrument_mode": "type",
    "last_status_time": "lastStatusTime",
    "org_id": "organizationIds",
    "status": "lastStatusCode",
    "submission_time": "submissionTime",
    "user_id": "userId",
}
_TIMES: Final = frozenset({
    "last_status_time", "submission_time", "window_open", "window_close", "repeat_start", "repeat_end",
})  # fmt: skip
_Result = TypeVar("_Result", TaskingRequestSearchResult, RepeatRequestSearchResult)


@frozen(kw_only=True)
class _Kind:
    """One of the two kinds of request."""

    path: str
    fields: Mapping[str, str]
    ids: str
    """Keyword of the ids."""
    tiers: EnumMeta


_TASKS: Final = _Kind(
    path="tasks",
    fields={
        **_SHARED,
        "tasking_request_id": "taskingrequestIds",
        "window_open": "windowOpen",
        "window_close": "windowClose",
    },
    ids="tasking_request_id",
    tiers=CollectionTier,
)
_REPEATS: Final = _Kind(
    path="repeat-requests",
    fields={
        **_SHARED,
        "repeat_request_id": "repeatrequestIds",
        "repetition_interval": "repetitionProperties.repetitionInterval",
        "repeat_start": "repetitionProperties.repeatStart",
        "repeat_end": "repetitionProperties.repeatEnd",
    },
    ids="repeat_request_id",
    tiers=RepeatCollectionTier,
)


class RequestFinder:
    """Searches the requests of an account.

    Args:
        session: The account.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._api = Requests(session.context)

    def tasks(self, keywords: Mapping[str, Any]) -> TaskingRequestSearchResult:
        """Search tasking requests; see `CapellaConsoleClient.search_tasking_requests`."""
        query = {"includeRepeatingTasks": {"eq": False}, **self._query(_TASKS, keywords)}
        return self._run(_TASKS, TaskingRequestSearchResult({"query": query}), keywords)

    def repeats(self, keywords: Mapping[str, Any]) -> RepeatRequestSearchResult:
        """Search repeat requests; see `CapellaConsoleClient.search_repeat_requests`."""
        query = self._query(_REPEATS, keywords)
        # The documentation names the member "query" since 2023-07, Capella's own client sends "filter".
        return self._run(_REPEATS, RepeatRequestSearchResult({"query": query, "filter": query}), keywords)

    # --- asking ------------------------------------------------------------------------------------------------------

    def _query(self, kind: _Kind, keywords: Mapping[str, Any]) -> dict[str, Any]:
        query: dict[str, Any] = {}
        scoped = False
        for keyword, given in keywords.items():
            name, _, operator = keyword.partition("__")
            if name in {"page_size", "threaded", "show_progress", "for_org"}:
                continue
            if name not in kind.fields:
                # Left out, it would widen a search whose finds may be cancelled next.
                raise ClientError(f"there is no filter {name!r}", hint=nearest(name, kind.fields))
            if given is None:
                raise ClientError(f"{name} is None", hint="leave it out to find all")
            if (operator or "eq") not in _OPERATORS:
                raise ClientError(f"there is no operator {operator!r}", hint=nearest(operator, _OPERATORS))
            scoped |= name in {"org_id", "user_id"}
            value = _checked(kind, name, plain(given))
            held = query.get(kind.fields[name])
            if isinstance(value, list):
                query[kind.fields[name]] = value
            else:
                query[kind.fields[name]] = {**(held if isinstance(held, dict) else {}), (operator or "eq"): value}
        if not scoped:
            user = self._session.user()
            scope = {"organizationIds": [user["organizationId"]]} if keywords.get("for_org") else {"userId": user["id"]}
            query = {**scope, **query}
        return query

    def _run(self, kind: _Kind, result: _Result, keywords: Mapping[str, Any]) -> _Result:
        size = keywords.get("page_size") or PAGE
        self._session.tell("searching %s for %s", kind.path, result.request_body)

        def page(number: int) -> dict[str, Any]:
            return self._api.search_page(kind.path, result.request_body, number=number, limit=size)

        first = page(1)
        result.add(first)
        count = int(first.get("totalPages") or 1)
        rest = range(2, count + 1)
        with shown(None if keywords.get("show_progress") else False) as bars:
            for number, found in enumerate(self._pages(rest, page, threaded=keywords.get("threaded", True)), 2):
                result.add(found)
                if bars is not None:
                    bars(Event(kind="search", label=kind.path, done=number, total=count, unit="pages"))
        self._session.tell("found %d", len(result))
        return result

    @staticmethod
    def _pages(numbers: range, page: Any, *, threaded: bool) -> Iterable[dict[str, Any]]:
        """Give the other pages, in order, however they are asked for."""
        if not threaded or not numbers:
            yield from map(page, numbers)
            return
        with workers(min(_AT_ONCE, len(numbers))) as pool:
            yield from pool.map(page, numbers)


def _checked(kind: _Kind, name: str, value: Any) -> Any:
    """Judge a value; several come as a list, one alone as itself.

    Raises:
        ClientError: For a word or id that cannot be meant.
    """
    several = isinstance(value, list)
    if name == "collection_type":
        found: list[Any] = checked_words(value, CollectionType, name)
    elif name == "collection_tier":
        # Records of former years have tiers that nothing can be ordered with any more.
        words = [one for one in as_list(value) if not str(one).lower().endswith("_day")]
        legacy = [str(one).lower() for one in as_list(value) if str(one).lower().endswith("_day")]
        found = [*checked_words(words, kind.tiers, name), *legacy]
    elif name == "status":
        found = checked_words(value, [*TaskingRequestStatus, "retrying"], name)
    elif name == kind.ids:
        found = checked_ids(as_list(value))
    elif name in _TIMES:
        found = [utc_text(one) if isinstance(one, str) else one for one in as_list(value)]
    else:
        found = as_list(value)
    return found if several else found[0]

# SPDX-License-Identifier: Apache-2.0
"""Searches the catalogue by the keywords of Capella's client.

Source: the Capella wire contract, 2.2 to 2.4, read 2026-11.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from attrs import field, frozen

from swath.errors import UnexpectedResponse
from swath.native import workers
from swath_capella._api.catalogue import CAP, PAGE, Catalogue, Found
from swath_capella._native.results import StacSearchResult
from swath_capella._native.session import LOG, Session
from swath_capella._native.times import span_of, utc_text
from swath_capella._native.words import as_list, geometry_of, nearest, plain
from swath_capella.enumerations import OwnershipOption
from swath_capella.exceptions import ClientError
from swath_capella.fields import KEYWORDS

__all__ = ["IDS", "Asked", "Finder", "asked"]

IDS: Final = 500
"""Ids that one search names; more are asked for in several."""
_LIMIT: Final = 500
_AT_ONCE: Final = 12
_OPERATORS: Final = ("eq", "in", "gt", "gte", "lt", "lte")
_ROOT: Final = ("bbox", "intersects", "collections", "ids", "ownership", "sortby")
_TIMES: Final = frozenset({"datetime", "created", "updated", "archive_holdback"})
_TRUE_NAMES: Final = frozenset({"id", "collection"})


@frozen(kw_only=True)
class Asked:
    """A search as it was asked for."""

    body: dict[str, Any]
    """As the service takes it, without ``limit``."""
    limit: int
    """Most items in all."""
    threaded: bool = False
    ids: list[str] | None = field(default=None)


def asked(keywords: Mapping[str, Any]) -> Asked:
    """Say keywords in the service's words.

    Keywords and operators that do not exist are left out with a warning in the log, as Capella's client does. A
    property that is to be None finds nothing, so that a variable nobody has set does not find everything.

    Args:
        keywords: ``field`` or ``field__operator``.

    Raises:
        ClientError: `limit` is no number above 0.
    """
    body: dict[str, Any] = {}
    query: dict[str, dict[str, Any]] = {}
    for keyword, given in keywords.items():
        value = plain(given)
        name, _, operator = keyword.partition("__")
        if name in {"threaded", "limit"}:
            continue
        if name in _ROOT:
            body |= {} if value is None else _root(name, value)
        elif name not in KEYWORDS:
            LOG.warning(
                "filter %r is left out: there is none of that name; %s",
                name,
                nearest(name, [*KEYWORDS, *_ROOT, "limit", "threaded"]),
            )
        elif (operator or "eq") not in _OPERATORS:
            LOG.warning("operator %r of %r is left out; %s", operator, name, nearest(operator, _OPERATORS))
        else:
            query.setdefault(KEYWORDS[name], {}).update(_condition(name, operator or "eq", value))
    if query:
        body["query"] = query
    ids = list(dict.fromkeys(body["ids"])) if "ids" in body else None
    limit = keywords.get("limit")
    if limit is None:
        limit = max(_LIMIT, len(ids or ()))
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        raise ClientError(f"limit must be a whole number above 0, not {limit!r}")
    return Asked(body=body, limit=limit, threaded=bool(keywords.get("threaded")), ids=ids)


def _root(name: str, value: Any) -> dict[str, Any]:
    """Say what stands beside the query."""
    if name == "intersects":
        return {name: geometry_of(value)}
    if name in {"ids", "collections"}:
        return {name: as_list(value)}
    if name == "sortby":
        return {name: _sorting(value)}
    if name == "ownership" and value not in OwnershipOption:
        LOG.warning("ownership=%r is left out; %s", value, nearest(value, [*OwnershipOption]))
        return {}
    return {name: value}


def _condition(name: str, operator: str, value: Any) -> dict[str, Any]:
    if isinstance(value, list):
        return {"in": [utc_text(one) if name in _TIMES and isinstance(one, str) else one for one in value]}
    if name in _TIMES and isinstance(value, str):
        span = span_of(value) if operator == "eq" else None
        return span if span is not None else {operator: utc_text(value)}
    return {operator: [value] if operator == "in" else value}


def _sorting(value: Any) -> list[dict[str, str]]:
    """Say an order; properties go by their true names, which the service surely knows."""
    found = []
    for key in as_list(value):
        name = str(key).lstrip("+-")
        if name in _TRUE_NAMES:
            place = name
        elif name in KEYWORDS or name in KEYWORDS.values():
            place = f"properties.{KEYWORDS.get(name, name)}"
        else:
            LOG.warning("sorting by %r is left out: there is no such field; %s", name, nearest(name, ["id", *KEYWORDS]))
            continue
        found.append({"field": place, "direction": "desc" if str(key).startswith("-") else "asc"})
    return found


class Finder(Catalogue):
    """Runs searches for the native client.

    Args:
        session: The account.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session.context)
        self._session = session

    def search(self, what: Asked) -> StacSearchResult:
        """Run a search."""
        self._session.tell("searching the catalogue for %s, at most %d items", what.body, what.limit)
        parts = [what.body]
        if what.ids is not None and len(what.ids) > IDS:
            parts = [{**what.body, "ids": what.ids[at : at + IDS]} for at in range(0, len(what.ids), IDS)]
        result = StacSearchResult({**what.body, "limit": min(PAGE, what.limit)})
        if what.ids == []:  # none of no items, where the service might give all
            return result
        for part in parts:
            if len(result) < what.limit:
                self._run(part, what.limit, result, threaded=what.threaded)
        result.cut(what.limit)
        self._session.tell("found %d items", len(result))
        return result

    def by_ids(self, ids: list[str]) -> StacSearchResult:
        """Find items by their ids, however many."""
        return self.search(asked({"ids": ids}))

    # --- pages -------------------------------------------------------------------------------------------------------

    def answer(self, body: Mapping[str, Any], *, number: int | None, limit: int) -> dict[str, Any]:
        """Ask for one page; the last one that can be reached is made to fit below the cap.

        Args:
            body: Of the search.
            number: Of the page; None for the first, unsaid.
            limit: Items a page.
        """
        offset = ((number or 1) - 1) * limit
        left = CAP - offset
        if 0 < left < limit and offset % left == 0:
            number, limit = offset // left + 1, left
        sent = {**body, "limit": limit} if number is None else {**body, "limit": limit, "page": number}
        found = self.object("POST", self._session.search_url, json=sent)
        if not isinstance(found.get("features"), list) or not isinstance(found.get("numberMatched"), int):
            raise UnexpectedResponse("the catalogue's answer has no features or no numberMatched", provider="capella")
        return found

    def page(self, body: Mapping[str, Any], *, number: int, limit: int, url: str | None = None) -> Found:
        """Ask for one page, as `Catalogue.page`, where this account searches."""
        del url
        answer = self.answer(body, number=number if number > 1 else None, limit=limit)
        return Found(features=answer["features"], matched=answer["numberMatched"], number=number)

    def _run(self, body: dict[str, Any], limit: int, result: StacSearchResult, *, threaded: bool) -> None:
        body = {name: value for name, value in body.items() if name != "limit"}
        size = min(PAGE, limit)
        if threaded:
            matched = self.answer(body, number=None, limit=1)["numberMatched"]
            if matched > CAP and limit > CAP:
                self._beyond(body, limit, result)
            elif matched:
                self._at_once(body, -(-min(matched, limit) // size), size, result)
            return
        first = self.answer(body, number=None, limit=size)
        if first["numberMatched"] > CAP and limit > CAP:
            self._beyond(body, limit, result)
            return
        wanted = len(result) + limit
        page, number = first, 1
        while result.add(page) and len(result) < wanted and number * size < min(page["numberMatched"], CAP):
            number += 1
            page = self.answer(body, number=number, limit=size)

    def _at_once(self, body: dict[str, Any], count: int, size: int, result: StacSearchResult) -> None:
        with workers(min(_AT_ONCE, count)) as pool:
            numbers = range(1, count + 1)
            for page in pool.map(lambda number: self.answer(body, number=number, limit=size), numbers):
                result.add(page)

    # --- beyond what one search can reach ----------------------------------------------------------------------------

    def _beyond(self, body: dict[str, Any], limit: int, result: StacSearchResult) -> None:
        """Search span of time by span of time; items stay in the order that was asked for."""
        keys = body.get("sortby") or []
        by_time = not keys or keys[0].get("field") == "properties.datetime"
        bounds = (body.get("query") or {}).get("datetime") or {}
        held: list[dict[str, Any]] = []
        for found in self.all_pages(body, limit=PAGE):
            kept = [one for one in found.features if _is_within(one, bounds)]
            if by_time:
                result.add({"features": kept, "numberMatched": found.matched})
                if len(result) >= limit:
                    return
            held += [] if by_time else kept
        for key in reversed(keys):
            _sort(held, key["field"], downwards=key["direction"] == "desc")
        if held:
            result.add({"features": held, "numberMatched": len(held)})


def _sort(features: list[dict[str, Any]], name: str, *, downwards: bool) -> None:
    """Sort by one field, stably; items without it come last."""
    features.sort(key=lambda one: _place(one, name), reverse=downwards)
    features.sort(key=lambda one: _place(one, name)[0])


def _place(feature: Mapping[str, Any], name: str) -> tuple[bool, Any]:
    """Give what an item is sorted by."""
    group, _, key = name.partition(".")
    value = (feature.get("properties") or {}).get(key) if group == "properties" else feature.get(name)
    return value is None, 0 if value is None else str(value) if isinstance(value, list | dict) else value


def _is_within(feature: Mapping[str, Any], bounds: Mapping[str, Any]) -> bool:
    """Whether an item is within the bounds that were asked for: spans are cut at whole seconds."""
    time = _instant((feature.get("properties") or {}).get("datetime"))
    for operator, bound in bounds.items():
        edge = _instant(bound)
        if edge is None or time is None:
            continue
        holds = {"gt": time > edge, "gte": time >= edge, "lt": time < edge, "lte": time <= edge, "eq": time == edge}
        if not holds.get(operator, True):
            return False
    return True


def _instant(text: Any) -> dt.datetime | None:
    try:
        found = dt.datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)

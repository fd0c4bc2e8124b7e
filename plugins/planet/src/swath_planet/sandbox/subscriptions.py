# SPDX-License-Identifier: Apache-2.0
"""The Subscriptions API's routes."""

from __future__ import annotations

import csv
import io
import json
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from swath.sandbox import World
from swath_planet.sandbox.access import Accounts, Call, Refusal
from swath_planet.sandbox.destinations import Destinations
from swath_planet.sandbox.feature_store import FeatureStore
from swath_planet.sandbox.holdings import Holdings
from swath_planet.sandbox.service import masked, millis, routes, whole_number
from swath_planet.sandbox.subscription_book import Result, Status, Subscription, SubscriptionBook
from swath_planet.sandbox.subscription_checks import check_subscription, refusal
from swath_planet.sandbox.subscription_hooks import SubscriptionHooks
from swath_planet.sandbox.subscription_lists import RESULT_STATUSES, chosen, chosen_results
from swath_planet.sandbox.subscription_source import Source

__all__ = ["SubscriptionsApi"]

ROOT = "/subscriptions/v1"
_PER_S = 10
_ON_PAGE, _MOST_ON_PAGE = 20, 10_000
_COLUMNS = ("id", "status", "created", "updated", "completed", "item_id", "item_type", "outputs", "errors")


class SubscriptionsApi:
    """Everything below ``/subscriptions/v1``."""

    def __init__(
        self,
        world: World,
        accounts: Accounts,
        holdings: Holdings,
        *,
        features: FeatureStore,
        destinations: Destinations,
    ) -> None:
        self._world, self._accounts, self._holdings = world, accounts, holdings
        self._features, self._destinations = features, destinations
        self._hooks = SubscriptionHooks(world, self._result)
        self._book = SubscriptionBook(world, self._hooks.tell)
        self._hooks.book = self._book

    def routes(self) -> list[Route]:
        """List the routes."""
        table = [
            ("GET", "", self._list),
            ("POST", "", self._create),
            ("POST", "/bulk", self._create_many),
            ("POST", "/suspend", self._suspend_many),
            ("POST", "/reactivate", self._reactivate_many),
            ("GET", "/summary", self._summary),
            ("GET", "/{id}", self._get),
            ("PUT", "/{id}", self._put),
            ("PATCH", "/{id}", self._patch),
            ("POST", "/{id}/cancel", self._cancel),
            ("POST", "/{id}/suspend", self._suspend),
            ("POST", "/{id}/reactivate", self._reactivate),
            ("GET", "/{id}/results", self._results),
            ("GET", "/{id}/summary", self._summary_of),
        ]
        return routes(self._world, self._accounts, ROOT, "subscriptions", table, per_s=_PER_S)

    # --- one ---

    def _find(self, call: Call) -> Subscription:
        try:
            uuid.UUID(call.path["id"])
        except ValueError as err:
            raise refusal(f"subscription id {call.path['id']!r} is not a UUID") from err
        found = self._book.find(call.account, call.path["id"])
        if found is None:
            raise Refusal(404, {"code": 404, "message": f"subscription {call.path['id']} not found"})
        return found

    def _source(self, call: Call, body: Any) -> Source:
        """Check a request; gives it with areas in place of references."""

        def area(value: Any) -> Any:
            return self._features.geometry(call.account, value, lambda text: refusal(f"geometry: {text}"))

        check_subscription(
            body,
            call.account,
            area=area,
            destination_problem=lambda ref: self._destinations.check_ref(call.account, ref),
        )
        parameters = body["source"]["parameters"]
        whole = {**body["source"], "parameters": {**parameters, "geometry": area(parameters["geometry"])}}
        return Source(holdings=self._holdings, account=call.account, request={**body, "source": whole})

    def _create(self, call: Call) -> Response:
        call.need_right("create subscriptions")
        made = self._book.add(call.account, call.body, self._source(call, call.body))
        self._hooks.watch(made)
        return JSONResponse(self._told(call, made), status_code=201)

    def _create_many(self, call: Call) -> Response:
        call.need_right("create subscriptions")
        asked = call.body.get("subscriptions") if isinstance(call.body, dict) else None
        if not isinstance(asked, list) or not asked:
            raise refusal("subscriptions: must be a list that is not empty")
        sources = [self._source(call, body) for body in asked]
        made = [self._book.add(call.account, body, source) for body, source in zip(asked, sources, strict=True)]
        for one in made:
            self._hooks.watch(one)
        params = {"created": f"{millis(made[0].created)}/.."}
        if len({one.name for one in made}) == 1:
            params["name"] = made[0].name
        refs = {_reference(one.body) for one in made}
        if len(refs) == 1 and None not in refs:
            params["geom_ref"] = str(refs.pop())
        return JSONResponse({"_links": {"list": call.url(f"{ROOT}?{urlencode(params)}")}})

    def _get(self, call: Call) -> Response:
        return JSONResponse(self._told(call, self._find(call)))

    def _put(self, call: Call) -> Response:
        call.need_right("change subscriptions")
        found = self._find(call)
        self._book.replace(found, call.body, self._source(call, call.body))
        return JSONResponse(self._told(call, found))

    def _patch(self, call: Call) -> Response:
        call.need_right("change subscriptions")
        found = self._find(call)
        if not isinstance(call.body, dict):
            raise refusal("the request body must be a JSON object")
        body = _patched(found.body, call.body)
        self._book.replace(found, body, self._source(call, body))
        return JSONResponse(self._told(call, found))

    def _cancel(self, call: Call) -> Response:
        call.need_right("change subscriptions")
        found = self._find(call)
        if not self._book.cancel(found):
            raise _wrong_state(found, "cancelled")
        return JSONResponse(self._told(call, found))

    def _suspend(self, call: Call) -> Response:
        call.need_right("change subscriptions")
        found = self._find(call)
        if not self._book.suspend(found, _details(call)):
            raise _wrong_state(found, "suspended")
        return JSONResponse(self._told(call, found), status_code=202)

    def _reactivate(self, call: Call) -> Response:
        call.need_right("change subscriptions")
        found = self._find(call)
        if not self._book.reactivate(found):
            raise _wrong_state(found, "reactivated")
        self._hooks.watch(found)
        return Response(status_code=202)

    # --- many ---

    def _suspend_many(self, call: Call) -> Response:
        for one in self._meant(call):
            self._book.suspend(one, _details(call))
        return Response(status_code=202)

    def _reactivate_many(self, call: Call) -> Response:
        for one in self._meant(call):
            if self._book.reactivate(one):
                self._hooks.watch(one)
        return Response(status_code=202)

    def _meant(self, call: Call) -> list[Subscription]:
        """Give the subscriptions that a bulk request names; all of the caller's where it names none."""
        call.need_right("change subscriptions")
        ids = (call.body or {}).get("subscription_ids") if isinstance(call.body, dict | None) else call.body
        own = {one.id: one for one in self._book.of(call.account)}
        if ids is None:
            return list(own.values())
        if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
            raise refusal("subscription_ids: must be a list of ids")
        unknown = [one for one in ids if one.lower() not in own]
        if unknown:
            raise Refusal(404, {"code": 404, "message": f"subscription {unknown[0]} not found"})
        return [own[one.lower()] for one in ids]

    def _list(self, call: Call) -> Response:
        found = chosen(self._book.of(call.account), call.request.query_params)
        page, links = self._page(call, found)
        return JSONResponse({"subscriptions": [self._told(call, one) for one in page], "_links": links})

    def _summary(self, call: Call) -> Response:
        counts = Counter(one.status for one in self._book.of(call.account))
        return JSONResponse({"subscriptions": {status.value: counts[status] for status in Status}})

    # --- results ---

    def _results(self, call: Call) -> Response:
        found = chosen_results(self._book, self._find(call), call.request.query_params)
        if call.query.get("format") == "csv":
            return StreamingResponse(self._csv(found), media_type="text/csv")
        if call.query.get("format", "json") != "json":
            raise refusal(f"format: must be json or csv, not {call.query['format']!r}")
        page, links = self._page(call, found)
        return JSONResponse({"results": [self._result(one) for one in page], "_links": links})

    def _summary_of(self, call: Call) -> Response:
        found = self._find(call)
        counts = Counter(self._book.result_status(one)[0] for one in self._book.results(found))
        results = {name: counts[name] for name in RESULT_STATUSES}
        return JSONResponse({"results": results, "subscription": {"status": found.status.value}})

    def _csv(self, results: Sequence[Result]) -> Iterator[str]:
        yield _line(_COLUMNS)
        for one in results:
            told = self._result(one)
            yield _line(
                (
                    *(told.get(name) or "" for name in _COLUMNS[:5]),
                    one.match.item_id,
                    one.match.item_type,
                    ";".join(told["outputs"]),
                    json.dumps(told["errors"]) if told["errors"] else "",
                )
            )

    def _page(self, call: Call, found: Sequence[Any]) -> tuple[Sequence[Any], dict[str, str]]:
        size = whole_number(call.query, "page_size", _ON_PAGE, least=0, most=_MOST_ON_PAGE, refuse=refusal) or _ON_PAGE
        start = whole_number(call.query, "page_marker", 0, least=0, most=10**9, refuse=refusal)
        links = {"_self": str(call.request.url)}
        if start + size < len(found):
            links["next"] = str(call.request.url.include_query_params(page_marker=start + size))
        return found[start : start + size], links

    # --- as JSON ---

    def _told(self, call: Call, one: Subscription) -> dict[str, Any]:
        own = call.url(f"{ROOT}/{one.id}")
        body: dict[str, Any] = masked(one.body)
        source = {**body["source"], "type": one.source.type}
        return {
            **body,
            "source": source,
            "id": one.id,
            "status": one.status.value,
            "created": millis(one.created),
            "updated": millis(one.updated),
            **({"details": one.details} if one.details else {}),
            "_links": {"_self": own, "results": f"{own}/results"},
        }

    def _result(self, one: Result) -> dict[str, Any]:
        status, since = self._book.result_status(one)
        failed = {"delivery": ["the sandbox was asked to let it fail"]} if status == "failed" else {}
        return {
            "id": one.id,
            "status": status,
            "created": millis(one.created),
            "updated": millis(since),
            "completed": millis(one.ended) if one.ended else None,
            "properties": {
                "item_ids": [one.match.item_id],
                "item_types": [one.match.item_type],
                "item_datetime": millis(one.match.acquired),
            },
            "errors": failed,
            "outputs": list(one.match.files) if status == "success" else [],
        }


def _details(call: Call) -> str | None:
    text = call.body.get("details") if isinstance(call.body, dict) else None
    return str(text) if text else None


def _wrong_state(one: Subscription, what: str) -> Refusal:
    return Refusal(409, {"code": 409, "message": f"a subscription that is {one.status.value} cannot be {what}"})


def _reference(body: Mapping[str, Any]) -> str | None:
    geometry = body["source"]["parameters"]["geometry"]
    return str(geometry.get("content")) if geometry.get("type") == "ref" else None


def _patched(old: Any, new: Any) -> Any:
    """Lay a partial request over a whole one; a geometry is replaced as a whole."""
    if not isinstance(old, Mapping) or not isinstance(new, Mapping) or "coordinates" in old or "content" in old:
        return new
    return {**old, **{name: _patched(old.get(name), value) for name, value in new.items()}}


def _line(values: Sequence[Any]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(values)
    return buffer.getvalue()

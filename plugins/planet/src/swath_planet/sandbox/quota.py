# SPDX-License-Identifier: Apache-2.0
"""The quota part of the Account API: products, and areas reserved from their quota."""

from __future__ import annotations

import datetime as dt
import fnmatch
import math
import operator
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from attrs import define
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from swath.sandbox import World
from swath_planet.sandbox.access import Accounts, Call, Refusal
from swath_planet.sandbox.feature_store import FeatureStore
from swath_planet.sandbox.service import millis, routes, whole_number

__all__ = ["QuotaApi"]

ROOT = "/account/v1"
_PER_S = 10
_MOST_ON_PAGE = 1000
_ITEM_S = 2.0
_QUOTA = 1_000_000.0
_PRODUCTS: tuple[dict[str, Any], ...] = (
    {
        "id": 7, "title": "PlanetScope Area Under Management", "supports_reservation": True, "quota_total": _QUOTA,
        "quota_units": "hectares",
    },
    {
        "id": 8, "title": "Field Quota", "supports_reservation": True, "quota_total": 1000.0,
        "quota_units": "hectares",
    },
    {
        "id": 9, "title": "SkySat Archive", "supports_reservation": False, "quota_total": 5000.0,
        "quota_units": "square kilometers",
    },
)  # fmt: skip
_WORDS = frozenset({"limit", "offset", "fields", "sort", "api_key"})


@define(kw_only=True)
class _Job:
    id: str
    owner: str
    created: dt.datetime
    items: tuple[tuple[str, float], ...]
    body: Mapping[str, Any]
    done: int = 0


class QuotaApi:
    """Everything below ``/account/v1``."""

    def __init__(self, world: World, accounts: Accounts, features: FeatureStore) -> None:
        self._world, self._accounts, self._features = world, accounts, features
        self._reservations: list[dict[str, Any]] = []
        self._jobs: list[_Job] = []
        self._lock = threading.RLock()

    def routes(self) -> list[Route]:
        """List the routes."""
        base = "/quota-reservations"
        table = [
            ("GET", f"{base}/", self._list),
            ("GET", base, self._list),
            ("POST", f"{base}/", self._create),
            ("POST", base, self._create),
            ("POST", f"{base}/bulk-reserve", self._create_many),
            ("POST", f"{base}/estimate", self._estimate),
            ("GET", f"{base}/jobs", self._list_jobs),
            ("GET", f"{base}/jobs/{{id}}", self._get_job),
            ("GET", f"{base}/{{id}}", self._get),
            ("GET", "/my/products", self._products),
        ]
        return routes(self._world, self._accounts, ROOT, "quota", table, per_s=_PER_S)

    def _products(self, call: Call) -> Response:
        used = [{**one, "quota_used": self._used(call, one["id"])} for one in _PRODUCTS]
        return _page(call, used)

    # --- reservations ---

    def _list(self, call: Call) -> Response:
        self._advance()
        with self._lock:
            own = [dict(one) for one in self._reservations if one["user_id"] == call.account.user]
        return _page(call, own)

    def _get(self, call: Call) -> Response:
        self._advance()
        for one in self._reservations:
            if str(one["id"]) == call.path["id"] and one["user_id"] == call.account.user:
                return JSONResponse(one)
        raise _refusal(404, f"reservation {call.path['id']} not found")

    def _estimate(self, call: Call) -> Response:
        product, items = self._asked(call)
        reserved = self._reserved(call, product)
        costs = [
            {"aoi_ref": ref, "cost": 0.0 if ref in reserved else cost, "reserved": ref in reserved}
            for ref, cost in items
        ]
        return JSONResponse(
            {
                "estimated_costs": costs,
                "total_cost": round(math.fsum(cost for ref, cost in items if ref not in reserved), 4),
                **self._state(call, product),
                "quota_units": product["quota_units"],
            }
        )

    def _create(self, call: Call) -> Response:
        call.need_right("reserve quota")
        product, items = self._asked(call)
        with self._lock:
            reserved = self._reserved(call, product)
            wanted = [one for one in items if one[0] not in reserved]
            self._check_left(call, product, wanted)
            made = [self._reserve(call.account.user, call.body, ref, cost) for ref, cost in wanted]
            state = self._state(call, product)
        refs = [one["aoi_ref"] for one in made]
        told = {**state, "quota_reservations": made, "reserved_refs": refs}
        return JSONResponse(told, status_code=201)

    def _create_many(self, call: Call) -> Response:
        call.need_right("reserve quota")
        product, items = self._asked(call)
        with self._lock:
            self._check_left(call, product, items)
            made = _Job(
                id=f"{self._world.key('planet quota job', len(self._jobs)):016x}",
                owner=call.account.user,
                created=self._world.clock.now(),
                items=tuple(items),
                body=call.body,
            )
            self._jobs.append(made)
        return JSONResponse({"job_id": made.id, "status": "pending"}, status_code=202)

    def _list_jobs(self, call: Call) -> Response:
        self._advance()
        return _page(call, [self._job(one) for one in self._jobs if one.owner == call.account.user])

    def _get_job(self, call: Call) -> Response:
        self._advance()
        for one in self._jobs:
            if one.id == call.path["id"] and one.owner == call.account.user:
                return JSONResponse(self._job(one))
        raise _refusal(404, f"job {call.path['id']} not found")

    def _job(self, job: _Job) -> dict[str, Any]:
        total = len(job.items)
        status = "completed" if job.done >= total else "processing" if job.done else "pending"
        return {
            "id": job.id,
            "job_id": job.id,
            "status": status,
            "percentage": round(100 * job.done / total) if total else 100,
            "processed_items": job.done,
            "total_items": total,
            "created_at": millis(job.created),
        }

    def _advance(self) -> None:
        """Reserve what jobs have come to by now, one area after the other."""
        with self._lock:
            for job in self._jobs:
                gone = self._world.clock.now() - job.created
                due = min(int(gone / self._world.clock.delay(_ITEM_S)), len(job.items))
                for ref, cost in job.items[job.done : due]:
                    if not self._is_reserved(job.owner, job.body["product_id"], ref):
                        self._reserve(job.owner, job.body, ref, cost)
                job.done = max(job.done, due)

    # --- accounting ---

    def _asked(self, call: Call) -> tuple[dict[str, Any], list[tuple[str, float]]]:
        """Check a body that names areas and a product; gives the product, and reference and cost of every area."""
        self._advance()
        body = call.body if isinstance(call.body, dict) else {}
        refs, product_id = body.get("aoi_refs"), body.get("product_id")
        if not isinstance(refs, list) or not refs or not all(isinstance(one, str) for one in refs):
            raise _refusal(400, "aoi_refs must be a list of references that is not empty")
        product = next((one for one in _PRODUCTS if one["id"] == product_id), None)
        if product is None:
            raise _refusal(404, f"product {product_id!r} not found")
        if not product["supports_reservation"]:
            raise _refusal(400, f"product {product_id} does not support reservations")
        try:
            found = [one for ref in refs for one in self._features.referred(call.account, ref)]
        except LookupError as err:
            raise _refusal(400, str(err)) from err
        return product, [(ref, round(feature.area / 10_000, 4)) for ref, feature in found]

    def _reserve(self, user: str, body: Mapping[str, Any], ref: str, cost: float) -> dict[str, Any]:
        now = millis(self._world.clock.now())
        made = {
            "id": len(self._reservations) + 1, "aoi_ref": ref, "product_id": body["product_id"],
            "collection_id": body.get("collection_id"), "amount": cost, "state": "reserved", "user_id": user,
            "created_at": now, "updated_at": now,
        }  # fmt: skip
        self._reservations.append(made)
        return made

    def _is_reserved(self, user: str, product_id: int, ref: str) -> bool:
        return any(
            (one["user_id"], one["product_id"], one["aoi_ref"]) == (user, product_id, ref) for one in self._reservations
        )

    def _reserved(self, call: Call, product: Mapping[str, Any]) -> set[str]:
        own = (call.account.user, product["id"])
        return {one["aoi_ref"] for one in self._reservations if (one["user_id"], one["product_id"]) == own}

    def _used(self, call: Call, product_id: int) -> float:
        own = (call.account.user, product_id)
        amounts = [one["amount"] for one in self._reservations if (one["user_id"], one["product_id"]) == own]
        return round(math.fsum(amounts), 4)

    def _state(self, call: Call, product: Mapping[str, Any]) -> dict[str, Any]:
        total, used = product["quota_total"], self._used(call, product["id"])
        return {"quota_total": total, "quota_used": used, "quota_remaining": round(total - used, 4)}

    def _check_left(self, call: Call, product: Mapping[str, Any], items: Iterable[tuple[str, float]]) -> None:
        cost, left = math.fsum(one for _, one in items), self._state(call, product)["quota_remaining"]
        if cost > left:
            raise _refusal(400, f"insufficient quota: {cost:g} needed, {left:g} left")


def _refusal(status: int, text: str) -> Refusal:
    return Refusal(status, {"code": status, "message": text})


# --- lists ---


def _page(call: Call, rows: Sequence[Mapping[str, Any]]) -> Response:
    """Answer a list: filtered, sorted, cut to a page and to the fields asked for."""

    def refuse(text: str) -> Refusal:
        return _refusal(400, text)

    size = whole_number(call.query, "limit", 100, least=1, most=_MOST_ON_PAGE, refuse=refuse)
    start = whole_number(call.query, "offset", 0, least=0, most=10**9, refuse=refuse)
    asked = {name: value for name, value in call.query.items() if name not in _WORDS}
    found = [row for row in rows if all(_holds(row, name, value) for name, value in asked.items())]
    for part in reversed((call.query.get("sort") or "").split(",")):
        name = part.strip().removeprefix("-")
        if name:
            found.sort(key=lambda row: (row.get(name) is not None, row.get(name)), reverse=part.strip()[0] == "-")
    fields = [one.strip() for one in (call.query.get("fields") or "").split(",") if one.strip()]
    page = [{k: v for k, v in row.items() if not fields or k in fields} for row in found[start : start + size]]

    def at(offset: int) -> str:
        return str(call.request.url.include_query_params(limit=size, offset=offset))

    following = at(start + size) if start + size < len(found) else None
    meta = {
        "args": dict(call.query), "count": len(found), "next": following,
        "prev": at(max(start - size, 0)) if start else None,
    }  # fmt: skip
    return JSONResponse({"meta": meta, "results": page})


def _holds(row: Mapping[str, Any], name: str, text: str) -> bool:
    """Say whether a row passes a filter ``field`` or ``field__op``."""
    field, _, word = name.partition("__")
    check = _CHECKS.get(word or "eq")
    if check is None:
        raise _refusal(400, f"unknown filter {name!r}")
    if field not in row:
        return False
    try:
        return check(row[field], text)
    except ValueError as err:
        raise _refusal(400, f"{text!r} does not fit the filter {name!r}") from err


def _alike(value: Any, text: str) -> Any:
    """Read a filter's text as what it is compared with."""
    if isinstance(value, bool):
        return text.lower() == "true"
    return type(value)(text) if isinstance(value, int | float) else text


def _compared(how: Callable[[Any, Any], bool]) -> Callable[[Any, str], bool]:
    return lambda value, text: value is not None and how(value, _alike(value, text))


def _like(value: Any, text: str) -> bool:
    return fnmatch.fnmatchcase(str(value), text.replace("%", "*").replace("_", "?"))


_CHECKS: Mapping[str, Callable[[Any, str], bool]] = {
    "eq": _compared(operator.eq),
    "ne": _compared(operator.ne),
    "lt": _compared(operator.lt),
    "lte": _compared(operator.le),
    "gt": _compared(operator.gt),
    "gte": _compared(operator.ge),
    "like": _like,
    "ilike": lambda value, text: _like(str(value).lower(), text.lower()),
    "icontains": lambda value, text: text.lower() in str(value).lower(),
    "isnull": lambda value, text: (value is None) is (text.lower() == "true"),
    "in": lambda value, text: value in [_alike(value, one) for one in text.split(",")],
    "notin": lambda value, text: value not in [_alike(value, one) for one in text.split(",")],
}

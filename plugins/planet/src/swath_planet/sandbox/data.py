# SPDX-License-Identifier: Apache-2.0
"""The Data API's routes."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from swath.sandbox import LinkState, World
from swath.sandbox.serving import file_response
from swath_planet.sandbox.access import Accounts, Call, Refusal, bad_query, endpoint
from swath_planet.sandbox.activation import Assets
from swath_planet.sandbox.bundles import SPEC
from swath_planet.sandbox.coverage import Coverage
from swath_planet.sandbox.feature_store import FeatureStore
from swath_planet.sandbox.files import Cache
from swath_planet.sandbox.filters import parse_time
from swath_planet.sandbox.holdings import ITEM_TYPES, Holdings, Item, stamp
from swath_planet.sandbox.products import ASSET_TYPES, file_name, product_of
from swath_planet.sandbox.saved import Searches
from swath_planet.sandbox.searching import SORTS, Search, make_search

__all__ = ["DataApi"]

ROOT = "/data/v1"
_GENERAL_PER_S, _ACTIVATE_PER_S, _DOWNLOAD_PER_S = 10, 5, 15
_MOST_ON_PAGE = 250
_THUMB_PX = 256
_MOST_THUMB_PX = 512
_INTERVALS = ("hour", "day", "week", "month", "year")


class DataApi:
    """Everything below ``/data/v1``."""

    def __init__(
        self,
        world: World,
        accounts: Accounts,
        holdings: Holdings,
        assets: Assets,
        cache: Cache,
        *,
        features: FeatureStore,
    ) -> None:
        self._world, self._accounts, self._holdings = world, accounts, holdings
        self._assets, self._cache, self._features = assets, cache, features
        self._searches = Searches(world)
        self._coverage = Coverage(world, features)

    def routes(self) -> list[Route]:
        """List the routes."""
        item = "/item-types/{type}/items/{id}"
        table: list[tuple[str, str, Callable[[Call], Response]]] = [
            ("GET", "", self._root),
            ("GET", "/", self._root),
            ("GET", "/item-types", self._item_types),
            ("GET", "/item-types/{type}", self._item_type),
            ("GET", "/asset-types", self._asset_types),
            ("GET", "/asset-types/{type}", self._asset_type),
            ("GET", "/spec", self._spec),
            ("POST", "/quick-search", self._quick_search),
            ("POST", "/searches", self._create_search),
            ("GET", "/searches", self._list_searches),
            ("GET", "/searches/{id}", self._get_search),
            ("PUT", "/searches/{id}", self._update_search),
            ("DELETE", "/searches/{id}", self._delete_search),
            ("GET", "/searches/{id}/results", self._run_search),
            ("POST", "/stats", self._stats),
            ("GET", item, self._get_item),
            ("GET", f"{item}/assets", self._list_assets),
            ("GET", f"{item}/assets/", self._list_assets),
            ("GET", f"{item}/thumb", self._thumb),
            ("POST", f"{item}/coverage", self._get_coverage),
            ("GET", "/assets/{token}", self._get_asset),
        ]
        routes = [self._route(method, path, function, "data", _GENERAL_PER_S) for method, path, function in table]
        activate = "/assets/{token}/activate"
        routes += [
            self._route(method, activate, self._activate, "data activate", _ACTIVATE_PER_S)
            for method in ("GET", "POST")
        ]
        routes.append(self._route("GET", "/download", self._download, "data download", _DOWNLOAD_PER_S, auth=False))
        return routes

    def _route(
        self,
        method: str,
        path: str,
        function: Callable[[Call], Response],
        name: str,
        per_s: float,
        *,
        auth: bool = True,
    ) -> Route:
        served = endpoint(self._world, self._accounts, name, per_s, auth=auth)(function)
        return Route(f"{ROOT}{path}", served, methods=[method])

    # --- what there is ---

    def _root(self, call: Call) -> Response:
        names = ("item-types", "asset-types", "searches", "quick-search", "stats", "spec")
        links = {name: call.url(f"{ROOT}/{name}") for name in names}
        return JSONResponse({"_links": {"_self": call.url(f"{ROOT}/"), **links}})

    def _item_types(self, call: Call) -> Response:
        return JSONResponse({"_links": {"_self": call.url(f"{ROOT}/item-types")}, "item_types": [
            self._describe_type(call, name) for name in ITEM_TYPES
        ]})  # fmt: skip

    def _item_type(self, call: Call) -> Response:
        return JSONResponse(self._describe_type(call, call.path["type"]))

    def _describe_type(self, call: Call, name: str) -> dict[str, Any]:
        if name not in ITEM_TYPES:
            raise _missing("The requested item type does not exist")
        supported = sorted({a for bundle in SPEC["bundles"].values() for a in bundle["assets"].get(name, ())})
        return {
            "_links": {"_self": call.url(f"{ROOT}/item-types/{name}")},
            "id": name,
            "display_name": ITEM_TYPES[name],
            "display_description": ITEM_TYPES[name],
            "supported_asset_types": supported,
        }

    def _asset_types(self, call: Call) -> Response:
        told = [self._describe_asset_type(call, name) for name in ASSET_TYPES]
        return JSONResponse({"_links": {"_self": call.url(f"{ROOT}/asset-types")}, "asset_types": told})

    def _asset_type(self, call: Call) -> Response:
        if call.path["type"] not in ASSET_TYPES:
            raise _missing("The requested asset type does not exist")
        return JSONResponse(self._describe_asset_type(call, call.path["type"]))

    def _describe_asset_type(self, call: Call, name: str) -> dict[str, Any]:
        return {"_links": {"_self": call.url(f"{ROOT}/asset-types/{name}")}, "id": name, "display_name": name}

    def _spec(self, call: Call) -> Response:
        del call
        return JSONResponse({"swagger": "2.0", "info": {"title": "Planet Data API", "version": "v1"}, "basePath": ROOT})

    # --- searches ---

    def _quick_search(self, call: Call) -> Response:
        search = self._made(call, call.body)
        saved = self._searches.add(call.account, call.body, "quick")
        return self._page(call, search, saved["id"])

    def _run_search(self, call: Call) -> Response:
        saved = self._searches.get(call.account, call.path["id"])
        search = self._made(call, saved)
        self._searches.executed(call.account, call.path["id"])
        return self._page(call, search, saved["id"])

    def _made(self, call: Call, body: Any) -> Search:
        """Check a search, whose geometry may be a Features reference."""
        if isinstance(body, Mapping) and body.get("geometry") is not None:
            place = self._features.geometry(call.account, body["geometry"], lambda text: bad_query(text, "geometry"))
            body = {**body, "geometry": place}
        return make_search(body, call.account)

    def _page(self, call: Call, search: Search, search_id: str) -> Response:
        sort = call.query.get("_sort") or SORTS[0]
        if sort not in SORTS:
            raise bad_query(f"{sort!r} is not a valid sort", "_sort")
        size = _page_size(call)
        page = search.page(self._holdings, sort, size, call.query.get("_page"))
        path = f"{ROOT}/searches/{search_id}/results"
        base = f"{path}?_page_size={size}&_sort={sort.replace(' ', '+')}"
        links = {"_self": call.url(base), "_first": call.url(base), "_next": None}
        if page.cursor is not None:
            links["_next"] = call.url(f"{base}&_page={page.cursor}")
        features = [self._feature(call, item) for item in page.items]
        return JSONResponse({"type": "FeatureCollection", "_links": links, "features": features})

    def _create_search(self, call: Call) -> Response:
        self._check_saved(call)
        return JSONResponse(self._with_links(call, self._searches.add(call.account, call.body, "saved")))

    def _update_search(self, call: Call) -> Response:
        self._searches.get(call.account, call.path["id"])
        self._check_saved(call)
        found = self._searches.update(call.account, call.path["id"], call.body)
        return JSONResponse(self._with_links(call, found))

    def _check_saved(self, call: Call) -> None:
        """Refuse what is no search; a Features reference may be stored."""
        body = call.body
        if not isinstance(body, dict) or not isinstance(body.get("name"), str) or not body["name"]:
            raise bad_query("name is required", "name")
        if "filter" not in body:
            raise bad_query("filter is required", "filter")
        geometry = body.get("geometry")
        reference = isinstance(geometry, dict) and geometry.get("type") == "ref"
        make_search({**body, "geometry": None} if reference else body, call.account)

    def _get_search(self, call: Call) -> Response:
        return JSONResponse(self._with_links(call, self._searches.get(call.account, call.path["id"])))

    def _delete_search(self, call: Call) -> Response:
        self._searches.delete(call.account, call.path["id"])
        return Response(status_code=204)

    def _list_searches(self, call: Call) -> Response:
        kind, sort = call.query.get("search_type", "any"), call.query.get("_sort", "created desc")
        found = self._searches.listed(call.account, kind, sort)
        size = _page_size(call)
        try:
            start = int(call.query.get("_page", "0"))
        except ValueError as err:
            raise bad_query("invalid _page parameter", "_page") from err
        path = f"{ROOT}/searches?search_type={kind}&_sort={sort.replace(' ', '+')}&_page_size={size}"
        more = start + size < len(found)
        links = {"_self": call.url(path), "_next": call.url(f"{path}&_page={start + size}") if more else None}
        return JSONResponse(
            {"_links": links, "searches": [self._with_links(call, one) for one in found[start : start + size]]}
        )

    def _with_links(self, call: Call, saved: dict[str, Any]) -> dict[str, Any]:
        own = call.url(f"{ROOT}/searches/{saved['id']}")
        return {**saved, "_links": {"_self": own, "results": f"{own}/results"}}

    def _stats(self, call: Call) -> Response:
        search = self._made(call, call.body)
        interval = call.body.get("interval")
        if interval not in _INTERVALS:
            raise bad_query(f"{interval!r} is not a valid interval", "interval")
        times = (parse_time(item.properties["acquired"]) for item in search.items(self._holdings, "acquired asc"))
        return JSONResponse({"interval": interval, "utc_offset": "+0h", "buckets": _buckets(times, interval)})

    # --- items ---

    def _item(self, call: Call) -> Item:
        item = self._holdings.get(call.path["type"], call.path["id"])
        if item is None:
            raise _missing("The requested item id does not exist")
        return item

    def _get_item(self, call: Call) -> Response:
        return JSONResponse(self._feature(call, self._item(call)))

    def _feature(self, call: Call, item: Item) -> dict[str, Any]:
        own = call.url(f"{ROOT}/item-types/{item.item_type}/items/{item.id}")
        granted = [f"assets.{name}:download" for name in item.assets] if call.account.entitled else []
        return {
            "type": "Feature",
            "id": item.id,
            "_links": {"_self": own, "assets": f"{own}/assets/", "thumbnail": f"{own}/thumb"},
            "_permissions": granted,
            "assets": list(item.assets),
            "geometry": item.scene.footprint,
            "properties": dict(item.properties),
        }

    def _thumb(self, call: Call) -> Response:
        from swath_planet.sandbox.pixels import thumbnail

        item = self._item(call)
        asked = call.query.get("width", "")
        size = min(int(asked), _MOST_THUMB_PX) if asked.isdecimal() and int(asked) > 0 else _THUMB_PX
        made = self._cache.get(("thumb", item.item_type, item.id, str(size)), lambda: thumbnail(item, size))
        return file_response(call.request, made.data, media_type="image/png", etag=made.md5)

    def _get_coverage(self, call: Call) -> Response:
        return JSONResponse(self._coverage.answer(call, self._item(call)))

    # --- assets ---

    def _list_assets(self, call: Call) -> Response:
        item = self._item(call)
        return JSONResponse({name: self._assets.describe(call, item, name) for name in item.assets})

    def _asset(self, call: Call) -> tuple[Item, str]:
        found = self._assets.find(call.path["token"])
        if found is None:
            raise _missing("The requested asset does not exist")
        return found

    def _get_asset(self, call: Call) -> Response:
        return JSONResponse(self._assets.describe(call, *self._asset(call)))

    def _activate(self, call: Call) -> Response:
        item, asset_type = self._asset(call)
        if not call.account.entitled:
            raise Refusal(401, {"message": "You do not have permission to activate this asset.", "errors": []})
        return Response(status_code=204 if self._assets.activate(item, asset_type) else 202)

    def _download(self, call: Call) -> Response:
        ticket = self._world.links.read(call.query.get("token", ""))
        if ticket.state is LinkState.EXPIRED:
            raise Refusal(403, {"message": "Link expired"})
        if ticket.state is LinkState.INVALID or not ticket.subject.startswith('["asset",'):
            raise Refusal(401, {"message": "Invalid token"})
        _, item_type, item_id, asset_type = json.loads(ticket.subject)
        item = self._holdings.get(item_type, item_id)
        if item is None:
            raise _missing("The requested item id does not exist")
        made = self._assets.made(item, asset_type)
        return file_response(
            call.request,
            made.data,
            media_type=product_of(item_type, asset_type).media_type,
            filename=file_name(item_type, item_id, asset_type),
            etag=made.md5,
            last_modified=item.published,
        )


def _missing(message: str) -> Refusal:
    return Refusal(404, {"message": message, "errors": []})


def _page_size(call: Call) -> int:
    asked = call.query.get("_page_size", str(_MOST_ON_PAGE))
    if not asked.isdecimal() or not 1 <= int(asked) <= _MOST_ON_PAGE:
        raise bad_query(f"_page_size must be between 1 and {_MOST_ON_PAGE}", "_page_size")
    return int(asked)


def _buckets(times: Iterable[dt.datetime], interval: str) -> list[dict[str, Any]]:
    """Count times by interval; empty intervals between full ones are there too."""
    counts = Counter(_start(time, interval) for time in times)
    buckets = []
    at, last = min(counts, default=None), max(counts, default=None)
    while at is not None and last is not None and at <= last:
        buckets.append({"count": counts[at], "start_time": stamp(at)})
        at = _next(at, interval)
    return buckets


def _start(time: dt.datetime, interval: str) -> dt.datetime:
    hour = time.replace(minute=0, second=0, microsecond=0)
    day = hour.replace(hour=0)
    match interval:
        case "hour":
            return hour
        case "day":
            return day
        case "week":
            return day - dt.timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case _:
            return day.replace(day=1, month=1)


def _next(start: dt.datetime, interval: str) -> dt.datetime:
    days = {"day": 1, "week": 7, "month": 31, "year": 366}
    longest = dt.timedelta(hours=1) if interval == "hour" else dt.timedelta(days=days[interval])
    return _start(start + longest, interval)

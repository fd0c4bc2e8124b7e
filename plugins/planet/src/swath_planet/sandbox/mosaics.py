# SPDX-License-Identifier: Apache-2.0
"""The Basemaps API's routes: mosaics, their series and their quads."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from swath.sandbox import World
from swath.sandbox.serving import file_response
from swath_planet.sandbox.access import Accounts, Call, Refusal
from swath_planet.sandbox.files import Cache
from swath_planet.sandbox.filters import read_geometry
from swath_planet.sandbox.holdings import Holdings
from swath_planet.sandbox.mosaic_shelf import SERIES, Mosaic, Series, Shelf
from swath_planet.sandbox.quads import QUAD_M, Quad, Range, TooMany, in_bbox, in_geometry, picture, thumbnail
from swath_planet.sandbox.searching import make_search
from swath_planet.sandbox.service import routes, whole_number

__all__ = ["MosaicsApi"]

ROOT = "/basemaps/v1"
_PER_S = 10
_ON_PAGE, _MOST_ON_PAGE = 50, 1000
_SEARCHES = 500
_CONTRIBUTIONS = 5
_THUMB_PX = 64
_EQUATOR_M_AT_LEVEL_0 = 156_543.033928041


class MosaicsApi:
    """Everything below ``/basemaps/v1``.

    A search for quads by geometry is answered at once in most mosaics; those of quarters redirect to a page instead.
    """

    def __init__(self, world: World, accounts: Accounts, holdings: Holdings, cache: Cache) -> None:
        self._world, self._accounts, self._holdings, self._cache = world, accounts, holdings, cache
        self._shelf = Shelf(world)
        self._searches: OrderedDict[str, Any] = OrderedDict()

    def routes(self) -> list[Route]:
        """List the routes."""
        quads = "/mosaics/{id}/quads"
        table = [
            ("GET", "/mosaics", self._list),
            ("GET", "/mosaics/{id}", self._get),
            ("GET", "/series", self._list_series),
            ("GET", "/series/{id}", self._get_series),
            ("GET", "/series/{id}/mosaics", self._list_of_series),
            ("GET", quads, self._in_bbox),
            ("POST", f"{quads}/search", self._search),
            ("GET", f"{quads}/search/{{key}}", self._searched),
            ("GET", f"{quads}/{{quad}}", self._get_quad),
            ("GET", f"{quads}/{{quad}}/items", self._items),
            ("GET", f"{quads}/{{quad}}/full", self._download),
            ("GET", f"{quads}/{{quad}}/thumb", self._thumb),
        ]
        return routes(self._world, self._accounts, ROOT, "basemaps", table, per_s=_PER_S)

    # --- mosaics and series ---

    def _list(self, call: Call) -> Response:
        found = _chosen(self._shelf.mosaics(), call.query)
        page, links = _page(call, len(found), "/mosaics")
        return JSONResponse({"mosaics": [self._told(call, found[i]) for i in page], "_links": links})

    def _mosaic(self, call: Call) -> Mosaic:
        found = self._shelf.find(call.path["id"])
        if found is None:
            raise Refusal(404, {"message": f"Mosaic Not Found: {call.path['id']}"})
        return found

    def _get(self, call: Call) -> Response:
        return JSONResponse(self._told(call, self._mosaic(call)))

    def _list_series(self, call: Call) -> Response:
        found = [one for one in SERIES if _named(one.name, one.interval, call.query)]
        found = [one for one in found if _chosen(self._shelf.of(one), _times(call.query))]
        page, links = _page(call, len(found), "/series")
        return JSONResponse({"series": [self._told_series(call, found[i]) for i in page], "_links": links})

    def _series(self, call: Call) -> Series:
        found = next((one for one in SERIES if one.id == call.path["id"]), None)
        if found is None:
            raise Refusal(404, {"message": f"Series Not Found: {call.path['id']}"})
        return found

    def _get_series(self, call: Call) -> Response:
        return JSONResponse(self._told_series(call, self._series(call)))

    def _list_of_series(self, call: Call) -> Response:
        series = self._series(call)
        found = _chosen(self._shelf.of(series), call.query)
        if call.query.get("latest") in {"yes", "true"}:
            found = found[:1]
        page, links = _page(call, len(found), f"/series/{series.id}/mosaics")
        return JSONResponse({"mosaics": [self._told(call, found[i]) for i in page], "_links": links})

    # --- quads ---

    def _in_bbox(self, call: Call) -> Response:
        mosaic = self._mosaic(call)
        try:
            bbox = [float(part) for part in call.query.get("bbox", "").split(",")]
        except ValueError:
            bbox = []
        if len(bbox) != 4 or not all(math.isfinite(one) for one in bbox) or bbox[1] > bbox[3]:
            raise _bad("bbox must be four numbers: west, south, east, north")
        held = [one.both(mosaic.quads) for one in in_bbox(bbox)]
        return self._listed(call, mosaic, held, f"/mosaics/{mosaic.id}/quads")

    def _search(self, call: Call) -> Response:
        mosaic = self._mosaic(call)
        key = hashlib.sha256(json.dumps(call.body, sort_keys=True).encode()).hexdigest()[:24]
        self._quads_of(mosaic, call.body)
        self._searches[key] = call.body
        while len(self._searches) > _SEARCHES:
            self._searches.popitem(last=False)
        if mosaic.series is not None and mosaic.series.months > 1:
            own = call.url(f"{ROOT}/mosaics/{mosaic.id}/quads/search/{key}")
            return RedirectResponse(f"{own}?{call.request.url.query}", status_code=302)
        return self._searched_page(call, mosaic, key)

    def _searched(self, call: Call) -> Response:
        mosaic = self._mosaic(call)
        if call.path["key"] not in self._searches:
            raise Refusal(404, {"message": f"Search Not Found: {call.path['key']}"})
        return self._searched_page(call, mosaic, call.path["key"])

    def _searched_page(self, call: Call, mosaic: Mosaic, key: str) -> Response:
        found = self._quads_of(mosaic, self._searches[key])
        return self._listed(call, mosaic, found, f"/mosaics/{mosaic.id}/quads/search/{key}")

    def _quads_of(self, mosaic: Mosaic, geometry: Any) -> list[Quad]:
        try:
            return [quad for quad in in_geometry(read_geometry(geometry)) if mosaic.has(quad)]
        except Refusal as err:
            raise _bad(str(err.body["general"][0]["message"])) from err
        except TooMany as err:
            raise _bad(str(err)) from err

    def _listed(self, call: Call, mosaic: Mosaic, found: Sequence[Range] | Sequence[Quad], path: str) -> Response:
        """Answer a page of quads, which are counted but not made one by one where they are rectangles."""
        total = sum(len(one) if isinstance(one, Range) else 1 for one in found)
        page, links = _page(call, total, path)
        quads: list[Quad] = []
        behind = 0
        for one in found:
            if isinstance(one, Quad):
                quads += [one] if behind in page else []
                behind += 1
            else:
                quads += one.part(max(page.start - behind, 0), max(page.stop - behind, 0))
                behind += len(one)
        is_minimal = call.query.get("minimal") == "true"
        told = [self._told_quad(call, mosaic, quad, is_minimal=is_minimal) for quad in quads]
        summary = {"summary": {"total_quads": total}} if call.query.get("summary") == "true" else {}
        return JSONResponse({"_links": links, "items": told, **summary})

    def _quad(self, call: Call) -> tuple[Mosaic, Quad]:
        mosaic, quad = self._mosaic(call), Quad.named(call.path["quad"])
        if quad is None or not mosaic.has(quad):
            raise Refusal(404, {"message": f"Quad Not Found: {call.path['quad']}"})
        return mosaic, quad

    def _get_quad(self, call: Call) -> Response:
        return JSONResponse(self._told_quad(call, *self._quad(call), is_minimal=False))

    def _items(self, call: Call) -> Response:
        """Name the least cloudy items of the mosaic's time that show the quad."""
        mosaic, quad = self._quad(call)
        west, south, east, north = quad.bbox
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        span = {"gte": mosaic.first.isoformat(), "lt": mosaic.last.isoformat()}
        config = [
            {"type": "DateRangeFilter", "field_name": "acquired", "config": span},
            {"type": "GeometryFilter", "field_name": "geometry", "config": {"type": "Polygon", "coordinates": [ring]}},
        ]
        asked = {"item_types": ["PSScene"], "filter": {"type": "AndFilter", "config": config}}
        found = make_search(asked, call.account).items(self._holdings, "acquired desc")
        best = sorted(found, key=lambda item: (item.scene.cloud_cover, item.id))[:_CONTRIBUTIONS]
        items = [{"link": call.url(f"/data/v1/item-types/{one.item_type}/items/{one.id}")} for one in best]
        own = call.url(f"{ROOT}/mosaics/{mosaic.id}/quads/{quad.id}/items")
        return JSONResponse({"_links": {"_self": own}, "items": items})

    def _download(self, call: Call) -> Response:
        call.need_right("download quads")
        mosaic, quad = self._quad(call)
        pixels, seed = self._world.scene_pixels, self._world.key("planet mosaic", mosaic.name, quad.id)
        made = self._cache.get(
            ("quad", mosaic.id, quad.id), lambda: picture(quad, pixels=pixels, seed=seed, when=mosaic.first.date())
        )
        return file_response(
            call.request,
            made.data,
            media_type="image/tiff",
            filename=f"{mosaic.name}_{quad.id}.tif",
            etag=made.md5,
            last_modified=mosaic.last,
        )

    def _thumb(self, call: Call) -> Response:
        mosaic, quad = self._quad(call)
        seed = self._world.key("planet mosaic", mosaic.name, quad.id)
        data = thumbnail(quad, pixels=_THUMB_PX, seed=seed, when=mosaic.first.date())
        return file_response(call.request, data, media_type="image/png")

    # --- as JSON ---

    def _told(self, call: Call, one: Mosaic) -> dict[str, Any]:
        own = call.url(f"{ROOT}/mosaics/{one.id}")
        resolution = QUAD_M / self._world.scene_pixels
        tiles = f"{ROOT}/planet-tiles/{one.name}/gmap/{{z}}/{{x}}/{{y}}.png"
        return {
            "id": one.id,
            "name": one.name,
            "interval": one.interval,
            "product_type": "timelapse",
            "datatype": "byte",
            "coordinate_system": "EPSG:3857",
            "grid": {"quad_size": self._world.scene_pixels, "resolution": resolution},
            "level": round(math.log2(_EQUATOR_M_AT_LEVEL_0 / resolution)),
            "bbox": list(one.bbox),
            "first_acquired": _seconds(one.first),
            "last_acquired": _seconds(one.last),
            "item_types": ["PSScene"],
            "quad_download": call.account.entitled,
            "_links": {
                "_self": own,
                "quads": f"{own}/quads?bbox={{lx}},{{ly}},{{ux}},{{uy}}",
                "tiles": call.url(tiles),
            },
        }

    def _told_series(self, call: Call, one: Series) -> dict[str, Any]:
        own = call.url(f"{ROOT}/series/{one.id}")
        mosaics = self._shelf.of(one)
        return {
            "id": one.id,
            "name": one.name,
            "interval": one.interval,
            "first_acquired": _seconds(mosaics[-1].first),
            "last_acquired": _seconds(mosaics[0].last),
            "_links": {"_self": own, "mosaics": f"{own}/mosaics"},
        }

    def _told_quad(self, call: Call, mosaic: Mosaic, quad: Quad, *, is_minimal: bool) -> dict[str, Any]:
        own = call.url(f"{ROOT}/mosaics/{mosaic.id}/quads/{quad.id}")
        links = {"_self": own, "download": f"{own}/full", "items": f"{own}/items", "thumbnail": f"{own}/thumb"}
        if is_minimal:
            return {"id": quad.id, "_links": {"_self": own, "download": links["download"]}}
        return {"id": quad.id, "bbox": list(quad.bbox), "percent_covered": 100, "_links": links}


def _bad(text: str) -> Refusal:
    return Refusal(400, {"message": text})


def _seconds(time: dt.datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _named(name: str, interval: str, query: Mapping[str, str]) -> bool:
    return (
        query.get("name__is") in {None, name}
        and query.get("name__contains", "").lower() in name.lower()
        and query.get("interval") in {None, interval}
    )


def _times(query: Mapping[str, str]) -> dict[str, str]:
    return {name: query[name] for name in ("acquired__gt", "acquired__lt") if name in query}


def _chosen(mosaics: Sequence[Mosaic], query: Mapping[str, str]) -> list[Mosaic]:
    """Apply a list's filters: acquired later, or earlier, than some time, even if only in part."""
    after, before = (_time(query, name) for name in ("acquired__gt", "acquired__lt"))
    return [
        one
        for one in mosaics
        if _named(one.name, one.interval, query)
        and (after is None or one.last > after)
        and (before is None or one.first < before)
    ]


def _time(query: Mapping[str, str], name: str) -> dt.datetime | None:
    text = query.get(name)
    if not text:
        return None
    try:
        time = dt.datetime.fromisoformat(text)
    except ValueError as err:
        raise _bad(f"{name}: {text!r} is not a time") from err
    return time if time.tzinfo else time.replace(tzinfo=dt.UTC)


def _page(call: Call, total: int, path: str) -> tuple[range, dict[str, str | None]]:
    """Give which rows a page has, and its links; the next page repeats the question."""
    size = whole_number(call.query, "_page_size", _ON_PAGE, least=1, most=_MOST_ON_PAGE, refuse=_bad)
    start = whole_number(call.query, "_page", 0, least=0, most=10**9, refuse=_bad)
    stop = min(start + size, total)

    def at(row: int) -> str:
        url = call.request.url.include_query_params(_page=row, _page_size=size)
        return f"{call.url(f'{ROOT}{path}')}?{url.query}"

    links = {"_self": at(start), "_next": at(stop) if stop < total else None}
    return range(min(start, stop), stop), links

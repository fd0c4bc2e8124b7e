# SPDX-License-Identifier: Apache-2.0
"""A stand-in for Example Imaging's service: it keeps state, takes time, and delivers real files."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from swath.sandbox import Catalogue, LinkState, Scene, StandIn, World
from swath.sandbox.scenes import optical_cog, quicklook_png, scene_grid
from swath.sandbox.serving import file_response
from swath_example.provider import BANDS, MAX_PAGE_SIZE

__all__ = ["make_stand_in"]

KEY = "example-sandbox-key"
CREDITS = 1000
STEPS_S = {"working": 60.0, "ready": 300.0}
"""Seconds after ordering at which an order goes on, at the real service's speed."""
LINK_S = 600.0


def make_stand_in(world: World) -> StandIn:
    """Make the service, and say which environment lets a client in."""
    service = _Service(world)
    routes = [
        Route("/v1/scenes", service.scenes),
        Route("/v1/scenes/{scene}/preview.png", service.preview),
        Route("/v1/price", service.price),
        Route("/v1/orders", service.create, methods=["POST"]),
        Route("/v1/orders", service.orders),
        Route("/v1/orders/{order}", service.order, methods=["GET", "DELETE"]),
        Route("/v1/orders/{order}/files", service.files),
        Route("/v1/files/{name}", service.file),
    ]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _refused})
    return StandIn(app=app, env=lambda base_url: {"EXAMPLE_API_KEY": KEY, "SWATH_EXAMPLE_URL": base_url})


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  (registered for nothing else)
    return JSONResponse({"message": error.detail}, status_code=error.status_code)


class _Service:
    def __init__(self, world: World) -> None:
        self._world = world
        self._catalogue = Catalogue(
            name="example",
            seed=world.seed,
            first=dt.datetime(2020, 1, 1, tzinfo=dt.UTC),
            now=world.clock.now,
        )
        self._orders: dict[str, dict[str, Any]] = {}
        self._picture = lru_cache(maxsize=64)(self._draw)

    # --- access ------------------------------------------------------------------------------------------------------

    def _admit(self, request: Request) -> None:
        """Refuse a wrong key, and more than ten requests a second."""
        if request.headers.get("x-api-key") != KEY:
            raise HTTPException(401, "this key is not known")
        if not self._world.limiter("example", 10).take().allowed:
            raise HTTPException(429, "at most 10 requests a second")

    # --- catalogue ---------------------------------------------------------------------------------------------------

    def _scene(self, scene_id: str) -> Scene | None:
        found = re.fullmatch(r"EX-(\d{4})-(\d{3})-(\d{8})", scene_id)
        if found is None:
            return None
        day = dt.datetime.strptime(found[3], "%Y%m%d").replace(tzinfo=dt.UTC).date()
        return self._catalogue.scene(int(found[1]), int(found[2]), day)

    def _known(self, scene_ids: Iterable[str]) -> dict[str, Scene]:
        found = {scene_id: self._scene(scene_id) for scene_id in scene_ids}
        for scene_id, scene in found.items():
            if scene is None:
                raise HTTPException(400, f"there is no scene {scene_id!r}")
        return {scene_id: scene for scene_id, scene in found.items() if scene is not None}

    async def scenes(self, request: Request) -> Response:
        """Search, newest first."""
        self._admit(request)
        asked = request.query_params
        boxes = [_box(asked["box"])] if "box" in asked else None
        start, end = (_time(asked[name]) if name in asked else None for name in ("from", "to"))
        found: Iterable[Scene] = self._catalogue.search(boxes, start, end)
        if "ids" in asked:
            named = (self._scene(scene_id) for scene_id in asked["ids"].split(","))
            found = [scene for scene in named if scene is not None]
        if "max_cloud" in asked:
            found = (scene for scene in found if scene.cloud_cover / 100 <= float(asked["max_cloud"]))
        first, size = int(asked.get("page", 0)), min(int(asked.get("per_page", 20)), MAX_PAGE_SIZE)
        page = list(itertools.islice(found, first, first + size + 1))
        return JSONResponse(
            {
                "scenes": [self._payload(scene, request) for scene in page[:size]],
                "next": str(first + size) if len(page) > size else None,
            }
        )

    @staticmethod
    def _payload(scene: Scene, request: Request) -> dict[str, Any]:
        return {
            "id": _id(scene),
            "taken": scene.time.isoformat(),
            "satellite": f"EX-{1 + int(scene.chance('satellite') * 3)}",
            "cloud": round(scene.cloud_cover / 100, 3),
            "tilt": round(scene.chance("tilt") * 20, 1),
            "sun": scene.sun_elevation,
            "pixel": 5.0,
            "outline": scene.footprint,
            "preview": f"{request.base_url}v1/scenes/{_id(scene)}/preview.png",
        }

    async def preview(self, request: Request) -> Response:
        """Draw a scene small; no key is needed."""
        scene = self._known([request.path_params["scene"]]).popitem()[1]
        grid = scene_grid(scene.footprint, max_pixels=64)
        data = quicklook_png(grid, seed=scene.seed, cloud_cover=scene.cloud_cover / 100, when=scene.time.date())
        return Response(data, media_type="image/png")

    # --- orders ------------------------------------------------------------------------------------------------------

    async def price(self, request: Request) -> Response:
        """Say what scenes cost: one credit each."""
        self._admit(request)
        scenes = self._known(request.query_params["scenes"].split(","))
        return JSONResponse({"credits": len(scenes), "left": CREDITS - self._spent()})

    def _spent(self) -> int:
        return sum(len(order["scenes"]) for order in self._orders.values())

    async def create(self, request: Request) -> Response:
        """Take an order."""
        self._admit(request)
        body = await request.json()
        scenes = list(self._known(body["scenes"]))
        if self._spent() + len(scenes) > CREDITS:
            raise HTTPException(402, "the credits are used up")
        made = {
            "id": f"{self._world.key('order', len(self._orders)):016x}",
            "reference": body.get("reference", ""),
            "scenes": scenes,
            "created": self._world.clock.now(),
            "dropped": False,
        }
        self._orders[made["id"]] = made
        return JSONResponse(self._shown(made), status_code=201)

    def _shown(self, order: Mapping[str, Any]) -> dict[str, Any]:
        age = self._world.clock.now() - order["created"]
        status = "new"
        for word, after_s in STEPS_S.items():
            if age >= self._world.clock.delay(after_s):
                status = word
        return {
            "id": order["id"],
            "reference": order["reference"],
            "status": "dropped" if order["dropped"] else status,
            "created": order["created"].isoformat(),
        }

    def _order(self, request: Request) -> dict[str, Any]:
        self._admit(request)
        found = self._orders.get(request.path_params["order"])
        if found is None:
            raise HTTPException(404, f"there is no order {request.path_params['order']!r}")
        return found

    async def orders(self, request: Request) -> Response:
        """List orders, newest first."""
        self._admit(request)
        since = request.query_params.get("from")
        found = [o for o in reversed(self._orders.values()) if since is None or o["created"] >= _time(since)]
        return JSONResponse({"orders": [self._shown(order) for order in found]})

    async def order(self, request: Request) -> Response:
        """Show an order, or drop it."""
        found = self._order(request)
        if request.method == "DELETE":
            if self._shown(found)["status"] == "ready":
                raise HTTPException(409, "it is delivered already")
            found["dropped"] = True
        return JSONResponse(self._shown(found))

    # --- files -------------------------------------------------------------------------------------------------------

    async def files(self, request: Request) -> Response:
        """List an order's files, with links that live ten minutes."""
        found = self._order(request)
        if self._shown(found)["status"] != "ready":
            raise HTTPException(409, "it is not ready")
        return JSONResponse({"files": [self._file(scene_id, request) for scene_id in found["scenes"]]})

    def _file(self, scene_id: str, request: Request) -> dict[str, Any]:
        data, path = self._picture(scene_id), f"/v1/files/{scene_id}.tif"
        links = self._world.links
        return {
            "scene": scene_id,
            "name": f"{scene_id}.tif",
            "bytes": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
            "url": f"{str(request.base_url).rstrip('/')}{links.sign(path, LINK_S)}",
            "until": links.expiry(LINK_S).isoformat(),
        }

    def _draw(self, scene_id: str) -> bytes:
        scene = self._known([scene_id])[scene_id]
        grid = scene_grid(scene.footprint, max_pixels=self._world.scene_pixels, gsd=5)
        return optical_cog(
            grid,
            bands=BANDS,
            seed=scene.seed,
            cloud_cover=scene.cloud_cover / 100,
            when=scene.time.date(),
            footprint=scene.footprint,
        )

    async def file(self, request: Request) -> Response:
        """Serve a file to whoever has a link that is alive, range by range if asked so."""
        if self._world.links.check(request.url.path, request.query_params.get("token")) is not LinkState.VALID:
            raise HTTPException(403, "the link has expired")
        data = self._picture(request.path_params["name"].removesuffix(".tif"))
        return file_response(request, data, media_type="image/tiff", etag=hashlib.sha256(data).hexdigest())


def _id(scene: Scene) -> str:
    return f"EX-{scene.column:04d}-{scene.row:03d}-{scene.time:%Y%m%d}"


def _time(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def _box(text: str) -> tuple[float, float, float, float]:
    edges: Sequence[float] = [float(edge) for edge in text.split(",")]
    return edges[0], edges[1], edges[2], edges[3]

# SPDX-License-Identifier: Apache-2.0
"""A STAC API over an opened provider, so that pystac-client itself can be asked what swath is asked."""

import contextlib
import json
import threading
import time

import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"


def application(provider, base):  # noqa: C901  one function an address
    """Make the API. What it answers is what the provider finds; `base` gives its own address."""

    kept = {}

    def landing(_request):
        links = [
            {"rel": rel, "href": f"{base()}{path}", "type": "application/json", **more}
            for rel, path, more in (
                ("self", "/", {}),
                ("root", "/", {}),
                ("data", "/collections", {}),
                ("search", "/search", {"method": "GET"}),
                ("search", "/search", {"method": "POST"}),
                (QUERYABLES, "/queryables", {}),
            )
        ]
        return JSONResponse(
            {
                "type": "Catalog", "stac_version": "1.0.0", "id": provider.name, "title": provider.info.title,
                "description": provider.info.description, "conformsTo": provider.get_conforms_to(), "links": links,
            }
        )  # fmt: skip

    def collection(found):
        links = [{"rel": "items", "href": f"{base()}/collections/{found.id}/items", "type": "application/geo+json"}]
        return {**found.to_dict(include_self_link=False), "links": links}

    def collections(request):
        asked = {key: request.query_params[key] for key in ("bbox", "datetime", "q") if key in request.query_params}
        # One page: pystac-client itself counts to max_collections, and here the pages are those of `limit`.
        size, start = int(request.query_params.get("limit", 1000)), int(request.query_params.get("token", 0))
        found = provider.collection_search(**asked).collection_list()
        more = [{"rel": "next", "href": str(request.url.include_query_params(token=start + size))}]
        return JSONResponse(
            {
                "collections": [collection(one) for one in found[start : start + size]],
                "links": more if start + size < len(found) else [],
            }
        )

    def one_collection(request):
        known = {found.id: found for found in provider.get_collections()}
        found = known.get(request.path_params["id"])
        return JSONResponse({} if found is None else collection(found), 404 if found is None else 200)

    def page(request, asked):
        size, start = int(asked.pop("limit", 100)), int(asked.pop("token", 0))
        found = found_before(asked, start + size + 1)
        answer = {"type": "FeatureCollection", "features": found[start : start + size], "links": []}
        matched = provider.search(**asked).matched() if "bbox" in asked else None  # not of a whole archive
        if matched is not None:
            answer["numberMatched"] = matched
        if len(found) > start + size:
            body = {**asked, "limit": size, "token": start + size}
            if request.method == "POST":
                answer["links"] = [{"rel": "next", "href": f"{base()}/search", "method": "POST", "body": body}]
            else:
                answer["links"] = [{"rel": "next", "href": str(request.url.include_query_params(token=start + size))}]
        return JSONResponse(answer)

    def found_before(asked, number):
        """Search once for all pages of one answer."""
        key = json.dumps(asked, sort_keys=True)
        if len(kept.get(key, ([], True))[0]) < number and not kept.get(key, ([], False))[1]:
            whole = list(provider.search(**asked, max_items=3 * number).items_as_dicts())
            kept[key] = (whole, len(whole) < 3 * number)
        return kept[key][0]

    def items(request):
        return page(request, {**request.query_params, "collections": [request.path_params["id"]]})

    def one_item(request):
        found = provider.search(collections=[request.path_params["id"]], ids=[request.path_params["item"]])
        for item in found.items_as_dicts():
            return JSONResponse(item)
        return JSONResponse({}, 404)

    async def search(request):
        from starlette.concurrency import run_in_threadpool

        asked = dict(request.query_params) if request.method == "GET" else await request.json()
        lang = asked.pop("filter-lang", None)
        return await run_in_threadpool(page, request, {**asked, **({"filter_lang": lang} if lang else {})})

    return Starlette(
        routes=[
            Route("/", landing),
            Route("/collections", collections),
            Route("/collections/{id}", one_collection),
            Route("/collections/{id}/items", items),
            Route("/collections/{id}/items/{item}", one_item),
            Route("/search", search, methods=["GET", "POST"]),
        ]
    )


@contextlib.contextmanager
def serving(provider):
    """Serve it on loopback; give its address."""
    address = []
    config = uvicorn.Config(application(provider, lambda: address[0]), port=0, log_level="warning", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.005)
    address.append(f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}")
    try:
        yield address[0]
    finally:
        server.should_exit = True
        thread.join(10)

# SPDX-License-Identifier: Apache-2.0
"""The Features API's routes: areas that users keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from shapely.geometry import shape
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from swath.sandbox import World
from swath_planet.sandbox.access import Accounts, Call, Refusal
from swath_planet.sandbox.feature_store import Collection, Feature, FeatureStore, problem
from swath_planet.sandbox.service import millis, routes, whole_number

__all__ = ["FeaturesApi"]

ROOT = "/features/v1/ogc/my"
_PER_S = 10
_ON_PAGE, _MOST_ON_PAGE = 50, 1000


class FeaturesApi:
    """Everything below ``/features/v1/ogc/my``."""

    def __init__(self, world: World, accounts: Accounts, store: FeatureStore) -> None:
        self._world, self._accounts, self._store = world, accounts, store

    def routes(self) -> list[Route]:
        """List the routes."""
        one = "/collections/{collection}"
        return routes(
            self._world,
            self._accounts,
            ROOT,
            "features",
            [
                ("GET", "/collections", self._list),
                ("POST", "/collections", self._create),
                ("POST", "/collections/validate", self._validate),
                ("GET", one, self._get),
                ("DELETE", one, self._delete),
                ("GET", f"{one}/items", self._list_items),
                ("POST", f"{one}/items", self._add),
                ("GET", f"{one}/items/{{feature}}", self._get_item),
                ("DELETE", f"{one}/items/{{feature}}", self._delete_item),
            ],
            per_s=_PER_S,
        )

    # --- collections ---

    def _list(self, call: Call) -> Response:
        page, links = _page(call, self._store.of(call.account), f"{ROOT}/collections")
        return JSONResponse({"collections": [_collection(call, one) for one in page], "links": links})

    def _create(self, call: Call) -> Response:
        call.need_right("change features")
        body = call.body
        title = body.get("title") if isinstance(body, dict) else None
        if not isinstance(title, str) or not title.strip():
            raise _refusal(400, "invalid-collection", "title is required")
        made = self._store.create(call.account, title, body.get("description"))
        return JSONResponse(_collection(call, made), status_code=201)

    def _find(self, call: Call) -> Collection:
        found = self._store.find(call.account, call.path["collection"])
        if found is None:
            raise _refusal(404, "not-found", f"collection {call.path['collection']!r} does not exist")
        return found

    def _get(self, call: Call) -> Response:
        return JSONResponse(_collection(call, self._find(call)))

    def _delete(self, call: Call) -> Response:
        call.need_right("change features")
        self._store.delete(self._find(call))
        return Response(status_code=204)

    def _validate(self, call: Call) -> Response:
        checked = _checked(call.body)
        detail = [{"index": index, "status": "okay"} for index, _ in enumerate(checked)]
        return JSONResponse({"status": "okay", "detail": detail})

    # --- items ---

    def _list_items(self, call: Call) -> Response:
        collection = self._find(call)
        page, links = _page(call, list(collection.features.values()), f"{ROOT}/collections/{collection.id}/items")
        features = [_feature(call, collection, one) for one in page]
        return JSONResponse({"type": "FeatureCollection", "features": features, "links": links})

    def _add(self, call: Call) -> Response:
        call.need_right("change features")
        collection, checked = self._find(call), _checked(call.body)
        name = call.query.get("property_id")
        named = [(_id_of(feature, name), feature) for feature in checked]
        try:
            made = self._store.add(collection, named)
        except ValueError as err:
            raise _refusal(409, "duplicate-id", str(err)) from err
        return JSONResponse([f"{collection.ref}/{one.id}" for one in made], status_code=201)

    def _item(self, call: Call) -> tuple[Collection, Feature]:
        collection = self._find(call)
        found = collection.features.get(call.path["feature"])
        if found is None:
            raise _refusal(404, "not-found", f"feature {call.path['feature']!r} does not exist")
        return collection, found

    def _get_item(self, call: Call) -> Response:
        return JSONResponse(_feature(call, *self._item(call)))

    def _delete_item(self, call: Call) -> Response:
        call.need_right("change features")
        collection, feature = self._item(call)
        self._store.remove(collection, feature.id)
        return Response(status_code=204)


def _refusal(status: int, code: str, text: str) -> Refusal:
    return Refusal(status, {"errors": [{"code": code, "description": text}], "description": text})


def _checked(body: Any) -> list[Mapping[str, Any]]:
    """Give the features of a Feature or FeatureCollection.

    Raises:
        Refusal: 400, naming every feature with a bad geometry.
    """
    kind = body.get("type") if isinstance(body, dict) else None
    found = body.get("features") if kind == "FeatureCollection" else [body] if kind == "Feature" else None
    if not isinstance(found, list) or not found or not all(isinstance(one, dict) for one in found):
        raise _refusal(400, "invalid-body", "the body must be a Feature or a FeatureCollection that is not empty")
    wrong = [made for one in found if (made := problem(one.get("geometry"))) is not None]
    if wrong:
        errors = [{"code": code, "description": text} for code, text in wrong]
        raise Refusal(400, {"errors": errors, "description": wrong[0][1]})
    return found


def _id_of(feature: Mapping[str, Any], name: str | None) -> str | None:
    """Give the id that a feature is to have: of the property that the caller names, else its own, if any."""
    if name is None:
        own = feature.get("id")
        return str(own) if isinstance(own, str | int) and str(own) else None
    value = (feature.get("properties") or {}).get(name)
    if not isinstance(value, str | int) or not str(value):
        raise _refusal(400, "invalid-property-id", f"a feature has no property {name!r} that could be its id")
    return str(value)


def _page(call: Call, found: Sequence[Any], path: str) -> tuple[Sequence[Any], list[dict[str, str]]]:
    def refuse(text: str) -> Refusal:
        return _refusal(400, "invalid-parameter", text)

    size = whole_number(call.query, "limit", _ON_PAGE, least=1, most=_MOST_ON_PAGE, refuse=refuse)
    start = whole_number(call.query, "offset", 0, least=0, most=10**9, refuse=refuse)
    links = [{"rel": "self", "href": call.url(f"{path}?limit={size}&offset={start}")}]
    if start + size < len(found):
        links.append({"rel": "next", "href": call.url(f"{path}?limit={size}&offset={start + size}")})
    if start:
        links.append({"rel": "prev", "href": call.url(f"{path}?limit={size}&offset={max(start - size, 0)}")})
    return found[start : start + size], links


def _collection(call: Call, one: Collection) -> dict[str, Any]:
    features = list(one.features.values())
    boxes = [shape(feature.geometry).bounds for feature in features]
    own = call.url(f"{ROOT}/collections/{one.id}")
    extent = None
    if boxes:
        low = [min(box[side] for box in boxes) for side in (0, 1)]
        high = [max(box[side] for box in boxes) for side in (2, 3)]
        extent = {"spatial": {"bbox": [[*low, *high]]}}
    return {
        "id": one.id,
        "title": one.title,
        "description": one.description,
        "item_type": "feature",
        "created": millis(one.created),
        "updated": millis(one.updated),
        "feature_count": len(features),
        "area": round(sum(feature.area for feature in features), 2) if features else None,
        "extent": extent,
        "title_property": None,
        "description_property": None,
        "permissions": {"can_write": call.account.entitled, "shared": False, "is_owner": True},
        "ownership": {"owner_id": one.owner, "org_id": "1"},
        "pl:ref": one.ref,
        "links": [{"rel": "self", "href": own}, {"rel": "features", "href": f"{own}/items"}],
    }


def _feature(call: Call, collection: Collection, one: Feature) -> dict[str, Any]:
    ref = f"{collection.ref}/{one.id}"
    href = call.url(f"{ROOT}/collections/{collection.id}/items/{quote(one.id, safe='')}")
    return {
        "type": "Feature",
        "id": one.id,
        "geometry": one.geometry,
        "properties": {**one.properties, "pl:ref": ref, "pl:area": one.area},
        "links": [{"rel": "self", "href": href}],
    }

# SPDX-License-Identifier: Apache-2.0
"""The Features API: geometries that are stored with Planet, to be named in requests instead of sent.

Source: Planet's documentation of the Features API, read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from swath.errors import UnexpectedResponse
from swath_planet._api.base import Service
from swath_planet._api.creating import create
from swath_planet._api.paths import segment
from swath_planet.exceptions import ClientError
from swath_planet.geojson import as_geom
from swath_planet.models import Feature, GeoInterface

__all__ = ["Features"]


def _following(page: Mapping[str, Any]) -> str | None:
    """Find the address of the next page.

    Raises:
        UnexpectedResponse: The page does not say: what comes might not be all.
    """
    links = page.get("links")
    if not isinstance(links, list):
        raise UnexpectedResponse("a page of Planet's Features API has no 'links'", provider="planet")
    found = (one.get("href") for one in links if isinstance(one, Mapping) and one.get("rel") == "next")
    return next((href for href in found if isinstance(href, str)), None)


class Features(Service):
    """Collections of features, and the features in them."""

    PATH: ClassVar[str] = "/features/v1/ogc/my"
    BUCKET: ClassVar[str] = "features"

    # --- collections -------------------------------------------------------------------------------------------------

    def list_collections(self, limit: int = 0) -> Iterator[dict[str, Any]]:
        """List the collections that the account may read.

        Args:
            limit: Most to give; 0 for all.
        """
        yield from self.pages("GET", "collections", key="collections", limit=limit, following=_following)

    def get_collection(self, collection_id: str) -> dict[str, Any]:
        """Read a collection's metadata."""
        found: dict[str, Any] = self.json("GET", _collection(collection_id))
        return found

    def create_collection(self, title: str, description: str | None = None) -> str:
        """Make a collection, once: a request whose answer is lost is not sent again.

        Returns:
            Its id.
        """
        body = {"title": title}
        if description:
            body["description"] = description
        answer = create(self, "collections", body)
        if not isinstance(answer, Mapping) or not isinstance(answer.get("id"), str):
            raise UnexpectedResponse("Planet's answer to a new collection has no 'id'", provider="planet")
        return str(answer["id"])

    def delete_collection(self, collection_id: str) -> None:
        """Delete a collection and what is in it."""
        self.call("DELETE", _collection(collection_id))

    # --- features ----------------------------------------------------------------------------------------------------

    def list_items(self, collection_id: str, limit: int = 0) -> Iterator[Feature]:
        """List the features of a collection.

        Args:
            collection_id: The collection.
            limit: Most to give; 0 for all. Planet's own asynchronous client stops after 10 unless told otherwise, its
                synchronous one does not; here both give all.
        """
        path = f"{_collection(collection_id)}/items"
        for found in self.pages("GET", path, key="features", limit=limit, following=_following):
            yield Feature(found)

    def get_item(self, collection_id: str, feature_id: str) -> Feature:
        """Read one feature."""
        return Feature(self.json("GET", _item(collection_id, feature_id)))

    def add_items(
        self, collection_id: str, feature: Mapping[str, Any] | GeoInterface, property_id: str | None = None
    ) -> list[str]:
        """Add features, once: a request whose answer is lost is not sent again.

        Args:
            collection_id: The collection.
            feature: GeoJSON Feature, FeatureCollection or bare geometry, or an object with ``__geo_interface__``.
                Planet takes Polygon and MultiPolygon of at most 1500 vertices.
            property_id: Name of the property whose value becomes the feature's id.

        Returns:
            A reference for each feature, ``pl:features/my/...``.

        Raises:
            ClientError: It is no GeoJSON.
        """
        path = f"{_collection(collection_id)}/items"
        answer = create(self, path, _features(feature), params={"property_id": property_id})
        if not isinstance(answer, list):
            raise UnexpectedResponse("Planet's answer to new features is no list of references", provider="planet")
        return [str(one) for one in answer]

    def delete_item(self, collection_id: str, feature_id: str) -> None:
        """Delete a feature."""
        self.call("DELETE", _item(collection_id, feature_id))


def _collection(collection_id: str) -> str:
    return f"collections/{segment(collection_id, 'collection')}"


def _item(collection_id: str, feature_id: str) -> str:
    return f"{_collection(collection_id)}/items/{segment(feature_id, 'feature')}"


def _features(given: Mapping[str, Any] | GeoInterface) -> dict[str, Any]:
    """Write what is to be added: features as they are, a bare geometry as a feature without properties."""
    plain = getattr(given, "__geo_interface__", given)
    if not isinstance(plain, Mapping):
        raise ClientError(
            f"expected GeoJSON, got {type(given).__name__}", hint="pass a Feature, a FeatureCollection or a geometry"
        )
    if plain.get("type") in {"Feature", "FeatureCollection"}:
        return dict(plain)
    return {"type": "Feature", "geometry": as_geom(plain), "properties": {}}

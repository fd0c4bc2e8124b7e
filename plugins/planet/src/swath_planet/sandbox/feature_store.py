# SPDX-License-Identifier: Apache-2.0
"""Collections of areas that users keep, and what references to them stand for."""

from __future__ import annotations

import datetime as dt
import itertools
import math
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import define, field
from shapely.errors import GEOSException, ShapelyError
from shapely.geometry import mapping, shape
from shapely.ops import unary_union

from swath.sandbox import World
from swath_planet.sandbox.access import Account, Refusal
from swath_planet.sandbox.service import slug

__all__ = ["MOST_VERTICES", "Collection", "Feature", "FeatureStore", "area_m2", "problem", "vertices"]

MOST_VERTICES = 1500
_EARTH_M = 6_371_008.8
_REFERENCE = re.compile(r"pl:features/my/([^/#]+)(?:/([^/#]+))?(?:#\d+)?")


@define(kw_only=True)
class Feature:
    """One area."""

    id: str
    geometry: Mapping[str, Any]
    properties: Mapping[str, Any]
    area: float
    """Square metres."""


@define(kw_only=True)
class Collection:
    """Some areas under one title."""

    id: str
    owner: str
    title: str
    description: str | None
    created: dt.datetime
    updated: dt.datetime
    features: dict[str, Feature] = field(factory=dict)

    @property
    def ref(self) -> str:
        """What other services know it by."""
        return f"pl:features/my/{self.id}"


class FeatureStore:
    """The collections of all accounts. Any thread may use it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._collections: dict[str, Collection] = {}
        self._made = 0
        self._lock = threading.RLock()

    def create(self, account: Account, title: str, description: str | None) -> Collection:
        """Make an empty collection; titles may repeat, ids do not."""
        with self._lock:
            now = self._world.clock.now()
            made = Collection(
                id=f"{slug(title)}-{self._token()}", owner=account.user, title=title, description=description,
                created=now, updated=now,
            )  # fmt: skip
            self._collections[made.id] = made
            return made

    def of(self, account: Account) -> list[Collection]:
        """List an account's collections, newest first."""
        with self._lock:
            return [one for one in reversed(self._collections.values()) if one.owner == account.user]

    def find(self, account: Account, collection_id: str) -> Collection | None:
        """Give a collection by its id."""
        found = self._collections.get(collection_id)
        return found if found is not None and found.owner == account.user else None

    def delete(self, collection: Collection) -> None:
        """Forget a collection with all that is in it."""
        with self._lock:
            self._collections.pop(collection.id, None)

    def add(self, collection: Collection, features: Sequence[tuple[str | None, Mapping[str, Any]]]) -> list[Feature]:
        """Put areas into a collection, all or none.

        Args:
            collection: Where.
            features: For each the id that it is to have (None for any), and the GeoJSON Feature, checked.

        Raises:
            ValueError: For an id that is there already.
        """
        with self._lock:
            ids = [one or self._token() for one, _ in features]
            known = [one for index, one in enumerate(ids) if one in collection.features or one in ids[:index]]
            if known:
                raise ValueError(f"a feature with the id {known[0]!r} exists already")
            made = [
                Feature(
                    id=one,
                    geometry=feature["geometry"],
                    properties=dict(feature.get("properties") or {}),
                    area=area_m2(feature["geometry"]),
                )
                for one, (_, feature) in zip(ids, features, strict=True)
            ]
            collection.features.update({one.id: one for one in made})
            collection.updated = self._world.clock.now()
            return made

    def remove(self, collection: Collection, feature_id: str) -> bool:
        """Take an area out; says whether it was there."""
        with self._lock:
            collection.updated = self._world.clock.now()
            return collection.features.pop(feature_id, None) is not None

    def referred(self, account: Account, reference: str) -> list[tuple[str, Feature]]:
        """Give what a reference names, each with its own reference; a collection's names all that is in it.

        Raises:
            LookupError: If there is no such thing.
        """
        match = _REFERENCE.fullmatch(reference)
        if match is None:
            raise LookupError(f"{reference!r} is not a reference to a feature")
        with self._lock:
            collection = self.find(account, match[1])
            if collection is None or (match[2] and match[2] not in collection.features):
                raise LookupError(f"reference {reference!r} does not exist")
            found = [collection.features[match[2]]] if match[2] else list(collection.features.values())
        return [(f"{collection.ref}/{one.id}", one) for one in found]

    def geometry(self, account: Account, value: Any, refuse: Callable[[str], Refusal]) -> Any:
        """Give the geometry that a reference object stands for; anything else as it is.

        Args:
            account: Whose references count.
            value: ``{"type": "ref", "content": …}``, with one reference or a list of them, or a geometry.
            refuse: Makes the refusal of a reference that leads nowhere.

        Raises:
            Refusal: As `refuse` makes it.
        """
        if not isinstance(value, Mapping) or value.get("type") != "ref":
            return value
        content = value.get("content")
        try:
            found = [
                feature.geometry
                for reference in (content if isinstance(content, list) else [content])
                for _, feature in self.referred(account, str(reference))
            ]
        except LookupError as err:
            raise refuse(str(err)) from err
        if not found:
            raise refuse(f"reference {content!r} names no feature")
        if len(found) == 1:
            return dict(found[0])
        return dict(mapping(unary_union([shape(one) for one in found])))

    def _token(self) -> str:
        self._made += 1
        number, digits = self._world.key("planet feature", self._made), "0123456789abcdefghijklmnopqrstuvwxyz"
        return "".join(digits[number // 36**place % 36] for place in range(7))


def vertices(geometry: Mapping[str, Any]) -> int:
    """Count the positions of a Polygon or MultiPolygon."""
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    return sum(len(ring) for polygon in polygons for ring in polygon)


def problem(geometry: Any) -> tuple[str, str] | None:
    """Say what is wrong with an area, as code and text; None where nothing is."""
    if not isinstance(geometry, Mapping) or geometry.get("type") not in {"Polygon", "MultiPolygon"}:
        kind = geometry.get("type") if isinstance(geometry, Mapping) else None
        return "invalid-geometry", f"geometry must be a Polygon or MultiPolygon, not {kind!r}"
    try:
        whole = shape(geometry)
        count = vertices(geometry)
    except (ShapelyError, GEOSException, ValueError, TypeError, IndexError, KeyError, AttributeError) as err:
        return "invalid-geometry", f"geometry cannot be read: {err}"
    if count > MOST_VERTICES:
        return "too-many-coordinates", f"geometry has {count} vertices, at most {MOST_VERTICES} are allowed"
    if whole.is_empty or not whole.is_valid:
        return "invalid-geometry", "geometry is empty or its rings cross"
    west, south, east, north = whole.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        return "invalid-geometry", f"coordinates out of range: {whole.bounds}"
    return None


def area_m2(geometry: Mapping[str, Any]) -> float:
    """Give the area of a Polygon or MultiPolygon on the sphere, square metres."""
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    total = 0.0
    for polygon in polygons:
        outer, *holes = (abs(_ring_m2(ring)) for ring in polygon)
        total += outer - sum(holes)
    return round(total, 2)


def _ring_m2(ring: Sequence[Sequence[float]]) -> float:
    total = 0.0
    for (lon, lat, *_), (next_lon, next_lat, *_) in itertools.pairwise(ring):
        total += math.radians(next_lon - lon) * (2 + math.sin(math.radians(lat)) + math.sin(math.radians(next_lat)))
    return total * _EARTH_M**2 / 2

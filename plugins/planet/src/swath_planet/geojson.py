# SPDX-License-Identifier: Apache-2.0
"""GeoJSON as Planet's services take it: a bare geometry, or a reference to one that is stored with Planet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from swath_planet.exceptions import FeatureError, GeoJSONError
from swath_planet.models import Feature

__all__ = [
    "as_featurecollection",
    "as_geom",
    "as_geom_or_ref",
    "as_polygon",
    "as_ref",
    "convert_ref_to_dict",
    "geom_from_geojson",
    "split_ref",
    "validate_geom_as_geojson",
    "validate_ref",
]

_DEPTHS: Final = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
"""How many lists deep a geometry's positions are."""
_SCHEME: Final = "pl:features/"


def _plain(data: Any) -> Any:
    """Give what an object with ``__geo_interface__`` stands for; anything else as it is."""
    return getattr(data, "__geo_interface__", data)


def as_geom(data: Any) -> dict[str, Any]:
    """Give the bare geometry.

    Args:
        data: GeoJSON geometry, Feature, FeatureCollection of one, or an object with ``__geo_interface__``.

    Raises:
        GeoJSONError: It is none of these, or several features.
    """
    geometry = geom_from_geojson(data)
    validate_geom_as_geojson(geometry)
    return geometry


def as_geom_or_ref(data: Any) -> dict[str, Any]:
    """Give the bare geometry, or the reference in the form that the services take.

    Args:
        data: As for `as_geom`; or a reference, ``"pl:features/my/parcels/7"`` or the wrapped form of it. A `Feature`
            that the Features API gave counts as its reference.

    Raises:
        GeoJSONError: It is no geometry.
        FeatureError: It is a text, but no reference.
    """
    if isinstance(data, str) or (isinstance(data, Feature) and (data.get("properties") or {}).get("pl:ref")):
        return as_ref(data)
    plain = _plain(data)
    if isinstance(plain, Mapping) and plain.get("type") == "ref":
        return as_ref(plain)
    return as_geom(plain)


def as_ref(data: Any) -> dict[str, Any]:
    """Give a reference in the form that the services take: ``{"type": "ref", "content": "pl:features/..."}``.

    Raises:
        FeatureError: It is none.
    """
    if isinstance(data, str):
        return convert_ref_to_dict(data)
    plain = _plain(data)
    if isinstance(plain, Mapping):
        if plain.get("type") == "ref":
            content = plain.get("content")
            for uri in content if isinstance(content, (list, tuple)) and content else [content]:
                validate_ref(uri)  # Planet itself tells a list of one
            return dict(plain)
        properties = plain.get("properties")
        if isinstance(properties, Mapping) and properties.get("pl:ref"):
            return convert_ref_to_dict(properties["pl:ref"])
    raise FeatureError(f"expected a reference to a feature, got {type(data).__name__}")


def convert_ref_to_dict(data: str) -> dict[str, Any]:
    """Wrap a reference."""
    validate_ref(data)
    return {"type": "ref", "content": data}


def validate_ref(uri: Any) -> bool:
    """Say that a text is a reference, ``pl:features/{dataset}/{collection}[/{feature}]``.

    Raises:
        FeatureError: It is none.
    """
    if not isinstance(uri, str):
        raise FeatureError(f"expected a reference as text, got {type(uri).__name__}")
    if not uri.startswith(_SCHEME):
        raise FeatureError(f"a reference begins with {_SCHEME}, and {uri!r} does not")
    parts = uri.removeprefix(_SCHEME).split("/")
    if len(parts) < 2 or not all(parts[:2]):
        raise FeatureError(f"a reference is {_SCHEME}DATASET/COLLECTION or …/FEATURE, and {uri!r} is not")
    return True


def split_ref(ref: str) -> tuple[str, str | None]:
    """Split a reference into the ids of its collection and its feature; the latter is None for a whole collection."""
    validate_ref(ref)
    parts = ref.removeprefix(_SCHEME).split("/")
    return parts[1], parts[2] if len(parts) > 2 else None


def as_polygon(data: Any) -> dict[str, Any]:
    """Give the bare geometry, which must be a Polygon.

    Raises:
        GeoJSONError: It is another.
    """
    geometry = as_geom(data)
    if geometry["type"] != "Polygon":
        raise GeoJSONError(f"expected a Polygon, got a {geometry['type']}")
    return geometry


def geom_from_geojson(data: Any) -> dict[str, Any]:
    """Take the geometry out of a Feature or a FeatureCollection of one; it is not looked at further.

    Raises:
        GeoJSONError: There is none, or several.
    """
    plain = _plain(data)
    if not isinstance(plain, Mapping):
        raise GeoJSONError(f"expected GeoJSON, got {type(data).__name__}")
    if plain.get("type") == "FeatureCollection" or "features" in plain:
        features = plain.get("features")
        if not isinstance(features, (list, tuple)) or not features:
            raise GeoJSONError("the FeatureCollection has no features")
        if len(features) > 1:
            raise GeoJSONError(f"the FeatureCollection has {len(features)} features, and only one can be used")
        return geom_from_geojson(features[0])
    if plain.get("type") == "Feature" or "geometry" in plain:
        return geom_from_geojson(plain.get("geometry"))
    return dict(plain)


def validate_geom_as_geojson(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the geometry back if it is one.

    Raises:
        GeoJSONError: It is none: no type, another type than the six that the services take, or coordinates that do not
            fit it.
    """
    kind = data.get("type")
    if kind is None:
        raise GeoJSONError(f"a geometry has a 'type', and this has only: {', '.join(map(str, data)) or 'nothing'}")
    if kind not in _DEPTHS:
        raise GeoJSONError(f"{kind!r} is no geometry type of {', '.join(_DEPTHS)}")
    if "coordinates" not in data:
        raise GeoJSONError(f"the {kind} has no 'coordinates'")
    _check(kind, data["coordinates"], _DEPTHS[kind])
    if kind in {"Polygon", "MultiPolygon"}:
        polygons = [data["coordinates"]] if kind == "Polygon" else data["coordinates"]
        for ring in (ring for polygon in polygons for ring in polygon):
            _check_ring(kind, ring)
    return data


def _check(kind: str, found: Any, depth: int) -> None:
    """Look whether positions are where they should be."""
    if not isinstance(found, (list, tuple)):
        raise GeoJSONError(f"the coordinates of a {kind} hold {found!r} where a list should be")
    if depth:
        for one in found:
            _check(kind, one, depth - 1)
        return
    numbers = all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in found)
    if not 2 <= len(found) <= 3 or not numbers:
        raise GeoJSONError(f"{found!r} in a {kind} is no position [longitude, latitude]")


def _check_ring(kind: str, ring: Any) -> None:
    if len(ring) < 4:
        raise GeoJSONError(f"a ring of a {kind} has at least 4 positions, and one has {len(ring)}")
    if list(ring[0]) != list(ring[-1]):
        raise GeoJSONError(f"a ring of a {kind} ends where it begins, and one does not")


def as_featurecollection(features: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Put features together.

    Raises:
        GeoJSONError: One of them is no Feature.
    """
    kept = [_plain(one) for one in features]
    for one in kept:
        if not isinstance(one, Mapping) or one.get("type") != "Feature":
            raise GeoJSONError(f"expected a Feature, got {one.get('type') if isinstance(one, Mapping) else one!r}")
        for key in ("geometry", "properties"):
            if key not in one:
                raise GeoJSONError(f"a Feature has {key!r}, and this has not: {one.get('id')!r}")
    return {"type": "FeatureCollection", "features": kept}

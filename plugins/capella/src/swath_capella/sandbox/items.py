# SPDX-License-Identifier: Apache-2.0
"""Catalogue items as the service writes them, one for each product of an acquisition."""

from __future__ import annotations

import bisect
import datetime as dt
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import lru_cache
from typing import Any

from attrs import frozen

from swath.sandbox import World
from swath_capella.sandbox.collects import Collect, archive, as_geometry

__all__ = ["COLLECTIONS", "Holdings", "Product", "assets_of", "stamp", "written"]

COLLECTIONS = {
    "GEO": "capella-geo", "GEC": "capella-gec", "SLC": "capella-slc", "SICD": "capella-sicd", "SIDD": "capella-sidd",
    "CPHD": "capella-cphd", "CSI": "capella-archive", "VS": "capella-archive", "ACD": "capella-archive",
}  # fmt: skip
OPEN_COLLECTION = "capella-open-data"
_EXTENSIONS = [
    "https://stac-extensions.github.io/sar/v1.0.0/schema.json",
    "https://stac-extensions.github.io/sat/v1.0.0/schema.json",
    "https://stac-extensions.github.io/view/v1.0.0/schema.json",
    "https://stac-extensions.github.io/projection/v1.1.0/schema.json",
]
_KEPT = 8
"""Searches of which what they found is kept."""
_MAKING = threading.Lock()
_COMPLEX = frozenset({"SLC", "SICD", "CPHD"})
_DATA_KEYS = {"VS": "analytic_product", "ACD": "changemap"}
_SUFFIXES = {"SICD": "ntf", "SIDD": "ntf", "CPHD": "cphd", "VS": "geojson"}
MEDIA_TYPES = {
    "tif": "image/tiff; application=geotiff; profile=cloud-optimized", "ntf": "application/vnd.nitf",
    "cphd": "application/octet-stream", "geojson": "application/geo+json",
}  # fmt: skip


def stamp(time: dt.datetime) -> str:
    """Write a time as the service does, with milliseconds."""
    return f"{time.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03d}Z"


@frozen(kw_only=True)
class Product:
    """One product of an acquisition, with what a search compares."""

    id: str
    collection: str
    kind: str
    collect: Collect
    created: dt.datetime
    """When it came into the catalogue."""
    geometry: dict[str, Any]
    bbox: list[float]
    properties: dict[str, Any]

    @property
    def data_key(self) -> str:
        """Key of its main asset."""
        return _DATA_KEYS.get(self.kind, self.collect.polarisation)

    @property
    def suffix(self) -> str:
        """Of its main file."""
        return _SUFFIXES.get(self.kind, "tif")


def product_of(collect: Collect, kind: str) -> Product:
    """Make a product. Those in slant geometry cover a shorter span of time than the ones on the ground."""
    half = dt.timedelta(seconds=collect.seconds / 2 * (0.9 if kind in _COMPLEX else 1.0))
    middle = collect.middle - (dt.timedelta(seconds=0.5) if kind in _COMPLEX else dt.timedelta())
    start, end = middle - half, middle + half
    created = collect.middle + dt.timedelta(hours=3)
    pol = collect.polarisation
    item_id = f"CAPELLA_C{collect.satellite:02d}_{collect.mode}_{kind}_{pol}_{start:%Y%m%d%H%M%S}_{end:%Y%m%d%H%M%S}"
    geometry = as_geometry(collect)
    points = _points(geometry)
    zone, hours = collect.timezone
    local = middle + dt.timedelta(hours=hours)
    fine = {"SP": 0.5, "SM": 1.2, "SS": 0.8}[collect.mode]
    properties: dict[str, Any] = {
        "datetime": f"{middle:%Y-%m-%dT%H:%M:%S.%fZ}",
        "start_datetime": f"{start:%Y-%m-%dT%H:%M:%S.%fZ}",
        "end_datetime": f"{end:%Y-%m-%dT%H:%M:%S.%fZ}",
        "created": stamp(created),
        "updated": stamp(created),
        "platform": f"capella-{collect.satellite}",
        "constellation": "capella",
        "instruments": [f"capella-radar-{collect.satellite}"],
        "locale:datetime": f"{local:%Y-%m-%dT%H:%M:%S.%f}{'-' if hours < 0 else '+'}{abs(int(hours)):02d}00",
        "locale:time": f"{local:%H:%M:%S.%f}",
        "locale:timezone": zone,
        "sar:instrument_mode": collect.mode_name,
        "sar:frequency_band": "X",
        "sar:center_frequency": 9.65,
        "sar:polarizations": [pol],
        "sar:product_type": kind,
        "sar:observation_direction": "right" if collect.right else "left",
        "sar:looks_range": 1,
        "sar:looks_azimuth": 1 if kind in _COMPLEX else 9,
        "sar:looks_equivalent_number": 1 if kind in _COMPLEX else 9,
        "sar:resolution_range": round(fine * 0.7, 3),
        "sar:resolution_azimuth": fine,
        "sar:pixel_spacing_range": round(fine * 0.75, 3),
        "sar:pixel_spacing_azimuth": round(fine * 0.75, 3),
        "sat:orbit_state": "ascending" if collect.ascending else "descending",
        "sat:absolute_orbit": 1000 + collect.number * 61,
        "sat:relative_orbit": 1 + collect.number % 40,
        "view:incidence_angle": collect.incidence_angle,
        "view:look_angle": collect.look_angle,
        "view:azimuth": collect.azimuth,
        "proj:centroid": {"lat": round(collect.latitude, 5), "lon": round(_wrapped(collect.longitude), 5)},
        "capella:collect_id": collect.id,
        "capella:collection_type": collect.collection_type,
        "capella:resolution_ground_range": round(fine * 1.1, 3),
        "capella:look_angle": collect.look_angle,
        "capella:squint_angle": round(collect.turn / 100, 3),
        "capella:layover_angle": -0.1,
        "capella:orbital_plane": collect.plane,
        "capella:billable_area": int(collect.size_m**2),
        "capella:image_length": collect.size_m,
        "capella:image_width": collect.size_m,
        "capella:image_formation_algorithm": "pfa" if collect.mode == "SP" else "backprojection",
        "capella:hash": hashlib.md5(item_id.encode(), usedforsecurity=False).hexdigest(),
        "capella:rgt_id": None if collect.number % 3 else f"rgt-{collect.number % 40:02d}",
        "capella:use_case": ("Ports", "Agriculture", "Volcanoes")[collect.number % 3],
        "capella:archive_holdback_date": stamp(created),
    }
    if kind in {"GEO", "GEC", "CSI", "ACD"}:
        properties["proj:epsg"] = _epsg(collect)
    if collect.number == 11 and kind == "GEO":  # some older items lack the zone
        properties["datetime"] = properties["datetime"].removesuffix("Z")
    return Product(
        id=item_id,
        collection=OPEN_COLLECTION if collect.open else COLLECTIONS[kind],
        kind=kind,
        collect=collect,
        created=created,
        geometry=geometry,
        bbox=[
            min(x for x, _ in points),
            min(y for _, y in points),
            max(x for x, _ in points),
            max(y for _, y in points),
        ]
        if geometry["type"] == "Polygon"
        else [points[0][0], points[0][1], max(x for x, _ in points if x < 0), points[2][1]],
        properties=properties,
    )


def _wrapped(longitude: float) -> float:
    return longitude - 360.0 if longitude > 180.0 else longitude


def _epsg(collect: Collect) -> int:
    from swath.sandbox.scenes.utm import epsg_of

    return epsg_of(_wrapped(collect.longitude), collect.latitude)


def _points(geometry: dict[str, Any]) -> list[list[float]]:
    rings = geometry["coordinates"] if geometry["type"] == "Polygon" else [part[0] for part in geometry["coordinates"]]
    return [point for ring in rings for point in ring]


def assets_of(product: Product, href: Any) -> dict[str, Any]:
    """List a product's assets.

    Args:
        product: The product.
        href: Gives a file's address from its name.
    """
    sibling = product.id.replace(f"_{product.kind}_", "_GEO_") if product.kind in {"SLC", "GEC"} else product.id
    data = {
        "title": "Data file",
        "type": MEDIA_TYPES[product.suffix],
        "roles": ["data"],
        "href": href(f"{product.id}.{product.suffix}"),
    }
    assets = {
        product.data_key: data,
        "metadata": {
            "title": "Extended metadata",
            "type": "application/json",
            "roles": ["metadata"],
            "href": href(f"{product.id}_extended.json"),
        },
        "thumbnail": {
            "title": "Thumbnail",
            "type": "image/png",
            "roles": ["thumbnail"],
            "href": href(f"{sibling}_thumb.png"),
        },
        "license": {
            "title": "License",
            "type": "text/html",
            "href": "https://www.capellaspace.com/data-licensing/",
        },
    }
    if product.suffix == "tif":
        assets["preview"] = {
            "title": "Preview image",
            "type": MEDIA_TYPES["tif"],
            "roles": ["overview"],
            "href": href(f"{product.id}_preview.tif"),
        }
    return assets


def written(product: Product, root: str, href: Any = None) -> dict[str, Any]:
    """Write a product as an item of an answer."""
    day = product.collect.middle
    folder = f"{root}/capella-data/{day.year}/{day.month}/{day.day}/{product.id}"
    return {
        "type": "Feature",
        "stac_version": "1.0.0",
        "stac_extensions": _EXTENSIONS,
        "id": product.id,
        "collection": product.collection,
        "bbox": product.bbox,
        "geometry": product.geometry,
        "properties": dict(product.properties),
        "assets": assets_of(product, href or (lambda name: f"{folder}/{name}")),
        "links": [
            {"rel": "collection", "href": f"{root}/catalog/collections/{product.collection}"},
            {"rel": "self", "href": f"{root}/catalog/collections/{product.collection}/items/{product.id}"},
        ],
    }


def _archive(seed: int) -> tuple[Product, ...]:
    """Give the archive; sandboxes of one seed share it, and one of them makes it."""
    with _MAKING:
        return _made(seed)


@lru_cache(maxsize=2)
def _made(seed: int) -> tuple[Product, ...]:
    made = [product_of(collect, kind) for collect in archive(seed) for kind in collect.kinds]
    return tuple(sorted(made, key=lambda one: one.created, reverse=True))


class Holdings:
    """All products that are there by now."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._extra: list[Product] = []
        self._by_id: dict[str, Product] = {}
        self._found: OrderedDict[Hashable, list[Product]] = OrderedDict()
        self._lock = threading.Lock()

    def all(self) -> Iterator[Product]:
        """Give what is in the catalogue now, newest first."""
        now = self._world.clock.now()
        with self._lock:
            extra = list(self._extra)
        yield from (one for one in reversed(extra) if one.created <= now)
        yield from (one for one in _archive(self._world.seed) if one.created <= now)

    def searched(self, question: Hashable, find: Callable[[], list[Product]]) -> list[Product]:
        """Give what a question finds now; the next pages of the last few are not sought again."""
        key = (question, self._version())
        with self._lock:
            found = self._found.get(key)
        if found is None:
            found = find()
            with self._lock:
                self._found[key] = found
                while len(self._found) > _KEPT:
                    self._found.popitem(last=False)
        return found

    def _version(self) -> tuple[int, int]:
        """Say how much is there now; it changes whenever `all` gives something else."""
        now = self._world.clock.now()
        with self._lock:
            extra = sum(one.created <= now for one in self._extra)
        archive = _archive(self._world.seed)
        return len(archive) - bisect.bisect_left(
            archive, -now.timestamp(), key=lambda one: -one.created.timestamp()
        ), extra

    def find(self, item_id: str) -> Product | None:
        """Find a product by its id."""
        with self._lock:
            if not self._by_id:
                self._by_id = {one.id: one for one in _archive(self._world.seed)}
            return self._by_id.get(item_id)

    def add(self, collect: Collect, kinds: Iterable[str], created: dt.datetime) -> list[Product]:
        """Take in what a task has given."""
        import attrs

        self.find("")  # the index is made
        made = [attrs.evolve(product_of(collect, kind), created=created) for kind in kinds]
        for one in made:
            one.properties.update(created=stamp(created), updated=stamp(created))
        with self._lock:
            self._extra.extend(made)
            self._by_id.update({one.id: one for one in made})
        return made

# SPDX-License-Identifier: Apache-2.0
"""The collections, and what their items can be filtered by.

Source: the SeDAS wire contract, 10.1, and the missions' own pages, read 2026-11.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from attrs import field, frozen

from swath import stac
from swath.errors import ProviderError, UnknownCollection
from swath.models import ItemDict
from swath_sedas.names import NOVASAR_1, SENTINEL_1, SENTINEL_2, mission_of
from swath_sedas.wire import Satellite, SourceGroup, read

__all__ = ["COLLECTIONS", "Searchable", "collection_id", "collections", "queryables", "searchables"]


@frozen(kw_only=True)
class Searchable:
    """How one collection is asked for."""

    sensor: str = "All"
    """``sensorFilters.type``."""
    group: str = ""
    """``sourceGroup``."""
    satellite: str = ""
    """``satelliteName``."""
    filters: Mapping[str, str] = field(factory=dict)
    type_filter: str = ""
    """Name of the filter on the product type, where the service's words for it are known."""
    since: dt.datetime | None = None
    """Launch."""


@frozen(kw_only=True)
class _Mission:
    """What the collections of one mission have in common."""

    title: str
    group: str
    sensor: str
    type_filter: str
    pushed: bool
    """Whether the service's words for the product types are known, so that the filter may be sent."""
    since: dt.datetime
    platforms: tuple[str, ...]
    instruments: tuple[str, ...]
    gsd: tuple[float, ...]
    types: Mapping[str, str]
    """What each product type is."""
    keywords: tuple[str, ...]


_MISSIONS: Mapping[str, _Mission] = {
    SENTINEL_1: _Mission(
        title="Sentinel-1",
        group="S1",
        sensor="SAR",
        type_filter="sarProductType",
        pushed=True,
        since=dt.datetime(2014, 4, 3, tzinfo=dt.UTC),
        platforms=("sentinel-1a", "sentinel-1b"),
        instruments=("c-sar",),
        gsd=(5.0, 10.0, 20.0, 40.0),
        types={
            "GRD": "Ground range detected: multi-looked amplitude, one GeoTIFF a polarisation",
            "SLC": "Single look complex: slant range, amplitude and phase, one GeoTIFF a sub-swath and polarisation",
            "RAW": "Level 0: compressed, unprocessed instrument data",
            "OCN": "Ocean: wind field, swell spectra and radial velocity",
        },
        keywords=("radar", "sar", "c-band", "copernicus"),
    ),
    SENTINEL_2: _Mission(
        title="Sentinel-2",
        group="S2",
        sensor="Optical",
        type_filter="opticalProductType",
        pushed=True,
        since=dt.datetime(2015, 6, 23, tzinfo=dt.UTC),
        platforms=("sentinel-2a", "sentinel-2b"),
        instruments=("msi",),
        gsd=(10.0, 20.0, 60.0),
        types={
            "L1C": "Top-of-atmosphere reflectance in tiles of 110 km, 13 bands",
            "L2A": "Surface reflectance in tiles of 110 km, with scene classification",
        },
        keywords=("optical", "multispectral", "copernicus"),
    ),
    NOVASAR_1: _Mission(
        title="NovaSAR-1",
        group="NovaSAR",
        sensor="SAR",
        type_filter="sarProductType",
        pushed=False,
        since=dt.datetime(2018, 9, 16, tzinfo=dt.UTC),
        platforms=("novasar-1",),
        instruments=("s-sar",),
        gsd=(6.0, 20.0, 30.0, 50.0),
        types={
            "SLC": "Stripmap, single look complex, slant range",
            "SRD": "Stripmap, multi-look detected, slant range",
            "GRD": "Stripmap, multi-look detected, ground range",
            "SCD": "ScanSAR, multi-look detected, ground range",
        },
        keywords=("radar", "sar", "s-band"),
    ),
}

COLLECTIONS: Mapping[str, tuple[str, str]] = {
    f"{mission}-{kind.lower()}": (mission, kind) for mission, about in _MISSIONS.items() for kind in about.types
}
"""Mission and product type of each built-in collection."""


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def collection_id(mission: str | None, satellite: str, product_type: str) -> str:
    """Tell the collection that a product belongs to.

    Args:
        mission: From its name or satellite, None where neither tells.
        satellite: The service's name of it.
        product_type: The service's word, or the name's.

    Returns:
        A built-in collection, else the satellite and product type as one word: ``"skysat-c1-ortho"``.
    """
    if mission is not None:
        # "GRDH" and "S2MSI1C" were not seen here, yet are what others call the same products.
        for kind in _MISSIONS[mission].types:
            if product_type.upper().startswith(kind) or product_type.upper() == f"S2MSI{kind[1:]}":
                return f"{mission}-{kind.lower()}"
    return _slug(f"{mission or satellite} {product_type}") or "unknown"


def searchables(wanted: Sequence[str], satellites: Callable[[], list[str]]) -> list[Searchable]:
    """Say how to ask for some collections.

    Args:
        wanted: Collection ids; empty for all.
        satellites: Gives the service's satellites; called only for collections that are not built in.

    Raises:
        UnknownCollection: There is no such collection.
    """
    if not wanted:
        return [Searchable()]
    names: list[str] | None = None
    made: list[Searchable] = []
    for one in wanted:
        if one in COLLECTIONS:
            made.append(_built_in(*COLLECTIONS[one]))
            continue
        if names is None:
            names = satellites()
        same = [name for name in names if one.startswith(f"{_slug(name)}-") or one == _slug(name)]
        if not same:
            raise UnknownCollection(
                f"SeDAS has no collection {one!r} (it has: {', '.join(COLLECTIONS)})", provider="sedas"
            )
        made += [Searchable(satellite=name) for name in same]
    return made


def _built_in(mission: str, kind: str) -> Searchable:
    about = _MISSIONS[mission]
    return Searchable(
        sensor=about.sensor,
        group=about.group,
        filters={about.type_filter: kind} if about.pushed else {},
        type_filter=about.type_filter if about.pushed else "",
        since=about.since,
    )


# --- STAC ----------------------------------------------------------------------------------------------------------


def collections(
    satellites: Callable[[], list[dict[str, Any]]], groups: Callable[[], list[dict[str, Any]]]
) -> list[ItemDict]:
    """List the collections, described by the service as far as it answers.

    Args:
        satellites: Gives the service's satellites.
        groups: Gives its source groups.

    Raises:
        CredentialError: The account is not accepted; a service that is only out of reach is no error here.
    """
    known = _asked(satellites, Satellite, "the list of satellites")
    told = {one.name: one.description for one in _asked(groups, SourceGroup, "the list of source groups")}
    return [_collection(one, mission, kind, known, told) for one, (mission, kind) in COLLECTIONS.items()]


def _asked(ask: Callable[[], list[dict[str, Any]]], record: type[Any], what: str) -> list[Any]:
    """Ask for what only adds descriptions: nothing where no proper answer comes."""
    try:
        return read(ask(), list[record], what=what)  # type: ignore[valid-type]  # the record is a value here
    except ProviderError:
        return []


def _collection(
    one: str, mission: str, kind: str, known: Iterable[Satellite], told: Mapping[str, str | None]
) -> ItemDict:
    about = _MISSIONS[mission]
    mine = [sat for sat in known if mission_of(sat.name) == mission]
    platforms = sorted({sat.name.lower() for sat in mine}) or list(about.platforms)
    words = [f"{about.title}, {about.types[kind]}, from the rolling and long-term archives of SeDAS."]
    words += [text for text in (told.get(about.group), *(sat.description for sat in mine)) if text]
    summaries: dict[str, Any] = {
        stac.PLATFORM: platforms,
        stac.CONSTELLATION: [mission],
        stac.INSTRUMENTS: list(about.instruments),
        stac.GSD: list(about.gsd),
        stac.PRODUCT_TYPE: [kind],
    }
    if mission != SENTINEL_2:
        summaries[stac.SAR_FREQUENCY_BAND] = ["C" if mission == SENTINEL_1 else "S"]
    links = [
        stac.link("about", sat.information_url, title=sat.name)
        for sat in mine
        if sat.information_url and sat.information_url.startswith(("http://", "https://"))
    ]
    return stac.collection(
        id=one,
        title=f"{about.title} {kind}",
        description="\n\n".join(dict.fromkeys(words)),
        start=about.since,
        keywords=(*about.keywords, kind.lower()),
        providers=[{"name": "Satellite Applications Catapult", "roles": ["host"], "url": "https://sa.catapult.org.uk"}],
        summaries=summaries,
        item_assets={"product": {"type": stac.ZIP, "roles": [stac.ROLE_DATA], "title": "Whole product as delivered"}},
        links=links,
        provider="sedas",
    )


_TEXT: Mapping[str, Any] = {"type": "string"}
_NUMBER: Mapping[str, Any] = {"type": "number"}
_PERCENT: Mapping[str, Any] = {"type": "number", "minimum": 0, "maximum": 100}
_WHOLE: Mapping[str, Any] = {"type": "integer"}
_TIME: Mapping[str, Any] = {"type": "string", "format": "date-time"}
_WORDS: Mapping[str, Any] = {"type": "array", "items": {"type": "string"}}

_COMMON: Mapping[str, Mapping[str, Any]] = {
    "id": _TEXT,
    "collection": _TEXT,
    "geometry": {"$ref": "https://geojson.org/schema/Geometry.json"},
    stac.DATETIME: _TIME,
    stac.START_DATETIME: _TIME,
    stac.END_DATETIME: _TIME,
    stac.PLATFORM: _TEXT,
    stac.CONSTELLATION: _TEXT,
    stac.INSTRUMENTS: _WORDS,
    stac.GSD: {"type": "number", "exclusiveMinimum": 0},
    stac.PRODUCT_TYPE: _TEXT,
    stac.PROCESSING_LEVEL: _TEXT,
    stac.ORBIT_STATE: {"type": "string", "enum": ["ascending", "descending"]},
    stac.RELATIVE_ORBIT: _WHOLE,
    stac.ORDER_STATUS: {"type": "string", "enum": ["orderable", "succeeded"]},
    stac.PROVIDER: _TEXT,
    "swath:aoi_coverage": _PERCENT,
    "swath:area_m2": _NUMBER,
    "swath:latency": _TEXT,
    "swath:planned": {"type": "boolean"},
    "swath:provider_id": _TEXT,
    "swath:tier": {"type": "string", "enum": ["standard", "archive"]},
    "swath:useful_area": _PERCENT,
    "sedas:area": _NUMBER,
    "sedas:aoi_coverage_percent": _PERCENT,
    "sedas:cloud_coverage_percent": _PERCENT,
    "sedas:instrument_name": _TEXT,
    "sedas:latency": _TEXT,
    "sedas:mode_name": _TEXT,
    "sedas:orbit": _WHOLE,
    "sedas:orbit_direction": _TEXT,
    "sedas:polarisation": _TEXT,
    "sedas:product_type": _TEXT,
    "sedas:satellite_name": _TEXT,
    "sedas:sensor_band": _TEXT,
    "sedas:sensor_resolution": _NUMBER,
    "sedas:sensor_type": _TEXT,
    "sedas:type": _TEXT,
    "sedas:useful_area_percent": _PERCENT,
    "sedas:vendor_specific": {"type": "object"},
}
_SAR: Mapping[str, Mapping[str, Any]] = {
    stac.SAR_INSTRUMENT_MODE: _TEXT,
    stac.SAR_FREQUENCY_BAND: _TEXT,
    stac.SAR_CENTER_FREQUENCY: _NUMBER,
    stac.SAR_POLARIZATIONS: _WORDS,
    stac.SAR_PRODUCT_TYPE: _TEXT,
    stac.ABSOLUTE_ORBIT: _WHOLE,
}
_OPTICAL: Mapping[str, Mapping[str, Any]] = {
    stac.CLOUD_COVER: _PERCENT,
    stac.GRID_CODE: _TEXT,
    stac.PROCESSING_VERSION: _TEXT,
}


def queryables(one: str | None) -> dict[str, Any]:
    """Give the properties that a filter may name, as JSON Schema.

    Args:
        one: Collection id; None for all that any collection has.
    """
    mission = COLLECTIONS[one][0] if one is not None and one in COLLECTIONS else None
    properties: dict[str, Any] = dict(_COMMON)
    if mission != SENTINEL_2:
        properties |= _SAR
    if mission in {None, SENTINEL_2}:
        properties |= _OPTICAL
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "title": f"Queryables of {one or 'SeDAS'}",
        "properties": properties,
        "additionalProperties": False,
    }

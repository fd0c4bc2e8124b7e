# SPDX-License-Identifier: Apache-2.0
"""Cecil's datasets as STAC Collections.

Source: the Cecil wire contract, 4.2 and 10.1, read 2026-11.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping
from typing import Any, Final

from swath import stac
from swath.models import ItemDict
from swath_cecil.models import Dataset, Variable

__all__ = ["band_of", "collection_of", "gsd_of", "nodata_of", "queryables", "span_of"]

_SPDX: Final = re.compile(r"(?i)^(cc-by(-nc)?(-sa|-nd)?-\d\.\d|cc0-1\.0|odbl-1\.0|mit|apache-2\.0|pddl-1\.0)$")
_STEPS: Final[Mapping[str, str]] = {
    "daily": "P1D", "weekly": "P7D", "monthly": "P1M", "quarterly": "P3M", "biannual": "P6M", "annual": "P1Y",
    "yearly": "P1Y",
}  # fmt: skip
_YEAR: Final = r"(?:19|20)\d\d"
_TEXT, _NUMBER = {"type": "string"}, {"type": "number"}
_TIME: Final = {"type": "string", "format": "date-time"}
_QUERYABLES: Final[Mapping[str, Mapping[str, Any]]] = {
    "id": _TEXT,
    "datetime": _TIME,
    "start_datetime": _TIME,
    "end_datetime": _TIME,
    "created": _TIME,
    "title": _TEXT,
    "description": _TEXT,
    stac.GSD: {"type": "number", "title": "Pixel size, metres"},
    stac.PROJ_CODE: _TEXT,
    stac.ORDER_STATUS: {"type": "string", "enum": ["orderable", "succeeded"]},
    stac.ORDER_ID: {"type": "string", "title": "Subscription"},
    stac.ORDER_DATE: _TIME,
    "cecil:kind": {
        "type": "string",
        "enum": ["area", "delivery"],
        "title": "A dataset over an area, to be ordered; or what was delivered of one",
    },
    "cecil:dataset": {"type": "string", "title": "The dataset's name"},
    "cecil:data_type": {"type": "string", "enum": ["raster", "vector"]},
    "cecil:version": _TEXT,
    "cecil:aoi_id": {"type": "string", "title": "Area of interest kept at Cecil"},
    "cecil:external_ref": {"type": "string", "title": "Reference of that area"},
    "cecil:hectares": {"type": "number", "title": "Size of the area"},
    "cecil:subscription_id": {"type": "string", "title": "Subscription of the dataset over the area"},
    "cecil:status": {"type": "string", "title": "Cecil's word for how far that subscription is"},
    "cecil:storage": {
        "type": "string",
        "title": "ibat: files are the area's; self-hosted: they are the whole dataset's",
    },
    "cecil:publication": {"type": "string", "title": "Publication that it was made of"},
    "cecil:update_available": {"type": "boolean", "title": "Whether there is a newer publication"},
}


def queryables() -> Mapping[str, Any]:
    """Say what items can be filtered by."""
    return {"type": "object", "properties": dict(_QUERYABLES)}


def collection_of(dataset: Dataset) -> ItemDict:
    """Make a dataset's Collection."""
    west, south, east, north = _bbox(dataset)
    start, end = _coverage(dataset.temporal_coverage.nominal)
    licence = dataset.licence.type.strip()
    providers = [{"name": one.name, "roles": ["producer", "licensor"]} for one in dataset.providers]
    return stac.collection(
        id=dataset.id,
        title=dataset.name,
        description="\n\n".join(dataset.description) or dataset.name or dataset.id,
        license=licence if _SPDX.match(licence) else "other",
        bbox=[west, south, east, north],
        start=start,
        end=end,
        keywords=dataset.categories,
        providers=[
            *providers,
            {"name": "Cecil", "roles": ["host", "processor"], "url": "https://cecil.earth"},
        ],
        summaries={
            stac.GSD: [gsd] if (gsd := gsd_of(dataset)) is not None else None,
            stac.PROJ_CODE: [dataset.crs] if dataset.crs else None,
        },
        item_assets=_item_assets(dataset),
        links=[stac.link(_rel(one.type), one.href, title=one.title) for one in dataset.resources],
        provider="cecil",
        fields=_fields(dataset),
    )


def _fields(dataset: Dataset) -> dict[str, Any]:
    resolution = dataset.temporal_resolution.nominal or ""
    tables = {one.name: one.reference_table for one in dataset.variables if one.reference_table}
    made: dict[str, Any] = {
        "version": dataset.version.number,
        "cecil:version_date": dataset.version.date,
        "cecil:data_type": dataset.type.lower(),
        "cecil:licence": dataset.licence.type or None,
        "cecil:spatial_coverage": dataset.spatial_coverage.nominal or None,
        "cecil:temporal_coverage": dataset.temporal_coverage.nominal or None,
        "cecil:temporal_resolution": resolution or None,
        "cecil:time_step": _STEPS.get(resolution.strip().lower()),
        "cecil:constraints": _told(dataset.constraints.model_dump()) or None,
        "cecil:pricing": dataset.pricing.model_dump(),
        "cecil:usage_notes": dataset.usage_notes or None,
        "cecil:reference_tables": tables or None,
    }
    if not dataset.is_raster:
        made[stac.TABLE_COLUMNS] = [
            _told({"name": one.name, "type": one.type or None, "description": " ".join(one.description) or None})
            for one in dataset.variables
        ]
    return made


def _item_assets(dataset: Dataset) -> dict[str, ItemDict]:
    if not dataset.is_raster:
        return {"table": {"type": stac.PARQUET, "roles": [stac.ROLE_DATA], "title": dataset.name}}
    return {
        one.name: {
            "type": stac.GEOTIFF,
            "roles": [stac.ROLE_DATA],
            "title": one.name,
            "bands": [band_of(one)],
            **({stac.PROJ_CODE: dataset.crs} if dataset.crs else {}),
        }
        for one in dataset.variables
    }


def band_of(variable: Variable) -> ItemDict:
    """Describe a variable as a band."""
    return stac.band(
        variable.name,
        description=" ".join(variable.description) or None,
        data_type=variable.type or None,
        nodata=nodata_of(variable.no_data),
        unit=variable.units or None,
        scale=variable.scale,
        offset=variable.offset,
    )


def nodata_of(text: str | None) -> float | str | None:
    """Read a nodata value, which Cecil writes as a text; None where it is none."""
    if text is None:
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    if math.isnan(number):
        return "nan"
    if math.isinf(number):
        return "inf" if number > 0 else "-inf"
    return int(number) if number.is_integer() else number


def gsd_of(dataset: Dataset) -> float | None:
    """Give the pixel size, metres, where it is told in metres."""
    told = dataset.spatial_resolution
    sizes = [one for one in (told.x, told.y) if one]
    if not sizes or (told.units or "").strip().lower() not in {"m", "metre", "metres", "meter", "meters"}:
        return None
    return max(sizes)


def span_of(dataset: Dataset, now: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """Give from when to when a dataset has data, open ends closed by the year that it is now."""
    start, end = _coverage(dataset.temporal_coverage.nominal)
    first = start or dt.datetime(now.year, 1, 1, tzinfo=dt.UTC)
    last = end or dt.datetime(now.year, 12, 31, 23, 59, 59, tzinfo=dt.UTC)
    return (first, max(first, last))


def _coverage(nominal: str) -> tuple[dt.datetime | None, dt.datetime | None]:
    """Read ``2013+``, ``2017-2024`` or ``2020``; two Nones where it is none of these."""
    text = nominal.strip()
    if found := re.fullmatch(rf"({_YEAR})\s*\+", text):
        return dt.datetime(int(found[1]), 1, 1, tzinfo=dt.UTC), None
    if found := re.fullmatch(rf"({_YEAR})(?:\s*(?:[-\u2013]|to)\s*({_YEAR}))?", text):
        last = int(found[2] or found[1])
        return (
            dt.datetime(int(found[1]), 1, 1, tzinfo=dt.UTC),
            dt.datetime(last, 12, 31, 23, 59, 59, tzinfo=dt.UTC),
        )
    return None, None


def _bbox(dataset: Dataset) -> tuple[float, float, float, float]:
    low, high = dataset.constraints.aoi_min_latitude, dataset.constraints.aoi_max_latitude
    return (-180.0, -90.0 if low is None else low, 180.0, 90.0 if high is None else high)


def _rel(kind: str) -> str:
    word = kind.lower()
    if "licen" in word:
        return "license"
    return "cite-as" if "cit" in word else "about"


def _told(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}

# SPDX-License-Identifier: Apache-2.0
"""Takes from items what a map page shows of them. Links that could hold a secret stay out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from swath._map.footprints import coordinates, footprint, place
from swath._query.times import parse_span
from swath.models import ItemDict

__all__ = ["features_of"]

_ROWS = (
    ("platform", "Platform", ""),
    ("constellation", "Constellation", ""),
    ("instruments", "Instruments", ""),
    ("gsd", "Resolution", " m"),
    ("eo:cloud_cover", "Cloud cover", " %"),
    ("sar:instrument_mode", "Mode", ""),
    ("sar:polarizations", "Polarisation", ""),
    ("view:off_nadir", "Off nadir", "°"),
    ("view:sun_elevation", "Sun elevation", "°"),
    ("sat:orbit_state", "Orbit", ""),
    ("processing:level", "Level", ""),
    ("product:type", "Product", ""),
    ("order:status", "Order", ""),
)
_LONGEST = 200


def features_of(items: Iterable[ItemDict], area: Mapping[str, Any] | None) -> tuple[list[dict[str, Any]], list[Any]]:
    """Make the features of a page.

    Args:
        items: STAC Items.
        area: The area of interest, GeoJSON, or None.

    Returns:
        The features, in order, and the outline of the area, as `coordinates` writes it.
    """
    found = list(items)
    shapes = [footprint(item.get("geometry"), item.get("bbox")) for item in found]
    *placed, outline = place([*shapes, footprint(area, None)])
    return [_feature(item, shape) for item, shape in zip(found, placed, strict=True)], coordinates(outline)


def _feature(item: ItemDict, shape: Any) -> dict[str, Any]:
    properties: Mapping[str, Any] = item.get("properties") or {}
    times = [properties.get("datetime")] if properties.get("datetime") else []
    times = times or [properties[key] for key in ("start_datetime", "end_datetime") if properties.get(key)]
    spans = [span for time in times if (span := parse_span(str(time))) is not None]
    return {
        "id": _short(item.get("id")),
        "collection": _short(item.get("collection") or ""),
        "provider": _short(properties.get("swath:provider") or "unknown"),
        "when": _short(" to ".join(str(time)[:19].replace("T", " ") for time in times)),
        "span": [_milliseconds(spans[0][0]), _milliseconds(spans[-1][1])] if spans else None,
        "shape": coordinates(shape),
        "rows": [
            [label, _value(properties[name], unit)]
            for name, label, unit in _ROWS
            if properties.get(name) not in (None, "")
        ],
        "look": _quicklook(item),
    }


def _milliseconds(time: dt.datetime) -> int:
    return round(time.timestamp() * 1000)


def _value(value: Any, unit: str) -> str:
    if isinstance(value, float):
        value = f"{value:.4g}"
    if isinstance(value, list | tuple):
        value = ", ".join(str(one) for one in value)
    return _short(f"{value}{unit}")


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _quicklook(item: ItemDict) -> str | None:
    """Find a picture that anybody may be sent to: a plain address, since a query may be a signature or a key."""
    for asset in (item.get("assets") or {}).values():
        if isinstance(asset, Mapping) and {"thumbnail", "overview"} & set(asset.get("roles") or ()):
            href = str(asset.get("href") or "")
            try:
                parts = urlsplit(href)
            except ValueError:
                continue
            if (
                parts.scheme == "https"
                and parts.hostname
                and not (parts.query or parts.fragment or "@" in parts.netloc)
            ):
                return href
    return None

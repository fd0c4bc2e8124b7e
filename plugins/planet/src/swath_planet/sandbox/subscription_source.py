# SPDX-License-Identifier: Apache-2.0
"""What a subscription's source has to deliver, and from when on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import field, frozen

from swath_planet.sandbox.access import Account
from swath_planet.sandbox.filters import parse_time
from swath_planet.sandbox.holdings import Holdings, Item
from swath_planet.sandbox.products import file_name
from swath_planet.sandbox.recurrence import read_rule
from swath_planet.sandbox.searching import make_search

__all__ = ["Match", "Source"]

_FINAL_AFTER = dt.timedelta(days=14)
_PRODUCT_LAG = dt.timedelta(hours=12)
_PRODUCTS = {
    "SWC-": "soil_water_content", "LST-": "land_surface_temperature", "BIOMASS": "biomass_proxy",
    "FOREST_CARBON": "forest_carbon_diligence_30m",
}  # fmt: skip
_SUFFIXES = {
    "clip": "_clip", "reproject": "_reproject", "bandmath": "_bandmath", "file_format": "_file_format",
    "harmonize": "_harmonized", "toar": "_toar",
}  # fmt: skip


@frozen(kw_only=True)
class Match:
    """One item to deliver."""

    item_id: str
    item_type: str
    acquired: dt.datetime
    available: dt.datetime
    """From when on it can be delivered."""
    files: tuple[str, ...]
    """Paths below the subscription's folder."""


@frozen(kw_only=True)
class Source:
    """Finds what matches a subscription's request, references resolved.

    A cloud filter goes by the item's own percentages of the usable data mask, which are of the whole scene.
    """

    holdings: Holdings = field(repr=False)
    account: Account
    request: Mapping[str, Any]

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The source's parameters."""
        found: Mapping[str, Any] = self.request["source"]["parameters"]
        return found

    @property
    def kind(self) -> str:
        """The source's type: ``"catalog"``, or the id of another product."""
        return "catalog" if "item_types" in self.parameters else str(self.parameters["id"])

    @property
    def type(self) -> str:
        """What the API calls the source: as the request does, else as the product's id begins."""
        asked = self.request["source"].get("type")
        known = next((name for start, name in _PRODUCTS.items() if self.kind.startswith(start)), self.kind)
        return str(asked or known)

    @property
    def start(self) -> dt.datetime:
        """Begin of what is delivered."""
        return parse_time(self.parameters["start_time"])

    @property
    def end(self) -> dt.datetime | None:
        """End of what is delivered; None where it is open."""
        return parse_time(self.parameters["end_time"]) if self.parameters.get("end_time") else None

    @property
    def lag(self) -> dt.timedelta:
        """From the end of what is delivered until the last of it is available."""
        if self.kind != "catalog":
            return _PRODUCT_LAG
        holding = self.holdings.by_type.get(self.parameters["item_types"][0])
        published = dt.timedelta() if self._time_name == "published" or holding is None else holding.lag
        return published + self._stage_lag

    def matches(self, after: dt.datetime, until: dt.datetime) -> Iterator[Match]:
        """Give what has become available later than `after` and not later than `until`, in that order."""
        if self.kind == "catalog":
            yield from self._items(after, until)
        else:
            yield from self._days(after, until)

    @property
    def _time_name(self) -> str:
        return str(self.parameters.get("time_range_type") or "acquired")

    @property
    def _stage_lag(self) -> dt.timedelta:
        stages = self.parameters.get("publishing_stages") or ["standard", "finalized"]
        return dt.timedelta() if {"standard", "preview"} & set(stages) else _FINAL_AFTER

    def _items(self, after: dt.datetime, until: dt.datetime) -> Iterator[Match]:
        told, lag = self.parameters, self._stage_lag
        span = {"gte": self.start.isoformat()} | ({"lt": self.end.isoformat()} if self.end else {})
        fresh = {"gt": (after - lag).isoformat(), "lte": (until - lag).isoformat()}
        search = make_search(
            {
                "item_types": told["item_types"],
                "filter": {
                    "type": "AndFilter",
                    "config": [
                        {"type": "DateRangeFilter", "field_name": self._time_name, "config": span},
                        {"type": "DateRangeFilter", "field_name": "published", "config": fresh},
                        {
                            "type": "GeometryFilter",
                            "field_name": "geometry",
                            "relation": told.get("geometry_relation") or "intersects",
                            "config": told["geometry"],
                        },
                        *([told["filter"]] if told.get("filter") else []),
                    ],
                },
            },
            self.account,
        )
        on_day = read_rule(told.get("rrule"))
        for item in search.items(self.holdings, "published asc"):
            time = parse_time(item.properties["acquired"])
            if set(told["asset_types"]) <= set(item.assets) and on_day(time) and self._is_clear(item):
                yield Match(
                    item_id=item.id,
                    item_type=item.item_type,
                    acquired=time,
                    available=item.published + lag,
                    files=tuple(
                        f"{item.item_type}/{self._suffixed(file_name(item.item_type, item.id, one))}"
                        for one in told["asset_types"]
                    ),
                )

    def _is_clear(self, item: Item) -> bool:
        for tool in self.request.get("tools") or ():
            bounds = tool.get("parameters") or {} if tool["type"] == "cloud_filter" else {}
            for name, bound in bounds.items():
                percent = item.properties.get(name)
                if percent is None or not bound.get("gte", 0) <= percent <= bound.get("lte", 100):
                    return False
        return True

    def _suffixed(self, name: str) -> str:
        stem, dot, extension = name.rpartition(".")
        tools = "".join(_SUFFIXES.get(tool["type"], "") for tool in self.request.get("tools") or ())
        return f"{stem}{tools if extension == 'tif' else ''}{dot}{extension}"

    def _days(self, after: dt.datetime, until: dt.datetime) -> Iterator[Match]:
        """Give a product that is made once a day."""
        day = self.start.replace(hour=0, minute=0, second=0, microsecond=0)
        while day + _PRODUCT_LAG <= until and (self.end is None or day < self.end):
            if day + _PRODUCT_LAG > after:
                name = f"{self.kind}_{day:%Y-%m-%d}"
                yield Match(
                    item_id=name,
                    item_type=self.kind,
                    acquired=day,
                    available=day + _PRODUCT_LAG,
                    files=(f"{self.kind}/{name}.tiff",),
                )
            day += dt.timedelta(days=1)

# SPDX-License-Identifier: Apache-2.0
"""One catalogue of 10,000 items behind three faces: a STAC API, Planet's Data API, Capella's search.

    python catalogue.py TEMPLATES LATENCY_S

TEMPLATES is a JSON file of features as the stand-ins give them, under ``planet`` and ``capella``. Items are rendered
once; a page is a join of them. Newest first, 250 a page at most; windows of time are honoured. Prints its port.
"""

from __future__ import annotations

import bisect
import collections
import datetime as dt
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

sys.path.insert(0, str(Path(__file__).parents[1]))

from servers.web import Answer, serve

ITEMS: Final = 10_000
PAGE: Final = 250
NEWEST: Final = dt.datetime(2026, 6, 30, tzinfo=dt.UTC)
STEP: Final = dt.timedelta(minutes=25)
_CONFORMANCE: Final = [
    "https://api.stacspec.org/v1.0.0/core",
    "https://api.stacspec.org/v1.0.0/item-search",
    "https://api.stacspec.org/v1.0.0/ogcapi-features",
]


def _time(text: str) -> dt.datetime:
    found = dt.datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def _planet(template: dict[str, Any], number: int, when: dt.datetime) -> dict[str, Any]:
    text = when.isoformat().replace("+00:00", "Z")
    own = f"{when:%Y%m%d_%H%M%S}_{number}"
    links = {key: str(value).replace(template["id"], own) for key, value in template["_links"].items()}
    times = {"acquired": text, "published": text, "updated": text}
    return {**template, "id": own, "_links": links, "properties": {**template["properties"], **times}}


def _capella(template: dict[str, Any], number: int, when: dt.datetime) -> dict[str, Any]:
    text = f"{when:%Y-%m-%dT%H:%M:%S}.000000Z"
    times = dict.fromkeys(("datetime", "start_datetime", "end_datetime"), text)
    return {**template, "id": f"{template['id']}-{number}", "properties": {**template["properties"], **times}}


class Catalogue:
    """Answers all three."""

    def __init__(self, base: str, templates: dict[str, list[dict[str, Any]]]) -> None:
        self._base = base
        self._times = [NEWEST - STEP * number for number in range(ITEMS)]
        self._ages = [(NEWEST - when).total_seconds() for when in self._times]
        makers = {"planet": _planet, "capella": _capella}
        self._rendered = {
            name: [
                json.dumps(make(templates[name][at % len(templates[name])], at, when), separators=(",", ":")).encode()
                for at, when in enumerate(self._times)
            ]
            for name, make in makers.items()
        }

    def __call__(self, method: str, target: str, body: bytes) -> Answer:
        """Answer one request."""
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        asked = json.loads(body) if body else {}
        match method, parts.path:
            case "POST", "/data/v1/quick-search":
                return self._planet_page(self._planet_window(asked.get("filter")), query, 0)
            case "GET", "/data/v1/searches/bench/results":
                return self._planet_page((int(query["_lo"]), int(query["_hi"])), query, int(query["_at"]))
            case "POST", "/data/v1/stats":
                return self._stats(self._planet_window(asked.get("filter")), asked.get("interval", "year"))
            case "POST", "/catalog/search":
                return self._capella_page(asked, query)
            case "GET", "/stac" | "/stac/":
                return 200, self._landing()
            case "POST", "/stac/search":
                return self._stac_page(asked)
            case "GET", "/stac/search":
                return self._stac_page(query)
        return 404, json.dumps({"message": f"no such page: {method} {parts.path}"}).encode()

    # --- windows -------------------------------------------------------------------------------------------------

    def _window(self, bounds: dict[str, str]) -> tuple[int, int]:
        """Give the first and the last but one index within bounds in time."""
        lo, hi = 0, ITEMS
        for word, text in bounds.items():
            age = (NEWEST - _time(text)).total_seconds()
            if word == "lte":
                lo = max(lo, bisect.bisect_left(self._ages, age))
            elif word == "lt":
                lo = max(lo, bisect.bisect_right(self._ages, age))
            elif word == "gte":
                hi = min(hi, bisect.bisect_right(self._ages, age))
            elif word == "gt":
                hi = min(hi, bisect.bisect_left(self._ages, age))
        return lo, max(lo, hi)

    def _planet_window(self, filter_: Any) -> tuple[int, int]:
        found = [self._window(bounds) for bounds in _date_ranges(filter_)]
        return max((lo for lo, _ in found), default=0), min((hi for _, hi in found), default=ITEMS)

    # --- faces ---------------------------------------------------------------------------------------------------

    def _page(self, name: str, lo: int, hi: int, head: dict[str, Any]) -> Answer:
        features = b",".join(self._rendered[name][lo:hi])
        return 200, json.dumps({"type": "FeatureCollection", **head}).encode()[
            :-1
        ] + b',"features":[' + features + b"]}"

    def _planet_page(self, window: tuple[int, int], query: dict[str, str], at: int) -> Answer:
        if query.get("_sort", "published desc").endswith("asc"):
            return 501, b"{}"
        lo, hi = window
        size = min(int(query.get("_page_size", PAGE)), PAGE)
        end = min(lo + at + size, hi)
        links = {"_self": f"{self._base}/data/v1/searches/bench/results"}
        if end < hi:
            links["_next"] = f"{links['_self']}?_page_size={size}&_lo={lo}&_hi={hi}&_at={end - lo}"
        return self._page("planet", lo + at, end, {"_links": links})

    def _stats(self, window: tuple[int, int], interval: str) -> Answer:
        forms = {"year": "%Y-01-01", "month": "%Y-%m-01", "week": "%G-W%V-1", "day": "%Y-%m-%d", "hour": "%Y-%m-%dT%H"}
        counts = collections.Counter(f"{when:{forms[interval]}}" for when in self._times[slice(*window)])
        buckets = [
            {"start_time": dt.datetime.fromisoformat(start).replace(tzinfo=dt.UTC).isoformat(), "count": count}
            for start, count in sorted(counts.items())
        ]
        return 200, json.dumps({"interval": interval, "utc_offset": "+0h", "buckets": buckets}).encode()

    def _capella_page(self, asked: dict[str, Any], query: dict[str, str]) -> Answer:
        if (asked.get("sortby") or [{}])[0].get("direction") == "asc":
            return 501, b"{}"
        bounds = dict((asked.get("query") or {}).get("datetime", {}).items())
        lo, hi = self._window(bounds)
        size, number = min(int(asked.get("limit", PAGE)), PAGE), int(query.get("page") or asked.get("page") or 1)
        start, end = min(lo + (number - 1) * size, hi), min(lo + number * size, hi)
        head: dict[str, Any] = {"numberMatched": hi - lo, "numberReturned": end - start, "links": []}
        if end < hi:
            href = f"{self._base}/catalog/search?page={number + 1}"
            head["links"] = [{"rel": "next", "method": "POST", "href": href}]
        return self._page("capella", start, end, head)

    def _landing(self) -> bytes:
        links = [{"rel": rel, "href": f"{self._base}/stac"} for rel in ("root", "self")]
        for method in ("POST", "GET"):
            href = f"{self._base}/stac/search"
            links.append({"rel": "search", "href": href, "type": "application/geo+json", "method": method})
        told = {"type": "Catalog", "stac_version": "1.0.0", "id": "bench", "description": "bench", "links": links}
        return json.dumps({**told, "conformsTo": _CONFORMANCE}).encode()

    def _stac_page(self, asked: dict[str, Any]) -> Answer:
        start, _, end = str(asked.get("datetime") or "../..").partition("/")
        bounds = {word: text for word, text in (("gte", start), ("lte", end or start)) if text not in {"", ".."}}
        lo, hi = self._window(bounds)
        size, at = min(int(asked.get("limit", PAGE)), PAGE), int(asked.get("token", 0))
        end_at = min(lo + at + size, hi)
        head: dict[str, Any] = {"numberMatched": hi - lo, "numberReturned": end_at - lo - at, "links": []}
        if end_at < hi:
            link = {
                "rel": "next",
                "method": "POST",
                "href": f"{self._base}/stac/search",
                "type": "application/geo+json",
            }
            head["links"] = [{**link, "body": {**asked, "token": end_at - lo}}]
        return self._page("capella", lo + at, end_at, head)


def _date_ranges(filter_: Any) -> Iterator[dict[str, str]]:
    """Find the bounds on the time of acquisition in a filter of Planet's that only joins by "and"."""
    if not isinstance(filter_, dict):
        return
    if filter_.get("type") == "AndFilter":
        for one in filter_["config"]:
            yield from _date_ranges(one)
    elif filter_.get("type") == "DateRangeFilter" and filter_.get("field_name") == "acquired":
        yield filter_["config"]


if __name__ == "__main__":
    known = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    serve(lambda base: Catalogue(base, known), float(sys.argv[2]))

# SPDX-License-Identifier: Apache-2.0
"""Search: one pass over 40 pages of 250 items, at once and with 50 ms of latency a request."""

from __future__ import annotations

import contextlib
import functools
import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from harness.model import Contender, Goal, Ground, Row
from harness.places import ROOT, python, script

_SERVER: Final = ROOT / "tests" / "bench" / "servers" / "catalogue.py"
_TEMPLATES: Final = 50


@functools.cache
def _templates() -> str:
    """Have the stand-ins give some items, as JSON."""
    import httpx

    from swath.sandbox import Sandbox, World

    with Sandbox(["planet", "capella"], world=World(rate_limits=False)) as box:
        planet, capella = box.providers["planet"], box.providers["capella"]
        found = httpx.post(
            f"{planet.base_url}/data/v1/quick-search?_page_size={_TEMPLATES}",
            auth=(planet.env["PL_API_KEY"], ""),
            json={"item_types": ["PSScene"], "filter": {"type": "AndFilter", "config": []}},
            timeout=120,
        )
        key = {"Authorization": f"ApiKey {capella.env['CAPELLA_API_KEY']}"}
        body = {"limit": _TEMPLATES, "collections": ["capella-geo"]}
        others = httpx.post(f"{capella.base_url}/catalog/search", headers=key, json=body, timeout=120)
    return json.dumps({"planet": found.json()["features"], "capella": others.json()["features"]})


def _ground(latency_s: float) -> Callable[[Path], Any]:
    @contextlib.contextmanager
    def prepare(folder: Path) -> Iterator[Ground]:
        templates = folder / "templates.json"
        templates.write_text(_templates(), encoding="utf-8")
        command = [python("swath"), str(_SERVER), str(templates), str(latency_s)]
        running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            port = (running.stdout.readline() if running.stdout else "").strip()
            if not port:
                raise RuntimeError("the catalogue did not start")
            yield {"base": f"http://127.0.0.1:{port}"}
        finally:
            running.kill()
            running.communicate()

    return prepare


@contextlib.contextmanager
def _nothing(folder: Path) -> Iterator[Ground]:
    yield {}


def _of(name: str, place: str, who: str, **options: Any) -> Contender:
    return Contender(
        name=name, place=place, argv=lambda ground: script(place, "search.py", who, ground["base"]), **options
    )


SWATH_PLANET, SWATH_PLANET_FREE = "swath, Planet", "swath, Planet without its limit"
SWATH_CAPELLA, SWATH_CAPELLA_ITEMS = "swath, Capella", "swath, Capella, items()"
MAPPED_PLANET, MAPPED_CAPELLA = "httpx + orjson + mapping, Planet", "httpx + orjson + mapping, Capella"
PYSTAC_ITEMS = "pystac-client, items"

_CONTENDERS: Final = [
    _of(SWATH_PLANET_FREE, "swath", "swath_planet_unlimited", side="swath"),
    _of("swath, Planet without its limit, items()", "swath", "swath_planet_unlimited_items", side="swath"),
    _of(SWATH_PLANET, "swath", "swath_planet", side="swath"),
    _of(SWATH_CAPELLA, "swath", "swath_capella", side="swath"),
    _of(SWATH_CAPELLA_ITEMS, "swath", "swath_capella_items", side="swath"),
    _of("pystac-client, dicts", "clients", "pystac_client"),
    _of(PYSTAC_ITEMS, "clients", "pystac_client_items"),
    _of("planet", "planet", "planet"),
    _of("planet without its limiter", "planet", "planet_unlimited"),
    _of("capella", "capella", "capella"),
    _of("httpx + orjson", "clients", "httpx_orjson", side="limit"),
]

ROWS: Final = (
    Row(
        key="search",
        title="Search, 40 pages of 250 items",
        prepare=_ground(0.0),
        contenders=[
            *_CONTENDERS,
            _of(MAPPED_PLANET, "clients", "httpx_orjson_planet", side="limit"),
            _of(MAPPED_CAPELLA, "clients", "httpx_orjson_capella", side="limit"),
        ],
        goals=[
            Goal(ours=SWATH_PLANET_FREE, other=MAPPED_PLANET, most=1.3),
            Goal(ours=SWATH_CAPELLA, other=MAPPED_CAPELLA, most=1.3),
            Goal(ours=SWATH_CAPELLA_ITEMS, other=PYSTAC_ITEMS, most=0.25),
        ],
        note="Items are those of the stand-ins, 2.2 kB each at Planet and 3.8 kB at Capella and in the STAC API.",
    ),
    Row(
        key="latency",
        title="The same with 50 ms of latency a request",
        prepare=_ground(0.05),
        contenders=[*_CONTENDERS, _of("httpx + orjson, 8 windows", "clients", "httpx_orjson_windows", side="limit")],
        goals=[
            Goal(ours=SWATH_CAPELLA, most=0.6),
            Goal(ours=SWATH_PLANET_FREE, most=0.6),
        ],
        note="Planet permits 10 requests a second, by which 40 pages take 3.9 s; nobody may be faster at the service.",
    ),
    Row(
        key="filter",
        title="Filtering 10,000 items in memory, half of them pass",
        prepare=_nothing,
        contenders=[
            Contender(name="swath", side="swath", argv=lambda _: script("swath", "filtering.py", "swath")),
            Contender(name="json and a loop", side="limit", argv=lambda _: script("swath", "filtering.py", "plain")),
        ],
        note="The making of the items, which both do, is in the figures.",
    ),
)

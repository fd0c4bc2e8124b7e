# SPDX-License-Identifier: Apache-2.0
"""Goes once through 10,000 items: WHO BASE. Fails where it does not find all of them."""

import sys
from pathlib import Path

who, base = sys.argv[1:3]
WHEN = "2026-01-01/2026-06-30"
COUNT, PAGE = 10_000, 250


# --- swath ---------------------------------------------------------------------------------------------------------------


def _open(name, *, limited):
    from attrs import evolve

    from swath._open import make_provider
    from swath.hookspecs import hookimpl

    given = {"base_url": base, "api_key": "k" * 64}
    if limited:
        return make_provider(name, profile=None, given=given, home=Path("home"))
    from importlib.metadata import entry_points

    kind = next(iter(entry_points(group="swath.providers", name=name))).load()

    class Unlimited(kind):
        @hookimpl
        def describe(self):
            return evolve(super().describe(), limits={})

    return make_provider(name, profile=None, given=given, home=Path("home"), plugin=Unlimited())


def _count(name, how, *, limited=True, **query):
    with _open(name, limited=limited) as provider:
        search = provider.search(datetime=WHEN, limit=PAGE, **query)
        return sum(1 for _ in getattr(search, how)())


def swath_planet():
    return _count("planet", "items_as_dicts", collections=["PSScene"])


def swath_planet_unlimited():
    return _count("planet", "items_as_dicts", limited=False, collections=["PSScene"])


def swath_planet_unlimited_items():
    return _count("planet", "items", limited=False, collections=["PSScene"])


def swath_capella():
    return _count("capella", "items_as_dicts")


def swath_capella_items():
    return _count("capella", "items")


# --- peers ---------------------------------------------------------------------------------------------------------------


def _pystac_client(how):
    import warnings

    from pystac_client import Client

    warnings.simplefilter("ignore")
    return sum(1 for _ in getattr(Client.open(f"{base}/stac").search(datetime=WHEN, limit=PAGE), how)())


def pystac_client():
    return _pystac_client("items_as_dicts")


def pystac_client_items():
    return _pystac_client("items")


def _planet(*, limited):
    import asyncio

    import planet
    import planet.specs

    # What the SDK would fetch from a fixed address.
    planet.specs.PRODUCT_BUNDLES.cache = {"bundles": {}, "bundle_names": [], "item_types": {"PSScene"}}

    async def main():
        async with planet.Session(auth=planet.Auth.from_key("bench")) as session:
            if not limited:
                session._limiter.cadence = 0
            data = session.client("data", base_url=f"{base}/data/v1")
            return len([item async for item in data.search(["PSScene"], limit=0)])

    return asyncio.run(main())


def planet():
    return _planet(limited=True)


def planet_unlimited():
    return _planet(limited=False)


def capella():
    from capella_console_client import CapellaConsoleClient

    return len(CapellaConsoleClient(no_auth=True, base_url=base).search(limit=COUNT))


# --- limits --------------------------------------------------------------------------------------------------------------


def _capella_page(client, number):
    import orjson

    return orjson.loads(client.post(f"{base}/catalog/search", json={"limit": PAGE, "page": number}).content)["features"]


def httpx_orjson():
    import httpx

    with httpx.Client(timeout=60) as client:
        return sum(len(_capella_page(client, number)) for number in range(1, COUNT // PAGE + 1))


def httpx_orjson_windows():
    from concurrent.futures import ThreadPoolExecutor

    import httpx

    with httpx.Client(timeout=60) as client, ThreadPoolExecutor(8) as pool:
        return sum(map(len, pool.map(lambda number: _capella_page(client, number), range(1, COUNT // PAGE + 1))))


def httpx_orjson_capella():
    import httpx

    with httpx.Client(timeout=60) as client:
        return sum(1 for number in range(1, COUNT // PAGE + 1) for one in _capella_page(client, number) if _stac(one))


def httpx_orjson_planet():
    import httpx
    import orjson

    with httpx.Client(timeout=60) as client:
        body = {"item_types": ["PSScene"], "filter": {"type": "AndFilter", "config": []}}
        answer = client.post(f"{base}/data/v1/quick-search", params={"_page_size": PAGE}, json=body)
        found = 0
        while True:
            page = orjson.loads(answer.content)
            found += sum(1 for feature in page["features"] if _from_planet(feature))
            if "_next" not in page["_links"]:
                return found
            answer = client.get(page["_links"]["_next"])


def _stac(feature):
    """Map an item of Capella's as straight as can be."""
    properties = {**feature["properties"], "swath:provider": "capella", "order:status": "orderable"}
    properties["proj:code"] = f"EPSG:{properties.pop('proj:epsg', None)}"
    assets = {key: {**asset, "roles": asset.get("roles", ["data"])} for key, asset in feature["assets"].items()}
    return {**feature, "stac_version": "1.1.0", "properties": properties, "assets": assets}


_NAMES = {
    "published": "published",
    "updated": "updated",
    "satellite_id": "platform",
    "provider": "constellation",
    "gsd": "gsd",
    "satellite_azimuth": "view:azimuth",
    "sun_azimuth": "view:sun_azimuth",
    "sun_elevation": "view:sun_elevation",
}


def _from_planet(feature):
    """Map an item of Planet's as straight as can be."""
    native = feature["properties"]
    properties = {_NAMES.get(name) or f"planet:{name}": value for name, value in native.items()}
    properties["datetime"] = native["acquired"]
    properties["eo:cloud_cover"] = native["cloud_cover"] * 100
    properties["instruments"] = [native["instrument"]]
    properties["view:off_nadir"] = abs(native["view_angle"])
    properties["swath:provider"] = "planet"
    page = feature["_links"]["assets"]
    assets = {
        name: {"href": f"{page}#{name}", "type": "image/tiff", "roles": ["data"], "planet:asset_type": name}
        for name in feature["assets"]
    }
    ring = feature["geometry"]["coordinates"][0]
    xs, ys = [point[0] for point in ring], [point[1] for point in ring]
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "stac_extensions": [],
        "id": feature["id"],
        "collection": native["item_type"],
        "geometry": feature["geometry"],
        "bbox": [min(xs), min(ys), max(xs), max(ys)],
        "properties": properties,
        "assets": assets,
        "links": [],
    }


if (found := globals()[who]()) != COUNT:
    raise SystemExit(f"{who} found {found} items, not {COUNT}")

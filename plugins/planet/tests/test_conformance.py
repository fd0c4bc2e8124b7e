# SPDX-License-Identifier: Apache-2.0
from swath import testing


class Planet(testing.Subject):
    name = "planet"
    query = {  # noqa: RUF012 (read only, as the suite's own)
        "collections": ["PSScene"],
        "bbox": [5.4, 52.42, 5.6, 52.55],
        "datetime": "2026-06-01/2026-06-15",
    }
    filter_query = {  # noqa: RUF012
        "collections": ["PSScene", "SkySatCollect", "Sentinel2L1C", "REOrthoTile", "Sentinel1"],
        "bbox": [5.4, 52.42, 5.6, 52.55],
        "datetime": "2019-06-01/2019-06-06",
    }
    buys = ("POST", r"/compute/ops/orders/v2/?$")
    data = r"/storage/(?!.*/manifest\.json$)"
    searches = r"/data/v1/(quick-search|searches)"
    cannot = {"quote": "the Orders API gives no estimate"}  # noqa: RUF012


class TestDescribe(Planet, testing.BaseDescribe): ...


class TestAuthenticate(Planet, testing.BaseAuthenticate): ...


class TestSearch(Planet, testing.BaseSearch): ...


class TestFilter(Planet, testing.BaseFilter): ...


class TestOrder(Planet, testing.BaseOrder): ...


class TestDownload(Planet, testing.BaseDownload): ...


class TestLoad(Planet, testing.BaseLoad): ...


class TestFaults(Planet, testing.BaseFaults): ...

# SPDX-License-Identifier: Apache-2.0
from swath import testing


class SeDAS(testing.Subject):
    name = "sedas"
    query = {"collections": ["sentinel-2-l1c", "sentinel-1-grd"], "bbox": [5.4, 52.42, 5.6, 52.55]}  # noqa: RUF012
    query |= {"datetime": "2026-06-01/2026-06-15"}
    # What was ordered once is online for a while: each check takes what is still in the archive.
    order_query = {**query, "datetime": "2026-02-01/2026-06-15", "filter": "\"order:status\" = 'orderable'"}  # noqa: RUF012
    filter_query = {**query, "collections": ["sentinel-2-l1c", "sentinel-2-l2a", "sentinel-1-grd"]}  # noqa: RUF012
    buys = ("POST", r"/request/[^/]+$")
    data = r"/datamgr/"
    searches = r"/api/search"
    cannot = {"quote": "the service tells no prices"}  # noqa: RUF012


class TestDescribe(SeDAS, testing.BaseDescribe): ...


class TestAuthenticate(SeDAS, testing.BaseAuthenticate): ...


class TestSearch(SeDAS, testing.BaseSearch): ...


class TestFilter(SeDAS, testing.BaseFilter): ...


class TestOrder(SeDAS, testing.BaseOrder): ...


class TestDownload(SeDAS, testing.BaseDownload): ...


class TestLoad(SeDAS, testing.BaseLoad): ...


class TestFaults(SeDAS, testing.BaseFaults): ...

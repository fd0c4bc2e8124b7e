# SPDX-License-Identifier: Apache-2.0
from swath import testing

_AREA = [132.5294, -12.7301, 132.5344, -12.7251]
_HANSEN, _COVER = "9659ec1d-7091-4f8b-9db5-e9fe07d2f508", "a4bb9aea-b6df-4d19-9083-38357f8fa76c"


class Cecil(testing.Subject):
    name = "cecil"
    query = {"bbox": _AREA, "datetime": "2000-01-01/2026-12-31"}  # noqa: RUF012 (read only, as the suite's own)
    # Each order is a subscription of its own; without this, the second one would be the first.
    order_query = {  # noqa: RUF012
        "collections": [_HANSEN, _COVER],
        "bbox": _AREA,
        "filter": "\"cecil:kind\" = 'area'",
    }
    order = {"allow_duplicate": True}  # noqa: RUF012
    buys = ("POST", r"/v0/subscriptions$")
    data = r"/sandbox-tiff/.*\.tif$"
    searches = r"/v0/(aois|subscriptions)$"
    cannot = {  # noqa: RUF012
        "antimeridian": "an item is a dataset over the very area that is asked for",
        "checksums": "buckets have none: an ETag is no checksum where objects are encrypted",
    }


class TestDescribe(Cecil, testing.BaseDescribe): ...


class TestAuthenticate(Cecil, testing.BaseAuthenticate): ...


class TestSearch(Cecil, testing.BaseSearch): ...


class TestFilter(Cecil, testing.BaseFilter): ...


class TestOrder(Cecil, testing.BaseOrder): ...


class TestDownload(Cecil, testing.BaseDownload): ...


class TestLoad(Cecil, testing.BaseLoad): ...


class TestFaults(Cecil, testing.BaseFaults): ...

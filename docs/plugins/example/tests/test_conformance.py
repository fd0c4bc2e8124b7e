# SPDX-License-Identifier: Apache-2.0
"""The promises that swath makes for every provider, kept by this one."""

from typing import ClassVar

from swath import testing


class Example(testing.Subject):
    """What the suite needs to know of us."""

    name = "example"
    query: ClassVar = {"collections": ["scenes"], "bbox": [5.4, 52.4, 5.6, 52.6], "datetime": "2026-06-01/2026-06-15"}
    buys = ("POST", r"/v1/orders$")
    data = r"/v1/files/"
    searches = r"/v1/scenes$"


class TestDescribe(Example, testing.BaseDescribe): ...


class TestAuthenticate(Example, testing.BaseAuthenticate): ...


class TestSearch(Example, testing.BaseSearch): ...


class TestFilter(Example, testing.BaseFilter): ...


class TestOrder(Example, testing.BaseOrder): ...


class TestDownload(Example, testing.BaseDownload): ...


class TestLoad(Example, testing.BaseLoad): ...

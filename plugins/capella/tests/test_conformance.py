# SPDX-License-Identifier: Apache-2.0
import httpx
import pytest

from swath import testing
from swath.sandbox import Sandbox, World


class Capella(testing.Subject):
    name = "capella"
    query = {  # noqa: RUF012 (read only, as the suite's own)
        "collections": ["capella-geo", "capella-gec"],
        "bbox": [5.4, 52.42, 5.6, 52.55],
        "datetime": "2026-05-01/2026-06-20",
    }
    filter_query = {  # noqa: RUF012
        "collections": ["capella-geo", "capella-gec", "capella-slc", "capella-cphd"],
        "bbox": [5.4, 52.42, 5.6, 52.55],
        "datetime": "2026-05-01/2026-06-01",
    }
    buys = ("POST", r"/orders/?$")
    data = r"/capella-data/"
    searches = r"/catalog/search"
    cannot = {  # noqa: RUF012
        "cancel": "orders from the archive are filled at once",
        "checksums": "the service publishes none",
        "late download": "an order lives one hour",
    }

    @pytest.fixture(scope="class")
    @classmethod
    def box(cls):
        """Run the stand-in with orders that take their time."""
        with Sandbox([cls.name], world=World(speed=50.0, rate_limits=False)) as running:
            httpx.patch(f"{running.providers[cls.name].base_url}/_capella/settings", json={"order_delay_s": 120.0})
            yield running


class TestDescribe(Capella, testing.BaseDescribe): ...


class TestAuthenticate(Capella, testing.BaseAuthenticate): ...


class TestSearch(Capella, testing.BaseSearch): ...


class TestFilter(Capella, testing.BaseFilter): ...


class TestOrder(Capella, testing.BaseOrder): ...


class TestDownload(Capella, testing.BaseDownload): ...


class TestLoad(Capella, testing.BaseLoad): ...


class TestTask(Capella, testing.BaseTask):
    tasks = ("POST", r"/task/?$")
    approves = ("PATCH", r"/task/[^/]+/status$")


class TestFaults(Capella, testing.BaseFaults): ...

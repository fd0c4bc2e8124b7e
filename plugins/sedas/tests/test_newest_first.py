# SPDX-License-Identifier: Apache-2.0
"""Newest first: what SeDAS cannot sort comes in order all the same, and few requests give the newest of a long archive."""

import datetime as dt

import pytest

from swath._query.build import build_query
from swath_sedas.search import newest_first

NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
CAP = 8


class Archive:
    """A service with a product every six hours, which cuts its answers off."""

    def __init__(self):
        first = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
        self.starts = [first + dt.timedelta(hours=6 * at) for at in range(3500)]
        self.asked = 0

    def list_satellites(self):
        return []

    def search_polygon(self, query):
        self.asked += 1
        begin, end = (dt.datetime.fromisoformat(query[one]) for one in ("start", "stop"))
        found = [one for one in self.starts if begin <= one <= end]
        return {"products": [{"supplierId": f"{one:%Y%m%dT%H}", "start": one} for one in found[:CAP]]}


@pytest.fixture
def archive():
    return Archive()


def given(archive, **query):
    """Give the products as the plugin may hand them on, each batch once nothing later can come."""
    built, _ = build_query(**query)
    held, last = [], None
    for found, latest in newest_first(archive, built, now=NOW, split_at=CAP):
        assert last is None or latest is None or latest <= last
        last = latest
        held += found
        ready = sorted((one["start"] for one in held if latest is None or one["start"] > latest), reverse=True)
        held = [one for one in held if latest is not None and one["start"] <= latest]
        yield from ready


def test_all_come_in_order_each_once(archive):
    expected = [one for one in reversed(archive.starts) if one <= NOW + dt.timedelta(days=1)]

    assert list(given(archive)) == expected
    assert len(expected) > 3000


def test_the_newest_of_a_long_archive_take_few_requests(archive):
    found = given(archive)

    assert [next(found) for _ in range(5)] == archive.starts[:-6:-1]
    assert archive.asked < 60

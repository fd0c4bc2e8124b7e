# SPDX-License-Identifier: Apache-2.0
"""A long search loses nothing when it is cut into spans of time, and is only cut where that saves time."""

from __future__ import annotations

import datetime as dt
import random
import threading

import pytest

from swath_planet.searching import Searching
from swath_planet.wire import Feature, SearchPage

START = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
FIELDS = ("published", "acquired")


class Served:
    """Planet's quick search over items in memory; each answer takes a while."""

    def __init__(self, times, *, took_s, hidden=dt.timedelta()):
        self.items = [(f"item-{number}", time) for number, time in enumerate(times)]
        self.took_s, self.hidden = took_s, hidden
        self.begun, self.followed, self._links = [], 0, {}
        self.time = START
        self._lock = threading.Lock()

    def first_page(self, item_types, filter_, *, sort, page_size):
        with self._lock:
            self.begun.append(filter_)
            found = [one for one in self.items if self._holds(filter_, one[1])]
            falls = (sort or "published desc").endswith("desc")
            found.sort(key=lambda one: (one[1], one[0]), reverse=falls)
            return self._page(found, 0, page_size)

    def page_at(self, link):
        with self._lock:
            self.followed += 1
            return self._page(*self._links[link])

    def _page(self, found, start, size):
        self.time += dt.timedelta(seconds=self.took_s)
        following = None
        if start + size < len(found):
            following = f"page-{len(self._links)}"
            self._links[following] = (found, start + size, size)
        return SearchPage(
            features=tuple(
                Feature(id=name, properties={field: self._shown(time) for field in FIELDS})
                for name, time in found[start : start + size]
            ),
            links={"_next": following},
        )

    def _shown(self, time):
        return time.replace(microsecond=0).isoformat() if self.hidden else time.isoformat()

    def _holds(self, filter_, time):
        if filter_["type"] == "AndFilter":
            return all(self._holds(one, time) for one in filter_["config"])
        bounds = {op: dt.datetime.fromisoformat(value) for op, value in filter_["config"].items()}
        return (
            ("gt" not in bounds or time > bounds["gt"])
            and ("gte" not in bounds or time >= bounds["gte"])
            and ("lt" not in bounds or time < bounds["lt"])
            and ("lte" not in bounds or time <= bounds["lte"])
        )

    @property
    def requests(self):
        return len(self.begun) + self.followed


def run(served, *, sort=None, wanted=None):
    searching = Searching(
        data=served,
        item_types=("PSScene",),
        filter={"type": "AndFilter", "config": []},
        sort=sort,
        page_size=10,
        wanted=wanted,
        now=lambda: served.time,
    )
    return list(dict.fromkeys(one.id for page in searching.pages() for one in page.features))


def even(count):
    return [START + number * dt.timedelta(minutes=7) for number in range(count)]


def bursts(count):
    rng = random.Random(7)
    time, times = START, []
    for _ in range(count):
        time += dt.timedelta(seconds=rng.choice([0, 0, 1, 5, 600, 40 * 86_400]))
        times.append(time)
    return times


SORTS = [None, "published asc", "acquired desc", "acquired asc"]


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("times", [even(407), bursts(407), [START] * 95, even(60) + [START] * 45 + bursts(90)])
def test_p09_cut_search_finds_everything_once_and_in_order(times, sort):
    served = Served(times, took_s=1.0)

    found = run(served, sort=sort)

    falls = (sort or "published desc").endswith("desc")
    known = dict(served.items)
    assert sorted(found) == sorted(known)
    assert [known[name] for name in found] == sorted(known.values(), reverse=falls)


@pytest.mark.parametrize("sort", SORTS)
def test_p09_times_that_are_finer_than_shown_lose_nothing(sort):
    times = [time + dt.timedelta(microseconds=number * 7_919 % 1_000_000) for number, time in enumerate(even(300))]

    served = Served(times, took_s=1.0, hidden=dt.timedelta(seconds=1))

    assert len(run(served, sort=sort)) == 300
    assert len(served.begun) > 1


def test_slow_search_is_cut_into_spans_with_few_more_requests():
    served = Served(even(400), took_s=1.0)

    run(served)

    assert len(served.begun) >= 8
    assert served.requests <= 1.7 * 40


def test_search_that_the_permitted_rate_bounds_is_read_page_by_page():
    served = Served(even(400), took_s=0.05)

    run(served)

    assert (len(served.begun), served.requests) == (1, 40)


@pytest.mark.parametrize(("count", "requests"), [(0, 1), (10, 1), (11, 2), (20, 2)])
def test_short_search_costs_no_request_more(count, requests):
    served = Served(even(count), took_s=1.0)

    assert len(run(served)) == count
    assert served.requests == requests


def test_p50_search_that_needs_few_items_is_not_cut():
    served = Served(even(400), took_s=1.0)

    run(served, wanted=50)

    assert len(served.begun) == 1

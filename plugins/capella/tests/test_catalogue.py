# SPDX-License-Identifier: Apache-2.0
"""Pages of the catalogue are fetched side by side, and no page without need."""

from __future__ import annotations

import threading

import pytest

from swath_capella._api.catalogue import Catalogue, Found


class Served(Catalogue):
    """A catalogue of `count` items that notes what it is asked for."""

    def __init__(self, count, stale=()):
        self.count_, self.asked, self.stale = count, [], set(stale)
        self._lock = threading.Lock()

    def page(self, body, *, number, limit, url=None):
        with self._lock:
            self.asked.append(number)
            shown = number - 1 if number in self.stale else number
            self.stale.discard(number)
        first = (shown - 1) * limit
        features = [{"id": str(one)} for one in range(first, min(first + limit, self.count_))]
        return Found(features=features, matched=self.count_, number=number)


def ids(pages):
    return [int(one["id"]) for page in pages for one in page.features]


@pytest.mark.parametrize("count", [0, 1, 249, 250, 251, 9_999])
def test_p09_every_page_is_asked_for_once(count):
    catalogue = Served(count)

    assert ids(catalogue.all_pages({}, limit=250)) == list(range(count))
    assert sorted(catalogue.asked) == list(range(1, max(1, -(-count // 250)) + 1))


@pytest.mark.parametrize(("wanted", "requests"), [(1, 1), (250, 1), (251, 2), (1_000, 4)])
def test_p50_pages_behind_what_is_wanted_are_not_asked_for(wanted, requests):
    catalogue = Served(9_000)

    taken = 0
    for page in catalogue.all_pages({}, limit=250, wanted=wanted):
        taken += len(page.features)
        if taken >= wanted:
            break

    assert len(catalogue.asked) == requests


def test_more_than_was_wanted_is_there_for_whom_a_filter_leaves_too_few():
    assert ids(Served(2_000).all_pages({}, limit=250, wanted=300)) == list(range(2_000))


def test_p10_an_old_page_is_asked_for_once_more():
    catalogue = Served(2_000, stale=[3, 6])

    assert ids(catalogue.all_pages({}, limit=250)) == list(range(2_000))
    assert sorted(catalogue.asked) == [1, 2, 3, 3, 4, 5, 6, 6, 7, 8]

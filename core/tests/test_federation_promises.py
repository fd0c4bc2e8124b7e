# SPDX-License-Identifier: Apache-2.0
"""What is promised of one provider's pages, memory and account holds of several at once."""

from __future__ import annotations

import datetime as dt
import itertools
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from attrs import evolve

from swath._federation import Federation
from swath._open import make_provider
from swath.errors import UnexpectedResponse
from swath.hookspecs import hookimpl
from swath.models import Page, Part
from swath.testing.clock import FakeClock

KEY = "canary-depot-key-0001"


@pytest.fixture
def opening(depot, tmp_path):
    """Open depots of other names as one, each with pages of its own."""
    from depot_plugin import Depot

    opened = []

    def make(counted=(), *, profile="default", keys=None, **pages):
        """Open them.

        Args:
            counted: Notes the names of those that are asked to count.
            profile: Of all of them.
            keys: By name.
            **pages: What gives the pages of each, by name.
        """

        class Named(Depot):
            def __init__(self, name, run):
                super().__init__()
                self.name, self.run = name, run

            @hookimpl
            def describe(self):
                return evolve(super().describe(), name=self.name)

            @hookimpl
            def search(self, context, query):
                context.http.request("GET", f"{context.settings['base_url']}/items/{self.name}")
                yield from self.run()

            @hookimpl
            def count(self, context, query):
                counted.append(self.name)
                return 50_000

        made = [
            make_provider(
                name, profile=profile, given={"api_key": (keys or {}).get(name, KEY)}, plugin=Named(name, run),
                transport=httpx.MockTransport(depot), home=tmp_path / "home", clock=FakeClock(),
            )
            for name, run in pages.items()
        ]  # fmt: skip
        opened.extend(made)
        return Federation(made)

    depot.answer = lambda *_: httpx.Response(200, json=[])
    yield make
    for one in opened:
        one.close()


def item(number):
    """Make an item; the higher its number the older it is."""
    when = f"{dt.datetime(2026, 5, 1, tzinfo=dt.UTC) - dt.timedelta(seconds=number):%Y-%m-%dT%H:%M:%SZ}"
    return {
        "type": "Feature", "stac_version": "1.1.0", "id": f"scene-{number}", "collection": "crates", "bbox": [5, 52, 5, 52],
        "geometry": {"type": "Point", "coordinates": [5.0, 52.0]}, "links": [],
        "properties": {"datetime": when, "n": number}, "assets": {},
    }  # fmt: skip


def page(*numbers, after=None):
    return Page(items=[item(number) for number in numbers], sorted=True, next=after)


HOSTILE = {
    "empty first page": [page(), page(1, 3)],
    "empty page in the middle": [page(1), page(), page(3)],
    "short pages": [page(1), page(3)],
    "overlapping pages": [page(1, 3), page(3)],
    "duplicate in a page": [page(1, 1, 3)],
    "last page again": [page(1, 3, after="b"), page(1, 3)],
    "many empty pages at the end": [page(1, 3), *[page()] * 20],
    "unsorted, in pages of one": [Page(items=[item(3)]), Page(items=[item(1)])],
}


@pytest.mark.parametrize("pages", HOSTILE.values(), ids=HOSTILE)
def test_p10_hostile_pager_beside_a_fair_one_gives_each_item_once_in_order(opening, pages):
    several = opening(hostile=lambda: iter(pages), fair=lambda: iter([page(0, 2), page(4)]))

    found = several.search()

    assert [one["properties"]["n"] for one in found.items_as_dicts()] == [0, 1, 2, 3, 4]
    assert {name: (one.part, one.found) for name, one in found.contributions.items()} == {
        "hostile": (Part.DONE, 2),
        "fair": (Part.DONE, 3),
    }


def test_p10_a_pager_that_goes_in_a_circle_fails_alone(opening):
    circle = itertools.cycle([page(1, after="a"), page(3, after="b")])
    several = opening(circle=lambda: circle, fair=lambda: iter([page(0, 2), page(4)]))

    found = several.search()

    assert [one["properties"]["n"] for one in found.items_as_dicts()] == [0, 1, 2, 3, 4]
    assert found.contributions["circle"].part is Part.FAILED
    assert isinstance(found.contributions["circle"].error, UnexpectedResponse)
    assert found.contributions["fair"].part is Part.DONE
    with pytest.raises(UnexpectedResponse, match="circle"):
        list(several.search(on_error="raise").items_as_dicts())


def test_p10_the_same_id_at_two_providers_is_two_offers(opening):
    several = opening(one=lambda: iter([page(1, 2)]), other=lambda: iter([page(1, 2)]))

    found = list(several.search().items_as_dicts())

    assert [(one["properties"]["swath:provider"], one["properties"]["n"]) for one in found] == [
        ("one", 1), ("other", 1), ("one", 2), ("other", 2),
    ]  # fmt: skip


def test_p51_nobody_is_asked_to_count_unless_the_user_asks(opening):
    counted = []
    several = opening(counted, a=lambda: iter([page(0, 2)]), b=lambda: iter([page(1)]))

    found = several.search()

    assert len(list(found.items_as_dicts())) == 3
    assert counted == []
    assert found.matched() == 100_000
    assert sorted(counted) == ["a", "b"]


def test_p51_what_is_not_wanted_is_not_read(opening):
    read = {"a": 0, "b": 0}

    def pages(name, first):
        for start in range(first, 100_000, 200):
            read[name] += 1
            yield page(*range(start, start + 200, 2))

    several = opening(a=lambda: pages("a", 0), b=lambda: pages("b", 1))

    assert [one["properties"]["n"] for one in several.search(max_items=150).items_as_dicts()] == list(range(150))
    assert max(read.values()) <= 6, "pages that are read ahead"


def test_p58_a_thousand_calls_of_several_accounts_over_all_providers_never_mix(opening, depot):
    accounts = ["north", "south", "east"]
    keys = {account: {name: f"canary-{account}-{name}" for name in ("a", "b")} for account in accounts}
    depot.keys = {key for each in keys.values() for key in each.values()}
    lock = threading.Lock()
    made = dict.fromkeys(accounts, 0)
    several = {}
    for at, account in enumerate(accounts):
        several[account] = opening(
            profile=account, keys=keys[account],
            a=lambda at=at: iter([page(10 * at)]), b=lambda at=at: iter([page(10 * at + 1)]),
        )  # fmt: skip
    depot.log.clear()

    def call(account):
        found = [one["properties"]["n"] for one in several[account].search().items_as_dicts()]
        with lock:
            made[account] += 1
        return account, found

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(call, itertools.islice(itertools.cycle(accounts), 1_000)))

    for account, found in answers:
        at = 10 * accounts.index(account)
        assert found == [at, at + 1], account
    assert len(depot.log) == 2_000
    for account in accounts:
        for name in ("a", "b"):
            paths = [path for _, path, key in depot.log if key == keys[account][name]]
            assert paths == [f"/items/{name}"] * made[account]

# SPDX-License-Identifier: Apache-2.0
"""What a search tells of itself is what happened."""

import datetime as dt
import json
import pickle

import httpx
import pytest
from attrs import evolve

from swath import stac
from swath._federation import Federation
from swath._open import make_provider
from swath.errors import MissingCredentials, Unavailable
from swath.hookspecs import hookimpl
from swath.models import Page, Part
from swath.pushdown import predicates
from swath.testing.clock import FakeClock

KEY = "canary-depot-key-0001"
TOKEN = "canary-token-0002"


def conditions(told):
    return {(one.part, one.text): (one.pushed, one.left_out) for one in told.conditions}


def asked(query):
    """What this plugin hands to its service: collections, and a cloud cover that is a little wider."""
    params = {"token": TOKEN}
    if query.collections:
        params["kind"] = ",".join(query.collections)
    for one in predicates(query.filter).pushed:
        if one.property == "eo:cloud_cover" and one.op in {"<", "<="}:
            params["cloud"] = str(one.value + 5)
    return params


@pytest.fixture
def opened(depot, tmp_path):
    """Open a depot that hands some conditions to its service and pages; each service can be another."""
    from depot_plugin import Depot

    class Pushing(Depot):
        name = "depot"
        looks_up = False
        volatile = False
        dated = False

        @hookimpl
        def describe(self):
            return evolve(super().describe(), name=self.name)

        @hookimpl
        def search(self, context, query):
            base = context.settings["base_url"]
            if self.looks_up:
                context.http.request("GET", f"{base}/orders")
            params = asked(query) | ({"now": f"{next(self.ticks):06}"} if self.volatile else {})
            if self.dated:
                params |= {"before": context.time().isoformat()}
            answer = context.http.request("GET", f"{base}/items", params=params)
            found = answer.json()
            for at in range(0, len(found), 2):
                if at:
                    context.http.request("GET", f"{base}/items", params={"page": str(at)})
                yield Page(items=found[at : at + 2])

    made = []

    def make(service=depot, clock=None, **about):
        plugin = type("Made", (Pushing,), about)()
        plugin.ticks = iter(range(100, 200))
        made.append(
            make_provider(
                plugin.name, profile="default", given={"api_key": KEY}, plugin=plugin,
                transport=httpx.MockTransport(service), home=tmp_path / "home", clock=clock or FakeClock(),
            )
        )  # fmt: skip
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_explanation_tells_requests_pages_and_who_did_what(opened, depot):
    search = opened().search(collections=["crates"], filter="eo:cloud_cover < 3 AND gsd > 0", datetime="2026-05-01/..")
    kept = [item["id"] for item in search.items_as_dicts()]
    sent = len(depot.log)

    told = search.explain()["depot"]

    assert len(depot.log) == sent
    assert (told.part, told.found, told.kept, told.pages, told.sent) == (Part.DONE, len(kept), len(kept), 3, 3)
    assert [(one.method, one.page, one.status) for one in told.requests] == [("GET", n, 200) for n in (1, 2, 3)]
    assert told.requests[0].url.endswith("/items")
    assert dict(told.requests[0].params)["cloud"] == "8"
    assert told.given == 6
    assert told.given - told.left_out == told.kept
    found = conditions(told)
    assert found["collections", "crates"][0] is True
    assert found["filter", "eo:cloud_cover < 3"][0] is True
    assert found["filter", "gsd > 0"][0] is False
    assert found["datetime", "2026-05-01T00:00:00Z/.."][0] is False
    assert sum(left for _, left in found.values()) == told.left_out


def test_each_item_is_left_out_by_the_first_condition_that_it_fails(opened, depot):
    for number, one in enumerate(depot.items):
        one["properties"]["gsd"] = number
        one["properties"]["eo:cloud_cover"] = number * 10
    told = opened().search(filter="gsd >= 2 AND eo:cloud_cover <= 40").explain()["depot"]

    assert conditions(told) == {("filter", "gsd >= 2"): (False, 2), ("filter", "eo:cloud_cover <= 40"): (True, 1)}
    assert (told.given, told.left_out, told.kept) == (6, 3, 3)


def test_it_runs_the_search_only_if_that_has_not_run(opened, depot):
    search = opened().search(max_items=2)

    assert search.explain(run=False)["depot"].part is Part.RUNNING
    assert depot.log == []
    first = search.explain()
    asked = len(depot.log)
    assert asked
    assert search.explain() == first
    assert len(list(search.items_as_dicts())) == 2
    assert len(depot.log) == asked
    assert first["depot"].part is Part.TRUNCATED


def test_what_leads_to_the_search_does_not_hide_what_is_pushed(opened):
    told = opened(looks_up=True).search(filter="eo:cloud_cover < 3 AND gsd > 0").explain()["depot"]

    assert [one.url.rpartition("/")[2] for one in told.requests][:2] == ["orders", "items"]
    assert [pushed for pushed, _ in conditions(told).values()] == [True, False]


def test_what_changes_by_itself_is_not_taken_for_pushed(opened):
    told = opened(volatile=True).search(filter="eo:cloud_cover < 3 AND gsd > 0").explain()["depot"]

    assert [pushed for pushed, _ in conditions(told).values()] == [True, False]


@pytest.mark.parametrize("turns", range(8))
def test_time_that_goes_on_is_not_taken_for_pushed(opened, turns):
    """Wherever the second turns: the query is translated once for the search, and again for each condition."""

    class Turning(FakeClock):
        looks = 0

        def now(self):
            self.looks += 1
            return super().now() + dt.timedelta(seconds=self.looks > turns)

    search = opened(dated=True, clock=Turning()).search(filter="eo:cloud_cover < 3 AND gsd > 0")

    assert [pushed for pushed, _ in conditions(search.explain()["depot"]).values()] == [True, False]


def test_p27_no_secret_is_in_an_explanation(opened):
    told = opened(looks_up=True).search(filter="gsd > 0").explain()

    for text in (str(told), repr(told), json.dumps(told.to_dict()), pickle.dumps(told).decode("latin-1")):
        assert KEY not in text
        assert TOKEN not in text


def test_who_sorted_is_told(opened):
    sorting = opened().search(sortby="-datetime").explain()["depot"]

    assert sorting.sorted_by == "swath"
    assert opened().search().explain()["depot"].sorted_by == ""


def test_repeated_items_and_tries_are_counted(opened, depot):
    depot.items.append(dict(depot.items[0]))
    depot.fail("GET", "/items", 503, times=1)
    told = opened().search().explain()["depot"]

    assert told.repeated == 1
    assert [one.status for one in told.requests][:2] == [503, 200]
    assert told.sent == len(told.requests) == 5


def test_a_search_that_fails_is_told_and_not_raised(opened, depot):
    depot.fail("GET", "/items", 500, times=99)
    told = opened().search().explain()

    assert told["depot"].part is Part.FAILED
    assert isinstance(told["depot"].error, Unavailable)
    assert told["depot"].requests[-1].status == 500
    assert told.to_dict()["providers"][0]["error"]["type"] == "Unavailable"
    assert "Unavailable" in str(told)


def test_a_federated_search_tells_of_each(opened, depot):
    from depot_service import Service, item

    barn = Service()
    barn.items = [item(name, price=1, day=day) for name, day in (("u", 1), ("v", 9))]
    barn.fail("GET", "/items", 500, times=99)

    @hookimpl
    def collections(self, context):
        return [stac.collection(id="hay", description="Hay", keywords=["radar"])]

    both = Federation(
        [opened(), opened(barn, name="barn"), opened(name="shed", collections=collections)],
        failed={"shut": MissingCredentials("no key", provider="shut")},
    )
    told = both.search(collections=["crates"], filter="eo:cloud_cover < 3").explain()

    assert {one.provider: one.part for one in told.providers} == {
        "depot": Part.DONE,
        "barn": Part.FAILED,
        "shed": Part.SKIPPED,
        "shut": Part.FAILED,
    }
    assert conditions(told["depot"])["filter", "eo:cloud_cover < 3"][0] is True
    assert told["depot"].found == told["depot"].kept
    assert told["barn"].sent > 1
    assert told["shed"].requests == ()
    assert [line.split(":")[0] for line in str(told).splitlines() if not line.startswith(" ")] == [
        "depot",
        "barn",
        "shed",
        "shut",
    ]


def test_a_pickled_search_explains_itself_where_it_arrives(opened, depot):
    search = opened().search()
    list(search.items_as_dicts())

    assert search.__getstate__()["_trace"] is None
    assert search.explain()["depot"].pages == 3


def test_long_searches_tell_their_first_requests_and_count_all(opened, depot):
    depot.items = [
        {**depot.items[0], "id": f"n{number}", "properties": {**depot.items[0]["properties"], "datetime": when}}
        for number in range(500)
        for when in [dt.datetime(2026, 5, 1, tzinfo=dt.UTC).isoformat()]
    ]
    told = opened().search().explain()["depot"]

    assert (told.pages, told.sent, len(told.requests)) == (250, 250, 200)
    assert "and 50 more requests" in str(told)

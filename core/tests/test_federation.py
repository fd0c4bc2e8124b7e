# SPDX-License-Identifier: Apache-2.0
"""Several providers as one: two depots, and what goes wrong at one of them."""

import pickle
import threading

import httpx
import pytest
from attrs import evolve

import swath
from swath._federation import Federation
from swath._open import make_provider
from swath.errors import (
    InputError,
    MissingCredentials,
    NotFound,
    OrderFailed,
    Rejected,
    SwathError,
    Unavailable,
    UnknownCollection,
)
from swath.hookspecs import hookimpl
from swath.models import Page, Part
from swath.testing.clock import FakeClock

KEY = "canary-depot-key-0001"


@pytest.fixture
def services(depot):
    """Two services: the second has the days between those of the first."""
    from depot_service import Service, item

    barn = Service()
    barn.items = [
        {**item(name, price=1, day=day), "collection": "barrels"}
        for day, name in ((1, "u"), (2, "v"), (3, "w"), (7, "x"))
    ]
    for one in barn.items:
        one["properties"]["swath:provider"] = "barn"
        one["properties"]["datetime"] = one["properties"]["datetime"].replace("T10:00:00Z", "T12:00:00Z")
    for one in depot.items:
        one["properties"]["platform"] = "cart-1"
    return {"depot": depot, "barn": barn}


@pytest.fixture
def both(services, tmp_path):
    """Open a federation of the two."""
    from depot_plugin import Depot

    from swath import stac

    class Barn(Depot):
        @hookimpl
        def describe(self):
            return evolve(super().describe(), name="barn")

        def _order(self, told):
            return evolve(super()._order(told), provider="barn")

        @hookimpl
        def collections(self, context):
            return [stac.collection(id="barrels", description="Barrels", keywords=["radar"])]

    opened = []

    def make(**given):
        plugins = {"depot": Depot(), "barn": Barn()}
        opened.extend(
            make_provider(
                name, profile="default", given={"api_key": KEY}, plugin=plugin,
                transport=httpx.MockTransport(services[name]), home=tmp_path / "home", clock=FakeClock(),
            )
            for name, plugin in plugins.items()
        )  # fmt: skip
        return Federation(opened[-2:], **given)

    yield make
    for one in opened:
        one.close()


def ids(found):
    return [item["id"] for item in found.items_as_dicts()]


# --- search -----------------------------------------------------------------------------------------------------------


def test_results_are_merged_newest_first(both):
    found = both().search()

    assert ids(found) == ["x", "f", "e", "d", "w", "c", "v", "b", "u", "a"]
    assert {name: (one.part, one.found) for name, one in found.contributions.items()} == {
        "depot": (Part.DONE, 6),
        "barn": (Part.DONE, 4),
    }


def test_p50_max_items_is_the_total_over_all(both):
    found = both().search(max_items=4, sortby="datetime")

    assert ids(found) == ["a", "u", "b", "v"]
    assert found.contributions["depot"].part is Part.TRUNCATED
    assert ids(both().search(max_items=0)) == []


def test_equal_results_come_in_the_order_of_the_providers(both, services):
    for service in services.values():
        for one in service.items:
            one["properties"]["gsd"] = 3.0

    assert ids(both().search(sortby="gsd"))[:6] == list("abcdef")


def test_p13_a_filter_means_the_same_everywhere(both):
    assert ids(both().search(filter="eo:cloud_cover <= 5", datetime="2026-05-02/..")) == ["x", "w", "v"]
    assert ids(both().search(ids=["a", "x"])) == ["x", "a"]


@pytest.mark.parametrize(("most", "expected"), [(1, ["x199"]), (3, ["x199", "y150", "x140"]), (9, None)])
def test_p13_a_selective_filter_reads_on_until_enough_match(both, services, most, expected, monkeypatch):
    """Neither provider's search ends early because page after page holds nothing that matches."""
    from depot_plugin import Depot
    from depot_service import item

    def search(self, context, query):
        for one in context.http.request("GET", f"{context.settings['base_url']}/items").json():
            yield Page(items=[one])

    monkeypatch.setattr(Depot, "search", hookimpl(search))
    for letter, (name, service) in zip("xy", services.items(), strict=True):
        service.items = [item(f"{letter}{number}", cloud=float(number)) for number in range(200)]
        for number, one in enumerate(service.items):
            one["collection"] = "crates" if name == "depot" else "barrels"
            one["properties"]["datetime"] = f"2026-05-01T{number // 60:02}:{number % 60:02}:00Z"
            one["properties"]["swath:provider"] = name
    wanted = {"depot": (3, 140, 199), "barn": (7, 80, 150)}
    matching = ", ".join(str(number) for numbers in wanted.values() for number in numbers)
    query = {"filter": f"eo:cloud_cover IN ({matching}) AND (id LIKE 'x%' OR eo:cloud_cover IN (7, 80, 150))"}
    query["filter"] += " AND (id LIKE 'y%' OR eo:cloud_cover IN (3, 140, 199))"

    found = both().search(**query, limit=1, max_items=most)

    assert ids(found) == (expected or ["x199", "y150", "x140", "y80", "y7", "x3"])


def test_a_collection_is_asked_for_where_it_is(both, services):
    found = both().search(collections=["barrels"])

    assert ids(found) == ["x", "w", "v", "u"]
    assert not [path for _, path, _ in services["depot"].log if path == "/items"] or (
        found.contributions["depot"].part is not Part.SKIPPED
    )
    with pytest.raises(UnknownCollection, match="'crate'") as caught:
        both().search(collections=["crate"])
    assert "crates" in caught.value.hint


def test_a_kind_needs_no_ids(both, services):
    found = both().search(kind="sar")

    assert ids(found) == ["x", "w", "v", "u"]
    assert found.contributions["depot"].part is Part.SKIPPED
    assert "kind 'sar'" in found.contributions["depot"].note
    assert [one.id for one in both().get_collections(kind="sar")] == ["barrels"]
    assert services["depot"].log == []


def test_p09_a_provider_that_fails_is_reported_and_the_others_go_on(both, services):
    services["barn"].fail("GET", "/items", 500, times=99)
    found = both().search()

    assert ids(found) == list("fedcba")
    told = found.contributions["barn"]
    assert (told.part, type(told.error)) == (Part.FAILED, Unavailable)
    assert "barn: failed" in repr(found)
    with pytest.raises(Unavailable):
        ids(both().search(on_error="raise"))


def test_a_provider_that_is_slow_is_left_out_and_reported(both, services):
    release = threading.Event()
    services["barn"].fail("GET", "/items", lambda _request: release.wait(30) and None)
    found = both().search(patience_s=3)
    try:
        assert ids(found) == list("fedcba")
    finally:
        release.set()

    assert found.contributions["barn"].part is Part.LATE
    assert "nothing came for 3 s" in found.contributions["barn"].note


def test_matched_is_told_where_all_can_count(both):
    found = both().search()
    assert found.matched() is None
    ids(found)
    assert found.matched() == 10


def test_results_that_were_read_are_kept_and_pickle_as_items(both, services):
    found = both().search()
    first = ids(found)
    asked = len(services["depot"].log)

    assert ids(found) == first
    assert len(services["depot"].log) == asked
    assert [item.id for item in pickle.loads(pickle.dumps(list(found.items())))] == first


def test_a_reader_that_stops_early_leaves_no_thread_behind(both):
    before = threading.active_count()
    found = both().search().items()
    next(found)
    found.close()

    for thread in threading.enumerate():
        if thread.name.startswith("swath "):
            thread.join(5)
    assert threading.active_count() <= before + 2  # pools that look ahead end by themselves


def test_offers_of_one_scene_are_told_together(both, services):
    services["barn"].items = [
        {**services["depot"].items[2], "id": "same", "collection": "barrels"},
        {**services["depot"].items[4], "id": "elsewhere", "collection": "barrels", "bbox": [50, 1, 51, 2]},
    ]
    for one in services["barn"].items:
        one["properties"] = {**one["properties"], "swath:provider": "barn"}
    services["barn"].items[0]["properties"]["datetime"] = "2026-05-03T10:00:01Z"
    services["barn"].items[0]["properties"]["platform"] = "CART-1"

    scenes = [[item["id"] for item in scene] for scene in both().search().scenes()]

    assert ["same", "c"] in scenes
    assert sorted(map(len, scenes)) == [1, 1, 1, 1, 1, 1, 2]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"kind": "radr"}, "'radr'"), ({"on_error": "ignore"}, "'ignore'"), ({"intersect": "x"}, "'intersect'"),
     ({"patience_s": "soon"}, "patience_s")],
)  # fmt: skip
def test_p61_wrong_arguments_are_refused(both, wrong, words):
    with pytest.raises(InputError, match=words):
        both().search(**wrong)


# --- the rest of the life cycle ---------------------------------------------------------------------------------------


def test_an_order_is_split_waited_for_and_fetched_at_each(both, services, tmp_path):
    everyone = both()
    found = everyone.search(ids=["a", "x", "u"])

    quotes = everyone.quote(found)
    order = everyone.order(found, max_cost={"depot": 1, "barn": 2})
    done = everyone.wait(order, progress=False)
    items = everyone.download(done, tmp_path / "data", progress=False)

    assert {name: quote.amount for name, quote in quotes.items()} == {"barn": 2, "depot": 1}
    assert (order.kind, order.provider, sorted(part.provider for part in order.leaves)) == (
        "group",
        "several",
        ["barn", "depot"],
    )
    assert done.state.value == "succeeded"
    assert sorted(item.id for item in items) == ["a", "u", "x"]
    assert {item.properties["swath:provider"] for item in items} == {"depot", "barn"}
    assert [service.posts for service in services.values()] == [1, 1]


def test_p01_a_refusal_at_one_leaves_the_other_order_standing_and_nothing_is_sent_twice(both, services):
    everyone = both()
    found = everyone.search(ids=["a", "x"])
    services["depot"].fail("POST", "/orders", 400)
    with pytest.raises(SwathError, match="400") as caught:
        everyone.order(found)
    assert [one.provider for one in caught.value.details["ordered"]] == ["barn"]

    order = everyone.order(found)

    assert sorted(part.provider for part in order.leaves) == ["barn", "depot"]
    assert services["barn"].posts == 1


def test_orders_of_all_are_listed_newest_first_and_found_by_one_id(both, services, tmp_path):
    everyone = both()
    first = everyone.order(everyone.search(ids=["a", "x"]))
    everyone["depot"]._session.clock.sleep(60)
    second = everyone.order(everyone.search(ids=["b"]))

    assert everyone.orders()[0].id == second.leaves[0].id
    assert {one.id for one in everyone.orders()} == {one.id for one in (*first.leaves, *second.leaves)}
    assert everyone.orders(states=["succeeded"]) == []

    done = both().wait(first.id, progress=False)

    assert {one.id for one in done.leaves} == {one.id for one in first.leaves}
    assert {one.provider for one in everyone.orders(states=["succeeded"])} == {"barn", "depot"}
    assert {item.id for item in both().download(done.id, tmp_path / "data", progress=False)} == {"a", "x"}
    with pytest.raises(InputError, match="no state 'lost'"):
        everyone.orders(states=["lost"])
    with pytest.raises(NotFound, match="nothing-like-it"):
        everyone.wait("nothing-like-it")


def test_cancel_goes_to_each_and_one_that_refuses_does_not_keep_the_others(both, services):
    everyone = both()
    order = everyone.order(everyone.search(ids=["a", "x"]))
    services["barn"].fail("DELETE", "/orders", 409)

    with pytest.raises(Rejected, match="the cart has left"):
        everyone.cancel(order)

    assert {one.provider: one.state.value for one in everyone.orders()} == {"barn": "ordered", "depot": "canceled"}
    assert everyone.cancel(order.id).state.value == "canceled"


def test_resume_goes_on_at_each_and_tells_whom_it_did_not_reach(both, services, tmp_path):
    everyone = both()
    order = everyone.order(everyone.search(ids=["a", "x"]))
    services["barn"].keys = {"another"}

    partly = both().resume(None, tmp_path / "data", progress=False)
    services["barn"].keys = {KEY}
    whole = both().resume(order, tmp_path / "data", progress=False)

    told = {one.order.provider: one for one in partly}
    assert isinstance(told["barn"].error, SwathError)
    assert told["depot"].error is None
    assert told["depot"].folder
    assert {one.order.provider: (one.order.state.value, one.error) for one in whole} == {
        "barn": ("succeeded", None),
        "depot": ("succeeded", None),
    }
    assert {one["id"] for one in whole[0].items} | {one["id"] for one in whole[1].items} >= {"x"}
    assert [service.posts for service in services.values()] == [1, 1]
    assert both().resume(progress=False) == []


def test_p54_each_secret_goes_to_its_own_provider_only(both, services):
    ids(both().search())

    assert {key for _, _, key in services["barn"].log} == {KEY}
    assert all(service.log for service in services.values())


def test_wait_tells_what_went_wrong_once_all_have_ended(both, services):
    services["barn"].script = ["broken"]
    everyone = both()
    order = everyone.order(everyone.search(ids=["a", "x"]))

    with pytest.raises(OrderFailed):
        everyone.wait(order, progress=False)

    assert [one.state.value for one in everyone["depot"].orders()] == ["succeeded"]


def test_items_of_nobody_are_refused(both):
    everyone = both()
    with pytest.raises(InputError, match="'elsewhere' is not one of them"):
        everyone.order([{"type": "Feature", "id": "z", "properties": {"swath:provider": "elsewhere"}}])
    with pytest.raises(InputError, match="does not say at which provider"):
        everyone.order([{"type": "Feature", "id": "z", "properties": {}}])
    with pytest.raises(InputError, match="did you mean 'depot'"):
        _ = everyone["depo"]


# --- opening ----------------------------------------------------------------------------------------------------------


def test_what_cannot_be_opened_for_want_of_credentials_is_reported(both):
    everyone = both(failed={"shut": MissingCredentials("no key", provider="shut")})
    found = everyone.search()

    assert len(ids(found)) == 10
    assert found.contributions["shut"].part is Part.FAILED
    with pytest.raises(MissingCredentials):
        ids(everyone.search(on_error="raise"))


def test_open_with_several_names_takes_no_credentials():
    with pytest.raises(InputError, match="'api_key'"):
        swath.open("planet", "sedas", api_key="x")


def test_a_federation_of_none_says_why():
    with pytest.raises(MissingCredentials):
        Federation([], failed={"shut": MissingCredentials("no key", provider="shut")})
    with pytest.raises(InputError):
        Federation([])


def test_p03_all_are_rehearsed_before_the_first_is_sent(both, services):
    everyone = both()
    found = everyone.search(ids=["a", "x"])

    dry = everyone.order(found, dry_run=True)
    for wrong in ({"max_cost": {"depot": 0.5}}, {"options": {"depot": {"wraping": "none"}}}, {"max_cost": {"depo": 5}}):
        with pytest.raises(SwathError):
            everyone.order(found, **wrong)

    assert {name: len(one.requests) for name, one in dry.items()} == {"barn": 1, "depot": 1}
    assert [service.posts for service in services.values()] == [0, 0]

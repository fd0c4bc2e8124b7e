# SPDX-License-Identifier: Apache-2.0
"""What a user holds: the whole surface of `Provider`, over a small provider of our own."""

import datetime as dt
import inspect
import pickle
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import attrs
import httpx
import pytest

import swath
from swath._ledger import Ledger
from swath._open import make_provider
from swath._ordering import sum_quotes
from swath.errors import (
    CostExceeded,
    InputError,
    InvalidCredentials,
    MissingCredentials,
    NotFound,
    NotOrdered,
    NotSupported,
    OrderError,
    OrderFailed,
    OrderPartial,
    OrderTimeout,
    OrderUncertain,
    PartialFailure,
    Rejected,
    SwathError,
    Unavailable,
    UnknownCollection,
)
from swath.hookspecs import hookimpl
from swath.models import OrderState, ProviderInfo, Quote
from swath.testing.clock import FakeClock

KEY = "canary-depot-key-0001"


@pytest.fixture
def clock():
    return FakeClock(dt.datetime(2026, 6, 1, tzinfo=dt.UTC))


@pytest.fixture
def opened(depot, clock, tmp_path):
    """Open the depot over its service in memory."""
    from depot_plugin import Depot

    depot.now = clock.now

    def make(*, key=KEY, profile="default", home="depot", plugin=None, **behaviour):
        return make_provider(
            "depot",
            profile=profile,
            given={"api_key": key},
            plugin=plugin or Depot(**behaviour),
            clock=clock,
            transport=httpx.MockTransport(depot),
            home=tmp_path / home,
        )

    return make


def some(depot, count):
    return depot.items[:count]


# --- P14: how waiting ends --------------------------------------------------------------------------------------------

ENDS = {
    "delivered": None,
    "short": OrderPartial,
    "broken": OrderFailed,
    "dropped": OrderFailed,
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("accept", [False, True])
def test_p14_wait_returns_only_on_success_or_what_was_accepted(opened, depot, end, accept):
    depot.script = ["packing", "on its way", end]
    depot.why = {end: f"said the depot of {end}"}
    depot.missing = {"b": "eaten by mice"} if end == "short" else {}
    provider = opened()
    order = provider.order(some(depot, 2))

    if ENDS[end] is None or (end == "short" and accept):
        assert provider.wait(order, accept_partial=accept).native_state == end
        return
    with pytest.raises(ENDS[end]) as caught:
        provider.wait(order, accept_partial=accept)

    assert f"said the depot of {end}" in str(caught.value)
    assert caught.value.details["orders"] == [order.id]
    if end == "short":
        assert "b (eaten by mice)" in str(caught.value)


@pytest.mark.parametrize("end", ENDS)
def test_p14_an_order_that_is_over_ends_the_same_when_waited_for_again(opened, depot, end):
    depot.script = [end]
    order = opened().order(some(depot, 1))
    for _ in range(2):
        try:
            ended = opened().wait(order.id).state
        except OrderError as err:
            ended = err.details["order"].state

        assert ended.is_final


def test_p14_a_word_that_nobody_knows_is_pending(opened, depot):
    depot.script = ["teleporting", "teleporting", "delivered"]
    provider = opened()
    order = provider.order(some(depot, 1))
    states = []

    provider.wait(order, progress=lambda event: states.append(event.detail))

    assert states == ["pending", "pending", "succeeded"]


def test_wait_when_time_is_up_names_the_order_and_the_way_on(opened, depot, clock):
    depot.script = []
    provider = opened()
    order = provider.order(some(depot, 1))

    with pytest.raises(OrderTimeout, match="still 'ordered' after 120 s") as caught:
        provider.wait(order, timeout=120)

    assert f"swath wait {order.id}" in caught.value.hint
    assert clock.monotonic() == pytest.approx(120)


def test_wait_for_several_gives_all_of_them(opened, depot):
    provider = opened()
    orders = [provider.order([one]) for one in some(depot, 3)]

    done = provider.wait([orders[0], orders[1].id, orders[2].tag])

    assert [part.id for part in done.leaves] == [order.id for order in orders]
    assert done.state is OrderState.SUCCEEDED


def test_wait_for_what_the_ledger_does_not_know(opened):
    with pytest.raises(NotFound, match="no order 'nowhere'"):
        opened().wait("nowhere")


# --- P01, P02: bought once --------------------------------------------------------------------------------------------


def test_p01_the_same_order_is_sent_once(opened, depot):
    first = opened().order(some(depot, 2))
    second = opened().order(list(reversed(some(depot, 2))))

    assert (second.id, second.tag) == (first.id, first.tag)
    assert depot.posts == 1


@pytest.mark.parametrize("change", [{"wrapping": "paper"}, {"assets": ["data"]}, {"bundle": "small"}, {"again": True},
                                    {"clip": [5, 52, 6, 53]}, {"tools": [{"cut": {}}]}])  # fmt: skip
def test_another_order_is_another_order(opened, depot, change):
    provider = opened()
    first = provider.order(some(depot, 1))

    second = provider.order(some(depot, 1), **change)

    assert second.id != first.id
    assert depot.posts == 2


def test_p01_a_lost_reply_is_found_again_by_the_tag(opened, depot):
    def lose(request):
        depot.answer(request.method, request.url.path, request)
        raise httpx.ReadError("reset")

    depot.fail("POST", "/orders", lose)

    order = opened().order(some(depot, 1))

    assert order.id == "d-000001"
    assert opened().order(some(depot, 1)).id == order.id
    assert depot.posts == 1


@pytest.mark.parametrize("how", [httpx.ReadError("reset"), httpx.ReadTimeout("slow"), httpx.RemoteProtocolError("cut"),
                                 500, 502, 503, 504], ids=str)  # fmt: skip
def test_p01_where_nothing_can_be_looked_up_an_uncertain_order_is_never_sent_again(opened, depot, clock, how):
    depot.fail("POST", "/orders", how)

    with pytest.raises(OrderUncertain) as caught:
        opened(tagged=False).order(some(depot, 1))
    clock.advance(10_000)
    for _ in range(2):
        with pytest.raises(OrderUncertain, match="reply was lost"):
            opened(tagged=False).order(some(depot, 1))

    assert depot.posts == 1
    [kept] = opened().orders(states=["uncertain"])
    assert kept.tag == caught.value.details["orders"][0]
    assert opened(tagged=False).order(some(depot, 1), again=True).id


def test_p01_proven_absence_allows_another_try(opened, depot, clock):
    depot.fail("POST", "/orders", httpx.ReadError("reset"))
    with pytest.raises(OrderUncertain):
        opened().order(some(depot, 1))
    with pytest.raises(OrderUncertain):  # too early to tell
        opened().order(some(depot, 1))
    assert depot.posts == 1
    clock.advance(600)

    order = opened().order(some(depot, 1))

    assert order.state is OrderState.ORDERED
    assert depot.posts == 2
    assert len({told["name"] for told in depot.orders.values()}) == 1


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 422])
def test_p01_a_refusal_bought_nothing_and_may_be_mended(opened, depot, status):
    depot.fail("POST", "/orders", status)
    with pytest.raises(SwathError) as caught:
        opened().order(some(depot, 1))
    assert not isinstance(caught.value, OrderUncertain)

    assert opened().order(some(depot, 1)).id == "d-000001"


def test_p02_the_intent_is_on_disk_before_the_post_and_the_id_after(opened, depot, tmp_path, clock):
    seen = []

    def look(_request):
        with_its_own_eyes = Ledger(tmp_path / "depot" / "ledger.sqlite3", clock=clock)
        seen.extend(with_its_own_eyes.entries())
        with_its_own_eyes.close()

    depot.fail("POST", "/orders", look)

    order = opened().order(some(depot, 2))

    [intent] = seen
    assert (intent.intent, intent.order.id, intent.order.tag) == (True, "", order.tag)
    assert [one["id"] for one in intent.order.items] == ["a", "b"]
    [kept] = opened().orders()
    assert kept.id == order.id == "d-000001"


# --- P15: nothing by itself -------------------------------------------------------------------------------------------


def test_p15_download_of_what_was_never_ordered_orders_nothing(opened, depot, tmp_path):
    with pytest.raises(NotOrdered, match="'a' was never ordered") as caught:
        opened().download(some(depot, 1), tmp_path)

    assert "provider.order(" in caught.value.hint
    assert depot.posts == 0


def test_p15_download_of_an_order_on_its_way_waits_for_nobody(opened, depot, tmp_path):
    provider = opened()
    order = provider.order(some(depot, 1))
    depot.log.clear()

    with pytest.raises(NotOrdered, match="still 'ordered'") as caught:
        provider.download(order, tmp_path)

    assert f"swath wait {order.id}" in caught.value.hint
    assert depot.log == []


def test_p15_search_quote_and_lists_send_no_order(opened, depot):
    provider = opened()
    found = provider.search(collections=["crates"])

    found.item_collection()
    provider.quote(found)
    provider.orders()
    list(provider.get_collections())

    assert depot.posts == 0


# --- groups -----------------------------------------------------------------------------------------------------------


def test_order_of_many_items_is_several_and_one(opened, depot, tmp_path):
    provider = opened(per_order=2)

    order = provider.order(some(depot, 5))

    assert order.kind == "group"
    assert [[one["id"] for one in part.items] for part in order.parts] == [["a", "b"], ["c", "d"], ["e"]]
    assert depot.posts == 3
    done = opened(per_order=2).wait(order.id)  # in another process, by the group's id
    assert (done.id, done.state, len(done.parts)) == (order.id, OrderState.SUCCEEDED, 3)
    local = provider.download(done, tmp_path / "data", progress=False)
    assert sorted(one.id for one in local) == list("abcde")
    again = opened(per_order=2).order(some(depot, 5))
    assert [part.id for part in again.parts] == [part.id for part in order.parts]
    assert depot.posts == 3


def test_group_of_which_one_part_fails_is_partial(opened, depot):
    provider = opened(per_order=2)
    order = provider.order(some(depot, 4))
    depot.orders[order.parts[1].id]["left"] = ["broken"]
    depot.why = {"broken": "fell off the cart"}

    with pytest.raises(OrderPartial, match="fell off the cart"):
        provider.wait(order)

    accepted = provider.wait(order, accept_partial=True)
    assert [part.state for part in accepted.parts] == [OrderState.SUCCEEDED, OrderState.FAILED]


def test_group_interrupted_between_its_parts_goes_on_where_it_was(opened, depot):
    depot.fail("POST", "/orders", lambda _request: None)  # the first passes
    depot.fail("POST", "/orders", 400)
    with pytest.raises(Rejected):
        opened(per_order=2).order(some(depot, 4))

    order = opened(per_order=2).order(some(depot, 4))

    assert [part.id for part in order.parts] == ["d-000001", "d-000002"]
    assert len(depot.orders) == 2


# --- quotes and caps --------------------------------------------------------------------------------------------------


def test_p03_quotes_of_a_split_order_are_added_up(opened, depot):
    quote = opened(per_order=2).quote(some(depot, 5))

    assert (quote.amount, quote.unit, quote.note) == (15, "EUR", "by the list")
    assert quote.items == {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}


def test_p03_one_unknown_price_makes_the_sum_unknown(opened, depot):
    del depot.items[3]["properties"]["depot:price"]

    assert opened(per_order=2).quote(some(depot, 5)).amount is None


@pytest.mark.parametrize(
    ("quotes", "amount", "unit", "left"),
    [
        ([Quote(amount=1, unit="EUR", remaining=9), Quote(amount=2, unit="EUR", remaining=7)], 3, "EUR", 7),
        ([Quote(amount=1, unit="EUR"), Quote(amount=2, unit="ha")], None, None, None),
        ([Quote(amount=0), Quote(amount=None)], None, None, None),
        ([Quote(amount=0.0)], 0, None, None),
    ],
)
def test_p03_sums_of_quotes(quotes, amount, unit, left):
    total = sum_quotes(quotes)

    assert (total.amount, total.unit, total.remaining) == (amount, unit, left)


def test_p03_order_above_the_cap_sends_nothing(opened, depot):
    with pytest.raises(CostExceeded, match="quote is 15 EUR, above max_cost=14"):
        opened(per_order=2).order(some(depot, 5), max_cost=14)

    assert depot.posts == 0
    opened(per_order=2).order(some(depot, 5), max_cost=15)
    assert depot.posts == 3


def test_p03_unknown_cost_passes_a_cap_only_if_allowed(opened, depot):
    del depot.items[0]["properties"]["depot:price"]

    with pytest.raises(CostExceeded, match="unknown"):
        opened().order(some(depot, 1), max_cost=1000)
    assert depot.posts == 0
    opened().order(some(depot, 1), max_cost=1000, allow_unknown_cost=True)

    assert depot.posts == 1


def test_p03_what_is_ordered_already_costs_nothing_more(opened, depot):
    opened().order(some(depot, 3))

    assert opened().order(some(depot, 3), max_cost=0).id == "d-000001"


# --- cancelling -------------------------------------------------------------------------------------------------------


def test_cancel_drops_what_has_not_left(opened, depot):
    provider = opened(per_order=1)
    order = provider.order(some(depot, 2))

    done = provider.cancel(order)

    assert [part.state for part in done.parts] == [OrderState.CANCELED] * 2
    assert [one.state for one in provider.orders()] == [OrderState.CANCELED] * 2
    assert provider.order(some(depot, 2)).parts[0].id != order.parts[0].id


def test_cancel_that_is_too_late_says_so_and_changes_nothing(opened, depot):
    provider = opened()
    order = provider.order(some(depot, 1))
    depot.orders[order.id]["state"] = "packing"

    with pytest.raises(Rejected, match="the cart has left"):
        provider.cancel(order)

    assert provider.wait(order).state is OrderState.SUCCEEDED


def test_cancel_of_what_is_over_asks_nobody(opened, depot):
    provider = opened()
    order = provider.wait(provider.order(some(depot, 1)))
    depot.log.clear()

    assert provider.cancel(order).state is OrderState.SUCCEEDED
    assert depot.log == []


def test_cancel_where_the_provider_cannot(opened, depot):
    class Kiosk:
        @hookimpl
        def describe(self):
            return ProviderInfo(name="kiosk", title="Kiosk")

    with pytest.raises(NotSupported, match="cannot be cancelled"):
        make_provider("kiosk", profile="p", given={}, plugin=Kiosk()).cancel("x")


# --- getting ----------------------------------------------------------------------------------------------------------


def test_p08_download_collects_what_came_or_names_what_did_not(opened, depot, tmp_path):
    provider = opened()
    order = provider.wait(provider.order(some(depot, 3)))
    depot.fail("GET", "/files/b.txt", 404, times=99)

    with pytest.raises(PartialFailure, match=r"1 of 3 files failed, 2 are in place: b\.txt"):
        provider.download(order, tmp_path / "one", progress=False)
    local = provider.download(order, tmp_path / "two", progress=False, collect=True)

    assert sorted(one.id for one in local if one.assets) == ["a", "c"]
    assert (tmp_path / "two" / "c" / "c.txt").read_bytes() == depot.content("/files/c.txt")
    depot.faults.clear()
    depot.log.clear()
    provider.download(order, tmp_path / "one", progress=False)
    assert [path for _, path, _ in depot.log if path.startswith("/files/")] == ["/files/b.txt"]


def test_download_by_items_finds_their_order_in_another_process(opened, depot, tmp_path):
    provider = opened()
    provider.wait(provider.order(some(depot, 2)))

    local = opened().download(some(depot, 2), tmp_path, progress=False)

    assert {asset.extra_fields["swath:verified"] for one in local for asset in one.assets.values()} == {"checksum"}
    assert swath.verify(tmp_path).failed == ()


def test_p59_nothing_is_printed_where_nobody_looks(opened, depot, tmp_path, capfd):
    provider = opened()
    provider.download(provider.wait(provider.order(some(depot, 1))), tmp_path)

    assert capfd.readouterr() == ("", "")


def test_p08_an_order_that_ended_well_without_a_file_says_so(opened, depot, tmp_path, caplog):
    provider = opened()
    order = provider.wait(provider.order(some(depot, 1)))
    depot.fail("GET", "/files$", lambda _: httpx.Response(200, json=[]), times=1)

    assert provider.download(order, tmp_path) == []
    assert order.id in caplog.text
    assert "no file of it is listed" in caplog.text
    caplog.clear()

    [resumed] = provider.resume(None, tmp_path, progress=False)
    assert resumed.order.id == order.id, "what has not come is not taken for fetched"
    assert len(resumed.items) == 1
    assert caplog.text == ""


# --- accounts ---------------------------------------------------------------------------------------------------------


def test_p58_two_accounts_interleaved_never_mix(opened, depot):
    keys = {"north": "canary-depot-north-1", "south": "canary-depot-south-2"}
    depot.keys = set(keys.values())
    providers = {name: opened(key=key, profile=name) for name, key in keys.items()}
    sent = {name: [] for name in keys}
    lock = threading.Lock()

    def act(number):
        name = "north" if number % 2 else "south"
        if number % 50 in {0, 1}:
            made = providers[name].order([depot.items[number // 50 % 6]], wrapping=str(number))
            with lock:
                sent[name].append(made.id)
        else:
            found = list(providers[name].search(max_items=1).items_as_dicts())
            assert len(found) == 1
        return name

    with ThreadPoolExecutor(8) as pool:
        names = list(pool.map(act, range(1000)))

    for name, key in keys.items():
        assert sum(used == key for _, _, used in depot.log) == names.count(name) == 500
        assert sorted(order.id for order in providers[name].orders()) == sorted(sent[name])
        assert len(sent[name]) == 20


def test_p58_the_same_items_are_bought_by_each_account(opened, depot):
    depot.keys = {"canary-depot-north-1", "canary-depot-south-2"}

    first = opened(key="canary-depot-north-1", profile="north").order(some(depot, 1))
    second = opened(key="canary-depot-south-2", profile="south").order(some(depot, 1))

    assert first.id != second.id


# --- opening ----------------------------------------------------------------------------------------------------------

SOURCES = ["argument", "environment", "profile file"]


@pytest.mark.parametrize("present", [SOURCES[at:] for at in range(3)] + [["argument", "profile file"]], ids="+".join)
def test_p24_the_first_source_that_has_a_credential_gives_it(depot, monkeypatch, present, request):
    from swath._credentials import store_credentials

    keys = {source: f"canary-from-{source.replace(' ', '-')}" for source in SOURCES}
    depot.keys = {keys[present[0]]}
    given = {}
    if "argument" in present:
        given = {"api_key": keys["argument"]}
    if "environment" in present:
        monkeypatch.setenv("DEPOT_KEY", keys["environment"])
    if "profile file" in present:
        store_credentials("depot", "default", {"api_key": keys["profile file"]})

    with depot.listening(), swath.open("depot", base_url=depot.base, **given) as provider:
        provider.authenticate()
        used = provider._session.context.credentials["api_key"].source

    assert used.startswith(present[0])
    assert {key for _, _, key in depot.log} == {keys[present[0]]}


def test_p24_a_wrong_key_is_invalid_whatever_its_source(open_depot, monkeypatch):
    monkeypatch.setenv("DEPOT_KEY", "not-the-key-at-all")

    with swath.open("depot") as provider, pytest.raises(InvalidCredentials, match="401"):
        provider.authenticate()


def test_p29_what_is_missing_is_named_and_nobody_is_asked(depot, monkeypatch, tmp_path):
    class Nobody:
        def __getattr__(self, name):
            raise AssertionError(f"standard input was touched: {name}")

    monkeypatch.setattr(sys, "stdin", Nobody())
    monkeypatch.setattr("getpass.getpass", lambda *_: pytest.fail("somebody was asked"))
    monkeypatch.setattr("builtins.input", lambda *_: pytest.fail("somebody was asked"))

    with pytest.raises(MissingCredentials) as caught:
        swath.open("depot")

    told = str(caught.value)
    assert "api_key" in told
    assert "DEPOT_KEY" in told
    assert str(tmp_path / "home" / "credentials.json") in told
    assert "swath auth login depot" in told


def test_p40_opening_and_asking_nothing_touches_neither_disk_nor_network(depot, tmp_path, monkeypatch):
    monkeypatch.setenv("DEPOT_KEY", KEY)

    with swath.open("depot") as provider:
        assert provider.info.title == "The Depot"
        assert provider.supports("cancel")
        assert not provider.supports("task")
        provider.search(collections=["crates"])

    assert depot.log == []
    assert not (tmp_path / "home").exists()


def test_p38_pickle_of_a_provider_reopens_and_holds_no_secret(open_depot):
    with swath.open("depot", api_key=KEY, profile="work", base_url=open_depot.base) as provider:
        kept = pickle.dumps(provider)
    assert b"canary" not in kept

    with pickle.loads(kept) as again:
        assert (again.name, again.profile) == ("depot", "work")
        assert len(list(again.search().items())) == 6


def test_search_of_the_module_opens_and_searches(open_depot):
    found = swath.search("depot", filter='"eo:cloud_cover" < 25', sortby="-datetime")

    assert [one.id for one in found.items()] == ["b", "a"]


def test_open_takes_a_name(depot):
    with pytest.raises(InputError) as caught:
        swath.open()

    assert caught.value.hint


def test_open_with_a_word_that_the_provider_does_not_have(depot):
    with pytest.raises(InputError, match="no credential or setting 'apikey'") as caught:
        swath.open("depot", apikey="x")

    assert caught.value.hint == "did you mean 'api_key'?"


# --- searching --------------------------------------------------------------------------------------------------------


def test_unknown_collection_is_refused_with_the_nearest(opened, depot):
    provider = opened()

    with pytest.raises(UnknownCollection, match="'crate'") as caught:
        list(provider.search(collections=["crate"]).items())

    assert "'crates'" in caught.value.hint
    assert depot.log == []
    with pytest.raises(UnknownCollection):
        provider.get_collection("crate")


@pytest.mark.parametrize("query", [{"filter": "cloudy < 3"}, {"sortby": "cloudy"}, {"sortby": "-properties.cloudy"}])
def test_p13_property_that_no_collection_has_is_refused(opened, depot, query):
    with pytest.raises(InputError, match="no property 'cloudy' in crates"):
        list(opened().search(collections=["crates"], **query).items())

    assert depot.log == []


def test_p60_pages_share_one_correlation_id(opened, depot, caplog):
    provider = opened()
    with caplog.at_level("DEBUG", logger="swath.http"):
        list(provider.search().items_as_dicts())
        list(provider.search().items_as_dicts())

    ids = [record.getMessage().split()[0] for record in caplog.records]
    assert len(ids) == len(set(ids)) == 2
    assert all(one.startswith("search-") for one in ids)


def test_p60_an_error_while_paging_carries_its_correlation_id(opened, depot):
    depot.fail("GET", "/items", 400)

    with pytest.raises(Rejected) as caught:
        list(opened().search().items())

    assert caught.value.details["call_id"].startswith("search-")
    assert (caught.value.provider, caught.value.step) == ("depot", "search")


# --- P61: misuse ------------------------------------------------------------------------------------------------------

METHODS = {
    "search": (), "quote": ([],), "order": ([],), "orders": (), "wait": ("x",), "cancel": ("x",), "download": ("x",),
    "queryables": (), "get_collection": ("crates",), "get_collections": (), "authenticate": (), "resume": (),
    "reconcile": (), "approve": ("x",), "receive": ({}, b""), "collection_search": (), "conforms_to": ("FILTER",),
    "get_items": (), "get_queryables": (), "get_merged_queryables": (["crates"],),
}  # fmt: skip
PLAIN = {
    "close", "info", "load", "name", "profile", "sign_out", "supports", "opportunities", "subscribe", "task", "id", "title",
    "description", "has_conforms_to", "get_conforms_to",
}  # fmt: skip
"""Properties, what takes a record's fields (see the test of load) or nothing that can be wrong, and what this provider
does not offer (see test_tasking.py)."""


def test_every_public_method_is_tried_below(opened):
    public = {name for name in dir(opened()) if not name.startswith("_")}

    assert public == METHODS.keys() | PLAIN


@pytest.mark.parametrize("method", METHODS)
def test_p61_unknown_keyword_is_named_with_what_it_takes(opened, depot, method):
    bound = getattr(opened(), method)
    named = [name for name, about in inspect.signature(bound).parameters.items() if about.kind is about.KEYWORD_ONLY]
    wrong = f"{named[0]}z" if named else "bogus"

    with pytest.raises(InputError, match=wrong) as caught:
        bound(*METHODS[method], **{wrong: 1})

    assert caught.value.hint
    if named and method != "quote":
        assert f"'{named[0]}'" in caught.value.hint
    assert depot.log == []


def test_p61_unknown_option_of_load_is_named(opened):
    with pytest.raises(InputError, match="'band'") as caught:
        opened().load([], band="red")

    assert caught.value.hint == "did you mean 'bands'?"


AWKWARD = [None, True, 3, -1, 1.5, float("nan"), "", "x", "a\0b", b"bytes", [], [None], [[]], {}, {"type": "Feature"},
           {"type": "FeatureCollection"}, {"type": "FeatureCollection", "features": [1]}, object(), dt.date.max,
           {"id": "x", "type": "Feature", "properties": None, "assets": None}, set(), (), lambda: None, int,
           {"type": "Feature", "id": 5, "properties": {"swath:provider": "elsewhere"}}]  # fmt: skip
SLOTS = [
    *[("search", name) for name in ("collections", "ids", "bbox", "intersects", "datetime", "filter", "filter_lang",
                                    "sortby", "limit", "max_items")],
    *[("order", name) for name in ("what", "assets", "bundle", "clip", "tools", "delivery", "name", "max_cost")],
    *[("quote", name) for name in ("what", "assets", "clip", "tools")],
    *[("wait", name) for name in ("order", "timeout", "progress")],
    ("cancel", "order"), ("orders", "states"), ("queryables", "collection"), ("get_collection", "collection_id"),
    *[("download", name) for name in ("what", "directory", "workers", "progress")],
    *[("load", name) for name in ("items", "bands", "crs", "resolution", "bbox", "intersects", "resampling", "chunks")],
]  # fmt: skip


@pytest.fixture
def elsewhere(monkeypatch, tmp_path):
    """Be in a folder where relative paths may lead."""
    monkeypatch.chdir(tmp_path)


def attempt(call):
    """Give the error that leaves a call, if one does."""
    try:
        result = call()
        list(result.items_as_dicts() if hasattr(result, "items_as_dicts") else ())
    except SwathError as err:
        return err
    return None


@pytest.mark.parametrize(("method", "slot"), SLOTS)
@pytest.mark.usefixtures("elsewhere")
def test_p61_only_our_errors_leave_whatever_is_passed(opened, depot, method, slot):
    provider = opened()
    order = provider.wait(provider.order(some(depot, 1)))
    sound = {"order": {"what": some(depot, 2)}, "quote": {"what": some(depot, 1)}, "wait": {"order": order},
             "cancel": {"order": order}, "download": {"what": order}, "load": {"items": some(depot, 1)}}  # fmt: skip
    # What a callback of the user's own throws is the user's.
    values = [value for value in AWKWARD if slot != "progress" or not callable(value)]

    errors = [attempt(lambda value=value: getattr(provider, method)(**{**sound.get(method, {}), slot: value}))
              for value in values]  # fmt: skip

    assert any(errors)
    assert all(err.message and err.hint and err.provider == "depot" for err in errors if err is not None)


def test_p61_what_the_connection_throws_is_ours(opened, depot):
    depot.fail("GET", "/items", httpx.ConnectError("nobody there"), times=99)

    with pytest.raises(Unavailable, match="nobody there"):
        list(opened().search().items())


# --- what came of an order, where that is other items -------------------------------------------------------------------


def test_download_looks_anew_where_files_are_of_items_that_came_since(opened, depot, tmp_path):
    from depot_plugin import Depot

    class Growing(Depot):
        """Delivers its items under other ids, and one more at each look."""

        looks = 0

        @hookimpl
        def wait(self, context, order):
            self.looks += 1
            [item] = order.ordered
            late = [{**item, "id": f"late-{at}"} for at in range(self.looks)]
            return attrs.evolve(super().wait(context, order), delivered=late)

        @hookimpl
        def download(self, context, order):
            [first] = {asset.name: asset for asset in super().download(context, order)}.values()
            for at in range(self.looks + 1):
                yield attrs.evolve(first, item=f"late-{at}")

    with opened(plugin=Growing()) as provider:
        order = provider.wait(provider.order(some(depot, 1)))
        known = len(order.items)

        items = provider.download(order, tmp_path / "data", progress=False)

        assert len(items) == known + 1
        assert [item["id"] for item in provider.orders()[0].items] == [item.id for item in items]
        assert [item["id"] for item in order.ordered] == [item["id"] for item in some(depot, 1)]

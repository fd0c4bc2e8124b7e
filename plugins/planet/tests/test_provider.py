# SPDX-License-Identifier: Apache-2.0
"""Planet's hooks against recorded answers."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys

import attrs
import httpx
import pluggy
import pytest

from swath.errors import (
    InputError,
    InvalidCredentials,
    NotFound,
    QuotaExceeded,
    RateLimited,
    Rejected,
    Unavailable,
    UnexpectedResponse,
)
from swath.hookspecs import Hooks, Operation
from swath.models import Asset, Interval, Order, OrderRequest, OrderState, Query, SortKey
from swath_planet import PlanetProvider

TAG = "swath-0123456789abcdef"
ORDER_ID = "785185aa-b39f-4b4c-a2d6-5c0a8f0e1d55"


@pytest.fixture
def order():
    return Order(provider="planet", id=ORDER_ID, tag=TAG, state=OrderState.SHIPPING)


# --- about -----------------------------------------------------------------------------------------------------------


def test_provider_fits_the_hooks():
    manager = pluggy.PluginManager("swath")
    manager.add_hookspecs(Hooks)

    manager.register(PlanetProvider())

    manager.check_pending()


def test_description_says_what_core_needs():
    info = PlanetProvider().describe()

    assert info.name == "planet"
    assert {name for one in info.credentials for name in one.env} >= {"PL_API_KEY", "SWATH_PLANET_WEBHOOK_LOGIN"}
    assert (info.settings[0].env, info.settings[0].origin) == (("SWATH_PLANET_URL",), True)
    assert info.settings[0].default == "https://api.planet.com"
    assert info.max_items_per_order == 500
    assert info.tagged
    assert (
        info.limits.items() >= {"default": 10, "data": 10, "orders-create": 3, "download": 15, "activation": 5}.items()
    )
    assert "order_type" in info.order_options


def test_p40_import_loads_nothing_of_the_provider():
    """Importing the package is free; asking for the class imports no heavy library."""
    code = (
        "import sys, swath_planet\n"
        "assert 'swath_planet.provider' not in sys.modules\n"
        "swath_planet.PlanetProvider().describe()\n"
        "heavy = {'numpy', 'shapely', 'rasterio', 'xarray', 'pandas', 'pystac', 'starlette'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )

    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_p28_key_is_sent_as_planet_wants_it(account, answers, wire):
    plugin, context, http = account(answers((200, wire("stats"))))

    plugin.count(context, Query(collections=["PSScene"]))

    assert http.sent[0]["authorization"] == "api-key PLAK-test-key"


# --- search ----------------------------------------------------------------------------------------------------------


def test_search_follows_pages_to_the_end(account, answers, wire):
    plugin, context, http = account(answers((200, wire("search_first")), (200, wire("search_last"))))

    pages = list(plugin.search(context, Query(collections=["PSScene", "SkySatScene"])))

    assert [len(page.items) for page in pages] == [2, 2]
    assert [page.next for page in pages] == ["https://api.planet.com/data/v1/searches/7a9e/results?_page=b", None]
    first, second = http.sent
    assert (first["method"], first["path"]) == ("POST", "/data/v1/quick-search")
    assert first["params"] == {"_page_size": "250"}
    assert first["json"] == {
        "item_types": ["PSScene", "SkySatScene"],
        "filter": {"type": "AndFilter", "config": []},
    }
    assert (first["operation"], first["bucket"]) == (Operation.READ, "data")
    assert (second["method"], second["params"]) == ("GET", {"_page": "b"})


def test_p09_empty_page_with_a_next_link_does_not_end_the_search(account, answers, wire):
    empty = wire("search_first") | {"features": []}
    plugin, context, _ = account(answers((200, empty), (200, wire("search_last"))))

    pages = list(plugin.search(context, Query(collections=["PSScene"])))

    assert [len(page.items) for page in pages] == [0, 2]


def test_search_fetches_no_page_before_it_is_asked_for(account, answers, wire):
    plugin, context, http = account(answers((200, wire("search_first"))))

    next(iter(plugin.search(context, Query(collections=["PSScene"]))))

    assert len(http.sent) == 1


@pytest.mark.parametrize(
    ("query", "size"),
    [
        (Query(), "250"),
        (Query(limit=40), "40"),
        (Query(limit=1000), "250"),
        (Query(max_items=7), "7"),
        (Query(max_items=7, limit=3), "3"),
        (Query(max_items=9000), "250"),
        (Query(max_items=7, filter={"op": "like", "args": [{"property": "platform"}, "S%"]}), "250"),
    ],
)
def test_p50_page_size_is_the_limit(account, answers, wire, query, size):
    plugin, context, http = account(answers((200, wire("search_last"))))

    list(plugin.search(context, query))

    assert http.sent[0]["params"]["_page_size"] == size


def test_search_says_sorted_only_where_planet_sorts(account, answers, wire):
    newest = Query(sortby=[SortKey(property="datetime", descending=True)])
    clearest = Query(sortby=[SortKey(property="eo:cloud_cover")])
    plugin, context, http = account(answers((200, wire("search_last")), (200, wire("search_last"))))

    by_time, by_cloud = (next(iter(plugin.search(context, query))) for query in (newest, clearest))

    assert (by_time.sorted, by_cloud.sorted) == (True, False)
    assert http.sent[0]["params"]["_sort"] == "acquired desc"
    assert "_sort" not in http.sent[1]["params"]


def test_search_for_nothing_asks_nothing(account, answers):
    plugin, context, http = account(answers())

    assert list(plugin.search(context, Query(max_items=0))) == []
    contradiction = {"op": "=", "args": [{"property": "collection"}, "SkySatScene"]}
    assert list(plugin.search(context, Query(collections=["PSScene"], filter=contradiction))) == []
    assert http.sent == []


@pytest.mark.parametrize("body", [b"<html>busy</html>", b'{"type": "FeatureCollection"}', b"[]"])
def test_search_answer_of_another_form_is_an_error(account, answers, body):
    plugin, context, _ = account(answers(httpx.Response(200, content=body)))

    with pytest.raises(UnexpectedResponse, match=r"page of items|no JSON"):
        list(plugin.search(context, Query()))


def test_wrong_key_is_invalid_credentials(account, answers):
    refused = {"message": "Please enter your API key.", "errors": []}
    plugin, context, _ = account(answers((401, refused)))

    with pytest.raises(InvalidCredentials, match="Please enter your API key"):
        list(plugin.search(context, Query()))


def test_base_url_may_end_with_a_slash(account, answers, wire):
    plugin, context, http = account(answers((200, wire("stats"))), base_url="http://127.0.0.1:9/planet/")

    plugin.count(context, Query())

    assert http.sent[0]["path"] == "/planet/data/v1/stats"


def test_count_adds_up_the_years(account, answers, wire):
    plugin, context, http = account(answers((200, wire("stats"))))
    march = Interval(start=dt.datetime(2026, 3, 1, tzinfo=dt.UTC))

    assert plugin.count(context, Query(collections=["PSScene"], datetime=march)) == 433650
    assert http.sent[0]["path"] == "/data/v1/stats"
    assert http.sent[0]["json"]["interval"] == "year"


def test_count_is_silent_where_it_would_not_be_exact(account, answers):
    plugin, context, http = account(answers())
    filter_ = {"op": "like", "args": [{"property": "platform"}, "S%"]}

    assert plugin.count(context, Query(collections=["PSScene"], filter=filter_)) is None
    assert http.sent == []


# --- order -----------------------------------------------------------------------------------------------------------


def test_p01_order_is_one_request_that_may_not_repeat(account, answers, wire, scene):
    plugin, context, http = account(answers((202, wire("order_queued"))))
    request = OrderRequest(items=[scene()], name="field 12", tag=TAG, bundle="visual")

    order = plugin.order(context, request)

    assert (order.id, order.state, order.tag) == (ORDER_ID, OrderState.ORDERED, TAG)
    assert order.request == request
    (sent,) = http.sent
    assert (sent["method"], sent["path"]) == ("POST", "/compute/ops/orders/v2")
    assert (sent["operation"], sent["bucket"]) == (Operation.ONCE, "orders-create")
    assert sent["json"]["name"] == f"field 12 {TAG}"


def test_order_that_cannot_be_sends_nothing(account, answers, scene, wire):
    plugin, context, http = account(answers((200, wire("bundles"))))

    with pytest.raises(InputError, match="analytic_12b_udm2"):
        plugin.order(context, OrderRequest(items=[scene()], tag=TAG, bundle="nothing"))

    assert [(one["method"], one["path"]) for one in http.sent] == [("GET", "/compute/ops/bundles/spec")]
    assert http.sent[0]["authorization"] is None


def test_bundle_of_tomorrow_is_found_at_planet(account, answers, scene, wire):
    plugin, context, http = account(answers((200, wire("bundles")), (202, wire("order_queued"))))

    plugin.order(context, OrderRequest(items=[scene()], tag=TAG, bundle="analytic_12b_udm2"))

    assert http.sent[-1]["json"]["products"][0]["product_bundle"] == "analytic_12b_udm2"


def test_refused_order_says_why_and_what_to_do(account, answers, scene, wire):
    plugin, context, _ = account(answers((400, wire("refused"))))

    with pytest.raises(Rejected, match="Unable to accept order") as caught:
        plugin.order(context, OrderRequest(items=[scene()], tag=TAG))

    assert "Item ID 20260312_101530_23_24a9 / Item Type PSScene doesn't exist" in caught.value.message
    assert "order_type='partial'" in caught.value.hint
    assert caught.value.status_code == 400


def test_too_many_running_orders_is_a_refusal(account, answers, scene):
    busy = {"field": {}, "general": [{"message": "Concurrency limit reached"}]}
    plugin, context, _ = account(answers((409, busy)))

    with pytest.raises(Rejected, match="Concurrency limit") as caught:
        plugin.order(context, OrderRequest(items=[scene()], tag=TAG))

    assert "running orders" in caught.value.hint


@pytest.mark.parametrize("status", [400, 403, 429])
def test_p03_quota_in_the_message_is_quota_exceeded(account, answers, scene, status):
    used_up = {"field": {}, "general": [{"message": "Download quota has been exceeded."}]}
    plugin, context, _ = account(answers((status, used_up)))

    with pytest.raises(QuotaExceeded, match="Download quota has been exceeded"):
        plugin.order(context, OrderRequest(items=[scene()], tag=TAG))


def test_p30_too_many_requests_is_no_quota(account, answers, scene):
    plugin, context, _ = account(answers((429, {"message": "Too many requests"})))

    with pytest.raises(RateLimited):
        plugin.order(context, OrderRequest(items=[scene()], tag=TAG))


def test_p01_trouble_after_sending_is_left_to_core(account, answers, scene):
    """A quota word in a 5xx is no refusal: the order may exist."""
    plugin, context, _ = account(answers((502, {"message": "quota service is down"})))

    with pytest.raises(Unavailable):
        plugin.order(context, OrderRequest(items=[scene()], tag=TAG))


@pytest.mark.parametrize("body", [b"accepted", b"[]", b'{"state": "queued"}'])
def test_answer_to_an_order_that_has_no_id_is_unexpected(account, answers, scene, body):
    plugin, context, _ = account(answers(httpx.Response(200, content=body)))

    with pytest.raises(UnexpectedResponse):
        plugin.order(context, OrderRequest(items=[scene()], tag=TAG))


def test_quote_makes_no_request(account, answers, scene):
    plugin, context, http = account(answers())

    assert plugin.quote(context, OrderRequest(items=[scene()])).amount is None
    assert http.sent == []


# --- wait and download -----------------------------------------------------------------------------------------------


def test_wait_looks_once(account, answers, wire, order):
    plugin, context, http = account(answers((200, wire("order_success"))))

    seen = plugin.wait(context, order)

    assert seen.state is OrderState.SUCCEEDED
    assert [(one["method"], one["path"], one["bucket"]) for one in http.sent] == [
        ("GET", f"/compute/ops/orders/v2/{ORDER_ID}", "orders")
    ]


def test_wait_for_an_unknown_order_is_not_found(account, answers, order):
    plugin, context, _ = account(answers((404, {"message": f"Could not load order ID: {ORDER_ID}."})))

    with pytest.raises(NotFound, match="Could not load order"):
        plugin.wait(context, order)


def test_wait_keeps_an_odd_id_in_its_place(account, answers, wire, order):
    plugin, context, http = account(answers((200, wire("order_success"))))

    plugin.wait(context, attrs.evolve(order, id="a/../b"))

    assert http.sent[0]["path"] == "/compute/ops/orders/v2/a/../b"  # percent-encoded on the wire


def test_download_mints_links_and_reads_the_manifest(account, answers, wire, order):
    plugin, context, http = account(answers((200, wire("order_success")), (200, wire("manifest"))))

    assets = list(plugin.download(context, order))

    assert len(assets) == 5
    assert all(asset.size and asset.checksum for asset in assets if asset.item)
    assert [one["bucket"] for one in http.sent] == ["orders", "orders-files"]


def test_download_is_the_same_each_time(account, answers, wire, order):
    plugin, context, _ = account(
        answers(
            (200, wire("order_success")), (200, wire("manifest")), (200, wire("order_success")), (200, wire("manifest"))
        )
    )

    first, again = (list(plugin.download(context, order)) for _ in range(2))

    assert [(one.item, one.name, one.key) for one in first] == [(one.item, one.name, one.key) for one in again]


def test_p07_download_does_not_go_on_without_a_manifest_that_is_promised(account, answers, wire, order):
    plugin, context, _ = account(answers((200, wire("order_success")), (503, {})))

    with pytest.raises(Unavailable):
        plugin.download(context, order)


def test_download_of_an_order_without_results_is_empty(account, answers, wire, order):
    payload = wire("order_success")
    payload["_links"]["results"] = None
    plugin, context, http = account(answers((200, payload)))

    assert list(plugin.download(context, order)) == []
    assert len(http.sent) == 1


def test_members_are_only_of_archives(account, answers, scene):
    plugin, _, _ = account(answers())

    assert plugin.members(scene(), Asset(href="https://x", name="a.tif"), "/tmp/a.tif") is None


# --- more about orders -----------------------------------------------------------------------------------------------


def test_cancel_is_a_put_without_body(account, answers, wire, order):
    plugin, context, http = account(answers((200, wire("order_queued") | {"state": "cancelled"})))

    seen = plugin.cancel(context, order)

    assert seen.state is OrderState.CANCELED
    assert (http.sent[0]["method"], http.sent[0]["json"], http.sent[0]["operation"]) == ("PUT", None, Operation.WRITE)


def test_cancel_that_is_too_late_is_rejected(account, answers, order):
    plugin, context, _ = account(answers((409, {"message": "Order not in a cancellable state"})))

    with pytest.raises(Rejected, match="Order not in a cancellable state"):
        plugin.cancel(context, order)


def test_p01_orders_are_listed_with_their_tags(account, answers, wire):
    standing = {"id": "s-1", "name": "weekly swath-00000000000000cc", "status": "running"}
    subscriptions = {"subscriptions": [standing], "_links": {}}
    pages = [(200, wire("orders_first")), (200, wire("orders_last")), (200, subscriptions)]
    plugin, context, http = account(answers(*pages))

    listed = list(plugin.orders(context, dt.datetime(2026, 3, 10, tzinfo=dt.UTC)))

    assert [(one.tag, one.state) for one in listed] == [
        ("swath-00000000000000aa", OrderState.SHIPPING),
        ("", OrderState.SUCCEEDED),
        ("swath-00000000000000bb", OrderState.CANCELED),
        ("swath-00000000000000cc", OrderState.SHIPPING),
    ]
    assert [one.kind for one in listed] == ["order", "order", "order", "subscription"]
    assert http.sent[0]["params"] == {
        "source_type": "all",
        "sort_by": "created_on DESC",
        "created_on": "2026-03-10T00:00:00Z/..",
    }
    assert http.sent[1]["params"] == {"page_marker": "p2"}
    assert http.sent[2]["path"] == "/subscriptions/v1"
    assert http.sent[2]["params"] == {
        "created": "2026-03-10T00:00:00Z/..",
        "sort_by": "created DESC",
        "page_size": "500",
    }


def test_p10_list_of_orders_ends_at_a_repeated_link(account, answers, wire):
    page = wire("orders_first")
    plugin, context, http = account(answers((200, page), (200, page)))

    with pytest.raises(UnexpectedResponse, match="same next page"):
        list(plugin.orders(context, None))

    assert len(http.sent) == 2
    assert "created_on" not in http.sent[0]["params"]

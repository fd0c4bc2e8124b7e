# SPDX-License-Identifier: Apache-2.0
"""Orders from the archive: review, money, refusal, expiry, and files whose links die."""

import json

import pytest

import swath
from swath.errors import (
    CostExceeded,
    Gone,
    InputError,
    OrderUncertain,
    PartialFailure,
    QuotaExceeded,
    Rejected,
    UnexpectedResponse,
)
from swath.models import OrderState
from swath_capella._api.base import code_of, dollars
from swath_capella.ordering import order_seen, quote_of
from swath_capella.sandbox.access import POOR_KEY

ORDERS = r"/orders/?$"


def test_a_quote_is_capellas_review(capella, find, sent_to):
    items = find("GEO", most=2)

    quote = capella.quote(items)

    assert (quote.amount, quote.unit) == (sum(quote.items.values()), "USD")
    assert set(quote.items) == {item["id"] for item in items}
    assert quote.amount > 0
    assert sent_to("POST", ORDERS) == []


def test_p03_the_cap_is_the_review(capella, find, sent_to):
    items = find("GEO", skip=3)
    price = capella.quote(items).amount

    with pytest.raises(CostExceeded):
        capella.order(items, max_cost=price - 1)
    assert sent_to("POST", ORDERS) == []

    order = capella.order(items, max_cost=price)

    assert order.quote.amount == price
    assert capella.quote(items).amount == 0.0


def test_open_data_costs_nothing(capella):
    [item] = capella.search(collections=["capella-open-data"], max_items=1).items_as_dicts()

    assert capella.quote([item]).amount == 0.0


def test_insufficient_funds_are_said_before_anything_is_sent(opening, find, sent_to):
    items = find("GEO", skip=5)

    with pytest.raises(QuotaExceeded, match="Commitment exceeded"):
        opening(api_key=POOR_KEY).order(items, max_cost=1_000_000)

    assert sent_to("POST", ORDERS) == []


def test_p23_a_refusal_within_a_success_is_an_error(capella, find, switch, sent_to):
    switch(reject_orders=True)
    items = find("GEO", skip=6)

    with pytest.raises(Rejected, match="nothing was bought"):
        capella.order(items)

    switch(reject_orders=False)
    assert capella.order(items).id
    assert len(sent_to("POST", ORDERS)) == 2


@pytest.mark.parametrize("call", ["quote", "order"])
def test_a_contract_that_does_not_exist(capella, find, call):
    with pytest.raises(Rejected, match="No such contract"):
        getattr(capella, call)(find("GEO", skip=7), contract_id="nonesuch")


def test_the_contract_is_sent_with_review_and_order(capella, capella_box, find):
    capella.order(find("GEO", skip=8), contract_id="ct-7", max_cost=10_000)

    bodies = [entry.body for entry in capella_box.log.entries(method="POST", path=r"/orders(/review)?$")]
    assert [body["contractId"] for body in bodies] == ["ct-7", "ct-7"]


@pytest.mark.parametrize(
    "given", [{"bundle": "x"}, {"clip": {"type": "Point", "coordinates": [0, 0]}}, {"tools": [{}]}]
)
def test_p13_what_capella_does_not_do_is_refused(capella, find, sent_to, given):
    with pytest.raises(InputError):
        capella.order(find("GEO", skip=9), **given)

    assert sent_to("POST", ORDERS) == []


def test_an_item_without_collection_cannot_be_ordered(capella, find):
    [item] = find("GEO")

    with pytest.raises(InputError, match="names no collection"):
        capella.order([{**item, "collection": None}])


def test_more_than_500_items_are_one_whole_order(capella, capella_box):
    items = list(capella.search(collections=["capella-gec"], max_items=620).items_as_dicts())

    order = capella.wait(capella.order(items))

    [entry] = capella_box.log.entries(method="POST", path=ORDERS)
    assert len(entry.body["items"]) == len(order.items) == 620


def test_p01_an_order_whose_reply_was_lost_shows_what_it_may_be(capella, capella_box, find, sent_to):
    items = find("GEO", skip=10)
    capella_box.faults.add(provider="capella", method="POST", path=ORDERS, drop="after", times=1)
    with pytest.raises(OrderUncertain):
        capella.order(items)

    with pytest.raises(OrderUncertain):
        capella.order(items)
    [found] = capella.reconcile()

    assert len(sent_to("POST", ORDERS)) == 1
    assert found.order.state is OrderState.UNCERTAIN
    [candidate] = found.candidates
    assert [item["id"] for item in candidate.items] == [items[0]["id"]]
    settled = capella.reconcile(matches={found.order.tag: candidate.id})
    assert capella.order(items).id == candidate.id
    assert len(sent_to("POST", ORDERS)) == 1
    assert settled


def test_orders_wait_until_they_are_ready(capella, find, switch):
    switch(order_delay_s=90.0)

    order = capella.order(find("GEO", skip=11))

    assert (order.state, order.native_state) == (OrderState.PENDING, "processing")
    assert capella.wait(order, timeout=3600).state is OrderState.SUCCEEDED


def test_p57_an_expired_order_is_gone_and_can_be_had_again_for_nothing(capella, capella_box, find, tmp_path):
    items = find("GEO", skip=12)
    order = capella.wait(capella.order(items))
    assert order.expires
    capella_box.clock.advance(2 * 3600)

    with pytest.raises(Gone, match="has expired") as caught:
        capella.download(order, tmp_path, progress=False)

    assert "again=True" in caught.value.hint
    second = capella.order(items, again=True, max_cost=0)
    assert second.id != order.id
    assert capella.download(capella.wait(second), tmp_path, progress=False)


def test_p20_links_that_die_on_the_way_are_signed_again(capella, capella_box, find, switch, tmp_path):
    order = capella.wait(capella.order(find("GEO", most=3, skip=13)))
    switch(link_life_s=60.0)
    capella_box.faults.add(provider="capella", method="GET", path="/capella-data/", status=403, call=3, times=2)

    items = capella.download(order, tmp_path, progress=False, workers=1)

    assert len(items) == 3
    assert not swath.verify(tmp_path).failed
    assert len(capella_box.log.entries(method="GET", path=r"/orders/[^/]+/download")) > 1


def test_p08_one_file_that_is_missing_does_not_take_the_others_along(capella, capella_box, find, tmp_path):
    items = find("GEO", most=2, skip=16)
    order = capella.wait(capella.order(items))
    capella_box.faults.add(provider="capella", method="GET", path=rf"{items[0]['id']}\.tif", status=404, times=None)

    with pytest.raises(PartialFailure) as caught:
        capella.download(order, tmp_path, progress=False)

    assert [outcome.target.path.name for outcome in caught.value.report.failed] == [f"{items[0]['id']}.tif"]
    assert len(caught.value.report.outcomes) == 8


def test_p44_siblings_with_one_thumbnail_name_do_not_collide(capella, find, tmp_path):
    items = find("GEO", skip=18) + find("GEC", skip=18) + find("SLC", skip=18)

    local = capella.download(capella.wait(capella.order(items)), tmp_path, progress=False)

    assert len({item.assets["thumbnail"].href for item in local}) == 3


def test_p28_only_the_api_may_see_the_key(opening):
    """The stand-in serves files at the API's own origin; the service has other hosts for them, which core never signs."""
    with opening(base_url="https://api.example.test") as provider:
        origins = provider._session.http.settings.origins

        assert "https://api.example.test/orders" in origins
        assert "https://api.capellaspace.com/orders" in origins
        assert "https://capella-data.s3.us-west-2.amazonaws.com/a.tif" not in origins
        assert "https://capellaspace.com/a.tif" not in origins


def test_chosen_files_only_are_fetched(capella, find, tmp_path):
    order = capella.wait(capella.order(find("GEO", skip=20), assets=["raster", "metadata"]))

    [item] = capella.download(order, tmp_path, progress=False)

    held = {key for key, asset in item.assets.items() if "file:size" in asset.extra_fields}
    assert len(held) == 2
    assert held - {"HH", "VV"} == {"metadata"}


def test_orders_cannot_be_cancelled(capella, find, switch):
    switch(order_delay_s=90.0)
    order = capella.order(find("GEO", skip=21))

    with pytest.raises(Rejected, match="filled at once"):
        capella.cancel(order)


# --- words -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "amount"),
    [("$1,000.00", 1000.0), ("$0.00", 0.0), (12, 12.0), ("free", None), (None, None), (True, None)],
)
def test_money(text, amount):
    assert dollars(text) == amount


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("completed", OrderState.SUCCEEDED),
        ("rejected", OrderState.FAILED),
        ("processing", OrderState.PENDING),
        ("on-its-way", OrderState.PENDING),
    ],
)
def test_p14_states_of_orders(status, state):
    seen = order_seen({"orderId": "o-1", "orderStatus": status})

    assert (seen.state, seen.native_state) == (state, status)


def test_an_order_without_id_is_an_error():
    with pytest.raises(UnexpectedResponse, match="orderId"):
        order_seen({"orderStatus": "completed"})


@pytest.mark.parametrize(
    ("review", "error"),
    [
        ({"authorized": False, "authorizationDenialReason": {"code": "X", "message": "no"}}, Rejected),
        ({}, Rejected),
    ],
)
def test_a_review_that_does_not_authorise_is_an_error(review, error):
    with pytest.raises(error):
        quote_of(review)


def test_a_review_without_prices_is_unknown_and_not_free():
    assert quote_of({"authorized": True}).amount is None


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"error": {"message": "x", "code": "ORDER_EXPIRED"}}, "ORDER_EXPIRED"),
        ({"error": "Order expired since yesterday"}, "ORDER_EXPIRED"),
        ({"Message": "User is not authorized to perform: tasks:search"}, "NOT_AUTHORIZED"),
        ({"message": "User is not authorized to perform: tasks:search"}, "NOT_AUTHORIZED"),
        ({"error": "Not permitted to access any of the collections (x)"}, "COLLECTION_ACCESS_DENIED"),
        ([], ""),
        (None, ""),
    ],
)
def test_capellas_own_codes(body, code):
    text = json.dumps(body) if body is not None else "<html>"

    assert code_of(Rejected("no", details={"body": text})) == code

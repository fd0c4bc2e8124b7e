# SPDX-License-Identifier: Apache-2.0
"""Orders as Capella's own client has them: review, submission, lists, items with links."""

from __future__ import annotations

import uuid
from urllib.parse import urlsplit

import pytest

from swath.errors import Gone, NotFound, OrderFailed, QuotaExceeded
from swath_capella.exceptions import (
    CapellaConsoleClientError,
    ClientError,
    ContractNotFoundError,
    InsufficientFundsError,
    NoValidStacIdsError,
    OrderExpiredError,
    OrderRejectedError,
)
from swath_capella.search import StacSearchResult

SEARCH, REVIEW, SUBMIT, ORDERS = r"/catalog/search$", r"/orders/review$", r"/orders$", r"/orders"


def wire(items):
    return [{"collectionId": one["collection"], "granuleId": one["id"]} for one in items]


@pytest.fixture(scope="module")
def order_id(client, two):
    return client.submit_order(items=two, omit_search=True)


# --- review -----------------------------------------------------------------------------------------------------------


def test_a_review_says_what_it_costs(box, client):
    items = client.search(ownership="availableForPurchase", product_type="GEC", limit=2)
    box.forget()

    review = client.review_order(items=items)

    assert review["orderDetails"]["summary"]["total"].startswith("$")
    assert box.bodies(REVIEW) == [{"items": wire(items)}]
    assert not box.sent(SEARCH)
    assert client.review_order(stac_ids=items.stac_ids) == review
    assert box.bodies(SEARCH) == [{"ids": items.stac_ids, "limit": 500}]


def test_a_review_may_refuse(poor):
    items = poor.search(ownership="availableForPurchase", limit=1)

    with pytest.raises(InsufficientFundsError, match="Commitment exceeded") as caught:
        poor.review_order(items=items)

    assert caught.value.code == "AUTHORIZATION_INSUFFICIENT_FUNDS"
    assert isinstance(caught.value, QuotaExceeded)
    with pytest.raises(InsufficientFundsError):
        poor.submit_order(items=items)


@pytest.mark.parametrize("call", ["review_order", "submit_order"])
def test_ids_that_nobody_knows_are_refused(box, client, call):
    with pytest.raises(NoValidStacIdsError, match="CAPELLA_NOBODY") as caught:
        getattr(client, call)(stac_ids=["CAPELLA_NOBODY"])

    assert isinstance(caught.value, NotFound)
    assert not box.sent(ORDERS)


@pytest.mark.parametrize("call", ["review_order", "submit_order"])
def test_something_must_be_ordered(box, client, call):
    with pytest.raises(ValueError, match="stac_ids or items"):
        getattr(client, call)()

    assert not box.sent("")


def test_a_contract_is_passed_on(box, client, two):
    assert client.submit_order(items=two, contract_id="ct-9")
    assert [one["contractId"] for one in box.bodies(REVIEW) + box.bodies(SUBMIT)] == ["ct-9", "ct-9"]
    with pytest.raises(ContractNotFoundError, match="No such contract"):
        client.review_order(items=two, contract_id="nobody's")


# --- submission -------------------------------------------------------------------------------------------------------


def test_items_are_looked_up_reviewed_and_ordered(box, client, two):
    order_id = client.submit_order(items=two)

    uuid.UUID(order_id)
    assert [(one.method, one.path) for one in box.sent("")] == [
        ("POST", "/catalog/search"),
        ("POST", "/orders/review"),
        ("POST", "/orders"),
    ]
    assert box.bodies(SUBMIT) == [{"items": wire(two)}]


def test_what_is_left_out_is_not_asked_for(box, client, two):
    client.submit_order(items=two[:1], omit_search=True, omit_review=True)

    assert [one.path for one in box.sent("")] == ["/orders"]
    assert box.bodies(SUBMIT) == [{"items": wire(two[:1])}]


def test_items_may_be_any_that_say_their_id_and_collection(box, client, two):
    assert client.submit_order(
        items=({"id": one["id"], "collection": one["collection"]} for one in two), omit_search=True
    )
    assert box.bodies(SUBMIT) == [{"items": wire(two)}]
    with pytest.raises(ValueError, match="has no collection"):
        client.submit_order(items=[{"id": two[0]["id"]}], omit_search=True)
    assert len(box.sent(SUBMIT)) == 1


def test_ids_alone_are_always_looked_up(box, client, two, said):
    client.submit_order(stac_ids=two.stac_ids, omit_search=True)

    assert len(box.sent(SEARCH)) == 1
    assert any("omit_search" in one for one in said())


def test_ids_count_before_items(box, client, two):
    client.submit_order(stac_ids=two.stac_ids[:1], items=two)

    assert box.bodies(SUBMIT) == [{"items": wire(two[:1])}]


def test_ids_that_are_missing_are_told(client, two, said):
    client.submit_order(stac_ids=[two.stac_ids[0], "CAPELLA_NOBODY"])

    assert any("1 of 2 ids are not in the catalogue: CAPELLA_NOBODY" in one for one in said())


def test_more_than_500_are_ordered_whole(box, client):
    ids = client.search(ownership="publiclyAvailable", limit=700).stac_ids
    assert len(ids) > 500
    box.forget()

    client.submit_order(stac_ids=ids)

    assert sorted(one["granuleId"] for one in box.bodies(SUBMIT)[0]["items"]) == sorted(ids)


def test_items_of_one_collection_are_put_together(box, client):
    a, b = client.search(collections=["capella-geo"], limit=2)
    c = client.search(collections=["capella-slc"], limit=1)[0]

    client.submit_order(items=[a, c, b], omit_search=True)

    assert box.bodies(SUBMIT) == [{"items": wire([a, b, c])}]


def test_a_live_order_is_used_again(box, client, two, order_id):
    longest = client.submit_order(items=two, omit_search=True)
    box.forget()

    assert client.submit_order(items=two[:1], check_active_orders=True) == longest
    assert not box.sent("", method="POST")
    assert longest != order_id


def test_a_rejected_order_is_an_error_and_never_used_again(box, client):
    items = client.search(product_type="CSI", limit=1)
    box.set(reject_orders=True)

    with pytest.raises(OrderRejectedError, match="rejected") as caught:
        client.submit_order(items=items)

    assert isinstance(caught.value, OrderFailed)
    box.set(reject_orders=False)
    box.forget()
    client.submit_order(items=items, check_active_orders=True)
    assert len(box.sent(SUBMIT, method="POST")) == 1


def test_an_order_without_an_answer_is_not_sent_again(box, client, two):
    box.faults.add(method="POST", path=SUBMIT, status=503, body={"message": "down"})

    with pytest.raises(CapellaConsoleClientError, match="down") as caught:
        client.submit_order(items=two, omit_search=True)

    assert caught.value.outcome_unknown
    assert len(box.sent(SUBMIT, method="POST")) == 1


def test_what_fails_in_passing_is_asked_again(box, client, two):
    box.faults.add(method="POST", path=REVIEW, status=503, headers={"Retry-After": "1"})
    box.faults.add(method="POST", path=SEARCH, status=429, headers={"Retry-After": "1"})

    assert client.submit_order(items=two)


# --- lists ------------------------------------------------------------------------------------------------------------


def test_orders_by_id_are_read_one_by_one_once_each(box, client, order_id):
    (order,) = client.list_orders(order_id, None, order_id)

    assert order["orderId"] == order_id
    assert [one.path for one in box.sent("")] == [f"/orders/{order_id}"]
    assert client.list_orders(order_ids=[order_id]) == [order]


def test_all_orders_are_those_of_the_user(box, client, order_id):
    orders = client.list_orders()

    assert order_id in [one["orderId"] for one in orders]
    assert box.sent(ORDERS)[0].query == {"customerId": [client.whoami()["id"]]}


def test_an_id_must_be_one(box, client):
    for call in (client.list_orders, client.get_presigned_items, client.get_stac_items_of_order):
        with pytest.raises(ValueError, match="not a valid uuid"):
            call("nobody")
    assert not box.sent("")
    with pytest.raises(TypeError, match="order_idz"):
        client.list_orders(order_idz=[])


def test_only_live_orders_are_active(box, make_client):
    from swath_capella.sandbox.access import MATE_KEY

    mate = make_client(api_key=MATE_KEY)
    items = mate.search(ownership="publiclyAvailable", limit=1)
    old = mate.submit_order(items=items)
    box.clock.advance(3000)
    live = mate.submit_order(items=items)
    assert [one["orderId"] for one in mate.list_orders(is_active=True)] == [live, old]
    box.clock.advance(1000)

    assert [one["orderId"] for one in mate.list_orders(is_active=True)] == [live]
    assert mate.list_orders(old, is_active=True) == []
    with pytest.raises(OrderExpiredError, match="order expired") as caught:
        mate.get_presigned_items(old)
    assert isinstance(caught.value, Gone)
    assert caught.value.response.status_code == 400


def test_an_order_that_names_no_expiry_breaks_nothing(box, client, order_id):
    box.faults.add(method="GET", path=rf"/orders/{order_id}$", merge={"expirationDate": None})
    from swath_capella._native.ordering import is_live

    (order,) = client.list_orders(order_id)

    assert is_live(order, box.clock.now())
    assert is_live({"expirationDate": "2199-01-01T00:00:00"}, box.clock.now())


def test_the_items_of_an_order_are_found(box, client, two, order_id):
    assert client.get_stac_items_of_order(order_id, ids_only=True) == two.stac_ids
    assert not box.sent(SEARCH)
    found = client.get_stac_items_of_order(order_id)
    assert isinstance(found, StacSearchResult)
    assert sorted(found.stac_ids) == sorted(two.stac_ids)


# --- links ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def live(client, two):
    return client.submit_order(items=two, omit_search=True, check_active_orders=True)


def test_links_are_signed_and_can_be_chosen(client, two, live):
    items = client.get_presigned_items(live)

    assert sorted(one["id"] for one in items) == sorted(two.stac_ids)
    assert "Signature=" in items[0]["assets"]["metadata"]["href"]
    last = two.stac_ids[1]
    assert [one["id"] for one in client.get_presigned_items(live, stac_ids=[last])] == [last]
    assert [one["id"] for one in client.get_presigned_items(live, stac_ids=last)] == [last]
    assert client.get_presigned_items(live, stac_ids=["CAPELLA_NOBODY"]) == []


def test_links_come_in_the_order_wanted(client, two, live):
    for wanted in (two.stac_ids, two.stac_ids[::-1]):
        assert [one["id"] for one in client.get_presigned_items(live, sort_by=wanted)] == wanted
        both = client.get_presigned_items(live, stac_ids=two.stac_ids, sort_by=[*wanted, wanted[0]])
        assert [one["id"] for one in both] == wanted


def scene(number, satellite="02"):
    return f"CAPELLA_C{satellite}_SP_GEO_HH_20201109060434_2020110906043{number}"


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        ([3, 4, 6], [3, 4, 5]),
        ([2, 5, 6], [5, 4, 3]),
        ([3, 4], [4, 5, 3]),
        ([5, 5, 4, 3], [5, 4, 3]),
    ],
)
def test_sorting_skips_what_is_not_there(wanted, given):
    from swath_capella._native.ordering import _in_order

    items = [{"id": scene(one)} for one in (4, 5, 3)]

    assert [one["id"] for one in _in_order(items, [scene(one) for one in wanted])] == [scene(one) for one in given]


def test_ids_to_sort_by_may_be_of_any_satellite():
    from swath_capella._native.ordering import _in_order

    items = [{"id": scene(1, "100")}, {"id": scene(2)}]

    sorted_ = _in_order(items, [scene(2), scene(1, "100"), "NOCAPELLA_C02_SP_GEO_HH_20201109060434_20201109060431"])
    assert [one["id"] for one in sorted_] == [scene(2), scene(1, "100")]


def test_assets_alone_can_be_had(client, live, said):
    assets = client.get_presigned_assets(live)

    assert [set(one) >= {"metadata", "thumbnail"} for one in assets] == [True, True]
    paths = [urlsplit(one["metadata"]["href"]).path for one in client.get_presigned_assets(live, assets_only=False)]
    assert paths == [urlsplit(one["metadata"]["href"]).path for one in assets]
    assert any("assets_only" in one for one in said())


def test_an_order_that_nobody_knows_is_not_found(client):
    with pytest.raises(NotFound, match="Order not found") as caught:
        client.list_orders(str(uuid.UUID(int=1)))

    assert isinstance(caught.value, CapellaConsoleClientError)
    assert caught.value.code == "NOT_FOUND"
    assert not isinstance(caught.value, ClientError)

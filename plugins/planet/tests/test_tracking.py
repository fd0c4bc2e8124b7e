# SPDX-License-Identifier: Apache-2.0
"""Where an order stands."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from swath.convert import UnknownWordWarning
from swath.models import Order, OrderRequest, OrderState
from swath_planet.tracking import order_seen

ENDED = dt.datetime(2026, 3, 14, 8, 20, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("queued", OrderState.ORDERED),
        ("running", OrderState.SHIPPING),
        ("success", OrderState.SUCCEEDED),
        ("partial", OrderState.PARTIAL),
        ("failed", OrderState.FAILED),
        ("cancelled", OrderState.CANCELED),
    ],
)
def test_p14_every_state_has_its_word(wire, word, state):
    order = order_seen(wire("order_queued") | {"state": word})

    assert order.state is state
    assert order.native_state == word


def test_p14_unknown_state_is_pending_with_one_warning(wire):
    with pytest.warns(UnknownWordWarning):
        order = order_seen(wire("order_queued") | {"state": "simmering"})

    assert order.state is OrderState.PENDING
    assert order.native_state == "simmering"


def test_order_has_what_planet_tells(wire):
    order = order_seen(wire("order_queued"))

    assert order.id == "785185aa-b39f-4b4c-a2d6-5c0a8f0e1d55"
    assert order.tag == "swath-0123456789abcdef"
    assert order.created == dt.datetime(2026, 3, 14, 8, 0, 0, 123000, tzinfo=dt.UTC)
    assert order.message == "Preparing order"
    assert order.progress is None


def test_known_request_and_tag_are_kept(wire, scene):
    request = OrderRequest(items=[scene()], tag="swath-ffffffffffffffff")
    known = Order(provider="planet", tag="swath-ffffffffffffffff", request=request)

    order = order_seen(wire("order_success"), known=known)

    assert order.request is request
    assert order.tag == "swath-ffffffffffffffff"


def test_p27_raw_answer_has_no_secret_and_no_signed_link(wire):
    kept = json.dumps(order_seen(wire("order_queued")).raw) + json.dumps(order_seen(wire("order_success")).raw)

    for secret in ("shhh", "AKIAEXAMPLE", "user:pass", "token="):
        assert secret not in kept
    assert "https://example.org/hook" in kept


def test_partial_order_names_the_missing_item_and_why(wire):
    order = order_seen(wire("order_partial"))

    assert order.failed_items == {
        "20260312_101532_45_24a9": "Item ID 20260312_101532_45_24a9 / Item Type PSScene has no analytic_8b_udm2"
    }
    assert "Some items were not delivered; Item ID 20260312_101532_45_24a9" in order.message


def test_partial_order_without_hints_finds_the_missing_item_by_its_files(wire):
    order = order_seen(wire("order_partial") | {"error_hints": None})

    assert order.failed_items == {"20260312_101532_45_24a9": "Some items were not delivered"}


def test_failed_order_fails_every_item_with_its_reason(wire):
    payload = wire("order_partial") | {
        "state": "failed",
        "last_message": "Order failed",
        "error_hints": ["Quota of the plan is used up"],
    }

    order = order_seen(payload)

    assert set(order.failed_items.values()) == {"Quota of the plan is used up"}
    assert order.message == "Order failed; Quota of the plan is used up"


def test_p22_finished_order_without_links_is_shipping_for_a_grace_time(wire):
    payload = wire("order_success")
    payload["_links"]["results"] = None

    early = order_seen(payload, now=ENDED + dt.timedelta(seconds=5))
    late = order_seen(payload, now=ENDED + dt.timedelta(seconds=61))

    assert early.state is OrderState.SHIPPING
    assert late.state is OrderState.SUCCEEDED
    assert order_seen(wire("order_success"), now=ENDED).state is OrderState.SUCCEEDED


def test_finished_order_to_a_bucket_has_no_links_to_wait_for(wire):
    payload = wire("order_success") | {"delivery": {"amazon_s3": {"bucket": "b"}}}
    payload["_links"]["results"] = None

    assert order_seen(payload, now=ENDED).state is OrderState.SUCCEEDED

# SPDX-License-Identifier: Apache-2.0
"""Payloads are read strictly, and what is new in them passes."""

from __future__ import annotations

import pytest

from swath.convert import UnknownWordWarning
from swath.errors import UnexpectedResponse
from swath_planet.wire import Feature, Manifest, OrderPayload, OrderWord, SearchPage, converter, read


@pytest.mark.parametrize("name", ["order_queued", "order_success", "order_partial"])
def test_read_order_knows_every_state_word(wire, name):
    order = read(wire(name), OrderPayload, "order")

    assert order.state in set(OrderWord)
    assert order.created_on is not None
    assert order.created_on.utcoffset().total_seconds() == 0


def test_read_order_passes_an_unknown_state_with_one_warning(wire):
    payload = wire("order_queued") | {"state": "marinating"}

    with pytest.warns(UnknownWordWarning, match="marinating"):
        order = read(payload, OrderPayload, "order")

    assert order.state == "marinating"


def test_read_order_takes_null_for_what_is_not_there(wire):
    payload = wire("order_success") | {"tools": None, "error_hints": None, "products": None, "delivery": None}
    payload["_links"]["results"] = None

    order = read(payload, OrderPayload, "order")

    assert order.results == ()
    assert order.item_ids == ()


def test_read_names_the_place_of_what_does_not_fit(wire):
    payload = wire("manifest")
    payload["files"][1]["size"] = "large"

    with pytest.raises(UnexpectedResponse, match=r"Planet's manifest.*\$\.files\[1\]\.size"):
        read(payload, Manifest, "manifest")


def test_read_page_refuses_an_item_without_properties(wire):
    payload = wire("search_first")
    del payload["features"][0]["properties"]

    with pytest.raises(UnexpectedResponse, match=r"features\[0\]\.properties: is missing"):
        read(payload, SearchPage, "page")


@pytest.mark.parametrize("links", [None, {}, {"_next": None}, {"_next": ""}])
def test_next_ends_without_a_link(wire, links):
    payload = wire("search_first") | {"_links": links}

    assert read(payload, SearchPage, "page").next is None


def test_repr_of_an_order_shows_no_signed_link(wire):
    assert "token=" not in repr(read(wire("order_success"), OrderPayload, "order"))


def test_recorded_features_have_no_key_that_goes_unread(wire):
    strict = converter(forbid_extra_keys=True)
    features = wire("search_first")["features"]

    found = [strict.structure({key: feature[key] for key in feature if key != "type"}, Feature) for feature in features]

    assert [one.id for one in found] == ["20260312_101530_23_24a9", "20260311_011846_ssc2d3_0010"]

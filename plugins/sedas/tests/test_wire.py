# SPDX-License-Identifier: Apache-2.0
import datetime as dt

import pytest

from swath.errors import Rejected, UnexpectedResponse
from swath.models import OrderState
from swath_sedas.wire import Product, RequestAnswer, TokenAnswer, file_checksum, products_in, read, wire_keys


def test_product_has_every_field_of_the_recorded_answers(wire):
    seen = {key for one in wire("search_optical.json")["products"] for key in one} | set(wire("lookup_sar.json")[0])

    assert seen - wire_keys(Product) == {"orbit", "sensorBand"}  # kept as they are, under sedas:


def test_read_names_the_place_that_does_not_fit(wire):
    broken = wire("lookup_sar.json")[0] | {"sensorResolution": "20"}

    with pytest.raises(UnexpectedResponse, match="sensorResolution"):
        read(broken, Product, what="the product")


def test_read_takes_absent_and_null_alike(wire):
    bare = {key: wire("lookup_sar.json")[0][key] for key in ("supplierId", "coordinatesWKT", "start", "stop")}

    assert read(bare | {"downloadUrl": None}, Product, what="the product").download_url is None


@pytest.mark.parametrize("text", ["2026-02-03T05:00:00Z", "2026-02-03T05:00:00.000Z", "2026-02-03T06:00:00+01:00"])
def test_token_end_is_read_as_utc_in_any_form(text):
    got = read({"token": "x", "validUntil": text}, TokenAnswer, what="the login")

    assert got.valid_until == dt.datetime(2026, 2, 3, 5, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("PENDING", OrderState.PENDING),
        ("ACCEPTED", OrderState.PENDING),
        ("INPRODUCTION", OrderState.SHIPPING),
        ("COMPLETED", OrderState.SHIPPING),
        ("FAILED", OrderState.FAILED),
        ("cancelled", OrderState.CANCELED),
        ("QUOTED", OrderState.PENDING),
        (None, OrderState.SHIPPING),
    ],
)
def test_p14_request_without_url_has_the_state_of_its_word(status, state):
    assert RequestAnswer(status=status).state is state


def test_p14_request_with_url_has_succeeded_whatever_the_word():
    assert RequestAnswer(status="PENDING", download_url="https://x").state is OrderState.SUCCEEDED


@pytest.mark.parametrize(("value", "text"), [(17, "17"), ("r-000017", "r-000017"), (None, "")])
def test_request_id_may_be_text_or_number(value, text):
    assert read({"requestId": value}, RequestAnswer, what="the answer").id == text


@pytest.mark.parametrize("answer", [[], {}, {"products": None}, {"products": {}}, {"products": [1]}, "no"])
def test_products_in_refuses_answers_without_a_list(answer):
    with pytest.raises(UnexpectedResponse):
        products_in(answer, what="the answer")


def test_p23_failure_inside_a_200_is_seen():
    with pytest.raises(Rejected, match="bad WKT"):
        products_in({"errorCode": 3, "errorMessage": "bad WKT"}, what="the answer")


@pytest.mark.parametrize(("length", "prefix"), [(32, "d50110"), (40, "1114"), (64, "1220")])
def test_file_checksum_tells_the_algorithm_by_length(length, prefix):
    assert file_checksum({"property": "x", "Filehash": "A" * length}) == prefix + "a" * length


@pytest.mark.parametrize("vendor", [None, {}, {"Filehash": "abc"}, {"Filehash": None}, {"Filehash": "z" * 32}])
def test_file_checksum_is_none_where_nothing_can_be_told(vendor):
    assert file_checksum(vendor) is None

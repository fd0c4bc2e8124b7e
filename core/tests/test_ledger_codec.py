# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt
import json

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swath._ledger.codec import decode, encode, redact
from swath.errors import InputError, LedgerError
from swath.models import Asset, Order, OrderRequest, OrderState, Receipt, Secret, Verification

ZONE = dt.timezone(dt.timedelta(hours=-5))

names = st.text(max_size=8).filter(lambda name: redact({name: "x"}) == {name: "x"})
times = st.datetimes(timezones=st.sampled_from([dt.UTC, ZONE]))
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8) | times | st.dates()
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(names | st.just("$swath"), inner, max_size=3)
    ),
    max_leaves=8,
)
mappings = st.dictionaries(names, values, max_size=3)
requests = st.builds(
    OrderRequest,
    items=st.lists(mappings, max_size=2),
    collection=st.none() | names,
    clip=st.none() | mappings,
    assets=st.lists(names, max_size=3),
    bundle=st.lists(names, max_size=3),
    tools=st.lists(mappings, max_size=2),
    delivery=st.none() | mappings,
    name=names,
    tag=names,
    options=mappings,
)
plain_orders = st.builds(
    Order,
    provider=names,
    id=names,
    tag=names,
    kind=names,
    state=st.sampled_from(OrderState),
    native_state=names,
    request=st.none() | requests,
    created=st.none() | times,
    updated=st.none() | times,
    expires=st.none() | times,
    progress=st.none() | st.floats(0, 1),
    message=names,
    failed_items=st.dictionaries(names, names, max_size=2),
    raw=mappings,
)
orders = plain_orders | st.builds(
    lambda order, parts: attrs.evolve(order, parts=parts), plain_orders, st.lists(plain_orders, max_size=2)
)


@settings(max_examples=100, deadline=None)
@given(orders)
def test_order_comes_back_as_it_went(order):
    back = decode(encode(order))

    assert back == order
    assert type(back.state) is OrderState
    assert json.loads(encode(order)) == json.loads(encode(back))


def test_every_field_of_an_order_is_written():
    """A field that is added to a record must not be lost in the ledger."""
    for record in (Order(provider="p"), OrderRequest(), Asset(href="https://h/x", name="x")):
        written = json.loads(encode(record))["value"]

        assert written.keys() == {declared.name for declared in attrs.fields(type(record))}


def test_times_are_written_in_utc():
    order = Order(provider="p", created=dt.datetime(2026, 3, 1, 20, tzinfo=ZONE))

    back = decode(encode(order))

    assert back.created == order.created
    assert back.created.tzinfo is dt.UTC
    assert "2026-03-02T01:00:00+00:00" in encode(order)


def test_receipt_comes_back_without_the_links_query():
    asset = Asset(
        href="https://host/a.tif?sig=abc#x",
        name="a.tif",
        size=3,
        roles=["data"],
        expires=dt.datetime(2026, 3, 1, tzinfo=dt.UTC),
        fields={"bands": [{"name": "red"}], "proj:shape": (2, 3)},
    )
    receipt = Receipt(path="/d/a.tif", size=3, checksum="1220", verified=Verification.CHECKSUM, asset=asset)

    back = decode(encode(receipt))

    assert back == attrs.evolve(receipt, asset=attrs.evolve(asset, href="https://host/a.tif"))


@pytest.mark.parametrize(
    "name",
    [
        "secret",
        "aws_secret_access_key",
        "apiKey",
        "API-KEY",
        "Password",
        "passphrase",
        "sas_token",
        "sas",
        "credentials",
        "Authorization",
        "x-signature",
    ],
)
def test_redact_when_a_name_tells_hides_what_stands_under_it(name):
    assert redact({"a": [{name: "x"}, {name: {"deep": 1}}, {name: 5}]}) == {
        "a": [{name: "<redacted>"}, {name: "<redacted>"}, {name: "<redacted>"}]
    }


def test_redact_when_nothing_stands_there_leaves_it():
    kept = {"api_key": None, "password": "", "use_token": True, "bucket": "b", "text": "my secret key"}

    assert redact(kept) == kept


def test_redact_copies():
    given_ = {"deep": {"token": "x"}}

    redact(given_)

    assert given_ == {"deep": {"token": "x"}}


def test_raw_answers_keep_what_only_sounds_secret():
    raw = {
        "key": "results/a.tif",
        "next_page_token": "p2",
        "_links": {"results": [{"name": "a", "asset_key": "udm"}]},
        "delivery": {"amazon_s3": {"aws_access_key_id": "x", "aws_secret_access_key": "y"}},
        "token": "z",
        "accessKey": "w",
    }

    back = decode(encode(Order(provider="p", raw=raw))).raw

    assert back == {
        **raw,
        "delivery": {"amazon_s3": {"aws_access_key_id": "<redacted>", "aws_secret_access_key": "<redacted>"}},
        "token": "<redacted>",
        "accessKey": "<redacted>",
    }


def test_raw_answer_with_a_strange_value_is_kept_as_text():
    """An order that is paid for is written down, whatever its plugin has put into it."""
    back = decode(encode(Order(provider="p", raw={"value": {1: complex(1, 2)}, "n": 3})))

    assert back.raw == {"value": {"1": "(1+2j)"}, "n": 3}


def test_options_with_numbers_of_numpy_and_sets_are_written():
    np = pytest.importorskip("numpy")

    request = OrderRequest(options={"count": np.int64(3), "share": np.float64(0.5), "words": {"b", "a"}})

    assert decode(encode(request)).options == {"count": 3, "share": 0.5, "words": ["a", "b"]}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"a": [{"b": object()}]}, r"OrderRequest\.options\.a\[0\]\.b holds object"),
        ({"a": b"bytes"}, r"options\.a holds bytes"),
        ({1: "x"}, r"options has the key 1"),
        ({"a": dt.datetime(2026, 1, 1)}, r"options\.a is a time without a zone"),  # noqa: DTZ001 - the case
    ],
)
def test_options_that_cannot_be_written_are_named(options, said):
    with pytest.raises(InputError, match=said):
        encode(OrderRequest(options=options))


def test_secrets_are_never_written_wherever_they_stand():
    request = OrderRequest(
        options={
            "plain": Secret("CANARY"),
            "list": (Secret("CANARY"),),
            "webhook": {"url": "https://u:CANARY@example.org/hook"},
        },
        items=[{"x": Secret("CANARY")}],
    )

    assert "CANARY" not in encode(request)


def test_decode_when_a_newer_swath_has_added_a_field_passes_over_it():
    document = json.loads(encode(Order(provider="p", id="1")))
    document["value"]["colour"] = "green"

    assert decode(json.dumps(document)) == Order(provider="p", id="1")


@pytest.mark.parametrize(
    "text",
    ["{", '{"$swath": "Spaceship", "value": {}}', '{"$swath": "Order"}', '{"$swath": "OrderState", "value": "lost"}'],
)
def test_decode_when_it_is_something_else_says_so(text):
    with pytest.raises(LedgerError, match="cannot be understood"):
        decode(text)

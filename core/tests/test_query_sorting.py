# SPDX-License-Identifier: Apache-2.0
"""Sort keys and sorting."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swath._query.sorting import parse_sortby, sort_items
from swath.errors import InputError
from swath.models import SortKey

TIME_DOWN = SortKey(property="datetime", descending=True)
CLOUD_UP = SortKey(property="eo:cloud_cover")


@pytest.mark.parametrize(
    "value",
    [
        "-datetime,+eo:cloud_cover",
        "-properties.datetime, eo:cloud_cover",
        ["-datetime", "eo:cloud_cover"],
        ("-datetime", "+properties.eo:cloud_cover"),
        [{"field": "datetime", "direction": "desc"}, {"field": "properties.eo:cloud_cover", "direction": "asc"}],
        [{"field": "datetime", "direction": "DESC"}, {"field": "eo:cloud_cover"}],
        [TIME_DOWN, CLOUD_UP],
        ["-datetime", "eo:cloud_cover", "datetime"],
        iter(["-datetime", CLOUD_UP]),
    ],
)
def test_sortby_is_read_in_every_form(value):
    assert parse_sortby(value) == (TIME_DOWN, CLOUD_UP)


def test_one_dict_or_key_is_taken_alone():
    assert parse_sortby({"field": "datetime", "direction": "desc"}) == (TIME_DOWN,)
    assert parse_sortby(CLOUD_UP) == (CLOUD_UP,)


@pytest.mark.parametrize("value", [None, "", " ", []])
def test_no_sortby_is_no_key(value):
    assert parse_sortby(value) == ()


@pytest.mark.parametrize(
    "value",
    [
        5,
        [5],
        "-",
        "datetime,,id",
        ["+"],
        [{"direction": "asc"}],
        [{"field": "id", "direction": "up"}],
        "geometry",
        "-bbox",
    ],
)
def test_sortby_that_is_none_is_refused_with_the_forms(value):
    with pytest.raises(InputError, match="sortby") as caught:
        parse_sortby(value)

    assert "-datetime" in caught.value.hint


def item(name, **properties):
    return {"id": name, "properties": properties}


def ids(items):
    return "".join(one["id"] for one in items)


def test_items_are_sorted_by_several_keys_and_equal_ones_stay():
    items = [item("a", x=1, y=1), item("b", x=2, y=1), item("c", x=1, y=2), item("d", x=1, y=1)]

    assert ids(sort_items(items, parse_sortby("x,-y"))) == "cadb"
    assert ids(sort_items(items, parse_sortby("-x"))) == "bacd"
    assert ids(sort_items(items, ())) == "abcd"
    assert ids(sort_items(items, parse_sortby("-id"))) == "dcba"


@pytest.mark.parametrize("sign", ["+", "-"])
def test_missing_values_come_last_either_way(sign):
    items = [item("a"), item("b", x=1), item("c", x=None), item("d", x=float("nan")), item("e", x=[1])]

    assert ids(sort_items(items, parse_sortby(f"{sign}x"))) == "bacde"


def test_p11_times_are_sorted_as_instants():
    items = [
        item("a", datetime="2026-03-01T01:00:00+02:00"),
        item("b", datetime="2026-02-28T22:00:00.5Z"),
        item("c", datetime="2026-02-28T22:00:00Z"),
    ]

    assert ids(sort_items(items, parse_sortby("datetime"))) == "cba"
    assert ids(sort_items(items, parse_sortby("-datetime"))) == "abc"


def test_values_of_different_kinds_do_not_break_sorting():
    items = [item("a", x="z"), item("b", x=2), item("c", x=True), item("d", x=1.5), item("e", x="y")]

    assert ids(sort_items(items, parse_sortby("x"))) == "cdbea"


values = st.none() | st.integers(-2, 2)


@given(st.lists(st.tuples(values, values), max_size=12), st.booleans(), st.booleans())
@settings(max_examples=150, deadline=None, derandomize=True)
def test_sorting_is_stable_and_complete(pairs, down_x, down_y):
    items = [{"id": i, "properties": {"x": x, "y": y}} for i, (x, y) in enumerate(pairs)]
    keys = (SortKey(property="x", descending=down_x), SortKey(property="y", descending=down_y))

    found = sort_items(items, keys)

    def rank(one, key):
        value = one["properties"][key.property]
        return (value is None, 0 if value is None else -value if key.descending else value)

    assert found == sorted(items, key=lambda one: [*(rank(one, key) for key in keys), one["id"]])


def test_span_sorts_by_its_start():
    items = [
        {"id": "b", "properties": {"datetime": None, "start_datetime": "2020-01-01T00:00:00Z"}},
        {"id": "c", "properties": {"datetime": "2021-01-01T00:00:00Z"}},
        {"id": "a", "properties": {"datetime": None, "start_datetime": "2019-01-01T00:00:00Z"}},
    ]

    assert [item["id"] for item in sort_items(items, parse_sortby("+datetime"))] == ["a", "b", "c"]

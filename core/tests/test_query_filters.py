# SPDX-License-Identifier: Apache-2.0
"""Reading filters."""

from __future__ import annotations

import json

import cql2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swath._query.filters import check_properties, is_plain, parse_filter, properties_of, read_filter
from swath.errors import InputError, InvalidFilter, InvalidGeometry

CLOUD = {"op": "<", "args": [{"property": "eo:cloud_cover"}, 10]}


@pytest.mark.parametrize(
    ("value", "lang"),
    [
        ("eo:cloud_cover < 10", None),
        ('"eo:cloud_cover" < 10', "cql2-text"),
        ("properties.eo:cloud_cover < 10", None),
        (CLOUD, None),
        (CLOUD, "cql2-json"),
        (json.dumps(CLOUD), None),
        (json.dumps(CLOUD), "cql2-json"),
        ({"op": "<", "args": [{"property": "properties.eo:cloud_cover"}, 10]}, None),
        ({"op": "and", "args": [CLOUD]}, None),
        (cql2.parse_text("eo:cloud_cover < 10"), None),
    ],
)
def test_filter_is_read_in_every_form(value, lang):
    assert parse_filter(value, lang) == CLOUD


def test_no_filter_is_none():
    assert parse_filter(None) is None
    assert parse_filter({}) is None
    assert parse_filter(None, "cql2-text") is None


def test_numbers_keep_their_value_and_whole_ones_are_ints():
    number = 2**60 + 1
    exact = parse_filter({"op": "=", "args": [{"property": "a"}, number]})

    assert exact["args"][1] == number
    assert type(parse_filter("a = 3")["args"][1]) is int
    assert type(parse_filter("a = 3.5")["args"][1]) is float


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("", "empty text"),
        ("a <", "'a <' is no CQL2 text: at line:column 1:4, expected"),
        ("a == 1", "no CQL2 text"),
        ("a", "a is no condition"),
        ("a + 1", r"'\+' gives a value"),
        ("a = NULL", "nothing can be compared with NULL; write: x IS NULL"),
        ("a = (1, 2)", "see a_equals"),
        ("foo(a) = 1", "operator 'foo' is not one of CQL2"),
        ("S_FOO(geometry, POINT(1 2))", "operator 'S_FOO' is not"),
        ("a LIKE b", "'like' needs a text"),
        ("datetime > 'yesterday'", "'yesterday' is no date or time"),
        ("datetime >= 2026-01-01", "datetime is a time and cannot be compared with"),
        ("created = 5", "created is a time"),
        ("datetime = TIMESTAMP('2020-01-01')", "is no timestamp"),
        ("T_DURING(datetime, INTERVAL('2021-01-01', '2020-01-01'))", "ends before it starts"),
        ("T_DURING(datetime, 5)", "'t_during' needs"),
        ({"op": "a_contains", "args": [{"property": "tags"}, 5]}, "'a_contains' needs"),
        ("S_INTERSECTS(geometry, 5)", "'s_intersects' needs geometry"),
        ("(a = 1) = TRUE", "cannot be compared or calculated with"),
        ({"op": "=", "args": [{"property": "a"}]}, "'=' takes 2 arguments, not 1"),
        ({"op": "not", "args": [True, False]}, "'not' takes 1 arguments, not 2"),
        ({"op": "and", "args": []}, "'and' takes 1 or more"),
        ({"op": "in", "args": [{"property": "a"}, 5]}, "'in' needs a list"),
        ({"op": "=", "args": [{"property": ""}, 1]}, "is no property name"),
        ({"op": "=", "args": [{"property": "a"}, float("nan")]}, "no JSON"),
        ({"op": "=", "args": [{"property": "a"}, object()]}, "no JSON"),
        ({"and": []}, "no CQL2 JSON"),
        ('{"op": ', "no CQL2 JSON"),
        ([CLOUD], "text or a dict, not list"),
        (5, "text or a dict, not int"),
    ],
)
def test_filter_that_is_none_is_refused(value, message):
    with pytest.raises(InvalidFilter, match=message):
        parse_filter(value)


def test_deep_nesting_is_refused_not_a_crash():
    value = CLOUD
    for _ in range(5000):
        value = {"op": "not", "args": [value]}

    with pytest.raises(InvalidFilter):
        parse_filter(value)


def test_language_is_checked_and_must_fit():
    with pytest.raises(InvalidFilter, match="'cql-json' is not known"):
        parse_filter(CLOUD, "cql-json")
    with pytest.raises(InvalidFilter, match="the filter is a dict"):
        parse_filter(CLOUD, "cql2-text")
    with pytest.raises(InvalidFilter, match="no CQL2 JSON"):
        parse_filter("a = 1", "cql2-json")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("datetime > '2026-03-01T02:00:00+02:00'", {"timestamp": "2026-03-01T00:00:00Z"}),
        ("datetime > '2026-03-01'", {"date": "2026-03-01"}),
        ("created > TIMESTAMP('2026-03-01T00:00:00.5Z')", {"timestamp": "2026-03-01T00:00:00.500000Z"}),
        ("order:expiration_date > DATE('2026-03-01')", {"date": "2026-03-01"}),
    ],
)
def test_p11_what_is_compared_with_a_time_is_one_in_utc(text, wanted):
    assert parse_filter(text)["args"][1] == wanted


def test_between_of_times_or_texts_becomes_two_comparisons():
    assert parse_filter("a BETWEEN 1 AND 2")["op"] == "between"
    found = parse_filter("datetime BETWEEN '2026-01-01' AND '2026-03-31'")
    assert [(part["op"], part["args"][1]) for part in found["args"]] == [
        (">=", {"date": "2026-01-01"}),
        ("<=", {"date": "2026-03-31"}),
    ]
    assert parse_filter("a BETWEEN 'b' AND 'd'")["op"] == "and"


def test_operators_are_spelled_as_in_the_standard():
    assert parse_filter({"op": "ISNULL", "args": [{"property": "a"}]})["op"] == "isNull"
    assert parse_filter("A_CONTAINEDBY(tags, ('x'))")["op"] == "a_containedBy"


def test_p12_area_in_a_filter_is_split_and_repaired_with_a_report():
    crossing, _ = read_filter("S_INTERSECTS(geometry, BBOX(177, -20, -178, -15))")
    assert crossing["args"][1]["type"] == "MultiPolygon"

    bowtie, repairs = read_filter("S_INTERSECTS(geometry, POLYGON((0 0, 2 2, 2 0, 0 2, 0 0)))")
    assert bowtie["args"][1]["type"] == "MultiPolygon"
    assert repairs == ("in the filter: ring 0 crosses itself; it was taken apart into simple rings",)

    with pytest.raises(InvalidGeometry, match="vertex 1 of ring 0"):
        parse_filter("S_INTERSECTS(geometry, POLYGON((0 0, 1 100, 1 1, 0 0)))")


def test_properties_are_found_wherever_they_stand():
    text = (
        "casei(a) = 'x' AND (properties.b + c > 1 OR NOT d IS NULL) AND e IN (f, 2) AND g BETWEEN h AND 3 "
        "AND T_INTERSECTS(INTERVAL(i, j), INTERVAL('2026-01-01', '..')) AND S_INTERSECTS(geometry, POINT(1 2))"
    )

    assert properties_of(parse_filter(text)) == set("abcdefghij") | {"geometry"}
    assert properties_of(None) == set()


def test_what_is_read_is_cql2_again():
    text = (
        "a = 1 AND (b LIKE 'x%' OR NOT c IN (1, 2)) AND datetime > '2026-01-01' AND S_WITHIN(geometry, BBOX(0,0,1,1))"
    )
    found = parse_filter(text)

    cql2.Expr(dict(found)).validate()
    assert parse_filter(found) == found


QUERYABLES = {
    "scenes": {"type": "object", "properties": {"eo:cloud_cover": {"type": "number"}, "gsd": True}},
    "radar": {"properties": {"sar:polarizations": {}, "proj:centroid": {}}},
}


@pytest.mark.parametrize(
    "text",
    [
        "eo:cloud_cover < 1 AND sar:polarizations IS NULL",
        "id = 'a' AND collection = 'b' AND datetime > '2026-01-01' AND S_INTERSECTS(geometry, POINT(1 2))",
        "proj:centroid.lat > 5",
        "gsd < 3",
    ],
)
def test_p13_property_that_a_collection_has_passes(text):
    check_properties(parse_filter(text), QUERYABLES)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cloud_cover < 1", "no property 'cloud_cover' in radar, scenes; did you mean 'eo:cloud_cover'"),
        ("eo:cloud_covr < 1", "did you mean 'eo:cloud_cover'"),
        ("gsd < 1 OR NOT view:off_nadir > 5", "no property 'view:off_nadir' in radar, scenes; there are"),
        ("type = 'x'", "no property 'type'"),
    ],
)
def test_p13_property_that_no_collection_has_is_refused_with_the_nearest(text, message):
    with pytest.raises(InvalidFilter, match=message):
        check_properties(parse_filter(text), QUERYABLES)


def test_p13_nothing_is_refused_where_nothing_is_known():
    check_properties(parse_filter("anything = 1"), {})
    check_properties(None, QUERYABLES)


def test_p13_properties_may_be_given_without_their_schema():
    check_properties(parse_filter("gsd < 1"), {"scenes": {"gsd": {"type": "number"}}})
    with pytest.raises(InvalidFilter):
        check_properties(parse_filter("gsd < 1"), {"scenes": {}})


nodes = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5) | st.just({"property": "a"}),
    lambda inner: (
        st.fixed_dictionaries(
            {
                "op": st.sampled_from(
                    ["and", "or", "not", "=", "<", "in", "like", "isNull", "+", "s_within", "t_after", "x"]
                )
            },
            optional={"args": st.lists(inner, max_size=3)},
        )
        | st.lists(inner, max_size=2)
    ),
    max_leaves=8,
)


@given(nodes | st.text(max_size=25))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_any_value_is_a_valid_filter_or_a_clear_error(value):
    try:
        found = parse_filter(value)
    except InputError:
        return
    assert found is None or parse_filter(found) == found


NAME, WHEN = {"property": "a"}, {"timestamp": "2026-03-01T00:00:00.123456Z"}
LITERALS = ["x", "", 1, -1.5, True, WHEN, {"date": "2026-03-01"}]
PLAIN = [
    *({"op": op, "args": [NAME, value]} for op in ("=", "<>", "<", "<=", ">", ">=") for value in [NAME, *LITERALS]),
    *({"op": "=", "args": [value, other]} for value in LITERALS for other in LITERALS),
    *({"op": "in", "args": [value, [*LITERALS, NAME]]} for value in [NAME, *LITERALS]),
    *({"op": "isNull", "args": [value]} for value in [NAME, *LITERALS]),
    *({"op": "like", "args": [value, "x%"]} for value in (NAME, "x")),
    *({"op": "between", "args": [value, other, 3]} for value in (NAME, 1, 2.5) for other in (NAME, 1, 2.5)),
]


@pytest.mark.parametrize("op", ["and", "or", "not"])
def test_what_is_plain_is_valid_to_the_library(op):
    found = [{"op": "not", "args": [part]} if op == "not" else part for part in PLAIN]
    normal = {"op": "or" if op == "not" else op, "args": found}

    assert is_plain(normal)
    cql2.parse_json(json.dumps(normal)).validate()


@pytest.mark.parametrize(
    "part",
    [
        {"op": "like", "args": [NAME, 3]},
        {"op": "like", "args": [3, "x"]},
        {"op": "between", "args": [NAME, "a", "b"]},
        {"op": "between", "args": [NAME, True, 3]},
        {"op": "=", "args": [{"op": "casei", "args": [3]}, "x"]},
        {"op": "in", "args": [NAME, [{"op": "+", "args": ["x", 1]}]]},
    ],
)
def test_what_the_library_refuses_is_not_plain(part):
    with pytest.raises(cql2.ValidationError):
        cql2.parse_json(json.dumps(part)).validate()

    assert not is_plain(part)
    assert not is_plain({"op": "and", "args": [PLAIN[0], {"op": "not", "args": [part]}]})


def test_what_is_not_plain_is_judged():
    for text in ("CASEI(a) = 'x'", "a + 1 > 2", "S_WITHIN(geometry, POINT(1 2))", "a = 1 AND TRUE"):
        assert not is_plain(parse_filter(text))

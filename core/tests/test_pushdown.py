# SPDX-License-Identifier: Apache-2.0
"""Taking filters apart for providers."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swath._query.evaluate import compile_filter
from swath._query.filters import parse_filter
from swath.pushdown import Loose, Predicate, Split, conjuncts, predicate_of, predicates, push_not_down, translate


def at(*fields):
    return dt.datetime(*fields, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a = 1", Predicate(property="a", op="=", value=1)),
        ("properties.a <> 'x'", Predicate(property="a", op="<>", value="x")),
        ("5 < a", Predicate(property="a", op=">", value=5)),
        ("5 >= a", Predicate(property="a", op="<=", value=5)),
        ("a = TRUE", Predicate(property="a", op="=", value=True)),
        ("a IN (1, 'x')", Predicate(property="a", op="in", value=(1, "x"))),
        ("a BETWEEN 1 AND 2", Predicate(property="a", op="between", value=(1, 2))),
        ("a IS NULL", Predicate(property="a", op="isNull")),
        ("a LIKE 'x%'", Predicate(property="a", op="like", value="x%")),
        ("NOT a < 1", Predicate(property="a", op=">=", value=1)),
        ("NOT NOT a = 1", Predicate(property="a", op="=", value=1)),
        (
            "datetime > TIMESTAMP('2026-03-01T02:00:00+02:00')",
            Predicate(property="datetime", op=">", value=at(2026, 3, 1)),
        ),
        ("datetime >= '2026-03-01'", Predicate(property="datetime", op=">=", value=at(2026, 3, 1))),
        ("datetime < '2026-03-01'", Predicate(property="datetime", op="<", value=at(2026, 3, 1))),
        (
            "datetime <= '2026-03-01'",
            Predicate(property="datetime", op="<=", value=at(2026, 3, 1, 23, 59, 59, 999_999)),
        ),
        ("datetime > '2026-03-01'", Predicate(property="datetime", op=">", value=at(2026, 3, 1, 23, 59, 59, 999_999))),
        (
            "datetime = '2026-03-01'",
            Predicate(property="datetime", op="between", value=(at(2026, 3, 1), at(2026, 3, 1, 23, 59, 59, 999_999))),
        ),
    ],
)
def test_simple_condition_is_a_predicate(text, wanted):
    assert predicates(parse_filter(text)) == Split(pushed=(wanted,))


@pytest.mark.parametrize(
    "text",
    [
        "a = b",
        "a + 1 > 2",
        "casei(a) = 'x'",
        "a LIKE casei('x%')",
        "a IN (b, 1)",
        "a BETWEEN b AND 2",
        "a = 1 OR b = 2",
        "NOT a IS NULL",
        "NOT a IN (1)",
        "datetime <> '2026-03-01'",
        "datetime IN ('2026-03-01')",
        "S_INTERSECTS(geometry, POINT(1 2))",
        "T_AFTER(datetime, DATE('2026-03-01'))",
        "1 = 1",
        "FALSE",
        "a + 1 IS NULL",
    ],
)
def test_anything_else_is_left_to_core(text):
    parsed = parse_filter(text)

    found = predicates(parsed)

    assert found.pushed == ()
    assert found.rest is not None
    assert compile_filter(found.rest)({"properties": {}}) is compile_filter(parsed)({"properties": {}})


def test_conjuncts_are_split_at_every_depth():
    parsed = parse_filter("a = 1 AND (b = 2 AND (c = 3 OR d = 4) AND e + 1 = 2) AND NOT (f = 5 OR g = 6) AND TRUE")

    found = predicates(parsed)

    assert [one.property for one in found.pushed] == ["a", "b", "f", "g"]
    assert [one.op for one in found.pushed] == ["=", "=", "<>", "<>"]
    assert found.rest["op"] == "and"
    assert len(found.rest["args"]) == 2


def test_no_filter_has_no_parts():
    assert predicates(None) == Split()
    assert list(conjuncts(None)) == []
    assert translate(None, leaf=lambda one: one, every=list) is None


def test_predicate_of_what_is_no_condition_is_none():
    assert predicate_of("a") is None
    assert predicate_of({"property": "a"}) is None


def words(known, loose=()):
    """Make a leaf that knows some properties, and some only roughly."""

    def leaf(one):
        if one.property in loose:
            return Loose(f"{one.property}~")
        return f"{one.property}{one.op}{one.value}" if one.property in known else None

    return leaf


def said(text, known="abc", loose="", *, some=True, negate=True):
    return translate(
        parse_filter(text),
        leaf=words(known, loose),
        every=lambda parts: f"({'&'.join(parts)})",
        some=(lambda parts: f"({'|'.join(parts)})") if some else None,
        negate=(lambda part: f"!{part}") if negate else None,
    )


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a = 1", "a=1"),
        ("z = 1", None),
        ("a = 1 AND b = 2", "(a=1&b=2)"),
        ("a = 1 AND z = 2", "a=1"),
        ("a = 1 OR b = 2", "(a=1|b=2)"),
        ("a = 1 OR z = 2", None),
        ("a = 1 AND (b = 1 OR z = 2)", "a=1"),
        ("a = 1 AND (b = 1 OR (c = 2 AND z = 2))", "(a=1&(b=1|c=2))"),
        ("NOT (a = 1 AND b = 2)", "(a<>1|b<>2)"),
        ("NOT (a = 1 AND z = 2)", None),
        ("NOT (a = 1 OR z = 2)", "a<>1"),
        ("NOT a IN (1)", "!ain(1,)"),
        ("NOT z IN (1)", None),
        ("NOT (a + 1 = 2)", None),
        ("a = 1 AND TRUE", "a=1"),
        ("a = 1 OR FALSE", "a=1"),
        ("a = 1 OR TRUE", None),
    ],
)
def test_tree_is_translated_under_the_superset_rule(text, wanted):
    assert said(text) == wanted


def test_loose_translation_is_used_but_never_negated():
    assert said("b = 1", loose="b") == "b~"
    assert said("a = 1 AND b = 1", loose="b") == "(a=1&b~)"
    assert said("a = 1 OR b = 1", loose="b") == "(a=1|b~)"
    assert said("NOT b IN (1)", loose="b") is None


def test_provider_without_or_and_not_gets_what_it_can():
    assert said("a = 1 AND (b = 1 OR c = 2)", some=False) == "a=1"
    assert said("a = 1 AND NOT b IN (1)", negate=False) == "a=1"
    assert said("a = 1 OR FALSE", some=False) == "a=1"


NAMES = ["a", "b", "z"]
values = st.integers(-2, 2)
leaves = st.builds(
    lambda op, name, value: {"op": op, "args": [{"property": name}, value]},
    st.sampled_from(["=", "<>", "<", "<=", ">", ">="]),
    st.sampled_from(NAMES),
    values,
) | st.builds(
    lambda op, name, low, high: {
        "op": op,
        "args": [{"property": name}, *([[low, high]] if op == "in" else [low, high])],
    },
    st.sampled_from(["in", "between"]),
    st.sampled_from(NAMES),
    values,
    values,
)
trees = st.recursive(
    leaves | st.builds(lambda name: {"op": "isNull", "args": [{"property": name}]}, st.sampled_from(NAMES)),
    lambda inner: (
        st.builds(
            lambda op, parts: {"op": op, "args": parts},
            st.sampled_from(["and", "or"]),
            st.lists(inner, min_size=2, max_size=3),
        )
        | st.builds(lambda part: {"op": "not", "args": [part]}, inner)
    ),
    max_leaves=8,
)
items = st.dictionaries(st.sampled_from(NAMES), values).map(lambda found: {"properties": found})
BOUNDED = settings(max_examples=80, deadline=None, derandomize=True)


@given(trees, items)
@BOUNDED
def test_p13_resolving_negations_keeps_the_meaning(tree, item):
    parsed = parse_filter(tree)

    assert compile_filter(push_not_down(parsed))(item) is compile_filter(parsed)(item)


def holds(one, item):
    """What a provider with two truth values makes of a predicate: what is missing is simply not so."""
    value = item["properties"].get(one.property)
    if one.op == "isNull":
        return value is None
    if value is None:
        return False
    return {
        "=": lambda: value == one.value,
        "<>": lambda: value != one.value,
        "<": lambda: value < one.value,
        "<=": lambda: value <= one.value,
        ">": lambda: value > one.value,
        ">=": lambda: value >= one.value,
        "in": lambda: value in one.value,
        "between": lambda: one.value[0] <= value <= one.value[1],
    }[one.op]()


@given(trees, items)
@BOUNDED
def test_p13_what_is_pushed_never_loses_a_match(tree, item):
    parsed = parse_filter(tree)
    matches = compile_filter(parsed)(item) is True

    split = predicates(parsed)
    pushed = all(holds(one, item) for one in split.pushed)
    rest = split.rest is None or compile_filter(split.rest)(item) is True
    assert (pushed and rest) is matches

    def leaf(one):
        if one.property == "z":
            return None
        if one.property == "b" and one.op == "<":
            return Loose(lambda item: holds(Predicate(property="b", op="<=", value=one.value), item))
        return lambda item: holds(one, item)

    sent = translate(
        parsed,
        leaf=leaf,
        every=lambda parts: lambda item: all(part(item) for part in parts),
        some=lambda parts: lambda item: any(part(item) for part in parts),
        negate=lambda part: lambda item: not part(item),
    )
    if matches and sent is not None:
        assert sent(item)

# SPDX-License-Identifier: Apache-2.0
"""What is handed to the catalogue: never less than matches, and counted only where it is exact."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from swath._query.build import build_query
from swath.models import SortKey
from swath_capella.pushing import push, sort_of

BOX = [5.4, 52.42, 5.6, 52.55]
SPRING = "2026-05-20/2026-06-20"


class Everything:
    """A provider and what it has; its repr is short, for Hypothesis."""

    def __init__(self, provider, items):
        self.provider, self.items = provider, items

    def __repr__(self):
        return f"<{len(self.items)} items>"

    def __iter__(self):
        return iter((self.provider, self.items))


@pytest.fixture(scope="module")
def everything(capella_box):
    """All that there is in one place and time, as a search without any filter gives it."""
    from swath._open import make_provider
    from swath.testing.subject import given_by

    with make_provider("capella", profile="all", given=given_by(capella_box.providers["capella"])) as provider:
        yield Everything(provider, list(provider.search(bbox=BOX, datetime=SPRING).items_as_dicts()))


NUMBERS = ["view:off_nadir", "view:incidence_angle", "view:azimuth", "capella:look_angle", "sat:absolute_orbit",
           "capella:orbital_plane", "sar:resolution_azimuth", "gsd", "capella:billable_area", "capella:epsg"]  # fmt: skip
WORDS = ["platform", "sar:product_type", "product:type", "sar:instrument_mode", "sat:orbit_state", "capella:rgt_id",
         "sar:observation_direction", "capella:local_datetime", "capella:local_time", "capella:local_timezone",
         "capella:collection_type", "capella:use_case", "collection", "proj:code", "id"]  # fmt: skip


def value_of(item, name):
    return item[name] if name in {"id", "collection"} else item["properties"].get(name)


@st.composite
def conditions(draw, everything):
    items = everything.items
    name = draw(st.sampled_from(NUMBERS + WORDS))
    known = sorted({value_of(item, name) for item in items} - {None})
    if not known:
        return {"op": "isNull", "args": [{"property": name}]}
    one = draw(st.sampled_from(known))
    prop = {"property": name}
    op = draw(st.sampled_from(["=", "<>", "<", "<=", ">", ">=", "in", "between", "isNull"]))
    if op == "in":
        return {"op": "in", "args": [prop, draw(st.lists(st.sampled_from(known), min_size=1, max_size=3))]}
    if op == "between":
        if name not in NUMBERS:
            return {"op": "=", "args": [prop, one]}
        return {"op": "between", "args": [prop, *sorted([one, draw(st.sampled_from(known))])]}
    if op == "isNull":
        return {"op": "isNull", "args": [prop]}
    return {"op": op, "args": [prop, one]}


def trees(everything):
    leaf = conditions(everything) | st.sampled_from(["HH", "VV"]).flatmap(
        lambda pol: st.sampled_from(["a_contains", "a_overlaps", "a_containedBy", "a_equals"]).map(
            lambda op: {"op": op, "args": [{"property": "sar:polarizations"}, [pol]]}
        )
    )
    return st.recursive(
        leaf,
        lambda inner: (
            st.lists(inner, min_size=2, max_size=3).flatmap(
                lambda args: st.sampled_from(["and", "or"]).map(lambda op: {"op": op, "args": args})
            )
            | inner.map(lambda one: {"op": "not", "args": [one]})
        ),
        max_leaves=4,
    )


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
@given(data=st.data())
def test_p13_what_is_pushed_equals_filtering_everything_at_home(everything, data):
    from swath._query.residual import Residual

    provider, items = everything
    filter_ = data.draw(trees(everything))
    query, _ = build_query(bbox=BOX, datetime=SPRING, filter=filter_)
    at_home = Residual(query)

    search = provider.search(bbox=BOX, datetime=SPRING, filter=filter_)
    found = sorted(item["id"] for item in search.items_as_dicts())

    assert found == sorted(item["id"] for item in items if at_home.matches(item))
    assert provider.search(bbox=BOX, datetime=SPRING, filter=filter_).matched() in {None, len(found)}


@pytest.mark.parametrize(
    ("query", "is_exact"),
    [
        ({}, True),
        ({"filter": "\"view:off_nadir\" BETWEEN 25 AND 35 AND platform = 'capella-14'"}, True),
        ({"filter": "A_CONTAINS(\"sar:polarizations\", ('HH'))"}, True),
        ({"collections": ["capella-geo"], "filter": "collection = 'capella-geo'"}, True),
        ({"filter": "gsd < 1"}, False),
        ({"filter": "platform <> 'capella-14'"}, False),
        ({"filter": '"view:off_nadir" < 35 AND "view:off_nadir" < 30'}, False),
        ({"filter": "platform = 'capella-14' OR platform = 'capella-15'"}, False),
        ({"filter": "datetime > TIMESTAMP('2026-06-01T00:00:00Z')"}, False),
        ({"filter": "\"capella:local_datetime\" = '2026-06-01T00:00:00+02:00'"}, False),
    ],
)
def test_exactness_is_told(query, is_exact):
    assert push(build_query(**query)[0]).exact is is_exact


@pytest.mark.parametrize("time", ["2026-06-01/2026-06-02", "2026-06-07T18:22:58Z", "../2024-02-01", "2026-11-20/.."])
def test_matched_counts_acquisitions_that_only_share_an_instant_with_the_time(everything, time):
    provider, _ = everything

    search = provider.search(bbox=BOX, datetime=time)

    assert search.matched() == len(list(search.items_as_dicts()))


def test_acquisition_is_found_by_its_first_instant(everything):
    provider, items = everything
    one = items[0]

    found = list(provider.search(bbox=BOX, datetime=one["properties"]["start_datetime"]).items_as_dicts())

    assert one["id"] in {item["id"] for item in found}
    assert one["properties"]["start_datetime"] < one["properties"]["datetime"]


def test_collections_that_exclude_each_other_ask_for_nothing():
    query, _ = build_query(collections=["capella-geo"], filter="collection = 'capella-slc'")

    assert push(query).bodies == []


def test_more_than_500_ids_are_asked_for_in_several_searches():
    query, _ = build_query(ids=[f"id-{number}" for number in range(1101)])

    assert [len(body["ids"]) for body in push(query).bodies] == [500, 500, 101]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ([SortKey(property="datetime", descending=True)], [{"field": "properties.datetime", "direction": "desc"}]),
        ([SortKey(property="id")], [{"field": "id", "direction": "asc"}]),
        ([SortKey(property="view:off_nadir")], None),
        ([], None),
    ],
)
def test_only_what_the_service_surely_sorts_by_is_sent(keys, said):
    assert sort_of(keys) == said


def test_p11_bounds_of_time_are_whole_seconds_in_utc():
    east = dt.timezone(dt.timedelta(hours=5))
    query, _ = build_query(datetime=(dt.datetime(2026, 6, 1, 10, 0, 0, 1, tzinfo=east), None))

    assert push(query).bodies[0]["query"] == {"datetime": {"gte": "2026-06-01T04:50:00.000000Z"}}

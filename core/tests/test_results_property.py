# SPDX-License-Identifier: Apache-2.0
"""Whatever a provider's pager does, an item comes once, none is invented, and nothing ends early without an error."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from swath._results import ItemSearch
from swath.errors import SwathError, Unavailable, UnexpectedResponse
from swath.models import Page, Query, SortKey

NUMBERS = st.integers(min_value=0, max_value=12)
HOSTILE = st.lists(
    st.tuples(st.lists(NUMBERS, max_size=5), st.none() | st.sampled_from(["a", "b", "c", "d", "e"])), max_size=8
)
"""Pages of any size, in any order, with items that repeat and cursors that may too."""


def item(number, collection="c"):
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": f"item-{number}",
        "collection": collection,
        "geometry": {"type": "Point", "coordinates": [0, 0]},
        "bbox": [0, 0, 0, 0],
        "properties": {"datetime": "2026-01-01T00:00:00Z", "n": number},
        "links": [],
        "assets": {},
    }


def searching(script, *, failing_at=None, **query):
    """A search whose pager plays a script of (numbers, cursor); it counts the pages that were taken."""
    taken = []

    def run(_):
        for at, (numbers, cursor) in enumerate(script):
            if at == failing_at:
                raise Unavailable("gone", provider="example")
            taken.append(at)
            yield Page(items=[item(number) for number in numbers], next=cursor)
        if failing_at == len(script):
            raise Unavailable("gone", provider="example")

    made = ItemSearch(provider="example", query=Query(**query), pages=run, count=lambda _: None)
    made.taken = taken
    return made


def gathered(search):
    """What comes, and the error that ends it."""
    found = []
    try:
        found.extend(entry["properties"]["n"] for entry in search.items_as_dicts())
    except SwathError as err:
        return found, err
    return found, None


def distinct(script):
    return list(dict.fromkeys(number for numbers, _ in script for number in numbers))


def circle_at(script):
    """Where a cursor is named for the second time; None if nowhere."""
    seen = set()
    for at, (_, cursor) in enumerate(script):
        if cursor is not None and cursor in seen:
            return at
        seen.add(cursor)
    return None


@settings(deadline=None)
@given(HOSTILE)
def test_p10_hostile_pager_gives_each_item_once_in_order_or_an_error(script):
    found, error = gathered(searching(script))

    at = circle_at(script)
    if at is None:
        assert error is None
        assert found == distinct(script)
    else:
        assert isinstance(error, UnexpectedResponse)
        assert found == distinct(script[:at])


@settings(deadline=None)
@given(HOSTILE, st.integers(min_value=0, max_value=15))
def test_p50_max_items_is_the_total_whatever_the_pages(script, total):
    found, error = gathered(searching(script, max_items=total))

    assert found == distinct(script)[: len(found)]
    assert len(found) <= total
    if error is None:
        assert len(found) == min(total, len(distinct(script)))
    else:
        assert circle_at(script) is not None


@settings(deadline=None)
@given(HOSTILE, st.integers(min_value=0, max_value=8))
def test_p08_pager_that_breaks_off_never_looks_complete(script, failing_at):
    script = [(numbers, None) for numbers, _ in script]
    failing_at = min(failing_at, len(script))

    found, error = gathered(searching(script, failing_at=failing_at))

    assert isinstance(error, Unavailable)
    assert found == distinct(script[:failing_at])


@settings(deadline=None)
@given(HOSTILE)
def test_p10_pages_and_items_tell_the_same(script):
    script = [(numbers, None) for numbers, _ in script]

    pages = [[one["id"] for one in page["features"]] for page in searching(script).pages_as_dicts()]

    assert list(itertools.chain(*pages)) == [f"item-{number}" for number in distinct(script)]
    assert all(pages)


@settings(deadline=None)
@given(HOSTILE)
def test_sorting_of_hostile_pages_is_total(script):
    script = [(numbers, None) for numbers, _ in script]

    found, error = gathered(searching(script, sortby=(SortKey(property="n", descending=True),)))

    assert error is None
    assert found == sorted(distinct(script), reverse=True)


@settings(deadline=None)
@given(HOSTILE)
def test_results_are_kept_only_when_they_are_whole(script):
    search = searching(script)
    first, error = gathered(search)
    before = len(search.taken)

    second, again = gathered(search)

    assert second == first
    if error is None:
        assert len(search.taken) == before
    else:
        assert type(again) is type(error)
        assert len(search.taken) > before


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(["c", "d", None]), min_size=2, max_size=6))
def test_p10_same_id_in_another_collection_is_another_item(collections):
    def run(_):
        for collection in collections:
            yield Page(items=[item(1, collection)])

    search = ItemSearch(provider="example", query=Query(), pages=run, count=lambda _: None)

    assert [one["collection"] for one in search.items_as_dicts()] == list(dict.fromkeys(collections))

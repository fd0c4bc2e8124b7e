# SPDX-License-Identifier: Apache-2.0
"""A search over providers that know different properties."""

import copy

import httpx
import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from swath._federation import Federation
from swath._federation.starting import without
from swath._open import make_provider
from swath._query.filters import parse_filter, properties_of
from swath._query.residual import Residual
from swath.errors import InputError, InvalidFilter, SwathError, Unavailable
from swath.hookspecs import hookimpl
from swath.models import Part, Query
from swath.testing.clock import FakeClock
from swath.testing.drawing import filters

KEY = "canary-depot-key-0001"
NUMBER = {"type": "number"}


@pytest.fixture
def both(depot, tmp_path):
    """Two providers with items of their own; the barn's have no cloud cover."""
    from depot_plugin import Depot
    from depot_service import Service, item

    barn = Service()
    barn.items = [{**item(name, price=1, day=day), "collection": "barrels"} for day, name in ((1, "u"), (2, "v"))]
    for number, one in enumerate(barn.items):
        del one["properties"]["eo:cloud_cover"]
        one["properties"]["gsd"] = 1.0 + number
        one["properties"]["swath:provider"] = "barn"
    has = {"depot": {"eo:cloud_cover": NUMBER}, "barn": {"gsd": NUMBER}}
    opened = []

    def plugin(name):
        class Known(Depot):
            @hookimpl
            def describe(self):
                return evolve(super().describe(), name=name)

            @hookimpl
            def queryables(self, context, collection):
                return {"type": "object", "properties": has[name]} if has[name] is not None else None

        return Known()

    def make():
        services = {"depot": depot, "barn": barn}
        opened.extend(
            make_provider(
                name, profile="default", given={"api_key": KEY}, plugin=plugin(name),
                transport=httpx.MockTransport(service), home=tmp_path / "home", clock=FakeClock(),
            )
            for name, service in services.items()
        )  # fmt: skip
        return Federation(opened[-2:])

    make.has, make.barn, make.depot = has, barn, depot
    yield make
    for one in opened:
        one.close()


def ids(found):
    return [item["id"] for item in found.items_as_dicts()]


def test_p13_a_provider_without_the_property_is_not_asked_and_says_why(both):
    found = both().search(filter="eo:cloud_cover <= 100")

    assert ids(found)
    told = found.contributions
    assert (told["barn"].part, told["barn"].error) == (Part.SKIPPED, None)
    assert "eo:cloud_cover" in told["barn"].note
    assert told["depot"].part is Part.DONE
    assert any("items" in str(line) or "search" in str(line) for line in both.depot.log)
    assert not both.barn.log


def test_p13_what_else_may_hold_is_asked_everywhere(both):
    found = both().search(filter="eo:cloud_cover <= 5 OR gsd < 1.5")

    assert "u" in ids(found)
    assert "v" not in ids(found)
    assert {one.part for one in found.contributions.values()} == {Part.DONE}


def test_p13_items_that_lack_it_match_where_its_absence_is_asked_for(both):
    assert set(ids(both().search(filter="eo:cloud_cover IS NULL"))) >= {"u", "v"}


@pytest.mark.parametrize("clause", ["eo:clod_cover < 5", "gsd < 1 OR eo:clod_cover < 5"])
def test_p13_a_property_that_nobody_has_is_refused_with_the_nearest_name(both, clause):
    with pytest.raises(InvalidFilter, match="eo:clod_cover") as caught:
        ids(both().search(filter=clause))

    assert "eo:cloud_cover" in (caught.value.hint or "")


def test_order_by_what_nobody_has_is_refused(both):
    with pytest.raises(InputError, match="clod"):
        ids(both().search(sortby="eo:clod_cover"))


def test_order_by_what_some_have_puts_the_others_last(both):
    found = ids(both().search(sortby="gsd"))

    assert found[:2] == ["u", "v"]
    assert len(found) > 2


def test_provider_that_cannot_be_reached_may_have_the_property(both, monkeypatch):
    from depot_plugin import Depot

    def down(self, context, query):
        raise Unavailable("the barn is closed")

    both.has["barn"] = None
    monkeypatch.setattr(Depot, "search", hookimpl(down))
    found = both().search(filter="nobody:knows = 1")

    assert ids(found) == []
    assert found.contributions["depot"].part is Part.SKIPPED
    assert isinstance(found.contributions["barn"].error, SwathError)


ITEMS = [
    {
        "type": "Feature",
        "id": f"i{number}",
        "collection": "c",
        "geometry": {"type": "Point", "coordinates": [number, number]},
        "bbox": [number, number, number, number],
        "properties": {
            "datetime": f"2026-01-0{number + 1}T00:00:00Z",
            "a": number,
            "b": float(number) / 2,
            "c": ["x", "y", "z"][number % 3],
        },
    }
    for number in range(6)
]
SCHEMA = {"properties": {"a": {"type": "integer"}, "b": NUMBER, "c": {"type": "string"}}}


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(filters(ITEMS, [SCHEMA]), st.sets(st.sampled_from("abc"), min_size=1))
def test_p13_what_is_left_of_a_filter_matches_the_same_of_items_that_lack_the_rest(drawn, lacks):
    wanted = parse_filter(drawn)
    items = copy.deepcopy(ITEMS)
    for item in items:
        for name in lacks:
            del item["properties"][name]

    left = without(wanted, lacks)

    if isinstance(left, bool):
        found = [left] * len(items)
    else:
        assert not properties_of(left) & lacks
        found = list(map(Residual(Query(filter=left)).matches, items))
    assert found == list(map(Residual(Query(filter=wanted)).matches, items))

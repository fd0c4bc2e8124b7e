# SPDX-License-Identifier: Apache-2.0
import datetime as dt

import pytest

from swath.errors import UnexpectedResponse
from swath.models import Interval, Query
from swath_sedas.api import SeDASAPI
from swath_sedas.footprints import WORLD, box_of
from swath_sedas.search import find, look_up, plan

NOW = dt.datetime(2021, 7, 1, 12, tzinfo=dt.UTC)
DAY = Interval(start=dt.datetime(2020, 6, 1, tzinfo=dt.UTC), end=dt.datetime(2020, 6, 30, 23, 59, 59, tzinfo=dt.UTC))


def square(west, south, side=1.0):
    east, north = west + side, south + side
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def only(query):
    (one,) = plan(query, now=NOW)
    return one


def equals(name, value):
    return {"op": "=", "args": [{"property": name}, value]}


def ids_of(answers):
    return [one["supplierId"] for answer in answers for one in answer]


# --- plan ----------------------------------------------------------------------------------------------------------


def test_plan_of_an_empty_query_is_the_world_since_the_first_launch():
    one = only(Query())

    assert (box_of(one.ring), one.sensor, one.group, dict(one.filters)) == (WORLD, "All", "", {})
    assert one.start == dt.datetime(2014, 4, 3, tzinfo=dt.UTC)
    assert one.stop > NOW


def test_plan_widens_the_time_by_the_longest_acquisition_and_to_whole_seconds():
    interval = Interval(
        start=dt.datetime(2020, 6, 1, 0, 0, 0, 500, tzinfo=dt.UTC),
        end=dt.datetime(2020, 6, 1, 1, 0, 0, 1, tzinfo=dt.UTC),
    )

    one = only(Query(datetime=interval))

    assert one.start == dt.datetime(2020, 5, 31, 23, tzinfo=dt.UTC)
    assert one.stop == dt.datetime(2020, 6, 1, 1, 0, 1, tzinfo=dt.UTC)


def test_plan_of_a_time_before_the_launch_asks_nothing():
    past = Interval(end=dt.datetime(2000, 1, 1, tzinfo=dt.UTC))

    assert plan(Query(datetime=past), now=NOW) == []


@pytest.mark.parametrize(
    ("collection", "sensor", "group", "filters"),
    [
        ("sentinel-1-grd", "SAR", "S1", {"sarProductType": "GRD"}),
        ("sentinel-2-l1c", "Optical", "S2", {"opticalProductType": "L1C"}),
        ("novasar-1-slc", "SAR", "NovaSAR", {}),
    ],
)
def test_plan_of_a_collection_narrows_group_sensor_and_type(collection, sensor, group, filters):
    one = only(Query(collections=(collection,)))

    assert (one.sensor, one.group, dict(one.filters)) == (sensor, group, filters)


def test_plan_asks_once_for_each_collection_and_once_for_what_is_the_same():
    made = plan(Query(collections=("sentinel-1-grd", "sentinel-2-l1c", "novasar-1-slc", "novasar-1-grd")), now=NOW)

    assert [one.group for one in made] == ["S1", "S2", "NovaSAR"]


def test_plan_asks_for_each_polygon_of_a_multipolygon():
    both = {"type": "MultiPolygon", "coordinates": [[square(0, 0)], [square(10, 10)]]}

    assert [box_of(one.ring) for one in plan(Query(intersects=both), now=NOW)] == [(0, 0, 1, 1), (10, 10, 11, 11)]


@pytest.mark.parametrize(
    ("condition", "most"),
    [
        ({"op": "<", "args": [{"property": "eo:cloud_cover"}, 10]}, 11),
        ({"op": "<=", "args": [{"property": "eo:cloud_cover"}, 9.2]}, 10),
        ({"op": "between", "args": [{"property": "eo:cloud_cover"}, 5, 20]}, 21),
        ({"op": "in", "args": [{"property": "eo:cloud_cover"}, [5, 7]]}, 8),
        (equals("eo:cloud_cover", 100), 100),
        ({"op": "not", "args": [{"op": ">", "args": [{"property": "eo:cloud_cover"}, 30]}]}, 31),
    ],
)
def test_p13_cloud_cover_is_pushed_down_rounded_outward(condition, most):
    assert only(Query(filter=condition)).filters == {"maxCloudPercent": most}


@pytest.mark.parametrize(
    "condition",
    [
        {"op": ">", "args": [{"property": "eo:cloud_cover"}, 10]},
        {"op": "or", "args": [equals("eo:cloud_cover", 1), equals("platform", "sentinel-2a")]},
        equals("sat:relative_orbit", 6),
        equals("product:type", "GRD"),
        {"op": "<>", "args": [{"property": "platform"}, "sentinel-2a"]},
        {"op": "in", "args": [{"property": "sat:orbit_state"}, ["ascending", "descending"]]},
        {"op": "isNull", "args": [{"property": "platform"}]},
    ],
)
def test_p13_what_the_service_may_read_otherwise_is_left_to_core(condition):
    one = only(Query(filter=condition))

    assert (dict(one.filters), one.satellite) == ({}, "")


def test_p13_orbit_platform_and_type_are_pushed_down_together():
    condition = {
        "op": "and",
        "args": [
            equals("sat:orbit_state", "descending"),
            equals("platform", "sentinel-1a"),
            equals("product:type", "GRD"),
        ],
    }

    one = only(Query(collections=("sentinel-1-grd",), filter=condition))

    assert one.filters == {"sarProductType": "GRD", "orbitDirection": "DESCENDING"}
    assert one.satellite == "Sentinel-1A"


# --- splitting -----------------------------------------------------------------------------------------------------


def test_p09_a_cut_answer_is_split_by_time_until_nothing_is_missing(service, account, make_product, caplog):
    begin = dt.datetime(2020, 6, 1, tzinfo=dt.UTC)
    service.products = [
        make_product(f"p{index}", start=(begin + dt.timedelta(minutes=index)).strftime("%Y-%m-%dT%H:%M:%SZ"))
        for index in range(3000)
    ]

    found = ids_of(find(SeDASAPI.over(account()), Query(datetime=DAY), now=NOW))

    assert len(found) == len(set(found)) == 3000
    assert "cut off" not in caplog.text, "there is nothing left to do about it"


@pytest.mark.parametrize("cap", [231, 237, 251, 256])
def test_p09_a_cap_below_256_is_noticed_too(service, account, make_product, cap):
    begin = dt.datetime(2020, 6, 1, tzinfo=dt.UTC)
    service.cap = cap
    service.products = [
        make_product(f"p{index}", start=(begin + dt.timedelta(hours=index)).strftime("%Y-%m-%dT%H:%M:%SZ"))
        for index in range(600)
    ]

    assert len(ids_of(find(SeDASAPI.over(account()), Query(datetime=DAY), now=NOW))) == 600


def test_p09_products_of_one_second_are_split_by_area(service, account, make_product):
    service.products = [make_product(f"p{index}", lon=index * 0.2, lat=0.0) for index in range(700)]

    found = ids_of(find(SeDASAPI.over(account()), Query(datetime=DAY), now=NOW))

    assert len(found) == len(set(found)) == 700


def test_p09_what_cannot_be_split_is_an_error_and_not_a_short_answer(service, account, make_product):
    service.products = [make_product(f"p{index}") for index in range(300)]

    with pytest.raises(UnexpectedResponse, match="not complete"):
        list(find(SeDASAPI.over(account()), Query(datetime=DAY), now=NOW))


def test_search_gives_the_first_products_after_one_request(service, account, make_product):
    begin = dt.datetime(2020, 6, 1, tzinfo=dt.UTC)
    service.products = [
        make_product(f"p{index}", start=(begin + dt.timedelta(hours=index)).strftime("%Y-%m-%dT%H:%M:%SZ"))
        for index in range(600)
    ]

    first = next(find(SeDASAPI.over(account()), Query(datetime=DAY), now=NOW))

    assert len(first) == 256
    assert len(service.bodies()) == 1


def test_search_goes_to_the_later_half_first(service, account, make_product):
    service.cap = 2
    service.products = [make_product(f"p{day:02}", start=f"2020-06-{day:02}T00:00:00Z") for day in range(1, 31)]

    list(find(SeDASAPI.over(account()), Query(datetime=DAY), now=NOW, split_at=2))
    starts = [body["start"] for body in service.bodies()]

    assert starts[1] > starts[0]
    assert starts[-1] == starts[0]


def test_polygons_that_share_a_product_give_it_once(service, account, make_product):
    service.products = [make_product("p1", lon=0.95, lat=0.5)]
    both = {"type": "MultiPolygon", "coordinates": [[square(0, 0)], [square(1.01, 0)]]}

    found = ids_of(find(SeDASAPI.over(account()), Query(intersects=both, datetime=DAY), now=NOW))

    assert found == ["p1"]
    assert len(service.bodies()) == 2


# --- look-up -------------------------------------------------------------------------------------------------------


def test_ids_are_looked_up_in_one_batch(service, account, make_product):
    service.products = [make_product("a"), make_product("b"), make_product("c")]

    found = ids_of(find(SeDASAPI.over(account()), Query(ids=("a", "b", "missing")), now=NOW))

    assert found == ["a", "b"]
    assert len(service.log) == 1


@pytest.mark.parametrize("answer", [None, (400, {"message": "one id only"}), (404, {"message": "unknown"})])
def test_ids_are_looked_up_one_by_one_where_the_service_takes_no_batch(service, account, make_product, answer):
    service.products = [make_product("a"), make_product("b/c?d&e")]
    service.batch = False
    client = SeDASAPI.over(account(_once(service, answer)))

    assert set(ids_of(look_up(client, ("a", "b/c?d&e")))) == {"a", "b/c?d&e"}


def _once(service, answer):
    """Answer a batch so, everything else as the service does."""

    def handler(request):
        if answer and "," in request.url.params.get("ids", ""):
            service.answers["/search/products"] = answer
        response = service(request)
        service.answers.clear()
        return response

    return handler

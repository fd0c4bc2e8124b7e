# SPDX-License-Identifier: Apache-2.0
"""What is promised of one provider's search holds of all of them at once, against every stand-in."""

import asyncio
import datetime as dt
import math
import pickle
import threading
import time

import pytest
import shapely
from several_providers import BBOX, settle

import swath
from swath.sandbox import Sandbox, World
from swath.stac.validation import validate

WHEN = "2026-06-01/2026-06-10"
ZONES = ["UTC", "America/Los_Angeles", "Asia/Kathmandu", "Pacific/Kiritimati"]

pytestmark = pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")


@pytest.fixture(scope="module")
def box():
    with Sandbox(world=World(speed=2000.0, rate_limits=False, scene_pixels=64)) as running:
        yield running


@pytest.fixture
def everyone(box, monkeypatch, tmp_path):
    settle(box, monkeypatch, tmp_path / "home")
    with swath.open(*sorted(box.providers)) as opened:
        yield opened


@pytest.fixture
def zone(monkeypatch):
    """Move this process to another time zone."""

    def move(name):
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield move
    monkeypatch.undo()
    time.tzset()


def fixed(found):
    """Leave out Cecil's items: each is a dataset over the very area that was asked for, and named by it."""
    return {one for one in found if one[0] != "cecil"}


def ids(search):
    return [(item["properties"]["swath:provider"], item["id"]) for item in search.items_as_dicts()]


def sent(search):
    """Give what went over the wire, by provider."""
    told = search.explain()
    return {
        one.provider: [(request.method, request.url, request.params, str(request.body)) for request in one.requests]
        for one in told.providers
    }


def test_p09_p52_every_item_of_everyone_is_valid_and_known_by_its_owner(everyone):
    items = list(everyone.search(bbox=BBOX, datetime=WHEN).items_as_dicts())

    assert {item["properties"]["swath:provider"] for item in items} >= {"planet", "sedas", "capella"}
    for item in items[:: max(1, len(items) // 60)]:
        validate(item)


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows has no time.tzset")
def test_p11_one_time_means_the_same_to_all_in_every_zone_and_form(everyone, zone):
    start, end = dt.datetime(2026, 6, 1), dt.datetime(2026, 6, 3, 23, 59, 59, 999000)  # noqa: DTZ001  naive is UTC
    days = ["2026-06-01/2026-06-03", (dt.date(2026, 6, 1), dt.date(2026, 6, 3)), ("2026-06-01", "2026-06-03")]
    instants = [
        "2026-06-01T00:00:00Z/2026-06-03T23:59:59.999Z",
        (start, end),
        (start.replace(tzinfo=dt.UTC), end.replace(tzinfo=dt.UTC).astimezone(dt.timezone(dt.timedelta(hours=5)))),
    ]
    ids(everyone.search(bbox=BBOX, datetime=days[0]))  # tokens and lists of datasets are asked for once
    found = []
    for forms in (days, instants):
        wires = []
        for at, form in enumerate(forms * 2):
            zone(ZONES[at % len(ZONES)])
            search = everyone.search(bbox=BBOX, datetime=form)
            found.append(ids(search))
            wires.append(sent(search))
        assert all(wire == wires[0] for wire in wires)
        assert wires[0]["planet"]

    assert found[0]
    assert all(one == found[0] for one in found)


def test_p12_an_area_over_the_antimeridian_is_its_two_halves(everyone):
    west, east = [179.0, -18.0, 180.0, -16.0], [-180.0, -18.0, -179.0, -16.0]

    across = fixed(ids(everyone.search(bbox=[179.0, -18.0, -179.0, -16.0], datetime="2026-06-01/2026-06-04")))
    halves = [fixed(ids(everyone.search(bbox=half, datetime="2026-06-01/2026-06-04"))) for half in (west, east)]

    assert across == halves[0] | halves[1]
    assert across
    assert all(halves)


def test_p36_a_coast_of_ten_thousand_vertices_finds_what_the_exact_filter_does(everyone):
    there = [[4.0 + at / 2500, 51.75 + at / 5000 + 0.05 * math.sin(at / 9)] for at in range(5000)]
    coast = [*there, *([x, y - 0.1] for x, y in reversed(there)), there[0]]
    exact = shapely.Polygon(coast)
    assert exact.is_valid
    assert len(coast) == 10_001

    search = everyone.search(intersects={"type": "Polygon", "coordinates": [coast]}, datetime=WHEN)
    found = fixed(ids(search))
    boxed = list(everyone.search(bbox=list(exact.bounds), datetime=WHEN).items_as_dicts())

    meets = [item for item in boxed if exact.intersects(shapely.geometry.shape(item["geometry"]))]
    assert found == fixed((item["properties"]["swath:provider"], item["id"]) for item in meets)
    assert {owner for owner, _ in found} == {"capella", "planet", "sedas"}
    assert len(meets) < len(boxed)
    sides = {one.provider: {each.part: each.pushed for each in one.conditions} for one in search.explain().providers}
    assert all(one["intersects"] is not None for one in sides.values())


def test_p37_the_same_call_works_in_a_running_loop_and_on_a_thread(everyone):
    def call():
        return ids(everyone.search(bbox=BBOX, datetime=WHEN, max_items=20))

    async def within():
        return call()

    found = []
    thread = threading.Thread(target=lambda: found.append(call()))
    thread.start()
    thread.join()

    assert found == [call()] == [asyncio.run(within())]


def test_p38_items_and_reports_of_everyone_pickle(everyone):
    search = everyone.search(bbox=BBOX, datetime=WHEN, max_items=20)
    items = list(search.items())
    told = dict(search.contributions)

    again = pickle.loads(pickle.dumps((items, told, search.explain())))

    assert [item.id for item in again[0]] == [item.id for item in items]
    assert {name: one.part for name, one in again[1].items()} == {name: one.part for name, one in told.items()}


def test_p09_the_newest_of_whole_archives_take_few_requests(everyone, box):
    """Neither place nor time is asked for: nobody's archive is read whole for five items."""
    ids(everyone.search(max_items=1))  # tokens
    box.log.clear()
    search = everyone.search(max_items=5)
    times = [item["properties"]["datetime"] for item in search.items_as_dicts()]

    assert len(times) == 5
    assert times == sorted(times, reverse=True)
    told = search.explain()
    assert all(told[name].sorted_by in {"provider", ""} for name in ("planet", "capella", "sedas"))
    assert sum(told[name].given for name in everyone.names) < 2_500
    assert len(box.log.entries()) < 120


def test_p50_max_items_is_the_total_and_limit_the_page_everywhere(everyone):
    search = everyone.search(bbox=BBOX, datetime=WHEN, max_items=23, limit=5)
    pages = [len(page["features"]) for page in search.pages_as_dicts()]

    assert sum(pages) == 23
    assert max(pages) == 5

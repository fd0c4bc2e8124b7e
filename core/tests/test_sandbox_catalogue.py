# SPDX-License-Identifier: Apache-2.0
"""The catalogue that has data for any place and day."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from shapely.geometry import box, shape
from shapely.ops import unary_union

from swath.sandbox import Catalogue
from swath.sandbox.catalogue import sun_position

NOW = dt.datetime(2026, 11, 20, 15, tzinfo=dt.UTC)


def _catalogue(**settings):
    first = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    return Catalogue(**{"name": "x", "first": first, "now": lambda: NOW, **settings})


def test_search_gives_every_scene_of_the_area_and_time_once_newest_first():
    start, end = dt.datetime(2026, 5, 1, 8, tzinfo=dt.UTC), dt.datetime(2026, 5, 9, 20, tzinfo=dt.UTC)
    area = (4.1, 51.9, 4.9, 52.6)
    catalogue = _catalogue(revisit_days=1.5)

    found = list(catalogue.search([area], start, end))

    every = [
        scene
        for day in range(-1, 11)
        for column in range(catalogue.columns)
        if 700 < column < 780
        for row in range(540, 600)
        if (scene := catalogue.scene(column, row, start.date() + dt.timedelta(days=day)))
        and start <= scene.time <= end
        and box(*scene.bbox).intersects(box(*area))
    ]
    assert len(found) > 20
    assert sorted(found, key=lambda s: s.time, reverse=True) == found
    assert {(s.column, s.row, s.time) for s in found} == {(s.column, s.row, s.time) for s in every}
    assert len(found) == len(every)


def test_search_oldest_first_is_the_reverse():
    catalogue = _catalogue()
    start = NOW - dt.timedelta(days=5)

    down = list(catalogue.search([(10, 45, 11, 46)], start))
    up = list(catalogue.search([(10, 45, 11, 46)], start, oldest_first=True))

    assert up == down[::-1]


def test_search_is_the_same_again_and_other_for_another_seed():
    one, again, other = (list(_catalogue(seed=s).search([(0, 0, 1, 1)], NOW - dt.timedelta(days=9))) for s in (1, 1, 2))

    assert one == again
    assert {s.seed for s in one}.isdisjoint({s.seed for s in other})


def test_search_covers_an_area_without_gaps():
    scenes = _catalogue().search([(20, -5, 21, -4)], NOW - dt.timedelta(days=2))

    assert unary_union([shape(scene.footprint) for scene in scenes]).covers(box(20, -5, 21, -4))


def test_search_over_the_antimeridian_finds_both_sides():
    found = list(_catalogue().search([(179.6, -18, -179.6, -17)], NOW - dt.timedelta(days=3)))

    centres = [scene.centre[0] for scene in found]
    assert any(lon > 179 for lon in centres)
    assert any(lon < -179 for lon in centres)
    crossing = [scene for scene in found if scene.footprint["type"] == "MultiPolygon"]
    assert crossing
    for scene in crossing:
        footprint = shape(scene.footprint)
        assert footprint.is_valid
        assert scene.bbox[0] > scene.bbox[2]
        assert footprint.bounds[0] == -180
        assert footprint.bounds[2] == 180
        assert footprint.area == pytest.approx(scene_area(scene), rel=1e-4)


def scene_area(scene):
    return shape({"type": "Polygon", "coordinates": [[*scene.outline, scene.outline[0]]]}).area


def test_search_without_area_looks_at_home():
    found = list(itertools.islice(_catalogue(homes=((5, 50, 5.2, 50.2),)).search(), 40))

    assert len(found) == 40
    assert all(4 < scene.centre[0] < 6 for scene in found)


def test_nothing_is_seen_in_the_future_nor_outside_the_years_of_operation():
    last = dt.datetime(2020, 1, 20, tzinfo=dt.UTC)
    long_ago = _catalogue(last=last)
    late = _catalogue(lag_s=3600)
    area = [(4, 52, 5, 53)]

    times = [scene.time for scene in long_ago.search(area)]
    assert long_ago.first <= min(times) <= max(times) <= last
    assert next(late.search(area)).time <= NOW - dt.timedelta(hours=1)
    assert list(late.search(area, NOW + dt.timedelta(days=1))) == []
    assert late.scene(720, 560, NOW.date() + dt.timedelta(days=1)) is None


def test_nothing_is_seen_beyond_the_swath():
    assert list(_catalogue().search([(0, 85, 10, 90)], NOW - dt.timedelta(days=4))) == []
    assert _catalogue().scene(-1, 3, NOW.date()) is None


def test_column_at_finds_the_column_of_every_scene():
    catalogue = _catalogue(width=0.3, height=0.18)

    for scene in itertools.islice(catalogue.search([(-180, -60, 180, 60)]), 0, 3000, 17):
        assert catalogue.column_at(scene.time.replace(microsecond=0)) == scene.column


def test_revisit_is_met_on_average():
    catalogue = _catalogue(revisit_days=4)
    start = NOW - dt.timedelta(days=400)

    seen = sum(1 for _ in catalogue.search([(7.01, 47.01, 7.24, 47.24)], start))

    tiles = len({(s.column, s.row) for s in catalogue.search([(7.01, 47.01, 7.24, 47.24)], start)})
    assert 0.8 * 100 < seen / tiles < 1.2 * 100


def test_chance_depends_on_what_it_is_about():
    scene = next(_catalogue().search())

    assert scene.chance("a") == scene.chance("a")
    assert scene.chance("a") != scene.chance("b")
    assert 0 <= scene.chance("a", 1) < 1
    assert 0 <= scene.cloud_cover <= 100


def test_sun_stands_where_it_should():
    noon = sun_position(0, 0, dt.datetime(2026, 3, 20, 12, tzinfo=dt.UTC))
    summer = sun_position(5, 52, dt.datetime(2026, 6, 21, 11, 40, tzinfo=dt.UTC))
    morning = sun_position(5, 52, dt.datetime(2026, 6, 21, 8, tzinfo=dt.UTC))
    night = sun_position(5, 52, dt.datetime(2026, 6, 21, 0, tzinfo=dt.UTC))

    assert noon[1] > 87
    assert summer == pytest.approx((180, 61.4), abs=2)
    assert 80 < morning[0] < 130
    assert night[1] < -10

# SPDX-License-Identifier: Apache-2.0
"""What the filter builders make, as Planet's SDK makes it; and what they refuse."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from swath.errors import InputError, InvalidGeometry
from swath_planet import data_filter
from swath_planet.exceptions import ClientError, GeoJSONError, PlanetError

NAIVE = dt.datetime(2024, 1, 1)  # noqa: DTZ001 - the rule on naive times is what is tested
UTC = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
EAST = dt.datetime(2024, 1, 1, 2, tzinfo=dt.timezone(dt.timedelta(hours=2)))
POINT = {"type": "Point", "coordinates": [1, 2]}
SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}
FEATURE = {"type": "Feature", "geometry": SQUARE, "properties": {}}


class Drawn:
    __geo_interface__ = SQUARE


ANY = {"type": "AndFilter", "config": []}


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (data_filter.empty_filter(), ANY),
        (data_filter.and_filter([]), ANY),
        (data_filter.and_filter([ANY, ANY]), {"type": "AndFilter", "config": [ANY, ANY]}),
        (data_filter.and_filter(one for one in [ANY]), {"type": "AndFilter", "config": [ANY]}),
        (data_filter.or_filter([ANY]), {"type": "OrFilter", "config": [ANY]}),
        (data_filter.not_filter(ANY), {"type": "NotFilter", "config": ANY}),
        (data_filter.permission_filter(), {"type": "PermissionFilter", "config": ["assets:download"]}),
        (
            data_filter.std_quality_filter(),
            {"type": "StringInFilter", "field_name": "quality_category", "config": ["standard"]},
        ),
        (data_filter.asset_filter(["a", "b"]), {"type": "AssetFilter", "config": ["a", "b"]}),
        (
            data_filter.string_in_filter("instrument", ["PS2"]),
            {"type": "StringInFilter", "field_name": "instrument", "config": ["PS2"]},
        ),
        (
            data_filter.number_in_filter("gsd", [1, 2.5]),
            {"type": "NumberInFilter", "field_name": "gsd", "config": [1, 2.5]},
        ),
        (
            data_filter.range_filter("cloud_cover", gt=0.0, lt=1, gte=2, lte=3),
            {"type": "RangeFilter", "field_name": "cloud_cover", "config": {"gt": 0.0, "lt": 1, "gte": 2, "lte": 3}},
        ),
        (
            data_filter.geometry_filter(POINT),
            {"type": "GeometryFilter", "field_name": "geometry", "config": POINT},
        ),
        *(
            (
                data_filter.geometry_filter(SQUARE, relation),
                {"type": "GeometryFilter", "field_name": "geometry", "config": SQUARE, "relation": relation},
            )
            for relation in ("intersects", "contains", "within", "disjoint")
        ),
    ],
)
def test_builders_make_what_the_sdk_makes(made, expected):
    assert made == expected
    assert json.dumps(made)


def test_zero_is_a_bound():
    assert data_filter.range_filter("view_angle", gt=0)["config"] == {"gt": 0}


@pytest.mark.parametrize("build", [data_filter.date_range_filter, data_filter.update_filter])
@pytest.mark.parametrize(
    ("time", "said"),
    [
        (NAIVE, "2024-01-01T00:00:00Z"),
        (NAIVE.replace(microsecond=5), "2024-01-01T00:00:00.000005Z"),
        (UTC, "2024-01-01T00:00:00+00:00"),
        (EAST, "2024-01-01T02:00:00+02:00"),
    ],
)
def test_naive_times_are_utc_and_aware_ones_keep_their_offset(build, time, said):
    made = build("acquired", gt=time)

    assert made["field_name"] == "acquired"
    assert made["config"] == {"gt": said}


def test_all_bounds_of_a_date_range_are_said():
    made = data_filter.date_range_filter("acquired", NAIVE, NAIVE, NAIVE, NAIVE)

    assert list(made["config"]) == ["gt", "lt", "gte", "lte"]


@pytest.mark.parametrize("given", [FEATURE, {"type": "FeatureCollection", "features": [FEATURE]}, Drawn()])
def test_geometry_is_taken_out_of_what_holds_it(given):
    assert data_filter.geometry_filter(given)["config"] == SQUARE


@pytest.mark.parametrize("build", [data_filter.date_range_filter, data_filter.range_filter, data_filter.update_filter])
def test_range_without_bounds_is_refused(build):
    with pytest.raises(PlanetError, match="no bound"):
        build("acquired")


@pytest.mark.parametrize("value", ["2024-01-01", dt.date(2024, 1, 1), 1.5])
def test_bound_that_is_no_datetime_is_refused(value):
    with pytest.raises(ClientError, match=r"gt is .*no datetime"):
        data_filter.date_range_filter("acquired", gt=value)


def test_bound_that_planet_would_ignore_is_refused():
    with pytest.raises(ClientError, match="lt and lte"):
        data_filter.update_filter("ground_control", gt=NAIVE, lt=NAIVE)


def test_unknown_relation_is_refused():
    with pytest.raises(ClientError, match="'touches'") as caught:
        data_filter.geometry_filter(SQUARE, "touches")

    assert isinstance(caught.value, (ValueError, InputError))


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Poly"},
        {"type": "GeometryCollection", "geometries": []},
        {"type": "FeatureCollection", "features": [FEATURE, FEATURE]},
        {"type": "ref", "content": "pl:features/my/c/f"},
        "pl:features/my/c/f",
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1]]]},
    ],
)
def test_what_is_no_single_geometry_is_refused(geometry):
    """Also a reference: only the geometry of a whole search may be one."""
    with pytest.raises(GeoJSONError) as caught:
        data_filter.geometry_filter(geometry)

    assert isinstance(caught.value, InvalidGeometry)


@pytest.mark.parametrize(
    "build",
    [
        lambda: data_filter.asset_filter("ortho_visual"),
        lambda: data_filter.string_in_filter("instrument", "PS2"),
        lambda: data_filter.and_filter(ANY),
        lambda: data_filter.or_filter(None),
    ],
)
def test_one_thing_where_a_list_belongs_is_refused(build):
    """The SDK sends the text as it is; Planet then refuses it, or the letters are taken for values."""
    with pytest.raises(ClientError, match=r"are .*list"):
        build()

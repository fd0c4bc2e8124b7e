# SPDX-License-Identifier: Apache-2.0
"""The whole query applied to items."""

from __future__ import annotations

import pytest

from swath._query.build import build_query
from swath._query.residual import Residual
from swath.errors import UnexpectedResponse


def item(geometry=None, **properties):
    return {
        "id": "a",
        "collection": "c",
        "geometry": geometry,
        "properties": {"datetime": "2026-03-31T23:30:00Z", **properties},
    }


def box(west, south, east, north):
    return {
        "type": "Polygon",
        "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
    }


def matches(one, **arguments):
    query, _ = build_query(**arguments)
    return Residual(query).matches(one)


def test_empty_query_matches_anything():
    assert matches({"id": "a"})


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ({"collections": "c"}, True),
        ({"collections": ["x", "c"]}, True),
        ({"collections": ["x"]}, False),
        ({"ids": ["a"]}, True),
        ({"ids": ["b"]}, False),
        ({"ids": ["a"], "collections": ["x"]}, False),
    ],
)
def test_p13_collections_and_ids_are_applied(arguments, wanted):
    assert matches(item(), **arguments) is wanted


@pytest.mark.parametrize(
    ("datetime", "wanted"),
    [
        ("2026-03-31", True),
        ("2026-03", True),
        ("2026-03-31T23:30:00Z", True),
        ("2026-04-01T01:30:00+02:00", True),
        ("2026-03-31T23:30:00.000001Z", False),
        ("../2026-03-31", True),
        ("2026-03-31/..", True),
        ("2026-04", False),
        ("../2026-03-30", False),
    ],
)
def test_p11_datetime_is_applied_to_the_instant(datetime, wanted):
    assert matches(item(), datetime=datetime) is wanted


@pytest.mark.parametrize(
    ("start", "end", "datetime", "wanted"),
    [
        ("2026-03-01T00:00:00Z", "2026-03-10T00:00:00Z", "2026-03-05", True),
        ("2026-03-01T00:00:00Z", "2026-03-10T00:00:00Z", "2026-03-10/..", True),
        ("2026-03-01T00:00:00Z", "2026-03-10T00:00:00Z", "2026-03-11/..", False),
        ("2026-03-01T00:00:00Z", "2026-03-10T00:00:00Z", "../2026-02", False),
        ("2026-03-01T00:00:00Z", None, "2030", True),
        (None, "2026-03-10T00:00:00Z", "1999", True),
        (None, None, "1999", False),
    ],
)
def test_datetime_is_applied_to_start_and_end(start, end, datetime, wanted):
    one = item(start_datetime=start, end_datetime=end)
    one["properties"]["datetime"] = None

    assert matches(one, datetime=datetime) is wanted


@pytest.mark.parametrize(
    ("footprint", "bbox", "wanted"),
    [
        (box(0, 0, 1, 1), (0.5, 0.5, 2, 2), True),
        (box(0, 0, 1, 1), (1, 1, 2, 2), True),
        (box(0, 0, 1, 1), (1.1, 0, 2, 2), False),
        (None, (-180, -90, 180, 90), False),
        (box(178, -20, 179, -15), (177, -20, -178, -15), True),
        (box(-179, -20, -178.5, -15), (177, -20, -178, -15), True),
        (box(0, -20, 10, -15), (177, -20, -178, -15), False),
        (box(179, -20, -179, -15), (-179.5, -18, -179.2, -17), True),
        (box(179, -20, -179, -15), (0, -18, 10, -17), False),
        (box(179, -20, 181, -15), (-179.5, -18, -179.2, -17), True),
        (box(170, 0, 180, 5), (-180, 0, -170, 5), True),
        (box(-180, 0, -170, 5), (170, 0, 180, 5), True),
        (box(170, 0, 179.9, 5), (-180, 0, -170, 5), False),
        (box(-180, 80, 180, 90), (33, 85, 34, 86), True),
    ],
)
def test_p12_area_is_applied_over_the_antimeridian_and_at_its_edges(footprint, bbox, wanted):
    assert matches(item(footprint), bbox=bbox) is wanted


def test_p12_footprint_round_the_pole_meets_what_lies_on_it():
    cap = {"type": "Polygon", "coordinates": [[[-135, 70], [-45, 72], [45, 70], [135, 71], [-135, 70]]]}

    assert matches(item(cap), intersects={"type": "Point", "coordinates": [10, 89]})
    assert not matches(item(cap), intersects={"type": "Point", "coordinates": [10, 50]})


def test_areas_of_any_dimension_are_applied():
    square = item(box(0, 0, 1, 1))

    assert matches(square, intersects="POINT(0.5 0.5)")
    assert matches(square, intersects="LINESTRING(-1 0.5, 2 0.5)")
    assert not matches(square, intersects="MULTIPOINT((5 5), (6 6))")
    assert matches(square, intersects={"type": "GeometryCollection", "geometries": [box(5, 5, 6, 6), box(0, 0, 2, 2)]})


def test_p13_filter_is_applied_and_only_truth_matches():
    assert matches(item(gsd=3), filter="gsd < 5")
    assert not matches(item(gsd=3), filter="gsd > 5")
    assert not matches(item(), filter="gsd > 5")
    assert not matches(item(), filter="NOT gsd > 5")


def test_p13_all_demands_hold_together():
    demands = {"collections": "c", "ids": "a", "datetime": "2026-03", "bbox": (0, 0, 1, 1), "filter": "gsd = 3"}

    assert matches(item(box(0, 0, 1, 1), gsd=3), **demands)
    for name, other in {
        "collections": "x",
        "ids": "b",
        "datetime": "2025",
        "bbox": (5, 5, 6, 6),
        "filter": "gsd = 4",
    }.items():
        assert not matches(item(box(0, 0, 1, 1), gsd=3), **{**demands, name: other})


def test_geometry_that_is_none_is_an_error_with_the_item_named():
    with pytest.raises(UnexpectedResponse, match="item 'a'"):
        matches(item({"type": "Nothing"}), bbox=(0, 0, 1, 1))

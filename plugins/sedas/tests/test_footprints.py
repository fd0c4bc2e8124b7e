# SPDX-License-Identifier: Apache-2.0
import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swath.errors import InvalidGeometry
from swath_sedas.footprints import WORLD, box_of, geometry_of, parse_wkt, ring_of_box, rings_of, wkt_of


def area(ring):
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in itertools.pairwise(ring)) / 2


def test_geometry_of_drops_double_corners_and_winds_counter_clockwise():
    made = geometry_of("POLYGON((0 0,0 1,0 1,1 1,1 0,0 0))")

    assert made["type"] == "Polygon"
    assert len(made["coordinates"][0]) == 5
    assert area(made["coordinates"][0]) > 0


@pytest.mark.parametrize(
    "text", ["polygon ((0 0, 1 0, 1 1, 0 0))", " POLYGON((0 0,1 0,1 1)) ", "POLYGON((0 0 5,1 0 5,1 1 5,0 0 5))"]
)
def test_geometry_of_takes_blanks_open_rings_and_heights(text):
    assert geometry_of(text)["coordinates"] == [[[0, 0], [1, 0], [1, 1], [0, 0]]]


def test_geometry_of_keeps_holes_clockwise():
    rings = geometry_of("POLYGON((0 0,9 0,9 9,0 9,0 0),(2 2,4 2,4 4,2 4,2 2))")["coordinates"]

    assert [area(ring) > 0 for ring in rings] == [True, False]


def test_geometry_of_multipolygon():
    made = geometry_of("MULTIPOLYGON(((0 0,1 0,1 1,0 0)),((5 5,6 5,6 6,5 5)))")

    assert made["type"] == "MultiPolygon"
    assert len(made["coordinates"]) == 2


@pytest.mark.parametrize(
    "text", ["POLYGON((179 10,-179 10,-179 12,179 12,179 10))", "POLYGON((179 10,181 10,181 12,179 12,179 10))"]
)
def test_p12_footprint_over_the_antimeridian_is_split_there(text):
    made = geometry_of(text)

    assert made["type"] == "MultiPolygon"
    boxes = sorted(box_of([tuple(corner) for corner in polygon[0]]) for polygon in made["coordinates"])
    assert boxes == [(-180, 10, -179, 12), (179, 10, 180, 12)]


@pytest.mark.parametrize(
    "text", ["POLYGON((-180 0,-170 0,-170 5,-180 5,-180 0))", "POLYGON((170 0,180 0,180 5,170 5,170 0))"]
)
def test_footprint_that_touches_the_antimeridian_stays_whole(text):
    assert geometry_of(text)["type"] == "Polygon"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "POINT(1 2)",
        "POLYGON EMPTY",
        "POLYGON((0 0,1 1,0 0))",
        "POLYGON((0 0,1 x,2 2,0 0))",
        "POLYGON((50 -4.2,50 190,51 3,50 -4.2))",
        "MULTIPOLYGON()",
    ],
)
def test_p35_parse_wkt_refuses_what_is_no_polygon(text):
    with pytest.raises(InvalidGeometry):
        parse_wkt(text)


def test_rings_of_multipolygon_are_one_each_without_holes():
    rings = rings_of(
        {
            "type": "MultiPolygon",
            "coordinates": [
                [[[0, 0], [9, 0], [9, 9], [0, 9], [0, 0]], [[2, 2], [2, 4], [4, 4], [2, 2]]],
                [[[20, 0], [21, 0], [21, 1], [20, 0]]],
            ],
        }
    )

    assert [box_of(ring) for ring in rings] == [(0, 0, 9, 9), (20, 0, 21, 1)]


def test_rings_of_nothing_is_the_world():
    assert [box_of(ring) for ring in rings_of(None)] == [WORLD]


def test_rings_of_points_and_lines_are_boxes_around_them():
    collection = {
        "type": "GeometryCollection",
        "geometries": [
            {"type": "Point", "coordinates": [180, 90]},
            {"type": "LineString", "coordinates": [[1, 2], [3, 5]]},
            {"type": "MultiPoint", "coordinates": [[7, 7], [8, 8]]},
        ],
    }

    boxes = [box_of(ring) for ring in rings_of(collection)]

    assert len(boxes) == 4
    assert boxes[0][0] < 180
    assert boxes[0][2:] == (180, 90)
    assert boxes[1][0] < 1
    assert boxes[1][3] > 5


@given(st.floats(-180, 179.9), st.floats(-90, 89.9), st.floats(0.001, 0.1), st.floats(0.001, 0.1))
def test_wkt_of_reads_back_as_the_same_corners(west, south, width, height):
    ring = ring_of_box((west, south, west + width, south + height))
    text = wkt_of(ring)

    assert "e" not in text.removeprefix("POLYGON").lower()
    ((read_back,),) = parse_wkt(text)
    assert [pytest.approx(corner, abs=1e-9) for corner in ring] == list(read_back)


@pytest.mark.parametrize(("spikes", "corners"), [(0, 5), (10, 11)])
def test_p36_outline_of_very_many_corners_becomes_a_simple_one_that_holds_them_all(spikes, corners):
    steps = 10_000
    coast = [
        [math.cos(2 * math.pi * step / steps) * reach, math.sin(2 * math.pi * step / steps) * reach]
        for step in range(steps)
        for reach in [9 if spikes and step % (steps // spikes) == 0 else 5]
    ]

    (ring,) = rings_of({"type": "Polygon", "coordinates": [[*coast, coast[0]]]})

    assert ring[0] == ring[-1]
    assert len(ring) == corners
    assert box_of(ring) == box_of([tuple(corner) for corner in coast])
    edges = list(itertools.pairwise(ring))
    for x, y in coast[::97]:
        assert all((x2 - x1) * (y - y1) - (y2 - y1) * (x - x1) >= -1e-9 for (x1, y1), (x2, y2) in edges)


def test_p36_outline_of_few_corners_is_sent_as_it_is():
    dent = [[0, 0], [4, 0], [2, 1], [4, 4], [0, 4], [0, 0]]

    assert rings_of({"type": "Polygon", "coordinates": [dent]}) == [tuple(tuple(corner) for corner in dent)]

# SPDX-License-Identifier: Apache-2.0
"""Area, bounds, vertices, simplification outward."""

from __future__ import annotations

import math

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import shape

from swath._geometry.measure import area_m2, bounds, simplify_outward, vertex_count
from swath._geometry.read import bbox_geometry, read_geometry
from swath.errors import InvalidGeometry

WORLD_M2 = 510_065_621_724_088.0
"""Surface of the WGS 84 ellipsoid."""


def coast(longitude, latitude, count=5000, radius=10.0):
    """A ragged outline."""
    angles = [2 * math.pi * i / count for i in range(count)]
    ring = [
        (
            longitude + radius * math.cos(a) * (1 + 0.1 * math.sin(41 * a) + 0.03 * math.sin(997 * a)),
            latitude + radius * math.sin(a) * (1 + 0.1 * math.sin(37 * a)),
        )
        for a in angles
    ]
    return read_geometry({"type": "Polygon", "coordinates": [[list(p) for p in [*ring, ring[0]]]]}).geometry


def test_area_of_the_world_is_that_of_the_ellipsoid():
    assert area_m2(bbox_geometry((-180, -90, 180, 90))) == pytest.approx(WORLD_M2, rel=1e-12)


def test_area_of_pieces_adds_up_over_the_antimeridian_and_a_hole():
    whole = area_m2(bbox_geometry((170, 40, -170, 60)))
    hole = [[[175, 45], [175, 50], [178, 50], [178, 45], [175, 45]]]
    shell = [[[170, 40], [180, 40], [180, 60], [170, 60], [170, 40]]]

    assert whole == pytest.approx(2 * area_m2(bbox_geometry((0, 40, 10, 60))), rel=1e-12)
    with_hole = area_m2({"type": "Polygon", "coordinates": shell + hole})
    assert with_hole == pytest.approx(whole / 2 - area_m2(bbox_geometry((0, 45, 3, 50))), rel=1e-12)


def test_area_agrees_with_geographiclib_where_edges_are_short():
    geod = pytest.importorskip("pyproj").Geod(ellps="WGS84")
    geometry = {"type": "Polygon", "coordinates": [[[10, 45], [12, 45.5], [11.5, 47], [10.2, 46.4], [10, 45]]]}

    theirs, _ = geod.geometry_area_perimeter(shapely.segmentize(shape(geometry), 0.001))

    assert area_m2(geometry) == pytest.approx(theirs, rel=1e-8)


def test_area_of_points_and_lines_is_zero():
    assert area_m2({"type": "Point", "coordinates": [1, 2]}) == 0
    assert area_m2({"type": "LineString", "coordinates": [[1, 2], [3, 4]]}) == 0


def test_area_of_a_collection_is_the_sum():
    box = bbox_geometry((0, 0, 1, 1))

    assert area_m2({"type": "GeometryCollection", "geometries": [box, box]}) == pytest.approx(2 * area_m2(box))


@pytest.mark.parametrize(
    ("geometry", "wanted"),
    [
        (bbox_geometry((177, -20, -178, -15)), (177, -20, -178, -15)),
        (bbox_geometry((-180, -90, 180, 90)), (-180, -90, 180, 90)),
        (bbox_geometry((-170, 0, 170, 1)), (-170, 0, 170, 1)),
        ({"type": "MultiPoint", "coordinates": [[179, 1], [-179, 2], [178, 0]]}, (178, 0, -179, 2)),
        ({"type": "MultiPoint", "coordinates": [[-10, 1], [10, 2]]}, (-10, 1, 10, 2)),
        ({"type": "Point", "coordinates": [5, 6]}, (5, 6, 5, 6)),
        ({"type": "MultiLineString", "coordinates": [[[170, 0], [180, 5]], [[-180, 5], [-170, 9]]]}, (170, 0, -170, 9)),
    ],
)
def test_p12_bounds_are_the_narrowest_and_may_cross(geometry, wanted):
    assert bounds(geometry) == wanted


def test_bounds_of_nothing_are_refused():
    with pytest.raises(InvalidGeometry):
        bounds({"type": "MultiPolygon", "coordinates": []})


def test_vertices_are_counted_with_the_closing_ones():
    assert vertex_count(bbox_geometry((0, 0, 1, 1))) == 5
    assert vertex_count(bbox_geometry((177, -20, -178, -15))) == 10
    assert vertex_count({"type": "Point", "coordinates": [1, 2]}) == 1


@pytest.mark.parametrize("longitude", [20, 179])
@pytest.mark.parametrize("limit", [1000, 500, 100, 25, 10])
def test_simplified_area_covers_the_original_within_the_limit(longitude, limit):
    original = coast(longitude, 30)

    found = simplify_outward(original, limit)

    assert vertex_count(found) <= limit
    assert shape(found).is_valid
    assert shape(found).covers(shape(original))
    assert shape(found).bounds[0] >= -180
    assert shape(found).bounds[2] <= 180
    assert area_m2(found) <= max(1.6 * area_m2(original), area_m2(bbox_geometry(bounds(original))))


def test_simplifying_leaves_alone_what_fits():
    box = bbox_geometry((0, 0, 1, 1))

    assert simplify_outward(box, 5) == box


def test_simplifying_falls_back_to_bounds_and_then_says_so():
    islands = {"type": "MultiPoint", "coordinates": [[x * 7.0 - 100, (x * 37) % 50] for x in range(30)]}

    found = simplify_outward(islands, 14)

    assert vertex_count(found) <= 14
    assert shape(found).covers(shape(islands))
    with pytest.raises(InvalidGeometry, match="cannot be covered with 3 vertices"):
        simplify_outward(islands, 3)


@given(
    st.floats(-179, 179),
    st.floats(-80, 80),
    st.lists(st.floats(0.2, 9), min_size=30, max_size=60),
    st.integers(10, 29),
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_simplified_area_covers_any_outline(longitude, latitude, radii, limit):
    ring = [
        [longitude + r * math.cos(2 * math.pi * i / len(radii)), latitude + r * math.sin(2 * math.pi * i / len(radii))]
        for i, r in enumerate(radii)
    ]
    original = read_geometry({"type": "Polygon", "coordinates": [[*ring, ring[0]]]}).geometry

    found = simplify_outward(original, limit)

    assert vertex_count(found) <= limit
    assert shape(found).covers(shape(original))

# SPDX-License-Identifier: Apache-2.0
"""The antimeridian and the poles."""

from __future__ import annotations

import math
import warnings

import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely.geometry import shape

from swath._geometry.dateline import is_placed, split
from swath._geometry.measure import area_m2, bounds
from swath._geometry.read import bbox_geometry, read_geometry

BOUNDED = settings(max_examples=150, deadline=None, derandomize=True)
FIJI = [(177, -20), (-178, -20), (-178, -15), (177, -15), (177, -20)]
CHUKOTKA = [(160, 62), (180, 61), (-170, 64), (-169, 67), (-175, 69), (170, 71), (160, 69), (160, 62)]


def polygon(*rings):
    return {"type": "Polygon", "coordinates": [[list(map(float, position)) for position in ring] for ring in rings]}


def unrolled_area(ring):
    return shapely.Polygon([(x % 360, y) for x, y in ring]).area


@pytest.mark.parametrize("ring", [FIJI, CHUKOTKA])
def test_p12_ring_over_the_antimeridian_is_split(ring):
    found = read_geometry(polygon(ring))
    area = shape(found.geometry)

    assert area.is_valid
    assert area.geom_type == "MultiPolygon"
    assert area.area == pytest.approx(unrolled_area(ring))
    assert area.bounds[0] == -180.0
    assert area.bounds[2] == 180.0
    west, _, east, _ = bounds(found.geometry)
    assert (west, east) == (ring[0][0], max(x for x, _ in ring if x < 0))
    assert "split" in found.repairs[0]


@pytest.mark.parametrize(
    "convention", [FIJI, [(x % 360, y) for x, y in FIJI], [(x if x < 0 else x - 360, y) for x, y in FIJI]]
)
def test_p12_all_conventions_of_longitude_give_the_same_area(convention):
    found = read_geometry(polygon(convention))

    assert shape(found.geometry).equals(shape(bbox_geometry((177, -20, -178, -15))))


@pytest.mark.parametrize(
    "ring", [[(x % 360, y) for x, y in FIJI][::-1], [(190, 0), (190, 5), (200, 5), (200, 0), (190, 0)]]
)
def test_p12_longitudes_beyond_180_are_clear_in_either_winding(ring):
    found = shape(read_geometry(polygon(ring)).geometry)

    assert found.is_valid
    assert found.area == pytest.approx(shapely.Polygon(ring).area)
    assert found.bounds[0] >= -180
    assert found.bounds[2] <= 180


@pytest.mark.parametrize(
    ("bbox", "spans"),
    [
        ((177, -20, -178, -15), [(177, 180), (-180, -178)]),
        ((177, -20, 182, -15), [(177, 180), (-180, -178)]),
        ((-183, -20, -178, -15), [(177, 180), (-180, -178)]),
        ((350, -20, 10, -15), [(-10, 10)]),
        ((180, -20, -170, -15), [(-180, -170)]),
        ((170, -20, -180, -15), [(170, 180)]),
        ((170, -20, 180, -15), [(170, 180)]),
        ((-180, -20, -170, -15), [(-180, -170)]),
        ((-180, -90, 180, 90), [(-180, 180)]),
        ((0, -90, 360, 90), [(-180, 180)]),
        ((-170, -10, 170, 10), [(-170, 170)]),
        ((10, 0, 5, 1), [(10, 180), (-180, 5)]),
    ],
)
def test_p12_bbox_spans_what_it_says(bbox, spans):
    found = bbox_geometry(bbox)

    wanted = shapely.union_all([shapely.box(west, bbox[1], east, bbox[3]) for west, east in spans])
    assert shape(found).equals(wanted)
    assert is_placed(found)
    assert read_geometry(found).geometry == found


@pytest.mark.parametrize("half_width", [95, 120, 170, 179.5, 180])
def test_p12_area_over_180_degrees_wide_is_never_its_complement(half_width):
    ring = list(shapely.box(-half_width, -40, half_width, 40).exterior.coords)

    found = read_geometry(polygon(ring if shapely.LinearRing(ring).is_ccw else ring[::-1]))

    assert shape(found.geometry).equals(shapely.box(-half_width, -40, half_width, 40))
    assert is_placed(found.geometry)
    assert bounds(found.geometry) == (-half_width, -40.0, half_width, 40.0)


CAP = [(-135, 70), (-45, 72), (45, 70), (135, 71)]


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("shift", [0, 17, 90, 181])
def test_p12_ring_round_a_pole_encloses_that_pole(sign, backwards, shift):
    ring = [((x + shift + 180) % 360 - 180, y * sign) for x, y in CAP]
    ring = ring[::-1] if backwards else ring

    found = read_geometry(polygon(ring))
    area = shape(found.geometry)

    assert area.is_valid
    assert area.bounds[0::2] == (-180.0, 180.0)
    assert area.intersects(shapely.Point(33, 90 * sign))
    assert not area.intersects(shapely.Point(33, 0))
    assert area.area == pytest.approx(360 * (90 - 70.75))
    assert f"{'North' if sign > 0 else 'South'} Pole" in " ".join(found.repairs)


def test_p12_ring_with_a_vertex_on_the_pole_is_valid():
    found = read_geometry(polygon([(0, 80), (90, 90), (180, 80), (-90, 80), (0, 80)]))

    assert shape(found.geometry).is_valid
    assert shape(found.geometry).area == pytest.approx(2700)


def test_p12_map_of_antarctica_is_as_drawn():
    coast = [(-180, -78), (-90, -73), (0, -70), (90, -66), (180, -78), (180, -90), (-180, -90), (-180, -78)]

    found = read_geometry(polygon(coast))

    assert shape(found.geometry).equals(shapely.Polygon(coast))


def test_p12_hole_over_the_antimeridian_stays_a_hole():
    shell = [(170, -20), (-170, -20), (-170, 20), (170, 20), (170, -20)]
    hole = [(175, -5), (175, 5), (-175, 5), (-175, -5), (175, -5)]

    area = shape(read_geometry(polygon(shell, hole)).geometry)

    assert area.area == pytest.approx(20 * 40 - 10 * 10)
    assert not area.intersects(shapely.Point(180, 0))
    assert not area.intersects(shapely.Point(-179, 0))


def test_p12_band_round_the_pole_keeps_its_hole():
    inner = [(x, y + 10) for x, y in CAP][::-1]

    area = shape(read_geometry(polygon(CAP, inner)).geometry)

    assert area.area == pytest.approx(3600)
    assert not area.intersects(shapely.Point(0, 90))


def test_p12_self_crossing_ring_over_the_antimeridian_is_repaired_there():
    area = shape(read_geometry(polygon([(177, -20), (-177, -15), (-177, -20), (177, -15), (177, -20)])).geometry)

    assert area.is_valid
    assert area.area == pytest.approx(15)


@pytest.mark.parametrize(
    "ring",
    [
        [(170, 0), (180, 0), (180, 10), (170, 10), (170, 0)],
        [(170, 0), (-180, 0), (-180, 10), (170, 10), (170, 0)],
        [(170, 0), (180, 0), (-180, 10), (170, 10), (170, 0)],
    ],
)
def test_p12_edge_on_the_antimeridian_may_be_written_with_either_sign(ring):
    found = read_geometry(polygon(ring))

    assert shape(found.geometry).equals(shapely.box(170, 0, 180, 10))


def test_p12_line_goes_the_short_way_round():
    found = read_geometry({"type": "LineString", "coordinates": [[170, 0], [-170, 10]]})

    assert found.geometry["coordinates"] == [[[170.0, 0.0], [180.0, 5.0]], [[-180.0, 5.0], [-170.0, 10.0]]]


@pytest.mark.parametrize(
    ("longitude", "wrapped"), [(190, -170), (-190, 170), (180, 180), (-180, -180), (360, 0), (540 - 180, 0)]
)
def test_p12_point_is_wrapped(longitude, wrapped):
    found = read_geometry({"type": "Point", "coordinates": [longitude, 5]})

    assert found.geometry["coordinates"] == [wrapped, 5.0]


def test_split_gives_back_what_needs_nothing():
    geometry = polygon([(0, 0), (1, 0), (1, 1), (0, 0)])

    assert split(geometry) == geometry
    points = {"type": "MultiPoint", "coordinates": [[170.0, 0.0], [-170.0, 0.0]]}
    assert split(points) == points


def test_split_reads_footprints_narrowly_in_either_winding():
    for ring in (FIJI, FIJI[::-1]):
        assert shape(split(polygon(ring), narrow=True)).area == pytest.approx(25)
    mosaic = polygon(shapely.box(-179.9, -60, 179.9, 75).exterior.coords)
    assert shape(split(mosaic, narrow=True)).area == pytest.approx(359.8 * 135)


def test_split_goes_into_collections():
    collection = {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [190.0, 0.0]}]}

    assert split(collection)["geometries"] == [{"type": "Point", "coordinates": [-170.0, 0.0]}]


@given(
    st.floats(-180, 180),
    st.floats(-60, 60),
    st.lists(st.floats(0.5, 20), min_size=3, max_size=10),
)
@BOUNDED
def test_p12_area_is_the_same_wherever_it_lies(longitude, latitude, radii):
    star = [
        (radius * math.cos(2 * math.pi * i / len(radii)), radius * math.sin(2 * math.pi * i / len(radii)))
        for i, radius in enumerate(radii)
    ]
    ring = [((longitude + x + 180) % 360 - 180, latitude + y) for x, y in [*star, star[0]]]
    assume(shapely.Polygon(star).is_valid)

    found = read_geometry(polygon(ring))
    area = shape(found.geometry)

    assert area.is_valid
    assert area.area == pytest.approx(shapely.Polygon(star).area, rel=1e-6)
    west, south, east, north = bounds(found.geometry)
    assert (east - west) % 360 == pytest.approx(max(x for x, _ in star) - min(x for x, _ in star), abs=1e-6)
    assert north - south == pytest.approx(max(y for _, y in star) - min(y for _, y in star), abs=1e-6)
    again = read_geometry(found.geometry)
    assert shape(again.geometry).equals(area)
    assert again.repairs == ()


@given(st.floats(-180, 180), st.floats(-180, 180), st.floats(-90, 89), st.floats(0.5, 90))
@BOUNDED
def test_p12_bbox_covers_west_to_east_eastward(west, east, south, height):
    north = min(90.0, south + height)
    width = (east - west) % 360 if east < west else east - west
    assume(width > 1e-6)

    found = bbox_geometry((west, south, east, north))

    assert is_placed(found)
    assert shape(found).is_valid
    if east < west and abs(west) < 180 and abs(east) < 180:
        assert bounds(found) == (west, south, east, north)
    assert area_m2(found) == pytest.approx(area_m2(bbox_geometry((-180, south, 180, north))) * width / 360, rel=1e-6)


@given(st.floats(165, 195), st.floats(-70, 70), st.floats(1, 14), st.floats(1, 14))
@settings(BOUNDED, max_examples=60)
def test_simple_crossings_agree_with_the_antimeridian_package(longitude, latitude, width, height):
    antimeridian = pytest.importorskip("antimeridian")
    corners = [(0, 0), (width, height / 7), (width, height), (width / 3, height), (0, 0)]
    ring = [((longitude + x + 180) % 360 - 180, latitude + y) for x, y in corners]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = shape(antimeridian.fix_geojson(polygon(ring), great_circle=False, fix_winding=True))

    assert shape(read_geometry(polygon(ring)).geometry).symmetric_difference(theirs).area < 1e-4

# SPDX-License-Identifier: Apache-2.0
"""Areas of interest in every usual form."""

from __future__ import annotations

import json
import math
import sys
import types

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import mapping, shape

from swath._geometry.read import bbox_geometry, read_geometry
from swath.errors import InvalidGeometry, MissingExtra, SwathError

BOUNDED = settings(max_examples=150, deadline=None, derandomize=True)
SQUARE = [[10.0, 50.0], [11.0, 50.0], [11.0, 51.0], [10.0, 51.0], [10.0, 50.0]]
POLYGON = {"type": "Polygon", "coordinates": [SQUARE]}
FEATURE = {"type": "Feature", "properties": {}, "geometry": POLYGON}


def polygon(*rings):
    return {"type": "Polygon", "coordinates": [[list(position) for position in ring] for ring in rings]}


class Thing:
    """Something of another library."""

    def __init__(self, interface):
        self.__geo_interface__ = interface


FORMS = {
    "geometry": POLYGON,
    "feature": FEATURE,
    "collection": {"type": "FeatureCollection", "features": [FEATURE]},
    "geometry collection": {"type": "GeometryCollection", "geometries": [POLYGON]},
    "json text": json.dumps(POLYGON),
    "feature text": f"\n {json.dumps(FEATURE)} ",
    "wkt": "POLYGON ((10 50, 11 50, 11 51, 10 51, 10 50))",
    "wkt in small letters": "polygon((10 50, 11 50, 11 51, 10 51, 10 50))",
    "ewkt": "SRID=4326;POLYGON ((10 50, 11 50, 11 51, 10 51, 10 50))",
    "wkb": shapely.to_wkb(shape(POLYGON)),
    "shapely": shape(POLYGON),
    "interface": Thing(POLYGON),
    "interface of a feature": Thing(FEATURE),
    "bbox": (10, 50, 11, 51),
    "bbox of six": [10, 50, 0, 11, 51, 900],
    "bbox text": "10,50,11,51",
    "bbox text with blanks": " 10  50 11.0 51 ",
    "bbox as json": "[10, 50, 11, 51]",
    "bbox iterator": iter((10, 50, 11, 51)),
    "list of one": [FEATURE],
    "tuples for lists": mapping(shape(POLYGON)),
}


@pytest.mark.parametrize("form", FORMS)
def test_p35_usual_form_is_read(form):
    found = read_geometry(FORMS[form])

    assert shapely.normalize(shape(found.geometry)) == shapely.normalize(shape(POLYGON))
    assert shape(found.geometry).exterior.is_ccw


def test_p35_valid_geometry_passes_unchanged_without_a_report():
    found = read_geometry(POLYGON)

    assert found.geometry == POLYGON
    assert found.repairs == ()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("aoi.geojson", json.dumps(FEATURE)),
        ("aoi.json", "\ufeff" + json.dumps(POLYGON)),
        ("aoi.wkt", "POLYGON ((10 50, 11 50, 11 51, 10 51, 10 50))\n"),
        ("aoi.txt", "10 50 11 51"),
        ("no suffix", json.dumps(POLYGON)),
    ],
)
def test_p35_file_is_read_by_path_and_by_text(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")

    for given_as in (path, str(path)):
        assert shapely.equals(shape(read_geometry(given_as).geometry), shape(POLYGON))


def test_file_under_the_home_folder_is_found(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "aoi.json").write_text(json.dumps(POLYGON))

    assert read_geometry("~/aoi.json").geometry == POLYGON


def test_p35_missing_file_is_named():
    with pytest.raises(InvalidGeometry, match=r"file 'nowhere/aoi\.geojson' does not exist"):
        read_geometry("nowhere/aoi.geojson")


@pytest.mark.parametrize("text", ["not an area", "", "   ", "POLIGON((0 0, 1 1))", "1,2,3", "a\0b", "x" * 5000])
def test_text_that_is_no_area_is_refused(text):
    with pytest.raises(InvalidGeometry):
        read_geometry(text)


def test_file_of_something_else_is_refused(tmp_path):
    path = tmp_path / "aoi.geojson"
    path.write_bytes(b"\x89PNG\r\n\xff")
    with pytest.raises(InvalidGeometry, match="cannot be read"):
        read_geometry(path)

    path.write_text("hello")
    with pytest.raises(InvalidGeometry, match="holds neither"):
        read_geometry(path)

    with pytest.raises(InvalidGeometry, match="cannot be read"):
        read_geometry(tmp_path)


def test_url_is_refused_with_what_to_do():
    with pytest.raises(InvalidGeometry, match="is a URL; fetch the file first"):
        read_geometry("https://example.org/aoi.geojson")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "no geometry was given"),
        (5, "a int is no area"),
        ({}, "no GeoJSON type"),
        ({"type": "Circle", "coordinates": [1, 2]}, "'Circle' is no GeoJSON geometry type"),
        ({"type": "Polygon"}, "the Polygon has no coordinates"),
        ({"type": "Polygon", "coordinates": []}, "the Polygon has no coordinates"),
        ({"type": "Polygon", "coordinates": [[]]}, "ring 0 has no vertices"),
        ({"type": "Polygon", "coordinates": [10, 50]}, "ring 0 has no vertices"),
        ({"type": "MultiPolygon", "coordinates": [[]]}, "polygon 0 has no rings"),
        ({"type": "Feature", "geometry": None}, "the feature has no geometry"),
        ({"type": "FeatureCollection", "features": []}, "has no features"),
        ({"type": "GeometryCollection", "geometries": []}, "has no geometries"),
        ({"type": "Point", "coordinates": ["10", 50]}, r"the point is \['10', 50\]"),
        ({"type": "Point", "coordinates": [True, 50]}, r"the point is \[True, 50\]"),
        ({"type": "Point", "coordinates": [10]}, r"the point is \[10\]"),
        ({"type": "LineString", "coordinates": [[1, 2], [1, 2]]}, "only 1 distinct vertex"),
        (polygon([(0, 0), (0, 0), (0, 0)]), "ring 0 has only 1 distinct vertex"),
        (polygon([(0, 0), (1, 1), (0, 0)]), "ring 0 has only 2 distinct vertices"),
        (polygon([(0, 0), (1, 1), (2, 2)]), "encloses no area"),
        ([[1, 2], [3, 4]], "a list that starts"),
        ([], "is no area of interest"),
        ("{", "no valid JSON"),
        ("POLYGON((0 0", "cannot be read"),
        ("POINT EMPTY", "is empty"),
        ("SRID=3857;POINT(1 2)", "SRID 3857"),
        (b"\x01\x02", "no WKB"),
        (shapely.Polygon(), r"has no coordinates|is empty"),
    ],
)
def test_p35_what_is_no_geometry_is_refused(value, message):
    with pytest.raises(InvalidGeometry, match=message):
        read_geometry(value)


def test_p35_error_names_the_vertex_and_its_value():
    ring = [[10, 50], [11, 50], [11, float("nan")], [10, 51], [10, 50]]
    collection = {
        "type": "FeatureCollection",
        "features": [
            FEATURE,
            {"type": "Feature", "geometry": {"type": "MultiPolygon", "coordinates": [[SQUARE], [ring]]}},
        ],
    }

    with pytest.raises(InvalidGeometry, match=r"vertex 2 of ring 0 of polygon 1 of feature 1 is \[11.0, nan\]"):
        read_geometry(collection)


def test_p35_swapped_axes_are_suspected():
    with pytest.raises(InvalidGeometry, match=r"vertex 0 of ring 0 has latitude 139.7.*axes look swapped"):
        read_geometry(polygon([(35.6, 139.7), (35.7, 139.7), (35.7, 139.8)]))


def test_projected_coordinates_are_suspected():
    with pytest.raises(InvalidGeometry, match=r"latitude 5540000.*reproject"):
        read_geometry(polygon([(500000, 5540000), (500100, 5540000), (500100, 5540100)]))


@pytest.mark.parametrize("longitude", [361, -400, 1e9, float("inf")])
def test_absurd_longitude_is_refused(longitude):
    with pytest.raises(InvalidGeometry, match="the point"):
        read_geometry({"type": "Point", "coordinates": [longitude, 0]})


@pytest.mark.parametrize(
    ("value", "report"),
    [
        (polygon(SQUARE[:-1]), "ring 0 was closed"),
        (polygon(SQUARE[::-1]), "wound"),
        (polygon([SQUARE[0], *SQUARE]), "repeated vertices"),
        (polygon([[*position, 12.5] for position in SQUARE]), "heights"),
        ("POLYGON((10 50, 11 50, 11 51, 10 51))", "not closed"),
        ("POLYGON Z((10 50 1, 11 50 1, 11 51 1, 10 51 1, 10 50 1))", "heights"),
    ],
)
def test_p35_repair_is_reported_and_changes_nothing_else(value, report):
    found = read_geometry(value)

    assert shapely.equals(shape(found.geometry), shape(POLYGON))
    assert len(found.repairs) == 1
    assert report in found.repairs[0]


def test_p35_self_crossing_ring_is_taken_apart_not_hulled():
    bowtie = polygon([(0, 0), (2, 2), (2, 0), (0, 2), (0, 0)])

    found = read_geometry(bowtie)

    assert found.geometry["type"] == "MultiPolygon"
    assert shape(found.geometry).area == pytest.approx(2.0)
    assert shape(bowtie).convex_hull.area == 4.0
    assert found.repairs == ("ring 0 crosses itself; it was taken apart into simple rings",)


def test_spike_is_cut_off_without_a_stray_line():
    found = read_geometry(polygon([(0, 0), (2, 0), (2, 2), (3, 3), (2, 2), (0, 2), (0, 0)]))

    assert found.geometry["type"] == "Polygon"
    assert shape(found.geometry).area == pytest.approx(4.0)


def test_holes_are_kept_and_wound_clockwise():
    outer = [(0, 0), (4, 0), (4, 4), (0, 4), (0, 0)]
    hole = [(1, 1), (2, 1), (2, 2), (1, 2), (1, 1)]

    found = read_geometry(polygon(outer, hole))

    assert shape(found.geometry).area == 15.0
    assert not shapely.LinearRing(found.geometry["coordinates"][1]).is_ccw


def test_hole_beyond_the_shell_takes_away_only_what_it_covers():
    outer = [(0, 0), (4, 0), (4, 4), (0, 4), (0, 0)]
    hole = [(3, 1), (3, 2), (6, 2), (6, 1), (3, 1)]

    found = read_geometry(polygon(outer, hole))

    assert shape(found.geometry).area == pytest.approx(15.0)
    assert found.repairs == ("the rings of the polygon overlap; what the holes cover was taken away",)


def test_several_polygons_become_one_area():
    def feature(west):
        return {"type": "Feature", "geometry": bbox_geometry((west, 0, west + 1, 1))}

    touching = read_geometry({"type": "FeatureCollection", "features": [feature(0), feature(1)]})
    apart = read_geometry({"type": "FeatureCollection", "features": [feature(0), feature(5)]})

    assert touching.geometry["type"] == "Polygon"
    assert shape(touching.geometry).area == 2.0
    assert touching.repairs == ("2 polygons that overlap or touch were joined",)
    assert apart.geometry["type"] == "MultiPolygon"
    assert apart.repairs == ()


def test_feature_without_geometry_is_left_out_with_a_report():
    collection = {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": None}, FEATURE]}

    found = read_geometry(collection)

    assert found.geometry == POLYGON
    assert found.repairs == ("feature 0 has no geometry and was left out",)


@pytest.mark.parametrize(
    "value",
    [
        {"type": "Point", "coordinates": [10.0, 50.0]},
        {"type": "MultiPoint", "coordinates": [[10.0, 50.0], [11.0, 51.0]]},
        {"type": "LineString", "coordinates": [[10.0, 50.0], [11.0, 51.0]]},
        {"type": "MultiLineString", "coordinates": [[[10.0, 50.0], [11.0, 51.0]], [[0.0, 0.0], [1.0, 0.0]]]},
    ],
)
def test_points_and_lines_are_areas_too(value):
    assert read_geometry(value).geometry == value


def test_mixed_dimensions_are_refused_unless_the_polygon_covers_the_rest():
    inside = {"type": "GeometryCollection", "geometries": [POLYGON, {"type": "Point", "coordinates": [10.5, 50.5]}]}
    outside = {"type": "GeometryCollection", "geometries": [POLYGON, {"type": "Point", "coordinates": [0, 0]}]}

    assert read_geometry(inside).geometry == POLYGON
    with pytest.raises(InvalidGeometry, match="mixes Polygons with a Point"):
        read_geometry(outside)


@pytest.mark.parametrize(
    "name", ["urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4326", "OGC:CRS84"]
)
def test_old_crs_member_is_taken_where_it_says_wgs84(name):
    value = {**POLYGON, "crs": {"type": "name", "properties": {"name": name}}}

    assert read_geometry(value).geometry == POLYGON


@pytest.mark.parametrize("name", ["EPSG:3857", "urn:ogc:def:crs:EPSG::32633", "EPSG:14326", "nonsense"])
def test_other_crs_member_is_refused(name):
    value = {**FEATURE, "crs": {"type": "name", "properties": {"name": name}}}

    with pytest.raises(InvalidGeometry, match=f"in CRS '{name}'.*reproject"):
        read_geometry(value)


def test_geodataframe_is_reprojected_with_a_report():
    geopandas = pytest.importorskip("geopandas")
    frame = geopandas.GeoDataFrame(geometry=[shape(POLYGON), None], crs=4326)

    same = read_geometry(frame)
    moved = read_geometry(frame.to_crs(32632))
    unknown = read_geometry(frame.geometry.set_crs(None, allow_override=True))

    assert same.geometry == POLYGON
    assert same.repairs == ("row 1 has no geometry and was left out",)
    assert "reprojected from EPSG:32632" in moved.repairs
    assert shapely.equals_exact(shape(moved.geometry), shape(POLYGON), tolerance=1e-6)
    assert "the table names no CRS; WGS 84 longitude, latitude was assumed" in unknown.repairs


def test_vector_file_is_read_through_geopandas(tmp_path):
    geopandas = pytest.importorskip("geopandas")
    path = tmp_path / "aoi.gpkg"
    geopandas.GeoDataFrame(geometry=[shape(POLYGON)], crs=4326).to_file(path)

    assert shapely.equals(shape(read_geometry(path).geometry), shape(POLYGON))

    path.write_bytes(b"no geopackage")
    with pytest.raises(InvalidGeometry, match="cannot be read"):
        read_geometry(path)


def test_vector_file_without_geopandas_names_the_extra(tmp_path, monkeypatch):
    path = tmp_path / "aoi.gpkg"
    path.write_bytes(b"")
    monkeypatch.setitem(sys.modules, "geopandas", None)

    with pytest.raises(MissingExtra, match=r"swath\[table\]"):
        read_geometry(path)


def test_numpy_arrays_are_read():
    numpy = pytest.importorskip("numpy")

    assert shapely.equals(shape(read_geometry(numpy.array([10, 50, 11, 51])).geometry), shape(POLYGON))
    value = {"type": "Polygon", "coordinates": [numpy.array(SQUARE)]}
    assert read_geometry(value).geometry == POLYGON


@pytest.mark.parametrize(
    ("bbox", "message"),
    [
        ((1, 2, 3), "4 or 6 numbers, not 3"),
        ((1, 2, 3, 4, 5), "4 or 6 numbers, not 5"),
        ((1, 2, float("nan"), 4), "number 2 of the bbox is nan"),
        ((0, 10, 5, -10), "south 10 is above north -10"),
        ((0, -91, 5, 10), "south is -91"),
        ((48, 100, 49, 101), "axes look swapped"),
        ((-500, 0, 5, 10), "west is -500"),
    ],
)
def test_bbox_that_is_none_is_refused(bbox, message):
    with pytest.raises(InvalidGeometry, match=message):
        bbox_geometry(bbox)


def test_bbox_without_extent_is_a_point_or_line():
    assert bbox_geometry((1, 2, 1, 2)) == {"type": "Point", "coordinates": [1.0, 2.0]}
    assert bbox_geometry((1, 2, 3, 2)) == {"type": "LineString", "coordinates": [[1.0, 2.0], [3.0, 2.0]]}


def test_rounding_errors_beyond_the_ranges_are_set_right():
    found = read_geometry(
        polygon([(170, 80), (180.0000001, 80), (180.0000001, 90.0000001), (170, 90.0000001), (170, 80)])
    )

    assert shape(found.geometry).bounds == (170.0, 80.0, 180.0, 90.0)
    assert len(found.repairs) == 2


def test_geopandas_is_not_imported_for_other_forms(monkeypatch):
    monkeypatch.setitem(sys.modules, "geopandas", None)

    assert read_geometry(FEATURE).geometry == POLYGON


def test_object_with_other_crs_attribute_is_not_taken_for_a_table():
    thing = types.SimpleNamespace(crs="EPSG:3857", __geo_interface__=POLYGON)

    assert read_geometry(thing).geometry == POLYGON


lattice = st.tuples(st.integers(-8, 8).map(float), st.integers(-8, 8).map(float))


@given(st.lists(lattice, min_size=3, max_size=12), st.booleans())
@BOUNDED
def test_p35_any_ring_is_valid_after_reading_and_never_hulled(ring, close):
    value = polygon([*ring, ring[0]] if close else ring)
    try:
        found = read_geometry(value)
    except InvalidGeometry:
        assert len(set(ring)) < 3 or shapely.MultiPoint(ring).convex_hull.area == 0 or _area_all_ways(ring) == 0
        return
    area = shape(found.geometry)

    assert area.is_valid
    assert area.geom_type in {"Polygon", "MultiPolygon"}
    assert 0 < area.area <= shapely.MultiPoint(ring).convex_hull.area + 1e-9
    filled = shapely.unary_union(shapely.make_valid(shapely.Polygon(ring), method="structure", keep_collapsed=False))
    assert area.symmetric_difference(filled).area == pytest.approx(0, abs=1e-9)
    again = read_geometry(found.geometry)
    assert again.repairs == ()
    assert shape(again.geometry).equals(area)


def _area_all_ways(ring):
    return shapely.make_valid(shapely.Polygon(ring), method="structure", keep_collapsed=False).area


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["type", "coordinates", "geometry", "features", "geometries", "crs"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)
kinds = st.sampled_from(
    ["Point", "MultiPoint", "LineString", "Polygon", "MultiPolygon", "Feature", "FeatureCollection"]
)


@given(json_values | st.fixed_dictionaries({"type": kinds, "coordinates": json_values, "geometry": json_values}))
@BOUNDED
def test_p35_junk_gives_only_errors_of_ours(value):
    try:
        found = read_geometry(value)
    except SwathError:
        return
    assert shape(found.geometry).is_valid
    assert all(math.isfinite(bound) for bound in shape(found.geometry).bounds)

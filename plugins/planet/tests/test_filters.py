# SPDX-License-Identifier: Apache-2.0
"""What Planet is asked: a superset of what matches, exactly that where it says so."""

from __future__ import annotations

import datetime as dt
import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box, mapping, shape

from swath._query.build import build_query
from swath._query.residual import Residual
from swath.errors import InvalidFilter, UnknownCollection
from swath.models import Interval, Query, SortKey
from swath_planet.areas import MAX_VERTICES, area_filter, vertex_count
from swath_planet.filters import item_types_of, push, sort_of
from swath_planet.itemtypes import ITEM_TYPES
from swath_planet.stac import item_of
from swath_planet.wire import Feature


def found(filter_, feature):
    """Evaluate Planet's filter grammar on an item as the service does."""
    kind, config = filter_["type"], filter_["config"]
    if kind == "AndFilter":
        return all(found(one, feature) for one in config)
    if kind == "OrFilter":
        return not config or any(found(one, feature) for one in config)
    if kind == "NotFilter":
        return not found(config, feature)
    if kind == "GeometryFilter":
        names = {"intersects", "within", "contains", "disjoint"} & {filter_["relation"]}
        return feature.geometry is not None and all(
            getattr(shape(feature.geometry), name)(shape(config)) for name in names
        )
    if kind == "AssetFilter":
        return not set(config).isdisjoint(feature.assets)
    if kind == "PermissionFilter":
        return bool(feature.permissions if config == ["assets:download"] else set(config) & set(feature.permissions))
    return _told(kind, filter_["field_name"], config, feature)


def _told(kind, name, config, feature):
    value = feature.id if name == "id" else feature.properties.get(name)
    if kind == "UpdateFilter":
        kind, value = "DateRangeFilter", feature.properties.get("updated")
    if value is None:
        return False
    if kind == "StringInFilter":
        return (str(value).lower() if isinstance(value, bool) else value) in config
    if kind == "NumberInFilter":
        return value in config
    if kind == "DateRangeFilter":
        value = dt.datetime.fromisoformat(value)
        config = {op: dt.datetime.fromisoformat(bound) for op, bound in config.items()}
    else:
        assert kind == "RangeFilter"
    assert config, "a range without bounds is refused"
    return all(_holds(op, value, bound) for op, bound in config.items())


def _holds(op, value, bound):
    return {"gt": value > bound, "gte": value >= bound, "lt": value < bound, "lte": value <= bound}[op]


def _features():
    """Make a fixed catalogue with round values, values that noise has touched, and missing ones."""
    rng = random.Random(4)
    made = []
    for number in range(120):
        west, south = rng.uniform(3, 6), rng.uniform(50, 53)
        properties = {
            "item_type": rng.choice(["PSScene", "SkySatScene", "REOrthoTile"]),
            "acquired": f"2026-03-{rng.randint(1, 28):02d}T{rng.randint(0, 23):02d}:00:0{rng.randint(0, 9)}Z",
            "published": f"2026-04-{rng.randint(1, 28):02d}T00:00:00.5Z",
            "provider": rng.choice(["planetscope", "skysat"]),
            "satellite_id": rng.choice(["24a9", "SSC6"]),
            "instrument": rng.choice(["PS2", "PSB.SD", None]),
            "cloud_cover": rng.choice([0, 0.07, 0.1, 0.1000000001, 0.29, 0.57, 0.07000000029802322, 1, rng.random()]),
            "clear_percent": rng.choice([0, 50, 91, 100]),
            "gsd": rng.choice([3.7, 3.9, 0.65]),
            "view_angle": rng.choice([-12.5, -3, 0, 3, 4.1, 12.5]),
            "sun_elevation": rng.uniform(-10, 60),
            "snow_ice_percent": rng.choice([0, 5, 100]),
            "quality_category": rng.choice(["standard", "test"]),
            "ground_control": rng.choice([True, False]),
            "updated": f"2026-05-{rng.randint(1, 28):02d}T00:00:00Z",
        }
        for name in rng.sample(sorted(properties.keys() - {"item_type", "acquired"}), rng.randint(0, 4)):
            if not (name == "cloud_cover" and properties["item_type"] != "REOrthoTile"):
                del properties[name]
        if properties["item_type"] == "REOrthoTile":
            properties["cloud_percent"] = rng.choice([0, 7, 10, 57])
        assets = rng.sample(["ortho_visual", "ortho_udm2", "ortho_analytic_8b"], rng.randint(0, 3))
        made.append(
            Feature(
                id=f"item-{number}",
                properties=properties,
                geometry=mapping(box(west, south, west + 0.2, south + 0.2)),
                assets=assets,
                permissions=[f"assets.{one}:download" for one in assets[:2]],
            )
        )
    return made


CATALOGUE = [(feature, item_of(feature)) for feature in _features()]


def check(query, *, exact=None):
    """Compare what Planet finds with what matches."""
    pushed, residual = push(query), Residual(query)
    matched = 0
    for feature, item in CATALOGUE:
        if pushed.changed and found(pushed.filter, feature):
            item = item_of(feature, pushed.changed)  # noqa: PLW2901 - as the search gives it
        at_planet = feature.properties["item_type"] in pushed.item_types and found(pushed.filter, feature)
        here = residual.matches(item)
        matched += here
        assert at_planet or not here, f"{feature} matches {query.filter} and would not be found by {pushed.filter}"
        if pushed.exact:
            assert at_planet == here, f"{feature}: exact is not so for {query.filter}: {pushed.filter}"
    if exact is not None:
        assert pushed.exact is exact, pushed.filter
    return matched


def query_of(text, **more):
    return build_query(
        collections=more.pop("collections", None),
        ids=more.pop("ids", None),
        bbox=more.pop("bbox", None),
        intersects=more.pop("intersects", None),
        datetime=more.pop("datetime", None),
        filter=text,
        filter_lang=None,
        sortby=None,
        limit=None,
        max_items=None,
    )[0]


PS = ["PSScene", "SkySatScene"]


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("eo:cloud_cover < 10", True),
        ("eo:cloud_cover <= 10", True),
        ("eo:cloud_cover = 7", True),
        ("eo:cloud_cover > 57", True),
        ("eo:cloud_cover >= 57", True),
        ("eo:cloud_cover <> 29", True),
        ("eo:cloud_cover < 0.30000000000000004", True),
        ("eo:cloud_cover BETWEEN 7 AND 29", True),
        ("eo:cloud_cover IN (0, 7, 100)", True),
        ("10 > eo:cloud_cover", True),
        ("NOT eo:cloud_cover < 10", True),
        ("view:off_nadir < 4", True),
        ("view:off_nadir >= 3", True),
        ("view:off_nadir > 0", True),
        ("view:off_nadir = 0", True),
        ("view:off_nadir BETWEEN 3 AND 5", True),
        ("view:off_nadir <> 3", True),
        ("gsd = 3.7", True),
        ("gsd IN (3.7, 0.65)", True),
        ("view:sun_elevation > 10.5", True),
        ("eo:snow_cover <= 5", True),
        ("platform = 'SSC6'", True),
        ("platform <> 'SSC6'", False),
        ("constellation IN ('skysat', 'nothing')", True),
        ("NOT constellation IN ('skysat', 'nothing')", False),
        ("\"planet:quality_category\" = 'standard'", True),
        ('"planet:ground_control" = TRUE', True),
        ('"planet:ground_control" <> TRUE', False),
        ('"planet:clear_percent" > 50', True),
        ("id = 'item-7'", True),
        ("id IN ('item-7', 'item-8')", True),
        ("id <> 'item-7'", True),
        ("collection = 'PSScene'", True),
        ("collection IN ('PSScene', 'SkySatCollect')", True),
        ("datetime > TIMESTAMP('2026-03-15T06:00:00Z')", True),
        ("datetime <= DATE('2026-03-15')", True),
        ("datetime = DATE('2026-03-15')", True),
        ("published >= TIMESTAMP('2026-04-10T00:00:00.5Z')", True),
        ("eo:cloud_cover < 10 AND platform = '24a9'", True),
        ("eo:cloud_cover < 10 OR platform = '24a9'", True),
        ("NOT (eo:cloud_cover < 10 OR platform = '24a9')", False),
        ("NOT (eo:cloud_cover < 10 AND view:off_nadir > 3)", True),
        ("eo:cloud_cover < 10 AND platform LIKE 'S%'", False),
        ("eo:cloud_cover < 10 OR platform LIKE 'S%'", False),
        ("eo:cloud_cover IS NULL", False),
        ("eo:cloud_cover IS NOT NULL", False),
        ("eo:cloud_cover + 1 < 10", False),
        ("A_CONTAINS(instruments, ('PS2'))", False),
        ("A_OVERLAPS(instruments, ('PS2', 'PSB.SD'))", False),
        ("T_AFTER(datetime, TIMESTAMP('2026-03-15T06:00:00Z'))", False),
        ("T_BEFORE(datetime, DATE('2026-03-15'))", False),
        ("T_DURING(datetime, INTERVAL('2026-03-05', '2026-03-15'))", False),
        ("T_INTERSECTS(datetime, INTERVAL('2026-03-05', '..'))", False),
        ("T_DISJOINT(datetime, INTERVAL('2026-03-05', '2026-03-15'))", False),
        ("S_INTERSECTS(geometry, POLYGON((4 51, 5 51, 5 52, 4 52, 4 51)))", True),
        ("S_WITHIN(geometry, POLYGON((4 51, 5 51, 5 52, 4 52, 4 51)))", False),
        ("S_CONTAINS(geometry, POINT(4.5 51.5))", False),
        ("S_WITHIN(POINT(4.5 51.5), geometry)", False),
        ("S_EQUALS(geometry, POLYGON((4 51, 5 51, 5 52, 4 52, 4 51)))", False),
        ("NOT S_INTERSECTS(geometry, POLYGON((4 51, 5 51, 5 52, 4 52, 4 51)))", False),
        ("NOT S_DISJOINT(geometry, POLYGON((4 51, 5 51, 5 52, 4 52, 4 51)))", True),
        ("A_OVERLAPS(\"planet:asset_types\", ('ortho_visual', 'ortho_udm2'))", True),
        ("A_CONTAINS(\"planet:asset_types\", ('ortho_visual', 'ortho_udm2'))", True),
        ("A_EQUALS(\"planet:asset_types\", ('ortho_visual', 'ortho_udm2'))", False),
        ("A_CONTAINEDBY(\"planet:asset_types\", ('ortho_visual', 'ortho_udm2'))", False),
        ("A_CONTAINS(\"planet:permissions\", ('assets.ortho_visual:download'))", False),
        ("A_OVERLAPS(\"planet:permissions\", ('assets.ortho_visual:download', 'assets.ortho_udm2:download'))", False),
        (
            (
                "S_WITHIN(geometry, POLYGON((4 51, 5 51, 5 52, 4 52, 4 51)))"
                " OR A_CONTAINS(\"planet:asset_types\", ('ortho_visual')) AND gsd > 1"
            ),
            False,
        ),
        ("A_OVERLAPS(\"planet:asset_types\", ('ortho_visual')) OR gsd < 1", True),
        ("A_OVERLAPS(\"planet:asset_types\", ('ortho_visual')) OR platform LIKE 'S%'", False),
        ("order:status = 'orderable'", False),
        ("order:status <> 'orderable'", False),
        ('gsd IN (3.7, 3.9) AND "planet:clear_percent" IN (50, 91)', True),
        ("\"planet:changed.ground_control\" > TIMESTAMP('2026-05-10T00:00:00Z')", True),
        ("gsd > 1 AND \"planet:changed.cloud_cover\" >= TIMESTAMP('2026-05-10T00:00:00Z')", True),
        ("S_DISJOINT(geometry, POLYGON((4 51, 5 51, 5 52, 4 52, 4 51)))", False),
    ],
)
def test_p13_what_planet_finds_holds_what_matches(text, exact):
    check(query_of(text, collections=PS), exact=exact)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("gsd IN (3.7, 3.9)", {"type": "NumberInFilter", "field_name": "gsd", "config": [3.7, 3.9]}),
        (
            "A_OVERLAPS(\"planet:asset_types\", ('ortho_visual', 'ortho_udm2'))",
            {"type": "AssetFilter", "config": ["ortho_visual", "ortho_udm2"]},
        ),
        (
            "A_CONTAINS(\"planet:asset_types\", ('ortho_visual', 'ortho_udm2'))",
            {
                "type": "AndFilter",
                "config": [
                    {"type": "AssetFilter", "config": ["ortho_visual"]},
                    {"type": "AssetFilter", "config": ["ortho_udm2"]},
                ],
            },
        ),
        ("order:status = 'orderable'", {"type": "PermissionFilter", "config": ["assets:download"]}),
        (
            "\"planet:changed.ground_control\" > TIMESTAMP('2026-05-10T00:00:00Z')",
            {"type": "UpdateFilter", "field_name": "ground_control", "config": {"gt": "2026-05-10T00:00:00Z"}},
        ),
        (
            '"planet:ground_control" = TRUE',
            {"type": "StringInFilter", "field_name": "ground_control", "config": ["true"]},
        ),
    ],
)
def test_each_filter_of_planets_has_its_words(text, said):
    assert push(query_of(text, collections=PS)).filter["config"] == [said]


@pytest.mark.parametrize(
    ("text", "relation"),
    [
        ("S_INTERSECTS(geometry, {})", "intersects"),
        ("S_WITHIN(geometry, {})", "within"),
        ("S_CONTAINS({}, geometry)", "within"),
        ("S_CONTAINS(geometry, {})", "contains"),
        ("S_WITHIN({}, geometry)", "contains"),
        ("S_DISJOINT(geometry, {})", "disjoint"),
        ("NOT S_INTERSECTS(geometry, {})", "disjoint"),
        ("S_TOUCHES(geometry, {})", "intersects"),
    ],
)
def test_relations_of_planets_are_asked_by_name(text, relation):
    query = query_of(text.format("POLYGON((4 51, 5 51, 5 52, 4 52, 4 51))"), collections=PS)

    (asked,) = push(query).filter["config"]

    assert (asked["type"], asked["relation"]) == ("GeometryFilter", relation)


def test_p36_relation_to_an_area_of_too_many_vertices_is_never_asked_by_its_box():
    """What lies within the area lies within its box; what is apart from it need not be apart from the box."""
    area = circle(4.5, 51.5, 0.7, 5000)

    within = push(Query(collections=PS, filter={"op": "s_within", "args": [{"property": "geometry"}, area]}))
    apart = push(Query(collections=PS, filter={"op": "s_disjoint", "args": [{"property": "geometry"}, area]}))

    assert within.filter["config"][0]["relation"] == "intersects"
    assert apart.filter["config"] == []


@pytest.mark.parametrize(
    "text",
    [
        "\"planet:changed.ground_control\" < TIMESTAMP('2026-05-10T00:00:00Z')",
        "NOT \"planet:changed.ground_control\" > TIMESTAMP('2026-05-10T00:00:00Z')",
        "gsd > 1 OR \"planet:changed.ground_control\" > TIMESTAMP('2026-05-10T00:00:00Z')",
        '"planet:changed.ground_control" IS NULL',
        "\"planet:changed\" > TIMESTAMP('2026-05-10T00:00:00Z')",
    ],
)
def test_p13_change_that_planet_cannot_be_asked_for_is_refused(text):
    """Items do not tell when a field was changed, so core cannot apply it either."""
    with pytest.raises(InvalidFilter, match="planet:changed"):
        push(query_of(text, collections=PS))


def test_filters_do_find_something():
    """The comparisons above say nothing about filters that match nothing."""
    assert check(query_of("eo:cloud_cover <= 10 AND view:off_nadir < 4", collections=PS)) > 3
    assert check(query_of("T_DURING(datetime, INTERVAL('2026-03-05', '2026-03-15'))", collections=PS)) > 3
    assert check(query_of("A_CONTAINS(instruments, ('PS2'))", collections=PS)) > 3
    assert check(query_of("S_WITHIN(geometry, POLYGON((4 51, 5 51, 5 52, 4 52, 4 51)))", collections=PS)) > 0
    assert check(query_of("S_DISJOINT(geometry, POLYGON((4 51, 5 51, 5 52, 4 52, 4 51)))", collections=PS)) > 3
    assert check(query_of("A_OVERLAPS(\"planet:asset_types\", ('ortho_visual'))", collections=PS)) > 3
    assert check(query_of("order:status = 'orderable'", collections=PS)) > 3
    since = "TIMESTAMP('2026-05-10T00:00:00Z')"
    assert check(query_of(f'"planet:changed.ground_control" > {since}', collections=PS)) > 3


def test_cloud_cover_of_older_types_is_also_asked_by_udm2():
    query = query_of("eo:cloud_cover <= 10", collections=["REOrthoTile"])

    matched = check(query, exact=False)

    assert matched > 3
    assert push(query).filter["config"][0]["type"] == "OrFilter"


# --- random filters --------------------------------------------------------------------------------------------------

_NUMBERS = {
    "eo:cloud_cover": [0, 7, 10, 10.00000001, 29, 57, 57.000001, 100, -1],
    "view:off_nadir": [-1, 0, 3, 4.1, 12.5, 91],
    "gsd": [0.65, 3.7],
    "planet:clear_percent": [50, 91],
    "view:sun_elevation": [0, 25.5],
}
_WORDS = {"platform": ["24a9", "SSC6"], "planet:quality_category": ["standard"], "id": ["item-3", "item-4"]}


def _property(name):
    return {"property": name}


@st.composite
def leaves(draw):
    kind = draw(st.sampled_from(["number", "between", "in", "word", "time", "null", "odd", "list", "space"]))
    if kind == "list":
        words = draw(st.lists(st.sampled_from(["ortho_visual", "ortho_udm2"]), min_size=1, max_size=2, unique=True))
        op = draw(st.sampled_from(["a_contains", "a_overlaps", "a_equals", "a_containedBy"]))
        return {"op": op, "args": [_property("planet:asset_types"), words]}
    if kind == "space":
        op = draw(st.sampled_from(["s_intersects", "s_within", "s_contains", "s_disjoint", "s_touches", "s_equals"]))
        place = json.loads(json.dumps(mapping(box(4, 51, 5.5, draw(st.sampled_from([51.01, 52.5]))))))
        args = [_property("geometry"), place]
        return {"op": op, "args": args if draw(st.booleans()) else args[::-1]}
    if kind in {"number", "between", "in"}:
        name = draw(st.sampled_from(sorted(_NUMBERS)))
        values = draw(st.lists(st.sampled_from(_NUMBERS[name]), min_size=2, max_size=3))
        if kind == "between":
            return {"op": "between", "args": [_property(name), *values[:2]]}
        if kind == "in":
            return {"op": "in", "args": [_property(name), values]}
        args = [_property(name), values[0]]
        op = draw(st.sampled_from(["=", "<>", "<", "<=", ">", ">="]))
        return {"op": op, "args": args if draw(st.booleans()) else args[::-1]}
    if kind == "word":
        name = draw(st.sampled_from(sorted(_WORDS)))
        return {
            "op": draw(st.sampled_from(["=", "<>"])),
            "args": [_property(name), draw(st.sampled_from(_WORDS[name]))],
        }
    if kind == "time":
        op = draw(st.sampled_from(["=", "<>", "<", "<=", ">", ">="]))
        name = draw(st.sampled_from(["datetime", "published"]))
        day = draw(st.integers(1, 28))
        value = draw(st.sampled_from([{"date": f"2026-03-{day:02d}"}, {"timestamp": f"2026-04-{day:02d}T00:00:00.5Z"}]))
        return {"op": op, "args": [_property(name), value]}
    if kind == "null":
        return {"op": "isNull", "args": [_property(draw(st.sampled_from(["eo:cloud_cover", "gsd"])))]}
    return {"op": "like", "args": [_property("platform"), "S%"]}


TREES = st.recursive(
    leaves(),
    lambda inner: st.one_of(
        st.builds(lambda one: {"op": "not", "args": [one]}, inner),
        st.builds(
            lambda op, args: {"op": op, "args": args},
            st.sampled_from(["and", "or"]),
            st.lists(inner, min_size=2, max_size=3),
        ),
    ),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(tree=TREES)
def test_p13_any_filter_is_pushed_as_a_superset(tree):
    check(query_of(tree, collections=["PSScene", "SkySatScene", "REOrthoTile"]))


# --- the other parts of a query --------------------------------------------------------------------------------------


def test_query_is_one_and_filter():
    query = query_of(
        "eo:cloud_cover < 10",
        collections=["PSScene"],
        ids=["item-1"],
        bbox=[4, 51, 5, 52],
        datetime="2026-03-01/2026-03-31",
    )

    pushed = push(query)

    assert pushed.item_types == ("PSScene",)
    assert pushed.exact
    kinds = [(one["type"], one.get("field_name")) for one in pushed.filter["config"]]
    assert kinds == [
        ("StringInFilter", "id"),
        ("DateRangeFilter", "acquired"),
        ("GeometryFilter", "geometry"),
        ("RangeFilter", "cloud_cover"),
    ]
    assert pushed.filter["config"][1]["config"] == {
        "gte": "2026-03-01T00:00:00Z",
        "lte": "2026-03-31T23:59:59.999999Z",
    }
    check(query)


def test_empty_query_asks_for_everything():
    pushed = push(Query())

    assert pushed.item_types == tuple(ITEM_TYPES)
    assert pushed.filter == {"type": "AndFilter", "config": []}
    assert pushed.exact


def test_open_interval_has_one_bound():
    start = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)

    pushed = push(Query(datetime=Interval(start=start)))

    assert pushed.filter["config"][0]["config"] == {"gte": "2026-03-01T00:00:00Z"}


def test_unknown_collection_is_refused_with_a_guess():
    with pytest.raises(UnknownCollection, match="did you mean 'PSScene'"):
        item_types_of(["psscene"])


def test_contradicting_collections_ask_for_nothing():
    assert push(query_of("collection = 'SkySatScene'", collections=["PSScene"])).item_types == ()


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ([], None),
        ([SortKey(property="datetime", descending=True)], "acquired desc"),
        ([SortKey(property="datetime")], "acquired asc"),
        ([SortKey(property="published", descending=True)], "published desc"),
        ([SortKey(property="created")], "published asc"),
        ([SortKey(property="eo:cloud_cover")], None),
        ([SortKey(property="datetime"), SortKey(property="id")], None),
    ],
)
def test_sorting_is_pushed_only_where_planet_has_it(keys, said):
    assert sort_of(keys) == said


# --- areas -----------------------------------------------------------------------------------------------------------


def circle(lon, lat, radius, count):
    import math

    ring = [
        [lon + radius * math.cos(2 * math.pi * n / count), lat + radius * math.sin(2 * math.pi * n / count)]
        for n in range(count)
    ]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


def test_p36_area_of_too_many_vertices_is_asked_by_its_box():
    area = circle(4.5, 51.5, 0.7, 5000)

    asked, exact = area_filter(area)

    assert not exact
    assert asked["relation"] == "intersects"
    assert vertex_count(asked["config"]) == 4
    assert check(Query(intersects=area, collections=PS), exact=False) > 3


def test_area_within_the_limit_goes_as_it_is():
    area = circle(4.5, 51.5, 0.7, MAX_VERTICES - 1)

    asked, exact = area_filter(area)

    assert exact
    assert asked["config"] == area


def test_p12_area_of_many_vertices_over_the_antimeridian_is_two_boxes():
    east, west = circle(179, 10, 0.9, 1000), circle(-179, 10, 0.9, 1000)
    area = {"type": "MultiPolygon", "coordinates": [east["coordinates"], west["coordinates"]]}
    for part, edge in zip(area["coordinates"], (180.0, -180.0), strict=True):
        part[0][0] = part[0][-1] = [edge, 10.0]

    asked, exact = area_filter(area)

    assert not exact
    assert asked["type"] == "OrFilter"
    spans = [shape(one["config"]).bounds for one in asked["config"]]
    assert all(not -170 < bounds[0] < 170 for bounds in spans)
    assert {bounds[2] for bounds in spans} >= {180.0}


def test_p12_area_that_touches_the_antimeridian_meets_what_touches_it_from_beyond():
    area = mapping(box(170, -20, 180, -10))
    beyond = mapping(box(-180, -15, -179, -14))

    asked, exact = area_filter(area)

    assert not exact
    assert found(asked, Feature(id="a", properties={}, geometry=beyond))


def test_geometry_collection_is_asked_part_by_part():
    parts = [mapping(box(0, 0, 1, 1)), {"type": "Point", "coordinates": [5, 5]}]

    asked, exact = area_filter({"type": "GeometryCollection", "geometries": parts})

    assert exact
    assert [one["config"]["type"] for one in asked["config"]] == ["Polygon", "Point"]


def test_area_out_of_range_is_left_to_core():
    assert area_filter(mapping(box(175, 0, 185, 1))) == (None, False)

# SPDX-License-Identifier: Apache-2.0
"""Building queries from pystac-client's arguments."""

from __future__ import annotations

import datetime as dt
import inspect
import subprocess
import sys

import pytest

from swath._query.build import build_query
from swath.errors import InputError, InvalidDatetime, InvalidFilter, InvalidGeometry
from swath.models import Interval, SortKey

BOX = {"type": "Polygon", "coordinates": [[[10.0, 50.0], [11.0, 50.0], [11.0, 51.0], [10.0, 51.0], [10.0, 50.0]]]}


class Collection:
    """Stands for pystac.Collection."""

    id = "scenes"


def test_nothing_is_asked_where_nothing_is_given():
    query, repairs = build_query()

    assert (query.collections, query.ids, query.intersects, query.datetime, query.filter) == ((), (), None, None, None)
    assert (query.sortby, query.limit, query.max_items) == ((), None, None)
    assert repairs == ()


def test_all_arguments_of_pystac_client_are_taken():
    pystac_client = pytest.importorskip("pystac_client")
    theirs = set(inspect.signature(pystac_client.Client.search).parameters)
    ours = set(inspect.signature(build_query).parameters)

    assert theirs - ours == {"self", "method", "fields"}


def test_everything_is_normalised():
    query, repairs = build_query(
        collections=["scenes"],
        ids="a,b",
        intersects={"type": "Feature", "geometry": BOX},
        datetime="2026-03",
        filter="properties.gsd < 3",
        filter_lang="cql2-text",
        sortby="-properties.datetime",
        limit=10,
        max_items=0,
    )

    assert query.collections == ("scenes",)
    assert query.ids == ("a", "b")
    assert query.intersects == BOX
    assert query.datetime == Interval(
        start=dt.datetime(2026, 3, 1, tzinfo=dt.UTC), end=dt.datetime(2026, 3, 31, 23, 59, 59, 999_999, tzinfo=dt.UTC)
    )
    assert query.filter == {"op": "<", "args": [{"property": "gsd"}, 3]}
    assert query.sortby == (SortKey(property="datetime", descending=True),)
    assert (query.limit, query.max_items) == (10, 0)
    assert repairs == ()


@pytest.mark.parametrize(
    "bbox", [(10, 50, 11, 51), [10, 50, 0, 11, 51, 9], "10,50,11,51", iter((10.0, 50.0, 11.0, 51.0))]
)
def test_bbox_becomes_the_area(bbox):
    assert build_query(bbox=bbox)[0].intersects == BOX


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("scenes", ("scenes",)),
        ("scenes,radar", ("scenes", "radar")),
        (["scenes", Collection(), " radar "], ("scenes", "radar")),
        (Collection(), ("scenes",)),
        (iter(["a", "b", "a"]), ("a", "b")),
        ([], ()),
        ("", ()),
    ],
)
def test_collections_are_taken_in_every_form(value, wanted):
    assert build_query(collections=value)[0].collections == wanted


def test_repairs_of_area_and_filter_are_told():
    bowtie = {"type": "Polygon", "coordinates": [[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]]}

    _, repairs = build_query(
        intersects=bowtie, filter={"op": "s_intersects", "args": [{"property": "geometry"}, bowtie]}
    )

    assert len(repairs) == 2
    assert repairs[1] == f"in the filter: {repairs[0]}"


def test_whole_numbers_of_other_libraries_are_counts():
    numpy = pytest.importorskip("numpy")

    assert build_query(limit=numpy.int64(5))[0].limit == 5


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ({"bbox": (0, 0, 1, 1), "intersects": BOX}, InputError, "both given"),
        ({"bbox": BOX}, InputError, "bbox cannot be"),
        ({"bbox": 5}, InputError, "bbox cannot be 5"),
        ({"bbox": (0, 0, 1)}, InvalidGeometry, "4 or 6"),
        ({"bbox": (0, 5, 1, 1)}, InvalidGeometry, "above north"),
        ({"intersects": "nowhere.geojson"}, InvalidGeometry, "does not exist"),
        ({"datetime": "2026-03/2026-01"}, InvalidDatetime, "before it starts"),
        ({"filter": "a <"}, InvalidFilter, "no CQL2 text"),
        ({"filter": "a < 1", "filter_lang": "sql"}, InvalidFilter, "'sql'"),
        ({"sortby": 5}, InputError, "sortby cannot be 5"),
        ({"limit": 0}, InputError, "limit must be a whole number of 1 or more, not 0"),
        ({"limit": 1.5}, InputError, "limit must be"),
        ({"limit": True}, InputError, "limit must be"),
        ({"limit": "10"}, InputError, "limit must be"),
        ({"max_items": -1}, InputError, "max_items must be a whole number of 0 or more, not -1"),
        ({"collections": 5}, InputError, "collections cannot be 5"),
        ({"collections": [""]}, InputError, "collections has ''"),
        ({"ids": [None]}, InputError, "ids has None"),
        ({"ids": [1]}, InputError, "ids has 1"),
    ],
)
def test_argument_that_cannot_be_used_is_refused(arguments, kind, message):
    with pytest.raises(kind, match=message):
        build_query(**arguments)


def test_p41_importing_loads_nothing_heavy():
    code = (
        "import sys; import swath._query.build, swath._query.residual, swath._geometry.measure, swath.pushdown; "
        "print({'shapely', 'numpy', 'cql2', 'geopandas', 'pandas', 'antimeridian'} & set(sys.modules))"
    )

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "set()"

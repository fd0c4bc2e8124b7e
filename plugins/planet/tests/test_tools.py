# SPDX-License-Identifier: Apache-2.0
"""An order's processing steps."""

from __future__ import annotations

import pytest

from swath.errors import InputError, InvalidGeometry, NotSupported
from swath_planet.tools import TOOLS, chain, shown

FIELD = {"type": "Polygon", "coordinates": [[[4.1, 52.0], [4.4, 52.0], [4.4, 52.2], [4.1, 52.2], [4.1, 52.0]]]}


def ring(count):
    return {"type": "Polygon", "coordinates": [[*[[n / 1000, (n % 2) / 10] for n in range(count)], [0.0, 0.0]]]}


def test_chain_keeps_the_sequence_and_every_value():
    tools = [
        {"harmonize": {"target_sensor": "sentinel-2"}},
        {"toar": {}},
        {"tile": {"tile_size": 1232, "origin_x": 0, "origin_y": -90, "pixel_size": None}},
        {"file_format": {"format": "cog"}},
    ]

    assert chain(tools) == [
        {"harmonize": {"target_sensor": "Sentinel-2"}},
        {"toar": {}},
        {"tile": {"tile_size": 1232, "origin_x": 0, "origin_y": -90}},
        {"file_format": {"format": "COG"}},
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([], ["clip"]),
        (["harmonize", "composite"], ["harmonize", "composite", "clip"]),
        (["toar", "reproject", "file_format"], ["toar", "clip", "reproject", "file_format"]),
        (["bandmath"], ["clip", "bandmath"]),
    ],
)
def test_clip_goes_before_what_must_come_after_cutting(before, after):
    parameters = {
        "reproject": {"projection": "EPSG:32631"},
        "file_format": {"format": "COG"},
        "bandmath": {"b1": "b4-b3"},
    }

    made = chain([{name: parameters.get(name)} for name in before], clip=FIELD)

    assert [next(iter(tool)) for tool in made] == after
    assert {"clip": {"aoi": FIELD}} in made


def test_clip_tool_takes_a_reference_or_an_area():
    assert chain([{"clip": {"aoi": "pl:features/my/farms/f12"}}]) == [
        {"clip": {"aoi": {"type": "ref", "content": "pl:features/my/farms/f12"}}}
    ]
    assert chain([{"clip": {"aoi": {"type": "ref", "content": "pl:features/my/farms/f12"}}}])[0]["clip"]["aoi"]
    assert chain([{"clip": {"aoi": FIELD}}]) == [{"clip": {"aoi": FIELD}}]


def test_p36_clip_is_never_simplified():
    assert chain([], clip=ring(1500))

    with pytest.raises(InvalidGeometry, match="1501 vertices"):
        chain([], clip=ring(1501))


@pytest.mark.parametrize("kind", ["Point", "LineString", "GeometryCollection"])
def test_clip_refuses_what_is_no_polygon(kind):
    with pytest.raises(InvalidGeometry, match=kind):
        chain([], clip={"type": kind, "coordinates": [4, 52]})


@pytest.mark.parametrize(
    ("tool", "said"),
    [
        ({"reprojekt": {}}, "did you mean 'reproject'"),
        ({"reproject": {}}, "lacks projection"),
        ({"reproject": {"projection": "EPSG:4326", "kernel": "fuzzy"}}, "kernel is 'fuzzy'"),
        ({"reproject": {"projection": "EPSG:4326", "resolution": 0}}, "resolution is 0"),
        ({"reproject": {"projection": "EPSG:4326", "pixel": 3}}, "no parameter 'pixel'"),
        ({"harmonize": {"target_sensor": "Landsat"}}, "'Landsat'"),
        ({"toar": {"scale_factor": 70000}}, "70000"),
        ({"composite": {"group_by": "month"}}, "'month'"),
        ({"tile": {}}, "lacks tile_size"),
        ({"bandmath": {"b1": "b1", "b3": "b2"}}, "b1, b3"),
        ({"bandmath": {"pixel_type": "8U"}}, "none"),
        ({"bandmath": {"b1": "b1", "pixel_type": "64R"}}, "'64R'"),
        ({"file_format": {"format": "PNG"}}, "'PNG'"),
        ({"coregister": {"anchor_item": "other"}}, "'other' is not in the order"),
        ({"clip": {"aoi": 12}}, "aoi is 12"),
        ({"clip": "here"}, "'here'"),
        ({"clip": {"aoi": FIELD}, "toar": {}}, "one name"),
    ],
)
def test_chain_refuses_what_planet_would(tool, said):
    with pytest.raises(InputError, match=said) as caught:
        chain([tool], item_ids=["a"])

    assert caught.value.hint


def test_merge_is_for_basemaps():
    with pytest.raises(NotSupported, match="basemap"):
        chain([{"merge": {}}])


def test_area_given_twice_is_refused():
    with pytest.raises(InputError, match="twice"):
        chain([{"clip": {"aoi": FIELD}}], clip=FIELD)


def test_every_tool_can_be_said():
    parameters = {
        "harmonize": {"target_sensor": "Sentinel-2"},
        "toar": {"scale_factor": 10000},
        "coregister": {"anchor_item": "a"},
        "composite": {"group_by": "strip_id"},
        "clip": {"aoi": FIELD},
        "reproject": {"projection": "EPSG:4326", "resolution": 0.00003, "kernel": "near"},
        "bandmath": {"b1": "(b4-b3)/(b4+b3)", "b2": "b1", "pixel_type": "32R"},
        "tile": {"tile_size": 1232, "conformal_x_scaling": True, "name_template": "T_{tilex:04d}_{tiley:04d}"},
        "file_format": {"format": "PL_NITF"},
    }
    tools = [{name: parameters[name]} for name in TOOLS]

    assert chain(tools, item_ids=["a"]) == tools


def test_shown_tools_leave_the_area_out():
    assert shown([{"clip": {"aoi": FIELD}}, {"toar": {"scale_factor": 1}}]) == [
        {"clip": {}},
        {"toar": {"scale_factor": 1}},
    ]

# SPDX-License-Identifier: Apache-2.0
"""Searches through core and over real HTTP: every item type, and filters that Planet carries out as core would."""

from __future__ import annotations

import datetime as dt

import pytest

from swath import stac
from swath._open import make_provider
from swath._query.residual import Residual
from swath.errors import InvalidFilter
from swath.sandbox import World, serve
from swath_planet import PlanetProvider
from swath_planet.itemtypes import ITEM_TYPES
from swath_planet.sandbox import make_stand_in

BOX = [5.4, 52.3, 5.55, 52.42]
SQUARE = "POLYGON((5.4 52.3,5.55 52.3,5.55 52.42,5.4 52.42,5.4 52.3))"
WIDE = "POLYGON((5.1 52.1,5.9 52.1,5.9 52.6,5.1 52.6,5.1 52.1))"


@pytest.fixture(scope="module")
def world():
    return World(seed=5, scene_pixels=64, rate_limits=False)


@pytest.fixture(scope="module")
def planet(world, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch, serve("planet", make_stand_in(world), world) as running:
        patch.setenv("SWATH_HOME", str(home))
        given = {"api_key": "sandbox-planet-key", "base_url": running.base_url}
        with make_provider("planet", profile=None, given=given, plugin=PlanetProvider()) as opened:
            yield opened


@pytest.fixture(scope="module")
def since(world):
    return (world.clock.now() - dt.timedelta(days=25)).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture(scope="module")
def everything(planet, since):
    """Give all scenes of the last weeks."""
    return list(planet.search(collections=["PSScene"], bbox=BOX, datetime=f"{since}/..").items_as_dicts())


@pytest.mark.parametrize("item_type", ITEM_TYPES)
def test_p52_items_of_every_type_are_found_and_valid(planet, item_type):
    items = list(planet.search(collections=[item_type], bbox=BOX, max_items=2).items_as_dicts())

    assert len(items) == 2
    for item in items:
        assert stac.problems(item) == []
        assert item["collection"] == item_type
        offered = set(planet.queryables(item_type)["properties"])
        assert set(item["properties"]) <= offered


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("A_OVERLAPS(\"planet:asset_types\", ('ortho_analytic_4b_sr','nothing'))", "AssetFilter"),
        ("A_CONTAINS(\"planet:asset_types\", ('ortho_analytic_4b_sr','ortho_visual'))", "AssetFilter"),
        ("order:status = 'orderable'", "PermissionFilter"),
        ("A_CONTAINS(\"planet:permissions\", ('assets.ortho_visual:download'))", "PermissionFilter"),
        (f"S_WITHIN(geometry, {WIDE})", "GeometryFilter"),
        ("S_CONTAINS(geometry, POINT(5.45 52.35))", "GeometryFilter"),
        ("S_DISJOINT(geometry, POINT(5.45 52.35))", "GeometryFilter"),
        ("NOT S_INTERSECTS(geometry, POINT(5.45 52.35))", "GeometryFilter"),
        ('"planet:clear_percent" IN (100, 99, 95, 90, 0)', "NumberInFilter"),
        ('"planet:ground_control" = TRUE AND instruments IS NOT NULL', "StringInFilter"),
        ("view:off_nadir BETWEEN 1 AND 3 AND \"planet:quality_category\" IN ('standard')", "RangeFilter"),
        ("published >= TIMESTAMP('2020-01-01T00:00:00Z') AND NOT platform = '0000'", "DateRangeFilter"),
    ],
)
def test_p13_planet_finds_what_core_would(planet, world, everything, since, text, kind):  # noqa: PLR0917
    world.log.clear()
    search = planet.search(collections=["PSScene"], bbox=BOX, datetime=f"{since}/..", filter=text)
    found = {item["id"] for item in search.items_as_dicts()}

    residual = Residual(search.query)
    assert found == {item["id"] for item in everything if residual.matches(item)}
    assert found
    asked = str([entry.body for entry in world.log])
    assert f"'{kind}'" in asked


def test_changed_fields_are_found(planet, everything, since):
    """The stand-in republishes some items; their ``updated`` then differs from ``published``."""
    found = planet.search(
        collections=["PSScene"],
        bbox=BOX,
        datetime=f"{since}/..",
        filter=f"\"planet:changed.ground_control\" > TIMESTAMP('{since}')",
    )
    items = list(found.items_as_dicts())

    republished = {
        item["id"] for item in everything if item["properties"]["updated"] != item["properties"]["published"]
    }
    assert {item["id"] for item in items} == republished != set()
    assert found.matched() == len(items)
    for item in items:
        assert item["properties"]["planet:changed"] == {"ground_control": item["properties"]["updated"]}
        assert stac.problems(item) == []


def test_p13_change_asked_otherwise_is_refused(planet):
    with pytest.raises(InvalidFilter, match="planet:changed"):
        list(
            planet.search(
                collections=["PSScene"], filter="\"planet:changed.gsd\" < TIMESTAMP('2026-01-01T00:00:00Z')"
            ).items()
        )

# SPDX-License-Identifier: Apache-2.0
"""One question to all installed providers: one merged answer, one order, one dataset on one grid."""

import json

import pytest
from several_providers import AREA, command

import swath
from swath.models import Part
from swath.sandbox import Sandbox, World

WHEN = "2026-06-01/2026-06-15"

pytestmark = pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")


@pytest.fixture(scope="module")
def box():
    with Sandbox(world=World(speed=2000.0, rate_limits=False, scene_pixels=64)) as running:
        yield running


@pytest.mark.usefixtures("short_waits")
def test_one_script_over_all_providers_gives_one_dataset(names, tmp_path):
    with swath.open(*names) as everyone:
        search = everyone.search(intersects=AREA, datetime=WHEN, max_items=60)
        found = list(search.items_as_dicts())
        times = [item["properties"]["datetime"] for item in found]
        chosen = {}
        for item in found:  # one of each, of what is a raster on the ground
            owner = item["properties"]["swath:provider"]
            if owner not in chosen and item["collection"] in _LOADED:
                chosen[owner] = item
        order = everyone.wait(everyone.order(list(chosen.values())), progress=False)
        items = everyone.download(order, tmp_path / "data", progress=False)
        optical = [item for item in items if item.properties["swath:provider"] in {"planet", "sedas"}]
        data = everyone.load(optical, bands=["red", "nir"], crs="EPSG:32631", resolution=100)

    assert times == sorted(times, reverse=True)
    assert {one.provider for one in search.contributions.values() if one.found} >= _OWNERS
    assert sorted(part.provider for part in order.leaves) == sorted(chosen)
    assert {"time", "y", "x"} <= set(data.sizes)
    assert data.attrs["crs"] == "EPSG:32631"
    assert list(data.data_vars) == ["red", "nir"]
    assert data.sizes["time"] == len(optical) == 2


_LOADED = {"PSScene", "sentinel-2-l2a", "capella-geo", "capella-gec", "capella-open-data"}
_OWNERS = {"planet", "sedas", "capella"}


@pytest.mark.usefixtures("short_waits")
def test_p09_a_provider_that_is_down_is_reported_and_the_rest_answers(names, box, monkeypatch):
    variable = next(name for name in box.providers["planet"].env if name.endswith("PLANET_URL"))
    monkeypatch.setenv(variable, "http://127.0.0.1:9")
    with swath.open(*names) as everyone:
        search = everyone.search(intersects=AREA, datetime=WHEN, max_items=10, patience_s=60)
        found = list(search.items_as_dicts())

    assert found
    assert search.contributions["planet"].part is Part.FAILED
    assert "planet" not in {item["properties"]["swath:provider"] for item in found}


def test_kind_and_filter_mean_the_same_everywhere(names):
    with swath.open(*names) as everyone:
        radar = everyone.search(kind="sar", intersects=AREA, datetime=WHEN, max_items=30)
        fine = everyone.search(filter="gsd <= 5", intersects=AREA, datetime=WHEN, max_items=30)
        kinds = {item["collection"].lower()[:9] for item in radar.items_as_dicts()}
        sizes = [item["properties"]["gsd"] for item in fine.items_as_dicts()]

    assert {"capella-g", "sentinel-"} <= kinds
    assert not kinds & {"psscene", "skysatsce", "sentinel2"}
    assert sizes
    assert max(sizes) <= 5


@pytest.mark.parametrize("most", [1, 5, 500])
def test_p13_a_filter_that_no_provider_knows_reads_on_until_enough_match(names, most):
    """`gsd + 0` is said to no provider: all is filtered here, page by page."""
    with swath.open("planet", "capella", "sedas") as everyone:
        query = {"intersects": AREA, "datetime": "2026-06-01/2026-06-10", "limit": 3}
        everything = list(everyone.search(**query).items_as_dicts())
        coarse = [item for item in everything if (item["properties"].get("gsd") or 0) + 0 >= 10]
        search = everyone.search(**query, filter="gsd + 0 >= 10", max_items=most)
        found = list(search.items_as_dicts())

    assert 5 < len(coarse) < len(everything)
    assert len(found) == min(most, len(coarse))
    assert {item["id"] for item in found} <= {item["id"] for item in coarse}
    assert all(
        one.pushed is not True for told in search.explain().providers for one in told.conditions if one.part == "filter"
    )


def test_command_line_searches_all(box, names, tmp_path):
    done = command(box, tmp_path, "search", "--all", "--aoi", json.dumps(AREA), "-d", WHEN, "-n", "12")

    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["features"]) == 12
    assert all(name in done.stderr for name in names)


def outcome(done):
    """Read the table on standard error: outcome, found and why, by provider."""
    rows = [line.split(None, 4) for line in done.stderr.splitlines()]
    return {row[0]: (row[1], int(row[2]), row[4]) for row in rows if len(row) == 5 and row[2].isdigit()}


@pytest.mark.usefixtures("short_waits")
def test_p09_command_line_tells_how_each_took_part_and_does_not_hide_a_failure(box, names, tmp_path):
    down = {key: "http://127.0.0.1:9" for key in box.providers["sedas"].env if key.endswith("SEDAS_URL")}
    search = ["--kind", "sar", "--aoi", json.dumps(AREA), "-d", WHEN, "-n", "3", "--format", "ndjson"]
    partly = command(box, tmp_path, "search", *names, *search, **down)
    none = command(box, tmp_path, "search", "sedas", "--patience", "30", *search, **down)

    told = outcome(partly)
    assert down
    assert partly.returncode == 6, partly.stderr
    assert len(partly.stdout.splitlines()) == 3
    assert {told[name][0] for name in ("capella", "planet")} <= {"done", "truncated"}
    assert (told["cecil"][0], told["sedas"][0]) == ("skipped", "failed")
    assert sum(found for _, found, _ in told.values()) == 3
    assert told["sedas"][2].startswith("Unavailable: ")
    assert "nothing of kind 'sar'" in told["cecil"][2]
    assert none.returncode == 5, none.stderr


def test_p31_all_is_no_failure_for_want_of_credentials(box, names, tmp_path):
    without = {key: None for key in box.providers["planet"].env if "URL" not in key}
    words = ["--aoi", json.dumps(AREA), "-d", WHEN, "-n", "3"]
    every = command(box, tmp_path, "search", "--all", *words, **without)
    named = command(box, tmp_path, "search", "planet", "capella", *words, **without)

    assert every.returncode == 0, every.stderr
    assert outcome(every)["planet"][2].startswith("MissingCredentials: ")
    assert named.returncode == 6, named.stderr


@pytest.mark.parametrize("words", [[], ["planet", "--all"]])
def test_command_line_wants_names_or_all(box, tmp_path, words):
    done = command(box, tmp_path, "search", *words)

    assert done.returncode == 2
    assert "--all" in done.stderr

# SPDX-License-Identifier: Apache-2.0
"""`explain` over all real stand-ins tells what their logs tell."""

import json
from collections import Counter
from urllib.parse import urlsplit

import pytest
from several_providers import AREA, command

import swath
from swath.models import Part
from swath.sandbox import Sandbox, World

WHEN = "2026-06-01/2026-06-10"

pytestmark = pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")


@pytest.fixture(scope="module")
def box():
    with Sandbox(world=World(speed=2000.0, rate_limits=False, scene_pixels=64)) as running:
        yield running


def arrived(box, name):
    return Counter((one.method, one.path) for one in box.log.entries(provider=name))


def told_of(told):
    return Counter((one.method, urlsplit(one.url).path) for one in told.requests)


def test_requests_are_those_that_arrived_and_items_those_that_came(names, box):
    with swath.open(*names) as everyone:
        for provider in everyone:
            list(provider.get_collections())
        box.log.clear()
        search = everyone.search(intersects=AREA, datetime=WHEN, filter="gsd < 10", max_items=200)
        found = Counter(item["properties"]["swath:provider"] for item in search.items_as_dicts())
        told = search.explain()

    assert [one.provider for one in told.providers] == names
    for one in told.providers:
        assert one.part is Part.DONE, one
        assert one.found == found[one.provider] == one.kept
        assert one.given == one.kept + one.left_out + one.repeated
        assert told_of(one) == arrived(box, one.provider)
        assert {(condition.part) for condition in one.conditions} == {"datetime", "filter", "intersects"}
    pushed = {one.provider: {each.part: each.pushed for each in one.conditions} for one in told.providers}
    assert pushed["planet"] == {"datetime": True, "filter": True, "intersects": True}
    assert pushed["capella"] == {"datetime": True, "filter": False, "intersects": True}
    assert pushed["sedas"] == {"datetime": True, "filter": False, "intersects": True}
    assert pushed["cecil"] == {"datetime": False, "filter": False, "intersects": False}
    assert told["sedas"].left_out > 0


def test_what_is_pushed_is_told_for_open_spans_of_time_too(names, box):
    """SeDAS wants an end of time, so that the very second of the question goes into its request."""
    with swath.open("sedas") as provider:
        query = {"collections": ["sentinel-2-l2a"], "intersects": AREA, "datetime": "2026-06-01/.."}
        told = provider.search(**query, filter="eo:cloud_cover < 30 AND gsd < 20", max_items=3).explain()["sedas"]

    assert {one.text: one.pushed for one in told.conditions if one.part == "filter"} == {
        "eo:cloud_cover < 30": True,
        "gsd < 20": False,
    }
    assert {one.part: one.pushed for one in told.conditions if one.part != "filter"} == {
        "collections": True,
        "datetime": True,
        "intersects": True,
    }


def test_p27_no_secret_of_any_provider_is_told(names, box):
    secrets = {value for name, value in box.env.items() if not value.startswith("http")}
    with swath.open(*names) as everyone:
        told = everyone.search(intersects=AREA, datetime=WHEN, max_items=5).explain()

    whole = str(told) + repr(told) + json.dumps(told.to_dict())
    assert len(secrets) >= 4
    assert not [secret for secret in secrets if secret in whole]
    assert "not shown" in str(told["sedas"])


SEARCH = ["--aoi", json.dumps(AREA), "-d", WHEN, "-f", "gsd <= 10", "-n", "4"]


def test_command_line_explains_one_as_text_and_json(box, names, tmp_path):
    text = command(box, tmp_path, "search", "planet", "-c", "PSScene", *SEARCH, "--explain")
    told = command(box, tmp_path, "search", "planet", "-c", "PSScene", *SEARCH, "--explain", "--json")

    assert text.returncode == told.returncode == 0, text.stderr + told.stderr
    assert "POST" in text.stdout
    assert "/data/v1/quick-search" in text.stdout
    assert "asked of the provider  filter: gsd <= 10" in text.stdout
    (one,) = json.loads(told.stdout)["providers"]
    assert one["found"] == 4
    assert one["requests"][0]["body"]["item_types"] == ["PSScene"]
    assert {each["part"]: each["pushed"] for each in one["conditions"]} == dict.fromkeys(
        ["collections", "datetime", "filter", "intersects"], True
    )


def test_command_line_explains_all_and_saves_beside(box, names, tmp_path):
    path = tmp_path / "found.geojson"
    done = command(box, tmp_path, "search", "--all", *SEARCH, "--explain", "--json", "--save", str(path))

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)["providers"]
    assert [one["provider"] for one in told] == names
    assert sum(one["found"] for one in told) == 4, "as many as were asked for"
    assert len(json.loads(path.read_text())["features"]) == 4


def test_command_line_explains_a_search_that_fails_and_fails_by_its_code(box, names, tmp_path):
    box.faults.add(provider="planet", path="/data/v1/quick-search", status=500, times=99)
    done = command(box, tmp_path, "search", "planet", "-c", "PSScene", *SEARCH, "--explain")

    assert done.returncode == 5, done.stderr
    assert "-> 500" in done.stdout
    assert done.stderr.count("\n") <= 3


def test_command_line_refuses_a_format_of_items_that_are_not_printed(box, names, tmp_path):
    done = command(box, tmp_path, "search", "planet", "--explain", "--format", "ndjson")

    assert done.returncode == 2
    assert "--explain" in done.stderr

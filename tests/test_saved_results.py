# SPDX-License-Identifier: Apache-2.0
"""What one process has found and saved, another one quotes, orders, downloads and loads."""

import json
import os
import subprocess
import sys

import pytest

import swath
from swath.sandbox import Sandbox, World

BBOX = "4.0,52.0,4.5,52.3"
WHEN = "2026-03-01/2026-03-10"
FORMS = ["found.geojson", "found.ndjson", "found.parquet", "found.arrow", "found/"]


@pytest.fixture(scope="module")
def box():
    with Sandbox(["planet", "sedas"], world=World(speed=500.0, rate_limits=False)) as running:
        yield running


@pytest.fixture
def run(box, tmp_path):
    """Run the command line in a process of its own, in a folder of the test's."""

    def start(*words):
        done = subprocess.run(
            [sys.executable, "-m", "swath", *words],
            env={**os.environ, **box.env, "SWATH_HOME": str(tmp_path / "home")},
            cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    return start


@pytest.mark.parametrize("name", FORMS)
def test_p39_each_form_is_quoted_ordered_and_downloaded_by_fresh_processes(run, tmp_path, name):
    found = json.loads(run("search", "planet", "-c", "PSScene", "--bbox", BBOX, "-d", WHEN, "-n", "2", "--save", name))

    quote = json.loads(run("quote", name, "--bundle", "visual", "--json"))
    order = json.loads(run("order", name, "--bundle", "visual", "--json"))
    run("wait", order["id"])
    local = json.loads(run("download", name, "-o", "data", "--json"))

    wanted = sorted(item["id"] for item in found["features"])
    assert quote["amount"] is None or quote["amount"] > 0
    assert sorted(order["items"]) == wanted
    assert sorted(item["id"] for item in local["features"]) == wanted
    assert run("verify", "data")


def test_p39_items_of_several_providers_come_back_from_every_form(box, tmp_path, monkeypatch):
    for name, value in box.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SWATH_HOME", str(tmp_path / "home"))
    bbox = [float(one) for one in BBOX.split(",")]
    with swath.open("planet", "sedas") as everyone:
        search = everyone.search(bbox=bbox, datetime="2026-03-01/2026-04-10", max_items=60)
        items = list(search.items_as_dicts())

        assert {item["properties"]["swath:provider"] for item in items} == {"planet", "sedas"}
        for name in FORMS:
            path = f"{tmp_path}/{name}"
            search.save(path)
            assert list(swath.read_items(path).items_as_dicts()) == items, name
        assert list(swath.read_items(search.to_arrow()).items_as_dicts()) == items
        assert list(swath.read_items(search.to_geodataframe()).items_as_dicts()) == items
        assert set(everyone.quote(f"{tmp_path}/found.parquet")) == {"planet", "sedas"}

# SPDX-License-Identifier: Apache-2.0
"""The command line against the sandbox: pipes, and what is said to wrong input."""

import json
import os
import subprocess
import sys

import pytest

from swath.sandbox import Sandbox, World

SEARCH = ["search", "planet", "-c", "PSScene", "--bbox", "5.4,52.42,5.6,52.55", "-d", "2026-06-01/2026-06-10"]


@pytest.fixture(scope="module")
def box():
    with Sandbox(["planet"], world=World(speed=2000.0, rate_limits=False)) as running:
        yield running


@pytest.fixture
def swath(box, tmp_path):
    def run(*arguments, given="", **changes):
        environment = {**os.environ, **box.env, "SWATH_HOME": str(tmp_path / "home"), **changes}
        environment = {name: value for name, value in environment.items() if value is not None}
        return subprocess.run(
            [sys.executable, "-m", "swath", *arguments],
            env=environment,
            cwd=tmp_path,
            input=given,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


WRONG = {
    "unknown provider": (["search", "planett"], 4, "planett"),
    "unknown command": (["serach", "planet"], 2, "search"),
    "unknown collection": (["search", "planet", "-c", "PSScen"], 4, "PSScene"),
    "unknown property": ([*SEARCH, "-f", "eo:clowd_cover < 10"], 2, "eo:cloud_cover"),
    "malformed CQL2": ([*SEARCH, "-f", "eo:cloud_cover <"], 2, "filter"),
    "reversed dates": (["search", "planet", "-d", "2026-06-10/2026-06-01"], 2, "2026-06-10"),
    "absurd date": (["search", "planet", "-d", "2026-13"], 2, "2026-13"),
    "out of range": (["search", "planet", "--bbox", "0,91,1,92"], 2, "91"),
    "missing file": (["search", "planet", "--aoi", "no-such.geojson"], 2, "no-such.geojson"),
    "unknown order": (["wait", "no-such-order"], 4, "no-such-order"),
    "map of another kind": ([*SEARCH, "--map", "map.png"], 2, "map.png"),
    "nothing piped": (["order", "-"], 2, "standard input"),
    "not items": (["quote", "nothing.json"], 2, "nothing.json"),
    "no folder": (["verify", "no-such-folder"], 2, "no-such-folder"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_input_is_said_plainly(swath, name):
    arguments, code, word = WRONG[name]

    done = swath(*arguments)

    assert done.returncode == code, done.stderr
    assert word in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_wrong_and_missing_keys_exit_with_3(swath):
    wrong = swath(*SEARCH, PL_API_KEY="canary-wrong-key-4711")
    missing = swath(*SEARCH, PL_API_KEY=None)

    assert (wrong.returncode, missing.returncode) == (3, 3)
    assert "canary-wrong-key-4711" not in wrong.stdout + wrong.stderr
    assert "PL_API_KEY" in missing.stderr
    assert "swath auth login planet" in missing.stderr


@pytest.mark.usefixtures("short_waits")
def test_provider_that_is_down_exits_with_5(swath):
    done = swath(*SEARCH, SWATH_PLANET_URL="http://127.0.0.1:9")

    assert done.returncode == 5
    assert "Traceback" not in done.stderr


def test_address_that_is_none_names_its_variable(swath):
    done = swath(*SEARCH, SWATH_PLANET_URL="api.planet.com")

    assert done.returncode == 2
    assert "SWATH_PLANET_URL is 'api.planet.com', which is no http or https address" in done.stderr


def test_explanation_is_of_the_items_asked_for(swath):
    told = json.loads(swath(*SEARCH, "-n", "2", "--explain", "--json").stdout)

    assert told["providers"][0]["found"] == 2


def test_p27_very_verbose_shows_the_exchange_and_no_secret(swath, box):
    done = swath(*SEARCH, "-n", "1", "-vv")

    assert "quick-search" in done.stderr
    assert box.env["PL_API_KEY"] not in done.stdout + done.stderr


@pytest.mark.usefixtures("short_waits")
def test_pipe_from_search_to_verified_files(swath, tmp_path):
    found = swath(*SEARCH, "-n", "1")
    ordered = swath("order", "-", "--bundle", "visual", "--json", given=found.stdout)
    waited = swath("wait", "-", "--json", given=ordered.stdout)
    order = json.loads(waited.stdout)
    fetched = swath("download", order["id"], "-o", "data", "--json")
    checked = swath("verify", "data")
    loaded = swath("load", "data", "--json")

    assert [done.returncode for done in (found, ordered, waited, fetched, checked, loaded)] == [0] * 6
    assert order["state"] == "succeeded"
    assert json.loads(found.stdout)["type"] == json.loads(fetched.stdout)["type"] == "FeatureCollection"
    assert json.loads(loaded.stdout)["bands"]
    assert json.loads(swath("orders", "--json").stdout)[0]["id"] == order["id"]
    next((tmp_path / "data").rglob("*.tif")).write_bytes(b"broken")
    assert swath("verify", "data").returncode == 6


def test_corrupt_ledger_is_kept_aside_and_said(swath, tmp_path):
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "ledger.sqlite3").write_bytes(b"this is no database" * 1000)

    done = swath("orders")

    assert done.returncode == 0
    assert "ledger" in done.stderr
    kept = [path for path in home.iterdir() if "corrupt" in path.name]
    assert kept[0].read_bytes() == b"this is no database" * 1000


@pytest.mark.usefixtures("short_waits")
def test_target_that_cannot_be_written_exits_with_2(swath, tmp_path):
    found = swath(*SEARCH, "-n", "1")
    (tmp_path / "file").write_text("")
    order = json.loads(swath("order", "-", "--bundle", "visual", "--wait", "--json", given=found.stdout).stdout)

    done = swath("download", order["id"], "-o", "file/data")

    assert done.returncode == 2
    assert "Traceback" not in done.stderr

# SPDX-License-Identifier: Apache-2.0
"""One script, any provider: the same file runs at each, told only its name."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from swath._registry import list_plugins
from swath.sandbox import Sandbox, World

SCRIPTS = Path(__file__).parent / "scripts"
PROVIDERS = [entry.name for entry in list_plugins()]


@pytest.fixture(scope="module")
def box():
    with Sandbox(PROVIDERS, world=World(speed=2000.0, rate_limits=False)) as running:
        yield running


def run(box, tmp_path, script, *arguments):
    environment = {**os.environ, **box.env, "SWATH_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [sys.executable, str(SCRIPTS / script), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.usefixtures("short_waits")
@pytest.mark.parametrize("name", PROVIDERS)
def test_one_script_runs_the_whole_life_cycle(box, tmp_path, name):
    told = run(box, tmp_path, "one_script.py", name, str(tmp_path / "data"))

    assert told["state"] == "succeeded"
    assert len(told["found"]) == 2
    # A scene is delivered as it was found; of an offer of a dataset over an area come items of their own.
    assert len(told["downloaded"]) >= 2
    assert sorted(told["downloaded"]) == sorted(told["found"]) or not set(told["downloaded"]) & set(told["found"])
    for shape in told["loaded"].values():
        assert {"time", "y", "x"} <= set(shape["dims"])
        assert shape["bands"]
        assert shape["crs"].startswith("EPSG:")


@pytest.mark.parametrize("name", PROVIDERS)
def test_script_written_for_pystac_client_runs(box, tmp_path, name):
    told = run(box, tmp_path, "like_pystac_client.py", name)

    assert 1 <= len(told["items"]) <= 5
    assert told["items"] == told["dicts"] == told["item_collection"] == told["pages"]
    assert told["types"] == ["Item"]


@pytest.mark.parametrize("script", ["one_script.py", "like_pystac_client.py"])
def test_no_script_names_a_provider(script):
    text = (SCRIPTS / script).read_text().lower()

    assert not [name for name in PROVIDERS if re.search(rf"\b{name}\b", text)]

# SPDX-License-Identifier: Apache-2.0
"""Plays each scenario twice, with the official SDK and with ours, each against an equal sandbox of its own."""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from swath._clock import SystemClock
from swath.sandbox import Interception, Sandbox, SandboxClock, World

HERE = Path(__file__).parent
SCENARIOS = HERE / "scenarios"
OFFICIAL = HERE.parents[2] / ".venvs" / "peers-planet" / "bin" / "python"
KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "SYSTEMROOT")
PATIENCE_S = 240
AT_ONCE = 4
NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
IMPORTS = (
    (re.compile(r"^import planet$", re.MULTILINE), "import swath_planet as planet"),
    (re.compile(r"^from planet\.cli\.cli import main$", re.MULTILINE), "from swath._cli import main"),
    (re.compile(r"^from planet(?=[. ])", re.MULTILINE), "from swath_planet"),
)


class StoppedClock(SystemClock):
    """Shows one time of day for ever, the same to both sides."""

    def now(self):
        return NOW


class Players:
    """Plays scenarios, a few at a time, each once a side.

    Args:
        folder: Where they run, each in a folder of its own.
        spec: A proxy to a sandbox for what the official SDK asks of Planet's own address whatever it is told.
    """

    def __init__(self, folder, spec):
        self._folder, self._spec = folder, spec
        self._pool = ThreadPoolExecutor(AT_ONCE)
        self._games = {}

    def start(self, name):
        """Begin a scenario on both sides, unless it is under way."""
        if name not in self._games:
            self._games[name] = [self._pool.submit(self._play, name, side) for side in ("official", "ours")]

    def both(self, name):
        """Give what came of a scenario: the official document, and ours."""
        self.start(name)
        return [game.result(PATIENCE_S) for game in self._games[name]]

    def official(self, name):
        """Give what came of a scenario with the official SDK."""
        self.start(name)
        return self._games[name][0].result(PATIENCE_S)

    def close(self):
        """Wait for what is under way."""
        self._pool.shutdown(cancel_futures=True)

    def _play(self, name, side):
        folder = self._folder / name / side
        (folder / "home").mkdir(parents=True)
        script = (SCENARIOS / f"{name}.py").read_text(encoding="utf-8")
        if side == "ours":
            for line, other in IMPORTS:
                script = line.sub(other, script)
        for file, text in ((f"{name}.py", script), *((one.name, one.read_text()) for one in HERE.glob("play*.py"))):
            (folder / file).write_text(text, encoding="utf-8")
        clock = SandboxClock(0.1, base=StoppedClock())
        with Sandbox(["planet"], world=World(clock=clock, rate_limits=False, scene_pixels=64)) as sandbox:
            server = sandbox.providers["planet"]
            home = {"HOME": str(folder / "home"), "SWATH_HOME": str(folder / "home" / "swath")}
            kept = {key: value for key, value in os.environ.items() if key in KEPT}
            env = {**kept, **home, "SCENARIO_ROOT": server.base_url, "PYTHONDONTWRITEBYTECODE": "1"}
            python = OFFICIAL if side == "official" else sys.executable
            began = time.monotonic()
            done = subprocess.run(
                [python, f"{name}.py"],
                env={**env, **(self._spec.env if side == "official" else {})},
                cwd=folder,
                capture_output=True,
                text=True,
                timeout=PATIENCE_S,
                check=False,
            )
            took = time.monotonic() - began
            log = list(server.log)
        if done.returncode != 0:
            return {"crashed": f"status {done.returncode}\n{done.stdout}\n{done.stderr}", "steps": {}, "files": {}, "log": [], "unexpected": {}, "calls": {}}
        document = json.loads(done.stdout.replace(server.base_url, "http://root"))
        return {**document, "took": took, "log": log, "printed": done.stderr}


@pytest.fixture(scope="session")
def players(tmp_path_factory):
    """Give what plays the scenarios."""
    if not OFFICIAL.exists():
        pytest.fail(f"the official SDK of Planet is not installed at {OFFICIAL}: run `make peers`", pytrace=False)
    with Sandbox(["planet"], world=World(rate_limits=False)) as sandbox, Interception(sandbox) as spec:
        playing = Players(tmp_path_factory.mktemp("planet"), spec)
        yield playing
        playing.close()


@pytest.fixture(scope="session")
def parity():
    """Give the module that compares two runs."""
    spec = importlib.util.spec_from_file_location("planet_parity", HERE / "parity.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

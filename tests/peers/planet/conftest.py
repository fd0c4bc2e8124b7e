# SPDX-License-Identifier: Apache-2.0
"""Plays each scenario twice, with the official SDK and with ours, each against an equal sandbox of its own."""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import importlib.util
import json
import os
import re
import subprocess
import sys
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
LONG = ("orders_managed", "orders_async", "data_async", "sync_front")
IMPORTS = (
    (re.compile(r"^import planet$", re.MULTILINE), "import swath_planet as planet"),
    (re.compile(r"^from planet\.cli\.cli import main$", re.MULTILINE), "from swath._cli import main"),
    (re.compile(r"^from planet(?=[. ])", re.MULTILINE), "from swath_planet"),
)


class StoppedClock(SystemClock):
    """Shows one time of day for ever, the same to both sides."""

    def __init__(self, now):
        self._now = now

    def now(self):
        return self._now


class Players:
    """Plays scenarios, a few at a time, each once a side, also where several workers run the tests.

    Args:
        folder: Where they run, each in a folder of its own; the same for all workers.
        spec: A proxy to a sandbox for what the official SDK asks of Planet's own address whatever it is told.
    """

    def __init__(self, folder, spec):
        self._folder, self._spec = folder, spec
        with locked(folder / "now") as path:
            if not path.exists():
                path.write_text(dt.datetime.now(dt.UTC).isoformat(timespec="seconds"), encoding="utf-8")
            self._now = dt.datetime.fromisoformat(path.read_text(encoding="utf-8"))
        self._pool = ThreadPoolExecutor(AT_ONCE)
        self._games = {}

    def start(self, name, side):
        """Begin a scenario on one side, unless it is under way."""
        if (name, side) not in self._games:
            self._games[name, side] = self._pool.submit(self._played, name, side)
        return self._games[name, side]

    def official(self, name):
        """Give what came of a scenario with the official SDK."""
        return self.start(name, "official").result(PATIENCE_S)

    def ours(self, name):
        """Give what came of a scenario with ours."""
        return self.start(name, "ours").result(PATIENCE_S)

    def close(self):
        """Wait for what is under way."""
        self._pool.shutdown(cancel_futures=True)

    def _played(self, name, side):
        with locked(self._folder / f"{name}.{side}.json") as kept:
            if not kept.exists():
                kept.write_text(json.dumps(self._play(name, side)), encoding="utf-8")
            return json.loads(kept.read_text(encoding="utf-8"))

    def _play(self, name, side):
        folder = self._folder / name / side
        (folder / "home").mkdir(parents=True)
        script = (SCENARIOS / f"{name}.py").read_text(encoding="utf-8")
        if side == "ours":
            for line, other in IMPORTS:
                script = line.sub(other, script)
        helpers = {one.name: one.read_text(encoding="utf-8") for one in HERE.glob("player*.py")}
        for file, text in {**helpers, f"{name}.py": script}.items():
            (folder / file).write_text(text, encoding="utf-8")
        clock = SandboxClock(0.1, base=StoppedClock(self._now))
        with Sandbox(["planet"], world=World(clock=clock, rate_limits=False, scene_pixels=64)) as sandbox:
            server = sandbox.providers["planet"]
            done = self._run(name, side, folder, server.base_url)
            log = [entry.as_json() for entry in server.log]
        if done.returncode != 0:
            told = f"status {done.returncode}\n{done.stdout}\n{done.stderr}"
            return {"crashed": told, "steps": {}, "files": {}, "calls": {}, "unexpected": {}, "log": log}
        return {**json.loads(done.stdout.replace(server.base_url, "http://root")), "log": log}

    def _run(self, name, side, folder, root):
        home = {"HOME": str(folder / "home"), "SWATH_HOME": str(folder / "home" / "swath")}
        kept = {key: value for key, value in os.environ.items() if key in KEPT}
        more = self._spec.env if side == "official" else {}
        return subprocess.run(
            [OFFICIAL if side == "official" else sys.executable, "-B", f"{name}.py"],
            env={**kept, **home, **more, "SCENARIO_ROOT": root},
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )


@contextlib.contextmanager
def locked(path):
    """Keep other workers from a file meanwhile."""
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield path


@pytest.fixture(scope="session")
def players(request, tmp_path_factory):
    """Give what plays the scenarios; those of the tests that are to run are begun."""
    if not OFFICIAL.exists():
        pytest.fail(f"the official SDK of Planet is not installed at {OFFICIAL}: run `make peers`", pytrace=False)
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "planet-scenarios"
    shared.mkdir(exist_ok=True)
    with Sandbox(["planet"], world=World(rate_limits=False)) as sandbox, Interception(sandbox) as spec:
        playing = Players(shared, spec)
        specs = [getattr(item, "callspec", None) for item in request.session.items]
        names = dict.fromkeys(one.params["scenario"] for one in specs if one and "scenario" in one.params)
        for name in sorted(names, key=lambda name: (name not in LONG, name)):
            for side in ("ours", "official"):
                playing.start(name, side)
        yield playing
        playing.close()


@pytest.fixture(scope="session")
def parity():
    """Give the module that compares two runs."""
    spec = importlib.util.spec_from_file_location("planet_parity", HERE / "parity.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def inventory():
    """Give what the official SDK and its program have: names, each with those of its arguments."""
    done = subprocess.run([OFFICIAL, "-B", HERE / "inventory.py"], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)

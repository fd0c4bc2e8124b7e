# SPDX-License-Identifier: Apache-2.0
"""Plays each scenario twice, with the official SDK and with ours, each against an equal sandbox of its own."""

from __future__ import annotations

import datetime as dt
import fcntl
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
OFFICIAL = Path(os.environ.get("SWATH_PEER_CECIL", HERE.parents[2] / ".venvs" / "peers-cecil" / "bin" / "python"))
KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "SYSTEMROOT")
PATIENCE_S = 180
AT_ONCE = 4
IMPORT = re.compile(r"^(from|import) cecil\b", re.MULTILINE)
INVENTORY = """
import inspect, json
from cecil import Client
print(json.dumps({
    name: [one for one in inspect.signature(method).parameters if one != "self"]
    for name, method in inspect.getmembers(Client, inspect.isfunction) if not name.startswith("_")
}))
"""


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
    """

    def __init__(self, folder):
        self._folder = folder
        self._pool = ThreadPoolExecutor(AT_ONCE)
        self._games = {}
        self._now = dt.datetime.fromisoformat(
            self._kept("now", lambda: f"{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%SZ}")
        )

    def start(self, name, side):
        """Begin a scenario on one side, unless it is under way."""
        if (name, side) not in self._games:
            play = lambda: self._kept(f"{name}.{side}", lambda: self._play(name, side))  # noqa: E731
            self._games[name, side] = self._pool.submit(play)
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

    def _kept(self, name, make):
        kept = self._folder / f"{name}.json"
        with kept.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not kept.exists():
                kept.write_text(json.dumps(make()), encoding="utf-8")
        return json.loads(kept.read_text(encoding="utf-8"))

    def _play(self, name, side):
        folder = self._folder / name / side
        (folder / "home").mkdir(parents=True)
        script = (SCENARIOS / f"{name}.py").read_text(encoding="utf-8")
        if side == "ours":
            script = IMPORT.sub(r"\1 swath_cecil", script)
        (folder / f"{name}.py").write_text(script, encoding="utf-8")
        (folder / "player.py").write_text((HERE / "player.py").read_text(encoding="utf-8"), encoding="utf-8")
        world = World(clock=SandboxClock(base=StoppedClock(self._now)), rate_limits=False, scene_pixels=64)
        with Sandbox(["cecil"], world=world) as sandbox:
            server = sandbox.providers["cecil"]
            if side == "official":
                with Interception(sandbox) as proxy:
                    done = self._run(name, OFFICIAL, folder, {**proxy.env, **_store(server)})
            else:
                done = self._run(name, sys.executable, folder, {**server.env, "SCENARIO_ROOT": server.base_url})
            log = [entry.as_json() for entry in server.log]
        if done.returncode != 0:
            told = f"status {done.returncode}\n{done.stdout}\n{done.stderr}"
            return {"crashed": told, "steps": {}, "calls": {}, "unexpected": {}, "log": log}
        return {**json.loads(done.stdout), "log": log}

    def _run(self, name, python, folder, env):
        home = {"HOME": str(folder / "home"), "SWATH_HOME": str(folder / "home" / "swath"), "TMPDIR": str(folder)}
        kept = {key: value for key, value in os.environ.items() if key in KEPT}
        return subprocess.run(
            [python, f"{name}.py"],
            env={**kept, **home, "NO_PROXY": "127.0.0.1,localhost", **env},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )


def _store(server):
    """Give the variables that lead the official SDK's libraries to the sandbox's buckets (contract 8.2)."""
    return {
        "CECIL_API_KEY": server.env["CECIL_API_KEY"],
        "SCENARIO_ROOT": server.base_url,
        "AWS_ENDPOINT_URL_S3": server.base_url,
        "AWS_S3_ENDPOINT": server.base_url.partition("//")[2],
        "AWS_HTTPS": "NO",
        "AWS_VIRTUAL_HOSTING": "FALSE",
    }


@pytest.fixture(scope="session")
def official():
    """Give the Python that has the official SDK."""
    if not OFFICIAL.exists():
        pytest.fail(f"Cecil's official SDK is not installed at {OFFICIAL}: run `make peers`", pytrace=False)
    return OFFICIAL


@pytest.fixture(scope="session")
def players(request, tmp_path_factory, official):
    """Give what plays the scenarios; those of the tests that are to run are begun."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "cecil-scenarios"
    shared.mkdir(exist_ok=True)
    playing = Players(shared)
    for item in request.session.items:
        name = getattr(item, "callspec", None) and item.callspec.params.get("scenario")
        if name in names():
            sides = ("official", "ours") if "ours" in item.name else ("official",)
            for side in sides:
                playing.start(name, side)
    yield playing
    playing.close()


def names():
    """Give the names of the scenarios."""
    return {path.stem for path in SCENARIOS.glob("*.py")}


@pytest.fixture(scope="session")
def inventory(official):
    """Give the methods that the official SDK has, each with its arguments."""
    done = subprocess.run([official, "-c", INVENTORY], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)

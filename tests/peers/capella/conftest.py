# SPDX-License-Identifier: Apache-2.0
"""Plays each scenario twice, with the official client and with ours, each against an equal sandbox of its own."""

from __future__ import annotations

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

import certifi
import pytest

from swath._clock import SystemClock
from swath.sandbox import Sandbox, SandboxClock, World

HERE = Path(__file__).parent
SCENARIOS = HERE / "scenarios"
OFFICIAL = HERE.parents[2] / ".venvs" / "peers-capella" / "bin" / "python"
KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "SYSTEMROOT")
PATIENCE_S = 240
AT_ONCE = 4
LONG = ("search_fields", "downloads", "errors")
IMPORT = re.compile(r"^(from|import) capella_console_client\b", re.MULTILINE)
INVENTORY = """
import inspect, json
from capella_console_client import CapellaConsoleClient
from capella_console_client.search import RepeatRequestSearchResult, StacSearchResult, TaskingRequestSearchResult
print(json.dumps({
    f"{kind.__name__}.{name}": [one for one in inspect.signature(method).parameters if one not in {"self", "kwargs"}]
    for kind in (CapellaConsoleClient, StacSearchResult, TaskingRequestSearchResult, RepeatRequestSearchResult)
    for name, method in inspect.getmembers(kind, inspect.isfunction)
    if not name.startswith("_") or (name, kind) == ("__init__", CapellaConsoleClient)
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
        """Give what came of a scenario with the official client."""
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
            script = IMPORT.sub(r"\1 swath_capella", script)
        (folder / f"{name}.py").write_text(script, encoding="utf-8")
        (folder / "player.py").write_text((HERE / "player.py").read_text(encoding="utf-8"), encoding="utf-8")
        world = World(clock=SandboxClock(base=StoppedClock(self._now)), rate_limits=False, scene_pixels=64)
        with Sandbox(["capella"], world=world) as sandbox:
            server = sandbox.providers["capella"]
            done = self._run(name, side, folder, server.base_url)
            log = [entry.as_json() for entry in server.log]
        if done.returncode != 0:
            told = f"status {done.returncode}\n{done.stdout}\n{done.stderr}"
            return {"crashed": told, "steps": {}, "files": {}, "calls": {}, "unexpected": {}, "log": log}
        return {**json.loads(done.stdout.replace(server.base_url, "http://root")), "log": log}

    def _run(self, name, side, folder, root):
        home = {"HOME": str(folder / "home"), "SWATH_HOME": str(folder / "home" / "swath"), "TMPDIR": str(folder)}
        kept = {key: value for key, value in os.environ.items() if key in KEPT}
        if side == "official":
            # It reads all authorities of the machine anew for every file, which takes longer than the file; one will do.
            authority = folder / "authority.pem"
            authority.write_text(
                certifi.contents().partition("-----END CERTIFICATE-----")[0] + "-----END CERTIFICATE-----\n"
            )
            kept["SSL_CERT_FILE"] = str(authority)
        return subprocess.run(
            [OFFICIAL if side == "official" else sys.executable, "-B", f"{name}.py"],
            # The official client passes ids through sets: the order of some of its results is that of their hashes.
            env={**kept, **home, "SCENARIO_ROOT": root, "NO_PROXY": "127.0.0.1", "PYTHONHASHSEED": "1"},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )


@pytest.fixture(scope="session")
def players(request, tmp_path_factory):
    """Give what plays the scenarios; those of the tests that are to run are begun."""
    if not OFFICIAL.exists():
        pytest.fail(f"Capella's official client is not installed at {OFFICIAL}: run `make peers`", pytrace=False)
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "capella-scenarios"
    shared.mkdir(exist_ok=True)
    playing = Players(shared)
    specs = [getattr(item, "callspec", None) for item in request.session.items]
    here = [one.params["scenario"] for one in specs if one and one.params.get("scenario") in names()]
    for name in sorted(set(here), key=lambda name: (name not in LONG, name)):
        for side in ("ours", "official"):
            playing.start(name, side)
    yield playing
    playing.close()


def names():
    """Give the names of the scenarios."""
    return {path.stem for path in SCENARIOS.glob("*.py")}


@pytest.fixture(scope="session")
def parity():
    """Give the module that compares two runs."""
    spec = importlib.util.spec_from_file_location("capella_parity", HERE / "parity.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def inventory():
    """Give the methods that the official client has, each with its arguments."""
    done = subprocess.run([OFFICIAL, "-B", "-c", INVENTORY], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)

# SPDX-License-Identifier: Apache-2.0
"""Plays scenarios twice, with an official SDK and with ours, each against an equal sandbox of its own."""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import importlib.util
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from swath._clock import SystemClock
from swath.sandbox import Sandbox, SandboxClock, World

ENVIRONMENTS = Path(__file__).parents[3] / ".venvs"
KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "SYSTEMROOT")
STEPS = Path(__file__).with_name("scenario_steps.py")
AT_ONCE = 4


class StoppedClock(SystemClock):
    """Shows one time of day for ever, the same to both sides."""

    def __init__(self, now):
        self._now = now

    def now(self):
        return self._now


class Players:
    """Plays a provider's scenarios, a few at a time, each once a side, also where several workers run the tests.

    A provider's own class says what is its own: the class variables, and `pointed`.

    Args:
        folder: Where they run, each in a folder of its own; the same for all workers.
    """

    provider: str
    here: Path
    """Where the provider's player and the folder of its scenarios are."""
    imports: tuple = ()
    """Pairs of a pattern of a line that imports the official SDK, and what takes its place on our side."""
    long: tuple[str, ...] = ()
    """Scenarios that are begun first."""
    speed = 1.0
    """How fast the sandbox's clock goes."""
    patience_s = 240

    def __init__(self, folder):
        self._folder = folder
        self._pool = ThreadPoolExecutor(AT_ONCE)
        self._games = {}
        self._now = dt.datetime.fromisoformat(
            self._kept("now", lambda: f"{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%SZ}")
        )

    @classmethod
    def python(cls):
        """Give the Python that has the official SDK.

        Raises:
            pytest.fail.Exception: It is not installed.
        """
        path = ENVIRONMENTS / f"peers-{cls.provider}" / "bin" / "python"
        if not path.exists():
            pytest.fail(
                f"the official SDK of {cls.provider!r} is not installed at {path}: run `make peers`", pytrace=False
            )
        return path

    @classmethod
    def names(cls):
        """Give the names of the scenarios."""
        return {path.stem for path in (cls.here / "scenarios").glob("*.py")}

    @classmethod
    def listed(cls, *arguments):
        """Give what a program lists that runs with the official SDK."""
        done = subprocess.run([cls.python(), "-B", *arguments], capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    @classmethod
    @contextlib.contextmanager
    def begun(cls, session, factory, *more):
        """Begin the scenarios of the tests that are to run.

        Args:
            session: Of pytest.
            factory: Of temporary folders.
            more: What else the class takes.
        """
        cls.python()
        base = factory.getbasetemp()
        shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / f"{cls.provider}-scenarios"
        shared.mkdir(exist_ok=True)
        playing = cls(shared, *more)
        specs = [item.callspec.params for item in session.items if hasattr(item, "callspec")]
        wanted = {one["scenario"] for one in specs if one.get("scenario") in cls.names()}
        for name in sorted(wanted, key=lambda name: (name not in cls.long, name)):
            for side in ("ours", "official"):
                playing.start(name, side)
        try:
            yield playing
        finally:
            playing.close()

    @contextlib.contextmanager
    def pointed(self, sandbox, side, folder):
        """Lead a side to its sandbox while a scenario runs; gives variables of its environment.

        Args:
            sandbox: With the provider's stand-in.
            side: ``"official"`` or ``"ours"``.
            folder: Where the scenario runs.
        """
        yield {"SCENARIO_ROOT": sandbox.providers[self.provider].base_url}

    def start(self, name, side):
        """Begin a scenario on one side, unless it is under way."""
        if (name, side) not in self._games:
            play = lambda: self._kept(f"{name}.{side}", lambda: self._play(name, side))  # noqa: E731
            self._games[name, side] = self._pool.submit(play)
        return self._games[name, side]

    def official(self, name):
        """Give what came of a scenario with the official SDK."""
        return self.start(name, "official").result(self.patience_s)

    def ours(self, name):
        """Give what came of a scenario with ours."""
        return self.start(name, "ours").result(self.patience_s)

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
        script = (self.here / "scenarios" / f"{name}.py").read_text(encoding="utf-8")
        if side == "ours":
            for line, other in self.imports:
                script = line.sub(other, script)
        helpers = {one.name: one.read_text(encoding="utf-8") for one in (STEPS, *self.here.glob("player*.py"))}
        for file, text in {**helpers, f"{name}.py": script}.items():
            (folder / file).write_text(text, encoding="utf-8")
        clock = SandboxClock(self.speed, base=StoppedClock(self._now))
        with Sandbox([self.provider], world=World(clock=clock, rate_limits=False, scene_pixels=64)) as sandbox:
            server = sandbox.providers[self.provider]
            with self.pointed(sandbox, side, folder) as variables:
                done = self._run(name, side, folder, variables)
            log = [entry.as_json() for entry in server.log]
        if done.returncode != 0:
            told = f"status {done.returncode}\n{done.stdout}\n{done.stderr}"
            return {"crashed": told, "steps": {}, "files": {}, "calls": {}, "unexpected": {}, "log": log}
        return {**json.loads(done.stdout.replace(server.base_url, "http://root")), "log": log}

    def _run(self, name, side, folder, variables):
        home = {"HOME": str(folder / "home"), "SWATH_HOME": str(folder / "home" / "swath"), "TMPDIR": str(folder)}
        kept = {key: value for key, value in os.environ.items() if key in KEPT}
        return subprocess.run(
            [self.python() if side == "official" else sys.executable, f"{name}.py"],
            env={**kept, **home, "NO_PROXY": "127.0.0.1,localhost", **variables},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=self.patience_s,
            check=False,
        )


def module_at(path):
    """Give the module in a file that is on no path for imports, as none of a folder of tests is."""
    spec = importlib.util.spec_from_file_location(f"{path.parent.name}_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

# SPDX-License-Identifier: Apache-2.0
"""Runs scenario scripts with a provider's official SDK, in the environment that `make peers` made for it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCENARIOS = Path(__file__).parent / "scenarios"
KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "SYSTEMROOT")
PATIENCE_S = 240


class Peer:
    """Runs scripts in an environment that has an official SDK and nothing of ours."""

    def __init__(self, name: str, home: Path) -> None:
        self.home = home
        self.python = ROOT / ".venvs" / f"peers-{name}" / "bin" / "python"
        if not self.python.exists():
            pytest.fail(
                f"the official SDK of {name!r} is not installed at {self.python}: run `make peers`", pytrace=False
            )

    def run(self, script: str, *arguments: object, env: dict[str, str] | None = None, stdin: object = None):
        """Run a scenario and give the JSON that it prints; its standard error is shown where it fails."""
        kept = {name: value for name, value in os.environ.items() if name in KEPT}
        done = subprocess.run(
            [self.python, SCENARIOS / script, *map(str, arguments)],
            env={**kept, "HOME": str(self.home), **(env or {})},
            input=None if stdin is None else json.dumps(stdin),
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        if done.returncode != 0:
            pytest.fail(f"{script} ended with status {done.returncode}\n{done.stdout}\n{done.stderr}", pytrace=False)
        return json.loads(done.stdout)


@pytest.fixture
def peer(tmp_path):
    """Make the runner of a provider's official SDK, at home in an empty folder."""

    def made(name):
        home = tmp_path / "home"
        home.mkdir()
        return Peer(name, home)

    return made


@pytest.fixture
def assert_healthy():
    """Check that a stand-in did nothing but answer: no fault met a request, and nothing broke."""

    def check(log):
        assert len(log) > 0
        broken = [f"{e.method} {e.path}: {e.status} {e.error}" for e in log if e.error or e.fault or e.status is None]
        broken += [f"{e.method} {e.path}: {e.status}" for e in log if (e.status or 0) >= 500]
        assert broken == []

    return check

# SPDX-License-Identifier: Apache-2.0
"""What tests of several providers at once share: a field that all of them have seen, and the command line over it."""

import os
import subprocess
import sys

__all__ = ["AREA", "BBOX", "command", "settle"]

BBOX = [5.4, 52.42, 5.6, 52.55]
"""West, south, east, north in degrees."""
AREA = {"type": "Polygon", "coordinates": [[[5.4, 52.42], [5.6, 52.42], [5.6, 52.55], [5.4, 52.55], [5.4, 52.42]]]}
"""The same as a polygon."""


def settle(box, monkeypatch, home):
    """Let this process use the stand-ins of a sandbox, with a home of its own."""
    monkeypatch.setenv("SWATH_HOME", str(home))
    for name, value in box.env.items():
        monkeypatch.setenv(name, value)


def command(box, folder, *words, given="", **changes):
    """Run the command line in a process of its own, in a folder of the test's, against the stand-ins of a sandbox.

    Args:
        box: The sandbox.
        folder: Where it runs, with its home in it.
        *words: What is typed.
        given: Its standard input.
        **changes: Environment variables; None for one that is not set.
    """
    environment = {**os.environ, **box.env, "SWATH_HOME": f"{folder}/home", **changes}
    done = subprocess.run(
        [sys.executable, "-m", "swath", *map(str, words)],
        env={name: value for name, value in environment.items() if value is not None},
        cwd=folder, input=given, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return done

# SPDX-License-Identifier: Apache-2.0
"""What the tests of all packages together share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from swath._clock import SystemClock


@pytest.fixture
def short_waits(monkeypatch):
    """Let pauses between looks and between attempts be a hundredth, in this process and in those that it starts."""
    sleep = SystemClock.sleep
    monkeypatch.setattr(SystemClock, "sleep", lambda self, seconds, *, wake=None: sleep(self, seconds / 100, wake=wake))
    paths = [str(Path(__file__).with_name("hasty")), os.environ.get("PYTHONPATH")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, paths)))

# SPDX-License-Identifier: Apache-2.0
"""What the tests of all packages together share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from swath._clock import SystemClock

HASTY = Path(__file__).with_name("hasty")


@pytest.fixture
def short_waits(monkeypatch):
    """Let pauses between looks and between attempts be a twentieth, in this process and in those that it starts."""
    monkeypatch.syspath_prepend(HASTY)
    import short_waits

    monkeypatch.setattr(SystemClock, "monotonic", short_waits.monotonic)
    monkeypatch.setattr(SystemClock, "sleep", short_waits.sleep)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(HASTY), os.environ.get("PYTHONPATH")])))

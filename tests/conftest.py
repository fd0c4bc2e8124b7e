# SPDX-License-Identifier: Apache-2.0
"""What the tests of all packages together share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from several_providers import settle

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


@pytest.fixture
def names(box, monkeypatch, tmp_path):
    """Use the stand-ins of the module's sandbox, without faults, in this process; give the providers' names."""
    settle(box, monkeypatch, tmp_path / "home")
    box.log.clear()
    yield sorted(box.providers)
    box.faults.clear()

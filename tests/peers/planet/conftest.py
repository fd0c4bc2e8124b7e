# SPDX-License-Identifier: Apache-2.0
"""Plays each scenario twice, with the official SDK and with ours, each against an equal sandbox of its own."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import pytest
from peer_players import Players, module_at

from swath.sandbox import Interception, Sandbox, World

HERE = Path(__file__).parent


class PlanetPlayers(Players):
    """Plays Planet's scenarios.

    Args:
        folder: Where they run.
        spec: A proxy to a sandbox for what the official SDK asks of Planet's own address whatever it is told.
    """

    provider = "planet"
    here = HERE
    imports = (
        (re.compile(r"^import planet$", re.MULTILINE), "import swath_planet as planet"),
        (re.compile(r"^from planet\.cli\.cli import main$", re.MULTILINE), "from swath._cli import main"),
        (re.compile(r"^from planet(?=[. ])", re.MULTILINE), "from swath_planet"),
    )
    long = ("orders_managed", "orders_async", "data_async", "sync_front")
    speed = 0.1

    def __init__(self, folder, spec):
        super().__init__(folder)
        self._spec = spec

    @contextlib.contextmanager
    def pointed(self, sandbox, side, folder):
        """Lead a side to its sandbox."""
        with super().pointed(sandbox, side, folder) as base:
            yield {**base, **(self._spec.env if side == "official" else {})}


@pytest.fixture(scope="session")
def players(request, tmp_path_factory):
    """Give what plays the scenarios; those of the tests that are to run are begun."""
    with (
        Sandbox(["planet"], world=World(rate_limits=False)) as sandbox,
        Interception(sandbox) as spec,
        PlanetPlayers.begun(request.session, tmp_path_factory, spec) as playing,
    ):
        yield playing


@pytest.fixture(scope="session")
def parity():
    """Give the module that compares two runs."""
    return module_at(HERE / "parity.py")


@pytest.fixture(scope="session")
def inventory():
    """Give what the official SDK and its program have: names, each with those of its arguments."""
    return PlanetPlayers.listed(HERE / "inventory.py")

# SPDX-License-Identifier: Apache-2.0
"""The official SDK, unchanged, against the stand-in."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.peers,
    # The stand-in draws with rasterio, whose own multiplication of transforms affine 3 will one day refuse.
    pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning"),
]
SCENARIOS = sorted(path.stem for path in (Path(__file__).parent / "scenarios").glob("*.py"))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_official_sdk_does_it_all(players, scenario):
    """Every step goes as it should with the official SDK, and the stand-in breaks nowhere."""
    official = players.official(scenario)

    assert official["crashed"] is None, official["crashed"]
    assert official["unexpected"] == {}, "\n".join(f"{at}: {what}" for at, what in official["unexpected"].items())
    assert broken(official) == []


def broken(document):
    """Give what the stand-in could not do."""
    return [f"{entry['method']} {entry['path']}: {entry['error']}" for entry in document["log"] if entry["error"]]


def test_every_line_of_the_checklist_has_a_scenario(players, inventory):
    """Whatever the official SDK has, some scenario calls, with every argument."""
    called = {}
    for scenario in SCENARIOS:
        for name, given in players.official(scenario)["calls"].items():
            called.setdefault(name, set()).update(given)
    missing = {
        name: "never" if name not in called else sorted(set(arguments) - called[name])
        for name, arguments in inventory.items()
        if name not in called or set(arguments) - called[name]
    }

    assert missing == {}

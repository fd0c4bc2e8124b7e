# SPDX-License-Identifier: Apache-2.0
"""The official client, unchanged, and ours with only the import changed do the same and get the same."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.peers,
    # The stand-in draws with rasterio, whose own multiplication of transforms affine 3 will one day refuse.
    pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning"),
]
SCENARIOS = sorted(path.stem for path in (Path(__file__).parent / "scenarios").glob("*.py"))
DEVIATIONS = {}
"""What ours gives instead, by scenario and step, and why."""


def meant(scenario):
    return {label: instead for label, (instead, _) in DEVIATIONS.get(scenario, {}).items()}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_official_client_does_it_all(players, scenario):
    """Every step goes as it should with the official client, and the stand-in breaks nowhere."""
    official = players.official(scenario)

    assert official["crashed"] is None, official["crashed"]
    assert official["unexpected"] == {}, "\n".join(f"{at}: {what}" for at, what in official["unexpected"].items())
    assert broken(official) == []


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_ours_does_the_same(players, parity, scenario):
    """With only the import changed every step gives the same, leaves the same files, and changes the same."""
    official, ours = players.official(scenario), players.ours(scenario)

    assert ours["crashed"] is None, ours["crashed"]
    assert parity.differences(official, ours, meant(scenario)) == {}
    assert broken(ours) == []


def broken(document):
    """Give what the stand-in could not do."""
    return [f"{entry['method']} {entry['path']}: {entry['error']}" for entry in document["log"] if entry["error"]]


NEVER_GIVEN = {}


def test_every_line_of_the_checklist_has_a_scenario(players, inventory):
    """Whatever the official client has, some scenario calls, with every argument."""
    called = {}
    for scenario in SCENARIOS:
        for name, given in players.official(scenario)["calls"].items():
            called.setdefault(
                name.replace("SearchResult.", "StacSearchResult.", name.startswith("SearchResult")), set()
            ).update(given)
    missing = {
        name: "never" if name not in called else sorted(set(arguments) - called[name])
        for name, arguments in inventory.items()
        if name not in called or set(arguments) - called[name]
    }

    assert missing == {}

# SPDX-License-Identifier: Apache-2.0
"""The official SDK, unchanged, and ours with only the import changed do the same and get the same."""

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
"""What ours gives instead, by scenario and step, and why (as a comment)."""


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_official_sdk_does_it_all(players, name):
    """Every step goes as it should with the official SDK, and the stand-in breaks nowhere."""
    official = players.official(name)

    assert official["crashed"] is None, official["crashed"]
    assert official["unexpected"] == {}, "\n".join(f"{at}: {what}" for at, what in official["unexpected"].items())
    assert [f"{entry.method} {entry.path}: {entry.error}" for entry in official["log"] if entry.error] == []


@pytest.mark.parametrize("name", SCENARIOS)
def test_ours_does_the_same(players, parity, name):
    """With only the import changed every step gives the same, leaves the same files, and changes the same."""
    official, ours = players.both(name)
    import json
    for w, d in (("official", official), ("ours", ours)): Path(f"/tmp/w/{name}.{w}.json").write_text(json.dumps({k: v for k, v in d.items() if k != 'log'}, indent=1))
    print(name, official.get("took"), ours.get("took"))
    Path(f"/tmp/w/{name}.diff.json").write_text(json.dumps(parity.differences(official, ours, DEVIATIONS.get(name, {})), indent=1, default=repr))
    named = DEVIATIONS.get(name, {})

    assert ours["crashed"] is None, ours["crashed"]
    assert parity.differences(official, ours, named) == {}
    assert [f"{entry.method} {entry.path}: {entry.error}" for entry in ours["log"] if entry.error] == []

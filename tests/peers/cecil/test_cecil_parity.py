# SPDX-License-Identifier: Apache-2.0
"""The official SDK, unchanged, and ours with only the import changed do the same and get the same."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.peers,
    # The stand-in draws with rasterio, whose own multiplication of transforms affine 3 will one day refuse.
    pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning"),
]
SCENARIOS = sorted(path.stem for path in (Path(__file__).parent / "scenarios").glob("*.py"))

AGAIN = "contract 13, 2: what may pass is tried again"
FOLLOWS = "contract 13, 5: a client follows the rotation of its key"
KINDS = "errors of ours are also of the kind that Python has for them"
LARGER = "contract 5.4: a window reaches outward on all sides; the official one may miss a row and a column"
MASKED = "contract 5.4: the area is brought into the store's reference system; the official SDK masks every pixel"
NAMES = "what a refusal of a duplicate says is read: the error knows the subscription that is there"
OWN_WORDS = "texts of our own"


def and_more(theirs, ours):
    """Ours gives the same, and more."""
    return all(ours.get(name) == value for name, value in theirs.items())


def is_listed(theirs, ours):
    return theirs["raised"] == ["HTTPError", "Error"] and len(ours) == 1


def of_kinds(theirs, ours):
    return ours["raised"][: len(theirs["raised"])] == theirs["raised"]


def in_other_words(theirs, ours):
    return {**theirs, "status_message": ""} == {**ours, "status_message": ""}


def is_one_larger(theirs, ours):
    return ours["sizes"] == {name: size + (name != "time") for name, size in theirs["sizes"].items()}


def is_not_all_masked(theirs, ours):
    mine, his = (one["variables"]["integrity"] for one in (ours, theirs))
    return ours["coords"] == theirs["coords"] and his["mean"] == -9999.0 != mine["mean"]


DEVIATIONS = {
    "areas": {},
    "organisation": {"with the old key": (lambda theirs, ours: theirs["status_code"] == 401 != ours, FOLLOWS)},
    "rasters": {"failed without a word": (in_other_words, OWN_WORDS)},
    "refusals": {
        **{f"{status} once": (is_listed, AGAIN) for status in (429, 500, 503)},
        "no key": (of_kinds, KINDS),
    },
    "stores": {
        "half a pixel": (is_one_larger, LARGER),
        "projected": (is_not_all_masked, MASKED),
        "projected, as stored": (is_not_all_masked, MASKED),
    },
    "subscriptions": {"made again": (and_more, NAMES)},
    "tables": {"columns of species": (of_kinds, KINDS)},
}
"""What ours gives instead, by scenario and step, and why."""


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_official_sdk_does_it_all(players, scenario):
    """Every step goes as it should with the official SDK, and the stand-in breaks nowhere."""
    official = players.official(scenario)

    assert official["crashed"] is None, official["crashed"]
    assert official["unexpected"] == {}, "\n".join(f"{at}: {what}" for at, what in official["unexpected"].items())
    assert broken(official) == []


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_ours_does_the_same(players, scenario):
    """With only the import changed every step gives the same, save where the official result is wrong."""
    played, ours = players.official(scenario), players.ours(scenario)
    official = played["steps"]
    meant = DEVIATIONS.get(scenario, {})

    assert ours["crashed"] is None, ours["crashed"]
    assert broken(ours) == []
    different = {
        label: (official.get(label), ours["steps"].get(label))
        for label in dict.fromkeys((*official, *ours["steps"]))
        if official.get(label) != ours["steps"].get(label)
    }
    assert {
        label: pair for label, pair in different.items() if label not in meant or not meant[label][0](*pair)
    } == {}, "differs otherwise than it should"
    assert meant.keys() - different.keys() == set(), "named as different, but not"
    assert writes_of(ours) == writes_of(played)


def writes_of(document):
    """Give every request of a run that can change something; the receiver of webhooks is at another port each time."""
    writes = [
        [entry["method"], entry["path"], entry["body"]]
        for entry in document["log"]
        if entry["method"] != "GET" and entry["path"].startswith("/v0/")
    ]
    return json.loads(re.sub(r"127\.0\.0\.1:\d+", "receiver", json.dumps(writes)))


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

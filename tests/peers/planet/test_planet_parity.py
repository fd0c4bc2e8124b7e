# SPDX-License-Identifier: Apache-2.0
"""The official SDK, unchanged, and ours with only the import changed do the same and get the same."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.peers,
    # The stand-in draws with rasterio, whose own multiplication of transforms affine 3 will one day refuse.
    pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning"),
]
SCENARIOS = sorted(path.stem for path in (Path(__file__).parent / "scenarios").glob("*.py"))


REFUSED = {"raised": ["ClientError", "PlanetError"], "text": None}
UNKNOWN = {
    "raised": ["MissingResource", "APIError", "PlanetError"],
    "text": '{"message":"Could not load order ID: 785185aa-b39f-4b4c-a2d6-5c0a8f0e1d55."}',
}

AGAIN = "what may pass is tried again, and then the order is not known"
CONFINED = "names that Planet tells are made safe, and files stay in their folder"
EARLY = "without a token nothing is asked"
FALSY = "an option of nought is an option"
FOLDERS = "folders are made"
HIDDEN = "no hidden limit"
JSON = "standard output is JSON"
LINKS = "--links is not left out of account"
ONCE = "what may have been bought is not asked for again"
PATHS = "commands that make files print their paths"
SILENT = "what cannot be is refused here, not left out in silence or by the server"
TRUST = "a key goes to no address that nobody named, as the account's or as a client's"
WHOLE = "a file is whole and checked, or is fetched again"


def prints_paths(_, ours):
    return ours["status"] == 0 and all(line.startswith(("files/", "nowhere/")) for line in ours["printed"].splitlines())


def has_links(theirs, ours):
    return all("_links" in one for one in ours["printed"]) and theirs == {**ours, "printed": without_links(ours)}


def without_links(told):
    return [{name: value for name, value in one.items() if name != "_links"} for one in told["printed"]]


def is_whole(theirs, ours):
    return len({digest for _, digest in theirs}) > len({digest for _, digest in ours}) == 1


def gave_a_path(theirs, ours):
    return theirs["raised"] and ours["raised"] is None and ours["gave"].startswith("path files/")


DEVIATIONS = {
    "answers": {
        "named with a space": ("path files/space/a_name.tif", CONFINED),
        "named out of the folder": ("path files/in/deep/escaped.tif", CONFINED),
        "without a length": (gave_a_path, WHOLE),
        "cut short": (gave_a_path, WHOLE),
        "files": (is_whole, WHOLE),
        "order whose answer was lost": ("raised", ONCE),
        "orders made by one call": (lambda theirs, ours: theirs == 2 and ours == 1, ONCE),
        "writes": (lambda theirs, ours: theirs == [*ours, ours[-1]], ONCE),
    },
    "auth": {
        "machine with a wrong secret": (
            lambda theirs, ours: (
                theirs["raised"] == ours["raised"] and "sign-in of the client was refused" in ours["text"]
            ),
            EARLY,
        ),
    },
    "builders": {
        "update": (REFUSED, SILENT),
        "reproject to nought": ({"reproject": {"projection": "EPSG:4326", "resolution": 0}}, FALSY),
        "reproject by no kernel": (REFUSED, SILENT),
        "tile from nought": (
            {"tile": {"tile_size": 1232, "origin_x": 0, "origin_y": 0, "conformal_x_scaling": False}},
            FALSY,
        ),
        "request hosted elsewhere": (REFUSED, SILENT),
    },
    "features": {
        "items by default": (lambda theirs, ours: len(theirs) == 10 and theirs == ours[:10], HIDDEN),
        "nonsense added": ({**REFUSED, "raised": ["GeoJSONError", "ClientError", "PlanetError"]}, SILENT),
        "writes": (lambda theirs, ours: ours == [one for one in theirs if "Circle" not in str(one)], SILENT),
    },
    "mosaics": {
        "what was left": (lambda theirs, ours: theirs == 14 < ours, WHOLE),
    },
    "session": {
        "request of an address that nobody named": (
            {
                "raised": ["InvalidAPIKey", "APIError", "PlanetError"],
                "text": '{"message":"Please enter your API key.","errors":[]}',
            },
            TRUST,
        ),
        "status 500": (UNKNOWN, AGAIN),
        "status 503": (UNKNOWN, AGAIN),
        "status 504": (UNKNOWN, AGAIN),
    },
    "cli_data": {
        "waited": (lambda theirs, ours: ours["printed"].keys() == ast.literal_eval(theirs["printed"]).keys(), JSON),
        "downloaded": (prints_paths, PATHS),
        "downloaded by name": (prints_paths, PATHS),
        "downloaded nowhere": (prints_paths, FOLDERS),
    },
    "cli_orders": {
        "order downloaded": (prints_paths, PATHS),
        "order downloaded again": (prints_paths, PATHS),
    },
    "cli_auth": {
        "tokens kept": (["person"], "the account in use is reset, not every account"),
    },
    "cli_areas": {
        "default unset": ({"status": 0, "printed": []}, JSON),
        "mosaics with all": (has_links, LINKS),
        "quads with links": (has_links, LINKS),
        "series with all": (has_links, LINKS),
        "mosaics of a series": (has_links, LINKS),
    },
}
"""What ours gives instead, by scenario and step, and why."""


def meant(scenario):
    return {label: instead for label, (instead, _) in DEVIATIONS.get(scenario, {}).items()}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_official_sdk_does_it_all(players, scenario):
    """Every step goes as it should with the official SDK, and the stand-in breaks nowhere."""
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


HIDDEN_COMMANDS = "$ plauth "
NOT_SHOWN = {
    # Hidden options of a sign-in, and the program sops, which is not here.
    "$ auth login": {"--audience", "--organization", "--project", "--username|--email", "--password",
                     "--sops|--no-sops",
                     "--auth-client-id", "--auth-client-secret", "--auth-api-key"},
    "$ auth profile copy": {"--sops|--no-sops"},
}  # fmt: skip


def test_every_line_of_the_checklist_has_a_scenario(players, inventory):
    """Whatever the official SDK and its program have, some scenario calls, with every argument and option."""
    called = {}
    for scenario in SCENARIOS:
        for name, given in players.official(scenario)["calls"].items():
            called.setdefault(name.replace("_PLAuthLibAuth.", "Auth."), set()).update(given)
    missing = {}
    for name, arguments in inventory.items():
        if name.startswith(HIDDEN_COMMANDS):
            continue
        given = [options for typed, options in called.items() if f"{typed} ".startswith(f"{name} ")]
        if not given:
            missing[name] = "never"
            continue
        seen = set().union(*given)
        left = [one for one in arguments if not seen.intersection(one.split("|"))]
        if set(left) - NOT_SHOWN.get(name, set()):
            missing[name] = left

    assert missing == {}, missing

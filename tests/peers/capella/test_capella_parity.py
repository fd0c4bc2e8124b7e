# SPDX-License-Identifier: Apache-2.0
"""The official client, unchanged, and ours with only the import changed do the same and get the same."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.peers,
    # The stand-in draws with rasterio, whose own multiplication of transforms affine 3 will one day refuse.
    pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning"),
    pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning"),
]
SCENARIOS = sorted(path.stem for path in (Path(__file__).parent / "scenarios").glob("*.py"))

REFUSED = {"raised": ["ClientError", "CapellaConsoleClientError", "ValueError"], "refusal": None}
UNKNOWN = "785185aa-b39f-4b4c-a2d6-5c0a8f0e1d55"
NOT_FOUND = {
    "raised": ["CapellaConsoleClientError"],
    "refusal": {"message": f"Tasking request not found: {UNKNOWN}", "code": "NOT_FOUND", "data": {}},
}
NOBODY = {
    "raised": ["AuthenticationError", "CapellaConsoleClientError"],
    "refusal": {"message": "Unauthorized", "code": "GENERAL_API_ERROR", "data": {}},
}

AGAIN = "contract 11, 28: what may pass is tried again"
ALWAYS_ERROR = "contract 11, 29: an entry of a failure always has code and message below error"
BODIES = "contract 11, 27: whatever a refusal looks like, it is one of the client's own errors"
KEEPS = "contract 9: merging keeps what is there twice where it is asked to"
MANY = "contract 11, 16: ids are not cut at 500"
OFFSETS = "contract 11, 19: the offset of a time counts"
REJECTED = "contract 11, 26: a rejected order is not used again"
ALL = "contract 11, 15: a search ends when all that was asked for is there"
CONTRACT = "contract 11, 25: the contract counts when a task's products are ordered"
EARLY = "what cannot be is refused before it is sent"
EXIT = "contract 11, 24: a library does not end the process"
NOTHING = "contract 11, 3: an item of which nothing was selected maps to nothing"
ONCE = "contract 11, 7: one request for one file"
ORDER = "contract 11, 14: links come in the order that was asked for"
RESUMED = "contract 11, 5, 6: a part that nobody knows the origin of is not gone on with, nor taken for whole"
RETRIED = "contract 11, 9: a file that was cut is gone on with"
SILENT = "contract 11, 4, 22: what cannot be meant is refused, not left out in silence"
SIZE = "contract 4.4: an unknown size is -1"
SORTED = "contract 11, 17: sorting by any property works"
SLASHES = "contract 11, 31: addresses are joined without a slash too many"
TIMES = "contract 11, 18: times may be objects"


def says_it_all(theirs, ours):
    """An error that the service gave no text for says at least what was asked and answered."""
    return (
        theirs["raised"] == ours["raised"]
        and theirs["refusal"]["code"] == ours["refusal"]["code"]
        and "400" in ours["refusal"]["message"]
    )


def is_ours(_, ours):
    return ours["raised"] == ["CapellaConsoleClientError"] and ours["refusal"]["code"] == "GENERAL_API_ERROR"


def has_error(theirs, ours):
    mine, his = ours[UNKNOWN], theirs[UNKNOWN]
    return {"message", "code"} <= mine["error"].keys() and {**mine, "error": 0} == {**his, "error": 0}


def converted(**times):
    def is_converted(theirs, ours):
        inner = ours["properties"].get("repetitionProperties", ours["properties"])
        return theirs.keys() == ours.keys() and times.items() <= inner.items()

    return is_converted


def asks_nothing_else(theirs, ours):
    return all(one in theirs for one in ours)


def asks_for_each_once(theirs, ours):
    return ours == [
        [path, {**body, "ids": list(dict.fromkeys(body["ids"]))} if "ids" in body else body] for path, body in theirs
    ]


def items_of(writes):
    return [len(body["items"]) for _, path, body in writes if path.startswith("/orders")]


def more(theirs, ours):
    return (theirs, ours) == (500, 700)


def begins_alike(theirs, ours):
    return ours["ids"]["count"] > theirs["ids"]["count"] == 10_000 and theirs["ids"]["first"] == ours["ids"]["first"]


def asks_in_parts(theirs, ours):
    """What only ours asks for is a part of a large search, sorted, or a few of many ids."""
    new = [body for path, body in ours if [path, body] not in theirs]
    return all("sortby" in body or 0 < len(body.get("ids", ())) <= 500 for body in new)


def has_the_same(theirs, ours):
    return sorted(map(str, theirs)) == sorted(map(str, ours))


def outside(*folders):
    """Compare the files outside of some folders, in which they differ as other steps say."""

    def are_alike(theirs, ours):
        inside = [[one for one in files if not one[0].startswith(folders)] for files in (theirs, ours)]
        return inside[0] == inside[1]

    return are_alike


DEVIATIONS = {
    "connect": {
        "whoami of nobody": (NOBODY, BODIES),
        "searches": (lambda theirs, ours: ours == [one for one in theirs if "//" not in one[0]], SLASHES),
    },
    "downloads": {
        "links in an order": (has_the_same, ORDER),
        "links are in that order": (True, ORDER),
        "assets in an order": (has_the_same, ORDER),
        "size of what has none": (-1, SIZE),
        "half one: ranges": ([], RESUMED),
        "half one where ranges are ignored: ranges": ([], RESUMED),
        "part of what has no size is": (True, RESUMED),
        "half one, overridden: requests": (1, ONCE),
        "other one, overridden: requests": (1, ONCE),
        "half one, overridden and not resumed: requests": (1, ONCE),
        "folder that is not there": (REFUSED, EARLY),
        "cut in the middle": ("path files/wrong/cut.png", RETRIED),
        "products only rasters where one has none": (
            lambda _, ours: sorted(map(len, ours.values())) == [0, 0, 1, 1, 1, 1],
            NOTHING,
        ),
        "products without what all lack": (lambda _, ours: [*ours.values()] == [{}, {}], NOTHING),
        "products of a misspelt asset": (REFUSED, SILENT),
        "products of a misspelt type": (REFUSED, SILENT),
        "products by unknown collect": ({}, EXIT),
        "products by task for no contract": (
            {
                "raised": ["ContractNotFoundError", "CapellaConsoleClientError"],
                "refusal": {"message": "No such contract", "code": "CONTRACT_NOT_FOUND", "data": {}},
            },
            CONTRACT,
        ),
        "writes": (
            lambda theirs, ours: [one[2]["contractId"] for one in ours if one not in theirs] == ["none"],
            CONTRACT,
        ),
        "files": (outside("one/", "wrong/", "misspelt", "only rasters of all/", "task contract/"), "as the steps say"),
    },
    "errors": {
        "object without a message": (says_it_all, BODIES),
        "empty object": (says_it_all, BODIES),
        "list": (is_ours, BODIES),
        "nothing": (is_ours, BODIES),
        "page": (NOT_FOUND, AGAIN),
        "too many": (NOT_FOUND, AGAIN),
        "busy": (NOT_FOUND, AGAIN),
        "unauthorized nobody": (NOBODY, BODIES),
        **{
            f"{call}: {body}": (has_error, ALWAYS_ERROR)
            for call in ("cancel", "cancel repeats", "update", "update repeats")
            for body in ("message alone", "gateway", "collection")
        },
    },
    "orders": {
        "searches": (asks_for_each_once, "an id that is given twice is asked for once"),
    },
    "orders_many": {
        "review of many": (more, MANY),
        "items of many": (more, MANY),
        "ids of many": (more, MANY),
        "items of an order of many": (more, MANY),
        "writes": (lambda theirs, ours: items_of(theirs) == [500, 500, 500, 1, 1] != items_of(ours), MANY),
        "searches": (lambda _, ours: max(len(body.get("ids", ())) for _, body in ours) <= 500, MANY),
        "rejected order used again": (
            {"raised": ["OrderRejectedError", "CapellaConsoleClientError"], "refusal": None},
            REJECTED,
        ),
    },
    "repeats": {
        "made offset": (converted(repeatStart="2030-05-01T05:00:00.000Z"), OFFSETS),
        "found by no status": (REFUSED, SILENT),
        "found by no tier": (REFUSED, SILENT),
        "updated by what is no argument": ({"raised": ["TypeError"], "refusal": None}, SILENT),
        "writes": (lambda theirs, ours: ours == without_nothing(theirs), SILENT),
    },
    "results": {
        "merged with itself, twice all": (
            lambda _, ours: (ours["ids"]["count"], ours["ids"]["distinct"]) == (60, 30),
            KEEPS,
        ),
    },
    "search": {
        "no geometry": (REFUSED, EARLY),
        "sorted by collection": (lambda theirs, ours: len(theirs) == len(ours) and theirs != ours, SORTED),
        "all": (begins_alike, ALL),
        "all of them": (lambda theirs, ours: theirs == [10_000, True] and ours[0] > 10_000 and ours[1], ALL),
        "all at once": (begins_alike, ALL),
        "searches": (asks_in_parts, f"{ALL}; {SORTED}"),
    },
    "tasking": {
        "made offset": (
            converted(windowOpen="2030-04-01T05:00:00.000Z", windowClose="2030-04-09T05:00:00.000Z"),
            OFFSETS,
        ),
        "made offset in objects": (converted(windowOpen="2030-04-01T13:00:00.000Z"), OFFSETS),
        "found by tiers": (REFUSED, SILENT),
        "found by what is no field": (REFUSED, SILENT),
        "found by no status": (REFUSED, SILENT),
        "found by no tier": (REFUSED, SILENT),
        "found by a time": (lambda _, ours: len(ours["ids"]) == 4, TIMES),
        "updated by what is no argument": ({"raised": ["TypeError"], "refusal": None}, SILENT),
        "searches": (asks_nothing_else, SILENT),
        "writes": (lambda theirs, ours: ours == without_nothing(theirs), SILENT),
    },
}
"""What ours gives instead, by scenario and step, and why."""

CONVERTED = {
    "offset": {"windowOpen": "2030-04-01T05:00:00.000Z", "windowClose": "2030-04-09T05:00:00.000Z", "repeatStart": "2030-05-01T05:00:00.000Z"},
    "offset in objects": {"windowOpen": "2030-04-01T13:00:00.000Z"},
}  # fmt: skip


def without_nothing(writes):
    """Leave out the requests that the official client sends for an argument that there is not."""
    return [one for one in writes if not (UNKNOWN in one[1] and one[2] == {"properties": {}})]


def corrected(path, body):
    """Give what ours sends instead of a body of the official client's (contract 11, 17, 19, 20, 21)."""
    properties = body.get("properties", {}) if isinstance(body, dict) else {}
    if path == "/task":
        times = {
            name: time
            for name, time in CONVERTED.get(properties["taskingrequestName"], {}).items()
            if name in properties
        }
        return {**body, "properties": {**properties, **times, "preApproval": properties["pre_approval"]}}
    if path == "/repeat-requests" and properties["repeatrequestName"] in CONVERTED:
        start = CONVERTED[properties["repeatrequestName"]]["repeatStart"]
        rule = {**properties["repetitionProperties"], "repeatStart": start}
        return {**body, "properties": {**properties, "repetitionProperties": rule}}
    if path.startswith("/repeat-requests/") and path.endswith("/status"):
        return {**body, "code": body["status"]}
    if path == "/repeat-requests/search":
        return {**body, "query": body["filter"]}
    return body


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
    assert parity.differences(official, ours, meant(scenario), corrected) == {}
    assert broken(ours) == []


def broken(document):
    """Give what the stand-in could not do."""
    return [f"{entry['method']} {entry['path']}: {entry['error']}" for entry in document["log"] if entry["error"]]


FILTERS = """absolute_orbit archive_holdback azimuth_angle billable_area center_frequency collect_id collection_type
    constellation created datetime epsg frequency_band hash image_formation_algorithm incidence_angle instrument_mode
    instruments layover_angle local_datetime local_time local_timezone look_angle looks_azimuth looks_equivalent_number
    looks_range observation_direction orbit_state orbital_plane pixel_spacing_azimuth pixel_spacing_range platform
    polarizations product_type relative_orbit resolution_azimuth resolution_ground_range resolution_range rgt_id
    squint_angle updated use_case"""
ARRAYS = ("instruments", "polarizations")
CONSTRAINTS = """off_nadir_min off_nadir_max image_width orbital_planes asc_dsc look_direction local_time polarization
    azimuth_angle_min azimuth_angle_max squint max_squint_angle"""
SHARED = f"""geometry name description collection_tier collection_type archive_holdback custom_attribute_1
    custom_attribute_2 product_types contract_id {CONSTRAINTS}"""
CHANGES = "name description custom_attribute_1 custom_attribute_2 product_types"
SOUGHT = """collection_type collection_tier status instrument_mode last_status_time submission_time org_id user_id for_org
    page_size threaded show_progress"""
KEYWORDS = {
    "search": "bbox intersects collections ids limit ownership sortby threaded",
    "create_tasking_request": f"{SHARED} window_open window_close pre_approval",
    "create_repeat_request": f"""{SHARED} repeat_start repeat_end repetition_interval repetition_count window_duration
        maintain_scene_framing look_angle_tolerance azimuth_angle_tolerance insar_orbit""",
    "update_tasking_requests": CHANGES,
    "update_repeat_requests": CHANGES,
    "search_tasking_requests": f"{SOUGHT} tasking_request_id window_open window_close",
    "search_repeat_requests": f"{SOUGHT} repeat_request_id repetition_interval repeat_start repeat_end",
}
"""What the methods take that declare no argument (contract 2.2, 5 and 6)."""


def test_every_line_of_the_checklist_has_a_scenario(players, inventory):
    """Whatever the official client has, some scenario calls, with every argument, every filter and every operator."""
    called = {}
    for scenario in SCENARIOS:
        for name, given in players.official(scenario)["calls"].items():
            called.setdefault(name, set()).update(given)
    client = "CapellaConsoleClient"
    bare = {name: {one.partition("__")[0] for one in given} for name, given in called.items()}
    missing = {name: sorted(set(wanted) - bare.get(name, set(wanted))) for name, wanted in inventory.items()}
    taken = {name: sorted(set(words.split()) - bare[f"{client}.{name}"]) for name, words in KEYWORDS.items()}
    operators = [
        one + end
        for one in FILTERS.split()
        for end in ("", "__eq", "__in", *(() if one in ARRAYS else ("__gt", "__gte", "__lt", "__lte")))
    ]

    assert [name for name in inventory if name not in called and "__init__" not in name] == []
    assert {name: left for name, left in (missing | taken).items() if left} == {}
    assert len(FILTERS.split()) == 41
    assert sorted(set(operators) - called[f"{client}.search"]) == []
    assert set(inventory[f"{client}.__init__"]) == called[client] - {"email", "password"}

# SPDX-License-Identifier: Apache-2.0
"""Tasking requests: made, changed, found, followed until they are done, cancelled."""

from __future__ import annotations

import datetime as dt

from capella_console_client import CapellaConsoleClient, exceptions
from capella_console_client.enumerations import ArchiveHoldback, CollectionTier, CollectionType, SquintMode
from player import KEY, MATE_KEY, ROOT, UNKNOWN, advance, asked, play

POINT = {"type": "Point", "coordinates": [-71.63, -33.04]}
AREA = {"type": "Polygon", "coordinates": [[[4.0, 51.9], [4.1, 51.9], [4.1, 52.0], [4.0, 52.0], [4.0, 51.9]]]}
OPEN, CLOSE = "2030-04-01T00:00:00Z", "2030-04-09T00:00:00Z"
WINDOW = {"window_open": OPEN, "window_close": CLOSE}
UTC = dt.UTC


def task_id(task):
    """Give a task's id."""
    return task["properties"]["taskingrequestId"]


def created(seen, client):
    """Made, with every argument."""

    def make(label, geometry=POINT, **how):
        given = {"name": label, **how}
        task = seen(f"made {label}", client.create_tasking_request, geometry=geometry, **given)
        advance(1)
        return task

    tasks = [make("plain", **WINDOW)]
    before = dt.datetime.now(UTC)
    now = seen.part(
        "made by default",
        lambda task: task["properties"]["collectConstraints"],
        client.create_tasking_request,
        geometry=POINT,
        name="by default",
    )
    start, end = (dt.datetime.fromisoformat(now["properties"][name]) for name in ("windowOpen", "windowClose"))
    seen.note("window by default", [abs(start - before) < dt.timedelta(minutes=1), (end - start).total_seconds()])
    constraints = {
        "off_nadir_min": 20, "off_nadir_max": 35, "image_width": 5000, "orbital_planes": [45, 53], "asc_dsc": "ascending",
        "look_direction": "left", "local_time": "day", "polarization": "VV", "azimuth_angle_min": 340,
        "azimuth_angle_max": 20, "squint": "forward", "max_squint_angle": 10,
    }  # fmt: skip
    tasks.append(make("whole", description="all of it", collection_tier="urgent", collection_type="stripmap_50",
                      archive_holdback="1_year", custom_attribute_1="one", custom_attribute_2="two", pre_approval=True,
                      product_types=["SLC", "GEC"], contract_id="ct-7", **constraints, **WINDOW))  # fmt: skip
    tasks.append(make("area", AREA, **WINDOW))
    make(
        "times",
        window_open=dt.datetime(2030, 4, 1, 10, 30, tzinfo=UTC),
        window_close=dt.datetime(2030, 4, 9, tzinfo=UTC),
    )
    make("naive times", window_open=dt.datetime(2030, 4, 1, 10, 30), window_close="2030-04-09T00:00:00")  # noqa: DTZ001
    make("dates", window_open="2030-04-01", window_close="2030-04-09")
    make("offset", window_open="2030-04-01T10:00:00+05:00", window_close="2030-04-09T10:00:00+05:00")
    make(
        "offset in objects",
        window_open=dt.datetime(2030, 4, 1, 10, tzinfo=dt.timezone(dt.timedelta(hours=-3))),
        window_close=CLOSE,
    )
    make("enums", collection_tier=CollectionTier.priority, collection_type=CollectionType.SPOTLIGHT_WIDE,
         archive_holdback=ArchiveHoldback.thirty_day, squint=SquintMode.DISABLED, **WINDOW)  # fmt: skip
    make("local time", local_time=[[3600, 7200]], **WINDOW)
    make("urgent", collection_tier="urgent", window_open=OPEN, window_close="2030-04-02T00:00:00Z")
    return tasks


def refused(seen, client):
    """What cannot be made."""

    def fails(label, **how):
        before = len(asked())
        given = {"geometry": POINT, "name": label, **WINDOW, **how}
        seen.fails(f"refused {label}", client.create_tasking_request, **given)
        seen.note(f"asked for a refused {label}", [one["status"] for one in asked()[before:]])

    fails("start", window_open="soon")
    fails("end", window_close="2030-13-01")
    fails("contract", contract_id="none")
    fails("short window", window_close="2030-04-02T00:00:00Z")
    fails("end before the start", window_close="2030-03-02T00:00:00Z")
    fails("tier", collection_tier="sometime")
    fails("type", collection_type="hologram")
    fails("angles", off_nadir_min=40, off_nadir_max=20)
    fails("angle", off_nadir_max=60)
    fails("place", geometry={"type": "Point", "coordinates": [0, 89]})
    fails("geometry", geometry={"type": "LineString", "coordinates": [[0, 0], [1, 1]]})
    fails("direction", look_direction="up")
    fails("hour", local_time="noon")
    seen.fails("refused argument", client.create_tasking_request, geometry=POINT, name="x", colour="red")
    seen.fails("refused without a name", client.create_tasking_request, geometry=POINT)
    seen.fails("refused without a place", client.create_tasking_request, name="x")


def found(seen, client, tasks):
    """Searched for."""
    ids = [task_id(one) for one in tasks]
    mate = CapellaConsoleClient(api_key=MATE_KEY, base_url=ROOT)
    mine = mate.create_tasking_request(geometry=POINT, name="of a mate", **WINDOW)
    ben = mine["properties"]["userId"]
    organisation = mine["properties"]["orgId"]

    def search(label, who=client, **how):
        def names(result):
            return [one["properties"]["taskingrequestName"] for one in result]

        return seen.part(f"found {label}", names, who.search_tasking_requests, **how)

    result = search("own")
    seen("found as it is", client.search_tasking_requests, tasking_request_id=ids[0])
    search("of the organisation", for_org=True)
    search("of an organisation", org_id=organisation)
    search("of organisations", org_id=[organisation])
    search("of a user", user_id=ben)
    search("of a user in the organisation", user_id=ben, for_org=True)
    search("of a mate", mate)
    seen.fails("found of the organisation by a mate", mate.search_tasking_requests, for_org=True)
    search("by type", collection_type="spotlight_wide")
    search("by types", collection_type=["SPOTLIGHT_WIDE", "stripmap_50"])
    search("by tier", collection_tier="urgent")
    search("by tiers", collection_tier=["urgent", "priority", "bogus"])
    search("by status", status="received")
    search("by statuses", status=["RECEIVED", "review", "canceled"])
    search("by status, given by operator", status__eq="received")
    search("by id", tasking_request_id=ids[1])
    search("by ids", tasking_request_id=[*ids, ids[0]])
    search("by unknown id", tasking_request_id=UNKNOWN)
    search("by mode", instrument_mode="stripmap")
    search("by modes", instrument_mode=["stripmap", "spotlight"])
    search("by last change", last_status_time__gte="2020-01-01T00:00:00Z")
    search("by submission", submission_time__lt="2020-01-01T00:00:00Z")
    search("by start", window_open__gt="2030-04-01T00:00:00Z")
    search("by start and end", window_open__gte="2030-04-01T00:00:00Z", window_close__lte="2030-04-09T00:00:00Z")
    search("by date", window_open__gte="2030-04-01")
    search("of small pages", page_size=2)
    seen.part("found of small pages with a bar", lambda found: sorted(found.tasking_request_ids),
              client.search_tasking_requests, page_size=2, show_progress=True)  # fmt: skip
    search("of small pages, one by one", page_size=3, threaded=False)
    search("of small pages, one by one, with a bar", page_size=3, threaded=False, show_progress=True)
    search("by what is no field", colour="red")
    seen.ends("found by no status", client.search_tasking_requests, status="bogus")
    seen.ends("found by no tier", client.search_tasking_requests, collection_tier=["bogus"])
    seen.ends("found by a time", client.search_tasking_requests, window_open__gt=dt.datetime(2030, 4, 1, tzinfo=UTC))
    seen.fails("found by no UUID", client.search_tasking_requests, tasking_request_id=[ids[0], "no-uuid"])
    result_parts(seen, client, result)
    return task_id(mine)


def result_parts(seen, client, result):
    """What a search gives."""
    seen.note("result ids", [len(result.tasking_request_ids), result.repeat_request_ids])
    for field in ("collectionType", "collectionTier", "customAttribute1", "contractId", "taskingrequestName", "bogus"):
        grouped = seen(f"grouped by {field}", result.groupby, field)
        seen.note(f"counts of {field}", grouped.value_counts())
    seen("merged", result.merge, client.search_tasking_requests(collection_tier="urgent"))
    seen(
        "merged with all twice",
        result.merge,
        client.search_tasking_requests(collection_tier="urgent"),
        keep_duplicates=True,
    )
    seen("summary", result.log_summary, with_request_body=True)
    few = client.search_tasking_requests(collection_tier="urgent")
    seen("added a page", few.add, {"results": result[:2]})
    seen("added it again", few.add, {"results": result[:2]}, keep_duplicates=True)
    seen("added one", few.add_feature, result[3])
    seen.note("after adding", few.tasking_request_ids)
    collection = seen.made(result.to_feature_collection)
    seen.note("collection", [collection["type"], len(collection["features"]), sorted(collection)])


def followed(seen, client, task):
    """Followed until it is done."""
    name = task_id(task)

    def looks(label):
        now = seen(f"{label}: task", client.get_task, name)
        seen(f"{label}: done", client.is_task_completed, now)

    seen.fails("collects too early", client.get_collects_for_task, name)
    looks("at once")
    for label, seconds in {"priced": 70, "active": 400, "accepted": 300, "completed": 400}.items():
        advance(seconds)
        looks(label)
    collects = seen("collects", client.get_collects_for_task, name)
    seen("products of the task", client.search, collect_id=collects[0]["collectId"])
    seen("products owned", client.search, ownership="ownedByOrganization")
    seen.fails("unknown task", client.get_task, UNKNOWN)
    seen.fails("collects of the unknown", client.get_collects_for_task, UNKNOWN)


def changed(seen, client, tasks, foreign):
    """Changed and cancelled, some of them with success."""
    plain, done, area = (task_id(one) for one in tasks)
    update, cancel = client.update_tasking_requests, client.cancel_tasking_requests
    everything = {"name": "new name", "description": "new", "custom_attribute_1": "1", "custom_attribute_2": "2",
                  "product_types": ["GEO", "VC"]}  # fmt: skip
    seen("updated", update, plain, **everything)
    seen("updated by nothing", update, plain)
    seen("updated by None", update, plain, name=None, description="again")
    seen("updated two", update, plain, area, description="both")
    seen("updated some", update, plain, done, UNKNOWN, name="some")
    seen("updated none", update, done, UNKNOWN, name="none")
    seen.fails("updated nobody", update, name="x")
    seen.fails("updated no UUID", update, plain, "no-uuid", name="x")
    seen.ends("updated by what is no argument", update, UNKNOWN, colour="red")
    seen("cancelled", cancel, plain)
    seen("cancelled some", cancel, plain, area, area, None, UNKNOWN, done)
    seen("cancelled none", cancel, plain)
    seen("cancelled a mate's", cancel, foreign)
    seen.fails("cancelled nobody", cancel)
    seen.fails("cancelled None", cancel, None)
    seen.fails("cancelled no UUID", cancel, area, "no-uuid")
    seen.part("statuses at last", lambda found: [one["properties"]["statusHistory"][0]["code"] for one in found],
              client.search_tasking_requests, for_org=True)  # fmt: skip


def scenario(seen):
    """Run all of it."""
    client = CapellaConsoleClient(api_key=KEY, base_url=ROOT)
    tasks = created(seen, client)
    refused(seen, client)
    foreign = found(seen, client, tasks)
    followed(seen, client, tasks[1])
    changed(seen, client, tasks, foreign)


if __name__ == "__main__":
    play(scenario, exceptions)

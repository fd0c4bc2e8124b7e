# SPDX-License-Identifier: Apache-2.0
"""Repeat requests, also for interferometry: made, found, changed, cancelled."""

from __future__ import annotations

import datetime as dt

from capella_console_client import CapellaConsoleClient, exceptions
from capella_console_client.enumerations import InsarOrbit, RepeatCollectionTier, RepeatCycle
from player import KEY, MATE_KEY, ROOT, UNKNOWN, advance, asked, play

POINT = {"type": "Point", "coordinates": [14.99, 37.75]}
START, END = "2030-05-01T00:00:00Z", "2030-12-01T00:00:00Z"
UTC = dt.UTC


def repeat_id(repeat):
    """Give a repeat request's id."""
    return repeat["properties"]["repeatrequestId"]


def created(seen, client):
    """Made, with every argument."""

    def make(label, **how):
        given = {"geometry": POINT, "name": label, "repeat_start": START, **how}
        repeat = seen(f"made {label}", client.create_repeat_request, **given)
        advance(1)
        return repeat

    repeats = [make("plain"), make("until", repeat_end=END, repetition_interval=14)]
    now = dt.datetime.now(UTC)
    made = seen.part("made by default", lambda one: one["properties"]["collectConstraints"], client.create_repeat_request,
                     geometry=POINT, name="by default")  # fmt: skip
    start = dt.datetime.fromisoformat(made["properties"]["repetitionProperties"]["repeatStart"])
    seen.note("start by default", abs(start - now) < dt.timedelta(minutes=1))
    repeats.append(make(
        "whole", description="all of it", collection_tier="flexible", collection_type="stripmap_50",
        archive_holdback="permanent", custom_attribute_1="one", custom_attribute_2="two", product_types=["SLC", "GEC"],
        contract_id="ct-7", off_nadir_min=20, off_nadir_max=35, image_width=5000, orbital_planes=[97], asc_dsc="descending",
        look_direction="right", local_time="night", polarization="HH", azimuth_angle_min=10, azimuth_angle_max=90,
        squint="disabled", max_squint_angle=5, repetition_count=3, repetition_interval=RepeatCycle.DAILY,
        maintain_scene_framing=True, look_angle_tolerance=2, azimuth_angle_tolerance=3, window_duration=43_200,
    ))  # fmt: skip
    repeats.append(make(
        "interferometry", collection_tier="insar", collection_type="stripmap_100", insar_orbit="MIO_53_2P95",
        repetition_interval=3, repeat_end=END, product_types=["SLC", "GEO"], squint="disabled",
    ))  # fmt: skip
    make("interferometry by enums", collection_tier=RepeatCollectionTier.insar, collection_type="spotlight",
         insar_orbit=InsarOrbit.SSO_97_7P00, squint="disabled", product_types=["SLC"])  # fmt: skip
    make("times", repeat_start=dt.datetime(2030, 5, 1, 6, tzinfo=UTC), repeat_end=dt.datetime(2030, 8, 1, tzinfo=UTC))
    make("offset", repeat_start="2030-05-01T10:00:00+05:00")
    make("counted", repetition_count=2, repetition_interval=30)
    return repeats


def refused(seen, client):
    """What cannot be made."""

    def fails(label, **how):
        before = len(asked())
        given = {"geometry": POINT, "name": label, "repeat_start": START, **how}
        seen.fails(f"refused {label}", client.create_repeat_request, **given)
        seen.note(f"asked for a refused {label}", [one["status"] for one in asked()[before:]])

    fails("end and count", repeat_end=END, repetition_count=3)
    fails("end that is none and count", repeat_end="never", repetition_count=0)
    fails("start", repeat_start="soon")
    fails("end", repeat_end="never")
    fails("end before the start", repeat_end="2030-04-01T00:00:00Z")
    fails("contract", contract_id="none")
    fails("tier", collection_tier="urgent")
    fails("area", geometry={"type": "Polygon", "coordinates": [[[4, 51], [5, 51], [5, 52], [4, 52], [4, 51]]]})
    insar = {"collection_tier": "insar", "insar_orbit": "MIO_53_2P95", "squint": "disabled"}
    fails("interferometry without an orbit", **{**insar, "insar_orbit": None})
    fails("orbit without interferometry", insar_orbit="MIO_53_2P95", squint="disabled")
    fails("orbit", **{**insar, "insar_orbit": "MIO_45"})
    fails("type for interferometry", **insar, collection_type="spotlight_ultra")
    fails("squint for interferometry", **{**insar, "squint": "enabled"})
    fails("products for interferometry", **insar, product_types=["GEO"])
    seen.fails("refused argument", client.create_repeat_request, geometry=POINT, name="x", window_open=START)
    seen.fails("refused without a name", client.create_repeat_request, geometry=POINT)


def found(seen, client, repeats):
    """Searched for, and what they have spawned."""
    ids = [repeat_id(one) for one in repeats]
    mate = CapellaConsoleClient(api_key=MATE_KEY, base_url=ROOT)
    mine = mate.create_repeat_request(geometry=POINT, name="of a mate", repeat_start=START)
    ben, organisation = mine["properties"]["userId"], mine["properties"]["orgId"]

    def search(label, who=client, **how):
        def names(result):
            return [one["properties"]["repeatrequestName"] for one in result]

        return seen.part(f"found {label}", names, who.search_repeat_requests, **how)

    result = search("own")
    seen("found as it is", client.search_repeat_requests, repeat_request_id=ids[0])
    search("of the organisation", for_org=True)
    search("of an organisation", org_id=organisation)
    search("of a user", user_id=ben)
    search("of a mate", mate)
    search("by type", collection_type="stripmap_100")
    search("by tiers", collection_tier=["insar", "flexible"])
    search("by tier", collection_tier="routine")
    search("by status", status=["submitted", "canceled"])
    search("by id", repeat_request_id=ids[1])
    search("by ids", repeat_request_id=ids)
    search("by mode", instrument_mode="stripmap")
    search("by interval", repetition_interval=3)
    search("by intervals", repetition_interval=[3, 14])
    search("by long interval", repetition_interval__gt=10)
    search("by start", repeat_start__gte="2030-05-01T01:00:00Z")
    search("by end", repeat_end__lt="2030-09-01T00:00:00Z")
    search("by last change", last_status_time__gte="2020-01-01T00:00:00Z")
    search("by submission", submission_time__lt="2020-01-01T00:00:00Z")
    search("of small pages", page_size=2, threaded=False)
    seen.part("found of small pages with a bar", lambda found: sorted(found.repeat_request_ids),
              client.search_repeat_requests, page_size=2, show_progress=True)  # fmt: skip
    seen.ends("found by no status", client.search_repeat_requests, status="bogus")
    seen.ends("found by no tier", client.search_repeat_requests, collection_tier="urgent")
    seen.fails("found by no UUID", client.search_repeat_requests, repeat_request_id="no-uuid")
    seen.note("result ids", len(result.repeat_request_ids))
    for field in ("collectionTier", "repeatrequestName", "windowDuration", "repetitionProperties"):
        seen(f"grouped by {field}", result.groupby, field)
    few = client.search_repeat_requests(collection_tier="insar")
    seen("merged", result.merge, few)
    seen("merged with all twice", result.merge, few, keep_duplicates=True)
    seen("summary", result.log_summary, with_request_body=True)
    seen("added a page", few.add, {"results": result[:2]})
    seen("added it again", few.add, {"results": result[:2]}, keep_duplicates=True)
    seen("added one", few.add_feature, result[3])
    seen.note("after adding", few.repeat_request_ids)
    collection = seen.made(few.to_feature_collection)
    seen.note("collection", [collection["type"], len(collection["features"]), sorted(collection)])
    seen.part("spawned", lambda tasks: sorted({one["properties"]["repeatrequestId"] for one in tasks} & set(ids)),
              client.search_tasking_requests)  # fmt: skip
    return repeat_id(mine)


def changed(seen, client, repeats, foreign):
    """Changed and cancelled, some of them with success."""
    plain, until, whole, insar = (repeat_id(one) for one in repeats)
    update, cancel = client.update_repeat_requests, client.cancel_repeat_requests
    everything = {"name": "new name", "description": "new", "custom_attribute_1": "1", "custom_attribute_2": "2",
                  "product_types": ["GEO", "SLC"]}  # fmt: skip
    seen("updated", update, plain, **everything)
    seen("updated by nothing", update, plain)
    seen("updated some", update, until, whole, UNKNOWN, name="some")
    seen.fails("updated nobody", update, name="x")
    seen.fails("updated no UUID", update, "no-uuid", name="x")
    seen.ends("updated by what is no argument", update, UNKNOWN, colour="red")
    seen("cancelled", cancel, plain)
    seen("updated after the end", update, plain, name="late")
    seen("cancelled some", cancel, plain, until, until, None, UNKNOWN)
    seen("cancelled a mate's", cancel, foreign)
    seen.fails("cancelled nobody", cancel)
    seen.fails("cancelled no UUID", cancel, insar, "no-uuid")
    seen.part("statuses at last", lambda found: [one["properties"]["statusHistory"][0]["code"] for one in found],
              client.search_repeat_requests, for_org=True)  # fmt: skip


def scenario(seen):
    """Run all of it."""
    client = CapellaConsoleClient(api_key=KEY, base_url=ROOT)
    repeats = created(seen, client)
    refused(seen, client)
    foreign = found(seen, client, repeats)
    changed(seen, client, repeats, foreign)


if __name__ == "__main__":
    play(scenario, exceptions)

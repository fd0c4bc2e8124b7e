# SPDX-License-Identifier: Apache-2.0
"""Tasking and repeat requests as Capella's own client has them, and approval, which it lacks."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from swath.errors import CostExceeded, Rejected
from swath_capella.enumerations import (
    ArchiveHoldback,
    CollectionTier,
    CollectionType,
    InsarOrbit,
    InstrumentMode,
    LocalTimeOption,
    ObservationDirection,
    OrbitalPlane,
    OrbitState,
    Polarization,
    RepeatCollectionTier,
    RepeatCycle,
    SquintMode,
)
from swath_capella.exceptions import (
    AuthorizationError,
    CapellaConsoleClientError,
    ClientError,
    RepeatRequestPayloadValidationError,
    TaskNotCompleteError,
    ValidationError,
)
from swath_capella.search import RepeatRequestSearchResult, TaskingRequestSearchResult

TASK, TASKS, REPEAT, REPEATS = r"/task$", r"/tasks/search$", r"/repeat-requests$", r"/repeat-requests/search$"
PORT = {"type": "Point", "coordinates": [-71.63, -33.04]}
FIELD = {"type": "Polygon", "coordinates": [[[11.1, 49.5], [11.2, 49.5], [11.2, 49.6], [11.1, 49.6], [11.1, 49.5]]]}
NOBODY = str(uuid.UUID(int=7, version=4))


@pytest.fixture
def task(client):
    """Send a tasking request, and give its id."""

    def sent(**changes):
        record = client.create_tasking_request(**{"geometry": PORT, "name": "port", **changes})
        return record["properties"]["taskingrequestId"]

    return sent


@pytest.fixture
def repeat(client):
    def sent(**changes):
        record = client.create_repeat_request(**{"geometry": PORT, "name": "again", **changes})
        return record["properties"]["repeatrequestId"]

    return sent


def stamp(time):
    return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03d}Z"


# --- creating ---------------------------------------------------------------------------------------------------------


def test_a_request_has_the_defaults_of_capellas_client(box, client):
    before = box.clock.now()

    record = client.create_tasking_request(geometry=PORT, name="port")

    (body,) = box.bodies(TASK)
    start = dt.datetime.fromisoformat(body["properties"].pop("windowOpen"))
    end = dt.datetime.fromisoformat(body["properties"].pop("windowClose"))
    assert before - dt.timedelta(seconds=1) < start < box.clock.now()
    assert end - start == dt.timedelta(days=7)
    assert body == {
        "type": "Feature",
        "geometry": PORT,
        "properties": {
            "taskingrequestName": "port", "taskingrequestDescription": "", "collectionTier": "standard",
            "collectionType": "spotlight", "archiveHoldback": "none", "customAttribute1": None,
            "customAttribute2": None, "preApproval": False, "pre_approval": False,
            "collectConstraints": {"ascDsc": "either", "lookDirection": "either", "squint": "enabled"},
        },
    }  # fmt: skip
    assert record["properties"]["statusHistory"][0]["code"] == "received"


def test_every_argument_has_its_place(box, client):
    client.create_tasking_request(
        geometry=PORT,
        name="all",
        description="of it",
        window_open="2027-04-01T10:00:00+05:00",
        window_close=dt.datetime(2027, 4, 20, 1, 2, 3, 456_000, tzinfo=dt.timezone(-dt.timedelta(hours=3))),
        collection_tier=CollectionTier.priority,
        collection_type=CollectionType.STRIPMAP_50,
        archive_holdback=ArchiveHoldback.one_year,
        custom_attribute_1="a",
        custom_attribute_2="b",
        pre_approval=True,
        product_types=["SLC", "VC"],
        contract_id="ct-1",
        off_nadir_min=10,
        off_nadir_max=40,
        image_width=5000,
        orbital_planes=[OrbitalPlane.fortyfive, 97],
        asc_dsc=OrbitState.ascending,
        look_direction=ObservationDirection.left,
        local_time=LocalTimeOption.day,
        polarization=Polarization.VV,
        azimuth_angle_min=340,
        azimuth_angle_max=20,
        squint=SquintMode.FORWARD,
        max_squint_angle=15,
    )

    (body,) = box.bodies(TASK)
    assert body["contractId"] == "ct-1"
    assert body["properties"] == {
        "taskingrequestName": "all", "taskingrequestDescription": "of it",
        "windowOpen": "2027-04-01T05:00:00.000Z", "windowClose": "2027-04-20T04:02:03.456Z",
        "collectionTier": "priority", "collectionType": "stripmap_50", "archiveHoldback": "1_year",
        "customAttribute1": "a", "customAttribute2": "b", "preApproval": True, "pre_approval": True,
        "collectConstraints": {
            "offNadirMin": 10, "offNadirMax": 40, "imageWidth": 5000, "orbitalPlanes": [45, 97],
            "ascDsc": "ascending", "lookDirection": "left", "localTime": "day", "polarization": "VV",
            "azimuthAngleMin": 340, "azimuthAngleMax": 20, "squint": "forward", "maxSquintAngle": 15,
        },
        "processingConfig": {"productTypes": ["SLC", "VC"]},
    }  # fmt: skip


def test_areas_are_not_squinted_at_and_the_guides_words_are_understood(box, client):
    client.create_tasking_request(
        geometry=FIELD, name="area", archive_holdback="thirty_day", orbitalPlanes=[53], local_time=[[0, 3600]]
    )
    client.create_tasking_request(geometry=FIELD, name="area", archive_holdback="30 day", preApproval=True)

    first, second = (one["properties"] for one in box.bodies(TASK))
    assert first["collectConstraints"] == {
        "ascDsc": "either", "lookDirection": "either", "squint": "disabled", "orbitalPlanes": [53],
        "localTime": [[0, 3600]],
    }  # fmt: skip
    assert [first["archiveHoldback"], second["archiveHoldback"]] == ["30_day", "30_day"]
    assert second["preApproval"] is second["pre_approval"] is True


@pytest.mark.parametrize(
    ("text", "wire"),
    [
        ("2027-12-24 3:30 PM", "2027-12-24T15:30:00.000Z"),
        ("2027-12-24", "2027-12-24T00:00:00.000Z"),
        ("2027-12-24T03:30:00.5Z", "2027-12-24T03:30:00.500Z"),
        ("24 December 2027", "2027-12-24T00:00:00.000Z"),
        (dt.date(2027, 12, 24), "2027-12-24T00:00:00.000Z"),
        (dt.datetime.fromisoformat("2027-12-24T15:30"), "2027-12-24T15:30:00.000Z"),
    ],
)
def test_times_are_read_in_many_forms(text, wire):
    from swath_capella._native.times import as_moment, milliseconds

    assert milliseconds(as_moment(text, "window_open")) == wire


def test_what_cannot_be_read_is_said_before_anything_is_sent(box, client):
    with pytest.raises(ValueError, match="window_open is no time: 'soon'"):
        client.create_tasking_request(geometry=PORT, name="x", window_open="soon")
    with pytest.raises(ValueError, match="repeat_end is no time"):
        client.create_repeat_request(geometry=PORT, name="x", repeat_end="later")
    with pytest.raises(ValueError, match="no GeoJSON geometry"):
        client.create_tasking_request(geometry={"lat": 1}, name="x")
    with pytest.raises(TypeError, match=r"unexpected keyword argument 'window_opens'; did you mean 'window_open'"):
        client.create_tasking_request(geometry=PORT, name="x", window_opens="now")
    with pytest.raises(TypeError, match=r"create_repeat_request\(\) got an unexpected keyword argument 'pre_approval'"):
        client.create_repeat_request(geometry=PORT, name="x", pre_approval=True)
    with pytest.raises(TypeError, match="needs name"):
        client.create_tasking_request(geometry=PORT)
    assert not box.sent("")


def test_the_service_judges_words_and_windows(client):
    with pytest.raises(ValidationError, match=r"properties\.collectionTier") as caught:
        client.create_tasking_request(geometry=PORT, name="x", collection_tier="yesterday")

    assert caught.value.code == "VALIDATION_ERROR"
    assert caught.value.data["detail"][0]["path"] == "properties.collectionTier"
    assert caught.value.response.json()["error"]["code"] == "VALIDATION_ERROR"
    assert isinstance(caught.value, Rejected)
    with pytest.raises(ValidationError, match="168 hours"):
        client.create_tasking_request(geometry=PORT, name="x", window_open="2027-01-01", window_close="2027-01-02")


# --- price and approval -----------------------------------------------------------------------------------------------


def test_a_request_is_priced_and_approved(box, client, task):
    task_id = task()
    assert client.quote_tasking_request(task_id) is None
    box.clock.advance(60)
    assert client.quote_tasking_request(task_id)["total"] == "$1,000.00"

    with pytest.raises(CostExceeded, match=r"1,000\.00"):
        client.approve_tasking_request(task_id, max_cost=999)
    assert client.get_task(task_id)["properties"]["statusHistory"][0]["code"] == "review"
    client.approve_tasking_request(task_id, max_cost=1000)

    assert client.get_task(task_id)["properties"]["statusHistory"][0]["code"] == "submitted"
    with pytest.raises(CapellaConsoleClientError, match="finalized") as caught:
        client.approve_tasking_request(task_id)
    assert caught.value.code == "UNABLE_TO_UPDATE_FINALIZED_TRANSACTION"


def test_a_request_without_price_is_not_approved_under_a_cap(client, task):
    with pytest.raises(CostExceeded, match="unknown amount"):
        client.approve_tasking_request(task(), max_cost=5000)


def test_a_price_can_be_turned_down(box, client, task):
    task_id = task()
    box.clock.advance(60)

    client.reject_tasking_request(task_id)

    assert client.get_task(task_id)["properties"]["statusHistory"][0]["code"] == "rejected"


# --- looking ----------------------------------------------------------------------------------------------------------


def test_acquisitions_are_listed_once_the_request_is_completed(box, client, task):
    task_id = task(pre_approval=True)
    record = client.get_task(task_id)
    assert not client.is_task_completed(record)
    with pytest.raises(TaskNotCompleteError, match=rf"<{task_id}> is not in completed state but received"):
        client.get_collects_for_task(task_id)
    box.clock.advance(3600)

    assert client.is_task_completed(client.get_task(task_id))
    (collect,) = client.get_collects_for_task(task_id)

    assert collect["taskingrequestId"] == task_id
    assert [one["code"] for one in collect["collectStatusHistory"]][-1] == "predicted"
    assert set(client.search(collect_id=collect["collectId"]).groupby("product_type")) == {"SLC", "GEO"}


def test_a_request_that_was_completed_once_stays_so(client):
    history = [{"code": "submitted"}, {"code": "completed"}, {"code": "accepted"}]

    assert client.is_task_completed({"properties": {"statusHistory": history}})


def test_your_own_requests_are_found(box, client, task):
    task_id = task()

    found = client.search_tasking_requests(tasking_request_id=[task_id, task_id])

    assert isinstance(found, TaskingRequestSearchResult)
    assert found.tasking_request_ids == [task_id]
    assert box.sent(TASKS)[-1].query == {"page": ["1"], "limit": ["250"]}
    me = client.whoami()
    assert box.bodies(TASKS)[-1] == {
        "query": {"includeRepeatingTasks": {"eq": False}, "userId": me["id"], "taskingrequestIds": [task_id]}
    }


def test_scope_is_the_users_the_organisations_or_anyones(box, client):
    me = client.whoami()
    box.forget()

    client.search_tasking_requests(for_org=True)
    client.search_tasking_requests(org_id=me["organizationId"])
    client.search_tasking_requests(org_id=[me["organizationId"]], for_org=True)
    client.search_repeat_requests(user_id=me["id"], for_org=True)

    scopes = [
        {name: value for name, value in body["query"].items() if name in {"userId", "organizationIds"}}
        for body in box.bodies(r"/search$")
    ]
    assert scopes == [
        {"organizationIds": [me["organizationId"]]},
        {"organizationIds": {"eq": me["organizationId"]}},
        {"organizationIds": [me["organizationId"]]},
        {"userId": {"eq": me["id"]}},
    ]
    with pytest.raises(AuthorizationError, match="not authorized to perform") as caught:
        client.search_tasking_requests(org_id=NOBODY)
    assert caught.value.code == "NOT_AUTHORIZED"


def test_filters_words_and_operators_go_out_as_they_must(box, client):
    client.search_tasking_requests(
        status="Completed",
        collection_type=[CollectionType.SPOTLIGHT, "STRIPMAP_20"],
        collection_tier=["7_day", "urgent"],
        instrument_mode=InstrumentMode.spotlight,
        window_open__gte=dt.datetime(2026, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=2))),
        window_open__lt="2028-01-01",
        submission_time__gt="2026-01-01T02:00:00+02:00",
        page_size=0,
    )

    query = box.bodies(TASKS)[-1]["query"]
    query.pop("userId")
    assert query == {
        "includeRepeatingTasks": {"eq": False},
        "lastStatusCode": {"eq": "completed"},
        "collectionType": ["spotlight", "stripmap_20"],
        "collectionTier": ["urgent", "7_day"],
        "type": {"eq": "spotlight"},
        "windowOpen": {"gte": "2025-12-31T22:00:00Z", "lt": "2028-01-01"},
        "submissionTime": {"gt": "2026-01-01T00:00:00Z"},
    }


@pytest.mark.parametrize(
    ("slip", "told"),
    [
        ({"status": "complete"}, "did you mean 'completed'"),
        ({"status": ["review", "in-review"]}, "'in-review'"),
        ({"collection_tier": "routine"}, "collection_tier cannot be 'routine'"),
        ({"collection_type": "strip_map20"}, "did you mean 'stripmap_20'"),
        ({"tasking_request_id": "nobody"}, "not a valid uuid"),
        ({"stauts": "review"}, "did you mean 'status'"),
        ({"tasking_request_id": None}, "tasking_request_id is None"),
        ({"window_open__after": "2026-01-01"}, "no operator 'after'"),
    ],
)
def test_a_slip_is_said_instead_of_widening_the_search(box, client, slip, told):
    with pytest.raises(ValueError, match=told) as caught:
        client.search_tasking_requests(**slip)

    assert isinstance(caught.value, ClientError)
    assert not box.sent(TASKS)


@pytest.mark.parametrize("threaded", [True, False])
def test_pages_come_in_order(box, client, task, threaded):
    for _ in range(5):
        task(name=f"pages {threaded}")

    whole = client.search_tasking_requests()
    box.forget()
    found = client.search_tasking_requests(page_size=2, threaded=threaded, show_progress=True)

    assert found.tasking_request_ids == whole.tasking_request_ids
    assert len(box.sent(TASKS)) == -(-len(whole) // 2)


# --- several at once --------------------------------------------------------------------------------------------------


def test_some_are_cancelled_and_some_cannot_be(box, client, task):
    mine, done = task(), task()
    client.cancel_tasking_requests(done)
    box.forget()

    result = client.cancel_tasking_requests(mine, None, NOBODY, done, mine)

    assert list(result) == [mine, NOBODY, done]
    assert result[mine] == {"success": True}
    assert result[NOBODY]["success"] is False
    assert result[NOBODY]["error"]["code"] == "NOT_FOUND"
    assert result[done]["error"]["code"] == "UNABLE_TO_UPDATE_FINALIZED_TRANSACTION"
    assert {str(one.body) for one in box.sent("/status$")} == {"{'status': 'canceled'}"}
    assert len(box.sent("/status$")) == 3


def test_one_that_gets_no_answer_loses_no_other(box, client, task):
    first, second = task(), task()
    box.faults.add(method="PATCH", path=first, drop="before", times=None)

    result = client.cancel_tasking_requests(first, second)

    assert result[second] == {"success": True}
    assert result[first]["success"] is False
    assert result[first]["error"]["code"] == "NO_ANSWER"
    assert "got no answer" in result[first]["error"]["message"]


@pytest.mark.parametrize("body", [{"message": "Unauthorized"}, "<html>Bad gateway</html>", ["no", "object"]])
def test_every_failure_has_an_error_with_message_and_code(box, client, task, body):
    task_id = task()
    box.faults.add(method="PATCH", path=task_id, status=403, body=body)

    entry = client.cancel_tasking_requests(task_id)[task_id]

    assert entry["success"] is False
    assert set(entry["error"]) == {"message", "code"}


def test_names_attributes_and_products_are_changed(box, client, task):
    task_id = task()

    result = client.update_tasking_requests(
        task_id, NOBODY, name="new", description=None, custom_attribute_1="a", product_types=["SLC"]
    )

    assert result[task_id]["properties"]["taskingrequestName"] == "new"
    assert result[NOBODY] == {
        "success": False,
        "error": {"message": result[NOBODY]["error"]["message"], "code": "NOT_FOUND"},
    }
    assert box.bodies(rf"/task/{task_id}$") == [
        {
            "properties": {
                "taskingrequestName": "new",
                "customAttribute1": "a",
                "processingConfig": {"productTypes": ["SLC"]},
            }
        }
    ]
    assert client.update_tasking_requests(task_id)[task_id]["properties"]["taskingrequestName"] == "new"
    with pytest.raises(TypeError, match="'nmae'; did you mean 'name'"):
        client.update_tasking_requests(task_id, nmae="x")


@pytest.mark.parametrize("call", ["cancel_tasking_requests", "update_repeat_requests"])
def test_ids_are_checked_before_anything_is_sent(box, client, call):
    with pytest.raises(ValueError, match="No UUIDs provided"):
        getattr(client, call)(None)
    with pytest.raises(ValueError, match="not a valid uuid"):
        getattr(client, call)(NOBODY, "nobody")
    with pytest.raises(ValueError, match="not a valid uuid"):
        client.get_task("nobody")
    assert not box.sent("")


# --- repeats ----------------------------------------------------------------------------------------------------------


def test_a_repeat_has_the_defaults_of_capellas_client(box, client):
    record = client.create_repeat_request(geometry=PORT, name="again")

    (body,) = box.bodies(REPEAT)
    start = body["properties"]["repetitionProperties"].pop("repeatStart")
    assert dt.datetime.fromisoformat(start) <= box.clock.now()
    assert body["properties"] == {
        "repeatrequestName": "again", "repeatrequestDescription": "", "collectionTier": "routine",
        "collectionType": "spotlight", "archiveHoldback": "none", "customAttribute1": None, "customAttribute2": None,
        "collectConstraints": {"ascDsc": "either", "lookDirection": "either", "squint": "enabled"},
        "repetitionProperties": {"repetitionInterval": 7},
    }  # fmt: skip
    assert record["properties"]["repetitionProperties"]["repeatEnd"] is None


def test_insar_goes_out_whole(box, client):
    client.create_repeat_request(
        geometry=PORT,
        name="subsidence",
        collection_tier=RepeatCollectionTier.insar,
        collection_type=CollectionType.STRIPMAP_100,
        repeat_start="2027-05-01T02:00:00+02:00",
        repeat_end="2027-12-01",
        repetition_interval=3,
        maintain_scene_framing=True,
        look_angle_tolerance=0.5,
        azimuth_angle_tolerance=1,
        window_duration=86_400,
        squint=SquintMode.DISABLED,
        product_types=["SLC", "GEO"],
        insar_orbit=InsarOrbit.MIO_53_2P95,
        contract_id="ct-2",
    )

    (body,) = box.bodies(REPEAT)
    assert body["contractId"] == "ct-2"
    assert body["properties"]["insar"] == {"orbit": "MIO_53_2P95"}
    assert body["properties"]["windowDuration"] == 86_400
    assert body["properties"]["processingConfig"] == {"productTypes": ["SLC", "GEO"]}
    assert body["properties"]["repetitionProperties"] == {
        "repeatStart": "2027-05-01T00:00:00.000Z", "repeatEnd": "2027-12-01T00:00:00.000Z", "repetitionInterval": 3,
        "maintainSceneFraming": True, "lookAngleTolerance": 0.5, "azimuthAngleTolerance": 1,
    }  # fmt: skip
    with pytest.raises(ValidationError):
        client.create_repeat_request(geometry=PORT, name="x", collection_tier="insar", collection_type="stripmap_100")


@pytest.mark.parametrize("count", [0, 3])
def test_an_end_and_a_count_exclude_each_other(box, client, count):
    with pytest.raises(RepeatRequestPayloadValidationError, match="repetition_count"):
        client.create_repeat_request(geometry=PORT, name="x", repeat_end="whatever", repetition_count=count)

    assert not box.sent("")


def test_repeats_are_found_changed_and_cancelled(box, client, repeat):
    repeat_id = repeat(repetition_interval=RepeatCycle.BI_WEEKLY, repetition_count=3)

    found = client.search_repeat_requests(
        repeat_request_id=repeat_id, repetition_interval=14, submission_time__gt="2026-01-01"
    )

    assert isinstance(found, RepeatRequestSearchResult)
    assert found.repeat_request_ids == [repeat_id]
    body = box.bodies(REPEATS)[-1]
    assert body["query"] == body["filter"]
    assert body["query"]["repetitionProperties.repetitionInterval"] == {"eq": 14}
    assert "includeRepeatingTasks" not in body["query"]
    assert client.search_repeat_request(repeat_request_id=[repeat_id]).repeat_request_ids == [repeat_id]
    assert client.get_repeat_request(repeat_id)["properties"]["repeatrequestName"] == "again"
    changed = client.update_repeat_requests(repeat_id, description="new", custom_attribute_2="b", product_types="SLC")
    assert changed[repeat_id]["properties"]["repeatrequestDescription"] == "new"
    assert client.cancel_repeat_requests(repeat_id, NOBODY)[repeat_id] == {"success": True}
    assert client.cancel_repeat_requests(NOBODY)[NOBODY]["error"]["code"] == "NOT_FOUND"
    assert client.get_repeat_request(repeat_id)["properties"]["statusHistory"][0]["code"] == "canceled"


def test_tiers_of_repeats_are_their_own(client):
    assert client.search_repeat_requests(collection_tier=["ROUTINE", "insar"]) is not None
    with pytest.raises(ValueError, match="collection_tier cannot be 'urgent'"):
        client.search_repeat_requests(collection_tier="urgent")

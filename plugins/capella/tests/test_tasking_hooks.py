# SPDX-License-Identifier: Apache-2.0
"""Future acquisitions at Capella through swath: asked, priced, approved, flown, downloaded; and again and again."""

import pytest

from swath._query.build import build_query
from swath.errors import (
    ApprovalNeeded,
    CostExceeded,
    InputError,
    InvalidFilter,
    OrderFailed,
    OrderTimeout,
    Rejected,
    SwathError,
)
from swath.models import OrderState
from swath_capella.constraints import CONSTRAINTS, constraints_of
from swath_capella.tasking import STATES, repeat_seen, task_seen

POINT = {"type": "Point", "coordinates": [-71.63, -33.04]}
AREA = {"type": "Polygon", "coordinates": [[[-71.7, -33.1], [-71.6, -33.1], [-71.6, -33.0], [-71.7, -33.1]]]}
WHEN = "2026-12-01T00:00:00Z/2026-12-09T00:00:00Z"
TASK, REPEAT = r"/task/?$", r"/repeat-requests/?$"


def bodies(capella_box, path=TASK):
    return [entry.body for entry in capella_box.log.entries(method="POST", path=path)]


# --- constraints ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('"view:off_nadir" BETWEEN 20 AND 35', {"offNadirMin": 20, "offNadirMax": 35}),
        ('"capella:look_angle" <= 35', {"offNadirMax": 35}),
        ('"view:azimuth" >= 340', {"azimuthAngleMin": 340}),
        ("\"sat:orbit_state\" = 'descending'", {"ascDsc": "descending"}),
        ("\"sar:observation_direction\" IN ('left')", {"lookDirection": "left"}),
        ("A_CONTAINS(\"sar:polarizations\", ('VV'))", {"polarization": "VV"}),
        ("\"capella:local_time\" = 'night'", {"localTime": "night"}),
        ("\"capella:squint\" = 'forward'", {"squint": "forward"}),
        ('"capella:orbital_plane" IN (45, 53)', {"orbitalPlanes": [45, 53]}),
        ('"capella:image_width" = 10000', {"imageWidth": 10000}),
        ('"capella:max_squint_angle" <= 20', {"maxSquintAngle": 20}),
        ('NOT ("view:off_nadir" > 35)', {"offNadirMax": 35}),
    ],
)
def test_every_constraint_is_said_in_capellas_words(text, said):
    query, _ = build_query(filter=text)

    made = constraints_of(query.filter, POINT)

    assert made == {"ascDsc": "either", "lookDirection": "either", "squint": "enabled", **said}
    assert any(name in text for name in CONSTRAINTS)


@pytest.mark.parametrize(
    "text",
    [
        '"eo:cloud_cover" < 10',
        "\"sat:orbit_state\" = 'sideways'",
        "\"sat:orbit_state\" <> 'ascending'",
        '"view:off_nadir" = 30',
        '"view:off_nadir" < 30 OR "sat:orbit_state" = \'ascending\'',
        "\"sar:polarizations\" = 'HV'",
        '"capella:image_width" > 3',
    ],
)
def test_p13_constraints_that_cannot_be_given_are_refused_before_anything_is_sent(capella, capella_box, text):
    with pytest.raises(InvalidFilter, match="cannot be tasked with the constraint") as caught:
        capella.task(POINT, WHEN, filter=text)

    assert "view:off_nadir" in caught.value.hint
    assert bodies(capella_box) == []


def test_areas_are_not_squinted_at():
    assert constraints_of(None, AREA)["squint"] == "disabled"


# --- tasks ---------------------------------------------------------------------------------------------------------------


def test_a_task_is_sent_as_capella_wants_it(capella, capella_box):
    order = capella.task(
        POINT, "2026-12-01T05:00:00+05:00/2026-12-09", collection="stripmap_20", name="port", tier="flexible",
        product_types=["gec"], archive_holdback="1_year", contract_id="ct-2", custom_attribute_1="blue",
        filter="\"sat:orbit_state\" = 'ascending'",
    )  # fmt: skip

    [body] = bodies(capella_box)
    properties = body["properties"]
    assert body["geometry"] == POINT
    assert body["contractId"] == "ct-2"
    assert properties["windowOpen"] == "2026-12-01T00:00:00.000Z"
    assert properties["windowClose"].startswith("2026-12-09T23:59:59")
    assert properties["preApproval"] is False
    assert properties["processingConfig"] == {"productTypes": ["GEC"]}
    assert (properties["collectionTier"], properties["collectionType"]) == ("flexible", "stripmap_20")
    assert order.tag in properties["taskingrequestName"]
    assert (order.kind, order.state, order.awaits_approval) == ("task", OrderState.ORDERED, True)


def test_a_task_is_priced_approved_flown_and_downloaded(capella, capella_box, tmp_path):
    order = capella.task(POINT, WHEN, approve=True, max_cost=1000, name="whole")

    assert (order.quote.amount, order.quote.unit, order.awaits_approval) == (1000.0, "USD", False)
    done = capella.wait(order, timeout=86_400)
    assert {item["properties"]["sar:product_type"] for item in done.items} == {"SLC", "GEO"}
    local = capella.download(done, tmp_path, progress=False)

    assert {item.id for item in local} == {item["id"] for item in done.items}
    assert len(capella_box.log.entries(method="POST", path=r"/orders/?$")) == 1
    capella.download(done, tmp_path / "again", progress=False)
    assert len(capella_box.log.entries(method="POST", path=r"/orders/?$")) == 1, "the active order is used again"
    assert "GEO" in {capella.load([item], crs="EPSG:32719").attrs["product_type"] for item in local}


def test_a_task_that_is_done_as_soon_as_it_is_approved_has_its_products(capella, switch, tmp_path):
    switch(step_s=0.0)
    order = capella.task(POINT, WHEN, approve=True, name="at once")

    assert order.state is OrderState.SUCCEEDED
    assert {item["properties"]["sar:product_type"] for item in order.items} == {"SLC", "GEO"}
    assert len(capella.download(capella.wait(order), tmp_path, progress=False)) == 2


def test_p15_waiting_and_downloading_approve_nothing(capella, capella_box, tmp_path):
    order = capella.task(POINT, WHEN, name="waits")

    with pytest.raises(ApprovalNeeded, match="priced at"):
        capella.wait(order, timeout=3600)
    with pytest.raises(SwathError):
        capella.download(order, tmp_path)

    assert capella_box.log.entries(method="PATCH") == []


def test_p03_above_the_cap_nothing_is_approved(capella, capella_box):
    with pytest.raises(CostExceeded, match="max_cost=999"):
        capella.task(POINT, WHEN, approve=True, max_cost=999, name="dear")

    assert capella_box.log.entries(method="PATCH") == []
    [order] = capella.orders()
    assert capella.approve(order, max_cost=1000).awaits_approval is False


def test_p03_the_budget_guards_the_approval(capella, capella_box, monkeypatch):
    monkeypatch.setenv("SWATH_BUDGET_CAPELLA", "500 USD")
    order = capella.task(POINT, WHEN, name="poor")

    with pytest.raises(CostExceeded, match="budget"):
        capella.approve(order)

    assert capella_box.log.entries(method="PATCH") == []


@pytest.mark.parametrize("path", [TASK, REPEAT])
def test_p01_what_lost_its_reply_is_found_again_by_its_tag(capella, capella_box, path):
    capella_box.faults.add(provider="capella", method="POST", path=path, drop="after", times=1)

    if path == TASK:
        order = capella.task(POINT, WHEN, name="lost")
    else:
        order = capella.subscribe(intersects=POINT, datetime="2026-12-01/..", name="lost")

    assert order.id
    assert order.kind == ("task" if path == TASK else "subscription")
    assert len(bodies(capella_box, path)) == 1


@pytest.mark.parametrize(
    ("end", "why"),
    [("rejected", "cannot be acquired"), ("expired", "window is over"), ("error", "fault of the system")],
)
def test_p14_a_task_that_fails_says_why(capella, switch, end, why):
    switch(task_end=end)
    order = capella.task(POINT, WHEN, approve=True, name=f"ends {end}")

    with pytest.raises(OrderFailed, match=why):
        capella.wait(order, timeout=86_400)


def test_p14_an_anomaly_is_tried_again(capella, switch):
    switch(task_end="anomaly")
    order = capella.task(POINT, WHEN, approve=True, name="anomaly")

    assert capella.wait(order, timeout=86_400).state is OrderState.SUCCEEDED


def test_a_task_is_cancelled_until_it_is_done(capella):
    order = capella.task(POINT, WHEN, name="dropped")

    assert capella.cancel(order).state is OrderState.CANCELED

    done = capella.wait(capella.task(POINT, WHEN, approve=True, name="done"), timeout=86_400)
    assert capella.cancel(done).state is OrderState.SUCCEEDED
    with pytest.raises(Rejected, match="finalized"):
        capella._session.hooks.cancel(capella._session.context, done)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"tier": "soon"}, "tier cannot be 'soon'"),
        ({"collection": "panorama"}, "panorama"),
        ({"product_types": ["TIFF"]}, "product_types"),
        ({"archive_holdback": "thirty_day"}, "archive_holdback"),
        ({"teir": "urgent"}, "did you mean 'tier'"),
    ],
)
def test_p61_wrong_parameters_of_a_task_are_refused_before_anything_is_sent(capella, capella_box, arguments, words):
    with pytest.raises(InputError) as caught:
        capella.task(POINT, WHEN, **arguments)

    assert words in f"{caught.value} {caught.value.hint}"
    assert bodies(capella_box) == []


def test_rules_of_the_service_are_told(capella):
    with pytest.raises(Rejected, match="at least 168 hours"):
        capella.task(POINT, "2026-12-01/2026-12-02")


def test_tasks_of_other_clients_are_listed(capella):
    mine = capella.task(POINT, WHEN, name="listed")
    repeat = capella.subscribe(intersects=POINT, datetime="2026-12-01/..", name="listed too")

    listed = {one.id: one for one in capella._session.hooks.orders(capella._session.context, None)}

    assert (listed[mine.id].kind, listed[mine.id].tag) == ("task", mine.tag)
    assert (listed[repeat.id].kind, listed[repeat.id].tag) == ("subscription", repeat.tag)


# --- again and again -----------------------------------------------------------------------------------------------------


def test_an_insar_stack_is_a_standing_order(capella, capella_box):
    order = capella.subscribe(
        intersects=POINT, collections="stripmap_100", datetime="2026-12-01/2027-03-01", insar_orbit="MIO_53_2P95",
        every_days=3, product_types=["SLC"], name="subsidence",
    )  # fmt: skip

    [body] = bodies(capella_box, REPEAT)
    properties = body["properties"]
    assert properties["insar"] == {"orbit": "MIO_53_2P95"}
    assert properties["collectionTier"] == "insar"
    assert properties["collectConstraints"]["squint"] == "disabled"
    assert properties["repetitionProperties"]["repetitionInterval"] == 3
    assert properties["repetitionProperties"]["repeatEnd"].startswith("2027-03-01T23:59:59")
    assert (order.kind, order.state) == ("subscription", OrderState.SHIPPING)
    assert capella.cancel(order).state is OrderState.CANCELED


def test_a_standing_order_gives_what_has_come(capella, capella_box, tmp_path):
    start = capella_box.clock.now()
    order = capella.subscribe(intersects=POINT, datetime=(start, None), every_days=2, name="weekly")
    capella_box.clock.advance(7 * 86_400)

    with pytest.raises(OrderTimeout):
        capella.wait(order, timeout=0)
    local = capella.download(order.id, tmp_path, progress=False)

    assert len({item.properties["capella:collect_id"] for item in local}) >= 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"intersects": AREA}, "points only"),
        ({"intersects": POINT, "datetime": "2026-12-01/2027-01-01", "count": 3}, "exclude each other"),
        ({"intersects": POINT, "every_days": 0}, "every_days"),
        ({"intersects": POINT, "insar_orbit": "LEO"}, "insar_orbit"),
        ({"intersects": POINT, "collections": ["spotlight", "stripmap_20"]}, "one mode"),
        ({"intersects": POINT, "assets": ["HH"]}, "no assets"),
        ({"intersects": POINT, "filter": "gsd < 1"}, "gsd"),
    ],
)
def test_wrong_standing_orders_are_refused_before_anything_is_sent(capella, capella_box, arguments, words):
    with pytest.raises(InputError, match=words):
        capella.subscribe(**arguments)

    assert bodies(capella_box, REPEAT) == []


# --- states --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("read", [task_seen, repeat_seen])
@pytest.mark.parametrize("code", [*STATES, "beamed-up"])
def test_p14_every_state_is_read(read, code):
    record = {"properties": {"statusHistory": [{"code": code, "message": "because"}, {"code": "received"}]}}

    seen = read(record)

    assert seen.native_state == code
    assert seen.message == "because"
    expected = STATES.get(code, OrderState.PENDING)
    assert seen.state is (OrderState.SHIPPING if read is repeat_seen and not expected.is_final else expected)


def test_only_what_is_not_approved_in_advance_waits_for_approval():
    record = {"properties": {"statusHistory": [{"code": "review"}], "preApproval": True}}

    assert task_seen(record).awaits_approval is False

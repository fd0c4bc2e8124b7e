# SPDX-License-Identifier: Apache-2.0
"""Standing orders: from a neutral query to a subscription that Planet itself filters, and where it stands."""

from __future__ import annotations

import datetime as dt
import json
import uuid

import pytest
from shapely.geometry import Point, box, mapping

import swath
from swath.convert import UnknownWordWarning
from swath.errors import InputError, InvalidGeometry, NotEntitled, NotSupported, QuotaExceeded
from swath.models import Interval, Order, OrderState, Query, Secret, SubscribeRequest
from swath_planet._api.subscriptions import Subscriptions
from swath_planet.filters import push
from swath_planet.subscribing import subscription_seen
from swath_planet.subscription_body import SUBSCRIBE_OPTIONS, subscription_body

NOW = dt.datetime(2026, 3, 14, 9, 0, tzinfo=dt.UTC)
AREA = mapping(box(5.4, 52.3, 5.5, 52.38))
PLACE = {"destination": "pl:destinations/farm-1"}
CLOUDS = {"op": "<", "args": [{"property": "eo:cloud_cover"}, 20]}


def asked(*, options=None, **given):
    """Make a standing order, whole unless something else is said."""
    query = {"collections": ["PSScene"], "intersects": AREA}
    query |= {
        name: given.pop(name)
        for name in list(given)
        if name in {"collections", "intersects", "datetime", "filter", "ids"}
    }
    made = {"assets": ["ortho_udm2"], "delivery": PLACE, "tag": "swath-00000000000000aa"} | given
    return SubscribeRequest(query=Query(**query), options=options or {}, **made)


def body(**given):
    return subscription_body(asked(**given), now=NOW)


# --- the body --------------------------------------------------------------------------------------------------------


def test_neutral_query_becomes_a_catalogue_subscription():
    span = Interval(start=NOW, end=NOW + dt.timedelta(days=30))

    made = body(datetime=span, filter=CLOUDS, name="farm")

    assert made == {
        "name": "farm swath-00000000000000aa",
        "source": {
            "type": "catalog",
            "parameters": {
                "item_types": ["PSScene"],
                "asset_types": ["ortho_udm2"],
                "geometry": {"type": "Polygon", "coordinates": AREA["coordinates"]},
                "start_time": "2026-03-14T09:00:00Z",
                "end_time": "2026-04-13T09:00:00Z",
                "filter": push(Query(collections=["PSScene"], filter=CLOUDS)).filter,
                "time_range_type": "acquired",
            },
        },
        "delivery": {"type": "destination", "parameters": {"ref": "pl:destinations/farm-1"}},
    }


def test_without_times_it_begins_now_and_has_no_end():
    parameters = body()["source"]["parameters"]

    assert parameters["start_time"] == "2026-03-14T09:00:00Z"
    assert "end_time" not in parameters
    assert "filter" not in parameters


def test_options_are_planets_own():
    options = {
        "clip": True,
        "rrule": "FREQ=MONTHLY;BYMONTH=3,4",
        "publishing_stages": "finalized",
        "time_range_type": "published",
        "geometry_relation": "within",
        "webhook": "https://example.org/h",
    }
    tools = [{"harmonize": {"target_sensor": "sentinel-2"}}, {"cloud_filter": {"cloud_percent": {"lte": 10}}}]

    made = body(options=options, tools=tools)

    parameters = made["source"]["parameters"]
    assert {
        name: parameters[name] for name in ("rrule", "publishing_stages", "time_range_type", "geometry_relation")
    } == {
        "rrule": "FREQ=MONTHLY;BYMONTH=3,4",
        "publishing_stages": ["finalized"],
        "time_range_type": "published",
        "geometry_relation": "within",
    }
    assert made["tools"] == [
        {"type": "harmonize", "parameters": {"target_sensor": "Sentinel-2"}},
        {"type": "clip", "parameters": {}},
        {"type": "cloud_filter", "parameters": {"cloud_percent": {"lte": 10}}},
    ]
    assert made["notifications"] == {
        "webhook": {"url": "https://example.org/h", "topics": ["delivery.success", "delivery.failed", "status.all"]}
    }


def test_area_may_be_one_that_planet_keeps():
    made = body(intersects=None, options={"feature_ref": "pl:features/my/farms/f1"})

    assert made["source"]["parameters"]["geometry"] == {"type": "ref", "content": "pl:features/my/farms/f1"}


@pytest.mark.parametrize(
    ("given", "assets"),
    [
        ({"assets": [], "bundle": ["visual"]}, ["ortho_visual"]),
        ({"assets": []}, ["ortho_analytic_4b", "ortho_analytic_4b_xml", "ortho_udm2"]),
        ({"assets": ["ortho_udm2", "ortho_visual"]}, ["ortho_udm2", "ortho_visual"]),
        ({"assets": ["ortho_udm2"], "bundle": ["analytic_udm2"]}, ["ortho_udm2"]),
    ],
)
def test_asset_types_come_from_assets_or_bundle(given, assets):
    assert body(**given)["source"]["parameters"]["asset_types"] == assets


def test_todays_bundles_are_asked_before_one_is_refused():
    today = {"fresh": {"PSScene": ("ortho_fresh",)}}

    made = subscription_body(asked(assets=[], bundle=["fresh"]), now=NOW, refresh=lambda: today)

    assert made["source"]["parameters"]["asset_types"] == ["ortho_fresh"]


@pytest.mark.parametrize(
    ("delivery", "options", "target"),
    [
        (
            {"amazon_s3": {"bucket": "b", "aws_region": "r", "aws_access_key_id": "a", "aws_secret_access_key": "s"}},
            {},
            {
                "delivery": {
                    "type": "amazon_s3",
                    "parameters": {
                        "bucket": "b",
                        "aws_region": "r",
                        "aws_access_key_id": "a",
                        "aws_secret_access_key": "s",
                    },
                }
            },
        ),
        (
            {"google_earth_engine": {"project": "p", "collection": "c", "credentials": "k"}},
            {},
            {
                "delivery": {
                    "type": "google_earth_engine",
                    "parameters": {"project": "p", "collection": "c", "credentials": "k"},
                }
            },
        ),
        (None, {"hosting": "sentinel_hub"}, {"hosting": {"type": "sentinel_hub", "parameters": {}}}),
        (
            None,
            {"hosting": {"sentinel_hub": {"collection_id": "c"}}},
            {"hosting": {"type": "sentinel_hub", "parameters": {"collection_id": "c"}}},
        ),
    ],
)
def test_result_goes_to_a_place_or_is_hosted(delivery, options, target):
    made = body(delivery=delivery, options=options)

    assert {name: made[name] for name in ("delivery", "hosting") if name in made} == target


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"collections": []}, "one item type"),
        ({"collections": ["PSScene", "SkySatScene"]}, "one item type"),
        ({"collections": ["Zork"]}, "no item type 'Zork'"),
        ({"ids": ["a"]}, "yet to come"),
        ({"intersects": None}, "needs an area"),
        ({"options": {"feature_ref": "pl:features/my/f"}}, "given twice"),
        ({"delivery": None}, "where to deliver"),
        ({"options": {"hosting": "sentinel_hub"}}, "delivered or hosted"),
        ({"delivery": {"google_earth_engine": {"project": "p", "collection": "c"}}}, "lacks credentials"),
        ({"delivery": {"amazon_s3": {"bucket": "b"}}}, "lacks aws_region"),
        ({"assets": ["zork"]}, "no asset type zork"),
        ({"assets": ["ortho_visual"], "bundle": ["analytic_udm2"]}, "no asset type ortho_visual"),
        ({"assets": [], "bundle": ["zork"]}, "bundle 'zork' for PSScene"),
        ({"assets": [], "bundle": ["visual", "analytic_udm2"]}, "fall-back"),
        ({"assets": [], "collections": ["TanagerScene"]}, "no usual bundle"),
        ({"tools": [{"composite": {}}]}, "composite"),
        ({"tools": [{"zork": {}}]}, "no tool 'zork'"),
        ({"tools": [{"clip": {"aoi": AREA}}]}, "its own area"),
        ({"tools": [{"file_format": {"format": "COG"}}, {"harmonize": {}}]}, "cannot come before"),
        ({"tools": [{"clip": {}}], "options": {"clip": True}}, "clip"),
        ({"options": {"zork": 1}}, "no subscription option zork"),
        ({"options": {"publishing_stages": ["zork"]}}, "publishing_stages is 'zork'"),
        ({"options": {"clip": "yes"}}, "clip is 'yes'"),
        ({"options": {"webhook": {"topics": ["status.all"]}}}, "no url"),
        ({"options": {"webhook": {"url": "https://x", "topics": ["zork"]}}}, "zork"),
    ],
)
def test_what_planet_would_refuse_is_refused_before_it_is_sent(given, words):
    with pytest.raises(InputError) as caught:
        body(**given)

    assert words in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize(
    "condition",
    [
        {"op": "like", "args": [{"property": "id"}, "2026%"]},
        {"op": "=", "args": [{"property": "planet:zork"}, 5]},
        {"op": "or", "args": [CLOUDS, {"op": "=", "args": [{"property": "planet:zork"}, 5]}]},
    ],
)
def test_p13_condition_that_planet_cannot_hold_is_refused_because_nobody_filters_later(condition):
    with pytest.raises(InputError, match="cannot filter a subscription exactly by") as caught:
        body(filter={"op": "and", "args": [CLOUDS, condition]})

    assert "eo:cloud_cover" not in str(caught.value) or condition["op"] == "or"


def test_collection_may_be_named_in_the_filter():
    made = body(
        collections=[], filter={"op": "=", "args": [{"property": "collection"}, "SkySatScene"]}, assets=["ortho_visual"]
    )

    assert made["source"]["parameters"]["item_types"] == ["SkySatScene"]


@pytest.mark.parametrize(
    ("area", "words"),
    [(mapping(Point(5, 52)), "not to a Point"), (mapping(Point(5, 52).buffer(1, quad_segs=400)), "at most 1500")],
)
def test_p36_area_is_a_polygon_and_never_simplified_unasked(area, words):
    with pytest.raises(InvalidGeometry, match=words):
        body(intersects=area)


# --- where it stands -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("preparing", OrderState.ORDERED),
        ("pending", OrderState.PENDING),
        ("running", OrderState.SHIPPING),
        ("completed", OrderState.SUCCEEDED),
        ("cancelled", OrderState.CANCELED),
        ("suspended", OrderState.PENDING),
        ("failed", OrderState.FAILED),
        ("invalid", OrderState.FAILED),
    ],
)
def test_p14_every_status_has_its_state(word, state):
    order = subscription_seen({"id": "s-1", "status": word, "name": "farm swath-00000000000000aa"})

    assert (order.state, order.native_state, order.kind) == (state, word, "subscription")
    assert order.tag == "swath-00000000000000aa"


def test_p14_unknown_status_is_pending_with_one_warning():
    with pytest.warns(UnknownWordWarning):
        order = subscription_seen({"id": "s-1", "status": "simmering"})

    assert order.state is OrderState.PENDING
    assert order.native_state == "simmering"


def test_what_was_known_is_kept_and_no_secret_is():
    request = asked()
    known = Order(provider="planet", tag="swath-00000000000000bb", kind="subscription", request=request)
    told = {
        "id": "s-1",
        "status": "suspended",
        "details": "flood",
        "created": "2026-03-14T08:00:00Z",
        "updated": "2026-03-14T09:00:00Z",
        "delivery": {"parameters": {"aws_secret_access_key": "shh"}},
    }

    order = subscription_seen(told, known)

    assert (order.tag, order.request, order.message) == ("swath-00000000000000bb", request, "flood")
    assert (order.created, order.updated) == (NOW - dt.timedelta(hours=1), NOW)
    assert "shh" not in json.dumps(order.raw)


# --- the hooks -------------------------------------------------------------------------------------------------------


def test_p01_placing_is_sent_once_and_ended_by_cancel(account, answers):
    told = {"id": "s-1", "status": "preparing"}
    plugin, context, http = account(
        answers((201, told), (200, told | {"status": "running"}), (200, {}), (200, told | {"status": "cancelled"}))
    )

    placed = plugin.subscribe(context, asked())
    seen = plugin.wait(context, placed)
    ended = plugin.cancel(context, seen)

    assert [one.state for one in (placed, seen, ended)] == [
        OrderState.ORDERED,
        OrderState.SHIPPING,
        OrderState.CANCELED,
    ]
    assert placed.kind == "subscription"
    assert [(one["method"], one["path"], str(one["operation"])) for one in http.sent] == [
        ("POST", "/subscriptions/v1", "once"),
        ("GET", "/subscriptions/v1/s-1", "read"),
        ("POST", "/subscriptions/v1/s-1/cancel", "write"),
        ("GET", "/subscriptions/v1/s-1", "read"),
    ]


def test_p27_secret_of_the_place_is_sent_and_not_kept(account, answers):
    s3 = {"bucket": "b", "aws_region": "r", "aws_access_key_id": "a", "aws_secret_access_key": Secret("shh")}
    plugin, context, http = account(answers((201, {"id": "s-1", "status": "preparing"})))

    placed = plugin.subscribe(context, asked(delivery={"amazon_s3": s3}))

    assert http.sent[0]["json"]["delivery"]["parameters"]["aws_secret_access_key"] == "shh"
    assert "shh" not in repr(placed)


def test_p03_quota_that_does_not_allow_it_is_told_as_such(account, answers):
    plugin, context, _ = account(answers((400, {"error": {"reason": "Quota exceeded for this subscription"}})))

    with pytest.raises(QuotaExceeded):
        plugin.subscribe(context, asked())


def test_p03_cost_is_unknown_and_never_nothing(account, answers):
    plugin, context, _ = account(answers())

    quote = plugin.quote(context, asked())

    assert quote.amount is None
    assert "ha is charged as it comes" in quote.note


def test_account_without_subscriptions_lists_none(account, answers):
    plugin, context, _ = account(answers((200, {"orders": []}), (403, {"message": "no subscriptions here"})))

    assert list(plugin.orders(context, None)) == []


def test_nothing_of_a_subscription_is_downloaded(account, answers):
    plugin, context, _ = account(answers())

    with pytest.raises(NotSupported, match="keeps nothing for download"):
        plugin.download(context, Order(provider="planet", id="s-1", kind="subscription"))


def test_options_are_declared(account, answers):
    plugin, _, _ = account(answers())

    assert plugin.describe().subscribe_options == SUBSCRIBE_OPTIONS


# --- through swath, against the stand-in -----------------------------------------------------------------------------


@pytest.fixture
def planet(served, tmp_path, monkeypatch):
    world, base_url = served
    world.faults.clear()
    world.log.clear()
    monkeypatch.setenv("SWATH_HOME", str(tmp_path))
    with swath.open("planet", api_key="sandbox-planet-key", base_url=base_url) as opened:
        yield opened
    assert [entry.error for entry in world.log if entry.error] == []


def standing(world, name):
    days = dt.timedelta(days=1)
    now = world.clock.now()
    return {
        "collections": "PSScene",
        "intersects": AREA,
        "datetime": f"{now - 20 * days:%Y-%m-%dT%H:%M:%SZ}/{now - 5 * days:%Y-%m-%dT%H:%M:%SZ}",
        "filter": "eo:cloud_cover < 60",
        "assets": ["ortho_analytic_4b"],
        "hosting": "sentinel_hub",
        "name": name,
    }


def test_standing_order_is_placed_once_and_delivers_what_was_asked_for(served, planet, native):
    world, _ = served
    given = standing(world, "farm")

    placed = planet.subscribe(**given)
    again = planet.subscribe(**given)
    world.clock.advance(300)
    done = planet.wait(placed, timeout=0)

    assert (placed.kind, placed.id) == ("subscription", again.id)
    assert [one.method for one in world.log if one.path == "/subscriptions/v1"].count("POST") == 1
    assert done.state is OrderState.SUCCEEDED
    results = list(native(Subscriptions).get_results(placed.id, limit=0))
    found = planet.search(collections="PSScene", intersects=AREA, datetime=given["datetime"], filter=given["filter"])
    assert {one["properties"]["item_ids"][0] for one in results} == {item.id for item in found}
    assert results


def test_p01_lost_reply_is_found_again_by_the_tag_in_the_name(served, planet):
    world, _ = served
    given = standing(world, f"lost {uuid.uuid4()}")
    world.faults.add(method="POST", path="/subscriptions/v1$", drop="after")

    found = planet.subscribe(**given)

    assert found.id
    assert planet.subscribe(**given).id == found.id
    assert [one.method for one in world.log if one.path == "/subscriptions/v1"].count("POST") == 1


def test_standing_order_is_cancelled(served, planet):
    world, _ = served
    placed = planet.subscribe(**standing(world, f"short {uuid.uuid4()}") | {"datetime": "2026-01-01/.."})

    assert planet.cancel(placed).state is OrderState.CANCELED


def test_account_without_the_right_is_refused(served, tmp_path, monkeypatch):
    world, base_url = served
    monkeypatch.setenv("SWATH_HOME", str(tmp_path))
    with swath.open("planet", api_key="sandbox-planet-viewer", base_url=base_url) as viewer, pytest.raises(NotEntitled):
        viewer.subscribe(**standing(world, "no"))

# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt

import pytest
from attrs import evolve

from swath._ledger import fingerprint
from swath.models import Interval, OrderRequest, Query, Secret, SubscribeRequest, TaskRequest

POINT = {"type": "Point", "coordinates": [10.0, 50.0]}


def item(name, collection="PSScene", **more):
    return {"id": name, "collection": collection, **more}


BASE = OrderRequest(
    items=[item("a"), item("b")],
    clip=POINT,
    assets=["udm2", "visual"],
    bundle=["analytic_udm2", "analytic"],
    tools=[{"reproject": {"projection": "EPSG:4326"}}, {"tar": {}}],
    delivery={"amazon_s3": {"bucket": "mine", "aws_secret_access_key": "old"}},
    options={"quality": 10, "nested": {"x": 1, "y": 2}},
)


def mark(request=BASE, provider="planet", account="acc", kind="order"):
    return fingerprint(provider, account, kind, request)


@pytest.mark.parametrize(
    "change",
    [
        {"items": [item("b"), item("a")]},
        {"items": [item("a"), item("b"), item("a")]},
        {"items": [item("a", properties={"seen": 1}), item("b", assets={"x": {"href": "https://h?sig=1"}})]},
        {"assets": ["visual", "udm2"]},
        {"options": {"nested": {"y": 2, "x": 1}, "quality": 10}},
        {"options": {"quality": 10.0, "nested": {"x": 1, "y": 2}, "absent": None}},
        {"clip": {"coordinates": (10, 50), "type": "Point"}},
        {"delivery": {"amazon_s3": {"aws_secret_access_key": "renewed", "bucket": "mine"}}},
        {"tag": "swath-0123456789abcdef"},
        {"name": "my order"},
    ],
    ids=", ".join,
)
def test_fingerprint_when_it_is_the_same_order_is_the_same(change):
    assert mark(evolve(BASE, **change)) == mark()


@pytest.mark.parametrize(
    "change",
    [
        {"items": [item("a")]},
        {"items": [item("a"), item("b", "SkySatScene")]},
        {"collection": "PSScene"},
        {"clip": None},
        {"clip": {"type": "Point", "coordinates": [10.0, 50.1]}},
        {"assets": ["visual"]},
        {"bundle": ["analytic", "analytic_udm2"]},
        {"tools": [{"tar": {}}, {"reproject": {"projection": "EPSG:4326"}}]},
        {"delivery": None},
        {"delivery": {"amazon_s3": {"bucket": "theirs", "aws_secret_access_key": "old"}}},
        {"options": {"quality": 11, "nested": {"x": 1, "y": 2}}},
        {"options": {"quality": "10", "nested": {"x": 1, "y": 2}}},
        {"options": {"quality": 10, "nested": {"x": True, "y": 2}}},
    ],
    ids=str,
)
def test_fingerprint_when_it_is_another_order_is_another(change):
    assert mark(evolve(BASE, **change)) != mark()


def test_fingerprint_of_another_account_provider_or_kind_is_another():
    marks = {mark(), mark(account="other"), mark(provider="sedas"), mark(kind="task")}

    assert len(marks) == 4


def test_fingerprint_of_options_whose_names_sound_secret_tells_them_apart():
    """Hiding them, as the ledger does, would give a user the order of another option."""
    one, two = (mark(evolve(BASE, options={"keywords": word})) for word in ("forest", "water"))

    assert one != two


def test_fingerprint_is_the_one_of_earlier_releases():
    """Were it to change, an upgrade would order again what is ordered."""
    assert mark() == "684025d4817d90ebe710843ceb3ea14bba2b3eaddbccb25a3be1c44c21c12bc0"
    assert mark(OrderRequest()) == "433803ea12578194aacf335663c9bde1c42e82418876527d8710b51e9064158d"


def test_fingerprint_takes_numpy_numbers_sets_and_secrets():
    np = pytest.importorskip("numpy")

    one = mark(OrderRequest(options={"n": np.float32(2), "s": {"a", "b"}, "w": Secret("x")}))
    two = mark(OrderRequest(options={"n": 2, "s": frozenset({"b", "a"}), "w": "x"}))

    assert one == two


def test_p27_fingerprint_knows_no_password_of_a_webhook():
    marks = {
        mark(OrderRequest(options={"webhook": url}))
        for url in ("https://u:one@example.org/hook", Secret("https://u:two@example.org/hook"))
    }

    assert len(marks) == 1
    assert mark(OrderRequest(options={"webhook": "https://u:one@example.org/other"})) not in marks


def test_fingerprint_of_tasks_and_subscriptions_goes_by_what_they_ask():
    week = Interval(start=dt.datetime(2026, 3, 1, tzinfo=dt.UTC), end=dt.datetime(2026, 3, 8, tzinfo=dt.UTC))
    zone = dt.timezone(dt.timedelta(hours=2))
    same = Interval(start=week.start.astimezone(zone), end=week.end.astimezone(zone))
    task = TaskRequest(geometry=POINT, datetime=week, tag="one")
    standing = SubscribeRequest(query=Query(collections="PSScene", intersects=POINT, datetime=week))

    assert mark(task) == mark(TaskRequest(geometry=POINT, datetime=same, tag="two", name="x"))
    assert mark(task) != mark(evolve(task, datetime=Interval(start=week.start)))
    assert mark(standing) != mark(evolve(standing, query=Query(collections="SkySatScene")))

# SPDX-License-Identifier: Apache-2.0
"""Future acquisitions and standing orders: at most once, and nothing bought above a cap."""

import httpx
import pytest

from swath.errors import (
    ApprovalNeeded,
    CostExceeded,
    InputError,
    NotSupported,
    OrderTimeout,
    OrderUncertain,
    SwathError,
)
from swath.models import DryRun, OrderState, Quote

POINT = {"type": "Point", "coordinates": [5.2, 52.1]}
MAY = "2026-05-01/2026-05-08"


@pytest.fixture
def opened(foundry):
    return foundry


def test_p01_the_same_task_is_sent_once(opened, depot):
    first = opened().task(POINT, MAY, filter="view:off_nadir <= 30", tier="standard")
    same = opened().task("POINT (5.2 52.1)", MAY, filter={"op": "<=", "args": [{"property": "view:off_nadir"}, 30]},
                         tier="standard", name="mine")  # fmt: skip
    other = opened().task(POINT, MAY, filter="view:off_nadir <= 20", tier="standard")

    assert (first.kind, first.id) == ("task", same.id)
    assert other.id != first.id
    assert depot.posts == 2


def test_p01_a_task_whose_reply_was_lost_is_found_by_its_tag_and_stays_a_task(opened, depot):
    def lose(request):
        depot.answer("POST", "/orders", request)
        raise httpx.ReadError("gone")

    depot.fail("POST", "/orders", lose)

    found = opened().task(POINT, MAY)

    assert (found.kind, found.id, depot.posts) == ("task", "d-000001", 1)


def test_p02_a_task_goes_on_in_a_later_process(opened, depot):
    made = opened().task(POINT, MAY, tier="urgent")

    [kept] = opened().orders()

    assert kept.request == made.request
    assert kept.request.geometry == POINT
    assert dict(kept.request.options) == {"tier": "urgent"}


def test_p03_a_task_is_approved_within_the_cap_only(opened, depot):
    provider = opened()

    with pytest.raises(CostExceeded, match="900 EUR, above max_cost=500"):
        provider.task(POINT, MAY, approve=True, max_cost=500)
    assert depot.approved == []

    order = provider.task(POINT, MAY, approve=True, max_cost=1000)

    assert depot.approved == [order.id]
    assert (order.awaits_approval, order.quote) == (False, Quote(amount=900.0, unit="EUR"))
    assert depot.posts == 1


def test_p03_the_budget_guards_the_approval_not_the_question(opened, depot, monkeypatch):
    monkeypatch.setenv("SWATH_BUDGET_DEPOT", "1000 EUR")
    provider = opened()
    first = provider.task(POINT, MAY, approve=True)
    second = provider.task(POINT, "2026-06-01/2026-06-08")
    depot.approved.clear()

    with pytest.raises(CostExceeded, match="100 EUR of this month's budget"):
        provider.approve(second)

    assert (depot.approved, depot.posts) == ([], 2)
    assert first.quote.amount == 900.0


def test_p03_a_standing_order_is_quoted_before_it_is_sent(opened, depot):
    with pytest.raises(CostExceeded):
        opened().subscribe(collections=["crates"], intersects=POINT, datetime="2026-05-01/..", max_cost=100)

    assert depot.posts == 0


def test_p15_waiting_approves_nothing(opened, depot):
    provider = opened()
    order = provider.task(POINT, MAY)

    with pytest.raises(ApprovalNeeded, match="priced at 900 EUR") as caught:
        provider.wait(order)

    assert f"swath approve {order.id}" in caught.value.hint
    assert depot.approved == []
    assert provider.approve(order).state is OrderState.PENDING
    with pytest.raises(InputError, match="does not wait for approval"):
        provider.approve(order)


def test_approve_when_the_price_has_not_come_times_out(opened, depot):
    from foundry_plugin import Foundry

    provider = opened(Foundry(depot, looks_before_price=1000))

    with pytest.raises(OrderTimeout):
        provider.approve(provider.task(POINT, MAY), timeout=30)


def test_a_completed_task_is_downloaded_as_the_items_that_came_of_it(opened, depot, tmp_path):
    provider = opened()
    order = provider.task(POINT, MAY, approve=True)

    [item] = provider.download(provider.wait(order), tmp_path / "data", progress=False)

    assert item.id == depot.items[0]["id"]
    assert next(iter(item.assets.values())).extra_fields["file:size"] > 0


def test_a_standing_order_gives_what_has_come_again_and_again(opened, depot, tmp_path):
    provider = opened()
    order = provider.subscribe(collections=["crates"], intersects=POINT, every_days=7)
    with pytest.raises(OrderTimeout):
        provider.wait(order, timeout=0)
    first = provider.download(order.id, tmp_path / "data", progress=False)
    depot.come = 3
    with pytest.raises(OrderTimeout):
        provider.wait(order.id, timeout=0)
    files = sum("/files/" in path for _, path, _ in depot.log)

    second = provider.download(order.id, tmp_path / "data", progress=False)

    assert (len(first), len(second)) == (1, 3)
    assert sum("/files/" in path for _, path, _ in depot.log) - files == 2
    assert order.kind == "subscription"
    assert depot.posts == 1


def test_opportunities_buy_nothing(opened, depot):
    [found] = opened().opportunities(POINT, MAY)

    assert found["geometry"] == POINT
    assert depot.posts == 0


@pytest.mark.parametrize("call", ["task", "subscribe"])
def test_dry_run_sends_nothing(opened, depot, call):
    provider = opened()

    dry = provider.task(POINT, MAY, dry_run=True) if call == "task" else provider.subscribe(
        collections="crates", dry_run=True
    )  # fmt: skip

    assert isinstance(dry, DryRun)
    assert [one.method for one in dry.requests] == ["POST"]
    assert (depot.posts, provider.orders()) == (0, [])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"tire": "standard"}, "did you mean 'tier'"),
        ({"filter": "view:off_nadir <="}, "filter"),
        ({"max_cost": -1}, "max_cost"),
    ],
)
def test_p61_wrong_arguments_are_refused_before_anything_is_sent(opened, depot, arguments, words):
    with pytest.raises(InputError) as caught:
        opened().task(POINT, MAY, **arguments)

    assert words in f"{caught.value} {caught.value.hint}"
    assert depot.log == []


@pytest.mark.parametrize(("geometry", "datetime"), [(None, MAY), (POINT, None)])
def test_a_task_needs_a_place_and_a_time(opened, geometry, datetime):
    with pytest.raises(InputError, match="a place and a time"):
        opened().task(geometry, datetime)


@pytest.mark.parametrize("step", ["task", "subscribe", "opportunities", "approve"])
def test_what_a_provider_does_not_offer_is_said(depot, opened, step, tmp_path):
    from depot_plugin import Depot

    provider = opened(Depot())
    calls = {
        "task": lambda: provider.task(POINT, MAY),
        "subscribe": lambda: provider.subscribe(collections="crates"),
        "opportunities": lambda: provider.opportunities(POINT, MAY),
        "approve": lambda: provider.approve(provider.order(depot.items[:1])),
    }

    with pytest.raises(NotSupported, match="it takes: order"):
        calls[step]()

    assert not provider.supports(step)


def test_uncertain_tasks_name_themselves(opened, depot):
    depot.fail("POST", "/orders", httpx.ReadError("gone"))
    depot.fail("GET", "/orders", 503, times=100)

    with pytest.raises(OrderUncertain):
        opened().task(POINT, MAY)

    assert [order.state for order in opened().orders()] == [OrderState.UNCERTAIN]


AWKWARD = [
    True,
    3,
    -1,
    float("nan"),
    "x",
    "a\0b",
    b"bytes",
    [None],
    [[]],
    {},
    {"type": "Feature"},
    object(),
    set(),
    int,
]


@pytest.mark.parametrize(
    ("method", "slot"),
    [
        *[("task", name) for name in ("geometry", "datetime", "collection", "filter", "name", "max_cost")],
        *[("subscribe", name) for name in ("collections", "bbox", "intersects", "datetime", "filter", "assets")],
        *[("subscribe", name) for name in ("bundle", "tools", "delivery", "name", "max_cost")],
        *[("opportunities", name) for name in ("geometry", "datetime", "collection", "filter")],
        *[("approve", name) for name in ("order", "max_cost", "timeout")],
    ],
)
def test_p61_only_our_errors_leave_whatever_is_passed(opened, method, slot):
    provider = opened()
    sound = {"geometry": POINT, "datetime": MAY} if method in {"task", "opportunities"} else {}
    if method == "approve":
        sound = {"order": provider.task(POINT, MAY), "timeout": 0}
    errors = []
    for value in AWKWARD:
        try:
            getattr(provider, method)(**{**sound, slot: value})
        except SwathError as err:
            errors.append(err)

    assert errors
    assert all(err.message and err.hint and err.provider == "depot" for err in errors)


@pytest.mark.parametrize("method", ["task", "subscribe", "opportunities", "approve"])
def test_p61_unknown_keyword_is_named(opened, method):
    positional = {"task": (POINT, MAY), "opportunities": (POINT, MAY), "approve": ("x",), "subscribe": ()}

    with pytest.raises(InputError, match="bogus"):
        getattr(opened(), method)(*positional[method], bogus=1)

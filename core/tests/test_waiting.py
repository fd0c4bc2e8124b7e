# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt
import logging
import pickle
import random
import threading

import pytest

from swath._waiting import wait_all
from swath.errors import Gone, InputError, NotFound, OrderTimeout, RateLimited, Rejected, Unavailable
from swath.models import Order, OrderState

START = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


class FakeClock:
    def __init__(self):
        self.elapsed_s = 0.0
        self.sleeps = []
        self.on_sleep = None

    def now(self):
        return START + dt.timedelta(seconds=self.elapsed_s)

    def monotonic(self):
        return 1000.0 + self.elapsed_s

    def sleep(self, seconds, *, wake=None):
        self.sleeps.append(seconds)
        self.elapsed_s += seconds
        if self.on_sleep is not None:
            self.on_sleep()
        return wake is not None and wake.is_set()


class Scripted:
    """Answers each look at an order with the next word of its script; the last one for ever."""

    def __init__(self, clock, **scripts):
        self.clock = clock
        self.scripts = {name: list(script) for name, script in scripts.items()}
        self.looks = []

    def __call__(self, order):
        self.looks.append((order.id, self.clock.elapsed_s))
        script = self.scripts[order.id]
        word = script.pop(0) if len(script) > 1 else script[0]
        if isinstance(word, Exception):
            raise word
        return order.seen(OrderState(word))


def order(name="a1b2", **changes):
    return Order(**{"provider": "planet", "id": name, "tag": f"swath-{name}", "created": START, **changes})


def wait(orders, look, clock, **changes):
    options = {"timeout": None, "poll_s": 5.0, "rng": random.Random(1)}
    return wait_all(orders, look=look, clock=clock, **{**options, **changes})


def test_wait_all_when_all_end_gives_them_in_the_order_given():
    clock = FakeClock()
    look = Scripted(clock, slow=["pending", "shipping", "succeeded"], quick=["failed"])

    done = wait([order("slow"), order("quick")], look, clock)

    assert [(entry.id, entry.state) for entry in done] == [
        ("slow", OrderState.SUCCEEDED),
        ("quick", OrderState.FAILED),
    ]
    assert [name for name, _ in look.looks] == ["slow", "quick", "slow", "slow"]


def test_wait_all_when_final_already_does_not_look():
    clock = FakeClock()
    look = Scripted(clock)

    done = wait([order(state=OrderState.CANCELED)], look, clock)

    assert done[0].state is OrderState.CANCELED
    assert look.looks == []
    assert clock.sleeps == []


def test_wait_all_when_nothing_is_given_gives_nothing():
    assert wait([], None, FakeClock(), timeout=0) == []


def test_p21_wait_ends_by_time_however_long_looks_take():
    clock = FakeClock()

    def look(entry):
        clock.elapsed_s += 100
        return entry.seen(OrderState.SHIPPING)

    with pytest.raises(OrderTimeout) as caught:
        wait([order()], look, clock, timeout=1800)

    assert 1800 <= clock.elapsed_s <= 1800 + 2 * 100
    assert caught.value.details["orders"].keys() == {"a1b2"}


def test_p21_timeout_names_order_state_time_and_the_way_on():
    clock = FakeClock()

    with pytest.raises(OrderTimeout) as caught:
        wait([order()], Scripted(clock, a1b2=["shipping"]), clock, timeout=1800)

    assert str(caught.value) == (
        "planet: order 'a1b2' is still 'shipping' after 1800 s (timeout=1800); "
        "wait again with a larger timeout, or later with: swath wait a1b2"
    )
    assert clock.elapsed_s == 1800
    assert pickle.loads(pickle.dumps(caught.value)).details["orders"]["a1b2"].state is OrderState.SHIPPING


def test_timeout_when_several_are_late_names_them_all():
    clock = FakeClock()
    names = ["a", "b", "c", "d", "e", "f", "g", "h"]
    look = Scripted(clock, done=["succeeded"], **{key: ["pending"] for key in names})

    with pytest.raises(OrderTimeout) as caught:
        wait([order(name) for name in [*names, "done"]], look, clock, timeout=0)

    assert "as are 'b', 'c', 'd', 'e', 'f' and 2 more" in caught.value.message
    assert list(caught.value.details["orders"]) == names


def test_p21_interval_grows_by_half_to_a_minute_with_jitter():
    clock = FakeClock()
    look = Scripted(clock, a1b2=[*["pending"] * 15, "succeeded"])

    wait([order()], look, clock)

    full = [min(5 * 1.5**step, 60) for step in range(15)]
    assert len(clock.sleeps) == 15
    assert all(0.75 * whole <= slept <= whole for slept, whole in zip(clock.sleeps, full, strict=True))
    assert len({slept / whole for slept, whole in zip(clock.sleeps, full, strict=True)}) == 15
    other = FakeClock()
    wait([order()], Scripted(other, a1b2=[*["pending"] * 15, "succeeded"]), other, rng=random.Random(2))
    assert other.sleeps != clock.sleeps


def test_p21_failed_polls_do_not_end_it(caplog):
    clock = FakeClock()
    look = Scripted(clock, a1b2=[Unavailable("503"), RateLimited("429"), "shipping", Unavailable("reset"), "succeeded"])

    with caplog.at_level(logging.WARNING, logger="swath.waiting"):
        done = wait([order()], look, clock)

    assert done[0].state is OrderState.SUCCEEDED
    assert [record.getMessage() for record in caplog.records] == [
        f"planet: order a1b2 could not be looked at, trying again: {why}" for why in ("503", "429", "reset")
    ]


def test_p21_when_polls_fail_to_the_end_the_timeout_says_why():
    clock = FakeClock()
    trouble = Unavailable("connection refused")

    with pytest.raises(OrderTimeout, match="the last look failed: connection refused") as caught:
        wait([order()], Scripted(clock, a1b2=[trouble]), clock, timeout=60)

    assert caught.value.__cause__ is trouble


def test_p21_every_look_is_a_heartbeat():
    clock = FakeClock()
    beats = []
    look = Scripted(clock, a1b2=["pending", Unavailable("503"), "pending", "succeeded"])

    wait([order()], look, clock, on_change=lambda entry: beats.append(entry.state.value))

    assert beats == ["pending", "pending", "pending", "succeeded"]


@pytest.mark.parametrize("error", [Rejected("no"), Gone("over")])
def test_wait_all_when_refused_ends_at_once(error):
    clock = FakeClock()

    with pytest.raises(type(error)):
        wait([order()], Scripted(clock, a1b2=[error]), clock)

    assert clock.sleeps == []


def test_p22_a_new_order_that_is_not_known_yet_is_pending():
    clock = FakeClock()
    look = Scripted(clock, a1b2=[NotFound("404"), NotFound("404"), "shipping", "succeeded"])

    done = wait([order()], look, clock)

    assert done[0].state is OrderState.SUCCEEDED
    assert len(look.looks) == 4


def test_p22_an_unknown_order_is_reported_once_the_grace_is_over():
    clock = FakeClock()

    with pytest.raises(NotFound):
        wait([order()], Scripted(clock, a1b2=[NotFound("404")]), clock, grace_s=60.0)

    assert 60 <= clock.elapsed_s <= 60 + 40


def test_p22_an_old_order_has_no_grace():
    clock = FakeClock()
    old = order(created=START - dt.timedelta(days=1))

    with pytest.raises(NotFound):
        wait([old], Scripted(clock, a1b2=[NotFound("404")]), clock)

    assert clock.sleeps == []


def test_p22_a_success_without_files_is_pending():
    clock = FakeClock()
    listed = iter([False, True])
    seen = []
    look = Scripted(clock, a1b2=["succeeded"])

    done = wait(
        [order()], look, clock, is_ready=lambda _: next(listed), on_change=lambda entry: seen.append(entry.state)
    )

    assert seen == [OrderState.SHIPPING, OrderState.SUCCEEDED]
    assert done[0].state is OrderState.SUCCEEDED


def test_p22_a_success_that_stays_without_files_is_one_in_the_end():
    clock = FakeClock()

    done = wait([order()], Scripted(clock, a1b2=["succeeded"]), clock, is_ready=lambda _: False, grace_s=60.0)

    assert done[0].state is OrderState.SUCCEEDED
    assert clock.elapsed_s >= 60


def test_wait_all_when_timeout_is_zero_looks_exactly_once():
    clock = FakeClock()
    look = Scripted(clock, a=["pending"], b=["succeeded"])

    with pytest.raises(OrderTimeout, match=r"order 'a' is still 'pending' after 0 s \(timeout=0\)"):
        wait([order("a"), order("b")], look, clock, timeout=0)

    assert look.looks == [("a", 0.0), ("b", 0.0)]
    assert clock.sleeps == []


def test_wait_all_looks_once_more_when_time_is_up():
    clock = FakeClock()
    look = Scripted(clock, a1b2=["pending", "succeeded"])

    done = wait([order()], look, clock, timeout=1.0, poll_s=30.0)

    assert done[0].state is OrderState.SUCCEEDED
    assert look.looks == [("a1b2", 0.0), ("a1b2", 1.0)]


@pytest.mark.parametrize("timeout", [-1, float("nan")])
def test_wait_all_when_timeout_is_no_time_says_so(timeout):
    with pytest.raises(InputError, match="no time to wait"):
        wait([order()], None, FakeClock(), timeout=timeout)


def test_wait_all_when_cancelled_while_sleeping_gives_what_it_has():
    clock = FakeClock()
    stop = threading.Event()
    clock.on_sleep = stop.set
    look = Scripted(clock, a=["shipping"], b=["succeeded"])

    done = wait([order("a"), order("b")], look, clock, cancelled=stop)

    assert [entry.state for entry in done] == [OrderState.SHIPPING, OrderState.SUCCEEDED]
    assert len(look.looks) == 2


def test_wait_all_when_cancelled_during_a_look_makes_no_further_one():
    clock = FakeClock()
    stop = threading.Event()
    looks = []

    def look(entry):
        looks.append(entry.id)
        stop.set()
        return entry.seen(OrderState.SHIPPING)

    done = wait([order("a"), order("b")], look, clock, cancelled=stop)

    assert looks == ["a"]
    assert [entry.state for entry in done] == [OrderState.SHIPPING, OrderState.ORDERED]


def test_wait_all_when_one_is_slow_looks_at_each_on_its_own_schedule():
    clock = FakeClock()
    look = Scripted(clock, a=["pending"] * 6 + ["succeeded"], b=["pending"] * 3 + ["failed"])

    wait([order("a"), order("b")], look, clock)

    assert [name for name, _ in look.looks].count("a") == 7
    assert [name for name, _ in look.looks].count("b") == 4

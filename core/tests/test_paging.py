# SPDX-License-Identifier: Apache-2.0
"""Parts of an answer are fetched side by side, given in order, and never without need."""

from __future__ import annotations

import contextvars
import threading

import pytest

from swath.paging import in_order


class Service:
    """Answers part by part; holds answers back until as many as `gather` have been asked for."""

    def __init__(self, gather=1):
        self.asked = []
        self.most = 0
        self._lock = threading.Condition()
        self._under_way = 0
        self._gather = gather

    def __call__(self, part):
        with self._lock:
            self.asked.append(part)
            self._under_way += 1
            self.most = max(self.most, self._under_way)
            self._lock.notify_all()
            self._lock.wait_for(lambda: self.most >= self._gather or part <= self._gather, timeout=20)
            self._under_way -= 1
        return part * 10


def test_parts_come_in_order_each_asked_for_once():
    service = Service()

    assert list(in_order(service, range(1, 41))) == [number * 10 for number in range(1, 41)]
    assert sorted(service.asked) == list(range(1, 41))


def test_parts_are_fetched_side_by_side_once_the_taker_waits():
    held = threading.Barrier(4, timeout=20)
    reached = []

    def fetch(part):
        if part >= 4:  # 4 to 7 pass only if they are under way together
            reached.append(part)
            held.wait()
        else:
            gate.wait(0.01)
        return part

    gate = threading.Event()

    assert list(in_order(fetch, range(1, 8), at_once=4)) == list(range(1, 8))
    assert sorted(reached) == [4, 5, 6, 7]


@pytest.mark.parametrize("at_once", [1, 3])
def test_no_more_are_under_way_than_allowed(at_once):
    service = Service()

    list(in_order(service, range(1, 30), at_once=at_once))

    assert service.most <= at_once


def test_who_takes_one_part_has_asked_for_one():
    service = Service()

    taken = in_order(service, range(1, 41))
    assert next(taken) == 10
    taken.close()

    assert service.asked == [1]


def test_several_are_under_way_from_the_beginning_where_that_is_asked_for():
    held = threading.Barrier(3, timeout=20)

    def fetch(part):
        if part <= 3:  # these pass only together
            held.wait()
        return part

    taken = in_order(fetch, range(1, 10), begin=3)

    assert next(taken) == 1
    taken.close()


def test_parts_that_may_not_be_needed_are_fetched_when_they_are_asked_for():
    service = Service()

    taken = in_order(service, range(1, 41), sure=3)
    assert [next(taken) for _ in range(3)] == [10, 20, 30]
    assert sorted(service.asked) == [1, 2, 3]
    assert next(taken) == 40

    assert sorted(service.asked) == [1, 2, 3, 4]
    taken.close()


def test_failure_comes_in_the_place_of_its_part():
    def fetch(part):
        if part == 3:
            raise KeyError(part)
        return part

    taken = in_order(fetch, range(1, 10))

    assert [next(taken), next(taken)] == [1, 2]
    with pytest.raises(KeyError):
        next(taken)


def test_parts_are_fetched_in_the_callers_context():
    step = contextvars.ContextVar("step", default="none")
    step.set("search")

    assert list(in_order(lambda _: step.get(), range(3))) == ["search"] * 3


def test_nothing_is_fetched_where_there_are_no_parts():
    assert list(in_order(lambda _: pytest.fail("asked"), [])) == []
